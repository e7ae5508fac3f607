"""What is derived of an operation beside its path: parameters, bodies, answers, statuses, security."""

from __future__ import annotations

import pytest
from contracts_trees import derive, operation

MODELS = """
    from enum import Enum
    from typing import Annotated, Literal, Optional
    from uuid import UUID
    from datetime import datetime
    from pydantic import BaseModel, Field
    class Colour(str, Enum):
        red = "red"
        blue = "blue"
    class Base(BaseModel):
        name: Annotated[str, Field(min_length=1, max_length=20)]
        price: float = Field(gt=0)
        note: str | None = None
    class ItemIn(Base):
        colour: Colour
        tags: list[str] = []
        kind: Literal["a", "b"] = "a"
    class ItemOut(Base):
        id: UUID
        made: datetime
        secret: str = Field(exclude=True, default="")
        parent: Optional["ItemOut"] = None
"""
MAIN = """
    from typing import Annotated
    from fastapi import Body, Cookie, Depends, FastAPI, File, Form, Header, Query, Request, Response, UploadFile, status
    from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
    from models import ItemIn, ItemOut
    app = FastAPI()
    scheme = OAuth2PasswordBearer(tokenUrl="token")
    def paging(limit: int = Query(20, ge=1, le=100), offset: int = 0):
        return limit, offset
    def current_user(token: str = Depends(scheme)):
        user = decode(token)
        if user is None:
            raise HTTPException(status_code=401)
        return user
    Page = Annotated[tuple, Depends(paging)]
    @app.get("/items", response_model=list[ItemOut])
    def listed(page: Page, q: str | None = None, x_tenant: Annotated[str, Header()] = "", seen: str = Cookie()):
        '''List the items.

        More about it.
        '''
    @app.post("/items", status_code=status.HTTP_201_CREATED)
    def made(item: ItemIn, request: Request, user=Depends(current_user)) -> ItemOut: ...
    @app.put("/items/{item_id}", responses={404: {"description": "no"}})
    def put(item_id: int, item: ItemIn, reason: str = Body(), response: Response = None): ...
    @app.delete("/items/{item_id}", status_code=204)
    def gone(item_id: int): ...
    @app.post("/token")
    def token(form: OAuth2PasswordRequestForm = Depends()): ...
    @app.post("/upload")
    def upload(file: UploadFile, title: str = Form()): ...
    @app.get("/raw", response_model=ItemOut)
    def raw():
        return JSONResponse({})
"""


@pytest.fixture
def shop(tmp_path):
    """Return the document of a FastAPI service."""
    return derive(tmp_path, {"main.py": MAIN, "models.py": MODELS})


def parameters(op):
    """Return the parameters of an operation by place and name, each as (required, schema)."""
    return {(p["in"], p["name"]): (p["required"], p["schema"]) for p in op["parameters"]}


