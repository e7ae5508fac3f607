"""The services of compose files as drafts: whose they are, where their source lies, and what ends by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.discovery.dockerfiles import read_dockerfile
from pytest_superteam.discovery.draft import Draft
from pytest_superteam.discovery.folder_parts import lifted
from pytest_superteam.discovery.images import Product, base_name, product_by_role, product_of, product_of_name
from pytest_superteam.discovery.infrastructure import (
    completed,
    is_test_tool,
    job_reason,
    mounted_source,
    product_behind,
)
from pytest_superteam.discovery.manifests_node import read_json
from pytest_superteam.discovery.manifests_python import read_toml
from pytest_superteam.discovery.placing import (
    Place,
    built_by,
    dockerfiles_of,
    folder_by_name,
    folder_of_image,
    has_program,
    source_folder,
)
from pytest_superteam.discovery.tree import folder_of
from pytest_superteam.discovery.words import squashed
from pytest_superteam.scanners.languages.yaml_nodes import mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.discovery.compose_files import Project
    from pytest_superteam.discovery.compose_reading import ComposeService, Value
    from pytest_superteam.discovery.dockerfiles import Built
    from pytest_superteam.discovery.manifest import Manifest
    from pytest_superteam.discovery.tree import Tree

__all__ = ["drafts_of"]


def drafts_of(
    tree: Tree, project: Project, manifests: Mapping[str, tuple[Manifest, ...]], homes: list[str]
) -> list[Draft]:
    """Return the parts of one project, in the order of its files.

    Args:
        tree: the system.
        project: compose files that are laid over each other.
        manifests: by folder.
        homes: folders that an image may be built from: those with a Dockerfile or an application.
    """
    waited = completed(project.services)
    found: list[Draft] = []
    for service in project.services.values():
        draft = _draft(tree, service, manifests, homes)
        if draft is None:
            continue
        if draft.kind == "service" and is_test_tool(service, draft.folder, draft.dockerfile):
            tree.notes.append(f"{service.name} ({service.file}) was left out: it tests the others")
            continue
        reason, file, line = job_reason(service, waited)
        if reason:
            draft.kind, draft.role = "job", ""
            draft.note("kind", "job", file, line, reason)
        elif draft.kind == "service":
            origin = "its image is built" if draft.image else "built"
            draft.note("kind", "service", service.file, service.line, f"{origin} from this repository")
        found.append(draft)
    return found


def _draft(
    tree: Tree, service: ComposeService, manifests: Mapping[str, tuple[Manifest, ...]], homes: list[str]
) -> Draft | None:
    build = built_by(tree, service)
    image = service.value("image")
    draft = Draft(service.name, compose=service, image=image.text if image and not build else "")
    draft.note("name", service.name, service.file, service.line, "its name in the compose file")
    draft.built = build[0] if build else None
    known = product_behind(service, draft.built)
    if known:
        product, file, line, reason = known
        return _foreign(draft, product, file, line, reason)
    if build:
        draft.built, context = build
        place = source_folder(tree, service.name, draft.built, context, manifests, _arguments(service))
        installed = _installed(tree, service, draft.built, place.folder, manifests)
        if installed is not None:
            return _foreign(
                draft, installed, draft.built.path, draft.built.base_line, "installs it and adds no program"
            )
        place = replace(place, folder=lifted(place.folder, manifests))
        if not tree.under(place.folder):
            tree.notes.append(f"{service.name} ({service.file}) is built from {place.folder}, which is not there")
        return _placed(draft, place)
    if service.part("build") is not None and image is None:
        return _foreign(draft, Product("", "other"), service.file, service.line, "is built from somewhere else")
    if image is None:
        tree.notes.append(f"{service.name} ({service.file}) was left out: neither image nor build")
        return None
    return _from_image(tree, draft, service, image, homes)


def _from_image(tree: Tree, draft: Draft, service: ComposeService, image: Value, homes: list[str]) -> Draft:
    """Return a draft of what runs from an image that no compose file builds."""
    mounted = mounted_source(tree, service)
    if mounted:
        folder, line, file = mounted
        return _placed(draft, Place(folder, "its source is mounted into a runtime", file, line))
    called = folder_of_image(image.text, homes) or folder_by_name([h for h in homes if h != "."], [service.name])
    if not called and "." in homes and squashed(base_name(image.text)) in _names_of_root(tree):
        called = "."
    if not called:
        return _foreign(draft, Product("", "other"), image.file, image.line, f"runs {image.text}, not built here")
    path = next((p for p in dockerfiles_of(tree) if folder_of(p) == called), "")
    made = read_dockerfile(tree.text(path), path) if path else None
    if made is not None and made.product is not None:
        return _foreign(draft, made.product, path, made.base_line, f"only configures {made.base}")
    draft.built = made if made is not None and made.base else None
    return _placed(draft, Place(called, f"the image {image.text} is called after it", image.file, image.line))


def _installed(
    tree: Tree, service: ComposeService, built: Built, folder: str, manifests: Mapping[str, tuple[Manifest, ...]]
) -> Product | None:
    """Return the software that an image of our own only installs or configures, as its service is called."""
    mounts = any(value.text.startswith((".", "/")) for value in service.values("volumes"))
    if not built.base or mounts:
        return None
    programs = folder in manifests or has_program(tree, folder)
    if built.copied and programs:
        return None
    return product_of(service.name) or product_of_name(service.name) or product_by_role(service.name)


def _names_of_root(tree: Tree) -> set[str]:
    """Return what the whole repository is called: its folder, its packages."""
    names = [tree.root.name, read_json(tree.text("package.json")).get("name")]
    names.append(read_toml(tree.text("pyproject.toml")).get("project", {}).get("name"))
    return {squashed(name.rpartition("/")[2]) for name in names if isinstance(name, str)} - {""}


def _arguments(service: ComposeService) -> list[str]:
    """Return the values of the build arguments, which may name a folder of several."""
    nested = service.nested("build")
    if nested is None:
        return []
    part, keys = nested
    node = keys.get("args", (0, None))[1]
    values = [part.value(item) for _, item in mapping(node).values()]
    values += [part.value(item) for item in (node.items if node is not None and node.id == "sequence" else [])]
    return [value.text.rpartition("=")[2] for value in values if value]


def _placed(draft: Draft, place: Place) -> Draft:
    draft.folder = place.folder
    draft.note("folder", place.folder, place.file, place.line, place.reason)
    return draft


def _foreign(draft: Draft, product: Product, file: str, line: int, reason: str) -> Draft:
    draft.kind, draft.role, draft.product = "infrastructure", product.role, product
    draft.configured, draft.built = draft.built.path if draft.built else "", None
    draft.note("kind", "infrastructure", file, line, reason)
    draft.note("role", product.role, file, line, f"{product.name or 'software of others'}")
    if product.name and product.role in {"database", "cache", "broker"}:
        draft.keep_in(product.name, file, line, reason)
    return draft
