"""Own tests of found services, with fake runners in front of PATH."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import psutil
import pytest
from own_tests_tools import Bench

from pytest_superteam.checks.own_tests import process
from pytest_superteam.checks.own_tests.run import run_found_tests
from pytest_superteam.errors import CheckError
from pytest_superteam.models import FoundService

NPM = {"package.json": json.dumps({"scripts": {"test": "./check.sh"}, "dependencies": {"a": "1"}})}
JEST = {"package.json": json.dumps({"scripts": {"test": "NODE_ENV=test jest -i"}}), "a.test.js": ""}
NODE = "print('v20.0.0')"
INSTALLING = """\
if sys.argv[1] in ('ci', 'install'):
    Path('node_modules/a').mkdir(parents=True)
    print('installed')
    sys.exit()
"""
CASE = '<testsuite><testcase name="a"/></testsuite>'
GO_SAYS = json.dumps({"Action": "pass", "Package": "a", "Test": "TestA"})
CARGO_SAYS = "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out"
TRX = '<TestRun><UnitTestResult testName="a" outcome="Passed"/></TestRun>'


def report(folder):
    """Return a program that leaves a JUnit report in `folder`."""
    return f"Path('{folder}').mkdir(parents=True, exist_ok=True)\nPath('{folder}/TEST-a.xml').write_text({CASE!r})"


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """Return a system whose runners are ours."""
    return Bench(tmp_path, monkeypatch)


def npm(says, status=0):
    """Return an npm that installs, and whose tests say something."""
    return f"{INSTALLING}print({says!r})\nsys.exit({status})"


@pytest.mark.parametrize(
    ("says", "status", "code", "part"),
    [
        ("  10 passing (1ms)", 0, None, "10 of 10"),
        ("  9 passing (1ms)\n  1 failing\n\n  1) orders", 1, None, "9 of 10"),
        (
            "  8 passing (1ms)\n  2 failing\n\n  1) orders\n  2) carts",
            2,
            "TEST-001",
            "2 of 10 of its own tests fail (orders, carts)",
        ),
        (
            "  3 passing (1ms)\nERROR: coverage below 80%",
            1,
            "TEST-001",
            "3 of its own tests pass, but `npm test` fails (exit 1): ERROR: coverage",
        ),
        ("  0 passing (1ms)\n  2 pending", 0, "TEST-002", "all its 2 tests are skipped"),
        ("  0 passing (1ms)", 0, "TEST-002", "ran no test"),
        ("No tests found, exiting with code 1", 1, "TEST-002", "ran no test"),
        ("all files linted", 0, "TEST-002", "no test could be counted"),
        ("", 0, "TEST-002", "no test could be counted"),
        ("Error: Cannot find module './app'", 1, "TEST-001", "did not run (exit 1): Error: Cannot find module './app'"),
        ("connect ECONNREFUSED 127.0.0.1:27017\n  0 passing (1ms)\n  1 failing", 1, "TEST-001", "seem to need MongoDB"),
    ],
)
def test_what_a_run_means(bench, says, status, code, part):
    """Too few passing tests are TEST-001, no tests TEST-002; silence is never a pass."""
    bench.write(NPM)
    bench.program("node", NODE)
    bench.program("npm", npm(says, status))
    result = bench.run()
    assert [violation.code for violation in result.violations] == ([code] if code else [])
    assert part in (result.violations[0].message if code else result.detail)


def test_no_tests_make_no_environment(bench):
    """A service without tests is told so at once: nothing is copied, nothing installed."""
    bench.write({"package.json": "{}", "requirements.txt": "flask\n"})
    [(code, message)] = bench.codes()
    assert (code, bench.work.exists()) == ("TEST-002", False)
    assert message.startswith("'shop' has no tests")


def test_second_run_installs_nothing(bench):
    """What was installed is taken again until what it is made of changes; the source is copied each time."""
    bench.write({**NPM, "src/a.js": "1"})
    bench.program("node", NODE)
    bench.program(
        "npm", f"{INSTALLING}print(Path('src/a.js').read_text(), os.path.isdir('node_modules/a'))\nprint('  1 passing')"
    )
    assert bench.codes() == []
    stamp = json.loads((bench.work / "environment.json").read_text())
    bench.write({"src/a.js": "2"})
    assert bench.codes() == []
    assert "2 True" in bench.log
    assert json.loads((bench.work / "environment.json").read_text()) == stamp
    bench.write({"package-lock.json": "{}"})
    assert bench.codes() == []
    assert "npm ci" in (bench.work / "install.log").read_text()


def test_jest_writes_its_report(bench):
    """Jest is asked for its report, whose numbers go before what it prints."""
    report = {
        "numTotalTests": 1,
        "testResults": [{"name": "a", "status": "passed", "assertionResults": [{"title": "b", "status": "passed"}]}],
    }
    bench.write(JEST)
    bench.program("node", NODE)
    bench.program(
        "npm", f"Path(sys.argv[-1].partition('=')[2]).write_text({json.dumps(report)!r})\nprint(sys.argv[1:])"
    )
    assert bench.run().detail == "1 of 1 own tests pass"
    assert "['test', '--', '--json', '--outputFile=" in bench.log


@pytest.mark.parametrize(
    ("files", "program", "body", "expected"),
    [
        ({"go.mod": "", "a_test.go": "func TestA(t *testing.T) {}"}, "go", f"print({GO_SAYS!r})", "1 of 1"),
        (
            {"Cargo.toml": "", "src/lib.rs": "#[test]"},
            "cargo",
            f"print({CARGO_SAYS!r})",
            "2 of 2 own tests pass, 1 skipped",
        ),
        ({"pom.xml": "<project/>", "src/test/java/A.java": ""}, "mvn", report("target/surefire-reports"), "1 of 1"),
        ({"build.gradle": "", "src/test/kotlin/A.kt": ""}, "gradle", report("build/test-results/test"), "1 of 1"),
        (
            {"a.csproj": '<PackageReference Include="xunit"/>'},
            "dotnet",
            f"if sys.argv[1] == 'test': Path(sys.argv[-1], 'a.trx').write_text({TRX!r})",
            "1 of 1",
        ),
    ],
)
def test_compiled_services(bench, files, program, body, expected):
    """Go, Rust, Java, Kotlin and C# are tested by their own tools, and counted by what these write."""
    bench.write(files)
    bench.program(program, body)
    assert expected in bench.run().detail
    assert not (bench.root / "shop" / "target").exists()


