"""Both services of the shop in one process, kept in memory; `broken` names the one thing that they do wrong."""

import datetime as dt
import itertools
import json
import random
import re
import time
import uuid

import jwt
from shop_architecture import OPERATIONS, SECRET, STATES, architecture
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ENTITIES = {entity.name: entity for entity in architecture().entities}
STAFF = {"admin", "service"}


class RefusedError(Exception):
    """An answer other than success."""

    def __init__(self, status, detail=""):
        super().__init__(detail)
        self.status, self.detail = status, detail


class Shop:
    """The rows of both services and what may be done with them."""

    def __init__(self, broken=""):
        self.broken = broken
        self.rows = {name: {} for name in ENTITIES}
        self.ended = set()
        self.asked = itertools.count()

    def handle(self, service, method, path, query, token, body):
        """Return status and body of one request."""
        for operation in OPERATIONS:
            found = re.fullmatch(operation.path.replace("{id}", "(?P<id>[^/]+)"), path)
            if found and (operation.service, operation.method) == (service, method):
                claims = {} if operation.public else self.caller(operation, token)
                answer = getattr(self, operation.kind)(operation, found.groupdict().get("id"), query, claims, body)
                return (201 if operation.kind in {"create", "register"} else 204 if answer is None else 200), answer
        raise RefusedError(404, "no such path")

    def caller(self, operation, token):
        """Return the claims of a valid token of a role that may call."""
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], issuer="superteam")
        except jwt.PyJWTError as error:
            raise RefusedError(401) from error
        if token in self.ended and self.broken != "token outlives logout":
            raise RefusedError(401)
        if operation.roles and claims["role"] not in {*operation.roles, "service"}:
            raise RefusedError(403)
        return {**claims, "token": token}

    # ------------------------------------------------------------ rows

    def add(self, name, values):
        """Store a new row."""
        now = dt.datetime.now(dt.UTC).isoformat()
        row = {"id": str(uuid.uuid4()), **values, "created_at": now, "updated_at": now}
        self.rows[name][row["id"]] = row
        return row

    def checked(self, name, values, own=None):
        """Refuse references to nothing and values that are taken."""
        for field in ENTITIES[name].fields:
            value = values.get(field.name)
            if value is None:
                continue
            if field.references and value not in self.rows[field.references] and self.broken != "reference":
                raise RefusedError(409, f"{field.name} refers to nothing")
            taken = any(r[field.name] == value for r in self.rows[name].values() if r["id"] != own)
            if field.unique and taken and self.broken != "duplicate":
                raise RefusedError(409, f"{field.name} is taken")
        return {k: v for k, v in values.items() if ENTITIES[name].field_named(k)}

    def visible(self, name, claims):
        """Return the rows that the caller may see."""
        rows = list(self.rows[name].values())
        owner = ENTITIES[name].owner_field
        return rows if not owner or claims.get("role") in STAFF else [r for r in rows if r[owner] == claims["sub"]]

    def find(self, operation, row_id, claims):
        """Return one row."""
        row = next((r for r in self.visible(operation.entity, claims) if r["id"] == row_id), None)
        if row is None:
            raise RefusedError(404, "no such row")
        return row

    def create(self, operation, _id, _query, claims, body):
        """Create a row."""
        if self.broken == "valid body refused" and operation.entity == "Order":
            raise RefusedError(422, "no")
        if self.broken == "request in camel case" and operation.entity == "Order" and "book_id" in body:
            raise RefusedError(422, "bookId: field required; book_id: unknown field")
        empty = {f.name: None for f in ENTITIES[operation.entity].fields if not f.required}
        values = empty | self.checked(operation.entity, body)
        if operation.entity == "Order":
            values |= {"reader_id": claims["sub"], "status": "paid" if self.broken == "initial state" else "open"}
        row = self.add(operation.entity, values)
        if self.broken == "not stored":
            del self.rows[operation.entity][row["id"]]
        self.tell(operation, row)
        return dict(row)

    def tell(self, operation, row):
        """Make a notification of each event, as the other service would."""
        for event in operation.publishes:
            if self.broken != f"lost {event}":
                self.add("Notification", {"order_id": row["id"], "subject": event})

    def read(self, operation, row_id, _query, claims, _body):
        """Read a row."""
        return dict(self.find(operation, row_id, claims))

    def list(self, operation, _id, query, claims, _body):
        """List rows."""
        found = self.visible(operation.entity, claims)
        for name in ("genre", "author_id", "status", "in_print"):
            if name in query and self.broken != f"{name} filter":
                found = [r for r in found if str(r[name]).lower() == query[name]]
        if self.broken == "list forgets":
            found = [r for r in found if r.get("genre") == "x"]
        return self.page(operation, found, int(query.get("limit", 20)), int(query.get("offset", 0)))

    def page(self, operation, found, limit, offset):
        """Return a page of the rows that were found."""
        if self.broken == "small pages":
            limit = min(limit, 2)
        if self.broken == "any order":
            random.Random(next(self.asked)).shuffle(found)
        if self.broken in {"newest first", "new rows first"}:
            found.reverse()
        if self.broken == "new rows first" and found:
            self.add(operation.entity, {k: v for k, v in found[0].items() if k != "id"})
        page = found[:limit] if self.broken == "offset ignored" else found[offset : offset + limit]
        if self.broken == "read counts":
            page = [{**row, "reads": next(self.asked)} for row in page]
        total = {
            "total of the page": len(page),
            "total without offset": len(found) - offset,
            "total grows": len(found) + next(self.asked),
        }.get(self.broken, len(found))
        whole = {"items": page, "total": total, "limit": limit, "offset": offset}
        return page if self.broken == "bare lists" else whole

    def update(self, operation, row_id, _query, claims, body):
        """Change a row."""
        row = self.find(operation, row_id, claims)
        values = self.checked(operation.entity, body, row_id)
        if self.broken == "update lost":
            return {**row, **values}
        if self.broken == "update empties":
            row |= dict.fromkeys(("created_at",), "2020-01-01T00:00:00Z")
        row |= values
        return dict(row)

    def delete(self, operation, row_id, _query, claims, _body):
        """Delete a row."""
        if self.broken == "delete twice" and row_id not in self.rows[operation.entity]:
            return
        self.find(operation, row_id, claims)
        if self.broken != "delete skipped":
            del self.rows[operation.entity][row_id]

    def transition(self, operation, row_id, _query, claims, _body):
        """Move an order."""
        row = self.find(operation, row_id, claims)
        move = next(
            (t for t in STATES.transitions if (t.source, t.target) == (row["status"], operation.target_state)), 0
        )
        if self.broken == "refused but moved" and not move:
            row["status"] = operation.target_state
        if not move and self.broken != "illegal move":
            raise RefusedError(409, "no such move")
        if move and claims["role"] not in move.roles and self.broken != "role of a move":
            raise RefusedError(403)
        if self.broken == "lawful move" and operation.target_state == "sent":
            raise RefusedError(409, "no")
        answer = {**row, "status": operation.target_state}
        if self.broken != "move not stored":
            row |= answer
        self.tell(operation, row)
        return answer

    # ------------------------------------------------------------ accounts

    def register(self, _operation, _id, _query, _claims, body):
        """Register a user."""
        row = self.add("User", self.checked("User", body))
        return {k: v for k, v in row.items() if k != "password"} | ({"name": "?"} if self.broken == "name" else {})

    def login(self, _operation, _id, _query, _claims, body):
        """Sign in."""
        user = next((u for u in self.rows["User"].values() if u["email"] == body["email"]), None)
        if user is None or (user["password"] != body["password"] and self.broken != "any password"):
            raise RefusedError(401)
        claims = {"sub": user["id"], "role": "reader", "exp": int(time.time()) + 600, "iss": "superteam"}
        token = jwt.encode({**claims, "jti": uuid.uuid4().hex}, SECRET, "HS256")
        return {"access_token": token, "token_type": "bearer", "expires_in": 600}

    def me(self, _operation, _id, _query, claims, _body):
        """Read the own account."""
        who = next(iter(self.rows["User"])) if self.broken == "another's account" else claims["sub"]
        return {k: v for k, v in self.rows["User"][who].items() if k != "password"}

    def update_me(self, operation, row_id, query, claims, body):
        """Change the own account."""
        if self.broken != "own change lost":
            self.rows["User"][claims["sub"]] |= self.checked("User", body, claims["sub"])
        return self.me(operation, row_id, query, claims, body)

    def logout(self, _operation, _id, _query, claims, _body):
        """End the validity of the token."""
        self.ended.add(claims["token"])


def shop(broken="", distort=None):
    """Return the application; `distort` changes what goes out: (service, path, JSON) -> JSON."""
    rows = Shop(broken)

    async def answer(request):
        service, _, path = request.path_params["path"].partition("/")
        raw = await request.body()
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            status, body = await run_in_threadpool(
                rows.handle,
                service,
                request.method,
                f"/{path}",
                request.query_params,
                token,
                json.loads(raw or b"null"),
            )
        except RefusedError as error:
            content = {"type": "about:blank", "title": "Refused", "status": error.status, "detail": error.detail}
            return JSONResponse(content, error.status, media_type="application/problem+json")
        if body is None:
            return Response(status_code=status)
        body = json.loads(json.dumps(body))
        return JSONResponse(distort(service, f"/{path}", body) if distort else body, status)

    methods = ["GET", "POST", "PATCH", "DELETE"]
    return Starlette(routes=[Route("/{path:path}", answer, methods=methods)])
