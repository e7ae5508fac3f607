"""Tokens that no service may take: expired, tampered with, and signed by nobody (RFC 7519, RFC 8725)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HASHES", "claims_of", "expired", "header_of", "is_jwt", "of_issuer", "signed", "signed_parts", "tampered"]
__all__ += ["unsigned"]

_HOUR = 3600  # seconds
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
"""The hash of each algorithm that signs with a shared secret (RFC 7518, 3.2)."""
_NONES = ("none", "None", "nOnE")
_OTHER_KEY = "a key that is not the issuer's, and as long"  # 43 bytes: a library may refuse a shorter one


_JWT = re.compile(r"(.{0,200}[ =])?([\w-]{4,4000}\.[\w-]{2,16000}\.[\w-]{0,4000})", re.DOTALL)
"""A JSON web token, maybe behind what carries it (`checks.callers.credentials`): `Authorization: JWT eyJ...`."""


def _parted(token: str) -> tuple[str, str]:
    """Return what carries a credential, and the JSON web token in it; `""` where it is something else."""
    found = _JWT.fullmatch(token)
    return (found[1] or "", found[2]) if found else ("", "")


def is_jwt(token: str) -> bool:
    """Return whether `token` is a signed JSON web token, or a credential that carries one."""
    return bool(header_of(token)) and bool(claims_of(token))


def header_of(token: str) -> Mapping[str, Any]:
    """Return the header of a JSON web token, empty for anything else."""
    return _part(token, 0)


def claims_of(token: str) -> Mapping[str, Any]:
    """Return the claims of a JSON web token, unverified; empty for anything else."""
    return _part(token, 1)


def signed_parts(token: str) -> tuple[str, bytes]:
    """Return what the signature of a JSON web token is over, and the signature; `""` and nothing for anything else."""
    signed, _, signature = _parted(token)[1].rpartition(".")
    try:
        return signed, _decoded(signature)
    except ValueError:
        return "", b""


def _part(token: str, index: int) -> Mapping[str, Any]:
    parts = _parted(token)[1].split(".")
    try:
        found = json.loads(_decoded(parts[index]))
    except (ValueError, IndexError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def signed(claims: Mapping[str, Any], secret: str, algorithm: str = "HS256") -> str:
    """Return a token with `claims`, signed by `secret`; a library would refuse to sign with a key that was guessed."""
    head = {"alg": algorithm, "typ": "JWT"}
    body = ".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (head, dict(claims)))
    signature = hmac.new(secret.encode(), body.encode(), HASHES[algorithm]).digest()
    return f"{body}.{_encoded(signature)}"


def expired(token: str, secret: str) -> str:
    """Return the token with the same claims, issued two hours ago and expired one hour ago, properly signed."""
    now = int(time.time())
    past = {name: now - 2 * _HOUR for name in ("iat", "nbf") if name in claims_of(token)}
    claims = {**claims_of(token), **past, "exp": now - _HOUR}
    return _parted(token)[0] + signed(claims, secret, _algorithm(token))


def of_issuer(token: str, secret: str, issuer: str) -> str:
    """Return the token with the same claims but from another issuer, properly signed."""
    return _parted(token)[0] + signed({**claims_of(token), "iss": issuer}, secret, _algorithm(token))


def tampered(token: str) -> dict[str, str]:
    """Return tokens with the claims of `token`, or a longer life, that its issuer did not sign; by what was done."""
    carrier, whole = _parted(token)
    head, payload, signature = whole.split(".")
    longer = _encoded(json.dumps({**claims_of(token), "exp": int(time.time()) + 24 * _HOUR}).encode())
    changed = bytearray(_decoded(signature)) or bytearray(32)
    changed[0] ^= 0xFF
    return {
        "whose payload was changed and whose signature was kept": f"{carrier}{head}.{longer}.{signature}",
        "whose signature was changed": f"{carrier}{head}.{payload}.{_encoded(bytes(changed))}",
        "that another key signed": carrier + signed(claims_of(token), _OTHER_KEY),
    }


def unsigned(token: str) -> dict[str, str]:
    """Return tokens with the claims of `token` and no signature, by what their header says."""
    carrier, whole = _parted(token)
    payload = whole.split(".")[1]
    found = {f"with alg {name!r} and no signature": carrier + _bare(payload, name) for name in _NONES}
    algorithm = str(header_of(token).get("alg", "HS256"))
    return {**found, f"with alg {algorithm!r} and an empty signature": carrier + _bare(payload, algorithm)}


def _bare(payload: str, algorithm: str) -> str:
    return f"{_encoded(json.dumps({'alg': algorithm, 'typ': 'JWT'}).encode())}.{payload}."


def _algorithm(token: str) -> str:
    """Return the algorithm of a token that a shared secret signed."""
    name = str(header_of(token).get("alg", ""))
    return name if name in HASHES else "HS256"


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
