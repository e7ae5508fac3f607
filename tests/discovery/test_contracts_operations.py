"""The operations that are derived from small trees of each framework."""

from __future__ import annotations

import pytest
from contracts_trees import derive, operation, operations

from pytest_superteam.contracts.derived import holds_on_derived, is_derived

TREES = {
    "fastapi: routers with prefixes, a slash at the end, typed paths": (
        {
            "app/main.py": """
                from fastapi import FastAPI
                from app.api import books
                app = FastAPI()
                app.include_router(books.router, prefix="/api/v1/books")
                @app.get("/health")
                def health(): ...
                @app.get("/internal", include_in_schema=False)
                def internal(): ...
            """,
            "app/api/__init__.py": "",
            "app/api/books.py": """
                from fastapi import APIRouter
                router = APIRouter()
                @router.get("/")
                def listed(): ...
                @router.post("/")
                def made(): ...
                @router.get("/{book_id}")
                def one(book_id: int): ...
                @router.get("/{book_id}/pages/{number:int}")
                def page(book_id: int, number: int): ...
            """,
        },
        [
            "GET /api/v1/books/",
            "GET /api/v1/books/{book_id}",
            "GET /api/v1/books/{book_id}/pages/{number}",
            "GET /health",
            "POST /api/v1/books/",
        ],
    ),
    "fastapi: a prefix of settings that a function hands out": (
        {
            "main.py": """
                from fastapi import APIRouter, FastAPI
                from settings import get_settings
                app = FastAPI()
                router = APIRouter()
                settings = get_settings()
                @router.get("/things")
                def things(): ...
                app.include_router(router, prefix=settings.prefix)
            """,
            "settings.py": """
                class Base:
                    prefix: str = "/v2"
                class Settings(Base):
                    debug: bool = False
                def get_settings() -> Settings:
                    return MADE["x"]()
            """,
        },
        ["GET /v2/things"],
    ),
    "flask: blueprints, converters, several methods": (
        {
            "app.py": """
                from flask import Flask
                from views import bp
                app = Flask(__name__)
                app.register_blueprint(bp, url_prefix="/shop")
                @app.route("/", methods=["GET", "POST"])
                def vote(): ...
            """,
            "views.py": """
                from flask import Blueprint
                bp = Blueprint("shop", __name__)
                @bp.route("/items/<int:item_id>", methods=["PUT"])
                def put(item_id): ...
                @bp.get("/items/")
                def items(): ...
                @bp.get("/files/<path:name>")
                def file(name): ...
            """,
        },
        ["GET /", "GET /shop/files/{name}", "GET /shop/items/", "POST /", "PUT /shop/items/{item_id}"],
    ),
    "django: included URLs, a router with a lookup, an action, patterns": (
        {
            "site/urls.py": """
                from django.urls import include, path, re_path
                urlpatterns = [path("api/", include("shop.urls")), re_path(r"^old/(?P<year>[0-9]{4})/$", "x")]
            """,
            "shop/urls.py": """
                from django.urls import include, path
                from rest_framework.routers import DefaultRouter
                from shop import views
                router = DefaultRouter()
                router.register("articles", views.Articles)
                urlpatterns = [
                    path("", include(router.urls)),
                    path("stock/<uuid:item>/", views.Stock.as_view()),
                    path("by-hand/", views.Articles.as_view({"get": "list"})),
                ]
            """,
            "shop/views.py": """
                from rest_framework import mixins, viewsets
                from rest_framework.decorators import action
                from rest_framework.views import APIView
                class Articles(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
                    lookup_field = "slug"
                    @action(detail=True, methods=["post"])
                    def like(self, request, slug=None): ...
                class Stock(APIView):
                    def get(self, request, item): ...
                    def delete(self, request, item): ...
            """,
        },
        [
            "DELETE /api/stock/{item}/",
            "GET /api/articles/",
            "GET /api/articles/{slug}/",
            "GET /api/by-hand/",
            "GET /api/stock/{item}/",
            "POST /api/articles/{slug}/like/",
        ],
    ),
    "django: a router without slashes at the end, one within another": (
        {
            "urls.py": """
                from django.urls import include, path
                from rest_framework.routers import DefaultRouter
                from rest_framework_nested.routers import NestedDefaultRouter
                from views import Boards, Cards
                router = DefaultRouter(trailing_slash=False)
                router.register(r"boards", Boards)
                inner = NestedDefaultRouter(router, r"boards", lookup="board", trailing_slash=False)
                inner.register(r"cards", Cards)
                urlpatterns = [path("", include(router.urls)), path("", include(inner.urls))]
            """,
            "views.py": """
                from rest_framework import viewsets
                class Boards(viewsets.ReadOnlyModelViewSet): ...
                class Cards(viewsets.ReadOnlyModelViewSet): ...
            """,
        },
        [
            "GET /boards",
            "GET /boards/{board_pk}/cards",
            "GET /boards/{board_pk}/cards/{pk}",
            "GET /boards/{pk}",
        ],
    ),
    "express: routers that a loop mounts, chains, an optional parameter": (
        {
            "src/app.js": """
                const express = require('express');
                const routes = require('./routes');
                const app = express();
                app.use('/v1', routes);
                app.options('*', (req, res) => res.end());
                module.exports = app;
            """,
            "src/routes.js": """
                const express = require('express');
                const books = require('./books');
                const router = express.Router();
                const all = [{ path: '/books', route: books }];
                all.forEach((entry) => { router.use(entry.path, entry.route); });
                module.exports = router;
            """,
            "src/books.js": """
                const express = require('express');
                const router = express.Router();
                router.route('/').get((req, res) => res.json([])).post((req, res) => res.status(201).end());
                router.get('/:id', (req, res) => res.json({}));
                router.get('/by/:author/:page?', (req, res) => res.json({}));
                module.exports = router;
            """,
        },
        [
            "GET /v1/books",
            "GET /v1/books/by/{author}",
            "GET /v1/books/by/{author}/{page}",
            "GET /v1/books/{id}",
            "POST /v1/books",
        ],
    ),
    "express: a loop with of, and a pattern that takes the item apart": (
        {
            "app.js": """
                const express = require('express');
                const app = express();
                const a = express.Router();
                const b = express.Router();
                a.get('/x', (req, res) => res.end());
                b.get('/y', (req, res) => res.end());
                for (const item of [{ prefix: '/a', router: a }]) { app.use(item.prefix, item.router); }
                [{ prefix: '/b', router: b }].forEach(({ prefix, router: r }) => app.use(prefix, r));
            """
        },
        ["GET /a/x", "GET /b/y"],
    ),
    "fastify: folders that autoload finds are prefixes": (
        {
            "app.js": """
                const path = require('path');
                const AutoLoad = require('@fastify/autoload');
                module.exports = async function (fastify, opts) {
                  fastify.register(AutoLoad, { dir: path.join(__dirname, 'routes'), options: opts });
                };
            """,
            "routes/root.js": """
                module.exports = async function (fastify, opts) {
                  fastify.get('/', async (request, reply) => ({}));
                };
            """,
            "routes/books/index.js": """
                module.exports = async function (fastify, opts) {
                  fastify.get('/', async (request, reply) => ({}));
                  fastify.delete('/:id', async (request, reply) => ({}));
                };
            """,
        },
        ["DELETE /books/{id}", "GET /", "GET /books"],
    ),
    "nest: prefix, version, controller": (
        {
            "src/main.ts": """
                import { NestFactory } from '@nestjs/core';
                async function start() {
                  const app = await NestFactory.create(AppModule);
                  app.setGlobalPrefix('api');
                  await app.listen(3000);
                }
            """,
            "src/cats.controller.ts": """
                import { Controller, Get, Post } from '@nestjs/common';
                @Controller('cats')
                export class Cats {
                  @Get() all() { return []; }
                  @Get(':id') one() { return {}; }
                  @Post() make() { return {}; }
                }
            """,
        },
        ["GET /api/cats", "GET /api/cats/{id}", "POST /api/cats"],
    ),
}


