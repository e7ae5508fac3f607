"""One use of a JWT library, in any language: what it does, with which key, and what it leaves unchecked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from pytest_superteam.scanners.facts.names import words
from pytest_superteam.scanners.languages.python import UNKNOWN

__all__ = ["JwtCall", "JwtKey", "JwtSetting", "Kind", "is_none", "is_public_name", "is_public_text", "is_secret"]
__all__ += ["families", "names_jwt", "names_jwt_key", "names_key", "text_of"]

Kind = Literal["sign", "verify", "decode", "accept"]
"""`decode` reads the claims with no look at the signature; `accept` makes an object that knows some algorithms."""

_PUBLIC_TEXT = re.compile(r"BEGIN (?:[A-Z0-9]{1,8} )?PUBLIC KEY|BEGIN CERTIFICATE|^(?:ssh-(?:rsa|ed25519)|ecdsa-sha2)")
_REFERENCE = re.compile(
    r"\$\{[^{}]*\}|\$\{\{.*\}\}|\{\{.*\}\}|<%.*%>|\$[A-Za-z_]\w*|%\(?\w*\)?s|(?:vault|arn|op|secret|file|env|https?):.*|ref\+.*",
    re.DOTALL,
)
_SUFFIXES = frozenset({"value", "default", "string", "str", "text", "bytes", "env", "base64", "b64", "prod", "dev"})
_KEY_WORDS = frozenset({"secret", "signing", "private", "signature", "sign", "hmac", "shared", "access", "refresh"})
_KEY_WORDS |= {"auth", "token", "encryption", "symmetric", "hs256", "hs512", "verification", "verify"}
_BARE = frozenset({
    ("secret",), ("secret", "key"), ("app", "secret"), ("token", "secret"), ("token", "key"), ("auth", "secret"),
    ("auth", "key"), ("auth", "secret", "key"), ("signing", "key"), ("signing", "secret"), ("sign", "key"),
    ("private", "key"), ("access", "token", "secret"), ("refresh", "token", "secret"), ("access", "secret"),
    ("refresh", "secret"), ("token", "secret", "key"), ("secret", "token"), ("app", "secret", "key"),
    ("authorization", "key"), ("session", "secret"), ("hmac", "secret"), ("hmac", "key"), ("secret", "access", "token"),
    ("access", "token", "key"), ("refresh", "token", "key"), ("secret", "refresh", "token"), ("key",),
})  # fmt: skip
"""Names, by words, of what is the key of tokens where JWT is used, although the name says nothing of JWT."""


@dataclass(frozen=True)
class JwtKey:
    """The key of a call. `value` is its text or bytes where the source fixes them."""

    value: Any = UNKNOWN
    origin: Any = None
    """The node where the literal stands, which may be far from the call."""
    name: str = ""
    """Last name of the expression: `JWT_SECRET` of `settings.JWT_SECRET`."""
    path: str = ""
    """Dotted name through imports, as `src/config.jwt.secret`, where the reader knows it."""
    public: bool = False
    """Whether text, name or origin say that it is the public half of a pair."""
    missing: bool = False
    """Whether the code gives none: `None`, `null`, `false`, an empty text."""


@dataclass(frozen=True)
class JwtCall:
    """One call that signs, verifies or reads a token; `node` is where a finding about it is shown."""

    kind: Kind
    library: str
    node: Any
    keys: tuple[JwtKey, ...] = ()
    algorithms: tuple[str, ...] = ()
    """Those that the code names, of a literal header too."""
    alternatives: tuple[tuple[str, ...], ...] = ()
    """Where a condition chooses between lists: each of them; none of it then stands in `algorithms`."""
    unsigned: bool = False
    """Whether the algorithm `none` is chosen without its name: a null algorithm, an unsecured token."""
    list_given: bool = True
    """Whether a verifying call limits the algorithms, in whatever way."""
    list_needed: Literal["always", "public", "never"] = "never"
    """When the library accepts what the token says unless it gets a list: for any key, for public keys, never."""
    trusts_header: bool = False
    """Whether the accepted algorithm is read from the token itself."""
    signature_off: bool = False
    expiry_off: bool = False
    endless: bool = False
    """Whether it signs claims that the code shows, with no `exp` among them."""
    verified: bool = False
    """Whether the same function verifies the same token, so that this look only prepares or repeats it."""

    @property
    def unverified(self) -> bool:
        """Return whether claims are read with no look at the signature."""
        return self.kind == "decode" or self.signature_off


@dataclass(frozen=True)
class JwtSetting:
    """A setting by the path of its name, as `SIMPLE_JWT.SIGNING_KEY`, with its literal value or default."""

    name: str
    value: Any
    node: Any
    """Where a finding about it is shown."""
    origin: Any = None
    """The node where the literal stands."""
    plain: bool = True
    """Whether it is a name of its own, and no argument or entry of something that may have a secret for other ends."""


def text_of(value: Any) -> str | None:
    """Return a literal key as text; None where it is no text."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else None


