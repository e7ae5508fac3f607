"""DOCKER-003: images that are another tomorrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import FileCheck, Hit, RuleScanner
from pytest_superteam.scanners.facts.docker_builds import dockerfile_hit, file_dockerfiles
from pytest_superteam.scanners.facts.docker_images import is_unpinned
from pytest_superteam.scanners.languages.compose import is_compose, read_compose, yaml_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.dockerfile import Dockerfile
    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["SCANNER"]

RULE = Rule(
    "DOCKER-003",
    "Unpinned image",
    Severity.WARNING,
    "docker",
    3,
    "Name the version, better the digest: `FROM python:3.13-slim`.",
    languages=("docker", "compose"),
    cwe=1357,
    what="FROM and compose `image` with no tag and no digest or with `:latest`, ARG defaults put in. None: an earlier "
    "stage, `scratch`, a tag that is a variable without a default, what `COPY --from` takes files from, and the name "
    "that a service with `build` gives its own result.",
    why="The next build gets another image, with other libraries or other owners, and no commit says so.",
    bad={"Dockerfile": "FROM python\n"},
    good={"Dockerfile": "FROM python:3.13-slim\n"},
)


def _find(file: SourceFile, tree: SourceTree) -> Iterator[Hit]:
    """Find images without a fixed version, of what is not built here."""
    for docker in file_dockerfiles(file, tree):
        yield from (dockerfile_hit(file, line) for line in _in_dockerfile(docker))
    if is_compose(file):
        services = read_compose(yaml_of(file, tree), file.path, named=file.language == "compose")
        own = {service.image for service in services if service.build is not None}
        for service in services:
            line, _ = service.keys.get("image", (0, None))
            image = service.image or ""
            if line and image not in own and is_unpinned(image):
                yield dockerfile_hit(file, line)


def _in_dockerfile(docker: Dockerfile) -> Iterator[int]:
    for stage in docker.stages:
        if stage.parent is None and is_unpinned(stage.image):
            yield stage.line


def _wants(file: SourceFile) -> bool:
    return file.language in {"docker", "compose"} or (file.path.endswith((".yml", ".yaml")) and is_compose(file))


SCANNER = RuleScanner((FileCheck(RULE, _wants, _find),))
