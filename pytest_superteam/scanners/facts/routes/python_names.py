"""The names of Python's web frameworks: what makes an application or a router, and which modules are read."""

from __future__ import annotations

import re

__all__ = ["APPS", "PATTERN", "ROUTERS", "WORDS"]

APPS = {
    "fastapi.FastAPI": "fastapi", "fastapi.applications.FastAPI": "fastapi",
    "starlette.applications.Starlette": "starlette",
    "flask.Flask": "flask", "flask.app.Flask": "flask", "quart.Quart": "quart", "apiflask.APIFlask": "flask",
    "flask_openapi3.OpenAPI": "flask", "sanic.Sanic": "sanic", "sanic.app.Sanic": "sanic", "bottle.Bottle": "bottle",
    "aiohttp.web.Application": "aiohttp", "falcon.App": "falcon", "falcon.API": "falcon", "falcon.asgi.App": "falcon",
    "tornado.web.Application": "tornado", "quart_trio.QuartTrio": "quart", "flask_api.FlaskAPI": "flask",
    "flask_lambda.FlaskLambda": "flask", "connexion.FlaskApp": "connexion", "connexion.App": "connexion",
    "ninja.NinjaAPI": "ninja", "ninja.main.NinjaAPI": "ninja", "ninja_extra.NinjaExtraAPI": "ninja",
    "connexion.AsyncApp": "connexion", "connexion.FlaskApi": "connexion",
}  # fmt: skip
ROUTERS = {
    "fastapi.APIRouter": "fastapi", "fastapi.routing.APIRouter": "fastapi", "starlette.routing.Router": "starlette",
    "flask.Blueprint": "flask", "flask.blueprints.Blueprint": "flask", "quart.Blueprint": "quart",
    "sanic.Blueprint": "sanic", "sanic.blueprints.Blueprint": "sanic", "apiflask.APIBlueprint": "flask",
    "flask_smorest.Blueprint": "flask", "flask_openapi3.APIBlueprint": "flask", "aiohttp.web.RouteTableDef": "aiohttp",
    "flask_restx.Namespace": "restx", "flask_restplus.Namespace": "restx", "flask_restx.Api": "restful",
    "flask_restplus.Api": "restful", "flask_restful.Api": "restful", "flask_smorest.Api": "restful",
    "fastapi_utils.inferring_router.InferringRouter": "fastapi", "fastapi_crudrouter.SQLAlchemyCRUDRouter": "fastapi",
    "ninja.Router": "ninja", "ninja.router.Router": "ninja", "flask_rebar.Rebar": "flask",
    "fastapi_versioning.VersionedAPIRouter": "fastapi",
}  # fmt: skip
PATTERN = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+(?:fastapi|starlette|flask|quart|sanic|bottle|falcon|tornado|apiflask|"
    rb"connexion|ninja)"
    rb"|^[ \t]*from[ \t]+aiohttp[ \t]+import[ \t][^\n]*\bweb\b|^[ \t]*(?:from|import)[ \t]+aiohttp\.web\b"
    rb"|\b(?:APIRouter|FastAPI|Blueprint)\(|\.(?:include_router|register_blueprint|add_api_route|add_url_rule|add_resource)\("
    rb"|^[ \t]*@[\w.]+\.(?:route|get|post|put|patch|delete|head|options|api_route)\("
    rb"[ \t\r\n]*(?:path=|rule=)?[rf]?[\"']/",
    re.MULTILINE,
)
"""What a module has to hold to be read for routes."""

WORDS = (
    b"fastapi", b"starlette", b"flask", b"quart", b"sanic", b"bottle", b"falcon", b"tornado", b"connexion", b"ninja",
    b"aiohttp", b"FastAPI(", b"APIRouter(", b"Blueprint(", b".route(", b"('/", b'("/',
)  # fmt: skip
"""Words of which a module that `PATTERN` matches has one; to look for them costs less."""
