"""The record of what a check sends: steps that can be repeated, limits that hold."""

import socket
import threading

import pytest

from pytest_superteam.checks import exchanges
from pytest_superteam.checks.exchanges import Exchanges, NoAnswerError


@pytest.fixture
def raw():
    """Start servers that answer every connection with the given bytes, and maybe hang afterwards."""
    opened = []

    def start(*parts, hang=False):
        server = socket.create_server(("127.0.0.1", 0))
        opened.append(server)

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connection.recv(65536)
                try:
                    for part in parts:
                        connection.sendall(part)
                except OSError:
                    pass
                if hang:
                    opened.append(connection)
                else:
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}"

    yield start
    for each in opened:
        each.close()


def test_steps_are_numbered_and_masked(serve):
    """Each exchange is a line with a curl command whose token is a name, the status and the masked answer."""
    library = serve()
    account = {"email": "steps@example.com", "password": "correct horse"}
    with Exchanges() as made:
        made.send("POST", f"{library.url}/register", body=account)
        made.send("POST", f"{library.url}/login", body=account)
        made.send("GET", f"{library.url}/books", token=library.tokens["admin"], caller="ADMIN")
    first, second, third = made.shown().splitlines()
    assert first.startswith("1. curl -sS -i -X POST -H 'Content-Type: application/json' --data-raw")
    assert "correct horse" not in first
    assert "-> 201" in first
    assert "eyJ" not in second
    assert '-H "Authorization: Bearer $ADMIN"' in third
    assert library.tokens["admin"] not in third
    assert made.shown(1) == third


@pytest.mark.parametrize(
    ("parts", "hang", "told"),
    [
        ((), True, "no answer within 0.5 s"),
        ((), False, "without a whole answer"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",), False, "without a whole answer"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",), True, "no answer within 0.5 s"),
        ((b"this is no HTTP\r\n\r\n",), False, "without a whole answer"),
    ],
)
def test_no_answer(raw, parts, hang, told):
    """A service that hangs or breaks off is told in one line, and the step stands in the record."""
    with Exchanges(timeout=0.5) as made, pytest.raises(NoAnswerError, match=told):
        made.send("GET", raw(*parts, hang=hang))
    assert told in made.shown()


def test_nothing_listens():
    """A closed port is told as such."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with Exchanges() as made, pytest.raises(NoAnswerError, match="nothing listens there"):
        made.send("GET", f"http://127.0.0.1:{port}/")


def test_large_answers_are_cut(raw, monkeypatch):
    """No more of an answer is read than the limit."""
    monkeypatch.setattr(exchanges, "LARGEST", 1000)
    url = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", *[b"x" * 10_000] * 100)
    with Exchanges() as made:
        answer = made.send("GET", url)
    assert answer.cut
    assert answer.content == b"x" * 1000


def test_redirects_are_not_followed(raw):
    """A redirect is an answer like any other."""
    with Exchanges() as made:
        answer = made.send("GET", raw(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"))
    assert (answer.status, answer.headers["location"], answer.ok) == (302, "/again", False)
