"""Bad input: one clear line, exit code 4, nothing written over, before anything runs."""

from __future__ import annotations

import psutil
import pytest


def one_line(result):
    """Return the only line that an early end prints, checked for its exit code."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
    lines = [line for line in [*result.errlines, *result.outlines] if line.startswith("ERROR: ")]
    assert len(lines) == 1, result.stderr.str()
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    return lines[0]


def make(path, content):
    """Write what a PRD may wrongly be."""
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (None, "folder"),
        (b"", "empty"),
        (b"   \n\n", "empty"),
        (b"\x7fELF\x00\x01\x02", "binary"),
        ("# Shop\n\ncaf\u00e9".encode("latin-1"), "UTF-8"),
        (b"# Shop\n" + b"word " * 4_000_000, "16 MiB"),
        (b"# Shop\n", "title"),
    ],
)
def test_unreadable_prd(project, content, word):
    """Every kind of unreadable PRD is told apart."""
    make(project.path / "bad.md", content)
    assert word in one_line(project.runpytest("--prd", "bad.md"))


def test_no_prd(project):
    """A file that is not there is named."""
    assert "nothing.md" in one_line(project.runpytest("--prd", "nothing.md"))


@pytest.mark.parametrize("spread_args", [[], ["-n", "2"]], ids=["serial", "parallel"])
def test_two_services_of_one_name(project, spread_args):
    """Two services of one name are refused, also under xdist."""
    prd = project.path / "PRD.md"
    prd.write_text(prd.read_text().replace("| shop-service | Keeps items |", "| auth-service | Keeps items |"))
    assert "auth-service" in one_line(project.runpytest("--prd", "PRD.md", *spread_args))


def test_service_name_that_leads_out(project):
    """A service's name can't lead out of the output folder."""
    prd = project.path / "PRD.md"
    prd.write_text(prd.read_text().replace("| shop-service |", "| ../../etc |"))
    assert "../../etc" in one_line(project.runpytest("--prd", "PRD.md"))
    assert not (project.path.parent.parent / "etc").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--until", "lunch"], ["--until", "'lunch'", "architect, builders, deployment"]),
        (["--depth", "deep"], ["--depth", "'deep'", "exhaustive, quick, standard, thorough"]),
        (["--builder", "elves"], ["--builder", "'elves'", "agent_team, aider, builtin", "fake"]),
        (["--deploy", "moon"], ["--deploy", "'moon'", "process"]),
        (["--blocking-severity", "bad"], ["--blocking-severity", "'bad'", "critical"]),
        (["--superteam-output", "../up"], ["output:", "'../up'"]),
        (["--superteam-output", "."], ["output:", "'.'"]),
        (["--superteam-config", "no.yaml"], ["--superteam-config", "no.yaml"]),
    ],
)
def test_wrong_option(project, arguments, words):
    """A wrong option value names the option, the value and the choices."""
    line = one_line(project.runpytest("--prd", "PRD.md", *arguments))
    assert all(word in line for word in words), line


def test_wrong_config(project):
    """A wrong key in superteam.yaml names file, line, key and the nearest valid key."""
    (project.path / "superteam.yaml").write_text("builder: fake\ndept: quick\n")
    line = one_line(project.runpytest("--prd", "PRD.md"))
    assert "superteam.yaml:2: 'dept' is no setting. Did you mean 'depth'?" in line


def test_foreign_output(project):
    """An output folder with files of others is refused and left as it is."""
    notes = project.mkdir("services") / "notes.txt"
    notes.write_text("mine")
    line = one_line(project.runpytest("--prd", "PRD.md"))
    assert "notes.txt" in line
    assert notes.read_text() == "mine"
    assert [path.name for path in (project.path / "services").iterdir()] == ["notes.txt"]


def test_edited_service_is_not_overwritten(project):
    """A built file that somebody changed survives a change of the PRD; --fresh moves it aside."""
    assert project.runpytest("--prd", "PRD.md", "--until", "builders").ret == 0
    main = project.path / "services" / "shop-service" / "main.py"
    main.write_text(main.read_text() + "# mine\n")
    prd = project.path / "PRD.md"
    prd.write_text(prd.read_text().replace("max 50", "max 60"))
    assert "main.py" in one_line(project.runpytest("--prd", "PRD.md", "--until", "builders"))
    assert main.read_text().endswith("# mine\n")
    assert project.runpytest("--prd", "PRD.md", "--until", "builders", "--fresh").ret == 0
    assert "# mine" not in main.read_text()
    kept = list((project.path / ".superteam").rglob("shop-service/main.py"))
    assert any("# mine" in path.read_text() for path in kept)


def test_empty_prd_option(project):
    """An empty file name is refused, not ignored."""
    assert "--prd: ''" in one_line(project.runpytest("--prd="))


def test_option_without_prd(project):
    """An option of ours without a PRD is refused, not ignored."""
    assert "--prd" in one_line(project.runpytest("--until", "builders"))


def test_second_run_in_one_folder(project):
    """A second run on the same folder is refused with the pid of the first."""
    project.makeconftest(
        project.path.joinpath("conftest.py").read_text()
        + """
import subprocess, sys, pytest

