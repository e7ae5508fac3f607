"""The JWT functions of Python's libraries by the name that imports give them, with their parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pytest_superteam.scanners.facts.jwt.calls import Kind

__all__ = ["DEFAULT_LISTS", "HEADER_READERS", "SHAPES", "Shape"]


@dataclass(frozen=True)
class Shape:
    """One function: its parameters in order, by the names that the reader knows."""

    kind: Kind
    library: str
    parameters: tuple[str, ...]
    list_needed: Literal["always", "public", "never"] = "never"
    payload: Literal["claims", "bytes"] = "claims"


_PYJWT_SIGN = Shape("sign", "pyjwt", ("payload", "key", "algorithm", "headers"))
_PYJWT_VERIFY = Shape("verify", "pyjwt", ("token", "key", "algorithms", "options"), "always")
_PYJWT_ACCEPT = Shape("accept", "pyjwt", ("options",))
_PYJWS_ACCEPT = Shape("accept", "pyjwt", ("algorithms", "options"))
_JOSE_PEEK = Shape("decode", "python-jose", ("token",))
_AUTHLIB_SIGN = Shape("sign", "authlib", ("headers", "payload", "key"))
_AUTHLIB_VERIFY = Shape("verify", "authlib", ("token", "key"), "public")
_AUTHLIB_ACCEPT = Shape("accept", "authlib", ("algorithms",))
_JOSERFC_SIGN = Shape("sign", "joserfc", ("headers", "payload", "key", "algorithms"))
_JOSERFC_VERIFY = Shape("verify", "joserfc", ("token", "key", "algorithms"))
_PYTHON_JWT = {
    "generate_jwt": Shape("sign", "python-jwt", ("payload", "key", "algorithm", "lifetime", "expires")),
    "verify_jwt": Shape("verify", "python-jwt", ("token", "key", "algorithms")),
    "process_jwt": Shape("decode", "python-jwt", ("token",)),
}
_SIMPLE = Shape("verify", "simplejwt", ("token", "verify"))

SHAPES: dict[str, Shape] = {
    "jwt.encode": _PYJWT_SIGN,
    "jwt.decode": _PYJWT_VERIFY,
    "jwt.decode_complete": _PYJWT_VERIFY,
    "jwt.unverified_decode": Shape("decode", "pyjwt", ("token",)),
    "jwt.PyJWT": _PYJWT_ACCEPT,
    "jwt.PyJWS": _PYJWS_ACCEPT,
    "jwt.PyJWS.encode": Shape("sign", "pyjwt", ("payload", "key", "algorithm", "headers"), payload="bytes"),
    "jwt.register_algorithm": Shape("accept", "pyjwt", ("algorithms",)),
    "jwt.PyJWS.register_algorithm": Shape("accept", "pyjwt", ("algorithms",)),
    "jwt.JWT.encode": Shape("sign", "jwt", ("payload", "key", "algorithm", "headers")),
    "jwt.JWT.decode": Shape("verify", "jwt", ("token", "key", "do_verify", "algorithms", "do_time_check")),
    "jose.jwt.encode": Shape("sign", "python-jose", ("payload", "key", "algorithm", "headers")),
    "jose.jwt.decode": Shape("verify", "python-jose", ("token", "key", "algorithms", "options"), "always"),
    "jose.jwt.get_unverified_claims": _JOSE_PEEK,
    "jose.jws.sign": Shape("sign", "python-jose", ("payload", "key", "headers", "algorithm")),
    "jose.jws.verify": Shape("verify", "python-jose", ("token", "key", "algorithms", "verify"), "always"),
    "jose.jws.get_unverified_claims": _JOSE_PEEK,
    "authlib.jose.jwt.encode": _AUTHLIB_SIGN,
    "authlib.jose.jwt.decode": _AUTHLIB_VERIFY,
    "authlib.jose.JsonWebToken": _AUTHLIB_ACCEPT,
    "authlib.jose.JsonWebToken.encode": _AUTHLIB_SIGN,
    "authlib.jose.JsonWebToken.decode": Shape("verify", "authlib", ("token", "key")),
    "authlib.jose.JsonWebSignature": _AUTHLIB_ACCEPT,
    "authlib.jose.JsonWebSignature.serialize_compact": Shape(
        "sign", "authlib", ("headers", "payload", "key"), payload="bytes"
    ),
    "authlib.jose.JsonWebSignature.serialize": Shape("sign", "authlib", ("headers", "payload", "key"), payload="bytes"),
    "authlib.jose.JsonWebSignature.deserialize_compact": Shape("verify", "authlib", ("token", "key")),
    "authlib.jose.JsonWebSignature.deserialize": Shape("verify", "authlib", ("token", "key")),
    "joserfc.jwt.encode": _JOSERFC_SIGN,
    "joserfc.jwt.decode": _JOSERFC_VERIFY,
    "joserfc.jws.serialize_compact": Shape(
        "sign", "joserfc", ("headers", "payload", "key", "algorithms"), payload="bytes"
    ),
    "joserfc.jws.deserialize_compact": _JOSERFC_VERIFY,
    "joserfc.jws.JWSRegistry": Shape("accept", "joserfc", ("header_registry", "algorithms")),
    "jwcrypto.jwt.JWT": Shape(
        "accept", "jwcrypto", ("headers", "payload", "token", "key", "algorithms", "default_claims", "check_claims")
    ),
    "jwcrypto.jwt.JWT.make_signed_token": Shape("sign", "jwcrypto", ("key",), payload="bytes"),
    "jwcrypto.jwt.JWT.deserialize": Shape("verify", "jwcrypto", ("token", "key")),
    "jwcrypto.jwt.JWT.validate": Shape("verify", "jwcrypto", ("key",)),
    "jwcrypto.jws.JWS.add_signature": Shape("sign", "jwcrypto", ("key", "algorithm", "headers"), payload="bytes"),
    "jwcrypto.jws.JWS.deserialize": Shape("verify", "jwcrypto", ("token", "key", "algorithm")),
    "jwcrypto.jws.JWS.verify": Shape("verify", "jwcrypto", ("key", "algorithm")),
    "flask_jwt_extended.decode_token": Shape("verify", "flask-jwt-extended", ("token", "csrf_value", "allow_expired")),
    "flask_jwt_extended.create_access_token": Shape(
        "sign", "flask-jwt-extended", ("identity", "fresh", "expires_delta"), payload="bytes"
    ),
    "flask_jwt_extended.create_refresh_token": Shape(
        "sign", "flask-jwt-extended", ("identity", "expires_delta"), payload="bytes"
    ),
    "fastapi_jwt_auth.AuthJWT.create_access_token": Shape(
        "sign", "fastapi-jwt-auth", ("identity", "fresh", "algorithm", "headers", "expires_time"), payload="bytes"
    ),
    "fastapi_jwt_auth.AuthJWT.create_refresh_token": Shape(
        "sign", "fastapi-jwt-auth", ("identity", "algorithm", "headers", "expires_time"), payload="bytes"
    ),
    "fastapi_users.authentication.JWTStrategy": Shape(
        "sign", "fastapi-users", ("key", "lifetime", "audience", "algorithm"), payload="bytes"
    ),
    "fastapi_users.authentication.JWTAuthentication": Shape(
        "sign", "fastapi-users", ("key", "lifetime", "audience"), payload="bytes"
    ),
    "fastapi_users.jwt.generate_jwt": Shape("sign", "fastapi-users", ("payload", "key", "lifetime", "algorithm")),
    "fastapi_users.jwt.decode_jwt": Shape("verify", "fastapi-users", ("token", "key", "audience", "algorithms")),
    "rest_framework_simplejwt.backends.TokenBackend": Shape(
        "accept", "simplejwt", ("algorithm", "key", "verifying_key")
    ),
    "rest_framework_simplejwt.backends.TokenBackend.decode": _SIMPLE,
    "rest_framework_simplejwt.state.token_backend.decode": _SIMPLE,
}
for _name in ("AccessToken", "RefreshToken", "SlidingToken", "UntypedToken", "Token"):
    SHAPES[f"rest_framework_simplejwt.tokens.{_name}"] = _SIMPLE
for _name, _shape in _PYTHON_JWT.items():
    SHAPES[f"python_jwt.{_name}"] = SHAPES[f"jwt.{_name}"] = _shape
for _name in ("jwt.PyJWT.{}", "jwt.api_jwt.{}", "jwt.api_jwt.PyJWT.{}"):
    SHAPES |= {_name.format(n): SHAPES[f"jwt.{n}"] for n in ("encode", "decode", "decode_complete")}
for _name in ("jwt.PyJWS.{}", "jwt.api_jws.{}", "jwt.api_jws.PyJWS.{}"):
    SHAPES |= {_name.format(n): SHAPES["jwt.decode"] for n in ("decode", "decode_complete", "verify")}
    SHAPES[_name.format("encode")] = SHAPES["jwt.PyJWS.encode"]
SHAPES |= {"jwt.api_jwt.PyJWT": _PYJWT_ACCEPT, "jwt.api_jws.PyJWS": _PYJWS_ACCEPT}
for _name in [name for name in SHAPES if name.startswith("authlib.jose.")]:
    SHAPES[_name.replace("authlib.jose.Json", "authlib.jose.rfc7519.Json")] = SHAPES[_name]
for _name in [name for name in SHAPES if name.startswith("fastapi_users.authentication.")]:
    SHAPES[_name.replace("authentication.", "authentication.strategy.")] = SHAPES[_name]
    SHAPES[_name.replace("authentication.", "authentication.strategy.jwt.")] = SHAPES[_name]
for _name in [name for name in SHAPES if name.startswith("fastapi_jwt_auth.")]:
    SHAPES[f"async_{_name}"] = SHAPES[_name]

PARAMETER_NAMES: dict[str, tuple[str, ...]] = {
    "token": ("token", "jwt", "s", "value", "encoded_token", "message", "encoded_jwt", "obj", "raw_jws"),
    "payload": ("payload", "claims", "data", "body"),
    "key": ("key", "secret", "priv_key", "pub_key", "private_key", "public_key", "signing_key", "jwt_key"),
    "algorithm": ("algorithm", "alg"),
    "algorithms": ("algorithms", "allowed_algs", "algs", "algorithm", "alg"),
    "headers": ("headers", "header", "optional_headers", "protected", "other_headers"),
    "lifetime": ("lifetime", "lifetime_seconds"),
}
"""The names under which libraries take each parameter, where they differ from the reader's own."""

HEADER_READERS = frozenset({
    "get_unverified_header", "get_unverified_headers", "get_unverified_jwt_headers", "extract_header", "peek_header",
})  # fmt: skip
"""Last names of functions that return the header of a token, which its sender wrote."""

DEFAULT_LISTS = {
    "jwt.algorithms.get_default_algorithms": ("none", "HS256", "RS256"),
    "jose.constants.ALGORITHMS.ALL": ("HS256", "RS256"),
    "jose.constants.ALGORITHMS.SUPPORTED": ("HS256", "RS256"),
    "jose.constants.ALGORITHMS.HMAC": ("HS256",),
    "jose.constants.ALGORITHMS.RSA": ("RS256",),
    "jose.constants.ALGORITHMS.EC": ("ES256",),
}
"""Lists that libraries keep."""
__all__ += ["PARAMETER_NAMES"]
