"""Good, bad and near-miss Dockerfiles: DOCKER-001 to 005, and what a RUN asks of the host."""

from __future__ import annotations

import pytest

FROM = "FROM a:1\n"
PATH = "Dockerfile"


def found(samples, text, *codes):
    """Return the lines of the findings of `codes` in a Dockerfile."""
    return [line for _, line in samples.lines(text, *codes, path=PATH)]


ROOT = [
    ("FROM python:3.13\nCMD x\n", [1]),
    ("from python:3.13\ncmd x\n", [1]),
    ("FROM a:1\nUSER root\n", [2]),
    ("FROM a:1\nuser root\n", [2]),
    ("FROM a:1\nUSER 0\n", [2]),
    ("FROM a:1\nUSER 00\n", [2]),
    ("FROM a:1\nUSER 0:0\n", [2]),
    ("FROM a:1\nUSER root:root\n", [2]),
    ("FROM a:1\nUSER root:app\n", [2]),
    ('FROM a:1\nUSER "root"\n', [2]),
    ("FROM a:1\nUSER \\\n  root\n", [2]),
    ("FROM a:1\nUSER app\nRUN x\nUSER root\n", [4]),
    ("FROM a:1 AS b\nUSER app\nFROM a:1\nCOPY --from=b / /\n", [3]),
    ("FROM a:1 AS b\nUSER root\nFROM b\n", [3]),
    ("FROM a:1 AS b\nUSER app\nFROM b\nUSER root\n", [4]),
    ("FROM a:1\nARG UID=0\nUSER $UID\n", [3]),
    ("ARG U=root\nFROM a:1\nARG U\nUSER ${U}\n", [4]),
    ("FROM a:1\nARG U\nUSER ${U:-root}\n", [3]),
    ("FROM a:1\nENV U=root\nUSER $U:$U\n", [3]),
    ("FROM a:1\n# USER app\n", [1]),
    ("FROM a:1\nRUN <<EOF\nUSER app\nEOF\n", [1]),
    ("FROM a:1\nRUN echo \\\nUSER app\n", [1]),
    ('FROM a:1\nCMD ["USER", "app"]\n', [1]),
    ("FROM a:1\nONBUILD USER app\n", [1]),
    ("FROM scratch\nCOPY a /a\n", [1]),
    ("FROM gcr.io/distroless/static-debian12\n", [1]),
    ("FROM bitnami/redis:7\nUSER root\n", [2]),
    ("FROM bitnami/minideb:bookworm\n", [1]),
    ("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nUSER ContainerAdministrator\n", [2]),
    ("USER root\n", [1]),
    # near misses
    ("FROM a:1\nUSER app\n", []),
    ("FROM a:1\nuser 1000:0\n", []),
    ("FROM a:1\nUSER root\nRUN x\nUSER app\n", []),
    ("FROM a:1\nUSER rootless\n", []),
    ("FROM a:1\nUSER app  # no root\n", []),
    ("FROM a:1 AS b\nUSER root\nFROM a:1\nUSER 1000\n", []),
    ("FROM a:1 AS base\nUSER app\nFROM base AS build\nUSER root\nFROM base\n", []),
    ("FROM a:1 AS base\nONBUILD USER app\nFROM base\n", []),
    ("FROM a:1 AS base-amd64\nUSER app\nFROM a:1 AS base-arm64\nUSER app\nFROM base-${TARGETARCH}\n", []),
    ("FROM a:1\nUSER $APP_USER\n", []),
    ("FROM a:1\nARG UID=1001\nUSER ${UID}:0\n", []),
    ("FROM a:1\nUSER ${APP_USER:-app}\n", []),
    ("FROM a:1\nRUN a \\\n  # note\n\n  b\nUSER app\n", []),
    ("# escape=`\nFROM a:1\nCOPY a C:\\\nUSER app\n", []),
    ("FROM gcr.io/distroless/python3:nonroot\n", []),
    ("FROM nginxinc/nginx-unprivileged:1.27\n", []),
    ("FROM cgr.dev/chainguard/python:latest\n", []),
    ("FROM bitnami/redis:7\n", []),
    ("FROM mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled\n", []),
    ("FROM registry.access.redhat.com/ubi9/python-312:1\n", []),
    ("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "lines"), ROOT)
def test_root(samples, text, lines):
    """DOCKER-001 is at the FROM of the last stage where it has no USER, and at its last USER where that is root."""
    assert found(samples, text, "DOCKER-001") == lines


SECRETS = [
    "ENV DB_PASSWORD=hunter2",
    "env db_password=hunter2",
    "ENV DB_PASSWORD hunter2",
    "ENV DB_PASSWORD='hunter2 x'",
    "ENV LANG=C DB_PASSWORD=hunter2 X=1",
    "ENV MYSQL_ROOT_PASSWORD=123456",
    "ENV PGPASSWORD=postgres",
    "ENV MYSQL_PWD=x1",
    "ENV API_KEY=abc123def",
    "ENV API_KEY='$literal'",
    "ENV CLIENT_SECRET=\\$abc1",
    "ENV JWT_SECRET=changeme",
    "ENV SECRET_KEY_BASE=dummy",
    "ENV AWS_ACCESS_KEY_ID=AKIA1234",
    "ENV AWS_SECRET_ACCESS_KEY=wJalr/abc",
    'ENV GITHUB_TOKEN="ghp_abc"',
    "ENV GITHUB_PAT=ghp_abc",
    "ENV ENCRYPTION_KEY=0123456789abcdef",
    "ENV APP_KEY=base64:abcd",
    "ENV DB_PASSWORD_PROD=x1",
    "ENV KEYSTORE_PASSWORD=changeit",
    "ENV TOKEN=${TOKEN:-abc}",
    "ENV TOKEN=${TOKEN-abc}",
    "ENV SSH_PRIVATE_KEY=-----BEGIN",
    "ENV DB_CREDENTIALS=user:pass",
    "ARG NPM_TOKEN=abc123",
    "ARG A=1 NPM_TOKEN=abc123",
    "ARG DB_PASSWORD='hunter2'",
    "ONBUILD ENV ADMIN_PASSWORD=hunter2",
]


@pytest.mark.parametrize("line", SECRETS)
def test_secret(samples, line):
    """DOCKER-002 is a literal under the name of a secret, in every form of ENV and ARG."""
    assert found(samples, f"{FROM}{line}\nUSER x\n", "DOCKER-002") == [2]


NO_SECRETS = [
    "ARG NPM_TOKEN",
    "ARG NPM_TOKEN=",
    'ARG NPM_TOKEN=""',
    "ENV TOKEN=$NPM_TOKEN",
    "ENV TOKEN=${NPM_TOKEN}",
    "ENV TOKEN=${NPM_TOKEN:-}",
    "ENV TOKEN=${NPM_TOKEN:?missing}",
    "ENV TOKEN=prefix-${NPM_TOKEN}",
    "ENV DB_PASSWORD_FILE=/run/secrets/db",
    "ENV DB_PASSWORD=/run/secrets/db",
    "ENV SECRET_PATH=/x",
    "ENV TOKEN_URL=https://example.com/token",
    "ENV AUTH_TOKEN=https://example.com/token",
    "ENV TOKEN_TTL=3600",
    "ENV PASSWORD_MIN_LENGTH=8",
    "ENV MYSQL_ALLOW_EMPTY_PASSWORD=yes",
    "ENV MYSQL_RANDOM_ROOT_PASSWORD=1",
    "ENV GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568",
    "ENV PUBLIC_KEY=abc",
    "ENV CACHE_KEY=v1",
    "ENV KEY=value",
    "ENV PWD=/app",
    "ENV API_KEY=<your key>",
    "ENV API_KEY={{ api_key }}",
    "ENV API_KEY=****",
    "ENV SSH_AUTH_SOCK=/tmp/agent",
    "ENV GOOGLE_APPLICATION_CREDENTIALS=/secrets/key.json",
    "ENV TOKENIZERS_PARALLELISM=false",
    "# ENV DB_PASSWORD=hunter2",
    "LABEL password=hunter2",
    "RUN export DB_PASSWORD=hunter2",
    "RUN --mount=type=secret,id=token cat /run/secrets/token",
    "RUN <<EOF\nENV DB_PASSWORD=hunter2\nEOF",
    'CMD ["ENV", "DB_PASSWORD=hunter2"]',
]


@pytest.mark.parametrize("line", NO_SECRETS)
def test_no_secret(samples, line):
    """DOCKER-002 is no variable, path, switch, address, blank or mounted secret, and nothing outside ENV and ARG."""
    assert found(samples, f"{FROM}{line}\nUSER x\n", "DOCKER-002") == []


def test_secret_lines(samples):
    """A secret is found in any stage and before the first, on the line of its own name, and only where it is bound."""
    text = "ARG GIT_TOKEN=abc\nFROM a:1 AS b\nARG GIT_TOKEN\nENV A=1 \\\n    # note\n    SECRET_KEY='x y' \\\n    B=2\n"
    text += "FROM a:1\nARG DEFAULT=letmein9\nENV ADMIN_PASSWORD=$DEFAULT\nENV TOKEN=$GIT_TOKEN\n"
    assert found(samples, text, "DOCKER-002") == [1, 6, 10]


def test_secret_is_masked(samples):
    """The evidence of DOCKER-002 shows the name and the first characters only."""
    (violation,) = samples.violations({PATH: FROM + "ENV DB_PASSWORD=hunter2-and-more\n"}, "DOCKER-002")
    assert violation.evidence == "DB_PASSWORD=hunt***"


UNPINNED = [
    "FROM python",
    "FROM python AS build",
    "FROM python:latest",
    'FROM "python"',
    "FROM localhost:5000/app",
    "FROM registry.example.com:443/team/app:latest",
    "FROM --platform=linux/amd64 debian",
    "FROM 0",
    "FROM ${IMAGE:-python}",
    "FROM python:${TAG:-latest}",
    "FROM ${REGISTRY}/python",
    "FROM ${REGISTRY:-docker.io}/python:latest",
    "FROM $UNPINNED",
    "FROM python:$LATEST",
    "FROM later",
]


@pytest.mark.parametrize("line", UNPINNED)
def test_unpinned(samples, line):
    """DOCKER-003 is an image with no tag or with `latest`, ARG defaults put in."""
    text = f"ARG UNPINNED=python\nARG LATEST=latest\nFROM a:1 AS first\n{line}\nFROM b:1 AS later\n"
    assert found(samples, text, "DOCKER-003") == [4]


PINNED = [
    "FROM python:3.13",
    "FROM localhost:5000/app:1.0",
    "FROM python@sha256:0123",
    "FROM python:latest@sha256:0123",
    "FROM scratch",
    "FROM first",
    "FROM FIRST AS second",
    "FROM ${IMAGE}",
    "FROM python:${TAG}",
    "FROM python:$VERSION-slim",
    "FROM python:${TAG:-3.13}",
    "FROM $PINNED",
    "FROM ${BASE}${SUFFIX}",
    "FROM node:lts-alpine",
    "FROM mcr.microsoft.com/windows/servercore:ltsc2022",
    "FROM {{ image }}",
    "COPY --from=first /a /b",
    "COPY --from=0 /a /b",
    "COPY --from=context /a /b",
    "COPY --from=nginx:1.27 /a /b",
    "COPY --from=nginx:latest /a /b",
    "RUN --mount=type=bind,from=ghcr.io/astral-sh/uv:latest,target=/uv x",
    "COPY --from=${UNKNOWN} /a /b",
    "RUN --mount=from=first,target=/x x",
    "RUN echo FROM python",
    "# FROM python",
]


@pytest.mark.parametrize("line", PINNED)
def test_pinned(samples, line):
    """DOCKER-003 is no stage, digest, `scratch` or tag from outside."""
    text = f"ARG VERSION=3.13\nARG PINNED=python:3\nFROM a:1 AS first\n{line}\n"
    assert found(samples, text, "DOCKER-003") == []


BROAD = [
    "COPY . .",
    "copy . /app",
    "COPY ./ /app",
    "COPY ./. /app",
    "COPY * /app/",
    "COPY ./* /app/",
    "COPY / /app",
    "COPY .. /app",
    "COPY $PWD /app",
    "COPY package.json . /app/",
    "COPY --chown=app:app . /app",
    "COPY --link --chmod=755 . /app",
    'COPY [".", "/app"]',
    'COPY . "/my app/"',
    "COPY . \\\n  /app",
    "COPY ${DIR} /app",
    "ADD . /app",
    'ADD ["./", "/app"]',
    "ONBUILD COPY . /app",
]


@pytest.mark.parametrize("line", BROAD)
def test_broad(samples, line):
    """DOCKER-004 is a copy of the whole context in each of its spellings."""
    assert found(samples, f"FROM a:1\nARG DIR=.\n{line}\n", "DOCKER-004") == [3]


NARROW = [
    "COPY --from=build . .",
    "COPY --from=build / /",
    "COPY app ./app",
    "COPY ./src .",
    "COPY pyproject.toml .",
    "COPY *.py .",
    "COPY package*.json ./",
    'COPY ["app", "."]',
    "COPY ${UNKNOWN} /app",
    "COPY --exclude=.git . /app",
    "COPY <<EOF .\n. .\nEOF",
    "ADD https://example.com/a.tgz /app",
    "RUN cp -r . /app",
    "RUN --mount=type=bind,source=.,target=/x make",
    "# COPY . .",
    "WORKDIR .",
]


@pytest.mark.parametrize("line", NARROW)
def test_narrow(samples, line):
    """DOCKER-004 is no copy from a stage, of a folder, or of what is excluded on the spot."""
    assert found(samples, f"{FROM}{line}\n", "DOCKER-004") == []


HEALTH = [
    ("FROM a:1\n", [1]),
    ("FROM a:1\nHEALTHCHECK NONE\n", [2]),
    ("FROM a:1\nhealthcheck none\n", [2]),
    ("FROM a:1\nHEALTHCHECK CMD x\nHEALTHCHECK NONE\n", [3]),
    ("FROM a:1 AS b\nHEALTHCHECK CMD x\nFROM a:1\nCOPY --from=b / /\n", [3]),
    ("FROM a:1 AS b\nHEALTHCHECK NONE\nFROM b\n", [3]),
    ("FROM a:1\nONBUILD HEALTHCHECK CMD x\n", [1]),
    ("FROM a:1\n# HEALTHCHECK CMD x\nRUN echo \\\nHEALTHCHECK CMD x\n", [1]),
    ("FROM a:1\nHEALTHCHECK CMD x\n", []),
    ("FROM a:1\nhealthcheck --interval=5s \\\n  CMD curl -f localhost || exit 1\n", []),
    ("FROM a:1\nHEALTHCHECK NONE\nHEALTHCHECK CMD x\n", []),
    ("FROM a:1 AS b\nHEALTHCHECK CMD x\nFROM b\nUSER x\n", []),
    ('FROM a:1\nHEALTHCHECK CMD ["NONE"]\n', []),
    ("USER x\n", []),
]


@pytest.mark.parametrize(("text", "lines"), HEALTH)
def test_health(samples, text, lines):
    """DOCKER-005 is at the FROM of a last stage with no HEALTHCHECK, its own or inherited, and at one that is NONE."""
    assert found(samples, text, "DOCKER-005") == lines


def test_run_asks_for_the_host(samples):
    """A RUN without sandbox is DOCKER-006, one in the host's network DOCKER-007; a word in a command is neither."""
    text = "FROM a:1\nRUN --security=insecure x\nRUN --mount=type=cache,target=/x --network=host x\n"
    text += "RUN --security=sandbox x\nRUN --network=none x\nRUN docker run --privileged --network=host x\n"
    assert samples.lines(text, "DOCKER-006", "DOCKER-007", path=PATH) == [("DOCKER-006", 2), ("DOCKER-007", 3)]


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("Dockerfile", True),
        ("Containerfile", True),
        ("Dockerfile.prod", True),
        ("Dockerfile.ubuntu-24.04", True),
        ("Dockerfile-dev", True),
        ("Dockerfile_dev", True),
        ("dockerfile", True),
        ("api.Dockerfile", True),
        ("prod.dockerfile", True),
        ("api-Dockerfile", True),
        ("tests/Dockerfile", True),
        ("examples/node_modules.Dockerfile", True),
        ("Dockerfile.md", False),
        ("Dockerfile.j2", False),
        ("Dockerfile.dockerignore", False),
        ("dockerfile-schema.json", False),
        ("mydockerfile", False),
    ],
)
def test_names(samples, path, is_one):
    """Dockerfiles are known by their names, in tests and examples too."""
    assert bool(samples.lines("FROM python\n", "DOCKER-003", path=path)) is is_one
