"""What we found in a build, and beside it what its builder said of it; the one is never taken for the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Claim", "Evidence", "TestCounts"]


@dataclass(frozen=True)
class Claim:
    """What an agent said of its own work: written down, never believed."""

    status: Literal["success", "failure", "unknown"] = "unknown"
    text: str = ""
    """Its last words, masked and cut."""
    exit: int | None = None
    """The exit status of its process; None where it was ended by us."""
    problem: str = ""
    """What of its output could not be read: `line 3 is no JSON`, `it was cut off`; empty where all could."""


@dataclass(frozen=True)
class TestCounts:
    """A service's own tests, as we ran them."""

    __test__ = False  # pytest collects no tests from it

    total: int
    failing: tuple[str, ...] = ()
    """Names of those that failed or broke."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """What we found in the folder of a build. Paths are relative to it, POSIX style."""

    files: int
    lines: int
    """Lines of source and text, blank ones left out."""
    unparsable: tuple[str, ...] = ()
    """`file:line: what is wrong` of each source file that is none."""
    operations: int = 0
    """Operations that the contract asks for."""
    missing: tuple[str, ...] = ()
    """Those of them that no route answers, such as `GET /orders/{id}`."""
    routes_read: bool = True
    """Whether its language is one whose routes we read; without that nothing is known to be missing."""
    tests: TestCounts | None = None
    """None where they could not be run; `tests_error` says why."""
    tests_error: str = ""
    untouched: tuple[str, ...] = ()
    """Templates that it was given and left as they were."""
    outside: tuple[str, ...] = ()
    """What was changed outside of its folder while it was at work; paths relative to the project."""
    notes: tuple[str, ...] = ()
    """What else was seen, such as input that the agent deleted; nothing of it is held against the build."""
    tree: str = ""
    """Hash of all files, so that a later change shows."""

    @property
    def complete(self) -> bool:
        """Return whether nothing is wrong with what was found, as far as it can be seen without running it."""
        tested = self.tests is not None and self.tests.total > 0 and not self.tests.failing
        return tested and not (self.unparsable or self.missing or self.untouched or self.outside) and self.files > 0
