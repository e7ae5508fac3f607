"""Folders by what their names say: not looked into at all, or looked into without services of the system in them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

__all__ = ["aside", "is_library_name", "is_test_place", "skipped", "unread"]

_NEVER = frozenset({
    "node_modules", "bower_components", "site-packages", "venv", "env", "__pycache__", "virtualenv", "Pods",
    "third_party", "__MACOSX",
})  # fmt: skip
_OUTPUT = {
    "dist": ("package.json", "pyproject.toml", "setup.py"),
    "build": ("package.json", "build.gradle", "build.gradle.kts", "pyproject.toml", "setup.py", "pubspec.yaml"),
    "out": ("package.json", "pom.xml", "build.gradle", "build.gradle.kts"),
    "target": ("pom.xml", "Cargo.toml", "build.sbt"),
    "vendor": ("go.mod", "composer.json", "Gemfile"),
    "deps": ("mix.exs",),
    "_build": ("mix.exs",),
}
"""Folders that are made by a build, with the manifests beside which they are."""
_SEEN_HIDDEN = frozenset({".docker", ".deploy", ".deployment", ".infra", ".compose"})
_UNREAD = {".devcontainer": "a development container is no service"}

_ASIDE = {
    "a test": r"tests?|testing|__tests__|e2e|spec|specs|cypress|playwright|integration[_-]?tests?|"
    r"_?integration[_-]test|load[_-]?tests?|perf|performance|\w{0,30}[_-]e2e|-e2e|fixtures|testdata|test[_-]data|"
    r"mocks?|__mocks__",
    "an example": r"examples?|samples?|demos?|playground|tutorials?|pocs?|prototypes?|sandbox|snippets|workshop",
    "documentation": r"docs?|documentation|website-docs|storybook|design",
    "a template": r"templates?|\{\{.{1,60}\}\}|boilerplates?|scaffolds?|generators?",
    "a tool": r"scripts?|tools?|tooling|utilit(?:y|ies)|hack|benchmarks?|bench|\.ci|ci|hooks|utils?",
    "a backup": r".{0,60}[_ -](?:bak|backup|old)(?:[^a-z].{0,60})?|(?:bak|backup|old|archived?|deprecated|trash)"
    r"(?:[_ -].{0,60})?|.{0,60}_old_.{0,60}",
    "infrastructure code": r"infra|infrastructure|terraform|pulumi|cdk|ansible|k8s.{0,30}|kubernetes.{0,30}|helm|"
    r"charts?|helm-chart|kustomize|istio.{0,30}|deploy|deployments?|ops|devops|observability",
}
_ASIDE_RES = {reason: re.compile(pattern, re.IGNORECASE) for reason, pattern in _ASIDE.items()}
_BUILDING = frozenset({"infrastructure code"})
"""What may hold the compose files and Dockerfiles of the system's own services."""
_LIBRARY = re.compile(
    r"(?:.{0,60}[_.-])?(?:shared|commons?|core-?lib|libs?|library|utils?|types|typings|proto|protos|protobuf|contracts|"
    r"sdk|config|configs|eslint-config|tsconfig|typescript-config|ui|ui-kit|design-system|components|models|domain|"
    r"schemas?|kernel|sharedkernel|buildingblocks|building-blocks|i18n)",
    re.IGNORECASE,
)
_TEST_NAME = re.compile(
    r"(?:.{0,60}[._-])?(?:tests?|e2e|playwright|cypress|sut|newman|unittests?|integrationtests?|functionaltests?|"
    r"selenium)",
    re.IGNORECASE,
)


def skipped(name: str, beside: AbstractSet[str]) -> bool:
    """Return whether a folder is not walked: hidden, installed, or made by a build.

    Args:
        name: the folder's own.
        beside: names of the files beside it.
    """
    if name in _NEVER or (name.startswith(".") and name not in _SEEN_HIDDEN):
        return True
    if name in _OUTPUT:
        return any(manifest in beside for manifest in _OUTPUT[name])
    return name in {"bin", "obj"} and any(other.endswith(("proj", ".sln")) for other in beside)


def unread(name: str) -> str:
    """Return why a folder that a reader might ask for is not walked; mostly nothing."""
    return _UNREAD.get(name, "")


def aside(folder: str, *, building: bool = False) -> str:
    """Return what a folder, or one that it lies in, holds instead of services; empty where it may hold one.

    Args:
        folder: relative to the system.
        building: for a compose file or Dockerfile, which may well lie among infrastructure code.
    """
    parts = folder.split("/") if folder != "." else ()
    found = (_aside(part) for part in parts)
    return next((reason for reason in found if reason and not (building and reason in _BUILDING)), "")


@lru_cache(maxsize=4096)  # the same names come again and again
def _aside(name: str) -> str:
    return next((reason for reason, pattern in _ASIDE_RES.items() if pattern.fullmatch(name)), "")


def is_library_name(name: str) -> bool:
    """Return whether a folder is called as those are that others import."""
    return _LIBRARY.fullmatch(name) is not None


def is_test_place(path: str) -> bool:
    """Return whether a path, or the name of a service, is one of tests."""
    return any(_TEST_NAME.fullmatch(part) for part in path.split("/"))
