"""The page of layer 2's codes, made from their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.registry import builtin_families
from pytest_superteam.models import Severity
from superteam_docs.markdown import anchor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.base import Family
    from pytest_superteam.models import Rule

__all__ = ["checks_page"]

INTRODUCTION = """\
# Codes of layer 2

Each is tried on the running system; the test function that carries its items is named. What is found blocks from
severity `error` up; below it is advisory. Evidence shows the requests in order, each as a line that repeats it and what
came back; `$NAME` stands for a caller's token. A check that could not be tried is an error, or skipped with its reason
where the system gives no way to try it.
"""


def checks_page() -> str:
    """Return the page, in Markdown: a table of all codes, then a section for each."""
    rules = [(rule, family) for family in builtin_families() for rule in family.rules]
    return "\n".join([INTRODUCTION, *_contents(rules), *(f"\n{_section(*pair)}" for pair in rules)]) + "\n"


def _contents(rules: list[tuple[Rule, Family]]) -> Iterator[str]:
    yield "| code | name | test | severity | blocks | CWE |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for rule, family in rules:
        blocks = "yes" if rule.severity.at_least(Severity.ERROR) else "no"
        cells = (
            f"[{rule.id}](#{anchor(_title(rule))})",
            rule.name,
            f"`{family.test}`",
            rule.severity.value,
            blocks,
            str(rule.cwe or ""),
        )
        yield f"| {' | '.join(cells)} |"


def _title(rule: Rule) -> str:
    return f"{rule.id}: {rule.name}"


def _section(rule: Rule, family: Family) -> str:
    parts = [f"## {_title(rule)}", f"`{family.test}`; severity {rule.severity.value}; {rule.category}"]
    parts += [
        f"**{title}:** {text}" for title, text in (("What", rule.what), ("Why", rule.why), ("Do", rule.help)) if text
    ]
    return "\n\n".join(parts)