@pytest.mark.parametrize("name", TREES)
def test_derived_operations(tmp_path, name):
    """A framework's source gives exactly the operations that it serves, with prefixes and slashes as they are."""
    files, wanted = TREES[name]
    assert operations(derive(tmp_path, files)) == wanted


def test_derived_document_is_marked(tmp_path):
    """A derived document says so at its root, and each operation where it is declared."""
    document = derive(
        tmp_path, {"api/main.py": "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/a')\ndef a(): ...\n"}
    )
    assert is_derived(document)
    assert document["info"]["x-derived"] is True
    assert operation(document, "GET /a")["x-derived-from"] == "api/main.py:3"
    assert not is_derived({"openapi": "3.1.0"})


def test_every_derived_operation_has_an_answer_for_all_else(tmp_path):
    """No derived operation claims to know all of its statuses."""
    document = derive(tmp_path, TREES["fastapi: routers with prefixes, a slash at the end, typed paths"][0])
    answers = [op["responses"] for item in document["paths"].values() for op in item.values()]
    assert answers
    assert all("content" not in answer["default"] for answer in answers)


@pytest.mark.parametrize(
    ("check", "holds"),
    [
        ("not_a_server_error", True),
        ("response_schema_conformance", True),
        ("status_code_conformance", False),
        ("negative_data_rejection", False),
        ("positive_data_acceptance", False),
        ("missing_required_header", False),
        ("unsupported_method", False),
        ("ignored_auth", False),
    ],
)
def test_what_holds_on_derived(check, holds):
    """Only checks that need no complete contract are held against a derived one."""
    assert holds_on_derived(check) is holds


