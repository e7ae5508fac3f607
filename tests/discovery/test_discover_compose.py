"""Which compose files start a system, and how what they say is put together."""

from __future__ import annotations

import pytest
from discovery_trees import NODE_DOCKER, PYTHON_DOCKER, below, express, fastapi, write

from pytest_superteam.discovery.compose_files import variant_of
from pytest_superteam.discovery.discover import discover

API = below("api", {"Dockerfile": PYTHON_DOCKER, **fastapi()})
WEB = below("web", {"Dockerfile": NODE_DOCKER, **express()})
BUILD = "services:\n  api: {build: ./api}\n"
IMAGES = "services:\n  api: {image: acme/api}\n  mq: {image: rabbitmq}\n"

CHOICES = {
    "the plain file": ({"compose.yaml": BUILD}, ("compose.yaml",)),
    "with its override": (
        {"compose.yaml": BUILD, "compose.override.yaml": "services:\n  api: {ports: ['80:8000']}\n"},
        ("compose.yaml", "compose.override.yaml"),
    ),
    "Compose's own order": ({"compose.yaml": BUILD, "docker-compose.yml": BUILD}, ("compose.yaml",)),
    "variants aside": (
        {"docker-compose.yml": BUILD, "docker-compose.prod.yml": BUILD, "docker-compose.test.yml": BUILD,
         "docker-stack.yml": IMAGES},
        ("docker-compose.yml",),
    ),
    "development before production": (
        {"docker-compose.prod.yml": BUILD, "docker-compose.dev.yml": BUILD}, ("docker-compose.dev.yml",),
    ),
    "what builds, alone": (
        {"docker-compose.yml": IMAGES, "docker-compose.build.yml": BUILD}, ("docker-compose.build.yml",),
    ),
    "what builds, on top": (
        {"docker-compose.yml": IMAGES, "docker-compose.dev.yml": BUILD + "  mq: {ports: ['5672:5672']}\n"},
        ("docker-compose.yml", "docker-compose.dev.yml"),
    ),
    "in a folder": ({"deploy/local/docker-compose.yml": "services:\n  api: {build: ../../api}\n"},
                    ("deploy/local/docker-compose.yml",)),
    "by its content": ({"local.yml": "services:\n  api:\n    build: ./api\n"}, ("local.yml",)),
    "only infrastructure": ({"compose.yaml": "services:\n  db: {image: postgres}\n"}, ()),
    "the one with more of the system": (
        {"docker/compose.yaml": "services:\n  api: {build: ../api}\n  web: {build: ../web}\n",
         "compose.yaml": BUILD, **WEB},
        ("docker/compose.yaml",),
    ),
    "only for tests": ({"docker-compose.test.yml": BUILD}, ()),
    "of an example": ({"examples/compose.yaml": "services:\n  api: {build: ../api}\n"}, ()),
}  # fmt: skip


@pytest.mark.parametrize("case", CHOICES)
def test_choice(case, tmp_path):
    """One set of compose files starts the system; the notes say which and why, and what was left out."""
    files, chosen = CHOICES[case]
    system = discover(write(tmp_path / "system", {**API, **files}))
    assert system.compose_files == chosen
    assert "api" in {service.name for service in system.services}
    for path in files:
        if path.endswith((".yml", ".yaml")):
            assert any(path in note for note in system.notes), system.notes


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("compose.yaml", "base"), ("docker-compose.yml", "base"), ("docker-compose.override.yml", "override"),
        ("docker-compose.prod.yml", "prod"), ("docker-compose-dev.yaml", "dev"), ("docker-compose.e2e.yml", "test"),
        ("docker-compose.dev.test.yml", "test"), ("docker-stack.yml", "stack"), ("docker-compose.images.yml", "other"),
    ],
)  # fmt: skip
def test_variant(name, variant):
    """What a compose file is for is told by its name."""
    assert variant_of(name) == variant


def test_include_and_extends(tmp_path):
    """Included files belong to the file that includes them, and a service has what it extends."""
    files = {
        "compose.yaml": "include:\n  - infra/compose.yaml\n  - path: web/compose.yaml\n"
        "services:\n  api:\n    extends: {file: base.yml, service: python}\n    depends_on: [db]\n",
        "base.yml": "services:\n  python:\n    build: ./api\n    expose: ['9009']\n",
        "infra/compose.yaml": "services:\n  db: {image: postgres:17}\n",
        "web/compose.yaml": "services:\n  web: {build: .}\n",
    }
    system = discover(write(tmp_path / "system", {**API, **WEB, **files}))
    assert {service.name: service.folder for service in system.services} == {"api": "api", "web": "web"}
    api = system.service("api")
    assert api is not None
    assert (api.port, api.datastores) == (9009, ("postgresql",))
    assert [part.name for part in system.infrastructure] == ["db"]


def test_override_is_merged(tmp_path):
    """An override changes what the plain file says; its environment is added."""
    files = {
        "compose.yaml": "services:\n  api: {build: ./api, environment: {A: 'http://web:3000'}}\n  web: {build: web}\n",
        "compose.override.yaml": "services:\n  api: {environment: {PORT: '1'}, ports: ['80:8123']}\n",
    }
    system = discover(write(tmp_path / "system", {**API, **WEB, **files}))
    api = system.service("api")
    assert api is not None
    assert (api.port, api.dependencies) == (8123, ("web",))


def test_targets_and_inline_dockerfiles(tmp_path):
    """The stage that is built decides, and a Dockerfile within the compose file is read like another."""
    dockerfile = "FROM python:3.13 AS dev\nCOPY . .\nEXPOSE 8001\nFROM python:3.13 AS final\nCOPY . .\nEXPOSE 8002\n"
    files = {
        "compose.yaml": (
            "services:\n  one: {build: {context: api, target: dev}}\n  two:\n    build:\n      context: web\n"
            "      dockerfile_inline: |\n        FROM node:22\n        COPY . .\n        EXPOSE 3005\n"
        ),
        **API,
        "api/Dockerfile": dockerfile,
        **below("web", express()),
    }
    system = discover(write(tmp_path / "system", files))
    assert {s.name: (s.port, s.dockerfile) for s in system.services} == {
        "one": (8001, "api/Dockerfile"),
        "two": (3005, ""),
    }


def test_profiles_are_said(tmp_path):
    """A service of a profile is found; unless it is asked for, a note says that it is not started."""
    files = {"compose.yaml": "services:\n  api: {build: api}\n  web: {build: web, profiles: [full]}\n", **API, **WEB}
    root = write(tmp_path / "system", files)
    system, asked = discover(root), discover(root, profiles=("full",))
    web = system.service("web")
    assert web is not None
    assert web.profiles == ("full",)
    assert any("'full'" in note for note in system.notes)
    assert not any("'full'" in note for note in asked.notes)


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  a: {extends: b}\n  b: {extends: a}\n  api: {build: api}\n",
        "include: [compose.yaml]\nservices:\n  api: {build: api}\n",
        "services:\n  api: {build: api}\n  far: {build: ../../../etc}\n",
        "services:\n  api: {build: api}\n  url: {build: 'https://example.org/x.git'}\n",
        "services:\n  api: {build: api}\n  none: {restart: always}\n  nothing:\n",
        "services:\n  api: {build: api, ports: [[]], environment: [1, {a: b}], depends_on: 3, command: {a: 1}}\n",
    ],
)
def test_odd_compose_files(text, tmp_path):
    """Circles, folders outside and values of the wrong kind leave the rest as it is."""
    system = discover(write(tmp_path / "system", {"compose.yaml": text, **API}))
    assert [service.name for service in system.services] == ["api"]
