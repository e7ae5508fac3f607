"""What our collector printed in its container, as the two files that it would have written beside the checks.

Runs as a script in an isolated interpreter, with the standard library only: `python -I -S journal.py FOLDER` reads the
collector's log from standard input, `python -I -S journal.py FOLDER docker logs -f CONTAINER` from the program that it
starts. Writes `spans.jsonl` and `events.jsonl` of FOLDER anew, for the log is given from its beginning.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, BinaryIO

__all__ = ["JOURNALS", "copy_journals", "follow"]

JOURNALS = ("spans", "events")
LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of a line; the rest of a longer one is left out with it."""
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of each file, as the collector's own bound."""


def copy_journals(source: IO[bytes], folder: Path) -> None:
    """Sort the tagged lines of `source` into the files of `folder` until it ends; other lines go to standard error."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        files = {name: stack.enter_context(_private(folder / f"{name}.jsonl")) for name in JOURNALS}
        left = dict.fromkeys(JOURNALS, MOST_BYTES)
        while raw := source.readline(LONGEST_LINE):
            name, record = _tagged(raw)
            if not name:
                sys.stderr.buffer.write(raw[:2000])
                sys.stderr.flush()
            elif left[name] > 0:
                left[name] -= len(record)
                files[name].write(record)
                files[name].flush()


def _private(path: Path) -> BinaryIO:
    """Open a file for writing that only the user can read. A link in its place is removed, not followed."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _tagged(raw: bytes) -> tuple[str, bytes]:
    """Return the journal of a line and its record as a line of its own; no journal where it is none of ours."""
    try:
        data = json.loads(raw)
        name, record = data["journal"], data["record"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", b""
    return (name, json.dumps(record).encode() + b"\n") if name in JOURNALS and isinstance(record, dict) else ("", b"")


def follow(argv: list[str], folder: Path) -> int:
    """Copy what `argv` prints; return its exit status."""
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:  # noqa: S603 - no shell
        if process.stdout:
            copy_journals(process.stdout, folder)
        return process.wait()


def main() -> int:
    """Copy until the log ends; Ctrl-C and a signal end it too."""
    folder, argv = Path(sys.argv[1]), sys.argv[2:]
    with contextlib.suppress(KeyboardInterrupt):
        if argv:
            return follow(argv, folder)
        copy_journals(sys.stdin.buffer, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
