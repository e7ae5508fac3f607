"""Whether an expression of Python shows something sensitive when logged, by its names or what they are bound to."""

from __future__ import annotations

import ast
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.logs.calls import (
    TEXTS,
    hides,
    is_body_secret,
    is_card_number,
    is_credential_entry,
    is_credential_header,
    is_mask,
    is_secret_name,
    is_session_cookie,
    makes_secret,
)
from pytest_superteam.scanners.facts.logs.python import written
from pytest_superteam.scanners.facts.names import words
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from pytest_superteam.scanners.languages.python import Function, PythonModule

__all__ = ["SecretReader"]

_MAX_DEPTH = 40
_STEPS = 2000
"""Expressions that are read for one argument of a log call."""
_PASSING = frozenset({
    "format", "join", "strip", "decode", "get_secret_value", "encode", "lower", "upper", "split", "rsplit", "replace",
    "hex", "lstrip", "rstrip", "items", "values", "copy", "removeprefix", "partition", "ljust", "rjust", "center",
    "zfill", "title", "format_map", "to_dict", "dict", "model_dump", "json", "getvalue", "reveal",
})  # fmt: skip
"""Methods whose result shows what they are called on."""
_WRAPPERS = frozenset({
    "str", "repr", "dict", "vars", "list", "tuple", "set", "sorted", "format", "ascii", "bytes", "dumps", "pformat",
    "b64encode", "b64decode", "quote", "unquote", "quote_plus", "urlencode", "text_type", "force_str", "smart_str",
    "print", "OrderedDict", "jsonify", "to_json", "safe_str", "Markup", "cast", "deepcopy", "copy", "getattr", "next",
    "join", "max", "min", "ensure_str",
})  # fmt: skip
"""Functions whose result shows what they are given."""
_BODIES = frozenset(
    {"body", "form", "data", "json", "POST", "GET", "get_json", "values", "args", "params", "query_params"}
)
_REQUESTS = frozenset({"request", "req", "r"})
_ABOUT = frozenset({
    "id", "name", "type", "length", "count", "hash", "username", "user", "expiry", "email", "expires", "url", "scope",
    "valid", "present", "sub", "prefix", "path", "method", "kind",
})  # fmt: skip
_SETTINGS = ("setting", "config", "env", "secret", "credential", "option", "constant", "conf")


