"""Comments that excuse findings, of ours and of other tools, that a fix added."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fix.weakened.found import Weakening
from pytest_superteam.pipeline.fix.weakened.places import is_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.pipeline.fix.trees import Change

__all__ = ["excuses", "suppression_weakenings"]

_OPEN = r"(?:#|//|/\*|<!--|--|;)[ \t]{0,20}"
_EXCUSE = re.compile(
    rf"(?i:{_OPEN}(?P<comment>(?:(?:flake8|ruff)[ \t]{{0,9}}:[ \t]{{0,9}})?noqa\b|nosec\b|type:[ \t]{{0,9}}ignore"
    r"|(?:pyright|basedpyright|mypy|ty|pyre)[ \t]{0,9}:[ \t]{0,9}(?:ignore|basic|disable)|pyre-(?:ignore|fixme)"
    r"|pylint[ \t]{0,9}:[ \t]{0,9}(?:disable|skip)|pragma[ \t]{0,9}:?[ \t]{0,9}(?:no[ -]?(?:cover|branch|mutate)|"
    r"(?:allow|white)list)|nosemgrep|nosonar|no[ ]?qa\b|skipcq|lgtm\b|codeql\b|ggignore"
    r"|hadolint|checkov:skip|tfsec:ignore|trivy:ignore|kics-scan|snyk:ignore|shellcheck[ ]disable|yamllint[ ]disable"
    r"|rubocop:(?:disable|todo)|phpcs:(?:ignore|disable)|@?phpstan-ignore|@codeCoverageIgnore|eslint-disable"
    r"|tslint:disable|biome-ignore|oxlint-disable|istanbul[ ]ignore|[cv]8[ ]ignore|@ts-(?:ignore|nocheck|expect-error)"
    r"|@generated|Code generated\b|nolint|lint:ignore|credo:disable|bearer:disable))"
    r"|(?P<mark>@SuppressWarnings|@SuppressFBWarnings|@Suppress\b|#!?\[(?:cfg_attr\([^\n]{0,80})?allow\("
    r"|\[SuppressMessage|#pragma[ ]warning[ ]disable|@codeCoverageIgnore\w{0,10}|@psalm-suppress"
    r"|linguist-(?:generated|vendored)|\bnosemgrep\b|\bNOSONAR\b|(?:gitleaks|trufflehog):(?:allow|ignore)"
    r"|allowlist secret|@generated\b|@pytest\.mark\.no_cover|@no_type_check\b)"
)
_WORDS = (
    "noqa", "no qa", "nosec", "ignore", "disable", "pragma", "nosemgrep", "nosonar", "skip", "nolint", "suppress",
    "allow", "generated", "lgtm", "codeql", "hadolint", "kics", "vendored", "no_cover", "no_type", "@ts-", "basic",
    "pyre-", "rubocop", "snyk",
)  # fmt: skip
"""Some word of each of them, so that most files are passed over at once."""
_CODES = re.compile(r"[A-Za-z][\w-]{0,40}\d|\[[\w, -]{1,120}\]|[a-z@]+/[\w-]{1,60}")
_LINE = 4000
_ALIKE = 0.6
_INSTEAD = "Excuses belong to those who run the gate: take it out, and mend what was found."


def excuses(line: str) -> list[str]:
    """Return the comments and marks on a line that excuse findings, in lower case, one for each code that they name."""
    found = []
    for match in _EXCUSE.finditer(line[:_LINE]):
        kind = " ".join((match["comment"] or match["mark"]).lower().split())
        codes = sorted(set(_CODES.findall(line[match.end() : match.end() + 300].lower())))
        found += [f"{kind} {code}" for code in codes] or [kind]
    return found


def suppression_weakenings(changed: Sequence[Change]) -> Iterator[Weakening]:
    """Yield each excuse that was not there before: one that only moved, or whose line was edited, was."""
    read = [change for change in changed if not is_document(change.path)]
    moved = Counter(line for change in read for _, line in _excusing(change.old))
    for change in read:
        old = Counter(line for _, line in _excusing(change.old))
        fresh = []
        for number, line in _excusing(change.new):
            if old[line]:
                old[line] -= 1
                moved[line] -= 1
            else:
                fresh.append((number, line))
        gone = [line for line, count in old.items() for _ in range(count)]
        plain = {" ".join(line[:_LINE].split()) for line in change.old}
        for number, line in fresh:
            if moved[line] > 0:
                moved[line] -= 1
            elif _code(line) not in plain and (kept := _edited(line, gone)) is not None:
                gone.remove(kept)
            else:
                shown = change.new[number - 1].strip()[:100]
                yield Weakening(change.path, number, f"It was added: `{shown}`. {_INSTEAD}")


def _excusing(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield each line that excuses something, by number; one that is only a comment with the next line before it."""
    text = "\n".join(lines).lower()
    if not any(word in text for word in _WORDS):
        return
    for number, line in enumerate(lines, 1):
        if excuses(line):
            plain = " ".join(line[:_LINE].split())
            below = "" if _code(plain) else next((each for each in lines[number : number + 5] if each.strip()), "")
            yield number, " ".join([*below[:_LINE].split(), plain])


def _code(line: str) -> str:
    """Return what stands before the first excuse."""
    match = _EXCUSE.search(line)
    return line[: match.start()].strip() if match else line


def _edited(line: str, gone: Sequence[str]) -> str | None:
    """Return the line that this one was before, with the same excuses or more; None where there is none."""
    return next((old for old in gone[:200] if _covers(old, line) and _alike(_code(old), _code(line))), None)


def _covers(old: str, new: str) -> bool:
    """Return whether a line excused before all that another excuses now; `noqa` excuses what `noqa S603` does."""
    before = set(excuses(old))
    return all(excuse in before or excuse.rpartition(" ")[0] in before for excuse in excuses(new))


def _alike(one: str, other: str) -> bool:
    matcher = difflib.SequenceMatcher(None, one[:300], other[:300], autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
