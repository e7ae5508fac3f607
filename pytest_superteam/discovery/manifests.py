"""The manifests of packages: one reader a language, one table by folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.discovery import manifests_compiled as compiled
from pytest_superteam.discovery import manifests_jvm, manifests_node, manifests_python
from pytest_superteam.discovery import manifests_other as other

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.discovery.manifest import Manifest
    from pytest_superteam.discovery.tree import Tree

__all__ = ["manifests_in", "read_manifests"]

_READERS: tuple[Callable[[Tree, str], Manifest | None], ...] = (
    compiled.read_go,
    compiled.read_rust,
    compiled.read_dotnet,
    manifests_jvm.read_maven,
    manifests_jvm.read_gradle,
    other.read_elixir,
    other.read_ruby,
    manifests_python.read_python,
    other.read_php,
    manifests_node.read_node,
    manifests_node.read_project,
)
"""One a language; their order breaks ties."""


def manifests_in(tree: Tree, folder: str) -> tuple[Manifest, ...]:
    """Return the manifests of one folder, one a language."""
    if not tree.names.get(folder):
        return ()
    return tuple(manifest for reader in _READERS if (manifest := reader(tree, folder)) is not None)


def read_manifests(tree: Tree) -> dict[str, tuple[Manifest, ...]]:
    """Return the manifests of every folder that has one."""
    return {folder: found for folder in sorted(tree.names) if (found := manifests_in(tree, folder))}
