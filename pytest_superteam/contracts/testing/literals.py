"""Data as Python source, laid out as formatters lay it out: what does not fit on a line stands one part a line."""

from __future__ import annotations

from typing import Any

__all__ = ["Code", "literal"]

_WIDTH = 88  # what formatters take by default


class Code(str):
    """An expression of Python that stands as it is where a value would."""

    __slots__ = ()


def literal(value: Any, indent: int = 0, used: int = 0) -> str:
    """Return `value` (JSON's types, or `Code` within) as an expression.

    Args:
        value: What to write.
        indent: Spaces in front of the line that it starts on.
        used: Characters that stand on that line beside it.
    """
    flat = _flat(value)
    if not isinstance(value, (dict, list)) or not value or (indent + used + len(flat) <= _WIDTH and len(flat) <= 60):
        return flat
    inner = " " * (indent + 4)
    if isinstance(value, dict):
        parts = [(f"{_flat(key)}: ", item) for key, item in value.items()]
    else:
        parts = [("", item) for item in value]
    lines = [f"{inner}{key}{literal(item, indent + 4, len(key) + 1)}," for key, item in parts]
    start, end = "{}" if isinstance(value, dict) else "[]"
    return "\n".join([start, *lines, " " * indent + end])


def _flat(value: Any) -> str:
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flat(key)}: {_flat(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return repr(value)


def _text(text: str) -> str:
    """Return `text` in double quotes, in single ones where that saves escapes."""
    plain = repr(text)
    if plain.startswith("'") and '"' not in text:
        return f'"{plain[1:-1]}"'.replace("\\'", "'")
    return plain
