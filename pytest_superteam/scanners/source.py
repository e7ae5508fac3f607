"""The source of a scan target: each file found, read and decoded once, and parsed at most once."""

from __future__ import annotations

import fnmatch
import os
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pytest_superteam.scanners.facts.excuses import mask_literals
from pytest_superteam.scanners.languages.go import GoModule
from pytest_superteam.scanners.languages.java import JavaModule
from pytest_superteam.scanners.languages.javascript import JavaScriptModule
from pytest_superteam.scanners.languages.python import PythonModule, parse_module
from pytest_superteam.scanners.languages.syntax import SyntaxModule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.scanners.base import Rule, ScanTarget

AnyModule: TypeAlias = PythonModule | JavaScriptModule | GoModule | JavaModule

__all__ = ["CODE_LANGUAGES", "DEFAULT_EXCLUDE", "MAX_BYTES", "NotAnalysed", "SourceFile", "SourceTree", "source_tree"]
__all__ += ["relevant_notes", "unread_languages"]

MAX_BYTES = 1024 * 1024
"""Bytes of the largest file that is read; generated and minified files are larger, written ones are not."""

_UNREAD = {
    ".cs": "csharp", ".fs": "fsharp", ".vb": "visual basic", ".rb": "ruby", ".php": "php", ".rs": "rust",
    ".kt": "kotlin", ".scala": "scala", ".clj": "clojure", ".swift": "swift", ".ex": "elixir", ".erl": "erlang",
    ".cpp": "c++", ".cc": "c++", ".dart": "dart", ".pl": "perl", ".lua": "lua",
}  # fmt: skip
"""Languages of services that no rule parses: in them only secrets and Docker are looked for."""

MINIFIED_BYTES = 4096
MINIFIED_LINE = 500
"""Mean bytes of a line from which JavaScript counts as minified; written code has 30 to 40, bundles thousands."""

CODE_LANGUAGES = ("python", "javascript", "typescript", "go", "java", *dict.fromkeys(_UNREAD.values()))
"""Languages that services are written in."""

MAIN_SHARE = 0.2
"""Share of a service's code from which a language counts as one that it is written in; below it stands a helper."""

DEFAULT_EXCLUDE = (
    "tests/", "test/", "__tests__/", "e2e/", "test_*.py", "*_test.py", "conftest.py", "*_test.go",
    "*.spec.ts", "*.spec.tsx", "*.spec.js", "*.test.ts", "*.test.tsx", "*.test.js", "*.test.jsx",
    "migrations/", "alembic/", "scripts/", "docs/", "doc/", "examples/", "example/", "samples/", "benchmarks/",
    "vendor/", "third_party/", "node_modules/", ".venv/", "venv/", "site-packages/", "build/", "dist/",
    "setup.py", "noxfile.py", "fabfile.py", "*.config.js", "*.config.ts", "*.config.mjs", "*.d.ts", "*.min.js",
)  # fmt: skip
"""Globs of what is no service code; one with a slash at its end names a folder at any depth."""

_SKIPPED_FOLDERS = frozenset({
    ".git", ".hg", ".svn", "node_modules", ".venv", "venv", ".tox", ".nox", "__pycache__", ".mypy_cache",
    ".ruff_cache", ".pytest_cache", ".hypothesis", ".superteam", ".eggs",
})  # fmt: skip

_LANGUAGES = {
    ".py": "python", ".js": "javascript", ".jsx": "javascript", ".mjs": "javascript", ".cjs": "javascript",
    ".ts": "typescript", ".tsx": "typescript", ".mts": "typescript", ".cts": "typescript", ".go": "go", ".java": "java",
}  # fmt: skip

