"""Objects compared: their properties, and what else they may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.changes import NARROWS, NEUTRAL, WIDENS, Risk
from pytest_superteam.contracts.diff.keywords import Finding
from pytest_superteam.contracts.diff.pairs import Edge, Pair
from pytest_superteam.contracts.diff.reading import mapping
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.contracts.diff.normalise import View


__all__ = ["compare_closing", "compare_properties", "open_schema"]


def compare_properties(both: Pair, old: View, new: View) -> Iterator[Finding | Edge]:
    """Yield which properties came, went and became required, and the pairs of those that stayed."""
    for name in sorted(old.properties.keys() | new.properties.keys()):
        if name not in old.properties:
            yield _added(both, name, old, new)
        elif name not in new.properties:
            yield _removed(both, name, old, new)
        else:
            yield from _kept(both, name, old, new)
    for name in sorted((old.required ^ new.required) - old.properties.keys() - new.properties.keys()):
        came = name in new.required
        yield Finding(f"became-{'required' if came else 'optional'}", NARROWS if came else WIDENS, inside=name)


def _flag(view: View, name: str) -> bool:
    return view.keywords.get(name) is True


def _added(both: Pair, name: str, old: View, new: View) -> Finding:
    view = both.new.view(new.properties[name])
    required = name in new.required
    aspect = f"{'required' if required else 'optional'}-property-added"
    if required and "default" in view.keywords:
        aspect += "-with-default"
    closed = Severity.WARNING if _closed(old) else Severity.INFO  # readers that hold answers to the old schema
    flags = {"read_only": _flag(view, "readOnly"), "write_only": _flag(view, "writeOnly")}
    return Finding(aspect, Risk(Severity.ERROR if required else Severity.INFO, closed), inside=name, **flags)


def _removed(both: Pair, name: str, old: View, new: View) -> Finding:
    view = both.old.view(old.properties[name])
    required = name in old.required
    aspect = f"{'required' if required else 'optional'}-property-removed"
    refused = Severity.ERROR if _closed(new) else Severity.WARNING  # an open object lets it through, unread
    flags = {"read_only": _flag(view, "readOnly"), "write_only": _flag(view, "writeOnly")}
    missed = Severity.ERROR if required else Severity.WARNING
    return Finding(aspect, Risk(refused, missed), inside=name, **flags)


def _closed(view: View) -> bool:
    return view.keywords.get("additionalProperties") is False or view.keywords.get("unevaluatedProperties") is False


def _kept(both: Pair, name: str, old: View, new: View) -> Iterator[Finding | Edge]:
    if (name in old.required) == (name in new.required) and both.same(old.properties[name], new.properties[name]):
        return
    before, after = both.old.view(old.properties[name]), both.new.view(new.properties[name])
    flags = {
        "read_only": _flag(before, "readOnly") and _flag(after, "readOnly"),
        "write_only": _flag(before, "writeOnly") and _flag(after, "writeOnly"),
    }
    had, has = name in old.required, name in new.required
    if has and not had:
        default = "-with-default" if "default" in after.keywords else ""
        yield Finding(f"became-required{default}", NARROWS, inside=name, **flags)
    elif had and not has:
        yield Finding("became-optional", WIDENS, inside=name, **flags)
    yield from _toggles(name, before, after, required=has)
    yield Edge(name, old.properties[name], new.properties[name], **flags)


def _toggles(name: str, before: View, after: View, *, required: bool) -> Iterator[Finding]:
    word = "required" if required else "optional"
    usual = Severity.ERROR if required else Severity.INFO
    missed = Severity.ERROR if required else Severity.WARNING
    risks = {  # what consumers sent is no longer to be sent; what they read is no longer answered
        ("readOnly", True): ("read-only", Risk(Severity.ERROR, Severity.INFO)),
        ("readOnly", False): ("not-read-only", Risk(usual, Severity.INFO)),
        ("writeOnly", True): ("write-only", Risk(Severity.INFO, missed)),
        ("writeOnly", False): ("not-write-only", NEUTRAL),
    }
    for keyword in ("readOnly", "writeOnly"):
        if _flag(before, keyword) != _flag(after, keyword):
            aspect, risk = risks[keyword, _flag(after, keyword)]
            yield Finding(f"{word}-property-became-{aspect}", risk, inside=name)


_TOLERATED = Risk(Severity.INFO, Severity.WARNING)


def compare_closing(_both: Pair, old: View, new: View) -> Iterator[Finding | Edge]:
    """Yield how properties besides the named ones differ."""
    before, after = (open_schema(view.keywords.get("additionalProperties", True)) for view in (old, new))
    if isinstance(before, bool) and isinstance(after, bool):
        if before and not after:
            yield Finding("additional-properties-closed", NARROWS)
        elif after and not before:
            yield Finding("additional-properties-opened", _TOLERATED)
    elif isinstance(before, bool):
        yield Finding(
            "additional-properties-restricted" if before else "additional-properties-opened",
            NARROWS if before else _TOLERATED,
        )
    elif isinstance(after, bool):
        yield Finding(
            "additional-properties-unrestricted" if after else "additional-properties-closed",
            WIDENS if after else NARROWS,
        )
    else:
        yield Edge("*", before, after)
    yield from _by_name("pattern-property", "", old.patterns, new.patterns)
    named = (mapping(view.keywords.get("dependentSchemas")) for view in (old, new))
    yield from _by_name("dependent-schema", None, *named)


def open_schema(value: Any) -> Any:
    """Return True, False or the schema of further properties or elements; an empty one is True."""
    return True if value == {} or not isinstance(value, (bool, dict)) else value


def _by_name(aspect: str, step: str | None, before: Any, after: Any) -> Iterator[Finding | Edge]:
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Finding(f"{aspect}-added", NARROWS, None, name)
        elif name not in after:
            yield Finding(f"{aspect}-removed", WIDENS, name, None)
        else:
            yield Edge("" if step is None else f"/{name}/", before[name], after[name])
