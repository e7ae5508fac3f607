"""A service with 26 operations and an OpenAPI document, correct but for fifteen bugs that are seeded in it.

Made for `contracts.py`. It checks every request against its own document, so whatever is not in `BUGS` holds.

    python benchmarks/contracts_service.py PORT
"""

from __future__ import annotations

import json
import sys
import uuid
from typing import TYPE_CHECKING, Any

import jsonschema
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

TOKEN = "a-token-of-the-benchmark"

BUGS = {
    "create_product": "500 where the price is 0",
    "read_product": "the price is a text",
    "list_products": "400, which is not declared, where limit is over 50",
    "update_product": "accepts properties that the contract does not have",
    "create_customer": "accepts any body",
    "read_customer": "answers text/html",
    "delete_customer": "answers 204 and keeps the row",
    "create_order": "answers 201 and stores nothing",
    "list_orders": "does not ask for the header X-Tenant",
    "update_order": "its path answers PUT too, which is not declared",
    "create_review": "refuses the rating 5",
    "update_review": "asks for no token",
    "read_coupon": "leaves out the declared header X-Request-Id",
    "create_coupon": "answers broken JSON",
    "list_coupons": "500 where the query q has a %",
}
"""What each operation does wrong."""

TEXT = {"type": "string", "minLength": 1, "maxLength": 40}
MONEY = {"type": "integer", "minimum": 0, "maximum": 100_000}
FIELDS: dict[str, dict[str, Any]] = {
    "product": {"name": TEXT, "price": MONEY, "kind": {"type": "string", "enum": ["book", "toy", "food"]}},
    "customer": {"name": TEXT, "age": {"type": "integer", "minimum": 0, "maximum": 150}, "city": TEXT},
    "order": {"amount": MONEY, "note": TEXT, "gift": {"type": "boolean"}},
    "review": {"rating": {"type": "integer", "minimum": 1, "maximum": 5}, "text": TEXT},
    "coupon": {"code": TEXT, "percent": {"type": "integer", "minimum": 1, "maximum": 90}},
}
ROWS: dict[str, dict[str, Any]] = {name: {} for name in FIELDS}
REQUESTS = {"count": 0}


def _object(properties: dict[str, Any], required: list[str], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False, **more}


def _answer(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}, **more}


def _refusals(*codes: int) -> dict[str, Any]:
    return {str(code): _answer({"$ref": "#/components/schemas/Problem"}) for code in codes}


def _paths(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    row = {"$ref": f"#/components/schemas/{name}"}
    page = _object({"items": {"type": "array", "items": row}}, ["items"])
    body = {
        "required": True,
        "content": {"application/json": {"schema": _object(fields, sorted(fields))}},
    }
    change = {
        "required": True,
        "content": {"application/json": {"schema": _object(fields, [], minProperties=1)}},
    }
    key = {"name": f"{name}_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    query = [
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
        {"name": "q", "in": "query", "schema": {"type": "string", "maxLength": 40}},
    ]
    if name == "order":
        query.append({"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string"}})
    header = {"headers": {"X-Request-Id": {"required": True, "schema": {"type": "string"}}}}
    return {
        f"/{name}s": {
            "get": {
                "operationId": f"list_{name}s",
                "parameters": query,
                "responses": {"200": _answer(page), **_refusals(401, 422)},
            },
            "post": {
                "operationId": f"create_{name}",
                "requestBody": body,
                "responses": {"201": _answer(row), **_refusals(401, 422)},
            },
        },
        f"/{name}s/{{{name}_id}}": {
            "get": {
                "operationId": f"read_{name}",
                "parameters": [key],
                "responses": {
                    "200": _answer(row, **(header if name == "coupon" else {})),
                    **_refusals(401, 404, 422),
                },
            },
            "patch": {
                "operationId": f"update_{name}",
                "parameters": [key],
                "requestBody": change,
                "responses": {"200": _answer(row), **_refusals(401, 404, 422)},
            },
            "delete": {
                "operationId": f"delete_{name}",
                "parameters": [key],
                "responses": {"204": {"description": "Gone."}, **_refusals(401, 404, 422)},
            },
        },
    }


def contract() -> dict[str, Any]:
    """Return the OpenAPI document."""
    identifier = {"type": "string", "format": "uuid"}
    schemas = {name: _object({"id": identifier, **fields}, ["id", *sorted(fields)]) for name, fields in FIELDS.items()}
    schemas["Problem"] = _object({"title": {"type": "string"}, "status": {"type": "integer"}}, ["title", "status"])
    paths: dict[str, Any] = {
        "/status": {
            "get": {
                "operationId": "status",
                "security": [],
                "responses": {"200": _answer(_object({"ok": {"type": "boolean"}}, ["ok"]))},
            }
        }
    }
    for name, fields in FIELDS.items():
        paths.update(_paths(name, fields))
    return {
        "openapi": "3.1.0",
        "info": {"title": "shop", "version": "1.0.0"},
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }


DOCUMENT = contract()


def _problem(status: int, title: str = "Refused") -> Response:
    return JSONResponse({"title": title, "status": status}, status)


