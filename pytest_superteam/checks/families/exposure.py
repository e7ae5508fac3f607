"""The running system takes and tells no more than its contracts say: `test_exposure[<service>-<code>]`.

After the OWASP API Security Top 10 (2023): broken object property level authorization (API3), unrestricted resource
consumption (API4), user enumeration (API2) and misconfiguration (API8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.contracts.derived import is_derived
from pytest_superteam.models import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.base import Planning, RunningSystem
    from pytest_superteam.models import CheckResult, Operation

__all__ = ["FAMILY"]

SURPLUS = Rule(
    id="EXPOSE-001",
    name="Field outside of the request schema is taken over",
    severity=Severity.HIGH,
    category="exposure",
    layer=2,
    languages=(),
    help="Copy only the fields of the request schema into the row.",
    cwe=915,
    what="A create, update or registration that takes over a field which its request schema does not have (role, "
    "owner, id, state, time stamps, balance ...), as the answer, a later read or a later login shows. Refusing such a "
    "field is right, and so is ignoring it.",
    why="Whoever registers makes themselves admin (API3, mass assignment).",
)
UNDECLARED = Rule(
    id="EXPOSE-002",
    name="Answer has fields that the contract does not have",
    severity=Severity.ERROR,
    category="exposure",
    layer=2,
    languages=(),
    help="Add the field to the contract, or answer the schema's fields only.",
    cwe=213,
    what="A property of a 2xx answer, at any depth, that the response schema does not name. A schema that names no "
    "property, or that has `additionalProperties`, allows anything.",
    why="What is answered by accident is read by somebody, and is how internal data gets out (API3).",
)
SECRETS = Rule(
    id="EXPOSE-003",
    name="Answer tells a secret",
    severity=Severity.CRITICAL,
    category="exposure",
    layer=2,
    languages=(),
    help="Answer a schema without it; keep what went wrong for the log.",
    cwe=200,
    what="A password or its hash in any answer; a token or key outside of logins that the contract does not declare; a "
    "stack trace, an error of the database or an absolute path in an error.",
    why="A hash can be cracked, a key used at once, and a stack trace is a map of the inside.",
)
ENUMERATION = Rule(
    id="EXPOSE-004",
    name="Login tells whether a user exists",
    severity=Severity.ERROR,
    category="exposure",
    layer=2,
    languages=(),
    help="Answer a wrong password and an unknown user with the same status and body.",
    cwe=204,
    what="A login whose status or body differs between a wrong password and an unknown user, what it repeats of the "
    "request and what is new each time left aside. Time is not judged, registration is not either.",
    why="Lists of users are the first half of guessing passwords (API2).",
)
CORS = Rule(
    id="EXPOSE-005",
    name="Strange origin may read answers",
    severity=Severity.ERROR,
    category="exposure",
    layer=2,
    languages=(),
    help="List the origins that may, and compare them whole.",
    cwe=942,
    what="A preflight or a read that allows an unlisted origin, `null`, every origin, or one that only begins or ends "
    "like a listed one. In a system that was found, every origin without credentials is a warning.",
    why="Any page that a user opens can read their data with their browser (API8).",
)
OVERSIZE = Rule(
    id="EXPOSE-006",
    name="Input far over its limits is not refused",
    severity=Severity.ERROR,
    category="exposure",
    layer=2,
    languages=(),
    help="Check sizes before the body is read, parsed and stored.",
    cwe=770,
    what="A text or list a hundred times over its limit, a page size a thousand times over its own, a body of 10 MB, "
    "or JSON nested ten thousand levels deep, that is accepted, fails with 5xx, or is not answered in time.",
    why="One caller can fill the disk or the memory for all (API4).",
)
BACKTRACKING = Rule(
    id="EXPOSE-007",
    name="Pattern can be made to run for seconds",
    severity=Severity.ERROR,
    category="exposure",
    layer=2,
    languages=(),
    help="Limit the length first, and match without nested repeats.",
    cwe=1333,
    what="A field with a format or pattern, or a plain text called `email`, `url`, `phone` or `username`, for which a "
    "text that nearly matches takes more than two seconds and ten times the usual, twice in a row.",
    why="A few such requests stop the service (API4, ReDoS).",
)
ENDLESS_LOGINS = Rule(
    id="EXPOSE-008",
    name="Failed logins are not limited",
    severity=Severity.WARNING,
    category="exposure",
    layer=2,
    languages=(),
    help="Limit failed logins per account and per address, here or in the gateway.",
    cwe=307,
    what="Thirty wrong passwords in a row that are all answered alike, none with 429 or 423. Asked of systems that "
    "were found only.",
    why="Passwords can be guessed at full speed (API2, API4).",
)
INJECTION = Rule(
    id="EXPOSE-009",
    name="Input reaches an interpreter",
    severity=Severity.ERROR,
    category="exposure",
    layer=2,
    languages=(),
    help="Hand values to databases and templates as parameters, never as a part of the text.",
    cwe=74,
    what="Quotes, conditions, operators, templates or paths in paths, queries and bodies that make the service fail "
    "with 5xx, tell an error of its database, find more than they name, work out a template, or show a file.",
    why="Whoever can write the query can read and change everything (API8).",
)

RULES = (SURPLUS, UNDECLARED, SECRETS, ENUMERATION, CORS, BACKTRACKING, OVERSIZE, ENDLESS_LOGINS, INJECTION)
"""Patterns before sizes: a service that a huge text keeps busy for ever can no more show which pattern it was."""

_WRITING = {"POST", "PUT", "PATCH"}


def _plan(planning: Planning) -> Iterator[CheckItem]:
    for service in planning.architecture.services:
        operations = planning.architecture.operations_of(service.name)
        contract = planning.architecture.contracts.get(service.name)
        if contract is None:
            continue
        rules = [rule for rule in RULES if rule is not UNDECLARED or not is_derived(contract)]
        for rule in rules:
            if operations and _says_something(planning, rule, operations):
                yield CheckItem(service.name, f"{service.name}-{rule.id}", rule.id, rule.severity)


def _says_something(planning: Planning, rule: Rule, operations: tuple[Operation, ...]) -> bool:
    bodied = any(_takes_a_body(planning, operation) for operation in operations)
    if rule is SURPLUS:
        writing = ("create", "register", "update", "replace", "update_me")
        return any(
            (o.kind in writing or planning.found) and o.kind != "login" and _takes_a_body(planning, o)
            for o in operations
        )
    if rule in (ENUMERATION, ENDLESS_LOGINS):
        logs_in = any(o.kind == "login" or (planning.found and "login" in o.path) for o in operations)
        return logs_in and (rule is ENUMERATION or planning.found)
    if rule is BACKTRACKING:
        return any(_takes_a_body(planning, o) and _matches_something(planning, o) for o in operations)
    if rule is OVERSIZE:
        return bodied or any(o.kind == "list" for o in operations)
    if rule is INJECTION:
        return bodied or any("{" in o.path or o.parameters for o in operations)
    return True


def _takes_a_body(planning: Planning, operation: Operation) -> bool:
    """Return whether the contract gives the operation a body; a strange document has none."""
    if operation.method not in _WRITING:
        return False
    try:
        path = planning.architecture.contracts[operation.service]["paths"][operation.path]
        return "requestBody" in path[operation.method.lower()]
    except (KeyError, TypeError, AttributeError):
        return False


def _matches_something(planning: Planning, operation: Operation) -> bool:
    """Return whether a field of the operation's JSON body has a format, pattern or name that could be slow."""
    from pytest_superteam.checks.access.endpoints import body_properties
    from pytest_superteam.checks.exposed.near_matches import is_matched

    document = planning.architecture.contracts[operation.service]
    try:
        content = document["paths"][operation.path][operation.method.lower()]["requestBody"]["content"]
        schema = next(media["schema"] for name, media in content.items() if "json" in name)
        fields = body_properties(schema, document).items()
        return any(is_matched(part, name if operation.kind != "login" else "") for name, part in fields)
    except (LookupError, TypeError, AttributeError, StopIteration):
        return True  # read by the check, which follows references


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    from pytest_superteam.checks.access.endpoints import placed
    from pytest_superteam.checks.exposed.backtracking import slow_patterns
    from pytest_superteam.checks.exposed.disclosures import told_secrets, undeclared_fields
    from pytest_superteam.checks.exposed.enumeration import endless_logins, login_tells
    from pytest_superteam.checks.exposed.injections import injected_input
    from pytest_superteam.checks.exposed.oversize import oversized_requests
    from pytest_superteam.checks.exposed.preflights import strange_origins
    from pytest_superteam.checks.exposed.surplus import surplus_fields

    work = {
        SURPLUS.id: surplus_fields,
        UNDECLARED.id: undeclared_fields,
        SECRETS.id: told_secrets,
        ENUMERATION.id: login_tells,
        CORS.id: strange_origins,
        OVERSIZE.id: oversized_requests,
        BACKTRACKING.id: slow_patterns,
        ENDLESS_LOGINS.id: endless_logins,
        INJECTION.id: injected_input,
    }
    result = work[item.code](system, item)
    return result if item.code == CORS.id else placed(system, result)  # CORS is the application's, no handler's


FAMILY = Family("test_exposure", RULES, _plan, _check)
