"""The reader of Dockerfiles: lines, continuations, here-documents, stages, words and substitution."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.scanners.languages.docker_words import expand, interpolate, split_words
from pytest_superteam.scanners.languages.dockerfile import parse_dockerfile


def lines(text):
    """Return keyword, value and line of each instruction of the last stage."""
    return [(i.keyword, " ".join(i.value.split()), i.line) for i in parse_dockerfile(text).stages[-1].instructions]


def test_lines_and_stages():
    """Instructions keep the line where they begin, whatever comes between."""
    text = "# syntax=docker/dockerfile:1\nARG V=3\n\nFROM a:$V AS one\nRUN a \\\n  # note\n\n  && b\n"
    text += "COPY <<EOF /x\nFROM fake\nEOF\nFROM one\nUSER x\n"
    docker = parse_dockerfile(text)
    assert [(s.image, s.name, s.line) for s in docker.stages] == [("a:3", "one", 4), ("one", "", 12)]
    assert [(i.keyword, i.line) for i in docker.stages[0].instructions] == [("RUN", 5), ("COPY", 9)]
    assert docker.stages[0].instructions[0].value.split() == ["a", "&&", "b"]
    assert docker.problems == ()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("# escape=`\nFROM a:1\nRUN a `\n  b\nRUN c\\\n", ["a b", "c\\"]),
        ("# syntax=x\n# Escape = `\nFROM a:1\nRUN a `\n  b\n", ["a b"]),
        ("#!/usr/bin/env x\n# escape=`\nFROM a:1\nRUN a `\n  b\n", ["a b"]),
        ("# a note\n# escape=`\nFROM a:1\nRUN a `\nRUN b\n", ["a `", "b"]),
        ("\ufeff# escape=`\r\nFROM a:1\r\nRUN a `\r\n  b\r\n", ["a b"]),
        ("FROM a:1\nRUN a\\  \n  b\n", ["a b"]),
        ("FROM a:1\nRUN a\\\\\nRUN b\n", ["a\\\\", "b"]),
        ("FROM a:1\nRUN a\\\nb\n", ["ab"]),
    ],
)
def test_continuations_and_directives(text, values):
    """Directives stand at the top only; the continuation mark may have spaces behind it and be no escaped one."""
    assert [value for _, value, _ in lines(text)] == values


@pytest.mark.parametrize(
    ("opening", "end"),
    [
        ("RUN <<EOF", "EOF"),
        ("run <<'EOF'", "EOF"),
        ('RUN python3 - <<"EOF" > /x', "EOF"),
        ("RUN 3<<EOF cat", "EOF"),
        ("RUN <<-EOF", "\t\tEOF"),
        ("COPY --chown=a <<EOF /x", "EOF"),
        ("ADD <<robots.txt /x", "robots.txt"),
        ("RUN <<A cat <<B", "A\nUSER x\nB"),
        ("ONBUILD RUN <<EOF", "EOF"),
        ("RUN a \\\n  <<EOF", "EOF"),
    ],
)
def test_heredocs(opening, end):
    """The body of a here-document is no instruction, in each form of it."""
    found = lines(f"FROM a:1\n{opening}\nUSER root\n EOF\n{end}\nUSER app\n")
    assert [value for keyword, value, _ in found if keyword == "USER"] == ["app"]


@pytest.mark.parametrize(
    "line", ["RUN cat <<< EOF", "RUN echo '<<EOF'", "RUN echo $((1<<EOF))", "ENV A=<<EOF", "RUN a<<EOF", "CMD <<EOF"]
)
def test_no_heredocs(line):
    """Here-strings, shifts, quoted marks and other instructions open none."""
    assert lines(f"FROM a:1\n{line}\nUSER app\n")[1] == ("USER", "app", 3)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("FROM a:1\nRUN <<EOF\nUSER x\n", "line 2: the here-document 'EOF' has no end"),
        ("FROM a:1\nFRON b\n", "line 2: 'FRON' is no instruction"),
        ("COPY . .\n", "it has no FROM"),
    ],
)
def test_problems(text, problem):
    """What Docker would refuse is told, and what can be read is read."""
    docker = parse_dockerfile(text)
    assert docker.problems == (problem,)
    assert docker.stages[0].instructions


def test_empty():
    """A file without an instruction has no stage and no problem."""
    for text in ("", "\n", "# note\n"):
        docker = parse_dockerfile(text)
        assert (docker.stages, docker.problems) == ((), ())


def test_pairs():
    """ENV has an old form with a space, quoted values and several names, each with its line."""
    docker = parse_dockerfile("FROM a\nENV A b c\nENV B='x y' C=1 \\\n  # note\n  D=\"e f\"\nARG E\nARG F= G=h\n", 10)
    pairs = [tuple((p.name, p.raw, p.line) for p in i.pairs) for i in docker.stages[0].instructions]
    assert pairs == [
        (("A", "b c", 11),),
        (("B", "'x y'", 12), ("C", "1", 12), ("D", '"e f"', 14)),
        (("E", None, 15),),
        (("F", "", 16), ("G", "h", 16)),
    ]


def test_flags_and_exec_form():
    """Flags stand before the words; the exec form is JSON, and what is none is the shell form."""
    docker = parse_dockerfile(
        'FROM a\nCOPY --from=b --chown="x y" ["a b", "/c"]\nCOPY [a] /b\nRUN --mount=type=x,from=y --network=host z\n'
    )
    copy, shell, run = docker.stages[0].instructions
    assert (copy.flag("from"), copy.flag("chown"), copy.words) == ("b", "x y", ("a b", "/c"))
    assert shell.words == ("[a]", "/b")
    assert (run.all_flags("mount"), run.flag("network"), run.words) == (("type=x,from=y",), "host", ("z",))


def test_inheritance():
    """A stage has the USER of the stage that it is built from, and its triggers; others and later ones give nothing."""
    text = "FROM a:1 AS One\nUSER x\nONBUILD USER y\nFROM a:1 AS two\nUSER z\nFROM one\nFROM two\n"
    text += "FROM later\nFROM a AS later\n"
    stages = parse_dockerfile(text).stages
    assert [s.last("USER").value if s.last("USER") else None for s in stages] == ["x", "z", "y", "z", None, None]
    assert [s.parent.name if s.parent else None for s in stages] == [None, None, "One", "two", None, None]


def test_platform_stage():
    """A stage named with a variable that nobody set is any of those that fit."""
    stages = parse_dockerfile("FROM a AS base-amd64\nUSER x\nFROM base-${TARGETARCH}\nFROM ${TARGETARCH}\n").stages
    assert [s.parent is not None for s in stages] == [False, True, False]


def test_stage_names():
    """`COPY --from` and `target` name a stage by name, whatever its case, or by number."""
    docker = parse_dockerfile("FROM a AS One\nFROM b\n")
    assert docker.stage_named("ONE") is docker.stages[0]
    assert docker.stage_named("1") is docker.stages[1]
    assert docker.stage_named("2") is docker.stage_named("three") is None


def test_values():
    """An ARG ends with its stage and has the default of the global one; an ENV is inherited and wins over an ARG."""
    text = "ARG G=g\nFROM a AS one\nARG L=l\nENV E=$L-e\nFROM one\nARG G\nENV W=w\nARG W=arg\nARG E2=${E}2\nUSER $X\n"
    docker = parse_dockerfile(text)
    stage = docker.stages[-1]
    assert docker.values(stage, stage.instructions[-1]) == {"E": "l-e", "W": "w", "G": "g", "E2": "l-e2"}


EXPANDED = [
    ("$A", "1", True),
    ("${A}", "1", True),
    ("a-${A}-b$A", "a-1-b1", True),
    ("${B:-x}", "x", True),
    ("${B-x}", "x", True),
    ("${E:-x}", "x", True),
    ("${E-x}", "", True),
    ("${A:+y}", "y", True),
    ("${B:+y}", "", True),
    ("${A:?no}", "1", True),
    ("${B:?no}", "${B}", False),
    ("${B:-${A}}", "1", True),
    ("${B:-${C:-deep}}", "deep", True),
    ("$B", "${B}", False),
    ("${A%x}", "${A}", False),
    ("${A", "${A", True),
    ("$", "$", True),
    ("'$A'", "$A", True),
    ('"$A b"', "1 b", True),
    ("\\$A", "$A", True),
    ('"a\\"b"', 'a"b', True),
    ("'open", "open", True),
]


@pytest.mark.parametrize(("raw", "text", "known"), EXPANDED)
def test_expand(raw, text, known):
    """Variables are put in in each of Docker's forms, quotes and escapes taken off, unknown ones left and told."""
    found = expand(raw, {"A": "1", "E": ""})
    assert (found.text, found.known) == (text, known)


