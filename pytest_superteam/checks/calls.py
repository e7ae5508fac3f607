"""Sending the cases of one operation over one connection, and judging every answer."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.evidence import curl_line, masked, shortened
from pytest_superteam.checks.noise import Report, excuse
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from requests import Session
    from schemathesis import Response
    from schemathesis.core.failures import Failure

    from pytest_superteam.checks.engine_types import Case

__all__ = ["ANSWER_CHECKS", "CHECKS", "Caller", "Finding", "connection"]

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
)
ANSWER_CHECKS = CHECKS[:5]
"""Those that look at the answer alone, for requests that we make ourselves."""

_CAUSES = ("ServerError", "UndefinedStatusCode")
"""Failures that bring others along: an undeclared 500 also has the wrong schema and refuses valid data."""

_ADVICE = {
    "ServerError": "Find the exception in the service's log and answer with a documented status.",
    "UndefinedStatusCode": "Add the status to the contract, or answer with one that it has.",
    "UndefinedContentType": "Answer with the content type of the contract.",
    "MissingContentType": "Send a Content-Type header.",
    "MalformedMediaType": "Send a valid Content-Type header.",
    "MissingHeaders": "Send the headers that the contract requires.",
    "JsonSchemaError": "Answer with a body that fits the contract's schema, or correct the schema.",
    "MalformedJson": "Answer with valid JSON.",
    "AcceptedNegativeData": "Validate the request against the contract and answer 422.",
    "RejectedPositiveData": "Accept what the contract allows, or narrow the contract.",
    "MissingHeaderNotRejected": "Refuse requests without the required header.",
    "UnsupportedMethodResponse": "Answer 405 with an Allow header for methods that the path does not have.",
}
_MAX_TIMEOUTS = 2  # calls that may hang before the rest of them is given up


@dataclass(frozen=True)
class Finding:
    """One distinct failure: its kind (the engine's class or our own name), title, message and evidence."""

    kind: str
    title: str
    message: str
    evidence: str
    rank: int = 1


@dataclass
class Caller:
    """Sends cases to one service. Counts the statuses, keeps the first finding of each title and what was excused."""

    service: str
    base_url: str
    token: str | None
    session: Session
    timeout: float
    statuses: Counter[int] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    durations: list[tuple[float, str]] = field(default_factory=list)
    timeouts: int = 0

    @property
    def calls(self) -> int:
        """Return how many calls were answered."""
        return self.statuses.total()

    def exercise(self, case: Case) -> None:
        """Send `case` with the token and judge the answer by all checks."""
        response = self.send(case, _bearer(self.token))
        if response is not None:
            self.judge(case, response, CHECKS, _bearer(self.token))

    def send(self, case: Case, headers: Mapping[str, str]) -> Response | None:
        """Return the answer to `case`, or None where the service hung or broke off, which is a finding.

        Raises:
            CheckError: nothing listens there, or the service hung too often to go on.
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
        self.durations.append((response.elapsed, curl_line(response.request)))
        return response

    def _hung(self, case: Case, error: Any) -> None:
        self.timeouts += 1
        message = f"No answer came within {self.timeout:g} s. Answer, or fail, in time."
        self.add(Finding("Timeout", "The service hangs", message, self._curl_of(case, error), rank=0))

    def _broke_off(self, case: Case, error: Any) -> None:
        if _is_refused(error):
            raise CheckError(
                f"{self.service} can't be reached at {self.base_url}: {shortened(str(error))}. See the service's log."
            ) from error
        message = f"The connection ended without an answer ({type(error).__name__}). See the service's log."
        self.add(Finding("BrokenConnection", "The service breaks off", message, self._curl_of(case, error), rank=0))

    def _curl_of(self, case: Case, error: Any) -> str:
        """Return the curl line of a request that failed; some errors do not say what was sent, the case does."""
        if getattr(error, "request", None) is not None:
            return curl_line(error.request)
        return shortened(masked(case.as_curl_command(base_url=self.base_url)), 1000)

    @property
    def exhausted(self) -> bool:
        """Return whether so many calls hung that more of them would only cost time."""
        return self.timeouts >= _MAX_TIMEOUTS

    def judge(self, case: Case, response: Response, checks: tuple[str, ...], headers: Mapping[str, str]) -> None:
        """Run the engine's `checks` on an answer and keep what they find."""
        for failure in _main_causes(self._failures(case, response, checks, headers)):
            reason = excuse(Report(type(failure).__name__, case, response))
            if reason:
                self.excused[reason] += 1
            else:
                self.add(_finding(failure, response))

    def _failures(
        self, case: Case, response: Response, checks: tuple[str, ...], headers: Mapping[str, str]
    ) -> list[Failure]:
        import schemathesis.checks
        from schemathesis.core.failures import FailureGroup

        functions = [getattr(schemathesis.checks, name) for name in checks]
        transport = {
            "session": self.session,
            "base_url": self.base_url,
            "headers": dict(headers),
            "timeout": self.timeout,
        }
        try:
            case.validate_response(response, checks=functions, headers=dict(headers), transport_kwargs=transport)
        except FailureGroup as group:
            return sorted(group.exceptions)
        return []

    def add(self, finding: Finding) -> None:
        """Keep `finding` unless one of its kind and title is known."""
        self.findings.setdefault((finding.kind, finding.title), finding)


@contextmanager
def connection() -> Iterator[Session]:
    """Yield a session that takes no proxy, netrc or certificate settings from the environment."""
    import requests

    with requests.Session() as session:
        session.trust_env = False
        session.headers.clear()
        yield session


def _bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _is_refused(error: BaseException) -> bool:
    """Whether the connection was never made."""
    return any(word in str(error) for word in ("NewConnectionError", "Connection refused", "NameResolutionError"))


def _main_causes(failures: list[Failure]) -> list[Failure]:
    for cause in _CAUSES:
        main = [failure for failure in failures if type(failure).__name__ == cause]
        if main:
            return main
    return failures


def _finding(failure: Failure, response: Response) -> Finding:
    kind = type(failure).__name__
    answer = shortened(masked(response.content[:2000].decode("utf-8", "replace")))
    told = shortened(masked(_told(failure.message)), 400)
    came = f"The answer was {response.status_code}" + (f": {answer}" if answer else " without a body")
    advice = _ADVICE.get(kind, "Make service and contract agree.")
    message = ". ".join(part.rstrip(". ") for part in (told, came, advice) if part) + "."
    return Finding(kind, failure.title, message, curl_line(response.request))


def _told(message: str) -> str:
    """Return the engine's words on one line, without the schema and the value that it prints below them."""
    lines = []
    for line in message.splitlines():
        if line.strip() and line.strip() != "Schema:":
            lines.append(line.strip().rstrip(".:"))
        if line.startswith("Schema"):
            break
    return "; ".join(lines)
