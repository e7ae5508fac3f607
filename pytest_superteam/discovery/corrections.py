"""What the settings say of a system that is there, laid over what was found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.config_entries import NONE, ServicePath, meant
from pytest_superteam.discovery.named import inside, named_services, safe_name
from pytest_superteam.errors import UsageError
from pytest_superteam.models import Conclusion, FoundService, FoundSystem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from pytest_superteam.discovery.named import NamedService

__all__ = ["FACTS", "Resolved", "corrected", "resolved"]

_FILE = "superteam.yaml"
_REASON = "said in the settings"
_SERVICES, _CORRECT, _URL, _COMPOSE_FILES = "system.services", "system.correct", "--url", "system.compose_files"
_INFRASTRUCTURE_ROLES = ("database", "cache", "broker", "gateway", "other")
FACTS = {
    "name": "name",
    "kind": "kind",
    "path": "folder",
    "role": "role",
    "language": "language",
    "framework": "framework",
    "port": "port",
    "health": "health",
    "test": "test",
    "depends_on": "dependencies",
    "datastores": "datastores",
    "compose": "compose",
}
"""Fields of `FoundService` by what the settings call them."""
_LISTED = 12


@dataclass(frozen=True)
class Resolved:
    """A system as the settings have it, and what they say of how its services are called where they run."""

    system: FoundSystem
    entries: Mapping[str, ServicePath]
    """By name, of the services that the settings say something of: `url`, `contract` and `reset` are only here."""


@dataclass(eq=False)
class _Part:
    """One part of the system on its way from what was found to what the settings say."""

    was: str
    """The name that it was found under; empty where the settings add it."""
    now: FoundService
    entry: ServicePath = field(default_factory=ServicePath)
    place: str = ""
    kept: bool = True


def corrected(
    found: FoundSystem, services: Sequence[ServicePath] = (), correct: Mapping[str, ServicePath] | None = None
) -> FoundSystem:
    """Return `found` with the services that `services` names, if any, and with what `correct` says of them.

    Each fact that the settings change has a `Conclusion` that names them; what they only repeat stays as it was.

    Raises:
        UsageError: the settings name something that is not there; one line with the nearest name that is.
    """
    return resolved(found, services, correct).system


def resolved(
    found: FoundSystem,
    services: Sequence[ServicePath] = (),
    correct: Mapping[str, ServicePath] | None = None,
    *,
    urls: Mapping[str, ServicePath] | None = None,
    compose_files: Sequence[str] = (),
) -> Resolved:
    """Return `corrected` and how its services are called, `urls` (of options) and `compose_files` taken in.

    Raises:
        UsageError: as `corrected`.
    """
    parts = [_Part(part.name, part) for part in (*found.services, *found.jobs, *found.infrastructure)]
    notes = _named(parts, found.root, services) if services else []
    for said, place in ((correct or {}, _CORRECT), (urls or {}, _URL)):
        for name, entry in said.items():
            part = _part(parts, name, place)
            part.entry, part.place = _merged(part.entry, entry), f"{place}: {name}"
            _apply(part, entry, found.root)
    kept = _linked(parts)
    files = tuple(_compose_file(found.root, name) for name in compose_files) or found.compose_files
    system = replace(
        found,
        services=tuple(part.now for part in kept if part.now.kind == "service"),
        jobs=tuple(part.now for part in kept if part.now.kind == "job"),
        infrastructure=tuple(part.now for part in kept if part.now.kind == "infrastructure"),
        compose_files=files,
        how="named in superteam.yaml" if services else found.how,
        notes=(*found.notes, *notes),
    )
    return Resolved(system, {part.now.name: part.entry for part in kept if part.place and part.now.kind == "service"})


# ---------------------------------------------------------------- which parts there are


def _named(parts: list[_Part], root: Path, services: Sequence[ServicePath]) -> list[str]:
    """Leave the services that the settings name, and return what a reader has to know of it."""
    taken: list[_Part] = []
    for named in named_services(root, services):
        part = _same(parts, taken, named)
        if part is None:
            part = _Part("", FoundService(named.name))
            parts.append(part)
        taken.append(part)
        entry = replace(named.entry, name=named.name, path=named.folder, kind=named.entry.kind or "service")
        part.entry, part.place = named.entry, f"{_SERVICES}: {named.name}"
        _apply(part, entry, root)
    left = [part for part in parts if part.now.kind == "service" and part not in taken]
    for part in left:
        part.kept = False
    parts[:] = [*taken, *(part for part in parts if part not in taken)]
    names = ", ".join(part.was for part in left[:_LISTED]) + (" and more" if len(left) > _LISTED else "")
    return [f"{_SERVICES} leaves out what was found: {names}"] if left else []


def _same(parts: Iterable[_Part], taken: Sequence[_Part], named: NamedService) -> _Part | None:
    """Return what was found of a service that the settings name: it has the same folder, else the same name."""
    free = [part for part in parts if part.was and part not in taken]
    there = [part for part in free if named.folder and part.now.folder == named.folder]
    told = {named.name, named.entry.compose} - {""}
    return next((part for part in (*there, *free) if told & {part.was, part.now.compose}), there[0] if there else None)


def _part(parts: Sequence[_Part], name: str, place: str) -> _Part:
    kept = [part for part in parts if part.kept and (place != _URL or part.now.kind == "service")]
    for names in (lambda p: (p.was or p.now.name,), lambda p: (p.now.name, p.now.compose)):
        for part in kept:
            if name in names(part):
                return part
    raise UsageError(f"{place}: '{name}' was not found.{meant(name, (part.was or part.now.name for part in kept))}")


def _merged(entry: ServicePath, more: ServicePath) -> ServicePath:
    given = {key: value for key, value in vars(more).items() if value not in ("", None)}
    return replace(entry, **given)


def _compose_file(root: Path, name: str) -> str:
    file = inside(root, name, _COMPOSE_FILES)
    if not (root / file).is_file():
        raise UsageError(f"{_COMPOSE_FILES}: '{name}' is no file in '{root}'. Name one that is there.")
    return file


# ---------------------------------------------------------------- what is said of a part


def _apply(part: _Part, entry: ServicePath, root: Path) -> None:
    """Change what the entry says otherwise than it was found, each fact with its conclusion."""
    if entry.kind == NONE:
        part.kept = False
        return
    said = _said(entry, root, part.place)
    if "name" in said:
        said["name"] = safe_name(said["name"])
    kind, role = said.get("kind", part.now.kind), part.now.role
    if kind != part.now.kind and (role in _INFRASTRUCTURE_ROLES) != (kind == "infrastructure"):
        said.setdefault("role", "other" if kind == "infrastructure" else "")
    _check_role(said.get("role", ""), kind, part.place)
    changed = {fact: value for fact, value in said.items() if getattr(part.now, fact) != value}
    conclusions = [old for old in part.now.conclusions if old.fact not in changed]
    conclusions += [Conclusion(fact, _shown(value), _FILE, reason=_REASON) for fact, value in changed.items()]
    part.now = replace(part.now, **changed, conclusions=tuple(conclusions))


def _said(entry: ServicePath, root: Path, place: str) -> dict[str, Any]:
    """Return what an entry says, by the fields of `FoundService`."""
    values = {fact: getattr(entry, key) for key, fact in FACTS.items()}
    said = {fact: "" if value == NONE else value for fact, value in values.items() if value not in ("", None)}
    if "folder" in said:
        said["folder"] = inside(root, said["folder"], f"{place}: path")
        if not (root / said["folder"]).is_dir():
            raise UsageError(f"{place}: path: '{entry.path}' is no folder in '{root}'. Name one that is there.")
    return said


def _check_role(role: str, kind: str, place: str) -> None:
    infrastructure = role in _INFRASTRUCTURE_ROLES
    if role and infrastructure != (kind == "infrastructure"):
        wanted = "infrastructure" if infrastructure else "service"
        raise UsageError(f"{place}: role: '{role}' does not go with kind '{kind}'. Write `kind: {wanted}` beside it.")


def _shown(value: Any) -> str:
    text = " ".join(map(str, value)) if isinstance(value, tuple) else str(value or "")
    return text or NONE


# ---------------------------------------------------------------- how the parts refer to each other


def _linked(parts: Sequence[_Part]) -> list[_Part]:
    """Return the parts that are left, their dependencies by the names that these have now."""
    kept = [part for part in parts if part.kept]
    _check_names(kept)
    names = {part.was or part.now.name: part.now.name for part in kept}
    gone = {part.was for part in parts if not part.kept} - names.keys()
    known = {*names, *names.values()}
    for part in kept:
        _check_dependencies(part, known)
        linked = tuple(names.get(name, name) for name in part.now.dependencies if name not in gone)
        if linked != part.now.dependencies:
            conclusions = (_relinked(old, names) for old in part.now.conclusions if not _is_about(old, gone))
            part.now = replace(part.now, dependencies=linked, conclusions=tuple(conclusions))
    return kept


def _is_about(conclusion: Conclusion, names: Collection[str]) -> bool:
    return conclusion.fact == "dependencies" and conclusion.value in names


def _relinked(conclusion: Conclusion, names: Mapping[str, str]) -> Conclusion:
    return replace(conclusion, value=names[conclusion.value]) if _is_about(conclusion, names) else conclusion


def _check_names(parts: Iterable[_Part]) -> None:
    """Refuse a name of the settings that another part has."""
    owners: dict[str, _Part] = {}
    for part in parts:
        other = owners.setdefault(part.now.name, part)
        place = part.place or other.place
        if other is not part and place:
            setting = place.partition(":")[0]
            raise UsageError(f"{setting}: two services are called '{part.now.name}'. Name one of them otherwise.")


def _check_dependencies(part: _Part, known: set[str]) -> None:
    for name in part.entry.depends_on or ():
        if name not in known or name in {part.was, part.now.name}:
            others = known - {part.was, part.now.name}
            raise UsageError(f"{part.place}: depends_on: '{name}' is no other part of it.{meant(name, others)}")
