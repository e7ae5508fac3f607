"""A model endpoint on loopback that speaks the OpenAI protocol and answers what a script says."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-of-the-tests"
"""The only key that it takes."""
MODEL = "gpt-4.1-mini"
"""A model whose price the agents know: 0.40 USD per million tokens in, 1.60 out."""

_MAX_BODY = 8 * 1024 * 1024
_MAX_CALLS = 1000
_CHUNK = 2000


@dataclass(frozen=True)
class Answer:
    """What the model answers to one request."""

    text: str = ""
    commands: tuple[str, ...] = ()
    """Calls of the tool `bash`, one per command."""
    status: int = 200
    """An HTTP status from 400 on is an error, with `text` as its message."""
    retry_after: float | None = None
    """Seconds, for an error."""
    finish: str = ""
    """Why it ended; empty: `tool_calls` where there are some, else `stop`."""
    tokens_in: int | None = None
    tokens_out: int | None = None
    """What it says to have used; None: a token for each four characters."""
    cut: bool = False
    """The connection ends in the middle of the answer."""
    delay: float = 0.0


@dataclass(frozen=True)
class Call:
    """One request that was made."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        """The conversation so far."""
        return list(self.body.get("messages") or ())

    @property
    def turn(self) -> int:
        """How many answers the model gave already."""
        return sum(message.get("role") == "assistant" for message in self.messages)

    @property
    def task(self) -> str:
        """All that the user said, without what tools answered."""
        return "\n".join(_text(message) for message in self.messages if message.get("role") in {"system", "user"})

    @property
    def said(self) -> str:
        """The last message."""
        return _text(self.messages[-1]) if self.messages else ""


Script = Callable[[Call], Answer]


@dataclass
class Endpoint:
    """What the test knows of the running endpoint."""

    script: Script
    key: str = KEY
    url: str = ""
    """What goes into OPENAI_API_BASE."""
    calls: list[Call] = field(default_factory=list)
    """Completions that were asked for, in order."""
    used: list[tuple[Call, Mapping[str, int]]] = field(default_factory=list)
    """The usage that it told, by call."""
    problems: list[str] = field(default_factory=list)
    """What the script raised: a test looks here when an agent failed."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def environment(self) -> dict[str, str]:
        """Variables that make a client of the OpenAI protocol talk to it."""
        return {"OPENAI_API_KEY": self.key, "OPENAI_API_BASE": self.url, "OPENAI_BASE_URL": self.url}

    def record(self, call: Call) -> None:
        with self.lock:
            if len(self.calls) >= _MAX_CALLS:
                raise RuntimeError(f"more than {_MAX_CALLS} calls: the agent runs in circles")
            self.calls.append(call)


