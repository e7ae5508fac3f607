"""The JWT functions of JavaScript's libraries by the name that imports give them, and where their arguments stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pytest_superteam.scanners.facts.jwt.calls import Kind

__all__ = ["OPTION_CALLS", "SHAPES", "Shape", "canonical"]


@dataclass(frozen=True)
class Shape:
    """One function; positions are -1 where there is no such argument."""

    kind: Kind
    library: str
    key: int = -1
    options: int = -1
    algorithm: int = -1
    list_needed: Literal["always", "public", "never"] = "never"
    payload: int = 0
    key_options: tuple[str, ...] = ()
    """Options that may hold the key."""
    shows_end: bool = True
    """Whether the call alone tells whether the token gets an end."""


_SIGN = Shape("sign", "jsonwebtoken", 1, 2)
_VERIFY = Shape("verify", "jsonwebtoken", 1, 2, list_needed="public")
_DECODE = Shape("decode", "jsonwebtoken", options=1)
_NEST_KEYS = ("secret", "privateKey", "publicKey")
_NEST_SIGN = Shape("sign", "nestjs", options=1, key_options=_NEST_KEYS, shows_end=False)
_NEST_VERIFY = Shape("verify", "nestjs", options=1, key_options=_NEST_KEYS)
_JOSE_VERIFY = Shape("verify", "jose", 1, 2)

SHAPES: dict[str, Shape] = {
    "jsonwebtoken.sign": _SIGN,
    "jsonwebtoken.verify": _VERIFY,
    "jsonwebtoken.decode": _DECODE,
    "jose.jwtVerify": _JOSE_VERIFY,
    "jose.compactVerify": _JOSE_VERIFY,
    "jose.flattenedVerify": _JOSE_VERIFY,
    "jose.generalVerify": _JOSE_VERIFY,
    "jose.decodeJwt": Shape("decode", "jose"),
    "jose.JWT.sign": Shape("sign", "jose2", 1, 2),
    "jose.JWT.verify": Shape("verify", "jose2", 1, 2),
    "jose.JWT.decode": Shape("decode", "jose2", options=1),
    "jose.JWS.sign": Shape("sign", "jose2", 1, 2),
    "jose.JWS.verify": Shape("verify", "jose2", 1, 2),
    "jwt-decode": Shape("decode", "jwt-decode", options=1),
    "jwt-decode.jwtDecode": Shape("decode", "jwt-decode", options=1),
    "jwt-decode.jwt_decode": Shape("decode", "jwt-decode", options=1),
    "jwt-simple.encode": Shape("sign", "jwt-simple", 1, 3, 2),
    "jwt-simple.decode": Shape("verify", "jwt-simple", 1, -1, 3, "public"),
    "njwt.create": Shape("sign", "njwt", 1, -1, 2, shows_end=False),
    "njwt.verify": Shape("verify", "njwt", 1, -1, 2),
    "njwt.createVerifier": Shape("accept", "njwt"),
    "jws.sign": Shape("sign", "jws", options=0, key_options=("secret", "privateKey", "key"), payload=-1),
    "jws.createSign": Shape("sign", "jws", options=0, key_options=("secret", "privateKey", "key"), payload=-1),
    "jws.verify": Shape("verify", "jws", 2, -1, 1),
    "jws.decode": Shape("decode", "jws"),
    "hono/jwt.sign": Shape("sign", "hono", 1, -1, 2),
    "hono/jwt.verify": Shape("verify", "hono", 1, 2, 2),
    "hono/jwt.decode": Shape("decode", "hono"),
    "hono/jwt.decodeHeader": Shape("accept", "hono"),
    "@tsndr/cloudflare-worker-jwt.sign": Shape("sign", "cloudflare", 1, 2, 2),
    "@tsndr/cloudflare-worker-jwt.verify": Shape("verify", "cloudflare", 1, 2, 2),
    "@tsndr/cloudflare-worker-jwt.decode": Shape("decode", "cloudflare"),
    "@nestjs/jwt.JwtService.sign": _NEST_SIGN,
    "@nestjs/jwt.JwtService.signAsync": _NEST_SIGN,
    "@nestjs/jwt.JwtService.verify": _NEST_VERIFY,
    "@nestjs/jwt.JwtService.verifyAsync": _NEST_VERIFY,
    "@nestjs/jwt.JwtService.decode": Shape("decode", "nestjs", options=1),
    "KJUR.jws.JWS.sign": Shape("sign", "jsrsasign", 3, -1, 0, payload=2),
    "KJUR.jws.JWS.verifyJWT": Shape("verify", "jsrsasign", 1, 2),
    "KJUR.jws.JWS.verify": Shape("verify", "jsrsasign", 1, -1, 2, "always"),
    "KJUR.jws.JWS.parse": Shape("decode", "jsrsasign"),
    "next-auth/jwt.encode": Shape("sign", "next-auth", options=0, key_options=("secret",), payload=-1),
    "next-auth/jwt.decode": Shape("verify", "next-auth", options=0, key_options=("secret",)),
    "next-auth/jwt.getToken": Shape("verify", "next-auth", options=0, key_options=("secret",)),
    "fastify.jwt.sign": Shape("sign", "fastify", options=1, key_options=("key",), shows_end=False),
    "fastify.jwt.verify": Shape("verify", "fastify", options=1, key_options=("key",)),
    "fastify.jwt.decode": Shape("decode", "fastify", options=1),
    "fastify.jwtSign": Shape("sign", "fastify", options=1, key_options=("key",), shows_end=False),
    "fastify.jwtVerify": Shape("verify", "fastify", options=0, key_options=("key",)),
    "fastify.jwtDecode": Shape("decode", "fastify", options=0),
    "fast-jwt.createSigner()": Shape("sign", "fast-jwt", shows_end=False),
    "fast-jwt.createDecoder()": Shape("decode", "fast-jwt"),
}

OPTION_CALLS: dict[str, tuple[str, str, Literal["always", "public", "never"]]] = {
    # name: kind of what its options configure, library, when a list of algorithms is needed
    "passport-jwt.Strategy": ("verify", "passport-jwt", "public"),
    "passport-jwt.JwtStrategy": ("verify", "passport-jwt", "public"),
    "express-jwt": ("verify", "express-jwt", "always"),
    "express-jwt.expressjwt": ("verify", "express-jwt", "always"),
    "express-jwt.expressJwt": ("verify", "express-jwt", "always"),
    "express-jwt.jwt": ("verify", "express-jwt", "always"),
    "koa-jwt": ("verify", "koa-jwt", "public"),
    "hono/jwt.jwt": ("verify", "hono", "never"),
    "hono/jwt.jwk": ("verify", "hono", "never"),
    "@elysiajs/jwt": ("accept", "elysia", "never"),
    "@elysiajs/jwt.jwt": ("accept", "elysia", "never"),
    "fast-jwt.createSigner": ("accept", "fast-jwt", "never"),
    "fast-jwt.createVerifier": ("verify", "fast-jwt", "public"),
    "@nestjs/jwt.JwtModule.register": ("accept", "nestjs", "never"),
    "@nestjs/jwt.JwtModule.registerAsync": ("accept", "nestjs", "never"),
    "@nestjs/jwt.JwtService": ("accept", "nestjs", "never"),
    "express-oauth2-jwt-bearer.auth": ("verify", "express-oauth2-jwt-bearer", "never"),
    "socketio-jwt.authorize": ("verify", "socketio-jwt", "never"),
    "@thream/socketio-jwt.authorize": ("verify", "socketio-jwt", "never"),
}
"""Calls whose one object configures what signs and verifies later."""

_ALIASES = {
    "jwt": "jsonwebtoken",
    "JWT": "jsonwebtoken",
    "jwtDecode": "jwt-decode",
    "jwt_decode": "jwt-decode",
    "expressJwt": "express-jwt",
    "expressjwt": "express-jwt",
    "JwtModule": "@nestjs/jwt.JwtModule",
    "JwtService": "@nestjs/jwt.JwtService",
    "SignJWT": "jose.SignJWT",
    "UnsecuredJWT": "jose.UnsecuredJWT",
    "jwtVerify": "jose.jwtVerify",
    "JwtStrategy": "passport-jwt.Strategy",
    "decodeJwt": "jose.decodeJwt",
    "createVerifier": "fast-jwt.createVerifier",
    "createSigner": "fast-jwt.createSigner",
}
"""What an identifier that nothing in the file binds stands for."""

_JOSE_PATHS = {"verify": "jwtVerify", "sign": "SignJWT", "unsecured": "UnsecuredJWT", "decode_jwt": "decodeJwt"}
_FASTIFY = frozenset({"fastify", "app", "server", "instance", "req", "request", "reply", "res", "this"})


def canonical(name: str, *, unbound: bool) -> str:
    """Return the name of the table for a dotted name; `unbound`: nothing in the file says what its head is."""
    head, _, rest = name.partition(".")
    if unbound and head in _ALIASES:
        return f"{_ALIASES[head]}.{rest}" if rest else _ALIASES[head]
    if name.startswith(("jose/", "jose-node")):
        path, _, member = name.partition(".")
        return f"jose.{member or _JOSE_PATHS.get(path.rsplit('/', 1)[-1], '')}"
    if name.startswith("hono/"):
        return "hono/jwt." + name.partition(".")[2].removeprefix("Jwt.")
    if "KJUR.jws.JWS." in name or name.startswith("jsrsasign.jws.JWS."):
        return "KJUR.jws.JWS." + name.rsplit(".", 1)[-1]
    parts = name.split(".")
    if len(parts) > 1 and parts[-2].lower() in {"jwtservice", "jwt_service"}:
        return f"@nestjs/jwt.JwtService.{parts[-1]}"
    if (
        len(parts) > 2
        and parts[-2] == "jwt"
        and (parts[-3].lower() in _FASTIFY)
        and name.split(".", maxsplit=1)[0] != "jsonwebtoken"
    ):
        return f"fastify.jwt.{parts[-1]}"
    if len(parts) > 1 and parts[-1] in {"jwtVerify", "jwtSign", "jwtDecode"} and parts[-2].lower() in _FASTIFY:
        return f"fastify.{parts[-1]}"
    if head in {"async-jsonwebtoken", "jsonwebtoken-promisified", "jsonwebtoken-esm"}:
        return f"jsonwebtoken.{rest}"
    return name
