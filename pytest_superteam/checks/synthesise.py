"""Where checks get their plain, valid records from; the maker itself serves the pacts, too, and is in `contracts`."""

from __future__ import annotations

from pytest_superteam.contracts.synthesise import example_for

__all__ = ["example_for"]
