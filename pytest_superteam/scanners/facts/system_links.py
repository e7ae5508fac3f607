"""Who calls whom in a system: addresses of services in code, settings, compose files and gateways."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.scanners.engine import member_prefix
from pytest_superteam.scanners.languages.compose import compose_services
from pytest_superteam.scanners.source import source_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.base import ScanTarget
    from pytest_superteam.scanners.languages.compose import ComposeService

__all__ = ["SystemLinks"]

_GATEWAY = re.compile(r"nginx|gateway|traefik|kong|envoy|caddy|haproxy|ingress|httproute|virtualservice", re.IGNORECASE)
_PROSE = (".md", ".rst", ".txt", ".lock", ".adoc", ".html", ".svg", ".csv", "package-lock.json", ".sql")
_HOST = re.compile(rb"://(?:[^\s/@\"'`]{1,100}@)?([A-Za-z][\w-]*)")
_QUOTED = re.compile(rb"[\"'`]([A-Za-z][\w-]{1,60})(?::\d{2,5}[\"'`/]|\.[\w-]+\.svc\b)")
_FIELDS = tuple(
    re.compile(word + rb"[\"']?\s{0,3}[:=,]\s{0,3}[\"'`]([A-Za-z][\w-]{1,60})[\"'`]")
    for word in (b"ost", b"ostname", b"OST", b"erver", b"pstream", b"ervice_name", b"erviceName", b"pp_id", b"ppId")
)
_SETTING = re.compile(
    rb"\b([A-Za-z][A-Za-z0-9_]{1,60}?)_?(?:BASE_)?(?:URLS?|URI|HOST(?:NAME)?|ADDR(?:ESS)?|ENDPOINT|BASEURL|Urls?|Uri|Host|Endpoint|Address|BaseUrl|BaseURL"
    rb"|(?<=_)(?:base_)?(?:urls?|uri|host(?:name)?|addr(?:ess)?|endpoint))\b"
)
_SETTINGS = (
    b"_URL", b"_URI", b"_HOST", b"_ADDR", b"_ENDPOINT", b"Url", b"Uri", b"Host", b"Endpoint", b"URL", b"_url",
    b"_uri", b"_host",
    b"_addr", b"_endpoint",
)  # fmt: skip
_PUBLIC_SETTING = re.compile(r"^(?:VITE|REACT_APP|NEXT_PUBLIC|NUXT_PUBLIC|PUBLIC|EXPO_PUBLIC|VUE_APP|NG_APP)_")
_LOCAL = re.compile(rb"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal):(\d{2,5})")
_ADDRESS = re.compile(r"(?:^|://|@|,|\s)([A-Za-z][\w-]*)(?=[:/,\s]|$)")
_SUFFIXES = ("-service", "-svc", "-api", "-app", "-server", "-backend", "-worker", "-ms", "-microservice")
_PUBLIC = re.compile(
    rb"^\s*(?:type:\s*[\"']?(?:LoadBalancer|NodePort)|kind:\s*[\"']?(?:Ingress|HTTPRoute|VirtualService|IngressRoute|Route)\b)",
    re.MULTILINE,
)
_COMMENT = re.compile(r"^\s*(?:#|//|;).*$", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z][\w-]*")


def _plain(name: str) -> str:
    """Return a name as all its spellings have it: lower case, words joined by `-`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower().replace("_", "-").strip("-")