def test_no_routes_no_document(tmp_path):
    """Source without routes gives no document."""
    assert derive(tmp_path, {"worker.py": "while True:\n    pass\n"}) is None


@pytest.mark.parametrize(
    ("files", "left"),
    [
        (
            {
                "main.py": """
                    import os
                    from fastapi import APIRouter, FastAPI
                    app = FastAPI()
                    router = APIRouter()
                    @router.get("/hidden")
                    def hidden(): ...
                    @app.get("/known")
                    def known(): ...
                    app.include_router(router, prefix=os.environ["PREFIX"])
                """
            },
            "a part of the path is not known: GET /hidden",
        ),
        (
            {
                "app.js": """
                    const app = require('express')();
                    const versions = { v1: require('./books') };
                    app.get('/known', (req, res) => res.end());
                    app.use('/api', versions[process.env.API]);
                """,
                "books.js": """
                    const router = require('express').Router();
                    router.get('/books', (req, res) => res.end());
                    module.exports = router;
                """,
            },
            "a part of the path is not known: GET /books",
        ),
        (
            {
                "main.py": """
                    from fastapi import FastAPI
                    app = FastAPI()
                    @app.get("/known")
                    def known(): ...
                    @app.get("/{rest:path}")
                    def pages(rest: str): ...
                """
            },
            "a catch-all: GET /{rest:path}",
        ),
        (
            {
                "app.js": """
                    const app = require('express')();
                    app.get('/known', (req, res) => res.end());
                    app.get(/^\\/x[0-9]+$/, (req, res) => res.end());
                """
            },
            "a pattern: GET /x[0-9]+$",
        ),
        (
            {
                "main.py": """
                    from fastapi import FastAPI
                    app = FastAPI()
                    @app.get("/known")
                    def known(): ...
                    @app.websocket("/live")
                    async def live(socket): ...
                """
            },
            "left out: websocket routes",
        ),
    ],
    ids=["unknown prefix", "unknown mount", "catch-all", "pattern", "websocket"],
)
def test_left_out(tmp_path, files, left):
    """What is no operation with a known path is left out, and a note says so."""
    document = derive(tmp_path, files)
    assert operations(document) == ["GET /known"]
    assert any(left in note for note in document["x-derived-notes"])


def test_same_shape_is_one_path(tmp_path):
    """Two routes whose paths differ in the names or kinds of parameters only are one, with an open parameter."""
    document = derive(
        tmp_path,
        {
            "app.py": """
                from flask import Flask
                app = Flask(__name__)
                @app.get("/users/<int:id>")
                def by_id(id): ...
                @app.get("/users/<name>")
                def by_name(name): ...
                @app.delete("/users/<int:user_id>")
                def gone(user_id): ...
            """
        },
    )
    assert operations(document) == ["DELETE /users/{id}", "GET /users/{id}"]
    assert operation(document, "GET /users/{id}")["parameters"][0]["schema"] == {}
    assert operation(document, "DELETE /users/{id}")["parameters"][0]["schema"] == {"type": "integer"}
    assert document["x-derived-notes"] == ["several routes of one path, told as one: GET /users/{name}"]


def test_guards_of_nest_stand_before_their_own_methods(tmp_path):
    """Middleware of Nest that names a method protects that method and path, not those below."""
    document = derive(
        tmp_path,
        {
            "src/module.ts": """
                import { RequestMethod } from '@nestjs/common';
                import { AuthMiddleware } from './auth';
                export class Cats implements NestModule {
                  configure(consumer) {
                    consumer.apply(AuthMiddleware).forRoutes({ path: 'cats', method: RequestMethod.POST });
                  }
                }
            """,
            "src/auth.ts": """
                export class AuthMiddleware {
                  use(req, res, next) {
                    const header = req.headers.authorization;
                    if (!header) { throw new HttpException('no', 401); }
                    req.user = jwt.verify(header, SECRET);
                    next();
                  }
                }
            """,
            "src/cats.controller.ts": """
                import { Controller, Get, Post } from '@nestjs/common';
                @Controller('cats')
                export class CatsController {
                  @Get() all() { return []; }
                  @Post() make() { return {}; }
                  @Post(':id/feed') feed() { return {}; }
                }
            """,
        },
    )
    demanded = {name: bool(operation(document, name)["security"]) for name in operations(document)}
    assert demanded == {"GET /cats": False, "POST /cats": True, "POST /cats/{id}/feed": False}
