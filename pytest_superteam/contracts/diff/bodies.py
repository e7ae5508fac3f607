"""Bodies, answers and headers compared, by media type and status."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.changes import canonical
from pytest_superteam.contracts.diff.places import CALLED, textual
from pytest_superteam.contracts.diff.reading import mapping
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.contracts.diff.naming import Place
    from pytest_superteam.contracts.diff.places import Side
    from pytest_superteam.contracts.diff.scene import Scene

__all__ = ["compare_request_body", "compare_responses"]

Media = tuple[str, Any]  # a media type as written, and what it stands for


def compare_request_body(scene: Scene, old: Any, new: Any, side: Side) -> None:
    """Report how the body of an operation's requests changed."""
    if scene.unreadable("the body", old, new):
        return
    before, after = scene.old.part(old), scene.new.part(new)
    required = [part.get("required") is True for part in (before, after)]
    called = side is CALLED
    if not before or not after:
        if after and not before:
            kind = "required" if required[1] else "optional"
            scene.add(f"request-body-added-{kind}", level=None if called else Severity.INFO)
        elif before:
            scene.add("request-body-removed")
        return
    if required[0] != required[1]:
        level = None if called else (Severity.INFO if required[1] else Severity.ERROR)
        scene.add(f"request-body-became-{'required' if required[1] else 'optional'}", level=level)
    _request_media(scene, mapping(before.get("content")), mapping(after.get("content")), side)


def _request_media(scene: Scene, before: Mapping[str, Any], after: Mapping[str, Any], side: Side) -> None:
    pairs, gone, come = _by_media_type(before, after)
    called = side is CALLED
    for name in gone:
        scene.add("request-body-media-type-removed", "the body", old=name, level=None if called else Severity.INFO)
    for name in come:
        scene.add("request-body-media-type-added", "the body", new=name, level=None if called else Severity.ERROR)
    for (name, one), (_other, two) in pairs:
        where = "the body" if len(pairs) == 1 else f"the {name} body"
        _schemas(scene, one, two, (side.body, name, where, "request-body"))
        encodings = [mapping(mapping(item).get("encoding")) for item in (one, two)]
        if canonical(dict(encodings[0])) != canonical(dict(encodings[1])):
            scene.add("request-body-encoding-changed", where)


def _schemas(scene: Scene, old: Any, new: Any, at: tuple[Place, str, str, str]) -> None:
    place, name, where, kind = at
    before, after = mapping(old).get("schema"), mapping(new).get("schema")
    if before is None and after is not None:
        scene.add(f"{kind}-media-type-schema-added", where, level=None if place.root == kind else Severity.WARNING)
    elif before is not None and after is None:
        scene.add(f"{kind}-media-type-schema-removed", where, level=None if place.root == kind else Severity.WARNING)
    elif before is not None:
        place = replace(place, textual=True) if textual(name) else place
        scene.compare(before, after, place, where)


