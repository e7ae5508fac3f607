"""A Java file as rules want it."""

from __future__ import annotations

from typing import ClassVar

from pytest_superteam.scanners.languages.syntax import SyntaxModule

__all__ = ["JavaModule"]


class JavaModule(SyntaxModule):
    """One parsed Java file."""

    grammar: ClassVar[str] = "java"
