"""Reading the requirements document from disk: its bytes become text, or one line says why not."""

from __future__ import annotations

import codecs
import hashlib
import os
import re
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.architect.document.tidy import without_front_matter
from pytest_superteam.errors import PrdError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MAX_BYTES", "Prd", "read_prd", "read_prds"]

MAX_BYTES = 16 * 1024 * 1024
"""Most that is read, in bytes, of one document or of several together; the longest real one seen has 170 kB."""

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
# Typographic signs of Windows-1252 alone among ASCII: in no other encoding that is in use do they stand like this.
_NO_WINDOWS = re.compile(rb"[\x80-\x84\x86-\x90\x98\x9a-\x9f\xa1-\xff]|[\x80-\xff]{2}")
_PLACEHOLDER = re.compile(
    r"\[(?![ xX]\])[^\[\]\n]{2,300}\](?![(\[])|\{\{[^{}\n]{1,200}\}\}|<[a-z][\w /-]{2,60}>"
    r"|\b(?:TODO|TBD|FIXME|lorem ipsum)\b[^\n|]{0,200}"
    r"|(?<!\w)(?:\.\.\.|\u2026|_{3,})(?!\w)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^[\s>|*+-]*(?:\d{1,3}[.)]\s)?(?:\[[ xX]\]\s)?(?:[*_`]{0,3}[\w /()-]{1,50}[*_`]{0,3}\s?:[*_]{0,3})?"
)
_NO_CONTENT = re.compile(r"^(?:#{1,6}(?:\s.*)?|[-=*_\s]*|<!--.*-->)$")

_LONGEST_TEMPLATE = 2_000


@dataclass(frozen=True)
class Prd:
    """A requirements document: where it lies, its text with line feeds, and the SHA-256 of its bytes.

    Of several documents `path` is the first, the text is one after the other, and `starts` has the first line of each,
    from 1, and what to call it.
    """

    path: Path
    text: str
    sha256: str
    starts: tuple[tuple[int, str], ...] = ()

    def place(self, line: int) -> str:
        """Return which line of which document a line of the text is, such as `docs/api.md:12`."""
        if not self.starts:
            return f"{self.path.name}:{line}"
        index = max(bisect_right([start for start, _ in self.starts], line) - 1, 0)
        start, name = self.starts[index]
        return f"{name}:{line - start + 1}"


def read_prd(path: Path) -> Prd:
    """Read the document at `path`.

    Raises:
        PrdError: it can't be read, is too large, is not text, or holds no requirement; one line.
    """
    shown = _printable(str(path))
    data = _read_bytes(path, shown)
    text = _text(data, shown)
    _check_content(text, shown)
    return Prd(path=path, text=text, sha256=hashlib.sha256(data).hexdigest())


def read_prds(paths: Sequence[Path]) -> Prd:
    """Read several documents as one text, in the order given, each once.

    Raises:
        PrdError: one of them can't be read or is not text, they are too large together, or hold no requirement.
    """
    files = list(dict.fromkeys(paths))
    if len(files) == 1:
        return read_prd(files[0])
    if not files:
        raise PrdError("--prd: no document is named. Name a Markdown file in UTF-8.")
    base = _common(files)
    texts: list[str] = []
    starts: list[tuple[int, str]] = []
    digest, size, line = hashlib.sha256(), 0, 1
    for file in files:
        shown = _printable(str(file))
        data = _read_bytes(file, shown)
        size += len(data)
        if size > MAX_BYTES:
            raise PrdError(
                f"--prd: the documents up to '{shown}' are too large together ({size} bytes). "
                f"Allowed are {MAX_BYTES} bytes (16 MiB). Name fewer of them."
            )
        # Of each file, so that no line moves from one to the next unnoticed.
        digest.update(hashlib.sha256(data).digest())
        if data.strip() and data not in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            text = _text(data, shown).removeprefix("\ufeff").rstrip("\n") + "\n\n"
            starts.append((line, _name(file, base)))
            texts.append(without_front_matter(text) if texts else text)
            line += text.count("\n")
    whole = "".join(texts)
    _check_content(whole, _printable(str(base)))
    return Prd(files[0], whole, digest.hexdigest(), tuple(starts))


def _common(files: Sequence[Path]) -> Path:
    try:
        return Path(os.path.commonpath([file.parent for file in files]))
    except ValueError:  # on two drives
        return Path()


def _name(file: Path, base: Path) -> str:
    return _printable(file.relative_to(base).as_posix() if file.is_relative_to(base) else file.name)


def _text(data: bytes, shown: str) -> str:
    return _decode(data, shown).replace("\r\n", "\n").replace("\r", "\n")


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
            f"--prd: '{shown}' is too large ({max(size, len(data))} bytes). Allowed are {MAX_BYTES} bytes (16 MiB). "
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
        if encoding == "utf-8" and not _NO_WINDOWS.search(data):
            return data.decode("cp1252")
        raise PrdError(
            f"--prd: '{shown}' is not text in an encoding that was tried (utf-8; utf-8 and utf-16 with a byte order "
            f"mark): byte {error.start} does not fit '{encoding.removesuffix('-sig')}'. {_ALLOWED} Save it as UTF-8."
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
    underlined = {
        i for i, line in enumerate(lines[1:]) if line[:1] in ("=", "-") and lines[i] and not line.strip(line[0])
    }
    body = [line for i, line in enumerate(lines) if not _NO_CONTENT.match(line) and i not in underlined]
    if _is_template(body):
        raise PrdError(
            f"--prd: '{shown}' is a template that nobody filled in ('{_printable(_first_blank(body))}'). "
            "Allowed is a document that says what to build. Replace what stands in brackets."
        )
    # Endpoints may be written as headings; that is content.
    endpoints = re.search(r"\b(?:GET|POST|PUT|PATCH|DELETE)\b[\s`:]{0,8}/", text)
    words = sum(len(line.split()) for line in body)
    if (not body or (len(lines) == 1 and words < 8)) and not endpoints:
        raise PrdError(
            f"--prd: '{shown}' holds no requirement, only a title. Allowed is a document that says what to build. "
            "Add services, entities, endpoints or features."
        )


def _is_template(body: Sequence[str]) -> bool:
    """Return whether most lines hold nothing but something to fill in."""
    if len(body) > _LONGEST_TEMPLATE:
        return False
    filled = [line[:600] for line in body if not re.fullmatch(r"[\s|:*_-]*", line)]
    blank = sum(1 for line in filled if _is_blank(line))
    return blank >= 3 and blank * 5 >= len(filled) * 3


def _is_blank(line: str) -> bool:
    rest = _PLACEHOLDER.sub("", line)
    return rest != line and not re.search(r"\w{3,}.*\w{3,}", _LABEL.sub("", rest, count=1))


def _first_blank(body: Sequence[str]) -> str:
    return next((line for line in body if _is_blank(line[:600])), "")[:60]


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)[:300]
