"""The architecture on disk: `service-map.yaml`, `domain-model.yaml` and the contracts, checked when read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from pytest_superteam.atomic import write_atomically
from pytest_superteam.codec import from_data, to_data
from pytest_superteam.errors import UsageError
from pytest_superteam.models import Architecture

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["EVENTS_FILE", "VERSION", "contract_file", "read_architecture", "write_architecture", "write_document"]

VERSION = 1
"""Version of the two documents' form, written into both."""

_SERVICE_MAP = "service-map.yaml"
_DOMAIN_MODEL = "domain-model.yaml"
_MOST_VALUES = 2_000_000  # of a document, aliases unfolded: a few lines can stand for more than any memory holds
_CONTRACTS = "contracts"
_EVENTS = "events.asyncapi.yaml"
_CONTRACT_SUFFIX = ".openapi.yaml"
EVENTS_FILE = f"{_CONTRACTS}/{_EVENTS}"
"""Where the AsyncAPI document lies in the folder of a design."""
_IN_DOMAIN = ("entities",)
_ELSEWHERE = frozenset({"contracts", "asyncapi", *_IN_DOMAIN})
# What a person looks for first stands first, and is there even when it is empty.
_ORDER = (
    "title",
    "prd_sha256",
    "services",
    "dependencies",
    "events",
    "roles",
    "operations",
    "requirements",
    "milestones",
    "excluded",
    "questions",
    "contradictions",
    "components",
    "sockets",
    "ignored",
)


def write_architecture(architecture: Architecture, folder: Path) -> None:
    """Write `architecture` below `folder`, each file at once or not at all; equal architectures give equal bytes.

    Contracts of services that are no more are removed.
    """
    service_map = {"version": VERSION} | {key: to_data(getattr(architecture, key)) for key in _ORDER}
    domain_model = {"version": VERSION} | {key: to_data(getattr(architecture, key)) for key in _IN_DOMAIN}
    documents: dict[str, Any] = {_SERVICE_MAP: service_map, _DOMAIN_MODEL: domain_model}
    for name, contract in architecture.contracts.items():
        documents[contract_file(name)] = to_data(contract)
    if architecture.asyncapi is not None:
        documents[EVENTS_FILE] = to_data(architecture.asyncapi)
    contracts = folder / _CONTRACTS
    contracts.mkdir(parents=True, exist_ok=True)
    for stale in (*contracts.glob(f"*{_CONTRACT_SUFFIX}"), contracts / _EVENTS):
        if f"{_CONTRACTS}/{stale.name}" not in documents:
            stale.unlink(missing_ok=True)
    for relative, document in documents.items():
        write_document(folder / relative, document)


def contract_file(service: str) -> str:
    """Return where a service's contract lies in the folder of a design."""
    return f"{_CONTRACTS}/{service}{_CONTRACT_SUFFIX}"


def write_document(path: Path, document: Any) -> None:
    """Write one document of a design as YAML, at once or not at all; equal documents give equal bytes."""
    write_atomically(path, _dump(to_data(document)))


def _dump(document: Any) -> str:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc]  # which of the two bases it has depends on the installation
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the same value twice is written twice
            return True

    text: str = yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


def read_architecture(folder: Path) -> Architecture:
    """Return the architecture below `folder`, as `write_architecture` or a person wrote it.

    Of a system that was found it has the services: what is more in its map, an architecture has no place for.

    Raises:
        UsageError: a file is missing or wrong; one line that names the file and the place in it.
    """
    service_map = _checked(folder / _SERVICE_MAP, "service-map")
    found = "found" in service_map
    if found:
        service_map = _as_designed(service_map)
    no_model = found and not (folder / _DOMAIN_MODEL).is_file()
    domain_model = {} if no_model else _checked(folder / _DOMAIN_MODEL, "domain-model")
    contracts: dict[str, Any] = {}
    for service in service_map["services"]:
        # The schema holds names to letters, digits, hyphens and dots within, so that no path leaves the folder.
        path = folder / _CONTRACTS / f"{service['name']}{_CONTRACT_SUFFIX}"
        if path.is_file():
            contracts[service["name"]] = _mapping(path)
    events = folder / _CONTRACTS / _EVENTS
    data = {
        **service_map,
        **domain_model,
        "contracts": contracts,
        "asyncapi": _mapping(events) if events.is_file() else None,
    }
    del data["version"]
    try:
        architecture = from_data(Architecture, data)
    except ValueError as error:
        path = folder / (_DOMAIN_MODEL if str(error).startswith(_IN_DOMAIN) else _SERVICE_MAP)
        raise _error(path, str(error)) from error
    _check_names(architecture, folder)
    return architecture


def _as_designed(service_map: Mapping[str, Any]) -> dict[str, Any]:
    """Return the map of a system that was found with what an architecture has, too."""
    known = {f.name for f in dataclass_fields(Architecture)} | {"version"}
    services = [
        {key: value for key, value in service.items() if key in {"name", "reason", "datastores"}}
        for service in service_map["services"]
    ]
    # Who waits for whom is known here, but not for which operation.
    calls = [call for call in service_map.get("dependencies", ()) if "operation" in call]
    return {key: value for key, value in service_map.items() if key in known} | {
        "services": services,
        "dependencies": calls,
    }


