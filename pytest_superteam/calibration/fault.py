"""What a fault is, and all that there are: functions of `faults/` that find the places where one can be put."""

from __future__ import annotations

import importlib
import pkgutil
import random
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pytest_superteam.calibration.source import Change, Source

__all__ = ["Fault", "all_faults", "choose", "fault"]


@dataclass(frozen=True)
class Fault:
    """A kind of fault. `layers` are those of the gate that it belongs to; `find` yields the places for it."""

    id: str
    kind: str
    """What goes wrong, in a few words."""
    layers: tuple[int, ...]
    find: Callable[[Source], Iterable[Change]]
    breaks: bool = False
    """Whether the service is not meant to start, or to compile, with it."""


def fault(
    name: str, kind: str, *layers: int, breaks: bool = False
) -> Callable[[Callable[[Source], Iterator[Change]]], Fault]:
    """Declare the function below as the operator of a kind of fault."""

    def declare(find: Callable[[Source], Iterator[Change]]) -> Fault:
        return Fault(name, kind, layers, find, breaks)

    return declare


@cache
def all_faults() -> tuple[Fault, ...]:
    """Return the faults of all modules of `faults/`, in the order of modules and then of their text.

    Raises:
        TypeError: two faults have one id.
    """
    from pytest_superteam.calibration import faults

    found: dict[str, Fault] = {}
    for module in sorted(pkgutil.iter_modules(faults.__path__), key=lambda module: module.name):
        for value in vars(importlib.import_module(f"{faults.__name__}.{module.name}")).values():
            if isinstance(value, Fault):
                if value.id in found:
                    raise TypeError(f"{module.name}: there are two faults {value.id!r}.")
                found[value.id] = value
    return tuple(found.values())


def choose(wanted: Fault, services: Sequence[Source], seed: int) -> Change | None:
    """Return the change to try: of one service where the fault has a place, always the same one for a seed."""
    places = [found for found in (tuple(wanted.find(service)) for service in services) if found]
    chance = random.Random(f"{seed}:{wanted.id}")  # noqa: S311  # a choice that can be repeated, no secret
    return chance.choice(chance.choice(places)) if places else None
