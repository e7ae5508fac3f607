"""Calls of the JWT libraries of Go: golang-jwt and its ancestors, jwx, go-jose, middleware of echo, gin and fiber."""

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

    from pytest_superteam.scanners.languages.go import GoModule

__all__ = ["go_calls", "go_imports", "go_settings"]

_LIBRARY = re.compile(r"jwt|jose|jwx|jws", re.IGNORECASE)
_READS = frozenset({"ParseUnverified", "ParseInsecure", "UnsafeClaimsWithoutVerification", "ParseNoVerify"})
_VERIFIES = frozenset({"Parse", "ParseWithClaims", "ParseString", "Verify", "ParseSigned", "Claims"})
_KEYED = {
    "SignedString": (0,),
    "JWT": (0,),
    "NewHS256": (0,),
    "NewSignerHS": (1,),
    "NewVerifierHS": (1,),
    "WithKey": (1,),
}
_KEYED |= {"NewHMAC": (0,), "NewHS512": (0,)}
_PACKAGE_KEYED = {
    "New": (1,),
    "Sign": (1, 2),
    "Encode": (1, 2),
    "Verify": (1, 2),
    "ParseString": (1,),
    "NewWithSecret": (0,),
}
_FIELDS = frozenset({"SigningKey", "Key", "Secret", "ValidationKey", "SigningKeys"})
_PASSED = frozenset({"DecodeString", "byte", "string", "Must", "Sum256", "NewReader"})
_NAMES_EXP = re.compile(r"exp", re.IGNORECASE)
_FUNCTIONS = ("func_literal", "function_declaration", "method_declaration")


def go_calls(module: GoModule) -> tuple[JwtCall, ...]:
    """Return the uses of JWT libraries in `module`."""
    return kept(module, "calls", lambda: tuple(_reader(module).calls()))


def go_imports(module: GoModule) -> bool:
    """Return whether the module imports a JWT library."""
    return bool(_reader(module).packages)


def go_settings(module: GoModule, wants: Callable[[str], bool]) -> Iterator[JwtSetting]:
    """Yield constants, variables and struct fields with literal values whose name `wants` takes."""
    reader = _reader(module)
    for name, value, place in reader.bound():
        if wants(name):
            text, origin = reader.text_of(value)
            if origin is not None:
                yield JwtSetting(name, text, place, origin)


def _reader(module: GoModule) -> _Reader:
    return kept(module, "reader", lambda: _Reader(module))


