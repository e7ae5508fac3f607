"""What changes in a project outside of an agent's folder is seen, and told of those who may have done it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil

import pytest

from pytest_superteam.agents import outside, project_files
from pytest_superteam.agents.outside import Lookout
from pytest_superteam.builders.records import SIGN_TEXT
from pytest_superteam.codec import to_data
from pytest_superteam.models import BuildResult

FILES = {
    "PRD.md": "# Shop\n",
    "conftest.py": "",
    "tests/test_all.py": "def test_it(): pass\n",
    ".git/config": "[core]\n",
    ".git/index": "x",
    ".git/hooks/pre-commit": "exit 0\n",
    ".superteam/architecture/service-map.yaml": "services: []\n",
    ".superteam/state.db": "x",
    "services/catalog/app.py": "x = 1\n",
    "services/catalog/tests/test_app.py": "def test_it(): assert True\n",
}


class Project:
    """A folder with a project, and an agent that is about to work in it."""

    def __init__(self, root):
        self.root = root / "project"
        for name, text in FILES.items():
            self.write(name, text)
        self.record("catalog")

    def write(self, name, text):
        """Write a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def record(self, service, **wrong):
        """Write down what a builder left in a service, as it is there or, by `wrong`, as it is not."""
        folder = self.root / "services" / service
        files = {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }
        place = os.path.relpath(folder, self.root / ".superteam/builds")
        result = BuildResult(service, "x", folder, success=True, files={**files, **wrong}, key=str(len(files)))
        self.write(f".superteam/builds/{service}.json", json.dumps({**to_data(result), "directory": place}))

    def lookout(self, **options):
        """Return a lookout on the project."""
        return Lookout(self.root, output=self.root / "services", records=self.root / ".superteam/builds", **options)


@pytest.fixture
def project(tmp_path):
    """Return a project with one built service."""
    return Project(tmp_path)


def test_nothing_changed(project):
    """Where nothing changed nothing is told, and all files were watched."""
    watch = project.lookout().begin("orders")
    assert watch.changes() == ()
    assert watch.bounded == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda p: p.write("PRD.md", "# Shop, smaller\n"), "PRD.md (changed)"),
        (lambda p: p.write("conftest.py", "raise SystemExit\n"), "conftest.py (changed)"),
        (lambda p: (p.root / "conftest.py").unlink(), "conftest.py (gone)"),
        (lambda p: p.write("pytest.ini", "[pytest]\n"), "pytest.ini (new)"),
        (lambda p: p.write("new/deep/a.py", "x\n"), "new/ (new)"),
        (lambda p: shutil.rmtree(p.root / "tests"), "tests/ (gone)"),
        (lambda p: (p.root / "tests/test_all.py").chmod(0o755), "tests/test_all.py (changed)"),
        (lambda p: (p.root / "PRD.md").rename(p.root / "PRD.txt"), "PRD.md (gone)"),
        (lambda p: (p.root / "a").symlink_to("/etc/passwd"), "a (new)"),
        (lambda p: p.write(".git/hooks/post-commit", "x\n"), ".git/hooks/post-commit (new)"),
        (lambda p: p.write(".git/config", "[alias]\n"), ".git/config (changed)"),
        (
            lambda p: p.write(".superteam/architecture/service-map.yaml", "x\n"),
            ".superteam/architecture/service-map.yaml (changed)",
        ),
        (lambda p: p.write("services/catalog/app.py", "x = 2\n"), "services/catalog/app.py (changed)"),
        (lambda p: p.write("services/conftest.py", "raise SystemExit\n"), "services/conftest.py (new)"),
        (lambda p: p.write("services/catalog/conftest.py", ""), "services/catalog/conftest.py (new)"),
        (lambda p: shutil.rmtree(p.root / "services/catalog/tests"), "services/catalog/tests/ (gone)"),
        (lambda p: (p.root / "a\nb").write_text(""), "a\\nb (new)"),
    ],
)
def test_what_is_told(project, change, told):
    """A file of the project that is new, gone, or another than it was is told by its path."""
    watch = project.lookout().begin("orders")
    change(project)
    assert told in watch.changes()


def test_an_old_date_hides_nothing(project):
    """A file that got its old length and date back is seen to have changed."""
    path = project.root / "conftest.py"
    project.write("conftest.py", "aaa")
    before = path.stat()
    watch = project.lookout().begin("orders")
    path.write_text("bbb")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert watch.changes() == ("conftest.py (changed)",)


@pytest.mark.parametrize(
    "name",
    [
        ".git/index",
        ".git/objects/ab/cd",
        ".superteam/state.db",
        ".superteam/agents/orders/home/x",
        ".superteam/aside/building/orders-x/app.py",
        ".superteam/builds/orders.json",
        "tests/__pycache__/test_all.pyc",
        "node_modules/a/index.js",
        ".venv/bin/x",
        "gate.log",
        ".PRD.md.swp",
        "PRD.md~",
        ".coverage.host.1",
        "services/catalog/app.db-wal",
        "mine/a.txt",
    ],
)
def test_what_is_not_told(project, name):
    """What the run, people's editors, tools and running services write all the time is nobody's fault."""
    (project.root / name).parent.mkdir(parents=True, exist_ok=True)
    watch = project.lookout(ignore=[project.root / "mine"]).begin("orders")
    project.write(name, "something else\n")
    assert watch.changes() == ()


def test_where_our_own_output_goes(project, monkeypatch):
    """The file that the run itself prints to grows, and is not told."""
    with (project.root / "out.txt").open("w") as stream:
        monkeypatch.setattr(outside, "_STREAMS", (stream.fileno(),))
        watch = project.lookout().begin("orders")
        stream.write("more")
        stream.flush()
        assert watch.changes() == ()


