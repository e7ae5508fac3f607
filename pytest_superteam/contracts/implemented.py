"""Which operations of the contracts are implemented, with the evidence: a small file that outlives the run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pytest_superteam.atomic import write_atomically
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pytest_superteam.contracts.operations import ContractOperation
    from pytest_superteam.contracts.registry import ContractRegistry

__all__ = ["Evidence", "ImplementedOperations"]

Kind = Literal["route", "answer"]
_MOST_BYTES = 16 << 20
_PLACES_LONGEST = 300
_RANK = {"route": 0, "answer": 1}


@dataclass(frozen=True)
class Evidence:
    """Why an operation counts as implemented: a `route` found in source, or an `answer` of 2xx, which says more."""

    kind: Kind
    detail: str
    """`app/main.py:12`, or `POST /orders answered 201`."""


class ImplementedOperations:
    """What is known of the operations of each service, kept in one JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, dict[str, Evidence]] = self._read()

    def mark_implemented(self, service: str, operation_id: str, evidence: Evidence) -> None:
        """Say that an operation is implemented; an answer replaces a route, nothing replaces an answer."""
        known = self._known.setdefault(service, {})
        before = known.get(operation_id)
        if before is None or _RANK[evidence.kind] > _RANK[before.kind]:
            known[operation_id] = Evidence(evidence.kind, evidence.detail[:_PLACES_LONGEST])

    def mark_answer(self, registry: ContractRegistry, service: str, method: str, path: str, status: int) -> bool:
        """Mark the operation that a request was for, where it was answered with 2xx; return whether it was one.

        Raises:
            CheckError: the service has no contract.
        """
        matched = registry.match(service, method, path) if 200 <= status < 300 else None
        if matched is None:
            return False
        detail = f"{method.upper()} {matched.operation.path} answered {status}"
        self.mark_implemented(service, matched.operation.id, Evidence("answer", detail))
        return True

    def mark_routes(self, registry: ContractRegistry, service: str, routes: Iterable[tuple[str, str, str]]) -> int:
        """Mark the operations that routes of source are for; return how many.

        Args:
            registry: The contracts.
            service: Whose.
            routes: (method, path, place in the source); parameters as `{id}`, `:id`, `<id>` or `<int:id>`.

        Raises:
            CheckError: the service has no contract.
        """
        by_shape: dict[tuple[str, str], ContractOperation] = {
            (operation.method, _shape(operation.path)): operation for operation in registry.operations(service)
        }
        marked = set()
        for method, path, place in routes:
            operation = by_shape.get((method.upper(), _shape(path)))
            if operation is not None:
                self.mark_implemented(service, operation.id, Evidence("route", place))
                marked.add(operation.id)
        return len(marked)

    def implemented(self, service: str) -> Mapping[str, Evidence]:
        """Return the evidence by operation id."""
        return dict(self._known.get(service, {}))

    def unimplemented(self, registry: ContractRegistry, service: str) -> tuple[str, ...]:
        """Return the ids of the contract's operations that nothing shows to be implemented, in its order.

        Raises:
            CheckError: the service has no contract.
        """
        known = self._known.get(service, {})
        return tuple(operation.id for operation in registry.operations(service) if operation.id not in known)

    def save(self) -> None:
        """Write the file, whole or not at all; what another process added meanwhile stays.

        Raises:
            CheckError: the file is there, but none of ours.
        """
        from filelock import FileLock

        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._path}.lock"):
            self._save()

    def _save(self) -> None:
        for service, known in self._read().items():
            for operation, evidence in known.items():
                self.mark_implemented(service, operation, evidence)
        data = {
            service: {name: {"kind": e.kind, "detail": e.detail} for name, e in sorted(known.items())}
            for service, known in sorted(self._known.items())
        }
        write_atomically(self._path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")

    def _read(self) -> dict[str, dict[str, Evidence]]:
        if not self._path.is_file():
            return {}
        problem = f"{self._path}: is no list of implemented operations. Remove it; the next run writes it again."
        if self._path.stat().st_size > _MOST_BYTES:
            raise CheckError(problem)
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            return {
                str(service): {str(name): _evidence(entry) for name, entry in known.items()}
                for service, known in data.items()
            }
        except (OSError, ValueError, AttributeError, TypeError, KeyError, RecursionError):
            raise CheckError(problem) from None


def _evidence(entry: Any) -> Evidence:
    if entry["kind"] not in _RANK or not isinstance(entry["detail"], str):
        raise ValueError("no evidence")
    return Evidence(entry["kind"], entry["detail"])


def _shape(path: str) -> str:
    """Return `path` with every parameter alike, however the framework writes it."""
    parts = path.partition("?")[0].strip("/").split("/")
    return "/" + "/".join("{}" if part[:1] in {":", "<", "{"} and part else part for part in parts)
