"""What one schema demands by itself, compared keyword by keyword: bounds, values, texts and flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.changes import DIFFERS, NARROWS, NEUTRAL, UNCLEAR, WIDENS, Risk, canonical
from pytest_superteam.contracts.diff.reading import mapping, sequence
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_superteam.contracts.diff.normalise import View

__all__ = ["Finding", "compare_keywords"]


@dataclass(frozen=True)
class Finding:
    """A difference between two schemas, wherever they are used. `aspect` is the kind without its place."""

    aspect: str
    risk: Risk
    old: Any = None
    new: Any = None
    inside: str = ""
    """The property that it is about, where it is found in the schema around it."""
    read_only: bool = False
    """Whether that property is never sent by consumers."""
    write_only: bool = False
    """Whether that property is never answered."""


def compare_keywords(old: View, new: View) -> Iterator[Finding]:
    """Yield how the keywords of two schemas differ."""
    for compare in _COMPARISONS:
        yield from compare(old, new)


_SIZES = (
    ("maxLength", "max-length"),
    ("maxItems", "max-items"),
    ("maxProperties", "max-properties"),
    ("maxContains", "max-contains"),
    ("minLength", "min-length"),
    ("minItems", "min-items"),
    ("minProperties", "min-properties"),
    ("minContains", "min-contains"),
)


def _sizes(old: View, new: View) -> Iterator[Finding]:
    for keyword, name in _SIZES:
        before, after = old.keywords.get(keyword), new.keywords.get(keyword)
        if keyword.startswith("min"):  # a smallest size that everything has is none
            usual = 1 if keyword == "minContains" else 0
            before, after = (None if value == usual else value for value in (before, after))
            if keyword == "minContains" and "contains" in old.keywords and "contains" in new.keywords:
                before, after = (usual if value is None else value for value in (before, after))
                before, after = (None, None) if before == after else (before, after)
        yield from _bound(name, before, after, upper=keyword.startswith("max"))


def _bound(name: str, before: Any, after: Any, *, upper: bool) -> Iterator[Finding]:
    if before == after:
        return
    if before is None:
        yield Finding(f"{name}-set", NARROWS, None, after)
    elif after is None:
        yield Finding(f"{name}-unset", WIDENS, before, None)
    else:
        raised = after > before
        word = "increased" if raised else "decreased"
        yield Finding(f"{name}-{word}", WIDENS if raised == upper else NARROWS, before, after)


def _limits(old: View, new: View) -> Iterator[Finding]:
    yield from _limit(old, new, ("maximum", "exclusiveMaximum"), "max", sign=-1)
    yield from _limit(old, new, ("minimum", "exclusiveMinimum"), "min", sign=1)


def _limit(old: View, new: View, keywords: tuple[str, str], name: str, *, sign: int) -> Iterator[Finding]:
    """Compare the bound that holds; `sign` turns an upper one into a lower one."""
    before, after = _holding(old, keywords, sign), _holding(new, keywords, sign)
    if before[0] == after[0]:
        return
    names = {keywords[0]: name, keywords[1]: f"exclusive-{name}"}
    if before[1] == after[1] or not (before[1] and after[1]):
        given = old.keywords.get(before[1]), new.keywords.get(after[1])
        yield from _bound(names[after[1] or before[1]], *given, upper=name == "max")
        return
    tighter = after[0] > before[0]
    shown = f"{before[1]} {old.keywords[before[1]]}", f"{after[1]} {new.keywords[after[1]]}"
    yield Finding(f"{names[after[1]]}-set", NARROWS if tighter else WIDENS, *shown)


def _holding(view: View, keywords: tuple[str, str], sign: int) -> tuple[tuple[float, bool], str]:
    """Return ((bound, whether it is excluded itself), keyword) of the tighter of two bounds; none is no keyword."""
    found: list[tuple[tuple[float, bool], str]] = []
    for keyword, excluded in zip(keywords, (False, True), strict=True):
        if (value := view.keywords.get(keyword)) is not None:
            whole = view.types == frozenset({"integer"}) and excluded and value == int(value)
            found.append(((sign * value + (1 if whole else 0), excluded and not whole), keyword))
    return max(found, default=((float("-inf"), False), ""))


def _multiple(old: View, new: View) -> Iterator[Finding]:
    before, after = old.keywords.get("multipleOf"), new.keywords.get("multipleOf")
    if before == after:
        return
    if before is None or after is None:
        added = before is None
        yield Finding(f"multiple-of-{'set' if added else 'unset'}", NARROWS if added else WIDENS, before, after)
    else:
        yield Finding("multiple-of-changed", _multiples(before, after), before, after)


def _multiples(before: float, after: float) -> Risk:
    if not before or not after:
        return UNCLEAR
    if after % before == 0:
        return NARROWS
    return WIDENS if before % after == 0 else DIFFERS


_EVERYTHING = frozenset({".*", "^.*$", "^.*", ".*$", ""})


def _pattern(old: View, new: View) -> Iterator[Finding]:
    before, after = old.keywords.get("pattern"), new.keywords.get("pattern")
    if before == after:
        return
    if before is None:
        yield Finding("pattern-added", NEUTRAL if after in _EVERYTHING else NARROWS, None, after)
    elif after is None:
        yield Finding("pattern-removed", NEUTRAL if before in _EVERYTHING else WIDENS, before, None)
    elif after in _EVERYTHING:
        yield Finding("pattern-generalized", WIDENS, before, after)
    else:
        yield Finding("pattern-changed", UNCLEAR, before, after)


_WIDER_FORMATS = frozenset({("int32", "int64"), ("float", "double"), ("int32", "double"), ("email", "idn-email")})


def _format(old: View, new: View) -> Iterator[Finding]:
    before, after = old.keywords.get("format"), new.keywords.get("format")
    if before == after:
        return
    if before is None:
        yield Finding("format-added", NARROWS, None, after)
    elif after is None:
        yield Finding("format-removed", WIDENS, before, None)
    elif (before, after) in _WIDER_FORMATS:
        yield Finding("format-generalized", WIDENS, before, after)
    elif (after, before) in _WIDER_FORMATS:
        yield Finding("format-specialized", NARROWS, before, after)
    else:
        yield Finding("format-changed", DIFFERS, before, after)


def _values(old: View, new: View) -> Iterator[Finding]:
    before, after = _listed(old), _listed(new)
    if "const" in old.keywords or "const" in new.keywords:
        yield from _const(old, new, before, after)
    elif before is None and after is not None:
        yield Finding("became-enum", NARROWS, None, new.keywords["enum"])
    elif before is not None and after is None:
        yield Finding("became-not-enum", WIDENS, old.keywords["enum"], None)
    elif before is not None and after is not None:
        yield from _enum(before, after, extensible="x-extensible-enum" in new.keywords)


def _const(old: View, new: View, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Iterator[Finding]:
    had, has = "const" in old.keywords, "const" in new.keywords
    given = old.keywords.get("const"), new.keywords.get("const")
    if before == after or (before is not None and after is not None and before.keys() == after.keys()):
        return
    if had and has:
        yield Finding("const-changed", DIFFERS, *given)
    elif has and before is None:
        yield Finding("const-added", NARROWS, *given)
    elif had and after is None:
        yield Finding("const-removed", WIDENS, *given)
    else:  # an enum on the other side
        yield from _enum(before or {}, after or {}, extensible=False)


def _listed(view: View) -> dict[str, Any] | None:
    """Return the only values that are valid, by their JSON."""
    enum = view.keywords.get("enum")
    listed = None if enum is None else {canonical(value): value for value in enum}
    if "const" not in view.keywords:
        return listed
    const = view.keywords["const"]
    return {} if listed is not None and canonical(const) not in listed else {canonical(const): const}


def _enum(before: dict[str, Any], after: dict[str, Any], *, extensible: bool) -> Iterator[Finding]:
    for key in sorted(before.keys() - after.keys()):
        yield Finding("enum-value-removed", NARROWS, before[key], None)
    for key in sorted(after.keys() - before.keys()):
        yield Finding("enum-value-added", NEUTRAL if extensible else WIDENS, None, after[key])


def _extensible(old: View, new: View) -> Iterator[Finding]:
    before = {canonical(value): value for value in sequence(old.keywords.get("x-extensible-enum"))}
    after = {canonical(value): value for value in sequence(new.keywords.get("x-extensible-enum"))}
    if not before or not after:
        return
    for key in sorted(before.keys() - after.keys()):
        yield Finding("x-extensible-enum-value-removed", NARROWS, before[key], None)
    for key in sorted(after.keys() - before.keys()):
        yield Finding("x-extensible-enum-value-added", NEUTRAL, None, after[key])


def _flags(old: View, new: View) -> Iterator[Finding]:
    before, after = old.keywords.get("uniqueItems") is True, new.keywords.get("uniqueItems") is True
    if after and not before:
        yield Finding("unique-items-added", NARROWS, before, after)
    elif before and not after:
        yield Finding("unique-items-removed", WIDENS, before, after)


_DEFAULT_CHANGED = Risk(Severity.WARNING, Severity.INFO)


def _default(old: View, new: View) -> Iterator[Finding]:
    had, has = "default" in old.keywords, "default" in new.keywords
    before, after = old.keywords.get("default"), new.keywords.get("default")
    if had and has and canonical(before) != canonical(after):
        yield Finding("default-value-changed", _DEFAULT_CHANGED, before, after)
    elif has and not had:
        yield Finding("default-value-added", NEUTRAL, None, after)
    elif had and not has:
        yield Finding("default-value-removed", NEUTRAL, before, None)


def _content(old: View, new: View) -> Iterator[Finding]:
    for keyword, name in (("contentMediaType", "content-media-type"), ("contentEncoding", "content-encoding")):
        before, after = old.keywords.get(keyword), new.keywords.get(keyword)
        if before != after:
            yield Finding(f"{name}-changed", DIFFERS, before, after)


def _dependent_required(old: View, new: View) -> Iterator[Finding]:
    before, after = (mapping(view.keywords.get("dependentRequired")) for view in (old, new))
    for name in sorted(before.keys() | after.keys()):
        had, has = _names(before.get(name)), _names(after.get(name))
        if had == has:
            continue
        old_text, new_text = _dependency(name, had), _dependency(name, has)
        if not had:
            yield Finding("dependent-required-added", NARROWS, None, new_text)
        elif not has:
            yield Finding("dependent-required-removed", WIDENS, old_text, None)
        else:
            risk = NARROWS if had < has else WIDENS if has < had else DIFFERS
            yield Finding("dependent-required-changed", risk, old_text, new_text)


def _names(value: Any) -> frozenset[str]:
    return frozenset(str(name) for name in sequence(value))


def _dependency(name: str, needs: frozenset[str]) -> str:
    return f"{name} needs {', '.join(sorted(needs))}"


_DISCRIMINATOR_MAPPING_REMOVED = Risk(Severity.ERROR, Severity.INFO)


def _discriminator(old: View, new: View) -> Iterator[Finding]:
    before, after = mapping(old.keywords.get("discriminator")), mapping(new.keywords.get("discriminator"))
    names = before.get("propertyName"), after.get("propertyName")
    if after and not before:
        yield Finding("discriminator-added", NEUTRAL, None, names[1])
    elif before and not after:
        yield Finding("discriminator-removed", UNCLEAR, names[0], None)
    elif names[0] != names[1]:
        yield Finding("discriminator-property-name-changed", DIFFERS, *names)
    else:
        yield from _mappings(mapping(before.get("mapping")), mapping(after.get("mapping")))


def _mappings(before: Any, after: Any) -> Iterator[Finding]:
    for value in sorted(before.keys() | after.keys()):
        if value not in before:
            yield Finding("discriminator-mapping-added", NEUTRAL, None, value)
        elif value not in after:
            yield Finding("discriminator-mapping-deleted", _DISCRIMINATOR_MAPPING_REMOVED, value, None)
        elif before[value] != after[value]:
            pair = f"{value}: {before[value]}", f"{value}: {after[value]}"
            yield Finding("discriminator-mapping-changed", UNCLEAR, *pair)


_COMPARISONS: tuple[Callable[[View, View], Iterator[Finding]], ...] = (
    _limits,
    _sizes,
    _multiple,
    _pattern,
    _format,
    _values,
    _extensible,
    _flags,
    _default,
    _content,
    _dependent_required,
    _discriminator,
)
