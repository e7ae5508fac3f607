"""Whose builder can do something about an item that could not run: the service that its error speaks of, or nobody's.

An error reaches many items that have nothing to do with it: where one service does not come up, all that call any
service are errors. Its builder alone is asked then, with the end of its log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["Blame", "blame"]

_READ = 100_000
"""Characters of an error that are looked at: of each of a dozen services it may hold the end of a log."""
_INDENT = "    "
"""How the lines of a log begin in the error of a deployment, and no other lines."""
_DOWN = ("Its last log lines:", "Its log is empty.")
_COMPOSE = "deploy: compose: "

_BEYOND = re.compile(
    r"[A-Z0-9-]{1,60} broke on '"  # a bug in a check
    r"|(?:auth|pacts|gate|system|scan|services|budget|timeouts|deployment|contracts)\.[a-z0-9_]{1,40}: "  # a setting
    r"|The (?:contract can't be loaded|contract has no usable|contract of \S{1,80} has no|AsyncAPI document|pact has no"
    r"|message's schema|flow \S{1,200} made no call|fixture auth_token|contracts have no login|supervisor|owner of"
    r"|record of the|composed deployment|process deployment|verifier could not run|recorder of)"
    r"|Interaction \d{1,6} of the pact|There is no (?:entity|event) |No token can be had|no scanner has the code"
    r"|nothing (?:answers items|of the system runs)|no service was built|Nothing to deploy|openapi-spec-validator"
    r"|the record of the|docker(?: \w{1,30})?: |no program '|(?:the|no) Docker engine|only `docker|`docker compose"
)
"""How errors begin that speak of us, of the machine, of the settings or of the design."""
_BEYOND_WITHIN = re.compile(
    r"no valid request can be made from its contract|superteam\.yaml|schemathesis\.toml|can't be pulled"
    r"|was taken by another program|its supervisor is gone|no space left on device|too many open files"
)
"""What such errors hold."""


@dataclass(frozen=True)
class Blame:
    """What an error says of one service; `service` is empty where no builder can do anything about it."""

    service: str
    text: str
    down: bool = False
    """Whether the service did not come up."""


def blame(error: str, service: str, services: Collection[str]) -> tuple[Blame, ...]:
    """Return what the error of an item says, by service.

    Args:
        error: what the item's check told, lines of logs indented by four.
        service: the service that the item counts for.
        services: all whose builders can be asked.
    """
    text = error[:_READ]
    down = tuple(_down(text, services))
    if down:
        return down
    head = text.partition("\n")[0]
    if head.startswith(_COMPOSE):
        return tuple(_composed(head, text, services)) or (Blame("", text),)
    if _BEYOND.match(head) or _BEYOND_WITHIN.search(head[:2_000]):
        return (Blame("", text),)
    others = tuple(_named(head, services))
    if others and service not in others:
        return tuple(Blame(name, text) for name in others)
    return (Blame(service if service in services else "", text),)


def _down(text: str, services: Collection[str]) -> Iterator[Blame]:
    """Yield the services that did not come up, each with its part of the error."""
    parts: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines():
        if not line.startswith(_INDENT):
            name = line.partition(": ")[0]
            ours = name in services and line.endswith(_DOWN) and not _BEYOND_WITHIN.search(line[:2_000])
            current = parts.setdefault(name, []) if ours else None
        if current is not None:
            current.append(line.removeprefix(_INDENT))
    for name, lines in parts.items():
        yield Blame(name, "\n".join([lines[0].removeprefix(f"{name}: "), *lines[1:]]), down=True)


def _composed(head: str, text: str, services: Collection[str]) -> Iterator[Blame]:
    """Yield the services that an error of the composed deployment names: they lack a Dockerfile, or theirs fails."""
    if not _BEYOND_WITHIN.search(head[:2_000]):
        for name in sorted(services):
            if re.search(rf"(?<![\w.-]){re.escape(name)}(?=[:,/ ])", head[len(_COMPOSE) : 2_000]):
                yield Blame(name, text.removeprefix(_COMPOSE), down=True)


def _named(head: str, services: Collection[str]) -> Iterator[str]:
    """Yield the services that an error says something of: it was not built, hangs, or answered what it should not."""
    for name in sorted(services):
        word = re.escape(name)
        if re.search(rf"'{word}'|\b(?:of|login) {word}(?= )|\A{word} (?=answered|can't be reached)", head[:2_000]):
            yield name