def test_fastapi_parameters(shop):
    """Query, header and cookie parameters are found, also those of dependencies and aliases, with their limits."""
    op = operation(shop, "GET /items")
    assert parameters(op) == {
        ("query", "limit"): (False, {"type": "integer", "minimum": 1, "maximum": 100}),
        ("query", "offset"): (False, {"type": "integer", "default": 0}),
        ("query", "q"): (False, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("header", "x-tenant"): (False, {"type": "string", "default": ""}),
        ("cookie", "seen"): (True, {"type": "string"}),
    }
    assert op["summary"] == "List the items."
    assert op["security"] == []


def test_fastapi_body_and_answer(shop):
    """A model in the body and in the answer becomes a component, with what is required and its limits."""
    op = operation(shop, "POST /items")
    assert op["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ItemIn"}}},
    }
    assert op["responses"]["201"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ItemOut"}
    assert op["security"] == [{"bearerAuth": []}]
    schemas = shop["components"]["schemas"]
    assert schemas["ItemIn"]["required"] == ["colour", "name", "price"]
    assert schemas["ItemIn"]["properties"]["name"] == {"type": "string", "minLength": 1, "maxLength": 20}
    assert schemas["ItemIn"]["properties"]["price"] == {"type": "number", "exclusiveMinimum": 0}
    assert schemas["ItemIn"]["properties"]["kind"] == {"enum": ["a", "b"]}
    assert schemas["Colour"] == {"enum": ["red", "blue"]}
    assert "additionalProperties" not in schemas["ItemIn"]


def test_fastapi_answers_leave_open_what_serializing_changes(shop):
    """An answer has no fields that are excluded, and no form of a time that may lack its zone."""
    properties = shop["components"]["schemas"]["ItemOut"]["properties"]
    assert "secret" not in properties
    assert properties["made"] == {"type": "string"}
    assert properties["parent"] == {"anyOf": [{"$ref": "#/components/schemas/ItemOut"}, {"type": "null"}]}


def test_fastapi_statuses(shop):
    """Statuses are those of the declaration, those of `responses`, and 422 where there is anything to validate."""
    assert list(operation(shop, "PUT /items/{item_id}")["responses"]) == ["200", "404", "422", "default"]
    assert list(operation(shop, "DELETE /items/{item_id}")["responses"]) == ["204", "422", "default"]
    assert list(operation(shop, "GET /raw")["responses"]) == ["200", "default"]


def test_fastapi_several_bodies(shop):
    """Several parameters of the body are fields of one object."""
    schema = operation(shop, "PUT /items/{item_id}")["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["item", "reason"]


def test_fastapi_forms(shop):
    """Forms and files have their own media types."""
    token = operation(shop, "POST /token")["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert token["required"] == ["password", "username"]
    upload = operation(shop, "POST /upload")["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert upload["properties"]["file"] == {"type": "string", "format": "binary"}


def test_fastapi_own_response(shop):
    """The model is not held against a handler that makes its response itself."""
    assert "content" not in operation(shop, "GET /raw")["responses"]["200"]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("model_config = ConfigDict(alias_generator=mangle)\n    some_name: str", {"type": "object"}),
        (
            "model_config = ConfigDict(alias_generator=to_camel)\n    some_name: str",
            {"type": "object", "properties": {"someName": {"type": "string"}}, "required": ["someName"]},
        ),
        ("@model_validator(mode='before')\n    def f(cls, v): ...\n    a: int", {}),
        ("a: int = Field(alias='A')", {"type": "object", "properties": {"A": {"type": "integer"}}, "required": ["A"]}),
        ("a: Mystery", {"type": "object", "properties": {"a": {}}, "required": ["a"]}),
        ("a: list[Mystery]", {"type": "object", "properties": {"a": {"type": "array"}}, "required": ["a"]}),
        ("a: str = Field(pattern='^(a+)+$')", {"type": "object", "properties": {"a": {"type": "string"}}}),
    ],
    ids=["renamed", "camel case", "reshaped", "alias", "unknown type", "list of unknown", "pattern that backtracks"],
)
def test_unknown_stays_open(tmp_path, body, wanted):
    """What a model says in a way that nobody reads allows anything."""
    source = f"""from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, model_validator
from elsewhere import Mystery
app = FastAPI()
class Thing(BaseModel):
    {body}
@app.post("/things")
def made(thing: Thing): ...
"""
    document = derive(tmp_path, {"main.py": source})
    found = document["components"]["schemas"]["Thing"]
    assert {k: v for k, v in found.items() if k != "required" or "required" in wanted} == wanted


def test_flask(tmp_path):
    """Flask's handlers tell their query, their form, that they read a body, and their statuses."""
    document = derive(
        tmp_path,
        {
            "app.py": """
                from flask import Flask, request
                app = Flask(__name__)
                @app.get("/search")
                def search():
                    return {"q": request.args.get("q"), "n": request.args.get("n", 5, type=int)}
                @app.post("/votes")
                def vote():
                    return request.form["choice"], 201
                @app.post("/json")
                def js():
                    return request.get_json()
                @app.post("/nothing")
                def nothing():
                    return "", 204
            """
        },
    )
    assert parameters(operation(document, "GET /search")) == {
        ("query", "q"): (False, {}),
        ("query", "n"): (False, {"type": "integer", "default": 5}),
    }
    vote = operation(document, "POST /votes")
    assert vote["requestBody"]["content"] == {
        "application/x-www-form-urlencoded": {
            "schema": {"type": "object", "properties": {"choice": {"type": "string"}}}
        }
    }
    assert list(vote["responses"]) == ["201", "default"]
    assert operation(document, "POST /json")["requestBody"] == {"required": False, "content": {"application/json": {}}}
    assert "requestBody" not in operation(document, "POST /nothing")


def test_django_serializers(tmp_path):
    """A view's serializer is its body: declared fields and those of the model, none that are only read."""
    document = derive(
        tmp_path,
        {
            "urls.py": """
                from django.urls import path
                from views import Book, Books, Wrapped
                urlpatterns = [
                    path("books", Books.as_view()), path("books/<int:pk>", Book.as_view()),
                    path("wrapped", Wrapped.as_view()),
                ]
            """,
            "views.py": """
                from rest_framework import generics, status
                from rest_framework.response import Response
                from rest_framework.views import APIView
                from serializers import BookSerializer
                class Books(generics.CreateAPIView):
                    serializer_class = BookSerializer
                class Book(generics.UpdateAPIView):
                    serializer_class = BookSerializer
                class Wrapped(APIView):
                    def post(self, request):
                        data = request.data.get("book", {})
                        serializer = BookSerializer(data=data)
                        return Response({}, status=status.HTTP_202_ACCEPTED)
            """,
            "serializers.py": """
                from rest_framework import serializers
                from models import Book
                class BookSerializer(serializers.ModelSerializer):
                    email = serializers.EmailField(required=False)
                    made = serializers.DateTimeField(read_only=True)
                    class Meta:
                        model = Book
                        fields = ["id", "title", "pages", "note", "email", "made"]
            """,
            "models.py": """
                from django.db import models
                class Book(models.Model):
                    title = models.CharField(max_length=80)
                    pages = models.PositiveIntegerField()
                    note = models.TextField(blank=True)
            """,
        },
    )
    book = {
        "type": "object",
        "properties": {
            "title": {"type": "string", "maxLength": 80, "minLength": 1},
            "pages": {"type": "integer", "minimum": 0},
            "note": {"type": "string"},
            "email": {"type": "string", "format": "email"},
        },
        "required": ["pages", "title"],
    }
    made = operation(document, "POST /books")
    assert made["requestBody"]["content"]["application/json"]["schema"] == book
    assert "201" in made["responses"]
    changed = operation(document, "PATCH /books/{pk}")["requestBody"]["content"]["application/json"]["schema"]
    assert changed == {key: part for key, part in book.items() if key != "required"}
    wrapped = operation(document, "POST /wrapped")
    assert wrapped["requestBody"]["content"]["application/json"]["schema"]["properties"] == {"book": book}
    assert list(wrapped["responses"]) == ["202", "default"]


def test_nest_classes(tmp_path):
    """Nest's decorated parameters and the classes of their types tell bodies, queries and paths."""
    document = derive(
        tmp_path,
        {
            "src/cats.controller.ts": """
                import { Body, Controller, Get, HttpCode, Param, ParseIntPipe } from '@nestjs/common';
                import { Patch, Post, Query } from '@nestjs/common';
                import { CreateCat, UpdateCat, ListQuery } from './dto';
                @Controller('cats')
                export class Cats {
                  @Post() make(@Body() cat: CreateCat) { return {}; }
                  @Post('wrapped') @HttpCode(202) wrapped(@Body('cat') cat: CreateCat) { return {}; }
                  @Patch(':id') change(@Param('id', ParseIntPipe) id: number, @Body() cat: UpdateCat) { return {}; }
                  @Get() all(@Query() query: ListQuery, @Query('sort') sort?: string) { return []; }
                }
            """,
            "src/dto.ts": """
                import { IsEmail, IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
                import { PartialType } from '@nestjs/mapped-types';
                export class CreateCat {
                  @IsString() @MaxLength(30) name: string;
                  @IsInt() @Min(0) @Max(40) age: number;
                  @IsEmail() owner?: string;
                  @IsIn(['tabby', 'black']) coat: string;
                  tags: string[];
                }
                export class UpdateCat extends PartialType(CreateCat) {}
                export class ListQuery { @IsOptional() @IsInt() limit?: number; }
            """,
        },
    )
    made = operation(document, "POST /cats")
    cat = made["requestBody"]["content"]["application/json"]["schema"]
    assert cat["required"] == ["age", "coat", "name", "tags"]
    assert cat["properties"]["name"] == {"type": "string", "maxLength": 30}
    assert cat["properties"]["age"] == {"type": "integer", "minimum": 0, "maximum": 40}
    assert cat["properties"]["owner"] == {"type": "string", "format": "email"}
    assert cat["properties"]["coat"] == {"enum": ["tabby", "black"]}
    assert list(made["responses"]) == ["201", "default"]
    wrapped = operation(document, "POST /cats/wrapped")
    assert wrapped["requestBody"]["content"]["application/json"]["schema"]["properties"] == {"cat": cat}
    assert list(wrapped["responses"]) == ["202", "default"]
    changed = operation(document, "PATCH /cats/{id}")
    assert "required" not in changed["requestBody"]["content"]["application/json"]["schema"]
    assert parameters(changed)[("path", "id")] == (True, {"type": "integer"})
    assert set(parameters(operation(document, "GET /cats"))) == {("query", "limit"), ("query", "sort")}


def test_express_bodies_are_open(tmp_path):
    """Of Express nothing is known but the routes: a writing one may have any body."""
    document = derive(
        tmp_path, {"app.js": "const app = require('express')();\napp.post('/a', (req, res) => res.end());\n"}
    )
    assert operation(document, "POST /a")["requestBody"] == {"required": False, "content": {"application/json": {}}}
