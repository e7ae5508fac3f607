"""Texts as every database takes them, whatever a builder or a file from outside has put into them."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

__all__ = ["MAX_KEY", "MAX_TEXT", "fitting", "words"]

MAX_TEXT = 20_000
"""Bytes of a text such as an error; what a builder printed may be of any length."""
MAX_KEY = 2000
"""Bytes of a text that is a key: an entry of an index in PostgreSQL takes 2704."""
_DIGITS = 16


def fitting(text: str, size: int, *, name: bool) -> str:
    """Return a text of at most `size` bytes of UTF-8, without NUL and unpaired surrogates, which PostgreSQL can't keep.

    Bytes, since a server without an encoding counts them. A name that is too long ends in a hash of it, so that it
    stays another one than those that begin as it does.
    """
    clean = text.replace("\0", "\ufffd").encode("utf-8", "replace")
    if len(clean) <= size:
        return clean.decode()
    end = f"~{_digest(text)}" if name else "\u2026"
    return clean[: size - len(end.encode())].decode(errors="ignore") + end


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def words(size: int = 0, *, key: bool = False) -> TypeEngine[str]:
    """Return the column type of texts: names of at most `size` bytes, or longer texts where none is given."""
    made: TypeEngine[str] = _type()(size, key=key)
    return made


@cache
def _type() -> Any:
    from sqlalchemy import String, Text
    from sqlalchemy.types import TypeDecorator

    class Words(TypeDecorator[str]):
        """Texts that fit."""

        impl = Text
        cache_ok = True

        def __init__(self, size: int, *, key: bool) -> None:
            super().__init__()
            self.size, self.key = size, key

        def load_dialect_impl(self, dialect: Any) -> Any:
            return dialect.type_descriptor(String(self.size) if self.size else Text())

        def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002  # the interface
            if value is None:
                return None
            size = self.size or (MAX_KEY if self.key else MAX_TEXT)
            return fitting(str(value), size, name=bool(self.size or self.key))

    return Words
