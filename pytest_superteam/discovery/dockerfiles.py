"""What a Dockerfile says about the service that is built with it: its base, its sources, what it starts and where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.discovery.images import Product, product_of
from pytest_superteam.discovery.tree import folder_of, joined
from pytest_superteam.discovery.words import plain
from pytest_superteam.scanners.languages.docker_words import expand
from pytest_superteam.scanners.languages.dockerfile import Stage, parse_dockerfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.scanners.languages.dockerfile import Dockerfile, Instruction

__all__ = ["Built", "is_dockerfile", "read_dockerfile", "source_folders"]

_NAME = re.compile(
    r"(?:Docker|Container)file(?:[._-][\w.-]{1,80})?|[\w.-]{1,80}\.(?:docker|container)file", re.IGNORECASE
)
_NOT = re.compile(
    r"\.(?:dockerignore|md|txt|j2|tmpl|template|orig|original|bak|json|ya?ml|sh|html|old)$", re.IGNORECASE
)
_CODE = re.compile(
    r"\.(?:py|js|mjs|cjs|ts|go|rb|php|rs|java|kt|cs|ex|exs|jar|dll)$|(?:^|/)(?:package|package\*|composer)\.json$|"
    r"requirements\S{0,40}\.txt$|(?:^|/)(?:go\.mod|pom\.xml|Cargo\.toml|pyproject\.toml|Gemfile|mix\.exs)$"
)
_STATIC = re.compile(r"(?:^|/)(?:dist|public|static|html|www|site|web|build|src|assets|pages)/?$|\.html?$|^\.?/?$|^\.$")
_WWW = re.compile(r"/usr/share/nginx/html|/var/www|/usr/local/apache2/htdocs|/srv|/usr/share/caddy|/app|/html")


@dataclass(frozen=True)
class Built:
    """A Dockerfile that was read. Lines are those of the file."""

    path: str
    images: tuple[str, ...] = ()
    """What its stages start from that are images, in order; the last is what runs."""
    base: str = ""
    base_line: int = 0
    exposed: tuple[tuple[int, int], ...] = ()
    """Port and line."""
    variables: tuple[tuple[str, str, int], ...] = ()
    """Name, value and line of ENV."""
    command: str = ""
    """ENTRYPOINT and CMD as one text."""
    command_line: int = 0
    health: str = ""
    health_line: int = 0
    copied: tuple[str, ...] = ()
    """Sources of COPY and ADD from the context, of all stages."""
    product: Product | None = None
    """What somebody else's software it only configures."""
    static: bool = False
    """Whether it puts a built or static site behind a web server."""


def is_dockerfile(name: str) -> bool:
    """Return whether a file is called as Dockerfiles are."""
    return _NAME.fullmatch(name) is not None and _NOT.search(name) is None


def read_dockerfile(text: str, path: str, target: str = "", known: Mapping[str, str] | None = None) -> Built:
    """Return what a Dockerfile, or one stage of it, says.

    Args:
        text: the whole file.
        path: where it lies, for the report.
        target: the stage that is built; unset or unknown, the last.
        known: build arguments.
    """
    file = parse_dockerfile(text)
    if not file.stages:
        return Built(path)
    stage = (file.stage_named(target) if target else None) or file.stages[-1]
    lineage = tuple(stage.lineage)
    base = expand(lineage[-1].image, {**file.arguments, **(known or {})}).text
    starts = [i for i in (stage.last("ENTRYPOINT"), stage.last("CMD")) if i is not None]
    needed = _needed(file, stage)
    copies = [i for s in needed for i in s.instructions if i.keyword in {"COPY", "ADD"}]
    own = [i for s in lineage for i in s.effective if i.keyword in {"COPY", "ADD"}]
    product = product_of(base)
    if product is not None and product.name == "busybox":
        product = None  # a bare system to put something of one's own into
    static = product is not None and product.role == "gateway" and any(_brings_site(i) for i in own)
    health = stage.last("HEALTHCHECK")
    return Built(
        path=path,
        images=tuple(s.image for s in needed if s.parent is None),
        base=base,
        base_line=lineage[-1].line,
        exposed=_exposed(file, stage, known or {}),
        variables=_variables(file, stage, known or {}),
        command=" ".join(plain(word) for i in starts for word in i.words),
        command_line=starts[-1].line if starts else 0,
        health=health.value if health else "",
        health_line=health.line if health else 0,
        copied=tuple(source for i in copies if i.flag("from") is None for source in _sources(i)),
        product=None if static or _runs_code(own, product) else product,
        static=static,
    )


