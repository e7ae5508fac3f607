"""The page of the fixtures, made of their functions."""

from __future__ import annotations

import ast

from pytest_superteam import fixtures
from superteam_docs.declared import declared_functions
from superteam_docs.markdown import code, page, paragraphs, table

__all__ = ["fixtures_page"]

_HEAD = """\
# Fixtures

What a test of your own can ask for, in a session with `--prd` or `--system`. The fixtures of the session are the phases
of the run: who asks for `deployment` gets a system that was designed, built and started, and whatever was done already
is not done again.

<!-- not run: sketch -->
```python
import pytest


@pytest.mark.service(name="catalog-service")
def test_books_are_public(client):
    assert client.get("/books").status_code == 200
```
"""
_YOURS = """\
## A fixture that the gate asks you for

Where your `conftest.py` has a fixture `auth_token`, the gate's calls are let in with what it returns: a token for any
caller, or a mapping of tokens by role. It is asked when a check calls for the first time.
"""


def fixtures_page() -> str:
    """Return the page, in Markdown."""
    found = [(node, scope) for node in declared_functions(fixtures) if (scope := _scope(node))]
    rows = [(f"[`{node.name}`](#{node.name})", scope, code(_returns(node))) for node, scope in found]
    sections = [f"## {node.name}\n\n{_text(node)}" for node, _ in found]
    return page(_HEAD, table(("fixture", "scope", "is"), rows), *sections, _YOURS)


def _text(node: ast.FunctionDef) -> str:
    """Return what the function says it returns: that is what the fixture is."""
    text = paragraphs(ast.get_docstring(node)).removeprefix("Return ")
    return text[:1].upper() + text[1:]


def _scope(node: ast.FunctionDef) -> str:
    """Return the scope of a fixture; empty for a function that is none."""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        if ast.unparse(call.func if call else decorator) == "pytest.fixture":
            given = {keyword.arg: keyword.value for keyword in call.keywords} if call else {}
            return str(ast.literal_eval(given["scope"])) if "scope" in given else "function"
    return ""


def _returns(node: ast.FunctionDef) -> str:
    text = ast.unparse(node.returns) if node.returns else ""
    return text.removeprefix("Iterator[").removesuffix("]") if text.startswith("Iterator[") else text
