"""Event emitters and job queues of JavaScript, and the decorators of Nest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.events.javascript_names import names_js, origin_js, places_js
from pytest_superteam.scanners.facts.events.model import UNKNOWN_PART, EventUse
from pytest_superteam.scanners.facts.services_js import definition_js

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["decorated", "local_call"]

_EMIT = frozenset({"emit", "emitAsync"})
_LISTEN = frozenset(
    {"on", "once", "addListener", "prependListener", "prependOnceListener", "many", "onAny", "prependMany"}
)
_EMITTERS = (
    "events",
    "eventemitter2",
    "eventemitter3",
    "mitt",
    "@nestjs/event-emitter",
    "tiny-emitter",
    "emittery",
    "nanoevents",
)
_QUEUES = ("bullmq", "bull", "bee-queue", "@nestjs/bull", "@nestjs/bullmq")
_OWN = frozenset({"error", "newListener", "removeListener"})
_ADD = frozenset({"add", "addBulk", "upsertJobScheduler", "createJob"})


def _of(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def local_call(tree: SourceTree, module: JavaScriptModule, call: Node) -> Iterator[EventUse]:
    """Yield what one call publishes or consumes over an emitter or a job queue."""
    if call.type == "new_expression":
        yield from _worker(tree, module, call)
        return
    callee = module.unwrap(module.callee(call))
    if callee is None:
        return
    verb = module.member_name(callee) or "" if callee.type == "member_expression" else ""
    holder = callee.child_by_field_name("object")
    if _waits(module, callee, call) and not _is_emitter(tree, module, holder):
        yield from _heard(tree, module, call, 1, claimed=False)
    elif verb in _LISTEN:
        yield from _heard(tree, module, call, 0, claimed=_is_emitter(tree, module, holder))
    elif verb in _EMIT:
        yield from _emitted(tree, module, call, own=_is_emitter(tree, module, holder))
    elif verb in _ADD or verb == "process":
        yield from _queued(tree, module, call, verb, holder)


def _waits(module: JavaScriptModule, callee: Node, call: Node) -> bool:
    """Return whether a call is `once(emitter, "name")` of the module `events`."""
    return module.qualname(callee) in {"events.once", "events.on"} and len(module.arguments(call)) > 1


def _emitted(tree: SourceTree, module: JavaScriptModule, call: Node, *, own: bool) -> Iterator[EventUse]:
    for name, home, place in places_js(tree, module, module.argument(call, 0), call):
        known = own and UNKNOWN_PART not in name and name not in _OWN
        if own or UNKNOWN_PART not in name:
            yield EventUse("publish", name, home.path, home.line(place), "emitter", claimed=known)


def _queued(
    tree: SourceTree, module: JavaScriptModule, call: Node, verb: str, holder: Node | None
) -> Iterator[EventUse]:
    name = _queue_of(tree, module, holder)
    line = module.line(call)
    if name is not None:
        known = UNKNOWN_PART not in name
        yield EventUse("consume" if verb == "process" else "publish", name, module.path, line, "bull", claimed=known)
    elif verb == "add" and (queue := module.option(module.argument(call, 0), "queueName")) is not None:
        for found in names_js(tree, module, queue):  # a flow of jobs
            yield EventUse("publish", found, module.path, line, "bull", claimed=False)


def _heard(
    tree: SourceTree, module: JavaScriptModule, call: Node, position: int, *, claimed: bool
) -> Iterator[EventUse]:
    for name, home, place in places_js(tree, module, module.argument(call, position), call):
        known = claimed and UNKNOWN_PART not in name and name not in _OWN
        if claimed or UNKNOWN_PART not in name:
            yield EventUse(
                "consume",
                name,
                home.path,
                home.line(place),
                "emitter",
                wild="tokens" if "*" in name else "",
                claimed=known,
            )


def _is_emitter(tree: SourceTree, module: JavaScriptModule, holder: Node | None) -> bool:
    """Return whether an object is an event emitter of the service's own."""
    holder = module.unwrap(holder)
    if holder is None:
        return False
    if holder.type == "this":
        cls = module.class_of(holder)
        return cls is not None and _derives(module, cls)
    if _of(module.qualname(holder), _EMITTERS):
        return True
    made = origin_js(tree, module, holder)
    if _of(made, _EMITTERS):
        return True
    found = definition_js(tree, module, holder)
    if found is not None and found[1].type == "new_expression":
        own = definition_js(tree, found[0], found[0].callee(found[1]))
        return own is not None and own[1].type.startswith("class") and _derives(*own)
    return False


