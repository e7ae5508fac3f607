"""What every service of a system has in common: how it runs, signs in, tells events, logs and is tested."""

from __future__ import annotations

from functools import cache
from importlib import metadata, resources
from typing import TYPE_CHECKING

from pytest_superteam.agents.task.quoting import inline
from pytest_superteam.deployment.environment import url_variable

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture

__all__ = ["conventions", "libraries", "provider_variables"]

_LIBRARIES = (
    "fastapi", "starlette", "uvicorn", "pydantic", "pydantic-settings", "sqlalchemy", "alembic", "psycopg", "asyncpg",
    "aiosqlite", "pyjwt", "cryptography", "argon2-cffi", "bcrypt", "passlib", "email-validator", "python-multipart",
    "httpx", "requests", "aiohttp", "flask", "django", "djangorestframework", "litestar", "jinja2", "pyyaml",
    "opentelemetry-api", "opentelemetry-sdk", "structlog", "tenacity", "pytest", "pytest-asyncio", "anyio",
    "hypothesis", "jsonschema", "ruff",
)  # fmt: skip
"""What services and their tests are usually made of; those of them that are there are told with their version."""


def conventions(architecture: Architecture, service: str) -> str:
    """Return the conventions for a service as Markdown."""
    text = resources.files("pytest_superteam.agents.task").joinpath("conventions.md").read_text("utf-8")
    calls = provider_variables(architecture, service)
    told = ", ".join(f"`{variable}` ({provider})" for provider, variable in calls.items())
    values = {
        "service": service,
        "providers": f"base URLs of the services that this one calls: {told}" if told else "none for this service",
        "roles": ", ".join(f"`{inline(role, 60)}`" for role in (*architecture.roles, "service")),
        "libraries": ", ".join(f"{name} {version}" for name, version in libraries().items()),
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def provider_variables(architecture: Architecture, service: str) -> dict[str, str]:
    """Return the variables that hold the addresses of the services that a service calls, by their names."""
    providers = sorted({call.provider for call in architecture.dependencies_of(service)} - {service})
    return {name: url_variable(name) for name in providers}


@cache
def libraries() -> dict[str, str]:
    """Return the version of each usual library that the interpreter of this process has, by name."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
