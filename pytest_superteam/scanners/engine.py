"""The one loop over files and rules: a rule says which bytes it needs, gets the parsed file and yields hits."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field, replace
from time import process_time
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_superteam.errors import CheckError, GateError
from pytest_superteam.models import Violation
from pytest_superteam.scanners.limits import (
    FILE_SECONDS,
    RULE_SECONDS,
    RuleTimeoutError,
    processor_limit,
    whole_seconds,
)
from pytest_superteam.scanners.prefilter import prefilter
from pytest_superteam.scanners.source import NotAnalysed, SourceFile, SourceTree, source_tree
from pytest_superteam.scanners.suppress import Suppression, suppression, suppressions

if TYPE_CHECKING:
    import ast
    import re
    from collections.abc import Callable, Collection, Iterable

    from tree_sitter import Node

    from pytest_superteam.scanners.base import Rule, ScanTarget
    from pytest_superteam.scanners.languages.go import GoModule
    from pytest_superteam.scanners.languages.java import JavaModule
    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["Check", "FileCheck", "GoCheck", "Hit", "JavaCheck", "JavaScriptCheck", "PythonCheck", "RuleScanner"]
__all__ += ["FileChecks", "FileResult", "SystemCheck", "TreeCheck", "excused", "member_prefix", "run_check"]


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
        shown = file.shown(line) if evidence is None else evidence
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
            CheckError: a file or a rule could not be decided.
        """
        from pytest_superteam.scanners.run import scan  # which imports this module

        result = scan(service, (self,))
        if result.not_analysed:
            note = result.not_analysed[0]
            raise CheckError(f"{note.file or service.name}: {note.reason}")
        return [violation for found in result.findings.values() for violation in found]


@dataclass
class FileResult:
    """What the checks of one file found, and what could not be decided."""

    found: dict[str, list[Violation]] = field(default_factory=dict)
    """By code; the codes that were tried and found nothing are not in it."""
    impure: set[str] = field(default_factory=set)
    """Codes whose check looked at other files too, so that the result belongs to the whole tree."""
    notes: list[NotAnalysed] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)


class FileChecks:
    """The checks that look at one file at a time, ready to be asked for many files."""

    def __init__(self, target: ScanTarget, tree: SourceTree, checks: Collection[Check]) -> None:
        self.target, self.tree = target, tree
        self.text = [check for check in checks if isinstance(check, FileCheck)]
        code = [check for check in checks if isinstance(check, ModuleCheck)]
        languages = {language for check in code for language in check.languages}
        self.code = {
            language: prefilter([check for check in code if language in check.languages]) for language in languages
        }
        self._spent = 0.0
        """Seconds that the rules took on the file at hand."""
        self._given_up: set[str] = set()
        """Codes whose check took too long when it looked at the whole tree, as it would for the next file too."""

    def reads(self, file: SourceFile) -> bool:
        """Return whether any check may look at a file of this language."""
        return bool(self.text) or file.language in self.code

    def run(self, file: SourceFile) -> FileResult:
        """Return what the checks find in `file`, which is parsed when the first of them needs it."""
        result = FileResult()
        tree, before = self.tree, len(self.tree.unparsed)
        self._spent = 0.0
        for check in self._wanted(result, file):
            self._one(result, check.rule, file, lambda c=check: c.find(file, tree))  # type: ignore[misc]  # mypy can't infer lambda defaults
        if file.service_code and file.language in self.code:
            possible = self.code[file.language].possible(file.data)
            module: Any = file.module if possible else None
            for other in possible if module is not None else ():
                self._one(result, other.rule, file, lambda c=other: c.find(file, module, tree))  # type: ignore[misc]  # as above
        elif file.language in self.code and file.is_minified and not file.excluded:
            reason = "taken for minified code, which nobody here wrote: looked through for secrets only"
            result.notes.append(NotAnalysed(file.path, reason, partly=True))
        result.notes += tree.unparsed[before:]
        result.suppressions += suppressions(file)
        return result

    def _wanted(self, result: FileResult, file: SourceFile) -> list[FileCheck]:
        """Return the checks of text that may find something in `file`."""
        wanted: list[FileCheck] = []
        waiting = iter(self.text)
        check: FileCheck | None = None
        started = process_time()
        try:
            with processor_limit():
                for check in waiting:
                    if check.wants(file):
                        wanted.append(check)
        except (Exception, RuleTimeoutError) as error:  # noqa: BLE001  # as in `run_check`
            codes = sorted({c.rule.id for c in (check, *waiting) if c is not None})
            result.notes.append(
                NotAnalysed(file.path, _reason(", ".join(codes), error, process_time() - started), tuple(codes))
            )
        return wanted

    def _one(self, result: FileResult, rule: Rule, file: SourceFile, find: Callable[[], Iterable[Hit]]) -> None:
        left = FILE_SECONDS - self._spent
        if left < 1 or rule.id in self._given_up:
            whole = (
                "the service" if rule.id in self._given_up else f"it, as all rules took more than {FILE_SECONDS:g} s"
            )
            result.notes.append(NotAnalysed(file.path, f"{rule.id} was given up on {whole}", (rule.id,)))
            return
        self.tree.asked = False
        started = process_time()
        found, note = run_check(self.target, rule, find, file.path, min(left, RULE_SECONDS), self._more)
        if self.tree.asked:
            result.impure.add(rule.id)
            if note and "took more" in note.reason:
                self._given_up.add(rule.id)
        else:
            self._spent += process_time() - started
        if found:
            result.found.setdefault(rule.id, []).extend(found)
        if note:
            result.notes.append(note)

    def _more(self) -> float:
        """Return how much longer a check may take: it is the first that looks at all files, or has had its time."""
        return whole_seconds(self.tree.size) if self.tree.asked else 0.0


