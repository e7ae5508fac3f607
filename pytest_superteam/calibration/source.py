"""A service's source as fault operators see it: parsed modules, and changes of their text that keep all else as it is.

An operator finds its place in the syntax tree and edits the text there, so that a changed file differs from the
original in the fault alone. Nothing is written here.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_superteam.models import Architecture, Operation

__all__ = ["Change", "Edit", "Handler", "Module", "Source", "calls", "dotted", "keyword"]

Located: TypeAlias = ast.expr | ast.stmt | ast.keyword | ast.ExceptHandler | ast.arg
"""Nodes that have a place in the text."""
METHODS = frozenset({"get", "post", "put", "patch", "delete"})
MAX_FILE = 1 << 20
"""Bytes of a file above which nothing is put into it."""
_SKIPPED = frozenset({"tests", "migrations", "__pycache__", ".venv", "venv", "node_modules", ".git"})
_PARAMETER = re.compile(r"\{[^{}]{0,100}\}")


@dataclass(frozen=True)
class Change:
    """A fault at one place of one service: the new text of each file, None for a file that goes away."""

    service: str
    files: Mapping[str, str | None] = field(repr=False)
    place: str
    """`file:line` in the service."""
    what: str
    """What is wrong there now, in a few words."""
    operation: str = ""
    """Id of the operation that it is about, where it is about one."""


class Edit(NamedTuple):
    """Bytes `start` to `end` of a file become `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Module:
    """A Python file of the service."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def tree(self) -> ast.Module:
        """Return the syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def _lines(self) -> list[int]:
        starts, position = [0], 0
        for line in self.text.encode().split(b"\n"):
            position += len(line) + 1
            starts.append(position)
        return starts

    def span(self, node: Located) -> tuple[int, int]:
        """Return the first byte of a node and the one behind it; of a definition its decorators too."""
        first: Located = next(iter(getattr(node, "decorator_list", ())), node)
        start = self._lines[first.lineno - 1] + first.col_offset - (first is not node)
        return start, self._lines[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)

    def source(self, node: Located) -> str:
        """Return a node's text."""
        start, end = self.span(node)
        return self.text.encode()[start:end].decode()

    def to(self, node: Located, text: str) -> Edit:
        """Return the edit that writes `text` in the place of a node."""
        return Edit(*self.span(node), text)

    def before(self, statement: ast.stmt, *lines: str) -> Edit:
        """Return the edit that puts lines before a statement, indented as it is."""
        start, _ = self.span(statement)
        indent = " " * (start - self._lines[statement.lineno - 1])
        return Edit(start, start, "".join(f"{line}\n{indent}" for line in lines))

    def after(self, statement: ast.stmt, *lines: str) -> Edit:
        """Return the edit that puts lines behind a statement, indented as it is."""
        start, end = self.span(statement)
        indent = " " * (start - self._lines[statement.lineno - 1])
        return Edit(end, end, "".join(f"\n{indent}{line}" for line in lines))

    def without_argument(self, argument: Located) -> Edit:
        """Return the edit that takes an argument out of a call, with the comma that goes with it."""
        start, end = self.span(argument)
        text = self.text.encode()
        tail = re.compile(rb"\s*,\s*").match(text, end)
        if tail:
            return Edit(start, tail.end(), "")
        head = re.compile(rb",\s*\Z").search(text[:start])
        return Edit(head.start() if head else start, end, "")

    def importing(self, statement: str) -> Edit:
        """Return the edit that adds an import before the others."""
        imports = (node for node in self.tree.body if isinstance(node, ast.Import | ast.ImportFrom))
        first = next((node for node in imports if getattr(node, "module", "") != "__future__"), None)
        start = self.span(first)[0] if first else 0
        return Edit(start, start, f"{statement}\n")

    def edited(self, *edits: Edit) -> str:
        """Return the file's text after the edits, which must not overlap."""
        text = self.text.encode()
        for edit in sorted(edits, reverse=True):
            text = text[: edit.start] + edit.text.encode() + text[edit.end :]
        return text.decode()


@dataclass(frozen=True)
class Handler:
    """The function behind an operation. `operation` is the architecture's, where the route is one of it."""

    module: Module
    function: ast.FunctionDef | ast.AsyncFunctionDef
    route: ast.Call
    """The decorator's call: `router.get("/books")`."""
    method: str
    path: str
    operation: Operation | None

    @property
    def name(self) -> str:
        """Return what to call it: method and path."""
        return f"{self.method} {self.path}"

    @property
    def id(self) -> str:
        """Return the operation's id, empty for what no contract has."""
        return self.operation.id if self.operation else ""

    @property
    def kind(self) -> str:
        """Return the operation's kind, empty for what no contract has."""
        return self.operation.kind if self.operation else ""

    @property
    def body(self) -> list[ast.stmt]:
        """Return the statements without the docstring."""
        has_doc = ast.get_docstring(self.function) is not None
        return self.function.body[has_doc:]

    @property
    def body_class(self) -> str:
        """Return the class of the request's body, empty without one."""
        for argument in self.function.args.args:
            if argument.arg == "body" and argument.annotation is not None:
                return dotted(argument.annotation).rpartition(".")[2]
        return ""

    @property
    def answer_class(self) -> str:
        """Return the class of the answer, empty without one."""
        return dotted(self.function.returns).rpartition(".")[2] if self.function.returns else ""

    def allow(self) -> ast.Call | None:
        """Return the call that makes the dependency which lets callers in."""
        for part in (self.route, self.function.args):
            found = next(calls(part, "allow"), None)
            if found is not None:
                return found
        return None


@dataclass(frozen=True)
class Source:
    """One service: its files, its place in the architecture."""

    name: str
    root: Path
    architecture: Architecture = field(repr=False)

    def text(self, path: str) -> str | None:
        """Return the text of a file, None where there is none or it is too large or no text."""
        file = self.root / path
        try:
            return file.read_text(encoding="utf-8") if file.stat().st_size <= MAX_FILE else None
        except (OSError, UnicodeDecodeError):
            return None

    @cached_property
    def modules(self) -> dict[str, Module]:
        """Return the Python files that run in the service, by path; what can't be parsed is left out."""
        found = {}
        for file in sorted(self.root.rglob("*.py")):
            parts = file.relative_to(self.root).parts
            if _SKIPPED.intersection(parts) or file.is_symlink():
                continue
            text = self.text("/".join(parts))
            module = Module("/".join(parts), text) if text is not None else None
            if module and _parses(module):
                found[module.path] = module
        return found

    @cached_property
    def handlers(self) -> tuple[Handler, ...]:
        """Return the functions that answer routes, in the order of files and lines."""
        return tuple(handler for module in self.modules.values() for handler in self._handlers(module))

    def _handlers(self, module: Module) -> Iterator[Handler]:
        known = {(o.method, _plain(o.path)): o for o in self.architecture.operations_of(self.name)}
        for node in module.tree.body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for route in node.decorator_list:
                if not isinstance(route, ast.Call) or not isinstance(route.func, ast.Attribute) or not route.args:
                    continue
                path = route.args[0]
                if route.func.attr in METHODS and isinstance(path, ast.Constant) and isinstance(path.value, str):
                    method = route.func.attr.upper()
                    operation = known.get((method, _plain(path.value)))
                    yield Handler(module, node, route, method, path.value, operation)

    @property
    def is_guarded(self) -> bool:
        """Return whether an operation of this service asks who is calling."""
        return any(handler.operation and not handler.operation.public for handler in self.handlers)

    @property
    def announces(self) -> bool:
        """Return whether somebody listens to an event of this service."""
        return any(event.publisher == self.name and event.consumers for event in self.architecture.events)

    @property
    def calls_others(self) -> bool:
        """Return whether this service calls others, to ask them or to tell them of an event."""
        return self.announces or any(self.architecture.dependencies_of(self.name))

    def operations(self, *kinds: str) -> Iterator[Handler]:
        """Yield the handlers of contracted operations of these kinds; without any, of all."""
        for handler in self.handlers:
            if handler.operation and (not kinds or handler.kind in kinds):
                yield handler

    def named(self, file: str) -> Module | None:
        """Return the first module of this file name."""
        return next((m for path, m in self.modules.items() if path.rpartition("/")[2] == file), None)

    def functions(self, name: str) -> Iterator[tuple[Module, ast.FunctionDef]]:
        """Yield the functions of this name, methods too."""
        for module in self.modules.values():
            for node in ast.walk(module.tree):
                if isinstance(node, ast.FunctionDef) and node.name == name:
                    yield module, node

    def change(
        self,
        module: Module,
        at: Located,
        what: str,
        *edits: Edit,
        operation: str = "",
        also: Mapping[str, str | None] | None = None,
    ) -> Change:
        """Return the change that the edits of one module make; `also` are the new texts of other files."""
        start = module.span(at)[0]
        line = module.text.encode()[:start].count(b"\n") + 1
        files = {module.path: module.edited(*edits), **(also or {})}
        return Change(self.name, files, f"{module.path}:{line}", what, operation)

    def at(self, handler: Handler, node: Located, what: str, *edits: Edit) -> Change:
        """Return the change that edits within a handler make."""
        return self.change(handler.module, node, f"{handler.name} {what}", *edits, operation=handler.id)


def _parses(module: Module) -> bool:
    try:
        return bool(module.tree)
    except (SyntaxError, ValueError, RecursionError):
        return False


def _plain(path: str) -> str:
    return _PARAMETER.sub("{}", path)


def dotted(node: ast.AST) -> str:
    """Return the dotted name of an expression (`models.Book`), empty where it is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def calls(node: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Yield the calls of functions of these names, by the last part of a dotted name."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            called = inner.func.attr if isinstance(inner.func, ast.Attribute) else dotted(inner.func)
            if called in names:
                yield inner


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    """Return a keyword argument of a call."""
    return next((item for item in call.keywords if item.arg == name), None)
