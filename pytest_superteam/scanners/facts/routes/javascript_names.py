"""The names of JavaScript's web frameworks: what makes an application or a router, and which modules are read."""

from __future__ import annotations

import re

__all__ = ["APPS", "METHODS", "PATTERN", "ROUTERS"]

APPS = {
    "express": "express", "express.default": "express", "koa": "koa", "fastify": "fastify",
    "fastify.fastify": "fastify",
    "fastify.default": "fastify", "hono.Hono": "hono", "hono/tiny.Hono": "hono", "hono/quick.Hono": "hono",
    "@hono/zod-openapi.OpenAPIHono": "hono", "polka": "express", "restify.createServer": "restify",
    "@hapi/hapi.server": "hapi", "@hapi/hapi.Server": "hapi", "hapi.server": "hapi", "hapi.Server": "hapi",
    "ultimate-express": "express", "hyper-express.Server": "express", "@feathersjs/express.express": "express",
    "express-ws": "express",
}  # fmt: skip
ROUTERS = {
    "express.Router": "express", "express.default.Router": "express", "koa-router": "koa", "@koa/router": "koa",
    "@koa/router.Router": "koa", "koa-router.Router": "koa", "express-promise-router": "express", "router": "express",
    "koa-tree-router": "koa", "koa-joi-router": "koa", "koa-better-router": "koa", "restify-router.Router": "restify",
    "express-async-router.AsyncRouter": "express",
}  # fmt: skip
METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "all", "del", "opts", "search"})
PATTERN = re.compile(
    rb"(?:from|require\(|import\()[ \t]*[\"'](?:express|koa|@koa/router|fastify|hono|@hono/|polka|"
    rb"restify|@hapi/hapi|hapi)"
    rb"|\b(?:app|\w{0,20}[rR]outer|server|fastify|routes?|api|instance)[ \t\r\n]*\.[ \t]*"
    rb"(?:get|post|put|patch|delete|del|all|route|register)\([ \t\r\n]*[\"'`]/"
    rb"|\.(?:addHook|register)\("
)
"""What a module has to hold to be read for routes."""
