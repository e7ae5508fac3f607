"""DOCKER-006 to 008: rights over the host that a compose service asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.languages.compose import compose_services, mapping, scalar, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["SCANNER"]

_TRUE = frozenset({"true", "yes", "on"})
_DANGEROUS = frozenset({
    "ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "SYS_BOOT", "SYS_TIME", "NET_ADMIN", "DAC_READ_SEARCH",
    "DAC_OVERRIDE", "BPF", "PERFMON", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "SETFCAP", "SYSLOG",
})  # fmt: skip
"""Capabilities that reach beyond the container (capabilities(7)) and that no web service needs."""


def _hit(file: SourceFile, line: int) -> Hit:
    return Hit(file.path, line, column=1, evidence=file.line(line).strip()[:200])


PRIVILEGED = Rule(
    "DOCKER-006",
    "Privileged",
    Severity.CRITICAL,
    "docker",
    3,
    "Remove `privileged: true`; add the one device or capability that is needed.",
    languages=("compose",),
    cwe=250,
)


def _privileged(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find services with all rights over the host."""
    for service in compose_services(tree):
        places = (service.keys.get("privileged"), mapping(service.get("build")).get("privileged"))
        for line, node in filter(None, places):
            if (scalar(node) or "").lower() in _TRUE:
                yield _hit(service.file, line)


HOST_NETWORK = Rule(
    "DOCKER-007",
    "Host network",
    Severity.WARNING,
    "docker",
    3,
    "Use the compose network and publish the one port: `ports: ['127.0.0.1:8000:8000']`.",
    languages=("compose",),
    cwe=668,
)


def _host_network(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find services and builds that share the host's network."""
    for service in compose_services(tree):
        places = (service.keys.get("network_mode"), mapping(service.get("build")).get("network"))
        for line, node in filter(None, places):
            if (scalar(node) or "").lower() == "host":
                yield _hit(service.file, line)


CAPABILITY = Rule(
    "DOCKER-008",
    "Dangerous capability",
    Severity.HIGH,
    "docker",
    3,
    "Drop all and add only what is harmless: `cap_drop: [ALL]`, `cap_add: [NET_BIND_SERVICE]`.",
    languages=("compose",),
    cwe=250,
)


def _capability(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find added capabilities that reach beyond the container."""
    for service in compose_services(tree):
        for line, item in sequence(service.get("cap_add")):
            if (scalar(item) or "").upper().removeprefix("CAP_") in _DANGEROUS:
                yield _hit(service.file, line)


SCANNER = RuleScanner(
    (
        TreeCheck(PRIVILEGED, _privileged),
        TreeCheck(HOST_NETWORK, _host_network),
        TreeCheck(CAPABILITY, _capability),
    )
)
