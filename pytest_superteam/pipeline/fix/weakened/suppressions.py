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
_CODES = re.compile(r"[A-Za-z][\w-]{0,40}\d|\[[\w, -]{1,120}\]|[a-z@]+/[\w-]{1,60}")
_LINE = 4000
_ALIKE = 0.6
_INSTEAD = "Excuses belong to those who run the gate: take it out, and mend what was found."


def excuses(line: str) -> list[str]:
    """Return the comments and marks on a line that excuse findings, each with its codes, in lower case."""
    found = []
    for match in _EXCUSE.finditer(line[:_LINE]):
        codes = sorted(set(_CODES.findall(line[match.end() : match.end() + 300].lower())))
        found.append(" ".join([" ".join((match["comment"] or match["mark"]).lower().split()), *codes]))
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
        for number, line in fresh:
            if moved[line] > 0:
                moved[line] -= 1
            elif (kept := _edited(line, gone)) is not None:
                gone.remove(kept)
            else:
                yield Weakening(change.path, number, f"It was added: `{line[:100]}`. {_INSTEAD}")


def _excusing(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        if excuses(line):
            yield number, " ".join(line[:_LINE].split())


def _edited(line: str, gone: Sequence[str]) -> str | None:
    """Return the line that this one was before, with the same excuses or more; None where there is none."""
    wanted = Counter(excuses(line))
    for old in gone[:200]:
        if not wanted - Counter(excuses(old)) and _alike(old, line):
            return old
    return None


def _alike(one: str, other: str) -> bool:
    matcher = difflib.SequenceMatcher(None, one[:300], other[:300], autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
