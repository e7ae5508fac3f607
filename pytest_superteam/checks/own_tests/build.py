"""Does the source of a service that was found read at all: Python, JavaScript, TypeScript, Go, Java, package.json?"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.checks.own_tests.trees import files_of, read_bytes
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tree_sitter import Tree

    from pytest_superteam.models import FoundService
    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["check_found_build"]

CODE = "BUILD-001"
MOST_FOUND = 20
"""Files that do not read that are told one by one."""
MOST_FILES = 20_000
"""Files of code that are parsed."""
_LANGUAGES = {"python": "Python", "javascript": "JavaScript", "typescript": "TypeScript", "go": "Go", "java": "Java"}
_LINE = re.compile(r"\bline (\d{1,9})")
_TEMPLATE = re.compile(rb"\{%|<%|\{\{ ?cookiecutter|@flow\b")
"""What a file has in it that becomes code by a tool only (Jinja, EJS, Cookiecutter), or has types of another kind."""
_CONFLICT = re.compile(rb"^(?:<{7} \S|={7}$|>{7} \S)", re.MULTILINE)


def check_found_build(
    service: FoundService, root: Path, *, exclude: tuple[str, ...] | None = None, skip: Sequence[str] = ()
) -> CheckResult:
    """Return a violation for each file of a service that its language can't read.

    Args:
        service: what was found.
        root: folder of the system.
        exclude: globs of what is no service code, as `scan.exclude`; None means the default.
        skip: folders of other services inside this one's, relative to it.

    Raises:
        CheckError: it has no source.
    """
    from pytest_superteam.scanners.source import SourceTree

    folder = (root / (service.folder or ".")).resolve()
    if not service.folder or not folder.is_dir() or not folder.is_relative_to(root.resolve()):
        raise CheckError(f"'{service.name}': there is no source of it to read.")
    look = _Look(service.name, SourceTree(folder, exclude, tuple(skip)))
    found = [*_manifests(service.name, folder, skip), *look.violations()]
    shown = found[:MOST_FOUND]
    if len(found) > MOST_FOUND:
        message = f"'{service.name}' has {len(found) - MOST_FOUND} more files that do not read. Mend them."
        shown.append(Violation(CODE, Severity.ERROR, service.name, message))
    unsure = f", {len(look.unsure)} not wholly, such as {look.unsure[0]}" if look.unsure else ""
    return CheckResult(tuple(shown), detail=f"{look.count} files of code read{unsure}")


@dataclass
class _Look:
    """One pass over the files of a service."""

    service: str
    tree: SourceTree
    count: int = 0
    unsure: list[str] = field(default_factory=list)
    """Files that could not be read at all, or that our grammar of the language could not make out."""

    def violations(self) -> Iterator[Violation]:
        """Yield what does not read, in the order of the files."""
        for file in self.tree.entries:
            if file.language not in _LANGUAGES or not file.service_code:
                continue
            self.count += 1
            if self.count > MOST_FILES:
                return
            problem, line = self._problem(file)
            file.forget()
            if problem:
                message = f"'{self.service}': {file.path} is no {_LANGUAGES[file.language]}: {problem}. Mend the file."
                yield Violation(CODE, Severity.ERROR, self.service, message, file.path, line)

    def _problem(self, file: SourceFile) -> tuple[str, int]:
        """Return why a file is no code of its language, and the line; an empty text where it is, or may be."""
        from pytest_superteam.scanners.languages.syntax import SyntaxModule

        if not file.data and file.unread:
            if any(note.file == file.path and "NUL" in note.reason for note in self.tree.not_analysed):
                return "it holds NUL bytes", 0
            self.unsure.append(file.path)
            return "", 0
        if file.language == "python":
            problem, line = _python_problem(file.path, file.data)
            if problem and _TEMPLATE.search(file.line(line).encode()):
                self.unsure.append(file.path)
                return "", 0
            return problem, line
        module = file.module
        if not isinstance(module, SyntaxModule):
            self.unsure.append(file.path)
            return "", 0
        if module.broken is None:
            return "", 0
        line = _line_in(str(module.broken))
        if not _is_broken(file, module.tree):
            self.unsure.append(file.path)
            return "", 0
        return f"it can't be parsed from line {line} on", line


def _python_problem(path: str, data: bytes) -> tuple[str, int]:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape is no syntax error, whatever -W says
            compile(data, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.msg, error.lineno or 0
    except (ValueError, RecursionError, MemoryError) as error:  # a NUL byte, nesting
        return str(error) or type(error).__name__, 0
    return "", 0


def _line_in(text: str) -> int:
    match = _LINE.search(text) or re.match(r"(\d{1,9})", text)
    return int(match[1]) if match else 0


def _is_broken(file: SourceFile, tree: Tree) -> bool:
    """Return whether what a grammar could not make out is wrong, and not merely unknown to the grammar.

    Measured over 4,500 files of thirty public repositories: the grammar of TypeScript could not make out 149 files, of
    which 110 are correct (tagged templates with type arguments, for the most part), that of Go one correct file, that
    of JavaScript none that was no template. In all correct ones the brackets were balanced; in 27 of the 39 others,
    which are parts of files, they were not.
    """
    if _CONFLICT.search(file.data) and file.data.count(b"<<<<<<< "):
        return True
    if _TEMPLATE.search(file.data):
        return False
    return file.language == "javascript" or not _is_balanced(tree)


_CLOSING = {"(": ")", "{": "}", "[": "]"}


def _is_balanced(tree: Tree) -> bool:
    """Return whether as many brackets close as open, those in texts and comments not counted."""
    counts: Counter[str] = Counter()
    cursor = tree.walk()
    while True:
        node = cursor.node
        if node is not None and node.child_count == 0 and not node.is_missing:
            counts["{" if node.type == "${" else node.type] += 1
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return all(counts[opening] == counts[closing] for opening, closing in _CLOSING.items())


def _manifests(service: str, folder: Path, skip: Sequence[str]) -> Iterator[Violation]:
    """Yield each package.json that holds no object."""
    for path in files_of(folder, lambda name: name == "package.json", skip):
        try:
            data = json.loads((read_bytes(path) or b"").decode("utf-8-sig"))
        except RecursionError:
            problem, line = "is nested too deeply", 0
        except ValueError as error:  # no JSON, or no UTF-8
            problem, line = f"is no JSON: {getattr(error, 'msg', error)}", getattr(error, "lineno", 0)
        else:
            if isinstance(data, dict):
                continue
            problem, line = "holds no object", 1
        place = path.relative_to(folder).as_posix()
        yield Violation(CODE, Severity.ERROR, service, f"'{service}': {place} {problem}. Mend it.", place, line)
