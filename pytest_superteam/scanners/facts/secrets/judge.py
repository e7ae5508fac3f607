"""Whether what was found is a secret after all: the excuses of `excuses.py`, put together for each code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts import excuses
from pytest_superteam.scanners.facts.names import words
from pytest_superteam.scanners.facts.secrets.commands import basic_password
from pytest_superteam.scanners.facts.secrets.places import is_document, is_example_file, is_test_file

if TYPE_CHECKING:
    from pytest_superteam.scanners.facts.secrets.values import NamedValue

__all__ = ["connection_password", "is_aws_secret", "is_key", "is_password", "is_specific"]

_URL_PASSWORD = re.compile(
    r"(?://|\\/\\/)[^\s:/@]*:(?P<password>.*)@|:(?:thin|oci8?):[^\s:/@]+/(?P<oracle>[^\s@]+)@|^[^:]+:(?P<go>.*)@(?:tcp|unix)\("
)
_SCHEMATIC = re.compile(r"//(?:user(?:name)?|login):(?:password|passwd|pass|pwd|pw)@(?:host(?:name)?|server|address)\b")
"""A connection string in which every part is named by what belongs there."""
_ACCESS_KEY = re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{16}")
_TEST_KEY = re.compile(r"(?:sk|pk|rk)_test_|whsec_test|test_(?:sk|pk)_|sq0idp-|rzp_test_|sandbox-")
_KEY = re.compile(r"[!-~]{10,300}")
_AWS_SECRET = re.compile(r"[A-Za-z0-9/+]{40}")
_WEAK_URL_WORDS = frozenset({
    "pass", "password", "passwd", "pwd", "pw", "secret", "mypassword", "mypass", "tiger", "postgres", "root",
    "admin", "guest", "user", "example", "test", "changeme", "foo", "bar", "secretpassword",
})  # fmt: skip
_STRONG_NAMES = frozenset(
    {("api", "key"), ("apikey",), ("client", "secret"), ("access", "token"), ("auth", "token"), ("secret", "key")}
)


def _tail(value: str) -> str:
    """Return a token without the prefix that says whose it is."""
    return re.sub(
        r"^(?:[a-z]{2,10}_live_|github_pat_|gh[pousr]_|gl[a-z]{2,6}-|xox[a-z]-|SG\.|AKIA|ASIA|https://\S+?/services/)",
        "",
        value,
    )


def is_specific(number: int, value: str, around: str, *, prose: bool, path: str) -> bool:
    """Return whether a value of a form of its own is a secret. `around` is the character before it and the one after.

    In comments, docstrings and documents (`prose`) a token counts like anywhere; a connection string and a bearer
    token count only where they do not look like the examples that such text is made of.
    """
    if number == 1 and (not _ACCESS_KEY.fullmatch(value) or re.search(r"[A-Za-z0-9+]", around)):
        return False
    if number == 5:
        return _is_connection(value, prose=prose or is_document(path) or is_example_file(path))
    if excuses.is_documented_example(value) or (number != 10 and excuses.is_reference(value)):
        return False
    if number == 6:
        return _is_bearer(value, around, prose=prose)
    if number == 2:
        return is_aws_secret(value)
    if number == 10:
        return True
    tail = _tail(value)
    if number == 4:
        return not _TEST_KEY.match(value) and not excuses.is_placeholder(tail) and excuses.entropy(tail) >= 2.5
    if number == 11:
        return re.search(r"\d", tail) is not None and not excuses.is_placeholder(tail) and not excuses.is_wordy(tail)
    return re.search(r"[xX]{6,}|\*{3,}|\.{3,}|your|YOUR|0{12,}", tail) is None


def connection_password(value: str) -> str:
    """Return the password in a connection string; of a string of pairs the detector gives the password itself."""
    match = _URL_PASSWORD.search(value)
    return (match["password"] or match["oracle"] or match["go"] or "") if match else ("" if "://" in value else value)


def _is_connection(value: str, *, prose: bool) -> bool:
    password = connection_password(value)
    default = excuses.default_of(password)
    password = default or password
    user = value.partition("//")[2].partition(":")[0] if "//" in value else "user"
    if excuses.is_expression(password) or password.lower().rstrip("):;,") in {
        "none",
        "null",
        "undefined",
        "true",
        "false",
        "str",
    }:
        return False
    if _SCHEMATIC.search(value):
        return False
    if not password or re.match(r"\d{2,5}[/,?]", password) or password.startswith(("/", "//")) or "[^" in value:
        return False
    if not default and (excuses.is_reference(password) or re.match(r"[$%{<:]", password) or password.startswith("[")):
        return False
    if re.fullmatch(
        r"[*xX.•_-]{2,}|\.{3}|(?:[A-Z]+_)*(?:PASSWORD|PASSWD|PWD|PASS|PW|SECRET)", password
    ) or excuses.is_filled(password):
        return False
    if re.search(r"(?i)your[-_ ]|^your|[-_]here$|replace[-_ ]?me|placeholder|redacted", password):
        return False
    if prose:
        weak = (
            password.lower() in _WEAK_URL_WORDS or excuses.is_placeholder(password) or password.lower() == user.lower()
        )
        return not weak and excuses.is_random(password) and len(password) >= 8
    return True


def _is_bearer(value: str, around: str, *, prose: bool) -> bool:
    tail = value.rstrip(".,;:")
    if excuses.is_placeholder(tail) or excuses.is_field_name(tail) or len(tail) < 6 or "|" in tail[:1]:
        return False
    words_of = set(words(tail))
    if words_of & {
        "your",
        "token",
        "authentication",
        "authorization",
        "realm",
        "auth",
        "scheme",
        "format",
        "placeholder",
        "example",
    } and (excuses.is_wordy(tail) or tail.isalpha()):
        return False
    if re.search(r"\d", tail) is None:
        quoted = around[1:] in {'"', "'", "`", "\\"}
        return (
            not prose
            and quoted
            and len(tail) >= 8
            and not tail.isupper()
            and (len(tail) >= 16 or "-" in tail or "_" in tail or excuses.is_random(tail))
            and not tail.islower()
        ) or (len(tail) >= 16 and excuses.is_random(tail))
    return len(tail) >= 16 and excuses.is_random(tail) if prose or len(tail) < 8 else True


def is_aws_secret(value: str) -> bool:
    """Return whether 40 characters are a secret key and no digest or path."""
    return (
        _AWS_SECRET.fullmatch(value) is not None
        and re.fullmatch(r"[0-9a-fA-F]{40}", value) is None
        and not excuses.is_documented_example(value)
        and re.search(r"[xX]{6,}|0{8,}", value) is None
        and len(set(value)) > 4
    )


def _is_nothing(value: str) -> bool:
    """Return whether a value is no secret whatever its name."""
    return (
        excuses.is_placeholder(value)
        or excuses.is_reference(value)
        or excuses.is_bcrypt_or_digest(value)
        or excuses.is_uuid(value)
        or excuses.is_documented_example(value)
        or excuses.is_type(value)
        or excuses.is_location(value)
        or excuses.is_expression(value)
        or excuses.is_pattern(value)
    )


def is_key(bound: NamedValue, path: str) -> bool:
    """Return whether a value that is bound to the name of a key or token is one: it looks random."""
    value = re.sub(
        r"^(?:Token|token|ApiKey|Apikey|Key|key|Bot|Digest|SSWS|GenieKey|PRIVATE-TOKEN)[ =]+", "", bound.value
    )
    if value.lower().startswith(("basic ", "bearer ")):
        return False
    parts = words(bound.name)
    least = 10 if parts[-2:] in _STRONG_NAMES or parts[-1:] == ("apikey",) else 12
    if len(value) < least or not _KEY.fullmatch(value) or value.startswith(("http", "/")) or _TEST_KEY.match(value):
        return False
    if _is_nothing(value) or excuses.is_field_name(value) or not excuses.is_random(value):
        return False
    if re.match(r"-----|ssh-(?:rsa|ed25519)|urn:|data:|[\w.\-]+@[\w.\-]+$|\^|[\w.]+\(|<", value):
        return False
    if re.fullmatch(r"ey[JA][\w\-]{5,60}={0,2}", value):  # a cursor: JSON in base64, no signature
        return False
    letters = sum(char.isalnum() for char in value)
    if letters < len(value) * 0.6 or (bound.how == "bare" and re.search(r"[()<>{}|;]", value)):
        return False
    shallow = len(value) < 16 and (not re.search(r"\d", value) or not re.search(r"[A-Za-z]", value))
    if is_document(path) or is_example_file(path):
        return not shallow and len(value) >= 16 and not excuses.is_dummy_key(value)
    return not shallow and not (is_test_file(path) and excuses.is_dummy_key(value))


def is_password(bound: NamedValue, path: str, *, credentials: bool) -> bool:
    """Return whether a value that is bound to the name of a password is one.

    `credentials` tells that a user or a host is bound beside it: then `password` is a weak password, elsewhere the
    name of a field.
    """
    default = excuses.default_of(bound.value)
    value = default or _bare_value(bound)
    if len(value) < 3 or _is_example(bound, value, path):
        return False
    settled = bound.how in _SETTLED or bool(default)
    test = is_test_file(path)
    if settled and not test and re.fullmatch(r"(?i)change[-_]?(?:me|it)\W*\d{0,4}\W*", value):
        return True
    if test and excuses.is_dummy(value):
        return False
    if value.lower() in {"password", "pass", "passwd", "pwd"}:
        weak = bound.how in {"bare", "sql", "positional", "default", "compare", "dsn"} or credentials
        return weak and value.islower()
    if _is_nothing(value) or excuses.is_prose(value):
        return value.lower() == "secret" or (" " in value and _is_phrase(bound, value))
    if excuses.is_hex_digest(value) or (excuses.is_field_name(value) and not _is_weak_name(value)):
        return False
    return not _is_syntax(bound, value)


_SETTLED = frozenset({"default", "flag", "sql", "positional", "dsn"})
"""Ways of binding a value that is used as it stands, be it `changeme`."""


def _bare_value(bound: NamedValue) -> str:
    """Return the value without what belongs to the syntax around it."""
    if bound.name == "basic password":
        return basic_password(bound.value)
    return bound.value.rstrip(",") if bound.how in {"flag", "bare"} else bound.value


def _is_example(bound: NamedValue, value: str, path: str) -> bool:
    """Return whether a value is one that documents and tuples of names are made of."""
    if (is_example_file(path) or is_document(path)) and not _is_strong(value):
        return True
    if bound.how == "tuple" and re.fullmatch(r"[A-Za-z_.\-]*", value):
        return True
    return bound.how == "bare" and path.endswith(".txt") and (len(value) < 6 or not re.search(r"\d", value))


def _is_phrase(bound: NamedValue, value: str) -> bool:
    """Return whether a text of several words is a passphrase: its name says so, and it says nothing to anybody."""
    return (
        "passphrase" in words(bound.name)
        and value.islower()
        and value.replace(" ", "").isalpha()
        and not re.search(r"\b(?:pass|your|the|is|must|enter|for|please|to|a)\b|password", value)
    )


def _is_strong(value: str) -> bool:
    return len(value) >= 10 and excuses.is_random(value) and not excuses.is_dummy(value)


def _is_weak_name(value: str) -> bool:
    """Return whether a value such as `my_password` is rather a weak password than the name of a field."""
    parts = words(value)
    return (
        bool(parts)
        and parts[0]
        in {
            "my",
            "test",
            "super",
            "secret",
            "strong",
            "weak",
            "bad",
            "some",
            "very",
            "top",
            "secure",
            "this",
            "hard",
            "hardcoded",
            "insecure",
        }
        and value.islower()
    )


def _is_syntax(bound: NamedValue, value: str) -> bool:
    """Return whether the value belongs to the language around it: a selector, a path of names, an expression."""
    if re.fullmatch(
        r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){2,}|(?:self|this|cfg|config|settings|args|opts|options"
        r"|request|req|params|ctx|env|props|state|form|data)(?:\.\w+)+",
        value,
    ):
        return True
    if re.match(r"[#.\[][A-Za-z_][\w\-]*(?:[pP]ass|[iI]nput|[lL]ogin)|input\[|//\w+\[|\^.*\$$|\(\?|-{1,2}[a-z]", value):
        return True
    if bound.how in {"bare", "inner", "flag"} and re.search(r"^[(<{\[&*|!]|[()<>]|^\$|[{}]|^%|^@\w+\(", value):
        return True
    if bound.how == "bare" and re.fullmatch(r"[v^~>=<]{0,2}\d+(?:\.\d+)+\S{0,12}", value):
        return True  # a version
    if bound.how == "positional" and value in {"x-oauth-basic", "x-token-auth", "oauth2", "unused", "api_token"}:
        return True
    if bound.how == "bare" and value.lower() in {
        "string",
        "true",
        "false",
        "yes",
        "no",
        "null",
        "none",
        "~",
        "nil",
        "prompt",
        "ask",
        "generated",
        "auto",
        "random",
    }:
        return True
    if bound.how == "inner":
        return not re.search(r"\d", value) or value.isdigit()
    return bound.how == "tag" and (not re.search(r"[\w]", value) or (value.isalpha() and value.istitle()))
