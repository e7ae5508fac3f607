"""What comes out and what is let in: each code on a sound service, on one with the mistake, and on near misses."""

from dataclasses import replace

import pytest
from ledger_service import ARCHITECTURE, ledger, serving, system_at, try_code

from pytest_superteam.checks.base import Planning
from pytest_superteam.checks.families.exposure import FAMILY
from pytest_superteam.config import Config
from pytest_superteam.errors import CheckError

CODES = [rule.id for rule in FAMILY.rules]


@pytest.fixture(scope="module")
def sound():
    with serving(ledger()) as url:
        yield url


@pytest.fixture(autouse=True)
def smaller(monkeypatch):
    """Send half a megabyte for ten: the limits of the services here are far below both."""
    monkeypatch.setattr("pytest_superteam.checks.exposed.oversize._HUGE", 500_000)


@pytest.mark.parametrize("code", [code for code in CODES if code != "EXPOSE-008"])
def test_sound_exposure(sound, code):
    """A sound service passes each code, and something was tried for it."""
    result = try_code(FAMILY, system_at(sound), code)
    assert result.violations == ()
    assert not result.skipped
    assert result.detail


BROKEN = [
    ("takes a role", "EXPOSE-001", ["POST /register takes over 'role'"]),
    ("takes an owner", "EXPOSE-001", ["POST /notes takes over 'owner_id'"]),
    ("takes a state", "EXPOSE-001", ["PATCH /notes/{id} takes over 'state'"]),
    ("takes every field", "EXPOSE-001", ["'role'", "POST /register"]),
    ("tells more", "EXPOSE-002", ["answers 'internal', which the contract does not have"]),
    ("tells hashes", "EXPOSE-002", ["'password_hash'"]),
    ("tells hashes", "EXPOSE-003", ["a password or its hash in 'password_hash'"]),
    ("repeats passwords", "EXPOSE-003", ["GET /me answers the password that was sent"]),
    ("tells its traces", "EXPOSE-003", ["a stack trace"]),
    ("says 404", "EXPOSE-004", ["401 to a wrong password, 404 to an unknown user"]),
    ("says it in words", "EXPOSE-004", ["the body differs"]),
    ("allows every origin", "EXPOSE-005", ["allows every origin"]),
    ("reflects origins", "EXPOSE-005", ["allows the unlisted origin https://evil.example"]),
    ("allows null", "EXPOSE-005", ["allows the origin null"]),
    ("compares a prefix", "EXPOSE-005", ["it takes http://localhost.evil.example:3000 for http://localhost:3000"]),
    ("takes any length", "EXPOSE-006", ["answers 20", "where the contract allows 200"]),
    ("fails at length", "EXPOSE-006", ["answers 500 to", "expected a refusal with 4xx"]),
    ("answers any page", "EXPOSE-006", ["GET /notes answers 200 to limit=100000"]),
    ("fails at depth", "EXPOSE-006", ["answers 500 to JSON nested 10000 levels deep"]),
    ("builds queries", "EXPOSE-009", ["GET /notes takes the query's 'q' into a query"]),
    ("tells its database", "EXPOSE-009", ["GET /notes answers 400 and tells an error of the database"]),
    ("opens files", "EXPOSE-009", ["shows a file of the server"]),
    ("renders templates", "EXPOSE-009", ["has worked out the sum of a template"]),
    ("fails at quotes", "EXPOSE-009", ["POST /notes answers 500 and fails"]),
    ("takes operators", "EXPOSE-009", ['POST /login lets somebody in with {"$gt": ""}']),
]


