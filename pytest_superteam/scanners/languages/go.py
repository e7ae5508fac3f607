"""A Go file as rules want it."""

from __future__ import annotations

from typing import ClassVar

from pytest_superteam.scanners.languages.syntax import SyntaxModule

__all__ = ["GoModule"]


class GoModule(SyntaxModule):
    """One parsed Go file."""

    grammar: ClassVar[str] = "go"
