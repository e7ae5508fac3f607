"""DOCKER-002: secrets that stay in an image's history or in a compose file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import FileCheck, Hit, RuleScanner
from pytest_superteam.scanners.facts.docker_builds import dockerfile_hit, file_dockerfiles
from pytest_superteam.scanners.facts.docker_secrets import is_literal, is_secret_name
from pytest_superteam.scanners.facts.excuses import mask
from pytest_superteam.scanners.languages.compose import is_compose, pairs, read_compose, yaml_of
from pytest_superteam.scanners.languages.docker_words import expand, interpolate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.dockerfile import Dockerfile
    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["SCANNER"]

_WORDS = re.compile(rb"(?i)pass|pwd|secret|token|key|cred|auth|_pat\b|pw\b")
"""What a secret's name holds; a file without them is not parsed."""

RULE = Rule(
    "DOCKER-002",
    "Secret in ENV or ARG",
    Severity.CRITICAL,
    "docker",
    3,
    "Pass it at run time or mount it: `RUN --mount=type=secret,id=token ...`, in compose `${TOKEN}` or `secrets:`; "
    "then replace the secret, for it stays in the image's history.",
    languages=("docker", "compose"),
    cwe=538,
    what="An ENV or ARG of any stage, and an entry of `environment` or `build.args` in compose, with the name of a "
    "secret and a literal value, a literal default (`${TOKEN:-abc}`) too. An ARG without a default, a variable, a "
    "mounted secret and a `_FILE` name are none.",
    why="Whoever can pull the image or read the repository has the secret; a later stage does not take it back.",
    bad={"Dockerfile": "FROM python:3.13-slim\nENV DB_PASSWORD=orange-kettle-42\n"},
    good={"Dockerfile": "FROM python:3.13-slim\nENV DB_PASSWORD_FILE=/run/secrets/db\n"},
)


def _find(file: SourceFile, tree: SourceTree) -> Iterator[Hit]:
    """Find ENV, ARG, `environment` and `build.args` entries with a secret's name and a literal value."""
    if _WORDS.search(file.data) is None:
        return
    for docker in file_dockerfiles(file, tree):
        yield from _in_dockerfile(file, docker)
    if is_compose(file):
        yield from _in_compose(file, tree)


def _in_dockerfile(file: SourceFile, docker: Dockerfile) -> Iterator[Hit]:
    """Find them in a Dockerfile.

    A variable that the file binds to a literal counts as that, unless it has a secret's name: then the finding is where
    it is bound, and nobody has to read it twice.
    """
    for stage in (None, *docker.stages):
        for instruction, known in docker.scoped(stage, lambda name: not is_secret_name(name)):
            for pair in instruction.pairs if instruction.keyword in {"ENV", "ARG"} else ():
                if pair.raw and is_secret_name(pair.name):
                    value = expand(pair.raw, known, instruction.escape)
                    if value.known and is_literal(pair.name, value.text):
                        yield dockerfile_hit(file, pair.line, evidence=f"{pair.name}={mask(value.text)}")


def _in_compose(file: SourceFile, tree: SourceTree) -> Iterator[Hit]:
    for service in read_compose(yaml_of(file, tree), file.path, named=file.language == "compose"):
        given = (service.keys.get("environment"), service.build_lines.get("args"))
        for _, node in filter(None, given):
            for name, raw, line in pairs(node):
                value = interpolate(raw or "")
                if value.known and is_secret_name(name) and is_literal(name, value.text):
                    yield dockerfile_hit(file, line, evidence=f"{name}={mask(value.text)}")


def _wants(file: SourceFile) -> bool:
    return file.language in {"docker", "compose"} or (file.path.endswith((".yml", ".yaml")) and is_compose(file))


SCANNER = RuleScanner((FileCheck(RULE, _wants, _find),))
