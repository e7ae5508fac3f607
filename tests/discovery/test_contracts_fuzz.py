"""Whatever the source, the derived document is valid OpenAPI."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from contracts_trees import derive, operations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_superteam.discovery.contracts.derive.limits import limited, nullable, safe_pattern
from pytest_superteam.discovery.contracts.derive.paths import templates

NAMES = st.sampled_from(["id", "name", "q", "item", "x_y", "limit", "user", "größe"])
NOTES = st.sampled_from(
    [
        "int", "str", "float | None", "list[int]", "dict[str, Thing]", "Thing", "'Thing'", "Optional[Thing]", "UUID",
        "Annotated[int, Query(ge=1, le=-5)]", "Annotated[str, Header()]", "Literal['a', 1, None]", "Mystery", "Colour",
        "list[Thing] | None", "tuple[int, ...]", "Annotated[Thing, Query()]", "conint(gt=3)", "1 + 1", "'(('", "bytes",
        "Annotated[str, Form()]", "UploadFile", "Annotated[dict, Body(embed=True)]", "Paged[Thing]", "type(3)",
    ]
)  # fmt: skip
DEFAULTS = st.sampled_from(["", "", " = None", " = 3", " = 'ü'", " = Query(...)", " = Depends(helper)", " = 1e999"])
SEGMENTS = st.sampled_from(["a", "{id}", "{name}", "{id:int}", "a-b", "{x:path}", "ü", "*", "(\\\\d+)", "{id}-{q}", ""])
STATUSES = st.sampled_from(["", ", status_code=201", ", status_code=status.HTTP_204_NO_CONTENT", ", status_code=BAD"])
ANSWERS = st.sampled_from(["", " -> Thing", " -> list[Thing]", " -> None", " -> Response", " -> 'Mystery'"])
FIELDS = st.sampled_from(
    [
        "a: int = 3", "b: 'Thing | None' = None", "c: str = Field(min_length=-1, pattern='(')", "d: Colour",
        "e: float = Field(gt=float('inf'))", "f: ClassVar[int] = 3", "_g: int = 1", "h: list['Thing'] = []",
        "i: dict[str, int] = Field(default_factory=dict)", "j: Annotated[str, Field(max_length=5)]", "k: Mystery",
        "l: str = Field(alias='ü')", "m: Thing", "n: Literal[1, 2] = 1",
    ]
)  # fmt: skip
HEAD = """
from typing import Annotated, Literal, Optional, ClassVar
from enum import Enum
from uuid import UUID
from fastapi import Body, Depends, FastAPI, Form, Header, Query, Response, UploadFile, status
from pydantic import BaseModel, Field, conint
from elsewhere import Mystery, Paged
app = FastAPI()
class Colour(Enum):
    red = 1
    blue = object()
