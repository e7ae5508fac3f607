"""What a calibration leaves: each fault with what caught it, and the false alarms on the clean system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Calibration", "Catch", "FalseAlarm", "FaultResult"]

JUDGED = (1, 2, 3)
"""Layers whose faults the detection rate counts; layer 4 advises."""
ALL = frozenset({1, 2, 3, 4})


@dataclass(frozen=True)
class Catch:
    """A gate item that found nothing on the clean system and something on the faulty one."""

    layer: int
    item: str
    """The end of the item's node id."""
    code: str
    message: str
    blocking: bool
    """Whether the item fails the run, or advises only."""
    error: bool = False
    """Whether the item could not run on the faulty system, which fails the run as well."""


@dataclass(frozen=True)
class FaultResult:
    """What became of one fault."""

    id: str
    kind: str
    layers: tuple[int, ...]
    """Layers of the gate that the fault belongs to."""
    status: Literal["caught", "survived", "not applicable", "broken"]
    """`broken`: the copy did not start, although the fault was not meant to keep it from that."""
    service: str = ""
    place: str = ""
    what: str = ""
    operation: str = ""
    catches: tuple[Catch, ...] = ()
    reason: str = ""
    """Why it is not applicable or broken; of a survivor, what of the gate itself broke on it."""
    tried: int = 0
    """Gate items that looked at it."""
    seconds: float = 0.0

    @property
    def caught_by(self) -> tuple[int, ...]:
        """Return the layers that caught it."""
        return tuple(sorted({catch.layer for catch in self.catches}))

    @property
    def counts(self) -> bool:
        """Return whether it was tried and belongs to a layer that the detection rate is about."""
        return self.status in ("caught", "survived") and bool(set(self.layers).intersection(JUDGED))


@dataclass(frozen=True)
class FalseAlarm:
    """A gate item that found something on the clean system, or could not run on it."""

    item: str
    outcome: str
    message: str
    blocking: bool


@dataclass(frozen=True)
class Calibration:
    """The gate tried on itself."""

    faults: tuple[FaultResult, ...]
    alarms: tuple[FalseAlarm, ...] | None = None
    """None where the clean system was not looked at in this session."""
    clean_items: int = 0
    """Gate items that looked at the clean system."""
    minimum: float = 0.95
    """Share of the faults of layers 1 to 3 that has to be caught."""
    planned: int = 0
    """Kinds of faults that there are; `faults` are those of this session."""
    judged: bool = False
    """Whether this session was to judge the share of what is caught."""

    @property
    def counted(self) -> tuple[FaultResult, ...]:
        """Return the faults that the detection rate is about."""
        return tuple(result for result in self.faults if result.counts)

    @property
    def rate(self) -> float | None:
        """Return the share of the counted faults that were caught, None without any."""
        return self._share(ALL)

    @property
    def rate_without_own_tests(self) -> float | None:
        """Return the same for layers 2 to 4 alone: the tests that came with a service may know its faults well."""
        return self._share(ALL - {1})

    def _share(self, layers: frozenset[int]) -> float | None:
        counted = self.counted
        caught = sum(bool(layers.intersection(result.caught_by)) for result in counted)
        return caught / len(counted) if counted else None

    def with_status(self, status: str) -> tuple[FaultResult, ...]:
        """Return the faults of one status."""
        return tuple(result for result in self.faults if result.status == status)

    @property
    def passed(self) -> bool:
        """Return whether nothing blocks: enough is caught, no fault is broken, the clean system is clean."""
        enough = not self.judged or self.rate is None or self.rate >= self.minimum
        return enough and not self.with_status("broken") and not any(alarm.blocking for alarm in self.alarms or ())
