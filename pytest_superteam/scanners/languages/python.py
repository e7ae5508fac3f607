"""A Python module as rules want it: nodes by kind, names resolved through imports, values bound once to literals."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["UNKNOWN", "Function", "PythonModule", "keyword", "parse_module", "walk"]

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
NodeT = TypeVar("NodeT", bound=ast.AST)

_HOLDERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Module)
_BINDERS = (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.withitem, ast.AugAssign, ast.For, ast.AsyncFor)
_MAX_DEPTH = 12
"""Steps that a name is followed; real code needs three, and hostile code could go round in circles."""


class _Unknown:
    """The value of an expression that is no literal; false, and equal to nothing but itself."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of the keyword argument `name`, if the call has it."""
    return next((k.value for k in call.keywords if k.arg == name), None)


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all below it, in source order, as `ast.walk` does in another and in twice the time."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        below: list[ast.AST] = []
        for name in current._fields:
            value = getattr(current, name, None)
            if type(value) is list:
                below += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                below.append(value)
        below.reverse()
        stack += below


def _flatten(tree: ast.Module) -> tuple[list[ast.AST], list[int]]:
    """Return every node in source order, and the place of each one's parent in that list."""
    order: list[ast.AST] = []
    up: list[int] = []
    stack: list[tuple[ast.AST, int]] = [(tree, 0)]
    while stack:
        node, above = stack.pop()
        place = len(order)
        order.append(node)
        up.append(above)
        below: list[tuple[ast.AST, int]] = []
        for name in node._fields:
            value = getattr(node, name, None)
            if type(value) is list:
                below += [(item, place) for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                below.append((value, place))
        below.reverse()
        stack += below
    return order, up


def parse_module(path: str, data: bytes) -> PythonModule:
    """Return the module that `data` holds.

    Raises:
        SyntaxError: it is no valid Python of this interpreter.
        ValueError: it holds NUL bytes.
        RecursionError: it is nested too deeply.
    """
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in other people's code are theirs
        return PythonModule(path, ast.parse(data, filename=path))


def _bound_by(node: ast.AST) -> Iterator[tuple[ast.AST, tuple[ast.expr, ...]]]:
    """Yield what a statement binds, and to what; two values stand for one that changes."""
    if isinstance(node, ast.Assign):
        yield from ((target, (node.value,)) for target in node.targets)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        if node.value is not None:
            yield node.target, (node.value,)
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, (node.context_expr,)
    elif isinstance(node, (ast.AugAssign, ast.For, ast.AsyncFor)):
        other = node.value if isinstance(node, ast.AugAssign) else node.iter
        yield node.target, (other, other)


class PythonModule:
    """One parsed module. `path` is relative to the scanned root."""

    def __init__(self, path: str, tree: ast.Module) -> None:
        self.path = path
        self.tree = tree
        self._order, self._up = _flatten(tree)
        """Every node in source order, and the place of each one's parent in it."""

    @cached_property
    def _nodes(self) -> dict[type[ast.AST], list[ast.AST]]:
        found: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        for node in self._order:
            found[type(node)].append(node)
        return found

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Return the parent of every node."""
        order = self._order
        return {node: order[up] for node, up in zip(order, self._up, strict=True) if node is not self.tree}

    @cached_property
    def _spans(self) -> dict[ast.AST, tuple[int, int]]:
        """Return where the nodes below each function, class and the module stand in the order."""
        sizes = [1] * len(self._order)
        for number in range(len(sizes) - 1, 0, -1):
            sizes[self._up[number]] += sizes[number]
        return {n: (at, at + sizes[at]) for at, n in enumerate(self._order) if isinstance(n, _HOLDERS)}

    def walk(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield a node and all below it, in source order; of functions and classes without looking for them again."""
        span = self._spans.get(node)
        return iter(self._order[slice(*span)]) if span is not None else walk(node)

    def of(self, *kinds: type[NodeT]) -> Iterator[NodeT]:
        """Yield the nodes of exactly these kinds."""
        for kind in kinds:
            yield from self._nodes.get(kind, ())  # type: ignore[misc]  # the table is keyed by the kind

    @property
    def calls(self) -> Iterator[ast.Call]:
        """Yield every call."""
        return self.of(ast.Call)

    @property
    def functions(self) -> Iterator[Function]:
        """Yield every function, methods and nested ones included."""
        yield from self.of(ast.FunctionDef)
        yield from self.of(ast.AsyncFunctionDef)

    @cached_property
    def name(self) -> str:
        """Return the dotted name of the module from the scanned root."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def package(self) -> str:
        """Return the dotted name of the package that relative imports start from."""
        if self.path.endswith("__init__.py"):
            return "" if self.path == "__init__.py" else self.name
        return self.name.rpartition(".")[0]

    @cached_property
    def imports(self) -> dict[str, str]:
        """Return local name to dotted origin, relative imports made absolute from the scanned root."""
        names: dict[str, str] = {}
        for node in self.of(ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        for source in self.of(ast.ImportFrom):
            base = source.module or ""
            if source.level:
                parts = self.package.split(".") if self.package else []
                kept = parts[: len(parts) - source.level + 1]
                base = ".".join([*kept, base] if base else kept)
            for alias in source.names:
                names[alias.asname or alias.name] = f"{base}.{alias.name}" if base else alias.name
        return names

    @cached_property
    def definitions(self) -> dict[str, ast.AST]:
        """Return the functions and classes at the top of the module (also inside its `if` and `try`), by name."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return {n.name: n for n in self.scope_nodes(self.tree) if isinstance(n, kinds)}

    @cached_property
    def bindings(self) -> dict[str, list[ast.expr]]:
        """Return every value that a name is assigned at the top of the module."""
        return self._bindings(self.tree)

    @cached_property
    def _scopes(self) -> dict[ast.AST, list[ast.AST]]:
        """Return the nodes of each scope: those of functions and classes inside it are theirs."""
        found: dict[ast.AST, list[ast.AST]] = defaultdict(list)
        holders: list[ast.AST] = []
        for node, up in zip(self._order, self._up, strict=True):
            if node is not self.tree:
                found[holders[up]].append(node)
            holders.append(node if isinstance(node, _HOLDERS) else holders[up])
        return found

    def scope_nodes(self, scope: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes that belong to `scope` itself, not those of functions and classes inside it."""
        if scope is self.tree or scope in self._spans:
            yield from self._scopes.get(scope, ())
            return
        stack = [scope]
        while stack:
            node = stack.pop()
            if node is not scope:
                yield node
            if node is scope or not isinstance(node, _HOLDERS):
                stack.extend(reversed(list(ast.iter_child_nodes(node))))

    def _bindings(self, scope: ast.AST) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for node in self.scope_nodes(scope):
            if isinstance(node, _BINDERS):
                for target, values in _bound_by(node):
                    if isinstance(target, ast.Name):
                        found.setdefault(target.id, []).extend(values)
        return found

    @cached_property
    def _local_bindings(self) -> dict[ast.AST, dict[str, list[ast.expr]]]:
        return {}

    def local_bindings(self, function: ast.AST) -> dict[str, list[ast.expr]]:
        """Return every value that a name is assigned in `function`."""
        if function not in self._local_bindings:
            self._local_bindings[function] = self._bindings(function)
        return self._local_bindings[function]

    def function_of(self, node: ast.AST) -> Function | None:
        """Return the innermost function that holds `node`."""
        current = self.parents.get(node)
        while current is not None and not isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef)):
            current = self.parents.get(current)
        return current

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """Return the innermost class that holds `node`."""
        current = self.parents.get(node)
        while current is not None and not isinstance(current, ast.ClassDef):
            current = self.parents.get(current)
        return current

    def is_parameter(self, name: str, function: Function | None) -> bool:
        """Return whether `name` is a parameter of `function`."""
        if function is None:
            return False
        a = function.args
        return any(arg.arg == name for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg) if arg)

    def bound(self, node: ast.Name) -> ast.expr | None:
        """Return the one expression that a name stands for where `node` is, or None where it is not exactly one."""
        function = self.function_of(node)
        while function is not None:
            values = self.local_bindings(function).get(node.id)
            if values:
                return values[0] if len(values) == 1 else None
            if self.is_parameter(node.id, function):
                return None
            function = self.function_of(function)
        values = self.bindings.get(node.id, [])
        return values[0] if len(values) == 1 else None

    def qualname(self, node: ast.AST | None) -> str:
        """Return the dotted name of `node` through imports and simple aliases; empty where it has none."""
        return self._qualname(node, 0)

    def _qualname(self, node: ast.AST | None, depth: int) -> str:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Call) and parts and depth < _MAX_DEPTH:
            head = self._qualname(node.func, depth + 1)  # Client().get -> Client.get
        elif isinstance(node, ast.Name):
            head = self.imports.get(node.id, "")
            if not head and depth < _MAX_DEPTH:
                value = self.bound(node)
                if isinstance(value, ast.Await):
                    value = value.value
                if isinstance(value, ast.Call) and (parts or depth):
                    head = self._qualname(value.func, depth + 1)
                elif isinstance(value, (ast.Name, ast.Attribute)):
                    head = self._qualname(value, depth + 1)
            head = head or node.id
        else:
            return ""
        return ".".join([head, *reversed(parts)]) if head else ""

    def literal(self, node: ast.AST | None, depth: int = 0) -> Any:
        """Return the value of `node` as far as it is fixed in the source, else `UNKNOWN`.

        Follows names bound once, f-strings of literals, concatenation, attributes of classes of this module, and
        takes the literal default of a read from the environment. Unknown members of a collection stay `UNKNOWN`.
        """
        if node is None or depth > _MAX_DEPTH:
            return UNKNOWN
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return [self.literal(item, depth + 1) for item in node.elts]
        if isinstance(node, ast.Dict):
            keys = (self.literal(key, depth + 1) if key is not None else UNKNOWN for key in node.keys)
            pairs = zip(keys, node.values, strict=True)
            return {key: self.literal(value, depth + 1) for key, value in pairs if isinstance(key, (str, int))}
        if isinstance(node, ast.Name):
            return self.literal(self.bound(node), depth + 1)
        if isinstance(node, ast.Call):
            return self._literal_call(node, depth)
        return self._literal_compound(node, depth)

    def _literal_compound(self, node: ast.AST, depth: int) -> Any:
        if isinstance(node, ast.JoinedStr):
            parts = [self.literal(v.value if isinstance(v, ast.FormattedValue) else v, depth + 1) for v in node.values]
            return UNKNOWN if any(p is UNKNOWN for p in parts) else "".join(map(str, parts))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.literal(node.left, depth + 1), self.literal(node.right, depth + 1)
            same = type(left) is type(right) and isinstance(left, (str, list, bytes))
            return left + right if same else UNKNOWN
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return self.literal(node.values[-1], depth + 1)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            value = self.literal(node.operand, depth + 1)
            return UNKNOWN if value is UNKNOWN else not value
        if isinstance(node, ast.Attribute):
            enumerated = node.attr == "value" and isinstance(node.value, ast.Attribute)
            return self.literal(self.class_attribute(node) or (node.value if enumerated else None), depth + 1)
        return UNKNOWN

    def _literal_call(self, node: ast.Call, depth: int) -> Any:
        name = self.qualname(node.func)
        if name in {"os.getenv", "os.environ.get", "environ.get", "decouple.config", "environ.Env"} or name.endswith(
            (".getenv", "environ.get")
        ):
            default = node.args[1] if len(node.args) > 1 else keyword(node, "default")
            return self.literal(default, depth + 1) if default is not None else UNKNOWN
        if name == "dict" and not node.args:
            return {k.arg: self.literal(k.value, depth + 1) for k in node.keywords if k.arg}
        if name in {"list", "tuple", "set", "frozenset", "pydantic.SecretStr", "str"} and len(node.args) == 1:
            return self.literal(node.args[0], depth + 1)
        if name in {"pydantic.Field", "dataclasses.field"}:
            default = keyword(node, "default") or (node.args[0] if node.args else None)
            return self.literal(default, depth + 1)
        if isinstance(node.func, ast.Attribute):
            value = self.literal(node.func.value, depth + 1)
            if isinstance(value, str) and node.func.attr == "split":
                separator = self.literal(node.args[0], depth + 1) if node.args else None
                return (
                    value.split(separator)
                    if separator is None or (separator and isinstance(separator, str))
                    else UNKNOWN
                )
            if isinstance(value, str) and node.func.attr in {"encode", "strip", "get_secret_value", "lower", "upper"}:
                return value
        return UNKNOWN

    def class_attribute(self, node: ast.Attribute) -> ast.expr | None:
        """Return what an attribute such as `settings.secret` or `self.secret` is bound to in a class of this module."""
        owner = node.value
        if isinstance(owner, ast.Name) and owner.id in {"self", "cls"}:
            cls: ast.AST | None = self.class_of(node)
        else:
            value = self.bound(owner) if isinstance(owner, ast.Name) else owner
            target = value.func if isinstance(value, ast.Call) else owner
            cls = self.definitions.get(target.id) if isinstance(target, ast.Name) else None
        if not isinstance(cls, ast.ClassDef):
            return None
        values = self.local_bindings(cls).get(node.attr, [])
        return values[0] if len(values) == 1 else None
