"""A folder that holds a system already -> its services, jobs and infrastructure, and what each fact rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.discovery.compose_files import Project, candidates, projects
from pytest_superteam.discovery.composed_parts import drafts_of
from pytest_superteam.discovery.entry_parts import entry_drafts
from pytest_superteam.discovery.file_parts import file_drafts
from pytest_superteam.discovery.folder_parts import folder_drafts
from pytest_superteam.discovery.health import settle_health
from pytest_superteam.discovery.kubernetes import containers, foreign_parts, settle_from_cluster
from pytest_superteam.discovery.languages import settle_language
from pytest_superteam.discovery.links import settle_links
from pytest_superteam.discovery.manifests import read_manifests
from pytest_superteam.discovery.naming import name_drafts
from pytest_superteam.discovery.own_tests import settle_test
from pytest_superteam.discovery.placing import dockerfiles_of, has_source
from pytest_superteam.discovery.ports import settle_default_port, settle_port
from pytest_superteam.discovery.roles import settle_role, settle_worker
from pytest_superteam.discovery.tree import Tree, below, folder_of, read_tree
from pytest_superteam.models import FoundSystem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_superteam.discovery.draft import Draft
    from pytest_superteam.discovery.manifest import Manifest

__all__ = ["discover"]


def discover(root: Path, *, profiles: Sequence[str] = ()) -> FoundSystem:
    """Return the system that lies in `root`, as far as reading its files tells.

    Nothing is executed, no link is followed and nothing is written. The same tree gives the same answer.

    Args:
        root: folder of the system.
        profiles: compose profiles that are started as well; a service of another profile is found all the same.
    """
    tree = read_tree(root)
    manifests = read_manifests(tree)
    main, drafts = _composed(tree, manifests)
    drafts += folder_drafts(tree, manifests, drafts)
    if not main and not any(_stands_alone(draft) for draft in drafts):
        several = entry_drafts(tree) or file_drafts(tree)
        drafts = [draft for draft in drafts if draft.kind != "service"] + several if several else drafts
    if not any(draft.kind == "service" for draft in drafts) and has_source(tree, "."):
        drafts.append(_whole())
    if main is None:
        names = {draft.name for draft in drafts}
        drafts += [draft for draft in foreign_parts(containers(tree)) if draft.name not in names]
    name_drafts(tree, drafts)
    _settle(tree, drafts, manifests)
    _note_profiles(tree, drafts, profiles)
    return _system(tree, drafts, main)


def _stands_alone(draft: Draft) -> bool:
    """Return whether a draft is a service beyond doubt: in a folder of its own, or with an image of its own."""
    return draft.kind == "service" and (draft.folder != "." or draft.built is not None)


def _composed(tree: Tree, manifests: Mapping[str, tuple[Manifest, ...]]) -> tuple[Project | None, list[Draft]]:
    """Return the project that starts the system, and the drafts of all projects."""
    homes = sorted(
        {folder_of(path) for path in dockerfiles_of(tree)}
        | {f for f, ms in manifests.items() if any(m.starts for m in ms)}
    )
    made = [(project, drafts_of(tree, project, manifests, homes)) for project in projects(tree, candidates(tree))]
    if not any(_own(found) for _, found in made) and not has_source(tree, "."):
        _promote(tree, [draft for _, found in made for draft in found])
    made.sort(key=lambda pair: -_own(pair[1]))
    drafts: list[Draft] = []
    for project, found in made:
        drafts += [draft for draft in found if _is_new(draft, drafts, first=project is made[0][0])]
        _note_variants(tree, project)
    main = made[0][0] if made and _own(made[0][1]) else None
    for project, found in made:
        if project is main:
            continue
        what = (
            "starts no service of this system, only infrastructure" if not _own(found) else "is another way to start it"
        )
        if main is None or project.folder != main.folder:
            tree.notes.append(f"{', '.join(project.paths)}: {what}")
    return main, drafts


def _promote(tree: Tree, drafts: Sequence[Draft]) -> None:
    """Make services of the images that nothing is known of: where there is no source at all, they are the system."""
    for draft in drafts:
        if draft.kind == "infrastructure" and draft.product is not None and not draft.product.name and draft.image:
            draft.kind, draft.role, draft.product = "service", "", None
            draft.conclusions = [c for c in draft.conclusions if c.fact not in {"kind", "role"}]
            at = draft.compose.value("image") if draft.compose else None
            file, line = (at.file, at.line) if at else ("", 0)
            draft.note("kind", "service", file, line, "the system has no source of its own")
            tree.notes.append(f"{draft.name} is only known by its image {draft.image}")


def _own(drafts: Sequence[Draft]) -> int:
    return sum(draft.kind == "service" for draft in drafts)


def _is_new(draft: Draft, known: Sequence[Draft], *, first: bool) -> bool:
    """Return whether a part of a further project is not one that is known by its folder, or by its name."""
    if first:
        return True
    same = [other for other in known if other.compose is not None and other.compose.name == draft.name]
    if draft.kind == "infrastructure":
        return not same
    if any(other.folder in {draft.folder, ""} for other in same) or (draft.kind == "job" and same):
        return False
    return not any(other.folder == draft.folder and other.kind != "infrastructure" for other in known)


def _note_variants(tree: Tree, project: Project) -> None:
    for candidate in project.rest:
        what = "is there for tests" if candidate.variant == "test" else "is another way to start it"
        tree.notes.append(f"{candidate.file.path} was left out: it {what}")


def _whole() -> Draft:
    from pytest_superteam.discovery.draft import Draft

    draft = Draft("system", folder=".")
    draft.note("kind", "service", "", 0, "the whole folder")
    draft.note("folder", ".", "", 0, "the whole folder")
    return draft


def _settle(tree: Tree, drafts: Sequence[Draft], manifests: Mapping[str, tuple[Manifest, ...]]) -> None:
    """Say every fact of every service and job."""
    known = containers(tree)
    own = [draft for draft in drafts if draft.kind != "infrastructure"]
    for draft in own:
        at = below(draft.folder)
        inner = {other.folder for other in own if other.folder.startswith(at) and other.folder != draft.folder}
        draft.others = tuple(sorted(inner - {"", "."}))
        settle_language(tree, draft, manifests)
    for draft in own:
        if draft.kind == "service":
            settle_worker(draft, own)
            settle_port(tree, draft)
            settle_from_cluster(draft, known, drafts)
            settle_health(tree, draft)
            settle_role(draft)
            settle_default_port(draft)
            settle_test(tree, draft)
    for draft in own:
        settle_links(tree, draft, drafts)
    for draft in drafts:
        if draft.kind == "infrastructure":
            settle_port(tree, draft)


def _note_profiles(tree: Tree, drafts: Sequence[Draft], profiles: Sequence[str]) -> None:
    """Note what is started with a profile only that nobody asked for."""
    for draft in drafts:
        asked = [value.text for value in draft.compose.values("profiles")] if draft.compose else []
        if draft.kind == "service" and asked and not {*asked, "*"} & {*profiles, *(("*",) if "*" in profiles else ())}:
            tree.notes.append(f"{draft.name} is started with the profile '{asked[0]}' only")


def _system(tree: Tree, drafts: Sequence[Draft], main: Project | None) -> FoundSystem:
    made = [draft.finished() for draft in drafts]
    verb = "start" if main and len(main.paths) > 1 else "starts"
    notes = [f"{' + '.join(main.paths)} {verb} the system: {main.why}"] if main else []
    started = {service.compose for service in made if service.compose and main and service.compose in main.services}
    missing = [s.name for s in made if s.kind == "service" and s.compose not in started]
    if main and missing:
        notes.append(f"the compose files do not start {', '.join(missing)}")
    return FoundSystem(
        root=tree.root,
        services=tuple(service for service in made if service.kind == "service"),
        jobs=tuple(service for service in made if service.kind == "job"),
        infrastructure=tuple(service for service in made if service.kind == "infrastructure"),
        compose_files=main.paths if main else (),
        how=_how(made, main),
        notes=tuple(dict.fromkeys([*notes, *tree.notes])),
    )


def _how(made: Sequence[object], main: Project | None) -> str:
    services = [service for service in made if getattr(service, "kind", "") == "service"]
    composed = sum(bool(getattr(service, "compose", "")) for service in services)
    if main and composed == len(services):
        return f"named in {' + '.join(main.paths)}"
    if main:
        return f"named in {' + '.join(main.paths)}, and folders with an application of their own"
    if len(services) == 1 and getattr(services[0], "folder", "") == ".":
        return "the whole folder"
    return "folders with a Dockerfile or an application"
