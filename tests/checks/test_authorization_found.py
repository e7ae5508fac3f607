"""Systems that were found: nothing declares roles or owners, and what can't be tried is skipped with its reason."""

import pytest
from diary_service import diary, diary_architecture
from ledger_service import serving, system_at, try_code

from pytest_superteam.checks.families import authorization, exposure

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
