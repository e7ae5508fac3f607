"""Services that hang are found once, and their later items do not wait for them again."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from pytest_superteam.config import Config, Timeouts
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Operation
from pytest_superteam.pipeline.silence import listen, not_tried

LIMIT = 0.2
SLOW = CheckResult(error="no answer", seconds=LIMIT)
OK = b"HTTP/1.1 500 Oops\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@contextlib.contextmanager
def listening(reply):
    """Serve every connection with `reply`, or hold it where that is empty; yield the address and the request lines."""
    listener, held, seen = socket.create_server(("127.0.0.1", 0)), [], []

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                held.append(connection)
                seen.append(connection.recv(65536).split(b"\r\n")[0].decode())
                if reply:
                    connection.sendall(reply)
                    connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in held:
            connection.close()
        thread.join(5)


OPERATIONS = (
    Operation("list_loans", "loans", "GET", "/loans", kind="list", public=True),
    Operation("read_loan", "loans", "GET", "/loans/{id}", kind="read", public=True),
    Operation("drop_loan", "loans", "DELETE", "/loans/{id}", kind="delete", public=True),
)


def a_run(url, operations=OPERATIONS, *, found=False):
    """Return a run of which only what is needed here is there."""
    kept = {}
    config = replace(Config(), timeouts=Timeouts(request=LIMIT))

    def save(run, key, value):
        kept[run, key] = value

    architecture = SimpleNamespace(operations_of=lambda _service: operations)
    system = SimpleNamespace(architecture=architecture, config=config, found=found, tokens={}, url=lambda _service: url)
    return SimpleNamespace(
        id="run",
        scope="run",
        config=config,
        system=lambda: system,
        lock=lambda _name: contextlib.nullcontext(),
        store=SimpleNamespace(save_result=save, result=lambda run, key: kept.get((run, key))),
    )


def item(number=1, test="test_flow", service="loans"):
    """Return a gate item."""
    return SimpleNamespace(service=service, test=test, param=f"loans-{number}")


def test_hanging_service_is_found_by_two_items():
    """After two slow items without any answer, later items are errors that name both and what was called."""
    with listening(b"") as (url, seen):
        run = a_run(url)
        listen(run, item(1), SLOW)
        assert not_tried(run, item(3)) is None
        listen(run, item(2), SLOW)
    error = not_tried(run, item(3)).error
    assert "'loans' hangs" in error
    assert "test_flow[loans-1] and test_flow[loans-2]" in error
    assert "GET /loans, GET /loans/{id}" in error
    assert not_tried(run, item(3, service="shelf")) is None
    assert {line.split()[0] for line in seen} == {"GET"}


def test_any_answer_is_an_answer():
    """A service that answers anything, be it 500, is tried on."""
    with listening(OK) as (url, seen):
        run = a_run(url)
        for number in range(4):
            listen(run, item(number), SLOW)
    assert len(seen) == 8
    assert not_tried(run, item()) is None


@pytest.mark.parametrize(
    "result", [CheckResult(seconds=LIMIT), CheckResult(error="refused", seconds=LIMIT / 2)], ids=["passed", "quick"]
)
def test_others_cause_no_call(result):
    """What passed, or failed within the limit, makes nobody call the service."""
    with listening(b"") as (url, seen):
        listen(a_run(url), item(), result)
    assert seen == []


def test_items_that_call_others_are_tried():
    """A pact is held against its provider, so its consumer's silence is nothing to it."""
    with listening(b"") as (url, _):
        run = a_run(url)
        listen(run, item(0, "test_pact"), SLOW)
        listen(run, item(1), SLOW)
        assert not_tried(run, item(2)) is None
        listen(run, item(2), SLOW)
    assert not_tried(run, item(3, "test_pact")) is None
    assert not_tried(run, item(3)) is not None


def test_nothing_of_theirs_is_changed():
    """In a system that was found only reading operations are called; without one the service is tried on."""
    with listening(b"") as (url, seen):
        run = a_run(url, OPERATIONS[2:], found=True)
        listen(run, item(1), SLOW)
        listen(run, item(2), SLOW)
    assert seen == []
    assert not_tried(run, item()) is None


def test_a_system_that_does_not_run():
    """Where there is nothing to call, nothing is concluded."""

    def broken():
        raise CheckError("it did not come up")

    run = a_run("")
    run.system = broken
    listen(run, item(), SLOW)
    assert not_tried(run, item()) is None
