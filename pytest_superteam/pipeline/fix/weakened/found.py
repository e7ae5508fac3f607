"""What a check of a fix returns, and what several of them advise."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ELSEWHERE", "KEEP_TESTS", "Weakening"]

KEEP_TESTS = "Tests that were there stay as they are: put it back, and mend the service that it tests."
ELSEWHERE = "Put what new tests need into a new file of tests."


@dataclass(frozen=True, order=True)
class Weakening:
    """One change that makes the gate see or ask less."""

    path: str
    """Relative to the service's folder, POSIX style."""
    line: int
    """In the file as it is now; 0 where it is about the whole file."""
    what: str
    """What was weakened, and what to do instead: full sentences for the builder."""

    def __str__(self) -> str:
        """Return `path:line: what`."""
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"
