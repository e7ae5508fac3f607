"""Django's and REST framework's views: which methods they answer, and whether permissions or mixins ask who calls."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pytest_superteam.scanners.facts.auth.names import is_auth_name, is_public_name
from pytest_superteam.scanners.facts.auth.python import (
    is_auth_decorator,
)
from pytest_superteam.scanners.facts.auth.python_effects import called_name
from pytest_superteam.scanners.facts.auth.python_guards import function_guards
from pytest_superteam.scanners.facts.auth.python_handlers import (
    checks_signature,
    handler_authenticates,
    is_public_mark,
    signs_in,
)
from pytest_superteam.scanners.facts.routes.django_permissions import Access, access_of
from pytest_superteam.scanners.facts.services import definition
from pytest_superteam.scanners.languages.python import Function, PythonModule, keyword, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["View", "by_actions", "is_view_class", "is_view_function", "views"]

_HTTP = ("get", "post", "put", "patch", "delete", "head", "options")
_ACTIONS = {
    "list": "GET",
    "create": "POST",
    "retrieve": "GET",
    "update": "PUT",
    "partial_update": "PATCH",
    "destroy": "DELETE",
}
_DETAIL = frozenset({"retrieve", "update", "partial_update", "destroy"})
_REST = {
    "APIView": (), "GenericAPIView": (), "ViewSet": (), "GenericViewSet": (), "ViewSetMixin": (),
    "ListAPIView": ("GET",), "CreateAPIView": ("POST",), "RetrieveAPIView": ("GET",), "UpdateAPIView": ("PUT", "PATCH"),
    "DestroyAPIView": ("DELETE",), "ListCreateAPIView": ("GET", "POST"),
    "RetrieveUpdateAPIView": ("GET", "PUT", "PATCH"),
    "RetrieveDestroyAPIView": ("GET", "DELETE"), "RetrieveUpdateDestroyAPIView": ("GET", "PUT", "PATCH", "DELETE"),
    "ModelViewSet": tuple(_ACTIONS), "ReadOnlyModelViewSet": ("list", "retrieve"), "ListModelMixin": ("list",),
    "CreateModelMixin": ("create",), "RetrieveModelMixin": ("retrieve",), "DestroyModelMixin": ("destroy",),
    "UpdateModelMixin": ("update", "partial_update"), "ObtainAuthToken": ("POST",),
}  # fmt: skip
_PLAIN = {
    "View": (), "TemplateView": ("GET",), "ListView": ("GET",), "DetailView": ("GET",), "CreateView": ("GET", "POST"),
    "UpdateView": ("GET", "POST"), "DeleteView": ("GET", "POST"), "FormView": ("GET", "POST"),
    "ArchiveIndexView": ("GET",),
    "YearArchiveView": ("GET",), "MonthArchiveView": ("GET",), "DayArchiveView": ("GET",), "DateDetailView": ("GET",),
}  # fmt: skip
_MIXINS = frozenset({
    "LoginRequiredMixin", "PermissionRequiredMixin", "UserPassesTestMixin", "AccessMixin", "SuperuserRequiredMixin",
    "StaffuserRequiredMixin", "StaffRequiredMixin", "GroupRequiredMixin", "UserCanViewMixin", "TwoFactorRequiredMixin",
})  # fmt: skip
_RESPONSES = frozenset({
    "HttpResponse", "JsonResponse", "render", "redirect", "Response", "HttpResponseRedirect", "render_to_response",
    "StreamingHttpResponse", "FileResponse", "HttpResponseBadRequest", "HttpResponseNotFound", "TemplateResponse",
    "HttpResponseForbidden", "HttpResponseNotAllowed",
})  # fmt: skip
_METHOD_DECORATORS = {"require_POST": ("POST",), "require_GET": ("GET",), "require_safe": ("GET",)}


@dataclass(frozen=True)
class View:
    """One method of a view; `suffix` is what a router of REST framework adds to the path for it."""

    module: PythonModule
    line: int
    name: str
    method: str
    access: Access
    signed: bool = False
    signs_in: bool = False
    suffix: str = ""


def _bases(tree: SourceTree, module: PythonModule, cls: ast.ClassDef) -> list[tuple[PythonModule, ast.ClassDef]]:
    found = [(module, cls)]
    for home, node in found:
        if len(found) > 10:
            break
        for base in node.bases:
            outer = definition(tree, home, base)
            if outer is not None and isinstance(outer[1], ast.ClassDef) and outer[1] not in {c for _, c in found}:
                found.append((outer[0], outer[1]))
    return found


def _base_names(tree: SourceTree, module: PythonModule, cls: ast.ClassDef) -> list[str]:
    """Return the last names of all bases, outside ones in full resolution of imports."""
    lines = _bases(tree, module, cls)
    return [home.qualname(base).rsplit(".", 1)[-1] or called_name(base) for home, node in lines for base in node.bases]


def is_view_class(tree: SourceTree, module: PythonModule, cls: ast.ClassDef) -> Literal["rest", "plain", ""]:
    """Return whether a class is a view of REST framework, of Django alone, or none."""
    names = _base_names(tree, module, cls)
    if any(name in _REST for name in names):
        return "rest"
    return "plain" if any(name in _PLAIN for name in names) else ""


def is_view_function(module: PythonModule, function: Function) -> bool:
    """Return whether a function answers requests: by its decorator, or by its first parameter and what it returns."""
    if any(
        called_name(d).rsplit(".", 1)[-1] in {"api_view", "csrf_exempt", "require_http_methods", *_METHOD_DECORATORS}
        for d in function.decorator_list
    ):
        return True
    if module.parents.get(function) is not module.tree:
        return False
    first = next(iter([*function.args.posonlyargs, *function.args.args]), None)
    if first is None or first.arg not in {"request", "req", "_request"}:
        return False
    returned = (r.value for r in module.scope_nodes(function) if isinstance(r, ast.Return))
    return any(
        isinstance(value, ast.Call) and called_name(value).rsplit(".", 1)[-1] in _RESPONSES for value in returned
    )


def views(
    tree: SourceTree, module: PythonModule, node: ast.AST, default: Access, *, guarded: bool = False
) -> list[View]:
    """Return the methods of a function or class of the service."""
    if isinstance(node, ast.ClassDef):
        found = list(_class_views(tree, module, node, default))
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        found = _function_views(tree, module, node, default)
    else:
        found = []
    return [replace(view, access=Access.CLOSED) for view in found] if guarded else found


def _function_views(tree: SourceTree, module: PythonModule, function: Function, default: Access) -> list[View]:
    marks = {called_name(d).rsplit(".", 1)[-1]: d for d in function.decorator_list}
    api = marks.get("api_view")
    line = api.lineno if api is not None else function.lineno
    access = default if api is not None else Access.OPEN
    given = marks.get("permission_classes")
    if isinstance(given, ast.Call) and given.args:
        access = access_of(tree, module, given.args[0])
    if any(is_public_mark(d) for d in function.decorator_list) and access is not Access.CLOSED:
        access = Access.PUBLIC
    others = [
        d
        for name, d in marks.items()
        if name
        not in {
            "api_view",
            "permission_classes",
            "authentication_classes",
            "renderer_classes",
            "throttle_classes",
            "parser_classes",
        }
    ]
    if any(is_auth_decorator(tree, module, d) for d in others) or handler_authenticates(tree, module, _bare(function)):
        access = Access.CLOSED
    methods = _function_methods(module, function, marks)
    signed = checks_signature(tree, module, function)
    return [View(module, line, function.name, m, access, signed, signs_in(function)) for m in methods]


def by_actions(found: list[View], actions: dict[str, str]) -> list[View]:
    """Return the views of a class for `as_view({"get": "list"})`: one for each method, whatever its action's name."""
    made = []
    for verb, action in actions.items():
        wanted = _ACTIONS.get(action, verb.upper())
        views_ = [view for view in found if view.name.rsplit(".", 1)[-1] == action]
        views_ = views_ or [view for view in found if view.method == wanted] or found
        made += [replace(view, method=verb.upper()) for view in views_[:1]]
    return made


