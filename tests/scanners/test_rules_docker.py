"""Good, bad and near-miss Dockerfiles and compose files, by code and line."""

from __future__ import annotations

import pytest

OK = "FROM python:3.13-slim\nUSER app\nHEALTHCHECK CMD true\n"
FILES = [
    # DOCKER-001
    ("FROM python:3.13\nHEALTHCHECK CMD true\n", [("DOCKER-001", 1)]),
    ("FROM python:3.13\nUSER app\nUSER root\nHEALTHCHECK CMD true\n", [("DOCKER-001", 3)]),
    ("FROM python:3.13\nUSER 0:0\nHEALTHCHECK CMD true\n", [("DOCKER-001", 2)]),
    ("FROM a:1 AS b\nUSER app\nFROM a:1\nHEALTHCHECK CMD true\n", [("DOCKER-001", 3)]),
    ("ARG U=root\nFROM a:1\nUSER ${U}\nHEALTHCHECK CMD true\n", [("DOCKER-001", 3)]),
    ("FROM a:1\nARG U\nUSER ${U:-root}\nHEALTHCHECK CMD true\n", [("DOCKER-001", 3)]),
    ("FROM a:1\n# USER app\nRUN <<EOF\nUSER app\nEOF\nHEALTHCHECK CMD true\n", [("DOCKER-001", 1)]),
    (OK, []),
    ("FROM a:1 AS b\nUSER root\nRUN x\nFROM a:1\nUSER 1000\nHEALTHCHECK CMD true\n", []),
    ("FROM a:1 AS base\nUSER app\nHEALTHCHECK CMD true\nFROM base\nRUN x\n", []),
    ("FROM gcr.io/distroless/python3:nonroot\nHEALTHCHECK CMD true\n", []),
    ("FROM a:1\nUSER $APP_USER\nHEALTHCHECK CMD true\n", []),
    # DOCKER-002
    (OK + "ENV DB_PASSWORD=hunter2\n", [("DOCKER-002", 4)]),
    (OK + "ENV API_KEY abc123def\n", [("DOCKER-002", 4)]),
    (OK + "ARG NPM_TOKEN=abc123\n", [("DOCKER-002", 4)]),
    ("ARG GIT_TOKEN=abc\n" + OK, [("DOCKER-002", 1)]),
    (OK + "ENV A=1 \\\n    # a comment\n    SECRET_KEY='x y'\n", [("DOCKER-002", 6)]),
    (OK + "ENV AWS_SECRET_ACCESS_KEY=wJalr\n", [("DOCKER-002", 4)]),
    (OK + "ARG NPM_TOKEN\nENV TOKEN=${NPM_TOKEN}\nENV DB_PASSWORD_FILE=/run/secrets/db\n", []),
    (OK + "ENV TOKEN_TTL=3600 PASSWORD_MIN_LENGTH=8 PASSWORD=\n", []),
    (OK + "RUN --mount=type=secret,id=token cat /run/secrets/token\n", []),
    # DOCKER-003
    ("FROM python\nUSER app\nHEALTHCHECK CMD true\n", [("DOCKER-003", 1)]),
    ("FROM python:latest\nUSER app\nHEALTHCHECK CMD true\n", [("DOCKER-003", 1)]),
    ("FROM localhost:5000/python\nUSER app\nHEALTHCHECK CMD true\n", [("DOCKER-003", 1)]),
    ("ARG V=latest\nFROM python:$V\nUSER app\nHEALTHCHECK CMD true\n", [("DOCKER-003", 2)]),
    ("FROM --platform=linux/amd64 python\nUSER app\nHEALTHCHECK CMD true\n", [("DOCKER-003", 1)]),
    (OK + "COPY --from=nginx:latest /a /b\n", [("DOCKER-003", 4)]),
    ("ARG V=3.13\nFROM python:${V}-slim\nUSER app\nHEALTHCHECK CMD true\n", []),
    ("ARG V\nFROM python:${V:-3.13}\nUSER app\nHEALTHCHECK CMD true\n", []),
    ("FROM python@sha256:abc\nUSER app\nHEALTHCHECK CMD true\n", []),
    ("FROM python:3 AS build\nFROM build\nUSER app\nHEALTHCHECK CMD true\n", []),
    ("FROM scratch\nUSER 1\nHEALTHCHECK CMD true\n", []),
    (OK + "COPY --from=0 /a /b\nCOPY --from=build /a /b\n", []),
    # DOCKER-004
    (OK + "COPY . .\n", [("DOCKER-004", 4)]),
    (OK + "ADD . /app\n", [("DOCKER-004", 4)]),
    (OK + 'COPY ["./", "/app"]\n', [("DOCKER-004", 4)]),
    (OK + "COPY --chown=app . /app\n", [("DOCKER-004", 4)]),
    (OK + "COPY --from=build . .\nCOPY app ./app\nCOPY pyproject.toml .\n", []),
    # DOCKER-005
    ("FROM a:1\nUSER app\n", [("DOCKER-005", 1)]),
    ("FROM a:1\nUSER app\nHEALTHCHECK NONE\n", [("DOCKER-005", 3)]),
    ("FROM a:1 AS b\nHEALTHCHECK CMD true\nFROM a:1\nUSER app\n", [("DOCKER-005", 3)]),
    ("FROM a:1\nUSER app\nHEALTHCHECK --interval=5s \\\n  CMD true\n", []),
]
CODES = ("DOCKER-001", "DOCKER-002", "DOCKER-003", "DOCKER-004", "DOCKER-005", "DOCKER-006", "DOCKER-007", "DOCKER-008")


