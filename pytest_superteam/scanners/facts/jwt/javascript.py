"""Calls of the JWT libraries of JavaScript and TypeScript, whatever they are imported as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.jwt.calls import JwtCall, JwtKey
from pytest_superteam.scanners.facts.jwt.javascript_chains import is_verifying_key_lookup
from pytest_superteam.scanners.facts.jwt.javascript_flow import (
    is_header_alg,
    is_header_only,
    split_tokens,
    verified_too,
)
from pytest_superteam.scanners.facts.jwt.javascript_libraries import OPTION_CALLS, SHAPES, Shape, canonical
from pytest_superteam.scanners.facts.jwt.javascript_lists import Lists
from pytest_superteam.scanners.facts.jwt.javascript_options import Options, ends, expiry_off, is_set
from pytest_superteam.scanners.facts.jwt.javascript_values import Values
from pytest_superteam.scanners.facts.jwt.kept import kept
from pytest_superteam.scanners.facts.jwt.shown import Shown
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS
from pytest_superteam.scanners.languages.python import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["javascript_calls"]


_PASSPORT = frozenset({"secretOrKey", "secretOrKeyProvider", "jwtFromRequest"})


def javascript_calls(module: JavaScriptModule) -> tuple[JwtCall, ...]:
    """Return the calls of JWT libraries in `module`, in source order."""
    return kept(module, "calls", lambda: tuple(_Reader(module).calls()))


class _Reader:
    def __init__(self, module: JavaScriptModule) -> None:
        self.module = module
        self.values = Values(module)
        self.lists = Lists(module)
        self.options = Options(self.values, self.lists)
        self.verifying: dict[str, list[Node]] = {}
        self._settings_made: dict[str, list[Shown | None]] = {}

    def calls(self) -> Iterator[JwtCall]:
        named = [(call, self._name(call)) for call in self.module.calls]
        for call, name in named:
            shape = SHAPES.get(name)
            if shape is not None and shape.kind == "verify" and not self._signature_off(call, shape):
                self.verifying.setdefault(self._token(call), []).append(call)
        for call, name in named:
            made = self._read(call, name)
            if made is not None:
                yield made
        for call, token in split_tokens(self.module):
            verified = verified_too(self.module, call, token, self.verifying)
            yield JwtCall("decode", "none", call, verified=verified)

    def _name(self, call: Node) -> str:
        m = self.module
        callee = m.unwrap(m.callee(call))
        if callee is None:
            return ""
        name = m.qualname(callee)
        head = callee
        while head.type in {"member_expression", "call_expression", "new_expression"}:
            inner = m.unwrap(head.child_by_field_name("object") or m.callee(head))
            if inner is None:
                break
            head = inner
        unbound = head.type == "identifier" and not m.lookup(head)
        if callee.type in {"identifier", "call_expression"}:
            maker = m.resolve(callee)
            if maker is not None and maker.type == "call_expression":
                made = m.qualname(m.callee(maker))
                if made.startswith("fast-jwt.create"):
                    return f"{made}()"
        return canonical(name, unbound=unbound)

    def _token(self, call: Node) -> str:
        return self.module.text(self.module.argument(call, 0))[:300]

    def _read(self, call: Node, name: str) -> JwtCall | None:
        if name in SHAPES:
            return self._of_function(call, SHAPES[name])
        if name in OPTION_CALLS:
            kind, library, needed = OPTION_CALLS[name]
            return self.options.configured(call, kind, library, needed)
        if name.startswith("jose.") and (".sign" in name or ".encode" in name):
            return self.options.built(call, name)
        if name == "jose.UnsecuredJWT.decode":
            return JwtCall("accept", "jose", call, unsigned=True)
        given = self.module.arguments(call)
        if not given:
            return None
        if name.endswith(".register") and len(given) > 1 and self._is_fastify_plugin(given[0]):
            return self.options.configured(call, "accept", "fastify", "never", given[1])
        if name.endswith("auth.strategy") and len(given) > 2 and self.module.literal(given[1]) == "jwt":
            return self.options.configured(call, "verify", "hapi", "never", given[2])
        if given[0].type in {"object", "identifier"} and (call.type == "new_expression" or name.endswith("super")):
            shown = self.values.shown(given[0])
            if shown is not None and _PASSPORT & set(shown.fields):
                return self.options.configured(call, "verify", "passport-jwt", "public")
        return None

    def _is_fastify_plugin(self, node: Node) -> bool:
        return self.module.qualname(node).split(".")[0] in {"@fastify/jwt", "fastify-jwt"}

    # ---- functions with arguments -----------------------------------------------------------------------------------

    def _options(self, call: Node, shape: Shape) -> tuple[Shown | None, bool]:
        """Return the options of a call and whether they are all that it gets; a callback in their place is none."""
        m = self.module
        node = m.argument(call, shape.options) if shape.options >= 0 else None
        if node is None:
            spread = any(argument.type == "spread_element" for argument in m.arguments(call))
            return Shown(), not spread
        target = m.unwrap(m.resolve(node))
        text = m.text(node)
        if target is not None and (target.type in FUNCTIONS or target.type in {"null", "undefined", "string"}):
            return Shown(), True
        if text in {"cb", "callback", "done", "next", "fn", "undefined"}:
            return Shown(), True
        shown = self.values.shown(node)
        return shown, shown is not None and shown.complete

    def _signature_off(self, call: Node, shape: Shape) -> bool:
        """Return whether a verifying call looks at no signature: told so, or given no key."""
        m = self.module
        if shape.library == "jwt-simple":
            flag = m.literal(m.argument(call, 2))
            return flag is not UNKNOWN and bool(flag)
        key = m.unwrap(m.argument(call, shape.key)) if shape.library == "jsonwebtoken" else None
        return key is not None and (key.type in {"null", "undefined", "false"} or m.literal(key) in (None, "", False))

    def _of_function(self, call: Node, shape: Shape) -> JwtCall | None:
        m = self.module
        if shape.kind == "accept" or not m.arguments(call):
            return None
        options, whole = self._options(call, shape)
        if shape.kind == "decode":
            if is_set(m, options, "header", wanted=True) or is_header_only(m, call, library=shape.library):
                return None
            token = self._token(call)
            verified = verified_too(m, call, token, self.verifying) or is_verifying_key_lookup(m, call)
            return JwtCall("decode", shape.library, call, verified=verified)
        algorithm = m.argument(call, shape.algorithm) if shape.algorithm >= 0 else None
        nodes = self.lists.nodes(options, algorithm)
        names, alternatives = self.lists.named(nodes)
        written = options.fields.get("header") if options is not None else None
        if shape.library == "jsrsasign" and shape.kind == "sign":
            written = m.argument(call, 1)
        header = self.values.shown(written)
        if header is not None and "alg" in header.fields:
            names += self.lists.names(header.fields["alg"])
        key = m.argument(call, shape.key) if shape.library == "jose2" else None
        null = key is not None and any(n.endswith("JWK.None") for n in (m.text(m.resolve(key)), m.qualname(key)))
        off = shape.kind == "verify" and self._signature_off(call, shape)
        return JwtCall(
            shape.kind,
            shape.library,
            call,
            self._keys(call, shape, options),
            names,
            alternatives,
            unsigned=null,
            list_given=bool(nodes) or not whole,
            list_needed=shape.list_needed,
            trusts_header=any(is_header_alg(m, node) for node in nodes),
            signature_off=off,
            verified=off and verified_too(m, call, self._token(call), self.verifying),
            expiry_off=shape.kind == "verify" and expiry_off(m, options),
            endless=shape.kind == "sign" and self._endless(call, shape, options, whole=whole),
        )

    def _endless(self, call: Node, shape: Shape, options: Shown | None, *, whole: bool) -> bool:
        m = self.module
        if shape.library == "jws":
            claims = self.values.shown(options.fields.get("payload")) if options is not None else None
            return claims is not None and claims.complete and not ends(m, claims)
        ending = options is not None and any(
            name in options.fields and m.literal(options.fields[name]) is not None for name in ("expiresIn", "exp")
        )
        if ending or not whole or shape.payload < 0:
            return False
        payload = m.argument(call, shape.payload)
        claims = self.values.shown(payload)
        if not shape.shows_end and not self._made_endless(call, shape):
            return False
        if claims is None:
            return shape.library == "jsonwebtoken" and isinstance(m.literal(payload), str)
        return claims.complete and not ends(m, claims)

    def _made_endless(self, call: Node, shape: Shape) -> bool:
        """Return whether the signer or service that the call uses is made in this file, with no end."""
        m = self.module
        if shape.library == "fast-jwt":
            maker = m.resolve(m.callee(call))
            options = self.values.shown(m.argument(maker, 0)) if maker is not None else None
            return options is not None and options.complete and "expiresIn" not in options.fields
        if shape.library in {"nestjs", "fastify"}:
            if shape.library not in self._settings_made:
                calls = [one for one in m.calls if self._makes(one, shape.library)]
                self._settings_made[shape.library] = [self._options_of(one) for one in calls]
            made = self._settings_made[shape.library]
            return bool(made) and all(one is not None and one.complete and not self._has_end(one) for one in made)
        return False

    def _makes(self, call: Node, library: str) -> bool:
        name = self._name(call)
        if library == "nestjs":
            return name in {"@nestjs/jwt.JwtModule.register", "@nestjs/jwt.JwtService"}
        given = self.module.arguments(call)
        return name.endswith(".register") and len(given) > 1 and self._is_fastify_plugin(given[0])

    def _options_of(self, call: Node) -> Shown | None:
        given = self.module.arguments(call)
        return self.values.shown(given[-1]) if given else None

    def _has_end(self, options: Shown) -> bool:
        inner = (self.values.shown(options.fields.get(name)) for name in ("signOptions", "sign"))
        return any(
            (one is None and name in options.fields)
            or (one is not None and ("expiresIn" in one.fields or not one.complete))
            for one, name in zip(inner, ("signOptions", "sign"), strict=True)
        )

    def _keys(self, call: Node, shape: Shape, options: Shown | None) -> tuple[JwtKey, ...]:
        nodes = [self.module.argument(call, shape.key)] if shape.key >= 0 else []
        if options is not None:
            nodes += [options.fields[name] for name in shape.key_options if name in options.fields]
        made = (self.values.key(node) for node in nodes)
        return tuple(key for key in made if key is not None)
