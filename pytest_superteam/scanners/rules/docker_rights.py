"""DOCKER-006 to 008: rights over the host that a container or a build asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import FileCheck, Hit, RuleScanner
from pytest_superteam.scanners.facts.container_rights import (
    DANGEROUS,
    capabilities,
    host_networks,
    is_manifest,
    privileges,
)
from pytest_superteam.scanners.facts.docker_builds import dockerfile_hit, file_dockerfiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["SCANNER"]

_PRIVILEGED_KEY = re.compile(rb"rivileged[\"']?[ \t]*:")
_NETWORK_KEY = re.compile(rb"(?:hostNetwork|network_mode|\bnet(?:work)?|external)[\"']?[ \t]*:")
_CAPABILITY_KEY = re.compile(rb"(?:cap_add|apabilities)[\"']?[ \t]*:")
"""What a file has to hold to be parsed."""


def _run_flag(file: SourceFile, tree: SourceTree, name: str, value: str) -> Iterator[int]:
    """Yield the lines of `RUN --name=value`."""
    for docker in file_dockerfiles(file, tree):
        for run in docker.instructions:
            if run.keyword == "RUN" and (run.flag(name) or "").lower() == value:
                yield run.line


PRIVILEGED = Rule(
    "DOCKER-006",
    "Privileged",
    Severity.CRITICAL,
    "docker",
    3,
    "Remove `privileged: true`; add the one device or capability that is needed.",
    languages=("compose", "docker", "text"),
    cwe=250,
    what="`privileged: true` of a compose service, a container's `securityContext` or any other container in YAML, and "
    "`RUN --security=insecure`. A default that is true (`${PRIVILEGED:-true}`) counts.",
    why="A privileged container has every capability and every device: whoever takes it over has the host.",
    bad={"compose.yaml": "services:\n  api:\n    image: api:1.4\n    privileged: true\n"},
    good={"compose.yaml": "services:\n  api:\n    image: api:1.4\n    devices: [/dev/ttyUSB0]\n"},
)


def _privileged(file: SourceFile, tree: SourceTree) -> Iterator[Hit]:
    """Find containers with all rights over the host, and build steps without a sandbox."""
    lines = privileges(file, tree) if is_manifest(file) and _PRIVILEGED_KEY.search(file.data) else ()
    for line in (*lines, *_run_flag(file, tree, "security", "insecure")):
        yield dockerfile_hit(file, line)


HOST_NETWORK = Rule(
    "DOCKER-007",
    "Host network",
    Severity.WARNING,
    "docker",
    3,
    "Use the compose network and publish the one port: `ports: ['127.0.0.1:8000:8000']`.",
    languages=("compose", "docker", "text"),
    cwe=668,
    what="`network_mode: host` of a service, `network: host` of a build, an external network called `host`, "
    "`hostNetwork: true` of a pod, and `RUN --network=host`.",
    why="The container reaches everything that listens on the host's loopback, and opens ports that nobody published.",
    bad={"compose.yaml": "services:\n  api:\n    image: api:1.4\n    network_mode: host\n"},
    good={"compose.yaml": "services:\n  api:\n    image: api:1.4\n    ports: ['8000:8000']\n"},
)


def _host_network(file: SourceFile, tree: SourceTree) -> Iterator[Hit]:
    """Find services, pods and builds that share the host's network."""
    lines = host_networks(file, tree) if is_manifest(file) and _NETWORK_KEY.search(file.data) else ()
    for line in (*lines, *_run_flag(file, tree, "network", "host")):
        yield dockerfile_hit(file, line)


CAPABILITY = Rule(
    "DOCKER-008",
    "Dangerous capability",
    Severity.HIGH,
    "docker",
    3,
    "Drop all and add only what is harmless: `cap_drop: [ALL]`, `cap_add: [NET_BIND_SERVICE]`.",
    languages=("compose", "text"),
    cwe=250,
    what=f"A capability among {', '.join(DANGEROUS)}, with or without `CAP_`, in `cap_add` or in a container's "
    "`capabilities.add`; one finding a line. Those that Docker gives every container anyway are none.",
    why="Each of them reaches beyond the container: into the kernel, the host's network or other processes.",
    bad={"compose.yaml": "services:\n  api:\n    image: api:1.4\n    cap_add:\n      - SYS_ADMIN\n"},
    good={"compose.yaml": "services:\n  api:\n    image: api:1.4\n    cap_add:\n      - NET_BIND_SERVICE\n"},
)


def _capability(file: SourceFile, tree: SourceTree) -> Iterator[Hit]:
    """Find added capabilities that reach beyond the container."""
    for line, name in capabilities(file, tree) if _CAPABILITY_KEY.search(file.data) else ():
        yield Hit(file.path, line, "", 1, f"{file.line(line).strip()[:120]} ({name}: {DANGEROUS[name]})")


def _is_container_file(file: SourceFile) -> bool:
    return file.language == "docker" or is_manifest(file)


SCANNER = RuleScanner(
    (
        FileCheck(PRIVILEGED, _is_container_file, _privileged),
        FileCheck(HOST_NETWORK, _is_container_file, _host_network),
        FileCheck(CAPABILITY, is_manifest, _capability),
    )
)
