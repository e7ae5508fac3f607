"""The page of all codes, made from the rules: `python -m pytest_superteam.scanners.page > docs/codes.md`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_superteam.scanners.base import Rule

__all__ = ["codes_page"]

INTRODUCTION = """\
# Codes of layers 3 and 4

Each code is a gate item for each service (`system`: one item for all services together). Layer 3 blocks from
`gate.blocking_severity` up, layer 4 never. A finding is suppressed on its line by `# noqa: CODE`.
"""


def codes_page(rules: Iterable[Rule]) -> str:
    """Return the page, in Markdown, by layer and code."""
    parts = [INTRODUCTION]
    for rule in sorted(rules, key=lambda rule: (rule.layer, rule.id)):
        facts = [f"layer {rule.layer}", f"severity {rule.severity.value}", f"reads {', '.join(rule.languages)}"]
        facts += ["system"] * (rule.scope == "system") + [f"CWE-{rule.cwe}"] * bool(rule.cwe)
        parts.append(f"## {rule.id}: {rule.name}\n\n{'; '.join(facts)}\n\n{rule.help}\n")
        if rule.pending:
            parts.append(f"Not looked for yet: {rule.pending}. Its items are skipped.\n")
    return "\n".join(parts)


def main() -> None:
    """Print the page of the built-in rules."""
    from pytest_superteam.scanners.registry import builtin_scanners

    sys.stdout.write(codes_page(rule for scanner in builtin_scanners() for rule in scanner.codes))


if __name__ == "__main__":
    main()
