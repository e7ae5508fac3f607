"""What a pytest user expects of a session with gate items, alone and with workers."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

GATE = ("--prd", "PRD.md", "-m", "layer1 or layer3 or layer4")
PRINTS = "\n\ndef shout():\n    print('loud')\n"
SECRET = (
    '\nimport jwt\n\n\ndef token(claims):\n    return jwt.encode(claims, "a-very-secret-key-of-ours-123", "HS256")\n'
)


def passed_ids(result):
    """Return the ids of the collected items of `--co -q`."""
    return [line for line in result.outlines if "::" in line]


def test_collect_only_builds_nothing(project):
    """--co lists the gate items and writes nothing."""
    result = project.runpytest("--prd", "PRD.md", "--co", "-q")
    ids = passed_ids(result)
    assert result.ret == 0
    assert "PRD.md::layer3::test_scan[auth-service-SEC-003]" in ids
    assert "PRD.md::layer2::test_conformance[shop-service-list_items]" in ids
    assert "PRD.md::layer1::test_builds[shop-service]" in ids
    assert any(line.startswith("PRD.md::layer4::test_review[") for line in ids)
    assert not (project.path / ".superteam").exists()
    assert not (project.path / "services").exists()


def test_collect_only_lists_what_a_run_lists(project):
    """--co before the first design names the same items as after it."""
    before = passed_ids(project.runpytest("--prd", "PRD.md", "--co", "-q"))
    assert project.runpytest("--prd", "PRD.md", "--until", "architect").ret == 0
    assert passed_ids(project.runpytest("--prd", "PRD.md", "--co", "-q")) == before


def test_all_codes_are_items(project):
    """Each of the 40 codes has its items."""
    ids = passed_ids(project.runpytest("--prd", "PRD.md", "--co", "-q", "-m", "layer3 or layer4"))
    codes = {line.rsplit("[", 1)[1].removesuffix("]").split("-service-")[-1].removeprefix("system-") for line in ids}
    assert len(codes) == 40


def test_green(project, spread):
    """A system without findings passes, with a table, and leaves its reports."""
    result = project.runpytest_subprocess(*GATE, *spread)
    assert result.ret == 0, result.stdout.str()
    result.stdout.fnmatch_lines(["*gate: passed*"])
    report = json.loads((project.path / ".superteam/reports/gate-report.json").read_text())
    assert report["verdict"] == "passed"
    assert (project.path / "built.log").read_text().split() == ["auth-service", "shop-service"]


def test_red(project, spread):
    """A blocking finding fails its item, an advisory one is expected to fail, and both are in the report."""
    (project.path / "extra.py").write_text(SECRET + PRINTS)
    result = project.runpytest_subprocess(*GATE, *spread)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*FAILED PRD.md::layer3::test_scan[[]shop-service-SEC-005]*"])
    report = json.loads((project.path / ".superteam/reports/gate-report.json").read_text())
    outcomes = {item["id"].split("::")[-1]: item["outcome"] for item in report["items"]}
    assert report["verdict"] == "failed"
    assert outcomes["test_scan[shop-service-SEC-005]"] == "failed"
    assert outcomes["test_scan[shop-service-LOG-001]"] == "advisory"
    [finding] = next(i for i in report["items"] if i["id"].endswith("[shop-service-SEC-005]"))["violations"]
    assert (finding["file"], finding["line"] > 0) == ("main.py", True)


def test_serial_and_parallel_agree(project):
    """Two workers give the same report as none, item for item."""
    (project.path / "extra.py").write_text(SECRET)
    seen = []
    for spread in ([], ["-n", "2"], ["-n", "2", "--dist", "load"]):
        project.runpytest_subprocess(*GATE, *spread)
        report = json.loads((project.path / ".superteam/reports/gate-report.json").read_text())
        seen.append([(i["id"], i["outcome"], i.get("violations", [])) for i in report["items"]])
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-m", "layer3 and blocking", "-k", "SEC-003"], {"auth-service-SEC-003", "shop-service-SEC-003"}),
        (["-k", "shop-service and LOG-001"], {"shop-service-LOG-001"}),
        (["-m", "advisory and layer3", "-k", "auth-service and DOCKER-005"], {"auth-service-DOCKER-005"}),
        (["-m", "layer1", "-k", "auth-service and builds"], {"auth-service"}),
        (["PRD.md::layer3::test_scan[auth-service-SEC-003]"], {"auth-service-SEC-003"}),
        (["-m", "code(id='SEC-003') and service(name='auth-service')"], {"auth-service-SEC-003"}),
    ],
)
def test_selection(project, arguments, expected):
    """Markers, keywords and pasted ids select what they say."""
    result = project.runpytest("--prd", "PRD.md", *arguments, "-v")
    result.assert_outcomes(passed=len(expected), deselected=result.parseoutcomes().get("deselected", 0))
    for param in expected:
        result.stdout.fnmatch_lines([f"*[[]{param}]*PASSED*"])


def test_pasted_id_alone(project):
    """An id from a report is enough to run its item again."""
    result = project.runpytest("PRD.md::layer3::test_scan[auth-service-SEC-003]")
    result.assert_outcomes(passed=1)


def test_last_failed_and_exit_first(project):
    """--lf runs what failed before, -x stops at the first failure."""
    (project.path / "extra.py").write_text(SECRET)
    first = project.runpytest(*GATE, "-x")
    first.assert_outcomes(
        failed=1,
        passed=first.parseoutcomes()["passed"],
        deselected=first.parseoutcomes()["deselected"],
        skipped=first.parseoutcomes().get("skipped", 0),
        xfailed=first.parseoutcomes().get("xfailed", 0),
    )
    again = project.runpytest(*GATE, "--lf")
    assert again.ret == 1
    assert again.parseoutcomes()["failed"] == 1
    assert "passed" not in again.parseoutcomes()


def test_no_cacheprovider(project):
    """The gate does without pytest's cache."""
    result = project.runpytest(*GATE, "-p", "no:cacheprovider", "-k", "SEC-003")
    result.assert_outcomes(passed=2, deselected=result.parseoutcomes()["deselected"])


