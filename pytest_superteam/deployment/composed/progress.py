"""What Compose prints while it builds and starts, as short lines for people and as facts for an error message."""

from __future__ import annotations

import re
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BuildProgress", "BuildStep", "StartProgress"]

_NAMED = re.compile(r"#(\d{1,6}) \[([^\]\n]{1,200})\] ?(.{0,4000})\Z")
_ENDED = re.compile(r"#(\d{1,6}) (?:DONE|ERROR:?|CACHED|CANCELED)(?= |\Z)(.{0,4000})")
_PRINTED = re.compile(r"#(\d{1,6}) \d{1,7}\.\d{1,3} (.{0,4000})")
_TARGET = re.compile(r"(\S{1,120})(?: [^/]{1,60}?)? (\d{1,4}/\d{1,4})\Z")
_EXPORT = "exporting to image"
_LINES = 40
_SHOWN = 70
_MOUNT = re.compile(r"\A(?:--\S{1,400} +){0,10}")


@dataclass
class BuildStep:
    """One step of the image of `service`: `instruction` as its Dockerfile has it, `number` such as `3/7`."""

    service: str
    instruction: str
    number: str = ""
    error: str = ""
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LINES))

    @property
    def short(self) -> str:
        """Return the instruction in a few words: `RUN pip install -r requirements.txt` without `RUN`."""
        word, _, rest = self.instruction.partition(" ")
        said = _MOUNT.sub("", rest.strip()) if word == "RUN" else self.instruction
        said = " ".join(said.split())
        return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 3]}..."


class BuildProgress:
    """Reads the plain progress of BuildKit line by line and says what a person wants to know of it."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._clock = clock
        self._began: dict[str, float] = {}
        self._said: set[tuple[str, str]] = set()
        self.steps: dict[str, BuildStep] = {}
        """By the number that BuildKit gives them."""
        self.built: list[str] = []
        self.others: deque[str] = deque(maxlen=_LINES)
        """Last lines that belong to no step: what is wrong as a whole."""

    def take(self, line: str) -> None:
        """Take one line."""
        if ended := _ENDED.match(line):
            self._end(ended[1], line)
        elif printed := _PRINTED.match(line):
            if step := self.steps.get(printed[1]):
                step.lines.append(printed[2])
                self._tell(step)
        elif named := _NAMED.match(line):
            self._begin(*named.groups())
        elif not line.startswith("#") and line.strip():
            self.others.append(line)

    @property
    def failed(self) -> BuildStep | None:
        """Return the step that failed first, if any."""
        return next((step for step in self.steps.values() if step.error), None)

    def _begin(self, key: str, target: str, instruction: str) -> None:
        found = _TARGET.match(target)
        service = found[1] if found else target.partition(" ")[0]
        if service not in self._began:
            self._began[service] = self._clock()
        self.steps.setdefault(key, BuildStep(service, instruction, found[2] if found else ""))

    def _tell(self, step: BuildStep) -> None:
        """Say that `step` is at work: once, and only now that it prints something, so that no cached one is told."""
        if step.number and (step.service, step.instruction) not in self._said:
            self._said.add((step.service, step.instruction))
            self._say(f"{step.service}: {step.short} ({step.number})")

    def _end(self, key: str, line: str) -> None:
        step = self.steps.get(key)
        if step is None:
            return
        _, _, rest = line.partition(" ")
        if rest.startswith("ERROR"):
            step.error = rest.removeprefix("ERROR").lstrip(": ") or "failed"
        elif rest.startswith("DONE") and step.instruction.startswith(_EXPORT) and step.service not in self.built:
            self.built.append(step.service)
            self._say(f"{step.service}: built in {self._clock() - self._began[step.service]:.0f} s")


class StartProgress:
    """Reads what `up` and `pull` print and says which service has come how far, each once."""

    _CONTAINER = re.compile(r" ?Container (\S{1,200})\s{1,4}(Started|Healthy|Exited|Error)\b")
    _PULL = re.compile(r" ?(?:Image )?(\S{1,200}) (Pulling|Pulled|Error)(?= |\Z) ?(.{0,2000})")
    _WORDS = {"Started": "started", "Healthy": "healthy", "Exited": "done"}  # noqa: RUF012  # read only

    def __init__(self, project: str, say: Callable[[str], None]) -> None:
        self._prefix = f"{project}-"
        self._say = say
        self._said: set[tuple[str, str]] = set()
        self.not_pulled: dict[str, str] = {}
        """What was wrong with an image, by service; newer versions of Compose name the image itself."""

    def take(self, line: str) -> None:
        """Take one line."""
        if found := self._CONTAINER.match(line):
            word = self._WORDS.get(found[2], "")
            service = re.sub(r"-\d{1,4}\Z", "", found[1].removeprefix(self._prefix))
            self._tell(service, word)
        elif pulled := self._PULL.match(line):
            if pulled[2] == "Error":
                self.not_pulled[pulled[1]] = pulled[3].strip()
            else:
                self._tell(pulled[1], "pulling its image" if pulled[2] == "Pulling" else "image pulled")

    def _tell(self, service: str, word: str) -> None:
        if word and (service, word) not in self._said:
            self._said.add((service, word))
            self._say(f"{service}: {word}")
