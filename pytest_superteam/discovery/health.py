"""The path of a service's health route: what its container is checked with first, then the routes in its source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.frameworks import FRONTENDS
from pytest_superteam.discovery.sources import settings_of, sources_of
from pytest_superteam.discovery.words import line_of
from pytest_superteam.scanners.languages.yaml_nodes import mapping, scalar

if TYPE_CHECKING:
    from pytest_superteam.discovery.draft import Draft
    from pytest_superteam.discovery.tree import Tree

__all__ = ["settle_health"]

_URL = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\$?\{?[\w.:-]{1,60})(?::[\d\w${}:-]{1,40})?(/[\w./-]{0,100})?"
)
_WORD = r"(?:health(?:[-_]?check)?z?|healthz|livez?|liveness|readyz?|readiness|ping|status|_health|heartbeat)"
_QUOTED = re.compile(
    rf"[\"'`]((?:/?(?:api|v\d|internal|actuator|health)){{0,3}}/?{_WORD}(?:/(?:live|ready|liveness|readiness))?/?)[\"'`]",
    re.IGNORECASE,
)
_ROUTING = re.compile(
    r"(?:get|route|use|path|re_path|Get|GET|Handle\w{0,10}|Map\w{0,20}|all|any|Controller|GetMapping|RequestMapping|url|"
    r"add_\w{1,20}|at|scope|match|\[Http\w{1,10})\W{0,6}[^\n\"'`]{0,40}$"
)
_CALL = re.compile(r"(?:get|route|path|Get|MapGet|GetMapping|HandleFunc|use|all)\([ ]{0,4}(?:value[ ]?=[ ]?)?$")
_SURE = re.compile(r"health|live(?:z|ness)|ready?z|readiness", re.IGNORECASE)
"""Words that routes alone are called by; others, such as `status`, count right behind a routing call only."""
_PREFERENCE = ("health", "live", "ready", "status", "ping")
_GLOBAL = re.compile(r"setGlobalPrefix\(\s*[\"'`]([\w/-]{1,60})[\"'`](\s*,\s*\{[^}]{0,200}exclude[^}]{0,200}health)?")
_BASE = re.compile(r"^management\.endpoints\.web\.base-path[ =:]+(\S{1,60})", re.MULTILINE)


def settle_health(tree: Tree, draft: Draft) -> None:
    """Say the health path of a service, where there is one."""
    _of_compose(draft)
    if draft.role == "worker":
        return
    if draft.built and not draft.health and draft.built.health:
        path = _path(draft.built.health)
        draft.say_health(path, draft.built.path, draft.built.health_line, "HEALTHCHECK")
    if not draft.health and draft.framework not in FRONTENDS - {"next", "nuxt", "remix"}:
        _of_source(tree, draft)
    if not draft.health:
        _of_actuator(tree, draft)


def _path(text: str) -> str:
    """Return the path of the URL in a check; of one without a path `/`."""
    match = _URL.search(text)
    return (match[1] or "/") if match else ""


def _of_compose(draft: Draft) -> None:
    nested = draft.compose.nested("healthcheck") if draft.compose else None
    if nested is None or "test" not in nested[1]:
        return
    part, keys = nested
    line, node = keys["test"]
    texts = [part.value(item) for item in node.items] if node.id == "sequence" else [part.value(node)]
    text = " ".join(value.text for value in texts if value)
    disabled = scalar(mapping(node).get("disable", (0, None))[1])
    if disabled is None:
        draft.say_health(_path(text), part.file, line, "health check of the compose file")


def _of_source(tree: Tree, draft: Draft) -> None:
    """Find the likeliest health route among the texts of the source that stand in a routing call."""
    found: list[tuple[int, int, str, str, int]] = []
    prefix = ""
    for order, path in enumerate(sources_of(tree, draft)):
        text = tree.text(path)[:200_000]
        lower = text.lower()
        declared = _GLOBAL.search(text) if "setGlobalPrefix" in text else None
        prefix = declared[1].strip("/") if declared and not declared[2] and "health" not in declared[0] else prefix
        if not any(word in lower for word in _PREFERENCE):
            continue
        for match in _QUOTED.finditer(text):
            start = max(text.rfind("\n", 0, match.start()) + 1, match.start() - 120)
            before = text[start : match.start()]
            if _ROUTING.search(before) and (_SURE.search(match[1]) or (_CALL.search(before) and match[1].islower())):
                rank = next((i for i, word in enumerate(_PREFERENCE) if word in match[1].lower()), 9)
                found.append((rank, order, match[1], path, line_of(text, match.start(1))))
    if not found:
        return
    _, _, value, path, line = min(found)
    value = "/" + value.strip("/") + ("/" if draft.framework == "django" and value.endswith("/") else "")
    if prefix and draft.framework == "nestjs":
        value = f"/{prefix}{value}"
    draft.say_health(value, path, line, "a route")


def _of_actuator(tree: Tree, draft: Draft) -> None:
    manifest = draft.manifest
    library = next((one for one in manifest.libraries if "actuator" in one[0]), None) if manifest else None
    if library is None:
        return
    base = "/actuator"
    for path in settings_of(tree, draft):
        match = _BASE.search(tree.text(path))
        base = match[1].rstrip("/") if match else base
    draft.say_health(f"{base}/health", library[1], library[2], "Spring's actuator")
