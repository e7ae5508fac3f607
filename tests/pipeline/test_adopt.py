"""Which folders of a system are its services, and which file its items are collected from."""

from __future__ import annotations

import pytest

from pytest_superteam.config import Config, ServicePath, SystemConfig
from pytest_superteam.errors import UsageError
from pytest_superteam.pipeline.adopt import adopt, anchor

IMAGE = 'FROM python:3.13-slim\nCOPY app.py .\nCMD ["python", "app.py"]\n'
NODE = '{"name": "x", "scripts": {"start": "node server.js"}, "dependencies": {"express": "^4"}}'


@pytest.fixture
def root(tmp_path):
    """Return a function that writes files into a system's folder and returns it."""

    def write(*paths, **texts):
        for path in paths:
            file = tmp_path / "shop" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(texts.get(file.suffix[1:] or "none", ""))
        return tmp_path / "shop"

    return write


def adopted(root, *paths):
    """Return the system with the services of the settings."""
    named = tuple(path if isinstance(path, ServicePath) else ServicePath(path) for path in paths)
    return adopt(root, Config(system=SystemConfig(services=named)))


def services(root, *paths):
    """Return the services' folders by name, relative to the system."""
    found = adopted(root, *paths)
    return {name: folder.relative_to(root).as_posix() for name, folder in found.services.items()}


def test_named(root):
    """Folders, globs and names of the settings, in their order."""
    folder = root("cases/b/x.py", "cases/a/x.py", "api/x.py", "cases/file.py")
    assert services(folder, ServicePath("api", "gateway"), "cases/*") == {
        "gateway": "api", "a": "cases/a", "b": "cases/b",
    }  # fmt: skip


def test_names_that_clash(root):
    """Folders of one name are called by their path."""
    folder = root("one/api/x.py", "two/api/x.py")
    assert services(folder, "*/api") == {"one-api": "one/api", "two-api": "two/api"}


@pytest.mark.parametrize(
    ("path", "text"),
    [("gone", "is no folder"), ("../x", "is not below"), ("/etc", "is not below"), ("x*", "is no folder")],
)
def test_folders_that_are_not_there(root, path, text):
    """A folder that is not there, or not in the system, is refused."""
    with pytest.raises(UsageError, match=text):
        services(root("api/x.py"), path)


def test_link_that_leads_out(root, tmp_path):
    """A link out of the system is no service of it."""
    folder = root("api/x.py")
    (folder / "out").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="is no folder"):
        services(folder, "out")


def test_dockerfiles(root):
    """Without settings and compose file the folders with a Dockerfile are the services, the outermost ones."""
    folder = root(
        "services/a/Dockerfile", "services/a/app.py", "services/b/Dockerfile", "services/b/app.py", none=IMAGE
    )
    assert services(folder) == {"a": "services/a", "b": "services/b"}
    assert adopted(folder).rest == "shop"


def test_packages(root):
    """Without a Dockerfile the folders with a package are; what is installed or a test is none."""
    folder = root("a/package.json", "b/package.json", "a/node_modules/x/package.json", "tests/package.json", json=NODE)
    assert services(folder) == {"a": "a", "b": "b"}


def test_whole_folder(root):
    """A system that is one package is one service, and nothing is left over."""
    folder = root("Dockerfile", "app/main.py", "tools/Dockerfile")
    assert services(folder) == {"shop": "."}
    assert adopted(folder).rest == ""


def test_inner(root):
    """What lies in another service's folder is that one's."""
    folder = root("api/x.py", "api/worker/x.py")
    found = adopted(folder, "api", "api/worker")
    assert found.inner(folder / "api") == ("worker",)
    assert found.inner(folder) == ("api", "api/worker")


@pytest.mark.parametrize(
    ("paths", "wanted"),
    [
        (("superteam.yaml", "compose.yaml"), "superteam.yaml"),
        (("docker-compose.yml", "package.json"), "docker-compose.yml"),
        (("README.md", "app.py"), "app.py"),
        (("src/app.py", "notes.txt"), "src/app.py"),
        (("LICENSE", "src/app.py"), "src/app.py"),
    ],
)
def test_anchor(root, paths, wanted):
    """The settings, else the compose file, else what there is; never a document, which would be a PRD."""
    folder = root(*paths)
    settings = folder / "superteam.yaml"
    assert anchor(folder, settings if settings.is_file() else None) == folder / wanted


def test_empty_folder(tmp_path):
    """A folder without source is refused."""
    with pytest.raises(UsageError, match="has no source"):
        anchor(tmp_path, None)
