"""The scan of one target: all scanners over one service, or over the system, as findings by code."""

from __future__ import annotations

import contextlib
import gc
import json
import sys
import traceback
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.errors import CheckError, GateError
from pytest_superteam.models import Severity, Violation
from pytest_superteam.scanners.cache import Entry, ScanCache, digest, engine_version
from pytest_superteam.scanners.engine import (
    Check,
    FileChecks,
    FileResult,
    RuleScanner,
    SystemCheck,
    TreeCheck,
    excused,
    run_check,
)
from pytest_superteam.scanners.limits import whole_seconds
from pytest_superteam.scanners.parallel import run_files, workers_for
from pytest_superteam.scanners.source import NotAnalysed, SourceFile, source_tree
from pytest_superteam.scanners.suppress import Suppression

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from pytest_superteam.scanners.base import Rule, Scanner, ScanTarget

__all__ = ["Scan", "rules_of", "scan", "scan_target"]


@dataclass
class Scan:
    """What a scan gave. `findings` has a key for every code that was looked for, and suppressed findings too."""

    findings: dict[str, list[Violation]]
    not_analysed: tuple[NotAnalysed, ...] = ()
    unused: tuple[Suppression, ...] = ()
    """Comments that name codes of this scan and excuse nothing."""
    files: int = 0
    cached: int = 0
    """Files whose results were known from an earlier scan."""

    def and_of(self, other: Scan) -> Scan:
        """Return what both scans of one target gave, each for its codes."""
        notes = tuple(sorted({*self.not_analysed, *other.not_analysed}))
        unused = (*self.unused, *other.unused)
        return Scan({**self.findings, **other.findings}, notes, unused, self.files, self.cached)


def rules_of(scanners: Iterable[Scanner]) -> dict[str, Rule]:
    """Return the rules of `scanners` by code, sorted.

    Raises:
        CheckError: two scanners declare one code.
    """
    rules: dict[str, Rule] = {}
    for scanner in scanners:
        for rule in scanner.codes:
            if rule.id in rules:
                raise CheckError(f"{rule.id} is declared twice, the second time by {_name(scanner)}.")
            rules[rule.id] = rule
    return dict(sorted(rules.items()))


def scan_target(
    target: ScanTarget, scanners: Collection[Scanner], codes: Collection[str] | None = None
) -> dict[str, list[Violation]]:
    """Return the findings by code, as `scan` does.

    Raises:
        CheckError: a scanner broke or reported a code that it does not declare, or a rule broke on a file.
    """
    result = scan(target, scanners, codes)
    broken = next((note for note in result.not_analysed if note.codes), None)
    if broken:
        raise CheckError(f"{broken.file or target.name}: {broken.reason}")
    return result.findings


