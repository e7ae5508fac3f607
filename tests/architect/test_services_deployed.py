# ruff: noqa: E501, RUF001 - texts of authors, in many scripts
"""Tests of the one back end of a text, and of the workers, bots and servers that run beside it."""

import pytest

from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.decomposition.services import read_services
from pytest_superteam.architect.document.prd import Prd
from pytest_superteam.architect.document.sections import read_document
from pytest_superteam.architect.files import read_architecture, write_architecture


def names(text):
    """Return the names of the services of a text."""
    return [s.name for s in read_services(read_document(text)).services]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            (
                "# Acme\n\n## Project structure\n\n```\nacme/\n├── apps/\n│   ├── api/   # REST API\n│   ├── web/   # Next.js\n"
                "│   └── bot/   # Telegram bot\n└── packages/\n    └── db/\n```\n"
            ),
            ["api", "bot"],
        ),
        ("# Acme\n\n## Repository\n\n```\n├── client/\n├── server/\n└── README.md\n```\n", ["server"]),
        ("# Acme\n\n## Repository\n\n```\nacme/\n├── backend/\n│   └── app/\n└── frontend/\n```\n", ["backend"]),
        (
            (
                "# Acme\n\n## Monorepo\n\n| Package | Purpose |\n|---|---|\n| `apps/admin` | Admin UI |\n| `apps/api` | API |\n"
                "| `apps/bot` | Discord bot |\n"
            ),
            ["api", "bot"],
        ),
        (
            "# Acme\n\n## Architecture\n\n- **Frontend**: React\n- **Backend API**: FastAPI\n- **Background Worker**: mail\n",
            ["backend-api", "background-worker"],
        ),
        (
            (
                "# Acme\n\n## Architecture\n\n```\n┌──────────┐   ┌──────────┐   ┌──────────┐\n│ Frontend │   │ Backend  │   "
                "│ Socket.io│\n│ (React)  │   │ :5000    │   │  Server  │\n└──────────┘   └──────────┘   └──────────┘\n```\n"
            ),
            ["backend", "socket-io-server"],
        ),
        (
            (
                "# Acme\n\n## Deployment\n\n```yaml\nservices:\n  api:\n    build: ./api\n  admin-api:\n    build: ./admin\n"
                "  web:\n    build: ./web\n  db:\n    image: postgres\n```\n"
            ),
            ["api", "admin-api"],
        ),
        ("# Acme\n\n## Tech\n\n- React frontend\n- Spring Boot backend\n", ["backend"]),
        ("# Acme\n\n## Architecture\n\n- Interface web : React\n- Serveur : Django\n", ["serveur"]),
        (
            "# Система\n\n## Архитектура\n\n- Фронтенд: React\n- Бэкенд: Go\n- Телеграм-бот: aiogram\n",
            ["backend", "telegram-bot"],
        ),
        # nothing but running text
        ("# Acme\n\nA React frontend talks to a Node.js backend over HTTPS.\n", ["backend"]),
        ("# Acme\n\nThe product has a mobile app and an API server.\n", ["api-server"]),
        ("# 平台\n\n前端采用 Vue，后端采用 FastAPI。\n", ["backend"]),
        ("# Acme\n\nA web app and a REST API.\n", ["rest-api"]),
    ],
)
def test_a_back_end_and_what_runs_beside_it_have_the_names_of_the_text(text, found):
    """Folders, lists, pictures and sentences name the back end; workers, bots and socket servers run beside it."""
    assert names(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "# Acme\n\nA front-end app. No backend is needed.\n",
        "# Acme\n\n## Team roles\n\n- 2 backend developers\n- 1 frontend developer\n",
        "# Acme\n\nThe web app runs without a backend server.\n",
        "# Acme\n\nThe frontend uses a backend-as-a-service.\n",
        "# Acme\n\nThe frontend's backend is Supabase.\n",
        "# Acme\n\nThe backend stores orders.\n",  # no front end is named beside it
        "# Payment Service\n\nThe backend of the web app calls it.\n",
        "# Acme\n\n## Out of scope\n\n- A backend for the mobile app\n",
    ],
)
def test_what_only_sounds_like_a_back_end_names_no_service(text):
    """Denied, bought and excluded back ends, the people who write them and other people's back ends name nothing."""
    assert names(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "```\n├── client.ts\n├── server.ts\n```\n",
        "```\nsrc/\n├── api/\n├── hooks/\n└── pages/\n```\n",
        "```\n├── frontend/\n└── docs/\n```\n",
        "```\n├── backend/\n└── infra/\n```\n",
        "```\n├── web/\n├── mobile/\n└── admin/\n```\n",
    ],
)
def test_folders_without_both_sides_are_no_deployables(text):
    """A folder tree names the back end only where a front end lies beside it."""
    assert names(f"# Acme\n\n## Folders\n\n{text}") == []


