"""The beginning of a run that builds: its design, kept or made, its place in the store, and the design's review."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_superteam.errors import UsageError
from pytest_superteam.pipeline import design as designs
from pytest_superteam.pipeline import review
from pytest_superteam.pipeline.beginning import begin, end
from pytest_superteam.pipeline.building import build_notes, check_services
from pytest_superteam.pipeline.claiming import claim, clear
from pytest_superteam.pipeline.evidence import architect_outputs_exist
from pytest_superteam.pipeline.paying import design_by_agent
from pytest_superteam.pipeline.state.store import StoreError
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from pytest_superteam.pipeline.design import Design
    from pytest_superteam.pipeline.files import Layout
    from pytest_superteam.pipeline.preparation import Preparation
    from pytest_superteam.pipeline.review import Waiting
    from pytest_superteam.pipeline.run import Run

__all__ = ["designed_run"]


def designed_run(run: Run, preparation: Preparation) -> Run:
    """Return the run with its architecture, taken and written down unless nothing may be written.

    Raises:
        UsageError: the design or its review, the output folder or the budget forbid it; or another run is at work here.
    """
    return _Start(run, preparation).made()


@dataclass
class _Start:
    """The beginning of a run: its design, its place in the store, and the review of the design."""

    run: Run
    preparation: Preparation
    waiting: Waiting | None = None
    resumed: Waiting | None = None
    """The run that this one goes on with, where its design waited."""
    began: bool = False
    made_new: bool = False
    """Whether an architect was at work in this session."""

    def made(self) -> Run:
        """Return the run with its architecture, taken and written down unless nothing may be written."""
        run, started = self.run, time.monotonic()
        self._decide()
        key = designs.design_key(run.prd, run.plugged, run.config)
        anew = run.config.fresh or run.config.start == "architect"
        design = None if anew or self._again else designs.kept_design(run.layout, key)
        unseen = design is not None and not design.kept and self.preparation.decision.approve
        if design is None or unseen:  # what a killed session left half written was shown to nobody
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
            self._give_up(error)
            raise
        return run

    # ------------------------------------------------------------ what was decided

    def _decide(self) -> None:
        """Look for a design that waits for review, where the command line speaks of one."""
        decision, config = self.preparation.decision, self.run.config
        explicit = bool(self.preparation.options.get("review"))
        if not decision.made and not config.review:
            return
        self.waiting = review.find_waiting(self.run.store, self.run.project)
        self.run.store.close()
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
        if self.began:
            run.tell_phase("architect", "started")
        try:
            made = self._new_design()
        except BaseException:
            if self.began:
                run.tell_phase("architect", "failed")
            raise
        self.made_new = True
        if made.fallback:
            run.memory["notes"].append(_fallback_note(made, run.layout))
        return made

    def _new_design(self) -> Design:
        """Let the architect of this run design; one by agent is paid for."""
        run = self.run

        def make() -> Design:
            return designs.new_design(run.prd, run.layout, run.config, run.plugged, feedback=self._reasons)

        if run.config.architect != "command":
            return make()
        at_work = f"the architect is at work: {one_line(run.config.architect_command[0])}"
        run.log.emit("phase", at_work, phase="architect", state="progress")
        return design_by_agent(run, make, attempt=1 + len(self._reasons))

    def _begin(self, design: Design | None) -> None:
        """Take the project and write down that the run begins, or goes on where its design waits."""
        run = self.run
        run.memory["hold"] = claim(run.layout, run.scope)
        if self.preparation.decision.made or (design and design.kept):
            self.resumed = self.waiting
        clear(run.layout)
        self.began = True
        anew = design is None or not design.kept or bool(design.documents) or run.config.until == "architect"
        begin(run, "prd", waiting=self.resumed.run if self.resumed else "", redesigned=anew)
        run.advance("start_architect", has_valid_prd=True, has_valid_config=True)
        if self.resumed and self._rejects:
            left = review.retries_left(self.resumed)
            run.advance("reject_architecture", retries_remaining=bool(left))
            if not left:
                run.advance("fail")
                run.store.end_run(run.id, "rejected")

    def _finish(self, design: Design, key: str) -> None:
        """Write the design, and bring the state machine to where this session works."""
        run = self.run
        run.architecture = design.system
        stops = self._stop(design)
        builds = run.config.until != "architect"
        if not self.began:
            if builds:
                check_services(run)
                run.check_output()
            self._begin(design)
            if self.made_new:  # the built-in architect works before anything is written down: it costs nothing
                run.tell_phase("architect", "started")
        self._write(design, key, builds=builds)
        awaited = self._is_awaited()
        if self.made_new:
            run.tell_phase("architect", "done")
        names = [service.name for service in run.architecture.services]
        run.advance("architect_done", architect_outputs_exist=architect_outputs_exist(run.layout, names))
        if not stops:
            run.advance("approve_architecture", review_approved=True)
            if self.preparation.decision.approve:
                designs.approve(run.layout)
            elif awaited:
                run.memory["notes"].append("architecture: goes on without the review that waits for this design")
            return
        run.memory["review"], run.memory["reasons"] = run.store.state(run.id), self._reasons
        if run.memory["review"] != "failed":
            review.supersede(run)
            review.wait(run, self._reasons)

    def _write(self, design: Design, key: str, *, builds: bool) -> None:
        """Write the design, and say what it leads to."""
        run, documents = self.run, self.preparation.documents
        run.memory["notes"] += _left_over(run)
        if builds:
            run.memory["notes"] += build_notes(run)
        designs.write_design(design, run.layout, key=key, prd=run.prd, documents=documents, run_id=run.scope)
        if builds:
            run.check_output()

    def _is_awaited(self) -> bool:
        """Return whether somebody was to look at this very design, and did not yet."""
        if designs.is_approved(self.run.layout):
            return False
        waiting = review.find_waiting(self.run.store, self.run.project)
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

    def _give_up(self, error: BaseException) -> None:
        """Let go of the project; a run that began and has no design has failed, unless it was interrupted."""
        run = self.run
        try:
            if isinstance(error, KeyboardInterrupt):
                run.memory["interrupted"] = str(error) or "SIGINT"
            else:
                self._fail()
            end(run)
        finally:
            run.store.close()
            hold = run.memory.pop("hold", None)
            if hold is not None:
                hold.release()

    def _fail(self) -> None:
        """Write down that a run without a design has failed; where that is not possible, its session just ends."""
        run = self.run
        with contextlib.suppress(StoreError, OSError):
            known = run.store.run(run.id) if self.began else None
            if known is not None and known.state == "architect_running":
                run.advance("fail")
                run.store.end_run(run.id, "failed")

    def _notes(self, design: Design | None) -> list[str]:
        """Return what the reader of the header has to know of the design."""
        run, edited = self.run, designs.edited_files(self.run.layout)
        if design is None:
            notes = []
            if edited:  # only --fresh comes this far
                where = run.layout.aside / f"architecture-replaced-{run.scope}"
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
