"""Calls of the JWT libraries of Java: java-jwt, jjwt, nimbus-jose-jwt, jose4j; and Spring's `@Value` defaults."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.jwt.calls import JwtCall, JwtKey, JwtSetting, is_public_name
from pytest_superteam.scanners.facts.jwt.grammar import Grammar
from pytest_superteam.scanners.facts.jwt.kept import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.java import JavaModule

__all__ = ["java_calls", "java_imports", "java_settings"]

_LENGTH = 60
_DEFAULT = re.compile(r"^\$\{([\w.\-]{1,80}):([^{}]{1,200})\}$")
_ENDS = frozenset(
    {"setExpiration", "expiration", "withExpiresAt", "expirationTime", "setExpirationTimeMinutesInTheFuture"}
)
_MAPS = frozenset({"setClaims", "addClaims", "claims", "withPayload", "setPayload", "content"})
_JJWT_KEYS = {"setSigningKey": (0,), "signWith": (0, 1), "verifyWith": (0,), "setSecret": (0,)}
_JJWT_PARSES = {"parse", "parseClaimsJwt", "parsePlaintextJwt", "parseUnsecuredClaims", "parseUnsecuredContent"}
_MAKERS = {"hmacShaKeyFor", "HMAC256", "HMAC384", "HMAC512", "HMAC"}
_CLASSES = {"MACSigner", "MACVerifier", "HmacKey", "SecretKeySpec", "OctetSequenceKey.Builder"}
_PASSED = {
    "getBytes",
    "decode",
    "hmacShaKeyFor",
    "encodeToString",
    "encode",
    "getDecoder",
    "toCharArray",
    "secretKeyFor",
    "trim",
}


def java_calls(module: JavaModule) -> tuple[JwtCall, ...]:
    """Return the uses of JWT libraries in `module`."""
    return kept(module, "calls", lambda: tuple(_reader(module).calls()))


def java_imports(module: JavaModule) -> bool:
    """Return whether the module imports a JWT library."""
    return any(
        "jwt" in module.text(node).lower() or "jose" in module.text(node) for node in module.of("import_declaration")
    )


def java_settings(module: JavaModule, wants: Callable[[str], bool]) -> Iterator[JwtSetting]:
    """Yield fields, variables and defaults of `@Value` with literal values whose name `wants` takes."""
    reader = _reader(module)
    for name, value, place in reader.bound():
        if wants(name):
            text, origin = reader.text_of(value)
            if origin is not None:
                yield JwtSetting(name, text, place, origin)
    for annotation in module.of("annotation"):
        if module.text(annotation.child_by_field_name("name")) != "Value":
            continue
        for string in module.inside(annotation, "string_literal"):
            match = _DEFAULT.match(module.text(string)[1:-1])
            if match and wants(match[1]):
                yield JwtSetting(match[1], match[2], annotation, string)


def _reader(module: JavaModule) -> _Reader:
    return kept(module, "reader", lambda: _Reader(module))


class _Reader(Grammar):
    strings = frozenset({"string_literal"})
    functions = ("method_declaration", "constructor_declaration", "lambda_expression")

    def bound(self) -> Iterator[tuple[str, Node, Node]]:
        """Yield name, value and place of everything that is bound to one expression."""
        m = self.module
        for node in m.of("variable_declarator"):
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            if name is not None and value is not None:
                yield m.text(name), value, node
        for node in m.of("assignment_expression"):
            name, value = node.child_by_field_name("left"), node.child_by_field_name("right")
            if name is not None and value is not None:
                yield m.text(name).rsplit(".", 1)[-1][:100], value, node

    def following(self, node: Node) -> list[Node]:
        """Return the expressions of which one may be the value of `node`."""
        if node.type in {"parenthesized_expression", "cast_expression"}:
            return self.module.children(node)[-1:]
        if node.type == "ternary_expression":
            return self.module.children(node)[1:]
        if node.type in {"identifier", "field_access"}:
            return self.values_of(node)
        if node.type == "object_creation_expression":
            made = self.module.text(node.child_by_field_name("type"))
            return self.arguments(node)[:1] if made in {"SecretKeySpec", "String", "HmacKey"} else []
        if node.type != "method_invocation":
            return []
        name, given = self.module.text(node.child_by_field_name("name")), self.arguments(node)
        if name in {"getOrDefault", "getProperty"}:
            return given[1:]
        if name in {"getBytes", "toCharArray", "trim"}:
            owner = node.child_by_field_name("object")
            return [owner] if owner is not None else []
        return given[:1] if name in _PASSED else []

    def key(self, node: Node) -> JwtKey:
        """Return the key that an expression is."""
        text, origin = self.text_of(node)
        source = self.module.text(node)[:300]
        return JwtKey(text, origin, re.split(r"[.(]", source)[-1].rstrip(")"), public=is_public_name(source))

    def chain(self, call: Node) -> dict[str, Node]:
        """Return the calls of a chain by method, from the end that `call` is to its start, names followed."""
        found: dict[str, Node] = {}
        node: Node | None = call
        for _ in range(_LENGTH):
            if node is None:
                break
            if node.type == "method_invocation":
                found[self.module.text(node.child_by_field_name("name"))] = node
                node = node.child_by_field_name("object")
            elif node.type == "identifier":
                name = self.module.text(node)
                values = self.values_of(node)
                if not values:
                    found[name] = node
                    break
                found |= self._on_name(name, self.function_of(node))
                node = values[0] if len(values) == 1 else None
            else:
                break
        if node is not None and node.type == "object_creation_expression":
            found[f"new {self.module.text(node.child_by_field_name('type'))}"] = node
        return found

    def _on_name(self, name: str, function: Node | None) -> dict[str, Node]:
        """Return what is called on a name in statements of its own."""
        m = self.module
        found: dict[str, Node] = {}
        if not self.may_ask():
            return found
        for call in m.inside(function if function is not None else m.root, "method_invocation"):
            owner = call
            for _ in range(_LENGTH):
                inner = owner.child_by_field_name("object")
                if inner is None:
                    break
                owner = inner
                if owner.type != "method_invocation":
                    break
            if owner.type == "identifier" and m.text(owner) == name:
                found[m.text(call.child_by_field_name("name"))] = call
        return found

    def calls(self) -> Iterator[JwtCall]:
        """Yield the uses of JWT libraries."""
        m = self.module
        told: list[Node] = []
        for call in m.of("method_invocation"):
            for made in self._of_call(call):
                told += [key.origin for key in made.keys if key.origin is not None]
                yield made
        for call in m.of("method_invocation"):
            if m.text(call.child_by_field_name("name")) == "hmacShaKeyFor" and self.arguments(call):
                key = self.key(self.arguments(call)[0])
                if key.origin is not None and all(key.origin.id != one.id for one in told):
                    yield JwtCall("sign", "jjwt", call, (key,))
        for node in m.of("object_creation_expression"):
            yield from self._of_class(node)
        for node in m.of("field_access"):
            if m.text(node) in {"SignatureAlgorithm.NONE", "Jwts.SIG.NONE", "AlgorithmIdentifiers.NONE"}:
                parent = m.parent(node)
                if parent is None or parent.type not in {"binary_expression", "switch_label"}:
                    yield JwtCall("accept", "jjwt", node, unsigned=True)

    def _of_call(self, call: Node) -> Iterator[JwtCall]:
        name = self.module.text(call.child_by_field_name("name"))
        owner = self.module.text(call.child_by_field_name("object"))[-60:]
        given = self.arguments(call)
        if owner == "Algorithm" or owner.endswith(".Algorithm"):
            if name == "none":
                yield JwtCall("accept", "java-jwt", call, unsigned=True)
            elif name in _MAKERS and given:
                yield JwtCall("sign", "java-jwt", call, (self.key(given[0]),), ("HS256",))
        elif name == "decode" and owner in {"JWT", "com.auth0.jwt.JWT"} and given:
            yield JwtCall("decode", "java-jwt", call, verified=self._is_verified(call, given[0]))
        elif name in {"sign", "compact", "build"}:
            yield from self._of_builder(call, name)
        elif name in _JJWT_KEYS or name in _JJWT_PARSES or name == "unsecured":
            yield from self._of_jjwt(call, name, given)
            if name == "parse" and owner in {"SignedJWT", "JWTParser"} and given:
                yield from self._of_nimbus(call)
        elif name in {"setSkipSignatureVerification", "setDisableRequireSignature"}:
            yield JwtCall("decode", "jose4j", call)
        elif name == "setSkipAllValidators":
            yield JwtCall("verify", "jose4j", call, expiry_off=True)

    def _of_builder(self, call: Node, name: str) -> Iterator[JwtCall]:
        """Read the last call on a builder of tokens or of claims."""
        chain = self.chain(call)
        if name == "sign" and {"create", "JWT"} <= set(chain):
            yield JwtCall("sign", "java-jwt", self._start(chain), endless=self._chain_endless(chain))
        elif name == "compact" and {"builder", "Jwts"} <= set(chain):
            unsigned = "signWith" not in chain and "encryptWith" not in chain
            yield JwtCall("sign", "jjwt", call, unsigned=unsigned, endless=self._chain_endless(chain))
        elif name == "build" and "new JWTClaimsSet.Builder" in chain:
            yield JwtCall("sign", "nimbus", self._start(chain), endless=self._chain_endless(chain))

    def _of_jjwt(self, call: Node, name: str, given: list[Node]) -> Iterator[JwtCall]:
        """Read the keys and the parsing calls of jjwt."""
        m = self.module
        if name in _JJWT_KEYS:
            keys = tuple(
                key
                for place in _JJWT_KEYS[name]
                if place < len(given)
                for key in [self.key(given[place])]
                if key.origin is not None or key.public
            )
            if keys and (b"jsonwebtoken" in m.data or b"Jwts" in m.data):
                shared = ("HS256",) if any("HS" in m.text(node) for node in given) else ()
                yield JwtCall("sign" if name == "signWith" else "verify", "jjwt", call, keys, shared)
        elif "Jwts" in self.chain(call):
            if name == "unsecured":
                yield JwtCall("accept", "jjwt", call, unsigned=True)
            elif len(given) == 1:
                yield JwtCall("decode", "jjwt", call)

    def _of_nimbus(self, call: Node) -> Iterator[JwtCall]:
        """Read `SignedJWT.parse(token)`, whose claims are read in the same method."""
        m = self.module
        function = self.function_of(call)
        source = m.text(function) if function is not None else ""
        if "getJWTClaimsSet" in source and not re.search(r"\.verify\(|\.process\(|[vV]erif\w*\(", source):
            yield JwtCall("decode", "nimbus", call)

    @staticmethod
    def _start(chain: dict[str, Node]) -> Node:
        return min(chain.values(), key=lambda node: node.start_byte)

    def _chain_endless(self, chain: dict[str, Node]) -> bool:
        """Return whether a chain of a builder shows all claims, with no end among them."""
        if _ENDS & set(chain) or _MAPS & set(chain):
            return False
        named = [self.arguments(node)[:1] for method, node in chain.items() if method in {"claim", "withClaim"}]
        exp = ('"exp"', "Claims.EXPIRATION", "PublicClaims.EXPIRES_AT", "EXP")
        source = "".join(self.module.text(node)[:20_000] for node in chain.values() if node.type == "method_invocation")
        return not any(self.module.text(one) in exp for given in named for one in given) and '"exp"' not in source

    @cached_property
    def verifying(self) -> list[Node]:
        """Return the calls that verify something."""
        named = (
            (call, self.module.text(call.child_by_field_name("name"))) for call in self.module.of("method_invocation")
        )
        return [call for call, name in named if re.match(r"verif|validat", name)][:100]

    def _is_verified(self, call: Node, token: Node) -> bool:
        text = self.module.text(token)
        others = [
            other
            for other in (self.verifying if self.may_ask() else ())
            if any(
                text in self.module.text(argument) or "verifier" in self.module.text(other).lower()
                for argument in self.arguments(other)
            )
        ]
        return self.verified_too(call, others)

    def _of_class(self, node: Node) -> Iterator[JwtCall]:
        m = self.module
        name = m.text(node.child_by_field_name("type"))
        given = self.arguments(node)
        if name == "PlainJWT":
            yield JwtCall("accept", "nimbus", node, unsigned=True)
        elif (
            name in _CLASSES
            and given
            and not (name == "SecretKeySpec" and b"Jwt" not in m.data and b"JWT" not in m.data)
        ):
            if name == "SecretKeySpec" and not re.search(r"(?i)hmac|HS\d", m.text(given[-1])):
                return
            yield JwtCall("sign", "nimbus", node, (self.key(given[0]),), ("HS256",))