def _bare(function: Function) -> Function:
    """Return the function itself; its decorators are read by `handler_authenticates` with those of routes left out."""
    return function


def _function_methods(module: PythonModule, function: Function, marks: dict[str, ast.expr]) -> tuple[str, ...]:
    for name, methods in _METHOD_DECORATORS.items():
        if name in marks:
            return methods
    given = marks.get("api_view") or marks.get("require_http_methods")
    if isinstance(given, ast.Call):
        said = module.literal(given.args[0]) if given.args else ["GET"]
        return tuple(str(m).upper() for m in said if isinstance(m, str)) if isinstance(said, list) else ("GET",)
    said = {
        str(leaf.value)
        for node in walk(function)
        if isinstance(node, ast.Compare) and called_name(node.left).endswith(".method")
        for leaf in walk(node)
        if isinstance(leaf, ast.Constant) and str(leaf.value).lower() in _HTTP
    }
    return ("GET", *sorted(said - {"GET"}))


def _class_access(tree: SourceTree, module: PythonModule, cls: ast.ClassDef, default: Access, kind: str) -> Access:
    """Return who may call the methods of a class as far as the class and its bases say."""
    lines = _bases(tree, module, cls)
    for home, node in lines:
        if any(is_auth_decorator(tree, home, d) for d in node.decorator_list if _guards_all(home, d)):
            return Access.CLOSED
        dispatch = next((m for m in node.body if getattr(m, "name", "") in {"dispatch", "initial", "setup"}), None)
        if isinstance(dispatch, (ast.FunctionDef, ast.AsyncFunctionDef)) and function_guards(tree, home, dispatch):
            return Access.CLOSED
        if any(definition(tree, home, base) is None and _is_auth_base(called_name(base)) for base in node.bases):
            return Access.CLOSED
    if any(is_public_name(called_name(d)) for d in cls.decorator_list):
        return Access.PUBLIC
    return _permissions(tree, lines, default) if kind == "rest" else Access.OPEN


