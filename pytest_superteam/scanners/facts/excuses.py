"""Why something that looks like a secret is none: small predicates over the value or the line, no rules."""

from __future__ import annotations

import math
import re

from pytest_superteam.scanners.facts.names import secret_kind, words

__all__ = [
    "is_bcrypt_or_digest",
    "is_documented_example",
    "is_example_file",
    "is_field_name",
    "is_lock_file",
    "is_low_entropy",
    "is_placeholder",
    "is_prose",
    "is_reference",
    "is_uuid",
    "mask",
    "mask_literals",
]

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_DIGEST = re.compile(
    r"(?:sha(?:1|224|256|384|512)|md5)[-:$][A-Za-z0-9+/=]+|\$2[aby]?\$\d\d\$.+|\$argon2\w+\$.+|(?:pbkdf2|scrypt)[_:$].+"
)
_PLACEHOLDERS = re.compile(
    r"(?:change|replace|insert|add|put|enter|set)[-_ ]?(?:me|this|it|here|your\w*)?(?:[-_ ].*)?|todo|tbd|fixme|none|"
    r"null|nil|"
    r"undefined|true|false|yes|no|string|str|text|value|example\w*|sample\w*|dummy\w*|placeholder|redacted|masked|hidden|secret|"
    r"your[-_ ].*|.*[-_ ]here|x{3,}|\*+|\.{3,}|-+|_+|foo|bar|foobar|n/a|unset|empty|required|optional",
    re.IGNORECASE,
)  # fmt: skip
_FILLER = re.compile(r"(?:x{6,}|X{6,}|0{8,}|\*{3,}|\.{3,}|<[^>]*>|_{4,}|-{6,})")
_LITERAL = re.compile(r"""(?P<quote>["'`])(?P<value>[^"'`]+)(?P=quote)""")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_.:-][A-Za-z0-9]+)*")
_TEMPLATE = re.compile(
    r"\$\{|\$\(|\{\{|\{%|<%|%\(|%s|^\$[A-Za-z_]\w*$|\{[A-Za-z_][\w.\[\]'\"]*\}|^@|^!|^env[:.(]|^vault:|^arn:|^file:|^op://|^ref\+"
)
_LOCK_FILES = frozenset({
    "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "uv.lock", "Pipfile.lock", "Cargo.lock",
    "composer.lock",
    "Gemfile.lock", "go.sum", "npm-shrinkwrap.json", "packages.lock.json", "Podfile.lock", "bun.lock", "pdm.lock",
})  # fmt: skip


def is_uuid(value: str) -> bool:
    """Return whether the value is a UUID."""
    return _UUID.fullmatch(value) is not None


def is_bcrypt_or_digest(value: str) -> bool:
    """Return whether the value is a hash that says so: `sha256:...`, `$2b$12$...`, `$argon2id$...`."""
    return _DIGEST.fullmatch(value) is not None


def is_documented_example(value: str) -> bool:
    """Return whether the value is one of a vendor's documentation: those of AWS hold the word EXAMPLE."""
    return "EXAMPLE" in value or "example" in value.lower().split("-")


def is_placeholder(value: str) -> bool:
    """Return whether somebody is meant to put a value here: `changeme`, `<token>`, `xxxxxxxx`, `your-key-here`."""
    return _PLACEHOLDERS.fullmatch(value.strip()) is not None or _FILLER.search(value) is not None


def is_reference(value: str) -> bool:
    """Return whether the value is fetched when it is used: `${VAR}`, `{{ var }}`, `%s`, `{name}`, `vault:...`."""
    return _TEMPLATE.search(value) is not None


def is_prose(value: str) -> bool:
    """Return whether the value is text for people: a prompt or a message."""
    return " " in value.strip() or value.rstrip().endswith(("?", ":"))


def is_field_name(value: str) -> bool:
    """Return whether the value is itself a name: of a field, a variable, a setting or a message about a secret."""
    if not _IDENTIFIER.fullmatch(value):
        return False
    head = "_".join(words(value)[:-1])
    return secret_kind(value) is not None or (
        bool(head) and words(value)[-1].isalpha() and secret_kind(head) is not None
    )


def is_low_entropy(value: str, minimum: float = 3.0) -> bool:
    """Return whether the value is no random one: under `minimum` bits a character, or letters or digits only.

    Three bits is what detect-secrets asks of hexadecimal strings; random base64 of 20 characters has about four.
    """
    counts = (value.count(char) for char in set(value))
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
    return entropy < minimum or not (any(c.isdigit() for c in value) and any(c.isalpha() for c in value))


def is_example_file(path: str) -> bool:
    """Return whether the file is a template for people to copy: `.env.example`, `config.sample.yaml`."""
    name = path.rsplit("/", 1)[-1].lower()
    return any(word in re.split(r"[.\-_]", name) for word in ("example", "sample", "template", "dist", "tpl"))


def is_lock_file(path: str) -> bool:
    """Return whether the file lists resolved packages with their hashes."""
    return path.rsplit("/", 1)[-1] in _LOCK_FILES


def mask(value: str) -> str:
    """Return the first four characters of a secret, at most a third of it, and stars."""
    return value[: min(4, len(value) // 3)] + "***"


def mask_literals(line: str, *, keep: re.Pattern[str] | None = None) -> str:
    """Return a line of source with the values of string literals masked that may be secrets.

    Those are the random-looking ones, or with `keep` all that the pattern does not match from end to end.
    """

    def one(match: re.Match[str]) -> str:
        value = match["value"]
        random = len(value) >= 16 and not is_low_entropy(value)
        harmless = not random if keep is None else keep.fullmatch(value) is not None
        return match[0] if harmless else f"{match['quote']}{mask(value)}{match['quote']}"

    return _LITERAL.sub(one, line)