def _stem(name: str) -> str:
    """Return a name without the word that says that it is a service."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix)
    return name


@dataclass
class SystemLinks:
    """The edges of a system, as far as its files show them."""

    target: ScanTarget
    _prefixes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note where each member lies."""
        self._prefixes = {member.name: member_prefix(self.target, member) for member in self.target.members}

    @cached_property
    def compose(self) -> list[tuple[ComposeService, str]]:
        """Return each compose service that a member is built for, with the member's name."""
        found = [
            (service, name) for service in compose_services(source_tree(self.target)) for name in self._built(service)
        ]
        for member in self.target.members:
            found += [
                (service, member.name) for service in compose_services(source_tree(member)) if service.build is not None
            ]
        return found

    def _built(self, service: ComposeService) -> Iterator[str]:
        dockerfile, context = service.dockerfile or "", service.context
        for member in self.target.members:
            folder = self._prefixes[member.name]
            same = _plain(service.name) in {_plain(member.name), _plain(member.root.name)}
            inside = bool(folder) and (dockerfile.startswith(folder) or f"{context}/".startswith(folder))
            if inside or (same and (service.build is None or context in {None, "", "."})):
                yield member.name

    @cached_property
    def hosts(self) -> dict[str, str]:
        """Return member by every name that it has in the network."""
        known: dict[str, str] = {}
        for member in self.target.members:
            known[_plain(member.root.name)] = member.name
            known[_plain(member.name)] = member.name
        for service, name in self.compose:
            for alias in (service.name, service.text("container_name"), service.text("hostname")):
                if alias:
                    known.setdefault(_plain(alias), name)
        return known

    @cached_property
    def ports(self) -> dict[str, str]:
        """Return member by the port of the host that it is published at."""
        found: dict[str, str] = {}
        for service, name in self.compose:
            for port in service.ports:
                parts = port.split("/")[0].split(":")
                if len(parts) > 1:
                    found.setdefault(parts[-2], name)
        return found

    @cached_property
    def stems(self) -> dict[str, str]:
        """Return member by the names that settings of its address begin with."""
        return {**{_stem(host): name for host, name in self.hosts.items()}, **self.hosts}

    def calls(self) -> Iterator[tuple[str, str]]:
        """Yield caller and callee for each address of a member in the code or the compose environment of another."""
        for member in self.target.members:
            seen: set[str] = set()
            for file in source_tree(member).files:
                if file.service_code and not file.path.lower().endswith(_PROSE):
                    seen |= set(self._addressed(file.data))
            yield from ((member.name, other) for other in seen if other != member.name)
        for service, name in self.compose:
            for key, value, _ in service.environment:
                said = {self._setting(key.encode())} if value else set()
                said |= {self.hosts.get(_plain(host)) for host in _ADDRESS.findall(value or "")}
                yield from ((name, other) for other in said if other and other != name)

    def _addressed(self, data: bytes) -> Iterator[str]:
        """Yield the members whose addresses stand in a file."""
        found: set[bytes] = set()
        if b"://" in data:
            found |= set(_HOST.findall(data))
        found |= set(_QUOTED.findall(data)) if b":" in data else set()
        for pattern in _FIELDS:
            found |= set(pattern.findall(data))
        for host in found:
            name = self.hosts.get(_plain(host.decode("ascii", "replace")))
            if name:
                yield name
        for port in (
            set(_LOCAL.findall(data)) if self.ports and (b"localhost:" in data or b"127.0.0.1:" in data) else ()
        ):
            name = self.ports.get(port.decode())
            if name:
                yield name
        if any(word in data for word in _SETTINGS):
            for setting in set(_SETTING.findall(data)):
                name = self._setting(setting, whole=False)
                if name:
                    yield name

    def _setting(self, name: bytes, *, whole: bool = True) -> str | None:
        """Return the member whose address a setting holds: `CATALOG_URL`, `catalogServiceUrl`."""
        if whole:
            match = _SETTING.fullmatch(name)
            if match is None:
                return None
            name = match[1]
        plain = _plain(_PUBLIC_SETTING.sub("", name.decode("ascii", "replace"))).removesuffix("-base")
        return self.stems.get(plain) or self.stems.get(_stem(plain))

    def exposed(self) -> Iterator[str]:
        """Yield the members with published ports, and those that a gateway's configuration names."""
        for service, name in self.compose:
            labels = service.labels
            routed = any((k.startswith("traefik.") and ".rule" in k) or k in {"caddy", "VIRTUAL_HOST"} for k in labels)
            virtual = any(key in {"VIRTUAL_HOST", "VIRTUAL_PATH"} for key, _, _ in service.environment)
            if (
                service.ports
                or service.get("ports") is not None
                or routed
                or virtual
                or service.text("network_mode") == "host"
            ):
                yield name
        yield from self._in_gateways()
        for member in self.target.members:
            if _GATEWAY.search(member.name):
                yield member.name
            for file in source_tree(member).files:
                if (
                    file.path.endswith((".yaml", ".yml"))
                    and (b"NodePort" in file.data or b"kind:" in file.data)
                    and _PUBLIC.search(file.data)
                ):
                    yield member.name

    def _in_gateways(self) -> Iterator[str]:
        """Yield the members that files of gateways, or addresses in files outside all members, name."""
        prefixes = tuple(prefix for prefix in self._prefixes.values() if prefix)
        for file in source_tree(self.target).files:
            path = file.path
            if path.lower().endswith(_PROSE) or file.language in {"compose", "docker"}:
                continue
            own = next((prefix for prefix in prefixes if path.startswith(prefix)), None)
            gateway = _GATEWAY.search(path) or (
                path.endswith((".yaml", ".yml")) and _PUBLIC.search(file.data) is not None
            )
            if gateway:
                mine = next((name for name, prefix in self._prefixes.items() if prefix == own), None)
                words = {_plain(word) for word in _WORD.findall(_COMMENT.sub("", file.text))}
                yield from (name for host, name in self.hosts.items() if host in words and name != mine)
            elif own is None and file.language == "text":
                yield from self._addressed(_COMMENT.sub("", file.text).encode())
