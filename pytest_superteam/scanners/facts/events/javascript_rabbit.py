"""Events over RabbitMQ in JavaScript: amqplib and its wrappers; exchanges, bindings and queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.events.javascript_names import names_js, places_js
from pytest_superteam.scanners.facts.events.model import UNKNOWN_PART, EventUse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["rabbit_uses_js"]


def rabbit_uses_js(tree: SourceTree, module: JavaScriptModule, call: Node, verb: str) -> Iterator[EventUse]:
    """Yield what one call publishes, consumes, binds or declares."""
    yield from _READERS[verb](tree, module, call) if verb in _READERS else ()


def _one(tree: SourceTree, module: JavaScriptModule, node: Node | None) -> str | None:
    """Return the one text that a node gives; None where it is not known."""
    if node is not None and module.literal(node) == "":
        return ""
    names = names_js(tree, module, node)
    if len(names) == 1 and UNKNOWN_PART not in names[0]:
        return names[0]
    return None


def _queue(tree: SourceTree, module: JavaScriptModule, node: Node | None) -> str | None:
    """Return the name of a queue, also of `q.queue` where `q = await ch.assertQueue("name")`."""
    found = _one(tree, module, node)
    inner = module.unwrap(node)
    if found is None and inner is not None and inner.type == "member_expression":
        made = module.resolve(inner.child_by_field_name("object"))
        if (
            made is not None
            and made.type == "call_expression"
            and module.text(module.callee(made)).endswith("assertQueue")
        ):
            found = _one(tree, module, module.argument(made, 0))
    return found or None


def _declared(tree: SourceTree, module: JavaScriptModule, call: Node) -> Iterator[EventUse]:
    name, kind = _one(tree, module, module.argument(call, 0)), _one(tree, module, module.argument(call, 1))
    if name and kind:
        yield EventUse("declare", kind, module.path, module.line(call), "rabbitmq", name, claimed=False)


def _to_queue(tree: SourceTree, module: JavaScriptModule, call: Node) -> Iterator[EventUse]:
    name = _queue(tree, module, module.argument(call, 0))
    if name:
        yield EventUse("publish", name, module.path, module.line(call), "rabbitmq", "")
        return
    for given, home, place in places_js(tree, module, module.argument(call, 0), call):
        known = UNKNOWN_PART not in given
        yield EventUse("publish", given, home.path, home.line(place), "rabbitmq", "", claimed=known)


def _published(tree: SourceTree, module: JavaScriptModule, call: Node) -> Iterator[EventUse]:
    exchange = _one(tree, module, module.argument(call, 0))
    key = module.argument(call, 1)
    if _one(tree, module, key) == "" and exchange:
        yield EventUse("publish", exchange, module.path, module.line(call), "rabbitmq", exchange)
        return
    for given, home, place in places_js(tree, module, key, call):
        known = UNKNOWN_PART not in given
        yield EventUse("publish", given, home.path, home.line(place), "rabbitmq", exchange, claimed=known)


def _consumed(tree: SourceTree, module: JavaScriptModule, call: Node) -> Iterator[EventUse]:
    name = _queue(tree, module, module.argument(call, 0))
    if name is not None:
        yield EventUse("consume", name, module.path, module.line(call), "rabbitmq", "", name)
        return
    for given, home, place in places_js(tree, module, module.argument(call, 0), call):
        queue = given if UNKNOWN_PART not in given else None
        yield EventUse("consume", given, home.path, home.line(place), "rabbitmq", "", queue, claimed=queue is not None)


def _bound(tree: SourceTree, module: JavaScriptModule, call: Node) -> Iterator[EventUse]:
    queue, exchange = _queue(tree, module, module.argument(call, 0)), _one(tree, module, module.argument(call, 1))
    key = module.argument(call, 2)
    if key is None or _one(tree, module, key) == "":
        line, shown = module.line(call), exchange or UNKNOWN_PART
        yield EventUse("consume", shown, module.path, line, "rabbitmq", exchange, queue, "tokens", bool(exchange))
        return
    for given, home, place in places_js(tree, module, key, call):
        known = UNKNOWN_PART not in given
        yield EventUse("consume", given, home.path, home.line(place), "rabbitmq", exchange, queue, "tokens", known)


_READERS: dict[str, Callable[[SourceTree, JavaScriptModule, Node], Iterator[EventUse]]] = {
    "assertExchange": _declared,
    "sendToQueue": _to_queue,
    "publish": _published,
    "consume": _consumed,
    "get": _consumed,
    "bindQueue": _bound,
}
