"""The readers of JWT calls and settings, one for each language, in the one form in which the rules use them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.engine import GoCheck, JavaCheck, JavaScriptCheck, PythonCheck
from pytest_superteam.scanners.facts.jwt.go import go_calls, go_imports, go_settings
from pytest_superteam.scanners.facts.jwt.java import java_calls, java_imports, java_settings
from pytest_superteam.scanners.facts.jwt.javascript import javascript_calls
from pytest_superteam.scanners.facts.jwt.javascript_settings import javascript_settings
from pytest_superteam.scanners.facts.jwt.python import python_calls
from pytest_superteam.scanners.facts.jwt.python_settings import python_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_superteam.scanners.engine import Check
    from pytest_superteam.scanners.facts.jwt.calls import JwtCall, JwtSetting
    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["LANGUAGES", "READERS", "Reader"]

TRIGGERS = (b"jwt", b"Jwt", b"JWT", b"jose", b"jws")


@dataclass(frozen=True)
class Reader:
    """What a language has to offer: its check class, its triggers, its calls and its settings."""

    languages: tuple[str, ...]
    check: Callable[..., Check]
    triggers: tuple[bytes, ...]
    calls: Callable[[Any], Iterable[JwtCall]]
    settings: Callable[[Any, Callable[[str], bool]], Iterator[JwtSetting]]
    imports: Callable[[Any], bool]
    """Whether a module uses a JWT library."""

    def modules(self, tree: SourceTree, *triggers: bytes) -> Iterator[tuple[SourceFile, Any]]:
        """Yield the parsed modules of service code in the reader's language whose bytes hold one of `triggers`."""
        for file in tree.service_files(*self.languages):
            if any(trigger in file.data for trigger in triggers) and file.module is not None:
                yield file, file.module

    @staticmethod
    def is_told(node: Any, told: list[Any]) -> bool:
        """Return whether a node is one of those told, or a part of one, or holds one."""
        if not hasattr(node, "start_byte"):
            return any(node is one for one in told)
        return any(
            (one.start_byte <= node.start_byte and node.end_byte <= one.end_byte)
            or (node.start_byte <= one.start_byte and one.end_byte <= node.end_byte)
            for one in told
            if one is not None
        )

    @staticmethod
    def line(node: Any) -> int:
        """Return the line of a node of any grammar, from 1."""
        if isinstance(node, ast.AST):
            return int(getattr(node, "lineno", 1))
        return int(node.start_point.row) + 1


def _python_imports(module: Any) -> bool:
    return any(
        "jwt" in origin.lower() or origin.startswith(("jose", "authlib.jose")) for origin in module.imports.values()
    )


def _javascript_imports(module: Any) -> bool:
    return any(
        "jwt" in origin.lower() or origin.startswith(("jsonwebtoken", "jose")) for origin in module.imports.values()
    )


READERS = (
    Reader(("python",), PythonCheck, TRIGGERS, python_calls, python_settings, _python_imports),
    Reader(
        ("javascript", "typescript"),
        JavaScriptCheck,
        (*TRIGGERS, b"jsonwebtoken", b"secretOrKey"),
        javascript_calls,
        javascript_settings,
        _javascript_imports,
    ),
    Reader(("go",), GoCheck, TRIGGERS, go_calls, go_settings, go_imports),
    Reader(("java",), JavaCheck, TRIGGERS, java_calls, java_settings, java_imports),
)

LANGUAGES = tuple(language for reader in READERS for language in reader.languages)
