"""Services that share the manifest of the root: several folders, each with an entry point that serves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.draft import Draft
from pytest_superteam.discovery.frameworks import framework_of
from pytest_superteam.discovery.places import aside, is_library_name
from pytest_superteam.discovery.tree import folder_of
from pytest_superteam.discovery.words import line_of, matches

if TYPE_CHECKING:
    from pytest_superteam.discovery.tree import Tree

__all__ = ["entry_drafts"]

_PYTHON = re.compile(
    r"\b(?:FastAPI|Flask|Quart|Sanic|Litestar|Celery|Starlette)\(|DJANGO_SETTINGS_MODULE|grpc\.(?:aio\.)?server\(|"
    r"KafkaConsumer\(|start_consuming\("
)
_NODE = re.compile(r"\.listen\(|NestFactory\.create|\.bindAsync\(")
_GO = re.compile(
    r"ListenAndServe|\.Serve\(|net\.Listen|gin\.(?:Default|New)|echo\.New|fiber\.New|grpc\.NewServer|\.Consume\("
)
_ENTRIES = {
    "py": (re.compile(r"(?:main|app|server|wsgi|manage|worker|consumer)\.py"), _PYTHON),
    "js": (re.compile(r"(?:index|server|app|main)\.js"), _NODE),
    "ts": (re.compile(r"(?:index|server|app|main)\.ts"), _NODE),
    "go": (re.compile(r"main\.go"), _GO),
}
_INNER = frozenset({"src", "app", "source", "cmd", "server"})
_IMPORT = re.compile(
    r"^[ \t]{0,4}(?:from|import)[ \t]+(\w{1,60})|require\([\"']([\w@/-]{1,60})[\"']\)|"
    r"[ \t\"]([\w.]{3,40}/[\w./-]{3,80})\"",
    re.MULTILINE,
)
_LANGUAGES = {"py": "python", "js": "javascript", "ts": "typescript", "go": "go"}
_MAX_LOOKED = 500


def entry_drafts(tree: Tree) -> list[Draft]:
    """Return a service for each folder with an entry point, where there are at least two and none in another."""
    found: dict[str, Draft] = {}
    looked = 0
    for path in tree.files:
        name = path.rpartition("/")[2]
        suffix = name.rpartition(".")[2]
        if suffix not in _ENTRIES or not _ENTRIES[suffix][0].fullmatch(name) or aside(folder_of(path)):
            continue
        looked += 1
        match = _ENTRIES[suffix][1].search(tree.text(path)) if looked <= _MAX_LOOKED else None
        folder = _owner(folder_of(path))
        if match is None or folder == "." or is_library_name(folder.rpartition("/")[2]):
            continue
        found.setdefault(folder, _draft(folder, path, suffix, tree.text(path), match.start()))
    outer = [folder for folder in found if not any(folder.startswith(other + "/") for other in found)]
    return [found[folder] for folder in sorted(outer)] if len(outer) > 1 else []


def _owner(folder: str) -> str:
    """Return the folder that an entry point's own one belongs to: that above `src` and the like."""
    while folder.rpartition("/")[2] in _INNER:
        folder = folder_of(folder)
    return folder


def _draft(folder: str, path: str, suffix: str, text: str, offset: int) -> Draft:
    draft = Draft(folder.rpartition("/")[2], folder=folder)
    line = line_of(text, offset)
    draft.note("folder", folder, path, line, "its entry point lies there")
    draft.note("kind", "service", path, line, "serves, or works through a queue")
    imported = [next(filter(None, match.groups())) for match in matches(_IMPORT, text)]
    draft.say_framework(framework_of(_LANGUAGES[suffix], imported), path, line, "one of its imports")
    return draft
