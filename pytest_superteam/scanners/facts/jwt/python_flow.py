"""How calls of a Python function stand to each other: what is verified too, what comes out of a token's own header."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.jwt.kept import kept
from pytest_superteam.scanners.facts.jwt.python_libraries import HEADER_READERS, SHAPES
from pytest_superteam.scanners.facts.jwt.python_names import candidates, target_name
from pytest_superteam.scanners.facts.names import words
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["is_header_read", "is_validated", "split_tokens", "verified_too"]

_VERIFIERS = re.compile(r"(?<!un)(?<!un_)verif|validat|introspect|check_?signature|authenticate", re.IGNORECASE)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_MANY = 20
"""Calls that verify the same token, of which each is compared."""
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def _chain(module: PythonModule, node: ast.AST) -> list[ast.AST]:
    """Return a node and what holds it, innermost first."""
    chain: list[ast.AST] = [node]
    while (parent := module.parents.get(chain[-1])) is not None:
        chain.append(parent)
    return chain


def verified_too(module: PythonModule, node: ast.Call, token: str, verifying: dict[str, list[ast.Call]]) -> bool:
    """Return whether the token that `node` only reads is verified in the same function, on the same way through it."""
    here = _chain(module, node)
    home = next((one for one in here if isinstance(one, _FUNCTIONS)), None)
    if home is None or not token:
        return False
    others = [*verifying.get(token, [])[:_MANY], *_own_verifiers(module, node, token)]
    for other in others:
        there = _chain(module, other)
        function = next((one for one in there if isinstance(one, _FUNCTIONS)), None)
        if other is not node and (function is home or home in there):
            first, second = sorted((here, there), key=lambda chain: getattr(chain[0], "lineno", 0))
            if not _apart(here, there) and not _leaves(first, second):
                return True
    return False


def _own_verifiers(module: PythonModule, node: ast.Call, token: str) -> list[ast.Call]:
    """Return the calls in the function of `node` that verify the token by another name: `verify_token(token)`."""
    function = module.function_of(node)
    if function is None:
        return []
    tables: dict[ast.AST, dict[str, list[ast.Call]]] = kept(module, "verifiers", dict)
    if function not in tables:
        table = tables[function] = {}
        for call in (n for n in walk(function) if isinstance(n, ast.Call)):
            if _VERIFIERS.search(target_name(call.func)) and _is_verifier(module, call):
                for argument in (*call.args, *(k.value for k in call.keywords)):
                    table.setdefault(ast.dump(argument)[:500], []).append(call)
    return [call for call in tables[function].get(token, [])[:_MANY] if call is not node]


def _is_verifier(module: PythonModule, call: ast.Call) -> bool:
    """Return whether a function with such a name is one of elsewhere, or verifies here."""
    if module.qualname(call.func) in SHAPES:
        return False
    local = module.definitions.get(target_name(call.func))
    return local is None or any(
        isinstance(n, ast.Call)
        and getattr(SHAPES.get(module.qualname(n.func)), "kind", "") == "verify"
        and "verify_signature" not in ast.dump(n)
        for n in walk(local)
    )


def _apart(here: list[ast.AST], there: list[ast.AST]) -> bool:
    """Return whether the two stand in branches of which one runs: of an `if`, or a `try` and its handlers."""
    inside = set(there)
    index = next((i for i, one in enumerate(here) if one in inside), None)
    if not index:
        return False
    common, mine = here[index], here[index - 1]
    position = there.index(common)
    other = there[position - 1] if position else common
    for first, second in ((mine, other), (other, mine)):
        if isinstance(common, ast.If) and first in common.body and second in common.orelse:
            return True
        if isinstance(common, ast.IfExp) and first is common.body and second is common.orelse:
            return True
        if isinstance(common, ast.Try) and first in common.body and second in common.handlers:
            return True
    return isinstance(common, ast.Match) and mine is not other and mine in common.cases and other in common.cases


def _leaves(first: list[ast.AST], second: list[ast.AST]) -> bool:
    """Return whether the function ends with the first of two places, so that the second is another way through it."""
    inside = set(second)
    for one, parent in pairwise(first):
        if one in inside:
            return False
        if isinstance(one, ast.Return):
            return True
        if isinstance(parent, ast.If) and parent not in inside:
            block = parent.body if one in parent.body else parent.orelse
            if block and isinstance(block[-1], _ENDS):
                return True
    return False


def _is_header(module: PythonModule, node: ast.expr | None, depth: int = 0) -> bool:
    """Return whether an expression is the header of a token that is not verified."""
    if node is None or depth > 5:
        return False
    if isinstance(node, ast.Name):
        return any(_is_header(module, value, depth + 1) for value in candidates(module, node)) or _is_unpacked(
            module, node
        )
    if isinstance(node, ast.Await):
        return _is_header(module, node.value, depth + 1)
    if isinstance(node, ast.Subscript):
        name = module.literal(node.slice)
        return (
            name in {"header", "headers", 0}
            and isinstance(node.value, (ast.Call, ast.Name))
            and _is_token_read(module, node.value)
        )
    if isinstance(node, ast.Call):
        name = target_name(node.func)
        return name in HEADER_READERS or (
            name in {"loads", "json_loads", "json_decode"}
            and "split" in ast.dump(node)[:2000]
            and "decode" in ast.dump(node)[:2000]
        )
    return False


def _is_token_read(module: PythonModule, node: ast.expr) -> bool:
    values = candidates(module, node) if isinstance(node, ast.Name) else [node]
    return any(
        isinstance(value, ast.Call)
        and module.qualname(value.func).rsplit(".", 1)[-1] in {"process_jwt", "decode_complete"}
        for value in values
    )


def _is_unpacked(module: PythonModule, name: ast.Name) -> bool:
    """Return whether `header, claims = process_jwt(token)` binds the name to the header."""
    return any(
        isinstance(target, ast.Tuple)
        and target.elts
        and target_name(target.elts[0]) == name.id
        and _is_token_read(module, assign.value)
        for assign in module.of(ast.Assign)
        for target in assign.targets
    )


def is_header_read(module: PythonModule, node: ast.expr, depth: int = 0) -> bool:
    """Return whether an algorithm, or one of a list, is taken from the header of the token that is to be verified."""
    if depth > 5:
        return False
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return any(is_header_read(module, item, depth + 1) for item in node.elts)
    if isinstance(node, ast.Name):
        return any(is_header_read(module, value, depth + 1) for value in candidates(module, node))
    if isinstance(node, ast.BoolOp):
        return any(is_header_read(module, value, depth + 1) for value in node.values)
    if isinstance(node, ast.Subscript):
        return module.literal(node.slice) == "alg" and _is_header(module, node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        return module.literal(node.args[0]) == "alg" and _is_header(module, node.func.value)
    if isinstance(node, ast.Call) and target_name(node.func) in {"str", "list", "tuple"} and node.args:
        return is_header_read(module, node.args[0], depth + 1)
    return False


def _validates(module: PythonModule) -> bool:
    return any(target_name(call.func) in {"validate", "validate_exp"} for call in module.calls)


def is_validated(module: PythonModule, node: ast.Call) -> bool:
    """Return whether claims that a library hands out unchecked may be validated: here, or where they go to."""
    if kept(module, "validates", lambda: _validates(module)):
        return True
    parent = module.parents.get(node)
    if isinstance(parent, ast.Await):
        parent = module.parents.get(parent)
    if isinstance(parent, ast.Expr):
        return True  # the signature is all that is asked for
    if not isinstance(parent, ast.Assign) or len(parent.targets) != 1 or not isinstance(parent.targets[0], ast.Name):
        return not isinstance(parent, (ast.Subscript, ast.Attribute))
    name = parent.targets[0].id
    scope: ast.AST = module.function_of(node) or module.tree
    return any(
        isinstance(use, ast.Name)
        and use.id == name
        and isinstance(use.ctx, ast.Load)
        and not isinstance(module.parents.get(use), (ast.Subscript, ast.Attribute))
        for use in module.scope_nodes(scope)
    )


def split_tokens(module: PythonModule) -> Iterator[tuple[ast.Call, str]]:
    """Yield the calls that read a token's claims by hand, and the token: `b64decode(token.split(".")[1])`."""
    for call in module.calls:
        if target_name(call.func) not in {"b64decode", "urlsafe_b64decode", "base64url_decode"} or not call.args:
            continue
        part: ast.expr | None = call.args[0]
        if isinstance(part, ast.BinOp):  # + "=="
            part = part.left
        if isinstance(part, ast.Name):
            values = candidates(module, part)
            part = values[0] if values else None
        token = _split_of(module, part)
        if token is not None and {"token", "jwt"} & set(words(target_name(token))):
            yield call, ast.dump(token)[:500]


def _split_of(module: PythonModule, node: ast.expr | None) -> ast.expr | None:
    """Return what `node` is the middle part of, as `token` of `token.split(".")[1]`."""
    if not isinstance(node, ast.Subscript) or module.literal(node.slice) != 1:
        return None
    call = node.value
    if isinstance(call, ast.Name):
        values = candidates(module, call)
        call = values[0] if values else call
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "split"):
        return None
    return call.func.value if call.args and module.literal(call.args[0]) in (".", b".") else None