@pytest.mark.parametrize(
    ("raw", "text", "known"),
    [
        ("${A:-x}", "x", True),
        ("a$$b", "a$b", True),
        ("$${A}", "${A}", True),
        ("${A}", "${A}", False),
        ("${A:-}", "", True),
        ("'q'", "'q'", True),
        ("5$", "5$", True),
        ("${A:-${B:-c}}d", "cd", True),
    ],
)
def test_interpolate(raw, text, known):
    """Compose knows `$$` and defaults, and takes quotes for text."""
    found = interpolate(raw)
    assert (found.text, found.known) == (text, known)


def test_words():
    """Words end at spaces outside quotes; a quote that never closes goes to the end."""
    assert split_words("a  \"b c\"d 'e f' g\\ h 'i j") == [
        (0, "a"),
        (3, '"b c"d'),
        (10, "'e f'"),
        (16, "g\\ h"),
        (21, "'i j"),
    ]


def test_values_do_not_grow():
    """A value that is made of itself again and again is not followed."""
    docker = parse_dockerfile("FROM a\nENV A=x\n" + "ENV A=$A$A$A$A\n" * 40 + "USER $A\n")
    stage = docker.stages[0]
    assert len(docker.values(stage, stage.instructions[-1])["A"]) < 100_000


@given(st.text(alphabet=st.sampled_from("FROM ENVUSRCPYAG:\\\n<<EOF#$={}'\"a1-[],` "), max_size=200))
def test_any_text(text):
    """Any text is read without an error, and lines stay within it."""
    docker = parse_dockerfile(text)
    last = text.count("\n") + 1
    assert all(1 <= i.line <= last for i in docker.instructions)
    assert all(1 <= pair.line <= last for i in docker.instructions for pair in i.pairs)
    for stage in docker.stages:
        assert all(isinstance(word, str) for i in stage.effective for word in i.words)
        assert all(isinstance(expand(stage.image, known).text, str) for _, known in docker.scoped(stage))
        assert stage.last("USER") is None or isinstance(docker.values(stage, stage.last("USER")), dict)
