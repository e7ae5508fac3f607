"""Where the source of a container lies: beside its Dockerfile, in its context, in what is copied, or by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.discovery.dockerfiles import Built, is_dockerfile, read_dockerfile, source_folders
from pytest_superteam.discovery.images import base_name
from pytest_superteam.discovery.places import aside, is_library_name, is_test_place
from pytest_superteam.discovery.tree import below, folder_of, joined
from pytest_superteam.discovery.words import core, squashed
from pytest_superteam.scanners.languages.yaml_nodes import mapping, scalar, sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_superteam.discovery.compose_reading import ComposeService
    from pytest_superteam.discovery.manifest import Manifest
    from pytest_superteam.discovery.tree import Tree

__all__ = [
    "Place",
    "built_by",
    "dockerfiles_of",
    "folder_by_name",
    "folder_of_image",
    "has_program",
    "has_source",
    "source_folder",
]

_REMOTE = re.compile(r"[a-z][a-z0-9+.-]{0,20}://|git@|github\.com/", re.IGNORECASE)
_SOURCE = re.compile(
    r"\.(?:py|js|mjs|cjs|ts|tsx|jsx|go|rs|java|kt|cs|fs|rb|php|ex|scala|cpp|cc|c|sh|html|pl|clj|swift|dart|lua)$"
)
_NOT_SOURCE = re.compile(r"(?:entrypoint|start|run|init|healthcheck|wait-for\S{0,20}|docker-entrypoint)\.sh$")


_GENERIC = frozenset({"api", "app", "service", "server", "web", "worker", "main", "backend", "frontend"})
"""Names that say nothing without what stands before them."""


@dataclass(frozen=True)
class Place:
    """A folder of source, and what says so."""

    folder: str
    reason: str
    file: str = ""
    line: int = 0


def has_source(tree: Tree, folder: str, limit: int = 400) -> bool:
    """Return whether source lies in a folder, start scripts of containers not counted."""
    return any(_SOURCE.search(path) and not _NOT_SOURCE.search(path) for path in tree.under(folder)[:limit])


def has_program(tree: Tree, folder: str, limit: int = 400) -> bool:
    """Return whether source lies in a folder that is neither a page nor a script of the shell."""
    return any(_SOURCE.search(path) and not path.endswith((".sh", ".html")) for path in tree.under(folder)[:limit])


def built_by(tree: Tree, service: ComposeService) -> tuple[Built, str] | None:
    """Return the Dockerfile that a service is built from, and its context; None where nothing of ours is built."""
    found = service.part("build")
    if found is None:
        return None
    part, node = found
    keys = mapping(node)
    context_value = part.value(node) or part.value(keys.get("context", (0, None))[1])
    text = context_value.text if context_value else "."
    context = joined(part.home, text) if not _REMOTE.match(text) and "${" not in text else None
    if context is None:
        return None
    known = {
        name: value.text
        for name, (_, item) in mapping(keys.get("args", (0, None))[1]).items()
        if (value := part.value(item))
    }
    for _, item in sequence(keys.get("args", (0, None))[1]):
        name, equals, value_ = (scalar(item) or "").partition("=")
        known |= {name: value_} if equals else {}
    target = part.value(keys.get("target", (0, None))[1])
    inline = scalar(keys.get("dockerfile_inline", (0, None))[1])
    if inline is not None:
        return read_dockerfile(inline, part.file, target.text if target else "", known), context
    named = part.value(keys.get("dockerfile", (0, None))[1])
    path = joined(context, named.text if named else "Dockerfile")
    if path and not tree.is_file(path) and named is None:
        path = next(
            (p for p in (joined(context, "Containerfile"), joined(context, "dockerfile")) if p and tree.is_file(p)),
            path,
        )
    if path is None:
        return None
    return read_dockerfile(tree.text(path), path, target.text if target else "", known), context


def source_folder(
    tree: Tree,
    name: str,
    built: Built,
    context: str,
    manifests: Mapping[str, tuple[Manifest, ...]],
    hints: Iterable[str] = (),
) -> Place:
    """Return the folder of source that an image is built from.

    Args:
        tree: the system.
        name: of the service, for where several folders would do.
        built: its Dockerfile.
        context: its build context.
        manifests: by folder.
        hints: further words that may name the folder, such as build arguments.
    """
    beside = folder_of(built.path)
    elsewhere = _copies_all(built) and context in manifests and _for_files(beside)
    alone = beside in manifests or (has_source(tree, beside) and not aside(beside) and not elsewhere)
    if beside not in {".", context} and alone:
        return Place(beside, "its Dockerfile lies there", built.path, 1)
    if context != "." and (context in manifests or (has_source(tree, context) and not _holds_many(context, manifests))):
        return Place(context, "its build context", built.path, 1)
    inner = [folder for folder in manifests if folder != "." and (context == "." or folder.startswith(context + "/"))]
    named = next((f for hint in hints for f in inner if squashed(f.rpartition("/")[2]) == squashed(hint) and hint), "")
    if named:
        return Place(named, "a build argument names it", built.path, 1)
    copied = [folder for folder in source_folders(built, context) if folder in manifests]
    single = _single(name, copied, manifests)
    if single and (context not in manifests or not _copies_all(built)):
        return Place(single, "its Dockerfile copies it", built.path, 1)
    if context not in manifests or _holds_many(context, manifests):
        called = folder_by_name(inner, [name, beside.rpartition("/")[2], _suffix(built.path)])
        if called:
            return Place(called, "it is called alike", built.path, 1)
    return Place(context, "its build context", built.path, 1)


def _for_files(folder: str) -> bool:
    """Return whether a folder is called as those are that hold Dockerfiles, not source."""
    return any(
        part.lower() in {"docker", "dockerfiles", "build", "deploy", "containers", ".docker"}
        for part in folder.split("/")
    )


def _suffix(path: str) -> str:
    """Return what the name of a Dockerfile says beside that it is one: `auth` of `Dockerfile.auth`."""
    name = path.rpartition("/")[2]
    return re.sub(r"^(?:docker|container)file[._-]?|[._-]?(?:docker|container)file$", "", name, flags=re.IGNORECASE)


def _holds_many(folder: str, manifests: Mapping[str, tuple[Manifest, ...]]) -> bool:
    at = below(folder)
    own = any(m.starts for m in manifests.get(folder, ()))
    return (
        not own
        and sum(f != folder and f.startswith(at) and any(m.starts for m in ms) for f, ms in manifests.items()) > 1
    )


def _copies_all(built: Built) -> bool:
    return any(source in {".", "./", "/"} for source in built.copied)


def _single(name: str, copied: list[str], manifests: Mapping[str, tuple[Manifest, ...]]) -> str:
    """Return the one application among the folders that are copied, the one of that name where they are several."""
    starting = [folder for folder in copied if any(m.starts and not m.is_test for m in manifests[folder])]
    starting = starting or [f for f in copied if f != "." and not _is_shared(f)]
    called = folder_by_name(starting, [name])
    return called or (starting[0] if len(starting) == 1 else "")


def _is_shared(folder: str) -> bool:
    """Return whether a folder holds what services share, or their tests."""
    return any(is_library_name(part) or is_test_place(part) for part in folder.split("/"))


def folder_by_name(folders: Iterable[str], names: Iterable[str]) -> str:
    """Return the folder that is called as one of `names`: exactly, without endings, or behind a prefix."""
    known = sorted(folders, key=lambda folder: (folder.count("/"), folder))
    for name in filter(None, names):
        whole, short = squashed(name), core(name)
        for test in (
            lambda f, whole=whole: squashed(f) == whole,
            lambda f, short=short: core(f) == short,
            lambda f, whole=whole: len(whole) > 3 and squashed(f).endswith(whole),
        ):
            found = next((folder for folder in known if test(folder.rpartition("/")[2])), "")
            if found:
                return found
    return ""


def folder_of_image(image: str, folders: Iterable[str]) -> str:
    """Return the folder that an image is called after: the same, or the same behind the system's own name."""
    name = base_name(image)
    known = [f for f in folders if f != "."]
    exact = folder_by_name(known, [name])
    if exact:
        return exact
    parts = [part for part in re.split(r"[-_.]+", name) if part]
    for tail in ("-".join(parts[start:]) for start in range(1, len(parts))):
        short = core(tail)
        for folder in sorted(known) if len(short) > 2 else ():
            last = folder.rpartition("/")[2]
            if squashed(last) == squashed(tail) or (core(last) == short and short not in _GENERIC):
                return folder
    return ""


def dockerfiles_of(tree: Tree) -> list[str]:
    """Return the Dockerfiles of a system, those of tests, examples and the like left out."""
    return [
        path
        for path in tree.files
        if is_dockerfile(path.rpartition("/")[2]) and not aside(folder_of(path), building=True)
    ]
