"""Ruby, PHP and Elixir: their manifests, and what starts a service in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.frameworks import framework_of
from pytest_superteam.discovery.manifest import Manifest
from pytest_superteam.discovery.manifests_node import read_json
from pytest_superteam.discovery.tree import below
from pytest_superteam.discovery.words import line_of, matches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.discovery.tree import Tree

__all__ = ["read_elixir", "read_php", "read_ruby"]

_GEM = re.compile(r"^[ \t]*gem[ (]+[\"']([\w.-]{1,80})[\"']", re.MULTILINE)
_HEX = re.compile(r"\{\s*:(\w{1,60})\s*,")


def _made(
    tree: Tree, folder: str, path: str, language: str, libraries: tuple[tuple[str, str, int], ...],
    entries: Sequence[str],
) -> Manifest:  # fmt: skip
    at = below(folder)
    framework = framework_of(language, [name for name, _, _ in libraries])
    line = next((n for name, _, n in libraries if framework and framework_of(language, [name]) == framework), 0)
    entry = next((at + name for name in entries if tree.is_file(at + name)), "")
    return Manifest(
        path=path, language=language, framework=framework, framework_file=path, framework_line=line,
        libraries=libraries, starts="has an entry point" if entry else "", starts_file=entry, starts_line=1,
    )  # fmt: skip


def read_ruby(tree: Tree, folder: str) -> Manifest | None:
    """Return what a folder's Gemfile says; None where it has none."""
    if not tree.has(folder, "Gemfile") or tree.has(folder, "Podfile"):
        return None
    path = f"{below(folder)}Gemfile"
    text = tree.text(path)[:200_000]
    libraries = tuple((m[1], path, line_of(text, m.start(1))) for m in matches(_GEM, text))
    return _made(tree, folder, path, "ruby", libraries, ("config.ru", "app.rb", "server.rb", "main.rb", "bin/rails"))


def read_php(tree: Tree, folder: str) -> Manifest | None:
    """Return what a folder's composer.json says; None where it has none."""
    if not tree.has(folder, "composer.json"):
        return None
    path = f"{below(folder)}composer.json"
    text = tree.text(path)
    asked = read_json(text).get("require")
    names = [name for name in asked if isinstance(name, str)] if isinstance(asked, dict) else []
    libraries = tuple((name, path, line_of(text, max(text.find(f'"{name}"'), 0))) for name in names)
    return _made(tree, folder, path, "php", libraries, ("artisan", "public/index.php", "index.php", "web/index.php"))


def read_elixir(tree: Tree, folder: str) -> Manifest | None:
    """Return what a folder's mix.exs says; None where it has none."""
    if not tree.has(folder, "mix.exs"):
        return None
    path = f"{below(folder)}mix.exs"
    text = tree.text(path)[:200_000]
    libraries = tuple((m[1], path, line_of(text, m.start(1))) for m in matches(_HEX, text))
    entries = [f for f in tree.under(folder) if f.endswith("/application.ex")]
    made = _made(tree, folder, path, "elixir", libraries, ())
    if not entries and not re.search(r"^[ \t]*mod:[ \t]*\{", text, re.MULTILINE):
        return made
    file = entries[0] if entries else path
    return Manifest(**{**vars(made), "starts": "has an entry point", "starts_file": file, "starts_line": 1})