def scan(
    target: ScanTarget,
    scanners: Collection[Scanner],
    codes: Collection[str] | None = None,
    *,
    cache: ScanCache | None = None,
    workers: int | None = None,
) -> Scan:
    """Scan a service, or with `members` the system.

    Every code that was looked for is a key of the findings, with an empty list where nothing was found; the lists are
    sorted by file and line. Rules of the other scope, rules outside `codes` and rules that are `pending` are no keys:
    nobody looked. Results of the built-in rules come from `cache` where nothing changed that they depend on.

    A scanner from outside that breaks, or reports a code that it does not declare, is a note about its codes.

    Raises:
        CheckError: two scanners declare one code.
    """
    scope = "system" if target.members else "service"
    rules = {
        code: rule
        for code, rule in rules_of(scanners).items()
        if rule.scope == scope and not rule.pending and (codes is None or code in codes)
    }
    found: dict[str, list[Violation]] = {code: [] for code in rules}
    checks: list[Check] = []
    foreign: list[NotAnalysed] = []
    for scanner in scanners:
        if isinstance(scanner, RuleScanner):
            checks += [check for check in scanner.checks if check.rule.id in rules]
        elif any(rule.id in rules for rule in scanner.codes):
            note = _collect(found, scanner, target)
            foreign += [note] if note else []
    work = _Work(target, checks, rules, cache, workers, notes=foreign)
    with _uncollected():
        work.run()
    for code, violations in work.found.items():
        found[code] += violations
    ordered = {code: sorted(items, key=lambda v: (v.file, v.line, v.column)) for code, items in found.items()}
    notes = tuple(sorted(set(work.notes)))
    return Scan(ordered, notes, tuple(_unused(work.suppressions, ordered)), work.files, work.cached)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Switch the collector of cycles off: millions of syntax nodes hold none, and it would look at them all again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _collect(found: dict[str, list[Violation]], scanner: Scanner, target: ScanTarget) -> NotAnalysed | None:
    """Sort what a scanner from outside finds into `found`, and return why its codes can't be decided if so.

    What it finds of declared codes that nobody asked for is dropped.
    """
    declared = {rule.id for rule in scanner.codes}
    try:
        violations = list(scanner.scan(target))
    except Exception as error:  # noqa: BLE001  # it costs its own codes, and no others
        told = f"{type(error).__name__}: {error} ({_raised(error, scanner)})"
        text = str(error) if isinstance(error, GateError) else told
        return NotAnalysed("", f"{_name(scanner)} broke on {target.name}: {text}", tuple(sorted(declared)))
    for violation in violations:
        if not isinstance(violation, Violation) or not isinstance(violation.severity, Severity):
            reason = f"{_name(scanner)} yielded {violation!r:.80}, which is no Violation with a Severity."
            return NotAnalysed("", reason, tuple(sorted(declared)))
        if violation.code not in declared:
            reason = f"{_name(scanner)} reported {violation.code}, which it does not declare."
            return NotAnalysed("", reason, tuple(sorted(declared)))
        if violation.code in found:
            found[violation.code].append(excused(target, violation))
    return None


def _raised(error: Exception, scanner: Scanner) -> str:
    """Return where in the scanner's own file an error came up, such as `house_rules.py:12`; else where at all."""
    frames = traceback.extract_tb(error.__traceback__)
    own = getattr(sys.modules.get(type(scanner).__module__), "__file__", "")
    frame = next((frame for frame in reversed(frames) if frame.filename == own), frames[-1])
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _name(scanner: Scanner) -> str:
    return getattr(scanner, "name", "") or type(scanner).__qualname__


def _unused(comments: Iterable[Suppression], found: Mapping[str, list[Violation]]) -> Iterable[Suppression]:
    """Yield the comments, with those of their codes that were looked for and excuse nothing there."""
    used = {(v.file, line, code) for code, items in found.items() for v in items if v.suppressed_by
            for line in (v.line, v.line - 1)}  # fmt: skip
    for comment in sorted(set(comments), key=lambda c: (c.file, c.line)):
        idle = tuple(c for c in comment.codes if c in found and (comment.file, comment.line, c) not in used)
        if idle:
            yield replace(comment, codes=idle)


# ---------------------------------------------------------------- the built-in checks


