"""Flask-CORS and its siblings for Quart's and Sanic's older days, whose default is every origin."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.cors.policies import CorsPolicy, is_asset_path
from pytest_superteam.scanners.facts.cors.python_options import Options
from pytest_superteam.scanners.facts.services import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.facts.cors.python_values import Values
    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["flask_policies"]

_PACKAGES = ("flask_cors.", "flask.ext.cors.", "sanic_cors.", "flask_cors_plus.")
_FACT = "settings of Flask-CORS"
_KEYS = ("CORS_ORIGINS", "CORS_SUPPORTS_CREDENTIALS", "CORS_RESOURCES")


def flask_policies(module: PythonModule, values: Values, tree: SourceTree) -> Iterator[CorsPolicy]:
    """Read `CORS(app)`, `init_app`, `@cross_origin()` and the keys of the application's configuration."""
    configured = False
    for call in module.calls:
        kind = _kind(module, call, tree)
        if kind:
            configured = True
            yield from _policy(module, values, call, kind, tree)
    if not configured:
        explicit = [setting for setting in _config_of(module) if setting[2] is not None]
        credentials = any(name == _KEYS[1] and values.true(value) for name, value, _ in explicit)
        for name, value, place in explicit:
            if name == _KEYS[0] and values.wildcard(value) and place is not None:
                yield CorsPolicy(place, wildcard=True, credentials=credentials)


def _kind(module: PythonModule, call: ast.Call, tree: SourceTree) -> str:
    """Return `CORS`, `cross_origin` or `init_app`; empty where the call is none of Flask-CORS."""
    name = module.qualname(call.func)
    last = name.rpartition(".")[2]
    if last not in {"CORS", "cross_origin", "init_app"}:
        return ""
    if name.startswith(_PACKAGES):
        if last == "CORS":
            return "" if not call.args and not _names_app(call) and not call.keywords else "CORS"
        return last if last == "cross_origin" or ".CORS." in name else ""
    if last == "init_app" and isinstance(call.func, ast.Attribute):
        found = value_of(tree, module, call.func.value)
        if found is not None and isinstance(found[1], ast.Call):
            owner = found[0].qualname(found[1].func)
            return "init_app" if owner.startswith(_PACKAGES) and owner.endswith(".CORS") else ""
    return ""


def _names_app(call: ast.Call) -> bool:
    return any(k.arg == "app" for k in call.keywords)


def _policy(module: PythonModule, values: Values, call: ast.Call, kind: str, tree: SourceTree) -> Iterator[CorsPolicy]:
    options = Options.of_call(module, call, tree)
    if (
        kind == "CORS"
        and not call.args
        and not _names_app(call)
        and "origins" not in options
        and "resources" not in options
    ):
        return  # configured by init_app
    parent = _constructed(module, call, tree) if kind == "init_app" else None
    named = "origins" in options or "resources" in options
    told = parent is not None and (parent.unknown or "origins" in parent or "resources" in parent)
    if not named and (options.unknown or told):
        return  # at the constructor, or in options that are not in the source
    settings = {name: value for name, value, _ in _config(module, tree)}
    credentials = values.true(options.get("supports_credentials") or settings.get(_KEYS[1]))
    credentials = credentials or (parent is not None and values.true(parent.get("supports_credentials")))
    resources = options.get("resources") or (settings.get(_KEYS[2]) if kind != "cross_origin" else None)
    origins = options.get("origins") or settings.get(_KEYS[0])
    tables = _resources(module, resources, tree) if resources is not None else None
    if not tables:
        if tables is None and resources is not None and "origins" not in options:
            return  # a table that is not in the source
        yield _told(call, values, origins, credentials=credentials)
        return
    for path, table in tables:
        own = table.get("origins")
        with_credentials = credentials or values.true(table.get("supports_credentials"))
        policy = _told(call, values, own if own is not None else origins, credentials=with_credentials)
        yield CorsPolicy(policy.node, policy.wildcard, policy.credentials, policy.reflected, public=is_asset_path(path))


def _told(call: ast.Call, values: Values, origins: ast.expr | None, *, credentials: bool) -> CorsPolicy:
    """Return the policy of one option for origins; without it every origin is allowed."""
    if origins is None:
        return CorsPolicy(call, wildcard=True, credentials=credentials)
    return CorsPolicy(call, values.wildcard(origins), credentials, values.any_origin(origins, full=False))


def _resources(module: PythonModule, node: ast.expr, tree: SourceTree) -> list[tuple[object, Options]] | None:
    """Return path and options of each resource; empty where only paths are given, None where nothing is known."""
    found = value_of(tree, module, node) if isinstance(node, (ast.Name, ast.Attribute)) else (module, node)
    if found is None:
        return None
    home, table = found
    if isinstance(table, ast.Dict):
        pairs = [
            (home.literal(key), Options.of_table(home, value, tree))
            for key, value in zip(table.keys, table.values, strict=True)
            if key is not None
        ]
        return [(path, options) for path, options in pairs if options is not None and not options.unknown] or None
    return [] if isinstance(table, (ast.Constant, ast.List, ast.Tuple, ast.JoinedStr)) else None


def _constructed(module: PythonModule, call: ast.Call, tree: SourceTree) -> Options | None:
    """Return the options that the object of an `init_app` was made with."""
    if not isinstance(call.func, ast.Attribute):
        return None
    owner = call.func.value
    home: PythonModule = module
    if not isinstance(owner, ast.Call):
        found = value_of(tree, module, owner)
        if found is None or not isinstance(found[1], ast.Call):
            return None
        home, owner = found[0], found[1]
    return Options.of_call(home, owner, tree)


_Setting = tuple[str, ast.expr, ast.AST | None]


def _config(module: PythonModule, tree: SourceTree) -> list[_Setting]:
    """Return the settings of Flask-CORS by name: of this module with their place, else of others without one."""
    found = list(_config_of(module))
    if found:
        return found
    if _FACT not in tree.facts:
        others = tree.module_with(b"CORS_ORIGINS", b"CORS_SUPPORTS_CREDENTIALS")
        tree.facts[_FACT] = [(name, value, None) for _, other in others for name, value, _ in _config_of(other)]
    return tree.facts[_FACT]  # type: ignore[return-value]  # the key holds nothing else


def _config_of(module: PythonModule) -> Iterator[_Setting]:  # noqa: C901  # one case for each kind of syntax
    """Read `app.config["X"] = ...`, `app.config.update(X=...)`, and names of modules and classes."""
    for node in module.of(ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                if target.slice.value in _KEYS:
                    yield str(target.slice.value), node.value, node
            elif isinstance(target, ast.Attribute) and target.attr in _KEYS:
                yield target.attr, node.value, node
            elif isinstance(target, ast.Name) and target.id in _KEYS and module.function_of(node) is None:
                yield target.id, node.value, None
    for annotated in module.of(ast.AnnAssign):
        if isinstance(annotated.target, ast.Name) and annotated.target.id in _KEYS and annotated.value is not None:
            yield annotated.target.id, annotated.value, None
    for call in module.calls:
        for argument in call.keywords:
            if argument.arg in _KEYS:
                yield argument.arg, argument.value, call
    for table in module.of(ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in _KEYS:
                yield str(key.value), value, key
