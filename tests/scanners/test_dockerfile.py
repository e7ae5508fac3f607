"""The reader of Dockerfiles: lines, continuations, here-documents, stages and substitution."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.scanners.languages.dockerfile import parse_dockerfile, substitute


def test_lines_and_stages():
    """Instructions keep the line where they begin, whatever comes between."""
    text = "# syntax=docker/dockerfile:1\nARG V=3\n\nFROM a:$V AS one\nRUN a \\\n  # note\n\n  && b\n"
    text += "COPY <<EOF /x\nFROM fake\nEOF\nFROM one\nUSER x\n"
    docker = parse_dockerfile(text)
    assert [(s.image, s.name, s.line) for s in docker.stages] == [("a:3", "one", 4), ("one", "", 12)]
    assert [(i.keyword, i.line) for i in docker.stages[0].instructions] == [("RUN", 5), ("COPY", 9)]
    assert docker.stages[0].instructions[0].value == "a && b"


def test_escape_directive():
    """The escape directive changes the continuation character."""
    docker = parse_dockerfile("# escape=`\nFROM a:1\nRUN a `\n  b\nRUN c\\\n")
    assert [i.value for i in docker.stages[0].instructions] == ["a b", "c\\"]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("$A", "1"),
        ("${A}", "1"),
        ("${B:-x}", "x"),
        ("${A:+y}", "y"),
        ("${B:+y}", ""),
        ("$B", "$B"),
        ("a-${A}-b", "a-1-b"),
    ],
)
def test_substitute(value, wanted):
    """Variables are replaced in each of Docker's forms, unknown ones left."""
    assert substitute(value, {"A": "1"}) == wanted


def test_pairs():
    """ENV has an old form with a space, and quoted values."""
    docker = parse_dockerfile("FROM a\nENV A b c\nENV B='x y' C=1\nARG D\n")
    assert [i.pairs for i in docker.stages[0].instructions] == [
        (("A", "b c"),),
        (("B", "x y"), ("C", "1")),
        (("D", None),),
    ]


@given(st.text(alphabet=st.sampled_from("FROM ENVUSR:\\\n<<EOF#$={}'\"a1 "), max_size=200))
def test_any_text(text):
    """Any text is read without an error, and lines stay within it."""
    docker = parse_dockerfile(text)
    assert all(1 <= i.line <= text.count("\n") + 1 for s in docker.stages for i in s.instructions)
    assert all(isinstance(i.pairs, tuple) for s in docker.stages for i in s.instructions)
