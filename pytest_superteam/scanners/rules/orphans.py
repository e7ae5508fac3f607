"""ADV-003: services that nothing in the system has to do with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.models import Architecture, Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, SystemCheck, member_prefix
from pytest_superteam.scanners.facts.events import event_uses, matches
from pytest_superteam.scanners.languages.compose import ComposeService, compose_services
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceFile, source_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCANNER"]

RULE = Rule(
    "ADV-003",
    "Orphan service",
    Severity.WARNING,
    "adversarial",
    4,
    "Call it, let it take part in an event, or expose it at the gateway; where nobody needs it, remove it.",
    scope="system",
    languages=(*CODE_LANGUAGES, "compose", "text"),
)

_GATEWAY = re.compile(r"nginx|gateway|traefik|kong|envoy|caddy|haproxy|ingress", re.IGNORECASE)
_PROSE = (".md", ".rst", ".txt", ".lock")


def _names(name: str) -> re.Pattern[str]:
    """Return what a mention of a service looks like where it is called: in a URL, or as a setting of its address."""
    plain = re.escape(name)
    loose = re.escape(name).replace(r"\-", "[-_]")
    setting = loose.upper().replace("[-_]", "_")
    stem = re.escape(name.removesuffix("-service").upper().replace("-", "_"))
    return re.compile(
        rf"://{plain}(?![\w-])|(?<![A-Z0-9_])(?:{setting}|{stem}(?:_SERVICE)?)_(?:URL|URI|HOST|ADDR|ADDRESS|BASE_URL|ENDPOINT)\b"
    )


def _code(member: ScanTarget) -> Iterator[SourceFile]:
    """Yield the files in which a service may say whom it calls."""
    return (f for f in source_tree(member).files if f.service_code and not f.path.lower().endswith(_PROSE))


def _designed(architecture: Architecture) -> Iterator[str]:
    """Yield the services that the architecture connects: by calls, by events, as the issuer of everybody's tokens."""
    for dependency in architecture.dependencies:
        yield from (dependency.consumer, dependency.provider)
    for event in architecture.events:
        if event.publisher and event.consumers:
            yield from (event.publisher, *event.consumers)
    yield from (service.name for service in architecture.services if service.issuer)


def _called(target: ScanTarget) -> Iterator[str]:
    """Yield the services on both ends of an address that the code of one holds of another."""
    patterns = {member.name: _names(member.name) for member in target.members}
    for member in target.members:
        for file in _code(member):
            for name, pattern in patterns.items():
                if name != member.name and pattern.search(file.text):
                    yield from (member.name, name)


def _heard(target: ScanTarget) -> Iterator[str]:
    """Yield the services on both ends of an event."""
    uses = [(member.name, use) for member in target.members for use in event_uses(source_tree(member))]
    for publisher, sent in uses:
        for consumer, heard in uses:
            if sent.kind == "publish" and heard.kind == "consume" and matches(heard.name, sent.name):
                yield from (publisher, consumer)


def _exposed(target: ScanTarget) -> Iterator[str]:
    """Yield the names of services with published ports, and of those that a gateway's configuration names."""
    tree = source_tree(target)
    prefixes = tuple(member_prefix(target, member) for member in target.members)
    for service in compose_services(tree):
        if service.get("ports") is not None:
            yield from _built(target, service)
    for file in tree.files:
        own = [prefix for prefix in prefixes if prefix and file.path.startswith(prefix)]
        if _GATEWAY.search(file.path) and not own and not file.path.endswith(_PROSE):
            yield from (
                m.name for m in target.members if re.search(rf"(?<![\w-]){re.escape(m.name)}(?![\w-])", file.text)
            )
    yield from (member.name for member in target.members if _GATEWAY.search(member.name))


def _built(target: ScanTarget, service: ComposeService) -> Iterator[str]:
    """Yield the members that a compose service stands for: by its name, or by the folder that it is built from."""
    for member in target.members:
        folder = member_prefix(target, member)
        if service.name in {member.name, member.root.name} or (
            folder and (service.dockerfile or "").startswith(folder)
        ):
            yield member.name


def _find(target: ScanTarget) -> Iterator[Hit]:
    """Find services on no edge that nothing exposes; a system of one has none."""
    if len(target.members) < 2:
        return
    designed = _designed(target.architecture) if target.architecture is not None else ()
    alive = {*designed, *_called(target), *_heard(target), *_exposed(target)}
    for member in target.members:
        if member.name not in alive:
            tree = source_tree(member)
            first = next(iter(tree.service_files(*CODE_LANGUAGES)), None)
            place = member_prefix(target, member) + first.path if first is not None else ""
            message = f"{member.name} calls nobody, is called by nobody and shares no event. {RULE.help}"
            yield Hit(place, 1 if place else 0, message, 1 if place else 0, member.name)


SCANNER = RuleScanner((SystemCheck(RULE, _find),))
