"""Where an operation stands: its line in the contract on disk, and the file and line of its handler.

Both are looked up when there is something to show, once per process and service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.models import Violation
    from pytest_superteam.scanners.facts.contract import Document
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Place", "at_place", "place_of"]

_MAX_CONTRACT = 16 * 1024 * 1024  # bytes of a contract that is parsed for its lines
_KEY = "places"


@dataclass(frozen=True)
class Place:
    """Where an operation is written. `file` is the handler's, relative to the service's folder; 0 and "" are unknown.

    `contract` is the contract's file, relative to the project, or to the service for one that was found there.
    """

    file: str = ""
    line: int = 0
    contract: str = ""
    contract_line: int = 0

    @property
    def told(self) -> str:
        """Return e.g. ` (contract line 123 of contracts/order-service.openapi.yaml)`; empty where it is not known."""
        if not self.contract_line:
            return ""
        return f" (contract line {self.contract_line} of {self.contract})"


@dataclass(frozen=True)
class _Service:
    """What is known of one service: lines of the contract, and handlers, by upper-case method and path."""

    contract: str
    lines: Mapping[tuple[str, str], int]
    handlers: Mapping[tuple[str, str], tuple[str, int]]
    prefixes: tuple[str, ...]


def place_of(system: RunningSystem, service: str, label: str) -> Place:
    """Return where the operation `label` (`GET /books/{id}`) of `service` is written, as far as that can be found."""
    known = system.memory.setdefault(_KEY, {})
    if service not in known:
        known[service] = _read(system, service)
    found: _Service = known[service]
    method, _, path = label.partition(" ")
    file, line = _handler(found, method, path)
    return Place(file, line, found.contract, found.lines.get((method, path), 0))


def at_place(system: RunningSystem, violation: Violation, label: str) -> Violation:
    """Return `violation` with the place of the operation `label`: the handler's file and line, the contract's line."""
    place = place_of(system, violation.service, label)
    message = violation.message
    if place.told and message.startswith(label):
        message = f"{label}{place.told}{message.removeprefix(label)}"
    return replace(violation, message=message, file=place.file, line=place.line)


def _handler(found: _Service, method: str, path: str) -> tuple[str, int]:
    from pytest_superteam.scanners.facts.routes import normalise_path
    from pytest_superteam.scanners.facts.routes.model import join

    for prefix in ("", *found.prefixes):
        place = found.handlers.get((method, normalise_path(join(prefix, path))))
        if place:
            return place
    return "", 0


def _read(system: RunningSystem, service: str) -> _Service:
    contract = system.architecture.contracts.get(service, {})
    tree = _tree(system, service)
    name, lines = _contract_lines(system, service, contract, tree)
    return _Service(name, lines, _handlers(tree), tuple(_server_paths(contract)))


def _tree(system: RunningSystem, service: str) -> SourceTree | None:
    from pytest_superteam.scanners.source import SourceTree

    folder = system.sources.get(service)
    return SourceTree(folder, system.config.scan.exclude) if folder is not None and folder.is_dir() else None


def _handlers(tree: SourceTree | None) -> dict[tuple[str, str], tuple[str, int]]:
    """Return file and line by method and normalised path; nothing where the source can't be read."""
    from pytest_superteam.scanners.facts.routes import normalise_path, routes

    try:
        known = routes(tree) if tree is not None else ()
    except Exception:  # noqa: BLE001  # hostile source may trip any parser, and a finding without a place is still one
        return {}
    return {(route.method, normalise_path(route.path)): (route.file, route.line) for route in reversed(known)}


def _contract_lines(
    system: RunningSystem, service: str, contract: Mapping[str, Any], tree: SourceTree | None
) -> tuple[str, dict[tuple[str, str], int]]:
    """Return the contract's file and its lines by upper-case method and path."""
    generated = system.project / ".superteam" / "architecture" / "contracts" / f"{service}.openapi.yaml"
    if generated.is_file():
        return generated.relative_to(system.project).as_posix(), _lines_of(generated)
    wanted = set(contract.get("paths") or ())
    best = max(_documents(tree, service), key=lambda d: len(wanted & set(d.content.get("paths") or ())), default=None)
    if best is None or not wanted & set(best.content.get("paths") or ()):
        return "", {}
    return best.file, {(method.upper(), path): line for (path, method), line in best.lines.items()}


def _documents(tree: SourceTree | None, service: str) -> Iterable[Document]:
    from pytest_superteam.scanners.base import ScanTarget
    from pytest_superteam.scanners.facts.contract import documents

    return documents(tree, ScanTarget(service, tree.root)) if tree is not None else ()


def _lines_of(path: Path) -> dict[tuple[str, str], int]:
    """Return the lines of the operations of a YAML or JSON contract; nothing where it can't be read."""
    import yaml

    try:
        if path.stat().st_size > _MAX_CONTRACT:
            return {}
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return {}
    return {
        (str(method.value).upper(), str(path.value)): method.start_mark.line + 1
        for key, paths in _pairs(root)
        if key.value == "paths"
        for path, item in _pairs(paths)
        for method, _ in _pairs(item)
    }


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    value = getattr(node, "value", None)
    return [pair for pair in value if isinstance(pair, tuple)] if isinstance(value, list) else []


def _server_paths(contract: Mapping[str, Any]) -> Iterable[str]:
    from urllib.parse import urlsplit

    servers = contract.get("servers")
    for server in servers if isinstance(servers, list) else ():
        path = urlsplit(str(server.get("url", ""))).path if isinstance(server, Mapping) else ""
        if path.strip("/"):
            yield path
