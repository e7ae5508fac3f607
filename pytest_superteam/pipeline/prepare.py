"""What happens before a run: settings, PRD, leftovers of dead runs, the architecture and its review."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.architect.document.prd import read_prds
from pytest_superteam.atomic import write_atomically
from pytest_superteam.config import CONFIG_NAME, Config, load_config
from pytest_superteam.errors import ConfigError, UsageError
from pytest_superteam.pipeline import design as designs
from pytest_superteam.pipeline import review
from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.placing import Place, place_of
from pytest_superteam.pipeline.plugged import check_codes
from pytest_superteam.pipeline.run import Run
from pytest_superteam.pipeline.state.store import Store, StoreError
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_superteam.config_entries import ServicePath
    from pytest_superteam.pipeline.design import Design
    from pytest_superteam.pipeline.plugged import Plugged
    from pytest_superteam.pipeline.review import Waiting

__all__ = ["Preparation", "claim", "clear", "find_config", "prepare"]


@dataclass
class Preparation:
    """How a run was asked for. `owner` is false in the workers of a run, `dry` where nothing may be written."""

    documents: tuple[Path, ...]
    project: Path
    config_file: Path | None
    options: Mapping[str, Any]
    run_id: str
    owner_pid: int
    owner: bool
    dry: bool
    decision: review.Decision = field(default_factory=review.Decision)
    system: Path | None = None
    """The folder of the system to gate as it is, instead of building one."""
    until: str | None = None
    """Where the owner of the run stops; what its workers are told."""
    place: Place | None = None
    """Where the system runs, as the owner of the run found out; what its workers are told."""
    asked: tuple[Path, ...] = ()
    """Documents whose system the one that is there is compared with."""
    urls: Mapping[str, ServicePath] = field(default_factory=dict)
    """Where services of the system answer already, as the command line says."""
    calls: bool = True
    """Whether items that call the system may be selected."""
    starts_early: bool = True
    """Whether the system may be started before its items are planned."""
    init: bool = False
    """Whether the settings of the system are to be written."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def reads_contracts(self) -> bool:
        """Return whether anything of this session needs the contracts of a system that is there."""
        return self.calls or bool(self.asked) or bool(self.config.until)

    @property
    def config(self) -> Config:
        """Return the effective settings."""
        return load_config(self.config_file, environment=self.environment, options=self.options)


def find_config(given: Path | None, *, folders: Sequence[Path], invocation: Path) -> tuple[Path | None, Path]:
    """Return superteam.yaml (the one given, else the first one in `folders`) and the project's folder.

    The project is the folder of the settings; without any, the one that pytest was started in.

    Raises:
        ConfigError: the given file does not exist.
    """
    if given is not None:
        if not given.is_file():
            raise ConfigError(f"--superteam-config: '{given}' is no file. Name an existing superteam.yaml.")
        return given, given.parent
    for folder in folders:
        if (folder / CONFIG_NAME).is_file():
            return folder / CONFIG_NAME, folder
    return None, invocation


def prepare(preparation: Preparation, plugged: Plugged) -> Run:
    """Return a run that is ready for its gate items. Nothing is written before everything has been looked at.

    Raises:
        UsageError: settings, PRD or output folder are not usable, there is nothing to approve or reject, or another run
            is at work in this project.
    """
    if preparation.system is not None:
        from pytest_superteam.pipeline.systems import prepare_system

        return prepare_system(preparation, preparation.system, plugged)
    config = preparation.config
    layout = Layout(preparation.project, _output_name(config, preparation.project))
    prd = read_prds(preparation.documents)
    if not preparation.owner:
        from pytest_superteam.architect.files import read_architecture

        config = replace(config, until=preparation.until)  # type: ignore[arg-type]  # what the owner had validated
        system = read_architecture(layout.architecture)
        place = preparation.place or place_of(config, None)
        return Run(preparation.run_id, preparation.owner_pid, layout, config, prd, system, plugged, place=place)
    _refuse_links(layout)
    check_codes(plugged.scanners(), plugged.checks())
    nothing: Any = None  # until it is designed
    place = place_of(config, None)
    run = Run(preparation.run_id, preparation.owner_pid, layout, config, prd, nothing, plugged, place=place)
    _ = run.builder, run.starts and run.deployer  # an unknown name is said now, not after the work
    try:
        return _Start(run, preparation).made()
    except StoreError as error:
        raise UsageError(f"--prd: '{layout.store}' can't be used: {error}. Delete it.") from None
    except OSError as error:
        raise UsageError(f"--prd: '{error.filename or layout.state}' can't be written: {error.strerror}.") from None