@pytest.mark.parametrize(
    ("files", "tool"),
    [
        (NPM, "node"),
        ({"go.mod": "", "a_test.go": "func TestA(t *testing.T) {}"}, "go"),
        ({"pom.xml": "", "src/test/java/ATest.java": ""}, "mvn"),
        ({"build.gradle": "", "src/test/java/ATest.java": ""}, "gradle"),
        ({"Cargo.toml": "", "src/lib.rs": "#[test]"}, "cargo"),
        ({"a.csproj": "xunit"}, "dotnet"),
    ],
)
def test_missing_tools(bench, files, tool):
    """A tool that is not there is an error that names it."""
    bench.write(files)
    bench.without()
    with pytest.raises(CheckError, match=rf"^'shop': '{tool}' is not on PATH.*[Ii]nstall it|Node.js"):
        bench.run()


@pytest.mark.parametrize(
    ("says", "part"),
    [
        (
            "npm error 404 Not Found - GET a\nnpm error A complete log of this run",
            "can't be installed by npm: npm error 404 Not Found",
        ),
        ("npm error code EAI_AGAIN\nnpm error getaddrinfo EAI_AGAIN registry.invalid", "without a network"),
    ],
)
def test_dependencies_that_can_not_be_installed(bench, says, part):
    """What can't be installed is an error with the line that says why."""
    bench.write(NPM)
    bench.program("node", NODE)
    bench.program("npm", f"print({says!r})\nsys.exit(1)")
    with pytest.raises(CheckError, match="'shop': its dependencies can't be installed") as raised:
        bench.run()
    assert part in str(raised.value)
    assert not (bench.work / "environment.json").exists()


@pytest.mark.parametrize(
    ("says", "part"),
    [
        ("[ERROR] a could not be resolved: Could not transfer a: Unknown host repo.invalid", "without a network"),
        ("[ERROR] Failure: DependencyResolutionException: a:b:1 was not found", "by maven: [ERROR] Failure"),
    ],
)
def test_dependencies_that_are_downloaded_while_testing(bench, says, part):
    """Maven downloads while it tests: where it can't, that is an error; what does not compile is a failure."""
    bench.write({"pom.xml": "", "src/test/java/ATest.java": ""})
    bench.program("mvn", f"print({says!r})\nsys.exit(1)")
    with pytest.raises(CheckError, match="'shop': its dependencies can't be installed") as raised:
        bench.run()
    assert part in str(raised.value)
    bench.program("mvn", "print('[ERROR] ATest.java:[1,1] cannot find symbol')\nsys.exit(1)")
    [(code, message)] = bench.codes()
    assert code == "TEST-001"
    assert "cannot find symbol" in message