def test_junit_and_html(project, spread):
    """JUnit carries layer, code, severity, service and findings as properties, HTML has them as columns."""
    (project.path / "extra.py").write_text(SECRET)
    arguments = ["-k", "SEC-005", "--junitxml=gate.xml", "--html=gate.html", "--self-contained-html"]
    project.runpytest_subprocess("--prd", "PRD.md", "-m", "layer3", *arguments, *spread)
    cases = list(ET.parse(project.path / "gate.xml").iter("testcase"))
    case = next(case for case in cases if case.get("name") == "test_scan[shop-service-SEC-005]")
    properties = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert case.get("classname") == "PRD.md.layer3"
    assert properties["layer"] == "3"
    assert properties["code"] == "SEC-005"
    assert properties["severity"] == "critical"
    assert properties["service"] == "shop-service"
    assert properties["violation"].startswith("SEC-005 services/shop-service/main.py:")
    page = (project.path / "gate.html").read_text()
    assert "shop-service" in page
    assert "Severity" in page


@pytest.mark.parametrize("phase", ["architect", "builders"])
def test_until(project, phase, spread):
    """--until stops after a phase, with its output on disk and no gate."""
    result = project.runpytest_subprocess("--prd", "PRD.md", "--until", phase, *spread)
    result.assert_outcomes(passed=["architect", "builders"].index(phase) + 1)
    assert (project.path / ".superteam/architecture/service-map.yaml").is_file()
    assert (project.path / "services/shop-service/main.py").exists() == (phase == "builders")
    assert not (project.path / ".superteam/reports").exists()


def test_resume(project):
    """The next run goes on from what is on disk and builds nothing twice."""
    project.runpytest("--prd", "PRD.md", "--until", "builders")
    project.runpytest(*GATE)
    assert len((project.path / "built.log").read_text().split()) == 2
    project.runpytest(*GATE, "--fresh")
    assert len((project.path / "built.log").read_text().split()) == 4


def test_changed_prd_builds_what_it_touches(project):
    """A change of one service's entity builds that service again, and not the other."""
    project.runpytest("--prd", "PRD.md", "--until", "builders")
    prd = project.path / "PRD.md"
    prd.write_text(prd.read_text().replace("max 50", "max 60"))
    project.runpytest("--prd", "PRD.md", "--until", "builders")
    assert (project.path / "built.log").read_text().split()[2:] == ["shop-service"]


