"""What becomes of a service: built and in its place, left for a person, refused or not begun; each written down."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.builders.placing import Landing, agent_log, announce, land
from pytest_superteam.builders.plan import key_of
from pytest_superteam.builders.records import save_build
from pytest_superteam.builders.removing import remove_tree
from pytest_superteam.builders.tree import hash_tree
from pytest_superteam.errors import BuildError
from pytest_superteam.models import BuildResult, Claim, Evidence, Usage
from pytest_superteam.pipeline.money.reported import believable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_superteam.builders.base import Builder, BuildOutput
    from pytest_superteam.models import Mending
    from pytest_superteam.pipeline.fleet.payment import Step
    from pytest_superteam.pipeline.fleet.signs import Signs
    from pytest_superteam.pipeline.fleet.tools import Tools
    from pytest_superteam.pipeline.state.attempts import Attempt

__all__ = ["Outcome", "Paid"]


@dataclass(frozen=True)
class Paid:
    """What a try is paid by, and what its builder said on the way."""

    step: Step
    signs: Signs


class Outcome:
    """Makes and keeps the result of one service."""

    def __init__(self, tools: Tools, service: str, instead_of: str = "") -> None:
        """Keep the result of `service`; its builder may stand in for another one."""
        self._tools, self._service, self._instead_of = tools, service, instead_of
        self._plan = tools.plan
        self.failed = False
        """Whether it is given up."""
        self._started = tools.loop.time()
        self.on_its_way = False
        """Whether something built is announced and not in its place yet: its folder must stay."""

    def built(
        self, builder: Builder, output: BuildOutput, site: Path, attempt: int, paid: Paid, tries: int
    ) -> BuildResult:
        """Bring what was built in `site` to its place.

        From the announcement on it is built, whatever happens: who finds that after a crash does the rest.

        Raises:
            BuildError: what was built is no source tree.
        """
        tools, build = self._tools, self._plan.build
        result = replace(
            self._result(builder),
            success=True,
            files=_tree(site),
            start=tuple(output.start),
            test=tuple(output.test),
            attempts=tries,
            evidence=output.evidence if isinstance(output.evidence, Evidence) else None,
            claim=output.claim if isinstance(output.claim, Claim) else None,
            fix_attempt=self._mending.number if self._mending else 0,
        )
        usage = output.usage if isinstance(output.usage, Usage) else None
        said = paid.signs.said if usage in (None, Usage()) else usage
        landing = Landing(result, site.name, attempt, paid.step.number, believable(said)[0])
        self.on_its_way = True
        announce(build, landing)
        paid.signs.note()
        paid.step.settle(usage)
        tools.tries.end(attempt, "succeeded")
        land(build, landing)
        self.on_its_way = False
        tools.reviews.resolve(self._service)
        remove_tree(self.left_files)
        did = "mended" if self._mending else "built"
        self._tell("done", f"{self._service} is {did}", "success", builder=builder.name, seconds=result.seconds)
        self._plan.landed(result)
        return result

    def left(
        self, builder: Builder, error: str, reason: str, kind: str, tried: Sequence[Attempt], **more: Any
    ) -> BuildResult:
        """Leave the service for a person, with all that is known about it."""
        details = {
            "builder": builder.name,
            "attempts": [{"number": t.number, "status": t.status, "error": t.error, "hint": t.hint} for t in tried],
            **({"directory": str(self.left_files)} if self.left_files.is_dir() else {}),
            **self._printed(tried),
            **more,
        }
        result = replace(self._result(builder), error=error, review=reason, attempts=max(1, len(tried)))
        if self._mending:  # the service stands as it was, and the gate says what is wrong with it
            return self._failed(result, "failed")
        self._tools.reviews.add(self._service, kind, reason, details)
        self._plan.log.emit(
            "review", f"{self._service} needs review: {reason}", level="error", service=self._service, reason=reason
        )
        return self._failed(result, "review")

    def refused(self, builder: Builder, error: str, tries: int) -> BuildResult:
        """Take down that no try was started, since it could not be paid, or the time of the phase is over."""
        return self._failed(replace(self._result(builder), error=error, attempts=max(1, tries)), "failed")

    def not_begun(self, builder: Builder, why: str) -> BuildResult:
        """Return that it is not built yet: nothing is written down, and the next run goes on with it."""
        state = "not mended" if self._mending else "not built"
        self._tell("waiting", f"{self._service} is {state}: {why}", "warning", error=why)
        return replace(self._result(builder), error=f"not built: {why}")

    def keep_files(self, site: Path) -> None:
        """Keep what a try that failed has left, in place of what one before it did, for a person to look at."""
        remove_tree(self.left_files)
        with contextlib.suppress(OSError):  # whatever is wrong with them, it was wrong before
            if not site.is_symlink() and any(site.iterdir()):
                site.replace(self.left_files)

    def _printed(self, tried: Sequence[Attempt]) -> dict[str, str]:
        """Return where it is kept what an agent printed in its last try, if it is."""
        private = self._plan.build.private
        log = agent_log(private, self._service, tried[-1].number) if private is not None and tried else None
        return {"log": str(log)} if log is not None and log.is_file() else {}

    @property
    def left_files(self) -> Path:
        """Return where the files of the last try lie that failed."""
        return self._plan.build.aside / f"{self._service}-failed"

    def _result(self, builder: Builder) -> BuildResult:
        parts, known = self._tools.parts(self._service, builder), self._tools.known.get(self._service)
        return BuildResult(
            service=self._service,
            builder=builder.name,
            directory=self._plan.build.output / self._service,
            success=False,
            key=key_of(parts),
            seconds=self._tools.loop.time() - self._started,
            parts=parts,
            instead_of=self._instead_of or (known.instead_of if self._mending and known else ""),
        )

    @property
    def _mending(self) -> Mending | None:
        return self._plan.mending.get(self._service)

    def _failed(self, result: BuildResult, state: str) -> BuildResult:
        self.failed = True
        if self._mending:
            told = f"{self._service} is not mended: {result.error}"
            self._tell(state, told, "error", error=result.error, builder=result.builder)
            return result
        known = self._tools.known.get(self._service)
        kept = replace(result, files=known.files if known else {})  # what an earlier build wrote is still ours
        save_build(self._plan.build, kept)
        self._tell(
            state, f"{self._service} is not built: {result.error}", "error", error=result.error, builder=result.builder
        )
        self._plan.landed(kept)
        return kept

    def _tell(self, state: str, message: str, level: Any, **data: Any) -> None:
        self._plan.log.emit("builder", message, level=level, service=self._service, state=state, **data)


def _tree(site: Path) -> dict[str, str]:
    """Return the hash of each file of what was built.

    Raises:
        BuildError: there is no source tree, or one that can't be read.
    """
    if site.is_symlink():
        raise BuildError("the builder put a link in the place of its folder.")
    try:
        return hash_tree(site)
    except OSError as error:
        raise BuildError(f"what the builder wrote can't be read: {error.strerror}.") from None