def _needed(file: Dockerfile, stage: Stage) -> list[Stage]:
    """Return the stages that take part in a build: `stage`, what it is built from and what it copies from."""
    found: dict[int, Stage] = {}
    todo = [stage]
    while todo:
        one = todo.pop()
        if one.index in found:
            continue
        found[one.index] = one
        names = [flag for i in one.instructions for flag in i.all_flags("from")]
        todo += [s for name in names if (s := file.stage_named(name)) is not None]
        todo += [one.parent] if one.parent is not None else []
    return [found[index] for index in sorted(found)]


def _brings_site(instruction: Instruction) -> bool:
    """Return whether a COPY puts pages behind a web server."""
    if instruction.flag("from") is not None:
        return any(_WWW.search(word) for word in instruction.words[-1:]) or _is_build(instruction)
    sources, destination = _sources(instruction), instruction.words[-1] if instruction.words else ""
    return bool(_WWW.search(destination)) and any(_STATIC.search(source) for source in sources)


def _is_build(instruction: Instruction) -> bool:
    return any(re.search(r"/(?:dist|build|out|public)\b", word) for word in instruction.words[:-1])


def _runs_code(own: list[Instruction], product: Product | None) -> bool:
    """Return whether code is copied into what would else only be configured."""
    if product is None:
        return False
    sources = [source for i in own for source in (*_sources(i), *(i.words[:-1] if i.flag("from") else ()))]
    init = [i for i in own if "initdb" in i.value or "/docker-entrypoint" in i.value]
    return product.role in {"gateway", "other"} and not init and any(_CODE.search(source) for source in sources)


def _sources(instruction: Instruction) -> tuple[str, ...]:
    words = tuple(plain(word) for word in instruction.words)
    return words[:-1] if len(words) > 1 and not words[0].startswith("<<") else ()


def _exposed(file: Dockerfile, stage: Stage, known: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for part in stage.lineage:
        for instruction, values in file.scoped(part):
            if instruction.keyword != "EXPOSE" or instruction.onbuild:
                continue
            for word in instruction.words:
                text = expand(word, {**values, **known}).text.partition("/")[0].partition("-")[0]
                if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536:
                    found.append((int(text), instruction.line))
    return tuple(dict.fromkeys(found))


def _variables(file: Dockerfile, stage: Stage, known: Mapping[str, str]) -> tuple[tuple[str, str, int], ...]:
    found: dict[str, tuple[str, str, int]] = {}
    for part in reversed(tuple(stage.lineage)):
        for instruction, values in file.scoped(part):
            if instruction.keyword == "ENV" and not instruction.onbuild:
                for pair in instruction.pairs:
                    value = expand(pair.raw or "", {**values, **known}).text
                    found[pair.name] = (pair.name, value, pair.line)
    return tuple(found.values())


def source_folders(built: Built, context: str) -> list[str]:
    """Return the folders that are copied from the context, relative to the system, where they are named."""
    found: list[str] = []
    for source in built.copied:
        if "*" in source or "$" in source or source in {".", "./", "/"}:
            source = source.partition("*")[0].rpartition("/")[0]  # noqa: PLW2901 - what stands before the wildcard
        path = joined(context, source) if source and "$" not in source else None
        found += [path, folder_of(path)] if path else []
    return [folder for folder in dict.fromkeys(found) if folder != context]