def _is_auth_base(name: str) -> bool:
    """Return whether a base class of a library asks who is calling, by its name."""
    last = name.rsplit(".", 1)[-1]
    return last in _MIXINS or (last not in _REST and last not in _PLAIN and is_auth_name(last))


def _permissions(tree: SourceTree, lines: list[tuple[PythonModule, ast.ClassDef]], default: Access) -> Access:
    """Return what the nearest of a class and its bases says in `get_permissions` or `permission_classes`."""
    for home, node in lines:
        getter = next((m for m in node.body if getattr(m, "name", "") == "get_permissions"), None)
        if isinstance(getter, ast.FunctionDef):
            return _by_code(tree, home, getter)
        values = home.local_bindings(node).get("permission_classes", [])
        if values:
            return access_of(tree, home, values[-1])
    return default


def _guards_all(module: PythonModule, decorator: ast.expr) -> bool:
    """Return whether `method_decorator(x, name="dispatch")` stands before all methods."""
    if isinstance(decorator, ast.Call) and called_name(decorator).endswith("method_decorator"):
        return module.literal(keyword(decorator, "name")) in {"dispatch", "get", "post"}
    return True


def _by_code(tree: SourceTree, module: PythonModule, getter: ast.FunctionDef) -> Access:
    """Return the strictest of what `get_permissions` may return: a policy for each action is one on purpose."""
    names = (n for n in walk(getter) if isinstance(n, (ast.Name, ast.Attribute)) and called_name(n)[:1].isupper())
    found = [access_of(tree, module, name) for name in names]
    known = [access for access in found if access is not Access.OPEN]
    return max(known, key=lambda access: access.value) if known else Access.OPEN


def _class_views(tree: SourceTree, module: PythonModule, cls: ast.ClassDef, default: Access) -> Iterator[View]:
    kind = is_view_class(tree, module, cls) or ("rest" if _has_permissions(module, cls) else "plain")
    access = _class_access(tree, module, cls, default, kind)
    made = list(_methods(tree, module, cls, access))
    mixed = len({item.access for item in made}) > 1
    for item in made:
        named = replace(item, name=f"{cls.name}.{item.name}")
        yield named if mixed and item.line else replace(named, module=module, line=cls.lineno)
    yield from _extra_actions(tree, module, cls, access)


