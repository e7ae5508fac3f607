"""Sending cases over one connection, and judging every answer."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.callers.credentials import headers_for
from pytest_superteam.checks.engine.findings import Finding, finding_of, main_causes
from pytest_superteam.checks.engine.noise import Report, excuse
from pytest_superteam.checks.engine.wire import LARGEST
from pytest_superteam.checks.evidence import curl_line, masked, shortened
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests import PreparedRequest, Session
    from schemathesis import Response
    from schemathesis.core.failures import Failure
    from schemathesis.engine.recorder import ScenarioRecorder

    from pytest_superteam.checks.engine.types import Case, EngineOperation

__all__ = ["ANSWER_CHECKS", "CHECKS", "SEQUENCE_CHECKS", "Caller", "bearer"]

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
)
ANSWER_CHECKS = CHECKS[:5]
"""Those that look at the answer alone, for requests that we make ourselves."""
SEQUENCE_CHECKS = (*CHECKS, "use_after_free", "ensure_resource_availability")
"""Those of a step that follows others."""

_MAX_TIMEOUTS = 2  # calls that may hang before the rest of them is given up


@dataclass
class Caller:
    """Sends cases to one service. Counts the statuses, keeps the first finding of each title and what was excused."""

    service: str
    base_url: str
    token: str | None
    session: Session
    timeout: float
    deadline: float = inf
    """When to stop sending, in monotonic seconds."""
    enabled: Callable[[EngineOperation, str, str], bool] = lambda _operation, _phase, _check: True
    """Whether the settings of the project let a check of the engine judge an operation's answers in a phase."""
    found: bool = False
    """Whether the contract was found, so that it may leave out what ours say."""
    succeeded: int = 0
    """How many calls with the operation's own method were answered with 2xx."""
    statuses: Counter[int] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    durations: list[tuple[float, PreparedRequest]] = field(default_factory=list)
    timeouts: int = 0
    notes: list[str] = field(default_factory=list)
    """What was not tried, and why."""
    functions: dict[tuple[str, str, tuple[str, ...]], list[Any]] = field(default_factory=dict, repr=False)
    """The engine's checks that are switched on, by operation, phase and what was asked for."""

    @property
    def calls(self) -> int:
        """Return how many calls were answered."""
        return self.statuses.total()

    @property
    def ordered(self) -> list[Finding]:
        """Return the findings, those that others may follow from first."""
        return sorted(self.findings.values(), key=lambda finding: (finding.rank, finding.title, finding.kind))

    def exercise(self, case: Case) -> None:
        """Send `case` with the token and judge the answer by all checks."""
        response = self.send(case, bearer(self.token))
        if response is not None:
            self.judge(case, response, CHECKS, bearer(self.token))

    def send(self, case: Case, headers: Mapping[str, str]) -> Response | None:
        """Return the answer to `case`, or None where the service hung, broke off or never stopped: a finding.

        Raises:
            CheckError: nothing listens there.
        """
        import requests

        try:
            response = case.call(
                base_url=self.base_url,
                session=self.session,
                headers=dict(headers),
                timeout=self.timeout,
                allow_redirects=False,
            )
        except requests.Timeout as error:
            self._hung(case, error)
            return None
        except requests.RequestException as error:
            self._broke_off(case, error)
            return None
        self.statuses[response.status_code] += 1
        self.succeeded += 200 <= response.status_code < 300 and _is_own_method(case)
        self.durations.append((response.elapsed, response.request))
        return None if self._is_too_large(case, response) else response

    def _hung(self, case: Case, error: Any) -> None:
        self.timeouts += 1
        message = f"No whole answer came within {self.timeout:g} s. Answer, or fail, in time."
        self.add(Finding("Timeout", "The service hangs", message, self._curl_of(case, error), 0, case.operation.label))

    def _broke_off(self, case: Case, error: Any) -> None:
        if _is_refused(error):
            raise CheckError(
                f"{self.service} can't be reached at {self.base_url}: {shortened(str(error))}. See the service's log."
            ) from error
        message = (
            f"The connection ended without a whole answer ({type(error).__name__}: {shortened(str(error), 120)}). "
            "See the service's log."
        )
        self.add(
            Finding(
                "BrokenConnection",
                "The service breaks off",
                message,
                self._curl_of(case, error),
                0,
                case.operation.label,
            )
        )

    def _is_too_large(self, case: Case, response: Response) -> bool:
        large = len(response.content) >= LARGEST
        if large:
            message = f"More than {LARGEST // 2**20} MB came, of which the rest was not read. Answer in pages, or less."
            self.add(
                Finding(
                    "HugeAnswer",
                    "The answer is too large",
                    message,
                    curl_line(response.request),
                    1,
                    case.operation.label,
                )
            )
        return large

    def _curl_of(self, case: Case, error: Any) -> str:
        """Return the curl line of a request that failed; some errors do not say what was sent, the case does."""
        if getattr(error, "request", None) is not None:
            return curl_line(error.request)
        return shortened(masked(case.as_curl_command(base_url=self.base_url)), 1000)

    @property
    def exhausted(self) -> str:
        """Return why no more calls should be made: too many hung, or the time is over; empty where they may."""
        if self.timeouts >= _MAX_TIMEOUTS:
            return "the service hangs"
        return "the time is over" if time.monotonic() > self.deadline else ""

    def judge(
        self,
        case: Case,
        response: Response,
        checks: tuple[str, ...],
        headers: Mapping[str, str],
        recorder: ScenarioRecorder | None = None,
    ) -> None:
        """Run the engine's `checks` on an answer and keep what they find; `recorder` knows the calls before it."""
        main, beside = main_causes(self._failures(case, response, checks, headers, recorder))
        for failure in main:
            reason = excuse(Report(type(failure).__name__, case, response, recorder, self.found))
            if reason:
                self.excused[reason] += 1
            else:
                self.add(finding_of(failure, case, response, beside, recorder))

    def _failures(
        self,
        case: Case,
        response: Response,
        checks: tuple[str, ...],
        headers: Mapping[str, str],
        recorder: ScenarioRecorder | None,
    ) -> list[Failure]:
        """Return the failures of those of the engine's checks that the project's settings leave switched on."""
        from schemathesis.core.failures import FailureGroup

        functions = self._functions(case, checks)
        if not functions:
            return []  # the engine takes no checks for all checks
        transport = {
            "session": self.session,
            "base_url": self.base_url,
            "headers": dict(headers),
            "timeout": self.timeout,
        }
        try:
            case.validate_response(
                response, checks=functions, headers=dict(headers), transport_kwargs=transport, recorder=recorder
            )
        except FailureGroup as group:
            return sorted(group.exceptions)
        return []

    def _functions(self, case: Case, checks: tuple[str, ...]) -> list[Any]:
        """Return the functions of `checks` that are switched on; the settings are merged anew at each question."""
        import schemathesis.checks

        phase = case.meta.phase.name.value if case.meta is not None else "fuzzing"
        key = (case.operation.label, phase, checks)
        if key not in self.functions:
            names = [name for name in checks if self.enabled(case.operation, phase, name)]
            self.functions[key] = [getattr(schemathesis.checks, name) for name in names]
        return self.functions[key]

    def add(self, finding: Finding) -> None:
        """Keep of one operation, kind and title the finding that shows itself best, and what came with any of them."""
        key = (finding.label, finding.kind, finding.title)
        known = self.findings.setdefault(key, finding)
        beside = known.beside | finding.beside
        best = min(known, finding, key=lambda one: (not one.complete, one.steps))
        self.findings[key] = replace(best, beside=beside)


def _is_own_method(case: Case) -> bool:
    """Whether the case has its operation's method: the engine tries others, such as OPTIONS, which any path answers."""
    return str(case.method).upper() == str(case.operation.method).upper()


def bearer(token: str | None) -> dict[str, str]:
    """Return the header that carries `token`, none where there is none."""
    return headers_for(token)


def _is_refused(error: BaseException) -> bool:
    """Whether the connection was never made."""
    return any(word in str(error) for word in ("NewConnectionError", "Connection refused", "NameResolutionError"))