def _derives(module: JavaScriptModule, cls: Node) -> bool:
    heritage = next((c for c in module.children(cls) if c.type == "class_heritage"), None)
    parts = module.inside(heritage) if heritage is not None else iter(())
    return any(
        _of(module.qualname(part), _EMITTERS) or module.text(part) in {"EventEmitter", "EventEmitter2"}
        for part in parts
        if part.type in {"identifier", "member_expression"}
    )


def _worker(tree: SourceTree, module: JavaScriptModule, call: Node) -> Iterator[EventUse]:
    """Yield the queue that a worker of BullMQ takes jobs from."""
    if module.qualname(module.callee(call)) in {"bullmq.Worker", "bullmq.WorkerPro"}:
        for name, home, place in places_js(tree, module, module.argument(call, 0), call):
            yield EventUse("consume", name, home.path, home.line(place), "bull", claimed=UNKNOWN_PART not in name)


def _queue_of(tree: SourceTree, module: JavaScriptModule, holder: Node | None) -> str | None:
    """Return the name of the queue that an object is; `UNKNOWN_PART` where it has one that is not known."""
    holder = module.unwrap(holder)
    found = definition_js(tree, module, holder) if holder is not None else None
    if found is not None and found[1].type == "new_expression":
        home, made = found
        if _of(home.qualname(home.callee(made)), _QUEUES):
            names = names_js(tree, home, home.argument(made, 0))
            return names[0] if len(names) == 1 else UNKNOWN_PART
        return None
    if holder is not None and holder.type == "member_expression" and module.text(holder).startswith("this."):
        injected = _injected(tree, module, holder)
        if injected is not None:
            return injected
    return UNKNOWN_PART if holder is not None and _of(module.qualname(holder), _QUEUES) else None


def _injected(tree: SourceTree, module: JavaScriptModule, holder: Node) -> str | None:
    """Return the queue of a member that the constructor gets by `@InjectQueue("name")`."""
    cls, name = module.class_of(holder), module.member_name(holder)
    if cls is None:
        return None
    for decorator in module.inside(cls, "decorator"):
        parameter = module.parent(decorator)
        if parameter is None or not module.text(decorator).startswith("@InjectQueue"):
            continue
        if name in module.text(parameter).replace(":", " ").replace("?", " ").split():
            call = next(iter(module.inside(decorator, "call_expression")), None)
            names = names_js(tree, module, module.argument(call, 0)) if call is not None else ["default"]
            return names[0] if len(names) == 1 else UNKNOWN_PART
    return None


def decorated(tree: SourceTree, module: JavaScriptModule) -> Iterator[EventUse]:
    """Yield what decorators subscribe to: `@EventPattern`, `@MessagePattern`, `@OnEvent`, `@Processor`."""
    for decorator in module.of("decorator"):
        call = next(iter(module.inside(decorator, "call_expression")), None)
        if call is None:
            continue
        last = module.qualname(module.callee(call)).rpartition(".")[2]
        brokers = {"EventPattern": "nest", "MessagePattern": "nest", "OnEvent": "emitter", "Processor": "bull"}
        broker = brokers.get(last)
        if broker is None:
            continue
        first = module.argument(call, 0)
        if last == "Processor" and first is not None and (named := module.option(first, "name")) is not None:
            first = named
        for name in names_js(tree, module, first) or (["default"] if last == "Processor" else [UNKNOWN_PART]):
            wild = (
                "regex"
                if name.startswith("^")
                else "tokens"
                if broker in {"emitter", "nest"} and not name.startswith("{")
                else ""
            )
            yield EventUse(
                "consume",
                name,
                module.path,
                module.line(decorator),
                broker,
                wild=wild,
                claimed=UNKNOWN_PART not in name,
            )
