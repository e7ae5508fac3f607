"""The builder that needs no model and no network: services from contract and domain model, always the same bytes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_superteam.builders import builtin_tests
from pytest_superteam.builders.base import BuildOutput
from pytest_superteam.builders.builtin_events import reactions
from pytest_superteam.builders.builtin_model import ServiceModel
from pytest_superteam.builders.builtin_names import docstring, identifier, literal
from pytest_superteam.builders.builtin_routes import RouteModules, behaviour
from pytest_superteam.builders.builtin_source import module, prune, render
from pytest_superteam.contracts.schemas import DATE, DATE_TIME, EMAIL, TIME, URL
from pytest_superteam.contracts.surface import Surface
from pytest_superteam.errors import BuildError

if TYPE_CHECKING:
    from pytest_superteam.builders.base import BuildRequest

__all__ = ["BuiltinBuilder", "service_files"]

_START = ("python", "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "{port}", "--no-access-log")
_TEST = ("python", "-m", "pytest", "-q", "tests")
_SERVICE_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_PURPOSES = {
    "settings": "What the environment sets",
    "database": "Connections and transactions",
    "models": "The tables",
    "fields": "Types that take exactly the values that the contract describes",
    "schemas": "What requests carry and answers tell",
    "problems": "Errors as problem documents (RFC 9457)",
    "telemetry": "Logs as JSON and the trace of each request (W3C Trace Context)",
    "auth": "Who is calling, and whether they may",
    "queries": "Queries that several routes share",
    "clients": "Calls to other services",
    "events": "Events: announced, delivered and taken",
    "main": "The application",
}


class BuiltinBuilder:
    """Generates FastAPI services that keep their contract."""

    name = "builtin"
    version = "2"
    tier = "free"
    mends = False  # the same contract makes the same bytes

    async def build(self, request: BuildRequest) -> BuildOutput:
        """Write the service's source below `request.directory`.

        Raises:
            BuildError: the architecture has no contract for the service, or its name can't be a folder's.
        """
        if not _SERVICE_NAME.fullmatch(request.service):
            raise BuildError(f"{request.service!r} can't be the name of a service.")
        contract = request.architecture.contracts.get(request.service)
        if contract is None:
            raise BuildError(f"{request.service}: the architecture has no contract for it.")
        files = service_files(Surface(request.architecture, request.service))
        files["openapi.json"] = _json(contract)
        for provider, pact in sorted(request.pacts.items()):
            files[f"pacts/{request.service}-{_file_name(provider)}.json"] = _json(pact)
        for path, text in files.items():
            target = request.directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        return BuildOutput(start=_START, test=_TEST)


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=True, default=dict) + "\n"


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "", text) or "provider"


def service_files(surface: Surface) -> dict[str, str]:
    """Return the service's files: text by relative path."""
    model = ServiceModel(surface)
    calls = _calls(surface)
    routes = RouteModules(model, calls)
    modules = routes.build()
    context = _context(model, routes, modules, calls)
    files = {"app/__init__.py": f'"""{docstring(surface.service.description or surface.service.name)}"""\n'}
    files["app/routes/__init__.py"] = '"""The operations, a module for each entity."""\n'
    files["app/routes/health.py"] = module(
        "Whether the service lives and can work", render("app/routes/health.py.j2", {})
    )
    for name, data in modules.items():
        body = render("app/routes/entity.py.j2", data)
        files[f"app/routes/{name}.py"] = module(f"Operations on {data['tag']}", body)
    origins = dict.fromkeys(modules, "app.routes")
    for name in _wanted(context):
        body = render(f"app/{name}.py.j2", context)
        files[f"app/{name}.py"] = module(_PURPOSES[name], body, extra=origins if name == "main" else None)
    files["app/fields.py"] = _fields(context, files)
    files |= builtin_tests.test_files(model, routes, modules, context)
    for name in ("Dockerfile", "README.md", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
        files[name] = render(f"{name}.j2", context)
    files[".dockerignore"] = render("dockerignore.j2", context)
    return {path: files[path] for path in sorted(files)}


def _wanted(context: dict[str, Any]) -> list[str]:
    names = ["settings", "database", "models", "schemas", "problems", "telemetry", "auth", "queries", "main"]
    if context["http"]:
        names.append("clients")
    if context["publishes"] or context["consumes"]:
        names.append("events")
    return names


def _fields(context: dict[str, Any], files: dict[str, str]) -> str:
    used = {name for text in files.values() for name in re.findall(r"\bfields\.(\w+)", text)}
    patterns = {"date": DATE, "date_time": DATE_TIME, "time": TIME, "email": EMAIL, "url": URL}
    raw = {name: _raw(pattern.removeprefix("^").removesuffix("$")) for name, pattern in patterns.items()}
    body = prune(render("app/fields.py.j2", context | {"patterns": raw}), used)
    return module(_PURPOSES["fields"], body)


def _raw(pattern: str) -> str:
    line = f'r"{pattern}"'
    return line if len(line) < 90 else f"\n    {line}  # noqa: E501\n"


def _calls(surface: Surface) -> dict[str, dict[str, Any]]:
    """Return the client function for each entity of another service that is asked for, by entity name."""
    calls: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    for plan in surface.plans:
        for field, dependency in plan.remote:
            name = field.references or ""
            target = surface.architecture.entity_named(name)
            path = surface.provider_path(dependency, target) if target else None
            if name in calls or path is None:
                continue
            noun = identifier(name, fallback="row")
            noun = next(n for n in (noun, *(f"{noun}_{i}" for i in range(2, 10_000))) if n not in taken)
            taken.add(noun)
            before, _, rest = path.partition("{")
            after = rest.partition("}")[2]
            calls[name] = {
                "function": f"{noun}_exists",
                "parameter": f"{noun}_id",
                "provider": dependency.provider,
                "setting": f"{identifier(dependency.provider)}_url",
                "path": f"/{quote(before.lstrip('/'))}{{{noun}_id}}{quote(after)}",
            }
    return calls


def _context(
    model: ServiceModel, routes: RouteModules, modules: dict[str, Any], calls: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    surface = model.surface
    does = {behaviour(plan) for plan in surface.plans}
    plans = [plan for data in modules.values() for plan in data["plans"]]
    publishes = any(plan["publishes"] for plan in plans)
    consumes = "receive_event" in does
    owned = [e for e in model.entities if e.entity.owner_field]
    providers = {c["provider"]: c["setting"] for c in calls.values()}
    hashes = any(plan.get("hashed") for plan in plans)
    return {
        "service": surface.service.name,
        "description": docstring(surface.service.description or surface.service.name, limit=300),
        "entities": model.tables(),
        "uses_money": any(f.type == "money" for e in surface.entities for f in e.fields),
        "compares_json": any(f.type in {"json", "list"} and f.unique for e in surface.entities for f in e.fields),
        "enums": model.enums(),
        "schemas": model.schemas(),
        "owned": [
            {"visible": f"visible_{e.module}", "model": e.model, "owner": e.columns[e.entity.owner_field or ""]}
            for e in owned
        ],
        "all_roles": "{" + ", ".join(literal(r) for r in sorted({"service", *surface.staff_roles})) + "}",
        "needs_user_id": any("caller.user_id" in part for plan in plans for part in plan.get("arguments", ())),
        "logs_in": "login" in does,
        "registers": hashes or "login" in does,
        "revokes": routes.revokes,
        "publishes": publishes,
        "consumes": consumes,
        "reactions": reactions(model) if consumes else [],
        "event_class": model.schema("shared", "Event"),
        "calls": list(calls.values()),
        "http": bool(calls) or publishes,
        "modules": list(modules),
        "fixed": [(literal(pattern), literal(methods)) for pattern, methods in surface.fixed.items()],
        "providers": [
            {"name": name, "setting": setting, "env": setting.upper()} for name, setting in sorted(providers.items())
        ],
        "issuer": surface.service.issuer,
        "operations": [
            {
                "method": p.operation.method.upper(),
                "path": docstring(p.operation.path)[:-1],
                "summary": docstring(p.operation.summary or p.operation.id),
                "access": _access(p.operation.public, p.operation.roles),
            }
            for p in surface.plans
        ],
    }


def _access(public: bool, roles: tuple[str, ...]) -> str:  # noqa: FBT001 - two facts of one operation
    if public:
        return "public"
    return docstring(", ".join(roles))[:-1] if roles else "authenticated"
