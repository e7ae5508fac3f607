"""Prepared projects, a shell to type the documentation's commands into, and what of an output is always the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import docs_pytest

PROJECTS = Path(__file__).parent / "projects"
PROGRAMS = Path(__file__).parent / "programs"
"""What stands in for programs that need a key."""
HOME = "/home/you"
"""Where the documentation says that a project lies."""


@dataclass
class Shell:
    """Runs lines as a shell would, with a `pytest` that starts at once."""

    root: Path
    environment: dict[str, str] = field(init=False)

    def __post_init__(self):
        programs = self.root / "bin"
        programs.mkdir(parents=True)
        (self.root / "home").mkdir()
        docs_pytest.install(programs, self.root / "sessions")
        for program in PROGRAMS.iterdir():
            (programs / program.name).symlink_to(program)
        self.server = docs_pytest.start(self.root / "sessions")
        self.environment = {
            "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.root / "home"),
            "LANG": "C.UTF-8",
            "DOCKER_HOST": "unix:///var/run/no-engine.sock",
            "COLUMNS": "100",
            "PYTHONDONTWRITEBYTECODE": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_{what}": "you@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }

    def close(self):
        self.server.terminate()
        self.server.wait()

    def folder(self, page: str, project: str) -> Path:
        """Return the folder of a project as a page sees it, made when it is first asked for."""
        folder = self.root / re.sub(r"\W", "_", page) / project
        if not folder.exists():
            shutil.copytree(PROJECTS / project, folder)
            (folder / "keep").unlink(missing_ok=True)
        return folder

    def run(self, line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a line and return how it ended, both its streams as one."""
        return subprocess.run(
            ["bash", "-c", line],
            cwd=folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )


_NUMBER = re.compile(r"(?<![\w.-])\d+(?:[.,:]\d+)*(?![\w-])")
_RULE = re.compile(r"([=─—_-])\1{2,}")
_PROGRESS = re.compile(r"^(\S+ )?[.FEsxX]+ *(\[ *#%\])?$")


def same(text: str, folder: Path) -> list[str]:
    """Return the lines of an output without what differs from run to run: numbers, times, widths, the folder."""
    lines = []
    for given in text.replace(str(folder), f"{HOME}/{folder.name}").splitlines():
        line = _RULE.sub(r"\1\1\1", _NUMBER.sub("#", " ".join(given.split())))
        line = re.sub(r"\b[0-9a-f]{12}\b", "#", line)
        if line == "..." or (line and not _PROGRESS.match(line)):
            lines.append(line)
    return lines


def not_printed(shown: str, printed: str, folder: Path) -> str:
    """Return the first passage that the documentation shows and the output lacks at that place; else nothing.

    Passages are what stands between lines of `...`. Where lines are broken does not count.
    """
    there = " ".join(same(printed, folder))
    parts = re.split(r"^\.\.\.$", "\n".join(same(shown, folder)), flags=re.MULTILINE)
    passages = [" ".join(part.split()) for part in parts]
    assert any(passages), "the documentation shows nothing"
    for passage in filter(None, passages):
        _, found, there = there.partition(passage)
        if not found:
            return passage
    return ""
