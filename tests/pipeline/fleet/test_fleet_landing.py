"""A crash at any moment after a build is finished: the next start brings it home, and builds nothing twice."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace

import pytest
from virtual import MemoryAttempts, Scripted, Yard, system

from pytest_superteam.builders.placing import Landing, announce, landings, new_site
from pytest_superteam.builders.run import load_builds
from pytest_superteam.builders.tree import hash_tree
from pytest_superteam.models import BuildResult, Usage
from pytest_superteam.pipeline.money.ledger import NoLedger


@pytest.fixture
def yard(tmp_path):
    """Return an empty folder and a clock at zero."""
    return Yard(tmp_path / "project")


def moments(yard, monkeypatch, work):
    """Do `work` and return copies of the project's folder as it was before and after each renaming in it."""
    copies = []
    real = os.replace

    def copy():
        copies.append(yard.folder.with_name(f"moment-{len(copies)}"))
        shutil.copytree(yard.folder, copies[-1], symlinks=True)

    def replacing(*arguments, **more):
        copy()
        real(*arguments, **more)
        copy()

    monkeypatch.setattr(os, "replace", replacing)
    work()
    monkeypatch.undo()
    return copies


class Versioned(Scripted):
    """Writes something else in each version."""

    async def build(self, request):
        output = await super().build(request)
        (request.directory / "app/main.py").write_text(f"VERSION = {self.version}\n")
        return output


@pytest.mark.parametrize("edited", [None, False, True])
def test_no_moment_loses_a_build(yard, monkeypatch, edited):
    """Killed at any moment, the next start has the service as it was built, and once announced does not build again."""
    if edited is not None:
        yard.run(Versioned(version="1"), "one")
    main = yard.folder / "services/one/app/main.py"
    if edited:
        main.write_text("NAME = 'mine'\n")
    build = {"fresh": bool(edited)}
    yard.folder.mkdir(exist_ok=True)
    copies = moments(yard, monkeypatch, lambda: yard.run(Versioned(version="2"), "one", build=build))
    assert len(copies) >= 6
    announced = [bool(list(copy.rglob("one.landing"))) for copy in copies]
    assert any(announced)
    first = announced.index(True)
    for number, copy in enumerate(copies):
        builder, other = Versioned(version="2"), Yard(copy)
        result = other.run(builder, "one", build=build if number < first else None)["one"]
        assert result.success
        assert result.edited == ()
        assert (copy / "services/one/app/main.py").read_text() == "VERSION = 2\n"
        assert builder.begun == (["one"] if number < first else []), number
        mine = [path for path in copy.rglob("main.py") if "mine" in path.read_text()]
        assert bool(mine) is bool(edited)
        assert not list(copy.rglob("*.landing"))
        assert not (copy / ".superteam/aside/building").exists()


class Noted(NoLedger):
    """Has one step at work, of a session that is no more."""

    def __init__(self):
        self.settled = []

    def costs(self):
        return [replace(super().settle(0, None), id=7, service="one", phase="builders")]

    def settle(self, step, usage):
        self.settled.append((step, usage))
        return super().settle(step, usage)


def _announced(yard, **more):
    plan = yard.build_plan(Scripted(), "one")
    site = new_site(plan, "one")
    (site / "main.py").write_text("X = 1\n")
    result = BuildResult("one", "scripted", plan.output / "one", success=True, key=plan.key("one"), start=("python",))
    landing = Landing(replace(result, files=hash_tree(site)), site.name, **more)
    announce(plan, landing)
    return plan, site


def test_what_was_paid_is_settled_as_reported(yard):
    """The cost of a build that is brought home is what its builder had said, not its worst case."""
    attempts, ledger = MemoryAttempts(), Noted()
    attempts.start(phase="builders", service="one", number=1, builder="scripted", key="", hint="")
    _announced(yard, attempt=1, step=7, usage=Usage(usd=0.25))
    builder = Scripted()
    assert yard.run(builder, "one", attempts=attempts, ledger=ledger)["one"].success
    assert builder.begun == []
    assert ledger.settled == [(7, Usage(usd=0.25))]
    assert attempts.of_run()[0].status == "succeeded"


def test_a_changed_tree_is_not_taken(yard):
    """Where somebody changed what was announced, it is built again."""
    plan, site = _announced(yard)
    (site / "main.py").write_text("X = 2\n")
    builder = Scripted()
    assert yard.run(builder, "one")["one"].success
    assert builder.begun == ["one"]
    assert load_builds(plan.records, plan.output)["one"].files.keys() == {"app/main.py"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        '{"site": "../../../etc", "result": {"service": "one", "builder": "x", "directory": "x", "success": true}}',
        '{"site": "..", "result": {"service": "one", "builder": "x", "directory": "x", "success": true}}',
        '{"site": "one-x", "result": {"service": "two", "builder": "x", "directory": "x", "success": true}}',
        "[" * 100_000,
    ],
)
def test_hostile_landings_are_none(yard, text):
    """A landing that is damaged, or leads elsewhere, counts as none and goes."""
    plan = yard.build_plan(Scripted(), "one")
    plan.records.mkdir(parents=True)
    (plan.records / "one.landing").write_text(text)
    assert landings(plan) == []
    builder = Scripted()
    yard.run(builder, "one")
    assert builder.begun == ["one"]
    assert not list(plan.records.glob("*.landing"))


def test_a_landing_of_another_service_goes(yard):
    """What a service left that is no longer in the design is not brought anywhere."""
    plan, _site = _announced(yard)
    assert landings(replace(plan, architecture=system("two"))) == []


def test_a_link_in_the_place_of_the_folder_is_refused(yard):
    """A builder that puts a link where its folder was has failed, and where the link leads nothing is touched."""
    precious = yard.folder.with_name("precious")
    precious.mkdir()
    (precious / "main.py").write_text("mine")

    class Linking(Scripted):
        async def build(self, request):
            output = await super().build(request)
            shutil.rmtree(request.directory)
            request.directory.symlink_to(precious)
            return output

    result = yard.run(Linking(), "one")["one"]
    assert "link" in result.error
    assert not (yard.folder / "services/one").exists()
    assert (precious / "main.py").read_text() == "mine"


def test_the_record_is_of_this_folder(yard):
    """A record whose name and service differ is none."""
    yard.run(Scripted(), "one")
    records = yard.folder / ".superteam/builds"
    data = json.loads((records / "one.json").read_text())
    (records / "two.json").write_text(json.dumps(data))
    assert set(load_builds(records, yard.folder / "services")) == {"one"}
