"""DOCKER-001 to 005: what a Dockerfile, together with the compose file that builds it, gives away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.excuses import is_reference, mask
from pytest_superteam.scanners.facts.names import secret_kind
from pytest_superteam.scanners.languages.compose import ComposeService, compose_services, mapping, scalar, sequence
from pytest_superteam.scanners.languages.dockerfile import Dockerfile, Instruction, parse_dockerfile, substitute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["SCANNER"]

_UNPRIVILEGED = re.compile(r"nonroot|non-root|unprivileged|rootless", re.IGNORECASE)
_BROAD = frozenset({".", "./", "*", "./*", "/", "$PWD"})


def _dockerfiles(tree: SourceTree) -> Iterator[tuple[SourceFile, Dockerfile]]:
    for file in tree.files:
        if file.language == "docker":
            parsed = tree.facts.get(f"dockerfile {file.path}")
            if not isinstance(parsed, Dockerfile):
                parsed = tree.facts[f"dockerfile {file.path}"] = parse_dockerfile(file.text)
            if parsed.stages:
                yield file, parsed


def _builders(tree: SourceTree, file: SourceFile) -> list[ComposeService]:
    """Return the compose services that are built from `file`."""
    return [service for service in compose_services(tree) if service.dockerfile == file.path]


def _hit(file: SourceFile, line: int, message: str = "", evidence: str = "") -> Hit:
    return Hit(file.path, line, message, 1, evidence or file.line(line).strip()[:200])


def _is_root(user: str) -> bool:
    return user.strip().strip("\"'").partition(":")[0].lower() in {"root", "0", ""}


ROOT = Rule(
    "DOCKER-001",
    "Runs as root",
    Severity.ERROR,
    "docker",
    3,
    "End the last stage as an account of its own: `RUN useradd --system app` and `USER app`.",
    languages=("docker",),
    cwe=250,
)


def _root(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find final stages that end as root, unless every compose service that builds them names another user."""
    for file, docker in _dockerfiles(tree):
        stage = docker.stages[-1]
        users = [scalar(service.get("user")) for service in _builders(tree, file)]
        if users and all(user and not _is_root(user) for user in users):
            continue
        user = docker.last(stage, "USER")
        if user is not None and _is_root(substitute(user.value, docker.arguments | docker.values(stage))):
            line = user.line if user in stage.instructions else stage.line
            yield _hit(file, line, "The container runs as root; name an account of its own in the last `USER`.")
        elif user is None and not _UNPRIVILEGED.search(docker.lineage(stage)[-1].image):
            yield _hit(file, stage.line)


SECRET = Rule(
    "DOCKER-002",
    "Secret in ENV or ARG",
    Severity.CRITICAL,
    "docker",
    3,
    "Pass it at run time or mount it: `RUN --mount=type=secret,id=token ...`, in compose `${TOKEN}` or `secrets:`; "
    "then replace the secret, for it stays in the image's history.",
    languages=("docker", "compose"),
    cwe=538,
)


def _is_literal_secret(name: str, value: str | None) -> bool:
    """Return whether a variable of that name is given its secret right here."""
    if not value or secret_kind(name) is None or is_reference(value) or value.startswith("<"):
        return False
    return (
        not value.isdigit() and value.lower() not in {"true", "false", "none", "null"} and not value.startswith("/run/")
    )


def _variables(docker: Dockerfile) -> Iterator[tuple[Instruction, str, str | None]]:
    """Yield instruction, name and value of every ENV and ARG."""
    for instruction in (*docker.before, *(i for stage in docker.stages for i in stage.instructions)):
        if instruction.keyword in {"ENV", "ARG"}:
            yield from ((instruction, name, value) for name, value in instruction.pairs)


