"""Findings that are known and accepted: a committed file, by rule, service, file and evidence, not by line."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.atomic import write_atomically
from pytest_superteam.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pytest_superteam.models import Violation

__all__ = ["BASELINE", "BASELINE_NAME", "Baseline"]

BASELINE_NAME = "superteam-baseline.json"
BASELINE = "baseline"
"""What the `suppressed_by` of an accepted finding says."""
_VERSION = 1
_MAX_BYTES = 64 << 20


@dataclass
class Baseline:
    """The accepted findings of one file: rows by fingerprint, each with the number of times it may occur."""

    path: Path
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, *, missing_ok: bool) -> Baseline:
        """Return the baseline in `path`.

        Raises:
            UsageError: it is not there, or no baseline.
        """
        if not path.exists() and missing_ok:
            return cls(path)
        try:
            if path.stat().st_size > _MAX_BYTES:
                raise UsageError(f"--baseline: '{path}' is larger than {_MAX_BYTES} bytes. Name a baseline.")
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            why = error.strerror or error
            raise UsageError(f"--baseline: '{path}' can't be read: {why}. --update-baseline writes one.") from None
        except (ValueError, RecursionError):
            raise UsageError(f"--baseline: '{path}' is no JSON. --update-baseline writes one.") from None
        rows = data.get("findings") if isinstance(data, dict) and data.get("version") == _VERSION else None
        if not isinstance(rows, list) or not all(map(_is_row, rows)):
            raise UsageError(f"--baseline: '{path}' is no baseline (version {_VERSION}). --update-baseline writes one.")
        return cls(path, {row["fingerprint"]: row for row in rows})

    def excuse(self, violations: Iterable[Violation]) -> tuple[Violation, ...]:
        """Return the violations of one code of one service, those marked that are accepted, each as often as it was."""
        left = Counter({fingerprint: row["count"] for fingerprint, row in self.rows.items()})
        marked = []
        for violation in violations:
            fingerprint = violation.fingerprint
            accepted = not violation.suppressed_by and left[fingerprint] > 0
            if accepted:
                left[fingerprint] -= 1
            marked.append(replace(violation, suppressed_by=BASELINE) if accepted else violation)
        return tuple(marked)

    def stale(self, looked_at: Mapping[tuple[str, str], Iterable[Violation]]) -> list[dict[str, Any]]:
        """Return the rows of what was looked at, by (code, service), that occur less often than they say."""
        found = Counter(v.fingerprint for violations in looked_at.values() for v in violations if _counts(v))
        return [
            row
            for fingerprint, row in self.rows.items()
            if (row["code"], row["service"]) in looked_at and found[fingerprint] < row["count"]
        ]

    def update(self, looked_at: Mapping[tuple[str, str], Iterable[Violation]]) -> None:
        """Write down what was found now, in place of what is known of the same codes and services."""
        found = {v.fingerprint for violations in looked_at.values() for v in violations}
        rows = {
            key: row
            for key, row in self.rows.items()
            if key not in found and (row["code"], row["service"]) not in looked_at
        }
        for violations in looked_at.values():
            for violation in filter(_counts, violations):
                row = rows.setdefault(violation.fingerprint, _row(violation))
                row["count"] += 1
        self.rows = rows
        ordered = sorted(rows.values(), key=lambda row: (row["code"], row["service"], row["file"], row["fingerprint"]))
        write_atomically(self.path, json.dumps({"version": _VERSION, "findings": ordered}, indent=2) + "\n")


def _counts(violation: Violation) -> bool:
    """Return whether a finding belongs into a baseline: what a comment excuses needs no other excuse."""
    return violation.suppressed_by in {"", BASELINE}


def _row(violation: Violation) -> dict[str, Any]:
    return {
        "fingerprint": violation.fingerprint,
        "code": violation.code,
        "service": violation.service,
        "file": violation.file,
        "evidence": violation.evidence,
        "count": 0,
    }


def _is_row(row: object) -> bool:
    wanted = {"fingerprint": str, "code": str, "service": str, "file": str, "count": int}
    return isinstance(row, dict) and all(type(row.get(key)) is kind for key, kind in wanted.items())
