"""The design of a run: kept from the last one, changed by hand since, or made anew by an architect."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.architect.files import EVENTS_FILE, contract_file
from pytest_superteam.atomic import write_atomically
from pytest_superteam.errors import ArchitectError, UsageError
from pytest_superteam.pipeline.secrecy import without_secrets
from pytest_superteam.reports.masking import mask, mask_document

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pytest_superteam.architect.document.prd import Prd
    from pytest_superteam.config import Config
    from pytest_superteam.models import Architecture
    from pytest_superteam.pipeline.files import Layout
    from pytest_superteam.pipeline.plugged import Plugged

__all__ = [
    "Design",
    "design_key",
    "edited_files",
    "kept_design",
    "last_documents",
    "new_design",
    "refuse_edited",
    "write_design",
]

ARCHITECT_VERSION = "2"
"""Raised when the built-in architect reads the same text differently, so that a kept design is made anew."""
_MAP, _DOMAIN = "service-map.yaml", "domain-model.yaml"
_STAGED = "architecture.staged"
"""Where a design waits, whole, until each of its files is in its place: who is killed meanwhile loses none."""


@dataclass(frozen=True)
class Design:
    """An architecture and how it came about."""

    system: Architecture
    kept: bool = False
    """Whether it stands on disk already."""
    edited: tuple[str, ...] = ()
    """Files that a person changed since they were written."""
    documents: Mapping[str, Any] = field(default_factory=dict)
    """Files to write again, since they follow from others that were edited."""
    stale: tuple[str, ...] = ()
    """Files to remove, since what they describe is no more."""
    given: tuple[str, ...] = ()
    """Contracts that came with the design and were not generated from it."""
    fallback: str = ""
    """Why the built-in architect designed in place of the agent."""


def design_key(prd: Prd, plugged: Plugged, config: Config) -> str:
    """Return the hash of what a design is made of: the text, the version of ours, and who designs."""
    who = [plugged.architects, config.architect]
    if config.architect == "command":
        who += config.architect_command
    return hashlib.sha256("\n".join([ARCHITECT_VERSION, *who, prd.sha256]).encode()).hexdigest()


# ---------------------------------------------------------------- what is on disk


def _record(layout: Layout) -> dict[str, Any]:
    try:
        found = json.loads(layout.design_record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _digests(folder: Path) -> dict[str, str]:
    """Return relative path -> sha256 of the files of the design in a folder."""
    files = [folder / _MAP, folder / _DOMAIN, folder / EVENTS_FILE, *sorted(folder.glob(contract_file("*")))]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file()
    }


def edited_files(layout: Layout) -> tuple[str, ...]:
    """Return the files of the design that are not as they were written; those that are gone do not count."""
    record = _record(layout)
    known, before = record.get("files", {}), record.get("before", {})
    now = _digests(layout.architecture).items()
    return tuple(sorted(name for name, digest in now if digest not in (known.get(name), before.get(name))))


def last_documents(project: Path) -> tuple[Path, ...]:
    """Return the documents of the last design, so that an id of the first of them stands for all."""
    try:
        names = json.loads((project / ".superteam" / "architecture.json").read_text(encoding="utf-8"))["documents"]
        return tuple(Path(os.path.normpath(project / name)) for name in names)
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def approve(layout: Layout) -> None:
    """Write down that the design on disk, edits included, has been approved."""
    _write_record(layout, {**_record(layout), "approved": _digests(layout.architecture)})


def is_approved(layout: Layout) -> bool:
    """Return whether the design on disk is the one that was approved."""
    approved = _record(layout).get("approved")
    return bool(approved) and approved == _digests(layout.architecture)


_WAYS_OUT = "--fresh designs anew and moves them aside."


def refuse_edited(layout: Layout) -> None:
    """Refuse to design over files that a person changed.

    Raises:
        UsageError: one line that names the first of them and the ways out.
    """
    edited = edited_files(layout)
    if not edited:
        return
    first = layout.architecture / edited[0]
    if not _record(layout):
        raise UsageError(
            f"--prd: '{first}' is there, and no record of who wrote it ('{layout.design_record.name}' is gone or "
            f"unreadable), so that it may be edited by hand. Nothing was overwritten. Bring it back; {_WAYS_OUT}"
        )
    gone = next((name for name in (_MAP, _DOMAIN) if not (layout.architecture / name).is_file()), None)
    if gone:
        raise UsageError(
            f"--prd: '{first}' was edited by hand, and '{gone}' is gone, so that a new design would take its place. "
            f"Nothing was overwritten. Bring '{gone}' back; {_WAYS_OUT}"
        )
    raise UsageError(
        f"--prd: '{first}' was edited by hand, and the PRD or its architect changed since, so that a new design would "
        "take its place. Nothing was overwritten. To keep the edits, bring them into the PRD, or undo its change; "
        f"{_WAYS_OUT}"
    )


# ---------------------------------------------------------------- the design of the last run


def kept_design(layout: Layout, key: str) -> Design | None:
    """Return the design of the last run where it is of the same text, with what people changed in it since.

    Raises:
        UsageError: an edited file is wrong; one line with file and place.
    """
    record = _record(layout)
    if record.get("key") != key:
        return None
    fallback = str(record.get("fallback", ""))
    given = tuple(name for name in record.get("given", ()) if isinstance(name, str))
    from pytest_superteam.architect.files import read_architecture

    known, now = record.get("files", {}), _digests(layout.architecture)
    if record.get("staged") and now != known:  # killed on the way to its place
        whole = _digests(_staging(layout)) == known and not edited_files(layout)
        return Design(read_architecture(_staging(layout)), given=given, fallback=fallback) if whole else None
    if not {_MAP, _DOMAIN} <= now.keys():
        return None
    system = read_architecture(layout.architecture)
    if now == known:
        return Design(system, kept=True, given=given, fallback=fallback)
    _check(system, layout)
    edited = edited_files(layout)
    system, documents = _with_own_contracts(system, layout, {*edited, *given} & now.keys(), now)
    names = {contract_file(service.name) for service in system.services} | {EVENTS_FILE, _MAP, _DOMAIN}
    stale = tuple(name for name in now if name not in names and name not in edited)
    return Design(system, kept=True, edited=edited, documents=documents, stale=stale, given=given, fallback=fallback)


def _check(system: Architecture, layout: Layout) -> None:
    from pytest_superteam.architect.checking import problems

    for problem in problems(system):
        file, _, what = problem.partition(": ")
        raise UsageError(f"{layout.architecture / file}: {what} Mend it, or let --fresh design anew.")


def _with_own_contracts(
    system: Architecture, layout: Layout, fixed: set[str], now: Mapping[str, str]
) -> tuple[Architecture, dict[str, Any]]:
    """Return the system with contracts that fit it, and the documents that have to be written for that.

    Contracts in `fixed` (edited, or brought by the author) stand; the others follow from the services and entities.
    """
    from pytest_superteam.architect.contract.asyncapi import document
    from pytest_superteam.architect.contract.openapi import contracts

    made = _generated(lambda: contracts(system), layout)
    events = _generated(lambda: document(system), layout)
    found: dict[str, Any] = {}
    documents: dict[str, Any] = {}
    for service in system.services:
        name = contract_file(service.name)
        if name in fixed:
            found[service.name] = _fixed_contract(system, service.name, layout)
            continue
        found[service.name] = made[service.name]
        if name not in now or system.contracts.get(service.name) != made[service.name]:
            documents[name] = made[service.name]
    asyncapi = system.asyncapi if EVENTS_FILE in fixed else events
    if asyncapi is not None and asyncapi != system.asyncapi:
        documents[EVENTS_FILE] = asyncapi
    return replace(system, contracts=found, asyncapi=asyncapi), documents


def _generated(make: Any, layout: Layout) -> Any:
    """Make contracts of a design that a person wrote; what trips over it is theirs to mend."""
    try:
        return make()
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise UsageError(
            f"--prd: '{layout.architecture / _MAP}' gives no contracts: {what}. Mend it, or let --fresh design anew."
        ) from error


def _fixed_contract(system: Architecture, service: str, layout: Layout) -> Mapping[str, Any]:
    from pytest_superteam.architect.checking import contract_differences
    from pytest_superteam.architect.intake import contract_problem

    contract, file = system.contracts[service], layout.architecture / contract_file(service)
    problem = contract_problem(contract)
    if problem:
        raise UsageError(f"--prd: '{file}' is no valid OpenAPI 3.1: {problem} Mend it, or let --fresh design anew.")
    for difference in contract_differences(system, service, contract):
        raise UsageError(
            f"--prd: '{file}' does not fit the design: {difference} Change one of them, or delete the contract to have "
            "it generated."
        )
    return contract


# ---------------------------------------------------------------- a new design


def new_design(
    prd: Prd, layout: Layout, config: Config, plugged: Plugged, *, feedback: Sequence[str] = (), dry: bool = False
) -> Design:
    """Return a new design: by the agent of the settings, else by a project's architect or the built-in one.

    Where nothing may be written (`dry`) no agent runs.

    Raises:
        UsageError: there is nothing to design in the document, or the agent failed and nobody may stand in for it.
    """
    if config.architect == "command" and not dry:
        try:
            return _by_agent(prd, layout, config, feedback)
        except ArchitectError as error:
            why = mask(str(error))
        if not config.architect_fallback:
            raise UsageError(f"architect: {why} See '{layout.agent}'. Mend it, or set `architect_fallback: true`.")
        return replace(_complete(plugged.architect(prd)), fallback=why)
    return _complete(plugged.architect(prd))


def _by_agent(prd: Prd, layout: Layout, config: Config, feedback: Sequence[str]) -> Design:
    from pytest_superteam.architect.agent import AgentRequest, design_by_agent

    request = AgentRequest(
        text=mask_document(prd.text),
        sha256=prd.sha256,
        command=config.architect_command,
        folder=layout.agent,
        project=layout.project,
        environment={name: os.environ[name] for name in config.architect_environment if name in os.environ},
        timeout=config.timeouts.architect,
        feedback=tuple(feedback),
        redact=mask,
    )
    try:
        system = design_by_agent(request)
    except OSError as error:
        raise ArchitectError(f"'{config.architect_command[0]}': {error.strerror or error}.") from None
    try:
        return _complete(system)
    except Exception as error:  # noqa: BLE001  # what its design breaks is the agent's to answer for
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise ArchitectError(f"its design gives no contracts: {what}.") from None


def _complete(system: Architecture) -> Design:
    """Fill in the contracts that the architect left to us."""
    from pytest_superteam.architect.contract.asyncapi import document
    from pytest_superteam.architect.contract.openapi import contracts

    system = without_secrets(system)
    given = [contract_file(service.name) for service in system.services if system.contracts.get(service.name)]
    given += [EVENTS_FILE] * bool(system.asyncapi)
    made = contracts(system)
    own = {s.name: system.contracts.get(s.name) or made[s.name] for s in system.services}
    complete = replace(system, contracts=own, asyncapi=system.asyncapi or document(system))
    return Design(complete, given=tuple(given))


# ---------------------------------------------------------------- writing


def write_design(design: Design, layout: Layout, *, key: str, prd: Prd, documents: Sequence[Path], run_id: str) -> None:
    """Write a new design and what it was made of, or what an edited one entails.

    It is staged whole, then recorded, then put in its place file by file: a kill at any moment leaves the old design or
    one that the next run completes, and a full disk leaves the old one.
    """
    if design.kept:
        _write_entailed(design, layout)
        return
    from pytest_superteam.architect.files import write_architecture

    staging = _fresh_staging(layout)
    write_architecture(design.system, staging)
    _move_edits_aside(layout, run_id)
    record = {
        "key": key,
        "documents": [Path(os.path.relpath(path, layout.project)).as_posix() for path in documents],
        "given": list(design.given),
        "files": _digests(staging),
    }
    if design.fallback:
        record["fallback"] = design.fallback
    stale = _digests(layout.architecture).keys() - record["files"]
    write_atomically(layout.state / "PRD.md", mask_document(prd.text))
    _put_in_place(layout, record, stale=stale, whole=True)


def _write_entailed(design: Design, layout: Layout) -> None:
    record = _record(layout)
    if not design.documents and not design.stale and "before" not in record:
        return
    from pytest_superteam.architect.files import write_document

    staging = _fresh_staging(layout)
    for name, document in design.documents.items():
        write_document(staging / name, document)
    files = {**record["files"], **_digests(staging)}
    record["files"] = {name: digest for name, digest in files.items() if name not in design.stale}
    _put_in_place(layout, record, stale=design.stale, whole=False)


def _staging(layout: Layout) -> Path:
    return layout.state / _STAGED


def _fresh_staging(layout: Layout) -> Path:
    """Return an empty folder for the files of a design; what a killed run left in it goes."""
    folder = _staging(layout)
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def _put_in_place(layout: Layout, record: Mapping[str, Any], *, stale: Collection[str], whole: bool) -> None:
    """Put what is staged where it belongs and write the record; until all is done, it knows the digests of before too.

    `whole` says that the staged files are all of the design, so that another run can put them in place as well.
    """
    staging, done = _staging(layout), {key: value for key, value in record.items() if key not in ("before", "staged")}
    names = _digests(staging)
    before = {name: digest for name, digest in _digests(layout.architecture).items() if name in {*names, *stale}}
    _write_record(layout, {**done, "before": before, "staged": whole})
    for name in names:
        write_atomically(layout.architecture / name, (staging / name).read_bytes().decode("utf-8"))
    for name in stale:
        (layout.architecture / name).unlink(missing_ok=True)
    _write_record(layout, done)
    shutil.rmtree(staging, ignore_errors=True)


def _write_record(layout: Layout, record: Mapping[str, Any]) -> None:
    write_atomically(layout.design_record, json.dumps(record, indent=1) + "\n")


def _move_edits_aside(layout: Layout, run_id: str) -> None:
    """Keep a copy of what a person edited; a new design takes its place."""
    for name in edited_files(layout):
        target = layout.aside / f"architecture-replaced-{run_id}" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(layout.architecture / name, target)
