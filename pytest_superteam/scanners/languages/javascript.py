"""A JavaScript or TypeScript module as rules want it, with the questions that `languages.python` answers for Python."""

from __future__ import annotations

from typing import ClassVar

from pytest_superteam.scanners.languages.syntax import SyntaxModule

__all__ = ["JavaScriptModule"]


class JavaScriptModule(SyntaxModule):
    """One parsed module: `.js`, `.jsx`, `.mjs`, `.cjs`, `.ts`, `.mts`, `.cts`, `.tsx`."""

    grammar: ClassVar[str] = "javascript"
