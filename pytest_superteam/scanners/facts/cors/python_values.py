"""Which values an option of CORS may take in Python, through names, settings and defaults of the environment."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.cors.policies import is_wildcard, matches_any_origin
from pytest_superteam.scanners.facts.services import definition, value_of
from pytest_superteam.scanners.languages.python import UNKNOWN, PythonModule, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Values"]

_MAX_DEPTH = 14
_MAX_LEAVES = 500
_STEPS = 3000
"""Expressions that are read to say what one may be."""
_WRAPPERS = frozenset(
    {"list", "tuple", "set", "frozenset", "sorted", "str", "bool", "loads", "compile", "cast", "SecretStr"}
)
_WRAPPERS |= {"parse_obj_as", "AnyHttpUrl"}
_METHODS = frozenset({"split", "strip", "lower", "upper", "decode", "encode", "replace", "copy", "splitlines"})
_DEFAULTED = frozenset(
    {"getenv", "get", "config", "env", "list", "bool", "str", "getlist", "get_list", "get_bool", "json", "var"}
)
_DEFAULTED |= {"getboolean", "tuple", "get_env", "env_var"}


class Values:
    """The constants that an expression of one module may come to, as far as the source of the service tells."""

    def __init__(self, tree: SourceTree, module: PythonModule) -> None:
        self._tree = tree
        self._module = module
        self._steps = _STEPS

    def wildcard(self, node: ast.AST | None) -> bool:
        """Return whether an option for origins may hold `*`."""
        return any(is_wildcard(value) for value in self.leaves(node))

    def true(self, node: ast.AST | None) -> bool:
        """Return whether an option that is on or off may be on."""
        return any(
            value is True or value in {"true", "True", "1", 1} for value in self.leaves(node) if value is not None
        )

    def any_origin(self, node: ast.AST | None, *, full: bool = True) -> bool:
        """Return whether an option for patterns of origins may match every origin."""
        return any(matches_any_origin(value, full=full) for value in self.leaves(node))

    def leaves(self, node: ast.AST | None) -> list[Any]:
        """Return the constants that `node` may be, or hold as items where it is a collection."""
        found: list[Any] = []
        self._steps = _STEPS
        for value in self._leaves(self._module, node, 0):
            found.append(value)
            if len(found) >= _MAX_LEAVES:
                break
        return found

    def _leaves(self, module: PythonModule, node: ast.AST | None, depth: int) -> Iterator[Any]:
        self._steps -= 1
        if node is None or depth > _MAX_DEPTH or self._steps < 0:
            return
        if isinstance(node, ast.Constant):
            yield node.value
        elif isinstance(node, (ast.Name, ast.Attribute)):
            for home, value in self._origins(module, node):
                yield from self._leaves(home, value, depth + 1)
        elif isinstance(node, ast.Call):
            yield from self._call(module, node, depth)
        elif isinstance(node, ast.Compare):
            yield from self._comparison(module, node, depth)
        else:
            for part in self._parts(node):
                yield from self._leaves(module, part, depth + 1)
            if isinstance(node, ast.JoinedStr):
                whole = module.literal(node)
                yield from () if whole is UNKNOWN else (whole,)

    @staticmethod
    def _parts(node: ast.AST) -> list[ast.expr]:
        """Return the expressions whose values are those of `node`."""
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return node.elts
        if isinstance(node, ast.IfExp):
            return [node.body, node.orelse]
        if isinstance(node, ast.BoolOp):
            return node.values
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.BitOr)):
            return [node.left, node.right]
        if isinstance(node, (ast.Starred, ast.Await, ast.NamedExpr)):
            return [node.value]
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)) and len(node.generators) == 1:
            return [node.generators[0].iter]
        return []

    def _comparison(self, module: PythonModule, node: ast.Compare, depth: int) -> Iterator[Any]:
        """Decide `os.getenv("ALL", "true") == "true"` and the like."""
        if len(node.ops) != 1 or depth > 3:
            return
        left = list(self._leaves(module, node.left, depth + 1))
        right = list(self._leaves(module, node.comparators[0], depth + 1))
        if len(left) == 1 and right and isinstance(node.ops[0], (ast.Eq, ast.In, ast.Is)):
            yield str(left[0]).lower() in {str(value).lower() for value in right}

    def _call(self, module: PythonModule, node: ast.Call, depth: int) -> Iterator[Any]:  # noqa: C901  # one case for each kind of syntax
        name = module.qualname(node.func)
        last = node.func.attr if isinstance(node.func, ast.Attribute) else name.rpartition(".")[2]
        default = keyword(node, "default") or keyword(node, "fallback")
        factory = keyword(node, "default_factory")
        if isinstance(factory, ast.Lambda):
            default = factory.body
        elif last in {"Field", "field"} and node.args:
            default = node.args[0]
        if default is None and last in _DEFAULTED and len(node.args) > 1:
            default = node.args[1]
        elif default is None and last == "getattr" and len(node.args) > 2:
            default = node.args[2]
        if default is not None:
            yield from self._leaves(module, default, depth + 1)
            return
        if isinstance(node.func, ast.Attribute) and last in _METHODS:
            yield from self._leaves(module, node.func.value, depth + 1)
        elif last in {"map", "filter"} and len(node.args) == 2:
            yield from self._leaves(module, node.args[1], depth + 1)
        elif last in _WRAPPERS and node.args:
            yield from self._leaves(module, node.args[-1] if last == "cast" else node.args[0], depth + 1)
        elif len(node.args) == 1 and isinstance(node.args[0], ast.Call):
            yield from self._environment(module, node.args[0], depth)
        elif not node.args:
            yield from self._returned(module, node.func, depth)

    def _environment(self, module: PythonModule, inner: ast.Call, depth: int) -> Iterator[Any]:
        """Look through a helper that splits or parses a variable of the environment."""
        if module.qualname(inner.func).endswith(("getenv", "environ.get")):
            yield from self._leaves(module, inner, depth + 1)

    def _returned(self, module: PythonModule, function: ast.AST, depth: int) -> Iterator[Any]:
        """Look at what a function of the service returns."""
        found = definition(self._tree, module, function)
        if found is not None and isinstance(found[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
            for home, value in _returns(*found):
                yield from self._leaves(home, value, depth + 1)

    def _origins(self, module: PythonModule, node: ast.Name | ast.Attribute) -> list[tuple[PythonModule, ast.expr]]:
        """Return what a name or a setting is bound to, with the module where that stands."""
        if isinstance(node, ast.Name):
            local = _assigned(module, node)
            if local:
                return [(module, value) for value in local]
        elif isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
            cls = module.class_of(node)
            if cls is not None:
                return _members(module, cls, node.attr)
        found = value_of(self._tree, module, node)
        if found is not None and found[1] is not node:
            return [found]
        return self._setting(module, node) if isinstance(node, ast.Attribute) else []

    def _setting(self, module: PythonModule, node: ast.Attribute) -> list[tuple[PythonModule, ast.expr]]:
        """Return what `settings.NAME` is: of a class or its instance, also of one that a function returns."""
        if node.attr in {"value", "get_secret_value"} and isinstance(node.value, ast.Attribute):
            return self._setting(module, node.value)
        found = value_of(self._tree, module, node.value)
        home, owner = found if found is not None else (module, node.value)
        owner = owner.func if isinstance(owner, ast.Call) else owner
        target = definition(self._tree, home, owner)
        if target is not None and isinstance(target[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
            returned = next((value for _, value in _returns(*target)), None)
            if isinstance(returned, ast.Name):
                returned = target[0].bound(returned) or returned
            target = definition(self._tree, target[0], returned.func if isinstance(returned, ast.Call) else returned)
        if target is not None and isinstance(target[1], ast.ClassDef):
            return _members(target[0], target[1], node.attr)
        return []


def _returns(module: PythonModule, function: ast.AST) -> list[tuple[PythonModule, ast.expr]]:
    nodes = module.scope_nodes(function)
    return [(module, node.value) for node in nodes if isinstance(node, ast.Return) and node.value is not None]


def _members(module: PythonModule, cls: ast.ClassDef, name: str) -> list[tuple[PythonModule, ast.expr]]:
    """Return what a class binds a member to: in its body, in its methods, or as a property."""
    values = module.local_bindings(cls).get(name, [])
    if values:
        return [(module, value) for value in values]
    for member in cls.body:
        if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)) and member.name == name:
            return _returns(module, member)
    return [
        (module, node.value)
        for node in module.of(ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == name and module.class_of(node) is cls
    ]


def _assigned(module: PythonModule, node: ast.Name) -> list[ast.expr]:
    """Return every value of a local or module-level name, with what is appended to it."""
    function = module.function_of(node)
    values: list[ast.expr] = []
    while function is not None and not values:
        values = module.local_bindings(function).get(node.id, [])
        if not values and module.is_parameter(node.id, function):
            default = _default_of(function, node.id)
            return [default] if default is not None else []
        function = module.function_of(function)
    values = values or module.bindings.get(node.id, [])
    if any(isinstance(value, (ast.List, ast.Set)) for value in values):
        values = [*values, *_appended(module, node.id)]
    return [value for value in values if not (isinstance(value, ast.Name) and value.id == node.id)]


def _appended(module: PythonModule, name: str) -> Iterator[ast.expr]:
    for call in module.calls:
        function = call.func
        if (
            isinstance(function, ast.Attribute)
            and function.attr in {"append", "add", "extend", "insert", "update"}
            and isinstance(function.value, ast.Name)
            and function.value.id == name
            and call.args
        ):
            yield call.args[-1]


def _default_of(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> ast.expr | None:
    """Return the default of a parameter."""
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    pairs = zip(reversed(positional), reversed(a.defaults), strict=False)
    keywords = zip(a.kwonlyargs, a.kw_defaults, strict=True)
    return next((default for arg, default in (*pairs, *keywords) if arg.arg == name), None)
