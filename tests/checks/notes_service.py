"""A small service of notes for sequences of calls, correct or broken in one way that only shows over several calls."""

import asyncio
import uuid

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TEXT = {"type": "string", "minLength": 1, "maxLength": 20}
NOTE = {
    "type": "object",
    "properties": {"id": {"type": "string", "format": "uuid"}, "text": TEXT},
    "required": ["id", "text"],
    "additionalProperties": False,
}
NEW = {"type": "object", "properties": {"text": TEXT}, "required": ["text"], "additionalProperties": False}
KEY = {"name": "note_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


def answers(*codes, schema=None):
    """Return the answers with `codes`; the first has the schema of a note unless another is given."""
    content = {"application/json": {"schema": schema or NOTE}}
    first, *others = codes
    found = {str(first): {"description": "Done.", **({} if first == 204 else {"content": content})}}
    plain = {"application/json": {"schema": {"type": "object"}}}
    return found | {str(code): {"description": "Refused.", "content": plain} for code in others}


def body():
    """Return the request body of a note."""
    return {"required": True, "content": {"application/json": {"schema": NEW}}}


LIST = {"type": "array", "items": NOTE}
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "notes", "version": "1"},
    "paths": {
        "/notes": {
            "get": {"operationId": "list_notes", "responses": answers(200, schema=LIST)},
            "post": {"operationId": "create_note", "requestBody": body(), "responses": answers(201, 422)},
        },
        "/notes/{note_id}": {
            "get": {"operationId": "read_note", "parameters": [KEY], "responses": answers(200, 404, 422)},
            "patch": {
                "operationId": "update_note",
                "parameters": [KEY],
                "requestBody": body(),
                "responses": answers(200, 404, 422),
            },
            "delete": {"operationId": "delete_note", "parameters": [KEY], "responses": answers(204, 404, 422)},
        },
    },
}


def notes(broken=""):  # noqa: C901  # one short handler after the other
    """Return the service; `broken` names what it does wrong. `app.state.rows` are its rows."""
    rows = {}

    async def read_body(request):
        try:
            value = await request.json()
        except ValueError:
            return None
        text = value.get("text") if isinstance(value, dict) and set(value) == {"text"} else None
        return text if isinstance(text, str) and 1 <= len(text) <= 20 else None

    def problem(status):
        return JSONResponse({"status": status}, status)

    async def collection(request):
        if request.method == "GET":
            return JSONResponse(list(rows.values())[-20:])
        text = await read_body(request)
        if text is None:
            return problem(422)
        row = {"id": str(uuid.uuid4()), "text": text}
        if broken != "forgets":
            rows[row["id"]] = row
        return JSONResponse(row, 201)

    async def single(request):  # one answer after the other
        key = request.path_params["note_id"]
        try:
            if str(uuid.UUID(key)) != key.lower():
                return problem(422)
        except ValueError:
            return problem(422)
        text = await read_body(request) if request.method == "PATCH" else "-"
        if text is None:
            return problem(422)
        row = rows.get(key.lower())
        if row is None:
            return problem(404)
        if request.method == "DELETE":
            if broken != "keeps":
                del rows[row["id"]]
            return Response(status_code=204)
        if request.method == "PATCH":
            row["text"] = text
            row["changed"] = True
        if broken == "spoils" and row.get("changed") and request.method == "GET":
            return problem(500)
        if broken == "hangs" and request.method == "GET":
            await asyncio.sleep(1)
        return JSONResponse({"id": row["id"], "text": row["text"]})

    def cleaned(handler):
        async def handle(request):
            response = await handler(request)
            for row in rows.values() if broken != "spoils" else ():
                row.pop("changed", None)
            return response

        return handle

    app = Starlette(
        routes=[
            Route("/notes", cleaned(collection), methods=["GET", "POST"]),
            Route("/notes/{note_id}", cleaned(single), methods=["GET", "PATCH", "DELETE"]),
        ]
    )
    app.state.rows = rows
    return app
