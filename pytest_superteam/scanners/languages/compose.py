"""Compose files with line numbers: anchors and merges followed, `extends` too, list and map forms read alike."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.docker_words import interpolate
from pytest_superteam.scanners.languages.yaml_nodes import Node, YamlText, mapping, read_yaml, scalar, sequence
from pytest_superteam.scanners.source import NotAnalysed, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ComposeService", "compose_services", "is_compose", "mapping", "read_compose", "scalar", "sequence"]
__all__ += ["pairs", "services", "truth", "yaml_of"]

_SERVICES = re.compile(rb"^[\"']?services[\"']?[ \t]*:", re.MULTILINE)
_IMAGE = re.compile(rb"(?:^[ \t]+|[{,][ \t]*)[\"']?(?:image|build)[\"']?[ \t]*:", re.MULTILINE)
_TRUE = frozenset({"true", "yes", "on", "y", "t", "1"})
_NOT_V1 = frozenset({"services", "version", "volumes", "networks", "configs", "secrets", "include", "name"})
_MAX_EXTENDS = 10
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://|git@|github\.com/", re.IGNORECASE)


@dataclass(eq=False)
class ComposeService:
    """One service of a compose file, `path`. Keys that it does not have are those of the service it `extends`."""

    path: str
    name: str
    line: int
    node: Node
    base: ComposeService | None = field(default=None, repr=False)
    """The service that it extends, where that is known."""

    @cached_property
    def keys(self) -> dict[str, tuple[int, Node]]:
        """Return line and value node by key, merges included, `extends` not."""
        return mapping(self.node)

    @property
    def lines(self) -> dict[str, int]:
        """Return the line of each key."""
        return {key: line for key, (line, _) in self.keys.items()}

    @property
    def lineage(self) -> Iterator[ComposeService]:
        """Yield the service and those that it extends, nearest first."""
        service: ComposeService | None = self
        for _ in range(_MAX_EXTENDS):
            if service is None:
                return
            yield service
            service = service.base

    def get(self, key: str) -> Node | None:
        """Return the value node of `key`, its own or that of a service that it extends."""
        return next((s.keys[key][1] for s in self.lineage if key in s.keys), None)

    def text(self, key: str) -> str | None:
        """Return the text of `key` with defaults of variables put in; None where it is no text."""
        return _text(self.get(key))

    @property
    def environment(self) -> Iterator[tuple[str, str | None, int]]:
        """Yield name, value as written (None where it comes from the caller's environment) and line."""
        seen: set[str] = set()
        for service in self.lineage:
            own = list(pairs(service.keys.get("environment", (0, None))[1]))
            yield from (entry for entry in own if entry[0] not in seen)
            seen |= {name for name, _, _ in own}

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels."""
        return {name: value or "" for name, value, _ in pairs(self.get("labels"))}

    @property
    def build(self) -> Node | None:
        """Return the node of `build`, a text or a mapping; None where it is not built."""
        node = self.get("build")
        return node if scalar(node) is not None or mapping(node) else None

    @property
    def build_lines(self) -> dict[str, tuple[int, Node]]:
        """Return line and value node by key of `build`, where it is a mapping."""
        return mapping(self.build)

    def build_text(self, key: str) -> str | None:
        """Return the text of a key of `build`."""
        return _text(self.build_lines.get(key, (0, None))[1])

    @property
    def context(self) -> str | None:
        """Return the build context from the scanned root, "" for the root itself; None: not built, or from a URL."""
        if self.build is None:
            return None
        context = _text(self.build) or self.build_text("context") or "."
        home = next((s.path for s in self.lineage if "build" in s.keys), self.path)
        return None if _REMOTE.match(context) else _joined(posixpath.dirname(home), context)

    @property
    def dockerfile(self) -> str | None:
        """Return the path, from the scanned root, of the Dockerfile that it is built from; None where there is none."""
        context = self.context
        if context is None or self.inline is not None:
            return None
        return _joined(context, self.build_text("dockerfile") or "Dockerfile")

    @property
    def inline(self) -> Node | None:
        """Return the text node of `build.dockerfile_inline`."""
        node = self.build_lines.get("dockerfile_inline", (0, None))[1]
        return node if scalar(node) is not None else None

    @property
    def target(self) -> str | None:
        """Return the stage of the Dockerfile that is built; None: the last."""
        return self.build_text("target") or None

    @property
    def image(self) -> str | None:
        """Return the image, with defaults of variables put in; with `build` it is the name of the result."""
        return self.text("image")

    @property
    def ports(self) -> tuple[str, ...]:
        """Return the published ports in the short form, `8080:80`."""
        found: list[str] = []
        for _, item in sequence(self.get("ports")):
            keys = {key: _text(node) for key, (_, node) in mapping(item).items()}
            long = ":".join(filter(None, (keys.get("published"), keys.get("target"))))
            found.append(_text(item) or long)
        return tuple(filter(None, found))

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Return the services that it waits for."""
        return _names(self.get("depends_on"))

    @property
    def networks(self) -> tuple[str, ...]:
        """Return the networks that it names; none means the default one."""
        return _names(self.get("networks"))

    @property
    def command(self) -> tuple[str, ...]:
        """Return the command: its words where it is a list, one text where it is one."""
        node = self.get("command")
        text = _text(node)
        return (text,) if text is not None else tuple(_text(item) or "" for _, item in sequence(node))

    @property
    def healthcheck(self) -> bool | None:
        """Return whether it has a health check; False where it is switched off, None where nothing is said."""
        check = mapping(self.get("healthcheck"))
        if not check:
            return None
        test = check.get("test", (0, None))[1]
        first = next((scalar(item) for _, item in sequence(test)), scalar(test))
        if truth(check.get("disable", (0, None))[1]) or (first or "").strip().upper() == "NONE":
            return False
        return True if test is not None else None


def _joined(folder: str, path: str) -> str:
    """Return a path from the scanned root; "" for the root itself."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined


def _text(node: Node | None) -> str | None:
    value = scalar(node)
    return interpolate(value).text if value is not None else None


def _names(node: Node | None) -> tuple[str, ...]:
    """Return the names of a list or the keys of a mapping."""
    return tuple(filter(None, (scalar(item) for _, item in sequence(node)))) or tuple(mapping(node))


def pairs(node: Node | None) -> Iterator[tuple[str, str | None, int]]:
    """Yield name, value and line of what is given as a mapping or as a list of `NAME=value`."""
    for name, (line, value) in mapping(node).items():
        yield name, scalar(value), line
    for line, item in sequence(node):
        yield from ((name, scalar(value), at) for name, (at, value) in mapping(item).items())  # `- NAME: value`
        name, equals, text = (scalar(item) or "").partition("=")
        if name:
            yield name.strip(), text if equals else None, line


def truth(node: Node | None) -> bool:
    """Return whether a value is true: YAML's words, in quotes too, as compose takes them, or a default that is."""
    return (_text(node) or "").strip().lower() in _TRUE


def is_compose(file: SourceFile) -> bool:
    """Return whether a file is, by its name or by its content, a compose file."""
    if file.language == "compose":
        return True
    if not file.path.lower().endswith((".yml", ".yaml")):
        return False
    return _SERVICES.search(file.data) is not None and _IMAGE.search(file.data) is not None


def read_compose(text: YamlText, path: str = "compose.yaml", *, named: bool = True) -> list[ComposeService]:
    """Return the services of the documents of a compose file.

    Args:
        text: what was read of it.
        path: where it lies, from the scanned root.
        named: whether its name says that it is one; else a service must have `image` or `build`, and the first
            version's form, with services at the top, is not looked for.
    """
    found: list[ComposeService] = []
    for document in text.documents:
        top = mapping(document)
        block = mapping(top["services"][1]) if "services" in top else {}
        if "services" not in top and named:
            block = {name: entry for name, entry in top.items() if name not in _NOT_V1 and _has_image(entry[1])}
        elif not named and not any(_has_image(node) for _, node in block.values()):
            continue
        found += [ComposeService(path, name, line, node) for name, (line, node) in block.items()]
    _extend(found, {(path, service.name): service for service in found})
    return found


def _has_image(node: Node) -> bool:
    return any(key in mapping(node) for key in ("image", "build", "extends"))


def _extend(found: list[ComposeService], known: dict[tuple[str, str], ComposeService]) -> None:
    """Link services to those that they extend, in the same file or in another that is known."""
    for service in found:
        node = service.keys.get("extends", (0, None))[1]
        keys = mapping(node)
        name = scalar(node) or scalar(keys.get("service", (0, None))[1])
        file = scalar(keys.get("file", (0, None))[1])
        path = _joined(posixpath.dirname(service.path), file) if file else service.path
        base = known.get((path, name)) if name else None
        if base is not None and service not in base.lineage:
            service.base = base


def services(text: str, path: str = "compose.yaml") -> list[ComposeService]:
    """Return the services of the compose file `text`; of what is none, no services."""
    return read_compose(read_yaml(text), path)


def yaml_of(file: SourceFile, tree: SourceTree) -> YamlText:
    """Return the nodes of a file; of a compose file what is wrong with it is recorded."""
    text = read_yaml(file.text)
    for problem in text.problems if file.language == "compose" else ():
        note = NotAnalysed(file.path, problem)
        if note not in tree.unparsed:
            tree.unparsed.append(note)
    return text


def compose_services(tree: SourceTree) -> tuple[ComposeService, ...]:
    """Return the services of all compose files of `tree`; a file that is no YAML is recorded as unparsed."""
    known = tree.facts.get("compose")
    if not isinstance(known, tuple):
        found: list[ComposeService] = []
        for file in tree.files:
            if is_compose(file):
                found += read_compose(yaml_of(file, tree), file.path, named=file.language == "compose")
        _extend(found, {(service.path, service.name): service for service in found})
        known = tree.facts["compose"] = tuple(found)
    return known
