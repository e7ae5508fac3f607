"""Events over the broker clients of Python: redis, Kafka, RabbitMQ, NATS, MQTT and FastStream."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.events.model import EventUse
from pytest_superteam.scanners.facts.events.python_names import names_of, places_of
from pytest_superteam.scanners.facts.events.python_rabbit import RABBIT_VERBS, rabbit_uses
from pytest_superteam.scanners.facts.origins import origin
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["BROKER_PACKAGES", "broker_uses"]

BROKER_PACKAGES = {
    "redis": "redis", "aioredis": "redis", "walrus": "redis", "fakeredis": "redis", "coredis": "redis",
    "rediscluster": "redis",    "kafka": "kafka", "aiokafka": "kafka", "confluent_kafka": "kafka",
    "pika": "rabbitmq", "aio_pika": "rabbitmq",
    "aiormq": "rabbitmq", "kombu": "rabbitmq", "amqp": "rabbitmq", "nats": "nats", "paho": "mqtt", "aiomqtt": "mqtt",
    "asyncio_mqtt": "mqtt", "gmqtt": "mqtt", "faststream": "faststream", "flask_redis": "redis",
    "django_redis": "redis"}  # fmt: skip

_PUBLISH = {
    "redis": {"publish": 0, "spublish": 0},
    "redis-stream": {"xadd": 0},
    "kafka": {"send": 0, "send_and_wait": 0, "produce": 0},
    "nats": {"publish": 0, "request": 0},
    "mqtt": {"publish": 0},
}
_NAMES = {
    "redis": ("channel", "shard_channel"), "redis-stream": ("name",), "kafka": ("topic",), "nats": ("subject",),
    "mqtt": ("topic",),
}  # fmt: skip
_CONSUME = {
    "redis": {"subscribe", "psubscribe", "ssubscribe"},
    "redis-stream": {"xread", "xreadgroup", "xautoclaim", "xrange"},
    "kafka": {"subscribe", "assign", "KafkaConsumer", "AIOKafkaConsumer"},
    "nats": {"subscribe", "pull_subscribe", "subscribe_core"},
    "mqtt": {"subscribe"},
}
_LISTS = {
    "lpush": "publish", "rpush": "publish", "lpop": "consume", "rpop": "consume", "blpop": "consume",
    "brpop": "consume",    "brpoplpush": "consume", "rpoplpush": "consume", "lmove": "consume", "blmove": "consume",
}  # fmt: skip
"""Lists of redis that may be queues between services; about these nothing is claimed."""
_ALL = frozenset(_LISTS) | frozenset(
    {name for table in (_PUBLISH, _CONSUME) for kinds in table.values() for name in kinds}
)


def broker_uses(tree: SourceTree, module: PythonModule) -> tuple[list[EventUse], set[ast.Call]]:
    """Return the uses over known clients, and all calls that are one, named or not."""
    found: list[EventUse] = []
    taken: set[ast.Call] = set()
    local = {
        BROKER_PACKAGES[root] for name in module.imports.values() if (root := name.partition(".")[0]) in BROKER_PACKAGES
    }
    for call in module.calls:
        last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if last not in _ALL and last not in RABBIT_VERBS and last not in {"subscriber", "publisher"}:
            continue
        broker = _broker(tree, module, call, local)
        uses = list(_uses(tree, module, call, last, broker)) if broker else []
        if uses:
            taken.add(call)
            found += uses
    return found, taken


def _broker(tree: SourceTree, module: PythonModule, call: ast.Call, local: set[str]) -> str:
    """Return the broker of a call: by what made the object, or by the one broker library that the module imports."""
    name = module.qualname(call.func)
    root = name.partition(".")[0]
    if root in BROKER_PACKAGES and "." in name:
        return BROKER_PACKAGES[root]
    if not isinstance(call.func, ast.Attribute):
        return ""
    made = origin(tree, module, call.func.value)
    if made:
        return BROKER_PACKAGES.get(made.partition(".")[0], "")
    if call.func.attr in {"basic_publish", "basic_consume", "queue_bind", "exchange_declare"}:
        return "rabbitmq"
    if call.func.attr in {"xadd", "xread", "xreadgroup", "psubscribe"}:
        return "redis"
    if call.func.attr in {"bind", "consume", "get", "iterator", "request", "send"}:
        known = local & {"rabbitmq"} if call.func.attr in {"bind", "consume", "iterator"} else set()
        holder = ast.unparse(call.func.value).lower()[-40:]
        if call.func.attr == "send" and "producer" in holder:
            return "kafka"
        return "rabbitmq" if known else ""
    return next(iter(local)) if len(local) == 1 else ""


def _uses(tree: SourceTree, module: PythonModule, call: ast.Call, last: str, broker: str) -> Iterator[EventUse]:
    if broker == "rabbitmq":
        yield from rabbit_uses(tree, module, call, last)
        return
    if broker == "faststream":
        yield from _faststream(tree, module, call, last)
        return
    if last in _LISTS and broker == "redis":
        for name in names_of(tree, module, call.args[0] if call.args else None):
            yield EventUse(_LISTS[last], name, module.path, call.lineno, "redis-list", claimed=False)  # type: ignore[arg-type]  # one of two
    for kind in (broker, f"{broker}-stream"):
        if last in _PUBLISH.get(kind, ()):
            node = next((k.value for k in call.keywords if k.arg in _NAMES[kind]), call.args[0] if call.args else None)
            for name, home, place in places_of(tree, module, node, call):
                yield EventUse("publish", name, home.path, place.lineno, kind, claimed=_known(name))
        elif last in _CONSUME.get(kind, ()):
            yield from _subscriptions(tree, module, call, last, kind)


def _known(name: str) -> bool:
    return bool(name) and "\0" not in name


def _subscriptions(tree: SourceTree, module: PythonModule, call: ast.Call, last: str, kind: str) -> Iterator[EventUse]:
    """Yield what a call subscribes to."""
    wild = {"psubscribe": "glob"}.get(last, "tokens" if kind in {"nats", "mqtt"} else "")
    if kind == "redis-stream":
        nodes = [k.value for k in call.keywords if k.arg in {"streams", "name"}]
        nodes = nodes or list(call.args[2:3] if last == "xreadgroup" else call.args[:1])
    elif last == "assign":
        parts = [part for part in walk(call) if isinstance(part, ast.Call) and part is not call and part.args]
        nodes = [part.args[0] for part in parts]
    else:
        named = {"topics", "topic", "subject", "channel", "pattern", "subjects"}
        nodes = [k.value for k in call.keywords if k.arg in named]
        nodes += list(call.args if kind == "redis" or last.endswith("Consumer") else call.args[:1])
        wild = "regex" if any(k.arg == "pattern" for k in call.keywords) else wild
        if last.endswith("Consumer") and not nodes:
            return  # it subscribes later
        if kind == "redis":
            for handler in call.keywords:
                if handler.arg is None:
                    nodes.append(handler.value)
                elif handler.arg not in named:
                    yield EventUse("consume", handler.arg, module.path, call.lineno, kind, wild=wild)
    for node in nodes:
        for name, home, place in places_of(tree, module, node, call):
            how = "regex" if kind == "kafka" and name.startswith("^") else wild
            yield EventUse("consume", name, home.path, place.lineno, kind, wild=how, claimed=_known(name))


def _faststream(tree: SourceTree, module: PythonModule, call: ast.Call, last: str) -> Iterator[EventUse]:
    named = [k.value for k in call.keywords if k.arg in {"channel", "topic", "subject", "queue", "list", "stream"}]
    place = 1 if last == "publish" else 0
    for node in named or call.args[place : place + 1]:
        inner = node.args[0] if isinstance(node, ast.Call) and node.args else node
        for name in names_of(tree, module, inner):
            kind = "consume" if last in {"subscriber", "subscribe"} else "publish"
            wild = "tokens" if kind == "consume" else ""
            yield EventUse(kind, name, module.path, call.lineno, "faststream", wild=wild, claimed=_known(name))  # type: ignore[arg-type]  # one of two
