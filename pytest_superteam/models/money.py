"""What paid steps use and cost, in US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Cost", "CostStatus", "Usage", "WorstCase"]

CostStatus = Literal["reserved", "settled"]


@dataclass(frozen=True)
class Usage:
    """What a step used, as whoever did it reported; `usd` is None where that did not tell a price."""

    usd: float | None = None
    model: str = ""
    input_tokens: int = 0
    """Tokens read, those from a cache included."""
    output_tokens: int = 0
    cache_read_tokens: int = 0


@dataclass(frozen=True)
class WorstCase:
    """The most that a step can cost; `usd` is None where nobody can say."""

    usd: float | None
    model: str = ""


@dataclass(frozen=True)
class Cost:
    """One paid step in the ledger of a run."""

    id: int
    run: str
    session: str
    phase: str
    """`architect`, `builders` or `fix`."""
    service: str
    """Empty where the step is about the whole system."""
    attempt: int
    """1 for the first."""
    builder: str
    """Name of the builder or architect that was paid."""
    platform: str
    model: str
    parent: int
    """The step that this one followed from (architect, build, retry, fix); 0 where none is."""
    status: CostStatus
    reserved_usd: float
    """The worst case that was set aside before the step began."""
    usd: float
    """What it cost; while it is reserved, what it has reported so far."""
    estimated: bool
    """Whether `usd` was worked out by us: from tokens and prices, or as the worst case of a step that was cut off."""
    unknown: bool
    """Whether nobody could say what it cost; `usd` is 0 then."""
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    at: float
    """Seconds since the epoch when it began."""