def test_a_service_that_came_to_its_place(project):
    """A service that we put into its place meanwhile is as its record says, and not told."""
    watch = project.lookout().begin("orders")
    shutil.rmtree(project.root / "services/catalog")
    project.write("services/catalog/main.py", "y = 1\n")
    project.write("services/users/main.py", "z = 1\n")
    project.record("catalog")
    project.record("users")
    assert watch.changes() == ()


def test_the_first_service_makes_the_folder_of_services(project):
    """The folder of the services may come into being while an agent works."""
    shutil.rmtree(project.root / "services")
    watch = project.lookout().begin("orders")
    project.write("services/conftest.py", SIGN_TEXT)
    project.write("services/users/main.py", "z = 1\n")
    project.record("users")
    project.write("services/stray/main.py", "z = 1\n")
    assert watch.changes() == ("services/stray/ (new)",)


def test_a_service_that_is_not_what_we_put_there(project):
    """A file of a service that came to its place meanwhile, and is another than its record says, is told."""
    watch = project.lookout().begin("orders")
    project.write("services/catalog/app.py", "y = 1\n")
    project.write("services/catalog/more.py", "y = 1\n")
    project.record("catalog", **{"app.py": "0" * 64, "lost.py": "0" * 64})
    project.write("services/users/main.py", "z = 1\n")
    project.record("users", **{"main.py": "0" * 64})
    assert watch.changes() == ("services/catalog/app.py (changed)", "services/users/main.py (changed)")


@pytest.mark.parametrize("record", ["{", "[]", '{"service": "users"}'])
def test_a_service_whose_record_says_nothing(project, record):
    """What changed in a service whose record can't be read is told."""
    watch = project.lookout().begin("orders")
    project.write("services/catalog/app.py", "y = 1\n")
    project.write(".superteam/builds/catalog.json", record)
    assert watch.changes() == ("services/catalog/ (changed)",)


def test_a_try_that_was_broken_off(project):
    """An agent whose watch never ended is not held to be at work for ever."""
    lookout = project.lookout()
    lookout.begin("orders")
    again = lookout.begin("orders")
    project.write("conftest.py", "x\n")
    assert again.changes() == ("conftest.py (changed)",)
    project.write("conftest.py", "y\n")
    assert again.changes() == ("conftest.py (changed)",)
    assert lookout.begin("catalog").changes() == ()


def test_a_service_on_its_way(project):
    """A service that is being put into its place at this moment is not looked at."""
    watch = project.lookout().begin("orders")
    project.write(".superteam/builds/catalog.landing", "{}")
    project.write("services/catalog/app.py", "y = 1\n")
    assert watch.changes() == ()


def test_agents_at_work_at_once(project):
    """What changes while several are at work is told of each, with the names of the others."""
    lookout = project.lookout()
    first = lookout.begin("orders")
    second = lookout.begin("catalog")
    project.write("conftest.py", "x\n")
    (project.root / "PRD.md").unlink()
    assert first.changes() == (
        "PRD.md (gone, by 'orders' or 'catalog')",
        "conftest.py (changed, by 'orders' or 'catalog')",
    )
    third = lookout.begin("users")
    assert "conftest.py (changed, by 'catalog' or 'orders' or 'users')" in second.changes()
    assert third.changes() == ()


def test_agents_one_after_the_other(project, monkeypatch):
    """What changed before another agent began, or after it ended, is not told of that."""
    monkeypatch.setattr(outside, "_SLACK", 0)
    lookout = project.lookout()
    clock = iter(range(10))
    long = lookout.begin("orders")
    project.write("conftest.py", "x\n")
    later = (project.root / "conftest.py").stat().st_ctime_ns + 1
    monkeypatch.setattr(outside.time, "time_ns", lambda: later + next(clock))
    late = lookout.begin("catalog")
    late.began = later
    assert late.changes() == ()
    assert long.changes() == ("conftest.py (changed)",)


def test_many_changes_are_counted(project):
    """Fifty changes are told one by one, the rest as a number."""
    watch = project.lookout().begin("orders")
    for number in range(outside.MOST_TOLD + 2):
        project.write(f"a{number:02}.txt", "x")
    found = watch.changes()
    assert len(found) == outside.MOST_TOLD + 1
    assert found[-1] == "and 2 more"


def test_a_project_of_too_many_files(project, monkeypatch):
    """Of a project with more files than are watched the outer ones are, and it is said."""
    monkeypatch.setattr(project_files.snapshot, "__defaults__", (12,))
    for number in range(20):
        project.write(f"tests/deep/{number}.txt", "x")
    watch = project.lookout().begin("orders")
    project.write("conftest.py", "changed")
    project.write("tests/deep/0.txt", "changed")
    assert watch.changes() == ("conftest.py (changed)",)
    assert "not all of them were watched" in watch.bounded


def test_services_outside_of_the_project(tmp_path, project):
    """The folder of the services is watched wherever it lies."""
    (tmp_path / "elsewhere/users").mkdir(parents=True)
    lookout = Lookout(project.root, output=tmp_path / "elsewhere", records=project.root / ".superteam/builds")
    watch = lookout.begin("orders")
    (tmp_path / "elsewhere/users/main.py").write_text("x")
    assert watch.changes() == (f"{tmp_path}/elsewhere/users/main.py (new)",)


def test_folders_that_are_gone(project):
    """A folder that was removed is told as a whole, not file by file."""
    watch = project.lookout().begin("orders")
    shutil.rmtree(project.root / "tests")
    shutil.rmtree(project.root / "services")
    assert watch.changes() == ("services/catalog/ (gone)", "tests/ (gone)")
