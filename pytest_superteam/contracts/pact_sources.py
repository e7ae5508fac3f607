"""Consumers' own pacts: from files and folders of the project, and from a Pact broker."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import httpx

__all__ = ["MOST_BYTES", "ConsumerPact", "broker_pacts", "is_broker", "pact_files", "read_pact"]

MOST_BYTES = 16 * 2**20  # of a pact; real ones have some kilobytes
_MOST_FILES = 1000  # pacts in one folder
_TIMEOUT = 10.0  # seconds for one answer of a broker


@dataclass(frozen=True)
class ConsumerPact:
    """A consumer's pact and where it came from. Where it can't be read, `problem` says why and the names are empty."""

    source: str
    consumer: str = ""
    provider: str = ""
    document: Mapping[str, Any] = field(repr=False, default_factory=dict)
    problem: str = ""


def is_broker(source: str) -> bool:
    """Return whether a source is the URL of a broker."""
    return source.startswith(("http://", "https://"))


def pact_files(sources: Iterable[str], project: Path) -> Iterator[ConsumerPact]:
    """Yield the pacts of those sources that are files or folders, relative to `project`; brokers are left out."""
    for source in sources:
        if is_broker(source):
            continue
        path = project / source
        files = sorted(path.glob("**/*.json"))[:_MOST_FILES] if path.is_dir() else [path]
        if not files:
            yield ConsumerPact(source, problem=f"pacts.sources: '{source}' has no pact (*.json). Name another folder.")
        for file in files:
            try:
                document = read_pact(file)
            except CheckError as error:
                yield ConsumerPact(str(file), problem=str(error))
                continue
            yield _named(document, str(file))


def _named(document: Mapping[str, Any], source: str) -> ConsumerPact:
    consumer, provider = (_name(document.get(part)) for part in ("consumer", "provider"))
    if not consumer or not provider:
        return ConsumerPact(source, problem=f"{source}: the pact names no consumer or no provider. Add them.")
    return ConsumerPact(source, consumer, provider, document)


def _name(part: Any) -> str:
    name = part.get("name") if isinstance(part, dict) else None
    return name if isinstance(name, str) else ""


def read_pact(file: Path) -> dict[str, Any]:
    """Return the document in `file`.

    Raises:
        CheckError: it can't be read, is too large, or no JSON object.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise CheckError(f"The pact {file.name} is larger than {MOST_BYTES} bytes.")
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckError(f"The pact {file.name} can't be read: {error}") from error
    if not isinstance(document, dict):
        raise CheckError(f"The pact {file.name} is no JSON object. Name a pact.")
    return document


def broker_pacts(broker: str, provider: str, token: str = "") -> tuple[ConsumerPact, ...]:
    """Return the latest pact of each consumer with `provider` that a Pact broker has.

    Args:
        broker: Its base URL; a user and a password in it are sent as basic authentication.
        provider: Name of the provider, as the broker has it.
        token: A bearer token, if any.

    Raises:
        CheckError: the broker does not answer, refuses, or answers no pacts.
    """
    import httpx

    headers = {"Accept": "application/hal+json, application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with httpx.Client(timeout=_TIMEOUT, headers=headers, trust_env=False, follow_redirects=False) as client:
        place = f"{broker.rstrip('/')}/pacts/provider/{quote(provider, safe='')}/latest"
        links = _fetched(client, place, missing_ok=True).get("_links", {})
        listed = links.get("pb:pacts") or links.get("pacts") or []
        urls = [urljoin(broker, str(entry.get("href", ""))) for entry in listed[:_MOST_FILES]]
        away = next((url for url in urls if _host(url) != _host(broker)), None)
        if away is not None:  # a token is sent along
            raise CheckError(f"The broker {_shown(broker)} refers to another host, {_shown(away)}. Use its URL.")
        return tuple(_named(_fetched(client, url), _shown(url)) for url in urls)


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _fetched(client: httpx.Client, url: str, *, missing_ok: bool = False) -> dict[str, Any]:
    import httpx

    try:
        with client.stream("GET", url) as response:
            if response.status_code == 404 and missing_ok:
                return {}
            if response.status_code != 200:
                raise CheckError(f"The broker answered {response.status_code} to GET {_shown(url)}. {_hint(response)}")
            body = b""
            for part in response.iter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise CheckError(f"The broker's answer to GET {_shown(url)} is larger than {MOST_BYTES} bytes.")
        found = json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CheckError(f"The broker at {_shown(url)} can't be reached: {type(error).__name__}: {error}.") from error
    except (ValueError, RecursionError) as error:
        raise CheckError(f"The broker answered no JSON to GET {_shown(url)}.") from error
    if not isinstance(found, dict):
        raise CheckError(f"The broker answered no JSON object to GET {_shown(url)}.")
    return found


def _hint(response: httpx.Response) -> str:
    if response.status_code in (401, 403):
        return "Name the variable with its token in pacts.token."
    return "Is the URL that of a Pact broker?"


def _shown(url: str) -> str:
    """Return a URL without user and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=_host(url)).geturl()
