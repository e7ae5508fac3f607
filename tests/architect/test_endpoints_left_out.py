# ruff: noqa: E501, RUF001 - texts of authors, in many scripts
"""Tests of what looks like an endpoint and is none, and of endpoints that stand in objects and sentences."""

import pytest

from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.decomposition.services import ServiceIndex
from pytest_superteam.architect.document.prd import Prd
from pytest_superteam.architect.document.sections import read_document
from pytest_superteam.architect.interface.endpoints import read_interface


def read(text):
    """Return what the text says about how the system is called."""
    return read_interface(read_document(f"# Acme\n\n## API endpoints\n\n{text}\n"), ServiceIndex(()))


def endpoints(text):
    """Return `METHOD /path` of each endpoint of a text."""
    return [f"{e.method} {e.path}" for e in read(text).endpoints]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('```json\n{"method": "GET", "path": "/orders"}\n```', ["GET /orders"]),
        ('```json\n{"path": "/orders/{id}", "method": "delete"}\n```', ["DELETE /orders/{id}"]),
        ('```json\n[\n {\n  "method": "POST",\n  "path": "/orders"\n }\n]\n```', ["POST /orders"]),
        ("```yaml\n- method: GET\n  path: /books\n- method: POST\n  path: /books\n```", ["GET /books", "POST /books"]),
        ("`/orders` via GET and POST", ["GET /orders", "POST /orders"]),
        ("The collection `/orders` supports GET and POST.", ["GET /orders", "POST /orders"]),
        ("- GET/HEAD /files/{id}", ["GET /files/{id}"]),
        ("- GET, HEAD, OPTIONS /files", ["GET /files"]),
        ("### Stats (Phase 1)\n\n- GET /a\n\n### More (Phase 2)\n\n- GET /b", ["GET /a", "GET /b"]),
        ("### Existing endpoints\n\n- GET /orders", ["GET /orders"]),
        ("```\n# Call to create a user\nPOST /users\n```", ["POST /users"]),
        ("- GET /future/plans: the plans for later phases", ["GET /future/plans"]),
    ],
)
def test_objects_sentences_and_lists_with_head(text, found):
    """Objects, sentences that name the path first and lists with HEAD give endpoints; phases of one plan do too."""
    assert endpoints(text) == found


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"payment": {"method": "card"}, "path": "/tmp/x"}\n```',
        '```json\n{"method": "POST",\n "url": "https://api.stripe.com/v1/charges"}\n```',
        '```json\n{"method": "GET"}\n{"path": "/screens"}\n```',
        "```yaml\n- path: /data\n  backend: files\n```",
        '```json\n{"shipping_method": "POST", "path": "/x"}\n```',
        "Payments go to Stripe: /v1/charges via POST",
        "| Action | Endpoint |\n|---|---|\n| List | /orders |\n| Create | /orders |",
        "### Analytics (Phase 2)\n\n- GET /stats",
        "### Webhooks _(Faz 2 — MVP dışı)_\n\n```\nPOST /hooks\n```",
        "In a later phase `POST /stt` follows.",
        "Sonraki fazda `POST /stt` eklenecektir.",
        "### Existing CRM Service\n\n- POST https://crm.onrender.com/leads",
        "```ts\n// 2. Call Billing API: POST /charges\n```",
        "```ts\n@Get()\nasync list() {}\n```",
        "- HEAD /files/{id}",
        "- OPTIONS /files",
    ],
)
def test_what_is_not_built_is_no_endpoint(text):
    """Objects about other things, other systems, verbs without methods, later phases and fragments are none."""
    assert endpoints(text) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("- HEAD /files/{id}", ["HEAD /files/{id}"]),
        (
            "```graphql\ntype Query {\n  users(limit: Int): [User!]!\n}\ntype User {\n  name: String\n}\n```",
            ["query users"],
        ),
        ("### GraphQL\n\n- Mutation `createOrder(input)`", ["mutation createOrder"]),
        ("### tRPC procedures\n\n- `user.create` makes a user", ["user.create"]),
        ("### Analytics (Phase 2)\n\n- GET /stats", ["GET /stats"]),
        # dotted names elsewhere, and types that are no roots
        ("### Events\n\n- `order.created`", []),
        ("### Fields\n\n- `order.total` is money", []),
        ("```graphql\ntype User {\n  name: String\n}\n```", []),
        ("### Search\n\n- Query parameters are optional", []),
        ("Every procedure is logged in `audit.log`.", []),
    ],
)
def test_what_is_left_out_is_said(text, left):
    """HEAD, GraphQL operations, procedures and later phases are listed with line and reason; events are not."""
    found = read(text).ignored
    assert [i.text for i in found] == left
    assert all(i.reason and i.line for i in found)


def test_procedures_are_asked_about(tmp_path):
    """A text that names procedures and no paths leads to one question with their names."""
    text = "# Shop\n\n## Entities\n\n- Order: number\n\n## API\n\n### tRPC procedures\n\n- `order.create`\n- `order.list`\n"
    questions = design(Prd(tmp_path / "p.md", text, "0" * 64)).questions
    assert [q for q in questions if "order.create, order.list" in q and "line 11" in q]
