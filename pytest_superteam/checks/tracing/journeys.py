"""Requests on their way through the system: sent all at once with a trace of ours each, then looked for everywhere.

What comes out is plain data (`to_data`), so that one process of a run sends and all items read.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.exchanges import Exchanges
from pytest_superteam.checks.tracing.choosing import by_event, receiver, simple_operations, triggers
from pytest_superteam.checks.tracing.context import EXAMPLE, Malformed, TraceContext, malformed_headers, new_trace
from pytest_superteam.checks.tracing.records import ARRIVES_IN, SEEN_IN, Journey, Journeys, Probe
from pytest_superteam.checks.tracing.requests import Preparer, Request
from pytest_superteam.checks.tracing.telling import journey_told, probe_told
from pytest_superteam.checks.tracing.watch import Published, Watch
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.models import Operation

__all__ = ["travel"]

_QUEUE = 30.0  # seconds at most, where a publisher still works on earlier events
_MOST_OF_IT = 0.8  # of the time limit: who takes so long before failing hangs
_TRIES = 4  # operations that are tried for one purpose
_GUESSES = 10  # operations that are called where none is known to make the call


def travel(system: RunningSystem) -> Journeys:
    """Send everything and follow it.

    Raises:
        CheckError: no tokens or rows can be had.
    """
    from pytest_superteam.checks.callers.auth import http_client

    with http_client() as client, Exchanges(system.config.timeouts.request) as exchanges:
        return _Expedition(system, client, exchanges).run()


@dataclass
class _Expedition:
    system: RunningSystem
    client: httpx.Client
    exchanges: Exchanges
    journeys: dict[str, Journey] = field(default_factory=dict)
    purposes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    probes: list[Probe] = field(default_factory=list)
    expected: set[tuple[str, str]] = field(default_factory=set)
    """(key of a journey, service that must tell of it)."""
    expected_events: set[tuple[str, str]] = field(default_factory=set)
    """(key of a journey, name of an event that must be published)."""
    found: dict[tuple[str, str], Published] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    """Services that hang, and what was said of it."""
    sent_at: dict[str, float] = field(default_factory=dict)
    """When each journey began, in seconds of the epoch, as the recorder counts."""

    def run(self) -> Journeys:
        self.watch = Watch(self.system.deployment)
        architecture = self.system.architecture
        if not self.watch.logs:  # a system of somebody else: what can't be followed need not be sent
            for service in architecture.services:
                self._probe(service.name)
            return self._outcome()
        self.preparer = Preparer(self.system, self.client)
        self._calls()
        for name, operations in by_event(architecture).items():
            self._first(f"!{name}", operations, "")
            self.expected_events |= {(key, name) for key in self.purposes[f"!{name}"] if self.journeys[key].ok}
        for service in architecture.services:
            self._first(service.name, simple_operations(architecture, service.name), "")
            self._probe(service.name)
        self.expected |= {(key, journey.service) for key, journey in self.journeys.items() if journey.ok}
        self._wait()
        self._guess()
        return self._outcome()

    def _outcome(self) -> Journeys:
        return Journeys(
            tuple(self._told(key, journey) for key, journey in self.journeys.items()),
            tuple(probe_told(probe, self.watch) for probe in self.probes),
            {name: self.watch.told[name] + len(self.watch.seen[name]) for name in self.watch.logs},
            self.watch.recording,
            self.watch.full,
            self.purposes,
        )

    def _told(self, key: str, journey: Journey) -> Journey:
        names = [name for at, name in sorted(self.expected_events) if at == key]
        events = [(name, event) for name in names if (event := self._event(key, name))]
        return journey_told(journey, events, self.sent_at[key], self.watch)

    # ------------------------------------------------------------ sending

    def _calls(self) -> None:
        """Take each hop of the service map by the operation that is sure to make the call."""
        architecture = self.system.architecture
        for consumer, provider in architecture.pairs:
            for dependency in architecture.dependencies_of(consumer):
                purpose = f"{consumer}>{provider}"
                known = [self.journeys[key] for key in self.purposes.get(purpose, ())]
                if dependency.provider != provider or any(journey.ok for journey in known):
                    continue
                self._first(purpose, triggers(architecture, dependency), dependency.entity or "")
            made = self.purposes.setdefault(f"{consumer}>{provider}", ())
            self.expected |= {(key, provider) for key in made if self.journeys[key].ok}

    def _first(self, purpose: str, operations: Iterable[Operation], fresh: str) -> None:
        """Call operations until one answers 2xx; what was called before is not called again."""
        keys = list(self.purposes.get(purpose, ()))
        for operation, _ in zip(operations, range(_TRIES), strict=False):
            key = f"{operation.service}:{operation.id}"
            keys.append(key)
            if key not in self.journeys:
                self.sent_at[key] = time.time()
                self.journeys[key] = self._send(operation, fresh)
                if not self.journeys[key].ok and fresh:
                    self.journeys[key] = self._send(operation, "")
            if self.journeys[key].ok:
                break
        self.purposes[purpose] = tuple(dict.fromkeys(keys))

    def _send(self, operation: Operation, fresh: str) -> Journey:
        trace, label = new_trace(), f"{operation.method} {operation.path}"
        plain = Journey(operation.service, operation.id, label, trace.trace_id, trace.span_id)
        if operation.service in self.silent:
            return replace(plain, problem=self.silent[operation.service])
        first, began = len(self.exchanges.made), time.monotonic()
        try:
            request = self.preparer.request(operation, fresh=fresh)
            self.watch.tokens((trace.trace_id, request.row, *request.rows.values()))
            answer = self.exchanges.send(
                operation.method,
                request.url,
                token=request.token,
                body=request.body,
                headers={"traceparent": trace.header},
            )
        except CheckError as error:
            self._hangs(operation.service, began, error)
            return replace(plain, problem=str(error), shown=self._shown(first, trace))
        data = answer.json()
        record = data if isinstance(data, dict) else {}
        journey = replace(
            plain,
            status=answer.status,
            shown=self._shown(first, trace),
            sent=request.body if isinstance(request.body, dict) else {},
            answer=record,
            rows=dict(request.rows),
            row=request.row or str(record.get("id", "")),
        )
        self.watch.tokens((journey.row,))
        if not answer.ok:
            return replace(journey, problem=f"{label} answered {answer.status} to a valid request")
        return replace(journey, stored=self._read_back(journey, request))

    def _read_back(self, journey: Journey, request: Request) -> dict[str, Any]:
        """Return the row that a create or change made, as the service reads it back."""
        operation = request.operation
        if operation.kind not in {"create", "replace", "update"} or not journey.row:
            return {}
        reads = [o for o in self.system.architecture.operations_of(operation.service) if o.kind == "read"]
        read = next((o for o in reads if o.entity == operation.entity and o.path.count("{") == 1), None)
        if read is None or not read.path.endswith("}"):
            return {}
        path = f"{read.path.rpartition('/')[0]}/{journey.row}"
        try:
            answer = self.exchanges.send("GET", self.system.url(read.service) + path, token=request.token)
        except CheckError:
            return {}
        data = answer.json() if answer.ok else None
        return data if isinstance(data, dict) else {}

    def _hangs(self, service: str, began: float, error: CheckError) -> None:
        """Remember a service that kept us waiting: it is not asked again."""
        if time.monotonic() - began > self.exchanges.timeout * _MOST_OF_IT:
            self.silent[service] = str(error)

    def _shown(self, first: int, trace: TraceContext) -> str:
        text = "\n".join(str(exchange) for exchange in self.exchanges.made[first:])
        return text.replace(trace.header, EXAMPLE)

    # ------------------------------------------------------------ probes

    def _probe(self, service: str) -> None:
        """Ask for a row that is not there, with a good header and with malformed ones: its id marks the log lines."""
        reads = [o for o in self.system.architecture.operations_of(service) if o.method == "GET" and "{" in o.path]
        plain = [o for o in self.system.architecture.operations_of(service) if o.method == "GET" and "{" not in o.path]
        operation = next(iter(reads + plain), None)
        if operation is None:
            return
        trace = new_trace()
        self._ask(operation, Malformed("", trace.header, trace.trace_id, EXAMPLE))
        for malformed in malformed_headers():
            self._ask(operation, malformed)

    def _ask(self, operation: Operation, header: Malformed) -> None:
        from pytest_superteam.checks.callers.auth import token_for

        marker, path = str(uuid.uuid4()), operation.path
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{") and part.endswith("}")]:
            path = path.replace(f"{{{name}}}", marker)
        marker = marker if path != operation.path else ""
        self.watch.tokens((header.trace_id, marker))
        if operation.service in self.silent:
            return
        first, status, problem, began = len(self.exchanges.made), 0, "", time.monotonic()
        try:
            answer = self.exchanges.send(
                "GET",
                self.system.url(operation.service) + path,
                token=token_for(self.system.tokens, operation),
                headers={"traceparent": header.header},
            )
            status = answer.status
        except CheckError as error:
            problem = str(error)
            self._hangs(operation.service, began, error)
        shown = "\n".join(str(exchange) for exchange in self.exchanges.made[first:])
        shown = shown.replace(header.header, header.example)
        self.probes.append(Probe(operation.service, header.what, header.trace_id, status, shown, marker, problem))

    # ------------------------------------------------------------ waiting

    def _wait(self) -> None:
        sent = time.monotonic()

        def deadline() -> float:
            if any(self._missing_events()):
                # Who still works through earlier events is late, not lost: other checks may have flooded it.
                return min(max(sent, self.watch.last_event) + ARRIVES_IN, sent + _QUEUE)
            return sent + SEEN_IN

        def done() -> bool:
            self._adopt()
            return not (any(self._missing()) or any(self._missing_events()))

        self.watch.until(done, deadline)

    def _adopt(self) -> None:
        """Watch for the traces under which the events of our journeys go on, should these not be ours."""
        self.watch.tokens(event.trace_id for key, name in self.expected_events if (event := self._event(key, name)))

    def _missing(self) -> Iterable[tuple[str, str]]:
        return (pair for pair in self.expected if not self.watch.of(pair[1], self.journeys[pair[0]].trace_id))

    def _missing_events(self) -> Iterable[tuple[str, str]]:
        """Yield events that were not published, or did not arrive at a consumer of theirs."""
        for key, name in self.expected_events if self.watch.recording else ():
            event = self._event(key, name)
            consumers = next(e.consumers for e in self.system.architecture.events if e.name == name)
            reached = (c for c in consumers if receiver(self.system.architecture, c) and c in self.watch.logs)
            if event is None or not all(self.watch.of(c, event.trace_id or "-") for c in reached):
                yield key, name

    def _event(self, key: str, name: str) -> Published | None:
        """Return the recorded event `name` of a journey; one of no known name, where it came in the journey's trace."""
        if (key, name) in self.found:
            return self.found[key, name]
        journey, known = self.journeys[key], {event.name for event in self.system.architecture.events}
        named = [e for e in self.watch.events if e.type == name]
        nameless = [e for e in self.watch.events if e.type not in known]
        for events in (named, nameless):
            traced = (e for e in events if e.trace_id == journey.trace_id)
            about = (e for e in events if journey.row and journey.row in e.text)
            event = next(traced, None) or next(about, None)
            if event is not None:
                self.found[key, name] = event
                return event
        return None

    def _guess(self) -> None:
        """Where no operation is known to make a call, try all of the consumer's that can be called."""
        architecture = self.system.architecture
        added = False
        for consumer, provider in architecture.pairs:
            purpose = f"{consumer}>{provider}"
            if self.purposes[purpose]:
                continue
            for operation in architecture.operations_of(consumer)[:_GUESSES]:
                key = f"{operation.service}:{operation.id}"
                if key not in self.journeys and operation.kind not in {"login", "logout", "register", "receive_event"}:
                    self.sent_at[key] = time.time()
                    self.journeys[key] = self._send(operation, "")
                    added = True
                if key in self.journeys:
                    self.purposes[purpose] += (key,)
        if added:
            until = time.monotonic() + SEEN_IN / 2
            self.watch.until(lambda: False, lambda: until)
