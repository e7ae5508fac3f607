"""Names of variables that hold secrets, and mappings of texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pytest_superteam.errors import ConfigError

__all__ = ["EnvironmentName", "environment_name", "named", "texts"]


class EnvironmentName(str):
    """Name of an environment variable that holds a secret: secrets themselves are not written into settings."""

    __slots__ = ()


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_TOKEN = re.compile(
    r"(?:ghp|gho|ghs|ghu|github_pat|glpat|sk|rk|pk|npm|pypi|xox[abprs]|eyJ)[_A-Za-z0-9]{12,}|(?:AKIA|ASIA)[A-Z0-9]{16}"
)
_LONGEST_WORD = 20  # characters; a longer mixture of small letters, capitals and digits is no name


def environment_name(value: Any, place: str) -> EnvironmentName:
    """Return `value` if it can be the name of an environment variable.

    Raises:
        ConfigError: it can't, or looks like the secret itself; the message does not repeat it.
    """
    text = value if isinstance(value, str) else ""
    mixed = len(text) > _LONGEST_WORD and all(re.search(part, text) for part in ("[a-z]", "[A-Z]", "[0-9]"))
    if not _NAME.fullmatch(text) or _TOKEN.match(text) or mixed:
        raise ConfigError(
            f"{place}: is no name of an environment variable. Secrets are not written here: put it into a variable, "
            "and write the variable's name."
        )
    return EnvironmentName(text)


def named(value: Any, place: str) -> dict[str, EnvironmentName]:
    """Return roles and the environment variables that hold their tokens."""
    if not isinstance(value, Mapping) or not all(isinstance(role, str) and role.strip() for role in value):
        raise ConfigError(f"{place}: is no mapping of roles. Write `{{admin: ADMIN_TOKEN}}`.")
    return {role: environment_name(name, f"{place}.{role}") for role, name in value.items()}


def texts(value: Any, place: str) -> dict[str, str]:
    """Return names and texts, such as build arguments; a number or truth value counts as what was written."""
    if not isinstance(value, Mapping) or not all(
        isinstance(name, str) and name.strip().isprintable() and name.strip() and isinstance(text, (str, int, float))
        for name, text in value.items()
    ):
        raise ConfigError(f"{place}: is no mapping of texts. Write `{{NAME: value}}`.")
    return {name: str(text) for name, text in value.items()}
