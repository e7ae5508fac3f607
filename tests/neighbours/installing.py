"""Other people's plugins beside ours, each in a folder of its own, and environments with our wheel alone.

What is installed is what `uv` resolves together with what is there already, so a plugin that can't be installed beside
us fails its test here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_WANTED = re.compile(r"^ \+ (\S+==\S+)$", re.MULTILINE)
_REMOVED = re.compile(r"^ - (\S+)", re.MULTILINE)


def uv(*arguments):
    """Run uv and return what it says."""
    beside = Path(sys.executable).parent
    program = shutil.which("uv", path=beside) or shutil.which("uv")
    assert program, "uv is needed for these tests: pip install uv"
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


def wheel(folder):
    """Build our wheel into a folder and return its path."""
    uv("build", "--wheel", "--quiet", "--out-dir", folder, ROOT)
    (built,) = Path(folder).glob("*.whl")
    return built


def environment(folder, *requirements):
    """Make an environment with these requirements, such as a wheel, and return the path of its Python."""
    python = Path(folder) / "bin" / "python"
    uv("venv", "--quiet", "--python", sys.executable, folder)
    uv("pip", "install", "--quiet", "--python", python, *requirements)
    return python


def beside(folder, *requirements, python=sys.executable):
    """Install what an environment lacks for these requirements into a folder, to be put on PYTHONPATH."""
    plan = uv("pip", "install", "--dry-run", "--python", python, *requirements)
    assert not _REMOVED.findall(plan), f"{requirements} would change what we run with:\n{plan}"
    missing = _WANTED.findall(plan)
    if missing:
        uv("pip", "install", "--quiet", "--no-deps", "--python", python, "--target", folder, *missing)
    return Path(folder)
