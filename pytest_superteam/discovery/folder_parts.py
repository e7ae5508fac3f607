"""Services that no compose file names: folders with a Dockerfile, and packages that start something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.dockerfiles import Built, read_dockerfile
from pytest_superteam.discovery.draft import Draft
from pytest_superteam.discovery.frameworks import FRONTENDS, SERVERS, WORKERS
from pytest_superteam.discovery.images import product_by_role, product_of, product_of_name
from pytest_superteam.discovery.places import aside, is_library_name, is_test_place
from pytest_superteam.discovery.placing import dockerfiles_of, has_program, has_source, source_folder
from pytest_superteam.discovery.tree import folder_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_superteam.discovery.manifest import Manifest
    from pytest_superteam.discovery.tree import Tree

__all__ = ["folder_drafts", "lifted"]

_VARIANT = re.compile(
    r"(?:^|[._-])(?:dev|development|local|debug|test|tests|e2e|ci|prod|production|base|builder|playwright|cypress)(?:[._-]|$)",
    re.IGNORECASE,
)
_SERVICE_NAME = re.compile(r"service|worker|server|backend|api|gateway|consumer|processor|web", re.IGNORECASE)
_GENERIC = frozenset({"src", "app", "code", "source", "docker", "build", "main", "application", "project", "cmd"})


def lifted(folder: str, manifests: Mapping[str, tuple[Manifest, ...]]) -> str:
    """Return the folder whose name means something: that above `src`, unless it is the root or holds others too."""
    while folder.rpartition("/")[2].lower() in _GENERIC and "/" in folder:
        above = folder_of(folder)
        inside = [f for f in manifests if f.startswith(above + "/") and f != folder and not f.startswith(folder + "/")]
        if above in manifests or any(not is_test_place(f.rpartition("/")[2]) and not aside(f) for f in inside):
            break
        folder = above
    return folder


def folder_drafts(tree: Tree, manifests: Mapping[str, tuple[Manifest, ...]], taken: Sequence[Draft]) -> list[Draft]:
    """Return the services that lie in folders of their own, without those that are taken and what lies in them."""
    found: dict[str, Draft] = {}
    configured = {draft.configured for draft in taken}
    for path in dockerfiles_of(tree):
        if path in configured:
            continue
        draft = _with_dockerfile(tree, path, manifests)
        if draft is None or draft.built is None or _covered(draft.folder, taken):
            continue
        if _main_dockerfile(path, found.get(draft.folder), runs=_runs(draft.built)):
            found[draft.folder] = draft
    programs = {f: m for f in manifests if (m := _program(f, manifests, has_docker=f in found)) is not None}
    for folder, manifest in programs.items():
        where = lifted(folder, manifests)
        known = [*taken, *(draft for draft in found.values() if draft.folder != "." or draft.built)]
        if where in found or _covered(folder, known) or _inside_program(folder, programs):
            continue
        draft = Draft(where.rpartition("/")[2], folder=where, manifest=manifest)
        draft.note("folder", where, manifest.path, 1, "a package that starts something")
        draft.note("kind", "service", manifest.starts_file, manifest.starts_line, manifest.starts)
        found[where] = draft
    kept = _without_weak(tree, [found[folder] for folder in sorted(found)], taken)
    return _without_root(tree, kept, taken, manifests)


def _without_weak(tree: Tree, found: list[Draft], taken: Sequence[Draft]) -> list[Draft]:
    """Return the drafts without those that merely start, where others serve: helpers of the repository."""
    strong = [draft for draft in found if not _is_weak(draft)]
    if not strong and not any(draft.kind == "service" for draft in taken):
        return found
    tree.notes += [
        f"{d.folder} was left out: nothing in it serves or works through a queue" for d in found if _is_weak(d)
    ]
    return strong


def _is_weak(draft: Draft) -> bool:
    manifest = draft.manifest
    if draft.built is not None or manifest is None or manifest.framework in SERVERS | FRONTENDS | WORKERS:
        return False
    parts = draft.folder.split("/")
    called = _SERVICE_NAME.search(parts[-1]) or (len(parts) > 1 and parts[-2] in {"services", "apps", "microservices"})
    return not called and manifest.starts.startswith(("is started", "script", "makes a program (exe)"))


def _with_dockerfile(tree: Tree, path: str, manifests: Mapping[str, tuple[Manifest, ...]]) -> Draft | None:
    """Return the service that a Dockerfile makes; None where it is a tool, a test or somebody else's software."""
    text = tree.text(path)
    built = read_dockerfile(text, path)
    if not built.base or built.product is not None:
        return None
    context = folder_of(path)
    if context != "." and not has_source(tree, context) and context not in manifests:
        context = "."  # a folder of Dockerfiles
    name = context.rpartition("/")[2]
    place = source_folder(tree, name if context != "." else "", built, context, manifests)
    if place.folder == "." and folder_of(path) != "." and not (_whole(built) and built.command and "." in manifests):
        return None
    folder = lifted(place.folder, manifests)
    if aside(folder) or is_test_place(name) or not has_source(tree, folder):
        return None
    mine = [m for m in manifests.get(place.folder, ()) if not m.is_test]
    if not mine and not built.static and not has_program(tree, folder) and _is_product(folder.rpartition("/")[2]):
        return None
    if mine and all(m.is_client for m in mine):
        return None
    draft = Draft(folder.rpartition("/")[2], folder=folder, built=built)
    draft.note("folder", folder, path, 1, place.reason if place.folder != context else "a Dockerfile lies there")
    draft.note("kind", "service", path, built.base_line, "has a Dockerfile")
    return draft


