"""Security compared: whether whoever could call an operation still can, and what became of the schemes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.reading import mapping, sequence, text
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from pytest_superteam.contracts.diff.reading import Document
    from pytest_superteam.contracts.diff.scene import Scene

__all__ = ["compare_global_security", "compare_operation_security", "compare_roles", "compare_schemes"]

Way = Mapping[str, frozenset[str]]  # schemes that are needed together, each with its scopes


def _ways(value: Any) -> list[Way]:
    """Return the ways to authenticate, of which one is enough; none, or an empty one, is open to everybody."""
    return [
        {scheme: frozenset(str(scope) for scope in sequence(scopes)) for scheme, scopes in mapping(way).items()}
        for way in sequence(value)
    ]


def _effective(document: Document, operation: Mapping[str, Any]) -> list[Way]:
    return _ways(operation["security"] if "security" in operation else document.root.get("security"))


def _open(ways: list[Way]) -> bool:
    return not ways or any(not way for way in ways)


def _named(way: Way) -> str:
    return " and ".join(sorted(way)) or "nothing"


def _enough(had: Way, needed: Way) -> bool:
    """Return whether who comes with `had` has what is needed."""
    return all(scheme in had and scopes <= had[scheme] for scheme, scopes in needed.items())


def compare_operation_security(scene: Scene, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Report which of an operation's ways to authenticate came and went, whether its own or the document's."""
    before, after = _effective(scene.old, old), _effective(scene.new, new)
    if _open(before) and _open(after):
        return
    if _open(before):
        for way in after:
            scene.add("api-security-became-required", new=_named(way))
    elif _open(after):
        for way in before:
            scene.add("api-security-became-optional", old=_named(way))
    else:
        _compare_ways(scene, before, after)


def _compare_ways(scene: Scene, before: list[Way], after: list[Way]) -> None:
    rest = [way for way in after if way not in before]
    for way in before:
        if way in after:
            continue
        partner = next((other for other in rest if other.keys() == way.keys()), None)
        if partner is not None:
            rest.remove(partner)
            _scopes(scene, way, partner)
            continue
        level = Severity.INFO if any(_enough(way, other) for other in after) else None
        scene.add("api-security-removed", old=_named(way), level=level)
    for way in rest:
        scene.add("api-security-added", new=_named(way))


def _scopes(scene: Scene, old: Way, new: Way) -> None:
    for scheme in sorted(old):
        for scope in sorted(new[scheme] - old[scheme]):
            scene.add("api-security-scope-added", f"the scheme `{scheme}`", new=scope)
        for scope in sorted(old[scheme] - new[scheme]):
            scene.add("api-security-scope-removed", f"the scheme `{scheme}`", old=scope)


def compare_roles(scene: Scene, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Report which roles (`x-roles`, where a contract has it) gained and lost an operation; none named is all."""
    before, after = ({role for role in sequence(part.get("x-roles")) if isinstance(role, str)} for part in (old, new))
    if bool(before) != bool(after):
        kind = "api-roles-limited" if after else "api-roles-unlimited"
        scene.add(kind, old=tuple(sorted(before)) or None, new=tuple(sorted(after)) or None)
        return
    for role in sorted(before - after):
        scene.add("api-role-removed", old=role)
    for role in sorted(after - before):
        scene.add("api-role-added", new=role)


def compare_global_security(scene: Scene) -> None:
    """Note what the document as a whole demands; what that means is said per operation."""
    before, after = (_ways(document.root.get("security")) for document in (scene.old, scene.new))
    one, other = ({_named(way): way for way in ways} for ways in (before, after))
    for name in sorted(one.keys() | other.keys()):
        if name not in other:
            scene.add("api-global-security-removed", old=name)
        elif name not in one:
            scene.add("api-global-security-added", new=name)
        else:
            _global_scopes(scene, one[name], other[name])


def _global_scopes(scene: Scene, old: Way, new: Way) -> None:
    for scheme in sorted(old):
        for scope in sorted(new[scheme] - old[scheme]):
            scene.add("api-global-security-scope-added", f"the scheme `{scheme}`", new=scope)
        for scope in sorted(old[scheme] - new[scheme]):
            scene.add("api-global-security-scope-removed", f"the scheme `{scheme}`", old=scope)


# ---------------------------------------------------------------- schemes


def _used(document: Document) -> frozenset[str]:
    """Return the names of the schemes that some operation of the document asks for."""
    operations = [
        operation
        for item in mapping(document.root.get("paths")).values()
        for operation in document.part(item).values()
        if isinstance(operation, Mapping)
    ]
    ways = [way for operation in operations for way in _effective(document, operation)]
    return frozenset(scheme for way in ways for scheme in way)


def compare_schemes(scene: Scene) -> None:
    """Report how the security schemes of the documents changed; unused ones break nobody."""
    before, after = (document.at("components", "securitySchemes") for document in (scene.old, scene.new))
    used = _used(scene.old)
    for name in sorted(before.keys() | after.keys()):
        where = f"the security scheme `{name}`"
        if name not in after:
            scene.add("api-security-component-removed", where)
        elif name not in before:
            scene.add("api-security-component-added", where)
        else:
            inner = replace(scene, free=name not in used)
            _scheme(inner, where, scene.old.part(before[name]), scene.new.part(after[name]))


def _scheme(scene: Scene, where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    if old.get("type") != new.get("type"):
        scene.add("api-security-component-type-changed", where, old.get("type"), new.get("type"))
        return
    for keyword in ("in", "name", "scheme"):
        before, after = text(old.get(keyword)), text(new.get(keyword))
        same = before.lower() == after.lower() if keyword == "scheme" or new.get("in") == "header" else before == after
        if not same:
            scene.add("api-security-component-changed", where, f"{keyword} {before}", f"{keyword} {after}")
    if old.get("openIdConnectUrl") != new.get("openIdConnectUrl"):
        urls = old.get("openIdConnectUrl"), new.get("openIdConnectUrl")
        scene.add("api-security-component-oauth-url-changed", where, *urls)
    _flows(scene, where, mapping(old.get("flows")), mapping(new.get("flows")))


def _flows(scene: Scene, where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            scene.add("api-security-component-oauth-flow-removed", where, old=name)
        elif name not in old:
            scene.add("api-security-component-oauth-flow-added", where, new=name)
        else:
            _flow(scene, f"{where}, flow {name}", mapping(old[name]), mapping(new[name]))


_URLS = (
    ("authorizationUrl", "api-security-component-oauth-url-changed"),
    ("tokenUrl", "api-security-component-oauth-token-url-changed"),
    ("refreshUrl", "api-security-component-oauth-token-url-changed"),
)


def _flow(scene: Scene, where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for keyword, kind in _URLS:
        if old.get(keyword) != new.get(keyword):
            scene.add(kind, where, old.get(keyword), new.get(keyword))
    before, after = mapping(old.get("scopes")), mapping(new.get("scopes"))
    for scope in sorted(before.keys() | after.keys()):
        if scope not in after:
            scene.add("api-security-component-oauth-scope-removed", where, old=scope)
        elif scope not in before:
            scene.add("api-security-component-oauth-scope-added", where, new=scope)
        elif before[scope] != after[scope]:
            scene.add("api-security-component-oauth-scope-changed", where, before[scope], after[scope])
