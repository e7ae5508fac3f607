"""The language and framework of a service: by what its container starts, its manifests, and last by its files."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pytest_superteam.discovery.frameworks import FRONTENDS, SERVERS, WORKERS
from pytest_superteam.discovery.images import base_name
from pytest_superteam.discovery.places import aside
from pytest_superteam.discovery.tree import below

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.discovery.draft import Draft
    from pytest_superteam.discovery.manifest import Manifest
    from pytest_superteam.discovery.tree import Tree

__all__ = ["own_files", "settle_language"]

_COMMANDS = (
    (re.compile(
        r"\b(?:python[\d.]{0,6}|uvicorn|gunicorn|hypercorn|celery|flask|fastapi|uwsgi|django|uv run|poetry|"
        r"streamlit|daphne)\b"
    ), "python"),
    (re.compile(r"\b(?:dotnet)\b|\.dll\b"), "csharp"),
    (re.compile(r"\bjava\b|\.jar\b|JarLauncher|mvnw|gradlew"), "java"),
    (re.compile(r"\b(?:node|nodemon|npm|yarn|pnpm|nest|next|ts-node|tsx|pm2|bun|npx|vite)\b"), "javascript"),
    (re.compile(r"\b(?:php|php-fpm|apache2-foreground|artisan)\b"), "php"),
    (re.compile(r"\b(?:ruby|bundle|rails|puma|rackup)\b"), "ruby"),
    (re.compile(r"\b(?:go run)\b"), "go"),
    (re.compile(r"\b(?:cargo)\b"), "rust"),
    (re.compile(r"\b(?:mix|elixir)\b"), "elixir"),
)  # fmt: skip
_IMAGES = {
    "python": "python", "pypy": "python", "uv": "python", "node": "javascript", "nodejs": "javascript",
    "bun": "javascript",
    "golang": "go", "go": "go", "rust": "rust", "php": "php", "ruby": "ruby", "openjdk": "java",
    "eclipse-temurin": "java",
    "amazoncorretto": "java", "maven": "java", "gradle": "java", "jdk": "java", "jre": "java", "tomcat": "java",
    "aspnet": "csharp", "sdk": "csharp", "runtime": "csharp", "runtime-deps": "csharp", "elixir": "elixir",
    "temurin": "java", "corretto": "java", "tiangolo": "python", "cargo-chef": "rust", "composer": "php",
    "micromamba": "python", "miniconda3": "python", "uvicorn-gunicorn-fastapi": "python", "deno": "typescript",
    "dart": "dart", "swift": "swift", "sbt": "scala", "gcc": "cpp", "clojure": "clojure",
}  # fmt: skip
_PREFIXES = (("java", "java"), ("nodejs", "javascript"), ("python", "python"), ("dotnet", "csharp"), ("php", "php"))
_SUFFIXES = {
    "py": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript", "jsx": "javascript",
    "ts": "typescript",
    "tsx": "typescript", "go": "go", "rs": "rust", "java": "java", "kt": "kotlin", "cs": "csharp", "fs": "fsharp",
    "rb": "ruby", "php": "php", "ex": "elixir", "scala": "scala", "cpp": "cpp", "cc": "cpp", "clj": "clojure",
    "swift": "swift", "dart": "dart", "lua": "lua", "pl": "perl",
}  # fmt: skip
_FAMILIES = ({"javascript", "typescript"}, {"java", "kotlin", "scala", "groovy"}, {"csharp", "fsharp"})
_VENDORED = re.compile(r"\.min\.|(?:^|/)(?:static|public|vendor|assets|wwwroot|migrations)/")
_WEB = frozenset({"js", "jsx", "ts", "tsx", "html"})


def own_files(tree: Tree, draft: Draft) -> list[str]:
    """Return the files of a service, those of services in its folder left out."""
    if not draft.folder or draft.files:
        return list(draft.files)
    inner = tuple(folder + "/" for folder in draft.others)
    return [path for path in tree.under(draft.folder) if not inner or not path.startswith(inner)]


def settle_language(tree: Tree, draft: Draft, manifests: Mapping[str, tuple[Manifest, ...]]) -> None:
    """Say language and framework of a draft, and keep the manifest that says so."""
    mine = _manifests(draft, manifests)
    hint, file, line, reason = _hint(draft)
    if hint:
        same = [m for m in mine if _alike(m.language, hint)]
        if not same and mine and hint == "javascript" and not draft.manifest and any(m.starts for m in mine):
            same = [m for m in mine if m.starts]  # Node only builds the assets
        mine = same
    best = draft.manifest or min(mine, key=lambda m: _rank(m, draft), default=None)
    if best is not None:
        draft.manifest = best
        draft.say_language(best.language, best.path, 1, "its manifest")
        draft.say_framework(best.framework, best.framework_file, best.framework_line, "one of its libraries")
    counted, sample = _counted(tree, draft)
    if hint and any({hint, counted} <= family for family in _FAMILIES):
        hint = counted
    draft.say_language(hint, file, line, reason)
    draft.say_language(counted, sample, 1, "most of its files")
    if draft.language in {"javascript", "typescript"} and best is None and draft.built and draft.built.static:
        draft.say_framework("static", draft.built.path, draft.built.base_line, "pages behind a web server")


def _rank(manifest: Manifest, draft: Draft) -> tuple[bool, bool, bool, int]:
    return (
        manifest.is_test,
        not manifest.starts,
        manifest.framework not in SERVERS | FRONTENDS | WORKERS,
        manifest.folder.count("/") + (manifest.folder != draft.folder),
    )


def _manifests(draft: Draft, manifests: Mapping[str, tuple[Manifest, ...]]) -> list[Manifest]:
    """Return the manifests in a service's folder, else those next below it."""
    if not draft.folder:
        return []
    here = list(manifests.get(draft.folder, ()))
    if here:
        return here
    at = below(draft.folder)
    inner = [
        folder for folder in manifests if folder.startswith(at) and folder not in draft.others and not aside(folder)
    ]
    inner = [
        f
        for f in inner
        if f.removeprefix(at).count("/") <= 1 and not f.startswith(tuple(o + "/" for o in draft.others))
    ]
    return [manifest for folder in inner for manifest in manifests[folder] if not manifest.is_test]


