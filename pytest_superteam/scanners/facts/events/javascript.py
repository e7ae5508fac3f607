"""Which events the JavaScript of a service publishes and consumes, over broker clients, queues and emitters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.events.javascript_brokers import broker_call
from pytest_superteam.scanners.facts.events.javascript_local import decorated, local_call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.facts.events.model import EventUse
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["javascript_uses"]

_WORDS = (
    b"redis", b"kafka", b"amqp", b"nats", b"mqtt", b"ull", b"microservices", b"mitter", b"mitt", b"publish",
    b"ubscribe",    b"OnEvent", b"EventPattern", b"MessagePattern", b"Processor", b".emit(", b"Queue", b"queue",
    b"roducer", b"onsumer",
)  # fmt: skip
_EMITTERS = (b"mitter", b"mitt")
_LISTENERS = (b".on(", b".once(", b".addListener(")
_PATTERN = re.compile(
    rb"\.(?:publish|b?[lr]p(?:op|ush)|b?[lr]P(?:op|ush)|emit|emitAsync|p?[sS]ubscribe|xadd|xAdd|xread\w{0,5}|xRead\w{0,5}|send\w{0,9}|produce|consume|bindQueue|add\w{0,4}|process|on\w{0,4}|once"
    rb"|addListener|assertExchange|request|get|many)\s{0,4}[(<]|new\s{1,4}(?:\w+\.)?(?:Worker|Queue)|@(?:OnEvent|EventPattern|MessagePattern|Processor|Process)\b"
)


def javascript_uses(tree: SourceTree) -> Iterator[EventUse]:
    """Yield the uses in JavaScript and TypeScript service code."""
    files = list(tree.service_files("javascript", "typescript"))
    words = (*_WORDS, *_LISTENERS) if any(word in f.data for f in files for word in _EMITTERS) else _WORDS
    for file in files:
        data = file.data
        if any(word in data for word in words) and _PATTERN.search(data) and (module := file.javascript) is not None:
            for call in module.calls:
                yield from broker_call(tree, module, call)
                yield from local_call(tree, module, call)
            if b"@" in data:
                yield from decorated(tree, module)
