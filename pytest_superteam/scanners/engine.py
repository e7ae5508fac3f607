"""The one loop over files and rules: a rule says which bytes it needs, gets the parsed file and yields hits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_superteam.errors import CheckError, GateError
from pytest_superteam.models import Violation
from pytest_superteam.scanners.facts.excuses import mask_literals
from pytest_superteam.scanners.source import SourceFile, SourceTree, source_tree
from pytest_superteam.scanners.suppress import suppression

if TYPE_CHECKING:
    import ast
    import re
    from collections.abc import Callable, Collection, Iterable, Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.base import Rule, ScanTarget
    from pytest_superteam.scanners.languages.go import GoModule
    from pytest_superteam.scanners.languages.java import JavaModule
    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["Check", "FileCheck", "GoCheck", "Hit", "JavaCheck", "JavaScriptCheck", "PythonCheck", "RuleScanner"]
__all__ += ["SystemCheck", "TreeCheck", "run_checks"]


@dataclass(frozen=True)
class Hit:
    """One place that a rule objects to. `message` replaces the rule's own help where it can say more."""

    file: str
    line: int
    message: str = ""
    column: int = 0
    evidence: str = ""

    @classmethod
    def at(cls, file: SourceFile, node: ast.AST | Node, message: str = "", evidence: str | None = None) -> Hit:
        """Return the hit at a syntax node, with the line as evidence, secrets masked, unless another is given."""
        place = getattr(node, "start_point", None)  # a node of a tree-sitter grammar, else of `ast`
        if place is not None:
            line, column = place.row + 1, place.column + 1
        else:
            line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
        shown = mask_literals(file.line(line).strip())[:200] if evidence is None else evidence
        return cls(file.path, line, message, column, shown)


@dataclass(frozen=True)
class FileCheck:
    """A check of one text file of any language."""

    rule: Rule
    wants: Callable[[SourceFile], bool]
    find: Callable[[SourceFile, SourceTree], Iterable[Hit]]


@dataclass(frozen=True)
class PythonCheck:
    """A check of one module of Python service code whose bytes hold one of `triggers`.

    With `pattern` the bytes must match that too, so that fewer files are parsed; it has to be linear.
    """

    rule: Rule
    triggers: tuple[bytes, ...]
    find: Callable[[SourceFile, PythonModule, SourceTree], Iterable[Hit]]
    pattern: re.Pattern[bytes] | None = None
    languages: ClassVar[tuple[str, ...]] = ("python",)


@dataclass(frozen=True)
class JavaScriptCheck:
    """A check of one module of JavaScript or TypeScript service code whose bytes hold one of `triggers`."""

    rule: Rule
    triggers: tuple[bytes, ...]
    find: Callable[[SourceFile, JavaScriptModule, SourceTree], Iterable[Hit]]
    pattern: re.Pattern[bytes] | None = None
    languages: ClassVar[tuple[str, ...]] = ("javascript", "typescript")


@dataclass(frozen=True)
class GoCheck:
    """A check of one file of Go service code whose bytes hold one of `triggers`."""

    rule: Rule
    triggers: tuple[bytes, ...]
    find: Callable[[SourceFile, GoModule, SourceTree], Iterable[Hit]]
    pattern: re.Pattern[bytes] | None = None
    languages: ClassVar[tuple[str, ...]] = ("go",)


@dataclass(frozen=True)
class JavaCheck:
    """A check of one file of Java service code whose bytes hold one of `triggers`."""

    rule: Rule
    triggers: tuple[bytes, ...]
    find: Callable[[SourceFile, JavaModule, SourceTree], Iterable[Hit]]
    pattern: re.Pattern[bytes] | None = None
    languages: ClassVar[tuple[str, ...]] = ("java",)


@dataclass(frozen=True)
class TreeCheck:
    """A check that needs all files of a service, and what its architecture and contract say."""

    rule: Rule
    find: Callable[[SourceTree, ScanTarget], Iterable[Hit]]


@dataclass(frozen=True)
class SystemCheck:
    """A check of the system: of all members of a target together."""

    rule: Rule
    find: Callable[[ScanTarget], Iterable[Hit]]


ModuleCheck = PythonCheck | JavaScriptCheck | GoCheck | JavaCheck
"""A check of one parsed file of service code."""

Check = FileCheck | ModuleCheck | TreeCheck | SystemCheck