def _refuse_links(layout: Layout) -> None:
    """Refuse to write a design through a link that leads out of the project."""
    for folder in (layout.state, layout.architecture, layout.architecture / "contracts"):
        if not folder.resolve().is_relative_to(layout.project.resolve()):
            raise UsageError(f"--prd: '{folder}' leads out of '{layout.project}'. Make it a folder of the project.")


@dataclass
class _Start:
    """The beginning of a run: its design, its place in the store, and the review of the design."""

    run: Run
    preparation: Preparation
    waiting: Waiting | None = None
    resumed: Waiting | None = None
    """The run that this one goes on with, where its design waited."""
    began: bool = False

    def made(self) -> Run:
        """Return the run with its architecture, taken and written down unless nothing may be written."""
        run, started = self.run, time.monotonic()
        self._decide()
        key = designs.design_key(run.prd, run.plugged, run.config)
        design = None if run.config.fresh or self._again else designs.kept_design(run.layout, key)
        if design is None:
            self._refuse_edited()
        run.memory["notes"] = [*self._notes(design), *filter(None, (run.place.note,))]
        if self.preparation.dry:
            design = design or designs.new_design(run.prd, run.layout, run.config, run.plugged, dry=True)
            run.architecture = design.system
            self._stop(design)
            run.memory["notes"] += _left_over(run)
            return run
        try:
            design = self._designed(design)
            run.memory["architect_seconds"] = time.monotonic() - started
            self._finish(design, key)
        except BaseException as error:
            self._give_up("interrupted" if isinstance(error, KeyboardInterrupt) else "failed")
            raise
        return run

    # ------------------------------------------------------------ what was decided

    def _decide(self) -> None:
        """Look for a design that waits for review, where the command line speaks of one."""
        decision, config = self.preparation.decision, self.run.config
        explicit = bool(self.preparation.options.get("review"))
        if not decision.made and not config.review:
            return
        store = Store(self.run.layout.store)
        self.waiting = review.find_waiting(store)
        store.close()
        if decision.made:
            review.check_decision(decision, self.waiting, self.run.prd.sha256, review=explicit, fresh=config.fresh)
        elif self.waiting and self.waiting.prd_sha256 != self.run.prd.sha256:
            self.waiting = None

    @property
    def _rejects(self) -> bool:
        return self.preparation.decision.reject is not None

    @property
    def _again(self) -> bool:
        """Return whether the agent has to design again for a reason that the reviewer gave."""
        if not self._rejects or self.waiting is None or self.run.config.architect != "command":
            return False
        return review.retries_left(self.waiting) > 0 and not self.preparation.dry

    @property
    def _reasons(self) -> tuple[str, ...]:
        """Return why designs of this run were rejected, the latest reason included."""
        told = self.resumed.reasons if self.resumed else ()
        reason = self.preparation.decision.reject
        return told if reason is None else (*told, mask(" ".join(reason.split()))[:2000])

    def _refuse_edited(self) -> None:
        """Refuse to approve what is not there, and to design over what a person edited."""
        if self.preparation.decision.approve:
            raise UsageError(
                f"--approve: the design that waits is gone from '{self.run.layout.architecture}', or who designs has "
                "changed. Run with --review again."
            )
        if self.run.config.fresh:
            return
        edited = designs.edited_files(self.run.layout)
        if edited and self._again:
            raise UsageError(
                f"--reject: '{edited[0]}' was edited by hand, and a new design would take its place. Nothing was "
                "overwritten. --approve goes on with the edits; --reject with --fresh moves them aside."
            )
        designs.refuse_edited(self.run.layout)

    # ------------------------------------------------------------ the design

    def _designed(self, design: Design | None) -> Design:
        """Return the design; the project is taken and the state written down before an agent is paid for one."""
        run = self.run
        if design is not None:
            return design
        if run.config.architect == "command":
            self._begin(design)
        run.plugged.phase("architect", "started")
        try:
            made = designs.new_design(run.prd, run.layout, run.config, run.plugged, feedback=self._reasons)
        except BaseException:
            run.plugged.phase("architect", "failed")
            raise
        run.plugged.phase("architect", "done")
        if made.fallback:
            run.memory["notes"].append(_fallback_note(made, run.layout))
        return made

    def _begin(self, design: Design | None) -> None:
        """Take the project and write down that the run begins, or goes on where its design waits."""
        run = self.run
        run.memory["hold"] = claim(run.layout, self.preparation)
        if self.preparation.decision.made or (design and design.kept):
            self.resumed = self.waiting
        if self.resumed:
            run.id = self.resumed.run
        clear(run)
        self.began = True
        if not self.resumed:
            run.store.start_run(run.id, prd=run.prd.path, prd_sha256=run.prd.sha256)
            run.advance("start_architect", has_valid_prd=True)
        elif self._rejects:
            left = review.retries_left(self.resumed)
            run.advance("reject_architecture", architect_retries_left=left)
            if not left:
                run.advance("fail")
                run.store.end_run(run.id, "rejected")

    def _finish(self, design: Design, key: str) -> None:
        """Write the design, and bring the state machine to where this session works."""
        run = self.run
        run.architecture = design.system
        stops = self._stop(design)
        if not self.began:
            if run.config.until != "architect":
                run.check_output()
            self._begin(design)
        run.memory["notes"] += _left_over(run)
        designs.write_design(
            design, run.layout, key=key, prd=run.prd, documents=self.preparation.documents, run_id=run.id
        )
        if run.config.until != "architect":
            run.check_output()
        run.advance("architect_done", has_design=True)
        if not stops:
            run.advance("approve_architecture")
            if self.preparation.decision.approve:
                designs.approve(run.layout)
            elif self._is_awaited():
                run.memory["notes"].append("architecture: goes on without the review that waits for this design")
            return
        run.memory["review"], run.memory["reasons"] = run.store.state(run.id), self._reasons
        if run.memory["review"] != "failed":
            review.supersede(run)
            review.wait(run, self._reasons)

    def _is_awaited(self) -> bool:
        """Return whether somebody was to look at this very design, and did not yet."""
        if designs.is_approved(self.run.layout):
            return False
        waiting = review.find_waiting(self.run.store)
        return waiting is not None and waiting.prd_sha256 == self.run.prd.sha256

    def _stop(self, design: Design) -> bool:
        """Return whether this session ends with the architecture for somebody to review it."""
        run, decision = self.run, self.preparation.decision
        stops = self._rejects or (run.config.review and not decision.approve)
        explicit = bool(self.preparation.options.get("review"))
        if stops and not self._rejects and not explicit and design.kept and not design.documents:
            stops = not designs.is_approved(run.layout)
        if stops:
            run.config = replace(run.config, until="architect")
        return stops

    def _give_up(self, verdict: str) -> None:
        """Let go of the project; a run that began and has no design has failed."""
        run = self.run
        try:
            if self.began and run.store.state(run.id) == "architect_running":
                run.advance("fail")
                run.store.end_run(run.id, verdict)
        finally:
            run.store.close()
            hold = run.memory.pop("hold", None)
            if hold is not None:
                hold.release()

    def _notes(self, design: Design | None) -> list[str]:
        """Return what the reader of the header has to know of the design."""
        run, edited = self.run, designs.edited_files(self.run.layout)
        if design is None:
            notes = []
            if edited:  # only --fresh comes this far
                where = run.layout.aside / f"architecture-replaced-{run.id}"
                notes.append(
                    f"architecture: --fresh discards what was edited by hand: {', '.join(edited)} (copy: {where})"
                )
            if run.config.architect == "command" and self.preparation.dry:
                notes.append(
                    "architect: no agent runs under --collect-only; these are the items of the built-in design"
                )
            return notes
        notes = [f"architecture: edited by hand: {', '.join(design.edited)}"] * bool(design.edited)
        if design.documents:
            notes.append(f"architecture: made again for the edits: {', '.join(design.documents)}")
        if design.fallback:
            notes.append(f"{_fallback_note(design, run.layout)} (--fresh tries the agent again)")
        return notes


