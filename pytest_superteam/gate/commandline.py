"""The command line of a session, as somebody would type it again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["command", "resume_command"]

_BEGINNING = ("--fresh", "--from")
"""Options that begin anew what they are given with; to go on, they are left out."""
_VALUED = frozenset({"--from", "--reject"})


def command(config: pytest.Config, *, without: tuple[str, ...] = ()) -> str:
    """Return the command line of this session, some options with their values left out."""
    kept, skip = [], False
    for argument in map(str, config.invocation_params.args):
        if not skip:
            kept += [argument] * (argument.partition("=")[0] not in without)
        skip = not skip and argument in without and argument in _VALUED
    return shlex.join(["pytest", *kept])


def resume_command(config: pytest.Config) -> str:
    """Return the command line that goes on with this session's run."""
    return command(config, without=_BEGINNING)
