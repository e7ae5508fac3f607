"""Writes the output of each container of a project into a file of its own, as long as the project lives.

Runs as a script in an isolated interpreter below the supervisor (`python -I -S following.py FOLDER PROJECT SINCE
TOLD`), with the standard library only. The engine tells which containers start and end; a `docker logs --follow` for
each writes straight into its file, so that nothing is added to a line. A container that is started again goes on where
it ended. TOLD is JSON: the `names` of files by service, and `programs` that are given a service's log command instead.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

__all__ = ["Follower", "main"]

_LABEL = "com.docker.compose.project"
_SERVICE = "com.docker.compose.service"
_PAUSE_SECONDS = 1.0


class Follower:
    """Follows the containers of `project`.

    `told["names"]` says what the file of a service is called where not like the service, `told["programs"]` who reads
    the log of a service instead; `since` is a Unix time as text, and what a running container said before is left out;
    empty, nothing is.
    """

    def __init__(self, folder: Path, project: str, since: str, told: dict[str, dict[str, Any]]) -> None:
        self.folder = folder
        self.project = project
        self.since = since
        self.names: dict[str, str] = told.get("names", {})
        self.programs: dict[str, list[str]] = told.get("programs", {})
        self.following: dict[str, subprocess.Popen[bytes]] = {}
        self.ended: dict[str, str] = {}
        """When a container ended, as a Unix time."""

    def run(self) -> None:
        """Follow until this process is ended. An engine that goes away is asked again."""
        began, since = f"{time.time():.9f}", self.since
        while True:
            self.catch_up(since)
            began = since = self.listen(began)
            time.sleep(_PAUSE_SECONDS)

    def catch_up(self, since: str) -> None:
        """Follow what runs already, from the Unix time `since` on; empty, from its beginning."""
        template = f'{{{{.ID}}}} {{{{.Label "{_SERVICE}"}}}}'
        words = ["ps", "--no-trunc", "--filter", f"label={_LABEL}={self.project}", "--format", template]
        answer = subprocess.run(_docker(*words), stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603
        for line in answer.stdout.decode("utf-8", "replace").splitlines():
            container, _, service = line.partition(" ")
            if service:
                self.follow(container, service, since)

    def listen(self, began: str) -> str:
        """Follow what starts from the Unix time `began` on; return the time of the last one in the end."""
        kinds = [word for kind in ("start", "die") for word in ("--filter", f"event={kind}")]
        where = ["--filter", "type=container", "--filter", f"label={_LABEL}={self.project}"]
        words = ["events", "--since", began, *where, *kinds, "--format", "{{json .}}"]
        with subprocess.Popen(  # noqa: S603 - an argument vector, no shell
            _docker(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            for line in process.stdout or ():
                began = self.take(line) or began
        return began

    def take(self, line: bytes) -> str:
        """Do what an event asks for and return its time; empty where it can't be read."""
        try:
            event: dict[str, Any] = json.loads(line)
            kind, actor = str(event.get("Action") or event.get("status")), event["Actor"]
            container, service = str(actor["ID"]), str(actor["Attributes"][_SERVICE])
            nanoseconds = int(event["timeNano"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return ""
        at = f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09d}"
        if kind == "die":
            self.ended[container] = at
        elif kind == "start":
            self.follow(container, service, self.ended.get(container, ""))
        return at

    def follow(self, container: str, service: str, since: str) -> None:
        """Append what `container` says to the file of `service`, unless that is done already."""
        known = self.following.get(container)
        if known:
            if not self.ended.get(container) and known.poll() is None:
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                known.wait(_PAUSE_SECONDS)  # it reads to the end of what ended
            if known.poll() is None:
                return
        self.ended.pop(container, None)
        path = self.folder / f"{self.names.get(service, service)}.log"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        words = ["logs", "--follow", *(["--since", since] if since else []), container]
        try:
            self.following[container] = subprocess.Popen(  # noqa: S603 - an argument vector, no shell
                [*self.programs.get(service, ()), *_docker(*words)],
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=subprocess.STDOUT,
            )
        finally:
            os.close(descriptor)


def _docker(*words: str) -> list[str]:
    return ["docker", *words]


def main() -> None:
    """Follow what the arguments name."""
    folder, project, since, told = sys.argv[1:5]
    Follower(Path(folder), project, since, json.loads(told)).run()


if __name__ == "__main__":
    main()
