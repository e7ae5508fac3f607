"""What a Python service and its tests need installed: requirements files, pyproject.toml, Pipfile, lock files."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.own_tests.trees import read_text
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["INPUTS", "Needs", "needs_of", "requirement"]

INPUTS = ("pyproject.toml", "Pipfile", "Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock", "setup.py", "setup.cfg")
"""Files besides the requirements that say what is needed."""
_GROUPS = ("test", "tests", "testing", "dev", "develop", "development")
_MAIN_FILES = ("requirements.txt", "requirements.in", "requirements/base.txt", "requirements/common.txt")
_TEST_STEMS = tuple(f"{a}{d}{b}" for d in "-_." for g in _GROUPS for a, b in (("requirements", g), (g, "requirements")))
_SPEC = re.compile(r"[A-Za-z0-9][^\n\r]{0,500}")


@dataclass(frozen=True)
class Needs:
    """What has to be installed. Paths are files of the copy."""

    files: tuple[Path, ...] = ()
    """Requirements files."""
    specs: tuple[str, ...] = ()
    """Requirements as pip reads them."""
    pins: tuple[str, ...] = ()
    """`name==version` of a lock file: they bind only what is needed."""
    project: bool = False
    """Whether the project itself says in code what it needs, so that it has to be installed."""
    python: str = ""
    """The versions of Python that it allows, as in `requires-python`."""
    meant: int = 0
    """The minor version of Python 3 that it is run on elsewhere, where something says so."""

    @property
    def nothing(self) -> bool:
        """Return whether nothing is to be installed."""
        return not (self.files or self.specs or self.project)


def needs_of(folder: Path) -> Needs:
    """Return what the service in `folder` and its tests need.

    Raises:
        CheckError: a file that says so can't be read.
    """
    files = tuple(_requirement_files(folder))
    project, pipfile = _toml(folder / "pyproject.toml"), _toml(folder / "Pipfile")
    specs = [*_standard(project, main=not files), *_poetry(project, main=not files)]
    if not specs and not files:
        specs += _poetry_specs(_table(pipfile, "packages"))
    specs += _poetry_specs(_table(pipfile, "dev-packages"))
    dynamic = "dependencies" in _texts(_table(project, "project").get("dynamic"))
    in_code = not files and (dynamic or (not specs and (folder / "setup.py").is_file()))
    python = str(_table(project, "project").get("requires-python") or "")
    poetry = _table(project, "tool", "poetry", "dependencies").get("python")
    return Needs(
        files,
        tuple(dict.fromkeys(spec for spec in specs if _SPEC.fullmatch(spec))),
        () if files else tuple(_pins(folder)),
        project=in_code,
        python=python or (_version(poetry) if isinstance(poetry, str) else ""),
        meant=_meant(folder),
    )


_MEANT = {
    "Pipfile": r"^python_(?:full_)?version *= *[\"']3\.(\d{1,2})",
    ".python-version": r"^3\.(\d{1,2})",
    "runtime.txt": r"^python-3\.(\d{1,2})",
    "Dockerfile": r"^FROM +(?:[\w.:/-]{1,200}/)?python:3\.(\d{1,2})",
}


def _meant(folder: Path) -> int:
    """Return the minor version of Python that a Pipfile, a version file or the image names; 0 where none does."""
    matches = (re.search(sign, read_text(folder / name), re.MULTILINE) for name, sign in _MEANT.items())
    return next((int(match[1]) for match in matches if match), 0)


def _requirement_files(folder: Path) -> Iterator[Path]:
    main = next((folder / name for name in _MAIN_FILES if (folder / name).is_file()), None)
    if main is not None:
        yield main
    for ending in (".txt", ".in"):
        found = [folder / f"{stem}{ending}" for stem in _TEST_STEMS]
        found += [folder / "requirements" / f"{group}{ending}" for group in _GROUPS]
        there = [path for path in found if path.is_file()]
        yield from there
        if there:
            return


def _toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CheckError(f"{path.name} is no TOML: {error}. Mend it.") from None


def _table(data: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    current: Any = data
    for key in keys:
        current = current.get(key) if isinstance(current, dict) else None
    return current if isinstance(current, dict) else {}


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _standard(project: Mapping[str, Any], *, main: bool) -> Iterator[str]:
    """Yield the requirements of PEP 621 and PEP 735, and of uv's and PDM's tables before these."""
    own = _table(project, "project")
    if main:
        yield from _texts(own.get("dependencies"))
    for name in _GROUPS:
        yield from _texts(_table(own, "optional-dependencies").get(name))
        yield from _group(_table(project, "dependency-groups"), name, set())
        yield from _texts(_table(project, "tool", "pdm", "dev-dependencies").get(name))
    yield from _texts(_table(project, "tool", "uv").get("dev-dependencies"))


def _group(groups: Mapping[str, Any], name: str, seen: set[str]) -> Iterator[str]:
    if name in seen or not isinstance(groups.get(name), list):
        return
    seen.add(name)
    for entry in groups[name]:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict) and isinstance(entry.get("include-group"), str):
            yield from _group(groups, entry["include-group"], seen)


def _poetry(project: Mapping[str, Any], *, main: bool) -> Iterator[str]:
    tool = _table(project, "tool", "poetry")
    if main:
        yield from _poetry_specs(_table(tool, "dependencies"))
    yield from _poetry_specs(_table(tool, "dev-dependencies"))
    for name in _GROUPS:
        yield from _poetry_specs(_table(tool, "group", name, "dependencies"))


def _poetry_specs(table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        if name.lower() not in {"python", "python_version"}:
            spec = requirement(name, value)
            if spec:
                yield spec


def requirement(name: str, value: Any) -> str:
    """Return what Poetry and Pipenv write as `name = value` as a requirement of pip; empty where pip has none."""
    if isinstance(value, list):
        value = value[0] if value else "*"
    if isinstance(value, str):
        return f"{name}{_version(value)}"
    if not isinstance(value, dict) or value.get("optional") is True or "path" in value or "file" in value:
        return ""
    extras = ",".join(_texts(value.get("extras")))
    named = f"{name}[{extras}]" if extras else name
    marker = f" ; {value['markers']}" if isinstance(value.get("markers"), str) else ""
    if isinstance(value.get("git"), str):
        at = value.get("rev") or value.get("tag") or value.get("branch") or value.get("ref")
        return f"{named} @ git+{value['git']}{f'@{at}' if at else ''}{marker}"
    if isinstance(value.get("url"), str):
        return f"{named} @ {value['url']}{marker}"
    version = value.get("version")
    return f"{named}{_version(version) if isinstance(version, str) else ''}{marker}"


def _version(text: str) -> str:
    """Return Poetry's `^1.2`, `~1.2`, `1.2` and `*` as a version specifier (PEP 440)."""
    return ",".join(filter(None, (_one_version(part.strip()) for part in text.rpartition("||")[2].split(","))))