class SecretReader:
    """Answers for the log calls of one module."""

    def __init__(self, module: PythonModule) -> None:
        self._module = module
        self._seen: set[ast.AST] = set()
        self._steps = _STEPS

    def logged(self, node: ast.AST, label: str = "") -> bool:
        """Return whether a logged expression, under a label where it has one, shows something sensitive."""
        self._seen, self._steps = set(), _STEPS
        secret = bool(label) and (is_secret_name(label) or is_credential_header(label))
        return (secret and not self.is_safe(node, 0)) or self.shows(node, 0)

    def is_safe(self, node: ast.AST | None, depth: int) -> bool:  # noqa: C901  # one case for each kind of syntax
        """Return whether a value that is called a secret is none: fixed, compared, measured, masked, cut."""
        self._steps -= 1
        if node is None or depth > _MAX_DEPTH or self._steps < 0:
            return True
        if isinstance(node, ast.Constant):
            return is_mask(node.value)
        if isinstance(node, (ast.Compare, ast.Lambda)):
            return True
        if isinstance(node, ast.UnaryOp):
            return isinstance(node.op, ast.Not)
        if isinstance(node, ast.IfExp):
            return self._fixed(node.body, depth) and self._fixed(node.orelse, depth)
        if isinstance(node, ast.BoolOp):
            parts = node.values[-1:] if isinstance(node.op, ast.And) else node.values
            return all(self._fixed(part, depth) for part in parts)
        if isinstance(node, ast.Subscript):
            return _is_cut(node) or _is_scheme(node)
        if isinstance(node, ast.BinOp):
            return all(self._fixed(part, depth) for part in (node.left, node.right))
        if isinstance(node, ast.JoinedStr):
            return all(self.is_safe(part, depth + 1) for part in node.values if isinstance(part, ast.FormattedValue))
        if isinstance(node, ast.FormattedValue):
            return _has_precision(node) or self.is_safe(node.value, depth + 1)
        if isinstance(node, ast.Call):
            name = written(node.func).rpartition(".")[2]
            return hides(name) or (
                name in {"str", "repr"} and bool(node.args) and self.is_safe(node.args[0], depth + 1)
            )
        if isinstance(node, ast.Name):
            return self._bound_safely(node, depth)
        if isinstance(node, ast.Attribute):
            return not is_secret_name(node.attr) and bool(words(node.attr)[-1:]) and _is_about(node.attr)
        return isinstance(node, (ast.List, ast.Tuple, ast.Dict)) and not self.shows(node, depth + 1)

    def _fixed(self, node: ast.expr, depth: int) -> bool:
        return isinstance(node, ast.Constant) or self.is_safe(node, depth + 1)

    def _values(self, node: ast.Name) -> list[ast.expr]:
        """Return every value that a name has in its scope."""
        function = self._module.function_of(node)
        while function is not None:
            values = self._module.local_bindings(function).get(node.id)
            if values:
                return values
            if self._module.is_parameter(node.id, function):
                return []
            function = self._module.function_of(function)
        return self._module.bindings.get(node.id, [])

    def _bound_safely(self, node: ast.Name, depth: int) -> bool:
        """Return whether all that a name is bound to may be logged."""
        if _annotation(self._module, node) & {"SecretStr", "SecretBytes", "Secret", "bool", "int"}:
            return True
        values = [value for value in self._values(node) if value not in self._seen]
        self._seen.update(values)
        return bool(values) and all(self.is_safe(value, depth + 1) for value in values)

    def shows(self, node: ast.AST | None, depth: int) -> bool:
        """Return whether the expression shows something sensitive."""
        self._steps -= 1
        if node is None or depth > _MAX_DEPTH or isinstance(node, (ast.Compare, ast.Lambda, ast.Constant)):
            return False
        if self._steps < 0:
            return False
        if isinstance(node, ast.Name):
            return self._shows_name(node, depth)
        if isinstance(node, ast.Attribute):
            return self._shows_attribute(node, depth)
        if isinstance(node, ast.Subscript):
            return self._shows_item(node, depth)
        if isinstance(node, ast.Call):
            return self._shows_call(node, depth)
        if isinstance(node, ast.Dict):
            return self._shows_table(node, depth)
        return any(self.shows(part, depth + 1) for part in self._parts(node))

    @staticmethod
    def _parts(node: ast.AST) -> list[ast.AST]:
        """Return the expressions that are seen in the text of `node`."""
        if isinstance(node, ast.IfExp):
            return [node.body, node.orelse]
        if isinstance(node, ast.BoolOp):
            return [*(node.values[-1:] if isinstance(node.op, ast.And) else node.values)]
        if isinstance(node, ast.UnaryOp):
            return []
        if isinstance(node, ast.FormattedValue):
            return [] if _has_precision(node) else [node.value]
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            return [node.elt]
        if isinstance(node, ast.DictComp):
            return [node.key, node.value]
        if isinstance(node, ast.NamedExpr):
            return [node.value, node.target]
        return list(ast.iter_child_nodes(node))

    def _shows_name(self, node: ast.Name, depth: int) -> bool:
        name = node.id
        if node in self._seen or name in self._module.definitions:
            return False
        self._seen.add(node)
        if is_secret_name(name) and not _is_class(name) and not self._is_module(name) and not self._is_piece(node):
            return not self._bound_safely(node, depth)
        if name == "environ" and self._module.qualname(node) == "os.environ":
            return True
        if self._is_filled(node):
            return True
        return any(self._carries(value, depth) for value in self._values(node))

    def _carries(self, value: ast.expr, depth: int) -> bool:
        """Return whether a name that is bound to `value` holds something sensitive, whatever the name says."""
        if value in self._seen:
            return False
        self._seen.add(value)
        return self.shows(value, depth + 1)

    def _is_module(self, name: str) -> bool:
        """Return whether a name is that of an imported module, or a class or function from one."""
        return name in self._module.imports and not name.isupper()

    def _is_piece(self, node: ast.Name) -> bool:
        """Return whether a name is that of a piece of text, in a module that goes through such pieces."""
        return words(node.id)[-1:] == ("token",) and node.id in self._looped

    @cached_property
    def _looped(self) -> frozenset[str]:
        """Return the names that loops and comprehensions of the module give to one item after the other."""
        targets = [loop.target for loop in self._module.of(ast.For)]
        targets += [loop.target for loop in self._module.of(ast.AsyncFor)]
        targets += [loop.target for loop in self._module.of(ast.comprehension)]
        return frozenset(part.id for target in targets for part in walk(target) if isinstance(part, ast.Name))

    def _is_filled(self, node: ast.Name | ast.Attribute) -> bool:
        """Return whether credentials are put into a table of that name: `headers["Authorization"] = ...`."""
        shown = written(node)
        if "header" not in shown.lower() and words(shown)[-1:] not in {("payload",), ("data",), ("params",), ("body",)}:
            return False
        function = self._module.function_of(node)
        return any(
            self._module.function_of(place) is function
            and (self.shows(value, 1) if isinstance(value, ast.Dict) else not self.is_safe(value, 0))
            for place, value in self._filled.get(shown, ())
        )

    @cached_property
    def _filled(self) -> dict[str, list[tuple[ast.AST, ast.expr]]]:
        """Return what puts credentials into a table, by the table's name: an item that is set, or `update({...})`."""
        found: dict[str, list[tuple[ast.AST, ast.expr]]] = {}
        for assign in self._module.of(ast.Assign):
            for target in assign.targets:
                if isinstance(target, ast.Subscript) and self._is_secret_key(target.slice):
                    found.setdefault(written(target.value), []).append((assign, assign.value))
        for call in self._module.calls:
            function = call.func
            updates = isinstance(function, ast.Attribute) and function.attr == "update" and len(call.args) == 1
            if updates and isinstance(function, ast.Attribute) and isinstance(call.args[0], ast.Dict):
                found.setdefault(written(function.value), []).append((call, call.args[0]))
        return found

    def _is_secret_key(self, key: ast.expr) -> bool:
        name = self._module.literal(key)
        return isinstance(name, str) and (is_credential_header(name) or is_secret_name(name))

    def _shows_attribute(self, node: ast.Attribute, depth: int) -> bool:
        owner = written(node.value)
        last = words(owner.rpartition(".")[2])[-1:]
        if node.attr in {"headers", "cookies", "META", "COOKIES"}:
            return (bool(last) and last[0] in _REQUESTS) or self._is_filled(node)
        if node.attr == "environ" and owner == "os":
            return True
        if node.attr in _BODIES and last and last[0] in _REQUESTS:
            return self._is_credential_body(node)
        if node.attr in {"data", "value", "raw", "text", "key", "plaintext", "credentials"} and is_secret_name(
            owner.rpartition(".")[2]
        ):
            return not self.is_safe(node.value, depth + 1) if isinstance(node.value, ast.Name) else True
        if is_card_number(owner.rpartition(".")[2], node.attr):
            return True
        if last and last[0] in TEXTS:
            return False
        if not is_secret_name(node.attr):
            return node.attr == "__dict__" and self.shows(node.value, depth + 1)
        return not self._is_enum(node) and not self._is_wrapped(node)

    @staticmethod
    def _is_enum(node: ast.Attribute) -> bool:
        """Return whether an attribute is a member of an enumeration: `GrantType.PASSWORD`."""
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if isinstance(node.value, ast.Attribute):
            name = node.value.attr
        return node.attr.isupper() and _is_class(name) and not any(word in name.lower() for word in _SETTINGS)

    def _is_wrapped(self, node: ast.Attribute) -> bool:
        """Return whether an attribute is declared as a secret that prints as stars."""
        for declared in self._module.of(ast.AnnAssign):
            target = declared.target
            name = (
                target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""
            )
            if name == node.attr and _names_in(declared.annotation) & {"SecretStr", "SecretBytes"}:
                return True
        return False

    def _shows_item(self, node: ast.Subscript, depth: int) -> bool:
        if _is_cut(node) or _is_scheme(node):
            return False
        if isinstance(node.slice, ast.Slice) or isinstance(self._module.literal(node.slice), int):
            return self.shows(node.value, depth + 1)
        return self._shows_key(node.value, node.slice)

    def _shows_key(self, holder: ast.expr, key: ast.expr) -> bool:
        """Return whether a table's entry under a key is sensitive."""
        name = self._module.literal(key)
        container = written(holder).rpartition(".")[2]
        if isinstance(name, bytes):
            name = name.decode("latin-1")
        if not isinstance(name, str):
            if container.lower() in {"secrets", "passwords", "api_keys"}:
                return True
            named = written(key)
            return named.isupper() and is_secret_name(named.rpartition(".")[2])
        if is_credential_entry(container, name):
            return True
        if container.lower() in {"cookies", "cookie"} and is_session_cookie(name):
            return True
        return is_credential_header(name) or is_secret_name(name) or is_card_number(container, name)

    def _shows_call(self, node: ast.Call, depth: int) -> bool:  # noqa: C901  # one case for each kind of syntax
        """Look through a call: what it is called on and given, unless it hides or measures the value."""
        function = node.func
        name = written(function).rpartition(".")[2]
        if isinstance(function, ast.Attribute) and node.args:
            if function.attr in {
                "get",
                "pop",
                "getlist",
                "get_header",
                "getone",
                "header",
                "get_argument",
                "get_cookie",
                "getfirst",
            }:
                key = node.args[0]
                if function.attr == "get" and len(node.args) > 1 and "conf" in written(function.value).lower():
                    key = node.args[1] if isinstance(self._module.literal(node.args[1]), str) else key
                if function.attr == "get_cookie":
                    cookie = self._module.literal(key)
                    return isinstance(cookie, str) and is_session_cookie(cookie)
                return self._shows_key(function.value, key)
            if function.attr == "getenv":
                return self._is_secret_key(node.args[0])
        if self._module.qualname(function) in {"os.getenv", "os.environ.get", "getattr"} and node.args:
            key = node.args[1] if name == "getattr" and len(node.args) > 1 else node.args[0]
            return self._is_secret_key(key)
        owner = written(function.value) if isinstance(function, ast.Attribute) else ""
        if name in _BODIES and words(owner.rpartition(".")[2])[-1:] in {("request",), ("req",)}:
            return self._is_credential_body(node)
        if hides(name):
            return False
        if makes_secret(name) or self._module.qualname(function).endswith("jwt.encode"):
            return True
        if name == "locals":
            return self._has_secret_locals(self._module.function_of(node))
        inner: list[ast.expr] = [*node.args, *(k.value for k in node.keywords)]
        if name in {"list", "tuple", "set", "sorted"} and inner and written(inner[0]).lower().endswith(".cookies"):
            return False  # their names
        if name in {"decode", "encode"} and not all(isinstance(argument, ast.Constant) for argument in node.args):
            return False  # jwt.decode(token)
        if isinstance(function, ast.Attribute) and function.attr in _PASSING:
            if function.attr == "format" and any(
                k.arg and is_secret_name(k.arg) and not self.is_safe(k.value, 0) for k in node.keywords
            ):
                return True
            inner = (
                [*inner, function.value]
                if function.attr not in {"replace", "encode", "decode", "split"}
                else [function.value]
            )
        elif name == "dict" and any(
            k.arg and is_secret_name(k.arg) and not self.is_safe(k.value, 0) for k in node.keywords
        ):
            return True
        elif name not in _WRAPPERS:
            return False  # what another function makes of a secret is not the secret
        return any(self.shows(part, depth + 1) for part in inner)

    def _shows_table(self, node: ast.Dict, depth: int) -> bool:
        for key, value in zip(node.keys, node.values, strict=True):
            secret = key is not None and self._is_secret_key(key)
            if (secret and not self.is_safe(value, depth + 1)) or self.shows(value, depth + 1):
                return True
        return False

    def _is_credential_body(self, node: ast.AST) -> bool:
        """Return whether the body of this request holds a password, by the handler's name, its path or what is read."""
        function = self._module.function_of(node)
        if function is None:
            return False
        if is_body_secret(function.name):
            return True
        for decorator in function.decorator_list:
            for part in walk(decorator):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and is_body_secret(part.value):
                    return True
        owner = self._module.class_of(function)
        if owner is not None and is_body_secret(owner.name):
            return True
        return any(
            isinstance(part, ast.Subscript)
            and isinstance(part.slice, ast.Constant)
            and is_secret_name(str(part.slice.value))
            for part in walk(function)
        )

    @staticmethod
    def _has_secret_locals(function: Function | None) -> bool:
        if function is None:
            return False
        names = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
        return any(map(is_secret_name, names))


