"""DOCKER-001: containers that run as root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.docker_builds import DockerBuild, docker_builds, dockerfile_hit, is_root
from pytest_superteam.scanners.facts.docker_images import runs_as_other_user
from pytest_superteam.scanners.languages.compose import compose_services
from pytest_superteam.scanners.languages.docker_words import expand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["SCANNER"]

RULE = Rule(
    "DOCKER-001",
    "Runs as root",
    Severity.ERROR,
    "docker",
    3,
    "Let the last stage end as somebody else than root: `USER 1000` needs no account in the image and no shell.",
    languages=("docker", "compose"),
    cwe=250,
    what="A Dockerfile whose last stage, with the stages that it is built from, has no USER (found at its FROM) or "
    "whose last USER is root (found there), and a compose service that is built and runs as `user: root`. A `user:` "
    "of every compose service that builds it excuses it, and so does an image that is known for another user "
    "(`:nonroot`, `nginx-unprivileged`, Chainguard, Bitnami ...).",
    why="A flaw in the service is then a flaw with root's rights in the container, one kernel flaw away from the host.",
    bad={"Dockerfile": 'FROM python:3.13-slim\nCOPY app /app\nCMD ["python", "-m", "app"]\n'},
    good={"Dockerfile": 'FROM python:3.13-slim\nCOPY app /app\nUSER 1000\nCMD ["python", "-m", "app"]\n'},
)


def _find(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find last stages that end as root, and services whose compose file makes them root again."""
    for build in docker_builds(tree):
        users = build.users
        if not users or not all(user and not is_root(user) for user in users):
            yield from _last_stage(build)
    for service in compose_services(tree):
        line, _node = service.keys.get("user", (0, None))
        user = service.text("user")
        if line and user and service.build is not None and is_root(user):
            yield dockerfile_hit(tree.by_path[service.path], line)


def _last_stage(build: DockerBuild) -> Iterator[Hit]:
    stage = build.final
    user = stage.last("USER")
    if user is not None:
        value = expand(user.value, build.docker.arguments | build.docker.values(stage, user), user.escape)
        if is_root(value.text):
            line = user.line if user in stage.instructions else stage.line
            message = "The container runs as root; name an account of its own in the last `USER`."
            yield dockerfile_hit(build.file, line, message)
    elif stage.image and not runs_as_other_user(list(stage.lineage)[-1].image):
        yield dockerfile_hit(build.file, stage.line)


SCANNER = RuleScanner((TreeCheck(RULE, _find),))
