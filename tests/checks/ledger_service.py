"""A small service of notes that belong to their writers, which can be told to make one named security mistake."""

import datetime as dt
import json
import re
import time
import traceback
import uuid
from pathlib import Path

import jwt
from library_contract import body, operation, page, problems, record, response
from library_service import serving
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pytest_superteam.checks.base import CheckItem, RunningSystem
from pytest_superteam.config import Config, Timeouts
from pytest_superteam.models import (
    Architecture,
    Deployment,
    Entity,
    Field,
    Operation,
    RunningService,
    Service,
    StateMachine,
    Transition,
)

SECRET = "a-long-secret-that-only-the-ledger-and-its-tests-know"
UUID = {"type": "string", "format": "uuid"}
EMAIL = {"type": "string", "format": "email", "maxLength": 500}
PASSWORD = {"type": "string", "minLength": 8, "maxLength": 72}
TEXT = {"type": "string", "minLength": 1, "maxLength": 200}
NOTE = {
    "id": UUID,
    "owner_id": UUID,
    "text": TEXT,
    "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
    "state": {"type": "string", "enum": ["open", "archived"]},
    "created_at": {"type": "string", "format": "date-time"},
}
USER = {"id": UUID, "email": EMAIL, "role": {"type": "string", "enum": ["writer", "admin"]}}
SCHEMAS = {
    "Note": record(NOTE, list(NOTE)),
    "NoteCreate": record({"text": TEXT, "tags": NOTE["tags"]}, ["text"]),
    "NoteUpdate": record({"text": TEXT}, ["text"]),
    "NotePage": page("Note"),
    "User": record(USER, list(USER)),
    "UserRegister": record({"email": EMAIL, "password": PASSWORD}, ["email", "password"]),
    "Token": record({"access_token": {"type": "string"}}, ["access_token"]),
    "Audit": record({"events": {"type": "integer"}}, ["events"]),
    "Problem": record({"title": {"type": "string"}, "status": {"type": "integer"}}, ["title", "status"]),
}
ID = {"name": "id", "in": "path", "required": True, "schema": UUID}
PAGING = [
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
    {"name": "q", "in": "query", "schema": {"type": "string"}},
]


def note(name, kind, **parts):
    """Return an operation on notes that answers one."""
    return operation(name, kind, "Note", **{"responses": {"200": response("Note"), **problems(401, 404, 422)}, **parts})


PATHS = {
    "/register": {
        "post": operation(
            "register", "register", "User", security=[], requestBody=body("UserRegister"),
            responses={"201": response("User"), **problems(409, 422)},
        )
    },
    "/login": {
        "post": operation(
            "login", "login", "User", security=[], requestBody=body("UserRegister"),
            responses={"200": response("Token"), **problems(401, 422)},
        )
    },
    "/me": {"get": operation("me", "me", "User", responses={"200": response("User"), **problems(401)})},
    "/audit": {
        "get": operation(
            "audit", "action", "User", **{"x-roles": ["admin"]},
            responses={"200": response("Audit"), **problems(401, 403)},
        )
    },
    "/notes": {
        "post": note("create_note", "create", requestBody=body("NoteCreate"), responses={"201": response("Note")}),
        "get": note("list_notes", "list", parameters=PAGING, responses={"200": response("NotePage")}),
    },
    "/notes/{id}": {
        "get": note("read_note", "read", parameters=[ID]),
        "patch": note("update_note", "update", parameters=[ID], requestBody=body("NoteUpdate")),
        "delete": note("delete_note", "delete", parameters=[ID], responses={"204": {"description": "Gone."}}),
    },
    "/notes/{id}/archive": {"post": note("archive_note", "transition", parameters=[ID])},
}  # fmt: skip
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "ledger", "version": "1"},
    "paths": PATHS,
    "security": [{"bearerAuth": []}],
    "components": {"schemas": SCHEMAS, "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}}},
}


