"""Why something that looks like a secret is none: small predicates over the value, no rules."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import pairwise

from pytest_superteam.scanners.facts.names import PASSWORD_WORDS, secret_kind, words
from pytest_superteam.scanners.facts.secrets.places import is_example_file, is_lock_file

__all__ = [
    "default_of",
    "entropy",
    "is_bcrypt_or_digest",
    "is_documented_example",
    "is_dummy",
    "is_dummy_key",
    "is_example_file",
    "is_expression",
    "is_field_name",
    "is_filled",
    "is_hex_digest",
    "is_location",
    "is_lock_file",
    "is_low_entropy",
    "is_pattern",
    "is_placeholder",
    "is_prose",
    "is_random",
    "is_reference",
    "is_sequence",
    "is_type",
    "is_uuid",
    "is_wordy",
    "mask",
    "mask_literals",
]

_UUID = re.compile(r"\{?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\}?")
_DIGEST = re.compile(
    r"(?:sha-?(?:1|224|256|384|512)|md5|blake2[bs])[-:$_@][A-Za-z0-9+/=$.]+|\$2[abxy]?\$\d\d\$.+|\$argon2\w*\$.+"
    r"|(?:pbkdf2|scrypt|bcrypt)[_:$].+|\{(?:S?SHA(?:256|512)?|S?MD5|CRYPT|ARGON2|bcrypt|noop|pbkdf2)\}\S+|\$[156y]\$\S+"
    r"|\$apr1\$\S+|\*[0-9A-F]{40}|\$ANSIBLE_VAULT.*|ENC[(\[].*|(?:AQICAH|AgA|vault:v\d)\S+|SCRAM-SHA-\S+",
    re.IGNORECASE,
)
_HEX_DIGEST = re.compile(
    r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})", re.IGNORECASE
)
_PLACEHOLDERS = re.compile(
    r"(?:please[-_ ]?)?(?:change|replace|insert|add|put|enter|set|fill|provide|update|override|define|specify|generate)"
    r"[-_ ]?(?:me|this|it|in|here|now|with|your\w*|on\w*|before\w*|value|secret|password|token|key)?(?:[-_ ].*)?"
    r"|(?:change|replace|fill)[-_ ]?(?:me|this|it|in)\W*\d{0,4}\W*"
    r"|to[-_ ]?do|tbd|tba|fixme|none|null|nil|nothing|undefined|true|false|yes|no|on|off|string|str"
    r"|text|value|varchar|bytes|any|"
    r"example\w*|samples?|dummy\w*|fake\w*|placeholder\w*|redacted|masked|hidden|omitted|removed|filtered|encrypted|"
    r"(?:my|the|a|an|some|any|our)?[-_ ]?your[-_ ]?\w.*|.*[-_ .]your[-_ ].*|.*[-_ ](?:here|placeholder"
    r"|goes[-_ ]here|redacted)|"
    r"x{3,}|\*+|\.{2,}|-+|_+|#+|\?+|=+|~+|•+|●+|…|n/a|unset|empty|blank|required|optional|nullable|"
    r"(?:insert|enter|put|your|the|my|some|actual|real)[-_ ].*[-_ ](?:here|value)|(?:test|sample"
    r"|example|demo)[-_ ]?(?:value|string)|"
    r".*(?:mot[-_]?de[-_]?passe|passwort|contrase(?:ñ|n)a|senha|wachtwoord|пароль|密码"
    r"|パスワード)[-_ ]?(?:ici|hier|aqu(?:í|i)|aqui)|"
    r"(?:votre|dein|ihr|tu|su|sua|seu|uw|il[-_]tuo)[-_ ]\S.*|(?:ваш|你的|您的|あなたの)\S*",
    re.IGNORECASE,
)  # fmt: skip
_FILLER = re.compile(
    r"(?i:placeholder|change[-_]?me\b)|x{6,}|X{4,}|(?<!\d)0{8,}(?!\d)|\*{3,}|\.{3,}|…|<[^<>]{1,60}>"
    r"|_{4,}|-{6,}|\[(?:[A-Z_ ]{3,40}|[a-z_ ]*(?:password|secret|token|key)[a-z_ ]*)\]|•{3,}"
)
_LITERAL = re.compile(r"""(?P<quote>["'`])(?P<value>[^"'`]+)(?P=quote)""")
_IDENTIFIER = re.compile(r"[^\W\d]\w*(?:[.:\-/][^\W\d]\w*)*")
_TEMPLATE = re.compile(
    r"^\$\{|^\{\{|^\$\(|^\{%|^<%|^#\{|\$\{[\w.:?=/+|\"' $()\[\],-]*\}|\$\([^)]+\)|\{\{[\w.\"'"
    r"|()\[\],:$/ ~-]*\}\}|\{%.*?%\}|<%.*?%>|<\?.*?\?>|%\(\w+\)[sd]?|%s|%[dvq]\b"
    r"|^%\w+%$|%\{\w+\}|#\{[^}]+\}|^(?:\$[A-Za-z_]\w*[.:/_\-]?)+$|^\$env:|\$\[[\w.]+\]"
    r"|\{[A-Za-z_][\w.\[\]'\"()!:]*\}|\{\d?\}|@@\w+@@|__[A-Z_]{3,}__"
    r"|^@[A-Z]\w+\(|^!(?:Ref|Sub|GetAtt|Join|ImportValue|FindInMap|Select|If|vault|secret|env(?:_var)?"
    r"|ENV|include|reference|file)\b"
    r"|^env[:.(]|^vault:|^arn:|^file:|^op://|^ref\+|^ssm:|^secretsmanager:|^secretKeyRef|^process\.env"
    r"|^os\.environ|^getenv|^ENV\[|^var\.|^local\.|^data\.|^module\."
    r"|^projects/[^/]+/secrets/|^kms:|^sops:|^keyring:|^keychain:|^azurekeyvault|^akv:|^gcp:|^doppler:"
    r"|^infisical:|^bw:|^credentials\("
)
_DEFAULT = re.compile(r"^\$\{[\w.\-]{1,80}:[-=?]?(?P<value>[^{}$\s][^{}$]{0,200})\}$")
_LOCATION = re.compile(
    r"(?:[a-z][a-z0-9+.\-]{1,20}:)?//\S*|\.{0,2}/[\w./\-]*|~/\S*|[A-Za-z]:\\.*|\S+\.(?:pem|key|crt|txt"
    r"|json|ya?ml|env|p12|jks|html?|py|js|ts|php|asp|css|png|svg)|[\w-]+(?:/[\w.\-]+){2,}"
    r"|(?:[\w\-]+\.)+(?:com|net|org|io|dev|local|internal|cloud|app|co|de|example"
    r"|test)(?::\d+)?(?:/\S*)?"
)
_TYPES = re.compile(
    r"(?:string|str|text|password|char|varchar|number|integer|int|bool(?:ean)?|bytes|binary|uuid"
    r"|object|array|list|any|email|hidden|hashed|encrypted|secret"
    r"|SecretStr|SecureString|String|TEXT|VARCHAR|NoEcho)(?:\(\d{0,4}\))?(?:[|!?;\[\]]\S*)?"
    r"|(?:required|nullable|sometimes|present|filled|confirmed|min:\d+|max:\d+|string)(?:\|\S*)?",
)
_CALL = re.compile(r"[A-Za-z_][\w.]*\([^()]*(?:\([^()]*\)[^()]*)*\)(?:\.\w+(?:\(\S*\))?)*;?|[A-Za-z_]\w*\[[\"'\w.]+\]")
_PATTERN = re.compile(
    r"\[[^\]\s]{2,30}\][{+*?]|\(\?[:=!<Pi]|\\[dwsWSDbB](?:[+*{?)\]]|$)|\.[*+](?:\?|\)|\$|$)|^\^.*\$$|\{\d+,\d*\}"
)
_MADE_UP = re.compile(
    r"test|dummy|fake|mock|sample|example|demo|foo|bar|baz|qux|qwe|asdf|abc|123|pass|pwd|secret|token"
    r"|key|user|admin|root|hunter2|correct|wrong|invalid|valid|"
    r"bad|good|new|old|weak|strong|guest|postgres|mysql|redis|mongo|minio|rabbit|hello|world|letmein"
    r"|changeit|tiger|temp|local|bogus|bob|alice|swordfish|"
    r"whatever|nope|blah|spam|eggs|lorem|something|anything|some|my|x{3}|hash|sesame|s3cr|s3cur|p[a@]ss|p[a@4]\$\$",
    re.IGNORECASE,
)
_QUALIFIERS = frozenset({
    "invalid", "wrong", "incorrect", "missing", "mismatched", "expired", "forgotten", "lost", "update", "set",
    "get", "create", "user", "new", "old", "current", "confirm", "confirmation", "repeat", "db", "database",
    "default", "account", "login", "form", "input", "field", "reset", "forgot", "change", "hashed", "plain", "raw",
    "encoded", "encrypted", "client", "server", "application", "app", "the", "a", "your", "enter",
})  # fmt: skip
_COMPLAINTS = frozenset({
    "too", "required", "invalid", "mismatch", "incorrect", "missing", "expired", "must", "blank", "wrong", "empty",
})  # fmt: skip
"""Words of messages about a password: `password-too-short`."""
_TRIPLE = re.compile(r"(.)\1{5,}")


def is_uuid(value: str) -> bool:
    """Return whether the value is a UUID."""
    return _UUID.fullmatch(value) is not None


def is_bcrypt_or_digest(value: str) -> bool:
    """Return whether the value is a hash or a ciphertext that says so: `sha256:...`, `$2b$12$...`, `ENC(...)`."""
    return _DIGEST.fullmatch(value) is not None


def is_hex_digest(value: str) -> bool:
    """Return whether the value has the length and the digits of MD5 or SHA in hexadecimal."""
    return _HEX_DIGEST.fullmatch(value) is not None


def is_documented_example(value: str) -> bool:
    """Return whether the value is one of a vendor's documentation: those of AWS hold the word EXAMPLE."""
    return "EXAMPLE" in value or "example" in re.split(r"[-_.]", value.lower())


def is_placeholder(value: str) -> bool:
    """Return whether somebody is meant to put a value here: `changeme`, `<token>`, `xxxxxxxx`, `your-key-here`."""
    return _PLACEHOLDERS.fullmatch(value.strip()) is not None or _FILLER.search(value) is not None


def is_filled(value: str) -> bool:
    """Return whether a part of the value stands for what was left out: `xxxxxxxx`, `...`, `<token>`."""
    return _FILLER.search(value) is not None


def is_reference(value: str) -> bool:
    """Return whether the value is fetched when it is used: `${VAR}`, `{{ var }}`, `%s`, `{name}`, `vault:...`."""
    return _TEMPLATE.search(value) is not None


def default_of(value: str) -> str:
    """Return the literal default of a reference such as `${VAR:-literal}`; empty where it has none."""
    match = _DEFAULT.match(value)
    return match["value"].strip("\"'") if match and ":" in value else ""


def is_prose(value: str) -> bool:
    """Return whether the value is text for people: a prompt, a label or a message."""
    text = value.strip()
    if not text.isascii() and text.isalpha():
        return True
    return " " in text or text.endswith(("?", ":", "…"))


_LEET = re.compile(r"[A-Za-z]\d+[A-Za-z]|\b\d+[a-z]{2}|[a-z]\d+[-_]")
"""Digits for letters (`pr0duction-pw`, `s3cret`): people write passwords so, and no names of fields."""


def is_field_name(value: str) -> bool:
    """Return whether the value is itself a name: of a field, a variable, a setting or a message about a secret."""
    if not _IDENTIFIER.fullmatch(value) or _LEET.search(value):
        return False
    parts = words(value)
    if not parts or any(part.isdigit() and len(part) > 1 for part in parts):
        return False
    if len(parts) > 1 and not _COMPLAINTS.isdisjoint(parts) and not PASSWORD_WORDS.isdisjoint(parts):
        return True
    if value.isupper() and ("_" in value or value in {"PASSWORD", "SECRET", "TOKEN", "PASS", "PWD"}):
        return any(part in PASSWORD_WORDS or part in {"secret", "token", "key", "pass", "auth"} for part in parts)
    if secret_kind(value) is not None:
        if re.match(r"[a-z]+[A-Z]", value) and value[-1].islower() and len(parts) > 1:
            return True
        return len(parts) == 1 or set(parts[:-1]) <= _QUALIFIERS or "." in value or "-" in value
    head = "_".join(parts[:-1])
    return bool(head) and parts[-1].isalpha() and secret_kind(head) is not None and not parts[-1][0].isdigit()


def is_type(value: str) -> bool:
    """Return whether the value is a type, a kind of form field or a rule of a validator: `string`, `required|min:8`."""
    return _TYPES.fullmatch(value) is not None


def is_location(value: str) -> bool:
    """Return whether the value is a path, a URL or a file name."""
    return _LOCATION.fullmatch(value) is not None


def is_expression(value: str) -> bool:
    """Return whether the value is a call or a subscript, written without quotes or within them."""
    return _CALL.fullmatch(value) is not None


def is_pattern(value: str) -> bool:
    """Return whether the value is a regular expression."""
    return _PATTERN.search(value) is not None


def is_dummy(value: str) -> bool:
    """Return whether the value is plainly made up, as those of tests are: words, and few odd characters."""
    return _MADE_UP.search(value) is not None or len(value) < 6 or value.isalpha() or len(set(value)) < 5


def is_dummy_key(value: str) -> bool:
    """Return whether a key is plainly made up: words in it, or few different characters."""
    return (
        re.search(r"(?i)test|dummy|fake|mock|sample|example|demo|secret|key|token|foo|bar|1234|abcd", value) is not None
    )


def is_sequence(value: str) -> bool:
    """Return whether the value is a run of the alphabet or of digits, or one character over and over."""
    from detect_secrets.filters.heuristic import is_sequential_string

    return len(set(value)) <= 2 or bool(is_sequential_string(value)) or _TRIPLE.search(value) is not None


def is_wordy(value: str) -> bool:
    """Return whether the value is made of words and small numbers: `user-service-token-v2`, `minioadmin123`."""
    parts = [part for part in re.split(r"[-_.:/ !?@$#]+", value) if part]
    if not parts:
        return True
    if len(parts) == 1:
        word = re.fullmatch(r"([A-Za-z]{4,})\d{0,4}", parts[0])
        return word is not None and _humps(word[1]) < len(word[1]) / 4 and not _is_consonants(word[1])
    if not all(re.fullmatch(r"[A-Za-z]+\d{0,4}|[vV]?\d{1,5}", part) for part in parts):
        return False
    letters = sum(map(len, parts))
    return sum(len(part) for part in parts if not _is_consonants(part.rstrip("0123456789"))) >= letters * 0.6


def _humps(value: str) -> int:
    """Return how often the case of the letters changes."""
    return sum(a.isupper() != b.isupper() for a, b in pairwise(value))


def _is_consonants(word: str) -> bool:
    """Return whether nobody could say the word."""
    return (
        len(word) > 3
        and (re.search(r"[aeiouyAEIOUY]", word) is None or re.search(r"[^aeiouyAEIOUY]{5}", word) is not None)
    ) or (len(word) > 5 and _humps(word) > len(word) / 3)


def entropy(value: str) -> float:
    """Return the Shannon entropy of the characters, in bits a character."""
    counts = (value.count(char) for char in set(value))
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)


def is_low_entropy(value: str, minimum: float = 3.0) -> bool:
    """Return whether the value is no random one: under `minimum` bits a character, or letters or digits only.

    Three bits is what detect-secrets asks of hexadecimal strings; random base64 of 20 characters has about four.
    """
    return entropy(value) < minimum or not (any(c.isdigit() for c in value) and any(c.isalpha() for c in value))


@lru_cache(maxsize=1024)
def is_random(value: str) -> bool:
    """Return whether the value looks like one that a generator made."""
    if entropy(value) < 3.0 or is_sequence(value) or is_wordy(value):
        return False
    if value.isdigit():
        return False
    if any(c.isdigit() for c in value) or not value.isalpha():
        return True
    return len(value) >= 20 and (_humps(value) >= len(value) / 4 or _is_consonants(value))


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
