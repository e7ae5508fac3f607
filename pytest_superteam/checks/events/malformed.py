"""What a consumer does with events that are not as its contract says, with one that comes twice, and with no token."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.callers.auth import token_for
from pytest_superteam.checks.events.messaging import event_named, rows_about
from pytest_superteam.checks.exchanges import Answer, Exchanges, NoAnswerError
from pytest_superteam.checks.tracing.choosing import receiver
from pytest_superteam.checks.tracing.hops import journeys_of
from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.contracts.registry import ContractOperation
    from pytest_superteam.models import Event

__all__ = ["REFUSED", "Malformed", "check_malformed", "malformed_events"]

REFUSED = "EVENT-003"
_NO_ANSWER = "gives no answer to"
_SHOWN = 4  # exchanges in a finding
_LARGE = 5 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Malformed:
    """A body that is no event; `may_pass` says that a consumer may also accept and ignore it."""

    what: str
    content: bytes = field(repr=False)
    may_pass: bool = False
    may_break_off: bool = False
    """Whether the consumer may close the connection before it has read everything."""


def malformed_events(good: Mapping[str, Any]) -> list[Malformed]:
    """Return ways to spoil the event `good`, one fault each."""

    def spoiled(what: str, **changes: Any) -> Malformed:
        body = {k: v for k, v in {**good, **changes}.items() if v is not ...}
        return Malformed(
            what, json.dumps({**body, **({"id": str(uuid.uuid4())} if "id" not in changes else {})}).encode()
        )

    unknown = spoiled("of an unknown type", type="NothingThatAnybodyPublishes")
    return [
        spoiled("without an id", id=...),
        spoiled("whose id is an object", id={"value": 1}),
        spoiled("without data", data=...),
        spoiled("whose data is text", data="text"),
        spoiled("whose time is no date", time="yesterday"),
        spoiled("whose type is a number", type=7),
        Malformed(unknown.what, unknown.content, may_pass=True),
        Malformed("that is an empty body", b""),
        Malformed("that is no JSON", b'{"id": "1", "type":'),
        Malformed("that is a JSON list", b"[]"),
        Malformed("of 5 MB of text for data", spoiled("", data="x" * _LARGE).content, may_break_off=True),
    ]


def check_malformed(system: RunningSystem, consumer: str, name: str) -> CheckResult:
    """Send spoiled forms of the event `name` to `consumer`, and good ones before and after.

    Raises:
        CheckError: it takes no good event either.
    """
    operation = receiver(system.architecture, consumer)
    if operation is None:
        raise CheckError(f"{consumer} has no operation that takes events.")
    contract = system.registry.find(consumer, operation.id)
    event = event_named(system.architecture, name)
    with Exchanges(system.config.timeouts.request) as exchanges:
        trial = _Trial(system, exchanges, contract, event, token_for(system.tokens, operation))
        violations = trial.run(protected=not operation.public)
    detail = f"{len(exchanges.made)} calls: {trial.tried} malformed events, one that came twice, one without a token"
    return CheckResult(tuple(violations), detail=detail)


class _Trial:
    """The calls to one consumer and what is wrong with the answers."""

    def __init__(
        self,
        system: RunningSystem,
        exchanges: Exchanges,
        contract: ContractOperation,
        event: Event,
        token: str | None,
    ) -> None:
        self._system, self._exchanges, self._contract, self._event = system, exchanges, contract, event
        self._token = token
        self._label = f"{contract.method} {contract.path}"
        self._url = system.url(contract.service) + contract.path
        self._good = _good_event(system, contract, event)
        self._found: list[Violation] = []
        self.tried = 0

    def run(self, *, protected: bool) -> list[Violation]:
        self._begin()
        if protected:
            self._without_token()
        self._malformed()
        self._after()
        return self._found

    def _begin(self) -> None:
        """Make sure that a good event is taken: what is refused afterwards is refused for its fault."""
        answer = self._send(_again(self._good))
        if not answer.ok:
            raise CheckError(
                f"`{self._label}` of {self._contract.service} answered {answer.status} to a valid {self._event.name}, "
                "so that a refusal of a malformed one proves nothing."
            )

    def _without_token(self) -> None:
        answer = self._send(_again(self._good), token=False)
        if answer.status not in {401, 403}:
            self._tell(
                f"takes {self._event.name} without a token with {answer.status}",
                "Let in only who has the token that the contract asks for",
            )

    def _malformed(self) -> None:
        outcomes: dict[str, list[tuple[str, str]]] = {}
        for malformed in malformed_events(self._good):
            if self._allowed(malformed):
                continue
            self.tried += 1
            outcome = self._outcome(malformed)
            if outcome:
                outcomes.setdefault(outcome, []).append((malformed.what, str(self._exchanges.made[-1])))
            if outcome == _NO_ANSWER:  # whether it hangs or has died: the next one would tell no more
                break
        for outcome, cases in outcomes.items():
            whats = " or ".join(what for what, _ in cases)
            shown = "\n".join(exchange for _, exchange in cases[:_SHOWN])
            self._tell(f"{outcome} an event {whats}", "Refuse it with a status of 400 to 499", shown)

    def _allowed(self, malformed: Malformed) -> bool:
        """Return whether the contract's schema lets the body pass, so that nothing is wrong with it."""
        try:
            return not malformed.may_pass and _is_valid(self._contract, json.loads(malformed.content))
        except ValueError:
            return False

    def _outcome(self, malformed: Malformed) -> str:
        """Return what is wrong with how a malformed event was answered; empty where nothing is."""
        try:
            answer = self._send(malformed.content)
        except NoAnswerError:
            return "" if malformed.may_break_off else _NO_ANSWER
        if 400 <= answer.status < 500 or (malformed.may_pass and answer.ok):
            return ""
        return f"answers {answer.status} to"

    def _after(self) -> None:
        """A good event is taken after all that; when it comes twice, it is taken once."""
        body = _again(self._good)
        data = self._good.get("data")
        row = str(data.get("id", "")) if isinstance(data, dict) else ""
        try:
            before = self._rows(row)
            first = self._send(body)
            once = self._rows(row)
            second = self._send(body)
            twice = self._rows(row)
        except NoAnswerError:
            self._tell("is not answered any more after malformed events", "Survive what others send")
            return
        if not first.ok:
            self._tell(f"answers {first.status} to a good event after malformed ones", "Survive what others send")
        elif second.status >= 500:
            self._tell(f"answers {second.status} to an event that comes a second time", "Take each id once")
        elif once is not None and twice is not None and twice > once:
            self._tell(
                f"takes one event twice: {before} rows before it, {once} after it, {twice} after it came again",
                "Remember the ids of events that were taken",
            )

    def _rows(self, row: str) -> int | None:
        """Return how many rows the consumer made of what the event tells of; None where that can't be seen."""
        if not row or not self._event.entity:
            return None
        counted = rows_about(self._system, self._exchanges, self._contract.service, self._event.entity, row)
        return counted[0] if counted else None

    def _send(self, content: bytes, *, token: bool = True) -> Answer:
        return self._exchanges.send(
            self._contract.method, self._url, token=self._token if token else None, caller="SERVICE", content=content
        )

    def _tell(self, what: str, advice: str, shown: str = "") -> None:
        message = f"`{self._label}` of {self._contract.service} {what}. {advice}."
        evidence = shown or self._exchanges.shown(_SHOWN)
        self._found.append(Violation(REFUSED, Severity.ERROR, self._contract.service, message, evidence=evidence))


