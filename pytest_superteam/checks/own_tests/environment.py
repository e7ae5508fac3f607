"""The copy of a service and what was installed for it: made once, and anew where what it rests on has changed."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from pytest_superteam.atomic import write_atomically
from pytest_superteam.checks.own_tests.copying import copy_source, fresh_folder, remove

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from pytest_superteam.checks.own_tests.place import Kind, Place

__all__ = ["lay_out", "provide"]

VERSION = "1"
"""Goes into the key of an environment: a change here makes all anew."""
_STAMP = "environment.json"
_FENCE = {".env": "", "pytest.ini": "[pytest]\n"}
"""Files above the copy at which looks for settings end (python-dotenv, pytest), before they find the project's own."""


def lay_out(place: Place, source: Path, inner: Collection[str]) -> tuple[str, ...]:
    """Copy the source anew, and keep what was installed into the last copy aside until `provide` knows whether it fits.

    Returns:
        Paths of what was left out, as `copy_source` says.
    """
    place.work.mkdir(parents=True, exist_ok=True)
    for name, text in _FENCE.items():
        remove(place.work / name)
        (place.work / name).write_text(text, encoding="utf-8")
    stamp, kept = _stamp(place), fresh_folder(place.work / "kept")
    for number, name in enumerate(stamp.get("modules", ())):
        _move(place.top / name, kept / str(number))
    fresh_folder(place.top)
    for name in ("tmp", "results"):
        fresh_folder(place.work / name)
    if (place.work / "home").is_symlink() or not (place.work / "home").is_dir():
        fresh_folder(place.work / "home")
    left_out = copy_source(source, place.top, inner)
    _settle(place.folder)
    return left_out


def _settle(folder: Path) -> None:
    """Take the service's example of its settings for its settings, as its readers are told to."""
    for name in (".env.test", ".env.example", ".env.sample", ".env.template", "env.example"):
        if (folder / name).is_file() and not (folder / ".env").exists():
            (folder / ".env").write_bytes((folder / name).read_bytes())


def provide(place: Place, kind: Kind) -> bool:
    """Make the environment of the tests, or take the one that is there; return whether it was made.

    Raises:
        CheckError: it can't be made.
    """
    key, stamp, kept = _key(place, kind), _stamp(place), place.work / "kept"
    modules: list[str] = stamp.get("modules", [])
    there = stamp.get("key") == key and (kind.name != "python" or (place.work / "venv" / "bin" / "python").is_file())
    if there and all((kept / str(number)).is_dir() for number, _ in enumerate(modules)):
        for number, name in enumerate(modules):
            _move(kept / str(number), place.top / name)
        place.notes += stamp.get("notes", ())
        kind.enter(place)
        return False
    for name in (_STAMP, "kept", "venv", "home", "install.log"):
        remove(place.work / name)
    (place.work / "home").mkdir()
    before = len(place.notes)
    kind.make(place)
    made = {"key": key, "modules": list(_modules(place.top)), "notes": place.notes[before:]}
    write_atomically(place.work / _STAMP, json.dumps(made))
    kind.enter(place)
    return True


def _key(place: Place, kind: Kind) -> str:
    digest = hashlib.sha256(f"{VERSION}\0{kind.name}\0{kind.tools(place)}\0{place.folder}".encode())
    for path in kind.inputs(place):
        digest.update(f"\0{path.relative_to(place.top)}\0".encode("utf-8", "surrogateescape"))
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _stamp(place: Place) -> dict[str, Any]:
    """Return what was noted of the environment that is there; nothing where there is none."""
    path = place.work / _STAMP
    try:
        data = json.loads(path.read_bytes()) if path.is_file() and not path.is_symlink() else {}
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _modules(top: Path) -> Iterator[str]:
    """Yield the `node_modules` folders of the copy, none of them inside another."""
    for folder, names, _ in os.walk(top):
        if "node_modules" in names:
            yield os.path.relpath(os.path.join(folder, "node_modules"), top)  # noqa: PTH118  # beside os.walk
        names[:] = [name for name in names if name not in {"node_modules", ".git"}]


def _move(source: Path, target: Path) -> None:
    """Move a folder that is one; what is reached through a link, or is a file, is left to be removed."""
    if source.is_dir() and source.resolve() == source and target.parent.is_dir() and not target.exists():
        source.rename(target)
