"""Services that do not answer as HTTP servers should, and what importing the checks costs."""

import gzip
import resource
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache
from inspect import signature
from pathlib import Path

import pytest
from library_contract import CONTRACT

from pytest_superteam.checks.engine.conformance import ConformanceOptions, check_operation
from pytest_superteam.checks.engine.door import is_protected
from pytest_superteam.errors import CheckError


@contextmanager
def raw_server(reply):
    """Serve each connection with the bytes that `reply` returns for the request number, then close it.

    `reply` may also take the connection and send itself; None ends the service.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drain(send, connection):
        with connection, suppress(OSError):
            send(connection)

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
                    if "connection" in signature(reply).parameters:
                        threading.Thread(target=drain, args=(reply, connection.dup()), daemon=True).start()
                        continue
                    sent = reply(number)
                    if sent is None:
                        listener.close()
                        return
                    connection.sendall(sent)
                except OSError:
                    pass
            number += 1

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def http(text, body=b"", length=None):
    """Return the bytes of an answer that ends with its connection."""
    head = f"HTTP/1.1 {text}\r\nConnection: close\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
    return head.encode() + body


def check(url, kind=ConformanceOptions, max_examples=6):
    """Check the public list of books at `url`."""
    return check_operation(
        contract=CONTRACT,
        service="library",
        operation_id="list_books",
        base_url=url,
        token=None,
        other_tokens={},
        options=kind(max_examples=max_examples, request_timeout=0.5),
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


PAGE = b'{"items":[],"total":0,"limit":20,"offset":0}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def dripped(head, drop):
    """Return a reply that sends a drop every 50 ms and never ends."""

    def send(connection):
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(0.05)

    return send


def flooded(connection):
    """Send 100 MB."""
    connection.sendall(HEAD + b"Content-Length: 100000000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b" " * 100_000)


@cache
def packed_spaces():
    """Return 100 MB of spaces, packed."""
    return gzip.compress(b" " * 100_000_000, 1)


def bomb(connection):
    """Send a little that unpacks to 100 MB."""
    packed = packed_spaces()
    connection.sendall(HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode() + packed)


@pytest.mark.parametrize(
    ("send", "told"),
    [
        (dripped(HEAD + b"Content-Length: 1000\r\n\r\n", b" "), "The service hangs"),
        (dripped(HEAD + b"X-Long: ", b"x"), "The service hangs"),
        (dripped(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"), "The service hangs"),
        (dripped(b"", b"H"), "The service"),
    ],
    ids=["body", "header", "chunks", "status line"],
)
def test_an_answer_that_drips_is_given_up(send, told):
    """The time limit holds for a whole answer, not only for the pause between two bytes."""
    with raw_server(send) as url, pytest.raises(CheckError, match=rf"no call was answered\. {told}"):
        check(url)


@pytest.mark.parametrize("send", [flooded, bomb])
def test_an_answer_that_is_too_large_is_cut(send):
    """More than 16 MB are not read, packed or not, and that is a finding."""
    packed_spaces()  # made beforehand, for that takes memory and time
    with raw_server(send) as url:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result = check(url, max_examples=3)
    assert [violation.message.split(". ")[0] for violation in result.violations] == [
        "GET /books: The answer is too large"
    ]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 90_000


@pytest.mark.parametrize(
    "reply",
    [
        HEAD + b"Content-Length: 1000\r\n\r\n{",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n30\r\n{",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/",
        b"",
    ],
    ids=["half a body", "half a chunk", "no gzip", "half a head", "nothing"],
)
def test_half_an_answer_is_told(reply):
    """A connection that ends too early is told as that."""
    with raw_server(lambda number: reply) as url, pytest.raises(CheckError, match="The service breaks off"):
        check(url)


def test_a_service_that_only_fails_is_a_violation():
    """500 to everything is found, and what an undeclared status brings along is told with it."""
    with raw_server(lambda number: http("500 No")) as url:
        result = check(url)
    assert len(result.violations) == 1
    assert "Server error" in result.violations[0].message
    assert "With it: Undocumented status code." in result.violations[0].message


def test_a_service_that_dies_half_way_is_an_error():
    """When nothing listens any more the rest can't be tried, and that is said."""
    with (
        raw_server(lambda number: http("422 No") if number < 3 else None) as url,
        pytest.raises(CheckError, match=r"library can't be reached at http://127\.0\.0\.1:\d+"),
    ):
        check(url, max_examples=30)


def test_the_time_of_all_calls_together_is_limited():
    """An operation that can't be tried to the end in its time is an error, unless something was found before."""

    class Hurried(ConformanceOptions):
        item_seconds = -1.0

    with raw_server(lambda number: http("422 No")) as url, pytest.raises(CheckError, match=r"no call was answered"):
        check(url, kind=Hurried)
    assert ConformanceOptions(max_examples=100, request_timeout=10).item_seconds == 50.0


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
        "from pytest_superteam.checks import pact, seeding\n"
        "from pytest_superteam.checks.callers import auth\n"
        "from pytest_superteam.checks.engine import conformance, preparing\n"
        "from pytest_superteam.contracts import pacts, registry, synthesise\n"
        "heavy = {'schemathesis', 'hypothesis', 'requests', 'httpx', 'jwt', 'pact', 'pact_ffi', 'jsonschema',\n"
        "         'jsonschema_rs', 'openapi_spec_validator', 'pytest', 'pydantic', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
