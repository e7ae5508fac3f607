"""What the deployed services send us: spans over OTLP/HTTP, and the events that they publish.

A process of its own beside the services, below the supervisor, so that it lives as long as they do, whichever process
deployed them. Runs as a script in an isolated interpreter (`python -I -S collector.py PORT FOLDER`), on loopback, with
the standard library and `deployment/otlp.py` only. It appends JSON lines to `spans.jsonl` and `events.jsonl` of FOLDER
and never keeps an `Authorization` header. When a file is full (`MOST_BYTES`) its last line is `{"full": true}`.

With `-` as FOLDER it answers on every interface and prints both to its standard output instead, each line
`{"journal": "spans", "record": {...}}`: in a container, whose log is the way out (`composed/journal.py`).
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
import zlib
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

__all__ = ["EVENTS", "LARGEST_BODY", "MOST_BYTES", "SPANS", "TooLargeError", "make_printing_server", "make_server"]

SPANS = "spans.jsonl"
EVENTS = "events.jsonl"
LARGEST_BODY = 8 * 1024 * 1024
"""Bytes of one request, also after unpacking."""
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of each file."""
_KEPT_EVENT = 256 * 1024  # bytes of an event's body that are kept
_SECONDS = 10.0  # for each read of a request
_CONNECTIONS = 64  # at the same time; more wait


class TooLargeError(Exception):
    """A body is over `LARGEST_BODY`."""


class Journal:
    """A file of JSON lines, bounded; written by many threads."""

    def __init__(self, path: Path, most: int = MOST_BYTES) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._left = most

    def append(self, *records: dict[str, Any]) -> None:
        """Append `records`, a line each; what has no room any more is left out and said once."""
        with self._lock, self._opened() as stream:
            for record in records:
                line = self._line(record)
                if self._left < 0:
                    return
                self._left -= len(line)
                stream.write(line if self._left >= 0 else self._line({"full": True}))

    def _opened(self) -> BinaryIO:
        return self._path.open("ab")

    def _line(self, record: dict[str, Any]) -> bytes:
        return json.dumps(record).encode() + b"\n"


class PrintedJournal(Journal):
    """The same on standard output, each line under the name of the file that it would be in."""

    _shared = threading.Lock()  # both write to one stream

    def __init__(self, name: str, most: int = MOST_BYTES) -> None:
        super().__init__(Path(name), most)
        self._lock = self._shared

    def _opened(self) -> BinaryIO:
        return open(sys.stdout.fileno(), "ab", closefd=False)

    def _line(self, record: dict[str, Any]) -> bytes:
        return json.dumps({"journal": self._path.stem, "record": record}).encode() + b"\n"


class _Server(ThreadingHTTPServer):
    """Answers at `host`; at most `_CONNECTIONS` connections at a time."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, spans: Journal, events: Journal, host: str = "127.0.0.1") -> None:
        self.spans = spans
        self.events = events
        self._slots = threading.BoundedSemaphore(_CONNECTIONS)
        super().__init__((host, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._slots.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that break: the services end as they like."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS
    server: _Server

    def do_GET(self) -> None:
        """Answer the readiness probe."""
        known = self.path in {"/ready", "/health"}
        self._answer(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Take an export or an event."""
        try:
            body = self._unpacked(self._body())
        except TooLargeError:
            self.close_connection = True
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        except (ValueError, zlib.error):
            self.close_connection = True
            self._answer(HTTPStatus.BAD_REQUEST)
            return
        path = self.path.partition("?")[0].rstrip("/")
        if path.endswith("/events"):
            self._take_event(body)
        elif path.endswith(("/v1/traces", "/v1/logs", "/v1/metrics")):
            self._take_export(path.rpartition("/")[2], body)
        else:
            self._answer(HTTPStatus.NOT_FOUND)

    def _take_event(self, body: bytes) -> None:
        self.server.events.append(
            {
                "at": time.time(),
                "content_type": self._header("content-type"),
                "traceparent": self._header("traceparent"),
                "authorized": bool(self.headers.get("authorization")),
                "size": len(body),
                "body": body[:_KEPT_EVENT].decode("utf-8", "replace"),
            }
        )
        self._answer(HTTPStatus.ACCEPTED, b'{"status": "recorded"}')

    def _take_export(self, signal: str, body: bytes) -> None:
        from pytest_superteam.deployment.otlp import OtlpError, records

        as_json = "json" in self._header("content-type")
        if signal != "metrics":
            try:
                found = records(signal, body, as_json=as_json)
            except OtlpError:
                self._answer(HTTPStatus.BAD_REQUEST)
                return
            self.server.spans.append(*({"at": time.time(), "kind": signal, **record} for record in found))
        self._answer(HTTPStatus.OK, b"{}" if as_json else b"")  # an empty message of protobuf has no bytes

    def _body(self) -> bytes:
        if "chunked" in self._header("transfer-encoding").lower():
            return self._chunks()
        size = int(self.headers.get("content-length") or 0)
        if size < 0:
            raise ValueError("a negative length")
        if size > LARGEST_BODY:
            raise TooLargeError
        return self.rfile.read(size)

    def _chunks(self) -> bytes:
        parts, total = [], 0
        while size := int(self.rfile.readline(64).split(b";")[0], 16):
            total += size
            if size < 0 or total > LARGEST_BODY:
                raise TooLargeError
            parts.append(self.rfile.read(size))
            self.rfile.readline(64)
        self.rfile.readline(64)
        return b"".join(parts)

    def _unpacked(self, body: bytes) -> bytes:
        if self._header("content-encoding").lower() not in {"gzip", "deflate"}:
            return body
        unpacker = zlib.decompressobj(47)  # either header
        unpacked = unpacker.decompress(body, LARGEST_BODY + 1)
        if len(unpacked) > LARGEST_BODY:
            raise TooLargeError
        return unpacked

    def _header(self, name: str) -> str:
        return str(self.headers.get(name) or "")[:500]

    def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
        json_body = body.startswith(b"{") or "json" in self._header("content-type")
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if json_body else "application/x-protobuf")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Write no access log: what matters is in the two files."""


def make_server(port: int, folder: Path, most: int = MOST_BYTES) -> ThreadingHTTPServer:
    """Return a collector on loopback `port` (0: any free one) that writes into `folder`, `most` bytes a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (SPANS, EVENTS):
        (folder / name).touch(mode=0o600)
    return _Server(port, Journal(folder / SPANS, most), Journal(folder / EVENTS, most))


def make_printing_server(port: int, host: str = "0.0.0.0", most: int = MOST_BYTES) -> ThreadingHTTPServer:  # noqa: S104
    """Return a collector that prints what it takes. In its container only its own network reaches it."""
    return _Server(port, PrintedJournal(SPANS, most), PrintedJournal(EVENTS, most), host)


def main() -> None:
    """Serve until a signal ends the process."""
    # Isolated, this interpreter knows neither our folder nor the installed packages; behind all else, for `otlp` alone.
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    port, folder = int(sys.argv[1]), sys.argv[2]
    made = make_printing_server(port) if folder == "-" else make_server(port, Path(folder))
    with made as server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
