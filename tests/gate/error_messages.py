"""Every message of a usage error in the source, as a text with holes."""

from __future__ import annotations

import ast
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

import pytest_superteam

ROOT = Path(pytest_superteam.__file__).parent
HOLE = "\0"
"""Stands in a text for what is only known when it is raised."""
TAILS = {"meant"}
"""Functions that end a message: ` Did you mean 'x'?` or ` Allowed are a, b.`"""
CLAUSES = {"StoreError"}
"""Errors whose message is a clause: who catches them puts it into a whole one."""
PASSED_ON = re.compile(r"str\(error\)")
"""The message of another usage error, which has the form already."""


@dataclass(frozen=True)
class Message:
    """One way that the message of one error may read."""

    place: str
    error: str
    """The class."""
    text: str
    holes: tuple[ast.expr, ...] = ()

    @property
    def shown(self):
        """Return it for people."""
        names = iter(self.holes)
        return f"{self.place}: {re.sub(HOLE, lambda _: f'{{{ast.unparse(next(names))}}}', self.text)}"


def sources():
    """Return every source file of the package, templates excepted."""
    return [path for path in sorted(ROOT.rglob("*.py")) if "templates" not in path.parts]


def usage_errors(trees):
    """Return the names of `UsageError` and of all classes below it."""
    names = {"UsageError"}
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for _ in classes:
        more = {node.name for node in classes if names & {ast.unparse(base).split(".")[-1] for base in node.bases}}
        if more <= names:
            break
        names |= more
    return names


def messages(trees=None):
    """Yield every message of the package, or of other modules by their paths."""
    trees = trees or {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in sources()}
    names = usage_errors(trees)
    for path, tree in trees.items():
        reader = _Reader(tree)
        for scope in [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Module))]:
            for call in _own(scope):
                error = _called(call)
                if error in names:
                    yield from reader.read(call, error, scope, f"{path}:{call.lineno}")


def _called(node):
    return ast.unparse(node.func).split(".")[-1] if isinstance(node, ast.Call) else ""


def _own(scope):
    """Yield the nodes of a function or module, without those of functions in it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            waiting += ast.iter_child_nodes(node)


class _Reader:
    """Reads the messages of one module."""

    def __init__(self, tree):
        self.tree = tree

    def read(self, call, error, scope, place):
        """Yield the messages of one error: none where that of another one is passed on."""
        if not call.args:
            yield Message(place, error, "")
        elif not PASSED_ON.fullmatch(ast.unparse(call.args[0])):
            for parts in self.ways(call.args[0], scope):
                text = "".join(part if isinstance(part, str) else HOLE for part in parts)
                yield Message(place, error, text, tuple(part for part in parts if not isinstance(part, str)))

    def ways(self, node, scope):
        """Yield each way that a text may read, as texts and expressions."""
        if isinstance(node, ast.Constant):
            yield [str(node.value)]
        elif isinstance(node, ast.JoinedStr):
            for parts in itertools.product(*(list(self.ways(value, scope)) for value in node.values)):
                yield [piece for part in parts for piece in part]
        elif isinstance(node, ast.FormattedValue):
            yield from self.ways(node.value, scope)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            for left, right in itertools.product(list(self.ways(node.left, scope)), list(self.ways(node.right, scope))):
                yield left + right
        elif isinstance(node, ast.IfExp):
            yield from self.ways(node.body, scope)
            yield from self.ways(node.orelse, scope)
        elif isinstance(node, ast.Name) and (values := self.meant(node.id, scope)):
            for value in values:
                yield from self.ways(value, scope)
        else:
            yield [node]

    def meant(self, name, scope):
        """Return what a name stands for: texts that are written here, choices, and ends of messages; else nothing."""
        values = _assigned(name, scope)
        if values is None and scope is not self.tree:
            values = _assigned(name, self.tree)
        known = [_is_text(value) or _called(value) in TAILS or _is_list(value) for value in values or ()]
        return values if known and all(known) else []


def _is_list(node):
    """Return whether an expression lists choices."""
    return _called(node) == "join" and ast.unparse(node.func.value) == "', '"


def _is_text(node):
    """Return whether an expression is a text that is written here, or one of two."""
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) and _is_text(node.orelse)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and (_is_text(node.left) or _is_text(node.right))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _assigned(name, scope):
    """Return what plain assignments give a name in a scope; empty where more is done to it, None where nothing is."""
    arguments = scope.args if isinstance(scope, ast.FunctionDef) else ast.arguments([], [], None, [], [], None, [])
    if name in {argument.arg for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}:
        return []
    values, bound = [], 0
    for node in _own(scope):
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in node.targets):
            values.append(node.value)
        bound += isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
    return (values if len(values) == bound else []) if bound else None
