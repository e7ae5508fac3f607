"""Which gate items prove which requirement, and what a session makes of that: the matrix of the report.

A requirement rests on the items of its operations and on those of what its words speak of: who may see what, states,
events, logs, secrets ... (`ASPECTS`). Where it speaks of something that no check of ours looks at, such as an uptime
or a rate limit, nothing of ours proves it; a test of the project can, by `@pytest.mark.requirement("FR-012")`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pytest_superteam.models import Outcome
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_superteam.models import Requirement
    from pytest_superteam.pipeline.items import GateItem

__all__ = ["ASPECTS", "Aspect", "Ended", "Link", "Linker", "Status", "is_top", "trace"]

Status = Literal["proven", "failing", "unproven"]

_FLAGS = re.IGNORECASE
_LONGEST = 4000  # characters of a requirement that are read for its words


@dataclass(frozen=True)
class Aspect:
    """Something that a requirement may speak of. `codes` look at it, by prefix; none: no check of ours does."""

    name: str
    words: re.Pattern[str]
    codes: tuple[str, ...] = ()


def _aspect(name: str, words: str, *codes: str) -> Aspect:
    return Aspect(name, re.compile(words, _FLAGS), codes)


ASPECTS = (
    _aspect(
        "ownership",
        r"\bonly\b.{0,40}\b(?:own|owner|author|creator|themselves)\b|\b(?:their|his|her|its) own\b"
        r"|\bown\b.{0,20}\bonly\b"
        r"|\b(?:another|other) (?:user|customer|member|tenant|account|person|people)s?\b",
        "AUTH-005",
    ),
    _aspect(
        "roles",
        r"\b(?:admins?|administrators?|moderators?|roles?|permissions?|authori[sz]ed|RBAC|privileg\w{0,6})\b",
        "AUTH-006",
    ),
    _aspect(
        "signing in",
        r"\b(?:bearer|jwts?|access tokens?|authenticat\w{1,6}|sign(?:s|ed)? in|log(?:s|ged)? in|log-?ins?)\b",
        "AUTH-001",
        "AUTH-002",
        "AUTH-003",
        "AUTH-004",
    ),
    _aspect("states", r"\b(?:states?|transitions?|workflow|lifecycle|life cycle)\b", "FLOW-"),
    _aspect(
        "events",
        r"\b(?:events?|announc\w{1,5}|publish(?:es|ed)?|subscrib\w{1,4}|emit(?:s|ted)?|notifi\w{1,8})\b",
        "EVENT-",
    ),
    _aspect("passwords", r"\b(?:hash(?:ed|es|ing)?|bcrypt|argon2|scrypt|pbkdf2|plain ?text)\b", "EXPOSE-003"),
    _aspect("unknown fields", r"\bmass assignment\b", "EXPOSE-001"),
    _aspect("injection", r"\b(?:injections?|SQLi|saniti[sz]\w{1,6}|XSS)\b", "EXPOSE-009"),
    _aspect("cross-origin calls", r"\bCORS\b|\bcross-origin\b", "CORS-", "EXPOSE-005"),
    _aspect("logs", r"\b(?:logs|logging|logged|log (?:lines?|entr\w{1,3}|files?))\b(?! (?:in|out)\b)", "LOG-"),
    _aspect("traces", r"\b(?:traces?|tracing|traceparent|correlation ids?|opentelemetry)\b", "TRACE-"),
    _aspect("health", r"\b(?:health(?:z| ?checks?| ?endpoints?)?|liveness|readiness)\b", "HEALTH-"),
    _aspect("containers", r"\b(?:docker\w{0,4}|containers?|containeri[sz]ed)\b", "DOCKER-"),
    _aspect("secrets", r"\b(?:hard-?coded|secrets? (?:in|management)|no secrets?|api keys?)\b", "SEC-SECRET-"),
    _aspect("consumers", r"\b(?:backwards?[- ]compatib\w{1,6}|breaking changes?)\b", "BREAK-"),
    # What no check looks at:
    _aspect(
        "speed", r"\b\d{1,6} ?(?:ms|milliseconds?)\b|\b(?:p9[059]|latenc\w{1,3}|throughput|requests? per second)\b"
    ),
    _aspect("load", r"\b(?:concurrent users?|scal(?:e|es|able|ability)|load test\w{0,3}|horizontally)\b"),
    _aspect("availability", r"\b(?:uptime|availability|99(?:\.\d{1,4})? ?%|failover|disaster|backups?)\b"),
    _aspect("rate limits", r"\b(?:rate[- ]?limit\w{0,4}|throttl\w{1,4})\b", "EXPOSE-008"),
    _aspect("encryption", r"\b(?:encrypt\w{0,4}|TLS|SSL|HTTPS|at rest)\b"),
    _aspect(
        "a user interface",
        r"\b(?:UI|UX|front-?ends?|web ?pages?|screens?|browsers?|responsive|mobile apps?|dark mode|accessib\w{1,6}"
        r"|WCAG|dashboards?|buttons?)\b",
    ),
    _aspect("privacy law", r"\b(?:GDPR|HIPAA|CCPA|PCI(?:[- ]DSS)?|SOC ?2)\b"),
    _aspect("documentation", r"\b(?:documentation|documented|user guide|README)\b"),
    _aspect("tests and coverage", r"\b(?:code coverage|test coverage|unit tests?|integration tests?)\b", "TEST-001"),
)


_WORD = re.compile(r"[A-Za-z]{2,40}")
_TOP = re.compile(r"^\W*(?:must(?:[- ]have)?|m|p0|p-0|critical|highest|mandatory|blocker|required)\b", _FLAGS)


def is_top(priority: str) -> bool:
    """Return whether a priority is the highest of the usual scales: Must (MoSCoW), P0, critical ..."""
    return bool(_TOP.match(priority[:40]))


def aspects_of(text: str) -> tuple[Aspect, ...]:
    """Return what a requirement speaks of."""
    read = text[:_LONGEST]
    return tuple(aspect for aspect in ASPECTS if aspect.words.search(read))


@dataclass(frozen=True)
class Link:
    """What a requirement rests on: gate items by key, and what it speaks of that none of them looks at."""

    items: tuple[str, ...]
    unchecked: tuple[str, ...]


class Linker:
    """Links requirements to the gate items of a system."""

    def __init__(self, items: Iterable[GateItem], entities: Iterable[str] = ()) -> None:
        """Know `items`, and the names of the system's entities: where one is called Event, an event is a row."""
        self._rows = frozenset(form for name in entities for form in (name.casefold(), f"{name.casefold()}s"))
        self._operations: dict[tuple[str, str], str] = {}
        self._codes: dict[str, list[GateItem]] = {}
        for item in items:
            self._codes.setdefault(item.code, []).append(item)
            if item.test == "test_conformance":
                self._operations[item.service, item.subject] = item.key

    def link(self, requirement: Requirement) -> Link:
        """Return the gate items that a requirement rests on, those of its operations first.

        An item of an aspect counts where its service has an operation of the requirement; a requirement without
        operations speaks of the whole system.
        """
        pairs = [(name.split(":", 1)[0], name.split(":", 1)[-1]) for name in requirement.operations]
        services = {service for service, _ in pairs}
        found = [self._operations[pair] for pair in pairs if pair in self._operations]
        unchecked = []
        text = _WORD.sub(lambda word: "" if word[0].casefold() in self._rows else word[0], requirement.text[:_LONGEST])
        for aspect in aspects_of(text):
            own = self._of(aspect.codes)
            near = [item.key for item in own if not services or item.service in services]
            found += near or [item.key for item in own]
            if not own:
                unchecked.append(aspect.name)
        return Link(tuple(dict.fromkeys(found)), tuple(unchecked))

    def _of(self, prefixes: tuple[str, ...]) -> list[GateItem]:
        return [item for code, items in self._codes.items() if prefixes and code.startswith(prefixes) for item in items]


