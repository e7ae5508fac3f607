"""Reading the requirements document from disk: its bytes become text, or one line says why not."""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.errors import PrdError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MAX_BYTES", "Prd", "read_prd"]

MAX_BYTES = 2 * 1024 * 1024
"""Largest document that is read, in bytes; the longest of the real ones that shaped this reader has 170 kB."""

_ALLOWED = "Allowed is a Markdown file in UTF-8."
# UTF-32 comes first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NO_CONTENT = re.compile(r"^(?:#{1,6}(?:\s.*)?|[-=*_\s]*|<!--.*-->)$")


@dataclass(frozen=True)
class Prd:
    """A requirements document: where it lies, its text with line feeds, and the SHA-256 of its bytes."""

    path: Path
    text: str
    sha256: str


def read_prd(path: Path) -> Prd:
    """Read the document at `path`.

    Raises:
        PrdError: it can't be read, is too large, is not text, or holds no requirement; one line.
    """
    shown = _printable(str(path))
    data = _read_bytes(path, shown)
    text = _decode(data, shown).replace("\r\n", "\n").replace("\r", "\n")
    _check_content(text, shown)
    return Prd(path=path, text=text, sha256=hashlib.sha256(data).hexdigest())


def _read_bytes(path: Path, shown: str) -> bytes:
    try:
        if path.is_dir():
            raise PrdError(f"--prd: '{shown}' is a folder. {_ALLOWED} Name the file in it.")
        if not path.exists():
            raise PrdError(f"--prd: '{shown}' does not exist. {_ALLOWED} Check the path.")
        if not path.is_file():
            raise PrdError(f"--prd: '{shown}' is not a regular file. {_ALLOWED} Copy it into one.")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
            size = path.stat().st_size
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PrdError(f"--prd: '{shown}' can't be read ({_printable(reason)}). {_ALLOWED} Check the path.") from error
    if len(data) > MAX_BYTES:
        raise PrdError(
            f"--prd: '{shown}' is too large ({max(size, len(data))} bytes). Allowed are {MAX_BYTES} bytes (2 MiB). "
            "Split it, or leave out what is no requirement."
        )
    return data


def _decode(data: bytes, shown: str) -> str:
    if not data.strip():
        raise PrdError(f"--prd: '{shown}' is empty. {_ALLOWED} Write the requirements into it.")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-32":
        raise PrdError(f"--prd: '{shown}' is UTF-32, by its byte order mark. {_ALLOWED} Save it as UTF-8.")
    if encoding == "utf-8" and b"\0" in data:
        place = data.index(b"\0")
        raise PrdError(f"--prd: '{shown}' is binary (a NUL at byte {place}). {_ALLOWED} Name the text file.")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise PrdError(
            f"--prd: '{shown}' is not text in an encoding that was tried (utf-8; utf-8 and utf-16 with a byte order "
            f"mark): byte {error.start} does not fit {encoding.removesuffix('-sig')}. {_ALLOWED} Save it as UTF-8."
        ) from error
    found = _CONTROL.search(text)
    if found:
        place = len(text[: found.start()].encode("utf-8", "surrogatepass"))
        raise PrdError(
            f"--prd: '{shown}' is binary (control character 0x{ord(found.group()):02x} at byte {place}). "
            f"{_ALLOWED} Name the text file."
        )
    return text


def _check_content(text: str, shown: str) -> None:
    if not text.strip("\ufeff \t\r\n\f\v\u00a0\x1b\x85"):
        raise PrdError(f"--prd: '{shown}' is empty. {_ALLOWED} Write the requirements into it.")
    lines = [line.strip() for line in text.splitlines()]
    underlined = {i for i, line in enumerate(lines[1:]) if re.fullmatch(r"=+|-+", line) and lines[i]}
    body = [line for i, line in enumerate(lines) if not _NO_CONTENT.match(line) and i not in underlined]
    # Endpoints may be written as headings; that is content.
    endpoints = re.search(r"\b(?:GET|POST|PUT|PATCH|DELETE)\b[\s`:]{0,8}/", text)
    words = sum(len(line.split()) for line in body)
    if (not body or (len(lines) == 1 and words < 8)) and not endpoints:
        raise PrdError(
            f"--prd: '{shown}' holds no requirement, only a title. Allowed is a document that says what to build. "
            "Add services, entities, endpoints or features."
        )


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)[:300]