def _is_product(name: str) -> bool:
    """Return whether a folder without a program is called after somebody else's software."""
    return (product_of(name) or product_of_name(name) or product_by_role(name)) is not None


def _main_dockerfile(path: str, other: Draft | None, *, runs: bool) -> bool:
    """Return whether a Dockerfile is the one to take before that of `other`."""
    if other is None:
        return True
    before = other.built
    return _dockerfile_rank(path, runs=runs) < _dockerfile_rank(
        other.dockerfile, runs=before is not None and _runs(before)
    )


def _runs(built: Built) -> bool:
    return bool(built.command) or built.static


def _dockerfile_rank(path: str, *, runs: bool) -> tuple[bool, bool, bool, int, str]:
    name = path.rpartition("/")[2]
    return (
        not runs,
        name.lower() not in {"dockerfile", "containerfile"},
        bool(_VARIANT.search(name)),
        path.count("/"),
        path,
    )


def _covered(folder: str, taken: Sequence[Draft]) -> bool:
    """Return whether a folder is that of a service, or lies in one."""
    for draft in taken:
        if draft.kind == "infrastructure" or not draft.folder:
            continue
        if draft.folder == folder or folder.startswith(draft.folder + "/"):
            return True
        if draft.folder == "." and _whole(draft.built):
            return True
    return False


def _whole(built: Built | None) -> bool:
    """Return whether an image takes in the whole repository."""
    return built is None or any(source in {".", "./", "/"} for source in built.copied) or not built.copied


def _program(folder: str, manifests: Mapping[str, tuple[Manifest, ...]], *, has_docker: bool) -> Manifest | None:
    """Return the manifest that makes a folder an application; None where it is a library, a test or a tool."""
    if aside(folder) or is_test_place(folder.rpartition("/")[2]):
        return None
    mine = [m for m in manifests[folder] if m.starts and not m.is_test and not m.is_client]
    known = SERVERS | FRONTENDS | WORKERS
    parts = folder.split("/")
    if "lambda" in parts[-1].lower() and not has_docker:
        return None  # runs when it is called by the cloud, and does not listen
    library = is_library_name(parts[-1]) or any(part in {"libs", "lib", "shared"} for part in parts[:-1])
    if library and not has_docker:
        page = FRONTENDS if parts[-1].endswith("ui") and not {"packages", "libs"} & set(parts) else frozenset[str]()
        mine = [m for m in mine if m.framework in SERVERS | page]
    return min(mine, key=lambda m: m.framework not in known, default=None)


def _inside_program(folder: str, programs: Mapping[str, Manifest]) -> bool:
    """Return whether a folder lies in that of another program, the root's left aside."""
    parts = folder.split("/")
    return any("/".join(parts[:count]) in programs for count in range(1, len(parts)))


def _has_pages(tree: Tree) -> bool:
    """Return whether a front end's own pages lie in the root."""
    entries = ("index.html", "src/main.tsx", "src/main.jsx", "src/main.ts", "src/main.js", "public/index.html")
    routed = any(path.startswith(("app/", "pages/", "src/app/", "src/pages/")) for path in tree.files)
    return any(tree.is_file(path) for path in entries) or routed


def _without_root(
    tree: Tree, found: list[Draft], taken: Sequence[Draft], manifests: Mapping[str, tuple[Manifest, ...]]
) -> list[Draft]:
    """Return the drafts without the root's, where that only holds the others together; or with only the root's."""
    root = next((draft for draft in found if draft.folder == "."), None)
    others = [draft for draft in (*found, *taken) if draft.kind == "service" and draft.folder not in {".", ""}]
    if root is None or not others:
        return found
    inner = [draft for draft in found if draft is not root]
    own = root.manifest or next((m for m in manifests.get(".", ()) if m.starts), None)
    server = own is not None and (own.framework in SERVERS or (own.language not in {"javascript", "typescript"}))
    page = own is not None and own.framework in FRONTENDS and own.starts and _has_pages(tree)
    if root.built is not None and own is not None and _whole(root.built) and not any(d.built for d in inner):
        tree.notes += [f"{draft.folder} is part of the image that the Dockerfile of the root makes" for draft in inner]
        return [root]
    if not server and not page:
        tree.notes.append("the root holds the services together and is none itself")
        return inner
    return found
