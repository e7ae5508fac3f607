"""Three small services that call and tell each other, logging to files; each can be told to do one thing wrong."""

import contextlib
import json
import os
import re
import threading
import time
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import httpx
import jwt
from library_service import SECRET, serving
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.contract import asyncapi, openapi
from pytest_superteam.architect.document.prd import Prd
from pytest_superteam.checks.base import RunningSystem
from pytest_superteam.checks.callers.auth import http_client
from pytest_superteam.config import Config
from pytest_superteam.deployment.collector import make_server
from pytest_superteam.models import Deployment, RunningService

PRD = """# Bookshop

## Services

| Service | Responsibility |
| --- | --- |
| catalog-service | Keeps books |
| order-service | Takes orders |
| mail-service | Writes a notification for each order |

## Roles

- **customer**: everyone

## Data model

### Book (catalog-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| title | string | required, max 100 characters |

### Order (order-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| book_id | uuid | required, references Book |
| quantity | integer | required, between 1 and 20 |
| note | string | required, max 100 characters |

### Notification (mail-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| order_id | uuid | required, references Order |
| subject | string | required, max 100 characters |

## API

### catalog-service

| Method | Path | Description | Access |
| --- | --- | --- | --- |
| POST | /books | Add a book | customer |
| GET | /books/{id} | Read a book | customer |

### order-service

| Method | Path | Description | Access |
| --- | --- | --- | --- |
| POST | /orders | Place an order for a book | customer |
| GET | /orders/{id} | Read an order | customer |

### mail-service

| Method | Path | Description | Access |
| --- | --- | --- | --- |
| GET | /notifications | List notifications | customer |

## Events

| Event | Publisher | Consumers |
| --- | --- | --- |
| OrderPlaced | order-service | mail-service |
"""


@cache
def bookshop():
    """Return the architecture of the PRD above, with its contracts."""
    system = design(Prd(Path("PRD.md"), PRD, "0" * 64))
    return replace(system, contracts=openapi.contracts(system), asyncapi=asyncapi.document(system))


class Log:
    """The log file of one service."""

    def __init__(self, path, broken):
        self.path, self.broken, self.collector = path, broken, ""
        path.write_bytes(b"")

    def add(self, line):
        """Add a line, given as a JSON object."""
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")

    def __call__(self, trace, request, status):
        line = {"level": "INFO", "trace_id": trace[0], "span_id": trace[1], "parent_id": trace[2]}
        line |= {"method": request.method, "path": request.url.path, "status": status}
        with self.path.open("a", encoding="utf-8") as stream:
            if "plain log" in self.broken:
                stream.write(f'INFO [trace={trace[0]}] "{request.method} {request.url.path} HTTP/1.1" {status}\n')
            elif "silent" not in self.broken:
                stream.write(json.dumps(line) + "\n")
            if "bare line" in self.broken:
                stream.write(json.dumps({"message": f"answered {request.url.path}"}) + "\n")


def begun(request, broken):
    """Return (trace id, own span id, parent span id) of a request."""
    header = request.headers.get("traceparent", "")
    parts = header.split("-")
    valid = re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", header) is not None
    if header and not valid and "chokes on header" in broken:
        raise ValueError(header)
    if (valid or "takes any header" in broken) and len(parts) == 4 and "ignores header" not in broken:
        return parts[1], uuid.uuid4().hex[:16], parts[2]
    return uuid.uuid4().hex, uuid.uuid4().hex[:16], ""


def problem(status):
    """Return a refusal."""
    return JSONResponse({"title": "Refused", "status": status}, status, media_type="application/problem+json")


def service(log, broken, handlers):
    """Return an application of `handlers`, (method, path) -> function(request, body, trace) -> (status, answer)."""

    def endpoint(function):
        async def answer(request):
            trace = ("", "", "")
            try:
                trace = begun(request, broken)
                jwt.decode(request.headers.get("authorization", "")[7:], SECRET, ["HS256"], issuer="superteam")
            except jwt.PyJWTError:
                if not ("open door" in broken and request.url.path == "/events"):
                    return problem(401)
            except ValueError:
                return problem(500)
            content = await request.body()
            from starlette.concurrency import run_in_threadpool

            try:
                status, data = await run_in_threadpool(function, request, content, trace)
            except Exception:  # noqa: BLE001  # whatever goes wrong, as a framework answers it
                status, data = 500, {"title": "Internal Server Error"}
                log.add({"message": "it broke", "trace_id": trace[0]})
            log(trace, request, status)
            if "exports" in broken:
                await run_in_threadpool(export, log.collector, trace)
            return Response(status_code=status) if data is None else JSONResponse(data, status)

        return answer

    return Starlette(routes=[Route(path, endpoint(f), methods=[method]) for (method, path), f in handlers.items()])


def export(collector, trace):
    """Send the span of a request to the collector, as JSON."""
    span = {"traceId": trace[0], "spanId": trace[1], "parentSpanId": trace[2], "name": "request"}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "Catalog Service"}}]}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}
    with http_client() as client:
        client.post(f"{collector}/v1/traces", json=body)


