"""SEC-002, SEC-003, SEC-004 and SEC-006: tokens that are signed or verified in a way that proves nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Check, Hit, RuleScanner
from pytest_superteam.scanners.facts.jwt.calls import JwtCall, families, is_none, is_public_name, names_jwt
from pytest_superteam.scanners.facts.jwt.readers import LANGUAGES, READERS, Reader
from pytest_superteam.scanners.facts.names import words
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["SCANNER"]

_HARMLESS = re.compile(
    r"(?i)none|[HREP]S\d{3}|EdDSA|verify_\w{2,12}|alg|exp|iat|iss|sub|aud|nbf|jti|kid|role|jsonwebtoken|jose|jwt[\w-]{0,20}"
)
_ALGORITHM_WORDS = frozenset({"algorithm", "algorithms", "alg", "algs"})

NONE = Rule(
    "SEC-002",
    "JWT algorithm none",
    Severity.CRITICAL,
    "security",
    3,
    'Name the algorithm that signs: `jwt.decode(token, key, algorithms=["HS256"])`; `none` accepts a token of anybody.',
    languages=LANGUAGES,
    applies_to=CODE_LANGUAGES,
    cwe=347,
    what="The algorithm `none`, in any case, among those that a call, a header or a setting of a JWT library accepts "
    "or signs with; also a null algorithm and an unsecured token.",
    why="A token of the algorithm `none` carries no signature: whoever writes one is whoever they say they are.",
    bad={"app.py": 'import jwt\n\nclaims = jwt.decode(token, key, algorithms=["HS256", "none"])\n'},
    good={"app.py": 'import jwt\n\nclaims = jwt.decode(token, key, algorithms=["HS256"])\n'},
)

UNVERIFIED = Rule(
    "SEC-003",
    "JWT signature not verified",
    Severity.CRITICAL,
    "security",
    3,
    'Verify before you read the claims: `jwt.decode(token, key, algorithms=["HS256"])`, without '
    "`verify_signature: False`.",
    languages=LANGUAGES,
    applies_to=CODE_LANGUAGES,
    cwe=347,
    what="Claims that are read with the verification switched off, by a function that only decodes, or with no key. "
    "A look at the header only, and one at a token that the same function verifies too, is none.",
    why="Anybody can write claims; only the signature says that the issuer wrote these.",
    bad={"app.py": 'import jwt\n\nclaims = jwt.decode(token, options={"verify_signature": False})\n'},
    good={"app.py": 'import jwt\n\nclaims = jwt.decode(token, key, algorithms=["HS256"])\n'},
)

ENDLESS = Rule(
    "SEC-004",
    "JWT expiration not checked",
    Severity.HIGH,
    "security",
    3,
    'Give tokens an end and check it: `{"sub": user, "exp": now + timedelta(minutes=15)}`, without `verify_exp: '
    "False`.",
    languages=LANGUAGES,
    applies_to=CODE_LANGUAGES,
    cwe=613,
    what="A check of the expiration that is switched off, and a token that is signed with no `exp` although the code "
    "shows all of its claims and options.",
    why="A token that leaked once then opens the door for ever.",
    bad={"app.py": 'import jwt\n\ntoken = jwt.encode({"sub": user}, key, algorithm="HS256")\n'},
    good={"app.py": 'import jwt\n\ntoken = jwt.encode({"sub": user, "exp": end}, key, algorithm="HS256")\n'},
)

CONFUSED = Rule(
    "SEC-006",
    "Algorithm confusion",
    Severity.HIGH,
    "security",
    3,
    'Accept the one algorithm that your key is for: `algorithms=["RS256"]` with a public key, `["HS256"]` with '
    "a secret.",
    languages=LANGUAGES,
    applies_to=CODE_LANGUAGES,
    cwe=327,
    what="HS* beside RS*, ES*, PS* or EdDSA in one list, HS* with a public key, an algorithm that is taken from the "
    "token's own header, and a verification with no list where the library then believes the token.",
    why="Who can choose HS256 signs with the public key as if it were the secret, and everybody has the public key.",
    bad={"app.py": 'import jwt\n\nclaims = jwt.decode(token, key, algorithms=["HS256", "RS256"])\n'},
    good={"app.py": 'import jwt\n\nclaims = jwt.decode(token, public_key, algorithms=["RS256"])\n'},
)


def _is_none(call: JwtCall) -> bool:
    """Return whether `none` is accepted or used."""
    lists = (call.algorithms, *call.alternatives)
    return call.unsigned or any(is_none(name) for names in lists for name in names)


def _is_unverified(call: JwtCall) -> bool:
    """Return whether claims are read with the signature unchecked."""
    return call.unverified and not call.verified


def _is_endless(call: JwtCall) -> bool:
    """Return whether a token gets no end, or an end is not checked."""
    return call.endless or call.expiry_off


def _is_confused(call: JwtCall) -> bool:
    """Return whether lists mix families, HS* meets a public key, or the token chooses the algorithm."""
    if call.unverified:
        return False
    public = any(key.public for key in call.keys)
    for names in (call.algorithms, *call.alternatives):
        found = families(names)
        if len(found) > 1 or (found == {"shared"} and public):
            return True
    no_list = not call.list_given and (call.list_needed == "always" or (call.list_needed == "public" and public))
    return call.kind == "verify" and (call.trusts_header or no_list)


def _algorithms_of(name: str, value: object) -> tuple[str, ...]:
    """Return the algorithms that a setting of a JWT extension names; none where it is no such setting."""
    last = words(name.rsplit(".", 1)[-1])
    if not names_jwt(name) or not _ALGORITHM_WORDS & set(last) or last[0] == "get":  # a function's name is no setting's
        return ()
    return tuple(one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))


def _none_set(name: str, value: object) -> bool:
    return any(map(is_none, _algorithms_of(name, value)))


def _unverified_set(name: str, value: object) -> bool:
    last = words(name.rsplit(".", 1)[-1])
    if last == ("jwt", "verify", "claims") and isinstance(value, list):
        return "signature" not in value
    return last in {("jwt", "verify"), ("jwt", "verify", "signature")} and value is False


def _endless_set(name: str, value: object) -> bool:
    last = words(name.rsplit(".", 1)[-1])
    if last in {("jwt", "verify", "claims"), ("jwt", "required", "claims")} and isinstance(value, list):
        return "exp" not in value
    if last[-3:] in {("access", "token", "expires"), ("refresh", "token", "expires")}:
        return value is False and names_jwt(name)
    return last in {("jwt", "verify", "expiration"), ("jwt", "verify", "exp")} and value is False


def _confused_set(name: str, value: object) -> bool:
    return len(families(_algorithms_of(name, value))) > 1 and not is_public_name(name)


def _hit(file: SourceFile, node: object, line: int) -> Hit:
    """Return the hit with the line as evidence, in which no literal is shown that may be a key."""
    evidence = file.shown(line, _HARMLESS)
    return Hit.at(file, node, evidence=evidence)  # type: ignore[arg-type]  # a node of the reader's grammar


def _wants(name: str) -> bool:
    return names_jwt(name)


def _check(
    rule: Rule, reader: Reader, finds: Callable[[JwtCall], bool], is_set: Callable[[str, object], bool]
) -> Check:
    """Return the check of one rule in one language."""

    def find(file: SourceFile, module: object, _: SourceTree) -> Iterator[Hit]:
        lines = set()
        for call in reader.calls(module):
            if finds(call):
                hit = _hit(file, call.node, reader.line(call.node))
                lines.add(hit.line)
                yield hit
        for setting in reader.settings(module, _wants):
            if is_set(setting.name, setting.value) and reader.line(setting.node) not in lines:
                yield _hit(file, setting.node, reader.line(setting.node))

    return reader.check(rule, reader.triggers, find)


_RULES = (
    (NONE, _is_none, _none_set),
    (UNVERIFIED, _is_unverified, _unverified_set),
    (ENDLESS, _is_endless, _endless_set),
    (CONFUSED, _is_confused, _confused_set),
)

SCANNER = RuleScanner(
    tuple(_check(rule, reader, finds, is_set) for rule, finds, is_set in _RULES for reader in READERS)
)
