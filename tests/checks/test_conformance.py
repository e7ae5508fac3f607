"""Conformance of one operation, on a real service that keeps its contract or breaks it in one way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_superteam.checks.engine.conformance import CODE, ConformanceOptions, check_operation
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Severity

OPERATIONS = (
    "create_author",
    "create_book",
    "list_books",
    "read_book",
    "update_book",
    "delete_book",
    "register_user",
    "login",
)

BROKEN = [
    ("server error", "read_book", ["Server error"], {}),
    ("undocumented status", "create_book", ["Undocumented status code"], {}),
    ("media type", "create_book", ["Undocumented Content-Type"], {}),
    ("schema", "read_book", ["Response violates schema"], {}),
    ("accepts invalid", "create_book", ["Schema-violating request accepted"], {}),
    ("refuses valid", "create_book", ["Schema-valid request rejected"], {}),
    (
        "auth",
        "read_book",
        [
            "A call with a forged signature is let in",
            "A call with a worthless token is let in",
            "A call without a token is let in",
        ],
        {},
    ),
    ("role", "delete_book", ["A call with the role 'reader' is let in"], {}),
    ("slow", "list_books", ["The answer takes too long"], {"response_time": 0.06, "max_examples": 6}),
    ("hangs", "read_book", ["The service hangs"], {"request_timeout": 0.25}),
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_correct_service_conforms(serve, operation):
    """Every operation of a correct service is exercised behind its door and gives no violation."""
    result = serve().check(operation)
    assert result.violations == ()
    assert "not exercised" not in result.detail
    assert " calls: " in result.detail


@pytest.mark.parametrize(("broken", "operation", "titles", "options"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_broken_service_gives_exactly_its_violation(serve, broken, operation, titles, options):
    """Each way to break the contract is reported once, under its own title, with severity, advice and a curl line."""
    result = serve(broken).check(operation, **options)
    found = [violation.message.split(": ", 1)[1] for violation in result.violations]
    assert [message.split(". ")[0] for message in found] == titles
    for violation in result.violations:
        assert (violation.code, violation.severity, violation.service) == (CODE, Severity.ERROR, "library")
        assert violation.evidence.startswith("curl ")
        assert violation.message.endswith(".")


def test_a_missing_field_is_told_without_the_schema(serve):
    """The message names the field and what came, and spares the reader the whole schema."""
    message = serve("missing field").check("read_book").violations[0].message
    assert '"title" is a required property' in message
    assert '"properties"' not in message
    assert "The answer was 200" in message


@pytest.mark.parametrize("broken", ["server error", "role", "auth"])
def test_the_rest_of_a_broken_service_conforms(serve, broken):
    """What one operation does wrong is no finding of another."""
    assert serve(broken).check("list_books").violations == ()


def test_no_token_is_shown(serve):
    """Evidence names the token `$TOKEN` and never holds one."""
    library = serve("server error")
    result = library.check("read_book")
    assert "Bearer $TOKEN" in result.violations[0].evidence
    assert all(token not in repr(result) for token in library.tokens.values())


def test_the_same_seed_gives_the_same_result(serve):
    """Two runs with one seed make the same calls and find the same."""
    library = serve("schema")
    first, second = (library.check("list_books", max_examples=20) for _ in range(2))
    assert (first.violations, first.detail) == (second.violations, second.detail)
    one, two = (library.check("read_book", samples={}) for _ in range(2))
    assert (one.violations, one.detail) == (two.violations, two.detail)


def test_without_samples_a_row_is_never_reached(serve):
    """Generated ids name no row: the result says that the operation was not exercised."""
    assert "not exercised" in serve().check("read_book", samples={}).detail
    with pytest.raises(CheckError, match=r"was not exercised, .*404"):
        serve().check("read_book", samples={}, must_succeed=True)


def test_more_examples_make_more_calls(serve):
    """The number of calls follows `max_examples`."""
    small, large = (serve().check("create_book", max_examples=n).detail for n in (8, 60))
    assert int(small.split()[0]) <= 8 + 3 < int(large.split()[0]) <= 60 + 3


def arguments(**changes):
    """Arguments of a check, for a service that is nowhere."""
    from library_contract import CONTRACT

    given = {
        "contract": CONTRACT,
        "service": "library",
        "operation_id": "list_books",
        "base_url": "http://127.0.0.1:9",
        "token": None,
        "other_tokens": {},
        "options": ConformanceOptions(max_examples=4),
    }
    return {**given, **changes}


def test_an_unreachable_service_is_an_error():
    """Where nothing listens, the check says which service and address, and does not pass."""
    with pytest.raises(CheckError, match=r"library can't be reached at http://127\.0\.0\.1:9"):
        check_operation(**arguments())


@pytest.mark.parametrize(
    "changes",
    [
        {"operation_id": "no_such_operation"},
        {"contract": {"openapi": "3.1.0"}},
        {"contract": {"swagger": "1.0"}},
        {"contract": {}},
    ],
    ids=lambda changes: next(iter(changes.values())) if isinstance(changes, dict) else None,
)
def test_an_unusable_contract_is_an_error(changes):
    """A document without the operation, or that the engine can't load, is an error of the check."""
    with pytest.raises(CheckError):
        check_operation(**arguments(**changes))


def test_nothing_is_written_printed_or_warned(tmp_path, serve):
    """A check leaves no file behind, prints nothing and raises no warning."""
    script = (
        "import sys; sys.path[:0] = [sys.argv[2], sys.argv[3]]\n"
        "from test_conformance import arguments, check_operation\n"
        "assert check_operation(**arguments(base_url=sys.argv[1])).violations == ()\n"
    )
    here = Path(__file__).parent
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, serve().url, str(here), str(here.parents[1])],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (None, None),
        ("", None),
        ("not-a-token", None),
        ("aaa.bbb", None),
        ("aaa.bbb.", None),
        ("aaa.bbb.c", None),
        ("aaa.bbb.AAAA", "aaa.bbb._wAA"),
    ],
)
def test_forged_token(token, expected):
    """A forged token differs from a signed one in its signature only."""
    from pytest_superteam.checks.engine.door import forged

    assert forged(token) == expected
