"""The connection that conformance sends over: each answer has one time limit and one size limit, whatever it does.

`requests` limits the pause between two bytes and reads a body whole. A service that drips a byte a second, or answers
a gigabyte, would hold a check for ever. Here the socket itself knows when the answer has to be there, so that slow
headers count too, and the body is read in parts until it is whole or too large.
"""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import Response, Session

__all__ = ["LARGEST", "connection"]

LARGEST = 16 * 1024 * 1024
"""Bytes of an answer's body that are read; a body of so many was longer, or might have been."""
_PART = 64 * 1024


@contextmanager
def connection() -> Iterator[Session]:
    """Yield a session with both limits that takes no proxy, netrc or certificate settings from the environment.

    The time limit of an answer is the `timeout` of its call, from the first byte sent to the last one received.
    """
    with _session_class()() as session:
        session.trust_env = False
        session.headers.clear()
        adapter = _adapter_class()()
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        yield session


def _hold(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise TimeoutError("the answer was not whole in time")


class _Socket(socket.socket):
    """A socket that gives up at `deadline` (monotonic seconds), not only when nothing comes for a while."""

    deadline: float | None = None

    def recv_into(self, *arguments: Any) -> int:
        """Receive what there is, until the deadline."""
        if self.deadline is not None:
            _hold(self.deadline)
            self.settimeout(max(0.001, self.deadline - time.monotonic()))
        return super().recv_into(*arguments)


def _adapter_class() -> type[Any]:
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Connection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            plain = super()._new_conn()
            seconds = plain.gettimeout()
            limited = _Socket(plain.family, plain.type, plain.proto, fileno=plain.detach())
            limited.settimeout(seconds)
            return limited

        def getresponse(self) -> Any:
            if isinstance(self.sock, _Socket) and isinstance(self.timeout, int | float):
                self.sock.deadline = time.monotonic() + self.timeout
            return super().getresponse()

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, **options)
            self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": HTTPSConnectionPool}

    return Adapter


def _session_class() -> type[Session]:
    from requests import Session

    class Limited(Session):
        def send(self, request: Any, **options: Any) -> Response:
            response = super().send(request, **{**options, "stream": True})
            if "text/event-stream" not in response.headers.get("Content-Type", ""):  # the engine limits those itself
                _read(response, options.get("timeout"))
            return response

    return Limited


def _read(response: Response, seconds: Any) -> None:
    """Read the body in parts, at most `LARGEST` bytes and `seconds` long, into the answer."""
    import requests
    from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError

    deadline = time.monotonic() + seconds if isinstance(seconds, int | float) else None
    content = bytearray()
    try:
        while part := response.raw.read1(_PART, decode_content=True):
            content += part
            if len(content) > LARGEST:
                response.close()  # what is still to come must not be read by the next call
                break
            _hold(deadline)
    except (ReadTimeoutError, TimeoutError) as error:
        response.close()
        raise requests.ReadTimeout(error, request=response.request) from error
    except ProtocolError as error:
        response.close()
        raise requests.exceptions.ChunkedEncodingError(error, request=response.request) from error
    except DecodeError as error:
        response.close()
        raise requests.exceptions.ContentDecodingError(error, request=response.request) from error
    response.raw.release_conn()
    # What its `content` itself would set, having read it all.
    vars(response).update(_content=bytes(content[:LARGEST]), _content_consumed=True)
