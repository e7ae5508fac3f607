"""References to other documents: told, and where the project allows it, followed and bundled into one document.

The setting is `contracts.external_references`. Files must lie inside the project's folder; http and https are fetched
with the limits of `contracts.documents.served`. What was another document stands below `x-bundled` afterwards.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from pytest_superteam.contracts.documents.loading import load_document
from pytest_superteam.contracts.references import references, resolve
from pytest_superteam.errors import CheckError

__all__ = ["bundle", "external_references"]

_MOST = 200  # documents that one may lead to
_BUNDLED = "x-bundled"


def external_references(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the references of `document` that lead to other documents, sorted."""
    return tuple(sorted({reference for _, reference in references(document) if not reference.startswith("#")}))


def bundle(
    document: Mapping[str, Any],
    source: Path,
    project: Path,
    *,
    fetch: Callable[[str], Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return `document` with the documents that it refers to inside.

    Args:
        document: The document as it was loaded.
        source: Its file, which relative references start from.
        project: Folder that no file may lie outside of.
        fetch: Returns the document at a URL; by default over HTTP.

    Raises:
        CheckError: a reference leads nowhere or out of the project, or there are more than 200 documents.
    """
    return _Bundler(project, fetch).bundle(document, source)


class _Bundler:
    def __init__(self, project: Path, fetch: Callable[[str], Mapping[str, Any]] | None) -> None:
        self._project = project.resolve()
        self._fetch = fetch
        self._keys: dict[str, str] = {}
        self._waiting: list[str] = []

    def bundle(self, document: Mapping[str, Any], source: Path) -> dict[str, Any]:
        home = str(source.resolve())
        bundled: dict[str, Any] = self._rewritten(document, home, "", home)
        parts: dict[str, Any] = {}
        while self._waiting:
            place = self._waiting.pop()
            parts[self._keys[place]] = self._rewritten(self._load(place), place, self._keys[place], home)
        if parts:
            bundled[_BUNDLED] = parts
        for _, reference in references(bundled):
            if reference.startswith(f"#/{_BUNDLED}/"):
                resolve(bundled, reference)
        return bundled

    def _rewritten(self, value: Any, place: str, key: str, home: str, name: str = "") -> Any:
        if isinstance(value, Mapping):
            return {
                inner: self._reference(part, place, key, home)
                if isinstance(part, str) and (inner == "$ref" or (name == "mapping" and _is_place(part)))
                else self._rewritten(part, place, key, home, str(inner))
                for inner, part in value.items()
            }
        return [self._rewritten(part, place, key, home) for part in value] if isinstance(value, list) else value

    def _reference(self, reference: str, place: str, key: str, home: str) -> str:
        target, _, fragment = reference.partition("#")
        there = self._place(place, target) if target else place
        if there == home:
            return f"#{fragment}"
        if there != place and there not in self._keys:
            if len(self._keys) >= _MOST:
                raise CheckError(f"The contract leads to more than {_MOST} other documents. Bundle it beforehand.")
            self._keys[there] = f"{len(self._keys) + 1}-{posixpath.basename(urlsplit(there).path) or 'document'}"
            self._waiting.append(there)
        return f"#/{_BUNDLED}/{self._keys.get(there, key)}{fragment}"

    def _place(self, place: str, target: str) -> str:
        if _is_url(target) or _is_url(place):
            found = urljoin(place, target) if _is_url(place) else target
            if not _is_url(found):
                raise CheckError(f"The reference {target!r} is no file and no http address. Correct it.")
            return found
        path = (Path(place).parent / unquote(target)).resolve()
        if ":" in target.split("/", 1)[0] or not path.is_relative_to(self._project):
            raise CheckError(f"The reference {target!r} leads out of the project, which is not followed. Move it in.")
        return str(path)

    def _load(self, place: str) -> Mapping[str, Any]:
        if not _is_url(place):
            return load_document(Path(place))
        if self._fetch is None:
            from pytest_superteam.contracts.documents.served import fetch_document

            return fetch_document(place)
        return self._fetch(place)


def _is_url(place: str) -> bool:
    return place.lower().startswith(("http://", "https://"))


def _is_place(text: str) -> bool:
    """Return whether a discriminator's mapping names a place rather than a schema's plain name."""
    return "/" in text or "#" in text or text.lower().endswith((".yaml", ".yml", ".json"))
