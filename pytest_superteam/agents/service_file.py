"""`service.json`: how a service that an agent built is started and tested, as the agent says or as its files show."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from pytest_superteam.agents.task.templates import PLACEHOLDER
from pytest_superteam.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["SERVICE_FILE", "Commands", "read", "vector"]

SERVICE_FILE = "service.json"
_MOST_BYTES = 64 << 10
_MOST_WORDS = 100
_MOST_CHARACTERS = 4_000
_MODULES = frozenset({"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "flask", "fastapi", "pytest", "alembic"})
"""Programs that Python packages bring; as modules they are those of the interpreter that runs the system."""
_PYTHON = re.compile(r"python(?:3(?:\.\d{1,2})?)?")
_OWN_PYTHON = re.compile(r"(?:\./)?\.?(?:venv|env)/")
_EXAMPLE = (
    '{"start": ["python", "-m", "uvicorn", "app.main:app", "--port", "{port}"], "test": ["python", "-m", "pytest"]}'
)


@dataclass(frozen=True)
class Commands:
    """Argument vectors for the service's folder; `found` says where they are from, such as `service.json`."""

    start: tuple[str, ...]
    test: tuple[str, ...] = ()
    found: str = SERVICE_FILE


def read(directory: Path) -> Commands:
    """Return how the service in `directory` is started and tested; what `service.json` leaves out, its files show.

    Raises:
        BuildError: `service.json` is wrong, or it is missing and nothing shows how the service is started.
    """
    from pytest_superteam.agents.detecting import start_of, test_of

    said = _said(directory / SERVICE_FILE)
    if said is None:
        start, found = start_of(directory)
        if not start:
            raise BuildError(f"nothing says how it is started: there is no {SERVICE_FILE}. Write one: {_EXAMPLE}")
        return Commands(start, test_of(directory), found)
    return Commands(said["start"], said.get("test") or test_of(directory))


def _said(file: Path) -> dict[str, tuple[str, ...]] | None:
    """Return what the file says, checked; None where there is none."""
    if not file.is_symlink() and not file.exists():
        return None
    data = _document(file)
    if not isinstance(data, dict):
        raise _wrong(f"it holds no object but {type(data).__name__}", _EXAMPLE)
    if "start" not in data:
        near = difflib.get_close_matches("start", [str(key) for key in data], n=1)
        raise _wrong("`start` is missing" + (f", there is '{near[0]}'" if near else ""), _EXAMPLE)
    said = {key: _words(key, data[key]) for key in ("start", "test") if data.get(key) is not None}
    if not said.get("start"):
        raise _wrong("`start` is empty", _EXAMPLE)
    return {key: vector(words, key) for key, words in said.items() if words}


def _document(file: Path) -> Any:
    if file.is_symlink() or not file.is_file():
        raise _wrong("it is no plain file", "Write a file.")
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise _wrong(f"it is larger than {_MOST_BYTES >> 10} KiB", "It holds two short lists.")
        return json.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise _wrong(f"it can't be read ({error.strerror})", "Make it readable.") from None
    except UnicodeDecodeError as error:
        raise _wrong(f"it is no UTF-8 (byte {error.start})", "Save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise _wrong(f"it is no JSON: {error.msg} in line {error.lineno}", "Mend it.") from None
    except (ValueError, RecursionError):
        raise _wrong("it is no JSON that can be read", "Mend it.") from None


def _words(key: str, value: Any) -> tuple[str, ...]:
    """Return a value of the file as words."""
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        what = "a text" if isinstance(value, str) else "no list of texts"
        raise _wrong(f"`{key}` is {what}", "It is a list of words, one for each argument.")
    return tuple(value)


def vector(words: Iterable[str], what: str) -> tuple[str, ...]:
    """Return an argument vector, the interpreter and its programs named as they are everywhere.

    Raises:
        BuildError: it is no usable vector; one line that names it by `what`.
    """
    argv = tuple(words)
    if len(argv) > _MOST_WORDS or any(len(word) > _MOST_CHARACTERS for word in argv):
        raise _wrong(f"`{what}` is too long", f"Allowed are {_MOST_WORDS} words of {_MOST_CHARACTERS} characters.")
    bad = next((word for word in argv if not _is_text(word)), None)
    if bad is not None:
        raise _wrong(f"`{what}` holds {bad[:40]!a}", "Control characters can't stand in an argument.")
    unfilled = next((found[0] for word in argv if (found := re.search(PLACEHOLDER, word))), None)
    if unfilled:
        raise _wrong(f"`{what}` still holds '{unfilled}' of the template", "Fill it in.")
    program = argv[0].strip() if argv else ""
    if not program:
        raise _wrong(f"`{what}` names no program", "Its first word is one.")
    if " " in program:
        raise _wrong(f"`{what}` has a whole command line as its first word", "Make each argument a word of its own.")
    return _normal(program, argv[1:], what)


def _normal(program: str, rest: tuple[str, ...], what: str) -> tuple[str, ...]:
    if _OWN_PYTHON.match(program):
        raise _wrong(f"`{what}` starts '{program}' of an environment of its own", "Only `python` is there later.")
    path = PurePosixPath(program)
    if path.is_absolute() or ".." in path.parts:
        if path.name not in _MODULES and not _PYTHON.fullmatch(path.name):
            raise _wrong(f"`{what}` starts '{program}', which is outside of the folder", "Name a program in it.")
        program = path.name  # the one of the interpreter that runs the system, however it was called
    if _PYTHON.fullmatch(program):
        return ("python", *rest)
    return ("python", "-m", program, *rest) if program in _MODULES else (program, *rest)


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return not any(character < " " or character == "\x7f" for character in word)


def _wrong(problem: str, advice: str) -> BuildError:
    return BuildError(f"{SERVICE_FILE}: {problem}. {advice}")
