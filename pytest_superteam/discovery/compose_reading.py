"""Compose files as they lie on disk: services with their lines, `include` and `extends` followed, variables put in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.discovery.tree import Tree, below, folder_of, joined
from pytest_superteam.discovery.words import plain
from pytest_superteam.scanners.languages.docker_words import interpolate
from pytest_superteam.scanners.languages.yaml_nodes import Node, mapping, read_yaml, scalar, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ComposeFile", "ComposeService", "Part", "Value", "environment_file", "merged", "read_file"]

_MAX_HOPS = 10
_MAX_SERVICES = 500
_NOT_V1 = frozenset({"services", "version", "volumes", "networks", "configs", "secrets", "include", "name"})
_ENV_NAMES = (".env", ".env.example", ".env.sample", ".env.template", ".env.dist", "env.example", ".env.local")
_ENV_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,100})[ \t]*=[ \t]*(.{0,2000})$", re.MULTILINE)


@dataclass(frozen=True)
class Value:
    """One text of a compose file with its variables put in, and where it stands."""

    text: str
    file: str
    line: int
    known: bool = True
    """Whether all of its variables have a value."""


@dataclass(eq=False)
class Part:
    """What one file says about one service."""

    name: str
    file: str
    line: int
    node: Node
    home: str
    """Folder that its paths are relative to."""
    variables: Mapping[str, str]

    @property
    def keys(self) -> dict[str, tuple[int, Node]]:
        """Return line and value by key."""
        return mapping(self.node)

    def value(self, node: Node | None, line: int = 0) -> Value | None:
        """Return a scalar with its variables put in."""
        raw = scalar(node)
        if raw is None or node is None:
            return None
        found = interpolate(raw, self.variables)
        return Value(found.text, self.file, line or node.line, found.known)


@dataclass(frozen=True)
class ComposeFile:
    """One compose file. `includes` are the files that it takes in, `broken` says what is wrong with it."""

    path: str
    parts: tuple[Part, ...] = ()
    includes: tuple[str, ...] = ()
    broken: str = ""
    name: str = ""

    @property
    def folder(self) -> str:
        """Return the folder that it lies in."""
        return folder_of(self.path)


@dataclass(eq=False)
class ComposeService:
    """A service as the files that are laid over each other make it; the last part that has a key wins."""

    name: str
    parts: list[Part] = field(default_factory=list)

    @property
    def file(self) -> str:
        """Return the file that names it first."""
        return self.parts[0].file

    @property
    def line(self) -> int:
        """Return the line of its name there."""
        return self.parts[0].line

    def part(self, key: str) -> tuple[Part, Node] | None:
        """Return the part that decides `key`, with its value."""
        return next(((part, part.keys[key][1]) for part in reversed(self.parts) if key in part.keys), None)

    def value(self, key: str) -> Value | None:
        """Return the text of `key`."""
        found = self.part(key)
        return found[0].value(found[1]) if found else None

    def values(self, key: str) -> list[Value]:
        """Return the texts of a list, or the one text."""
        found = self.part(key)
        return _values(*found) if found else []

    def names(self, key: str) -> list[Value]:
        """Return the items of lists or the keys of mappings, of all parts."""
        found: dict[str, Value] = {}
        for part in self.parts:
            node = part.keys.get(key, (0, None))[1]
            for name, (line, _) in mapping(node).items():
                found[name] = Value(name, part.file, line)
            found |= {value.text: value for value in (_values(part, node) if node and node.id == "sequence" else [])}
        return list(found.values())

    def nested(self, key: str) -> tuple[Part, dict[str, tuple[int, Node]]] | None:
        """Return a mapping and the part that has it."""
        found = self.part(key)
        return (found[0], mapping(found[1])) if found and mapping(found[1]) else None

    @property
    def environment(self) -> dict[str, Value]:
        """Return the variables that are set, of all parts, by name."""
        found: dict[str, Value] = {}
        for part in self.parts:
            node = part.keys.get("environment", (0, None))[1]
            for name, (line, value) in mapping(node).items():
                text = part.value(value, line)
                found |= {name: text} if text else {}
            for item in _values(part, node) if node and node.id == "sequence" else []:
                name, equals, text_ = item.text.partition("=")
                found |= {name.strip(): Value(text_, item.file, item.line, item.known)} if equals else {}
        return found

    @property
    def command(self) -> Value | None:
        """Return entrypoint and command as one text."""
        texts = [*self.values("entrypoint"), *self.values("command")]
        return Value(" ".join(v.text for v in texts), texts[0].file, texts[0].line) if texts else None

    def ports(self) -> Iterator[tuple[int, Value, str]]:
        """Yield the ports inside the container, with where they stand and the protocol of the mapping."""
        for part in self.parts:
            for _, item in sequence(part.keys.get("ports", (0, None))[1]):
                value, protocol = part.value(item), "tcp"
                if value is None:
                    target = mapping(item).get("target", (0, None))[1]
                    value = part.value(target)
                if value is not None:
                    text, _, protocol = value.text.partition("/")
                    number = _number(text.rpartition(":")[2] if "${" not in text else _last(text))
                    yield from [(number, value, protocol or "tcp")] if number else []

    def exposed(self) -> Iterator[tuple[int, Value]]:
        """Yield the ports of `expose`."""
        for value in self.values("expose"):
            number = _number(value.text.partition("/")[0])
            if number:
                yield number, value


def _last(text: str) -> str:
    """Return what stands behind the last colon outside of braces."""
    depth, cut = 0, 0
    for index, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        cut = index + 1 if char == ":" and not depth else cut
    return text[cut:]


def _number(text: str) -> int:
    text = text.partition("-")[0].strip()
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536 else 0


def _values(part: Part, node: Node) -> list[Value]:
    items = [item for _, item in sequence(node)] if node.id == "sequence" else [node]
    return [value for item in items if (value := part.value(item)) is not None]


def environment_file(tree: Tree, path: str) -> dict[str, str]:
    """Return names and values of an environment file."""
    return {m[1]: _uncommented(m[2]) for m in _ENV_LINE.finditer(tree.text(path)[:200_000])}


def _uncommented(value: str) -> str:
    value = value.strip()
    if value[:1] in {"'", '"'}:
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value
    return plain(value.partition(" #")[0])


def _variables(tree: Tree, folder: str) -> dict[str, str]:
    """Return the variables that Compose would know in a folder, else those of the example beside it."""
    for name in _ENV_NAMES:
        if tree.has(folder, name):
            raw = environment_file(tree, below(folder) + name)
            return {key: interpolate(value, raw).text if "$" in value else value for key, value in raw.items()}
    return {}


def read_file(tree: Tree, path: str, home: str = "") -> ComposeFile:
    """Return one compose file; of one that is none, or cannot be read, no services and what is wrong."""
    text = read_yaml(tree.text(path))
    if not text.documents or text.documents[0].id != "mapping":
        return ComposeFile(path, broken=next(iter(text.problems), "is empty or has no services"))
    top = mapping(text.documents[0])
    block = mapping(top["services"][1]) if "services" in top else {}
    if "services" not in top:
        block = {n: e for n, e in top.items() if n not in _NOT_V1 and mapping(e[1]).keys() & {"image", "build"}}
    folder = home or folder_of(path)
    variables = _variables(tree, folder) or (_variables(tree, ".") if folder != "." else {})
    entries = [(name, entry) for name, entry in block.items() if entry[1].id == "mapping"][:_MAX_SERVICES]
    parts = tuple(Part(name, path, line, node, folder, variables) for name, (line, node) in entries)
    broken = "" if parts or "include" in top else next(iter(text.problems), "has no services")
    return ComposeFile(path, parts, tuple(_includes(top, folder)), broken, scalar(top.get("name", (0, None))[1]) or "")


def _includes(top: Mapping[str, tuple[int, Node]], folder: str) -> Iterator[str]:
    for _, item in sequence(top.get("include", (0, None))[1]):
        node = mapping(item)["path"][1] if "path" in mapping(item) else item
        for text in [scalar(node), *(scalar(inner) for _, inner in sequence(node))]:
            path = joined(folder, text) if text else None
            if path:
                yield path


def merged(tree: Tree, files: Sequence[ComposeFile]) -> dict[str, ComposeService]:
    """Return the services of files that are laid over each other, with what they include and extend."""
    found: dict[str, ComposeService] = {}
    for file in _with_included(tree, files):
        for part in file.parts:
            service = found.setdefault(part.name, ComposeService(part.name))
            service.parts += [*_bases(tree, part), part]
    return found


def _with_included(tree: Tree, files: Sequence[ComposeFile]) -> list[ComposeFile]:
    """Return the files, those that they include before them, each once."""
    found: dict[str, ComposeFile] = {}

    def add(file: ComposeFile, hops: int) -> None:
        if file.path in found or hops > _MAX_HOPS:
            return
        found[file.path] = file  # before its own includes, so that a circle ends
        for path in file.includes:
            if tree.is_file(path):
                add(read_file(tree, path), hops + 1)

    for file in files:
        add(file, 0)
    return list(found.values())


def _bases(tree: Tree, part: Part) -> list[Part]:
    """Return the parts that a service extends, the farthest first."""
    found: list[Part] = []
    seen = {(part.file, part.name)}
    for _ in range(_MAX_HOPS):
        node = part.keys.get("extends", (0, None))[1]
        name = part.value(node) or part.value(mapping(node).get("service", (0, None))[1])
        file = part.value(mapping(node).get("file", (0, None))[1])
        path = joined(part.home, file.text) if file else part.file
        if name is None or path is None or (path, name.text) in seen:
            break
        seen.add((path, name.text))
        base = next((p for p in read_file(tree, path).parts if p.name == name.text), None)
        if base is None:
            break
        found.insert(0, base)
        part = base
    return found
