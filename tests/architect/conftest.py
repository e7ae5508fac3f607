"""What the architect's tests share: from text to facts and to an architecture."""

import hashlib
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_superteam.architect.builtin import design, read_facts
from pytest_superteam.architect.document.blocks import Block
from pytest_superteam.architect.document.prd import Prd
from pytest_superteam.architect.document.sections import read_document
from pytest_superteam.architect.notations import read_code

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


def short(field):
    """Return a field on one line: `role:enum(a|b)`, `age:integer?[0..]`, `user_id:reference->User`, `email:email!`."""
    text = f"{field.name}:{field.type}" + "?" * (not field.required) + "!" * field.unique
    if field.enum:
        text += f"({'|'.join(field.enum)})"
    bounds = (field.minimum, field.maximum) if field.minimum is not None or field.maximum is not None else None
    bounds = bounds or ((field.min_length, field.max_length) if field.min_length or field.max_length else None)
    if bounds:
        text += f"[{'..'.join('' if b is None else str(b) for b in bounds)}]"
    if field.references:
        text += f"->{field.references}"
    return text if field.default is None else f"{text}={field.default}"


@pytest.fixture
def models():
    """Return a function from a block of code to its entities: names with their fields on one line."""

    def read(text, info="", *, in_data=True, title="", lead="", kind="code"):
        text = dedent(text).strip("\n")
        facts = read_code(Block(kind, 1, text, text, info=info, lead=lead), in_data=in_data, title=title)
        return {f.name: " ".join(short(x.field) for x in f.fields) for f in facts}

    return read