def test_lock_file_that_does_not_fit(bench):
    """A lock file that does not fit is told, and the tests run all the same."""
    bench.write({**NPM, "package-lock.json": "{}"})
    bench.program("node", NODE)
    bench.program(
        "npm",
        "if sys.argv[1] == 'ci':\n    print('package.json and package-lock.json are not in sync')\n    sys.exit(1)\n"
        + npm("  1 passing"),
    )
    assert bench.run().detail == "1 of 1 own tests pass (package-lock.json does not fit package.json)"


@pytest.mark.parametrize(("lock", "programs", "called"), [
    ("pnpm-lock.yaml", ("pnpm",), "pnpm install --frozen-lockfile --ignore-scripts"),
    ("yarn.lock", ("yarn",), "yarn install --frozen-lockfile --ignore-scripts --non-interactive"),
    ("yarn.lock", ("npm",), "npm install --ignore-scripts"),
    ("package-lock.json", ("npm",), "npm ci --ignore-scripts"),
])  # fmt: skip
def test_manager_of_the_lock_file(bench, lock, programs, called):
    """The lock file names the manager; npm stands in for a Yarn that is not there."""
    bench.write({**NPM, lock: ""})
    bench.program("node", NODE)
    for name in programs:
        bench.program(name, npm("  1 passing"))
    bench.without()
    assert bench.codes() == []
    assert f"$ {called}" in (bench.work / "install.log").read_text()
    assert f"$ {programs[0]} test" in bench.log


@pytest.mark.parametrize(
    ("status", "says", "code"), [(0, "done", None), (1, "broken", "TEST-001"), (0, "  0 passing", "TEST-002")]
)
def test_command_of_the_user(bench, status, says, code):
    """The user's command runs as it is; its exit status decides where nothing can be counted."""
    bench.write({"main.c": ""})
    bench.program("check", f"print({says!r}, sys.argv[1:])\nsys.exit({status})")
    found = bench.codes(command=("check", "all"))
    assert [found_code for found_code, _ in found] == ([code] if code else [])
    assert "$ check all\n" in bench.log


def test_command_that_is_not_there(bench):
    """A command that can't be started is an error."""
    bench.write({"main.c": ""})
    with pytest.raises(CheckError, match=r"'shop': 'no-such-program' is not on PATH. Install it"):
        bench.run(command=("no-such-program",))


def test_command_of_a_language_unknown_here(bench):
    """Discovery's command counts for what is not known here; without one, what looks like tests is an error."""
    bench.write({"tests/test_shop.php": ""})
    bench.program("phpunit", "print('OK (3 tests, 4 assertions)')")
    assert bench.run(language="php", test=("phpunit",)).detail == "3 of 3 own tests pass"
    with pytest.raises(CheckError, match="how php services are tested"):
        bench.run(language="php")
    [(code, _)] = bench.codes()
    assert code == "TEST-002"


def test_hanging_tests(bench):
    """Tests that hang are an error when their time is over, which says what they may wait for; nothing is left."""
    bench.write({"main.c": ""})
    bench.program("check", "print('connect ECONNREFUSED 127.0.0.1:5432', flush=True)\ntime.sleep(60)")
    with pytest.raises(CheckError, match=r"did not end within 1 s\. They seem to need PostgreSQL"):
        bench.run(command=("check",), timeout=1)
    bench.program("check", "time.sleep(60)")
    with pytest.raises(CheckError, match=r"within 1 s\. It keeps data in redis"):
        bench.run(command=("check",), timeout=1, datastores=("redis",))
    assert working_in(bench.work) == []


def test_nothing_stays_behind(bench):
    """A process that left the test run's session is ended with it."""
    bench.write({"main.c": ""})
    bench.program("check", "if os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\nprint('  1 passing')")
    assert bench.codes(command=("check",)) == []
    assert working_in(bench.work) == []


def working_in(folder):
    """Return the processes that work below `folder`."""
    return [p for p in psutil.process_iter(["cwd"]) if (p.info["cwd"] or "").startswith(str(folder))]


