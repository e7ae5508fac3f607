"""What is derived from FastAPI's source, compared with what FastAPI says itself of the same source."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from contracts_trees import derive, operations, plant

ASK = "import json, sys; sys.path.insert(0, sys.argv[1]); from main import app; print(json.dumps(app.openapi()))"
FILES = {
    "main.py": """
        from typing import Annotated, Any
        from uuid import UUID
        from fastapi import Body, Cookie, Depends, FastAPI, Form, Header, HTTPException, Path, Query, status
        from parts import books
        from parts.models import Filters, Thing, ThingOut
        app = FastAPI()
        def paging(limit: Annotated[int, Query(ge=1, le=100)] = 20, offset: int = 0) -> tuple[int, int]:
            return limit, offset
        class Search:
            def __init__(self, text: str, exact: bool = False) -> None: ...
        def factory(kind: str):
            def inner(mode: str = "x"): ...
            return inner
        Paging = Annotated[tuple[int, int], Depends(paging)]
        @app.get("/things/", response_model=list[ThingOut])
        def things(page: Paging, search: Search = Depends(), made=Depends(factory("a"))): ...
        @app.post("/things/", status_code=status.HTTP_201_CREATED)
        def make(thing: Thing, x_trace: Annotated[str | None, Header()] = None) -> ThingOut: ...
        @app.put("/things/{thing_id}")
        def change(thing_id: Annotated[UUID, Path()], thing: Thing, why: str = Body("", embed=True)) -> Any: ...
        @app.delete("/things/{thing_id}", status_code=204)
        def remove(thing_id: UUID, session: str = Cookie("")) -> None: ...
        @app.get("/filtered")
        def filtered(filters: Annotated[Filters, Query()], ids: list[int] = Query([])): ...
        @app.post("/form")
        def form(name: Annotated[str, Form()], age: Annotated[int, Form(ge=0)] = 0): ...
        @app.post("/lists")
        def lists(things: list[Thing], flag: bool = False): ...
        @app.get("/untyped")
        def untyped(q, n=3): ...
        app.include_router(books.router, prefix="/api", tags=["books"])
    """,
    "parts/__init__.py": "",
    "parts/books.py": """
        from fastapi import APIRouter
        router = APIRouter(prefix="/books")
        shelf = APIRouter(prefix="/{book_id}/shelf")
        @router.get("")
        async def books(): ...
        @router.api_route("/{book_id}", methods=["GET", "PATCH"])
        async def book(book_id: int): ...
        @shelf.get("/")
        async def shelved(book_id: int): ...
        def by_call(book_id: int): ...
        router.add_api_route("/{book_id}/call", by_call, methods=["POST"], status_code=202)
        router.include_router(shelf)
    """,
    "parts/models.py": """
        from enum import Enum
        from typing import Literal, Optional
        from pydantic import BaseModel, EmailStr, Field
        class Kind(str, Enum):
            small = "small"
            large = "large"
        class Owner(BaseModel):
            email: str = Field(alias="mail")
        class Thing(BaseModel):
            name: str = Field(..., min_length=2, max_length=9)
            kind: Kind = Kind.small
            weight: Optional[float] = Field(None, gt=0)
            owner: Owner | None = None
            state: Literal["new", "old"] = "new"
            counts: dict[str, int] = {}
        class ThingOut(Thing):
            id: int
        class Filters(BaseModel):
            colour: str
            size: int = 3
    """,
}


def plain(document, value, depth=0):
    """Return a schema without names, references and what says the same in other words."""
    while isinstance(value, dict) and "$ref" in value:
        value = document["components"]["schemas"][value["$ref"].rsplit("/", 1)[-1]]
    if isinstance(value, list):
        return [plain(document, item, depth + 1) for item in value]
    if not isinstance(value, dict) or depth > 12:
        return value
    if "enum" in value or "const" in value:
        return {"enum": sorted(value.get("enum", [value.get("const")]))}
    return {
        key: sorted(part) if key == "required" else plain(document, part, depth + 1)
        for key, part in value.items()
        if key not in {"title", "default", "description"}
    }


def parts(document, method, path):
    """Return parameters and body of an operation in a form that can be compared."""
    operation = document["paths"][path][method]
    given = {
        (p["in"], p["name"]): (p["required"], plain(document, p["schema"])) for p in operation.get("parameters", [])
    }
    content = operation.get("requestBody", {}).get("content", {})
    return given, {kind: plain(document, media.get("schema", {})) for kind, media in content.items()}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Return what FastAPI says and what is derived."""
    pytest.importorskip("fastapi", reason="FastAPI is not installed, so it can't be asked")
    root = plant(tmp_path_factory.mktemp("shop"), FILES)
    asked = subprocess.run([sys.executable, "-c", ASK, str(root)], capture_output=True, text=True, check=True)
    return json.loads(asked.stdout), derive(root, {})


def test_operations_of_fastapi_itself(both):
    """The derived operations are FastAPI's own, none more and none less."""
    said, derived = both
    assert operations(derived) == operations(said)


def test_parameters_and_bodies_of_fastapi_itself(both):
    """Parameters and bodies are those that FastAPI tells, with what is required and every limit."""
    said, derived = both
    compared = {
        name: (parts(derived, *name.lower().split(" ", 1)), parts(said, *name.lower().split(" ", 1)))
        for name in operations(said)
    }
    assert {name: pair[0] for name, pair in compared.items()} == {name: pair[1] for name, pair in compared.items()}


def test_answers_of_fastapi_itself(both):
    """The first status is FastAPI's, and where a model is told for it, it is FastAPI's too."""
    said, derived = both
    told = 0
    for path, item in said["paths"].items():
        for method, operation in item.items():
            first = next(iter(operation["responses"]))
            own = derived["paths"][path][method]["responses"]
            assert next(iter(own)) == first
            schema = own[first].get("content", {}).get("application/json", {}).get("schema")
            if schema:
                wanted = operation["responses"][first]["content"]["application/json"]["schema"]
                assert plain(derived, schema) == plain(said, wanted)
                told += 1
    assert told == 2
