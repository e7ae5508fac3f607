"""The CORS policies of a Python module: middleware and helpers of the web frameworks, settings, headers set by hand."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.cors.policies import CorsPolicy
from pytest_superteam.scanners.facts.cors.python_django import django_policies
from pytest_superteam.scanners.facts.cors.python_flask import flask_policies
from pytest_superteam.scanners.facts.cors.python_headers import header_policies
from pytest_superteam.scanners.facts.cors.python_options import Options
from pytest_superteam.scanners.facts.cors.python_values import Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["python_policies"]


@dataclass(frozen=True)
class _Library:
    """How a callable is told about origins. `name` is the last part of its dotted name, `package` the first."""

    name: str
    package: str = ""
    """Empty: whatever it is imported from."""
    origins: tuple[str, ...] = ("allow_origins",)
    position: int | None = None
    """Which positional argument holds the origins."""
    credentials: str = "allow_credentials"
    everything: str = ""
    """An option that allows all origins when it is true."""
    regex: str = ""
    open: bool = False
    """Whether every origin is allowed where the call names none."""


_LIBRARIES = (
    _Library("CORSMiddleware", "falcon", position=0, open=True),
    _Library("CORSMiddleware", "hug", position=1, open=True),
    _Library("CORSMiddleware", position=1, regex="allow_origin_regex"),
    _Library("CORSConfig", "litestar", position=0, regex="allow_origin_regex", open=True),
    _Library("CORSConfig", "starlite", position=0, regex="allow_origin_regex", open=True),
    _Library("CORSConfig", "aws_lambda_powertools", ("allow_origin", "extra_origins"), 0, open=True),
    _Library("CORSConfig", "chalice", ("allow_origin",), 0, open=True),
    _Library("cors", "quart_cors", ("allow_origin",), open=True),
    _Library("route_cors", "quart_cors", ("allow_origin",), open=True),
    _Library("websocket_cors", "quart_cors", ("allow_origin",), open=True),
    _Library("cors_middleware", "aiohttp_middlewares", ("origins",), everything="allow_all"),
    _Library("ALLOW_CORS", "robyn", ("origins",), 1, open=True),
    _Library("use_cors"),
    _Library("App", "falcon", (), everything="cors_enable"),
    _Library("API", "falcon", (), everything="cors_enable"),
    _Library("SocketIO", "flask_socketio", ("cors_allowed_origins",), credentials="cors_credentials"),
    _Library("Server", "socketio", ("cors_allowed_origins",), credentials="cors_credentials"),
    _Library("AsyncServer", "socketio", ("cors_allowed_origins",), credentials="cors_credentials"),
    _Library("Server", "engineio", ("cors_allowed_origins",), credentials="cors_credentials"),
    _Library("AsyncServer", "engineio", ("cors_allowed_origins",), credentials="cors_credentials"),
    _Library("init_app", "", ("cors_allowed_origins",), credentials="cors_credentials"),
    _Library("SocketManager", "fastapi_socketio", ("cors_allowed_origins",), 2),
    _Library("Service", "cornice", ("cors_origins",), credentials="cors_credentials"),
    _Library("resource", "cornice", ("cors_origins",), credentials="cors_credentials"),
)
_NAMES = frozenset(library.name for library in _LIBRARIES)


def python_policies(module: PythonModule, tree: SourceTree) -> list[CorsPolicy]:
    """Return every policy of the module."""
    values = Values(tree, module)
    return [
        *_library_policies(module, values, tree),
        *flask_policies(module, values, tree),
        *django_policies(module, values),
        *_aiohttp(module, values),
        *_chalice(module, values),
        *header_policies(module, values),
    ]


def _library(module: PythonModule, call: ast.Call) -> tuple[_Library, bool] | None:
    """Return the library that a call configures, and whether its class is the call's first argument."""
    names = [(module.qualname(call.func), False)]
    if call.args and isinstance(call.args[0], (ast.Name, ast.Attribute)):
        names.append((module.qualname(call.args[0]), True))
    names += [(module.qualname(k.value), True) for k in call.keywords if k.arg in {"middleware_class", "cls"}]
    if _is_super_init(call) and (cls := module.class_of(call)) is not None:
        names += [(module.qualname(base), False) for base in cls.bases]
    for name, passed in names:
        last = name.rpartition(".")[2]
        if last in _NAMES:
            package = name.partition(".")[0]
            for library in _LIBRARIES:
                if library.name == last and library.package in {"", package}:
                    return library, passed
    return None


def _is_super_init(call: ast.Call) -> bool:
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "__init__"
        and isinstance(function.value, ast.Call)
        and isinstance(function.value.func, ast.Name)
        and function.value.func.id == "super"
    )


def _library_policies(module: PythonModule, values: Values, tree: SourceTree) -> Iterator[CorsPolicy]:
    """Read Starlette's CORSMiddleware in all its spellings, and what other frameworks have in its place."""
    for call in module.calls:
        found = _library(module, call)
        if found is None:
            continue
        library, passed = found
        options = Options.of_call(module, call, tree)
        origins = [value for name in library.origins if (value := options.get(name)) is not None]
        if not origins and library.position is not None and not options.unknown:
            position = 1 if passed else library.position
            origins = call.args[position : position + 1]
        wildcard = any(map(values.wildcard, origins)) or values.true(options.get(library.everything))
        if library.open and not passed and not origins and not options.unknown and not options.get(library.regex):
            wildcard = True
        credentials = values.true(options.get(library.credentials))
        if library.package == "falcon" and not credentials:
            credentials = values.wildcard(options.get(library.credentials))
        reflected = values.any_origin(options.get(library.regex)) if library.regex else False
        yield CorsPolicy(call, wildcard, credentials, reflected)


def _aiohttp(module: PythonModule, values: Values) -> Iterator[CorsPolicy]:
    """Read aiohttp_cors: resource options under the key `*`."""
    for table in module.of(ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            if key is None or not isinstance(key, (ast.Constant, ast.Name)) or module.literal(key) != "*":
                continue
            options = module.bound(value) if isinstance(value, ast.Name) else value
            if isinstance(options, ast.Call) and module.qualname(options.func).rpartition(".")[2] == "ResourceOptions":
                credentials = next((k.value for k in options.keywords if k.arg == "allow_credentials"), None)
                yield CorsPolicy(key, wildcard=True, credentials=values.true(credentials))


def _chalice(module: PythonModule, values: Values) -> Iterator[CorsPolicy]:
    """Read `cors=True` of a Chalice route, which allows every origin."""
    if not any(origin.partition(".")[0] == "chalice" for origin in module.imports.values()):
        return
    for call in module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "route":
            cors = next((k.value for k in call.keywords if k.arg == "cors"), None)
            if isinstance(cors, ast.Constant) and values.true(cors):
                yield CorsPolicy(call, wildcard=True)
