"""What an OpenAPI document says about its operations, as far as source is compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_superteam.scanners.facts.routes import normalise_path
from pytest_superteam.scanners.source import NotAnalysed, SourceTree

if TYPE_CHECKING:
    from pytest_superteam.scanners.base import ScanTarget

__all__ = ["ContractOperation", "contract_of", "operations"]

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_NAMES = frozenset({"openapi.yaml", "openapi.yml", "openapi.json", "swagger.yaml", "swagger.json"})


@dataclass(frozen=True)
class ContractOperation:
    """One operation: upper-case method, normalised path with the server's prefix, and whether anybody may call it."""

    method: str
    path: str
    public: bool
    id: str


def contract_of(tree: SourceTree, target: ScanTarget) -> Mapping[str, Any] | None:
    """Return the contract that the target came with, else the OpenAPI document in its folder, if there is one."""
    if target.contract is not None:
        return target.contract
    if "contract" not in tree.facts:
        tree.facts["contract"] = next((d for f in tree.files if (d := _load(tree, f.path)) is not None), None)
    found = tree.facts["contract"]
    return found if isinstance(found, Mapping) else None


def _load(tree: SourceTree, path: str) -> Mapping[str, Any] | None:
    if path.rsplit("/", 1)[-1].lower() not in _NAMES:
        return None
    import yaml

    try:
        document = yaml.load(tree.by_path[path].text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe loaders both
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        tree.unparsed.append(NotAnalysed(path, f"is no valid YAML: {' '.join(str(error).split())[:200]}"))
        return None
    return document if isinstance(document, Mapping) and isinstance(document.get("paths"), Mapping) else None


def _is_public(security: object) -> bool:
    """Return whether a `security` list lets anonymous callers in: it is empty, or one alternative asks for nothing."""
    return isinstance(security, list) and (not security or any(item == {} for item in security))


def operations(contract: Mapping[str, Any]) -> tuple[ContractOperation, ...]:
    """Return the operations of `contract`; where nothing is said about security, an operation is not public."""
    servers = contract.get("servers")
    first = servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], Mapping) else {}
    prefix = urlsplit(str(first.get("url", ""))).path
    found = []
    for path, item in (contract.get("paths") or {}).items():
        for method, operation in item.items() if isinstance(item, Mapping) else ():
            if method.lower() in _METHODS and isinstance(operation, Mapping):
                public = _is_public(operation.get("security", contract.get("security")))
                name = str(operation.get("operationId", ""))
                found.append(ContractOperation(method.upper(), normalise_path(f"{prefix}/{path}"), public, name))
    return tuple(found)
