"""Callers of the running system do what they may and nothing else: `test_authorization[<service>-<code>]`.

After the OWASP API Security Top 10 (2023): broken object level authorization (API1), authentication (API2) and
function level authorization (API5).
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

NO_TOKEN = Rule(
    id="AUTH-001",
    name="Protected operation answers without a token",
    severity=Severity.CRITICAL,
    category="authorization",
    layer=2,
    languages=(),
    help="Ask for a valid token before anything else, on every operation that the contract protects.",
    cwe=306,
    what="An operation that the contract protects and that lets in a valid call without a token, or with a worthless "
    "one. Rows that it names exist, so a refusal is the door's.",
    why="Anybody on the network can do what only users should.",
)
EXPIRED = Rule(
    id="AUTH-002",
    name="Expired token is accepted",
    severity=Severity.HIGH,
    category="authorization",
    layer=2,
    languages=(),
    help="Check the claim `exp` whenever a token is verified.",
    cwe=613,
    what="A protected operation that lets in a token of the issuer that expired an hour ago. Not tried where the "
    "signing key is neither ours nor guessed.",
    why="A token that leaked once opens the door for ever.",
)
TAMPERED = Rule(
    id="AUTH-003",
    name="Tampered token is accepted",
    severity=Severity.CRITICAL,
    category="authorization",
    layer=2,
    languages=(),
    help="Verify the signature of every token with the issuer's key; decoding alone proves nothing.",
    cwe=347,
    what="A protected operation that lets in a token whose payload or signature was changed, or that another "
    "key signed.",
    why="Everybody can write a token that says that they are the admin.",
)
UNSIGNED = Rule(
    id="AUTH-004",
    name="Unsigned token is accepted",
    severity=Severity.CRITICAL,
    category="authorization",
    layer=2,
    languages=(),
    help="Allow only the issuer's algorithm, as a fixed list; never the one that the token names.",
    cwe=347,
    what="A protected operation that lets in a token with `alg` none (in any spelling), or with an empty signature.",
    why="Everybody can write a token that says that they are the admin (RFC 8725, section 3.1).",
)
OWNERSHIP = Rule(
    id="AUTH-005",
    name="Another user's object is open",
    severity=Severity.CRITICAL,
    category="authorization",
    layer=2,
    languages=(),
    help="Look rows up by their owner as well as by their id, and answer 404 for those of others.",
    cwe=639,
    what="Of two users who were made for it, one reads, lists, changes, moves or deletes what the other created. In a "
    "contract that was found, an object counts as private where its schema names an owner, where a protected read "
    "answers a secret, or where it is an account.",
    why="Ids leak and can be guessed; it is the most common hole of APIs (API1).",
)
ROLES = Rule(
    id="AUTH-006",
    name="Operation of a role is open to others",
    severity=Severity.HIGH,
    category="authorization",
    layer=2,
    languages=(),
    help="Check the caller's role before anything else, and answer 403.",
    cwe=862,
    what="An operation that the contract gives to some roles (`x-roles`) and that lets in another role of the system.",
    why="An ordinary user does what only staff should (API5).",
)
WEAK_KEY = Rule(
    id="AUTH-007",
    name="Signing key can be guessed",
    severity=Severity.HIGH,
    category="authorization",
    layer=2,
    languages=(),
    help="Sign tokens with at least 32 random bytes from the environment.",
    cwe=521,
    what="The token of the login verifies with one of some 300 common secrets, or with one made of the names of the "
    "system and its services. Tried offline.",
    why="Whoever has one token can try millions of keys a second, and sign any token with the one that fits.",
)

ISSUER = Rule(
    id="AUTH-008",
    name="Token of another issuer is accepted",
    severity=Severity.WARNING,
    category="authorization",
    layer=2,
    languages=(),
    help="Check the claim `iss` whenever a token is verified.",
    cwe=346,
    what="A protected operation that lets in a token with the right key and the claim `iss` of somebody else. Tried "
    "where the tokens name an issuer and the signing key is known.",
    why="Where several issuers share keys, the tokens of one open the doors of all (RFC 8725, section 3.8).",
)
LIFETIME = Rule(
    id="AUTH-009",
    name="Token lives too long",
    severity=Severity.ERROR,
    category="authorization",
    layer=2,
    languages=(),
    help="Let the login's tokens end within hours, and renew them.",
    cwe=613,
    what="The token of the login has no `exp`, or ends after more than 30 days.",
    why="A token that leaked once opens the door for as long as it lives.",
)

RULES = (NO_TOKEN, EXPIRED, TAMPERED, UNSIGNED, OWNERSHIP, ROLES, WEAK_KEY, ISSUER, LIFETIME)


def _plan(planning: Planning) -> Iterator[CheckItem]:
    for service in planning.architecture.services:
        operations = planning.architecture.operations_of(service.name)
        contract = planning.architecture.contracts.get(service.name)
        if contract is None:
            continue
        for rule in (WEAK_KEY, LIFETIME) if is_derived(contract) else RULES:
            if _says_something(planning, rule, operations):
                yield CheckItem(service.name, f"{service.name}-{rule.id}", rule.id, rule.severity)


def _says_something(planning: Planning, rule: Rule, operations: tuple[Operation, ...]) -> bool:
    protected = [o for o in operations if not o.public and o.kind not in {"login", "register"}]
    if rule in (WEAK_KEY, LIFETIME):
        return any(o.kind == "login" or (planning.found and "login" in o.path) for o in operations)
    if rule is ROLES:
        roles = set(planning.architecture.roles) - {"service"}
        return any(o.roles and roles - set(o.roles) for o in protected)
    if rule is OWNERSHIP:
        names = {o.entity for o in protected if "{" in o.path or o.kind == "list"}
        owned = {e.name for e in planning.architecture.entities if e.owner_field}
        return bool(names & owned) or (planning.found and any("{" in o.path for o in protected))
    if rule is NO_TOKEN:
        return bool(protected)
    if rule is ISSUER and planning.found:
        return False
    return any(o.kind != "logout" for o in protected)


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    from pytest_superteam.checks.access import lockpicks
    from pytest_superteam.checks.access.endpoints import placed
    from pytest_superteam.checks.access.lifetime import look_at_lifetime
    from pytest_superteam.checks.access.login_key import guess_login_key
    from pytest_superteam.checks.access.ownership import others_objects

    work = {
        NO_TOKEN.id: lockpicks.no_token,
        EXPIRED.id: lockpicks.expired_tokens,
        TAMPERED.id: lockpicks.tampered_tokens,
        UNSIGNED.id: lockpicks.unsigned_tokens,
        OWNERSHIP.id: others_objects,
        ROLES.id: lockpicks.foreign_roles,
        WEAK_KEY.id: guess_login_key,
        ISSUER.id: lockpicks.foreign_issuers,
        LIFETIME.id: look_at_lifetime,
    }
    return placed(system, work[item.code](system, item))


FAMILY = Family("test_authorization", RULES, _plan, _check)
