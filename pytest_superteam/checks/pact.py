"""A provider against what a consumer expects of it, by pact-python's verifier.

The verifier asks for provider states over HTTP; a small server of ours answers with the values that `state` returns,
at once and always with 200: on any other answer the verifier's core tries again for minutes. A state that failed is
reported when the verification has ended, as an error. The core writes its report to file descriptor 1, past Python,
so both descriptors point to nowhere while it runs; what it found is read from its results.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pytest_superteam.checks.callers.credentials import headers_for
from pytest_superteam.checks.evidence import masked, shortened
from pytest_superteam.contracts.pact_sources import read_pact
from pytest_superteam.contracts.pacts import pact_name
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity, Violation

__all__ = ["CODE", "StateHandler", "asked_of", "check_pair", "states_from_rows"]

CODE = "PACT-001"

StateHandler = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Brings the provider into the named state with its parameters; returns the values that generators ask for."""

_TIMEOUT_MS = 10_000  # for one call of the verifier
_quiet = threading.Lock()


def check_pair(
    *,
    pact: Mapping[str, Any] | Path,
    consumer: str,
    provider: str,
    base_url: str,
    token: str | None,
    state: StateHandler,
    states_url: str = "",
) -> CheckResult:
    """Return in what the provider at `base_url` differs from what the consumer's pact expects.

    Args:
        pact: A Pact document, or the file that holds one.
        consumer: Name of the consumer, for the report.
        provider: Name of the provider, for the report.
        base_url: Where the provider answers.
        token: The bearer token that the verifier sends with each request, if any.
        state: Brings the provider into a state of the pact.
        states_url: Where the provider takes states itself; then it is asked in place of `state`.

    Raises:
        CheckError: the pact can't be read or is empty, the provider can't be reached, a state failed, or not every
            interaction was verified.
    """
    started = time.perf_counter()
    document, messages = _document(pact)
    count = len(document["interactions"])
    _knock(provider, base_url)
    with _StateServer(asked_of(states_url) if states_url else state) as states:
        results = _verified(document, consumer, provider, base_url, token, states.url)
    if states.problems:
        raise CheckError(f"The provider state {states.problems[0]} Nothing is known about what follows it.")
    found = results.get("interactionResults", [])
    if len(found) < count:
        raise CheckError(f"Only {len(found)} of {count} interactions of {consumer} with {provider} were verified.")
    more = f"; {messages} about messages were not, for they need no answer over HTTP" if messages else ""
    return CheckResult(
        violations=tuple(_violations(found, consumer, provider)),
        detail=f"{count} interactions of {consumer} with {provider} verified{more}",
        seconds=time.perf_counter() - started,
    )


