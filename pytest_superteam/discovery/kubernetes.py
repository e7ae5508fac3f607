"""Kubernetes manifests as witnesses: port, health path and calls of the container that a service runs in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.discovery.draft import Draft
from pytest_superteam.discovery.images import base_name, product_of
from pytest_superteam.discovery.places import aside
from pytest_superteam.discovery.tree import folder_of
from pytest_superteam.discovery.words import squashed
from pytest_superteam.scanners.languages.yaml_nodes import Node, mapping, read_yaml, scalar, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.discovery.tree import Tree

__all__ = ["Container", "containers", "foreign_parts", "settle_from_cluster"]

_KINDS = re.compile(r"^kind:[ \t]*[\"']?(?:Deployment|StatefulSet|DaemonSet|Rollout)\b", re.MULTILINE)
_MAX_FILES = 150
_HOST = re.compile(r"(?:\w{2,10}://)?([a-z][a-z0-9.-]{1,80})(?::\d{2,5})?(?:/\S{0,200})?")


@dataclass(frozen=True)
class Container:
    """A container of a workload. Lines are those of `file`."""

    name: str
    workload: str
    image: str
    file: str
    line: int
    port: int = 0
    health: str = ""
    calls: tuple[tuple[str, int], ...] = ()


def containers(tree: Tree) -> list[Container]:
    """Return the containers of the Deployments and the like of a system."""
    found: list[Container] = []
    looked = 0
    for path in tree.files:
        if not path.endswith((".yaml", ".yml")) or looked >= _MAX_FILES or aside(folder_of(path), building=True):
            continue
        text = tree.text(path) if _likely(path) else ""
        if not _KINDS.search(text):
            continue
        looked += 1
        for document in read_yaml(text).documents:
            found += _workload(document, path)
    return found


def _likely(path: str) -> bool:
    lower = path.lower()
    return any(
        word in lower for word in ("k8s", "kube", "manifest", "deploy", "helm", "kustom", "chart", "istio", "skaffold")
    )


def _key(node: Node | None, *names: str) -> Node | None:
    for name in names:
        node = mapping(node).get(name, (0, None))[1]
    return node


def _workload(document: Node, path: str) -> Iterator[Container]:
    name = scalar(_key(document, "metadata", "name")) or ""
    for line, item in sequence(_key(document, "spec", "template", "spec", "containers")):
        port = next((scalar(_key(p, "containerPort")) for _, p in sequence(_key(item, "ports"))), None) or _said_port(
            item
        )
        probes = (_key(item, probe, "httpGet", "path") for probe in ("readinessProbe", "livenessProbe", "startupProbe"))
        calls = []
        for at, entry in sequence(_key(item, "env")):
            match = _HOST.fullmatch(scalar(_key(entry, "value")) or "")
            calls += [(match[1].partition(".")[0], at)] if match else []
        yield Container(
            scalar(_key(item, "name")) or "", name, scalar(_key(item, "image")) or "", path, line,
            int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0,
            next((text for probe in probes if (text := scalar(probe))), ""), tuple(calls),
        )  # fmt: skip


def _said_port(container: Node) -> str:
    """Return the port of a container without `ports`: that of its environment, else of its probes."""
    for _, entry in sequence(_key(container, "env")):
        if scalar(_key(entry, "name")) in {"PORT", "SERVER_PORT", "HTTP_PORT"}:
            return scalar(_key(entry, "value")) or ""
    ports = (scalar(_key(container, probe, "httpGet", "port")) for probe in ("readinessProbe", "livenessProbe"))
    return next(filter(None, ports), "")


def foreign_parts(known: Sequence[Container]) -> list[Draft]:
    """Return the infrastructure that runs in the cluster, each once by its name."""
    found: dict[str, Draft] = {}
    for container in known:
        product = product_of(container.image)
        if product is None or container.name in found or not container.workload:
            continue
        draft = Draft(container.workload, kind="infrastructure", product=product, image=container.image)
        draft.role = product.role
        draft.note("kind", "infrastructure", container.file, container.line, f"runs {container.image}")
        draft.say_port(container.port, container.file, container.line, "containerPort")
        if product.role in {"database", "cache", "broker"}:
            draft.keep_in(product.name, container.file, container.line, f"runs {container.image}")
        found.setdefault(container.workload, draft)
    return list(found.values())


def settle_from_cluster(draft: Draft, known: Sequence[Container], drafts: Sequence[Draft]) -> None:
    """Say what the manifest of a service's container says: its port, its health path, what it calls."""
    names = {
        squashed(draft.name),
        squashed(draft.folder.rpartition("/")[2]),
        squashed(draft.compose.name if draft.compose else ""),
    }
    names.discard("")
    theirs = tuple(
        f"{d.folder}/"
        for d in drafts
        if d is not draft and d.kind == "service" and d.folder not in {"", ".", draft.folder}
    )
    known = [c for c in known if not c.file.startswith(theirs) or c.file.startswith(f"{draft.folder}/")]
    mine = [
        c for c in known if {squashed(c.workload), squashed(base_name(c.image))} & names or squashed(c.name) in names
    ]
    others = {other.name: other for other in drafts if other.kind == "service" and other is not draft}
    for container in mine:
        draft.say_port(container.port, container.file, container.line, "containerPort")
        draft.say_health(
            container.health if container.health.startswith("/") else "", container.file, container.line, "probe"
        )
        for host, line in container.calls:
            if host in others:
                draft.depend(host, container.file, line, "an address in its environment")
