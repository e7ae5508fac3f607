"""Install the coding agents that the tests run for real: `python tests/agents/install.py FOLDER`.

Each wants versions of its own, so each gets an environment of its own below FOLDER; FOLDER/bin has their commands.
`uv` is taken where there is one, which is many times as fast, else `pip`. Each agent is tried once: what it imports is
compiled then, which it could not do later, where it may write to its own folders only.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from endpoint import MODEL, Answer, serving

AGENTS = {
    "mini-swe-agent": (
        *("mini", "--yolo", "--exit-immediately", "--cost-limit", "0", "--model", f"openai/{MODEL}"),
        *("--output", "out.json", "--task", "Finish."),
    ),
    "aider": (
        *("aider", "--yes-always", "--no-git", "--no-stream", "--no-fancy-input", "--no-analytics"),
        *("--no-check-update", "--no-show-release-notes", "--model", f"openai/{MODEL}", "--message", "Finish."),
    ),
}
"""Extra of this project, and a command line that tries what it installs."""
ENVIRONMENT = {"MSWEA_CONFIGURED": "true", "MSWEA_SILENT_STARTUP": "1", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def requirements(extra):
    """Return the requirements of an extra in pyproject.toml."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["optional-dependencies"][extra]


def interpreter():
    """Return a Python that all of them can do with: aider wants one before 3.13."""
    if sys.version_info < (3, 13):
        return sys.executable
    for name in ("python3.12", "python3.11"):
        found = shutil.which(name)
        if found and not subprocess.run([found, "-V"], stdout=subprocess.DEVNULL, check=False).returncode:
            return found
    raise SystemExit("aider needs Python 3.11 or 3.12, and there is none on the PATH.")


def install(folder, extra, trial):
    """Make the environment of one agent, unless it is there, try it and link its command."""
    environment, link = folder / extra, folder / "bin" / trial[0]
    if link.exists():
        return
    uv = shutil.which("uv")
    without_pip = ["--without-pip"] if uv else []
    subprocess.run([interpreter(), "-m", "venv", "--clear", *without_pip, environment], check=True, timeout=300)
    python = str(environment / "bin" / "python")
    installer = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install", "--no-compile"]
    subprocess.run([*installer, "--quiet", *requirements(extra)], check=True, timeout=900)
    try_out(environment / "bin" / trial[0], trial[1:])
    link.symlink_to(environment / "bin" / trial[0])


def try_out(program, arguments):
    """Let an agent ask the scripted model once, in a folder and a home of its own."""
    finish = Answer("Done.", ("echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT",))
    with tempfile.TemporaryDirectory() as home, serving(lambda call: finish) as endpoint:
        own = {"HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | ENVIRONMENT | endpoint.environment()
        done = subprocess.run(
            [program, *arguments], cwd=home, env=own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )  # fmt: skip
    if done.returncode or not endpoint.calls:
        raise SystemExit(f"{program} does not work:\n{done.stdout[-3000:]}")


def main(folder):
    """Install all of them below a folder."""
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(len(AGENTS)) as pool:
        list(pool.map(lambda agent: install(folder, *agent), AGENTS.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
