"""What a person reads about services that wait: why, what was tried and told, its cost, its files, how to go on."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.fleet.kinds import KINDS
from pytest_superteam.pipeline.state.attempts import Attempts
from pytest_superteam.pipeline.state.costs import costs_of
from pytest_superteam.pipeline.state.resuming import lineage
from pytest_superteam.reports.costs import any_cost, headline
from pytest_superteam.reports.text import one_line, plural
from pytest_superteam.reports.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.models import Cost
    from pytest_superteam.pipeline.fleet.reviews import Review
    from pytest_superteam.pipeline.state.attempts import Attempt
    from pytest_superteam.pipeline.state.store import RunRecord, Store

__all__ = ["text_of"]

_WIDTH = 300
_LINE = 2_000  # of a command, which is of no use when it is cut
_MOST_TRIES = 20
_KNOWN = ("attempts", "command", "directory", "log", "retry_at", "session")
"""Details that are told in another way than by their names."""
_ALIASES = {"timed out": "timeout", "stalled": "stall"}
"""How tries end, and of which kind of error that is."""

_TO_DO = {
    "same_error": "Look at the error and at the files; mend the requirement or the contract that leads to it,"
    " or let another builder try (`services.<name>.builder`).",
    "attempts": "Look at the last error; give it more tries (`retry.attempts`) or another builder"
    " (`services.<name>.builder`).",
    "quota": "Wait until the platform has room, raise its `limit`, or name a further builder (`builders`).",
    "too_long": "Come back when the platform has room, or raise `retry.longest_wait`.",
    "budget": "Raise the budget (`--budget`, `services.<name>.budget`), or name a builder that is cheaper"
    " or says its price.",
}
"""What a person can do, by the kinds of review that are no kinds of error."""
_ELSE = "Look at the error and at the files, and mend what leads to it."
_MORE = " More tries: `retry.attempts`; another builder: `services.<name>.builder`."


def text_of(store: Store, run: str, reviews: Sequence[Review]) -> list[str]:
    """Return the lines about all services of a run that wait for a person."""
    attempts = Attempts(store, run, "").of_run()
    costs = costs_of(store, lineage(store, run))
    command, log = _command(store, run), _log(store.run(run))
    count = len(reviews)
    lines = [f"{plural(count, 'service')} {'waits' if count == 1 else 'wait'} for a person:"]
    for review in reviews:
        tried = [attempt for attempt in attempts if attempt.service == review.service]
        paid = [cost for cost in costs if cost.service == review.service]
        lines += ["", *_of_one(review, tried, paid, command, log)]
    return lines


def _of_one(review: Review, tried: Sequence[Attempt], paid: Sequence[Cost], command: str, log: str) -> Iterator[str]:
    details = review.details
    yield f"{one_line(review.service)}  (since {moment(review.at)})"
    yield f"  why      {one_line(review.reason, 600)} ({one_line(review.kind, 40)})"
    if len(tried) > _MOST_TRIES:
        yield f"  try      the first {len(tried) - _MOST_TRIES} of {len(tried)} are not shown"
    for attempt in tried[-_MOST_TRIES:]:
        yield from _try_lines(attempt)
    if any_cost(paid):
        yield f"  cost     {headline(paid)}"
    yield from _given("files", details.get("directory"))
    yield from _given("log", details.get("log") or log)
    for name, value in details.items():
        if name not in _KNOWN:
            yield from _given(name, value)
    again = details.get("retry_at")
    if isinstance(again, (int, float)) and not isinstance(again, bool):
        yield f"  not before {moment(again)}"
    yield f"  to do    {_to_do(review)}"
    asked = details.get("command")
    yield f"  go on    {one_line(asked, _LINE) if isinstance(asked, str) and asked.strip() else command}"


def _try_lines(attempt: Attempt) -> Iterator[str]:
    who = attempt.builder + (f" ({attempt.model})" if attempt.model else "")
    ended = f"{attempt.status} after {attempt.seconds:.0f} s" if attempt.ended is not None else attempt.status
    error = f": {one_line(attempt.error)}" if attempt.error else ""
    yield f"  try {attempt.number:<4} {one_line(who, 80)}, {ended}{error}"
    if attempt.hint:
        yield f"           it was told: {one_line(_advice(attempt.hint))}"


def _advice(hint: str) -> str:
    """Return what a hint says beside the errors that it quotes, for those are told with their tries."""
    lines = [line for line in hint.splitlines() if not line.startswith(">") and not line.endswith(":")]
    return " ".join(lines) or hint


def _given(name: str, value: Any) -> Iterator[str]:
    """Yield a line for something that there is."""
    if value in (None, "", [], {}):
        return
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    yield f"  {one_line(name, 40):<8} {one_line(text, _WIDTH)}"


def _to_do(review: Review) -> str:
    kind = KINDS.get(_ALIASES.get(review.kind, review.kind))
    text = _TO_DO.get(review.kind, _ELSE) if kind is None else kind.advice + (_MORE if kind.retryable else "")
    return text.replace("<name>", one_line(review.service, 63))


def _command(store: Store, run: str) -> str:
    """Return the command line that goes on with a run: what failed is tried again, what is built is kept."""
    written = next((session.command for session in reversed(store.sessions(run)) if session.command), "")
    return one_line(written or _shortest(store.run(run)), _LINE)


def _log(run: RunRecord | None) -> str:
    """Return where the log of a run is kept, empty where it is not on this machine."""
    if run is None or not run.project:
        return ""
    log = Layout(Path(run.project)).run_log
    return str(log) if log.is_file() else ""


def _shortest(run: RunRecord | None) -> str:
    """Return the command line of a run whose sessions left none."""
    if run is None or run.kind == "system":
        return "pytest --system ."
    prd = Path(run.prd)
    shown = prd.relative_to(run.project) if run.project and prd.is_relative_to(run.project) else prd
    return shlex.join(["pytest", "--prd", str(shown)])
