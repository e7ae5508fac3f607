"""Events over the broker clients of JavaScript: redis, Kafka, RabbitMQ, NATS, MQTT and Nest microservices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.events.javascript_names import names_js, origin_js, places_js
from pytest_superteam.scanners.facts.events.javascript_rabbit import rabbit_uses_js
from pytest_superteam.scanners.facts.events.model import UNKNOWN_PART, EventUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["broker_call"]

_PACKAGES = {
    "ioredis": "redis", "redis": "redis", "@redis/client": "redis", "handy-redis": "redis", "kafkajs": "kafka",
    "node-rdkafka": "kafka", "kafka-node": "kafka", "@confluentinc/kafka-javascript": "kafka", "amqplib": "rabbitmq",
    "amqplib/callback_api": "rabbitmq", "amqp-connection-manager": "rabbitmq", "nats": "nats", "nats.ws": "nats",
    "@nats-io/transport-node": "nats", "@nats-io/nats-core": "nats", "@nats-io/jetstream": "nats", "mqtt": "mqtt",
    "async-mqtt": "mqtt", "@nestjs/microservices": "nest",
}  # fmt: skip
_LISTS = {
    "lpush": "publish", "rpush": "publish", "lpop": "consume", "rpop": "consume", "blpop": "consume",
    "brpop": "consume",    "brpoplpush": "consume", "blmove": "consume", "lmove": "consume",
}  # fmt: skip
"""Lists of redis that may be queues between services; about these nothing is claimed."""
_VERBS = frozenset({
    *_LISTS, "lPush", "rPush", "lPop", "rPop", "blPop", "brPop", "brPopLPush", "blMove", "lMove",
    "publish", "subscribe", "psubscribe", "pSubscribe", "sSubscribe", "ssubscribe", "xadd", "xAdd", "xread", "xRead",
    "xreadgroup", "xReadGroup", "send", "sendBatch", "sendToQueue", "consume", "bindQueue", "assertExchange", "emit",
    "produce", "request", "get", "sPublish", "spublish", "subscribeAsync", "publishAsync",
})  # fmt: skip


def _package(name: str) -> str:
    """Return the broker of a dotted name."""
    for package, broker in _PACKAGES.items():
        if name == package or name.startswith(package + "."):
            return broker
    return ""


def _broker(tree: SourceTree, module: JavaScriptModule, callee: Node, verb: str) -> str:
    """Return the broker of a call: by what made the object, or by the one broker library that the module imports."""
    broker = _package(module.qualname(callee))
    if broker:
        return broker
    holder = callee.child_by_field_name("object")
    made = origin_js(tree, module, holder)
    if made:
        found = _package(made)
        if found or ("/" not in made and "." in made):
            return found
    if verb in {"get", "send", "emit", "request", "consume"}:
        text = module.text(holder).lower()
        if verb == "consume" and ("channel" in text or text in {"ch", "chan"}):
            return "rabbitmq"
        return "kafka" if verb == "send" and "producer" in text else ""
    if verb in {"sendToQueue", "bindQueue", "assertExchange"}:
        return "rabbitmq"
    if verb == "sendBatch":
        return "kafka"
    if verb.lower() in {"psubscribe", "xadd", "xread", "xreadgroup"}:
        return "redis"
    local = {broker for name in module.imports.values() if (broker := _package(name)) and broker != "nest"}
    if len(local) == 1:
        return next(iter(local))
    text = module.text(holder).lower()
    words = {
        "redis": "redis",
        "kafka": "kafka",
        "nats": "nats",
        "mqtt": "mqtt",
        "channel": "rabbitmq",
        "amqp": "rabbitmq",
    }
    return next((kind for word, kind in words.items() if word in text), "")


def broker_call(tree: SourceTree, module: JavaScriptModule, call: Node) -> Iterator[EventUse]:
    """Yield what one call publishes or consumes over a broker."""
    callee = module.unwrap(module.callee(call))
    if callee is None or callee.type != "member_expression":
        return
    verb = module.member_name(callee) or ""
    if verb not in _VERBS:
        return
    broker = _broker(tree, module, callee, verb)
    if broker == "rabbitmq":
        yield from rabbit_uses_js(tree, module, call, verb)
    elif broker == "kafka":
        yield from _kafka(tree, module, call, verb)
    elif broker == "redis":
        yield from _redis(tree, module, call, verb)
    elif broker in {"nats", "mqtt"} and verb in {"publish", "subscribe", "request", "publishAsync", "subscribeAsync"}:
        kind = "consume" if verb.startswith("subscribe") else "publish"
        yield from _each(
            tree, module, call, module.argument(call, 0), kind, broker, "tokens" if kind == "consume" else ""
        )
    elif broker == "nest" and verb in {"emit", "send"}:
        yield from _each(tree, module, call, module.argument(call, 0), "publish", "nest")


def _each(
    tree: SourceTree, module: JavaScriptModule, call: Node, node: Node | None, kind: str, broker: str, wild: str = ""
) -> Iterator[EventUse]:
    """Yield a use for each name that `node` gives."""
    for name, home, place in places_js(tree, module, node, call):
        how = "regex" if name.startswith("^") and kind == "consume" else wild
        known = bool(name) and UNKNOWN_PART not in name
        yield EventUse(kind, name, home.path, home.line(place), broker, wild=how, claimed=known)  # type: ignore[arg-type]  # one of two


def _kafka(tree: SourceTree, module: JavaScriptModule, call: Node, verb: str) -> Iterator[EventUse]:
    first = module.argument(call, 0)
    if verb == "subscribe":
        topic = module.option(first, "topics") or module.option(first, "topic") or first
        yield from _each(tree, module, call, topic, "consume", "kafka")
    elif verb == "send":
        resolved = module.resolve(first)
        parts = module.children(resolved) if resolved is not None and resolved.type == "array" else [first]
        for part in parts:
            topic = module.option(part, "topic")
            unknown = resolved is None or resolved.type not in {"object", "array"}
            if topic is not None:
                yield from _each(tree, module, call, topic, "publish", "kafka")
            elif unknown:
                yield EventUse("publish", UNKNOWN_PART, module.path, module.line(call), "kafka", claimed=False)
    elif verb == "sendBatch":
        found = [
            item.child_by_field_name("value")
            for item in (module.inside(first, "pair") if first is not None else ())
            if module.key(item.child_by_field_name("key")) == "topic"
        ]
        for topic in found:
            yield from _each(tree, module, call, topic, "publish", "kafka")
        if not found:
            yield EventUse("publish", UNKNOWN_PART, module.path, module.line(call), "kafka", claimed=False)
    elif verb == "produce":
        yield from _each(tree, module, call, first, "publish", "kafka")


def _redis(tree: SourceTree, module: JavaScriptModule, call: Node, verb: str) -> Iterator[EventUse]:
    lower = verb.lower()
    if lower in _LISTS:
        for name in names_js(tree, module, module.argument(call, 0)):
            yield EventUse(_LISTS[lower], name, module.path, module.line(call), "redis-list", claimed=False)  # type: ignore[arg-type]  # one of two
    elif lower in {"publish", "spublish"}:
        yield from _each(tree, module, call, module.argument(call, 0), "publish", "redis")
    elif lower in {"subscribe", "psubscribe", "ssubscribe"}:
        wild = "glob" if lower == "psubscribe" else ""
        for node in module.arguments(call):
            if node.type not in {"arrow_function", "function_expression"}:
                found = list(_each(tree, module, call, node, "consume", "redis", wild))
                position = node.start_byte == module.arguments(call)[0].start_byte
                yield from found if position else (use for use in found if use.claimed)
    elif lower == "xadd":
        yield from _each(tree, module, call, module.argument(call, 0), "publish", "redis-stream")
    elif lower in {"xread", "xreadgroup"}:
        yield from _streams(tree, module, call, verb)


def _streams(tree: SourceTree, module: JavaScriptModule, call: Node, verb: str) -> Iterator[EventUse]:
    """Yield the streams that are read: objects with a `key`, or the words behind STREAMS."""
    arguments = module.arguments(call)
    keys = [
        item.child_by_field_name("value")
        for argument in arguments
        for item in module.inside(argument, "pair")
        if module.key(item.child_by_field_name("key")) == "key"
    ]
    words = [module.literal(argument) for argument in arguments]
    place = next((i for i, word in enumerate(words) if isinstance(word, str) and word.upper() == "STREAMS"), None)
    if place is not None:
        rest = arguments[place + 1 :]
        keys += rest[: max(1, len(rest) // 2)]
    for key in keys:
        yield from _each(tree, module, call, key, "consume", "redis-stream")
    if not keys and verb:
        yield EventUse("consume", UNKNOWN_PART, module.path, module.line(call), "redis-stream", claimed=False)
