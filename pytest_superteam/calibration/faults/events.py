"""Events: announced, delivered, taken."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.calibration.fault import fault
from pytest_superteam.calibration.source import Change, Handler, Module, Source, calls, dotted, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator


def _published(service: Source) -> Iterator[tuple[Handler, ast.Expr, ast.Call]]:
    for handler in service.operations():
        for node in ast.walk(handler.function):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                call = node.value
                if dotted(call.func) == "events.publish" and isinstance(call.args[1], ast.Constant):
                    yield handler, node, call


def _sending(service: Source, name: str) -> Iterator[tuple[Module, ast.FunctionDef]]:
    """Yield the functions of this name where somebody listens to the service's events."""
    if service.announces:
        yield from service.functions(name)


@fault("event-not-published", "an event is never announced", 2)
def event_not_published(service: Source) -> Iterator[Change]:
    """Announce nothing."""
    for handler, statement, call in _published(service):
        name = ast.literal_eval(call.args[1])
        yield service.at(handler, statement, f"announces no {name}", handler.module.to(statement, "pass"))


@fault("dead-event", "an event is announced under a name that nobody listens to", 2, 4)
def dead_event(service: Source) -> Iterator[Change]:
    """Announce an event under another name."""
    for handler, _, call in _published(service):
        name = ast.literal_eval(call.args[1])
        edit = handler.module.to(call.args[1], repr(f"{name}Twice"))
        yield service.at(handler, call, f"announces {name}Twice for {name}", edit)


@fault("event-payload-renamed", "an event carries a field under another name", 2)
def event_payload_renamed(service: Source) -> Iterator[Change]:
    """Write the id of an event's subject under another name."""
    for module, function in _sending(service, "publish"):
        for call in calls(function, "OutboxEvent"):
            data = keyword(call, "data")
            if data:
                text = f'{{("identifier" if k == "id" else k): v for k, v in {module.source(data.value)}.items()}}'
                yield service.change(module, data, "events carry 'identifier' for 'id'", module.to(data.value, text))


@fault("event-payload-incomplete", "an event carries the id of its subject only", 2)
def event_payload_incomplete(service: Source) -> Iterator[Change]:
    """Leave all but the id out of an event."""
    for module, function in _sending(service, "publish"):
        for call in calls(function, "OutboxEvent"):
            data = keyword(call, "data")
            if data:
                text = module.source(data.value).replace('mode="json"', 'mode="json", include={"id"}')
                yield service.change(module, data, "events carry an id only", module.to(data.value, text))


@fault("event-not-delivered", "events stay where they are", 2)
def event_not_delivered(service: Source) -> Iterator[Change]:
    """Send no event to its subscribers."""
    for module, function in _sending(service, "_deliver"):
        for node in ast.walk(function):
            if isinstance(node, ast.Expr) and any(calls(node, "send_event")):
                yield service.change(module, node, "events are not delivered", module.to(node, "pass"))


@fault("event-envelope-incomplete", "an event is delivered without its time", 2)
def event_envelope_incomplete(service: Source) -> Iterator[Change]:
    """Leave the time out of what is delivered."""
    for module, function in _sending(service, "_deliver"):
        for node in ast.walk(function):
            if isinstance(node, ast.Constant) and node.value == "time":
                yield service.change(module, node, "deliveries lack the time", module.to(node, '"at"'))


@fault("event-crashes-consumer", "an event that lacks something takes its consumer down", 2)
def event_crashes_consumer(service: Source) -> Iterator[Change]:
    """Catch nothing of what a malformed event causes."""
    module = service.named("events.py")
    for node in ast.walk(module.tree) if module else ():
        types = node.type.elts if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Tuple) else ()
        if (
            module
            and isinstance(node, ast.ExceptHandler)
            and {dotted(item) for item in types} >= {"KeyError", "ValueError"}
        ):
            edit = module.to(node, module.source(node).replace(module.source(_type(node)), "MemoryError", 1))
            yield service.change(module, node, "malformed events are errors", edit)


def _type(handler: ast.ExceptHandler) -> ast.expr:
    assert handler.type is not None  # noqa: S101  # only handlers of named exceptions come here
    return handler.type


@fault("event-not-acted-on", "an event is taken and nothing comes of it", 2)
def event_not_acted_on(service: Source) -> Iterator[Change]:
    """Do nothing about an event."""
    for module, function in service.functions("receive"):
        for node in function.body[-1].body if isinstance(function.body[-1], ast.With) else ():
            if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
                yield service.change(module, node, "events are not acted on", module.to(node.body[0], "pass"))


@fault("event-acted-on-twice", "an event that comes again is acted on again", 2)
def event_acted_on_twice(service: Source) -> Iterator[Change]:
    """Forget which events were taken."""
    for module, function in service.functions("_remember"):
        for node in function.body:
            if isinstance(node, ast.If):
                for call in calls(function, "InboxEvent"):
                    known = keyword(call, "id")
                    reacts = any(name.startswith("_write") for name in _called(service))
                    if known and reacts:
                        edits = (
                            module.to(node, "pass"),
                            module.to(known.value, "str(uuid4())"),
                            module.importing("from uuid import uuid4"),
                        )
                        yield service.change(module, node, "events are not known again", *edits)


def _called(service: Source) -> Iterator[str]:
    module = service.named("events.py")
    for node in ast.walk(module.tree) if module else ():
        if isinstance(node, ast.Call):
            yield dotted(node.func)


@fault("undeclared-event-taken", "an event of a type that no contract has is taken", 2)
def undeclared_event_taken(service: Source) -> Iterator[Change]:
    """Take events of every type."""
    module = service.named("schemas.py")
    for node in module.tree.body if module else ():
        if module and isinstance(node, ast.Assign) and dotted(node.targets[0]) == "EventType":
            yield service.change(module, node, "events of every type are taken", module.to(node.value, "str"))
