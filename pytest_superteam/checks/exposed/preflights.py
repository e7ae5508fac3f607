"""Real CORS preflights (Fetch standard): does the service let pages of strange origins read its answers?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.access.endpoints import Endpoint, endpoints_of
from pytest_superteam.checks.access.objects import shown_since
from pytest_superteam.checks.access.patience import PatientExchanges
from pytest_superteam.checks.exchanges import Answer, Exchanges, NoAnswerError
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.base import CheckItem, RunningSystem

__all__ = ["strange_origins"]

_STRANGER = "https://evil.example"
_LIKELY = ("http://localhost:3000", "http://localhost:5173", "http://localhost:8080")
"""Origins that development setups list; a page that only looks like one of them is a stranger all the same."""
_PATHS = 3  # operations of a service that are asked; the answer is the application's, seldom the route's


def strange_origins(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which operations let pages of unlisted origins read their answers."""
    violations: list[Violation] = []
    with PatientExchanges(system.config.timeouts.request) as exchanges:
        problem = ""
        for endpoint in _chosen(system, item.service):
            url = system.url(item.service) + endpoint.operation.path.replace("{", "").replace("}", "")
            try:
                violations += _ask(exchanges, endpoint, url, item, found=system.found)
            except NoAnswerError as error:
                problem = str(error)
            if violations:
                break  # what answers preflights is the application: one finding stands for all its operations
        if problem and not violations and not any(step.answer for step in exchanges.made):
            raise CheckError(problem)
        return CheckResult(tuple(violations), detail=f"{len(exchanges.made)} preflights and requests of strangers")


def _chosen(system: RunningSystem, service: str) -> list[Endpoint]:
    """Return the first operation of each method, at most three, reads first."""
    by_method: dict[str, Endpoint] = {}
    for endpoint in sorted(endpoints_of(system, service), key=lambda e: (not e.reads, len(e.named))):
        by_method.setdefault(endpoint.operation.method, endpoint)
    return list(by_method.values())[:_PATHS]


def _ask(exchanges: Exchanges, endpoint: Endpoint, url: str, item: CheckItem, *, found: bool) -> Iterator[Violation]:
    start = len(exchanges.made)
    for origin in (_STRANGER, "null"):
        for answer in _answers(exchanges, endpoint, url, origin):
            allowed = answer.headers.get("access-control-allow-origin", "")
            credentials = answer.headers.get("access-control-allow-credentials", "").lower() == "true"
            said = _said(origin, allowed, credentials=credentials)
            if said:
                mild = found and allowed == "*" and not credentials
                yield _violation(exchanges, endpoint, item, said, start, mild=mild)
                return
    for listed in _LIKELY:
        if _allows(exchanges, endpoint, url, listed):
            for trick in _lookalikes(listed):
                if _allows(exchanges, endpoint, url, trick):
                    said = f"compares origins by a part only: it takes {trick} for {listed}"
                    yield _violation(exchanges, endpoint, item, said, start)
                    return


def _answers(exchanges: Exchanges, endpoint: Endpoint, url: str, origin: str) -> Iterator[Answer]:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": endpoint.operation.method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    yield exchanges.send("OPTIONS", url, headers=asked)
    if endpoint.reads:
        yield exchanges.send(endpoint.operation.method, url, headers={"Origin": origin})


def _allows(exchanges: Exchanges, endpoint: Endpoint, url: str, origin: str) -> bool:
    answer = next(_answers(exchanges, endpoint, url, origin))
    return answer.headers.get("access-control-allow-origin") == origin


def _lookalikes(origin: str) -> tuple[str, ...]:
    """Return origins of strangers that begin, end or read like `origin`."""
    scheme, _, host = origin.partition("://")
    name, _, port = host.partition(":")
    return (f"{scheme}://{name}.evil.example:{port}", f"{origin}.evil.example", f"{scheme}://evil{host}")


def _said(origin: str, allowed: str, *, credentials: bool) -> str:
    """Return what is wrong with an allowed origin, `""` where nothing is."""
    with_credentials = ", with credentials" if credentials else ""
    if allowed == "*":
        return f"allows every origin{with_credentials}"
    if allowed != origin:
        return ""
    if origin == "null":
        return f"allows the origin null{with_credentials}, which every sandboxed page has"
    return f"allows the unlisted origin {origin}{with_credentials}"


def _violation(
    exchanges: Exchanges, endpoint: Endpoint, item: CheckItem, said: str, start: int, *, mild: bool = False
) -> Violation:
    message = (
        f"{endpoint.label} {said}: expected no Access-Control-Allow-Origin for it. List the origins, and compare them "
        "whole."
    )
    severity = Severity.WARNING if mild else item.severity
    return Violation(item.code, severity, item.service, message, evidence=shown_since(exchanges, start))
