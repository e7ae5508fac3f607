"""Building all services: in parallel, resumed by content, never over the files of others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest

from pytest_superteam.builders.base import BuildOutput
from pytest_superteam.builders.run import BuildPlan, check_output, load_builds
from pytest_superteam.config_entries import RetryConfig
from pytest_superteam.errors import BuildError, UsageError
from pytest_superteam.models import Architecture, Entity, Field, Service
from pytest_superteam.pipeline.fleet.fleet import FleetPlan, build_fleet

SYSTEM = Architecture(
    "Shop",
    "0" * 64,
    (Service("one"), Service("two"), Service("three")),
    entities=(Entity("Item", "two", (Field("name"),)),),
)


@dataclass
class Scripted:
    """A builder that does what it is told, and remembers."""

    name: str = "scripted"
    version: str = "1"
    fail: tuple[str, ...] = ()
    hang: tuple[str, ...] = ()
    together: int = 1
    """So many are waited for, ten seconds at most."""

    def __post_init__(self):
        self.built = []
        self.busy = self.most = 0

    async def build(self, request):
        self.busy += 1
        self.most = max(self.most, self.busy)
        for _ in range(1000):
            await asyncio.sleep(0.01)
            if self.most >= self.together:
                break
        self.busy -= 1
        self.built.append(request.service)
        if request.service in self.fail:
            raise BuildError("no nails")
        if request.service in self.hang:
            await asyncio.sleep(60)
        (request.directory / "app").mkdir()
        (request.directory / "app" / "main.py").write_text(f"NAME = {request.service!r}\n")
        return BuildOutput(("python", "app/main.py"))


def build_services(plan):
    """Build with nothing but a plan, each service once."""
    return build_fleet(FleetPlan(build=plan, retry=RetryConfig(attempts=1)))


@pytest.fixture
def plan(tmp_path):
    """Return a plan into an empty folder."""
    state = tmp_path / ".superteam"
    return BuildPlan(SYSTEM, Scripted(), tmp_path / "services", state / "builds", state / "aside", {}, parallel=2)


def test_all_are_built(plan):
    """Each service has its folder, its record and its hashes."""
    plan.builder.together = 2
    results = build_services(plan)
    assert list(results) == ["one", "two", "three"]
    assert all(result.success for result in results.values())
    assert (plan.output / "two/app/main.py").read_text() == "NAME = 'two'\n"
    assert set(results["two"].files) == {"app/main.py"}
    assert load_builds(plan.records, plan.output).keys() == results.keys()
    assert plan.builder.most == 2
    assert not list(plan.aside.iterdir())


def test_nothing_twice(plan):
    """What is built and unchanged is not built again."""
    build_services(plan)
    build_services(plan)
    assert sorted(plan.builder.built) == ["one", "three", "two"]


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (lambda plan: plan, []),
        (lambda plan: replace(plan, fresh=True), ["one", "three", "two"]),
        (lambda plan: replace(plan, builder=Scripted(version="2")), ["one", "three", "two"]),
        (
            lambda plan: replace(
                plan, architecture=replace(SYSTEM, entities=(Entity("Item", "two", (Field("title"),)),))
            ),
            ["two"],
        ),
    ],
    ids=["nothing", "fresh", "builder", "entity"],
)
def test_what_is_built_again(plan, change, again):
    """A change builds again what depends on it."""
    build_services(plan)
    changed = change(plan)
    if changed.builder is plan.builder:
        plan.builder.built.clear()
    build_services(changed)
    assert sorted(changed.builder.built) == again


def test_missing_folder_is_built_again(plan):
    """A service whose folder is gone is built again."""
    build_services(plan)
    (plan.output / "one").rename(plan.output.parent / "elsewhere")
    build_services(plan)
    assert plan.builder.built.count("one") == 2


def test_one_failure_costs_one_service(plan):
    """A builder that fails or hangs does not touch the others."""
    results = build_services(replace(plan, builder=Scripted(fail=("one",), hang=("two",)), timeout=0.2))
    assert [result.success for result in results.values()] == [False, False, True]
    assert results["one"].error == "no nails"
    assert "no end after 0.2 s" in results["two"].error
    assert not (plan.output / "one").exists()
    assert not list(plan.aside.iterdir())


def test_a_link_is_no_service(plan, tmp_path):
    """A builder that leaves a link out of its folder has failed."""

    class Linking(Scripted):
        async def build(self, request):
            (request.directory / "passwd").symlink_to("/etc/passwd")
            return BuildOutput(("true",))

    results = build_services(replace(plan, builder=Linking()))
    assert "link" in results["one"].error
    assert not (plan.output / "one").exists()


def test_foreign_files_stop_the_build(plan):
    """A folder with files of others is refused, whole."""
    (plan.output / "one").mkdir(parents=True)
    (plan.output / "one" / "precious.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"precious\.txt"):
        build_services(plan)
    assert plan.builder.built == []


def test_leftovers_of_tools_are_nobodys_files(plan):
    """Caches in the output folder are no files of others."""
    (plan.output / "__pycache__").mkdir(parents=True)
    (plan.output / "__pycache__" / "x.pyc").write_bytes(b"")
    check_output(plan)


def test_edited_service(plan):
    """An edited service is kept as it is, and refused only when it would have to be built again."""
    build_services(plan)
    main = plan.output / "two/app/main.py"
    main.write_text("NAME = 'mine'\n")
    assert build_services(plan)["two"].edited == ("app/main.py",)
    assert main.read_text() == "NAME = 'mine'\n"
    with pytest.raises(UsageError, match="changed after the build"):
        check_output(replace(plan, builder=Scripted(version="2")))
    build_services(replace(plan, fresh=True))
    assert main.read_text() == "NAME = 'two'\n"
    kept = list(plan.aside.rglob("two/app/main.py"))
    assert [path.read_text() for path in kept] == ["NAME = 'mine'\n"]


def test_a_plain_pytest_leaves_the_services_out(plan, pytester):
    """A pytest run above the output folder does not collect the services' tests; one within a service does."""
    build_services(replace(plan, output=pytester.path / "services"))
    tests = pytester.path / "services/one/tests"
    tests.mkdir()
    (tests / "test_it.py").write_text("def test_it(): pass\n")
    (pytester.path / "services/one/pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    pytester.makepyfile(test_mine="def test_mine(): pass\n")
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1)
    pytester.runpytest("services/one", "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_bug_in_a_builder_costs_its_own_service(plan):
    """An unexpected exception of one build leaves the others alone."""

    class Buggy(Scripted):
        async def build(self, request):
            if request.service == "one":
                raise KeyError("oops")
            return await super().build(request)

    results = build_services(replace(plan, builder=Buggy()))
    assert [result.success for result in results.values()] == [False, True, True]
    assert "KeyError" in results["one"].error


def test_a_failed_build_does_not_lock_the_project(plan):
    """After a build that failed, what an earlier one wrote is still ours to replace."""
    build_services(plan)
    broken = replace(plan, builder=Scripted(version="2", fail=("one", "two", "three")))
    assert not any(result.success for result in build_services(broken).values())
    assert all(result.success for result in build_services(replace(plan, builder=Scripted(version="3"))).values())


def test_another_output_folder_is_another_build(plan):
    """The records of one output folder say nothing about another: what lies there is somebody else's."""
    build_services(plan)
    other = plan.output.parent / "mine"
    (other / "one").mkdir(parents=True)
    (other / "one" / "app.py").write_text("MINE = 1\n")
    with pytest.raises(UsageError, match="no builder wrote"):
        build_services(replace(plan, output=other))


def test_fresh_spares_what_no_builder_wrote(plan):
    """--fresh does not move a folder aside that no builder wrote."""
    build_services(replace(plan, architecture=replace(SYSTEM, services=(Service("two"),))))
    (plan.output / "one").mkdir()
    (plan.output / "one" / "app.py").write_text("MINE = 1\n")
    with pytest.raises(UsageError, match="no builder wrote"):
        build_services(replace(plan, fresh=True))
    assert (plan.output / "one" / "app.py").exists()