def _schema_of(operation: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


def _valid(value: Any, schema: dict[str, Any]) -> bool:
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and str(int(text)) == text else None


class Resource:
    """The handlers of one kind of row."""

    def __init__(self, name: str) -> None:
        """Serve the rows called `name`."""
        self.name, self.rows = name, ROWS[name]
        self.items = DOCUMENT["paths"][f"/{name}s"]
        self.item = DOCUMENT["paths"][f"/{name}s/{{{name}_id}}"]

    async def collection(self, request: Request) -> Response:
        """Answer list and create."""
        return await (self.create(request) if request.method == "POST" else self.list(request))

    async def single(self, request: Request) -> Response:
        """Answer read, update and delete."""
        if (self.name != "review" or request.method != "PATCH") and not _signed_in(request):
            return _problem(401)
        key = request.path_params["key"]
        try:
            uuid.UUID(key)
        except ValueError:
            return _problem(422)
        if len(key) != 36:
            return _problem(422)
        if self.name == "order" and request.method == "PUT":
            return JSONResponse({"done": True})
        if key not in self.rows and request.method != "PATCH":
            return _problem(404)
        if request.method == "DELETE":
            if self.name != "customer":
                del self.rows[key]
            return Response(status_code=204)
        return await self.update(request, key) if request.method == "PATCH" else self.read(key)

    def read(self, key: str) -> Response:
        """Answer one row."""
        row = self.rows[key]
        if self.name == "product":
            row = {**row, "price": str(row["price"])}
        if self.name == "customer":
            return Response(json.dumps(row), media_type="text/html")
        return JSONResponse(row, headers={} if self.name == "coupon" else {"X-Request-Id": "1"})

    async def update(self, request: Request, key: str) -> Response:
        """Change one row."""
        values = await _body(request)
        schema = _schema_of(self.item["patch"])
        if self.name == "product" and isinstance(values, dict):
            known = {name: value for name, value in values.items() if name in FIELDS["product"]}
            values = known or {"name": "x"}
        if not _valid(values, schema):
            return _problem(422)
        if key not in self.rows:
            return _problem(404)
        self.rows[key] |= values
        return JSONResponse(self.rows[key])

    async def create(self, request: Request) -> Response:
        """Make a row."""
        if not _signed_in(request):
            return _problem(401)
        values = await _body(request)
        if self.name == "customer":
            values = values if _valid(values, _schema_of(self.items["post"])) else {"name": "x", "age": 1, "city": "x"}
        elif not _valid(values, _schema_of(self.items["post"])):
            return _problem(422)
        if self.name == "product" and values["price"] == 0:
            raise ZeroDivisionError
        if self.name == "review" and values["rating"] == 5:
            return _problem(422)
        row = {"id": str(uuid.uuid4()), **values}
        if self.name != "order":
            self.rows[row["id"]] = row
        if self.name == "coupon":
            return Response(json.dumps(row)[:-1], 201, media_type="application/json")
        return JSONResponse(row, 201)

    async def list(self, request: Request) -> Response:
        """Answer rows."""
        if not _signed_in(request):
            return _problem(401)
        query = request.query_params
        limit = _number(query.get("limit", "20"))
        if limit is None or not 1 <= limit <= 100 or len(query.get("q", "")) > 40 or len(query.getlist("limit")) > 1:
            return _problem(422)
        if self.name == "product" and limit > 50:
            return _problem(400)
        if self.name == "coupon" and "%" in query.get("q", ""):
            raise ValueError("a wild card")
        return JSONResponse({"items": list(self.rows.values())[:limit]})


def _signed_in(request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {TOKEN}"


async def _body(request: Request) -> Any:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return None
    try:
        return json.loads(await request.body())
    except ValueError:
        return None


async def _status(_request: Request) -> Response:
    return JSONResponse({"ok": True})


async def _count(_request: Request) -> Response:
    return JSONResponse({"requests": REQUESTS["count"]})


async def _document(_request: Request) -> Response:
    return JSONResponse(DOCUMENT)


class Counted:
    """Counts the requests that the operations get."""

    def __init__(self, app: Any) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass one on."""
        if scope["type"] == "http" and scope["path"] not in {"/count", "/openapi.json"}:
            REQUESTS["count"] += 1
        await self.app(scope, receive, send)


def app() -> Any:
    """Return the service."""
    routes = [Route("/status", _status), Route("/count", _count), Route("/openapi.json", _document)]
    for name in FIELDS:
        resource = Resource(name)
        routes.append(Route(f"/{name}s", resource.collection, methods=["GET", "POST"]))
        methods = ["GET", "PATCH", "DELETE", *(["PUT"] if name == "order" else [])]
        routes.append(Route(f"/{name}s/{{key}}", resource.single, methods=methods))

    async def broken(_request: Request, _error: Exception) -> Response:
        return _problem(500, "Broken")

    async def refused(_request: Request, error: Any) -> Response:
        response = _problem(error.status_code)
        response.headers.update(error.headers or {})
        return response

    return Counted(Starlette(routes=routes, exception_handlers={Exception: broken, HTTPException: refused}))


if __name__ == "__main__":
    uvicorn.run(app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="critical", access_log=False)
