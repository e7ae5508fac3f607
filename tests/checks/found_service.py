"""A service that somebody else wrote: rows are named by title, answers tell no id, tokens end soon, words differ."""

from __future__ import annotations

import base64
import time

import jwt
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

KEY = "a key of theirs that nobody guesses, 0123456789"


def body_of(**properties):
    """Return a request body as careless documents have it: nothing is required."""
    schema = {"type": "object", "properties": {name: {"type": kind} for name, kind in properties.items()}}
    return {"content": {"application/json": {"schema": schema}}}


def answer(**properties):
    """Return the documented answers of an operation."""
    schema = {"type": "object", "properties": {name: {"type": kind} for name, kind in properties.items()}}
    return {"200": {"description": "Fine", "content": {"application/json": {"schema": schema}}}}


def rows(name, **properties):
    """Return the documented answers of a list in an object."""
    schema = {"type": "object", "properties": {name: kind for name, kind in properties.items()}}  # noqa: C416
    listed = {"type": "object", "properties": {name: {"type": "array", "items": schema}}}
    return {"200": {"description": "Fine", "content": {"application/json": {"schema": listed}}}}


TEXT = {"type": "string"}
SECURE = {"security": [{"bearerAuth": []}]}
MESSAGE = answer(status="string", message="string")
CONTRACT = {
    "openapi": "3.0.1",
    "info": {"title": "Notes", "version": "1"},
    "components": {"securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/resetdb": {"get": {"summary": "Resets the database", "responses": MESSAGE}},
        "/people/v1/register": {
            "post": {
                "summary": "Register. Log in to get a token",
                "requestBody": body_of(username="string", password="string", email="string"),
                "responses": MESSAGE,
            }
        },
        "/people/v1/login": {
            "post": {
                "requestBody": body_of(username="string", password="string"),
                "responses": answer(auth_token="string", message="string"),
            }
        },
        "/me": {"get": {**SECURE, "responses": answer(username="string", email="string")}},
        "/people/v1/{username}": {
            "get": {"responses": answer(username="string", email="string")},
            "delete": {**SECURE, "summary": "Deletes a person (only admins)", "responses": MESSAGE},
        },
        "/people/v1/{username}/password": {
            "put": {**SECURE, "requestBody": body_of(password="string"), "responses": {"204": {"description": "Done"}}}
        },
        "/notes": {
            "get": {"responses": rows("notes", note_title=TEXT, owner=TEXT)},
            "post": {
                **SECURE,
                "requestBody": body_of(note_title="string", text="string"),
                "responses": MESSAGE,
            },
        },
        "/notes/{note_title}": {
            "get": {**SECURE, "responses": answer(note_title="string", text="string", owner="string")},
            "delete": {**SECURE, "responses": MESSAGE},
        },
        "/feeds": {
            "get": {**SECURE, "responses": rows("feeds", number={"type": "integer"}, address=TEXT)},
            "post": {**SECURE, "requestBody": body_of(address="string"), "responses": MESSAGE},
        },
        "/feeds/{number}": {"get": {**SECURE, "responses": answer(number="integer", address="string")}},
    },
}
for _path, _item in CONTRACT["paths"].items():
    for _definition in _item.values():
        names = [part[1:-1] for part in _path.split("/") if part.startswith("{")]
        if names:
            _definition["parameters"] = [{"name": n, "in": "path", "required": True, "schema": TEXT} for n in names]