def helper(q: int = 0, thing: Thing = None): ...
"""


@st.composite
def services(draw):
    """Return the source of a FastAPI service, some of which would not start."""
    lines = [
        HEAD,
        "class Thing(BaseModel):",
        *(f"    {field}" for field in draw(st.lists(FIELDS, max_size=5))),
        "    pass",
    ]
    for number in range(draw(st.integers(1, 4))):
        path = "/" + "/".join(draw(st.lists(SEGMENTS, max_size=3)))
        method = draw(st.sampled_from(["get", "post", "put", "delete", "patch"]))
        names = draw(st.lists(NAMES, unique=True, max_size=4))
        given = ", ".join(f"{name}: {draw(NOTES)}{draw(DEFAULTS)}" for name in names)
        lines.append(f'@app.{method}("{path}"{draw(STATUSES)})')
        lines.append(
            f"def f{number}(*, {given}){draw(ANSWERS)}: ..." if given else f"def f{number}(){draw(ANSWERS)}: ..."
        )
    return "\n".join(lines)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(services())
def test_fastapi_sources_give_valid_documents(source):
    """A document derived from any FastAPI source is valid, or there is none."""
    with tempfile.TemporaryDirectory() as folder:
        document = derive(Path(folder), {"main.py": source})
    assert document is None or operations(document)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["get", "post", "all", "delete", "options"]),
            st.lists(
                st.sampled_from(["a", ":id", ":id?", "*", ":x(\\\\d+)", ":a-:b", "é", "b.c", "{id}", "(x|y)"]),
                max_size=4,
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_express_sources_give_valid_documents(routes):
    """A document derived from any routes of Express is valid, or there is none."""
    lines = ["const app = require('express')();"]
    lines += [f"app.{method}('/{'/'.join(parts)}', (req, res) => res.end());" for method, parts in routes]
    with tempfile.TemporaryDirectory() as folder:
        document = derive(Path(folder), {"app.js": "\n".join(lines)})
    assert document is None or operations(document)


@given(st.text(st.sampled_from("/ab{}<>:?*()\\d+1|%-. é\n$"), max_size=40))
def test_templates_of_any_text(text):
    """Whatever a path looks like, its templates name exactly the parameters that they have; else a reason is told."""
    found, reason = templates(f"/{text}")
    assert bool(found) != bool(reason)
    for template in found:
        assert re.findall(r"\{([^{}]*)\}", template.path) == list(template.parameters)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/a/<int:id>", [("/a/{id}", {"id": {"type": "integer"}})]),
        ("/a/<uuid:x>/b", [("/a/{x}/b", {"x": {"type": "string", "format": "uuid"}})]),
        ("/a/<string(length=2):lang>", [("/a/{lang}", {"lang": {}})]),
        ("/a/:id", [("/a/{id}", {"id": {}})]),
        (r"/a/:id(\d+)", [("/a/{id}", {"id": {"type": "integer"}})]),
        ("/a/:id?", [("/a", {}), ("/a/{id}", {"id": {}})]),
        ("/a/:from-:to", [("/a/{from}-{to}", {"from": {}, "to": {}})]),
        ("/a/{id}/{id}", [("/a/{id}/{id_2}", {"id": {}, "id_2": {}})]),
        ("/files/{name:path}", [("/files/{name}", {"name": {}})]),
        ("/", [("/", {})]),
    ],
)
def test_templates(path, wanted):
    """A declared path is told in OpenAPI's way, with what is known of its parameters."""
    found, reason = templates(path)
    assert [(template.path, template.parameters) for template in found] == wanted
    assert not reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/<path:rest>", "a catch-all"),
        ("/api/v1/{rest:path}", "a catch-all"),
        ("/*", "a catch-all"),
        ("/ab?cd", "a pattern"),
        ("/(a|b)", "a pattern"),
        ("/{a}{b}", "a pattern"),
    ],
)
def test_paths_that_are_no_template(path, reason):
    """What no template can say is left out with the reason."""
    assert templates(path) == ((), reason)


@pytest.mark.parametrize(
    ("schema", "limits", "wanted"),
    [
        ({"type": "integer"}, {"ge": 1, "lt": 5}, {"type": "integer", "minimum": 1, "exclusiveMaximum": 5}),
        ({"type": "string"}, {"min_length": 1, "ge": 3}, {"type": "string", "minLength": 1}),
        ({"type": "array"}, {"max_length": 3}, {"type": "array", "maxItems": 3}),
        ({"type": "integer"}, {"ge": float("nan"), "multiple_of": 0}, {"type": "integer"}),
        ({"type": "string"}, {"max_length": -1, "pattern": "("}, {"type": "string"}),
        ({}, {"ge": 1}, {}),
        (nullable({"type": "integer"}), {"ge": 1}, nullable({"type": "integer", "minimum": 1})),
    ],
)
def test_limits(schema, limits, wanted):
    """Limits are told where they say something of the type, and left out where they make no sense."""
    assert limited(schema, limits) == wanted


@pytest.mark.parametrize("text", ["^(a+)+$", "(?P<x>a)", r"\Aabc\Z", "(", "a" * 200, 3, None])
def test_patterns_that_are_left_out(text):
    """A pattern that engines read differently, or for ever, is none."""
    assert safe_pattern(text) == ""
