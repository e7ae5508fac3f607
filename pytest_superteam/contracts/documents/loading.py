"""Contract documents from outside: read from a file, found in a folder, or served by a running service.

What is read is anybody's: its size, its depth and what its aliases unfold to are bounded, and nothing but JSON's own
types comes out. YAML is read by the JSON-like rules that OpenAPI asks for: a date and `yes` stay text, and every key
is text (`200:` is the status "200").
"""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pytest_superteam.contracts.documents.yamltree import DEPTH, parse_yaml, too_deep
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_BYTES", "FoundDocument", "document_kind", "find_documents", "load_document", "load_document_text"]

MOST_BYTES = 32 * 2**20  # the largest public API documents have some 15 MB
_SNIFFED = re.compile(rb"""(?:^|[{,\s])["']?(?:openapi|swagger|asyncapi)["']?\s{0,20}:""")
_SKIPPED = frozenset({"node_modules", "venv", "env", "vendor", "site-packages", "__pycache__", "dist", "target"})
_MOST_FILES = 50_000  # looked at in one folder
_MOST_FOLDERS_DEEP = 15
Kind = Literal["openapi", "swagger", "asyncapi"]


@dataclass(frozen=True)
class FoundDocument:
    """A contract document of a folder. Where it can't be read, `problem` says why and `document` is empty."""

    path: Path
    kind: Kind | None
    document: dict[str, Any] = field(repr=False, default_factory=dict)
    problem: str = ""


def load_document(path: Path) -> dict[str, Any]:
    """Return the document of a YAML or JSON file.

    Raises:
        CheckError: it can't be read, is too large, nests too deep or is malformed; one line with the file and line.
    """
    try:
        if not path.is_file():
            raise CheckError(f"{path}: is no file. Name a YAML or JSON document.")
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise CheckError(f"{path}: can't be read ({error.strerror}). Make it readable.") from None
    return load_document_text(data, str(path))


def load_document_text(text: str | bytes, name: str) -> dict[str, Any]:
    """Return the document that `text` holds, as JSON or YAML by its content.

    Args:
        text: At most 32 MB; bytes are UTF-8, with or without a byte order mark.
        name: What messages call it.

    Raises:
        CheckError: it is too large, nests too deep or is malformed; one line with name and line.
    """
    if len(text) > MOST_BYTES:
        raise CheckError(f"{name}: is larger than {MOST_BYTES >> 20} MB. Split the document.")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise CheckError(f"{name}: is no UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    text = text.removeprefix("\ufeff")
    found = _parsed(text, name)
    if not isinstance(found, dict):
        raise CheckError(f"{name}: holds no document but {_called(found)}. Expected is a mapping with `openapi:`.")
    return found


def document_kind(document: Any) -> Kind | None:
    """Return what sort of contract `document` is; None for anything else."""
    kinds: tuple[Kind, ...] = ("openapi", "swagger", "asyncapi")
    if not isinstance(document, dict):
        return None
    return next((kind for kind in kinds if isinstance(document.get(kind), (str, float, int))), None)


def find_documents(folder: Path) -> tuple[FoundDocument, ...]:
    """Return the OpenAPI, Swagger and AsyncAPI documents below `folder`, told by their content, sorted by path.

    Hidden folders, links and folders of installed packages are passed over.
    """
    found = []
    for path in _candidates(folder):
        try:
            with path.open("rb") as stream:
                data = stream.read(MOST_BYTES + 1)
        except OSError:
            continue
        if not _SNIFFED.search(data):
            continue
        try:
            document = load_document_text(data, path.relative_to(folder).as_posix())
        except CheckError as error:
            if re.match(
                rb"""\s*\{?\s*["']?(?:openapi|swagger|asyncapi)["']?\s*:""", data.removeprefix(b"\xef\xbb\xbf")
            ):
                found.append(FoundDocument(path, None, problem=str(error)))
            continue  # any other file may hold the word
        kind = document_kind(document)
        if kind is not None:
            found.append(FoundDocument(path, kind, document))
    return tuple(sorted(found, key=lambda document: document.path))


def _candidates(folder: Path) -> Iterator[Path]:
    left = _MOST_FILES
    for root, folders, files in os.walk(folder, followlinks=False):
        here = Path(root)
        deep = len(here.relative_to(folder).parts)
        names = sorted(n for n in folders if not n.startswith(".") and n not in _SKIPPED and not n.endswith(".venv"))
        folders[:] = names if deep < _MOST_FOLDERS_DEEP else []
        for name in sorted(files):
            left -= 1
            if left < 0:
                return
            path = here / name
            if path.suffix.lower() in {".json", ".yaml", ".yml"} and path.is_file() and not path.is_symlink():
                yield path


def _parsed(text: str, name: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return parse_yaml(text, name)
    try:
        found = json.loads(text, parse_constant=_no_number, parse_float=_number)
    except RecursionError:
        raise CheckError(f"{name}: nests more than {DEPTH} levels deep. Flatten it.") from None
    except json.JSONDecodeError as error:
        if len(text) < 1 << 20 and not text.lstrip().startswith('{"'):
            return parse_yaml(text, name)  # YAML may start with a bracket, too
        raise CheckError(f"{name}:{error.lineno}: is no JSON: {error.msg} (column {error.colno}).") from None
    except ValueError as error:
        raise CheckError(f"{name}: is no JSON: {error}.") from None
    if too_deep(found):
        raise CheckError(f"{name}: nests more than {DEPTH} levels deep. Flatten it.")
    return found


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def _called(value: Any) -> str:
    if value is None:
        return "nothing"
    return {list: "a list", str: "a text", bool: "a truth value"}.get(type(value), "a number")