def _fallback_note(design: Design, layout: Layout) -> str:
    log = layout.agent / "agent.log"
    printed = f" (what it printed: {log})" if log.is_file() and log.stat().st_size else ""
    return f"architect: the built-in one designed, since the agent gave no usable design: {design.fallback}{printed}"


def _left_over(run: Run) -> list[str]:
    """Return a note on services that were built once and that the design has no more; nobody deletes them."""
    known = {service.name for service in run.architecture.services}
    names = sorted(record.stem for record in run.layout.builds.glob("*.json"))
    gone = [name for name in names if name not in known and (run.layout.output / name).is_dir()]
    if not gone:
        return []
    return [f"services: no longer in the design, and left where they are: {', '.join(gone)} (in {run.layout.output})"]


def clear(run: Run) -> None:
    """Clear what earlier runs left: processes, reports, unfinished builds."""
    from pytest_superteam.deployment.cleanup import sweep
    from pytest_superteam.deployment.composed.sweeping import sweep_composed

    sweep(run.layout.deployment)
    sweep_composed(run.layout.deployment)
    for left in run.layout.reports.glob("gate-report.*"):
        left.unlink()  # a verdict of another run must not be taken for this one's
    for staging in run.layout.aside.glob("*"):
        if "-replaced-" not in staging.name:  # what a killed build left
            shutil.rmtree(staging, ignore_errors=True)


