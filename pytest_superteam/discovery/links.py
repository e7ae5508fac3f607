"""What a service needs: other services by name and URL, datastores by what it waits for, its URLs and its clients."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.frameworks import stores_of, stores_of_url
from pytest_superteam.discovery.sources import settings_of, sources_of
from pytest_superteam.discovery.words import core, line_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_superteam.discovery.compose_reading import Value
    from pytest_superteam.discovery.draft import Draft
    from pytest_superteam.discovery.tree import Tree

__all__ = ["settle_links"]

_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://(?:[^@/\s\"']{1,100}@)?)?([A-Za-z][A-Za-z0-9_.-]{1,80})(?::(\d{2,5}))?"
)
_CALL = re.compile(r"\b(?:https?|grpc|ws|wss|lb|dns)://(?:/)?([A-Za-z][A-Za-z0-9_.-]{1,80})(?=[:/\"'`\s$}]|$)")
_LOCAL = re.compile(r"https?://(?:localhost|127\.0\.0\.1):(\d{2,5})\b")
_SETTING = re.compile(
    r"\b([A-Z][A-Z0-9_]{2,60}?)_(?:SERVICE_)?(?:URL|URI|ADDR|ADDRESS|HOST|BASE_URL|ENDPOINT|SERVICE_URL|HOST_URL|GRPC_ADDR)\b"
)
_ORIGINS = re.compile(r"CORS|ORIGIN|FRONTEND|CLIENT|WEB|ALLOWED|REDIRECT", re.IGNORECASE)
"""Variables that say which pages may call, not what is called."""
_ADDRESS = re.compile(r"HOST|URL|URI|ADDR|ENDPOINT|SERVER|SERVICE|BROKER|GATEWAY|NODES", re.IGNORECASE)
_PRISMA = re.compile(r"provider\s*=\s*\"(\w{1,30})\"")
_STORE_PROVIDERS = {"postgresql", "mysql", "sqlite", "mongodb", "sqlserver", "cockroachdb"}
_JDBC = re.compile(r"jdbc:(\w{1,20}):|(?:mongodb|postgres(?:ql)?|mysql|redis|amqp)(?:\+\w{1,20})?://")


def settle_links(tree: Tree, draft: Draft, drafts: Sequence[Draft]) -> None:
    """Say the dependencies and the datastores of a service."""
    hosts = _hosts(drafts)
    if draft.compose is not None:
        for value in (*draft.compose.names("depends_on"), *draft.compose.names("links")):
            _link(draft, hosts.get(value.text.partition(":")[0]), value, "waits for it")
        for name, value in draft.compose.environment.items():
            _from_variable(draft, hosts, name, value)
    _from_source(tree, draft, hosts, drafts)
    _stores(tree, draft)


def _hosts(drafts: Sequence[Draft]) -> dict[str, Draft]:
    """Return the parts of the system by every name that they are reached by."""
    found: dict[str, Draft] = {}
    for draft in drafts:
        names = [draft.name, draft.folder.rpartition("/")[2] if draft.folder != "." else ""]
        if draft.compose is not None:
            names.insert(0, draft.compose.name)
            names += [v.text for key in ("container_name", "hostname") if (v := draft.compose.value(key))]
        for name in filter(None, names):
            found.setdefault(name, draft)
    return found


def _link(draft: Draft, other: Draft | None, value: Value, reason: str) -> None:
    if other is None or other is draft or other.kind == "job":
        return
    if other.kind == "service":
        draft.depend(other.name, value.file, value.line, reason)
    elif other.product is not None and other.role in {"database", "cache", "broker"}:
        draft.keep_in(other.product.name, value.file, value.line, reason)


def _from_variable(draft: Draft, hosts: Mapping[str, Draft], name: str, value: Value) -> None:
    """Take the hosts that a variable of the environment names."""
    if len(value.text) > 2000:
        return
    own_pages = _ORIGINS.search(name) is not None
    for match in _HOST.finditer(value.text):
        bare = match[0] == value.text and _ADDRESS.search(name) is not None
        other = hosts.get(match[1])
        if (bare or "://" in match[0] or match[2]) and not (own_pages and other and other.role == "frontend"):
            _link(draft, hosts.get(match[1]), value, f"{name} leads to it")
    for store in stores_of_url(value.text):
        draft.keep_in(store, value.file, value.line, f"{name} leads to one")


def _from_source(tree: Tree, draft: Draft, hosts: Mapping[str, Draft], drafts: Sequence[Draft]) -> None:
    """Take what source and settings call by the name of another service."""
    services = {name: other for name, other in hosts.items() if other.kind == "service" and other is not draft}
    by_core: dict[str, list[Draft]] = {}
    for other in drafts:
        if other.kind == "service" and other is not draft and other.folder != draft.folder:
            by_core.setdefault(core(other.name), []).append(other)
    local = _local_ports(draft, drafts)
    for path in (*settings_of(tree, draft), *sources_of(tree, draft)):
        text = tree.text(path)[:200_000]
        for match in _LOCAL.finditer(text) if "://" in text else ():
            if int(match[1]) in local:
                near_by = local[int(match[1])]
                draft.depend(near_by.name, path, line_of(text, match.start()), f"calls its port {match[1]}")
        for match in _CALL.finditer(text) if "://" in text else ():
            called = services.get(match[1]) or services.get(match[1].lower())
            if called is not None and (called.role != "frontend" or draft.role == "frontend"):
                draft.depend(called.name, path, line_of(text, match.start(1)), "calls it")
        for match in _SETTING.finditer(text):
            near = by_core.get(core(match[1].replace("_", "-").lower()), [])
            if len(near) == 1 and near[0].role != "frontend":
                draft.depend(near[0].name, path, line_of(text, match.start()), f"{match[0]} leads to it")


def _local_ports(draft: Draft, drafts: Sequence[Draft]) -> dict[int, Draft]:
    """Return the other services by the one port of this machine that each is reached at, front ends left out."""
    ports: dict[int, list[Draft]] = {}
    for other in drafts:
        published = list(other.compose.ports()) if other.compose and other.kind == "service" else []
        hosts = {
            int(parts[-2])
            for _, value, _ in published
            if (parts := value.text.split(":"))[-2:-1] and parts[-2].isdigit()
        }
        for port in (hosts or {other.port}) if other.kind == "service" else ():
            ports.setdefault(port, []).append(other)
    alone = {port: found[0] for port, found in ports.items() if port and len(found) == 1}
    return {port: other for port, other in alone.items() if other is not draft and other.role != "frontend"}


def _stores(tree: Tree, draft: Draft) -> None:
    manifest = draft.manifest
    for name, file, line in manifest.libraries if manifest else ():
        for store, library in stores_of([name]):
            if store == "mysql" and "mariadb" in draft.datastores:
                continue  # one client serves both
            draft.keep_in(store, file, line, f"has the client library {library}")
    for path in settings_of(tree, draft):
        text = tree.text(path)[:100_000]
        for match in _PRISMA.finditer(text) if path.endswith(".prisma") else ():
            if match[1] in _STORE_PROVIDERS:
                draft.keep_in(match[1], path, line_of(text, match.start()), "provider of its models")
        for match in _JDBC.finditer(text):
            for store in stores_of_url(match[0] + "x"):
                draft.keep_in(store, path, line_of(text, match.start()), "an address in its settings")
