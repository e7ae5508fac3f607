"""Documents fetched over HTTP: what a running service says of itself, and what a contract refers to.

Own limits, for who answers is anybody: few redirects and only on the same host, a size, and a time for the whole.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from pytest_superteam.contracts.documents.loading import MOST_BYTES, document_kind, load_document_text
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    import httpx

__all__ = ["SERVED_PATHS", "ServedDocument", "fetch_document", "served_document"]

SERVED_PATHS = (
    "/openapi.json",
    "/openapi.yaml",
    "/v3/api-docs",
    "/swagger.json",
    "/api-docs",
    "/api/openapi.json",
    "/v2/api-docs",
    "/swagger/v1/swagger.json",
    "/api-json",
    "/openapi",
)
"""Where frameworks serve their document by default: FastAPI, Spring, ASP.NET, NestJS, Swagger's own tools."""

_REDIRECTS = 3
_CHUNK = 65_536


@dataclass(frozen=True)
class ServedDocument:
    """A document and the URL that it came from."""

    url: str
    document: dict[str, Any] = field(repr=False)


def served_document(base_url: str, *, timeout: float = 5.0, total: float = 20.0) -> ServedDocument | None:
    """Return the contract that the service at `base_url` serves; None where it serves none at the usual places.

    Args:
        base_url: Where the service answers.
        timeout: Seconds for one answer.
        total: Seconds for all places together.

    Raises:
        CheckError: the service can't be reached, or what it serves as its contract is malformed.
    """
    until = time.monotonic() + total
    with _client(timeout) as client:
        for path in SERVED_PATHS:
            url = base_url.rstrip("/") + path
            answer = _get(client, url, min(until, time.monotonic() + timeout))
            if answer is None or not _is_document_text(answer):
                continue
            document = load_document_text(answer, url)
            if document_kind(document) is not None:
                return ServedDocument(url, document)
    return None


def fetch_document(url: str, *, timeout: float = 10.0) -> dict[str, Any]:
    """Return the document at `url` (http or https).

    Raises:
        CheckError: there is none, or it is too large, too slow or malformed.
    """
    with _client(timeout) as client:
        answer = _get(client, url, time.monotonic() + timeout)
    if answer is None:
        raise CheckError(f"{url}: there is no document (no answer with status 200). Correct the reference.")
    return load_document_text(answer, url)


def _client(timeout: float) -> httpx.Client:
    import httpx

    # What the environment names as proxy or keeps in .netrc is not meant for this.
    return httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False, headers={"Accept": "*/*"})


def _get(client: httpx.Client, url: str, until: float) -> bytes | None:
    """Return the body of a 200 answer; None for any other status."""
    import httpx

    here = url
    try:
        for _ in range(_REDIRECTS + 1):
            with client.stream("GET", here) as response:
                if response.is_redirect:
                    here = _next(here, response.headers.get("location", ""))
                    continue
                return _body(response, here, until) if response.status_code == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise CheckError(f"{here}: does not answer ({type(error).__name__}). Start the service.") from None
    raise CheckError(f"{url}: redirects more than {_REDIRECTS} times. Serve the document itself there.")


def _next(here: str, location: str) -> str:
    there = urljoin(here, location)
    old, new = urlsplit(here), urlsplit(there)
    if new.hostname != old.hostname or new.scheme not in {"http", "https"}:
        raise CheckError(f"{here}: redirects to another host, which is not followed. Serve the document itself there.")
    return there


def _body(response: httpx.Response, url: str, until: float) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise CheckError(f"{url}: is larger than {MOST_BYTES >> 20} MB. Split the document.")
        if time.monotonic() > until:
            raise CheckError(f"{url}: takes too long to be read. Serve it faster.")
    return b"".join(parts)


def _is_document_text(answer: bytes) -> bool:
    """Return whether `answer` is no page for people: many services answer any path with one."""
    start = answer[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    return bool(start) and not start.startswith(b"<")