def _check_names(architecture: Architecture, folder: Path) -> None:
    services = [s.name for s in architecture.services]
    if len(set(services)) < len(services):
        twice = next(n for n in services if services.count(n) > 1)
        raise _wrong(folder / _SERVICE_MAP, ["services"], f"two are called '{twice}'.")
    known = f"It has {_listed(services)}."
    entities = {e.name for e in architecture.entities}
    for i, entity in enumerate(architecture.entities):
        if entity.service not in services:
            what = f"'{entity.service}' is no service of {_SERVICE_MAP}. {known}"
            raise _wrong(folder / _DOMAIN_MODEL, ["entities", i, "service"], what)
        for j, item in enumerate(entity.fields):
            if item.references and item.references not in entities:
                place: list[str | int] = ["entities", i, "fields", j, "references"]
                raise _wrong(folder / _DOMAIN_MODEL, place, f"'{item.references}' is no entity.")
    for i, operation in enumerate(architecture.operations):
        if operation.service not in services:
            what = f"'{operation.service}' is no service. {known}"
            raise _wrong(folder / _SERVICE_MAP, ["operations", i, "service"], what)
        if operation.entity and operation.entity not in entities:
            what = f"'{operation.entity}' is no entity of {_DOMAIN_MODEL}."
            raise _wrong(folder / _SERVICE_MAP, ["operations", i, "entity"], what)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def _checked(path: Path, schema: str) -> dict[str, Any]:
    from jsonschema import Draft202012Validator

    data = _mapping(path)
    errors = sorted(
        Draft202012Validator(_schema(schema)).iter_errors(data), key=lambda e: [str(p) for p in e.absolute_path]
    )
    if errors:
        message = " ".join(str(errors[0].message).split())
        raise _wrong(
            path, list(errors[0].absolute_path), f"{message[:200]}. Allowed is what {schema}.schema.json says."
        )
    return data


def _unfolds_too_far(data: Any) -> bool:
    """Return whether a document holds too many values, its aliases counted wherever they stand."""
    waiting, seen = [data], 0
    while waiting and seen <= _MOST_VALUES:
        value = waiting.pop()
        seen += 1
        if _is_nested(value):
            seen += len(value)
            waiting += [v for v in (value.values() if isinstance(value, Mapping) else value) if _is_nested(v)]
    return seen > _MOST_VALUES


def _is_nested(value: Any) -> bool:
    return isinstance(value, (Mapping, list))


def _mapping(path: Path) -> dict[str, Any]:
    import yaml

    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except OSError as error:
        raise _error(path, f"it can't be read ({error.strerror}).") from error
    except (UnicodeDecodeError, ValueError) as error:
        raise _error(path, "it is not YAML in UTF-8.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = f"it is not YAML ({getattr(error, 'problem', None) or 'unreadable'})."
        raise _error(path, what, mark.line + 1 if mark else None) from error
    if _unfolds_too_far(data):
        raise _error(path, f"it unfolds to more than {_MOST_VALUES:,} values, or without end. Use fewer YAML aliases.")
    if not isinstance(data, Mapping):
        raise _error(path, f"the document: a mapping is expected, not {type(data).__name__}.")
    return dict(data)


@cache
def _schema(name: str) -> dict[str, Any]:
    text = resources.files("pytest_superteam.architect").joinpath("schemas", f"{name}.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _wrong(path: Path, place: list[str | int], what: str) -> UsageError:
    """Return an error about a place in a document, with its line and the names of what it is in."""
    line, names = _found(path, place)
    keys = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).lstrip(".")
    called = f" ({'.'.join(names)})" if names else ""
    return _error(path, f"{keys or 'the document'}{called}: {what}", line)


def _found(path: Path, place: list[str | int]) -> tuple[int, list[str]]:
    """Return the line of a place in a document, from 1, and the names or ids of the entries on the way to it."""
    import yaml

    text = path.read_text(encoding="utf-8")
    node: Any = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    line, names = node.start_mark.line + 1, []
    for key in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            entries = {k.value: v.value for k, v in node.value} if isinstance(node, yaml.MappingNode) else {}
            name = entries.get("name") or entries.get("id")
            names += [name[:80]] if isinstance(name, str) else []
        elif isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == key), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
            continue
        else:
            break
        line = node.start_mark.line + 1
    return line, ["".join(c if c.isprintable() else "?" for c in name) for name in names]


def _error(path: Path, what: str, line: int | None = None) -> UsageError:
    place = f"{path}:{line}" if line else f"{path}"
    return UsageError(f"{place}: {what} Mend it, or let --fresh design anew.")


# A field that is added to the model must be written somewhere.
if missing := {f.name for f in dataclass_fields(Architecture)} - {
    *_ORDER,
    *_ELSEWHERE,
}:  # pragma: no cover - a mistake of ours
    raise RuntimeError(f"not written by write_architecture: {sorted(missing)}")