@dataclass
class _Work:
    """One pass of the built-in checks over a target: files first, then what looks at all of them together."""

    target: ScanTarget
    checks: list[Check]
    rules: Mapping[str, Rule]
    cache: ScanCache | None
    workers: int | None
    found: dict[str, list[Violation]] = field(default_factory=dict)
    notes: list[NotAnalysed] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)
    files: int = 0
    cached: int = 0
    keys: dict[str, bytes] = field(default_factory=dict)
    """Path to key of its content."""

    def run(self) -> None:
        """Run what was asked for."""
        if not self.checks:
            return
        whole = [check for check in self.checks if isinstance(check, (TreeCheck, SystemCheck))]
        single = [check for check in self.checks if not isinstance(check, (TreeCheck, SystemCheck))]
        pending = bool(whole) and not self._whole_known(whole)
        if single:
            self._single(single, whole if pending else ())
        elif pending:
            self._whole_taken(whole, self._whole(whole))
        trees = [source_tree(member) for member in self.target.members] or [source_tree(self.target)]
        for tree in trees:
            self.notes += tree.not_analysed

    # ------------------------------------------------------------ files

    def _single(self, checks: Sequence[Check], whole: Sequence[Check]) -> None:
        """Run the checks of single files, and beside them those of the `whole` target."""
        tree = source_tree(self.target)
        runner = FileChecks(self.target, tree, checks)
        files = [file for file in tree.entries if runner.reads(file) and (file.data or not file.unread)]
        self.files = len(files)
        codes = frozenset(check.rule.id for check in checks)
        known = self._known(files, codes)
        missing = [file for file in files if file.path not in known]
        size = sum(len(file.data) for file in missing)
        fresh: dict[bytes, Entry] = {}
        beside = (lambda: self._whole(whole)) if whole else None
        for file, result in run_files(runner, missing, self.workers or workers_for(size), beside):
            if file is None:
                self._whole_taken(whole, result)
                continue
            self._take(result)
            if self.cache is not None and not any(note.codes for note in result.notes):
                fresh.update(self._entries(file, result, codes))
        if self.cache is not None and fresh:
            self.cache.save(fresh)

    def _key(self, file: SourceFile) -> bytes:
        """Return what the result of one file depends on."""
        if file.path not in self.keys:
            kind = b"service" if file.service_code else b"other"
            self.keys[file.path] = digest(engine_version(), kind, file.path.encode("utf-8", "replace"), file.data)
        return self.keys[file.path]

    def _known(self, files: list[SourceFile], codes: frozenset[str]) -> set[str]:
        """Take the results that the cache has, and return the paths of their files."""
        if self.cache is None:
            return set()
        entries = self.cache.load([self._key(file) for file in files])
        impure = any(entry.get("impure") for entry in entries.values())
        further = self.cache.load([self._impure_key(file) for file in files]) if impure else {}
        known: set[str] = set()
        used: list[bytes] = []
        for file in files:
            entry = entries.get(self._key(file))
            if entry is None or not codes <= entry["codes"]:
                continue
            if codes.intersection(entry.get("impure", ())):
                more = further.get(self._impure_key(file))
                if more is None or not codes <= more["codes"]:
                    continue
                self._take(_result(more, self.target.name, self.rules))
            self._take(_result(entry, self.target.name, self.rules))
            known.add(file.path)
            used.append(self._key(file))
        self.cached = len(known)
        self.cache.touch(used)
        return known

    def _impure_key(self, file: SourceFile) -> bytes:
        return digest(self._key(file), self._tree_key(self.target))

    def _entries(self, file: SourceFile, result: FileResult, codes: frozenset[str]) -> dict[bytes, Entry]:
        """Return what to keep of a file: what rests on it alone, and apart from that what rests on the whole tree."""
        impure = result.impure
        pure = {code: found for code, found in result.found.items() if code not in impure}
        entry = _entry(codes, pure, result.notes, result.suppressions)
        entry["impure"] = sorted(impure)
        entries = {self._key(file): entry}
        if impure:
            rest = {code: found for code, found in result.found.items() if code in impure}
            entries[self._impure_key(file)] = _entry(codes, rest)
        return entries

    def _take(self, result: FileResult) -> None:
        for code, violations in result.found.items():
            if code in self.rules:
                self.found.setdefault(code, []).extend(violations)
        self.notes += (note for note in result.notes if not note.codes or self.rules.keys() & set(note.codes))
        self.suppressions += result.suppressions

    # ------------------------------------------------------------ trees and the system

    def _whole_known(self, checks: Sequence[Check]) -> bool:
        """Take what the cache has of the whole target, and return whether it has all."""
        if self.cache is None:
            return False
        key = self._whole_key
        entry = self.cache.load([key]).get(key)
        if entry is None or not {check.rule.id for check in checks} <= entry["codes"]:
            return False
        self.cache.touch([key])
        self._take(_result(entry, self.target.name, self.rules))
        return True

    def _whole(self, checks: Sequence[Check]) -> FileResult:
        """Return what the checks of the whole target find."""
        result = FileResult()
        trees = [source_tree(member) for member in self.target.members] or [source_tree(self.target)]
        before = [len(tree.unparsed) for tree in trees]
        seconds = whole_seconds(sum(tree.size for tree in trees))
        for check in checks:
            violations, note = run_check(self.target, check.rule, lambda c=check: self._find(c), seconds=seconds)  # type: ignore[misc]  # mypy can't infer lambda defaults
            if violations:
                result.found.setdefault(check.rule.id, []).extend(violations)
            if note:
                result.notes.append(note)
        for tree, count in zip(trees, before, strict=True):
            result.notes += tree.unparsed[count:]
        return result

    def _whole_taken(self, checks: Sequence[Check], result: FileResult) -> None:
        self._take(result)
        if self.cache is not None and not any(note.codes for note in result.notes):
            codes = frozenset(check.rule.id for check in checks)
            self.cache.save({self._whole_key: _entry(codes, result.found, result.notes)})

    @cached_property
    def _whole_key(self) -> bytes:
        return digest(b"whole", self._target_key())

    def _find(self, check: Check) -> Iterable[Any]:
        if isinstance(check, TreeCheck):
            return check.find(source_tree(self.target), self.target)
        return check.find(self.target) if isinstance(check, SystemCheck) else ()

    def _target_key(self) -> bytes:
        """Return what the result of the whole target depends on: its files, contract and architecture."""
        parts = [self._tree_key(member) for member in self.target.members] or [self._tree_key(self.target)]
        return digest(self.target.name.encode(), *parts, _described(self.target), *map(_described, self.target.members))

    def _tree_key(self, target: ScanTarget) -> bytes:
        key = target.cache.get("key")
        if not isinstance(key, bytes):
            tree = source_tree(target)
            own = target is self.target
            parts = []
            for file in tree.entries:
                parts += [
                    file.path.encode("utf-8", "replace"),
                    self._key(file) if own else digest(b"service" if file.service_code else b"other", file.data),
                ]
            key = target.cache["key"] = digest(engine_version(), *parts)
        return key


