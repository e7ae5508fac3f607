"""The compose files that a system is made of, with line numbers: what they include and extend is followed first.

This is read before Compose itself is started: a file that is fetched from elsewhere, lies outside of the system or
includes itself is refused here, with its line.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.errors import FinalDeploymentError
from pytest_superteam.scanners.languages.docker_words import UNSET, interpolate
from pytest_superteam.scanners.languages.yaml_nodes import Node, YamlText, mapping, read_yaml, scalar, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ALLOW", "REMOTE", "Sources", "is_inside", "read_sources"]

ALLOW = "Set `deployment.allow_outside: true` if you trust it."
"""How a message about something that leads out of the system ends."""
REMOTE = re.compile(r"[a-z][a-z0-9+.-]*:(?://|:)|git@|github\.com/|oci:", re.IGNORECASE)
"""How the name of something begins that is fetched from another machine."""
_MAX_FILES = 100
_MAX_BYTES = 2_000_000
_MAX_LINEAGE = 50
"""Services that one extends, one after the other."""
_VARIABLE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]{0,200})\s*[=:]\s*(.*)")


def is_inside(path: Path, root: Path) -> bool:
    """Return whether `path`, links followed, is `root` or lies in it."""
    try:
        found = path.resolve()
        return not found.is_symlink() and found.is_relative_to(root.resolve())  # since 3.13 a loop is left unresolved
    except (OSError, RuntimeError):  # a link that leads to itself
        return False


@dataclass
class Sources:
    """What was read so far. `files` are in the order in which they were found, the given ones first."""

    root: Path
    directory: Path
    """What the paths of the given files are relative to."""
    allow_outside: bool = False
    files: dict[Path, YamlText] = field(default_factory=dict)
    bases: dict[Path, Path] = field(default_factory=dict)
    """What the paths of each file are relative to."""
    known: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables that paths are made of."""

    def label(self, path: Path) -> str:
        """Return how messages call a file: relative to the system."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def place(self, *keys: str, naming: str = "") -> str:
        """Return `file:line` of `keys`, one within the other, as far as a file has them; of a list the item `naming`.

        The last file that has most of them counts, for it lies over the others.
        """
        best, deepest = "", 0
        for path, text in reversed(self.files.items()):
            for document in text.documents:
                depth, line = _descend(document, keys, naming)
                if depth > deepest:
                    best, deepest = f"{self.label(path)}:{line}", depth
        return best or next((self.label(path) for path in self.files), "compose file")

    def path(self, written: str, base: Path) -> Path:
        """Return a path of a compose file; variables are put in, one that is not set is empty as it is for Compose."""
        text = self.text(written)
        return Path(os.path.normpath(base / (os.path.expanduser(text) if text.startswith("~") else text)))  # noqa: PTH111

    def text(self, written: str) -> str:
        """Return a text with its variables put in."""
        return UNSET.sub("", interpolate(written, self.known).text)


def _descend(node: Node, keys: Sequence[str], naming: str) -> tuple[int, int]:
    """Return how many of `keys` stand within each other, and the line of the last; one more for the named item."""
    depth, line = 0, node.line
    for key in keys:
        entry = mapping(node).get(key)
        if entry is None:
            return depth, line
        depth, (line, node) = depth + 1, entry
    for at, item in sequence(node) if naming else ():
        texts = [scalar(item) or "", *(scalar(value) or "" for _, value in mapping(item).values())]
        if any(naming in text for text in texts):
            return depth + 1, at
    return depth, line


def read_sources(files: Sequence[Path], directory: Path, root: Path, *, allow_outside: bool = False) -> Sources:
    """Read `files`, relative to `directory`, and what they include and extend.

    Raises:
        FinalDeploymentError: a file is missing or no YAML, includes or extends itself, or leads out of `root`.
    """
    root, directory = root.resolve(), directory.resolve()
    if not is_inside(directory, root) and not allow_outside:
        raise FinalDeploymentError(f"{directory}: lies outside of the system {root}. {ALLOW}")
    sources = Sources(root, directory, allow_outside, known=_variables(directory))
    for file in files:
        _read(sources, file.resolve() if is_inside(file, root) else file, directory, (), "")
    for path in list(sources.files):
        _follow_extends(sources, path, sources.bases[path])
    return sources


def _variables(directory: Path) -> dict[str, str]:
    """Return what paths can be made of: the home folder, and the file `.env` beside the compose file."""
    known: dict[str, str] = {}
    env = directory / ".env"
    try:
        text = env.read_bytes()[:_MAX_BYTES].decode("utf-8", "replace") if env.is_file() else ""
    except OSError:
        text = ""
    for line in text.splitlines():
        match = _VARIABLE.match(line)
        if match is not None:
            value = match[2].strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            known[match[1]] = value[1:-1] if quoted else value.partition(" #")[0].rstrip()
    return known | ({"HOME": os.environ["HOME"]} if "HOME" in os.environ else {})


def _read(sources: Sources, path: Path, base: Path, chain: tuple[Path, ...], where: str) -> None:
    """Read one file and what it includes; `where` names the line that asks for it."""
    before = f"{where}: includes" if where else "The compose file"
    if path in chain:
        raise FinalDeploymentError(f"{where}: {sources.label(path)} includes itself{_by_way_of(sources, path, chain)}.")
    if path in sources.files:
        return
    if len(sources.files) >= _MAX_FILES:
        raise FinalDeploymentError(f"{where}: the system is made of more than {_MAX_FILES} compose files.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FinalDeploymentError(f"{before} {sources.label(path)}: can't be read: {error.strerror}.") from None
    if len(data) > _MAX_BYTES:
        raise FinalDeploymentError(f"{before} {sources.label(path)}: is longer than {_MAX_BYTES} bytes.")
    text = read_yaml(data.decode("utf-8-sig", "replace"))
    for problem in text.problems:
        raise FinalDeploymentError(_problem(sources.label(path), problem))
    sources.files[path], sources.bases[path] = text, base
    for document in text.documents:
        _follow_includes(sources, path, document, base, chain)


def _problem(label: str, problem: str) -> str:
    """Return what is wrong with a file, its line in front where the reader names one."""
    line = re.search(r"\blines? (\d{1,9})", problem.rpartition("mark")[2])
    return f"{label}{f':{line[1]}' if line else ''}: {problem}."


def _by_way_of(sources: Sources, path: Path, chain: tuple[Path, ...]) -> str:
    others = [sources.label(p) for p in chain[chain.index(path) + 1 :]]
    return f" by way of {', '.join(others)}" if others else ""


def _follow_includes(sources: Sources, path: Path, document: Node, base: Path, chain: tuple[Path, ...]) -> None:
    for line, item in sequence(mapping(document).get("include", (0, None))[1]):
        where = f"{sources.label(path)}:{line}"
        keys = mapping(item)
        written = _texts(keys["path"][1]) if "path" in keys else _texts(item)
        paths = [_checked(sources, name, base, where, "includes") for name in written]
        home = _texts(keys["project_directory"][1]) if "project_directory" in keys else []
        for name in (*home, *(_texts(keys["env_file"][1]) if "env_file" in keys else [])):
            _checked(sources, name, base, where, "reads")
        read = [p for p in paths if p is not None]
        inner = sources.path(home[0], base) if home else (read[0].parent if read else base)
        for file in read:
            _read(sources, file, inner, (*chain, path), where)


def _texts(node: Node | None) -> list[str]:
    """Return a text, or the texts of a list."""
    text = scalar(node)
    return [text] if text is not None else [t for _, item in sequence(node) if (t := scalar(item)) is not None]


def _checked(sources: Sources, written: str, base: Path, where: str, does: str) -> Path | None:
    """Return the path that is meant; None for what is fetched from elsewhere, where that is allowed."""
    text = sources.text(written)
    if REMOTE.match(text):
        if sources.allow_outside:
            return None
        raise FinalDeploymentError(f"{where}: {does} {text}, which is fetched from elsewhere. {ALLOW}")
    path = sources.path(written, base)
    if not sources.allow_outside and not is_inside(path, sources.root):
        raise FinalDeploymentError(f"{where}: {does} {text}, which lies outside of the system. {ALLOW}")
    return path.resolve()


def _follow_extends(sources: Sources, path: Path, base: Path) -> None:
    """Follow what the services of a file extend, and check the env files that they and their bases name."""
    for document in sources.files[path].documents:
        for name, (_, node) in mapping(mapping(document).get("services", (0, None))[1]).items():
            for file, line, found, home in _lineage(sources, path, name, node, base):
                for written in _env_files(found):
                    _checked(sources, written, home, f"{sources.label(file)}:{line}", f"{name} reads its variables of")


def _env_files(node: Node) -> list[str]:
    """Return the files that a service reads its variables and labels of."""
    found: list[str] = []
    for key in ("env_file", "label_file"):
        value = mapping(node).get(key, (0, None))[1]
        paths = [mapping(item).get("path", (0, None))[1] for _, item in sequence(value)]
        found += _texts(value) + [text for path in paths for text in _texts(path)]
    return found


def _lineage(sources: Sources, path: Path, name: str, node: Node, base: Path) -> Iterator[tuple[Path, int, Node, Path]]:
    """Yield file, line, node and folder of a service and of those that it extends."""
    seen: list[tuple[Path, str]] = []
    while True:
        line = mapping(node).get("env_file", (node.line, None))[0]
        yield path, line, node, base
        seen.append((path, name))
        at, extends = mapping(node).get("extends", (0, None))
        service = scalar(extends) or scalar(mapping(extends).get("service", (0, None))[1])
        if service is None:
            return
        where = f"{sources.label(path)}:{at}"
        written = scalar(mapping(extends).get("file", (0, None))[1])
        if written is not None:
            other = _checked(sources, written, base, where, f"{name} extends")
            if other is None:
                return
            path, base = (other, other.parent) if other != path else (path, base)
            if path not in sources.files:
                _read_base(sources, path, where)
        if len(seen) > _MAX_LINEAGE:
            raise FinalDeploymentError(
                f"{where}: a service extends more than {_MAX_LINEAGE} others, one after the other."
            )
        if (path, service) in seen:
            way = " -> ".join([*(n for _, n in seen), service])
            raise FinalDeploymentError(f"{where}: a service extends itself: {way}.")
        found = _service(sources.files[path], service)
        if found is None:
            raise FinalDeploymentError(f"{where}: {name} extends {service}, which is not in {sources.label(path)}.")
        name, node = service, found


def _read_base(sources: Sources, path: Path, where: str) -> None:
    """Read a file that a service extends; only that service of it counts."""
    if not path.is_file():
        raise FinalDeploymentError(f"{where}: extends {sources.label(path)}, which is not there.")
    _read(sources, path, path.parent, (), where)


def _service(text: YamlText, name: str) -> Node | None:
    for document in text.documents:
        entry = mapping(mapping(document).get("services", (0, None))[1]).get(name)
        if entry is not None:
            return entry[1]
    return None
