"""Events of a Python service over its own outbox, publish functions, handler tables and comparisons of event types."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, Literal

from pytest_superteam.scanners.facts.events.model import EventUse
from pytest_superteam.scanners.facts.names import words
from pytest_superteam.scanners.facts.services import literal
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["own_uses"]

_PUBLISH = re.compile(
    r"publish(?:_\w+)?|(?:emit|enqueue|record|raise|send|add|dispatch|store|queue|create|write|announce)_(?:\w+_)?event|basic_publish|xadd|produce|send_and_wait"
)
_OUTBOX = re.compile(r"outbox|OutboxEvent|OutboxMessage|DomainEvent|CloudEvent", re.IGNORECASE)
_CONSUME = re.compile(
    r"p?subscribe(?:r|_to)?|handles?(?:_event)?|on_event|event_handler|consumes?(?:r)?|listens?(?:_to|er)?|basic_consume|queue_bind|"
    r"register_(?:\w+_)?handler|add_(?:\w+_)?handler|xread(?:group)?|on_message"
)
_CONSUMER_CLASSES = frozenset({"KafkaConsumer", "AIOKafkaConsumer"})
_TABLES = re.compile(r"(?:^|_)(?:handlers?|consumers?|subscri\w+|listeners?|dispatch)(?:_|$)", re.IGNORECASE)
_NAMED = ("event_type", "event_name", "event", "type", "name", "topic", "channel", "subject", "routing_key", "queue")
_LIFECYCLE = frozenset(
    {"startup", "shutdown", "connect", "disconnect", "error", "message", "open", "close", "on", "exit"}
)
_EVENT = re.compile(r"[A-Za-z][\w-]*(?:[.:/][\w*>#-]+)*|[A-Z][A-Za-z0-9]+|[\w.*>#:-]+")


def own_uses(tree: SourceTree, module: PythonModule, taken: set[ast.Call]) -> Iterator[EventUse]:
    """Yield the uses that no broker's client makes; `taken` are the calls of those."""
    path = module.path
    decorators = {d for function in module.functions for d in function.decorator_list}
    for call in module.calls:
        if call in taken:
            continue
        kind = _kind(module, call, decorator=call in decorators)
        if kind is not None:
            for name in _names(tree, module, call, kind):
                yield EventUse(kind, name, path, call.lineno)
    for name, node in (*_table_keys(tree, module), *_compared(tree, module)):
        yield EventUse("consume", name, path, node.lineno)


def _last(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _kind(module: PythonModule, call: ast.Call, *, decorator: bool) -> Literal["publish", "consume"] | None:
    """Return whether a call publishes or consumes, by its name and for ambiguous names by its client."""
    name = _last(call.func)
    if decorator or name in _CONSUMER_CLASSES:
        return "consume" if _CONSUME.fullmatch(name) or name in _CONSUMER_CLASSES else None
    if _PUBLISH.fullmatch(name):
        return "publish"
    if name == "send" and re.search(
        r"kafka|producer", module.qualname(call.func) + _last(getattr(call.func, "value", call)), re.IGNORECASE
    ):
        return "publish"
    if _OUTBOX.fullmatch(name) or (name[:1].isupper() and name.lower().startswith("outbox")):
        return "publish"
    return "consume" if _CONSUME.fullmatch(name) and not name.startswith(("handle", "listen", "consume")) else None


def _names(tree: SourceTree, module: PythonModule, call: ast.Call, kind: str) -> list[str]:
    """Return the literal event names among the arguments of a call; the first that is one, or all of a list."""
    named = [k.value for wanted in _NAMED for k in call.keywords if k.arg == wanted]
    if kind == "publish" and _last(call.func) == "basic_publish":
        named = [k.value for k in call.keywords if k.arg == "routing_key"] or list(call.args[1:2])
        return _events(literal(tree, module, named[0])) if named else []
    limit = 8 if kind == "consume" and _last(call.func) not in {"add_handler", "register_handler"} else 3
    found: list[str] = []
    for node in (*named, *call.args[:limit]):
        names = _events(literal(tree, module, node))
        if isinstance(node, ast.Call) and not names:  # publish(session, Event("OrderPlaced"))
            names = _events(literal(tree, module, node.args[0])) if node.args else []
            names = names or [
                n for k in node.keywords if k.arg in _NAMED for n in _events(literal(tree, module, k.value))
            ]
        found += names
        if names and (kind == "publish" or limit == 3 or named):
            break
    return found


def _events(value: Any) -> list[str]:
    """Return the strings of a literal that may be names of events."""
    items = value if isinstance(value, list) else list(value) if isinstance(value, dict) else [value]
    texts = [item for item in items if isinstance(item, str) and item]
    if isinstance(value, dict) and "type" in value:
        texts = [str(value["type"])] if isinstance(value["type"], str) else []
    return [t for t in texts if _EVENT.fullmatch(t) and t.lower() not in _LIFECYCLE]


def _table_keys(tree: SourceTree, module: PythonModule) -> Iterator[tuple[str, ast.expr]]:
    """Yield the literal keys of dicts bound to names such as HANDLERS, and of entries that are put into them."""
    assigns: list[ast.Assign | ast.AnnAssign] = [*module.of(ast.Assign), *module.of(ast.AnnAssign)]
    for assign in assigns:
        targets = assign.targets if isinstance(assign, ast.Assign) else [assign.target]
        for target in targets:
            if (
                isinstance(assign.value, ast.Dict)
                and _TABLES.search(_last(target))
                and "header" not in _last(target).lower()
            ):
                for key, value in zip(assign.value.keys, assign.value.values, strict=True):
                    if key is not None and not isinstance(value, (ast.Constant, ast.Dict)):
                        yield from ((name, key) for name in _events(literal(tree, module, key)))
            if isinstance(target, ast.Subscript) and _TABLES.search(_last(target.value)):
                yield from ((name, target) for name in _events(literal(tree, module, target.slice)))


def _is_event_type(node: ast.expr) -> bool:
    """Return whether an expression reads the type of an event: `event.type`, `event["type"]`, `event_type`."""
    text = " ".join(
        n.id if isinstance(n, ast.Name) else n.attr for n in walk(node) if isinstance(n, (ast.Name, ast.Attribute))
    )
    keys = [n.value for n in walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    said = set(words(text)) | {word for key in keys for word in words(key)}
    return bool({"event", "envelope", "cloudevent"} & said) and bool({"type", "name", "kind"} & said)


def _compared(tree: SourceTree, module: PythonModule) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that an event's type is compared with, by `==`, `in` or `match`."""
    for node in module.of(ast.Compare):
        if _is_event_type(node.left) and isinstance(node.ops[0], (ast.Eq, ast.In)):
            yield from ((name, node) for name in _events(literal(tree, module, node.comparators[0])))
    for match in module.of(ast.Match):
        if _is_event_type(match.subject):
            for case in match.cases:
                for pattern in walk(case.pattern):
                    if isinstance(pattern, ast.MatchValue):
                        yield from ((name, pattern.value) for name in _events(module.literal(pattern.value)))