def test_promotion(project, spread):
    """A service that fails a layer is skipped in the next ones, with the reason; the other goes on."""
    (project.path / "extra.py").write_text("\nimport jwt\ndef broken(:\n")
    conftest = project.path / "conftest.py"
    conftest.write_text(
        conftest.read_text().replace("if extra.exists()", "if extra.exists() and request.service.startswith('shop')")
    )
    result = project.runpytest_subprocess(*GATE, "-rs", *spread)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*'shop-service' failed layer 1 (BUILD-001*"])
    report = json.loads((project.path / ".superteam/reports/gate-report.json").read_text())
    by_service = {}
    for item in report["items"]:
        if item["layer"] == 3:
            by_service.setdefault(item["service"], set()).add(item["outcome"])
    assert by_service["shop-service"] == {"skipped"}
    assert "passed" in by_service["auth-service"]


def test_one_layer_is_not_held_back(project):
    """Selecting one layer runs it, whatever the others would say; what can't be decided is an error, not a pass."""
    (project.path / "extra.py").write_text("\nimport jwt\ndef broken(:\n")
    result = project.runpytest("--prd", "PRD.md", "-k", "layer3 and SEC-003")
    assert result.ret == 1
    assert result.parseoutcomes()["errors"] == 2


def test_builder_that_fails(project, spread):
    """A builder that fails costs its own service only."""
    conftest = project.path / "conftest.py"
    conftest.write_text(
        conftest.read_text().replace(
            'with Path("built.log")',
            "from pytest_superteam.errors import BuildError\n"
            '        if request.service == "shop-service":\n'
            '            raise BuildError("the elves are ill")\n'
            '        with Path("built.log")',
        )
    )
    result = project.runpytest_subprocess("--prd", "PRD.md", "-m", "layer1", *spread)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*the elves are ill*"])
    assert result.parseoutcomes()["passed"] == 3


def test_user_tests_run_in_the_session(project, spread):
    """A user's own tests run beside the gate and take its fixtures."""
    project.makepyfile(
        test_mine="""
        def test_architecture(architecture, builds, contracts, prd):
            assert {service.name for service in architecture.services} == set(builds) == set(contracts)
            assert prd.text.startswith("# Shop")
        """
    )
    result = project.runpytest_subprocess("--prd", "PRD.md", "-k", "test_mine or SEC-003", *spread)
    assert result.parseoutcomes()["passed"] == 3


def test_named_paths_run_without_the_gate(project):
    """Naming paths runs those paths; naming the PRD among them runs the gate too."""
    file = project.makepyfile(test_mine="def test_it(architecture): assert architecture.services\n")
    project.runpytest("--prd", "PRD.md", str(file)).assert_outcomes(passed=1)
    both = project.runpytest("--prd", "PRD.md", str(file), "PRD.md", "-k", "test_it or SEC-003")
    assert both.parseoutcomes()["passed"] == 3


def test_order(project):
    """The gate comes behind the user's tests, by layer and then by service."""
    project.makepyfile(test_mine="def test_it(): pass\n")
    ids = passed_ids(project.runpytest("--prd", "PRD.md", "--co", "-q"))
    assert ids[0] == "test_mine.py::test_it"
    layers = [line.split("::")[1] for line in ids[1:]]
    assert layers == sorted(layers)
    first = [line for line in ids if "::layer1::" in line]
    assert ["auth-service" in line for line in first] == [True] * 3 + [False] * 3


def test_idle(pytester):
    """Without --prd nothing is collected, registered or written."""
    (pytester.path / "PRD.md").write_text("# Shop\n")
    pytester.makepyfile(
        test_it="def test_it(pytestconfig): assert not pytestconfig.pluginmanager.hasplugin('superteam_session')\n"
    )
    result = pytester.runpytest("--strict-markers", "-W", "error")
    result.assert_outcomes(passed=1)
    assert not (pytester.path / ".superteam").exists()


def test_idle_loads_nothing(pytester):
    """The idle plugin loads none of its rooms."""
    pytester.makepyfile(
        test_it="""
        import sys

        def test_it():
            ours = {name for name in sys.modules if name.startswith("pytest_superteam")}
            rim = {"pytest_superteam", *(f"pytest_superteam.{name}" for name in ("hookspecs", "options", "plugin"))}
            assert ours <= rim
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize("option", ["--setup-plan", "--fixtures"])
def test_sessions_that_run_nothing(project, option):
    """A session that runs no item has no verdict and writes no report."""
    result = project.runpytest("--prd", "PRD.md", option)
    assert result.ret == 0
    assert "gate: passed" not in result.stdout.str()
    assert not (project.path / ".superteam/reports").exists()


def test_partial_run_says_so(project):
    """A run of some items says how many of how many they are."""
    result = project.runpytest("--prd", "PRD.md", "-m", "layer3", "-k", "SEC-003")
    result.stdout.fnmatch_lines(["*Partial: 2 of * gate items were run.*"])
    report = json.loads((project.path / ".superteam/reports/gate-report.json").read_text())
    assert report["summary"]["partial"] is True
    assert report["summary"]["items"] == 2
    assert report["summary"]["planned"] > 80


def test_linked_prd(project):
    """A PRD that is a link to another folder is collected under its own name."""
    elsewhere = project.mkdir("elsewhere")
    (project.path / "PRD.md").rename(elsewhere / "real.md")
    (project.path / "PRD.md").symlink_to(elsewhere / "real.md")
    result = project.runpytest("--prd", "PRD.md", "-k", "SEC-003", "-v")
    result.stdout.fnmatch_lines(["PRD.md::layer3::test_scan[[]auth-service-SEC-003] PASSED*"])


def test_layer_three_holds_nothing_back(project):
    """A failure of layer 3 does not keep a service from layer 4."""
    (project.path / "extra.py").write_text(SECRET)
    project.runpytest("--prd", "PRD.md", "-m", "layer3 or layer4")
    report = json.loads((project.path / ".superteam/reports/gate-report.json").read_text())
    outcomes = {item["id"].split("::")[-1]: item["outcome"] for item in report["items"]}
    assert outcomes["test_scan[shop-service-SEC-005]"] == "failed"
    assert outcomes["test_review[shop-service-ADV-005]"] == "passed"
