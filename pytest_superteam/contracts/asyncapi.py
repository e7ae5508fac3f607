"""AsyncAPI documents (2.x and 3): channels, who sends and receives what, and payloads held against their messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pytest_superteam.contracts.references import deref, pointer, references, resolve
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from pytest_superteam.contracts.validating.schematools import SchemaProblem, Validators

__all__ = ["AsyncApiRegistry", "EventOperation", "Message"]

_FORMATS = ("application/schema+json", "application/vnd.aai.asyncapi", "application/vnd.oai.openapi")


@dataclass(frozen=True)
class Message:
    """A message of a channel. `payload` is its schema, references unresolved; None where it has none of JSON Schema."""

    name: str
    channel: str
    content_type: str
    payload: Mapping[str, Any] | bool | None = field(repr=False)
    headers: Mapping[str, Any] | None = field(repr=False)
    pointer: str
    """Where the document has it, as a JSON pointer."""


@dataclass(frozen=True)
class EventOperation:
    """What an application does with a channel, from its own point of view."""

    id: str
    action: Literal["send", "receive"]
    channel: str
    messages: tuple[str, ...]
    service: str = ""
    """By the extension `x-service`, where there is one."""


class AsyncApiRegistry:
    """One AsyncAPI document. What of it is broken is told by `problems`; the rest can be used."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._problems: list[str] = []
        version = str(document.get("asyncapi", ""))
        self._major = int(version[0]) if version[:2] in {"2.", "3."} else 0
        if not self._major:
            self._problems.append(f"asyncapi: {version or 'no version'} is not supported. Allowed are 2.x and 3.x.")
        self._messages: list[Message] = []
        self.channels: dict[str, str] = {}
        """Address by the channel's name (in 2.x both are the same)."""
        self._read_channels()
        self.operations: tuple[EventOperation, ...] = tuple(self._read_operations())
        self._known_validators: Validators | None = None

    @property
    def messages(self) -> tuple[Message, ...]:
        """Return the messages, in the document's order; one in two channels is there twice."""
        return tuple(self._messages)

    def find(self, name: str) -> tuple[Message, ...]:
        """Return the messages called `name`, or those of the channel or address `name`.

        Raises:
            CheckError: there is none.
        """
        named = [message for message in self._messages if message.name == name]
        found = named or [m for m in self._messages if name in {m.channel, self.channels.get(m.channel)}]
        if not found:
            known = ", ".join(sorted({message.name for message in self._messages})) or "none"
            raise CheckError(f"No message or channel is called {name!r}. Messages: {known}.")
        unique = {message.pointer: message for message in found}
        return tuple(unique.values())

    def validate_message(
        self, name: str, payload: Any, headers: Mapping[str, Any] | None = None
    ) -> tuple[SchemaProblem, ...]:
        """Return what is wrong with `payload` as the message, or as any message of the channel, `name`.

        Args:
            name: Of a message, a channel or an address.
            payload: The value, decoded.
            headers: The message's headers; None leaves them unlooked at.

        Raises:
            CheckError: there is no such message, or its schema can't be used.
        """
        readings = [self._problems_of(message, payload, headers) for message in self.find(name)]
        return min(readings, key=len)

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong with the document, a line each."""
        found = list(self._problems)
        if not self._major:
            return tuple(found)
        for place, reference in references(self.document):
            try:
                resolve(self.document, reference)
            except CheckError as error:
                found.append(f"{place.lstrip('/')}: {error}")
        for message in self.messages:
            try:
                if message.payload is not None:
                    self._validators.of(message.payload)
            except CheckError as error:
                found.append(f"{message.pointer.lstrip('/')}: {error}")
        return tuple(dict.fromkeys(found))

    @property
    def _validators(self) -> Validators:
        if self._known_validators is None:
            from pytest_superteam.contracts.validating.schematools import Validators

            self._known_validators = Validators(self.document, "response")
        return self._known_validators

    def _problems_of(
        self, message: Message, payload: Any, headers: Mapping[str, Any] | None
    ) -> tuple[SchemaProblem, ...]:
        from pytest_superteam.contracts.validating.schematools import SchemaProblem

        if message.payload is None:
            raise CheckError(f"The message {message.name!r} has no payload schema of JSON Schema. Give it one.")
        found = self._validators.problems(message.payload, payload)
        if headers is not None and message.headers is not None:
            wrong = self._validators.problems(message.headers, dict(headers))
            found += tuple(SchemaProblem(f"headers{p.pointer}", p.message, p.keyword) for p in wrong)
        return found

    def _read_channels(self) -> None:
        for name, written in _map(self.document.get("channels")).items():
            channel = self._looked_up(written, f"channels/{name}")
            self.channels[str(name)] = str(channel.get("address") or name)
            if self._major == 3:
                for key, message in _map(channel.get("messages")).items():
                    self._add(str(name), str(key), message, pointer("channels", name, "messages", key))
            else:
                for word in ("publish", "subscribe"):
                    place = pointer("channels", name, word, "message")
                    for key, message, at in self._of_operation(_map(channel.get(word)).get("message"), place):
                        self._add(str(name), key, message, at)

    def _add(self, channel: str, key: str, written: Any, place: str) -> None:
        message = self._looked_up(written, place)
        if isinstance(written, Mapping) and isinstance(written.get("$ref"), str):
            place = written["$ref"].removeprefix("#")
        form = message.get("schemaFormat")
        payload = message.get("payload")
        if isinstance(payload, Mapping) and "schemaFormat" in payload and "schema" in payload:
            form, payload = payload["schemaFormat"], payload["schema"]  # 3.0's multi-format schema
        usable = isinstance(payload, (Mapping, bool)) and (form is None or str(form).startswith(_FORMATS))
        found = Message(
            name=str(message.get("name") or message.get("messageId") or key),
            channel=channel,
            content_type=str(message.get("contentType") or self.document.get("defaultContentType") or ""),
            payload=payload if usable else None,
            headers=message["headers"] if isinstance(message.get("headers"), Mapping) else None,
            pointer=place,
        )
        if (found.channel, found.pointer) not in {(m.channel, m.pointer) for m in self._messages}:
            self._messages.append(found)

    def _of_operation(self, written: Any, place: str) -> Iterator[tuple[str, Any, str]]:
        """Yield (name, message, pointer) of 2.x' `message`, which may be one of several."""
        many = written.get("oneOf") if isinstance(written, Mapping) else None
        for number, one in enumerate(many if isinstance(many, list) else [written] if written else []):
            at = f"{place}/oneOf/{number}" if many else place
            reference = one.get("$ref") if isinstance(one, Mapping) else None
            yield str(reference).rsplit("/", 1)[-1] if reference else at.strip("/").split("/")[1], one, at

    def _read_operations(self) -> Iterator[EventOperation]:
        if self._major == 3:
            for name, written in _map(self.document.get("operations")).items():
                yield from self._operation_of_3(str(name), self._looked_up(written, f"operations/{name}"))
            return
        for name, written in _map(self.document.get("channels")).items():
            channel = self._looked_up(written, f"channels/{name}")
            # 2.x says what others do: who reads a document with `subscribe` may subscribe, for the application sends.
            for word, action in (("publish", "receive"), ("subscribe", "send")):
                if isinstance(channel.get(word), Mapping):
                    yield self._operation_of_2(str(name), word, action, channel[word])

    def _operation_of_3(self, name: str, operation: Mapping[str, Any]) -> Iterator[EventOperation]:
        action: Any = str(operation.get("action"))
        channel = str(_map(operation.get("channel")).get("$ref", "")).rsplit("/", 1)[-1]
        channel = channel.replace("~1", "/").replace("~0", "~")
        if action not in {"send", "receive"} or channel not in self.channels:
            self._problems.append(f"operations/{name}: has no known action or channel. Correct it.")
            return
        listed = operation.get("messages")
        of_channel = [m for m in self._messages if m.channel == channel]
        names = [m.name for m in of_channel]
        if isinstance(listed, list):
            wanted = {str(_map(m).get("$ref", "")).removeprefix("#") for m in listed}
            targets = {self._target(reference) for reference in wanted} | wanted
            names = [m.name for m in of_channel if m.pointer in targets]
        yield EventOperation(name, action, channel, tuple(names), str(operation.get("x-service", "")))

    def _operation_of_2(self, channel: str, word: str, action: Any, written: Mapping[str, Any]) -> EventOperation:
        place = pointer("channels", channel, word, "message")
        pointers = set()
        for _, message, at in self._of_operation(written.get("message"), place):
            reference = _map(message).get("$ref")
            pointers.add(str(reference).removeprefix("#") if reference else at)
        names = tuple(m.name for m in self._messages if m.channel == channel and m.pointer in pointers)
        name = str(written.get("operationId") or f"{word}_{channel}")
        return EventOperation(name, action, channel, names, str(written.get("x-service", "")))

    def _target(self, place: str) -> str:
        """Return where the message at `place` really stands, if that is a reference to another place."""
        parts = [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]]
        found: Any = self.document
        for part in parts:
            found = _map(found).get(part)
        reference = _map(found).get("$ref")
        return str(reference).removeprefix("#") if reference else place

    def _looked_up(self, written: Any, place: str) -> Mapping[str, Any]:
        try:
            found = deref(self.document, written)
        except CheckError as error:
            self._problems.append(f"{place.lstrip('/')}: {error}")
            return {}
        return found if isinstance(found, Mapping) else {}


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
