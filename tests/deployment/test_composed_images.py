"""Other images than those that a Dockerfile names, and the Dockerfiles that are made of it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_superteam.deployment.composed.images import CA_PATH, replaced_dockerfile, replacement, rewritten
from pytest_superteam.errors import FinalDeploymentError
from pytest_superteam.scanners.languages.dockerfile import parse_dockerfile

DIGEST = "@sha256:" + "a" * 64
MAPPING = {
    "python:3.8-slim": "python:3.13-slim",
    "redis": "mirror.example/redis:8",
    "node:20*": "mirror.example/node:20",
    "ghcr.io/team/*": "mirror.example/team/*",
}
PEM = "-----BEGIN CERTIFICATE-----\nTUlJ\nQmY=\n-----END CERTIFICATE-----"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("python:3.8-slim", "python:3.13-slim"),
        ("docker.io/library/python:3.8-slim", "python:3.13-slim"),
        ("index.docker.io/library/python:3.8-slim", "python:3.13-slim"),
        (f"python:3.8-slim{DIGEST}", "python:3.13-slim"),
        ("redis", "mirror.example/redis:8"),
        ("redis:latest", "mirror.example/redis:8"),
        ("docker.io/library/redis", "mirror.example/redis:8"),
        ("redis:7", None),
        ("node:20-alpine", "mirror.example/node:20"),
        ("ghcr.io/team/web:1", "mirror.example/team/web:1"),
        (f"ghcr.io/team/web{DIGEST}", f"mirror.example/team/web{DIGEST}"),
        ("ghcr.io/other/web:1", None),
        ("python:3.8", None),
        ("team/python:3.8-slim", None),
        ("registry.example/python:3.8-slim", None),
    ],
)
def test_replacement(image, expected):
    """An image is found under each way to spell it, and no other image is."""
    assert replacement(image, MAPPING) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("python:3", "whole"),
        ("python:3.8", "python"),
        ("pypy:3", "mirror.example/library/pypy:3"),
        ("team/web", "mirror.example/team/web"),
        ("quay.io/team/web", None),
    ],
)
def test_nearest_rule(image, expected):
    """A whole name goes before a prefix, and a longer prefix before a shorter one."""
    mapping = {"docker.io/*": "mirror.example/*", "python:*": "python", "python:3": "whole"}
    assert replacement(image, mapping) == expected


def test_replaced_by_nothing():
    """An image that is replaced by nothing is a wrong setting."""
    with pytest.raises(FinalDeploymentError, match=r"replace_images: 'redis' is replaced by nothing"):
        replacement("redis", {"redis": " "})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM python:3.8-slim\n", "FROM python:3.13-slim\n"),
        ("from python:3.8-slim as base", "FROM python:3.13-slim as base"),
        ("FROM python:3.8-slim\r\nRUN x\r\n", "FROM python:3.13-slim\r\nRUN x\r\n"),
        ("FROM --platform=$BUILDPLATFORM python:3.8-slim AS a", "FROM --platform=$BUILDPLATFORM python:3.13-slim AS a"),
        (f"FROM python:3.8-slim{DIGEST}", "FROM python:3.13-slim"),
        ('ARG BASE=python:3.8-slim\nFROM "${BASE}"', "ARG BASE=python:3.8-slim\nFROM python:3.13-slim"),
        ("ARG V=3.8\nARG T=$V-slim\nFROM python:$T", "ARG V=3.8\nARG T=$V-slim\nFROM python:3.13-slim"),
        ("ARG V\nFROM python:${V:-3.8}-slim", "ARG V\nFROM python:3.13-slim"),
        ("FROM \\\n  # why\n  python:3.8-slim \\\n  AS a\nRUN x", "FROM python:3.13-slim AS a\n\n\n\nRUN x"),
        (
            "FROM redis AS a\nFROM a\nFROM redis",
            "FROM mirror.example/redis:8 AS a\nFROM a\nFROM mirror.example/redis:8",
        ),
        ("FROM x\nCOPY --from=redis /a /b", "FROM x\nCOPY --from=mirror.example/redis:8 /a /b"),
        ("FROM x\nONBUILD COPY --from=redis /a /b", "FROM x\nONBUILD COPY --from=mirror.example/redis:8 /a /b"),
        (
            "FROM x\nCOPY --chown=1 \\\n # --from=redis\n --from=redis /a /b",
            "FROM x\nCOPY --chown=1 \\\n # --from=redis\n --from=mirror.example/redis:8 /a /b",
        ),
        (
            "FROM x\nRUN --mount=type=bind,from=redis,target=/r echo from=redis",
            "FROM x\nRUN --mount=type=bind,from=mirror.example/redis:8,target=/r echo from=redis",
        ),
        ("# syntax=ghcr.io/team/front:1\nFROM x", "# syntax=mirror.example/team/front:1\nFROM x"),
    ],
)
def test_rewritten(before, after):
    """Images are replaced wherever a Dockerfile can name one, and each line stays where it is."""
    assert rewritten(before, MAPPING) == after


@pytest.mark.parametrize(
    "text",
    [
        "FROM redis:7",
        "FROM scratch",
        "FROM base AS redis\nFROM redis\nCOPY --from=redis /a /b",
        "FROM base AS Redis\nFROM rEDIS",
        "FROM x\nCOPY --from=0 /a /b",
        "FROM x\nRUN echo FROM python:3.8-slim\nLABEL from=redis\n# FROM redis",
        "FROM x\nCOPY redis --from=redis",
        "FROM x\nRUN <<EOF\nFROM redis\nEOF",
        "FROM python:${UNKNOWN}-slim",
        "FROM x\n# syntax=ghcr.io/team/front:1",
        "",
        "nonsense \\",
    ],
)
def test_left_alone(text):
    """What is no image of the mapping stays: stages, text elsewhere, variables that nobody set."""
    assert rewritten(text, MAPPING) == text


def test_given_argument():
    """A build argument goes before the default of ARG."""
    text = "ARG BASE=other\nFROM $BASE"
    assert rewritten(text, MAPPING, args={"BASE": "redis"}) == "ARG BASE=other\nFROM mirror.example/redis:8"


def test_syntax_removed():
    """A reader of Dockerfiles that is replaced by nothing is left to the engine; other comments stay."""
    text = "# syntax=docker/dockerfile:1\n# about\nFROM x"
    assert rewritten(text, {"docker/dockerfile:1": ""}) == "#\n# about\nFROM x"


def test_certificates():
    """Where steps run, the certificates are written before the first; where none runs, nothing is."""
    text = "FROM python:3 AS a\nRUN pip install x\nFROM scratch\nCOPY --from=a /x /x\nFROM alpine\nCOPY x x"
    lines = rewritten(text, {}, ca=f"a comment; rm -rf /\n{PEM}\n").split("\n")
    written = f"printf '%s\\n' '-----BEGIN CERTIFICATE-----' 'TUlJ' 'QmY=' '-----END CERTIFICATE-----' >> {CA_PATH}"
    assert lines[2] == f"RUN {written}"
    assert f"PIP_CERT={CA_PATH}" in lines[1]
    assert [lines[0], *lines[3:]] == text.split("\n")


def test_copy(tmp_path):
    """The changed Dockerfile lies in our folder with what it ignores; the original is as it was."""
    original = tmp_path / "web" / "Dockerfile.dev"
    original.parent.mkdir()
    original.write_text("FROM redis\n")
    original.with_name("Dockerfile.dev.dockerignore").write_text("secret\n")
    made = replaced_dockerfile(original, MAPPING, tmp_path / "ours")
    assert made == tmp_path / "ours" / "Dockerfile.dev"
    assert made.read_text() == "FROM mirror.example/redis:8\n"
    assert made.with_name("Dockerfile.dev.dockerignore").read_text() == "secret\n"
    assert original.read_text() == "FROM redis\n"


def test_no_copy(tmp_path):
    """A Dockerfile in which nothing has to be replaced is taken as it is."""
    original = tmp_path / "Dockerfile"
    original.write_bytes(b"FROM caf\xe9\n")
    assert replaced_dockerfile(original, MAPPING, tmp_path / "ours") is None
    assert not (tmp_path / "ours").exists()


def test_unreadable(tmp_path):
    """A Dockerfile that is not there is told in one line."""
    with pytest.raises(FinalDeploymentError, match="Dockerfile: can't be read"):
        replaced_dockerfile(tmp_path / "Dockerfile", MAPPING, tmp_path / "ours")


WORDS = st.sampled_from([
    *("FROM", "redis", "python:3.8-slim", "AS", "a", "COPY", "--from=redis", "--from=a", "RUN", "ARG", "A=redis", "$A"),
    *("#", "\\\n", "\n", "\n", " ", " ", "<<EOF", "EOF", "${A:-redis}", '"', "'", "ONBUILD", "\r\n"),
    "RUN --mount=from=redis",
])  # fmt: skip


@given(st.lists(WORDS, max_size=40).map(" ".join))
@example("FROM FROM redis AS RUN --mount=from=redis")
def test_any_dockerfile(text):
    """Whatever stands in a file, no line moves, a second time changes nothing, and the stages keep their names."""
    mapping = {"redis": "mirror.example/r:8", "python:3.8-slim": "mirror.example/p:3"}
    after = rewritten(text, mapping)
    assert after.count("\n") == text.count("\n")
    assert rewritten(after, mapping) == after
    assert [s.name for s in parse_dockerfile(after).stages] == [s.name for s in parse_dockerfile(text).stages]


@given(st.text(alphabet="FROM redis\n\\#$AB={}:-'\"`<", max_size=80))
def test_no_rules(text):
    """Without rules a file stays as it is, whatever it is."""
    assert rewritten(text, {}) == text