def _is_cut(node: ast.Subscript) -> bool:
    """Return whether a slice leaves only a few characters: `token[:4]`, `card[-4:]`; not `header[7:]`."""
    if not isinstance(node.slice, ast.Slice):
        return False
    lower, upper = _figure(node.slice.lower), _figure(node.slice.upper)
    if upper is not None and 0 < upper <= 24:
        return True
    return lower is not None and -12 <= lower < 0 and node.slice.upper is None


def _is_scheme(node: ast.Subscript) -> bool:
    """Return whether an item is the first word of a header: `authorization.split(" ")[0]`."""
    call = node.value
    first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
    return (
        first
        and isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"split", "partition"}
    )


def _figure(node: ast.expr | None) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _figure(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None


def _has_precision(node: ast.FormattedValue) -> bool:
    """Return whether a format cuts what it shows: `{token:.4}`."""
    spec = node.format_spec
    parts = spec.values if isinstance(spec, ast.JoinedStr) else []
    return any(isinstance(part, ast.Constant) and str(part.value).startswith(".") for part in parts)


def _is_class(name: str) -> bool:
    return name[:1].isupper() and not name.isupper()


def _is_about(name: str) -> bool:
    """Return whether an attribute tells something about a secret rather than the secret."""
    return "".join(words(name)[-1:]) in _ABOUT


def _names_in(node: ast.AST | None) -> set[str]:
    """Return the last parts of the names in an annotation: `SecretStr` of `Optional[pydantic.SecretStr]`."""
    parts = islice(walk(node), 30) if node is not None else ()
    return {part.id if isinstance(part, ast.Name) else getattr(part, "attr", "") for part in parts}


def _annotation(module: PythonModule, node: ast.Name) -> set[str]:
    """Return the names in the annotation of a parameter."""
    function = module.function_of(node)
    if function is None:
        return set()
    a = function.args
    found = next((arg for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs) if arg.arg == node.id), None)
    return _names_in(found.annotation) if found is not None else set()
