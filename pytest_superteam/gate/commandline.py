"""The command line of a session, as somebody would type it again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pytest

__all__ = ["FORMATS", "command", "resume_command", "words"]

_BEGINNING = ("--fresh", "--from")
"""Options that begin anew what they are given with; to go on, they are left out."""
FORMATS = ("json", "text")
"""Of `--status`."""
_VALUED: Mapping[str, tuple[str, ...]] = {"--from": (), "--reject": (), "--status": FORMATS}
"""Options whose value may be the next word, and those that it may be then; any where none are named."""


def words(config: pytest.Config, *, without: Collection[str] = ()) -> tuple[str, ...]:
    """Return the words of the command line of this session, some options with their values left out."""
    kept: list[str] = []
    before = ""
    for word in map(str, config.invocation_params.args):
        if before in _VALUED and word in (_VALUED[before] or (word,)):
            before = ""
            continue
        left_out = word.partition("=")[0] in without
        kept += [] if left_out else [word]
        before = word if left_out else ""
    return tuple(kept)


def command(config: pytest.Config, *, without: Collection[str] = ()) -> str:
    """Return the command line of this session, some options with their values left out."""
    return shlex.join(["pytest", *words(config, without=without)])


def resume_command(config: pytest.Config) -> str:
    """Return the command line that goes on with this session's run."""
    return command(config, without=_BEGINNING)
