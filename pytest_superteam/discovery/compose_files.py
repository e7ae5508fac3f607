"""Which compose files a system has, what each is for, and which of them are laid over each other to start it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.discovery.compose_reading import ComposeFile, ComposeService, merged, read_file
from pytest_superteam.discovery.places import aside
from pytest_superteam.discovery.tree import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.discovery.tree import Tree

__all__ = ["Candidate", "Project", "candidates", "projects", "variant_of"]

_NAME = re.compile(
    r"(?:[\w-]{1,60}[._-])?(?:docker|podman)?[-_.]?(?:compose|stack)(?:[._-][\w.-]{1,60})?\.ya?ml", re.IGNORECASE
)
_STACK = re.compile(r"stack", re.IGNORECASE)
_WORDS = {
    "override": "override",
    **dict.fromkeys(
        ("test", "tests", "testing", "e2e", "ci", "cypress", "playwright", "integration", "sut", "k6"), "test"
    ),
    **dict.fromkeys(("load", "loadtest", "bench", "benchmark", "unittest", "functional", "sonar", "lint"), "test"),
    **dict.fromkeys(("prod", "production", "staging", "stage", "deploy", "release", "live", "swarm"), "prod"),
    **dict.fromkeys(("dev", "devel", "develop", "development", "local", "debug"), "dev"),
    "stack": "stack",
}
_ORDER = ("base", "override", "dev", "other", "prod", "stack", "test")
_IGNORED_WORDS = frozenset({"docker", "podman", "compose", "yml", "yaml"})
_SNIFFED_DEPTH = 2
_SNIFFED = 200
_SERVICES = re.compile(r"^[\"']?services[\"']?[ \t]*:[ \t]*$", re.MULTILINE)
_IMAGE = re.compile(r"^[ \t]+[\"']?(?:image|build)[\"']?[ \t]*:", re.MULTILINE)
_PREFERRED = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_MAX_FILES = 300


@dataclass(frozen=True)
class Candidate:
    """A compose file and what it is for: `base`, `override`, `dev`, `prod`, `stack`, `test` or `other`."""

    file: ComposeFile
    variant: str


@dataclass(eq=False)
class Project:
    """Compose files of one folder that start a system, laid over each other, and the other files beside them."""

    folder: str
    files: tuple[ComposeFile, ...]
    services: dict[str, ComposeService]
    why: str = ""
    rest: list[Candidate] = field(default_factory=list)
    """The other files of the folder."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the paths of its files."""
        return tuple(file.path for file in self.files)

    @property
    def complete(self) -> bool:
        """Return whether every service of it says what it runs."""
        return all(s.part("image") or s.part("build") for s in self.services.values())

    @property
    def builds(self) -> int:
        """Return how many of its services are built."""
        return sum(service.part("build") is not None for service in self.services.values())


def variant_of(name: str) -> str:
    """Return what a compose file is for, by its name."""
    words = [w for w in re.split(r"[._-]+", name.lower()) if w and w not in _IGNORED_WORDS]
    found = {_WORDS.get(word, "other") for word in words}
    if not found:
        return "base"
    return next(kind for kind in ("test", "override", "stack", "prod", "dev", "other") if kind in found)


def candidates(tree: Tree) -> list[Candidate]:
    """Return the compose files of a system; those of tests, examples and documentation become notes."""
    found: list[Candidate] = []
    left: dict[str, str] = {}
    for path in _paths(tree):
        folder, name = folder_of(path), path.rpartition("/")[2]
        reason = aside(folder, building=True)
        if reason:
            left[path] = f"lies in {reason}" if reason != "documentation" else "belongs to the documentation"
            continue
        file = read_file(tree, path)
        if file.broken:
            left[path] = file.broken
        else:
            found.append(Candidate(file, variant_of(name)))
    tree.notes += [f"{path} was left out: {reason}" for path, reason in list(left.items())[:30]]
    return found


def _paths(tree: Tree) -> list[str]:
    named = [path for path in tree.files if _NAME.fullmatch(path.rpartition("/")[2])]
    return sorted([*named[:_MAX_FILES], *_sniffed(tree, frozenset(named))])


def _sniffed(tree: Tree, known: frozenset[str]) -> Iterator[str]:
    """Yield YAML files near the root that are compose files by their content, whatever they are called."""
    near = [
        path
        for path in tree.files
        if path.endswith((".yml", ".yaml")) and path.count("/") <= _SNIFFED_DEPTH and path not in known
    ]
    for path in near[:_SNIFFED]:
        text = tree.text(path)
        if _SERVICES.search(text) and _IMAGE.search(text) and "apiVersion:" not in text and "{{" not in text:
            yield path


def projects(tree: Tree, found: Sequence[Candidate]) -> list[Project]:
    """Return the projects: per folder the files that start it, the nearest folder first."""
    included = {path for candidate in found for path in candidate.file.includes}
    folders: dict[str, list[Candidate]] = {}
    for candidate in found:
        if candidate.file.path not in included:
            folders.setdefault(candidate.file.folder, []).append(candidate)
    made = [project for folder in folders for project in [_project(tree, folder, folders[folder])] if project]
    return sorted(made, key=lambda p: (p.folder != ".", p.folder.count("/"), p.folder))


def _project(tree: Tree, folder: str, group: list[Candidate]) -> Project | None:
    """Return the files of one folder that start what is in it."""
    ranked = sorted(group, key=_rank)
    usual = [c for c in ranked if c.variant != "test"]
    if not usual:
        tree.notes += [f"{c.file.path} was left out: it is there for tests" for c in ranked]
        return None
    first = usual[0]
    files = [first.file]
    if first.variant == "base":
        files += [c.file for c in usual[1:] if c.variant == "override" and _stem(c.file) == _stem(first.file)][:1]
    project = _laid(tree, folder, files, _why(first, files))
    better = _better(tree, project, [c for c in usual if c.file not in files])
    better.rest = [c for c in ranked if c.file not in better.files]
    return better


def _better(tree: Tree, project: Project, rest: Sequence[Candidate]) -> Project:
    """Return the project, with another file instead or on top where only that builds what is in this repository."""
    if project.builds:
        return project
    for candidate in rest:
        alone = _laid(tree, project.folder, [candidate.file], f"{candidate.file.path} is the one that builds")
        if not alone.builds:
            continue
        if alone.complete:
            return alone
        files = [*project.files, candidate.file]
        return _laid(
            tree, project.folder, files, f"{candidate.file.path} builds what {project.paths[0]} names images of"
        )
    return project


def _laid(tree: Tree, folder: str, files: list[ComposeFile], why: str) -> Project:
    return Project(folder, tuple(files), merged(tree, files), why)


def _why(first: Candidate, files: list[ComposeFile]) -> str:
    if first.variant != "base":
        return f"there is no plain compose file beside {first.file.path}"
    return "the file that Compose takes by itself" + (" and its override" if len(files) > 1 else "")


def _rank(candidate: Candidate) -> tuple[int, int, str]:
    name = candidate.file.path.rpartition("/")[2]
    return (_ORDER.index(candidate.variant), _PREFERRED.index(name) if name in _PREFERRED else 9, name)


def _stem(file: ComposeFile) -> str:
    return re.sub(r"[._-]override|\.ya?ml$", "", file.path.rpartition("/")[2])
