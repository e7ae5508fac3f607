"""The service map of a system that was found: `service-map.yaml`, as the architect writes it of a PRD.

It says more: what is known of each part besides its name, and what was concluded from what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_superteam.models import Conclusion, FoundService, FoundSystem

__all__ = ["SERVICE_MAP", "service_map", "write_service_map"]

SERVICE_MAP = "service-map.yaml"
_VERSION = 1
"""Of the form of the document; `service-map.schema.json` says the same."""
_FIELDS = ("role", "folder", "language", "framework", "port", "health", "dependencies", "datastores", "compose")
_MORE_FIELDS = ("image", "dockerfile", "profiles", "test")
_CALLED = {"dependencies": "depends_on"}
"""Fields of `FoundService` that the document calls otherwise, as the settings do."""


def service_map(found: FoundSystem, contracts: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the document, ready for YAML; what is not known of a part is left out.

    Args:
        found: the system.
        contracts: where the contracts come from, by service, in a few words.
    """
    sources = contracts or {}
    document: dict[str, Any] = {
        "version": _VERSION,
        "title": found.root.name or str(found.root),
        "prd_sha256": "",
        "found": found.how,
        "compose_files": list(found.compose_files),
        "services": [_part(part, found.how, sources.get(part.name, "")) for part in found.services],
        "jobs": [_part(part) for part in found.jobs],
        "infrastructure": [_part(part) for part in found.infrastructure],
        "dependencies": list(_dependencies(found)),
        "notes": list(found.notes),
    }
    return document


def write_service_map(found: FoundSystem, folder: Path, contracts: Mapping[str, str] | None = None) -> Path:
    """Write the document into `folder`, at once or not at all; equal systems give equal bytes.

    Raises:
        OSError: the file can't be written.
    """
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    document = _encodable(service_map(found, contracts))
    text: str = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, width=120)
    write_atomically(folder / SERVICE_MAP, text)
    return folder / SERVICE_MAP


def _part(part: FoundService, how: str = "", contract: str = "") -> dict[str, Any]:
    known = {_CALLED.get(name, name): getattr(part, name) for name in (*_FIELDS, *_MORE_FIELDS)}
    entry = {"name": part.name, "reason": how, **known, "contract": contract}
    entry["concluded"] = [_conclusion(conclusion) for conclusion in part.conclusions]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in entry.items() if value}


def _conclusion(conclusion: Conclusion) -> dict[str, Any]:
    place = {"file": conclusion.file, "line": conclusion.line, "reason": conclusion.reason}
    return {"fact": conclusion.fact, "value": conclusion.value} | {
        name: value for name, value in place.items() if value
    }


def _dependencies(found: FoundSystem) -> Iterator[dict[str, str]]:
    """Yield who depends on whom, with what says so where it is known."""
    for part in (*found.services, *found.jobs):
        reasons = {c.value: c.reason for c in part.conclusions if c.fact == "dependencies" and c.reason}
        for provider in part.dependencies:
            reason = {"reason": reasons[provider]} if provider in reasons else {}
            yield {"consumer": part.name, "provider": provider} | reason


def _encodable(value: Any) -> Any:
    """Return a document without what UTF-8 can't hold, such as a file name in another encoding."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {name: _encodable(member) for name, member in value.items()}
    return [_encodable(member) for member in value] if isinstance(value, list) else value
