"""What containers may do to their host: be privileged, use its network, add capabilities; in any YAML or JSON.

Compose services, pod specs of Kubernetes (`securityContext`, `hostNetwork`, PodSecurityPolicy), and any other mapping
with an `image` (tasks of Ansible, steps of Drone, container definitions) say it with the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.compose import (
    is_compose,
    mapping,
    read_compose,
    scalar,
    sequence,
    truth,
    yaml_of,
)
from pytest_superteam.scanners.languages.docker_words import interpolate
from pytest_superteam.scanners.languages.yaml_nodes import Node, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["DANGEROUS", "capabilities", "host_networks", "is_manifest", "privileges"]

DANGEROUS = {
    "ALL": "every capability there is",
    "SYS_ADMIN": "mount, namespaces, quotas and dozens more: close to root on the host",
    "SYS_PTRACE": "reads and writes the memory of any process it sees",
    "SYS_MODULE": "loads code into the kernel",
    "SYS_RAWIO": "reads and writes I/O ports and physical memory",
    "SYS_BOOT": "reboots the host and loads another kernel",
    "SYS_TIME": "sets the clock of the host",
    "NET_ADMIN": "rewrites interfaces, routes and firewall rules",
    "DAC_READ_SEARCH": "reads any file, and opens files of the host by handle",
    "BPF": "loads programs into the kernel",
    "PERFMON": "watches the kernel and all processes",
    "MAC_ADMIN": "changes the mandatory access control of the host",
    "MAC_OVERRIDE": "passes by mandatory access control",
    "SYSLOG": "reads the kernel's log and its addresses",
    "AUDIT_CONTROL": "switches the kernel's audit off",
    "CHECKPOINT_RESTORE": "takes over and rebuilds processes",
}
"""Capabilities that reach beyond the container, with what capabilities(7) gives them.

None of them is among the fourteen that Docker gives every container: to add one of those adds nothing.
"""

_POLICY = "PodSecurityPolicy"


def is_manifest(file: SourceFile) -> bool:
    """Return whether a file is YAML by its name, or JSON, which is YAML too."""
    return file.language == "compose" or file.path.lower().endswith((".yml", ".yaml", ".json"))


def _places(file: SourceFile, tree: SourceTree) -> Iterator[tuple[str, Node]]:
    """Yield each mapping that may start a container, after what it is: a `container`, a `context` or a `policy`."""
    text = yaml_of(file, tree)
    if is_compose(file):
        services = read_compose(text, file.path, named=file.language == "compose")
        yield from (("container", service.node) for service in services)
    for key, node in walk(text):
        keys = node.entries
        if key == "securityContext":
            yield "context", node
        elif scalar(keys.get("kind", (0, None))[1]) == _POLICY:
            yield "policy", keys.get("spec", (0, node))[1]
        elif "image" in keys or "build" in keys or "Image" in keys or key in {"post_start", "pre_stop"}:
            yield "container", node
        if "hostNetwork" in keys and scalar(keys.get("kind", (0, None))[1]) is None:
            yield "pod", node
        if key == "" and "networks" in keys:  # the top of a compose file, for networks of the host's own
            yield "top", node


def privileges(file: SourceFile, tree: SourceTree) -> Iterator[int]:
    """Yield the lines that make a container privileged."""
    for kind, node in _places(file, tree):
        keys = mapping(node)
        found = [keys.get("privileged"), keys.get("Privileged")] if kind != "top" else []
        if kind == "container":
            found.append(mapping(keys.get("build", (0, None))[1]).get("privileged"))
        yield from (line for line, value in filter(None, found) if truth(value))


def host_networks(file: SourceFile, tree: SourceTree) -> Iterator[int]:
    """Yield the lines that give a container, or a build, the network of the host."""
    for kind, node in _places(file, tree):
        keys = mapping(node)
        if kind in {"pod", "policy"}:
            line, value = keys.get("hostNetwork", (0, None))
            if truth(value):
                yield line
        elif kind == "container":
            build = mapping(keys.get("build", (0, None))[1])
            found = (keys.get("network_mode"), keys.get("net"), build.get("network"))
            yield from (line for line, value in filter(None, found) if _word(value) == "host")
        elif kind == "top":
            yield from _external_host(keys["networks"][1])


def _external_host(networks: Node) -> Iterator[int]:
    """Yield the lines of networks that are the host's own: `external: true` with the name `host`."""
    for _, network in mapping(networks).values():
        keys = mapping(network)
        line, name = keys.get("name", (0, None))
        _, external = keys.get("external", (0, None))
        inner = mapping(external).get("name")
        if _word(name) == "host" and (truth(external) or mapping(external)):
            yield line
        elif inner is not None and _word(inner[1]) == "host":
            yield inner[0]


def capabilities(file: SourceFile, tree: SourceTree) -> Iterator[tuple[int, str]]:
    """Yield the lines that add a dangerous capability, with its name."""
    for kind, node in _places(file, tree):
        keys = mapping(node)
        if kind == "context":
            given = mapping(keys.get("capabilities", (0, None))[1]).get("add", (0, None))[1]
        elif kind == "policy":
            given = keys.get("allowedCapabilities", (0, None))[1]
        else:
            given = keys.get("cap_add", keys.get("capabilities", (0, None)))[1] if kind == "container" else None
        items = [(given.line, given)] if given is not None and given.id == "scalar" else sequence(given)
        for line, item in items:
            name = _word(item).upper().removeprefix("CAP_")
            name = "ALL" if name == "*" and kind == "policy" else name
            if name in DANGEROUS:
                yield line, name


def _word(node: Node | None) -> str:
    """Return the text of a value, lower case, defaults of variables put in."""
    return interpolate(scalar(node) or "").text.strip().lower()
