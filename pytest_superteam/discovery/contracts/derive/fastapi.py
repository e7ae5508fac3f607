"""What a FastAPI handler takes and answers: its parameters, those of its dependencies, its models and its statuses."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pytest_superteam.discovery.contracts.derive.details import FORM, MULTIPART, Details, Parameter
from pytest_superteam.discovery.contracts.derive.handlers import first_line, function_at, status_of
from pytest_superteam.discovery.contracts.derive.limits import defaulted, limited
from pytest_superteam.discovery.contracts.derive.python_types import field_limits
from pytest_superteam.scanners.facts.services import definition, literal, value_of
from pytest_superteam.scanners.languages.python import Function, PythonModule, keyword, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.discovery.contracts.derive.python_models import Models
    from pytest_superteam.discovery.contracts.derive.python_types import Named
    from pytest_superteam.scanners.facts.routes import Route
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["FastApi"]

_MARKS = frozenset({"Query", "Path", "Body", "Header", "Cookie", "Form", "File", "Depends", "Security"})
_SPECIAL = frozenset(
    {"Request", "Response", "WebSocket", "BackgroundTasks", "HTTPConnection", "SecurityScopes", "JSONResponse"}
)
_FORMS = frozenset({"OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict"})
_FILES = frozenset({"UploadFile"})
_DEPTH = 6
_MOST = 60  # parameters of one handler, its dependencies' included
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class _Given:
    """One parameter of a function: its annotation without `Annotated`, and what marks it."""

    name: str
    note: Named | None
    mark: tuple[PythonModule, ast.Call] | None
    default: ast.expr | None
    """The plain default, where it is no mark."""


@dataclass
class _Bodies:
    fields: dict[str, tuple[dict[str, Any], bool]] = field(default_factory=dict)
    single: bool = True
    form: bool = False
    files: bool = False


class FastApi:
    """Reads handlers of one tree. `taken` and `given` hold the models of bodies and of answers."""

    def __init__(self, tree: SourceTree, taken: Models, given: Models) -> None:
        self.tree = tree
        self.taken = taken
        self.given = given

    def details(self, route: Route, names: frozenset[str]) -> Details:
        """Return what is known of a route; `names` are the parameters of its path."""
        found = Details()
        place = function_at(self.tree, route)
        if place is None:
            return found
        module, function = place
        found.summary = first_line(function)
        bodies = _Bodies()
        self._collect(module, function, names, found, bodies, 0, route.method)
        self._body(found, bodies)
        declared = _declaration(self.tree, route, function)
        self._answers(found, module, function, declared)
        if found.path or found.parameters or found.body is not None:
            found.others = tuple(dict.fromkeys((*found.others, 422)))
        return found

    # ------------------------------------------------------------ parameters

    def _given(self, module: PythonModule, function: Function) -> Iterator[_Given]:
        a = function.args
        plain = [*a.posonlyargs, *a.args]
        defaults: list[ast.expr | None] = [*[None] * (len(plain) - len(a.defaults)), *a.defaults]
        pairs = [*zip(plain, defaults, strict=True), *zip(a.kwonlyargs, a.kw_defaults, strict=True)]
        for argument, default in pairs[:_MOST]:
            note, marks = self._unwrapped(module, argument.annotation)
            mark = next((m for m in marks if _is_mark(*m)), None)
            if isinstance(default, ast.Call) and _is_mark(module, default):
                yield _Given(argument.arg, note, (module, default), None)
            else:
                yield _Given(argument.arg, note, mark, default)

    def _unwrapped(
        self, module: PythonModule, node: ast.expr | None, depth: int = 0
    ) -> tuple[Named | None, list[tuple[PythonModule, ast.Call]]]:
        """Return an annotation without `Annotated` around it, followed through names, and the calls beside it."""
        if node is None or depth > _DEPTH:
            return None, []
        if isinstance(node, ast.Subscript) and module.qualname(node.value).rsplit(".", 1)[-1] == "Annotated":
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            inner, marks = self._unwrapped(module, parts[0], depth + 1)
            return inner, [*marks, *((module, part) for part in parts[1:] if isinstance(part, ast.Call))]
        if isinstance(node, (ast.Name, ast.Attribute)) and definition(self.tree, module, node) is None:
            bound = value_of(self.tree, module, node)
            if bound is not None and isinstance(bound[1], (ast.Subscript, ast.Name, ast.Attribute)):
                return self._unwrapped(*bound, depth + 1)
        return (module, node), []

    def _collect(
        self,
        module: PythonModule,
        function: Function,
        names: frozenset[str],
        found: Details,
        bodies: _Bodies,
        depth: int,
        method: str,
    ) -> None:
        for given in self._given(module, function):
            if len(found.parameters) + len(bodies.fields) > _MOST or given.name in {"self", "cls"}:
                continue
            kind = _mark_name(given.mark)
            if kind in {"Depends", "Security"} and given.mark is not None:
                self._depend(given, given.mark, names, found, bodies, depth, method)
            elif given.name in names or kind == "Path":
                found.path[given.name] = self._schema(given)
            elif kind in {"Body", "Form", "File"}:
                self._to_body(given, kind, bodies)
            elif kind in {"Query", "Header", "Cookie"}:
                self._outside(given, kind, found)
            else:
                self._unmarked(given, found, bodies, method)

    def _unmarked(self, given: _Given, found: Details, bodies: _Bodies, method: str) -> None:
        """Place a parameter as FastAPI does where nothing marks it: by what its annotation is."""
        if given.note is None:
            found.add(Parameter("query", given.name, {}, required=given.default is None))
            return
        last = _name_in(*given.note)
        if last in _SPECIAL:
            return
        if last in _FILES:
            self._to_body(given, "File", bodies)
            return
        kind = self.taken.types.kind(*given.note)
        if kind == "scalar":
            self._outside(given, "Query", found)
        elif kind in {"model", "list", "mapping"}:
            self._to_body(given, "Body", bodies)
        elif method in _BODY_METHODS and given.default is None and definition(self.tree, *given.note) is not None:
            bodies.fields[given.name] = {}, False

    def _schema(self, given: _Given) -> dict[str, Any]:
        schema = self.taken.types.schema(*given.note) if given.note is not None else {}
        if given.mark is not None:
            schema = limited(schema, field_limits(self.tree, *given.mark))
        return schema

    def _required(self, given: _Given) -> bool:
        if given.default is not None:
            return isinstance(given.default, ast.Constant) and given.default.value is Ellipsis
        if given.mark is None:
            return True
        call = given.mark[1]
        default = keyword(call, "default") or keyword(call, "default_factory") or (call.args[0] if call.args else None)
        return default is None or (isinstance(default, ast.Constant) and default.value is Ellipsis)

    def _outside(self, given: _Given, kind: str, found: Details) -> None:
        said = field_limits(self.tree, *given.mark) if given.mark is not None else {}
        if said.get("include_in_schema") is False:
            return
        place = {"Query": "query", "Header": "header", "Cookie": "cookie"}[kind]
        if given.note is not None and self.taken.types.kind(*given.note) == "model":
            self._fields_outside(place, given.note, found)
            return
        alias = next((said[key] for key in ("alias", "validation_alias") if isinstance(said.get(key), str)), "")
        name = alias or (given.name.replace("_", "-") if kind == "Header" else given.name)
        schema = self._schema(given)
        default = literal(self.tree, given.note[0], given.default) if given.note and given.default is not None else None
        found.add(Parameter(place, name, defaulted(schema, default), self._required(given)))  # type: ignore[arg-type]  # one of the three

    def _fields_outside(self, place: str, note: Named, found: Details) -> None:
        """Add a parameter for each field of a model: `Annotated[Filters, Query()]`."""
        model = self.taken.resolved(self.taken.types.schema(*note))
        for name, schema in model.get("properties", {}).items():
            found.add(Parameter(place, name, schema, name in model.get("required", ())))  # type: ignore[arg-type]  # one of the three

    # ------------------------------------------------------------ dependencies

    def _depend(
        self,
        given: _Given,
        mark: tuple[PythonModule, ast.Call],
        names: frozenset[str],
        found: Details,
        bodies: _Bodies,
        depth: int,
        method: str,
    ) -> None:
        home, call = mark
        target: Named | None = (
            (home, keyword(call, "dependency") or call.args[0]) if call.args or call.keywords else None
        )
        if target is None or not isinstance(target[1], (ast.Name, ast.Attribute, ast.Call)):
            target = given.note
        if target is None or depth > _DEPTH:
            return
        last = _name_in(*target)
        if last in _FORMS:
            bodies.form = True
            bodies.fields |= {"username": ({"type": "string"}, True), "password": ({"type": "string"}, True)}
            bodies.fields["grant_type"] = {"enum": ["password"]}, last.endswith("Strict")
            return
        found.scheme = found.scheme or self._scheme(*target)
        made = self._callable(*target)
        if made is not None and isinstance(made[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._collect(made[0], made[1], names, found, bodies, depth + 1, method)
        elif made is not None and isinstance(made[1], ast.ClassDef):
            self._fields_outside("query", (made[0], ast.Name(made[1].name, ast.Load())), found)

    def _callable(self, module: PythonModule, node: ast.expr) -> tuple[PythonModule, ast.AST] | None:
        """Return the function, or the class of data, that a dependency calls."""
        if isinstance(node, ast.Call):  # Depends(factory(x)): what the factory returns, or the instance's __call__
            made = definition(self.tree, module, node.func)
            if made is None:
                return None
            if isinstance(made[1], ast.ClassDef):
                return _method(made[0], made[1], "__call__")
            if isinstance(made[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
                return _returned_function(made[0], made[1])
            return None
        found = definition(self.tree, module, node)
        if found is None:
            bound = value_of(self.tree, module, node)
            inside = bound is not None and isinstance(bound[1], ast.Call)
            return self._callable(*bound) if bound is not None and inside else None
        if isinstance(found[1], ast.ClassDef):
            if self.taken.is_model(found):
                return found
            return _method(found[0], found[1], "__init__")
        return found

    def _scheme(self, module: PythonModule, node: ast.expr) -> dict[str, Any] | None:
        """Return the scheme that a dependency such as `APIKeyHeader(name="X-Key")` is."""
        home, call = (
            (module, node) if isinstance(node, ast.Call) else value_of(self.tree, module, node) or (module, node)
        )
        if not isinstance(call, ast.Call):
            return None
        last = home.qualname(call.func).rsplit(".", 1)[-1]
        if last == "HTTPBasic":
            return {"type": "http", "scheme": "basic"}
        name = literal(self.tree, home, keyword(call, "name"))
        places = {"APIKeyHeader": "header", "APIKeyQuery": "query", "APIKeyCookie": "cookie"}
        if last in places and isinstance(name, str) and name:
            return {"type": "apiKey", "in": places[last], "name": name}
        return None

    # ------------------------------------------------------------ bodies

    def _to_body(self, given: _Given, kind: str, bodies: _Bodies) -> None:
        said = field_limits(self.tree, *given.mark) if given.mark is not None else {}
        files = kind == "File" or (given.note is not None and _name_in(*given.note) in _FILES)
        schema: dict[str, Any] = {"type": "string", "format": "binary"} if files else self._schema(given)
        if files and given.note is not None and isinstance(given.note[1], ast.Subscript):
            schema = {"type": "array", "items": schema} if _name_in(*given.note) in {"list", "List"} else schema
        name = said["alias"] if isinstance(said.get("alias"), str) else given.name
        bodies.single = bodies.single and said.get("embed") is not True and kind == "Body"
        bodies.form = bodies.form or kind in {"Form", "File"}
        bodies.files = bodies.files or files
        bodies.fields[name] = schema, self._required(given)

    def _body(self, found: Details, bodies: _Bodies) -> None:
        if not bodies.fields:
            return
        found.body_required = any(required for _, required in bodies.fields.values())
        found.body_type = MULTIPART if bodies.files else FORM if bodies.form else found.body_type
        if bodies.form and len(bodies.fields) == 1:
            schema, _ = next(iter(bodies.fields.values()))
            if "properties" in self.taken.resolved(schema):  # a model of the whole form
                found.body = schema
                return
        if len(bodies.fields) == 1 and bodies.single:
            found.body, found.body_required = next(iter(bodies.fields.values()))
            return
        required = sorted(name for name, (_, needed) in bodies.fields.items() if needed)
        found.body = {"type": "object", "properties": {name: schema for name, (schema, _) in bodies.fields.items()}}
        found.body |= {"required": required} if required else {}

    # ------------------------------------------------------------ answers

    def _answers(
        self, found: Details, module: PythonModule, function: Function, declared: tuple[PythonModule, ast.Call] | None
    ) -> None:
        home, call = declared if declared is not None else (module, ast.Call(ast.Name("x", ast.Load()), [], []))
        given = keyword(call, "status_code")
        status = status_of(self.tree, home, given) if given is not None else HTTPStatus.OK
        found.statuses = (status,) if status else ()
        more = keyword(call, "responses")
        bound = value_of(self.tree, home, more) if isinstance(more, (ast.Name, ast.Attribute)) else None
        more = bound[1] if bound is not None else more
        keys = (
            [status_of(self.tree, home, key) for key in more.keys if key is not None]
            if isinstance(more, ast.Dict)
            else []
        )
        found.others = tuple(key for key in keys if key and key != status)
        named = keyword(call, "response_model")
        note: Named | None = (home, named) if named is not None else None
        if isinstance(named, ast.Constant) and named.value is None:
            return
        if note is None and function.returns is not None:
            note = (module, function.returns)
        loose = any(k.arg and (k.arg.startswith("response_model_") or k.arg == "response_class") for k in call.keywords)
        if note is None or loose or status in {204, 304} or _answers_itself(module, function):
            return
        found.answer = self.given.types.schema(*note) or None


def _is_mark(module: PythonModule, call: ast.Call) -> bool:
    name = module.qualname(call.func)
    return name.rsplit(".", 1)[-1] in _MARKS and (name.startswith("fastapi") or "." not in name)


def _mark_name(mark: tuple[PythonModule, ast.Call] | None) -> str:
    return mark[0].qualname(mark[1].func).rsplit(".", 1)[-1] if mark is not None else ""


def _name_in(module: PythonModule, node: ast.AST) -> str:
    """Return the last name of an annotation, of what `Optional` and lists hold."""
    for _ in range(_DEPTH):
        if isinstance(node, ast.Subscript):
            node = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
        elif isinstance(node, ast.BinOp):
            node = node.left
        else:
            break
    node = node.func if isinstance(node, ast.Call) else node
    return module.qualname(node).rsplit(".", 1)[-1]


def _method(module: PythonModule, cls: ast.ClassDef, name: str) -> tuple[PythonModule, ast.AST] | None:
    return next(((module, m) for m in cls.body if getattr(m, "name", "") == name), None)


def _returned_function(module: PythonModule, function: Function) -> tuple[PythonModule, ast.AST] | None:
    """Return the function inside that a factory returns."""
    inner = {n.name: n for n in walk(function) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
    returned = [n.value for n in module.scope_nodes(function) if isinstance(n, ast.Return)]
    names = [value.id for value in returned if isinstance(value, ast.Name)]
    return next(((module, inner[name]) for name in names if name in inner and name != function.name), None)


def _declaration(tree: SourceTree, route: Route, function: Function) -> tuple[PythonModule, ast.Call] | None:
    """Return the call that declares a route: a decorator of the handler, or `add_api_route`."""
    file = tree.by_path.get(route.file)
    module = file.python if file is not None else None
    if module is None:
        return None
    calls = [d for d in function.decorator_list if isinstance(d, ast.Call)] or list(module.calls)
    return next(((module, call) for call in calls if call.lineno == route.line), None)


def _answers_itself(module: PythonModule, function: Function) -> bool:
    """Return whether a handler returns a response of its own making, which no model is held against."""
    for node in module.scope_nodes(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
            name = module.qualname(node.value.func).rsplit(".", 1)[-1]
            last = getattr(node.value.func, "attr", name)
            if name.endswith("Response") or last.endswith("Response"):
                return True
    return False
