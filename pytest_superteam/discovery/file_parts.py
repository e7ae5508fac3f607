"""Services that share one folder, a file each: several programs side by side that listen on ports of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.draft import Draft
from pytest_superteam.discovery.places import aside
from pytest_superteam.discovery.tree import folder_of
from pytest_superteam.discovery.words import line_of

if TYPE_CHECKING:
    from pytest_superteam.discovery.tree import Tree

__all__ = ["file_drafts"]

_MAKES = re.compile(r"^\w{1,30}\s*=\s*(?:Flask|FastAPI|Quart|Sanic|Bottle|express|fastify|new Hono)\(", re.MULTILINE)
_JAVASCRIPT = re.compile(r"^(?:const|let|var)\s+\w{1,30}\s*=\s*(?:express|fastify|new Koa|new Hono)\(", re.MULTILINE)
_LISTENS = re.compile(
    r"(?:\.run\([^)\n]{0,200}port\s*=\s*|\.listen\(\s*|uvicorn\.run\([^)]{0,200}port\s*=\s*)(\d{2,5})"
)
_FRAMEWORKS = (("FastAPI(", "fastapi"), ("Flask(", "flask"), ("Quart(", "quart"), ("express(", "express"))
_MAX_LOOKED = 400


def file_drafts(tree: Tree) -> list[Draft]:
    """Return the services of the first folder in which at least two files each make an application and listen."""
    folders: dict[str, list[Draft]] = {}
    looked = [p for p in tree.files if p.endswith((".py", ".js", ".ts")) and not aside(folder_of(p))][:_MAX_LOOKED]
    for path in looked:
        text = tree.text(path)
        made = _MAKES.search(text) or _JAVASCRIPT.search(text)
        port = _LISTENS.search(text)
        if made is None or port is None:
            continue
        folder, name = folder_of(path), path.rpartition("/")[2].rpartition(".")[0]
        draft = Draft(name, folder=folder, files=(path,))
        draft.note("folder", folder, path, 1, "its one file lies there")
        draft.note("kind", "service", path, line_of(text, made.start()), "makes an application and listens")
        draft.say_port(int(port[1]), path, line_of(text, port.start(1)), "where it listens")
        framework = next((framework for word, framework in _FRAMEWORKS if word in text), "")
        draft.say_framework(framework, path, line_of(text, made.start()), "what it makes")
        folders.setdefault(folder, []).append(draft)
    return next((drafts for _, drafts in sorted(folders.items()) if len({d.port for d in drafts}) > 1), [])
