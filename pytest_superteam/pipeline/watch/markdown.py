"""The run log for people, in Markdown: a head for each session, a line for each event, a summary at the end."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.watch.amounts import amount
from pytest_superteam.pipeline.watch.lines import LONGEST_MESSAGE
from pytest_superteam.reports.text import one_line
from pytest_superteam.reports.times import iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.pipeline.watch.events import Event

__all__ = ["entry", "escaped", "head", "summary"]

_SIGNS = {"info": "ℹ️ ", "success": "✅", "warning": "⚠️ ", "error": "❌"}  # noqa: RUF001  # the sign for information
_MARKUP = re.compile(r"[\\`*\[\]<~&]|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown reads within a line; an underscore within a word is none of it, and names have many."""


def escaped(text: str, limit: int = LONGEST_MESSAGE) -> str:
    """Return text from outside on one line, without a meaning in Markdown or HTML, secrets masked."""
    return _MARKUP.sub(r"\\\g<0>", one_line(text, limit))


def head(*, run: str, session: str, at: float, title: str, services: Sequence[str], resumed: str) -> str:
    """Return the head of a session's part."""
    facts = [("Started", iso(at) or ""), ("Session", escaped(session, 64)), ("Document", escaped(title, 200))]
    facts += [("Resumed", escaped(resumed))] if resumed else []
    facts += [("Tasks", ", ".join(escaped(service, 100) for service in services))] if services else []
    return f"\n## Run: {escaped(run, 64)}\n\n{_facts(facts)}### Execution Log\n\n"


def entry(event: Event) -> str:
    """Return the line of an event, and one below it for each check that failed."""
    time = datetime.fromtimestamp(event.at, UTC).strftime("%H:%M:%S")
    told = [tag for tag in _tags(event) if tag]
    tags = f" ({', '.join(told)})" if told else ""
    lines = [f"- `{time}` {_SIGNS[event.level]} **{event.kind}**: {escaped(event.message)}{tags}\n"]
    checks = event.data.get("checks")
    if isinstance(checks, dict):
        failed = [str(name) for name, passed in checks.items() if passed is False]
        lines += [f"  - ❌ {escaped(name, 200)} failed\n" for name in failed[:100]]
    return "".join(lines)


def _tags(event: Event) -> Iterator[str]:
    """Yield what an event is about, where its message does not say it already."""
    if event.service and event.service not in event.message:
        yield f"task={escaped(event.service, 100)}"
    model = event.data.get("model") or event.data.get("builder")
    if isinstance(model, str) and model and model not in event.message:
        yield escaped(model, 100)
    usd = amount(event.data.get("usd"))
    if usd is not None and "USD" not in event.message and event.data.get("unknown") is not True:
        yield f"cost={'~' if event.data.get('estimated') is True else ''}${usd:.4f}"
    seconds = amount(event.data.get("seconds"))
    if seconds is not None:
        yield f"{seconds:.1f}s"


def summary(*, at: float, verdict: str, seconds: float, usd: float, completed: int, failed: int, review: int) -> str:
    """Return the end of a session's part."""
    facts = [
        ("Ended", iso(at) or ""),
        ("Verdict", escaped(verdict, 100)),
        ("Total Duration", f"{seconds:.1f}s"),
        ("Total Cost", f"${usd:.2f}"),
        ("Tasks Completed", str(completed)),
        ("Tasks Failed", str(failed)),
        ("Tasks Needing Review", str(review)),
    ]
    return f"\n### Run Summary\n\n{_facts(facts)}---\n"


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    return "".join(f"**{name}**: {value}\n\n" for name, value in facts)
