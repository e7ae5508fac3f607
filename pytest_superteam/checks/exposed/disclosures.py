"""Answers that tell more than the contract says, or what nobody may be told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.access.endpoints import Endpoint, endpoints_of, flat
from pytest_superteam.checks.access.tokens_forged import is_jwt
from pytest_superteam.checks.exposed.answers import collect_answers
from pytest_superteam.contracts.plans import snake
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_superteam.checks.base import CheckItem, RunningSystem

__all__ = ["secrets_in", "told_secrets", "traces_in", "undeclared", "undeclared_fields"]

Path = tuple[str, ...]

_DEEPEST = 12  # levels of an answer
_PASSWORD = re.compile(
    r"(.*_)?(password|passwd|pwd|passphrase|pass_?hash|passcode)(_?(hash|digest|salt|encrypted|plain|text))*"
)
_TOKEN = re.compile(r"(.*_)?(access_token|refresh_token|auth_token|api_?key|private_key|secret_key|client_secret|jwt)")
_HASH = re.compile(
    r"\$2[abxy]?\$\d{2}\$[./A-Za-z0-9]{53}|\$argon2(?:id|i|d)\$[^\s\"]{10,200}|\$scrypt\$[^\s\"]{10,200}"
    r"|pbkdf2[:_-]sha\d{1,3}[:$][^\s\"]{10,200}|scrypt:\d+:\d+:\d+\$[^\s\"]{10,200}"
    r"|\$[156]\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22,86}"
    r"|-----BEGIN (?:[A-Z]{1,10} )?PRIVATE KEY-----"
)
_MASKED = re.compile(r"[*•xX.#-]{3,}|<?(hidden|redacted|masked|filtered)>?", re.IGNORECASE)
_TRACES = {
    "a stack trace": re.compile(
        r"Traceback \(most recent call last\)|File \"[^\"\n]{1,200}\", line \d+, in "
        r"|\bat [\w.$<> ]{1,120} ?\((?:node:[^()\n]{1,200}|[^()\n]{1,200}\.\w{1,8}):\d+(?::\d+)?\)"
        r"|goroutine \d+ \[running\]|\.rb:\d+:in [`']"
        r"|#\d+ /[^\s\"]{1,200}\.php\(\d+\)|werkzeug\.debug|Whitelabel Error Page"
    ),
    "an error of the database": re.compile(
        r"sqlite3\.\w{0,20}Error|sqlalchemy\.exc|psycopg2?\.|asyncpg\.|pymysql\.|mysql\.connector|SQLSTATE\[|ORA-\d{5}"
        r"|You have an error in your SQL syntax|near \\?\"[^\"\n]{0,100}\\?\": syntax error|unrecognized token: "
        r"|UNIQUE constraint failed|FOREIGN KEY constraint failed|NOT NULL constraint failed|no such (?:table|column): "
        r"|violates (?:unique|foreign key|not-null|check) constraint|syntax error at or near|unterminated quoted string"
        r"|Incorrect syntax near|Unclosed quotation mark|MongoServerError|MongoError|E11000 duplicate key"
        r"|PrismaClient\w{1,40}Error|SequelizeDatabaseError|QueryFailedError|org\.hibernate|java\.sql\.SQL"
    ),
    "a path of the server": re.compile(
        r"(?<![\w:/])/(?:app|home|usr|var|opt|root|srv|tmp|workspace|code)/[\w.@/-]{1,200}\.(?:py|js|ts|java|go|rb|php|cs|db|sqlite3?)\b"
        r"|\b[A-Z]:\\\\?(?:[\w .-]{1,60}\\\\?){1,12}[\w.-]{1,60}\.(?:py|js|ts|cs|java|php)\b"
    ),
}
_ENTERING = frozenset({"login", "register"})
_TOKEN_GIVERS = re.compile(r"token|login|sign-?in|sign-?up|register|session|auth|refresh|key|oauth", re.IGNORECASE)


def _judge(
    system: RunningSystem, item: CheckItem, judge: Callable[[Endpoint, Mapping[str, Any]], Iterator[str]], advice: str
) -> CheckResult:
    """Return the findings of `judge` in what the service answers, at most one for each operation.

    Raises:
        CheckError: no operation could be called, though the contracts are ours.
    """
    try:
        answers = collect_answers(system, item.service)
    except CheckError as error:
        if not system.found:
            raise
        return CheckResult(skipped=f"nothing could be called: {error}")
    endpoints = {endpoint.operation.id: endpoint for endpoint in endpoints_of(system, item.service)}
    seen = [answer for answer in answers if answer["status"]]
    if not seen and not system.found:
        raise CheckError(f"{item.service}: no operation answered. {answers[0]['step'] if answers else ''}")
    if not seen:
        return CheckResult(skipped="no operation answered")
    violations: dict[str, Violation] = {}
    for answer in seen:
        endpoint = endpoints[answer["operation"]]
        told = list(dict.fromkeys(judge(endpoint, answer)))
        if told and endpoint.operation.id not in violations:
            shown = ", ".join(told[:8]) + (f" and {len(told) - 8} more" if len(told) > 8 else "")
            message = f"{endpoint.label} answers {shown}. {advice}"
            violations[endpoint.operation.id] = Violation(
                item.code, item.severity, item.service, message, evidence=f"1. {answer['step']}"
            )
    return CheckResult(tuple(violations.values()), detail=f"{len(seen)} answers read")


# ---------------------------------------------------------------- what the contract does not have


def undeclared_fields(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which operations answer fields that the contract does not have."""
    advice = "Add them to the contract, or answer the schema's fields only."

    def judge(endpoint: Endpoint, answer: Mapping[str, Any]) -> Iterator[str]:
        schema = endpoint.contract.response_schema(answer["status"])
        if answer.get("valid") and 200 <= answer["status"] < 300 and schema is not None:
            for path in undeclared(_parsed(answer["text"]), schema, endpoint.contract.document):
                yield f"'{'.'.join(path)}', which the contract does not have"

    return _judge(system, item, judge, advice)