@pytest.mark.parametrize(("broken", "code", "said"), BROKEN, ids=[f"{row[0]}-{row[1]}" for row in BROKEN])
def test_broken_exposure(broken, code, said):
    """A mistake is found by its code, with the requests that show it and no secret in them."""
    with serving(ledger(broken)) as url:
        result = try_code(FAMILY, system_at(url), code)
    assert result.violations
    told = "\n".join(violation.message for violation in result.violations)
    for piece in said:
        assert piece in told
    assert all(v.code == code and v.evidence.startswith("1. curl ") for v in result.violations)
    assert "eyJ" not in "".join(v.evidence for v in result.violations)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("ignores unknown fields", "EXPOSE-001"),
        ("repeats the address", "EXPOSE-004"),
        ("limits logins", "EXPOSE-004"),
        ("lists localhost", "EXPOSE-005"),
        ("reads of others", "EXPOSE-003"),
        ("says 404", "EXPOSE-009"),
    ],
)
def test_near_miss_exposure(broken, code):
    """What only looks like the mistake is none: ignored fields, repeated input, an origin that is listed."""
    with serving(ledger(broken)) as url:
        result = try_code(FAMILY, system_at(url), code)
    assert result.violations == ()
    assert not result.skipped


def test_hang_is_told():
    """A service that thinks for ever about nested JSON is told as one that does not answer in time."""
    with serving(ledger("hangs at depth")) as url:
        result = try_code(FAMILY, system_at(url, timeout=1.0), "EXPOSE-006")
    assert any("does not answer JSON nested 10000 levels deep in time" in v.message for v in result.violations)


def test_slow_pattern(monkeypatch):
    """A pattern with nested repeats is found by a text that nearly matches, sent no longer than needed."""
    for name, value in {"_SLOW": 0.2, "_TIMES": 1, "_SUSPECT": -9, "_SHORT": 18, "_STEP": 1}.items():
        monkeypatch.setattr(f"pytest_superteam.checks.exposed.backtracking.{name}", value)
    with serving(ledger("matches slowly")) as url:
        result = try_code(FAMILY, system_at(url), "EXPOSE-007")
    assert result.violations
    assert "'email' with a text of " in result.violations[0].message


def test_endless_logins():
    """Thirty failed logins in a row are advisory; a service that says 429 after some passes."""
    with serving(ledger()) as url:
        (violation,) = try_code(FAMILY, system_at(url, found=True), "EXPOSE-008").violations
    assert violation.severity == "warning"
    assert "answered 30 wrong passwords in a row with 401" in violation.message
    with serving(ledger("limits logins")) as url:
        assert try_code(FAMILY, system_at(url, found=True), "EXPOSE-008").violations == ()


def test_found_systems_are_judged_mildly():
    """Every origin without credentials is a warning where the system was found, and a page that is cut is right."""
    with serving(ledger("allows every origin")) as url:
        (violation,) = try_code(FAMILY, system_at(url, found=True), "EXPOSE-005").violations
    assert violation.severity == "warning"
    with serving(ledger("clamps pages")) as url:
        assert try_code(FAMILY, system_at(url, found=True), "EXPOSE-006").violations == ()
        assert try_code(FAMILY, system_at(url), "EXPOSE-006").violations != ()


def test_service_that_is_down_is_an_error():
    """A service that does not answer is an error, never a pass."""
    with serving(ledger()) as url:
        pass
    for code in ("EXPOSE-001", "EXPOSE-002", "EXPOSE-004", "EXPOSE-005", "EXPOSE-009"):
        with pytest.raises(CheckError):
            try_code(FAMILY, system_at(url), code)


def planned_exposure(architecture, *, found=False):
    return [item.code for item in FAMILY.plan(Planning(architecture, Config(), project=None, found=found))]


def test_plan_of_exposure():
    """An item is planned where it can say something; logins without a limit are asked of found systems only."""
    everything = [code for code in CODES if code != "EXPOSE-008"]
    assert planned_exposure(ARCHITECTURE) == everything
    assert planned_exposure(ARCHITECTURE, found=True) == CODES
    me = tuple(o for o in ARCHITECTURE.operations if o.id == "me")
    assert planned_exposure(replace(ARCHITECTURE, operations=me)) == ["EXPOSE-002", "EXPOSE-003", "EXPOSE-005"]
    assert planned_exposure(replace(ARCHITECTURE, contracts={"ledger": {"paths": None}}))[:1] == ["EXPOSE-002"]
    assert planned_exposure(replace(ARCHITECTURE, operations=())) == []
