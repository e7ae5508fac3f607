"""Events over RabbitMQ in Python: pika, aio-pika and kombu; exchanges, bindings and queues."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.events.model import UNKNOWN_PART, EventUse
from pytest_superteam.scanners.facts.events.python_names import names_of, places_of
from pytest_superteam.scanners.languages.python import keyword, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["RABBIT_VERBS", "rabbit_uses"]


def rabbit_uses(tree: SourceTree, module: PythonModule, call: ast.Call, verb: str) -> Iterator[EventUse]:
    """Yield what one call publishes, consumes, binds or declares."""
    yield from _READERS[verb](tree, module, call) if verb in _READERS else ()


def _known(name: str) -> bool:
    return bool(name) and UNKNOWN_PART not in name


def _given(call: ast.Call, name: str, position: int | None) -> ast.expr | None:
    found = keyword(call, name)
    if found is None and position is not None and position < len(call.args):
        found = call.args[position]
    return found


def _one(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> str | None:
    """Return the one text that a node gives; None where it is not known."""
    if isinstance(node, ast.Constant) and node.value in {"", b""}:
        return ""
    names = names_of(tree, module, node)
    return names[0] if len(names) == 1 and "\0" not in names[0] else None


def _holder(call: ast.Call) -> ast.AST | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def _declared(tree: SourceTree, module: PythonModule, call: ast.Call) -> Iterator[EventUse]:
    name = _one(tree, module, _given(call, "exchange", 0) or _given(call, "name", 0))
    kind = _given(call, "exchange_type", 1) or _given(call, "type", 1)
    if name and kind is not None:
        text = (_one(tree, module, kind) or ast.unparse(kind).rpartition(".")[2]).lower()
        yield EventUse("declare", text, module.path, call.lineno, "rabbitmq", name, claimed=False)


def _basic_publish(tree: SourceTree, module: PythonModule, call: ast.Call) -> Iterator[EventUse]:
    exchange = _one(tree, module, _given(call, "exchange", 0))
    for name, home, place in places_of(tree, module, _given(call, "routing_key", 1), call):
        yield _sent(name, home.path, place.lineno, exchange)


def _published(tree: SourceTree, module: PythonModule, call: ast.Call) -> Iterator[EventUse]:
    exchange = _one(tree, module, keyword(call, "exchange"))
    if exchange is None:
        exchange = _exchange(tree, module, _holder(call))
    for name, home, place in places_of(tree, module, _given(call, "routing_key", 1), call):
        yield _sent(name, home.path, place.lineno, exchange)


def _basic_consume(tree: SourceTree, module: PythonModule, call: ast.Call) -> Iterator[EventUse]:
    for name, home, place in places_of(tree, module, _given(call, "queue", 0), call):
        known = _known(name)
        yield EventUse("consume", name, home.path, place.lineno, "rabbitmq", "", queue=name, claimed=known)


def _consumed(tree: SourceTree, module: PythonModule, call: ast.Call) -> Iterator[EventUse]:
    queue = _queue(tree, module, _holder(call))
    shown = queue or UNKNOWN_PART
    yield EventUse("consume", shown, module.path, call.lineno, "rabbitmq", "", queue=queue, claimed=bool(queue))


def _queue_bind(tree: SourceTree, module: PythonModule, call: ast.Call) -> Iterator[EventUse]:
    exchange, queue = _one(tree, module, _given(call, "exchange", 1)), _one(tree, module, _given(call, "queue", 0))
    yield from _bound(tree, module, call, exchange, _given(call, "routing_key", 2), queue)


def _named_exchange(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> str | None:
    """Return the exchange that an argument is: its name, or an object that stands for it."""
    name = _one(tree, module, node)
    return name if name is not None else _exchange(tree, module, node)


def _bind(tree: SourceTree, module: PythonModule, call: ast.Call) -> Iterator[EventUse]:
    exchange = _named_exchange(tree, module, _given(call, "exchange", 0))
    queue = _queue(tree, module, _holder(call))
    yield from _bound(tree, module, call, exchange, _given(call, "routing_key", 1), queue)


def _queue_of_kombu(tree: SourceTree, module: PythonModule, call: ast.Call) -> Iterator[EventUse]:
    exchange = _given(call, "exchange", 1)
    if exchange is not None:
        queue = _one(tree, module, _given(call, "name", 0))
        key = _given(call, "routing_key", 2)
        yield from _bound(tree, module, call, _named_exchange(tree, module, exchange), key, queue)


def _sent(name: str, path: str, line: int, exchange: str | None) -> EventUse:
    if not name and exchange:  # to a fanout exchange, mostly
        return EventUse("publish", exchange, path, line, "rabbitmq", exchange)
    return EventUse("publish", name or UNKNOWN_PART, path, line, "rabbitmq", exchange, claimed=_known(name))


def _bound(
    tree: SourceTree,
    module: PythonModule,
    call: ast.Call,
    exchange: str | None,
    key: ast.expr | None,
    queue: str | None,
) -> Iterator[EventUse]:
    keys = list(places_of(tree, module, key, call)) if key is not None and _one(tree, module, key) != "" else []
    for name, home, place in keys:
        yield EventUse(
            "consume",
            name,
            home.path,
            place.lineno,
            "rabbitmq",
            exchange,
            queue,
            "tokens",
            _known(name),
        )
    if not keys:
        shown = exchange or UNKNOWN_PART
        yield EventUse(
            "consume", shown, module.path, call.lineno, "rabbitmq", exchange, queue, "tokens", bool(exchange)
        )


def _made_by(module: PythonModule, node: ast.AST | None, verbs: frozenset[str]) -> ast.Call | None:
    """Return the call that declares what `node` names, a member of the class included."""
    for _ in range(4):
        if isinstance(node, ast.Await):
            node = node.value
        if isinstance(node, ast.Call):
            last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            return node if last in verbs else None
        if isinstance(node, ast.Name):
            node = module.bound(node)
        elif isinstance(node, ast.Attribute):
            owner = module.class_of(node)
            parts = walk(owner) if owner is not None else iter(())
            stores = (p for p in parts if isinstance(p, ast.Assign))
            attr = node.attr
            node = next(
                (s.value for s in stores for t in s.targets if isinstance(t, ast.Attribute) and t.attr == attr), None
            )
        else:
            return None
    return None


def _exchange(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> str | None:
    """Return the name of the exchange that an object stands for; empty for the default one."""
    if isinstance(node, ast.Attribute) and node.attr == "default_exchange":
        return ""
    made = _made_by(module, node, frozenset({"declare_exchange", "get_exchange", "Exchange"}))
    return _one(tree, module, _given(made, "name", 0)) if made is not None else None


def _queue(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> str | None:
    made = _made_by(module, node, frozenset({"declare_queue", "get_queue", "Queue"}))
    return _one(tree, module, _given(made, "name", 0)) if made is not None else None


_READERS: dict[str, Callable[[SourceTree, PythonModule, ast.Call], Iterator[EventUse]]] = {
    "exchange_declare": _declared,
    "declare_exchange": _declared,
    "Exchange": _declared,
    "basic_publish": _basic_publish,
    "publish": _published,
    "basic_consume": _basic_consume,
    "basic_get": _basic_consume,
    "consume": _consumed,
    "iterator": _consumed,
    "queue_bind": _queue_bind,
    "bind": _bind,
    "Queue": _queue_of_kombu,
}
RABBIT_VERBS = frozenset(_READERS)