def _one_version(text: str) -> str:
    if text in {"", "*", "latest"}:
        return ""
    if text[0] not in "^~" or text.startswith("~="):
        return text.replace(" ", "") if text[0] in "<>=!~" else f"=={text}"
    version = text[1:].strip()
    parts = [int(part) for part in re.findall(r"\d{1,9}", version)[:3]]
    if not parts:
        return ""
    return f">={version},<{_limit(parts, caret=text[0] == '^')}"


def _limit(parts: list[int], *, caret: bool) -> str:
    """Return the first version that is too new: `^` keeps the first number that is not zero, `~` the first two."""
    keep = next((at for at, part in enumerate(parts) if part), len(parts) - 1) if caret else min(1, len(parts) - 1)
    return ".".join(str(part) for part in [*parts[:keep], parts[keep] + 1])


def _pins(folder: Path) -> Iterator[str]:
    """Yield the versions that a lock file names, each package once: two versions of one package bind nothing."""
    for name in ("poetry.lock", "uv.lock", "pdm.lock"):
        packages = _toml(folder / name).get("package")
        if isinstance(packages, list):
            yield from _once((p.get("name"), p.get("version")) for p in packages if isinstance(p, dict))
            return
    if (folder / "Pipfile.lock").is_file():
        try:
            lock = json.loads(read_text(folder / "Pipfile.lock"))
        except (ValueError, RecursionError):
            raise CheckError("Pipfile.lock is no JSON. Mend it.") from None
        locked = [*_table(lock, "default").items(), *_table(lock, "develop").items()]
        versions = {(name, str(v.get("version", "")).removeprefix("==")) for name, v in locked if isinstance(v, dict)}
        yield from _once(sorted(versions))


_PIN = re.compile(r"[A-Za-z0-9._-]{1,100}==[0-9][A-Za-z0-9._+!-]{0,60}")


def _once(packages: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    versions: dict[str, set[str]] = {}
    for name, version in packages:
        versions.setdefault(str(name), set()).add(str(version))
    for name, known in versions.items():
        pin = f"{name}=={next(iter(known))}"
        if len(known) == 1 and _PIN.fullmatch(pin):
            yield pin
