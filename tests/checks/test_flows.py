"""Flows on small services: a sound system passes each, and what is broken in one is found by the flow that should."""

import pytest
from library_service import serving
from shop_architecture import ORDER, STATES, architecture, changed_architecture, system_at
from shop_service import shop

from pytest_superteam.checks.base import Planning
from pytest_superteam.checks.families.flows import FAMILY
from pytest_superteam.checks.flows.execution import run_flow
from pytest_superteam.checks.flows.planning import plan_flows
from pytest_superteam.config import Config
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Operation, Severity

NAMES = [
    "shop-account",
    "shop-author-crud",
    "shop-book-crud",
    "shop-book-duplicate",
    "shop-book-unknown-author",
    "sales-order-crud",
    "sales-order-unknown-book",
    "sales-order-lifecycle",
    "sales-order-illegal-moves",
    "shop-notification-of-order-events",
]
FAULTS = [
    ("update lost", "shop-book-crud", "FLOW-001", "PATCH /books/{id} of shop|is stored"),
    ("update empties", "shop-book-crud", "FLOW-001", "created_at"),
    ("delete skipped", "shop-book-crud", "FLOW-002", "GET /books/{id} of shop answered 200"),
    ("delete twice", "shop-book-crud", "FLOW-002", "DELETE /books/{id} of shop answered 204"),
    ("list forgets", "shop-book-crud", "FLOW-001", "lacks the Book"),
    ("genre filter", "shop-book-crud", "FLOW-001", "Filter by genre"),
    ("author_id filter", "shop-book-crud", "FLOW-001", "Filter by author_id"),
    ("in_print filter", "shop-book-crud", "FLOW-001", "Filter by in_print"),
    ("not stored", "shop-author-crud", "FLOW-001", "answered 404 for an Author that was created"),
    ("duplicate", "shop-book-duplicate", "FLOW-002", "the same isbn"),
    ("reference", "shop-book-unknown-author", "FLOW-002", "author_id refers to nothing"),
    ("reference", "sales-order-unknown-book", "FLOW-002", "POST /orders of sales answered 201"),
    ("status filter", "sales-order-crud", "FLOW-001", "Filter by status"),
    ("valid body refused", "sales-order-crud", "FLOW-001", "POST /orders of sales answered 422 to a valid body"),
    ("initial state", "sales-order-crud", "FLOW-001", "Begin with 'open'"),
    ("lawful move", "sales-order-lifecycle", "FLOW-001", "POST /orders/{id}/send of sales answered 409"),
    ("move not stored", "sales-order-lifecycle", "FLOW-001", "is stored with 'open'"),
    ("illegal move", "sales-order-illegal-moves", "FLOW-002", "from open to sent"),
    ("refused but moved", "sales-order-illegal-moves", "FLOW-002", "all the same"),
    ("role of a move", "sales-order-illegal-moves", "FLOW-002", "the role reader may not make this move"),
    ("lost OrderPlaced", "shop-notification-of-order-events", "FLOW-001", "publishes OrderPlaced"),
    ("lost OrderPaid", "shop-notification-of-order-events", "FLOW-001", "publishes OrderPaid"),
    ("name", "shop-account", "FLOW-001", "name is '?'"),
    ("any password", "shop-account", "FLOW-002", "a wrong password"),
    ("duplicate", "shop-account", "FLOW-002", "a second registration"),
    ("another's account", "shop-account", "FLOW-001", "GET /me"),
    ("own change lost", "shop-account", "FLOW-001", "PATCH /me"),
]


@pytest.fixture
def patient(monkeypatch):
    """Wait for events only shortly: they are told at once or never here."""
    monkeypatch.setattr("pytest_superteam.checks.flows.told._PATIENCE", 0.2)


def test_flows_are_planned_from_the_design():
    """Every flow that the contracts make possible is planned once, for the service that owns its entity."""
    flows = plan_flows(architecture())
    assert [f.name for f in flows] == NAMES
    assert {f.name.split("-")[0] == f.service for f in flows} == {True}
    items = list(FAMILY.plan(Planning(architecture(), Config(), project=None)))
    assert [i.param for i in items] == NAMES
    assert {i.code for i in items if "illegal" in i.param or "unknown" in i.param} == {"FLOW-002"}


@pytest.mark.parametrize("broken", ["", "small pages"])
def test_sound_services_pass_every_flow(broken, patient):
    """No flow finds anything on services that keep their contracts, and each says how many calls it made."""
    with serving(shop(broken)) as url:
        system = system_at(url)
        for name in NAMES:
            result = run_flow(system, name)
            assert not result.violations, result.violations[0]
            assert "calls" in result.detail