def _has_permissions(module: PythonModule, cls: ast.ClassDef) -> bool:
    return "permission_classes" in module.local_bindings(cls)


def _methods(tree: SourceTree, module: PythonModule, cls: ast.ClassDef, access: Access) -> Iterator[View]:
    """Yield the methods that a class defines, then those that its bases outside the service bring."""
    seen: set[str] = set()
    allowed = module.literal(next(iter(module.local_bindings(cls).get("http_method_names", [])), None))
    for home, node in _bases(tree, module, cls):
        for function in node.body:
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and function.name not in seen:
                method = _ACTIONS.get(function.name) or (function.name.upper() if function.name in _HTTP else "")
                if method:
                    seen.add(function.name)
                    view = _method_view(tree, home, cls, function, method, access)
                    if not isinstance(allowed, list) or method.lower() in allowed:
                        yield view
    for name in _base_names(tree, module, cls):
        for action in (*_REST.get(name, ()), *_PLAIN.get(name, ())):
            method = _ACTIONS.get(action, action)
            if (
                action not in seen
                and action.lower() not in seen
                and (not isinstance(allowed, list) or method.lower() in allowed)
            ):
                seen.add(action)
                yield View(
                    module, 0, cls.name, method, access, suffix=_detail(tree, module, cls) if action in _DETAIL else ""
                )


def _detail(tree: SourceTree, module: PythonModule, cls: ast.ClassDef) -> str:
    """Return what a router adds to a path for one object of a view set: `/{pk}`, or what the class calls it."""
    for home, node in _bases(tree, module, cls):
        for name in ("lookup_url_kwarg", "lookup_field"):
            values = home.local_bindings(node).get(name, [])
            said = home.literal(values[-1]) if values else None
            if isinstance(said, str) and said.isidentifier():
                return f"/{{{said}}}"
    return "/{pk}"


def _method_view(
    tree: SourceTree, module: PythonModule, cls: ast.ClassDef, function: Function, method: str, access: Access
) -> View:
    if access is not Access.CLOSED and handler_authenticates(tree, module, function):
        access = Access.CLOSED
    marks = [d for d in function.decorator_list if called_name(d).endswith("permission_classes")]
    for mark in marks:
        if isinstance(mark, ast.Call) and mark.args:
            access = access_of(tree, module, mark.args[0])
    suffix = _detail(tree, module, cls) if function.name in _DETAIL else ""
    signed = checks_signature(tree, module, function)
    return View(module, function.lineno, function.name, method, access, signed, signs_in(function), suffix)


def _extra_actions(tree: SourceTree, module: PythonModule, cls: ast.ClassDef, access: Access) -> Iterator[View]:
    """Yield what `@action` adds to a view set; its own `permission_classes` replace those of the class."""
    for function in cls.body:
        for mark in getattr(function, "decorator_list", ()):
            if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or not isinstance(mark, ast.Call):
                continue
            if called_name(mark).rsplit(".", 1)[-1] not in {"action", "list_route", "detail_route"}:
                continue
            given = keyword(mark, "permission_classes")
            own = access_of(tree, module, given) if given is not None else access
            if own is not Access.CLOSED and handler_authenticates(tree, module, function):
                own = Access.CLOSED
            said = module.literal(keyword(mark, "methods"))
            methods = [str(m).upper() for m in said if isinstance(m, str)] if isinstance(said, list) else ["GET"]
            path = module.literal(keyword(mark, "url_path"))
            detail = module.literal(keyword(mark, "detail")) is True or called_name(mark).endswith("detail_route")
            suffix = (
                f"{_detail(tree, module, cls) if detail else ''}/{path if isinstance(path, str) else function.name}"
            )
            for method in methods:
                yield View(module, mark.lineno, function.name, method, own, suffix=suffix)
