"""Which variables an agent gets."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from pytest_superteam.agents.environment import child_environment, make_private

OURS = {
    "PATH": "/usr/bin:bin::./x:/bin",
    "LANG": "de_CH.UTF-8",
    "LC_ALL": "C",
    "LC_TIME": "de_CH",
    "TZ": "Europe/Zurich",
    "HOME": "/home/me",
    "USER": "me",
    "TMPDIR": "/my/tmp",
    "XDG_CONFIG_HOME": "/home/me/.config",
    "HTTPS_PROXY": "http://me:secret@proxy",
    "SSL_CERT_FILE": "/ca.pem",
    "OPENAI_API_KEY": "sk-1",
    "AWS_SECRET_ACCESS_KEY": "x",
    "PYTHONPATH": "/mine",
    "LD_PRELOAD": "/x.so",
    "SSH_AUTH_SOCK": "/run/ssh",
    "LCD": "no language",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Put a made-up environment in the place of ours."""
    for name in list(os.environ):
        if name != "PYTEST_CURRENT_TEST":
            monkeypatch.delenv(name)
    for name, value in OURS.items():
        monkeypatch.setenv(name, value)


def test_the_least(tmp_path):
    """Without being named, path, language and time zone are passed on, and nothing else of ours."""
    made = child_environment((), {}, tmp_path)
    same = {name for name, value in made.items() if OURS.get(name) == value}
    assert same == {"LANG", "LC_ALL", "LC_TIME", "TZ"}
    assert set(made) - set(OURS) == {
        "NO_COLOR", "TERM", "PYTHONUNBUFFERED", "GIT_TERMINAL_PROMPT",
        "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
    }  # fmt: skip
    assert "PYTHONPATH" not in made


def test_home_is_private(tmp_path):
    """Home, temporary files and what programs keep for their user lie in the private folder."""
    made = child_environment((), {}, tmp_path)
    assert (made["HOME"], made["TMPDIR"]) == (str(tmp_path / "home"), str(tmp_path / "tmp"))
    folders = [value for name, value in made.items() if name.startswith("XDG_")]
    assert len(folders) == 4
    assert all(folder.startswith(f"{tmp_path}/home/.") for folder in folders)


def test_the_path(tmp_path):
    """Programs of our interpreter are found first; places that depend on where one stands are left out."""
    assert child_environment((), {}, tmp_path)["PATH"] == f"{Path(sys.executable).parent}:/usr/bin:/bin"
    assert child_environment((), {"PATH": "/opt/x"}, tmp_path)["PATH"] == f"{Path(sys.executable).parent}:/opt/x"


@pytest.mark.parametrize(
    ("names", "variables", "always", "name", "value"),
    [
        (("OPENAI_API_KEY",), {}, {}, "OPENAI_API_KEY", "sk-1"),
        (("HTTPS_PROXY",), {}, {}, "HTTPS_PROXY", "http://me:secret@proxy"),
        (("NOT_SET",), {}, {}, "NOT_SET", None),
        ((), {}, {}, "OPENAI_API_KEY", None),
        (("LC_TIME",), {"LC_TIME": "C"}, {}, "LC_TIME", "C"),
        ((), {"CI": "1"}, {}, "CI", "1"),
        (("CI",), {"CI": "1"}, {"CI": "2"}, "CI", "2"),
        (("HOME",), {}, {}, "HOME", "/home/me"),
        (("XDG_CONFIG_HOME",), {}, {}, "XDG_CONFIG_HOME", "/home/me/.config"),
        ((), {"NO_COLOR": ""}, {}, "NO_COLOR", ""),
    ],
)
def test_what_wins(tmp_path, names, variables, always, name, value):
    """A named variable comes from us, one with a value wins over it, and what always holds over both."""
    assert child_environment(names, variables, tmp_path, always).get(name) == value


def test_temporary_files_stay_private(tmp_path):
    """Temporary files go where the agent may write, whatever is named."""
    assert child_environment(("TMPDIR",), {"TMPDIR": "/x"}, tmp_path)["TMPDIR"] == str(tmp_path / "tmp")


def test_make_private(tmp_path):
    """The folders are the user's alone, and making them again does no harm."""
    for _ in range(2):
        make_private(tmp_path / "deep/private")
    for name in ("", "home", "tmp"):
        assert stat.S_IMODE((tmp_path / "deep/private" / name).stat().st_mode) == 0o700