@pytest.mark.parametrize(("broken", "name", "code", "told"), FAULTS, ids=lambda value: str(value)[:30])
def test_faults_are_found(broken, name, code, told, patient):
    """The flow that goes over a fault names it, with the steps that lead to it."""
    with serving(shop(broken)) as url:
        found = run_flow(system_at(url), name).violations
    fitting = [v for v in found if v.code == code and any(part in v.message for part in told.split("|"))]
    assert fitting, [v.message for v in found]
    assert fitting[0].severity is Severity.ERROR
    assert "1. " in fitting[0].evidence
    assert "-> " in fitting[0].evidence


def test_a_token_that_outlives_its_logout_is_a_warning():
    """Stateless tokens are a choice that is told and does not block."""
    with serving(shop("token outlives logout")) as url:
        (found,) = run_flow(system_at(url), "shop-account").violations
    assert found.severity is Severity.WARNING
    assert "signed out" in found.message


def test_what_a_flow_needs_and_can_not_have_is_an_error():
    """Where another service refuses the row that a flow needs, nothing is said of the flow's own service."""
    with serving(shop("valid body refused")) as url, pytest.raises(CheckError, match="needs a row of Order"):
        run_flow(system_at(url, design=with_notes()), "shop-notification-unknown-order")


def test_a_system_that_was_found_may_keep_its_door_shut():
    """A refusal of our callers by a system that we did not build is a skip with its reason, no finding."""
    with serving(shop("valid body refused")) as url:
        result = run_flow(system_at(url, found=True), "sales-order-crud")
    assert "POST /orders of sales answered 422" in result.skipped


def test_findings_on_a_system_that_was_found_are_warnings():
    """What a found system's operations are for is our reading of its contract, so that its flows do not block."""
    items = list(FAMILY.plan(Planning(architecture(), Config(), project=None, found=True)))
    assert {i.severity for i in items} == {Severity.WARNING}
    with serving(shop("update lost")) as url:
        found = run_flow(system_at(url, found=True), "shop-book-crud").violations
    assert {v.severity for v in found} == {Severity.WARNING}


def test_a_list_that_can_not_be_read_is_told_at_once():
    """Where the rows that tell of events can't be listed, the list is what is wrong, and nobody waits for it."""

    def unlisted(service, path, body):
        del service
        return "out of order" if path == "/notifications" else body

    with serving(shop(distort=unlisted)) as url:
        (found,) = run_flow(system_at(url), "shop-notification-of-order-events").violations
    assert "of shop answered 200 and no list" in found.message


def test_a_service_that_does_not_answer_is_a_finding():
    """A connection that breaks is told as the step that broke."""
    with serving(shop()) as url:
        system = system_at(url)
        assert system.tokens
        system.deployment = type(system.deployment)(
            "process", "run", tuple(_away(s) for s in system.deployment.services), system.deployment.jwt_secret
        )
        (found,) = run_flow(system, "sales-order-unknown-book").violations
    assert "nothing listens there" in found.message


def _away(service):
    return type(service)(service.name, "http://127.0.0.1:9", log=None)


def with_notes():
    """Return the design with an operation that writes notifications."""
    design = architecture()
    write = Operation("write_note", "shop", "POST", "/notifications", "create", "Notification", roles=("admin",))
    return changed_architecture(operations=(*design.operations, write))


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"roles": ("reader",)}, {"shop-author-crud", "shop-book-crud", "sales-order-crud"}),
        ({"events": ()}, {"shop-notification-of-order-events"}),
        ({"dependencies": ()}, {"sales-order-unknown-book"}),
        ({"contracts": {}}, set(NAMES)),
        ({"entities": ()}, set(NAMES) - {"shop-account"}),
    ],
)
def test_what_the_contracts_can_not_make_possible_is_left_out(changes, gone):
    """A flow whose steps nobody may make, or that the design says nothing about, is no item."""
    assert not gone & {f.name for f in plan_flows(changed_architecture(**changes))}


def test_the_state_machine_of_the_shop_is_walked_whole():
    """The walks of the lifecycle make every lawful move once, and stay on lawful ones."""
    from pytest_superteam.checks.flows.design import Design
    from pytest_superteam.checks.flows.moves import illegal_attempts, lawful_moves, walks

    design = Design(architecture())
    moves = lawful_moves(design, ORDER)
    made = [(m.source, m.target) for walk in walks(moves, "open") for m in walk]
    assert set(made) == {(t.source, t.target) for t in STATES.transitions}
    assert {(a.target, a.role) for a in illegal_attempts(design, ORDER, "paid")} == {
        ("paid", "reader"),
        ("cancelled", "reader"),
    }
    assert {a.target for a in illegal_attempts(design, ORDER, "sent")} == {"paid", "sent", "cancelled"}
