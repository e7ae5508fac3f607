# ruff: noqa: E501 - pieces of documents in several scripts
"""Whatever the text and its language: an architecture with valid contracts, or one line that says why not."""

import re
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.contract.openapi import contracts
from pytest_superteam.architect.document.prd import Prd
from pytest_superteam.errors import PrdError

_TITLES = st.sampled_from(
    [
        "Services", "Microservices", "Architecture", "微服务架构", "マイクロサービス構成", "Dienste", "Servicios", "Микросервисы", "Modules",
        "Features", "Data model", "数据模型", "Modèle de données", "API", "API 接口", "Out of scope", "範囲外", "Order states", "Events", "Roles",
        "Nutzerrollen", "Funcionalidades", "Order Service (Port 8081)", "3.2 用户服务", "**Auth Service**", "Tech stack", "非機能要件",
        "Requirements", "../x", "🛒", "",
    ]
)  # fmt: skip
_NAMES = st.sampled_from(
    [
        "auth-service", "Order Service", "OrderService", "用户服务", "注文サービス", "Сервис заказов", "Redis", "API Gateway", "Frontend",
        "Backend", "Worker", "Stripe", "Dienst", "Service", "order-service (Port 80)", "[`a-service`](./a.md)", "a/b", "谜", "N/A", "—", "User",
    ]
)  # fmt: skip
_SENTENCES = st.sampled_from(
    [
        "A microservices architecture.", "采用微服务架构。", "A modular monolith.", "The system consists of three services: A, B and C.",
        "Das System besteht aus zwei Diensten: Benutzerdienst und Bestelldienst.", "Users register and sign in.", "用户可以创建订单。",
        "ユーザーは予約を作成できる。", "Los clientes crean pedidos y ven sus facturas.", "As a user I want to create a task.", "No payments.",
        "An order is pending, then paid, then shipped.", "publishes OrderPlaced", "pending -> paid -> sent", "Key entities: User, Order, Item.",
        "users(id PK, email unique, role ENUM('a','b'))", "Base URL: /api/v1", "WS /ws/chat", "p95 < 200 ms",
    ]
)  # fmt: skip
_CALLS = st.builds(
    "{} {}".format,
    st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "WS", "`POST`", "get"]),
    st.sampled_from(
        [
            "/users",
            "/orders/{id}",
            "/orders/:id/pay",
            "/auth/login",
            "/x/[id]/y?z=1",
            "/",
            "/health",
            "/用户",
            "/a//b",
            "orders",
        ]
    ),
)
_TEXT = st.one_of(_NAMES, _SENTENCES, _CALLS, st.text(max_size=30))
_ROWS = st.lists(st.lists(_TEXT, min_size=1, max_size=4), min_size=1, max_size=4).map(
    lambda rows: "\n".join(
        f"| {' | '.join(c.replace(chr(10), ' ') for c in row)} |" + (f"\n|{'---|' * len(row)}" if not i else "")
        for i, row in enumerate(rows)
    )
)
_FENCES = st.builds(
    "```{}\n{}\n```".format,
    st.sampled_from(["", "yaml", "mermaid", "sql", "json", "text", "ts"]),
    st.lists(
        st.sampled_from(
            [
                "services:", "  auth-service:", "    build: .", "    image: postgres", "flowchart LR", "A[Auth Service] --> B[(db)]", "erDiagram",
                "USER ||--o{ ORDER : has", "CREATE TABLE orders (id int, user_id int);", "shop/", "├── services/", "│   ├── auth/", "└── order-service/",
                "kind: Deployment", "metadata:", "  name: x", "interface User { id: string; roles: string[] }", '{"id": 1, "items": [{}]}', "┌──┐", "│ Order Service │",
            ]
        ),
        max_size=6,
    ).map("\n".join),
)  # fmt: skip
_PIECES = st.one_of(
    st.builds("{} {}".format, st.sampled_from(["#", "##", "###"]), _TITLES),
    st.builds("{}{}".format, st.sampled_from(["- ", "  - ", "1. ", "* **", "• ", "- [ ] ", "> "]), _TEXT),
    _TEXT,
    _ROWS.map("\n{}\n".format),
    _FENCES.map("\n{}\n".format),
    st.just(""),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PIECES, max_size=14).map("\n".join))
@example("# 商城\n\n## 微服务\n\n- 谜\n- 谜谜\n\n## 数据模型\n\n| 表 | 字段 |\n|---|---|\n| 谜 | 谜 |\n")
@example("## Services\n\n| Service | Port |\n|---|---|\n| A | 1 |\n| B | 2 |\n| A B | 3 |\n\nGET /a\n")
@example("# Microservices\n\n1. User Service\n1. User Service\n\nGET /users\n")
@example("# X\n\nThree services: " + "a, " * 500 + "\n")
def test_any_text_gives_valid_contracts_or_one_line(text):
    """A design has safe names, a place with a reason for each entity, and OpenAPI documents that are valid."""
    try:
        system = design(Prd(Path("PRD.md"), text, "0" * 64))
    except PrdError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - both ends are right
        return
    names = [s.name for s in system.services]
    assert names
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{0,62}", n) for n in names)
    assert all(e.service in names and e.reason for e in system.entities)
    assert not {c.name for c in system.components} & set(names)
    assert all(line > 0 for c in system.contradictions for line in c.lines)
    for name, contract in contracts(system).items():
        assert name in names
        assert not [e.message for e in OpenAPIV31SpecValidator(contract).iter_errors()]