def _operations():
    for path, methods in PATHS.items():
        for method, said in methods.items():
            yield Operation(
                said["operationId"], "ledger", method.upper(), path, said["x-kind"], entity=said["x-entity"],
                public=said.get("security") == [], roles=tuple(said.get("x-roles", ())),
                target_state="archived" if said["x-kind"] == "transition" else None,
            )  # fmt: skip


ARCHITECTURE = Architecture(
    "Ledger",
    "0" * 64,
    (Service("ledger", issuer=True),),
    entities=(
        Entity(
            "Note",
            "ledger",
            (Field("id", "uuid", read_only=True), Field("owner_id", "reference", references="User"), Field("text")),
            plural="notes",
            owner_field="owner_id",
            states=StateMachine("state", "open", ("open", "archived"), (Transition("open", "archived"),)),
        ),
        Entity("User", "ledger", (Field("id", "uuid", read_only=True), Field("email", "email", unique=True))),
    ),
    operations=tuple(_operations()),
    roles=("writer", "admin"),
    contracts={"ledger": CONTRACT},
)


class RefusedError(Exception):
    """An answer other than success."""


class Ledger:
    """The service itself; `broken` names its one mistake."""

    def __init__(self, broken="", secret=SECRET):
        self.broken = broken
        self.secret = secret
        self.users = {}
        self.notes = {}
        self.failed = 0

    async def __call__(self, request):
        content = await request.body()
        headers = self.cors(request.headers.get("origin", ""))
        if request.method == "OPTIONS":
            return Response(status_code=200 if headers else 400, headers=headers)
        try:
            status, answer = await run_in_threadpool(self.handle, request, content)
        except RefusedError as refused:
            status, title = refused.args
            answer = {"title": title, "status": status}
        except Exception as error:  # noqa: BLE001  # the last resort of a service
            status, answer = 500, {"title": "Server error", "status": 500}
            if self.broken == "tells its traces":
                answer["title"] = "".join(traceback.format_exception(error))
        if status == 204:
            return Response(status_code=204)
        return JSONResponse(answer, status, headers=headers)

    def cors(self, origin):
        allowed = {
            "allows every origin": "*",
            "reflects origins": origin,
            "allows null": "null" if origin == "null" else "",
            "compares a prefix": origin if origin.startswith("http://localhost") else "",
            "lists localhost": origin if origin == "http://localhost:3000" else "",
        }.get(self.broken, "")
        return {"Access-Control-Allow-Origin": allowed} if allowed and origin else {}

    # ------------------------------------------------------------ who calls

    def caller(self, request):
        given = request.headers.get("authorization", "")
        if not given.startswith("Bearer "):
            raise RefusedError(401, "No token")
        token = given.removeprefix("Bearer ")
        options = {"verify_exp": self.broken != "takes expired tokens"}
        try:
            unsigned = jwt.get_unverified_header(token)["alg"].lower() == "none"
            if self.broken == "checks no signature" or (self.broken == "takes alg none" and unsigned):
                options = {"verify_signature": False}
            issuer = None if self.broken in {"takes any issuer", "names no issuer"} else "superteam"
            return jwt.decode(token, self.secret, algorithms=["HS256"], options=options, issuer=issuer)
        except jwt.PyJWTError:
            raise RefusedError(401, "Bad token") from None

    def row(self, key, caller, action):
        found = self.notes.get(key)
        if found is None or (found["owner_id"] != caller["sub"] and self.broken != f"{action} of others"):
            raise RefusedError(404, "No such note")
        return found

    # ------------------------------------------------------------ what it does

    def handle(self, request, content):
        method, parts = request.method, request.url.path.strip("/").split("/")
        given = self.parsed(content) if content else {}
        if parts == ["register"]:
            return 201, self.register(given)
        if parts == ["login"]:
            return 200, self.login(given)
        if self.broken == "asks no token" and parts[0] == "notes" and method == "GET" and len(parts) == 2:
            return 200, self.notes.get(parts[1]) or self.refuse(404)
        caller = self.caller(request)
        if parts == ["me"]:
            return 200, self.shown(self.users[caller["sub"]])
        if parts == ["audit"]:
            if caller["role"] != "admin" and self.broken != "lets every role in":
                raise RefusedError(403, "Admins only")
            return 200, {"events": 3}
        if len(parts) == 1:
            return self.create(given, caller) if method == "POST" else self.list(request.query_params, caller)
        return self.one(method, parts, given, caller)

    def refuse(self, status):
        raise RefusedError(status, "Refused")

    def parsed(self, content):
        if self.broken == "tells its traces":
            return json.loads(content)
        if self.broken == "fails at depth" and content.count(b"[") > 5000:
            raise RecursionError
        if self.broken == "hangs at depth" and content.count(b"[") > 5000:
            time.sleep(2)
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            raise RefusedError(422, "No JSON") from None
        return found if isinstance(found, dict) else self.refuse(422)

    def fields(self, given, allowed, lenient=()):
        """Return the fields of a body that may be there; unknown ones are refused, or ignored where told so."""
        unknown = set(given) - set(allowed) - set(lenient)
        if unknown and self.broken not in {"ignores unknown fields", "takes every field"}:
            raise RefusedError(422, "Unknown field")
        return {n: v for n, v in given.items() if n in (*allowed, *lenient) or self.broken == "takes every field"}

    def register(self, given):
        lenient = ("role",) if self.broken == "takes a role" else ()
        values = self.fields(given, ("email", "password"), lenient)
        self.check_email(values.get("email"))
        self.check_text(values.get("password"), 8, 72)
        user = {"id": str(uuid.uuid4()), "role": "writer", **values}
        self.users[user["id"]] = user
        return self.shown(user)

    def check_email(self, value):
        pattern = r"^([a-zA-Z0-9]+\.?)+@example\.com$" if self.broken == "matches slowly" else r"^[^@\s]+@[^@\s]+$"
        short = isinstance(value, str) and len(value) <= 500
        if not short or not re.fullmatch(pattern, value):
            raise RefusedError(422, "No address")

    def check_text(self, value, least, most):
        unlimited = self.broken == "takes any length" and isinstance(value, str)
        if self.broken == "fails at length" and isinstance(value, str) and len(value) > 5000:
            raise MemoryError
        if not unlimited and (not isinstance(value, str) or not least <= len(value) <= most):
            raise RefusedError(422, "Wrong length")

    def login(self, given):
        values = self.fields(given, ("email", "password"))
        if self.broken == "takes operators" and isinstance(values.get("password"), dict):
            user = next(iter(self.users.values()))
        else:
            user = self.identified(values)
        now = int(time.time())
        life = {"signs for years": 10 * 365 * 86_400, "signs for weeks": 28 * 86_400}.get(self.broken, 600)
        claims = {"sub": user["id"], "role": user["role"], "iat": now, "exp": now + life, "iss": "superteam"}
        dropped = {"signs for ever": "exp", "names no issuer": "iss"}.get(self.broken)
        claims.pop(dropped, None)
        return {"access_token": jwt.encode(claims, self.secret, "HS256")}

    def identified(self, values):
        email, password = values.get("email"), values.get("password")
        self.check_text(email, 1, 500)
        self.check_text(password, 8, 72)
        user = next((u for u in self.users.values() if u["email"] == email), None)
        if self.broken == "limits logins" and self.failed >= 5:
            raise RefusedError(429, "Too many")
        if user is None and self.broken == "says 404":
            raise RefusedError(404, "No such user")
        if user is None and self.broken == "says it in words":
            raise RefusedError(401, "No such user")
        if user is None or user["password"] != password:
            self.failed += 1
            said = f"Wrong for {email} at {dt.datetime.now(dt.UTC).isoformat()}"
            raise RefusedError(401, said if self.broken == "repeats the address" else "Wrong email or password")
        return user

    def shown(self, user):
        told = {name: user[name] for name in ("id", "email", "role")}
        if self.broken == "tells hashes":
            told["password_hash"] = "$2b$12$" + "a" * 53
        if self.broken == "repeats passwords":
            told["hint"] = user["password"]
        if self.broken == "tells more":
            told["internal"] = {"shard": 3}
        return told

    def create(self, given, caller):
        lenient = ("owner_id",) if self.broken == "takes an owner" else ()
        values = self.fields(given, ("text", "tags"), lenient)
        self.check_text(values.get("text"), 1, 200)
        if len(values.get("tags", [])) > 5 and self.broken != "takes any length":
            raise RefusedError(422, "Too many tags")
        now = dt.datetime.now(dt.UTC).isoformat()
        made = {"id": str(uuid.uuid4()), "owner_id": caller["sub"], "tags": [], "state": "open", "created_at": now}
        made |= values
        if self.broken == "renders templates":
            made["text"] = made["text"].replace("{{7*7}}", "49")
        if self.broken == "fails at quotes" and "'" in made["text"]:
            raise ValueError(made["text"])
        self.notes[made["id"]] = made
        return 201, made

    def list(self, query, caller):
        limit, q = query.get("limit", "20"), query.get("q", "")
        large = self.broken in {"answers any page", "clamps pages"}
        if not limit.isdigit() or not (1 <= int(limit) <= 100 or large):
            raise RefusedError(422, "Wrong limit")
        if self.broken == "tells its database" and "'" in q:
            raise RefusedError(400, 'sqlite3.OperationalError: near "x": syntax error')
        if self.broken == "opens files" and "passwd" in q:
            raise RefusedError(404, "root:x:0:0:root:/root:/bin/sh")
        own = [n for n in self.notes.values() if n["owner_id"] == caller["sub"] or self.broken == "lists of others"]
        hit = q.endswith("' OR '1'='1") and self.broken == "builds queries"
        rows = [n for n in own if q in n["text"] or hit]
        shown = rows[: min(int(limit), 100)]
        return 200, {"items": shown, "total": len(rows), "limit": min(int(limit), 100), "offset": 0}

    def one(self, method, parts, given, caller):
        action = {"GET": "reads", "PATCH": "changes", "DELETE": "deletes", "POST": "archives"}[method]
        found = self.row(parts[1], caller, action)
        if method == "DELETE":
            del self.notes[parts[1]]
            return 204, None
        if method == "PATCH":
            lenient = ("state",) if self.broken == "takes a state" else ()
            values = self.fields(given, ("text",), lenient)
            self.check_text(values.get("text"), 1, 200)
            found |= values
        if method == "POST":
            if found["state"] == "archived":
                raise RefusedError(409, "Archived already")
            found["state"] = "archived"
        return 200, found


def ledger(broken="", secret=SECRET):
    """Return the application."""
    methods = ["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"]
    service = Ledger(broken, secret)
    return Starlette(routes=[Route("/{path:path}", service.__call__, methods=methods)])


def system_at(url, architecture=ARCHITECTURE, *, found=False, secret=SECRET, timeout=3.0):
    """Return a running system of one service at `url`."""
    running = (RunningService(architecture.services[0].name, url, log=None),)
    config = Config(timeouts=Timeouts(request=timeout))
    deployed = Deployment("process", "run", running, jwt_secret="" if found else secret)
    return RunningSystem(architecture, config, deployed, project=Path("no-such-project"), found=found)


def try_code(family, system, code):
    """Return what a family says of the service by one code."""
    rule = next(rule for rule in family.rules if rule.id == code)
    service = system.architecture.services[0].name
    return family.check(system, CheckItem(service, f"{service}-{code}", code, rule.severity))


__all__ = ["ARCHITECTURE", "CONTRACT", "SECRET", "Ledger", "ledger", "serving", "system_at", "try_code"]
