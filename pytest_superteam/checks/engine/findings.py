"""What conformance finds: the engine's failures as findings, with the calls that show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.checks.evidence import curl_line, masked, shortened

if TYPE_CHECKING:
    from schemathesis import Response
    from schemathesis.core.failures import Failure
    from schemathesis.engine.recorder import ScenarioRecorder

    from pytest_superteam.checks.engine.types import Case

__all__ = ["Finding", "finding_of", "main_causes"]

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
    "UseAfterFree": "Answer 404 for what was deleted.",
    "EnsureResourceAvailability": "Store what was created before you answer, and find it by the id that you answered.",
    "AllowHeaderMismatch": "Name in Allow what the contract has, and serve nothing else.",
    "UnsupportedMethodResponse": "Answer 405 with an Allow header for methods that the path does not have.",
}


@dataclass(frozen=True)
class Finding:
    """One distinct failure: its kind (the engine's class or our own name), title, message and evidence."""

    kind: str
    title: str
    message: str
    evidence: str
    rank: int = 1
    label: str = ""
    """The operation, as in `GET /books/{id}`."""
    beside: set[str] = field(default_factory=set)
    """Titles of failures that this one brought along."""
    steps: int = 1
    """How many requests show it."""
    complete: bool = True
    """Whether those requests make all the rows that they need themselves."""

    @property
    def told(self) -> str:
        """Return title and message, and what came with it."""
        also = f" With it: {', '.join(sorted(self.beside))}." if self.beside else ""
        return f"{self.title}. {self.message}{also}"


def main_causes(failures: list[Failure]) -> tuple[list[Failure], set[str]]:
    """Return the failures that stand for themselves, and the titles of those that only came with them."""
    for cause in _CAUSES:
        main = [failure for failure in failures if type(failure).__name__ == cause]
        if main:
            return main, {failure.title for failure in failures if failure not in main}
    return failures, set()


def finding_of(
    failure: Failure, case: Case, response: Response, beside: set[str], recorder: ScenarioRecorder | None
) -> Finding:
    """Return a failure of the engine as a finding; `recorder` knows the calls before `case`, if there were any."""
    kind = type(failure).__name__
    told = shortened(masked(_told(failure.message)), 400)
    came = f"The answer was {_answer(response)}"
    advice = _ADVICE.get(kind, "Make service and contract agree.")
    message = ". ".join(part.rstrip(". ") for part in (told, came, advice) if part) + "."
    chain = _chain(failure, case, recorder) if recorder is not None else []
    shown = "\n".join(_steps(chain, recorder)) if recorder is not None and len(chain) > 1 else ""
    complete = not chain or (not chain[0].path_parameters and (chain[0].method == "POST" or len(chain) == 1))
    # A failure of several calls is that of the one which did not do what it said: the creation, the deletion.
    label = failure.operation or case.operation.label
    return Finding(
        kind,
        failure.title,
        message,
        shown or curl_line(response.request),
        label=label,
        beside=beside,
        steps=max(1, len(chain)),
        complete=complete,
    )


def _answer(response: Response) -> str:
    body = shortened(masked(response.content[:2000].decode("utf-8", "replace")))
    return f"{response.status_code}: {body}" if body else f"{response.status_code} without a body"


def _chain(failure: Failure, case: Case, recorder: ScenarioRecorder) -> list[Case]:
    """Return the calls that lead to a failure: those it took a value from, that it names, and that changed its rows."""
    needed = {step.id for step in recorder.iter_chain_cases(case_id=case.id)}
    needed |= {step.id for other in failure.related_case_ids() for step in recorder.iter_chain_cases(case_id=other)}
    # A failure that names another call needs no more than that one.
    rows = set() if failure.related_case_ids() else set(map(str, (case.path_parameters or {}).values()))
    found = []
    for step in recorder.find_all_cases():
        changed = step.method not in {"GET", "HEAD", "OPTIONS"} and rows & set(
            map(str, (step.path_parameters or {}).values())
        )
        if (step.id in needed or changed) and recorder.find_response(case_id=step.id) is not None:
            found.append(step)
        if step.id == case.id:
            break
    return found


def _steps(chain: list[Case], recorder: ScenarioRecorder) -> list[str]:
    """Return each call on a numbered line with its answer."""
    answers = [answer for answer in (recorder.find_response(case_id=step.id) for step in chain) if answer is not None]
    return [f"{number}. {curl_line(answer.request)}  -> {_answer(answer)}" for number, answer in enumerate(answers, 1)]


def _told(message: str) -> str:
    """Return the engine's words on one line, without the schema and the value that it prints below them."""
    lines = []
    for line in message.splitlines():
        if line.strip() and line.strip() != "Schema:":
            lines.append(line.strip().rstrip(".:"))
        if line.startswith("Schema"):
            break
    return "; ".join(lines)
