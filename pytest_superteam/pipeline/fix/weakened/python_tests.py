"""Tests in Python that a fix changed: all that was there has to stay, more may be added that disturbs none of it."""

from __future__ import annotations

import ast
import builtins
import re
from typing import TYPE_CHECKING, TypeAlias

from pytest_superteam.pipeline.fix.weakened.found import ELSEWHERE, KEEP_TESTS
from pytest_superteam.pipeline.fix.weakened.idle_tests import idle_tests, last_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["added_python", "changed_python", "same_python"]

Found = tuple[int, str]
"""Line and sentences."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_HOOK = re.compile(
    r"pytest_|(?:set_?up|tear_?down)(?:_?(?:class|module|function|method))?$|async(?:SetUp|TearDown)$|load_tests$"
    r"|(?:assert|fail|skip|run|debug|doCleanups|__)",
    re.IGNORECASE,
)
"""Names by which a function acts on tests that do not call it."""
_ACTING = frozenset({
    "setattr", "delattr", "setitem", "skip", "exit", "_exit", "abort", "kill", "patch", "object", "importorskip",
    "exec", "eval", "xfail", "system", "raise_signal", "setenv", "putenv", "run", "main", "__setattr__",
})  # fmt: skip
"""Calls that act on what others see, when they stand outside of any function."""
_OWN_NAMES = frozenset({"pytestmark", "pytest_plugins", "collect_ignore", "collect_ignore_glob", "__test__"})


def same_python(old: str, new: str) -> bool:
    """Return whether two modules are the same but for comments, documentation and layout.

    What was no Python before did nothing that could be weakened.
    """
    try:
        before = _key(_parsed(old))
    except ValueError:
        return True
    try:
        return before == _key(_parsed(new))
    except ValueError:
        return False


def _parsed(text: str) -> ast.Module:
    """Return the parsed module without its docstrings.

    Raises:
        ValueError: it can't be parsed.
    """
    try:
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, *_DEFINITIONS)):
                node.body = [statement for statement in node.body if not _is_text(statement)]
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        raise ValueError("no Python") from None
    return tree


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _key(node: ast.AST) -> str:
    try:
        return ast.dump(node)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def changed_python(old: str, new: str) -> Iterator[Found]:
    """Yield what a changed module of tests does to the tests that were in it."""
    try:
        before = _parsed(old)
    except ValueError:  # it ran no test before: whatever makes it run is better
        return
    try:
        after = _parsed(new)
        yield from _Comparison(before).of(before.body, after.body, within="")
    except ValueError:
        yield 0, f"This file of tests can't be parsed any more. {KEEP_TESTS}"


def added_python(text: str) -> Iterator[Found]:
    """Yield what a new module of tests does to other tests, and tests in it that check nothing."""
    try:
        tree = _parsed(text)
    except ValueError:
        yield 0, "This new file of tests can't be parsed, so that no test runs. Mend it."
        return
    for node in tree.body:
        if acts := _acts(node):
            yield node.lineno, f"`{acts}` at the top of a module changes what other tests see. Do it within a test."
    yield from idle_tests(tree)


def _acts(node: ast.stmt) -> str:
    """Return what a statement outside of any function changes for others; empty where it changes nothing."""
    if isinstance(node, (*_DEFINITIONS, ast.Import, ast.ImportFrom)):
        return ""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and (name := last_name(part.func)) in _ACTING:
            return f"{name}()"
        if isinstance(part, (ast.Attribute, ast.Subscript)) and isinstance(part.ctx, (ast.Store, ast.Del)):
            return ast.unparse(part)[:60]
    return ""


class _Comparison:
    """The statements of a module of tests, before and after."""

    def __init__(self, before: ast.Module) -> None:
        self._used = set(_OWN_NAMES) | set(dir(builtins))
        for node in ast.walk(before):
            if isinstance(node, ast.Name):
                self._used.add(node.id)
            elif isinstance(node, ast.arg):
                self._used.add(node.arg)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._used.add(node.value)  # `usefixtures("client")`
            elif isinstance(node, _DEFINITIONS):
                self._used.add(node.name)

    def of(self, old: Sequence[ast.stmt], new: Sequence[ast.stmt], *, within: str) -> Iterator[Found]:
        """Yield what changed among statements of the module, or of the class `within`."""
        waiting: dict[str, list[_Definition]] = {}
        for node in old:
            if isinstance(node, _DEFINITIONS):
                waiting.setdefault(node.name, []).append(node)
        rest = [_key(node) for node in old if not isinstance(node, (*_DEFINITIONS, ast.Import, ast.ImportFrom))]
        imports = {key for node in old for key in _imported(node)}
        seen: set[str] = set()
        for node in new:
            if isinstance(node, _DEFINITIONS):
                known = waiting.get(node.name)
                if node.name in seen and not known:
                    yield (
                        node.lineno,
                        f"'{within}{node.name}' is there twice, so that the first is not run. {KEEP_TESTS}",
                    )
                else:
                    yield from self._definition(known.pop(0) if known else None, node, within)
                seen.add(node.name)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                yield from self._import(node, imports)
            elif rest and _key(node) == rest[0]:
                rest.pop(0)
            else:
                yield from self._other(node, within)
        for name in (name for name, nodes in waiting.items() if nodes):
            yield 0, f"'{within}{name}' was removed. {KEEP_TESTS}"
        if rest:
            yield 0, f"A statement outside of the tests' functions was changed, moved or removed. {KEEP_TESTS}"

    def _definition(self, old: _Definition | None, new: _Definition, within: str) -> Iterator[Found]:
        if old is None:
            yield from self._added(new, within)
        elif isinstance(old, ast.ClassDef) and isinstance(new, ast.ClassDef) and _head(old) == _head(new):
            yield from self.of(old.body, new.body, within=f"{within}{new.name}.")
        elif _key(old) != _key(new):
            skips = _skipping(new) and not _skipping(old)
            verb = "does not run any more" if skips else "was changed"
            yield new.lineno, f"'{within}{new.name}' {verb}. {KEEP_TESTS}"

    def _added(self, node: _Definition, within: str) -> Iterator[Found]:
        """Yield why a new function or class is more than a new test or what one needs."""
        if _HOOK.match(node.name) or node.name in self._used or (within and not node.name.startswith(("test", "_"))):
            yield node.lineno, f"The new '{within}{node.name}' acts on tests that were there before. {ELSEWHERE}"
        elif any(_is_autouse(decorator) for decorator in node.decorator_list):
            yield node.lineno, f"The new fixture '{node.name}' is used by tests that did not ask for it. {ELSEWHERE}"
        yield from idle_tests(node)

    def _import(self, node: ast.Import | ast.ImportFrom, known: set[str]) -> Iterator[Found]:
        for key, alias in zip(_imported(node), node.names, strict=True):
            name = alias.asname or alias.name.split(".")[0]
            if key not in known and (name in self._used or name == "*"):
                text = f"The new import of '{name}' takes the place of what the tests used before."
                yield node.lineno, f"{text} {ELSEWHERE}"

    def _other(self, node: ast.stmt, within: str) -> Iterator[Found]:
        targets = _targets(node)
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        fresh = bool(names) and len(names) == len(targets) and self._used.isdisjoint(names) and not within
        guarded = isinstance(node, ast.If) and last_name(node.test) == "TYPE_CHECKING"
        if not (fresh or guarded) or _acts(node):
            yield node.lineno, f"A new statement outside of the tests' functions acts on all of them. {ELSEWHERE}"


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def _imported(node: ast.stmt) -> list[str]:
    """Return a text for each name that an import binds, the same wherever it stands."""
    if isinstance(node, ast.Import):
        return [f"{alias.name} as {alias.asname}" for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.level} {node.module} {alias.name} as {alias.asname}" for alias in node.names]
    return []


def _head(node: ast.ClassDef) -> list[str]:
    return [_key(part) for part in (*node.bases, *node.keywords, *node.decorator_list)]


def _is_autouse(decorator: ast.expr) -> bool:
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    return any(
        word.arg is None
        or (word.arg == "autouse" and not (isinstance(word.value, ast.Constant) and not word.value.value))
        for word in keywords
    )


_SKIPS = re.compile(r"\b(?:skip\w{0,10}|xfail|Skip\w{0,10}|expectedFailure|importorskip)\b")


def _skipping(node: ast.stmt) -> bool:
    try:
        return _SKIPS.search(ast.unparse(node)) is not None
    except RecursionError:
        return False
