"""Parameters compared: by place and name, those of the path by their position in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.lifecycle import lifecycle, removal
from pytest_superteam.contracts.diff.places import CALLED
from pytest_superteam.contracts.diff.reading import mapping, sequence, text
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from pytest_superteam.contracts.diff.naming import Place
    from pytest_superteam.contracts.diff.places import Side
    from pytest_superteam.contracts.diff.reading import Document
    from pytest_superteam.contracts.diff.scene import Scene

__all__ = ["TEMPLATE", "compare_parameters"]

TEMPLATE = re.compile(r"\{([^{}]{0,200})\}")
_STYLES = {"query": "form", "path": "simple", "header": "simple", "cookie": "form"}
Owner = tuple[str, Mapping[str, Any], Mapping[str, Any]]  # path, path item, operation


@dataclass(frozen=True)
class _Parameter:
    name: str
    place: str
    """`query`, `path`, `header`, `cookie`."""
    given: Mapping[str, Any]
    shared: bool
    """Whether it belongs to all operations of the path."""

    @property
    def words(self) -> str:
        return f"the {self.place} parameter `{self.name}`"

    @property
    def required(self) -> bool:
        return self.given.get("required") is True or self.place == "path"


def compare_parameters(scene: Scene, old: Owner, new: Owner, side: Side) -> None:
    """Report how the parameters of an operation changed."""
    before, after = _parameters(scene.old, old), _parameters(scene.new, new)
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            _removed(scene, before[key], side)
        elif key not in before:
            _added(scene, after[key], side)
        else:
            _kept(scene, before[key], after[key], side)


def _parameters(document: Document, owner: Owner) -> dict[tuple[str, str], _Parameter]:
    path, item, operation = owner
    positions = {name: str(index) for index, name in enumerate(TEMPLATE.findall(path))}
    found: dict[tuple[str, str], _Parameter] = {}
    for shared, given in ((True, item), (False, operation)):
        for value in sequence(given.get("parameters")):
            part = document.part(value)
            name, place = text(part.get("name")), text(part.get("in"))
            if name and place:
                key = name.lower() if place == "header" else name
                key = positions.get(name, name) if place == "path" else key
                found[place, key] = _Parameter(name, place, part, shared)
    return found


def _removed(scene: Scene, parameter: _Parameter, side: Side) -> None:
    if side is not CALLED:  # consumers no longer get it
        scene.add("request-parameter-removed", parameter.words, level=Severity.WARNING)
        return
    aspect, level, end = removal(parameter.given, scene.policy, Severity.WARNING)
    aspect = "removed" if aspect == "removed-without-deprecation" else aspect
    scene.add(f"request-parameter-{aspect}", parameter.words, old=end, level=level)


def _added(scene: Scene, parameter: _Parameter, side: Side) -> None:
    required = parameter.required and side is CALLED
    if parameter.place == "path" and required:
        scene.add("new-request-path-parameter", parameter.words)
        return
    word = "required" if required else "optional"
    shared = "request-default-parameter-to-existing-path" if parameter.shared else "request-parameter"
    scene.add(f"new-{word}-{shared}", parameter.words)


def _kept(scene: Scene, old: _Parameter, new: _Parameter, side: Side) -> None:
    if old.required != new.required:
        became = "required" if new.required else "optional"
        level = None if side is CALLED else (Severity.INFO if new.required else Severity.ERROR)
        scene.add(f"request-parameter-became-{became}", new.words, level=level)
    _writing(scene, old, new)
    place = side.header if new.place == "header" else side.parameter
    for finding in lifecycle(old.given, new.given, scene.policy):
        scene.add(f"request-parameter-{finding.aspect}", new.words, finding.old, finding.new)
    _values(scene, old, new, place)


def _writing(scene: Scene, old: _Parameter, new: _Parameter) -> None:
    """Report how the value is written otherwise: style, explode, whether it may be empty."""
    styles = [text(item.given.get("style")) or _STYLES.get(item.place, "form") for item in (old, new)]
    if styles[0] != styles[1]:
        scene.add("request-parameter-style-changed", new.words, *styles)
    explodes = [
        item.given.get("explode", style == "form") is True for item, style in zip((old, new), styles, strict=True)
    ]
    if explodes[0] != explodes[1] and styles[0] == styles[1] and _many(scene, old, new):
        scene.add("request-parameter-explode-changed", new.words, *explodes)
    if old.given.get("allowEmptyValue") is True and new.given.get("allowEmptyValue") is not True:
        scene.add("request-parameter-empty-value-refused", new.words)


def _many(scene: Scene, old: _Parameter, new: _Parameter) -> bool:
    """Return whether the value can be a list or an object, which alone are written otherwise."""
    types = scene.schemas.types(old.given.get("schema", True), new.given.get("schema", True))
    return types is None or bool(types & {"array", "object"})


def _values(scene: Scene, old: _Parameter, new: _Parameter, place: Place) -> None:
    contents = [mapping(item.given.get("content")) for item in (old, new)]
    if not contents[0] and not contents[1]:
        scene.compare(old.given.get("schema", True), new.given.get("schema", True), place, new.words)
        return
    names = [next(iter(content), "") for content in contents]
    if names[0] != names[1]:
        scene.add("request-parameter-content-changed", new.words, *names)
        return
    before, after = (
        mapping(content.get(name)).get("schema", True) for content, name in zip(contents, names, strict=True)
    )
    scene.compare(before, after, replace(place, textual=False), new.words)
