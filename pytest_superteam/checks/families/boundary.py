"""What services really answer, as their consumers read it: `test_boundary[<service>-BOUNDARY-00x]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.models import CheckResult, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.base import Planning, RunningSystem

__all__ = ["FAMILY"]


def _rule(number: int, name: str, help_: str, what: str, why: str) -> Rule:
    code = f"BOUNDARY-{number:03}"
    return Rule(code, name, Severity.ERROR, "boundary", layer=2, languages=(), help=help_, what=what, why=why)


RULES = (
    _rule(
        1,
        "Field named differently across a boundary",
        "Give the field the contract's name in the answer, in the request and where a consumer reads it.",
        "A declared field that an answer has in another spelling (`order_id` and `orderId`), that a consumer reads in "
        "another one, or that a refusal of a valid request asks for in another one.",
        "The reader finds nothing under the name that it knows, and takes the field for empty.",
    ),
    _rule(
        2,
        "Timestamps without a zone or in two forms",
        "Write every timestamp as RFC 3339 with a zone, such as 2026-01-31T12:00:00Z.",
        "A timestamp without a zone, with a blank for the T, as a number where text is declared, or (a warning) to the "
        "second where other services write fractions. Z and +00:00 are the same and both good.",
        "Readers take a time without a zone for their own, hours away; two forms need two parsers.",
    ),
    _rule(
        3,
        "Null against missing",
        "Answer each required field, and null only where the contract admits it.",
        "A required field that is missing, a null that the contract does not have, a field that a consumer reads and "
        "that is not there; as a warning, an optional field that is null here and missing there.",
        "Readers are written for one of the two and fail on the other.",
    ),
    _rule(
        4,
        "Number or boolean as text",
        "Answer the JSON type that the contract declares.",
        "A number or boolean that is answered as text, or text as a number.",
        '"10" sorts before "9", adds up to "1010", and "false" is true in many languages.',
    ),
    _rule(
        5,
        "Enum value in another case or unknown",
        "Answer the members of the enum as the contract spells them.",
        "A value that differs from the contract's in case (`PENDING`, `pending`), or that its enum does not have.",
        "Readers compare enum values as text, so that every other spelling takes the default branch.",
    ),
    _rule(
        6,
        "Ids in different forms",
        "Answer ids as lower-case uuids with dashes, and references exactly as the service that has the row does.",
        "An id with braces, without dashes, in upper case, with a prefix or as a number where a uuid is declared, or a "
        "reference in another form than the id that it names.",
        "Ids are compared and looked up as text: the same row in another form is another row, or none.",
    ),
    _rule(
        7,
        "Pages of different shapes",
        "Answer every list as the page that the contract declares, of one shape in the whole system.",
        "A plain list where a page is declared or the other way round, page fields under other names, a total below "
        "the rows of the page, and shapes that differ between services (an error where one calls the other).",
        "A reader that looks for `items` and finds `data` shows an empty list.",
    ),
)


def _plan(planning: Planning) -> Iterator[CheckItem]:
    from pytest_superteam.checks.boundary.planning import plan_boundaries

    for service, code in plan_boundaries(planning.architecture):
        yield CheckItem(service, f"{service}-{code}", code, subject="answers")


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    from pytest_superteam.checks.boundary.judging import check_boundary

    return check_boundary(system, item.service, item.code)


FAMILY = Family("test_boundary", RULES, _plan, _check)
