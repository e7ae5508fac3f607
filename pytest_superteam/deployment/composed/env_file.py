"""The env file of a composed system: generated passwords and the user's variables, which only the user can read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.errors import FinalDeploymentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["check_names", "env_text", "sensitive"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_BARE = re.compile(r"[A-Za-z0-9_./:@%+=,-]*\Z")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PASSWORD = re.compile(r"://[^/@:\s]*:([^/@\s]+)@")
_SHORTEST = 6
"""Characters of a secret; what is shorter is in too many words to be hidden."""
_HEAD = "# Secrets of this deployment, made anew each time. Compose reads them into docker-compose.yml.\n"


def env_text(variables: Mapping[str, str]) -> str:
    """Return the text of an env file that Compose reads as `variables`, whatever their values hold.

    Raises:
        FinalDeploymentError: a name is none that an environment may have.
    """
    check_names(variables)
    return _HEAD + "".join(f"{name}={_quoted(value)}\n" for name, value in variables.items())


def check_names(variables: Iterable[str]) -> None:
    """Make sure that an environment may have all these names.

    Raises:
        FinalDeploymentError: it may not; the name is in the message.
    """
    for name in variables:
        if not _NAME.match(name):
            raise FinalDeploymentError(
                f"deploy: compose: {name!r} is no name of a variable. Take letters, digits, `_`."
            )


def sensitive(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return what no message may show of the user's variables: values of secrets, passwords within addresses."""
    from pytest_superteam.scanners.facts.docker_secrets import is_literal, is_secret_name

    found = {value for name, value in variables.items() if is_secret_name(name) and is_literal(name, value)}
    found |= {match[1] for value in variables.values() if (match := _PASSWORD.search(value))}
    return tuple(sorted(text for text in found if len(text) >= _SHORTEST))


def _quoted(value: str) -> str:
    if _BARE.match(value):
        return value
    return '"' + "".join(_ESCAPES.get(char, char) for char in value) + '"'
