"""Dockerfiles together with the compose files that build them, and with what is ignored of their context."""

from __future__ import annotations

import pytest

from pytest_superteam.scanners.facts.docker_builds import OUTER_COMPOSE
from pytest_superteam.scanners.languages.compose import services
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.source import source_tree

BARE = "FROM a:1\n"
CHECKED = "    user: '1000'\n    healthcheck: {test: [CMD, x]}\n"


def found(samples, files, *codes):
    """Return code, file and line of the findings."""
    return sorted((v.code, v.file, v.line) for v in samples.violations(files, *codes))


COVERED = [
    {"Dockerfile": BARE, "compose.yml": "services:\n  a:\n    build: .\n" + CHECKED},
    {"api/Dockerfile": BARE, "docker-compose.yml": "services:\n  a:\n    build: ./api\n" + CHECKED},
    {
        "d/p.Dockerfile": BARE,
        "c/compose.yml": "services:\n  a:\n    build: {context: .., dockerfile: d/p.Dockerfile}\n" + CHECKED,
    },
    {"Dockerfile": BARE, "stack.yml": "services:\n  a:\n    build: .\n" + CHECKED},
    {"Dockerfile": BARE, "compose.yml": "a:\n  build: .\n  user: x\n  healthcheck: {test: x}\n"},
    {
        "Dockerfile": BARE,
        "compose.yml": "x-c: &c\n" + CHECKED.replace("    ", "  ") + "services:\n  a: {<<: *c, build: .}\n",
    },
    {
        "Dockerfile": BARE,
        "compose.yml": "services:\n  b:\n    image: x:1\n" + CHECKED + "  a: {extends: b, build: .}\n",
    },
    {
        "Dockerfile": BARE,
        "compose.yml": "services:\n  a: {build: .}\n",
        "compose.override.yml": "services:\n  a:\n" + CHECKED,
    },
    {
        "Dockerfile": "FROM a:1 AS dev\nFROM a:1 AS prod\n",
        "compose.yml": "services:\n  d: {build: {target: dev}}\n  a:\n    build: {context: ., target: prod}\n"
        + CHECKED,
    },
]


@pytest.mark.parametrize("files", COVERED)
def test_compose_covers(samples, files):
    """A user and a health check of every service that is built to the last stage excuse the Dockerfile."""
    assert found(samples, files, "DOCKER-001", "DOCKER-005") == []


UNCOVERED = [
    {"Dockerfile": BARE, "compose.yml": "services:\n  a:\n    build: .\n" + CHECKED + "  b:\n    build: .\n"},
    {"Dockerfile": BARE, "compose.yml": "services:\n  a:\n    build: ./other\n" + CHECKED},
    {"Dockerfile": BARE, "compose.yml": "services:\n  a:\n    image: a:1\n" + CHECKED},
    {
        "Dockerfile": BARE,
        "compose.yml": "services:\n  a:\n    build: .\n    healthcheck: {disable: true}\n    user: ''\n",
    },
    {"Dockerfile": BARE, "compose.yml": "services:\n  a: {build: ., healthcheck: {test: [NONE]}}\n"},
    {"Dockerfile": BARE, "compose.yml": "services:\n  a: {build: ., healthcheck: {interval: 5s}}\n"},
    {"Dockerfile": BARE, "sub/compose.yml": "services:\n  a:\n    build: .\n" + CHECKED},
]


@pytest.mark.parametrize("files", UNCOVERED)
def test_compose_does_not_cover(samples, files):
    """A service that is another, or says neither, leaves the Dockerfile as it is; a check that is off is none."""
    assert found(samples, files, "DOCKER-001", "DOCKER-005") == [
        ("DOCKER-001", "Dockerfile", 1),
        ("DOCKER-005", "Dockerfile", 1),
    ]


def test_compose_makes_root_again(samples):
    """`user: root` is found for what is built here, and not for an image of others."""
    compose = "services:\n  a:\n    build: .\n    user: '0:0'\n  b:\n    image: x:1\n    user: root\n"
    files = {"Dockerfile": "FROM a:1\nUSER app\n", "compose.yml": compose}
    assert found(samples, files, "DOCKER-001") == [("DOCKER-001", "compose.yml", 4)]


def test_compose_file_above_the_service(samples):
    """The services of a compose file above the tree count where the owner of the system has put them."""
    target = samples.target({"Dockerfile": BARE})
    assert {v.code for v in samples.violations({}, "DOCKER-001", "DOCKER-005")} == {"DOCKER-001", "DOCKER-005"}
    above = services("services:\n  api:\n    build: services/api\n" + CHECKED, "compose.yml")
    source_tree(target).facts[OUTER_COMPOSE] = ("services/api", tuple(above))
    from pytest_superteam.scanners.rules import docker_health, docker_user

    assert (
        [*docker_user._find(source_tree(target), target)] == [*docker_health._find(source_tree(target), target)] == []
    )