def states_from_rows(
    rows: Mapping[str, Sequence[str]],
    names: Mapping[str, str],
    notes: Mapping[str, Sequence[str]] | None = None,
) -> StateHandler:
    """Return a handler of the generated pacts' states that answers from existing rows.

    Args:
        rows: Existing ids by entity.
        names: Entity by the name of a path parameter or body property that holds its id.
        notes: Why rows of an entity could not be created, by entity, as seeding tells.
    """

    def state(_: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        entity = str(parameters.get("entity", ""))
        values: dict[str, Any] = {}
        for wanted in parameters.get("names", ()):
            target = names.get(wanted, entity)
            if not rows.get(target):
                why = " ".join((notes or {}).get(target, ()))
                raise CheckError(f"no {target} exists and none could be created{': ' if why else ''}{why.rstrip('.')}")
            values[wanted] = rows[target][0]
        return values

    return state


def asked_of(url: str) -> StateHandler:
    """Return a handler that posts each state to the provider's own endpoint, as Pact's verifiers do (`setup`)."""

    def state(name: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        import httpx

        body = {"state": name, "params": dict(parameters), "action": "setup"}
        try:
            answer = httpx.post(url, json=body, timeout=_TIMEOUT_MS / 1000, trust_env=False)
        except httpx.HTTPError as error:
            raise CheckError(f"{url} can't be reached ({type(error).__name__})") from error
        if not answer.is_success:
            raise CheckError(f"{url} answered {answer.status_code}: {shortened(masked(answer.text))}")
        try:
            values = answer.json() if answer.content else {}
        except ValueError:
            values = {}
        return values if isinstance(values, dict) else {}

    return state


def _document(pact: Mapping[str, Any] | Path) -> tuple[dict[str, Any], int]:
    """Return the pact with the interactions that can be verified over HTTP, and how many others it has.

    Raises:
        CheckError: there are none, or one is malformed.
    """
    document = read_pact(pact) if isinstance(pact, Path) else pact
    if not isinstance(document, Mapping) or not isinstance(document.get("interactions"), list):
        raise CheckError("The pact has no interactions, so there is nothing to verify. Generate it again.")
    interactions = [each for each in document["interactions"] if not _is_message(each)]
    if not interactions:
        raise CheckError("The pact has no HTTP interactions, so there is nothing to verify. Generate it again.")
    for index, interaction in enumerate(interactions):
        parts = interaction if isinstance(interaction, Mapping) else {}
        if not all(isinstance(parts.get(part), Mapping) for part in ("request", "response")):
            raise CheckError(
                f"Interaction {index} of the pact has no HTTP request and response, so it can't be verified."
            )
    return {**document, "interactions": interactions}, len(document["interactions"]) - len(interactions)


def _is_message(interaction: Any) -> bool:
    """Return whether an interaction is about a message (V4), which no HTTP call verifies."""
    return isinstance(interaction, Mapping) and str(interaction.get("type", "")).endswith("/Messages")


def _knock(provider: str, base_url: str) -> None:
    """Fail at once where nobody listens; the core's own message comes late and names no service."""
    address = urlsplit(base_url)
    try:
        port = address.port or (443 if address.scheme == "https" else 80)
        socket.create_connection((address.hostname or "", port), timeout=5).close()
    except (OSError, ValueError) as error:
        raise CheckError(f"{provider} can't be reached at {base_url}: {error}. See the service's log.") from error


def _verified(
    document: Mapping[str, Any], consumer: str, provider: str, base_url: str, token: str | None, state_url: str
) -> dict[str, Any]:
    """Run the verifier on a copy of the document in a folder of its own; return its results."""
    host = urlsplit(base_url).hostname or ""
    with tempfile.TemporaryDirectory(prefix="superteam-pact-") as folder, _quiet, _environment(host), _silence():
        file = Path(folder) / Path(pact_name(consumer, provider)).name
        file.write_text(json.dumps({**document, "provider": {"name": provider}}), encoding="utf-8")
        try:
            return _run(file, provider, host, base_url, token, state_url)
        except CheckError:
            raise
        except Exception as error:
            raise CheckError(f"The pact of {consumer} with {provider} can't be verified: {error}") from error


def _run(file: Path, provider: str, host: str, base_url: str, token: str | None, state_url: str) -> dict[str, Any]:
    from pact import Verifier

    verifier = Verifier(provider, host=host).add_transport(url=base_url).add_source(file)
    verifier.state_handler(state_url, teardown=False, body=True)
    verifier.set_request_timeout(_TIMEOUT_MS)
    verifier.set_coloured_output(enabled=False)
    for name, value in headers_for(token).items():
        verifier.add_custom_header(name, value)
    try:
        verifier.verify()
    except RuntimeError as error:  # a failed verification raises, too; then there are results
        results: dict[str, Any] = verifier.results or {}
        if not results.get("interactionResults"):
            reasons = "; ".join(str(part) for part in results.get("errors", [])) or str(error)
            raise CheckError(f"The verifier could not run: {shortened(reasons)}") from error
        return results
    return dict(verifier.results)


# ---------------------------------------------------------------- findings


def _violations(results: Sequence[Mapping[str, Any]], consumer: str, provider: str) -> Iterator[Violation]:
    for result in results:
        if result.get("result") == "OK":
            continue
        mismatches = list(_mismatches(result.get("mismatch", {})))
        told = "; ".join(text for text, _ in mismatches) or "the verifier gave no reason"
        evidence = "; ".join(pair for _, pair in mismatches if pair)
        yield Violation(
            code=CODE,
            severity=Severity.ERROR,
            service=provider,
            message=(
                f"{consumer} expects of {provider} that {result.get('description', 'an interaction')!r} holds, but "
                f"{shortened(told, 500)}. Answer what the consumer reads, or change the consumer and its pact."
            ),
            evidence=shortened(masked(evidence), 500),
        )


def _mismatches(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what differs and, where both are known, what was expected and what came."""
    if found.get("type") == "error" or "mismatches" not in found:
        if found:
            yield str(found.get("message", found)), ""
        return
    for part in found["mismatches"]:
        where = part.get("path") or part.get("key") or ""
        text = str(part.get("mismatch") or f"{part.get('type', 'mismatch')}")
        if part.get("type") == "StatusMismatch":
            text = f"expected the status {part.get('expected')}, got {part.get('actual')}"
        pair = f"expected {part.get('expected')}, got {part.get('actual')}" if "expected" in part else ""
        yield (f"{where}: {text}" if where else text), pair


# ---------------------------------------------------------------- surroundings


class _StateServer:
    """Answers the verifier's requests for provider states on a loopback port."""

    def __init__(self, state: StateHandler) -> None:
        self.problems: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state, self.problems))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Return where the server answers."""
        return f"http://127.0.0.1:{self._server.server_port}/states"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(state: StateHandler, problems: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps(self._values()).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _values(self) -> dict[str, Any]:
            name = ""
            try:
                asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                name = str(asked.get("state") or "")
                return dict(state(name, asked.get("params") or {})) if name else {}
            except Exception as error:  # noqa: BLE001  # whatever a handler raises is told after the verification
                problems.append(f"{name!r} failed: {error}.")
                return {}

        def log_message(self, *arguments: object) -> None:
            """Write no access log."""

    return Handler


@contextmanager
def _environment(host: str) -> Iterator[None]:
    """Switch the core's telemetry off, and keep its calls to the provider away from any proxy."""
    wanted = {"PACT_DO_NOT_TRACK": "true", "NO_PROXY": f"{host},127.0.0.1", "no_proxy": f"{host},127.0.0.1"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _silence() -> Iterator[None]:
    """Point the descriptors 1 and 2 to nowhere, and mute the library's logger and warnings."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    saved = [(number, os.dup(number)) for number in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    logger = logging.getLogger("pact")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        for number, _ in saved:
            os.dup2(nowhere, number)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for number, copy in saved:
            os.dup2(copy, number)
            os.close(copy)
        os.close(nowhere)
        logger.setLevel(level)
