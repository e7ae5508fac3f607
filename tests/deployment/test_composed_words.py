"""What the Compose of this machine says of broken files, and what becomes of it."""

from __future__ import annotations

import shutil

import pytest
from found_systems import System

from pytest_superteam.deployment.composed.found import read_found
from pytest_superteam.errors import FinalDeploymentError

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(shutil.which("docker") is None, reason="needs the program docker, though no engine"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "services:\n  web: {image: x}\n  db:\n    foo: 1\n    image: x\n",
            "compose.yml:4: Compose knows no key 'foo'",
        ),
        ("services: {web: {image: x}}\nfoo: 1\n", "compose.yml:2: Compose knows no key 'foo' here"),
        (
            "services:\n  a:\n    image: x\n    depends_on: [b]\n  b: {image: x, depends_on: [a]}\n",
            "wait for each other",
        ),
        (
            "services:\n  web:\n    image: x\n    env_file: web/no.env\n",
            "compose.yml:4: there is no env file web/no.env",
        ),
        ("services:\n  web:\n    image: ${X:?say it}\n", "compose.yml:3: the variable X must be set: say it"),
        (
            "services:\n  web:\n    image: x\n    depends_on: [no]\n",
            "compose.yml:4: web waits for no, which is no service",
        ),
        (
            "services:\n  web:\n    image: x\n    networks: [no]\n",
            "compose.yml:4: web names the network no, which is not",
        ),
        ("services:\n  web: {}\n", "compose.yml:2: web has neither `image` nor `build`"),
        ("services:\n  web:\n    image: x\n    environment: 3\n", "compose.yml:4: environment must be a mapping"),
        ("services:\n  web:\n    image: x\n    ports: ['99999:1']\n", "compose.yml: "),
        ("[]\n", "compose.yml: "),
        ("", "compose.yml: "),
    ],
)
def test_broken_file(tmp_path, text, expected):
    """A file that Compose does not accept is told in one line, with its line where Compose names the place."""
    pytest.importorskip("testcontainers")
    from pytest_superteam.deployment.composed.project import read_config

    system = System(tmp_path)
    system.file("compose.yml", text)
    with pytest.raises(FinalDeploymentError) as caught:
        read_found(system.request(), read_config)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_of_the_environment(tmp_path, monkeypatch):
    """Variables of whoever runs pytest reach neither the files nor the build arguments of a stranger's system."""
    pytest.importorskip("testcontainers")
    from pytest_superteam.deployment.composed.project import read_config

    monkeypatch.setenv("SECRET_OF_MINE", "k3y")
    system = System(tmp_path)
    build = "{context: ./web, args: [SECRET_OF_MINE]}"
    system.file("compose.yml", f"services:\n  web:\n    build: {build}\n    environment: ['SECRET_OF_MINE']\n")
    assert "k3y" not in str(read_found(system.request(), read_config))
