"""Whether an expression of JavaScript shows something sensitive when it is logged."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.logs.calls import (
    TEXTS,
    hides,
    is_body_secret,
    is_card_number,
    is_credential_entry,
    is_credential_header,
    is_credential_object,
    is_mask,
    is_secret_name,
    is_session_cookie,
    makes_secret,
)
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS, IDENTIFIERS
from pytest_superteam.scanners.languages.python import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.languages.javascript_bindings import Binding

__all__ = ["SecretReader"]

_MAX_DEPTH = 40
_STEPS = 2000
"""Expressions that are read for one argument of a log call."""
_MEMBERS = frozenset({"member_expression", "subscript_expression"})
_CONSTANT = frozenset({"string", "number", "true", "false", "null", "undefined", "regex"})
_PASSING = frozenset({
    "toString", "trim", "toLowerCase", "toUpperCase", "concat", "join", "split", "padEnd", "padStart", "valueOf",
    "toJSON", "trimEnd", "trimStart", "at", "normalize", "toObject", "map",
})  # fmt: skip
_WRAPPERS = frozenset({
    "String", "JSON.stringify", "util.inspect", "inspect", "util.format", "format", "Object.assign", "Object.entries",
    "Object.values", "Object.fromEntries", "Buffer.from", "btoa", "atob", "encodeURIComponent", "decodeURIComponent",
    "structuredClone", "stringify", "_.cloneDeep", "_.pick", "Array.from", "Error", "qs.stringify",
    "querystring.stringify", "sprintf", "util.promisify", "toString", "Promise.resolve", "yaml.dump",
})  # fmt: skip
_READERS = frozenset(
    {"get", "header", "getHeader", "getRequestHeader", "getOrThrow", "getItem", "cookie", "param", "require"}
)
_CUTS = frozenset({"slice", "substring", "substr"})
_REQUEST = re.compile(r"(?:^|\.)(?:req|request|_req|ctx|context|event|evt|c)(?:\.req|\.request|\.raw)?$")
_SETTINGS = ("setting", "config", "env", "secret", "credential", "option", "constant", "conf")


class SecretReader:
    """Answers for the log calls of one module."""

    def __init__(self, module: JavaScriptModule) -> None:
        self._module = module
        self._seen: set[int] = set()
        self._steps = _STEPS

    def logged(self, node: Node) -> bool:
        """Return whether one argument of a log call shows something sensitive."""
        self._seen, self._steps = set(), _STEPS
        return self.shows(node, 0)

    # ---- what shows a secret ----------------------------------------------------------------------------------------

    def shows(self, node: Node | None, depth: int) -> bool:
        """Return whether the expression shows something sensitive."""
        self._steps -= 1
        node = self._module.unwrap(node) if self._steps > 0 else None
        if node is None or depth > _MAX_DEPTH or node.type in _CONSTANT or node.type in FUNCTIONS:
            return False
        kind = node.type
        if kind in IDENTIFIERS:
            return self._shows_name(node, depth)
        if kind in _MEMBERS:
            return self._shows_member(node, depth)
        if kind in {"call_expression", "new_expression"}:
            return self._shows_call(node, depth)
        if kind == "object":
            return any(self._shows_entry(item, depth) for item in self._module.children(node))
        return any(self.shows(part, depth + 1) for part in self._parts(node))

    def _parts(self, node: Node) -> list[Node]:
        """Return the expressions that are seen in the text of `node`."""
        module = self._module
        fields: tuple[str, ...] = ()
        if node.type == "ternary_expression":
            fields = ("consequence", "alternative")
        elif node.type == "binary_expression":
            operator = module.text(node.child_by_field_name("operator"))
            fields = {"+": ("left", "right"), "||": ("left", "right"), "??": ("left", "right"), "&&": ("right",)}.get(
                operator, ()
            )
        elif node.type in {"assignment_expression", "augmented_assignment_expression"}:
            fields = ("right",)
        elif node.type in {"template_string", "template_substitution", "array", "spread_element"}:
            return module.children(node)
        return [child for name in fields if (child := node.child_by_field_name(name)) is not None]

    def _shows_entry(self, item: Node, depth: int) -> bool:
        module = self._module
        if item.type == "pair":
            key, value = item.child_by_field_name("key"), item.child_by_field_name("value")
            if key is not None and key.type == "computed_property_name":
                name: str | None = str(module.literal(next(iter(module.children(key)), None)))
            else:
                name = module.key(key)
            if name and (is_secret_name(name) or is_credential_header(name)) and not self.is_safe(value, depth + 1):
                return True
            return self.shows(value, depth + 1)
        if item.type == "spread_element":
            return any(self.shows(inner, depth + 1) for inner in module.children(item))
        return item.type in IDENTIFIERS and self._shows_name(item, depth)

    def _shows_name(self, node: Node, depth: int) -> bool:
        module = self._module
        if node.id in self._seen:
            return False
        self._seen.add(node.id)
        name = module.text(node)
        bindings = module.lookup(node)
        if any(binding.kind in {"function", "class", "enum"} for binding in bindings):
            return False
        if is_secret_name(name):
            imported = any(binding.kind == "import" for binding in bindings) and not name.isupper()
            if imported or (name[:1].isupper() and not name.isupper()) or self._is_piece(name, bindings):
                return False
            return not self._bound_safely(node, bindings, depth)
        declared = module.declared_type(node)
        if declared is not None and is_credential_object(module.text(declared).strip(": ")):
            return True
        if is_credential_object(name) and any(binding.kind == "parameter" for binding in bindings):
            return True
        return self._is_filled(node) or any(self._carries(binding, depth) for binding in bindings)

    def _carries(self, binding: Binding, depth: int) -> bool:
        """Return whether what a name is bound to holds something sensitive, whatever the name says."""
        last = str(binding.path[-1]) if binding.path else ""
        if last and last != "..." and not last.isdigit():
            return is_secret_name(last) or is_credential_header(last)
        value = binding.value
        if value is None or value.id in self._seen or binding.kind in {"loop", "catch"}:
            return False
        self._seen.add(value.id)
        return self.shows(value, depth + 1)

    def _is_piece(self, name: str, bindings: list[Binding]) -> bool:
        """Return whether a name is that of a piece of text, in a module that goes through such pieces."""
        if bindings and all(binding.kind == "loop" for binding in bindings):
            return True
        return name == "token" and name in self._looped

    @cached_property
    def _looped(self) -> frozenset[str]:
        """Return the names that loops of the module, and callbacks for each item, give to one item after the other."""
        module = self._module
        targets = [loop.child_by_field_name("left") for loop in module.of("for_in_statement")]
        for function in module.of("arrow_function"):
            given = module.parent(function)
            call = module.parent(given) if given is not None else None
            callee = module.callee(call) if call is not None and call.type == "call_expression" else None
            if callee is not None and module.dotted(callee).endswith(("okens.map", "okens.forEach", "okens.filter")):
                targets += module.parameters(function)[:1]
        return frozenset(module.text(target).removeprefix("const ").removeprefix("let ") for target in targets)

    def _is_filled(self, node: Node) -> bool:
        """Return whether credentials are put into an object of that name: `headers.Authorization = ...`."""
        for key, value in self._module.members_set(node).items():
            if (is_credential_header(key) or is_secret_name(key)) and not self.is_safe(value, 1):
                return True
        return False

    def _owner(self, node: Node) -> str:
        """Return what a member belongs to, as it is written, without line breaks and question marks."""
        text = self._module.text(node.child_by_field_name("object"))[:200]
        return re.sub(r"\s+|\?(?=\.)|!(?=\.|$)", "", text).removeprefix("this.")

    def _shows_member(self, node: Node, depth: int) -> bool:  # noqa: C901  # one case for each kind of syntax
        module = self._module
        name = module.member_name(node)
        owner = self._owner(node)
        last = re.split(r"\W+", owner)[-1] if owner else ""
        if name is None:
            if owner == "process.env":
                return is_secret_name(module.text(node.child_by_field_name("index")))
            return last.lower() in {"secrets", "passwords", "credentials", "tokens"}
        if name.isdecimal():
            if name == "0" and re.search(r"\.split\([^()]{1,12}\)$", owner):
                return False  # the scheme of a header
            return self.shows(node.child_by_field_name("object"), depth + 1)
        if owner == "process" and name == "env":
            return True
        if name in {"headers", "header", "cookies", "rawHeaders"} and _REQUEST.search(owner):
            return True
        if name == "body" and _REQUEST.search(owner):
            return self._is_credential_body(node)
        if last.lower() in {"cookies", "cookie"} and is_session_cookie(name):
            return True
        if name in {"value", "data", "raw", "text", "key", "plaintext"} and is_secret_name(last):
            return True
        if is_credential_entry(last, name):
            return True
        if is_credential_header(name) and (name != "cookie" or "header" in owner.lower()):
            return True
        if is_card_number(last, name):
            return True
        if not is_secret_name(name) or last.lower() in TEXTS:
            return False
        root = re.split(r"\W+", owner)[-1] if owner else ""
        enum = name.isupper() and root[:1].isupper() and not any(word in root.lower() for word in _SETTINGS)
        if enum:
            return False
        value = module.resolve(node)
        return value is None or value.id == node.id or not self._fixed(value)

    def _fixed(self, value: Node) -> bool:
        literal = self._module.literal(value) if value.type in _CONSTANT else UNKNOWN
        return literal is not UNKNOWN and is_mask(literal)

    def _shows_call(self, node: Node, depth: int) -> bool:  # noqa: C901  # one case for each kind of syntax
        module = self._module
        callee = module.unwrap(module.callee(node))
        given = module.arguments(node)
        if callee is None:
            return False
        member = callee.type in _MEMBERS
        name = (module.member_name(callee) or "") if member else module.text(callee)
        written = module.dotted(callee)
        qualified = module.qualname(callee)
        owner = callee.child_by_field_name("object")
        if member and name in _CUTS:
            return not self._is_cut(given) and self.shows(owner, depth + 1)
        if member and name in {"replace", "replaceAll"}:
            masked = (
                len(given) > 1
                and module.literal(given[1]) not in {"", UNKNOWN, "$1"}
                and is_mask(module.literal(given[1]))
            )
            return not masked and (len(given) < 2 or given[1].type not in FUNCTIONS) and self.shows(owner, depth + 1)
        if name in _READERS and given:
            key = module.literal(given[-1] if name == "getRequestHeader" else given[0])
            if isinstance(key, str):
                return self._reads(callee, key)
        if (
            written == "JSON.stringify"
            and len(given) > 1
            and given[1].type != "null"
            and module.text(given[1]) != "undefined"
        ):
            return False
        if member and name in {"json", "text", "formData", "parseBody"} and _REQUEST.search(self._owner(callee)):
            return self._is_credential_body(node)
        if hides(name):
            return False
        if (
            makes_secret(name)
            or qualified in {"jsonwebtoken.sign", "jwt.sign"}
            or qualified.endswith(("JwtService.sign", "JwtService.signAsync"))
        ):
            return True
        if re.match(r"jwt(?:Service)?\.sign(?:Async)?$|.*\.jwt(?:Service)?\.sign(?:Async)?$", written):
            return True
        if member and name in _PASSING:
            parts = [owner, *(given if name == "concat" else [])]
            return any(self.shows(part, depth + 1) for part in parts)
        if (
            written in _WRAPPERS
            or qualified in _WRAPPERS
            or name.endswith("Error")
            or written.startswith(("chalk.", "colors.", "kleur.", "pc."))
        ):
            return any(self.shows(part, depth + 1) for part in given)
        return False  # what another function makes of a secret is not the secret

    def _reads(self, callee: Node, key: str) -> bool:
        """Return whether `x.get(key)` reads a credential: a header, a cookie, a setting, an item of storage."""
        owner = self._owner(callee).lower() if callee.type in _MEMBERS else ""
        if "cookie" in owner:
            return is_session_cookie(key)
        return is_credential_header(key) or is_secret_name(key)

    def _is_cut(self, given: list[Node]) -> bool:
        """Return whether `slice` leaves only a few characters: `(0, 4)`, `(-4)`; not `(7)`."""
        figures = [self._module.literal(argument) for argument in given[:2]]
        first = figures[0] if figures and isinstance(figures[0], (int, float)) else None
        second = figures[1] if len(figures) > 1 and isinstance(figures[1], (int, float)) else None
        if second is not None and first is not None:
            return 0 < second <= 24 or first < 0
        return first is not None and -12 <= first < 0

    # ---- what does not ----------------------------------------------------------------------------------------------

    def is_safe(self, node: Node | None, depth: int) -> bool:  # noqa: C901  # one case for each kind of syntax
        """Return whether a value that is called a secret is none: fixed, compared, measured, masked, cut."""
        module = self._module
        self._steps -= 1
        node = module.unwrap(node) if self._steps > 0 else None
        if node is None or depth > _MAX_DEPTH or node.type in FUNCTIONS:
            return True
        kind = node.type
        if kind in _CONSTANT:
            return is_mask(module.literal(node))
        if kind == "unary_expression":
            return True
        if kind == "template_string":
            parts = module.children(node)
            inside = [p for part in parts if part.type == "template_substitution" for p in module.children(part)]
            return (
                is_mask(module.text(node).strip("`")) if not inside else all(self.is_safe(p, depth + 1) for p in inside)
            )
        if kind == "binary_expression":
            operator = module.text(node.child_by_field_name("operator"))
            if operator in {"+", "||", "??"}:
                sides = [node.child_by_field_name(name) for name in ("left", "right")]
                return all(
                    side is not None and (side.type in _CONSTANT or self.is_safe(side, depth + 1)) for side in sides
                )
            return operator != "&&" or self._branch(node.child_by_field_name("right"), depth)
        if kind == "ternary_expression":
            return all(self._branch(node.child_by_field_name(name), depth) for name in ("consequence", "alternative"))
        if kind in {"call_expression", "new_expression"}:
            return self._is_safe_call(node, depth)
        if kind in _MEMBERS:
            return self._is_safe_member(node)
        if kind in IDENTIFIERS:
            return self._bound_safely(node, module.lookup(node), depth)
        return kind in {"object", "array"} and not self.shows(node, depth + 1)

    def _branch(self, node: Node | None, depth: int) -> bool:
        return node is None or node.type in _CONSTANT or self.is_safe(node, depth + 1)

    def _is_safe_call(self, node: Node, depth: int) -> bool:
        module = self._module
        callee = module.unwrap(module.callee(node))
        if callee is None:
            return True
        name = (module.member_name(callee) or "") if callee.type in _MEMBERS else module.text(callee)
        given = module.arguments(node)
        if name in _CUTS:
            return self._is_cut(given)
        if name in {"replace", "replaceAll"}:
            return (
                not self.shows(node, depth + 1)
                and len(given) > 1
                and is_mask(module.literal(given[1]))
                and module.literal(given[1]) != ""
            )
        if name == "repeat":
            return True
        return hides(name) or (name == "String" and bool(given) and self.is_safe(given[0], depth + 1))

    def _is_safe_member(self, node: Node) -> bool:
        name = self._module.member_name(node) or ""
        return name.lower() in {
            "length",
            "id",
            "name",
            "type",
            "hash",
            "present",
            "valid",
            "exists",
            "expiry",
            "expiresin",
            "kid",
            "size",
        }

    def _bound_safely(self, node: Node, bindings: list[Binding], depth: int) -> bool:
        """Return whether all that a name is bound to may be logged."""
        module = self._module
        declared = module.declared_type(node)
        if declared is not None and module.text(declared).strip(": ") in {"boolean", "number", "bool"}:
            return True
        values = [b.value for b in bindings if b.value is not None and not b.path and b.value.id not in self._seen]
        open_ended = any(b.path or b.kind in {"parameter", "import", "catch", "loop"} for b in bindings)
        self._seen.update(value.id for value in values)
        return bool(values) and not open_ended and all(self.is_safe(value, depth + 1) for value in values)

    # ---- request bodies ---------------------------------------------------------------------------------------------

    def _is_credential_body(self, node: Node) -> bool:
        """Return whether the body of this request holds a password, by the handler's name, its path or what is read."""
        module = self._module
        if any(is_body_secret(place) for place in self._places(node)):
            return True
        function = module.function_of(node)
        text = module.text(node)
        if function is None:
            return False
        for member in module.inside(function, "member_expression"):
            if module.text(member.child_by_field_name("object")) == text and is_secret_name(
                module.member_name(member) or ""
            ):
                return True
        for declarator in module.inside(function, "variable_declarator"):
            pattern = declarator.child_by_field_name("name")
            value = module.unwrap(declarator.child_by_field_name("value"))
            if pattern is None or pattern.type != "object_pattern" or module.text(value) != text:
                continue
            names = module.inside(pattern, "shorthand_property_identifier_pattern")
            if any(is_secret_name(module.text(name)) for name in names):
                return True
        return False

    def _places(self, node: Node) -> Iterator[str]:
        """Yield the names and paths of the handlers around `node`."""
        module = self._module
        for ancestor in module.ancestors(node):
            if ancestor.type in FUNCTIONS:
                yield module.name_of(ancestor)
                for name, call, _ in module.decorators(ancestor):
                    first = module.argument(call, 0) if call is not None else None
                    yield f"{name} {module.string(first) or ''}" if first is not None else ""
            elif ancestor.type in {"class_declaration", "class"}:
                yield module.name_of(ancestor)
            elif ancestor.type == "call_expression":
                first = module.argument(ancestor, 0)
                path = module.string(first) if first is not None and first.type == "string" else None
                if path is not None and path.startswith("/"):
                    yield path
