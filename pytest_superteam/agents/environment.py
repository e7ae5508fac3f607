"""The environment of an agent: what is named, never the whole of the parent's; home and temporary files of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["child_environment", "make_private", "search_path"]

PASSED_ON = ("PATH", "LANG", "LANGUAGE", "TZ", "SYSTEMROOT")
"""What every agent gets of ours, besides `LC_*`: nothing that says who we are, or where others can be reached."""
_QUIET = {
    "TERM": "dumb",
    "NO_COLOR": "1",
    "PYTHONUNBUFFERED": "1",  # or a line is heard when 8 KiB of them are there
    "GIT_TERMINAL_PROMPT": "0",
}
_FOLDERS = {
    "HOME": "home",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
}
_EMPTY: Mapping[str, str] = MappingProxyType({})


def child_environment(
    names: Collection[str], variables: Mapping[str, str], private: Path, always: Mapping[str, str] = _EMPTY
) -> dict[str, str]:
    """Return all variables that an agent gets, the later of these over the earlier ones.

    Proxies and certificates are no exception: who needs `HTTPS_PROXY` or `SSL_CERT_FILE` names it.

    Args:
        names: variables of ours that the settings name; `HOME` among them is the home of the user, with its logins.
        variables: variables that the settings, or a preset, give with their values.
        private: folder that is this agent's alone; `make_private` makes what is pointed to.
        always: variables that nothing overrides.
    """
    language = {name: value for name, value in os.environ.items() if name.startswith("LC_")}
    inherited = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    folders = {name: str(private / place) for name, place in _FOLDERS.items()}
    named = {name: os.environ[name] for name in names if name in os.environ}
    chosen = {**_QUIET, **inherited, **language, **folders, **named, **variables}
    # Temporary files have to lie where it may write; `python` and `pytest` are those that run us.
    ours = {"TMPDIR": str(private / "tmp"), "PATH": search_path(chosen.get("PATH", os.defpath))}
    return {**chosen, **ours, **always}


def make_private(private: Path) -> None:
    """Make the folders that the environment points to; nobody else may look into them."""
    for place in ("", "home", "tmp"):
        (private / place).mkdir(mode=0o700, parents=True, exist_ok=True)


def search_path(found: str) -> str:
    """Return a search path that begins with our interpreter's folder; parts that depend on the place are left out."""
    own = [str(Path(sys.executable).parent)] if sys.executable else []
    parts = [part for part in found.split(os.pathsep) if Path(part).is_absolute()]
    return os.pathsep.join(dict.fromkeys(own + parts))