@dataclass(frozen=True)
class RuleScanner:
    """A scanner made of checks, plus rules that wait for one (their `pending` says why)."""

    checks: tuple[Check, ...]
    waiting: tuple[Rule, ...] = ()

    @property
    def codes(self) -> tuple[Rule, ...]:
        """Return the rules in the order of their codes."""
        rules = {rule.id: rule for rule in (*(check.rule for check in self.checks), *self.waiting)}
        return tuple(rules[code] for code in sorted(rules))

    def scan(self, service: ScanTarget) -> Iterable[Violation]:
        """Yield what the checks of the target's scope find, suppressed findings marked.

        Raises:
            CheckError: a check broke on a file.
        """
        scope = "system" if service.members else "service"
        return run_checks(service, [check for check in self.checks if check.rule.scope == scope])


def run_checks(target: ScanTarget, checks: Collection[Check]) -> Iterator[Violation]:
    """Yield what `checks` find in `target`: files are the outer loop, so that each is parsed once for all of them.

    Raises:
        CheckError: a check broke; the message names the code and the file.
    """
    tree = source_tree(target)
    code = [check for check in checks if isinstance(check, ModuleCheck)]
    text = [check for check in checks if isinstance(check, FileCheck)]
    for file in tree.files if code or text else ():
        for check in text:
            if check.wants(file):
                yield from _violations(check.rule, target, file.path, lambda c=check, f=file: c.find(f, tree))  # type: ignore[misc]  # mypy can't infer lambda defaults
        if file.service_code:
            yield from _modules(target, tree, file, code)
    for other in checks:
        if isinstance(other, TreeCheck):
            yield from _violations(other.rule, target, "", lambda c=other: c.find(tree, target))  # type: ignore[misc]  # as above
        elif isinstance(other, SystemCheck):
            yield from _violations(other.rule, target, "", lambda c=other: c.find(target))  # type: ignore[misc]  # as above


def _modules(target: ScanTarget, tree: SourceTree, file: SourceFile, checks: list[ModuleCheck]) -> Iterator[Violation]:
    """Yield what the checks of its language find in one file, which is parsed when the first of them wants it."""
    for check in checks:
        if (
            file.language in check.languages
            and any(trigger in file.data for trigger in check.triggers)
            and (check.pattern is None or check.pattern.search(file.data))
        ):
            module: Any = file.module
            if module is None:
                return
            yield from _violations(check.rule, target, file.path, lambda c=check, m=module: c.find(file, m, tree))  # type: ignore[misc]  # as above


def _violations(rule: Rule, target: ScanTarget, path: str, find: Callable[[], Iterable[Hit]]) -> Iterator[Violation]:
    """Yield the hits of one check as violations, each place once."""
    seen: set[tuple[str, int, int, str]] = set()
    try:
        hits = list(find())
    except GateError:
        raise
    except Exception as error:
        where = f" on {path}" if path else ""
        raise CheckError(f"{rule.id} broke{where} of {target.name}: {type(error).__name__}: {error}") from error
    for hit in hits:
        key = (hit.file, hit.line, hit.column, hit.message)
        if key not in seen:
            seen.add(key)
            yield _suppressed(target, _violation(rule, target.name, hit))


def _violation(rule: Rule, service: str, hit: Hit) -> Violation:
    return Violation(
        rule.id, rule.severity, service, hit.message or rule.help, hit.file, hit.line, hit.column, hit.evidence
    )


def _suppressed(target: ScanTarget, violation: Violation) -> Violation:
    """Return the violation, marked where a comment in its file excuses it."""
    file = _file(target, violation.file)
    reason = suppression(file, violation.line, violation.code) if file is not None else ""
    return replace(violation, suppressed_by=reason) if reason else violation


def _file(target: ScanTarget, path: str) -> SourceFile | None:
    """Return the file at `path`, which in a system lies in one of its members."""
    for member in target.members:
        prefix = member_prefix(target, member)
        if path.startswith(prefix):
            return source_tree(member).by_path.get(path.removeprefix(prefix))
    return source_tree(target).by_path.get(path)


def member_prefix(system: ScanTarget, member: ScanTarget) -> str:
    """Return what a path in `member` has to start with to be relative to the system's root."""
    if member.root.is_relative_to(system.root):
        inner = member.root.relative_to(system.root).as_posix()
        return "" if inner == "." else f"{inner}/"
    return f"{member.name}/"
