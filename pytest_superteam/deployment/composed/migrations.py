"""Whether a built service brings migrations of its database, and how they are run.

Only what is plain counts: the tool's own files have to lie there. What the image runs at its own start anyway is not
run a second time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.deployment.composed.dockerfiles import DockerfileFacts

__all__ = ["migration_command"]

_MOST_BYTES = 1 << 20
_SCRIPTS = ("migrate:deploy", "migrate:up", "migrate")


def migration_command(directory: Path, facts: DockerfileFacts) -> tuple[str, ...]:
    """Return the argument vector that brings the tables up to date, in the service's image; () where there is none."""
    for find in (_alembic, _django, _prisma, _script):
        command, mark = find(directory)
        if command:
            return () if mark in facts.commands else command
    return ()


def _alembic(directory: Path) -> tuple[tuple[str, ...], str]:
    """Alembic: its settings beside a folder of versions."""
    settings = directory / "alembic.ini"
    if not settings.is_file():
        return (), ""
    lines = _text(settings).splitlines()
    places = [line.partition("=")[2].strip() for line in lines if line.replace(" ", "").startswith("script_location=")]
    place = (places[0] if places else "migrations").replace("%(here)s", ".").replace(":", "/").lstrip("/")
    inside = ".." not in place.split("/")
    found = inside and any((directory / place / "versions").glob("*.py"))
    return (("alembic", "upgrade", "head"), "alembic") if found else ((), "")


def _django(directory: Path) -> tuple[tuple[str, ...], str]:
    """Django: its program beside numbered migrations of an application."""
    manage = directory / "manage.py"
    found = manage.is_file() and "django" in _text(manage) and any(directory.glob("*/migrations/0*.py"))
    return (("python", "manage.py", "migrate", "--noinput"), "manage.py migrate") if found else ((), "")


def _prisma(directory: Path) -> tuple[tuple[str, ...], str]:
    """Prisma: its schema beside its migrations."""
    folder = directory / "prisma"
    found = (folder / "schema.prisma").is_file() and any((folder / "migrations").glob("*/migration.sql"))
    return (("npx", "prisma", "migrate", "deploy"), "prisma migrate") if found else ((), "")


def _script(directory: Path) -> tuple[tuple[str, ...], str]:
    """Return a script of the package that is called `migrate`."""
    try:
        scripts = json.loads(_text(directory / "package.json")).get("scripts") or {}
        name = next((name for name in _SCRIPTS if isinstance(scripts.get(name), str)), "")
    except (ValueError, AttributeError, RecursionError):
        return (), ""
    return (("npm", "run", name), f"run {name}") if name else ((), "")


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