def test_endless_output(bench, monkeypatch):
    """Of an output of hundred megabytes the begin and the end are kept, and the closing lines count."""
    monkeypatch.setattr(process, "TAIL_BYTES", 1 << 16)
    bench.write({"main.c": ""})
    bench.program(
        "check",
        "line = 'x' * 99 + '\\n'\nfor _ in range(100):\n    sys.stdout.write(line * 10_000)\nprint('  3 passing')",
    )
    assert bench.run(command=("check",)).detail == "3 of 3 own tests pass"
    assert len(bench.log) < 3 << 20
    assert "bytes left out" in bench.log


def test_environment_and_source_are_the_copy(bench, monkeypatch):
    """Tests see the copy and nothing of the caller's; what they write is not in the source."""
    monkeypatch.setenv("CLOUD_TOKEN", "precious")
    bench.write({"main.c": "", ".env": "TOKEN=real", ".env.example": "TOKEN=example"})
    (bench.root / "shop" / "out").symlink_to("/etc")
    bench.program(
        "check",
        "Path('written').write_text('x')\n"
        "print(os.getcwd(), sorted(os.environ), Path('.env').read_text(), os.path.lexists('out'))",
    )
    result = bench.run(command=("check",))
    assert str(bench.work / "source") in bench.log
    assert "CLOUD_TOKEN" not in bench.log
    assert "TOKEN=example False" in bench.log
    assert sorted(path.name for path in (bench.root / "shop").iterdir()) == [".env", ".env.example", "main.c", "out"]
    assert "1 links or special files were not copied, such as out" in result.detail


def test_traps_of_the_last_run(bench, tmp_path):
    """Links that a test run left in place of our folders are removed, and what they lead to stays."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "a.txt").write_text("x")
    bench.write({"main.c": ""})
    bench.program("check", "print('  1 passing')")
    assert bench.codes(command=("check",)) == []
    for name in ("source", "results", "home", "tmp", "kept"):
        path = bench.work / name
        if path.is_dir() and not path.is_symlink():
            for inner in path.iterdir():
                inner.unlink()
            path.rmdir()
        path.symlink_to(precious)
    (bench.work / "output.log").unlink()
    (bench.work / "output.log").symlink_to(precious / "a.txt")
    assert bench.codes(command=("check",)) == []
    assert (precious / "a.txt").read_text() == "x"
    assert sorted(path.name for path in precious.iterdir()) == ["a.txt"]


def test_workspaces_are_copied_whole(bench):
    """A service of a workspace is tested in a copy of the whole, in its own folder."""
    bench.write(
        {
            **NPM,
            "../package.json": json.dumps({"workspaces": ["shop"]}),
            "../lib/a.js": "",
            "../package-lock.json": "{}",
        }
    )
    bench.program("node", NODE)
    bench.program(
        "npm", f"print(os.getcwd())\n{INSTALLING}print(os.path.isdir('../node_modules/a'))\nprint('  1 passing')"
    )
    assert bench.codes() == []
    assert str(bench.work / "source" / "shop") in bench.log
    assert (bench.work / "source" / "lib" / "a.js").is_file()
    assert bench.codes() == []
    assert "True" in bench.log


@pytest.mark.parametrize(
    ("folder", "part"), [("", "no source"), ("nowhere", "no source"), ("../elsewhere", "outside of the system")]
)
def test_folders_that_are_none(tmp_path, folder, part):
    """A service without a folder in the system has nothing to test: an error, no pass."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "system").mkdir()
    with pytest.raises(CheckError, match=f"'shop': .*{part}"):
        run_found_tests(FoundService("shop", folder=folder), tmp_path / "system", tmp_path / "work", ratio=1, timeout=5)


def test_nothing_outlives_a_killed_run(bench, tmp_path):
    """A test run ends with the process that asked for it, even if that is killed."""
    bench.write({"main.c": ""})
    bench.program("check", "time.sleep(60)")
    script = (
        "from pathlib import Path\n"
        "from pytest_superteam.checks.own_tests.run import run_found_tests\n"
        "from pytest_superteam.models import FoundService\n"
        f"run_found_tests(FoundService('shop', folder='shop'), Path({str(bench.root)!r}), Path({str(bench.work)!r}),"
        " ratio=1, timeout=50, command=('check',))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    asker = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, env=environment)
    wait_for(lambda: working_in(bench.work))
    asker.kill()
    asker.wait()
    wait_for(lambda: not working_in(bench.work))


def wait_for(condition):
    """Wait up to twenty seconds until a condition holds."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
