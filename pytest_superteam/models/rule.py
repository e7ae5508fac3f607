"""One code of the gate, as scanners and checks declare it and the reports show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pytest_superteam.models.run import Severity

__all__ = ["Rule"]


@dataclass(frozen=True)
class Rule:
    """One code of the gate, declared where its check is written.

    `languages` are those whose files the rule reads (`python`, `javascript`, `docker`, `text` ...); a target with
    service code in other languages only is not analysed by it. `pending` holds the reason why nothing looks for the
    code yet: its items are skipped with that reason.
    """

    id: str
    """The code, such as `SEC-001`."""
    name: str
    """What it is about, in a few words."""
    severity: Severity
    """What a finding weighs; on layer 3 it blocks from `gate.blocking_severity` up."""
    category: str
    """What it belongs to, such as `security`; a tag in SARIF."""
    layer: Literal[2, 3, 4]
    """The layer whose items it becomes."""
    help: str
    """One sentence: what to do about a finding."""
    languages: tuple[str, ...] = ("python",)
    scope: Literal["service", "system"] = "service"
    """`service`: one item for each service; `system`: one that looks at all of them together."""
    pending: str = ""
    applies_to: tuple[str, ...] = ()
    """Languages in which the code can occur; those not in `languages` are told as not analysed. Empty: `languages`."""
    reads_routes: bool = False
    """Whether the check rests on HTTP routes, which are known for some web frameworks only."""
    cwe: int | None = None
    """Number of the weakness in the CWE list, where one fits."""
    what: str = ""
    """What is a finding and what is none, in a sentence or three."""
    why: str = ""
    """What goes wrong where it stays."""
    bad: Mapping[str, str] = field(default_factory=dict)
    """A smallest example that is found, by path; of a system the first folder is the service. A test scans it."""
    good: Mapping[str, str] = field(default_factory=dict)
    """The same, mended: nothing is found in it."""