def _hint(draft: Draft) -> tuple[str, str, int, str]:
    """Return the language that its container runs, with file, line and reason."""
    command = draft.compose.command if draft.compose else None
    if command:
        language = next((lang for pattern, lang in _COMMANDS if pattern.search(command.text)), "")
        if language:
            return language, command.file, command.line, "its command"
    built = draft.built
    if built is None:
        image = draft.compose.value("image") if draft.compose else None
        return (_of_image(image.text), image.file, image.line, f"runs {image.text}") if image else ("", "", 0, "")
    own = _of_image(built.base)
    started = next((lang for pattern, lang in _COMMANDS if pattern.search(built.command)), "")
    if own and (not started or started == own or own != "javascript"):
        return own, built.path, built.base_line, f"starts from {built.base}"
    if started:
        return started, built.path, built.command_line, "what its Dockerfile starts"
    for stage in reversed(built.images):
        if _of_image(stage):
            return _of_image(stage), built.path, built.base_line, f"is built with {stage}"
    return "", "", 0, ""


def _of_image(image: str) -> str:
    name = base_name(image).lower()
    return _IMAGES.get(name) or next((lang for prefix, lang in _PREFIXES if name.startswith(prefix)), "")


def _alike(one: str, other: str) -> bool:
    return one == other or any({one, other} <= family for family in _FAMILIES)


def _counted(tree: Tree, draft: Draft) -> tuple[str, str]:
    """Return the language that most files of a service are in, and one of them."""
    counts: Counter[str] = Counter()
    samples: dict[str, str] = {}
    at = below(draft.folder)
    for path in own_files(tree, draft):
        language = _SUFFIXES.get(path.rpartition(".")[2])
        if language and not _VENDORED.search(path) and not aside(path.removeprefix(at).rpartition("/")[0] or "."):
            counts[language] += 1
            samples.setdefault(language, path)
    if not counts:
        web = next((path for path in own_files(tree, draft) if path.rpartition(".")[2] in _WEB), "")
        return ("javascript", web) if web else ("", "")
    language = max(sorted(counts), key=lambda one: counts[one])
    return language, samples[language]
