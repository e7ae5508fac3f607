"""The supervisor's last command: takes a composed system down whose owner is gone, unless it is meant to stay.

Runs as a script in an isolated interpreter (`python -I -S ending.py FOLDER MARKER`).
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Take down what `compose.json` of the folder names, if it is still the deployment with this marker."""
    # Isolated, this interpreter does not know our folder; behind all else, for two modules of the standard library.
    sys.path.append(str(Path(__file__).resolve().parents[3]))
    from pytest_superteam.deployment.composed.removal import end_command, remove_project

    file, marker = Path(sys.argv[1]) / "compose.json", sys.argv[2]
    with suppress(OSError, ValueError, KeyError, TypeError):  # no record: it was taken down before
        record = json.loads(file.read_text(encoding="utf-8"))
        if record["marker"] != marker or record["kept"] is True:
            return
        project = str(record["plan"]["project"])
        pid, start = record["command"]
        end_command((int(pid), str(start)))
        left = remove_project(project, dict(os.environ))
        if left:
            sys.stderr.write(f"{project}: could not be removed: {', '.join(left)}\n")
        elif json.loads(file.read_text(encoding="utf-8"))["marker"] == marker:
            file.unlink()


if __name__ == "__main__":
    main()