def _by_media_type(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[list[tuple[Media, Media]], list[str], list[str]]:
    """Return the pairs of one media type, by its whole name, then without its parameters; the rest old and new."""
    pairs: list[tuple[Media, Media]] = []
    rest, others = dict(before), dict(after)
    for identity in (str.lower, _essence):
        known = {identity(name): name for name in others}
        for name in list(rest):
            partner = known.get(identity(name))
            if partner is not None and partner in others:
                pairs.append(((name, rest.pop(name)), (partner, others.pop(partner))))
    return pairs, list(rest), list(others)


def _essence(name: str) -> str:
    return name.partition(";")[0].strip().lower()


# ---------------------------------------------------------------- answers


def compare_responses(scene: Scene, old: Mapping[str, Any], new: Mapping[str, Any], side: Side) -> None:
    """Report how the answers of an operation changed."""
    for status in sorted(old.keys() | new.keys()):
        if status.startswith("x-"):
            continue
        partner = _covering(status, new, old)
        if status not in old:
            if _covering(status, old, new) is None:
                _status(scene, status, "added", side)
        elif partner is None:
            _status(scene, status, "removed", side)
        else:
            _answer(scene, status, old[status], new[partner], side)


def _covering(status: str, statuses: Mapping[str, Any], others: Mapping[str, Any]) -> str | None:
    """Return the key that stands for `status`: itself, its range, or `default` where the other side has none."""
    for key in (status, f"{status[:1]}XX", f"{status[:1]}xx"):
        if key in statuses:
            return key
    return "default" if "default" in statuses and "default" not in others else None


def _status(scene: Scene, status: str, verb: str, side: Side) -> None:
    success = "success" if status.startswith("2") else "non-success"
    where = f"the {status} answer"
    if side is CALLED:
        scene.add(f"response-{success}-status-{verb}", where)
    else:  # the consumer answers: what it used to answer must still be taken
        level = Severity.ERROR if verb == "removed" and success == "success" else Severity.INFO
        scene.add(f"response-{success}-status-{verb}", where, level=level)


def _answer(scene: Scene, status: str, old: Any, new: Any, side: Side) -> None:
    where = f"the {status} answer"
    if scene.unreadable(where, old, new):
        return
    before, after = scene.old.part(old), scene.new.part(new)
    _response_media(scene, where, (mapping(before.get("content")), mapping(after.get("content"))), side)
    _headers(scene, where, (mapping(before.get("headers")), mapping(after.get("headers"))), side)
    for name in sorted(mapping(before.get("links")).keys() - mapping(after.get("links")).keys()):
        scene.add("response-link-removed", where, old=name)


def _response_media(
    scene: Scene, where: str, contents: tuple[Mapping[str, Any], Mapping[str, Any]], side: Side
) -> None:
    pairs, gone, come = _by_media_type(*contents)
    for old_name in list(gone):
        partner = next((name for name in come if _renamed(old_name, name)), None)
        if partner is not None:
            gone.remove(old_name)
            come.remove(partner)
            kind = _renamed(old_name, partner)
            scene.add(f"response-media-type-name-{kind}", where, old_name, partner)
            pairs.append(((old_name, contents[0][old_name]), (partner, contents[1][partner])))
    called = side is CALLED
    for name in gone:
        scene.add("response-media-type-removed", where, old=name, level=None if called else Severity.ERROR)
    for name in come:
        scene.add("response-media-type-added", where, new=name)
    for (name, one), (other, two) in pairs:
        if _essence(name) == _essence(other) and name.lower() != other.lower():
            scene.add("response-media-type-name-changed", where, name, other)
        spot = f"the body of {where}" if len(pairs) == 1 else f"the {name} body of {where}"
        _schemas(scene, one, two, (side.answer, name, spot, "response-body"))


def _renamed(old: str, new: str) -> str:
    """Return `generalized` or `specialized` where one media type stands for more than the other, else nothing."""
    if _stands_for(new, old):
        return "generalized"
    return "specialized" if _stands_for(old, new) else ""


def _stands_for(general: str, special: str) -> bool:
    """Return whether `general` is a wildcard, or the suffix type, of `special`: `application/json` of `.../x+json`."""
    kinds, others = _essence(general).split("/", 1), _essence(special).split("/", 1)
    if len(kinds) < 2 or len(others) < 2:
        return False
    if kinds == ["*", "*"]:
        return True
    return kinds[0] == others[0] and (kinds[1] == "*" or others[1].endswith(f"+{kinds[1]}"))


def _headers(scene: Scene, where: str, headers: tuple[Mapping[str, Any], Mapping[str, Any]], side: Side) -> None:
    named = [{name.lower(): (name, value) for name, value in given.items()} for given in headers]
    for key in sorted(named[0].keys() | named[1].keys()):
        if key == "content-type":  # ignored there, says OpenAPI
            continue
        if key not in named[1]:
            name, value = named[0][key]
            word = "required" if scene.old.part(value).get("required") is True else "optional"
            scene.add(f"{word}-response-header-removed", f"the header `{name}` of {where}")
        elif key not in named[0]:
            scene.add("response-header-added", f"the header `{named[1][key][0]}` of {where}")
        else:
            _header(scene, f"the header `{named[1][key][0]}` of {where}", (named[0][key][1], named[1][key][1]), side)


def _header(scene: Scene, where: str, values: tuple[Any, Any], side: Side) -> None:
    if scene.unreadable(where, *values):
        return
    before, after = scene.old.part(values[0]), scene.new.part(values[1])
    had, has = before.get("required") is True, after.get("required") is True
    if had != has:
        level = None if side is CALLED else (Severity.ERROR if has else Severity.INFO)
        scene.add(f"response-header-became-{'required' if has else 'optional'}", where, level=level)
    scene.compare(before.get("schema", True), after.get("schema", True), side.answer_header, where)
