"""Source that is worth reading for the facts of a service: few files, those that start and set it up first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.languages import own_files
from pytest_superteam.discovery.places import aside
from pytest_superteam.discovery.tree import below

if TYPE_CHECKING:
    from pytest_superteam.discovery.draft import Draft
    from pytest_superteam.discovery.tree import Tree

__all__ = ["settings_of", "sources_of"]

_CODE = frozenset({
    "py", "js", "mjs", "cjs", "ts", "mts", "go", "rs", "java", "kt", "cs", "fs", "rb", "php", "ex", "exs", "scala",
    "cpp", "cc",
})  # fmt: skip
_FIRST = re.compile(
    r"(?:^|/)(?:main|app|server|index|program|startup|config|settings|env|health\w{0,20}|manage|wsgi|asgi|run|worker|"
    r"routes?|router|urls|bootstrap|gunicorn\.conf|constants|endpoint)(?:[._-][\w.-]{1,40})?$|Application\.\w{2,4}$|"
    r"[Hh]ealth\w{0,40}\.\w{2,4}$",
    re.IGNORECASE,
)
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|__tests__|spec|e2e|migrations|node_modules)/|[._-](?:test|spec)\.\w{2,4}$|(?:^|/)test_|_test\.go$|\.d\.ts$|\.min\.js$"
)
_SETTINGS = re.compile(
    r"(?:^|/)(?:application|bootstrap)(?:-[\w-]{1,30})?\.(?:properties|ya?ml)$|(?:^|/)appsettings(?:\.\w{1,30})?\.json$|"
    r"(?:^|/)launchSettings\.json$|(?:^|/)\.env(?:\.[\w.-]{1,30})?$|(?:^|/)(?:vite|next|nuxt|vue|webpack|angular)(?:\.config)?\."
    r"(?:js|ts|mjs|cjs|json|mts)$|(?:^|/)schema\.prisma$|(?:^|/)env\.example$|(?:^|/)(?:gunicorn|uwsgi)\S{0,20}\.(?:ini|py)$|\.ini$",
)
_MAX_FILES = 160
_VENDORED = re.compile(r"(?:^|/)(?:views|static|public|assets|wwwroot|vendor|dist|resources/static)/.{0,200}\.js$")


def sources_of(tree: Tree, draft: Draft) -> list[str]:
    """Return paths of the source of a service, the likeliest to say something first."""
    if draft.sources is None:
        draft.sources = _sources(tree, draft)
    return draft.sources


def _sources(tree: Tree, draft: Draft) -> list[str]:
    at = below(draft.folder)
    found = []
    for path in own_files(tree, draft):
        inner = path.removeprefix(at)
        if (
            path.rpartition(".")[2] in _CODE
            and not _TESTS.search(inner)
            and not _VENDORED.search(inner)
            and not aside(inner.rpartition("/")[0] or ".")
        ):
            found.append(path)
    return sorted(found, key=lambda path: (not _FIRST.search(path), path.count("/"), path))[:_MAX_FILES]


def settings_of(tree: Tree, draft: Draft) -> list[str]:
    """Return paths of the settings of a service: the plain ones before those of one environment."""
    found = [p for p in own_files(tree, draft) if _SETTINGS.search(p) and "/test/" not in p and "node_modules" not in p]
    return sorted(found, key=lambda p: (p.count("/"), len(p), p))[:40]
