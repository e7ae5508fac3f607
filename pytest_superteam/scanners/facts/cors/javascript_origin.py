"""The Origin of a request in JavaScript: where it is read, whether it is compared, what callbacks make of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.cors.policies import is_wildcard, matches_any_origin
from pytest_superteam.scanners.languages.javascript import Regex
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS, IDENTIFIERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["OriginReader", "Origins"]

_MAX_DEPTH = 8
_NEVER = 1 << 60
_MAX_NODES = 400
_CALLS = frozenset({"call_expression", "new_expression"})
_READERS = frozenset({"header", "get", "getHeader", "getRequestHeader", "getHeaders"})
_HOLDER = re.compile(
    r"(?:^|\W|_)(?:req\w*|request|ctx|context|event|evt|headers?\w*|c|r|_req|incoming\w*)(?:$|\W)", re.IGNORECASE
)
_CHECKER = re.compile(
    r"allow|valid|trust|check|permit|known|match|safe|accept|verif|whitelist|include|is[A-Z_]", re.IGNORECASE
)
_MEASURES = frozenset({"Boolean", "String", "console.log", "logger.info", "console.info"})
_EQUAL = frozenset({"===", "==", "!==", "!=", "in"})
_EXITS = frozenset({"return_statement", "throw_statement", "break_statement", "continue_statement"})


@dataclass(frozen=True)
class Origins:
    """What an option for origins allows."""

    wildcard: bool = False
    reflected: bool = False

    def __or__(self, other: Origins) -> Origins:
        """Return what either of two values allows."""
        return Origins(self.wildcard or other.wildcard, self.reflected or other.reflected)


class OriginReader:
    """Answers questions about origins in one module."""

    def __init__(self, module: JavaScriptModule) -> None:
        self._module = module
        self._guards: dict[tuple[int, frozenset[str]], int] = {}

    # ---- options ----------------------------------------------------------------------------------------------------

    def allowed(self, node: Node | None, depth: int = 0) -> Origins:
        """Return what the value of an `origin` option allows: a text, a list, a pattern, `true`, a callback."""
        found = Origins()
        if node is None or depth > 4:
            return found
        module = self._module
        for choice in self.choices(node):
            target = module.resolve(choice)
            if target is not None and target.type in FUNCTIONS:
                found |= self._callback(target)
                continue
            if target is not None and target.type == "array":
                for item in module.children(target):
                    inner = (
                        module.children(item)[0] if item.type == "spread_element" and module.children(item) else item
                    )
                    found |= self._of_value(module.literal(inner), item=True)
            elif target is not None and target.type in _CALLS:
                found |= self._of_call(target, depth)
            for value in module.possible(choice):
                found |= self._of_value(value)
        return found

    def _of_value(self, value: object, *, item: bool = False) -> Origins:
        if isinstance(value, list):
            found = Origins()
            for inner in value:
                found |= self._of_value(inner, item=True)
            return found
        if isinstance(value, Regex):
            return Origins(reflected=matches_any_origin(value.pattern, full=False))
        if value is True:
            return Origins(reflected=not item)
        return Origins(wildcard=is_wildcard(value))

    def _of_call(self, call: Node, depth: int) -> Origins:
        """Look through `origins.split(",").map(...)`, `[...].concat(x)` and helpers that parse a variable."""
        module = self._module
        callee = module.unwrap(module.callee(call))
        if callee is not None and callee.type == "member_expression":
            name = module.member_name(callee)
            if name in {"map", "filter", "split", "concat", "trim", "flat", "flatMap"}:
                return self.allowed(callee.child_by_field_name("object"), depth + 1)
            if name == "parse" and module.argument(call, 0) is not None:
                return self.allowed(module.argument(call, 0), depth + 1)
            if name in {"get", "getOrThrow"} and module.argument(call, 1) is not None:
                return self.allowed(module.argument(call, 1), depth + 1)
        return Origins()

    def choices(self, node: Node) -> list[Node]:
        """Return the branches of a choice, or the node alone."""
        module = self._module
        found: list[Node] = []
        stack = [node]
        while stack and len(found) < 16:
            current = module.unwrap(stack.pop())
            if current is None:
                continue
            if current.type == "ternary_expression":
                fields: tuple[str, ...] = ("alternative", "consequence")
            elif current.type == "binary_expression" and module.text(current.child_by_field_name("operator")) in {
                "||",
                "??",
                "&&",
            }:
                fields = (
                    ("right",) if module.text(current.child_by_field_name("operator")) == "&&" else ("right", "left")
                )
            else:
                found.append(current)
                continue
            stack += [child for name in fields if (child := current.child_by_field_name(name)) is not None]
        return found

    def expanded(self, node: Node) -> list[Node]:
        """Return the branches of a choice, also of one that a name is bound to."""
        found: list[Node] = []
        for choice in self.choices(node):
            bound = self._module.bound(choice) if choice.type in IDENTIFIERS else None
            chosen = bound is not None and bound.type in {"ternary_expression", "binary_expression"}
            found += self.choices(bound) if chosen and bound is not None else [choice]
        return found

    # ---- callbacks --------------------------------------------------------------------------------------------------

    def _callback(self, function: Node) -> Origins:
        """Return what a function given as `origin` allows to every origin."""
        module = self._module
        names = [module.text(module.pattern(parameter)) for parameter in module.parameters(function)]
        origin = set(names[:1])
        found = Origins()
        answers = list(self._answers(function, names))
        for answer in answers:
            allowed = Origins()
            for value in self.choices(answer):
                if not self.is_checked(value, origin, function):
                    allowed |= self._answered(value, origin, names)
            found |= Origins(reflected=True) if allowed.reflected else allowed  # of `origin || "*"` the first counts
        if not found.reflected and self._all_branches(function, answers, origin, names):
            found |= Origins(reflected=True)
        return found

    def _answered(self, value: Node, origin: set[str], names: list[str]) -> Origins:
        module = self._module
        literal = module.literal(value)
        if literal is True:
            return Origins(reflected=True)
        if isinstance(literal, str):
            return Origins(wildcard=literal == "*")
        if value.type in IDENTIFIERS and module.text(value) in origin:
            return Origins(reflected=True)
        if value.type == "object":
            return self.allowed(module.option(value, "origin"), 3)
        return Origins(reflected=bool(names) and self.is_origin(value, set()))

    def _answers(self, function: Node, names: list[str]) -> Iterator[Node]:
        """Yield what the function hands to its callback, or returns where it has none that it calls."""
        module = self._module
        body = function.child_by_field_name("body")
        if body is None:
            return
        calls = [
            call
            for call in module.inside(body, "call_expression")
            if len(names) > 1 and module.text(module.callee(call)) == names[-1]
        ]
        for call in calls:
            given = module.argument(call, 1)
            first = module.argument(call, 0)
            if given is not None and (
                first is None or module.literal(first) in {None, False} or module.text(first) in {"null", "undefined"}
            ):
                yield given
        if calls:
            return
        if body.type != "statement_block":
            yield body
            return
        for statement in module.inside(body, "return_statement"):
            value = module.children(statement)
            if value and module.function_of(statement) == function:
                yield value[0]

    def _all_branches(self, function: Node, answers: list[Node], origin: set[str], names: list[str]) -> bool:
        """Return whether both branches of a comparison allow the origin, so that it decides nothing."""
        allowing = [a for a in answers if self._answered(a, origin, names).reflected]
        if len(allowing) < 2 or len(allowing) != len(answers):
            return False
        body = function.child_by_field_name("body")
        for statement in self._module.inside(body, "if_statement") if body is not None else ():
            branches = [statement.child_by_field_name(name) for name in ("consequence", "alternative")]
            if all(
                b is not None and any(b.start_byte <= a.start_byte < b.end_byte for a in allowing) for b in branches
            ):
                return True
        return False

    # ---- the header -------------------------------------------------------------------------------------------------

    def echo(self, value: Node, place: Node) -> str:
        """Return whether a value is the request's Origin: `checked`, `unchecked`, or empty where it is none."""
        found = ""
        for choice in self.expanded(value):
            names: set[str] = set()
            if self.is_origin(choice, names):
                checked = self.is_checked(choice, names, None) or self.is_checked(place, names, None)
                found = "checked" if checked and found != "unchecked" else "unchecked"
        return found

    def is_origin(self, node: Node | None, names: set[str], depth: int = 0) -> bool:
        """Return whether an expression is the request's Origin, and collect the names that it went through."""
        module = self._module
        node = module.unwrap(node)
        if node is None or depth > _MAX_DEPTH:
            return False
        if node.type in IDENTIFIERS:
            return self._is_origin_name(node, names, depth)
        if node.type in {"member_expression", "subscript_expression"}:
            name = module.member_name(node)
            if name is not None and name.lower() == "origin":
                return self._holds_headers(node.child_by_field_name("object"))
            if name == "0":
                return self.is_origin(node.child_by_field_name("object"), names, depth + 1)
            return False
        if node.type == "call_expression":
            return self._is_origin_call(node, names, depth)
        if node.type == "template_string":
            inside = module.children(node)
            parts = [child for child in inside if child.type == "template_substitution"]
            whole = len(inside) == 1 and len(parts) == 1
            return whole and self.is_origin(next(iter(module.children(parts[0])), None), names, depth + 1)
        if node.type in {"binary_expression", "ternary_expression"}:
            choices = self.choices(node)
            return choices != [node] and any(self.is_origin(choice, names, depth + 1) for choice in choices)
        return False

    def _is_origin_name(self, node: Node, names: set[str], depth: int) -> bool:
        module = self._module
        names.add(module.text(node))
        for binding in module.lookup(node):
            if binding.path:
                if str(binding.path[-1]).lower() == "origin" and (
                    "headers" in binding.path or (binding.value is not None and self._holds_headers(binding.value))
                ):
                    return True
            elif (
                binding.value is not None
                and binding.kind != "parameter"
                and self.is_origin(binding.value, names, depth + 1)
            ):
                return True
        return False

    def _is_origin_call(self, node: Node, names: set[str], depth: int) -> bool:
        module = self._module
        callee = module.unwrap(module.callee(node))
        given = module.arguments(node)
        if callee is None:
            return False
        if callee.type == "identifier":
            name = module.text(callee)
            if name in {"String", "decodeURIComponent"} and given:
                return self.is_origin(given[0], names, depth + 1)
            return name in _READERS and len(given) > 1 and str(module.literal(given[1])).lower() == "origin"
        method = module.member_name(callee) if callee.type == "member_expression" else None
        owner = callee.child_by_field_name("object")
        if method in {"toString", "trim", "toLowerCase"}:
            return self.is_origin(owner, names, depth + 1)
        return (
            method in _READERS
            and bool(given)
            and str(module.literal(given[0])).lower() == "origin"
            and self._holds_headers(owner)
        )

    def _holds_headers(self, node: Node | None) -> bool:
        """Return whether an expression is a request or its headers, by its spelling or what it is bound to."""
        module = self._module
        text = module.text(node)[:200]
        if "location" in text or "URL" in text:
            return False
        if _HOLDER.search(text):
            return True
        inner = module.unwrap(node)
        bound = module.bound(inner) if inner is not None and inner.type in IDENTIFIERS else None
        return (
            bound is not None
            and bound.type != "call_expression"
            and _HOLDER.search(module.text(bound)[:200]) is not None
        )

    # ---- comparisons ------------------------------------------------------------------------------------------------

    def is_checked(self, place: Node, names: set[str], callback: Node | None) -> bool:
        """Return whether a condition compares the origin on the way to `place`; of a `callback` also `if (!origin)`."""
        module = self._module
        child = place
        for current in module.ancestors(place):
            if current.type in FUNCTIONS:
                break
            test: Node | None = None
            if current.type in {"if_statement", "ternary_expression", "while_statement"}:
                test = current.child_by_field_name("condition")
            elif current.type == "binary_expression" and module.text(current.child_by_field_name("operator")) == "&&":
                test = current.child_by_field_name("left")
            elif current.type == "switch_statement":
                value = current.child_by_field_name("value")
                if value is not None and self._mentions(value, names):
                    return True
            if test is not None and test.id != child.id:
                if self.compares(test, names):
                    return True
                if (
                    callback is not None
                    and current.type != "while_statement"
                    and self._is_absent(current, test, child, names)
                ):
                    return True
            child = current
        return self._leaves_before(place, names)

    def _is_absent(self, node: Node, test: Node, child: Node, names: set[str]) -> bool:
        """Return whether `child` is the branch for requests without an Origin."""
        module = self._module
        inner = module.unwrap(test)
        consequence = node.child_by_field_name("consequence")
        if inner is None or consequence is None or consequence.id != child.id:
            return False
        if inner.type == "unary_expression":
            argument = module.unwrap(inner.child_by_field_name("argument"))
            return argument is not None and module.text(argument) in names
        text = module.text(inner).replace(" ", "")
        return any(
            text in {f"{n}===undefined", f"{n}==null", f"{n}===null", f"{n}===''", f"{n}==='null'"} for n in names
        )

    def _leaves_before(self, place: Node, names: set[str]) -> bool:
        """Return whether an earlier comparison in the same function returns, throws or replaces the origin."""
        module = self._module
        function = module.function_of(place)
        key = (function.id if function is not None else 0, frozenset(names))
        if key not in self._guards:
            self._guards[key] = min(self._guard_ends(function, names), default=_NEVER)
        return self._guards[key] <= place.start_byte

    def _guard_ends(self, function: Node | None, names: set[str]) -> Iterator[int]:
        """Yield where conditions end that compare the origin and leave the function, or replace it."""
        module = self._module
        body = function.child_by_field_name("body") if function is not None else module.root
        for statement in module.inside(body, "if_statement") if body is not None else ():
            if module.function_of(statement) != function:
                continue
            test = statement.child_by_field_name("condition")
            branches = [statement.child_by_field_name(name) for name in ("consequence", "alternative")]
            decides = any(b is not None and (self._ends(b) or self._rebinds(b, names)) for b in branches)
            if decides and test is not None and self.compares(test, names):
                yield statement.end_byte

    def _ends(self, branch: Node) -> bool:
        inner = branch
        if branch.type == "else_clause":
            inner = next(iter(self._module.children(branch)), branch)
        statements = self._module.children(inner) if inner.type == "statement_block" else [inner]
        return bool(statements) and statements[-1].type in _EXITS

    def _rebinds(self, branch: Node, names: set[str]) -> bool:
        module = self._module
        return any(
            module.text(node.child_by_field_name("left")) in names
            for node in module.inside(branch, "assignment_expression")
        )

    def compares(self, test: Node, names: set[str]) -> bool:
        """Return whether a condition compares the origin with something, rather than asking whether there is one."""
        module = self._module
        inner = module.unwrap(test)
        if inner is not None and inner.type == "unary_expression":
            inner = module.unwrap(inner.child_by_field_name("argument"))
        if inner is not None and inner.type in IDENTIFIERS:
            bound = module.bound(inner)
            if bound is not None and bound.type not in FUNCTIONS and bound.type not in IDENTIFIERS:
                return any(self._is_comparison(node, names) for node in self._walk(bound))
        return any(self._is_comparison(node, names) for node in self._walk(test))

    def _walk(self, node: Node) -> Iterator[Node]:
        stack, count = [node], 0
        while stack and count < _MAX_NODES:
            current = stack.pop()
            count += 1
            yield current
            stack.extend(current.named_children)

    def _is_comparison(self, node: Node, names: set[str]) -> bool:
        module = self._module
        if node.type == "binary_expression":
            if module.text(node.child_by_field_name("operator")) not in _EQUAL:
                return False
            sides = [node.child_by_field_name("left"), node.child_by_field_name("right")]
            others = [side for side in sides if side is not None and not self._mentions(side, names)]
            return len(others) == 1 and not self._is_empty(others[0])
        if node.type == "subscript_expression":
            index = node.child_by_field_name("index")
            return index is not None and self._mentions(index, names)
        if node.type != "call_expression" or self.is_origin(node, set()):
            return False
        callee = module.callee(node)
        name = module.dotted(callee) or module.text(callee)[:100]
        if name in _MEASURES or name.startswith("console."):
            return False
        if any(self._mentions(argument, names) for argument in module.arguments(node)):
            return True
        inner = module.unwrap(callee)
        if inner is not None and inner.type == "member_expression":
            owner = inner.child_by_field_name("object")
            if (
                owner is not None
                and self._mentions(owner, names)
                and module.member_name(inner) not in {"trim", "toLowerCase"}
            ):
                return True
        return _CHECKER.search(name.rpartition(".")[2]) is not None

    def _is_empty(self, node: Node) -> bool:
        return node.type in {"null", "undefined"} or self._module.text(node) in {
            "undefined", '""', "''", "'undefined'", '"undefined"', "'null'", '"null"',
        }  # fmt: skip

    def _mentions(self, node: Node, names: set[str], depth: int = 0) -> bool:
        """Return whether an expression uses the origin, also through a name: `const host = new URL(origin).host`."""
        module = self._module
        for part in self._walk(node):
            if part.type in IDENTIFIERS:
                if module.text(part) in names:
                    return True
                binding = module.binding(part) if depth < 2 else None
                value = binding.value if binding is not None and binding.kind in {"variable", "assignment"} else None
                if value is not None and value.type not in FUNCTIONS and self._mentions(value, names, depth + 1):
                    return True
            elif part.type in {"member_expression", "subscript_expression", "call_expression"} and self.is_origin(
                part, set()
            ):
                return True
        return False