def run_check(
    target: ScanTarget,
    rule: Rule,
    find: Callable[[], Iterable[Hit]],
    path: str = "",
    seconds: float = RULE_SECONDS,
    more: Callable[[], float] | None = None,
) -> tuple[list[Violation], NotAnalysed | None]:
    """Return the hits of one check as violations, each place once, and why it could not be decided if so."""
    started = process_time()
    try:
        with processor_limit(seconds, more):
            hits = list(find())
    except GateError:
        raise
    except (Exception, RuleTimeoutError) as error:  # noqa: BLE001  # whatever breaks, the item is an error that names the rule and the file
        return [], NotAnalysed(path, _reason(rule.id, error, process_time() - started), (rule.id,))
    unique = {(hit.file, hit.line, hit.column, hit.message): hit for hit in reversed(hits)}
    places = sorted(unique.values(), key=lambda hit: (hit.file, hit.line, hit.column, hit.message))
    return [excused(target, _violation(rule, target.name, hit)) for hit in places], None


def _reason(code: str, error: BaseException, seconds: float) -> str:
    """Return why the check of `code` could not be decided."""
    if isinstance(error, RuleTimeoutError):
        return f"{code} took more than {seconds:.0f} s on it"
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
    text = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return f"{code} broke on it: {text} ({where})"


_CONTROLS = dict.fromkeys((*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")
_CONTROLS |= {9: " ", 10: " ", 13: " ", 0x2028: " ", 0x2029: " "}
"""What would steer a terminal, or turn the direction of the text, and is shown as something else."""


def _violation(rule: Rule, service: str, hit: Hit) -> Violation:
    message = _printable(hit.message) if hit.message else rule.help
    return Violation(rule.id, rule.severity, service, message, hit.file, hit.line, hit.column, _printable(hit.evidence))


def _printable(text: str) -> str:
    """Return text from the scanned files as it can be shown: without control characters and lone surrogates."""
    clean = text if text.isprintable() else text.translate(_CONTROLS)
    return clean if clean.isascii() else clean.encode("utf-8", "replace").decode("utf-8")


def excused(target: ScanTarget, violation: Violation) -> Violation:
    """Return the violation, marked where a comment in its file excuses it."""
    file = None if violation.suppressed_by else _file(target, violation.file)
    reason = suppression(file, violation.line, violation.code) if file is not None else ""
    return replace(violation, suppressed_by=reason) if reason else violation


def _file(target: ScanTarget, path: str) -> SourceFile | None:
    """Return the file at `path`, which in a system lies in one of its members."""
    if target.members:
        prefixes = target.cache.get("prefixes")
        if prefixes is None:
            prefixes = target.cache["prefixes"] = [(member_prefix(target, member), member) for member in target.members]
        for prefix, member in prefixes:
            if path.startswith(prefix):
                return source_tree(member).file(path.removeprefix(prefix))
    return source_tree(target).file(path)


def member_prefix(system: ScanTarget, member: ScanTarget) -> str:
    """Return what a path in `member` has to start with to be relative to the system's root."""
    if member.root.is_relative_to(system.root):
        inner = member.root.relative_to(system.root).as_posix()
        return "" if inner == "." else f"{inner}/"
    return f"{member.name}/"
