"""What part a service plays: a front end, a worker that does not listen, or neither."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.frameworks import FRONTENDS, SERVERS, WORKERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.discovery.draft import Draft

__all__ = ["settle_role", "settle_worker"]

_NAME = re.compile(
    r"(?:^|[-_.])(?:\w{0,20}workers?|consumers?|schedulers?|beat|rq|celery|sidekiq|subscriber)(?:[-_.\d]|$)",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r"\bcelery\b.{0,200}\b(?:worker|beat)\b|\b(?:rq worker|rqworker|qcluster|dramatiq|sidekiq|huey|taskiq)\b"
)


def settle_worker(draft: Draft, own: Sequence[Draft]) -> None:
    """Say that a service is a worker where its command does, or its name beside others of the same source."""
    command = draft.compose.command if draft.compose else None
    text = command.text if command else draft.built.command if draft.built else ""
    if _COMMAND.search(text):
        file, line = (command.file, command.line) if command else _where(draft, "folder")
        draft.role = "worker"
        draft.note("role", "worker", file, line, "its command")
    elif _NAME.search(draft.name) and any(o is not draft and o.folder == draft.folder and o.files == () for o in own):
        draft.role = "worker"
        draft.note("role", "worker", *_where(draft, "name"), "its name, beside others of the same source")


def settle_role(draft: Draft) -> None:
    """Say whether a service is a front end, or a worker that does not listen."""
    if draft.role:
        return
    if draft.framework in FRONTENDS or (draft.built is not None and draft.built.static):
        draft.role = "frontend"
        draft.note("role", "frontend", *_where(draft, "framework"), "runs in a browser")
    elif not draft.port and not draft.health and (draft.framework not in SERVERS or _NAME.search(draft.name)):
        draft.role = "worker"
        draft.note("role", "worker", *_where(draft, "kind"), "nothing says that it listens")
    elif draft.framework in WORKERS and not draft.port:
        draft.role = "worker"
        draft.note("role", "worker", *_where(draft, "framework"), "works through a queue")


def _where(draft: Draft, fact: str) -> tuple[str, int]:
    return next(((c.file, c.line) for c in draft.conclusions if c.fact == fact), ("", 0))
