"""What was found before, by content: a file whose bytes and rules are the same is not looked at again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import sys
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

__all__ = ["CACHE_NAME", "Entry", "ScanCache", "digest", "engine_version"]

CACHE_NAME = "scan.db"
_PARSERS = (
    "tree-sitter", "tree-sitter-go", "tree-sitter-java", "tree-sitter-javascript", "tree-sitter-typescript",
    "ahocorasick-rs", "detect-secrets", "pyyaml",
)  # fmt: skip
_DAY = 24 * 3600
KEPT_SECONDS = 30 * _DAY
"""How long an entry is kept that nobody asks for."""

Entry = dict[str, Any]
"""What a scan of one file, or of one tree, gave: `codes` that were tried, and JSON-like lists by name."""


def digest(*parts: bytes) -> bytes:
    """Return a key of 16 bytes for `parts`, in which each part's length counts."""
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.digest()


@cache
def engine_version() -> bytes:
    """Return what all results depend on: every line of the scanners, the parsers and the Python that reads Python."""
    from importlib.metadata import PackageNotFoundError, version

    folder = Path(__file__).parent
    parts = [path.read_bytes() for path in sorted(folder.rglob("*.py"))]
    for name in _PARSERS:
        with contextlib.suppress(PackageNotFoundError):
            parts.append(f"{name} {version(name)}".encode())
    return digest(sys.version.encode(), *parts)


class ScanCache:
    """Results by key in one SQLite file; several processes may use it at once. A broken file is begun anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = self._open()
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)
            self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=OFF")  # losing it costs a scan, no more
            db.execute("CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, codes TEXT, body TEXT, used INTEGER)")
            db.execute("DELETE FROM entries WHERE used < ?", (int(time.time()) - KEPT_SECONDS,))
        except BaseException:
            db.close()
            raise
        return db

    def load(self, keys: Collection[bytes]) -> dict[bytes, Entry]:
        """Return the entries that there are, by key."""
        found: dict[bytes, Entry] = {}
        with contextlib.suppress(sqlite3.DatabaseError, ValueError):
            for part in _chunks(keys, 500):
                marks = ",".join("?" * len(part))
                rows = self._db.execute(f"SELECT key, codes, body FROM entries WHERE key IN ({marks})", part)  # noqa: S608 - question marks only
                for key, codes, body in rows:
                    found[key] = {**(json.loads(body) if body else {}), "codes": _codes(codes)}
        return found

    def save(self, entries: Mapping[bytes, Entry]) -> None:
        """Keep `entries`; one that is there already is replaced."""
        now = int(time.time())
        rows = []
        for key, entry in entries.items():
            body = {name: value for name, value in entry.items() if name != "codes" and value}
            rows.append((key, ",".join(sorted(entry["codes"])), json.dumps(body) if body else "", now))
        with contextlib.suppress(sqlite3.DatabaseError):  # a cache that can't be written is none
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", rows)
            finally:
                self._db.execute("COMMIT")

    def touch(self, keys: Collection[bytes]) -> None:
        """Note that the entries of `keys` were of use, once a day."""
        now = int(time.time())
        with contextlib.suppress(sqlite3.DatabaseError):
            rows = [(now, key, now - _DAY) for key in keys]
            self._db.executemany("UPDATE entries SET used = ? WHERE key = ? AND used < ?", rows)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


@cache
def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split(",")) - {""}


def _chunks(keys: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    ordered = list(keys)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]
