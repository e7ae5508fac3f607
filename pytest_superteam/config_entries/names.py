"""Names of variables that hold secrets, and mappings of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_superteam.config_entries.limits import CONTROL, END, Form
from pytest_superteam.config_entries.messages import shown
from pytest_superteam.errors import ConfigError

__all__ = ["NAME", "TEXT_NAME", "EnvironmentName", "environment_name", "is_name", "named", "texts"]


class EnvironmentName(str):
    """Name of an environment variable that holds a secret: secrets themselves are not written into settings."""

    __slots__ = ()


_KEY_LIKE = (
    r"(?:ghp|gho|ghs|ghu|github_pat|glpat|sk|rk|pk|npm|pypi|xox[abprs]|eyJ)[_A-Za-z0-9]{12,}|(?:AKIA|ASIA)[A-Z0-9]{16}"
)
_MIXTURE = r"(?=.{21})(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])"
"""More than twenty characters of small letters, capitals and digits: that is no name."""
NAME = Form(
    rf"^(?!{_KEY_LIKE})(?!{_MIXTURE})[A-Za-z_][A-Za-z0-9_]{{0,99}}{END}",
    "name of an environment variable",
    "Secrets are not written here: put it into a variable, and write the variable's name",
)
"""The name of an environment variable; what looks like the secret itself is none."""
TEXT_NAME = Form(rf"^[^{CONTROL}]*[^\s{CONTROL}][^{CONTROL}]*{END}", "name", "Write a word")
"""A name that a text is given to, such as that of a build argument."""


def environment_name(value: Any, place: str) -> EnvironmentName:
    """Return `value` if it can be the name of an environment variable.

    Raises:
        ConfigError: it can't, or looks like the secret itself; the message does not repeat it.
    """
    if not isinstance(value, str) or not NAME.holds(value):
        raise ConfigError(f"{place}: is no {NAME.called}. {NAME.example}.")
    return EnvironmentName(value)


def is_name(value: Any) -> bool:
    """Return whether a key of a mapping can be a name."""
    return isinstance(value, str) and bool(value.strip())


def named(value: Any, place: str) -> dict[str, EnvironmentName]:
    """Return roles and the environment variables that hold their tokens."""
    if not isinstance(value, Mapping) or not all(map(is_name, value)):
        raise ConfigError(f"{place}: is no mapping of roles. Write `{{admin: ADMIN_TOKEN}}`.")
    return {role: environment_name(name, f"{place}.{shown(role)}") for role, name in value.items()}


def texts(value: Any, place: str) -> dict[str, str]:
    """Return names and texts, such as build arguments; a number or truth value counts as what was written."""
    if not isinstance(value, Mapping) or not all(
        isinstance(name, str) and TEXT_NAME.holds(name) and isinstance(text, (str, int, float))
        for name, text in value.items()
    ):
        raise ConfigError(f"{place}: is no mapping of texts. Write `{{NAME: value}}`.")
    return {name: str(text) for name, text in value.items()}