def is_none(algorithm: Any) -> bool:
    """Return whether an algorithm is `none`, in any case."""
    return isinstance(algorithm, str) and algorithm.strip().lower() == "none"


def families(algorithms: tuple[str, ...]) -> set[str]:
    """Return `shared` where a secret is accepted, `paired` where a public key is."""
    found = set()
    for name in algorithms:
        upper = name.strip().upper()
        if upper.startswith("HS"):
            found.add("shared")
        elif upper.startswith(("RS", "ES", "PS", "ED")):
            found.add("paired")
    return found


def is_public_text(value: Any) -> bool:
    """Return whether a literal is a public key or a certificate."""
    text = text_of(value)
    return text is not None and _PUBLIC_TEXT.search(text) is not None


def is_public_name(name: str) -> bool:
    """Return whether a name, path or URL is that of a public key: `publicKey`, `RSA_PUBLIC_KEY`, `jwt.pub`."""
    parts = set(words(name))
    return bool(parts & {"public", "pubkey", "publickey", "pubkeys", "cert", "certificate", "jwks"}) or (
        "pub" in parts and not parts & {"sub", "publish"}
    )


def is_secret(value: Any) -> bool:
    """Return whether a literal is a key that one could sign with: no public key, and nothing that is put in later."""
    text = text_of(value)
    return (
        text is not None
        and bool(text.strip())
        and not is_public_text(value)
        and _REFERENCE.fullmatch(text.strip()) is None
    )


def _key_parts(name: str) -> tuple[str, ...]:
    parts = list(words(name))
    while len(parts) > 1 and (parts[-1] in _SUFFIXES or parts[-1].isdigit()):
        parts.pop()
    return tuple(parts)


def names_jwt(name: str) -> bool:
    """Return whether a name speaks of JWT: `JWT_SECRET`, `authjwt_secret_key`, `jwtConstants.secret`."""
    return any("jwt" in part or part == "jws" for part in words(name))


def names_jwt_key(name: str) -> bool:
    """Return whether a setting of that name is the key of tokens: JWT_SECRET, SIMPLE_JWT.SIGNING_KEY."""
    parts = _key_parts(name)
    if len(parts) < 2 or "public" in parts or "verifying" in parts or not names_jwt(name):
        return parts in {("jwtsecret",), ("jwtkey",), ("jwtsecretkey",)}
    if parts[-1] == "secret" or (parts[-1].endswith("secret") and "jwt" in parts[-1]):
        return True
    if parts[-1] == "token":
        return parts[-2] == "secret"
    if parts[-1] in {"secretkey", "privatekey", "signingkey", "secrets"}:
        return True
    before = parts[-2]
    return parts[-1] == "key" and (before in _KEY_WORDS or before.endswith("jwt"))


def names_key(name: str) -> bool:
    """Return whether a name that says nothing of JWT may be that of its key: SECRET_KEY, token_secret."""
    return _key_parts(name) in _BARE
