"""Reads what one run of an agent prints: signs of life while it is at work, and what it claims at its end.

Nothing here raises, whatever the agent prints; what could not be read is told in `Claim.problem`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.agents.placeholders import fill
from pytest_superteam.agents.reading.documents import CUT_OFF, MISSING, NO_JSON, parse, parse_last, read_document
from pytest_superteam.agents.reading.spending import Spending
from pytest_superteam.agents.reading.tally import NumberTally, TextTally, first_told, matches
from pytest_superteam.agents.reading.waiting import LONGEST_WAIT, asked_wait
from pytest_superteam.builders.base import Progress
from pytest_superteam.models import Claim
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from pytest_superteam.agents.reading.spec import OutputSpec
    from pytest_superteam.models import Usage

__all__ = ["Reader", "Said"]

MOST_JSON = 16 << 20
"""Characters of a document that is printed as a whole; more of it counts as cut off."""
MOST_LINE = 1 << 14
"""Characters of a line of text that are looked at."""
LAST_WORDS = 4000
_MOST_PROGRESS = 200
_MOST_PROBLEMS = 4
_LAST_LINES = 50


@dataclass(frozen=True)
class Said:
    """What an agent said of its work; `usage` is None where it told nothing of what it used."""

    claim: Claim
    usage: Usage | None = None
    retry_after: float | None = None
    """Seconds that its platform wants us to wait."""
    problem: str = ""
    """What went wrong in its words, one line; empty where it says of nothing."""


class Reader:
    """Reads one run, line by line."""

    def __init__(self, spec: OutputSpec, values: Mapping[str, str] | None = None, model: str = "") -> None:
        """Read as `spec` says; `values` fill the name of the file that it leaves (without them none is looked for)."""
        self._spec, self._values = spec, values or {}
        self._problems: list[str] = []
        self._spending = Spending(spec.usage, model, self._complain)
        self._texts = {name: [TextTally(find) for find in getattr(spec, name)] for name in ("answer", "error")}
        self._progress = [TextTally(find) for find in spec.progress]
        self._after = [NumberTally(find, self._complain) for find in spec.retry_after]
        self._at = [NumberTally(find, self._complain) for find in spec.retry_at]
        self._status: Literal["success", "failure", "unknown"] = "unknown"
        self._ended = False
        self._lines, self._documents = 0, 0
        self._kept: list[str] = []
        self._kept_size = 0
        self._last_line = ""

    def hear(self, line: str) -> Progress | None:
        """Take one printed line; return what is new: something to tell people, or another sum."""
        self._lines += 1
        line = line.rstrip("\r\n")
        if not line.strip():
            return None
        if self._spec.format == "json":
            self._keep(line)
            return None
        document: Any = None
        if self._spec.format == "jsonl" and line.lstrip().startswith("{"):
            document, wrong = parse(line)
            if wrong or not isinstance(document, dict):
                self._complain(f"line {self._lines} {wrong or NO_JSON}")
                return None
        text = self._read(document) if document is not None else self._hear(line)
        self._last_line = text[:MOST_LINE] or self._last_line
        usage = self._spending.changed()
        return Progress(_shown(text, _MOST_PROGRESS), usage) if text or usage else None

    def end(self, status: int | None, text: str) -> Said:
        """Take the end: the exit status (None: we ended it) and what is kept of all that was printed."""
        if self._spec.format == "json":
            self._read_whole()
        elif self._spec.format == "jsonl" and self._spec.end and not self._ended:
            self._look_back(text)
        if self._spec.format == "jsonl" and not self._documents and not self._problems:
            self._complain(f"it {'printed no JSON' if self._lines else 'printed nothing'}")
        if self._spec.file and self._values:
            self._read_file()
        if self._spec.end and not self._ended and self._documents:
            self._complain(f"it {CUT_OFF}")
        problem = self._said("error")
        failed = status != 0 or self._status == "failure"
        if failed and not problem and status is not None:
            problem = self._last_line
        answer = self._said("answer").strip() or (self._last_line if self._spec.format == "jsonl" else text.strip())
        claim = Claim(self._status, answer[-LAST_WORDS:], status, "; ".join(self._problems))
        wait = self._wait(f"{text[-MOST_LINE:]}\n{problem}") if failed else None
        return Said(claim, self._spending.usage(), wait, _shown(problem, 300) if failed else "")

    def _keep(self, line: str) -> None:
        self._last_line = line[:MOST_LINE]
        if self._kept_size + len(line) <= MOST_JSON:
            self._kept.append(line)
        self._kept_size += len(line) + 1

    def _hear(self, line: str) -> str:
        """Take a line of text."""
        line = line[:MOST_LINE]
        self._spending.hear(line)
        for tally in (*self._after, *self._at):
            tally.hear(line)
        for tallies in self._texts.values():
            for text in tallies:
                text.hear(line)
        self._judge(line=line)
        return next((said for text in self._progress if (said := text.hear(line))), line)

    def _read(self, document: Any, of: str = "printed") -> str:
        """Take a document."""
        self._documents += of == "printed"
        self._spending.read(document, of)
        for find, tally in zip((*self._spec.retry_after, *self._spec.retry_at), (*self._after, *self._at), strict=True):
            if find.of == of:
                tally.read(document)
        for name, tallies in self._texts.items():
            for find, text in zip(getattr(self._spec, name), tallies, strict=True):
                if find.of == of:
                    text.read(document)
        self._judge(document=document, of=of)
        pairs = zip(self._spec.progress, self._progress, strict=True)
        return next((said for find, text in pairs if find.of == of and (said := text.read(document))), "")

    def _judge(self, *, document: Any = None, line: str = "", of: str = "printed") -> None:
        if matches(self._spec.success, document=document, line=line, of=of):
            self._status = "success"
        elif matches(self._spec.failure, document=document, line=line, of=of):
            self._status = "failure"
        self._ended = self._ended or matches(self._spec.end, document=document, line=line, of=of)

    def _look_back(self, text: str) -> None:
        """Look for the end in what is kept, for not each of too many lines is heard."""
        for line in reversed(text.splitlines()[-_LAST_LINES:]):
            document = parse(line)[0] if line.startswith("{") else None
            if isinstance(document, dict) and matches(self._spec.end, document=document):
                self._read(document)
                return

    def _read_whole(self) -> None:
        document, wrong = parse_last("\n".join(self._kept))
        if self._kept_size > MOST_JSON and wrong:
            wrong = CUT_OFF
        if not self._kept:
            self._complain("it printed nothing")
        elif wrong:
            self._complain(f"its output {wrong}")
        else:
            self._read(document)

    def _read_file(self) -> None:
        file = Path(fill(self._spec.file, self._values))
        roots = [Path(self._values[name]) for name in ("workspace", "home") if self._values.get(name)]
        document, wrong = read_document(file, roots)
        if not wrong and not isinstance(document, dict):
            wrong = NO_JSON
        if wrong:
            if wrong != MISSING or self._spec.file_needed:
                self._complain(f"its file {file.name} {wrong}")
        else:
            self._read(document, "file")

    def _said(self, name: str) -> str:
        return next((text.value for text in self._texts[name] if text.value), "")

    def _wait(self, text: str) -> float | None:
        told = first_told(self._after)
        moment = first_told(self._at)
        if told is None and moment is not None:
            told = max(0.0, moment - time.time())
        return min(told, LONGEST_WAIT) if told is not None else asked_wait(text)

    def _complain(self, problem: str) -> None:
        if len(self._problems) < _MOST_PROBLEMS and problem not in self._problems:
            self._problems.append(problem)


def _shown(text: str, most: int) -> str:
    return one_line(text[: 4 * most], most)  # of a line of megabytes no more is looked at
