"""A service as one finds it: no kinds, roles or owners in its contract, rows by name, errors of its own making."""

import json
import re
import time
from urllib.parse import parse_qsl

import jwt
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pytest_superteam.contracts.adopted import adopted_architecture
from pytest_superteam.models import Service

SECRET = "the-diary-signs-with-this-and-tells-nobody"
TEXT = {"type": "string"}
BEARER = [{"bearerAuth": []}]


def described(**properties):
    return {"type": "object", "properties": properties}


def answer(**properties):
    return {"200": {"description": "Fine.", "content": {"application/json": {"schema": described(**properties)}}}}


def asked(*names):
    schema = {**described(**dict.fromkeys(names, TEXT)), "required": list(names)}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def named(name):
    return [{"name": name, "in": "path", "required": True, "schema": TEXT}]


MEMBER = {"username": TEXT, "email": TEXT}
DIARY = {"title": TEXT, "secret": TEXT}
DOCUMENT = {
    "openapi": "3.0.1",
    "info": {"title": "Diary", "version": "1"},
    "paths": {
        "/members/register": {
            "post": {"requestBody": asked("username", "password", "email"), "responses": answer(message=TEXT)}
        },
        "/members/login": {
            "post": {"requestBody": asked("username", "password"), "responses": answer(auth_token=TEXT)}
        },
        "/members": {"get": {"responses": answer(members={"type": "array", "items": described(**MEMBER)})}},
        "/members/{username}": {"get": {"parameters": named("username"), "responses": answer(**MEMBER)}},
        "/members/{username}/password": {
            "put": {
                "parameters": named("username"), "requestBody": asked("password"), "security": BEARER,
                "responses": {"204": {"description": "Done."}},
            }
        },
        "/members/{username}/email": {
            "put": {
                "parameters": named("username"), "requestBody": asked("email"), "security": BEARER,
                "responses": {"204": {"description": "Done."}},
            }
        },
        "/diaries": {
            "post": {"requestBody": asked("title", "secret"), "security": BEARER, "responses": answer(message=TEXT)},
            "get": {"responses": answer(diaries={"type": "array", "items": described(title=TEXT)})},
        },
        "/diaries/{title}": {
            "get": {"parameters": named("title"), "security": BEARER, "responses": answer(**DIARY)}
        },
        "/pages/{title}": {
            "get": {"parameters": named("title"), "security": BEARER, "responses": answer(title=TEXT, author=TEXT)}
        },
    },
    "components": {"securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}}},
}  # fmt: skip


def diary_architecture(document=DOCUMENT):
    """Return what the adopter makes of the document."""
    return adopted_architecture({"diary": document}, title="Diary", services=(Service("diary"),)).architecture


def with_form_login():
    """Return the document with a login that takes a form in place of JSON."""
    changed = json.loads(json.dumps(DOCUMENT))
    taken = changed["paths"]["/members/login"]["post"]["requestBody"]["content"]
    taken["application/x-www-form-urlencoded"] = form = taken.pop("application/json")
    form["schema"]["properties"]["grant_type"] = {"type": "string", "pattern": "^password$"}
    form["schema"]["required"].append("grant_type")
    return changed


class Diary:
    """The service; `broken` names its mistakes."""

    def __init__(self, *broken):
        self.broken = set(broken)
        self.members = {}
        self.diaries = {}

    async def __call__(self, request):
        content = await request.body()
        try:
            form = request.headers.get("content-type") == "application/x-www-form-urlencoded"
            given = dict(parse_qsl(content.decode())) if form else json.loads(content or b"{}")
            by_form = form and given.get("grant_type") == "password"
            if "form login" in self.broken and request.url.path == "/members/login" and not by_form:
                raise ValueError("no form")  # noqa: TRY301  # what the handlers below raise, too
            status, told = self.handle(request, given if isinstance(given, dict) else {})
        except PermissionError as error:
            status, told = 401, {"message": str(error)}
        except (KeyError, ValueError, TypeError, RecursionError):
            status, told = 400, {"message": "No such request"}
        return JSONResponse(told, status) if status != 204 else Response(status_code=204)

    def caller(self, request):
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            return self.members[jwt.decode(token, SECRET, algorithms=["HS256"])["sub"]]
        except (jwt.PyJWTError, KeyError):
            raise PermissionError("Invalid token") from None

    def handle(self, request, given):
        parts = request.path_params["path"].split("/")
        put, post = request.method == "PUT", request.method == "POST"
        if parts == ["members", "register"] and post:
            return self.register(given)
        if parts == ["members", "login"] and post:
            return self.login(given)
        if parts == ["members"]:
            return 200, {"members": [self.shown(m) for m in self.members.values()]}
        if parts[0] == "members" and len(parts) == 3 and put:
            return self.change(self.caller(request), parts[1], parts[2], given)
        if parts[0] == "members" and len(parts) == 2:
            return self.member(parts[1])
        if parts == ["diaries"] and post:
            self.diaries[given["title"]] = {**given, "owner": self.caller(request)["username"]}
            return 200, {"message": "Written"}
        if parts == ["diaries"]:
            return 200, {"diaries": [{"title": title} for title in self.diaries]}
        return self.read(self.caller(request), *parts)

    def register(self, given):
        admin = bool(given.get("admin")) if "takes admin" in self.broken else False
        texts = {name: given[name] for name in ("username", "password", "email")}
        if not all(isinstance(text, str) and text for text in texts.values()) or texts["username"] in self.members:
            return 400, {"message": "Not taken"}
        self.members[texts["username"]] = {**texts, "admin": admin}
        return 200, {"message": "Welcome"}

    def login(self, given):
        member = self.members.get(given["username"])
        if member is None and "tells who is there" in self.broken:
            return 401, {"message": "Nobody is called so"}
        if "takes always true" in self.broken and "OR '1'='1" in given["password"]:
            member = given = next(iter(self.members.values()))
        right = "takes any password" in self.broken or (member and member["password"] == given["password"])
        if member is None or not right:
            return 200 if "all welcome" in self.broken else 401, {"message": "Wrong"}
        claims = {"sub": member["username"], "exp": int(time.time()) + 600}
        return 200, {"auth_token": jwt.encode(claims, SECRET, "HS256")}

    def shown(self, member):
        told = {"username": member["username"], "email": member["email"]}
        if "tells passwords" in self.broken:
            told["password"] = member["password"]
        return {**told, "admin": member["admin"]} if "takes admin" in self.broken else told

    def member(self, name):
        if "builds queries" in self.broken and "'" in name:
            known = name.partition("'")[0] in self.members and name.endswith("'1'='1")
            return (200, {"username": "x", "email": "y"}) if known else (404, {"message": "Nobody"})
        return (200, self.shown(self.members[name])) if name in self.members else (404, {"message": "Nobody"})

    def change(self, caller, name, what, given):
        slow = "matches slowly" in self.broken and what == "email"
        if slow and not re.fullmatch(r"([a-z0-9.]+\.?)+@\w+", given[what]):
            return 400, {"message": "No address"}
        if "changes anybody" in self.broken:
            self.members[name][what] = given[what]
        elif "ignores the path" in self.broken:
            caller[what] = given[what]
        elif name != caller["username"]:
            raise PermissionError("Not you")
        else:
            caller[what] = given[what]
        return 204, None

    def read(self, caller, kind, title):
        diary = self.diaries.get(title)
        if diary is None:
            return 404, {"message": "No such diary"}
        if kind == "pages":
            return 200, {"title": title, "author": diary["owner"]}
        if diary["owner"] != caller["username"] and "reads anybody" not in self.broken:
            return 404, {"message": "No such diary"}
        return 200, {"title": title, "secret": diary["secret"]}


def diary(*broken):
    """Return the application."""
    return Starlette(routes=[Route("/{path:path}", Diary(*broken).__call__, methods=["GET", "POST", "PUT"])])