def pytest_superteam_phase(phase, state):
    if (phase, state) == ("builders", "started"):
        other = subprocess.run([sys.executable, "-m", "pytest", "--prd", "PRD.md", "--until", "architect"],
                               capture_output=True, text=True)
        print("OTHER", other.returncode, other.stderr)
"""
    )
    result = project.runpytest_subprocess("--prd", "PRD.md", "--until", "builders", "-s")
    result.stdout.fnmatch_lines(["*OTHER 4*another run (pid * is at work in*"])


def test_a_refused_run_writes_nothing(project):
    """What is refused before it begins leaves no trace."""
    one_line(project.runpytest("--prd", "PRD.md", "--builder", "elves"))
    assert not (project.path / ".superteam").exists()


def test_state_folder_that_can_not_be_written(project):
    """A state folder that can't be made is one line that names it."""
    (project.path / ".superteam").write_text("in the way")
    assert ".superteam" in one_line(project.runpytest("--prd", "PRD.md"))


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        (
            "def pytest_superteam_scanners(config): raise RuntimeError('boom')",
            ["scanners: raised 'RuntimeError: boom'"],
        ),
        ("def pytest_superteam_scanners(config): return [3]", ["scanners: offered '3'", "'codes'"]),
        (
            (
                "from pytest_superteam.scanners.base import Rule\n"
                "class House: scan, codes = None, (Rule('HOUSE-001', 'x', 'error', 'house', 3, 'Mend it.'),)\n"
                "def pytest_superteam_scanners(config): return [House()]"
            ),
            ["scanners: HOUSE-001: 'error' is no Severity. Write `Severity.ERROR`"],
        ),
        (
            "class House: scan, codes = None, ('HOUSE-001',)\ndef pytest_superteam_scanners(config): return [House()]",
            ["scanners: '", "has 'HOUSE-001' among its codes, which is no Rule."],
        ),
        (
            (
                "class House: run, code, severity, help = None, 'HOUSE-101', 'error', 'Mend it.'\n"
                "def pytest_superteam_checks(config): return [House()]"
            ),
            ["checks: HOUSE-101: 'error' is no Severity."],
        ),
        ("def pytest_superteam_architect(prd, config): return {}", ["architect: returned 'dict'"]),
        (
            "def pytest_superteam_architect(prd, config): raise KeyError('x')",
            ["architect: raised 'KeyError", "conftest.py:"],
        ),
    ],
)
def test_hooks_that_are_wrong(project, hook, words):
    """A hook that raises, or returns something else, is one line that says which and where."""
    conftest = project.path / "conftest.py"
    conftest.write_text(conftest.read_text() + "\n" + hook + "\n")
    line = one_line(project.runpytest("--prd", "PRD.md"))
    assert all(word in line for word in words), line


def test_a_contract_changed_into_no_contract(project):
    """A contract that was edited into something invalid is one line with file and place."""
    project.runpytest("--prd", "PRD.md", "--until", "architect")
    contract = project.path / ".superteam/architecture/contracts/shop-service.openapi.yaml"
    contract.write_text(contract.read_text().replace("operationId: list_items", "operationId: [1]"))
    assert "shop-service.openapi.yaml" in one_line(project.runpytest("--prd", "PRD.md"))


def test_settings_of_a_service_that_is_not_there(project):
    """A budget of a misspelt service would hold for nobody, so that it is refused before anything is paid."""
    settings = project.path / "superteam.yaml"
    settings.write_text(settings.read_text() + "services: {shop: {budget: 1}}\n")
    line = one_line(project.runpytest("--prd", "PRD.md"))
    assert line == "ERROR: services: 'shop' is no service of this design. It has auth-service, shop-service."
    assert not (project.path / ".superteam").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "gate"], "--from: 'gate' is not allowed. Choose one of architect, builders."),
        (["--budget", "much"], "--budget: 'much' is no number. Allowed is 0 to 1e+09."),
        (["--budget", "-1"], "--budget: '-1.0' is out of range. Allowed is 0 to 1e+09."),
    ],
)
def test_values_of_a_run(project, words, said):
    """Wrong values of the run's options are refused in one line."""
    assert one_line(project.runpytest("--prd", "PRD.md", *words)) == f"ERROR: {said}"


def test_left_behind_by_a_builder(project):
    """A process that a builder left behind, wherever it works, is gone after the build."""
    conftest = project.path / "conftest.py"
    start = "subprocess.Popen(['sleep', '97'], cwd='/', start_new_session=True)"
    text = conftest.read_text().replace("    async def build(self, request):\n", LEAVES.format(start=start), 1)
    conftest.write_text(text)
    result = project.runpytest_subprocess("--prd", "PRD.md", "--until", "builders")
    assert result.ret == 0, result.stdout.str()
    pids = [int(pid) for pid in (project.path / "left").read_text().split()]
    assert len(pids) == 2
    assert not any(map(_is_alive, pids))


def _is_alive(pid):
    """Return whether a process runs; one that nobody has taken note of does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


LEAVES = """\
    async def build(self, request):
        import subprocess
        left = {start}
        left.returncode = 0  # or it warns of itself
        with Path(__file__).with_name("left").open("a") as stream:
            stream.write(f"{{left.pid}}\\n")
"""
