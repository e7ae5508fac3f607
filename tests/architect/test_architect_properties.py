# ruff: noqa: E501, SIM905 - tables of words and fragments
"""Whatever the text: an architecture that is consistent in itself and can be written and read back, or one line."""

import re
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.contract.openapi import contracts
from pytest_superteam.architect.document.prd import Prd
from pytest_superteam.architect.files import read_architecture, write_architecture
from pytest_superteam.errors import PrdError

_WORDS = (
    "User Users Order OrderItem orders Book auth-service order-service Order Service Redis api-gateway status state role email "
    "price id user_id book_id customer_id password admin customer public pending paid enum uuid money text references FK -> "
    "Services Entities API Events Roles Out of scope Milestone 1 Requirements Data model Order states REQ-001 US-01 "
    "OrderPlaced order.paid publishes consumes create list manage register login default required optional unique max 5 "
    "metadata class from None ../x a/b 注文 Über été — → • | ` ** _ ( ) [ ] { } : , ; ? * # 404 3d 0"
).split(" ")
_PIECES = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=7).map(" ".join)
_PATHS = st.lists(
    st.sampled_from(
        ["api", "v1", "auth", "login", "users", "me", "orders", "{id}", ":id", "<id>", "[x]", "pay", "events", "status"]
    ),
    max_size=5,
).map(lambda parts: "/" + "/".join(parts))
_ENDPOINTS = st.builds(
    "{} {}{}".format,
    st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "GET/POST"]),
    _PATHS,
    st.sampled_from(["", " (admin)", " - x"]),
)
_ROWS = st.lists(
    _PIECES | _ENDPOINTS | st.sampled_from(["From", "To", "Service", "Field", "Type", "Event", "Path"]),
    min_size=1,
    max_size=4,
)
_TABLES = st.lists(_ROWS, min_size=1, max_size=5).map(
    lambda rows: "\n".join(
        [
            "| " + " | ".join(rows[0]) + " |",
            "|" + "---|" * len(rows[0]),
            *("| " + " | ".join(r) + " |" for r in rows[1:]),
        ]
    )
)
_DDL = st.lists(_PIECES, max_size=4).map(lambda parts: "```\nORDERS (\n" + ",\n".join(parts) + "\n)\n```")
_LINES = st.one_of(
    st.builds("{} {}".format, st.sampled_from(["#", "##", "###", "####"]), _PIECES | _ENDPOINTS),
    st.builds("{} {}".format, st.sampled_from(["-", "  -", "1.", "•", "- [x]", ">", "**X**:"]), _PIECES | _ENDPOINTS),
    st.builds("\n{}\n".format, _PIECES | _ENDPOINTS | _TABLES | _DDL),
    st.just("\n"),
)
_BOOKSTORE = (Path(__file__).parents[2] / "pipelines" / "bookstore" / "PRD.md").read_text(encoding="utf-8").splitlines()


@st.composite
def mutations(draw):
    """Return the bookstore's document with some lines gone, doubled, moved or replaced by others."""
    lines = list(_BOOKSTORE)
    for _ in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "move", "replace", "swap"])):
            case "drop":
                del lines[at : at + draw(st.integers(1, 8))]
            case "double":
                lines.insert(at, lines[draw(st.integers(0, len(lines) - 1))])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "replace":
                lines[at] = draw(_LINES)
            case _:
                words = lines[at].split(" ")
                lines[at] = " ".join(draw(st.permutations(words)))
        lines = lines or ["# T"]
    return "\n".join(lines)


DOCUMENTS = st.lists(_LINES, max_size=25).map("\n".join) | mutations() | st.text(max_size=300)
_PLACED = {
    "create",
    "list",
    "read",
    "update",
    "replace",
    "delete",
    "transition",
    "register",
    "login",
    "me",
    "update_me",
}