@dataclass(frozen=True)
class Ended:
    """How a test ended that a requirement rests on."""

    id: str
    outcome: Outcome


def trace(
    requirement: Requirement,
    linked: Link,
    endings: Mapping[str, Ended],
    claims: Sequence[Ended] = (),
    *,
    require_traced: bool = False,
) -> dict[str, Any]:
    """Return a requirement's row of the matrix.

    Args:
        requirement: The requirement.
        linked: What it rests on.
        endings: How the gate items of this session ended, by key.
        claims: How the project's own tests ended that claim it.
        require_traced: Whether it blocks where it has the highest priority and nothing proves it.

    Failing: something that it rests on found something or could not run. Proven: all of it ran and found nothing, or
    a test that claims it passed. Unproven: all else, and `reason` says why.
    """
    ran = [endings[key] for key in linked.items if key in endings]
    tried = [end for end in (*ran, *claims) if end.outcome is not Outcome.SKIPPED]
    status, reason = _judged(linked, ran, tried, claims)
    return {
        "id": requirement.id,
        "line": requirement.line,
        "text": mask(requirement.text),
        "priority": requirement.priority,
        "operations": list(requirement.operations),
        "status": status,
        "reason": reason,
        "blocks": require_traced and status == "unproven" and is_top(requirement.priority),
        "items": [{"id": end.id, "outcome": end.outcome.value} for end in (*ran, *claims)],
    }


_BAD = (Outcome.FAILED, Outcome.ERROR, Outcome.ADVISORY)


def _judged(linked: Link, ran: Sequence[Ended], tried: Sequence[Ended], claims: Sequence[Ended]) -> tuple[Status, str]:
    bad = [end for end in tried if end.outcome in _BAD]
    if bad:
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        return "failing", f"{bad[0].id} {_WORDS[bad[0].outcome]}{more}"
    if any(end.outcome is Outcome.PASSED for end in claims):
        return "proven", ""
    if linked.unchecked:
        return "unproven", f"no check looks at {', '.join(linked.unchecked)}; claim it with a test of your own"
    if not linked.items:
        return "unproven", "no check is linked to it; claim it with a test of your own"
    passed = sum(end.outcome is Outcome.PASSED for end in ran)
    if passed < len(linked.items):
        return "unproven", f"not all of its checks were run ({passed} of {len(linked.items)})"
    return "proven", ""


_WORDS = {Outcome.FAILED: "failed", Outcome.ERROR: "could not run", Outcome.ADVISORY: "found something"}
