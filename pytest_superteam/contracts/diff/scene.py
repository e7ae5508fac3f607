"""What the comparisons of a document's parts share: both documents, the schemas, and where changes go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.changes import Change, Collector, shown
from pytest_superteam.contracts.diff.kinds import KINDS
from pytest_superteam.contracts.diff.reach import collect
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from pytest_superteam.contracts.diff.graph import SchemaGraph
    from pytest_superteam.contracts.diff.lifecycle import Policy
    from pytest_superteam.contracts.diff.naming import Place
    from pytest_superteam.contracts.diff.reading import Document

__all__ = ["Scene"]


@dataclass(frozen=True)
class Scene:
    """Two versions of a document, or one operation of them."""

    old: Document
    new: Document
    schemas: SchemaGraph
    policy: Policy
    found: Collector = field(default_factory=Collector)
    operation: str = ""
    """What the changes are about: `POST /orders`."""
    free: bool = False
    """Whether it may change as it likes: a draft, or what nobody uses."""

    def add(
        self, kind: str, where: str = "", old: Any = None, new: Any = None, *, level: Severity | None = None
    ) -> None:
        """Report a change of a kind of the catalogue; `level` where it is not the kind's own."""
        usual, words = KINDS[kind]
        level = Severity.INFO if self.free else level or usual
        change = Change(kind, level, self.operation, where, words, shown(old), shown(new))
        key = None if where or old is not None or new is not None else (kind, self.operation)
        self.found.add(change, key=key)

    def compare(self, old: Any, new: Any, place: Place, where: str) -> None:
        """Have two schemas compared; what differs is told at the end (`finish`)."""
        self.schemas.use(old, new, replace(place, free=True) if self.free else place, self.operation, where)

    def finish(self) -> tuple[Change, ...]:
        """Return all changes, those of the schemas among them."""
        collect(self.schemas, self.found)
        return self.found.sorted()

    def unreadable(self, where: str, old: Any, new: Any) -> bool:
        """Report parts that are no mapping or refer to nowhere; return whether they can't be compared."""
        if self._readable(self.old, old) and self._readable(self.new, new):
            return False
        if old != new:
            self.add("not-comparable", where, old, new)
        return True

    @staticmethod
    def _readable(document: Document, value: Any) -> bool:
        return value is None or bool(document.part(value)) or value == {}
