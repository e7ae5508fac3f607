# ruff: noqa: E501 - tables of names
"""What is no service to build: front ends, infrastructure, products, libraries and modules, each with its quote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.architect.decomposition.components import role_of

ROLES = {
    "frontend": [
        "Frontend", "Front-end (React)", "Web App", "Mobile App", "Admin Panel", "Customer Portal", "React SPA", "iOS app",
        "UI-Layer", "Desktop-Layer", "前端", "Client", "frontend-service", "Driver App",
    ],
    "infrastructure": [
        "API Gateway", "Redis", "PostgreSQL Database", "Message Bus Layer", "Eureka Server (Service Discovery)", "config-server",
        "discovery-service", "gateway-service", "Load Balancer", "Observability Stack (shared)", "Kafka", "数据库", "db_menu", "nginx",
    ],
    "external": ["Stripe", "Twilio SMS", "OpenAI API", "Firebase", "SendGrid", "第三方支付"],
    "library": ["Shared Library", "common", "packages", "shared-utils"],
    "backend": ["Backend", "Back-end API", "REST API", "API Server", "FastAPI Backend", "Backend-Layer", "NestJS API", "后端"],
    "worker": ["Worker", "Background Workers", "Scheduler", "Telegram Bot", "Celery Worker", "WebSocket Server"],
    "": [
        "Order Service", "message-service", "client-service", "Notification Service", "Billing", "Search Service", "Admin Service",
        "Analytics Processor", "Rules Engine", "web-crawler-service", "Mobile Payment Service",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in ROLES.items() for name in names])
def test_roles_of_names(role, name):
    """A name says whether a part is built here, bought, drawn on a screen or shared; a service's name says nothing of it."""
    assert role_of(name) == role


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_name_has_a_role(name, detail):
    """No text makes the reader fail."""
    assert role_of(name, detail) in set(ROLES)


def test_components_with_their_quotes(architect):
    """Each part beside the services stands in the design with its line and the words that it rests on."""
    result = architect(
        """\
        # Ferry

        ## Architecture

        - **Frontend**: Next.js
        - **Backend**: FastAPI
        - **Database**: PostgreSQL

        Payments go through Stripe.

        ## Data model

        ### Trip

        - departs_at: datetime
        - price: money

        ## Out of scope

        Twilio messages.
        """
    )
    assert [s.name for s in result.services] == ["backend"]
    found = {c.name: (c.kind, c.line, c.reason) for c in result.components}
    assert found["Frontend"] == ("frontend", 5, "Frontend: Next.js")
    assert found["Database"][:2] == ("infrastructure", 7)
    assert found["PostgreSQL"][:2] == ("infrastructure", 7)
    assert found["Stripe"] == ("external", 9, "Payments go through Stripe.")
    assert "Twilio" not in found


def test_modules_of_one_backend(architect):
    """Modules are components, not services."""
    result = architect(
        "# Ferry\n\n## Modules\n\n- **Timetable**: trips\n- **Tickets**: sales\n\n## Data model\n\n### Trip\n\n- name: string\n- price: money\n"
    )
    assert [s.name for s in result.services] == ["ferry"]
    assert [(c.name, c.kind, c.line) for c in result.components] == [
        ("Timetable", "module", 5),
        ("Tickets", "module", 6),
    ]


def test_words_that_are_also_products(facts):
    """A product whose name is a common word counts only with its capital letter."""
    assert facts("# T\n\n- render the square in a notion of its own\n").components == ()
    assert [c.name for c in facts("# T\n\n- deployed to Render, notes in Notion\n").components] == ["Render", "Notion"]