@pytest.mark.parametrize(("text", "wanted"), FILES)
def test_dockerfile(samples, text, wanted):
    """Each Dockerfile has exactly these findings."""
    assert samples.lines(text, *CODES, path="Dockerfile") == wanted


COMPOSE = [
    ("services:\n  a:\n    image: redis\n", [("DOCKER-003", 3)]),
    ("services:\n  a:\n    image: redis:${TAG:-latest}\n", [("DOCKER-003", 3)]),
    ("services:\n  a:\n    image: redis:7\n    privileged: true\n", [("DOCKER-006", 4)]),
    ("services:\n  a:\n    image: redis:7\n    network_mode: host\n", [("DOCKER-007", 4)]),
    ("services:\n  a:\n    build:\n      context: .\n      network: host\n", [("DOCKER-007", 5)]),
    ("services:\n  a:\n    image: redis:7\n    cap_add:\n      - NET_ADMIN\n      - CHOWN\n", [("DOCKER-008", 5)]),
    ("services:\n  a:\n    image: redis:7\n    cap_add: [CAP_SYS_ADMIN]\n", [("DOCKER-008", 4)]),
    ("services:\n  a:\n    image: redis:7\n    environment:\n      DB_PASSWORD: hunter2\n", [("DOCKER-002", 5)]),
    ("services:\n  a:\n    image: redis:7\n    environment:\n      - DB_PASSWORD=hunter2\n", [("DOCKER-002", 5)]),
    ("x-a: &a\n  privileged: true\nservices:\n  b:\n    <<: *a\n    image: redis:7\n", [("DOCKER-006", 2)]),
    # near misses
    ("services:\n  a:\n    build: .\n    image: mine\n", []),
    ("services:\n  a:\n    image: redis:7\n    privileged: false\n    network_mode: bridge\n    cap_drop: [ALL]\n", []),
    (
        (
            "services:\n  a:\n    image: redis:7\n    environment:\n      DB_PASSWORD: ${DB_PASSWORD}\n"
            "      DB_PASSWORD_FILE: /x\n      TOKEN:\n"
        ),
        [],
    ),
    ("services:\n  a:\n    image: redis:${TAG}\n", []),
    ("volumes: {}\n", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "wanted"), COMPOSE)
def test_compose(samples, text, wanted):
    """Each compose file has exactly these findings, in list and map form and through anchors."""
    assert samples.lines(text, *CODES, path="compose.yaml") == wanted


def test_ignore_file_makes_broad_copy_narrow(samples):
    """A .dockerignore that ignores something excuses COPY of everything; one with comments only does not."""
    dockerfile = {"Dockerfile": OK + "COPY . .\n"}
    assert samples.violations({**dockerfile, ".dockerignore": "# nothing\n\n"}, "DOCKER-004")
    assert not samples.violations({**dockerfile, ".dockerignore": ".git\n"}, "DOCKER-004")


def test_compose_overrides_user_and_health(samples):
    """A compose service that sets user and healthcheck for its Dockerfile excuses the file."""
    compose = "services:\n  a:\n    build: ./api\n    user: '1000'\n    healthcheck:\n      test: [CMD, 'true']\n"
    files = {"api/Dockerfile": "FROM a:1\n", "docker-compose.yml": compose}
    assert samples.violations(files, "DOCKER-001", "DOCKER-005") == []


def test_disabled_compose_healthcheck_is_none(samples):
    """`disable: true` and a test of NONE are no health check."""
    compose = "services:\n  a:\n    build: .\n    healthcheck:\n      disable: true\n"
    files = {"Dockerfile": "FROM a:1\nUSER app\n", "compose.yml": compose}
    assert [v.code for v in samples.violations(files, "DOCKER-005")] == ["DOCKER-005"]


def test_secret_is_masked(samples):
    """The evidence of DOCKER-002 shows the name and the first characters only."""
    (found,) = samples.violations({"Dockerfile": OK + "ENV DB_PASSWORD=hunter2-and-more\n"}, "DOCKER-002")
    assert found.evidence == "DB_PASSWORD=hunt***"