def _secret(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find ENV, ARG and compose `environment` entries with a secret's name and a literal value."""
    for file, docker in _dockerfiles(tree):
        for instruction, name, value in _variables(docker):
            if _is_literal_secret(name, value):
                yield _hit(file, _line_of(file, instruction, name), evidence=f"{name}={mask(value or '')}")
    for service in compose_services(tree):
        for name, value, line in service.environment:
            if _is_literal_secret(name, value):
                yield _hit(service.file, line, evidence=f"{name}={mask(value or '')}")
        for name, (line, node) in mapping(mapping(service.get("build")).get("args", (0, None))[1]).items():
            if _is_literal_secret(name, scalar(node)):
                yield _hit(service.file, line, evidence=f"{name}={mask(scalar(node) or '')}")


def _line_of(file: SourceFile, instruction: Instruction, name: str) -> int:
    """Return the line of an entry of an instruction that goes over several lines."""
    for number in range(instruction.line, min(instruction.line + 60, len(file.lines) + 1)):
        if re.search(rf"\b{re.escape(name)}\b", file.line(number)):
            return number
    return instruction.line


UNPINNED = Rule(
    "DOCKER-003",
    "Unpinned image",
    Severity.WARNING,
    "docker",
    3,
    "Name the version, better the digest: `FROM python:3.13-slim`.",
    languages=("docker", "compose"),
    cwe=1357,
)


def _is_unpinned(image: str) -> bool:
    """Return whether an image reference has no tag and no digest, or the tag `latest`."""
    if "@" in image or image.lower() == "scratch":
        return False
    tag = image.rsplit("/", 1)[-1].partition(":")[2]
    return tag == "latest" or (not tag and "$" not in image)


def _unpinned(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find images without a fixed tag in FROM, `COPY --from`, and compose `image` of what is not built here."""
    for file, docker in _dockerfiles(tree):
        names: set[str] = set()
        for stage in docker.stages:
            if stage.image.lower() not in names and _is_unpinned(stage.image):
                yield _hit(file, stage.line)
            names |= {stage.name.lower()} - {""}
            for copy in stage.instructions:
                source = substitute(copy.flag("from") or "", docker.arguments) if copy.keyword == "COPY" else ""
                if source and not source.isdigit() and docker.stage_named(source) is None and _is_external(source):
                    yield _hit(file, copy.line)
    for service in compose_services(tree):
        line, node = service.keys.get("image", (0, None))
        image = substitute(scalar(node) or "", {})
        if image and service.get("build") is None and _is_unpinned(image):
            yield _hit(service.file, line)


def _is_external(source: str) -> bool:
    """Return whether `COPY --from` names an image, unpinned, and not an additional build context."""
    return ("/" in source or ":" in source) and _is_unpinned(source)


BROAD = Rule(
    "DOCKER-004",
    "Broad COPY",
    Severity.WARNING,
    "docker",
    3,
    "Copy what the image needs (`COPY app ./app`), or add a `.dockerignore` with `.git`, `.env` and `tests`.",
    languages=("docker",),
    cwe=538,
)


def _has_ignore(tree: SourceTree, file: SourceFile) -> bool:
    """Return whether a .dockerignore that ignores something stands beside the Dockerfile or in its build context."""
    folder = file.path.rpartition("/")[0]
    contexts = {folder, "", *(service.file.path.rpartition("/")[0] for service in _builders(tree, file))}
    names = {f"{c}/.dockerignore".lstrip("/") for c in contexts} | {f"{file.path}.dockerignore"}
    for name in names & tree.by_path.keys():
        lines = (line.strip() for line in tree.by_path[name].lines)
        if any(line and not line.startswith(("#", "!")) for line in lines):
            return True
    return False


def _broad(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find COPY and ADD of the whole build context with nothing ignored."""
    for file, docker in _dockerfiles(tree):
        if _has_ignore(tree, file):
            continue
        for stage in docker.stages:
            for copy in stage.instructions:
                if copy.keyword in {"COPY", "ADD"} and copy.flag("from") is None and _is_broad(copy.value):
                    yield _hit(file, copy.line)


def _is_broad(value: str) -> bool:
    words = re.findall(r'"([^"]*)"', value) if value.startswith("[") else value.split()
    return any(word in _BROAD for word in words[:-1])


NO_HEALTHCHECK = Rule(
    "DOCKER-005",
    "No HEALTHCHECK",
    Severity.WARNING,
    "docker",
    3,
    'Say how to tell that it works: `HEALTHCHECK CMD ["python", "-c", "..."]`, or `healthcheck:` in compose.',
    languages=("docker", "compose"),
)


def _checks_health(service: ComposeService) -> bool:
    """Return whether a compose service has a health check that is not switched off."""
    check = service.get("healthcheck")
    if check is None:
        return False
    keys = mapping(check)
    off = (scalar(keys.get("disable", (0, None))[1]) or "").lower() in {"true", "yes", "on"}
    test = keys.get("test", (0, None))[1]
    first = next((scalar(item) for _, item in sequence(test)), scalar(test))
    return bool(keys) and not off and (first or "").upper() != "NONE"


def _no_healthcheck(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find final stages with no health check, in the file or in all compose services that build it."""
    for file, docker in _dockerfiles(tree):
        stage = docker.stages[-1]
        check = docker.last(stage, "HEALTHCHECK")
        builders = _builders(tree, file)
        covered = bool(builders) and all(_checks_health(service) for service in builders)
        if check is not None and check.value.strip().upper() == "NONE" and not covered:
            yield _hit(file, check.line if check in stage.instructions else stage.line)
        elif check is None and not covered:
            yield _hit(file, stage.line)


SCANNER = RuleScanner(
    (
        TreeCheck(ROOT, _root),
        TreeCheck(SECRET, _secret),
        TreeCheck(UNPINNED, _unpinned),
        TreeCheck(BROAD, _broad),
        TreeCheck(NO_HEALTHCHECK, _no_healthcheck),
    )
)