class _Reader(Grammar):
    functions = _FUNCTIONS
    strings = frozenset({"interpreted_string_literal", "raw_string_literal"})

    def __init__(self, module: GoModule) -> None:
        super().__init__(module)
        self.packages: set[str] = set()
        for spec in module.of("import_spec"):
            path = module.text(spec.child_by_field_name("path")).strip('"`')
            if _LIBRARY.search(path) or path.endswith(("echo/v4/middleware", "/jwa")):
                name = spec.child_by_field_name("name")
                last = re.sub(r"/v\d+$", "", path).rsplit("/", 1)[-1]
                self.packages |= {module.text(name) or last, re.sub(r"\.v\d+$|^go-|-go$", "", last)}
        if not any(True for _ in module.of("import_spec")) and b"jwt." in module.data:
            self.packages.add("jwt")
        self.packages |= {"jwt"} if self.packages else set()

    # ---- values -----------------------------------------------------------------------------------------------------

    def bound(self) -> Iterator[tuple[str, Node, Node]]:
        """Yield name, value and place of everything that is bound to one expression."""
        m = self.module
        for node in m.of("short_var_declaration", "assignment_statement"):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None and right is not None and len(left.named_children) == len(right.named_children):
                for target, value in zip(left.named_children, right.named_children, strict=True):
                    yield m.text(target).rsplit(".", 1)[-1][:100], value, node
        for node in m.of("var_spec", "const_spec"):
            said = node.child_by_field_name("value")
            names = node.children_by_field_name("name")
            if said is not None and len(names) == len(said.named_children):
                pairs = zip(names, said.named_children, strict=True)
                yield from ((m.text(name), inner, node) for name, inner in pairs)
        for node in m.of("keyed_element"):
            parts = node.named_children
            if len(parts) == 2:
                yield m.text(parts[0]).strip('"')[:100], parts[1], node

    def following(self, node: Node) -> list[Node]:
        """Return the expressions of which one may be the value of `node`."""
        if node.type in {"literal_element", "parenthesized_expression", "expression_list"}:
            return self.module.children(node)[:1]
        if node.type == "type_conversion_expression":
            operand = node.child_by_field_name("operand")
            return [operand] if operand is not None else []
        if node.type in {"identifier", "selector_expression"}:
            return self.values_of(node)
        if node.type != "call_expression":
            return []
        name, given = self.name_of(node), self.arguments(node)
        if name.rsplit(".", 1)[-1] in _PASSED:
            return given[:1]
        return given[1:] if len(given) == 2 and re.search(r"env|default", name, re.IGNORECASE) else []

    def key(self, node: Node) -> JwtKey:
        """Return the key that an expression is."""
        text, origin = self.text_of(node)
        source = self.module.text(node)[:300]
        return JwtKey(text, origin, re.split(r"[.()]", source.rstrip(")"))[-1], public=is_public_name(source))

    @cached_property
    def verifying(self) -> dict[str, list[Node]]:
        """Return the calls that verify a token, by how it is spelled."""
        found: dict[str, list[Node]] = {}
        for call in self.module.of("call_expression"):
            given = self.arguments(call)
            if given and self.name_of(call).rsplit(".", 1)[-1] in _VERIFIES:
                found.setdefault(self.module.text(given[0]), []).append(call)
        return found

    # ---- calls ------------------------------------------------------------------------------------------------------

    def calls(self) -> Iterator[JwtCall]:
        """Yield the uses of JWT libraries."""
        if not self.packages:
            return
        yield from self._none_names()
        for call in self.module.of("call_expression"):
            yield from self._of_call(call)
        for node in self.module.of("keyed_element", "assignment_statement"):
            yield from self._of_field(node)
        for statement in self.module.of("return_statement"):
            yield from self._of_key_function(statement)

    def _none_names(self) -> Iterator[JwtCall]:
        m = self.module
        for node in m.of("selector_expression"):
            name = m.text(node.child_by_field_name("field"))
            if name not in {"SigningMethodNone", "UnsafeAllowNoneSignatureType", "NoSignature"}:
                continue
            holder = m.parent(node)
            if holder is not None and holder.type in {
                "binary_expression",
                "expression_case",
                "type_case",
                "selector_expression",
            }:
                continue
            kinds = {"argument_list", "literal_element", "call_expression", "expression_list"}
            place = node
            while holder is not None and holder.type in kinds and m.line(holder) >= 1:
                if holder.type == "call_expression":
                    place = holder
                holder = m.parent(holder)
            yield JwtCall("accept", "golang-jwt", place, unsigned=True)

    def _of_call(self, call: Node) -> Iterator[JwtCall]:
        name = self.name_of(call)
        package, _, _ = name.partition(".")
        last = name.rsplit(".", 1)[-1]
        given = self.arguments(call)
        ours = package in self.packages
        if last in _READS:
            token = self.module.text(given[0]) if given else ""
            verified = self.verified_too(call, self.verifying.get(token, [])[:20])
            yield JwtCall("decode", "golang-jwt", call, verified=verified)
        elif ours and last == "WithVerify" and given and self.module.text(given[0]) == "false":
            yield JwtCall("decode", "jwx", call)
        elif ours and (
            last == "WithoutClaimsValidation" or (last == "WithValidate" and self.module.text(call).endswith("(false)"))
        ):
            yield JwtCall("verify", "golang-jwt", call, expiry_off=True)
        elif ours and last in {"WithValidMethods", "GetSigningMethod"}:
            names = tuple(
                n
                for n in (self.module.text(s)[1:-1] for s in self.module.inside(call, "interpreted_string_literal"))
                if n
            )
            trusts = last == "GetSigningMethod" and 'Header["alg"]' in self.module.text(call)
            yield JwtCall("verify", "golang-jwt", call, algorithms=() if trusts else names, trusts_header=trusts)
        elif ours and last in {"NewWithClaims", "New"} and given and "SigningMethod" in self.module.text(given[0]):
            yield JwtCall("sign", "golang-jwt", call, endless=self._endless(call, given))
        positions = _KEYED.get(last, _PACKAGE_KEYED.get(last, ()) if ours else ())
        if positions and (ours or last == "SignedString"):
            keys = tuple(self.key(given[p]) for p in positions if p < len(given) and self._may_be_key(given[p]))
            if keys:
                yield JwtCall("sign", "golang-jwt", call, keys)

    def _may_be_key(self, node: Node) -> bool:
        """Return whether an argument may be a key: bytes, or a name; no name of an algorithm."""
        return node.type not in {"interpreted_string_literal", "func_literal"} or len(self.module.text(node)) > 8

    def _endless(self, call: Node, given: list[Node]) -> bool:
        """Return whether the claims are shown, with no end among them, and none is set on them later."""
        m = self.module
        function = self.function_of(call)
        if not self.may_ask():
            return False
        if len(given) < 2:
            return function is not None and b'"exp"' not in m.data[function.start_byte : function.end_byte]
        value: Node | None = given[1]
        if value is not None and value.type == "identifier":
            scope = function if function is not None else m.root
            name = m.text(value)
            source = m.text(scope)
            if re.search(
                rf'\b{re.escape(name)}\["exp"\]|\b{re.escape(name)}(?:\.\w+)?\.(?:ExpiresAt|Exp\w*)\s*=', source
            ):
                return False
            values = self.values_of(value)
            value = values[0] if len(values) == 1 else None
        if value is not None and value.type == "unary_expression":
            value = value.child_by_field_name("operand")
        if value is None or value.type != "composite_literal":
            return False
        source = m.text(value)
        for inner in m.inside(value, "identifier"):
            bound = self.values_of(inner)
            source += "".join(m.text(one) for one in bound if one.type in {"composite_literal", "unary_expression"})
        keyed = "{}" in source.replace(" ", "") or any(True for _ in m.inside(value, "keyed_element"))
        return keyed and _NAMES_EXP.search(re.sub(r"//[^\n]*", "", source)) is None

    def _of_field(self, node: Node) -> Iterator[JwtCall]:
        m = self.module
        parts = [c for c in (node.child_by_field_name("left"), node.child_by_field_name("right")) if c is not None]
        parts = parts or node.named_children
        if len(parts) != 2:
            return
        name, value = m.text(parts[0]).rsplit(".", 1)[-1], parts[1]
        if name == "SkipClaimsValidation" and m.text(value) == "true":
            yield JwtCall("verify", "golang-jwt", self.start_of(node), expiry_off=True)
        elif name == "ValidMethods":
            names = tuple(m.text(s)[1:-1] for s in m.inside(value, "interpreted_string_literal"))
            yield JwtCall("verify", "golang-jwt", self.start_of(node), algorithms=names)
        elif name in _FIELDS and node.type == "keyed_element":
            holder = next((a for a in m.ancestors(node) if a.type == "composite_literal"), None)
            kind = m.text(holder.child_by_field_name("type")) if holder is not None else ""
            if "JWT" in kind or kind.split(".")[0].lstrip("&*") in self.packages:
                yield JwtCall("verify", "middleware", self.start_of(node), (self.key(value),))

    def start_of(self, node: Node) -> Node:
        """Return the call or the literal that an element stands in, which is where a finding about it is shown."""
        place = node
        for holder in self.module.ancestors(node):
            if holder.type in {"composite_literal", "call_expression"}:
                place = holder
            elif holder.type not in {
                "literal_value",
                "literal_element",
                "argument_list",
                "unary_expression",
                "keyed_element",
            }:
                break
        return place

    def _of_key_function(self, statement: Node) -> Iterator[JwtCall]:
        """Read `return []byte("secret"), nil` in a function that gives a parser its key."""
        m = self.module
        function = self.function_of(statement)
        if function is None:
            return
        parameters = m.text(function.child_by_field_name("parameters"))
        if not any(f"*{package}.Token" in parameters for package in self.packages):
            return
        values = next(iter(m.children(statement)), None)
        first = next(iter(m.children(values)), None)
        if first is None or m.text(first) == "nil":
            return
        key = self.key(first)
        shared = ("HS256",) if "byte" in m.text(first) else ()
        yield JwtCall("verify", "golang-jwt", statement, (key,), algorithms=shared)
