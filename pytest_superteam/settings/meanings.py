"""What settings mean, as it is written below each in the source."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from functools import cache

__all__ = ["meanings"]


@cache
def meanings(cls: type) -> dict[str, str]:
    """Return field -> its docstring in one line, for the fields of a class that have one."""
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    found: dict[str, str] = {}
    body: list[ast.stmt] = getattr(definition, "body", [])
    for item, after in itertools.pairwise(body):
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and isinstance(after, ast.Expr):
            found[item.target.id] = " ".join(str(ast.literal_eval(after.value)).split())
    return found
