"""Comments in an empty handler: one that says why nothing is done is an answer, one that says nothing is none."""

from __future__ import annotations

import re

__all__ = ["says_why"]

_DIRECTIVE = re.compile(
    r"\b(?:noqa|nosec|pragma|pylint|flake8|type: ?ignore|eslint|tslint|istanbul|biome|ts-ignore|ts-expect-error"
    r"|prettier"
    r"|noinspection|c8|v8)\b[^\n]*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_EMPTY = frozenset({
    "do", "nothing", "ignore", "ignored", "ignores", "ignoring", "noop", "no", "op", "empty", "todo", "fixme", "xxx",
    "handle", "handled", "handling", "error", "errors", "exception", "exceptions", "swallow", "swallowed", "silent",
    "silently", "fail", "fails", "failure", "failures", "the", "this", "it", "pass", "just", "here", "any", "all",
    "and", "bad", "continue", "later", "catch", "except", "block", "intentionally", "intentional", "left", "blank",
    "skip", "me", "fix", "need", "to", "should", "bug", "an", "is", "we", "not", "don", "care", "return", "null",
    "none",
})  # fmt: skip
"""Words that tell what the code does anyway."""


def says_why(comment: str) -> bool:
    """Return whether a comment gives a reason: two words at least beyond `ignore errors` and orders to linters."""
    words = _WORD.findall(_DIRECTIVE.sub("", comment).lower())
    return len([word for word in words if word not in _EMPTY]) >= 2
