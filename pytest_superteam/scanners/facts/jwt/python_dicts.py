"""Dicts of Python as far as the code shows them: literals, `dict(...)`, `|`, spreads, copies, and later changes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.jwt.python_names import candidates
from pytest_superteam.scanners.facts.jwt.shown import Shown, Steps
from pytest_superteam.scanners.languages.python import UNKNOWN

if TYPE_CHECKING:
    from pytest_superteam.scanners.facts.jwt.python_names import Assigned
    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["Dicts"]

_DEPTH = 8
_MAKERS = frozenset({"dict", "collections.OrderedDict", "copy.copy", "copy.deepcopy", "types.MappingProxyType"})


class Dicts:
    """Answers about the dicts of one module."""

    def __init__(self, module: PythonModule, assigned: Assigned) -> None:
        self.module = module
        self.assigned = assigned
        self._steps = Steps(300, 2000)
        self._changes: dict[ast.AST, dict[str, list[ast.AST]]] = {}

    def shown(self, node: ast.AST | None) -> Shown | None:
        """Return the dict that `node` is, later changes of the name included; None where the code does not show it."""
        self._steps.begin()
        return self._shown(node, 0)

    def _shown(self, node: ast.AST | None, depth: int) -> Shown | None:
        if node is None or depth > _DEPTH or not self._steps.spend():
            return None
        if isinstance(node, ast.Dict):
            return self._of_dict(node, depth)
        if isinstance(node, ast.Call):
            return self._of_call(node, depth)
        if isinstance(node, ast.Name):
            return self._of_name(node, depth)
        if isinstance(node, ast.IfExp):
            return self._either([node.body, node.orelse], depth)
        if isinstance(node, (ast.Await, ast.NamedExpr)):
            return self._shown(node.value, depth + 1)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            made = self._shown(node.left, depth + 1)
            if made is not None:
                made.add(self._shown(node.right, depth + 1))
            return made
        if isinstance(node, ast.Attribute):
            bound = self.module.class_attribute(node)
            found = [*([bound] if bound is not None else []), *self.assigned.to(node)]
            return self._shown(found[0], depth + 1) if len(found) == 1 else None
        return None

    def _of_name(self, node: ast.Name, depth: int) -> Shown | None:
        made = self._either(candidates(self.module, node), depth)
        if made is not None:
            for change in self._changed(node):
                self._change(made, change, depth)
        return made

    def _either(self, values: list[ast.expr], depth: int) -> Shown | None:
        return Shown.joined([self._shown(value, depth + 1) for value in values[:5]])

    def _of_dict(self, node: ast.Dict, depth: int) -> Shown:
        made = Shown()
        for key, value in zip(node.keys, node.values, strict=True):
            name = self.module.literal(key) if key is not None else UNKNOWN
            if key is None:
                made.add(self._shown(value, depth + 1))
            elif isinstance(name, str):
                made.fields[name] = value
            else:
                made.complete = False
        return made

    def _of_call(self, node: ast.Call, depth: int) -> Shown | None:
        if self.module.qualname(node.func) in _MAKERS:
            made = self._shown(node.args[0], depth + 1) if node.args else Shown()
            if made is not None:
                self._add_keywords(made, node, depth)
            return made
        if isinstance(node.func, ast.Attribute) and node.func.attr == "copy" and not node.args:
            return self._shown(node.func.value, depth + 1)
        function = self.module.definitions.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if isinstance(function, ast.FunctionDef):
            nodes = self.module.scope_nodes(function)
            return self._either([n.value for n in nodes if isinstance(n, ast.Return) and n.value is not None], depth)
        return None

    def _add_keywords(self, made: Shown, call: ast.Call, depth: int) -> None:
        for item in call.keywords:
            if item.arg is None:
                made.add(self._shown(item.value, depth + 1))
            else:
                made.fields[item.arg] = item.value

    def _changed(self, name: ast.Name) -> list[ast.AST]:
        """Return what changes the dict `name` in its function: subscripts that are set, method calls, `|=`."""
        scope: ast.AST = self.module.function_of(name) or self.module.tree
        if scope not in self._changes:
            table = self._changes[scope] = {}
            for node in self.module.scope_nodes(scope):
                owner: ast.expr | None = None
                if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                    owner = node.value
                elif isinstance(node, ast.AugAssign):
                    owner = node.target
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    owner = node.func.value
                if isinstance(owner, ast.Name):
                    table.setdefault(owner.id, []).append(node)
                if isinstance(node, ast.Call) and self._may_fill(node):
                    for argument in node.args:
                        if isinstance(argument, ast.Name):
                            table.setdefault(argument.id, []).append(node)
        return self._changes[scope].get(name.id, [])[:50]

    def _may_fill(self, call: ast.Call) -> bool:
        """Return whether a call may put entries into a dict that it is given: its result is not used."""
        function = call.func
        own = isinstance(function, ast.Name) and function.id != "print"
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            own = function.value.id in {"self", "cls"}
        return own and isinstance(self.module.parents.get(call), ast.Expr)

    def _change(self, made: Shown, node: ast.AST, depth: int) -> None:
        if isinstance(node, ast.Subscript):
            parent = self.module.parents.get(node)
            self._set(made, node.slice, parent.value if isinstance(parent, ast.Assign) else node)
        elif isinstance(node, ast.AugAssign):
            made.add(self._shown(node.value, depth + 1))
        elif isinstance(node, ast.Call) and self._may_fill(node):
            made.complete = False
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "update":
                for argument in node.args:
                    made.add(self._shown(argument, depth + 1))
                self._add_keywords(made, node, depth)
            elif node.func.attr in {"setdefault", "__setitem__"} and len(node.args) > 1:
                self._set(made, node.args[0], node.args[1])

    def _set(self, made: Shown, key: ast.expr, value: ast.expr) -> None:
        name = self.module.literal(key)
        if isinstance(name, str):
            made.fields[name] = value
        else:
            made.complete = False
