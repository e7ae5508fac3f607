"""Services that do not answer as HTTP servers should, and what importing the checks costs."""

import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from library_contract import CONTRACT

from pytest_superteam.checks.conformance import ConformanceOptions, check_operation
from pytest_superteam.checks.door import is_protected
from pytest_superteam.errors import CheckError


@contextmanager
def raw_server(reply):
    """Serve each connection with the bytes that `reply` returns for the request number, then close it."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve():
        number = 0
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                try:
                    connection.recv(65536)
                    connection.sendall(reply(number))
                except OSError:
                    pass
            number += 1

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def http(text, body=b"", length=None):
    """Return the bytes of an answer that ends with its connection."""
    head = f"HTTP/1.1 {text}\r\nConnection: close\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
    return head.encode() + body


def check(url):
    """Check the public list of books at `url`."""
    return check_operation(
        contract=CONTRACT,
        service="library",
        operation_id="list_books",
        base_url=url,
        token=None,
        other_tokens={},
        options=ConformanceOptions(max_examples=6, request_timeout=0.5),
    )


def test_connections_that_just_close_are_an_error():
    """A service that never answers was not exercised."""
    with (
        raw_server(lambda number: b"") as url,
        pytest.raises(CheckError, match=r"no call was answered\. The service breaks off"),
    ):
        check(url)


def test_no_http_at_all_is_an_error():
    """Something else than an HTTP server listens there."""
    with raw_server(lambda number: b"SSH-2.0-OpenSSH_9.6\r\n") as url, pytest.raises(CheckError):
        check(url)


def test_a_connection_that_sometimes_breaks_is_a_violation():
    """Half an answer is a finding; the other calls go on."""
    page = b'{"items":[],"total":0,"limit":20,"offset":0}'
    whole, half = http("422 No"), http("200 OK", page[:10], length=len(page))
    with raw_server(lambda number: half if number == 0 else whole) as url:
        result = check(url)
    assert "The service breaks off" in result.violations[0].message
    assert result.violations[0].evidence.startswith("curl ")


def test_redirects_are_not_followed():
    """An undeclared redirect is a finding of its own, however long its chain would be."""
    answer = b"HTTP/1.1 302 Found\r\nLocation: /books\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    with raw_server(lambda number: answer) as url:
        result = check(url)
    assert ["Undocumented status code" in violation.message for violation in result.violations] == [True]


@pytest.mark.parametrize(
    ("contract", "definition", "expected"),
    [
        ({"security": [{"bearerAuth": []}]}, {}, True),
        ({"security": [{"bearerAuth": []}]}, {"security": []}, False),
        ({}, {"security": [{"bearerAuth": []}]}, True),
        ({}, {}, False),
        ({}, {"security": [{}, {"bearerAuth": []}]}, False),
        ({"security": []}, {}, False),
    ],
)
def test_protection_is_read_from_the_contract(contract, definition, expected):
    """The operation's own demand wins over the document's; an empty alternative makes it optional."""
    assert is_protected(contract, definition) is expected


def test_importing_the_checks_is_cheap():
    """No engine, client or validator is loaded before a check runs."""
    script = (
        "import sys\n"
        "from pytest_superteam.checks import auth, conformance, pact, preparing, seeding\n"
        "from pytest_superteam.contracts import pacts, registry, synthesise\n"
        "heavy = {'schemathesis', 'hypothesis', 'requests', 'httpx', 'jwt', 'pact', 'pact_ffi', 'jsonschema',\n"
        "         'jsonschema_rs', 'openapi_spec_validator', 'pytest', 'pydantic', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
