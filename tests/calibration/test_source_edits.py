"""Edits of a module's text: what they take the place of, and that nothing else moves."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.calibration.source import Module, Source, calls, dotted, keyword
from pytest_superteam.models import Architecture, Operation, Service

TEXT = '''\
"""Ä doc with ümlauts."""

from __future__ import annotations

import os  # ö


@deco("ß", a=1, b=2)
def first(x):
    """Döc."""
    if x:
        call("é", x, key=True)
    return x
'''


def module():
    """Return the module under edit."""
    return Module("app/first.py", TEXT)


def test_node_is_replaced_behind_wide_characters():
    """A node's text is found by bytes, so that characters before it do not shift it."""
    found = next(calls(module().tree, "call"))
    assert module().source(found) == 'call("é", x, key=True)'
    assert module().edited(module().to(found, "pass")) == TEXT.replace('call("é", x, key=True)', "pass")


def test_definition_has_its_decorators():
    """A definition is replaced together with its decorators."""
    function = module().tree.body[-1]
    assert module().source(function).startswith('@deco("ß"')
    assert module().edited(module().to(function, "pass")).endswith("# ö\n\n\npass\n")


def test_lines_are_indented():
    """Lines before and behind a statement have its indentation."""
    statement = module().tree.body[-1].body[1].body[0]
    text = module().edited(module().before(statement, "a", "b"), module().after(statement, "c"))
    assert '        a\n        b\n        call("é", x, key=True)\n        c\n    return' in text


@pytest.mark.parametrize(
    ("index", "rest"),
    [(0, "deco(a=1, b=2)"), (1, 'deco("ß", b=2)'), (2, 'deco("ß", a=1)')],
)
def test_argument_goes_with_its_comma(index, rest):
    """An argument leaves a call that is still one."""
    call = next(calls(module().tree, "deco"))
    argument = [*call.args, *call.keywords][index]
    assert f"@{rest}\n" in module().edited(module().without_argument(argument))


def test_only_argument_goes():
    """The only argument of a call leaves empty brackets, its trailing comma included."""
    for text in ("f(a)", "f(\n    a,\n)"):
        one = Module("x.py", text)
        call = next(calls(one.tree, "f"))
        assert ast.dump(ast.parse(one.edited(one.without_argument(call.args[0])))) == ast.dump(ast.parse("f()"))


def test_import_stands_behind_the_future():
    """An import is added before the others, and behind what has to be the first."""
    text = module().edited(module().importing("import json"))
    assert "from __future__ import annotations\n\nimport json\nimport os" in text
    assert (
        Module("x.py", "x = 1\n").edited(Module("x.py", "x = 1\n").importing("import json")) == "import json\nx = 1\n"
    )


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="'\\\r\n\x00\f"), max_size=8), min_size=1, max_size=5
    )
)
def test_any_constant_is_replaced_alone(words):
    """Whichever constant is replaced, all the others stay what they are."""
    text = "".join(f"x{index} = '{word}'\n" for index, word in enumerate(words))
    one = Module("x.py", text)
    for index, node in enumerate(one.tree.body):
        changed = ast.parse(one.edited(one.to(node.value, "'new'"))).body
        values = [item.value.value for item in changed]
        assert values == [*words[:index], "new", *words[index + 1 :]]


@pytest.mark.parametrize(("text", "name"), [("a", "a"), ("a.b.c", "a.b.c"), ("a().b", ""), ("1", ""), ("a[0].b", "")])
def test_dotted(text, name):
    """A dotted name is read, anything else is none."""
    assert dotted(ast.parse(text, mode="eval").body) == name


def test_keyword():
    """A keyword argument is found by its name."""
    call = next(calls(module().tree, "deco"))
    assert keyword(call, "b").value.value == 2
    assert keyword(call, "c") is None


HANDLERS = """\
from fastapi import APIRouter

router = APIRouter()


@router.get("/things/{thing_id}")
def read_thing(thing_id: str) -> schemas.Thing:
    \"\"\"Read.\"\"\"
    return 1


@router.post("/things", dependencies=[Depends(allow("admin"))])
async def create_thing(body: schemas.ThingCreate) -> schemas.Thing:
    return 1


@router.get(PATH)
def elsewhere():
    return 1


@cache
def helper():
    return 1
"""


def test_handlers_know_their_operations(tmp_path):
    """A route is matched with the operation of its method and path, whatever its parameters are called."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_x.py").write_text(HANDLERS)
    (tmp_path / "routes.py").write_text(HANDLERS)
    operations = (
        Operation("read_thing", "app", "GET", "/things/{id}", "read"),
        Operation("create_thing", "other", "POST", "/things", "create"),
    )
    system = Architecture("x", "", (Service("app"), Service("other")), operations=operations)
    read, create = Source("app", tmp_path, system).handlers
    assert (read.id, read.kind, read.answer_class, read.body_class) == ("read_thing", "read", "Thing", "")
    assert (create.id, create.name, create.body_class) == ("", "POST /things", "ThingCreate")
    assert len(read.body) == 1
    assert read.allow() is None
    assert ast.unparse(create.allow()) == "allow('admin')"


def test_files_that_cannot_be_edited_are_left_out(tmp_path):
    """What is too large, no text, no Python or a link elsewhere is no module."""
    (tmp_path / "large.py").write_text("#" * ((1 << 20) + 1))
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe")
    (tmp_path / "broken.py").write_text("def (")
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "link.py").symlink_to(tmp_path / "good.py")
    assert list(Source("app", tmp_path, Architecture("x", "", ())).modules) == ["good.py"]
