# ruff: noqa: RUF001 - dashes and brackets of other scripts
"""WebSocket and server-sent-events paths, where the text writes no method before them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.interface.endpoint_lines import Call, summary_of
from pytest_superteam.architect.interface.routes import PATH, is_foreign

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["STREAMS", "sockets_in"]

STREAMS = {"WS": "websocket", "WSS": "websocket", "WEBSOCKET": "websocket", "SSE": "sse"}
_WORD = r"(?P<word>WebSockets?|Websockets?|web ?sockets?|Socket\.IO|SSE|Server[- ]Sent[- ]Events?|EventSource)"
_LED = re.compile(
    rf"\b{_WORD}(?:[\s:：|*`\"'(（\[-]{{1,6}}(?:end ?-?points?|connections?|urls?|paths?|routes?|gateway"
    rf"|server|channel|connect"
    r"|at|on|via|to|under|is|auf|en|sur|na|em)?){0,4}?[\s:：|*`\"'(（\[]{1,4}(?:wss?://(?P<host>[^\s/`'\"]{1,120}))?"
    rf"(?P<path>{PATH})"
)
_ADDRESS = re.compile(rf"\bwss?://(?P<host>[^\s/`'\"]{{1,120}})(?P<path>{PATH})")
_FOLLOWED = re.compile(
    rf"(?:^[\W\d_]{{0,8}}|(?<=[`\"'\s]))(?P<path>{PATH})[`\"'*]{{0,4}}\s{{0,3}}[(（\[:–—-]\s{{0,3}}{_WORD}\b"
)
_DECLARED = re.compile(rf"@\w{{1,40}}\.websocket(?:_route)?\(\s{{0,4}}[\"'](?P<path>{PATH})[\"']")
_HINT = re.compile(r"socket|wss?://|SSE|[Ss]ent|EventSource", re.IGNORECASE)


def sockets_in(text: str, line: int) -> Iterator[Call]:
    """Yield the stream paths of a line as calls whose method is `WS` or `SSE`."""
    if "/" not in text or not _HINT.search(text):
        return
    text = text[:4000]
    for pattern in (_DECLARED, _ADDRESS, _LED, _FOLLOWED):
        found = pattern.search(text)
        if not found:
            continue
        groups = found.groupdict()
        path, host = groups["path"], groups.get("host") or ""
        if is_foreign(host) or not re.match(r"/[a-z{:<\[]", path):
            continue
        word = (groups.get("word") or "ws").lower()
        method = "SSE" if word.startswith(("sse", "server", "event")) else "WS"
        yield Call(method, path, line, summary_of(text[found.end() :]), whole=bool(host), first=True)
        return
