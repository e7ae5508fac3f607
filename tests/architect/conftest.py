"""What the architect's tests share: from text to facts and to an architecture."""

import hashlib
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_superteam.architect.builtin import design, read_facts
from pytest_superteam.architect.prd import Prd
from pytest_superteam.architect.sections import read_document

BOOKSTORE = Path(__file__).parents[2] / "pipelines" / "bookstore" / "PRD.md"


@pytest.fixture
def facts():
    """Return a function from Markdown to the facts in it."""
    return lambda text: read_facts(read_document(dedent(text)))


@pytest.fixture
def architect():
    """Return a function from Markdown to an architecture."""

    def build(text):
        text = dedent(text)
        return design(Prd(Path("PRD.md"), text, hashlib.sha256(text.encode()).hexdigest()))

    return build


@pytest.fixture
def bookstore(architect):
    """Return the architecture of the bookstore."""
    return architect(BOOKSTORE.read_text(encoding="utf-8"))
