"""CORS-001 to 003: pages of any origin that may read a service's answers."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Hit, PythonCheck, RuleScanner
from pytest_superteam.scanners.facts.services import literal
from pytest_superteam.scanners.languages.python import PythonModule, keyword
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCANNER"]

_TRIGGERS = (b"CORS", b"cors", b"ccess-", b"ACCESS_CONTROL", b"cross_origin")
_SETTERS = frozenset({"add", "set", "setdefault", "append", "__setitem__", "add_header", "set_header"})
_ORIGIN_HEADER = "access-control-allow-origin"
_CREDENTIALS_HEADER = "access-control-allow-credentials"
_ANY = frozenset(
    {".*", "^.*$", ".+", "^.+$", "https?://.*", "^https?://.*$", "https?://.+", r"https?://.*(:\d+)?", "(.*)"}
)


@dataclass(frozen=True)
class _Policy:
    """One place that configures CORS: where it says which origins, and whether with credentials."""

    node: ast.AST
    wildcard: bool
    credentials: bool
    any_regex: ast.AST | None = None


def _is_wildcard(value: object) -> bool:
    if isinstance(value, list):
        return any(_is_wildcard(item) for item in value)
    return isinstance(value, str) and "*" in [part.strip() for part in value.split(",")]


def _matches_anything(value: object) -> bool:
    return isinstance(value, str) and value.strip() in _ANY


def _option(module: PythonModule, call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of a keyword argument, also of one that comes in by `**` from a literal dict."""
    for argument in call.keywords:
        spread = module.bound(argument.value) if isinstance(argument.value, ast.Name) else argument.value
        if argument.arg == name:
            return argument.value
        if argument.arg is None and isinstance(spread, ast.Dict):
            for key, value in zip(spread.keys, spread.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == name:
                    return value
        elif argument.arg is None and isinstance(spread, ast.Call) and module.qualname(spread.func) == "dict":
            return keyword(spread, name)
    return None


def _may_be_wildcard(tree: SourceTree, module: PythonModule, node: ast.expr | None) -> bool:
    """Return whether an expression, or one branch of a conditional one, is a wildcard."""
    if isinstance(node, ast.IfExp):
        return _may_be_wildcard(tree, module, node.body) or _may_be_wildcard(tree, module, node.orelse)
    return node is not None and _is_wildcard(literal(tree, module, node))


def _middleware(module: PythonModule, call: ast.Call, tree: SourceTree) -> Iterator[_Policy]:
    """Read Starlette's CORSMiddleware in its three spellings."""
    names = [module.qualname(call.func), *(module.qualname(arg) for arg in call.args[:1])]
    if any(name.rsplit(".", 1)[-1] == "CORSMiddleware" for name in names):
        origins = _option(module, call, "allow_origins")
        regex = _option(module, call, "allow_origin_regex")
        credentials = literal(tree, module, _option(module, call, "allow_credentials")) is True
        wildcard = _may_be_wildcard(tree, module, origins)
        any_regex = regex if _matches_anything(literal(tree, module, regex)) else None
        yield _Policy(origins if wildcard and origins is not None else call, wildcard, credentials, any_regex)


def _flask(module: PythonModule, call: ast.Call, tree: SourceTree) -> Iterator[_Policy]:
    """Read Flask-CORS, whose default is every origin."""
    name = module.qualname(call.func)
    if name not in {"flask_cors.CORS", "flask_cors.cross_origin", "flask_cors.CORS.init_app"}:
        return
    if name == "flask_cors.CORS" and not call.args and not call.keywords:
        return  # configured by init_app
    if any(k.arg is None for k in call.keywords):
        return
    credentials = literal(tree, module, keyword(call, "supports_credentials")) is True
    origins, resources = keyword(call, "origins"), keyword(call, "resources")
    node: ast.AST = call
    wildcard = origins is None
    if origins is not None:
        node, wildcard = origins, _is_wildcard(literal(tree, module, origins))
    elif resources is not None:
        value = literal(tree, module, resources)
        inner = [v for v in value.values() if isinstance(v, dict)] if isinstance(value, dict) else []
        node, wildcard = resources, any(_is_wildcard(v.get("origins", "*")) for v in inner)
        credentials = credentials or any(v.get("supports_credentials") is True for v in inner)
    yield _Policy(node, wildcard, credentials)


def _django(module: PythonModule) -> Iterator[_Policy]:
    """Read the settings of django-cors-headers."""
    settings = {name: values[-1] for name, values in module.bindings.items() if name.startswith("CORS_")}
    credentials = module.literal(settings.get("CORS_ALLOW_CREDENTIALS")) is True
    for name in ("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"):
        if module.literal(settings.get(name)) is True:
            yield _Policy(settings[name], wildcard=True, credentials=credentials)
    for name in ("CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST"):
        if _is_wildcard(module.literal(settings.get(name))):
            yield _Policy(settings[name], wildcard=True, credentials=credentials)
    for name in ("CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST"):
        values = module.literal(settings.get(name))
        if isinstance(values, list) and any(map(_matches_anything, values)):
            yield _Policy(settings[name], wildcard=False, credentials=credentials, any_regex=settings[name])


def _aiohttp(module: PythonModule) -> Iterator[_Policy]:
    """Read aiohttp_cors: a resource option under the key `*`."""
    for table in module.of(ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            if key is None or not isinstance(value, ast.Call) or module.literal(key) != "*":
                continue
            if module.qualname(value.func) == "aiohttp_cors.ResourceOptions":
                credentials = module.literal(keyword(value, "allow_credentials")) is True
                yield _Policy(key, wildcard=True, credentials=credentials)


def _pairs(module: PythonModule) -> Iterator[tuple[ast.expr, ast.expr, ast.AST]]:
    """Yield key, value and place of what may set a header: an item, an entry of a dict, a call."""
    for node in module.of(ast.Assign):
        yield from ((target.slice, node.value, node) for target in node.targets if isinstance(target, ast.Subscript))
    for table in module.of(ast.Dict):
        yield from ((key, value, key) for key, value in zip(table.keys, table.values, strict=True) if key is not None)
    for call in module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in _SETTERS and len(call.args) > 1:
            yield call.args[0], call.args[1], call


def _header_writes(module: PythonModule) -> Iterator[tuple[str, ast.expr, ast.AST]]:
    """Yield lower-case header name, value and place of headers that are set by hand."""
    for key, value, place in _pairs(module):
        name = module.literal(key)
        if isinstance(name, str):
            yield name.lower(), value, place


def _by_hand(module: PythonModule) -> Iterator[_Policy]:
    """Read headers that are set by hand; credentials count where the same function allows them."""
    writes = list(_header_writes(module))
    allowed = {
        module.function_of(place)
        for name, value, place in writes
        if name == _CREDENTIALS_HEADER and str(module.literal(value)).lower() == "true"
    }
    for name, value, place in writes:
        if name == _ORIGIN_HEADER:
            credentials = module.function_of(place) in allowed
            if module.literal(value) == "*":
                yield _Policy(place, wildcard=True, credentials=credentials)
            elif _is_request_origin(module, value) and not _is_checked(module, place):
                yield _Policy(place, wildcard=False, credentials=credentials, any_regex=place)


def _is_request_origin(module: PythonModule, value: ast.expr | None) -> bool:
    """Return whether the value is the Origin header of the request."""
    if isinstance(value, ast.Name):
        value = module.bound(value)
    if isinstance(value, ast.BoolOp):
        value = value.values[0]
    if (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr == "get"
        and value.args
    ):
        owner, key = value.func.value, value.args[0]
    elif isinstance(value, ast.Subscript):
        owner, key = value.value, value.slice
    else:
        return isinstance(value, ast.Attribute) and value.attr == "origin" and "request" in module.qualname(value)
    return str(module.literal(key)).lower() in {"origin", "http_origin"} and "request" in module.qualname(owner)


def _is_checked(module: PythonModule, node: ast.AST) -> bool:
    """Return whether the function compares something with a list or calls a check before it sets the header."""
    function = module.function_of(node)
    tests = (n.test for n in ast.walk(function or module.tree) if isinstance(n, (ast.If, ast.IfExp)))
    return any(isinstance(part, (ast.Compare, ast.Call)) for test in tests for part in ast.walk(test))


def _policies(module: PythonModule, tree: SourceTree) -> list[_Policy]:
    key = f"cors {module.path}"
    if key not in tree.facts:
        calls = list(module.calls)
        found = [p for call in calls for p in (*_middleware(module, call, tree), *_flask(module, call, tree))]
        tree.facts[key] = [*found, *_django(module), *_aiohttp(module), *_by_hand(module)]
    return tree.facts[key]  # type: ignore[return-value]  # the key holds nothing else


def _rule(code: str, name: str, severity: Severity, text: str) -> Rule:
    return Rule(code, name, severity, "cors", 3, text, applies_to=CODE_LANGUAGES, cwe=942)


WILDCARD = _rule(
    "CORS-001",
    "Wildcard origin",
    Severity.ERROR,
    'Name the origins that may read answers: `allow_origins=["https://shop.example.com"]`, from the settings.',
)
CREDENTIALS = _rule(
    "CORS-002",
    "Credentials with wildcard",
    Severity.CRITICAL,
    'Name the origins, or leave credentials out: `allow_origins=["https://shop.example.com"], allow_credentials=True`.',
)
REFLECTED = _rule(
    "CORS-003",
    "Origin reflected",
    Severity.HIGH,
    "Compare the Origin with a list of those you trust before you send it back: `if origin in ALLOWED_ORIGINS:`.",
)


def _wildcard(file: SourceFile, module: PythonModule, tree: SourceTree) -> Iterator[Hit]:
    """Find `*` among the allowed origins."""
    yield from (Hit.at(file, policy.node) for policy in _policies(module, tree) if policy.wildcard)


def _credentials(file: SourceFile, module: PythonModule, tree: SourceTree) -> Iterator[Hit]:
    """Find `*` together with allowed credentials."""
    yield from (Hit.at(file, p.node) for p in _policies(module, tree) if p.wildcard and p.credentials)


def _reflected(file: SourceFile, module: PythonModule, tree: SourceTree) -> Iterator[Hit]:
    """Find origins that are sent back unchecked, and patterns that match every origin."""
    for policy in _policies(module, tree):
        if policy.any_regex is not None and not policy.wildcard:
            yield Hit.at(file, policy.any_regex)


SCANNER = RuleScanner(
    (
        PythonCheck(WILDCARD, _TRIGGERS, _wildcard),
        PythonCheck(CREDENTIALS, _TRIGGERS, _credentials),
        PythonCheck(REFLECTED, _TRIGGERS, _reflected),
    )
)
