"""Python source from templates: rendering, imports of what is used, and removal of what is not."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.builders.builtin_names import docstring, literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jinja2 import Environment

__all__ = ["module", "prune", "render", "wrap"]

WIDTH = 120
_IMPORTS = {
    "collections.abc": "AsyncIterator Callable Iterator Mapping",
    "contextlib": "asynccontextmanager contextmanager",
    "contextvars": "ContextVar",
    "dataclasses": "dataclass field",
    "datetime": "UTC date datetime time timedelta",
    "decimal": "Decimal",
    "functools": "cache",
    "http": "HTTPStatus",
    "itertools": "count",
    "pathlib": "Path",
    "time": "perf_counter",
    "typing": "Annotated Any Literal Self TypeVar",
    "uuid": "UUID uuid4",
    "conftest": "Providers",
    "fastapi": "APIRouter Depends FastAPI Query Request Response",
    "fastapi.exceptions": "RequestValidationError",
    "fastapi.middleware.cors": "CORSMiddleware",
    "fastapi.responses": "JSONResponse",
    "fastapi.security": "HTTPAuthorizationCredentials HTTPBearer",
    "fastapi.testclient": "TestClient",
    "pydantic": "AfterValidator BaseModel BeforeValidator ConfigDict Field PlainSerializer Strict model_validator",
    "sqlalchemy": (
        "JSON BigInteger Boolean Connection Date DateTime Dialect Double ForeignKey MetaData Select String Text Time "
        "TypeDecorator Uuid create_engine delete event func make_url or_ select text update"
    ),
    "sqlalchemy.exc": "DataError IntegrityError OperationalError SQLAlchemyError TimeoutError",
    "sqlalchemy.orm": "DeclarativeBase Mapped Session mapped_column sessionmaker",
    "starlette.exceptions": "HTTPException",
    "starlette.routing": "Match",
    "starlette.types": "ASGIApp Message Receive Scope Send",
    "app": "clients events fields models problems queries schemas",
    "app.auth": "Caller allow hash_password password_matches revoke service_token user_token",
    "app.database": "is_ready reading tables writing",
    "app.problems": "Conflict FixedPaths Forbidden NotFound Problem Unauthorized",
    "app.routes": "health",
    "app.settings": "settings",
    "app.telemetry": "TraceMiddleware configure_logging start_span traceparent",
}
_MODULES = (
    "factories",
    "hashlib",
    "hmac",
    "httpx",
    "json",
    "jwt",
    "logging",
    "os",
    "pytest",
    "re",
    "secrets",
    "sys",
    "tempfile",
    "threading",
)
_ORIGINS = {name: module for module, names in _IMPORTS.items() for name in names.split()}


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - what is rendered is Python and Markdown, escaped by repr and docstring
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["literal"] = literal
    environment.filters["line"] = docstring
    environment.globals["wrap"] = wrap
    return environment


def render(template: str, context: dict[str, Any]) -> str:
    """Return the template's text, with no blank lines at its end."""
    return _environment().get_template(template).render(context).strip("\n") + "\n"


def wrap(before: str, items: Iterable[str], after: str) -> str:
    """Return `before`, the items and `after` on one line if it fits, else an item a line, as the formatter does."""
    parts = list(items)
    line = before + ", ".join(parts) + after
    if len(line) <= WIDTH or not parts:
        return line
    indent = before[: len(before) - len(before.lstrip())]
    return "\n".join([before, *(f"{indent}    {part}," for part in parts), f"{indent}{after}"])


def module(purpose: str, body: str, *, extra: dict[str, str] | None = None) -> str:
    """Return a module: its docstring, the imports of the names that `body` uses, and `body`.

    `extra` maps further names to the module that each comes from.
    """
    body = re.sub(r"\n{4,}", "\n\n\n", body.strip("\n"))
    tree = ast.parse(body)
    loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    used = loaded - _defined(tree) - _imported(tree)
    origins = _ORIGINS | (extra or {})
    wanted: dict[str, list[str]] = {}
    for name in sorted(used):
        if name in origins:
            wanted.setdefault(origins[name], []).append(name)
    lines = _import_lines(wanted, [name for name in _MODULES if name in used])
    head = f'"""{docstring(purpose)}"""\n\n'
    starts_block = re.match(r"(@|def |async def |class )", body)
    gap = "\n\n\n" if starts_block else "\n\n"
    return head + (lines + gap if lines else "") + body + "\n"


def _defined(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in tree.body:
        found |= _binds(node)
    return found


def _imported(tree: ast.Module) -> set[str]:
    """Return the names that functions import for themselves."""
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return {alias.asname or alias.name for node in imports for alias in node.names}


def _binds(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _import_lines(wanted: dict[str, list[str]], modules: list[str]) -> str:
    groups: list[list[str]] = [[], [], []]
    for name in sorted(modules):
        groups[_group(name)].append(f"import {name}")
    for origin in sorted(wanted):
        groups[_group(origin)].append(_from(origin, wanted[origin]))
    return "\n\n".join("\n".join(group) for group in groups if group)


def _group(origin: str) -> int:
    top = origin.partition(".")[0]
    if top in {"app", "conftest", "factories"}:
        return 2
    return 0 if top in sys.stdlib_module_names else 1


def _from(origin: str, names: list[str]) -> str:
    names = sorted(names, key=lambda n: (0 if n.isupper() and len(n) > 1 else 1 if n[0].isupper() else 2, n))
    line = f"from {origin} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {origin} import (", *(f"    {name}," for name in names), ")"])


def prune(body: str, keep: set[str]) -> str:
    """Return `body` without the top-level definitions that neither `keep` nor what is kept refers to."""
    tree = ast.parse(body)
    lines = body.splitlines()
    uses = {
        name: {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - {name}
        for node in tree.body
        for name in _binds(node)
    }
    ahead, kept = list(keep), set()
    while ahead:
        name = ahead.pop()
        if name not in kept:
            kept.add(name)
            ahead += uses.get(name, ())
    parts: list[str] = []
    previous: ast.stmt | None = None
    for node in tree.body:
        if _binds(node) and not _binds(node) & kept:
            continue
        plain = isinstance(node, ast.Assign) and isinstance(previous, ast.Assign)
        gap = "\n" if plain else "\n\n\n"
        parts.append((gap if previous else "") + "\n".join(lines[node.lineno - 1 : node.end_lineno]))
        previous = node
    return "".join(parts) + "\n"