def _good_event(system: RunningSystem, contract: ContractOperation, event: Event) -> dict[str, Any]:
    """Return an event that the consumer has to take: one that was published, else one made after its contract."""
    for journey in journeys_of(system).made_for(f"!{event.name}"):
        for arrival in journey.events:
            if arrival.type == event.name and isinstance(arrival.body, dict) and _is_valid(contract, arrival.body):
                return dict(arrival.body)
    made = example_for(contract.request_schema or {}, contract.document, overrides={"type": event.name})
    entity = system.architecture.entity_named(event.entity) if event.entity else None
    body: dict[str, Any] = made if isinstance(made, dict) else {}
    if entity is not None:
        document = system.registry.document(entity.service)
        if entity.name in ((document.get("components") or {}).get("schemas") or {}):
            row = example_for({"$ref": f"#/components/schemas/{entity.name}"}, document)
            body["data"] = {**row, "id": str(uuid.uuid4())} if isinstance(row, dict) else row
    return body


def _is_valid(contract: ContractOperation, body: Any) -> bool:
    """Return whether the contract lets `body` pass; with a schema that can't be used, nothing passes."""
    import jsonschema_rs

    schema = {**(contract.request_schema or {}), "components": contract.document.get("components") or {}}
    try:
        return bool(jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(body))
    except (ValueError, jsonschema_rs.ValidationError):
        return False


def _again(event: Mapping[str, Any]) -> bytes:
    """Return the event as a new one, which nobody has taken."""
    return json.dumps({**event, "id": str(uuid.uuid4()), "time": dt.datetime.now(dt.UTC).isoformat()}).encode()