class Notes:
    """The service's memory and its handlers. `life` is that of a token, in seconds."""

    def __init__(self, life=3600):
        self.life = life
        self.people = {"admin": {"password": "admin password", "email": "a@example.com"}}
        self.notes = {}
        self.feeds = []
        self.calls = []
        self.resets = 0

    def caller(self, request):
        """Return who calls, by any of the ways that the tests try."""
        said = request.headers.get("authorization", "")
        key = request.headers.get("x-api-key") or request.query_params.get("api_key") or request.cookies.get("key")
        if key:
            return key
        if said.startswith("Basic "):
            name, _, word = base64.b64decode(said[6:]).decode().partition(":")
            return name if self.people.get(name, {}).get("password") == word else None
        try:
            claims = jwt.decode(said.rpartition(" ")[2], KEY, algorithms=["HS256"])
        except jwt.PyJWTError:
            return None
        return claims["sub"]

    def routes(self):
        """Return the routes."""
        return [
            Route("/openapi.json", self.document),
            Route("/resetdb", self.reset),
            Route("/people/v1/register", self.register, methods=["POST"]),
            Route("/people/v1/login", self.login, methods=["POST"]),
            Route("/me", self.me),
            Route("/people/v1/{username}", self.person, methods=["GET", "DELETE"]),
            Route("/people/v1/{username}/password", self.password, methods=["PUT"]),
            Route("/notes", self.all_notes, methods=["GET", "POST"]),
            Route("/notes/{title}", self.note, methods=["GET", "DELETE"]),
            Route("/feeds", self.all_feeds, methods=["GET", "POST"]),
            Route("/feeds/{number:int}", self.feed),
            Route("/token", self.client_token, methods=["POST"]),
        ]

    def app(self):
        """Return the application."""
        return Starlette(routes=self.routes())

    async def document(self, _request):
        return JSONResponse(CONTRACT)

    async def reset(self, _request):
        self.resets += 1
        return said("reset")

    async def register(self, request):
        body = await read(request)
        if not all(isinstance(body.get(name), str) and body[name] for name in ("username", "password", "email")):
            return said("name, password and email are needed", 400)
        if body["username"] in self.people:
            return said("exists", 200)
        self.people[body["username"]] = {"password": body["password"], "email": body["email"]}
        return said("registered")

    async def login(self, request):
        body = await read(request)
        known = self.people.get(str(body.get("username")))
        if known is None or known["password"] != body.get("password"):
            return said("wrong")  # with 200, as some do
        return JSONResponse({"message": "welcome", "auth_token": self.token(body["username"])})

    def token(self, name):
        """Return a token of this service."""
        return jwt.encode({"sub": name, "exp": time.time() + self.life}, KEY, algorithm="HS256")

    async def me(self, request):
        name = self.caller(request)
        if name is None:
            return said("who?", 401)
        return JSONResponse({"username": name, "email": self.people.get(name, {}).get("email", "")})

    async def person(self, request):
        name = request.path_params["username"]
        if request.method == "DELETE":
            if self.caller(request) != "admin":
                return said("only admins", 401)
            return said("deleted") if self.people.pop(name, None) else said("nobody", 404)
        return JSONResponse({"username": name}) if name in self.people else said("nobody", 404)

    async def password(self, request):
        caller = self.caller(request)
        if caller not in self.people:
            return said("who?", 401)
        word = (await read(request)).get("password")
        if not isinstance(word, str) or not word:
            return said("no", 400)
        self.people[caller]["password"] = word
        return JSONResponse(None, 204)

    async def all_notes(self, request):
        if request.method == "GET":
            return JSONResponse({"notes": [{"note_title": t, "owner": n["owner"]} for t, n in self.notes.items()]})
        caller, body = self.caller(request), await read(request)
        if caller is None:
            return said("who?", 401)
        title = body.get("note_title")
        if not isinstance(title, str) or not isinstance(body.get("text"), str):
            return said("title and text are needed", 400)
        if title in self.notes:
            return said("exists", 400)
        self.notes[title] = {"text": body["text"], "owner": caller}
        return said("added")

    async def note(self, request):
        found, caller = self.notes.get(request.path_params["title"]), self.caller(request)
        if caller is None:
            return said("who?", 401)
        if found is None or found["owner"] != caller:
            return said("none", 404)
        if request.method == "DELETE":
            del self.notes[request.path_params["title"]]
            return said("deleted")
        return JSONResponse({"note_title": request.path_params["title"], **found})

    async def all_feeds(self, request):
        if self.caller(request) is None:
            return said("who?", 401)
        if request.method == "GET":
            return JSONResponse({"feeds": [{"number": n, "address": a} for n, a in enumerate(self.feeds)]})
        address = (await read(request)).get("address")
        if not isinstance(address, str):
            return said("no", 400)
        self.feeds.append(address)
        return said("added")

    async def feed(self, request):
        if self.caller(request) is None:
            return said("who?", 401)
        number = request.path_params["number"]
        if number >= len(self.feeds):
            return said("none", 404)
        return JSONResponse({"number": number, "address": self.feeds[number]})

    async def client_token(self, request):
        form = {k: v for k, v in (part.split("=", 1) for part in (await request.body()).decode().split("&"))}  # noqa: C416
        self.calls.append(form)
        if form.get("client_secret") != "right":
            return JSONResponse({"error": "invalid_client"}, 401)
        return JSONResponse({"access_token": self.token("machine"), "expires_in": self.life})


async def read(request):
    """Return the body, if it is an object."""
    try:
        found = await request.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def said(message, status=200):
    """Answer with a message."""
    return JSONResponse({"status": "success" if status < 400 else "fail", "message": message}, status)
