"""Starts sessions of pytest by forking: what all of them import is imported once, and each is a process of its own.

A line of JSON on standard input asks for a session (`arguments`, `folder`, `environment`, `output`) and is answered by
its `pid`, or asks for the `end` of one, which is answered by its `code`: null as long as it runs.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import sys

import pytest

import pytest_superteam


def main():
    """Answer until nobody asks any more."""
    preload()
    for line in sys.stdin:
        asked = json.loads(line)
        if "end" in asked:
            answer = {"code": code_of(asked["end"])}
        else:
            pid = os.fork()
            if not pid:
                session(asked)
            answer = {"pid": pid}
        print(json.dumps(answer), flush=True)  # noqa: T201  # this is how it answers


def preload():
    """Import what a session may need, as far as it is there."""
    others = (
        "filelock",
        "jsonschema_rs",
        "pyromark",
        "sqlalchemy.dialects.sqlite",
        "transitions",
        "xdist.plugin",
        "yaml",
    )
    ours = (module.name for module in pkgutil.walk_packages(pytest_superteam.__path__, "pytest_superteam."))
    for name in (*others, *ours):
        if not name.rpartition(".")[2].startswith("test_"):  # these are for pytest to import
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def code_of(pid):
    """Return how a session ended: its exit code, or the negative number of the signal; None where it did not yet."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def session(asked):
    """Become a session, in a process group of its own."""
    os.setsid()
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    for stream, name, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        handle = os.open(name, flags, 0o644)
        os.dup2(handle, stream)
        os.close(handle)
    os.dup2(1, 2)
    sys.argv = ["pytest", *asked["arguments"]]
    sys.exit(pytest.console_main())


if __name__ == "__main__":
    main()
