"""A provider against the pact of its consumer, by the real verifier."""

import json
import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from library_architecture import architecture

from pytest_superteam.checks.pact import CODE, check_pair, states_from_rows
from pytest_superteam.contracts.pacts import consumer_pacts
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Severity


@contextmanager
def asked_of_server(asked, values):
    """Serve provider states: keep what is asked in `asked`, answer `values`, or 500 where there are none."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if values is None else 200)
            self.end_headers()
            self.wfile.write(b"no such state" if values is None else json.dumps(values).encode())

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/states"
        server.shutdown()


@pytest.fixture(scope="module")
def pact():
    """The expectations of lending on library."""
    return consumer_pacts(architecture())["lending", "library"]


def verify(library, pact, **changes):
    """Verify with states that answer the rows of the running library."""
    rows = {"Book": [library.book()], "Author": [library.author]}
    given = {
        "pact": pact,
        "consumer": "lending",
        "provider": "library",
        "base_url": library.url,
        "token": library.tokens["reader"],
        "state": states_from_rows(rows, {"book_id": "Book", "author_id": "Author"}),
    }
    return check_pair(**{**given, **changes})


def test_a_provider_that_answers_what_is_read_passes(serve, pact):
    """All interactions of a correct provider are verified, without a violation."""
    result = verify(serve(), pact)
    assert result.violations == ()
    assert result.detail == f"{len(pact['interactions'])} interactions of lending with library verified"


@pytest.mark.parametrize(
    ("broken", "interaction", "difference"),
    [
        ("missing field", "read_book: a Book exists", "missing the following keys: title"),
        ("schema", "read_book: a Book exists", "$.pages: Expected '3' (String) to be an integer"),
        ("server error", "read_book: a Book exists", "expected the status 200, got 500"),
    ],
)
def test_a_broken_expectation_is_a_violation(serve, pact, broken, interaction, difference):
    """A missing field, a wrong type and a wrong status are named with consumer, provider and interaction."""
    found = verify(serve(broken), pact).violations
    first = found[0]
    assert (first.code, first.severity, first.service) == (CODE, Severity.ERROR, "library")
    assert f"lending expects of library that '{interaction}' holds" in first.message
    assert difference in first.message
    assert len(found) == (2 if broken == "server error" else 1)


def test_a_token_is_needed(serve, pact):
    """Without the token each protected interaction fails, and the public one holds."""
    found = verify(serve(), pact, token=None).violations
    assert len(found) == len(pact["interactions"]) - 1
    assert all("got 401" in violation.message for violation in found)


def test_a_file_is_read(serve, pact, tmp_path):
    """The pact may be a file, and stays as it is."""
    file = tmp_path / "lending-library.json"
    file.write_text(json.dumps(pact))
    before = file.read_bytes()
    assert verify(serve(), file).violations == ()
    assert file.read_bytes() == before


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"interactions": []}', '{"interactions": {}}'])
def test_an_unusable_pact_is_an_error(serve, tmp_path, text):
    """What is no JSON or has no interactions can't be verified and does not pass."""
    file = tmp_path / "pact.json"
    file.write_text(text)
    with pytest.raises(CheckError):
        verify(serve(), file)


def test_a_missing_file_is_an_error(serve, tmp_path):
    """A pact that is not there can't be verified."""
    with pytest.raises(CheckError, match=r"can't be read"):
        verify(serve(), tmp_path / "none.json")


@pytest.mark.parametrize("interaction", [3, {}, {"request": 3, "response": {}}, {"type": "Synchronous/HTTP"}])
def test_a_malformed_interaction_is_an_error(serve, interaction):
    """Interactions that are no HTTP request and response are no pass."""
    with pytest.raises(CheckError, match="Interaction 0"):
        verify(serve(), {"consumer": {"name": "a"}, "interactions": [interaction]})


def test_messages_are_told_and_not_verified(serve, pact):
    """Interactions about messages are counted beside those that were verified; a pact of nothing else is an error."""
    message = {"type": "Asynchronous/Messages", "description": "a book arrives", "contents": {}}
    mixed = {**pact, "interactions": [*pact["interactions"], message]}
    result = verify(serve(), mixed)
    assert result.violations == ()
    assert result.detail.endswith("verified; 1 about messages were not, for they need no answer over HTTP")
    with pytest.raises(CheckError, match="no HTTP interactions"):
        verify(serve(), {**pact, "interactions": [message]})


def test_the_provider_takes_states_itself(serve, pact):
    """With the URL of the provider's own states, it is asked in place of the rows."""
    library, asked = serve(), []
    own = asked_of_server(asked, {"book_id": library.book(), "author_id": library.author})
    with own as url:
        assert verify(library, pact, state=None, states_url=url).violations == ()
    assert {"a Book exists", "no such Book"} <= {each["state"] for each in asked}
    assert {each["action"] for each in asked} == {"setup"}


def test_a_provider_that_refuses_a_state_is_an_error_at_once(serve, pact):
    """Where the provider's own states answer an error, it is told at once."""
    with asked_of_server([], None) as url, pytest.raises(CheckError, match=r"states answered 500: no such state"):
        verify(serve(), pact, state=None, states_url=url)


def test_a_state_that_fails_is_an_error_at_once(serve, pact):
    """A failing state handler is named, without the minutes of retries of the verifier's core."""

    def state(name, parameters):
        raise ValueError("the warehouse burnt down")

    with pytest.raises(CheckError, match=r"'a Book exists' failed: the warehouse burnt down"):
        verify(serve(), pact, state=state)


def test_a_state_without_rows_is_an_error(serve, pact):
    """Where no row exists, nothing can be said about the provider."""
    with pytest.raises(CheckError, match=r"no Book exists and none could be created: create_book answered 503"):
        verify(serve(), pact, state=states_from_rows({}, {}, {"Book": ["create_book answered 503"]}))


def test_an_unreachable_provider_is_an_error(serve, pact):
    """Where nothing listens, the check does not pass."""
    with pytest.raises(CheckError, match=r"library can't be reached"):
        verify(serve(), pact, base_url="http://127.0.0.1:9")


def test_nothing_is_printed_and_nothing_stays(serve, pact, capfd, monkeypatch, tmp_path):
    """The verifier's core writes to no descriptor; environment and temporary files are as before."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    environment = dict(os.environ)
    verify(serve("schema"), pact)
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []
    assert dict(os.environ) == environment
