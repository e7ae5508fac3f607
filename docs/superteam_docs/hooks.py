"""The page of the hooks, made of their specifications."""

from __future__ import annotations

import ast

from pytest_superteam import hookspecs
from superteam_docs.declared import declared_functions, signature
from superteam_docs.markdown import page, paragraphs, table

__all__ = ["hooks_page"]

_HEAD = """\
# Hooks

Put the functions into the `conftest.py` beside the PRD (of a system that is there: beside its `superteam.yaml`), or
into a plugin of yours. The built-in architect, builders, deployments and scanners come by the same hooks. A hook takes
any of its arguments, by name. The types are those of the [Python interface](api.md).
"""


def hooks_page() -> str:
    """Return the page, in Markdown: a table of all hooks, then a section for each."""
    found = [node for node in declared_functions(hookspecs) if node.name.startswith("pytest_superteam_")]
    return page(_HEAD, table(("hook", "returns"), map(_row, found)), *map(_section, found))


def _row(node: ast.FunctionDef) -> tuple[str, str]:
    returns = ast.unparse(node.returns) if node.returns else ""
    arguments = ", ".join(argument.arg for argument in node.args.args)
    return f"[`{node.name}({arguments})`](#{node.name})", "nothing" if returns == "None" else f"`{returns}`"


def _section(node: ast.FunctionDef) -> str:
    shown = f"```python\ndef {signature(node)}: ...\n```"
    return f"## {node.name}\n\n{shown}\n\n{paragraphs(ast.get_docstring(node))}"