def stamped(**values):
    """Return a row."""
    return {"id": str(uuid.uuid4()), **values, **dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z")}


def token():
    """Return what services call each other with."""
    claims = {"sub": "service:x", "role": "service", "iss": "superteam", "exp": int(time.time()) + 600}
    return {"authorization": f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"}


def catalog(log, broken):
    """Return the catalogue."""
    books = {}

    def create(request, content, trace):
        book = stamped(**json.loads(content))
        return 201, books.setdefault(book["id"], book)

    def read(request, content, trace):
        book = books.get(request.path_params["id"])
        return (200, book) if book else (404, {"title": "Not Found"})

    return service(log, broken, {("POST", "/books"): create, ("GET", "/books/{id}"): read})


def orders(log, broken, urls, subscribers, client):  # noqa: C901  # one short fault after the other
    """Return the service that takes orders; `urls` is filled in when all services run."""
    rows = {}

    def header(trace):
        if "drops header" in broken:
            return {}
        if "forwards header" in broken:
            return {"traceparent": f"00-{trace[0]}-{trace[2]}-01"}
        return {"traceparent": f"00-{trace[0]}-{trace[1]}-01"}

    def publish(row, trace):
        if "publishes nothing" in broken:
            return
        data = dict(row)
        if "renames in event" in broken:
            data["amount"] = data.pop("quantity")
        if "text in event" in broken:
            data["quantity"] = str(data["quantity"])
        body = {"id": str(uuid.uuid4()), "type": "OrderPlaced", "source": "order-service", "time": row["created_at"]}
        body |= {"payload" if "renames data" in broken else "data": data}
        sent = {} if "event without header" in broken else header(trace)
        for url in subscribers:
            if not ("only to recorder" in broken and url != subscribers[0]):
                with contextlib.suppress(httpx.HTTPError, RuntimeError):  # the test is over
                    client.post(f"{url}/events", json=body, headers=token() | sent)

    def create(request, content, trace):
        values = json.loads(content)
        asked = str(uuid.uuid4()) if "asks another" in broken else values["book_id"]
        if "asks nobody" not in broken:
            client.get(f"{urls['catalog-service']}/books/{asked}", headers=token() | header(trace))
        row = stamped(**values)
        rows[row["id"]] = {**row, "quantity": 1, "note": "?"} if "stores another" in broken else row
        threading.Thread(target=publish, args=(row, trace), daemon=True).start()
        return 201, row

    def read(request, content, trace):
        row = rows.get(request.path_params["id"])
        return (200, row) if row else (404, {"title": "Not Found"})

    return service(log, broken, {("POST", "/orders"): create, ("GET", "/orders/{id}"): read})


def mail(log, broken):  # noqa: C901  # as above
    """Return the consumer of events."""
    taken, rows, down = set(), [], []

    def valid(body):
        texts = isinstance(body, dict) and all(isinstance(body.get(k), str) for k in ("id", "type", "source", "time"))
        return texts and isinstance(body.get("data"), dict) and body["time"][:1].isdigit() and len(body) == 5

    def receive(request, content, trace):
        if "breaks on all" in broken:
            raise RuntimeError("broken")
        if down or "refuses" in broken:
            return 503, {"title": "down"}
        if "breaks on malformed" in broken:
            body = json.loads(content)
            known = (body["id"], body["type"], body["data"]["id"])
        else:
            try:
                body = json.loads(content)
            except ValueError:
                body = None
            if not valid(body) and "takes anything" not in broken:
                if "dies" in broken:
                    down.append(True)
                return 422, {"title": "no event"}
            known = (body["id"],) if isinstance(body, dict) and "id" in body else ("?",)
        if body["type"] != "OrderPlaced":
            return (202, {"id": body["id"], "status": "ignored"}) if "ignores unknown" in broken else (422, {})
        if known[0] not in taken or "takes twice" in broken:
            taken.add(known[0])
            if "no row" not in broken:
                rows.append(stamped(order_id=body["data"]["id"], subject="OrderPlaced"))
        return 202, {"id": known[0], "status": "accepted"}

    def listing(request, content, trace):
        if "hangs" in broken:
            time.sleep(1.5)
        limit, offset = (int(request.query_params.get(k, d)) for k, d in (("limit", 20), ("offset", 0)))
        return 200, {"items": rows[offset : offset + limit], "total": len(rows), "limit": limit, "offset": offset}

    return service(log, broken, {("POST", "/events"): receive, ("GET", "/notifications"): listing})


@contextmanager
def running(folder, **broken):
    """Run the bookshop; `catalog`, `orders` and `mail` name what each does wrong. Yields the system for checks."""
    logs = {name: Log(folder / f"{name}.log", broken.get(key, "")) for key, name in NAMES.items()}
    urls, subscribers, client = {}, [], http_client()
    apps = {
        "catalog-service": catalog(logs["catalog-service"], broken.get("catalog", "")),
        "order-service": orders(logs["order-service"], broken.get("orders", ""), urls, subscribers, client),
        "mail-service": mail(logs["mail-service"], broken.get("mail", "")),
    }
    with client, ExitStack() as stack:
        recorder = stack.enter_context(make_server(0, folder / "telemetry"))
        threading.Thread(target=recorder.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        stack.callback(recorder.shutdown)
        urls |= {name: stack.enter_context(serving(app)) for name, app in apps.items()}
        for log in logs.values():
            log.collector = f"http://127.0.0.1:{recorder.server_port}"
        subscribers += [f"http://127.0.0.1:{recorder.server_port}", urls["mail-service"]]
        services = tuple(RunningService(name, url, logs[name].path, os.getpid()) for name, url in urls.items())
        deployment = Deployment("test", "run", services, jwt_secret=SECRET, telemetry=folder / "telemetry")
        yield RunningSystem(bookshop(), Config(), deployment, folder)


NAMES = {"catalog": "catalog-service", "orders": "order-service", "mail": "mail-service"}