def undeclared(value: Any, schema: Any, document: Mapping[str, Any], path: Path = (), depth: int = 0) -> Iterator[Path]:
    """Yield the paths of properties of `value` that `schema` does not name; of a list, the items' are told once.

    An object whose schema names no property, or that says what further ones are like, may hold anything.
    """
    if depth > _DEEPEST:
        return
    merged = flat(schema, document)
    if isinstance(value, list):
        items = merged.get("items")
        parts = value[:50] if isinstance(items, dict) else []
        found = [each for part in parts for each in undeclared(part, items, document, path, depth + 1)]
        yield from dict.fromkeys(found)
    if not isinstance(value, dict) or not merged.get("properties"):
        return
    further = merged.get("additionalProperties")
    if further is True or isinstance(further, dict) or merged.get("patternProperties"):
        return
    for name, part in value.items():
        if name in merged["properties"]:
            yield from undeclared(part, merged["properties"][name], document, (*path, str(name)), depth + 1)
        else:
            yield (*path, str(name))


def _parsed(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


# ---------------------------------------------------------------- what nobody may be told


def told_secrets(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which operations answer passwords, hashes, keys, or what an error looks like from inside."""
    advice = "Answer a schema that does not have it; keep what went wrong for the log."

    def judge(endpoint: Endpoint, answer: Mapping[str, Any]) -> Iterator[str]:
        text, declared = answer["text"], frozenset(_declared(endpoint, answer["status"]))
        gives = endpoint.kind in _ENTERING or bool(_TOKEN_GIVERS.search(endpoint.operation.path))
        yield from secrets_in(_parsed(text), declared, gives_tokens=gives)
        password = answer.get("password")
        if password and len(password) >= 6 and password in text:
            yield "the password that was sent"
        if answer["status"] >= 400:
            yield from traces_in(text)

    return _judge(system, item, judge, advice)


def _declared(endpoint: Endpoint, status: int) -> Iterator[str]:
    """Yield the names of all properties that the contract gives an answer."""
    waiting: list[tuple[Any, int]] = [(endpoint.contract.response_schema(status), 0)]
    while waiting:
        schema, depth = waiting.pop()
        merged = flat(schema, endpoint.contract.document) if depth <= _DEEPEST else {}
        for name, part in (merged.get("properties") or {}).items():
            yield str(name)
            waiting.append((part, depth + 1))
        waiting.append((merged["items"], depth + 1)) if "items" in merged else None


def secrets_in(
    value: Any, declared: frozenset[str] = frozenset(), *, gives_tokens: bool = False, path: Path = (), depth: int = 0
) -> Iterator[str]:
    """Yield what of a parsed answer is secret, as a piece of a sentence.

    Args:
        value: The answer, or a part of it.
        declared: Names of properties that the contract has: a key that it declares is what the operation is for.
        gives_tokens: Whether handing out tokens is what the operation is for.
        path: Where `value` is.
        depth: How many lists and objects are around it.
    """
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for part in value[:50]:
            yield from secrets_in(part, declared, gives_tokens=gives_tokens, path=path, depth=depth + 1)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _named(str(name), part, declared, (*path, str(name)), gives_tokens=gives_tokens)
            inner = (*path, str(name))
            yield from secrets_in(part, declared, gives_tokens=gives_tokens, path=inner, depth=depth + 1)
    elif isinstance(value, str) and _HASH.search(value):
        yield f"a hash or key in '{'.'.join(path)}'"


def _named(name: str, value: Any, declared: frozenset[str], path: Path, *, gives_tokens: bool) -> Iterator[str]:
    plain = snake(name[:100])
    if not isinstance(value, str) or not value or _MASKED.fullmatch(value):
        return
    where = ".".join(path)
    if _PASSWORD.fullmatch(plain):
        yield f"a password or its hash in '{where}'"
    elif not gives_tokens and name not in declared and (_TOKEN.fullmatch(plain) or is_jwt(value)):
        yield f"a token or key in '{where}'"


def traces_in(text: str) -> list[str]:
    """Return what of the inside an error tells: `a stack trace`, `an error of the database`, `a path of the server`."""
    return [what for what, pattern in _TRACES.items() if pattern.search(text[:50_000])]
