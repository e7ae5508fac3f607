"""Who gets in: each code on a sound service, on one with the mistake, and on one that only looks like it."""

from dataclasses import replace

import pytest
from ledger_service import ARCHITECTURE, SECRET, ledger, serving, system_at, try_code

from pytest_superteam.checks.base import Planning
from pytest_superteam.checks.families.authorization import FAMILY
from pytest_superteam.config import Config
from pytest_superteam.errors import CheckError

CODES = [rule.id for rule in FAMILY.rules]


@pytest.fixture(scope="module")
def sound():
    with serving(ledger()) as url:
        yield url


@pytest.mark.parametrize("code", CODES)
def test_sound(sound, code):
    """A sound service passes each code, and something was tried for it."""
    result = try_code(FAMILY, system_at(sound), code)
    assert result.violations == ()
    assert not result.skipped
    assert result.detail


BROKEN = [
    ("asks no token", "AUTH-001", "critical", ["GET /notes/{id} lets in a call without a token"]),
    ("takes expired tokens", "AUTH-002", "high", ["lets in a call with a token that expired an hour ago"]),
    ("checks no signature", "AUTH-003", "critical", ["whose payload was changed and whose signature was kept"]),
    ("takes alg none", "AUTH-004", "critical", ["with a token with alg 'none' and no signature"]),
    ("reads of others", "AUTH-005", "critical", ["GET /notes/{id}: a user reads what is another's", "'owner_id'"]),
    ("lists of others", "AUTH-005", "critical", ["GET /notes: a user lists what is another's"]),
    ("changes of others", "AUTH-005", "critical", ["PATCH /notes/{id}: a user changes what is another's"]),
    ("archives of others", "AUTH-005", "critical", ["POST /notes/{id}/archive: a user moves what is another's"]),
    ("deletes of others", "AUTH-005", "critical", ["DELETE /notes/{id}: a user deletes what is another's"]),
    ("takes any issuer", "AUTH-008", "warning", ["lets in a call with a token of another issuer"]),
    ("lets every role in", "AUTH-006", "high", ["GET /audit lets in a call of the role 'writer', which is not admin"]),
]


@pytest.mark.parametrize(("broken", "code", "severity", "said"), BROKEN, ids=[row[0] for row in BROKEN])
def test_broken(broken, code, severity, said):
    """A mistake is found by its code, with the requests that show it and no token in them."""
    with serving(ledger(broken)) as url:
        result = try_code(FAMILY, system_at(url), code)
    assert result.violations
    first = result.violations[0]
    assert (first.code, first.severity, first.service) == (code, severity, "ledger")
    for piece in said:
        assert piece in first.message
    assert first.evidence.startswith("1. curl ")
    assert "eyJ" not in first.evidence


@pytest.mark.parametrize(
    ("broken", "clean"),
    [
        ("asks no token", ["AUTH-002", "AUTH-003", "AUTH-004", "AUTH-006", "AUTH-007"]),
        ("takes expired tokens", ["AUTH-001", "AUTH-003", "AUTH-004", "AUTH-005"]),
        ("takes alg none", ["AUTH-001", "AUTH-002", "AUTH-003"]),
        ("deletes of others", ["AUTH-001", "AUTH-004", "AUTH-006"]),
    ],
)
def test_one_mistake_one_code(broken, clean):
    """Other codes keep silent about a mistake that is not theirs: an open door is not expired tokens' fault."""
    with serving(ledger(broken)) as url:
        found = {code: try_code(FAMILY, system_at(url), code).violations for code in clean}
    assert found == dict.fromkeys(clean, ())


@pytest.mark.filterwarnings("ignore:The HMAC key")
@pytest.mark.parametrize("secret", ["secret", "ledger-secret", "your-256-bit-secret"])
def test_weak_key(secret):
    """A key that is a common secret or the system's name is found offline, and told without being shown."""
    with serving(ledger(secret=secret)) as url:
        (violation,) = try_code(FAMILY, system_at(url, secret=secret), "AUTH-007").violations
    assert "easily guessed" in violation.message
    assert f"'{secret}'" not in violation.message


@pytest.mark.parametrize(
    ("broken", "said"),
    [("signs for ever", "has no `exp`"), ("signs for years", "lives for 3650 days"), ("signs for weeks", "")],
)
def test_lifetime(broken, said):
    """The login's token ends, and within a month."""
    with serving(ledger(broken)) as url:
        violations = try_code(FAMILY, system_at(url), "AUTH-009").violations
    assert [said in violation.message for violation in violations] == ([True] if said else [])


def test_tokens_without_issuer_are_skipped():
    """Where the tokens name no issuer, there is none to check."""
    with serving(ledger("names no issuer")) as url:
        assert "name no issuer" in try_code(FAMILY, system_at(url), "AUTH-008").skipped


@pytest.mark.filterwarnings("ignore:The HMAC key")
def test_guessed_key_is_used(sound):
    """Of a found system an expired token can be made only where the key was guessed; else the item is skipped."""
    unknown = try_code(FAMILY, system_at(sound, found=True), "AUTH-002")
    assert "signing key is not known" in unknown.skipped
    with serving(ledger("takes expired tokens", secret="changeme")) as url:
        result = try_code(FAMILY, system_at(url, found=True), "AUTH-002")
    assert "that expired an hour ago" in result.violations[0].message


def test_refusing_everything_proves_nothing():
    """Where a good token is refused as well, refusals say nothing: an error where the contract is ours."""
    with serving(ledger()) as url, pytest.raises(CheckError, match="does not take a good token either"):
        try_code(FAMILY, replace_issuer(url), "AUTH-003")


def replace_issuer(url):
    """Return a system without login whose deployment has another secret than the service."""
    plain = replace(ARCHITECTURE, operations=tuple(o for o in ARCHITECTURE.operations if o.kind != "login"))
    return system_at(url, plain, secret=f"{SECRET}-of-another")


def test_service_is_down():
    """A service that does not answer is an error, never a pass."""
    with serving(ledger()) as url:
        pass
    with pytest.raises(CheckError):
        try_code(FAMILY, system_at(url), "AUTH-001")


def planned(architecture, *, found=False):
    return [item.code for item in FAMILY.plan(Planning(architecture, Config(), project=None, found=found))]


def test_plan():
    """An item is planned where it can say something: roles need a role, ownership an owner, a key a login."""
    assert planned(ARCHITECTURE) == CODES
    reads = tuple(o for o in ARCHITECTURE.operations if o.id in {"register", "me"})
    plain = ["AUTH-001", "AUTH-002", "AUTH-003", "AUTH-004", "AUTH-008"]
    assert planned(replace(ARCHITECTURE, operations=reads)) == plain
    public = tuple(replace(o, public=True) for o in reads)
    assert planned(replace(ARCHITECTURE, operations=public)) == []
    assert planned(replace(ARCHITECTURE, contracts={})) == []
