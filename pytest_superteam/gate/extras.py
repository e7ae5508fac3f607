"""Options of plugins that are extras of ours: where the plugin is not installed, one line names the extra."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from pytest_superteam.extras import installing

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["check_extras"]

EXTRAS = {
    "--html": ("pytest_html", "html"),
    "--self-contained-html": ("pytest_html", "html"),
    "--numprocesses": ("xdist", "xdist"),
    "--dist": ("xdist", "xdist"),
    "-n": ("xdist", "xdist"),
}
"""Option -> the package that has it, and the extra that installs it."""


def check_extras(words: Iterable[str]) -> None:
    """Refuse options that pytest knows only with an extra of ours that is not installed.

    Raises:
        pytest.UsageError: one line that names the extra.
    """
    for word in words:
        name = word.partition("=")[0] if word.startswith("--") else word[:2]
        package, extra = EXTRAS.get(name, ("", ""))
        if package and find_spec(package) is None:
            remedy = f"Run: {installing(extra)}."
            raise pytest.UsageError(f"{name}: needs the extra '{extra}', which is not installed. {remedy}")