def check(architecture):
    """Assert that every name of the architecture refers to something that is in it."""
    services = [s.name for s in architecture.services]
    entities = {e.name: e for e in architecture.entities}
    events = {e.name: e for e in architecture.events}
    assert len(set(services)) == len(services) > 0
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{0,62}", s) for s in services)
    assert len(entities) == len(architecture.entities)
    for entity in architecture.entities:
        check_entity(entity, services, entities)
    keys = {(o.service, o.id) for o in architecture.operations}
    routes = {(o.service, o.method, re.sub(r"\{\w+\}", "{}", o.path)) for o in architecture.operations}
    assert len(keys) == len(routes) == len(architecture.operations)
    for operation in architecture.operations:
        assert operation.service in services
        assert set(operation.roles) <= {*architecture.roles, "service"}
        assert not (operation.public and operation.roles)
        assert all(events[name].publisher == operation.service for name in operation.publishes)
        if operation.kind in _PLACED or operation.entity:
            assert entities[operation.entity].service == operation.service
        if operation.kind in ("read", "update", "replace", "delete", "transition"):
            assert "{" in operation.path
        if operation.kind == "transition":
            # Without a target the body names the state, as in `PATCH /orders/{id}/status`.
            assert operation.target_state in {None, *entities[operation.entity].states.states}
    for event in architecture.events:
        assert {event.publisher, *event.consumers} <= {None, *services}
        assert event.entity in {None, *entities}
    for dependency in architecture.dependencies:
        assert (dependency.provider, dependency.operation) in keys
        assert dependency.consumer in services
        assert dependency.consumer != dependency.provider
    for requirement in architecture.requirements:
        assert {tuple(o.split(":")) for o in requirement.operations} <= keys
    for issuer in (s.name for s in architecture.services if s.issuer):
        assert {"register", "login", "me"} <= {o.kind for o in architecture.operations_of(issuer)}
        assert entities["User"].service == issuer


def check_entity(entity, services, entities):
    """Assert that an entity is whole: standard fields, references, owner, states."""
    names = [f.name for f in entity.fields]
    assert entity.service in services
    assert len(set(names)) == len(names)
    assert names[0] == "id"
    assert names[-2:] == ["created_at", "updated_at"]
    for item in entity.fields:
        assert re.fullmatch(r"[a-z_][a-z0-9_]*", item.name)
        assert (item.type == "reference") == (item.references is not None)
        assert item.references in {None, *entities}
        assert (item.type == "enum") == bool(item.enum)
        assert item.type != "enum" or item.default in {None, *item.enum}
        assert item.minimum is None or item.maximum is None or item.minimum <= item.maximum
    assert entity.owner_field is None or entity.field_named(entity.owner_field).references == "User"
    if entity.states:
        assert entity.field_named(entity.states.field).enum == entity.states.states
        assert {entity.states.initial, *(x for t in entity.states.transitions for x in (t.source, t.target))} <= set(
            entity.states.states
        )


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(DOCUMENTS)
@example("## Services\n\n- `a-service`: x\n- `b-service`: y\n\n## Roles\n\n- **x**: y\n")
@example("# T\n\n" + "[" * 3000 + "](" * 3000)
@example("# T\n\n" + "| a " * 500 + "|\n" + "|---" * 500 + "|\n" + "| GET /a " * 500 + "|\n")
def test_any_text_gives_a_consistent_architecture_or_one_line(tmp_path, text):
    """No text makes the architect fail otherwise than with one line, and what it designs survives the disk."""
    try:
        architecture = design(Prd(Path("PRD.md"), text, "0" * 64))
    except PrdError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - both ends are right
        return
    check(architecture)
    whole = replace(architecture, contracts=contracts(architecture))
    write_architecture(whole, tmp_path)
    assert read_architecture(tmp_path) == whole


@settings(max_examples=10, deadline=None)
@given(DOCUMENTS)
def test_the_same_text_gives_the_same_architecture(text):
    """Nothing in the result depends on chance."""
    results = []
    for _ in range(2):
        try:
            results.append(design(Prd(Path("PRD.md"), text, "0" * 64)))
        except PrdError as error:
            results.append(str(error))
    assert results[0] == results[1]
