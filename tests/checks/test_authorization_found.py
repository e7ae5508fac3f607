"""Systems that were found: nothing declares roles or owners, and what can't be tried is skipped with its reason."""

import pytest
from diary_service import diary, diary_architecture, with_form_login
from ledger_service import serving, system_at, try_code

from pytest_superteam.checks.families import authorization, exposure
from pytest_superteam.checks.flows.execution import run_flow

CLEAN = ["AUTH-001", "AUTH-003", "AUTH-004", "AUTH-005", "AUTH-007"]
CLEAN += ["EXPOSE-001", "EXPOSE-002", "EXPOSE-003", "EXPOSE-004", "EXPOSE-005", "EXPOSE-009"]


def said_of(url, code):
    """Return the result and the messages of one code on the diary at `url`."""
    family = authorization.FAMILY if code.startswith("AUTH") else exposure.FAMILY
    result = try_code(family, system_at(url, diary_architecture(), found=True), code)
    return result, "\n".join(violation.message for violation in result.violations)


@pytest.fixture(scope="module")
def sound_diary():
    with serving(diary()) as url:
        yield url


@pytest.mark.parametrize("code", CLEAN)
def test_sound_found(sound_diary, code):
    """A sound service that was found passes, and something was tried."""
    result, said = said_of(sound_diary, code)
    assert said == ""
    assert not result.skipped


@pytest.mark.parametrize("code", ["AUTH-002", "AUTH-006", "EXPOSE-006", "EXPOSE-007"])
def test_no_way_found(sound_diary, code):
    """What a found system gives no way to try has no verdict, but a reason."""
    result, said = said_of(sound_diary, code)
    assert said == ""
    assert result.skipped or result.detail


@pytest.mark.parametrize(
    ("broken", "code", "said"),
    [
        ("reads anybody", "AUTH-005", "GET /diaries/{title}: a user reads what is another's (it takes a token to read"),
        ("changes anybody", "AUTH-005", "PUT /members/{username}/password: a user changes what is another's (it is an"),
        ("changes anybody", "AUTH-005", "PUT /members/{username}/email: a user changes what is another's"),
        ("takes admin", "EXPOSE-001", "POST /members/register takes over 'admin'"),
        ("takes admin", "EXPOSE-002", "'members.admin', which the contract does not have"),
        ("tells passwords", "EXPOSE-003", "a password or its hash in 'members.password'"),
        ("builds queries", "EXPOSE-009", "takes the path's 'username' into a query"),
    ],
)
def test_broken_found(broken, code, said):
    """A mistake is found though nothing in the contract declares what is private, and the message says why it is."""
    with serving(diary(broken)) as url:
        assert said in said_of(url, code)[1]


def test_path_that_is_ignored():
    """A service that takes the caller from the token, whatever the path says, lets nobody at what is another's."""
    with serving(diary("ignores the path")) as url:
        result, said = said_of(url, "AUTH-005")
    assert said == ""
    assert not result.skipped


def test_slow_pattern_behind_a_plain_text(monkeypatch):
    """A property called `email` is tried though the contract says no more of it, and a sound one passes."""
    for name, value in {"_SLOW": 0.2, "_TIMES": 1, "_SUSPECT": -9, "_SHORT": 18, "_STEP": 1}.items():
        monkeypatch.setattr(f"pytest_superteam.checks.exposed.backtracking.{name}", value)
    with serving(diary("matches slowly")) as url:
        result, said = said_of(url, "EXPOSE-007")
    assert said.startswith("PUT /members/{username}/email: 'email' with a text of ")
    assert len(result.violations) == 1


@pytest.mark.parametrize(
    ("broken", "code", "said"),
    [
        ("", "EXPOSE-004", ""),
        ("tells who is there", "EXPOSE-004", "POST /members/login tells whether a user exists"),
        ("", "EXPOSE-008", "POST /members/login answered 30 wrong passwords in a row with 401"),
        ("", "EXPOSE-009", ""),
        ("takes always true", "EXPOSE-009", "POST /members/login lets somebody in with"),
        ("", "AUTH-005", ""),
        ("", "EXPOSE-003", ""),
    ],
)
def test_login_by_form(broken, code, said):
    """A login that takes a form is tried with forms, by every check that logs in."""
    family = authorization.FAMILY if code.startswith("AUTH") else exposure.FAMILY
    with serving(diary("form login", broken)) as url:
        result = try_code(family, system_at(url, diary_architecture(with_form_login()), found=True), code)
    told = "\n".join(violation.message for violation in result.violations)
    assert said in told
    assert bool(told) is bool(said)
    assert not result.skipped


@pytest.mark.parametrize(("broken", "messages"), [("", 0), ("all welcome", 0), ("takes any password", 1)])
def test_flow_with_a_form(broken, messages):
    """A flow logs in by form; a wrong password that gets a token is told, one that gets 200 without is refused."""
    with serving(diary("form login", broken)) as url:
        system = system_at(url, diary_architecture(with_form_login()), found=True)
        result = run_flow(system, "diary-account")
    assert not result.skipped
    assert len(result.violations) == messages, result.violations
