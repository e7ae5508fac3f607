"""The optional parts of the package, and how they are installed."""

from __future__ import annotations

__all__ = ["installing"]


def installing(extra: str) -> str:
    """Return the command that installs an extra."""
    return f"pip install 'pytest-superteam[{extra}]'"
