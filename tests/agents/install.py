"""Install the coding agents that the tests run for real: `python tests/agents/install.py FOLDER`.

Each wants versions of its own, so each gets an environment of its own below FOLDER; FOLDER/bin has their commands.
`uv` is taken where there is one, which is many times as fast, else `pip`.
"""

import shutil
import subprocess
import sys
import tomllib
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AGENTS = {"mini-swe-agent": "mini", "aider": "aider"}
"""Extra of this project, and the command that it installs."""


def requirements(extra):
    """Return the requirements of an extra in pyproject.toml."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["optional-dependencies"][extra]


def install(folder, extra, command):
    """Make the environment of one agent, unless it is there, and link its command."""
    environment, link = folder / extra, folder / "bin" / command
    if link.exists():
        return
    uv = shutil.which("uv")
    venv.create(environment, clear=True, with_pip=uv is None, symlinks=True)
    python = str(environment / "bin" / "python")
    installer = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install", "--no-compile"]
    subprocess.run([*installer, "--quiet", *requirements(extra)], check=True, timeout=900)
    subprocess.run([environment / "bin" / command, "--help"], check=True, timeout=300, stdout=subprocess.DEVNULL)
    link.symlink_to(environment / "bin" / command)


def main(folder):
    """Install all of them below a folder."""
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(len(AGENTS)) as pool:
        list(pool.map(lambda agent: install(folder, *agent), AGENTS.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