_NOT_DOCKER = frozenset({
    "dockerignore", "md", "rst", "txt", "j2", "jinja", "tmpl", "template", "orig", "bak", "json", "yml", "yaml", "sh",
    "html", "css", "xml", "snap", "log", "rb", "rs", "c", "h", "cc", "cpp", "kt", "swift", "lua", "vim", "el", "svg",
})  # fmt: skip
"""Endings of files that speak of Dockerfiles, or make some, and are none."""
_DOCKERFILE = re.compile(r"(?:docker|container)file[._-]|[\w.-]{1,80}[._-](?:docker|container)file$")
_COMPOSE = re.compile(r"(?:docker|podman)[-_]?compose|[._-]compose$")
_FRAMEWORKS = re.compile(
    rb"^[ \t]{0,8}(?:from|import)[ \t]+(litestar|pyramid|robyn|cherrypy|masonite|web2py|emmett|blacksheep|esmerald)\b",
    re.MULTILINE,
)
_SETTINGS = (".env", ".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".conf", ".properties", ".sh", ".tf", ".sql")
"""Endings of text that is no code, so that one with NUL bytes is told; others may well be binary."""
_WIDE = (
    (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, order=True)
class NotAnalysed:
    """A file that was not read, or not wholly, and why."""

    file: str
    reason: str
    codes: tuple[str, ...] = ()
    """The rules that could not be decided on it; empty: all that read files of its language."""
    unread: bool = False
    """Whether its bytes were not looked at either, so that secrets in it would not be found."""
    partly: bool = False
    """Whether all but a part of it was analysed."""


def _language(name: str) -> str:
    """Return the language of a file by its name; `text` for what has none of ours."""
    lower = name.lower()
    stem, dot, suffix = lower.rpartition(".")
    if dot + suffix in _LANGUAGES:
        return _LANGUAGES[dot + suffix]
    if lower in {"dockerfile", "containerfile"} or lower.endswith((".dockerfile", ".containerfile")):
        return "docker"
    if _DOCKERFILE.match(lower) is not None and suffix not in _NOT_DOCKER:
        return "docker"
    if suffix in {"yml", "yaml"} and (stem.startswith("compose") or _COMPOSE.search(stem) is not None):
        return "compose"
    return "text"


class _Globs:
    """Globs of what is no service code, compiled: a scan asks thousands of times."""

    def __init__(self, globs: tuple[str, ...]) -> None:
        kinds: dict[str, list[str]] = {"folder": [], "path": [], "name": []}
        for glob in globs:
            if glob.endswith("/"):
                pattern = glob.rstrip("/")
                if "/" in pattern:
                    kinds["path"].append(pattern + "/*")
                else:
                    kinds["folder"].append(pattern)
            else:
                kinds["path" if "/" in glob else "name"].append(glob)
        self._folder, self._path, self._name = (_any_of(kinds[kind]) for kind in ("folder", "path", "name"))
        self._folders: dict[str, bool] = {"": False}

    def _in_excluded_folder(self, folder: str) -> bool:
        if folder not in self._folders:
            above, _, name = folder.rpartition("/")
            self._folders[folder] = self._in_excluded_folder(above) or self._folder.match(name) is not None
        return self._folders[folder]

    def match(self, path: str) -> bool:
        """Return whether `path` (relative, POSIX) matches one of the globs."""
        folder, _, name = path.rpartition("/")
        return (
            self._name.match(name) is not None or self._path.match(path) is not None or self._in_excluded_folder(folder)
        )


def _any_of(globs: list[str]) -> re.Pattern[str]:
    """Return a pattern of names that match one of `globs`; none of none."""
    return re.compile("|".join(fnmatch.translate(glob) for glob in globs) or r"(?!)")


class SourceFile:
    """One file: its bytes, its text and its syntax tree, each made once and when first asked for."""

    def __init__(self, path: str, tree: SourceTree) -> None:
        self.path = path
        """Relative to the target's root, POSIX style."""
        self.language = _language(path.rsplit("/", 1)[-1])
        self.unread = False
        """Whether the bytes were asked for and are none, for the file is binary, too large or gone."""
        self._tree = tree

    @cached_property
    def service_code(self) -> bool:
        """Return whether it runs in the service, and is no test, migration, script, example, document or bundle."""
        return not self.excluded and not self.is_minified

    @property
    def excluded(self) -> bool:
        """Return whether its path is one of those that hold no service code."""
        return self._tree.globs.match(self.path)

    @property
    def is_minified(self) -> bool:
        """Return whether a tool wrote this JavaScript for browsers: nobody's lines are hundreds of characters long."""
        if self.language != "javascript" or len(self.data) < MINIFIED_BYTES:
            return False
        return len(self.data) > MINIFIED_LINE * (self.data.count(b"\n") + 1)

    @cached_property
    def data(self) -> bytes:
        """Return the bytes; none where the file is binary, too large or gone, which is recorded."""
        data = self._tree.read(self.path, self.language)
        self.unread = data is None
        return data or b""

    @cached_property
    def may_excuse(self) -> bool:
        """Return whether a comment in it may excuse a finding."""
        return b"nosec" in self.data or b"noqa" in self.data.lower()

    def forget(self) -> None:
        """Drop what was made of the bytes, so that a large tree does not stay in memory as text and nodes."""
        for name in ("text", "lines", "module", "_shown"):
            self.__dict__.pop(name, None)

    @cached_property
    def text(self) -> str:
        """Return the decoded text with its line ends as they are; Latin-1 where it is no UTF-8 (which is recorded)."""
        encoding = next((name for bom, name in _BOMS if self.data.startswith(bom)), "utf-8")
        try:
            return self.data.decode(encoding)
        except UnicodeDecodeError:
            if self.language != "python":
                reason = "not valid UTF-8: read as Latin-1, so only its ASCII parts were analysed"
                self._tree.unparsed.append(NotAnalysed(self.path, reason))
            return self.data.decode("latin-1")

    @cached_property
    def lines(self) -> list[str]:
        r"""Return the lines without their ends, split at `\n` only, as line numbers of parsers count."""
        return [line.rstrip("\r") for line in self.text.split("\n")]

    def line(self, number: int) -> str:
        """Return line `number` (from 1), empty where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    @cached_property
    def _shown(self) -> dict[tuple[int, re.Pattern[str] | None], str]:
        return {}

    def shown(self, number: int, keep: re.Pattern[str] | None = None) -> str:
        """Return the begin of line `number` with its secrets masked (see `mask_literals`), as evidence of a finding.

        Made once a line: a minified file has thousands of findings on one that is a million characters long.
        """
        key = (number, keep)
        if key not in self._shown:
            self._shown[key] = mask_literals(self.line(number).strip(), keep=keep)[:200]
        return self._shown[key]

    @cached_property
    def module(self) -> AnyModule | None:
        """Return the parsed file; None where it is no code or does not parse (see `SourceTree.unparsed`)."""
        try:
            module = _parse(self)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None)
            where = f" in line {line}" if line else ""
            reason = f"could not be parsed{where}: {getattr(error, 'msg', '') or error or type(error).__name__}"
            if self.service_code:
                self._tree.unparsed.append(NotAnalysed(self.path, reason))
            return None
        if self.service_code and isinstance(module, SyntaxModule) and module.broken is not None:
            reason = f"could not be parsed wholly: line {module.broken}"
            self._tree.unparsed.append(NotAnalysed(self.path, reason, partly=True))
        return module

    @property
    def python(self) -> PythonModule | None:
        """Return the parsed module where it is Python that parses."""
        return self.module if isinstance(self.module, PythonModule) else None

    @property
    def javascript(self) -> JavaScriptModule | None:
        """Return the parsed module where it is JavaScript or TypeScript that parses."""
        return self.module if isinstance(self.module, JavaScriptModule) else None


def _parse(file: SourceFile) -> AnyModule | None:
    """Return the parsed file, None where its language is no code.

    Raises:
        SyntaxError: it does not parse.
        ValueError: it holds NUL bytes.
        RecursionError: it is nested too deeply.
    """
    if file.language == "python":
        return parse_module(file.path, file.data)
    if file.language in {"javascript", "typescript"}:
        return JavaScriptModule(file.path, file.data)
    if file.language == "go":
        return GoModule(file.path, file.data)
    return JavaModule(file.path, file.data) if file.language == "java" else None


class SourceTree:
    """The files below a folder that are text, sorted by path."""

    def __init__(self, root: Path, exclude: tuple[str, ...] | None = None, skip: tuple[str, ...] = ()) -> None:
        self.root = root
        self.skip = frozenset(skip)
        self.globs = _Globs(DEFAULT_EXCLUDE if exclude is None else exclude)
        self.not_analysed: list[NotAnalysed] = []
        """What was not read: for its size or its kind, for a link out of the folder, or since it vanished."""
        self.unparsed: list[NotAnalysed] = []
        """Files that a parser refused, or whose text is damaged, as far as a rule needed them."""
        self.asked = False
        """Set where somebody looked at more than one file: what a check found may depend on all of them."""
        self._facts: dict[str, object] = {}

    @property
    def facts(self) -> dict[str, object]:
        """Return what rules conclude about the whole tree (routes, authentication) and share."""
        self.asked = True
        return self._facts

    @cached_property
    def entries(self) -> tuple[SourceFile, ...]:
        """Return every file, sorted by path, none of them read yet."""
        return tuple(SourceFile(path, self) for path in sorted(self._walk()))

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """Return every text file of at most `MAX_BYTES`."""
        self.asked = True
        return self._files

    @cached_property
    def _files(self) -> tuple[SourceFile, ...]:
        return tuple(file for file in self.entries if file.data or not file.unread)

    @cached_property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(len(file.data) for file in self._files)

    @property
    def by_path(self) -> dict[str, SourceFile]:
        """Return the files by their path."""
        self.asked = True
        return self._by_path

    @cached_property
    def _by_path(self) -> dict[str, SourceFile]:
        return {file.path: file for file in self.entries}

    def file(self, path: str) -> SourceFile | None:
        """Return the file at `path`, for who reports on it; checks use `by_path`."""
        return self._by_path.get(path)

    @cached_property
    def modules_by_name(self) -> dict[str, SourceFile]:
        """Return the Python files by each dotted name that an import may use: every suffix of the path."""
        names: dict[str, SourceFile] = {}
        python = [file for file in self.files if file.language == "python"]
        for file in sorted(python, key=lambda f: (not f.service_code, f.path.count("/"))):
            parts = file.path.removesuffix(".py").removesuffix("/__init__").split("/")
            for start in range(len(parts)):
                names.setdefault(".".join(parts[start:]), file)
        return names

    def service_files(self, *languages: str) -> Iterator[SourceFile]:
        """Yield the files of service code, of `languages` only where given."""
        return (f for f in self.files if f.service_code and (not languages or f.language in languages))

    def module_with(self, *words: bytes) -> Iterator[tuple[SourceFile, PythonModule]]:
        """Yield the parsed Python modules of service code whose bytes hold one of `words`."""
        for file in self.service_files("python"):
            if any(word in file.data for word in words) and file.python is not None:
                yield file, file.python

    def javascript_with(self, *words: bytes) -> Iterator[tuple[SourceFile, JavaScriptModule]]:
        """Yield the parsed JavaScript and TypeScript modules of service code whose bytes hold one of `words`."""
        for file in self.service_files("javascript", "typescript"):
            if any(word in file.data for word in words) and file.javascript is not None:
                yield file, file.javascript

    @cached_property
    def languages(self) -> frozenset[str]:
        """Return the languages that the service is written in: those of at least `MAIN_SHARE` of its code."""
        sizes: Counter[str] = Counter()
        for file in self.entries:
            language = _UNREAD.get(os.path.splitext(file.path)[1].lower(), file.language)  # noqa: PTH122  # no need of a Path
            if language in CODE_LANGUAGES and file.service_code:
                sizes[language] += len(file.data) + 1
        return frozenset(language for language, size in sizes.items() if size >= MAIN_SHARE * sizes.total())

    @cached_property
    def unread_frameworks(self) -> frozenset[str]:
        """Return the web frameworks of Python that the service imports and whose routes nobody here can read."""
        found = (match for file in self.service_files("python") for match in _FRAMEWORKS.finditer(file.data))
        return frozenset(match[1].decode() for match in found)

    def _walk(self) -> Iterator[str]:
        """Yield the relative paths of regular files, following no link."""
        base = os.fspath(self.root)
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(f"{base}/{folder}") as scan:
                    entries = list(scan)
            except OSError as error:
                self._unread(folder.rstrip("/"), f"could not be read: {error.strerror or error}")
                continue
            for entry in entries:
                path = folder + entry.name
                if entry.is_symlink():
                    self._link(path, entry.path)
                elif entry.is_dir():
                    named = entry.name in _SKIPPED_FOLDERS or entry.name.endswith(".egg-info")
                    if not named and path not in self.skip:
                        pending.append(path + "/")
                elif entry.is_file():
                    yield path
                else:
                    self._unread(path, "no regular file: a pipe, a socket or a device")

    def _unread(self, path: str, reason: str) -> None:
        self.not_analysed.append(NotAnalysed(path, reason, unread=True))

    def _link(self, path: str, full: str) -> None:
        """Record a link that leads out of the folder, or in a circle; where others lead is read anyway."""
        try:
            inside = Path(full).resolve(strict=True).is_relative_to(self.root.resolve())
        except FileNotFoundError:
            return  # leads nowhere: there is nothing to read
        except (OSError, RuntimeError):
            self._unread(path, "a link that leads in a circle")
            return
        if not inside:
            self._unread(path, "a link that leads out of the folder")

    def read(self, path: str, language: str) -> bytes | None:
        """Return the bytes of a file; None where it is binary, too large or gone, which is recorded."""
        try:
            with (self.root / path).open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
                size = os.fstat(stream.fileno()).st_size
        except OSError as error:
            self._unread(path, f"could not be read: {error.strerror or error}")
            return None
        data = _narrow(data)
        if b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            if language != "text" or path.lower().endswith(_SETTINGS):
                self._unread(path, "holds NUL bytes: it is binary, whatever its name says")
            return None
        if size > MAX_BYTES:
            self._unread(path, f"larger than {MAX_BYTES} bytes (it has {size})")
            return None
        return data


def _narrow(data: bytes) -> bytes:
    """Return text that begins with a mark of UTF-16 or UTF-32 as UTF-8, and all else as it is."""
    encoding = next((name for bom, name in _WIDE if data.startswith(bom)), None)
    if encoding is None:
        return data
    try:
        return data.decode(encoding).encode()
    except UnicodeError:
        return data


def source_tree(target: ScanTarget) -> SourceTree:
    """Return the tree of `target`, made on the first call and kept in `target.cache`."""
    tree = target.cache.get("source")
    if not isinstance(tree, SourceTree):
        tree = target.cache["source"] = SourceTree(target.root, target.exclude, target.skip)
    return tree


def relevant_notes(rule: Rule, notes: Iterable[NotAnalysed]) -> list[NotAnalysed]:
    """Return the notes for which `rule` may have missed a whole file."""

    def concerns(note: NotAnalysed) -> bool:
        if note.codes:
            return rule.id in note.codes
        if note.partly:
            return False
        language = _language(note.file.rsplit("/", 1)[-1])
        return language in rule.languages or (note.unread and "text" in rule.languages)

    return [note for note in notes if concerns(note)]


def unread_languages(rule: Rule, target: ScanTarget) -> tuple[str, ...]:
    """Return what of the target's service code `rule` does not read although its code can occur there.

    Languages by name; for rules that rest on routes also `python (django)` and its like, where routes are not read.
    """
    trees = [source_tree(member) for member in target.members or (target,)]
    present = frozenset[str]().union(*(tree.languages for tree in trees))
    missing = (present & set(rule.applies_to)) - set(rule.languages)
    if rule.reads_routes:
        missing |= {f"python ({name})" for tree in trees for name in tree.unread_frameworks}
    return tuple(sorted(missing))