def _described(target: ScanTarget) -> bytes:
    """Return the contract and architecture that a target came with, as bytes to compare."""
    from pytest_superteam.codec import to_data

    system = to_data(target.architecture) if target.architecture is not None else None
    return json.dumps([target.name, target.contract, system, target.surroundings], sort_keys=True, default=str).encode()


def _entry(
    codes: frozenset[str],
    found: Mapping[str, list[Violation]],
    notes: Iterable[NotAnalysed] = (),
    comments: Iterable[Suppression] = (),
) -> Entry:
    rows = {
        code: [[v.file, v.line, v.column, v.message, v.evidence, v.suppressed_by, v.severity.value] for v in items]
        for code, items in found.items()
    }
    return {
        "codes": codes,
        "found": rows,
        "notes": [[note.file, note.reason, note.unread, note.partly] for note in notes],
        "comments": [[comment.file, comment.line, list(comment.codes)] for comment in comments],
    }


def _violation(code: str, service: str, row: Sequence[Any]) -> Violation:
    file, line, column, message, evidence, suppressed_by, severity = row
    return Violation(code, Severity(severity), service, message, file, line, column, evidence, suppressed_by)


def _result(entry: Entry, service: str, rules: Mapping[str, Rule]) -> FileResult:
    found = {
        code: [
            Violation(code, Severity(row[6]), service, row[3], row[0], row[1], row[2], row[4], row[5]) for row in rows
        ]
        for code, rows in entry.get("found", {}).items()
        if code in rules
    }
    notes = [NotAnalysed(file, reason, (), unread, partly) for file, reason, unread, partly in entry.get("notes", ())]
    comments = [Suppression(file, line, tuple(codes)) for file, line, codes in entry.get("comments", ())]
    return FileResult(found, set(), notes, comments)