def _output_name(config: Config, project: Path) -> str:
    """Refuse an output folder outside the project."""
    output = (project / config.output).resolve()
    if output == project.resolve() or not output.is_relative_to(project.resolve()):
        raise ConfigError(f"output: '{config.output}' is not below '{project}'. Name a folder in it.")
    return config.output


def claim(layout: Layout, preparation: Preparation) -> Any:
    """Take the project for this run and clear what dead runs left; the lock goes with the process."""
    from filelock import FileLock, Timeout  # not needed to collect

    layout.state.mkdir(parents=True, exist_ok=True)
    layout.state.chmod(0o700)  # it holds the secrets of the running system
    layout.locks.mkdir(exist_ok=True)
    note = layout.state / "run.json"
    hold = FileLock(layout.locks / "run.lock")
    try:
        hold.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            f"--prd: {_other(note)} is at work in '{layout.project}'. Wait for its end, or stop it."
        ) from None
    began = time.strftime("%Y-%m-%d %H:%M:%S")
    write_atomically(note, json.dumps({"run": preparation.run_id, "pid": os.getpid(), "since": began}) + "\n")
    gitignore = layout.state / ".gitignore"
    if not gitignore.exists():
        write_atomically(gitignore, "*\n")
    return hold


def _other(note: Path) -> str:
    try:
        data = json.loads(note.read_text(encoding="utf-8"))
        return f"another run (pid {data['pid']}, since {data['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"
