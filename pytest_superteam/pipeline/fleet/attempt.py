"""One try at one service: set aside, begun, watched, settled, written down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.builders.base import BuildRequest
from pytest_superteam.builders.placing import clear_site, new_site
from pytest_superteam.builders.removing import remove_tree
from pytest_superteam.errors import BudgetError, BuildError
from pytest_superteam.pipeline.fleet.children import end_children
from pytest_superteam.pipeline.fleet.classes import class_of, error_text
from pytest_superteam.pipeline.fleet.mending import keep_installed, lay_out, refuse
from pytest_superteam.pipeline.fleet.outcome import Paid
from pytest_superteam.pipeline.fleet.signatures import signature
from pytest_superteam.pipeline.fleet.signs import Signs
from pytest_superteam.pipeline.money.caps import NoRoomError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.builders.base import Builder
    from pytest_superteam.models import BuildResult
    from pytest_superteam.pipeline.fleet.history import History
    from pytest_superteam.pipeline.fleet.outcome import Outcome
    from pytest_superteam.pipeline.fleet.slots import Place
    from pytest_superteam.pipeline.fleet.tools import Tools
    from pytest_superteam.pipeline.fleet.trying import Ended

__all__ = ["Failed", "OneTry"]


@dataclass(frozen=True)
class Failed:
    """A try that failed and is written down."""

    text: str
    """The error."""
    kind: str
    """Of the error."""
    retry_after: float | None
    """Seconds that the other side asks for before the next try."""


class OneTry:
    """Tries once to build a service with a builder that has room."""

    def __init__(self, tools: Tools, service: str, place: Place, builder: Builder) -> None:
        """Try `builder` at `service`, in the slot that is held for it."""
        self._tools, self._plan, self._service = tools, tools.plan, service
        self._place, self._builder = place, builder

    async def run(self, history: History, outcome: Outcome, hint: str) -> BuildResult | Failed | None:
        """Return the result, how the try failed, or None where it was not begun or was cut off."""
        site = new_site(self._plan.build, self._service)
        try:
            if self._service in self._plan.mending:
                lay_out(self._plan.build.output / self._service, site)
            signs = Signs(self._tools)
            request = self._request(site, history.next_number, hint, signs)
            try:
                step = await self._tools.payments.reserve(self._builder, request, self._parent)
            except BudgetError as error:
                return self._unpaid(history, outcome, error)
            if not self._tools.quotas.take(self._place.platform):
                step.release()
                return None
            spend = step.worst.usd if self._plan.ledger is not None else None
            return await self._paid(history, outcome, replace(request, spend_usd=spend), Paid(step, signs))
        finally:
            if self._plan.build.private is not None:
                remove_tree(self._plan.build.private / site.name)
            if not outcome.on_its_way:
                clear_site(site)

    def _request(self, site: Path, number: int, hint: str, signs: Signs) -> BuildRequest:
        build = self._plan.build
        mine = {
            provider: pact for (consumer, provider), pact in sorted(build.pacts.items()) if consumer == self._service
        }
        return BuildRequest(
            service=self._service,
            architecture=build.architecture,
            directory=site,
            pacts=mine,
            attempt=number,
            hint=hint,
            timeout=build.timeout,
            report=signs,
            prd=build.prd,
            rules=build.rules,
            project=build.project,
            private=build.private / site.name if build.private is not None else None,
            mending=self._plan.mending.get(self._service),
        )

    def _unpaid(self, history: History, outcome: Outcome, error: BudgetError) -> BuildResult:
        """Return what follows where a try can't be paid: the run stops where it has no money, or else a person looks.

        Before it stops, what is at work and what still fits comes to its end.
        """
        if isinstance(error, NoRoomError) and not error.cap.service:
            self._tools.unpaid = self._tools.unpaid or str(error)
            return outcome.not_begun(self._builder, str(error))
        return outcome.left(self._builder, str(error), str(error), "budget", history.counted())

    async def _paid(
        self, history: History, outcome: Outcome, request: BuildRequest, paid: Paid
    ) -> BuildResult | Failed | None:
        attempt = self._begin(request, paid, history.last_number(request.attempt))
        try:
            ended = await self._tools.trying.run(
                self._builder, request, lambda watchdog: paid.signs.begin(watchdog, paid.step)
            )
        except BaseException:  # we are cut off ourselves
            paid.step.settle(None)
            self._tools.tries.end(attempt, "interrupted")
            raise
        finally:
            end_children(request.directory)
        paid.signs.close()
        self._tools.parents[self._service] = paid.step.number or self._parent
        if ended.abandoned:
            told = f"{self._builder.name} takes no notice of its end; it is left behind at {self._service}"
            self._tell("attempt", told, "warning")
        if ended.output is not None:
            try:
                self._refuse_no_mending(request)
                return outcome.built(
                    self._builder, ended.output, request.directory, attempt, paid, history.failed() + 1
                )
            except BuildError as error:  # what it left is no source tree, or mends nothing
                usage, again = ended.output.usage, error.retryable
                ended = replace(ended, status="failed", error=BuildError(str(error), usage=usage, retryable=again))
        paid.signs.note()
        return self._failed(outcome, request, attempt, paid, ended)

    def _refuse_no_mending(self, request: BuildRequest) -> None:
        """Refuse a fix that changes nothing, or makes the gate see less.

        Raises:
            BuildError: it is one; the message says which.
        """
        if request.mending is not None:
            before = self._plan.build.output / self._service
            self._plan.changed(self._service, before, request.directory)
            refuse(before, request.directory)
            keep_installed(before, request.directory)

    def _begin(self, request: BuildRequest, paid: Paid, last: int) -> int:
        """Write down that a try begins."""
        model = str(getattr(self._builder, "model", ""))
        try:
            attempt = self._tools.tries.start(
                phase=self._plan.phase,
                service=self._service,
                number=request.attempt,
                builder=self._builder.name,
                model=model,
                key=self._tools.key(self._service, self._builder),
                hint=request.hint,
            )
        except BaseException:
            paid.step.release()
            raise
        if len(self._tools.routing.candidates(self._service)) > 1:
            told = f"{self._service} goes to {self._place.reason}"
            self._tell("routing", told, "info", reason=self._place.reason)
        told = f"{self._service}: try {request.attempt} by {self._builder.name}" + ", with a hint" * bool(request.hint)
        self._tell("attempt", told, "info", number=request.attempt, of=last, status="running", model=model)
        told = f"{self._service} is being built by {self._builder.name}"
        self._tell("builder", told, "info", state="building", model=model)
        return attempt

    def _failed(self, outcome: Outcome, request: BuildRequest, attempt: int, paid: Paid, ended: Ended) -> Failed | None:
        """Write down how a try failed."""
        error = ended.error or BuildError("no reason was given")
        text, found = _without(request.directory, error_text(error)), class_of(error)
        paid.step.settle(error.usage if isinstance(error, BuildError) else None)
        if ended.status == "interrupted":
            self._tools.tries.end(attempt, "interrupted", error=text)
            return None
        outcome.keep_files(request.directory)
        retryable = found.retryable
        self._tools.tries.end(attempt, ended.status, error=text, signature=signature(text), retryable=retryable)
        said = found.known or getattr(error, "retryable", None) is not None
        unknown = "" if said or ended.status != "failed" else " (of unknown kind)"
        told = f"{self._service}: try {request.attempt} {ended.status}{unknown}: {text}"
        self._tell("attempt", told, "warning", number=request.attempt, status=ended.status, error_kind=found.kind)
        return Failed(text, found.kind, found.retry_after)

    def _tell(self, kind: Any, message: str, level: Any, **data: Any) -> None:
        more = {"service": self._service, "builder": self._builder.name}
        self._plan.log.emit(kind, message, level=level, **more, **data)

    @property
    def _parent(self) -> int:
        return self._tools.parents.get(self._service, self._plan.parent)


def _without(directory: Path, text: str) -> str:
    """Return a message without the folder of its try, which is gone when somebody reads it."""
    return text.replace(str(directory), ".").replace(str(directory.resolve()), ".")