@pytest.mark.parametrize(
    "text",
    [
        "```\n┌─────────┐\n│ Welcome │\n│ Server  │\n└─────────┘\n```",
        "```\n+-------+-------+\n| a     | b     |\n+-------+-------+\n```",
        "```\n┌────────┐\n│ Submit │\n└────────┘\n```",
        "```\n│ Frontend │ Backend │\n```",
        "```\n┌──────────┐ ┌──────────┐\n│ Frontend │ │ Firebase │\n└──────────┘ └──────────┘\n```",
    ],
)
def test_frames_of_other_things_are_no_deployables(text):
    """Drawn screens, tables of characters and frames without a back end beside others name nothing."""
    assert names(f"# Acme\n\n## Architecture\n\n{text}\n") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            (
                "## Specifications for each microservice\n\n### Service 1: Document Service\n\nx\n\n"
                "### Service 2: Search Indexing Service\n\ny\n\n### Overview\n\nz\n"
            ),
            ["document-service", "search-indexing-service"],
        ),
        ("The backend is split into microservices: auth, catalog and payments.", ["auth", "catalog", "payments"]),
        ("## Tech\n\n- Architecture: Microservices (Auth, Booking, Payment)", ["auth", "booking", "payment"]),
        (
            "Microservices.\n\n## Services\n\n**User Service** (port 3001) - accounts\n\n**Order Service** (port 3002) - orders",
            ["user-service", "order-service"],
        ),
        (
            (
                "## Routes of the microservices\n\nuser-service, item-service and admin-service are there.\n\n"
                "## Microservices to add\n\n- auth-service\n- search-service\n- Service mesh implementation (Istio)\n"
            ),
            ["user-service", "item-service", "admin-service", "auth-service", "search-service"],
        ),
        (
            (
                "## System components\n\n- **Ingestion Service** (Python): reads\n- **Scoring Engine**: scores\n"
                "- **Alert Service** (Go): alerts\n\nThe services communicate over Kafka.\n"
            ),
            ["ingestion-service", "scoring-engine", "alert-service"],
        ),
    ],
)
def test_services_of_counted_headings_sentences_and_bold_names(text, found):
    """Headings that count services, sentences that list them and bold paragraphs with ports name services."""
    assert names(f"# X\n\n{text}\n") == found


@pytest.mark.parametrize(
    "text",
    [
        "- Architecture: Microservices (Docker, Kubernetes, REST, gRPC)",
        "Microservices: Node.js, Express, MongoDB",
        "We use microservices (scalable, loosely coupled, resilient).",
        "Microservices: independent deployment, fault isolation, scaling",
        "- Backend: microservices (FastAPI, Celery, Redis)",
        "## Our offer\n\n### Service 1: Haircut\n\nx\n\n### Service 2: Massage\n\ny",
        "## Microservices\n\n- API versioning strategy\n- Service mesh implementation (Istio)",
    ],
)
def test_words_about_microservices_are_no_services(text):
    """Technologies, principles, tasks and what a company offers are not taken for services."""
    assert names(f"# X\n\n{text}\n") == []


def test_a_service_says_why_it_is_one(tmp_path):
    """The reason of a service names the list or the rule, and stays when the design is written and read back."""
    text = "# Shop\n\n## Services\n\n| Service | Port |\n|---|---|\n| order-service | 1 |\n| user-service | 2 |\n\n- GET /orders\n"
    system = design(Prd(tmp_path / "p.md", text, "0" * 64))
    assert [s.reason for s in system.services] == ["named in the table of services under 'services'"] * 2
    write_architecture(system, tmp_path / "out")
    assert read_architecture(tmp_path / "out").services == system.services
    alone = design(Prd(tmp_path / "p.md", "# Books\n\n- GET /books\n", "0" * 64))
    assert alone.services[0].reason == "the text describes one backend and no name for it"


def compose(*services):
    """Return a compose file with these services, each built from its folder."""
    return "```yaml\nservices:\n" + "".join(f"  {s}:\n    build: ./{s}\n" for s in services) + "```\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Microservices on Docker.\n\n{compose('auth', 'orders', 'web')}", ["auth", "orders"]),
        (compose("accounts", "ledger", "rates"), ["accounts", "ledger", "rates"]),
        (compose("order-service", "user-service", "web"), ["order-service", "user-service"]),
        # one program and what runs beside it
        (compose("api", "web"), ["api"]),
        (compose("app"), []),
        (compose("web", "redis"), []),
        (compose("migrations", "web"), []),
        (f"A modular monolith.\n\n{compose('accounts', 'ledger', 'rates')}", []),
    ],
)
def test_containers_are_services_where_the_text_builds_several(text, found):
    """Containers of a compose file are services where the text asks for such or many are built under own names."""
    assert names(f"# Acme\n\n## Deployment\n\n{text}") == found