@contextmanager
def serving(script: Script, key: str = KEY) -> Iterator[Endpoint]:
    """Serve `script` on a free port of 127.0.0.1 until the block ends."""
    endpoint = Endpoint(script, key)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.endpoint = endpoint
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    endpoint: Endpoint

    def handle_error(self, request, client_address):
        """An agent that was ended leaves its connection: nothing to tell."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *args):
        """Print nothing: calls are recorded."""

    def do_GET(self):
        if not self._allowed():
            return
        models = [{"id": MODEL, "object": "model", "created": 0, "owned_by": "tests"}]
        if self.path.removesuffix("/") == "/v1/models":
            self._json(200, {"object": "list", "data": models})
        else:
            self._error(404, f"no such path: {self.path}")

    def do_POST(self):
        length = self.headers.get("Content-Length") or ""
        if not length.isdigit() or int(length) > _MAX_BODY:
            self.close_connection = True
            self._error(413, "a body of at most 8 MiB and its length, please")
            return
        data = self.rfile.read(int(length))
        if not self._allowed():
            return
        if self.path.removesuffix("/") != "/v1/chat/completions":
            self._error(404, f"no such path: {self.path}")
            return
        try:
            body = json.loads(data)
            call = Call(self.path, {name.lower(): value for name, value in self.headers.items()}, dict(body))
        except ValueError:
            self._error(400, "the body is no JSON object")
            return
        try:
            self.server.endpoint.record(call)
            answer = self.server.endpoint.script(call)
        except Exception as error:  # noqa: BLE001  # whatever a script raises is told to the test
            self.server.endpoint.problems.append(f"{type(error).__name__}: {error}")
            self._error(400, f"the script of the test failed: {error}")
            return
        self._answer(call, answer)

    def _allowed(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {self.server.endpoint.key}":
            return True
        self._error(401, "Incorrect API key provided.", code="invalid_api_key")
        return False

    def _answer(self, call: Call, answer: Answer) -> None:
        time.sleep(answer.delay)
        if answer.status >= 400:
            self._error(answer.status, answer.text, retry_after=answer.retry_after)
            return
        whole = _completion(call, answer)
        self.server.endpoint.used.append((call, whole["usage"]))
        if call.body.get("stream"):
            self._stream(call, answer, whole)
            return
        data = json.dumps(whole).encode()
        self._head(200, "application/json", len(data))
        self.wfile.write(data[: len(data) // 2] if answer.cut else data)
        self.close_connection = self.close_connection or answer.cut

    def _stream(self, call: Call, answer: Answer, whole: Mapping[str, Any]) -> None:
        self._head(200, "text/event-stream", None)
        self.close_connection = True
        pieces = list(_pieces(call, answer, whole))
        if answer.cut:
            pieces = pieces[: len(pieces) // 2]
        for piece in pieces:
            self.wfile.write(b"data: " + json.dumps(piece).encode() + b"\n\n")
        if not answer.cut:
            self.wfile.write(b"data: [DONE]\n\n")

    def _error(self, status: int, message: str, *, code: str | None = None, retry_after: float | None = None) -> None:
        kinds = {401: "invalid_request_error", 429: "rate_limit_exceeded"}
        kind = kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")
        error = {"message": message, "type": kind, "param": None, "code": code or kind}
        self._json(status, {"error": error}, {} if retry_after is None else {"Retry-After": f"{retry_after:g}"})

    def _json(self, status: int, document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(document).encode()
        self._head(status, "application/json", len(data), headers)
        self.wfile.write(data)

    def _head(self, status: int, kind: str, length: int | None, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()


def _completion(call: Call, answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None}
    if answer.commands:
        message["tool_calls"] = [_tool_call(call, index, command) for index, command in enumerate(answer.commands)]
    finish = answer.finish or ("tool_calls" if answer.commands else "stop")
    return {
        "id": f"chatcmpl-{call.turn}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": str(call.body.get("model") or MODEL),
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": _usage(call, answer),
    }


def _tool_call(call: Call, index: int, command: str) -> dict[str, Any]:
    function = {"name": "bash", "arguments": json.dumps({"command": command})}
    return {"id": f"call_{call.turn}_{index}", "type": "function", "function": function}


def _usage(call: Call, answer: Answer) -> dict[str, int]:
    said = sum(len(_text(message)) for message in call.messages)
    sent = answer.tokens_in if answer.tokens_in is not None else said // 4 + 1
    written = len(answer.text) + sum(map(len, answer.commands))
    received = answer.tokens_out if answer.tokens_out is not None else written // 4 + 1
    return {"prompt_tokens": sent, "completion_tokens": received, "total_tokens": sent + received}


def _pieces(call: Call, answer: Answer, whole: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The same answer as server-sent events."""
    base = {**whole, "object": "chat.completion.chunk"}
    usage = base.pop("usage")
    choice = whole["choices"][0]

    def piece(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]}

    yield piece({"role": "assistant", "content": ""})
    for start in range(0, len(answer.text), _CHUNK):
        yield piece({"content": answer.text[start : start + _CHUNK]})
    for index, tool_call in enumerate(choice["message"].get("tool_calls") or ()):
        yield piece({"tool_calls": [{**tool_call, "index": index}]})
    yield piece({}, choice["finish_reason"])
    if (call.body.get("stream_options") or {}).get("include_usage"):
        yield {**base, "choices": [], "usage": usage}


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))
    return str(content or "")