def test_inline_dockerfile(samples):
    """A Dockerfile within a compose file is read with its lines there; its context is that of the service."""
    compose = (
        "services:\n  a:\n    build:\n      context: .\n      dockerfile_inline: |\n        FROM alpine\n"
        "        ENV DB_PASSWORD=hunter2\n        COPY . .\n        RUN --network=host x\n"
    )
    codes = [f"DOCKER-00{n}" for n in range(1, 9)]
    wanted = [
        ("DOCKER-001", 6),
        ("DOCKER-002", 7),
        ("DOCKER-003", 6),
        ("DOCKER-004", 8),
        ("DOCKER-005", 6),
        ("DOCKER-007", 9),
    ]
    assert samples.lines(compose, *codes, path="compose.yaml") == wanted
    files = {"compose.yaml": compose + CHECKED, ".dockerignore": ".git\n"}
    assert found(samples, files, "DOCKER-001", "DOCKER-004", "DOCKER-005") == []


BROAD = "FROM a:1\nCOPY . .\n"
IGNORED = [
    {"Dockerfile": BROAD, ".dockerignore": ".git\n"},
    {"Dockerfile": BROAD, ".dockerignore": "# note\n\n*\n!src\n"},
    {"Dockerfile": BROAD, "Dockerfile.dockerignore": "node_modules\n"},
    {"api/Dockerfile": BROAD, "api/.dockerignore": ".env\n"},
    {"docker/prod.Dockerfile": BROAD, "docker/prod.Dockerfile.dockerignore": ".git\n"},
    {"docker/Dockerfile": BROAD, ".dockerignore": ".git\n"},
    {
        "api/Dockerfile": BROAD,
        ".dockerignore": ".git\n",
        "compose.yml": "services:\n  a: {build: {context: ., dockerfile: api/Dockerfile}}\n",
    },
]


@pytest.mark.parametrize("files", IGNORED)
def test_ignore_file_makes_a_copy_narrow(samples, files):
    """A .dockerignore of the Dockerfile, beside it or in its context, excuses a COPY of everything."""
    assert found(samples, files, "DOCKER-004") == []


NOT_IGNORED = [
    "",
    "# nothing\n\n",
    "!src\n",
    "*\n!*\n",
    "**\n!**\n",
    "node_modules\n!node_modules\n",
    "Dockerfile\n.dockerignore\n",
]


@pytest.mark.parametrize("text", NOT_IGNORED)
def test_ignore_file_without_effect(samples, text):
    """One that excludes nothing in the end, or Docker's own files only, excuses nothing."""
    assert found(samples, {"Dockerfile": BROAD, ".dockerignore": text}, "DOCKER-004") == [
        ("DOCKER-004", "Dockerfile", 2)
    ]


def test_ignore_file_elsewhere(samples):
    """A .dockerignore of another folder is none of this Dockerfile's."""
    files = {"api/Dockerfile": BROAD, "web/.dockerignore": ".git\n", ".dockerignore": ".git\n"}
    assert found(samples, files, "DOCKER-004") == [("DOCKER-004", "api/Dockerfile", 2)]


def test_what_is_no_dockerfile_is_told(samples):
    """A Dockerfile that Docker would refuse is recorded once, with what is wrong; an empty one is not."""
    files = {"Dockerfile": "COPY . .\n", "a.Dockerfile": "FROM a:1\nRUN <<EOF\n", "b.Dockerfile": ""}
    target = samples.target(files)
    samples.violations({}, "DOCKER-001")
    tree = source_tree(target)
    from pytest_superteam.scanners.facts.docker_builds import docker_builds

    docker_builds(tree)
    assert [(note.file, note.reason) for note in tree.unparsed] == [
        ("Dockerfile", "is no whole Dockerfile: it has no FROM"),
        ("a.Dockerfile", "is no whole Dockerfile: line 2: the here-document 'EOF' has no end"),
    ]


@pytest.mark.parametrize("kind", ["bad", "good"])
@pytest.mark.parametrize("number", range(1, 9))
def test_examples_of_the_rules(samples, number, kind):
    """The bad example of each rule is found, once, and the good one is not."""
    code = f"DOCKER-00{number}"
    (files,) = [getattr(rule, kind) for scanner in builtin_scanners() for rule in scanner.codes if rule.id == code]
    assert [v.code for v in samples.violations(files, code)] == [code] * (kind == "bad")
