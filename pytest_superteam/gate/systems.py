"""What the terminal shows of a system that was there before us: its header, what was found, and its settings."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    import pytest

    from pytest_superteam.gate.session import GateSession
    from pytest_superteam.pipeline.run import Run

__all__ = ["found_lines", "kept_up", "may_call", "may_start_early", "system_header"]


_MOST_LINES = 6
"""Lines of a header at most: one says what the system is, one what is looked at."""


def system_header(gate: GateSession) -> list[str]:
    """Return the header of a run over a system: what it is, what its reader has to know, what is looked at."""
    run = gate.run
    if run.adopted is None:
        return []
    names = ", ".join(run.adopted.names)
    found = f"{plural(len(run.adopted.names), 'service')} ({run.adopted.how})"
    return [
        f"superteam: {run.adopted.root}: {found}: {one_line(names, 400)}",
        *(f"superteam: {one_line(mask(note), 600)}" for note in _notes(run)),
        f"superteam: {_looked_at(gate)}, blocking from {run.config.gate.blocking_severity.value}",
    ]


def _notes(run: Run) -> list[str]:
    """Return what a reader has to know, shortened to what a header may hold: what hinders the run comes first.

    All of it is shown by `--until architect`.
    """
    notes: list[str] = list(run.memory.get("notes", ()))
    room = _MOST_LINES - 2
    if len(notes) <= room:
        return notes
    contracts = run.memory.get("contract_notes", ())
    found = run.adopted.found.notes if run.adopted is not None else ()
    left = [note for note in notes if note not in contracts]
    left.sort(key=lambda note: note in found)
    lines = [_contracts(run)] if contracts else []
    if len(lines) + len(left) > room:
        kept = room - len(lines) - 1
        where = "shown below" if run.config.until == "architect" else "--until architect shows them"
        left = [*left[:kept], f"{len(left) - kept} more notes: {where}"]
    return [*lines, *left]


def _contracts(run: Run) -> str:
    """Return in a line where the contracts are from, and which services have none that is known."""
    from pytest_superteam.pipeline.interfaces import is_derived

    origins: dict[str, str] = run.memory.get("contracts", {})
    derived = sum(map(is_derived, origins.values()))
    told = [f"{len(origins) - derived} from documents"] * (len(origins) > derived)
    told += [f"{derived} derived from routes"] * bool(derived)
    unknown = run.memory.get("without_contract", ())
    told += [f"none known of {one_line(', '.join(unknown), 200)}, so nothing calls them"] * bool(unknown)
    return f"contracts: {', '.join(told)}"


def _looked_at(gate: GateSession) -> str:
    """Return what is looked at, and where what is called runs."""
    run, planned = gate.run, {item.layer for item in gate.items.values()}
    said = "no source is looked at"
    if run.adopted is not None and run.adopted.services:
        said = "its source is looked at (layers 3 and 4)"
    if 1 in planned:
        said += ", its own tests are run in a copy (layer 1)"
    if run.asked is not None:
        document = "what its task asks" if run.site is not None else one_line(Path(run.prd.path).name)
        said += f", it is compared with {document}"
    return said + (f", {_called(run)} (layer 2)" if 2 in planned else "")


def _called(run: Run) -> str:
    if run.place.name == "given":
        return "and it is called where it runs"
    if not run.starts:
        return f"and it is not called: {run.place.reason}"
    if run.memory.get("down"):
        return f"and it is not called: {run.place.name} could not start it"
    return f"and {run.place.name} starts it where items call it"


def found_lines(run: Run, width: int) -> list[str]:
    """Return what was found and what was concluded from what, for `--until architect`; `width` in columns."""
    from pytest_superteam.reports.found import found_lines as lines

    if run.adopted is None:
        return []
    contracts: dict[str, str] = run.memory.get("contracts", {})
    written = run.memory.get("settings")
    told = run.memory.get("notes", run.adopted.found.notes)
    derived = {f"{name}: contract {origin}" for name, origin in contracts.items()}  # the table says so already
    found = replace(run.adopted.found, notes=tuple(note for note in dict.fromkeys(told) if note not in derived))
    return [*lines(found, width=width, contracts=contracts), *([f"written: {written}"] if written else [])]


def kept_up(run: Run) -> list[str]:
    """Return what goes on running after this session, and the line that stops it."""
    from pytest_superteam.deployment.records import load_deployment

    deployment = load_deployment(run.layout.deployment) if run.starts else None
    if deployment is None or not deployment.stop:
        return []
    where = deployment.gateway or ", ".join(f"{service.name} {service.url}" for service in deployment.services)
    return [f"left running at {where}", f"stop it: {deployment.stop}"]


_LAYER = re.compile(r"(\bnot\s+)?\blayer([1-4])\b")
CALLING = "2"
"""The layer whose items call the running system."""


def may_call(config: pytest.Config) -> bool:
    """Return whether the command line, as far as it can be told before anything is collected, selects layer 2."""
    ids = [argument.partition("::")[2] for argument in config.args if "::" in argument]
    if ids and len(ids) == len(config.args) and not any(name.startswith(f"layer{CALLING}") for name in ids):
        return False
    mentions = _LAYER.findall(config.option.markexpr or "")
    wanted = {layer for negated, layer in mentions if not negated}
    unwanted = {layer for negated, layer in mentions if negated}
    return CALLING not in unwanted and (not wanted or CALLING in wanted)


def may_start_early(config: pytest.Config) -> bool:
    """Return whether the system may be started before items are planned, to be asked for its contracts.

    Where the command line names items or words (`-k`), nothing is started before it is known that an item calls it.
    """
    named = config.option.keyword or any("::" in argument for argument in config.args)
    return not named and not config.option.collectonly and may_call(config)
