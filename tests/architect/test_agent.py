"""An architect by agent: what it gets, what it may leave, and that nothing of it stays behind."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
from dataclasses import replace

import psutil
import pytest

from pytest_superteam.architect.agent import AgentRequest, design_by_agent
from pytest_superteam.architect.contract.openapi import contracts
from pytest_superteam.architect.files import write_architecture
from pytest_superteam.errors import ArchitectError

COPY = """
import os, shutil
shutil.copytree(os.environ["DESIGN"], os.environ["ARCHITECT_OUTPUT"], dirs_exist_ok=True)
out = os.environ["ARCHITECT_OUTPUT"]
"""


@pytest.fixture
def run(bookstore, tmp_path):
    """Return a function that runs a script as the agent; `DESIGN` names a good design to start from."""
    write_architecture(bookstore, tmp_path / "design")

    def start(script, **changes):
        (tmp_path / "agent.py").write_text(textwrap.dedent(script), encoding="utf-8")
        request = AgentRequest(
            text="# Shop\n",
            sha256="0" * 64,
            command=("python", "{project}/agent.py"),
            folder=tmp_path / "state",
            project=tmp_path,
            environment={"DESIGN": str(tmp_path / "design")},
            timeout=20,
        )
        return design_by_agent(replace(request, **changes))

    return start


def test_a_good_agent(run, bookstore):
    """What the agent writes is the design; the hash of the document is filled in, contracts are optional."""
    assert run(COPY) == replace(bookstore, prd_sha256="0" * 64)


def test_what_it_gets(run, tmp_path):
    """The agent gets the document, the prompt on standard input and as a file, the schemas and placeholders."""
    script = f"""
    {{}}
    import json, sys
    from pathlib import Path
    prompt = sys.stdin.read()
    assert prompt == Path(os.environ["ARCHITECT_PROMPT"]).read_text() == Path(sys.argv[2]).read_text()
    assert "service-map.yaml" in prompt
    assert Path(os.environ["ARCHITECT_PRD"]).read_text() == Path(sys.argv[1]).read_text() == "# Shop\\n"
    assert sys.argv[3] == os.environ["ARCHITECT_OUTPUT"]
    assert json.loads(Path("service-map.schema.json").read_text())["title"]
    assert os.environ["ARCHITECT_TRY"] == "1"
    assert Path.cwd() == Path({str(tmp_path / "state/work")!r})
    """
    run(
        textwrap.dedent(script).format(COPY),
        command=("python", "{project}/agent.py", "{prd}", "{prompt}", "{output}"),
    )


@pytest.mark.slow
def test_feedback(run):
    """The reasons why earlier designs were rejected are in the prompt, and the try is counted."""
    script = COPY + "\nimport sys\np = sys.stdin.read()\nassert 'too many services' in p and 'no orders' in p\n"
    run(script + "assert os.environ['ARCHITECT_TRY'] == '3'\n", feedback=("too many services", "no orders"))


def test_its_environment_is_a_list_of_names(run, monkeypatch):
    """Nothing of the user's environment reaches the agent but what was named, the path and the language."""
    monkeypatch.setenv("MY_SECRET", "s3cr3t")
    allowed = (
        "{'PATH', 'LANG', 'LANGUAGE', 'LC_ALL', 'LC_CTYPE', 'TZ', 'HOME', 'TMPDIR', 'DESIGN', 'PWD', "
        "'TERM', 'NO_COLOR', 'PYTHONUNBUFFERED', 'GIT_TERMINAL_PROMPT', 'PYTEST_SUPERTEAM_AGENT'}"
    )
    script = (
        COPY
        + f"\nrest = {{n for n in os.environ if not n.startswith(('ARCHITECT_', 'XDG_'))}} - {allowed}\n"
        + "assert not rest, rest\n"
    )
    run(script)


BAD = (
    ("raise SystemExit('out of credit')", "'python' ended with status 1: out of credit"),
    ("import os; os.kill(os.getpid(), 9)", "'python' was ended by SIGKILL"),
    ("pass", "its output has no service-map.yaml."),
    (COPY + "open(out + '/service-map.yaml', 'w').write('services: [')", "'service-map.yaml' is no YAML"),
    (COPY + "os.symlink('/etc/passwd', out + '/contracts/auth-service.openapi.yaml')", "which is no plain file"),
    (
        COPY + "t = open(out + '/service-map.yaml').read().replace('- name: auth-service', '- name: ../../etc')\n"
        "open(out + '/service-map.yaml', 'w').write(t)",
        "services[0].name (../../etc): '../../etc' does not match",
    ),
)
WORSE = (
    (COPY + "open(out + '/service-map.yaml', 'wb').write(b'\\xff\\xfe\\x00')", "'service-map.yaml' is no YAML"),
    (COPY + "open(out + '/service-map.yaml', 'w').write('[' * 100_000)", "nests deeper than 100"),
    (COPY + "open(out + '/domain-model.yaml', 'w').write('a: &a [1]\\nb: *a\\n')", "has YAML aliases"),
    (COPY + "open(out + '/domain-model.yaml', 'w').write('- 1\\n')", "a mapping is expected, not list"),
    (
        COPY + "open(out + '/service-map.yaml', 'a').write('extra: 1\\n')",
        "is no design: service-map.yaml:1: the document: ",
    ),
    (COPY + "open(out + '/domain-model.yaml', 'w').write('!!python/object/apply:os.getcwd []')", "is no"),
    (COPY + "open(out + '/big.yaml', 'w').write('x' * 5_000_000)", "'big.yaml' is too large (5000000 bytes)"),
    (COPY + "[open(f'{out}/{n}.txt', 'w').close() for n in range(600)]", "more than 500 files"),
    (COPY + "os.symlink('/etc', out + '/more')", "'more', which is no plain file"),
    (COPY + "os.mkfifo(out + '/pipe')", "'pipe', which is no plain file"),
    (COPY + "shutil.rmtree(out); os.symlink('/etc', out)", "its output folder is gone, or became a link"),
    (COPY + "open(out + '/contracts/x.openapi.yaml', 'w').write('a: 1')", "is the contract of no service"),
    (
        COPY + "t = open(out + '/service-map.yaml').read().replace('path: /books', 'path: /../../etc {x', 1)\n"
        "open(out + '/service-map.yaml', 'w').write(t)",
        "is no path such as",
    ),
    (
        COPY + "open(out + '/contracts/auth-service.openapi.yaml', 'w').write('openapi: 3.1.0\\n')",
        "is no contract of the design",
    ),
)
"""More of the same, which the fast runs leave out."""


@pytest.mark.parametrize(("script", "said"), [*BAD, *(pytest.param(*case, marks=pytest.mark.slow) for case in WORSE)])
def test_a_bad_agent(run, script, said):
    """An agent that fails, or leaves something unusable, is one line that names what was wrong."""
    with pytest.raises(ArchitectError) as caught:
        run(script)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_contract_that_fetches(run, bookstore, tmp_path):
    """A contract that refers to a file or an address is refused, not followed."""
    made = contracts(bookstore)["auth-service"]
    made["paths"]["/auth/me"]["get"]["responses"]["200"] = {"$ref": "file:///etc/passwd"}
    write_architecture(replace(bookstore, contracts={"auth-service": made}), tmp_path / "design")
    with pytest.raises(ArchitectError, match="leads out of the document"):
        run(COPY)


@pytest.mark.slow
def test_a_contract_of_its_own(run, bookstore, tmp_path):
    """A contract that the agent brings is taken as it is."""
    made = contracts(bookstore)["auth-service"]
    made["info"]["title"] = "mine"
    write_architecture(replace(bookstore, contracts={"auth-service": made}), tmp_path / "design")
    assert run(COPY).contracts["auth-service"]["info"]["title"] == "mine"


@pytest.mark.slow
def test_a_contract_that_does_not_fit(run, bookstore, tmp_path):
    """A contract with other operations than the service map is refused."""
    made = contracts(bookstore)["auth-service"]
    del made["paths"]["/auth/me"]
    write_architecture(replace(bookstore, contracts={"auth-service": made}), tmp_path / "design")
    with pytest.raises(ArchitectError, match=r"service-map\.yaml has GET /auth/me, the contract has not"):
        run(COPY)


def test_no_such_command(run):
    """A command that is not there is named."""
    with pytest.raises(ArchitectError, match="'no-such-agent' can't be started"):
        run(COPY, command=("no-such-agent",))


def test_a_command_that_is_no_program(run, tmp_path):
    """A file that is there and can't be executed is told from one that is not there."""
    (tmp_path / "agent.sh").write_text("echo", encoding="utf-8")
    with pytest.raises(ArchitectError, match=r"'\./agent\.sh' can't be started: it is not executable"):
        run(COPY, command=("./agent.sh",))


def test_a_command_below_the_project(run, tmp_path):
    """A command with a slash is looked for from the project, as the settings are written there."""
    script = tmp_path / "bin/agent"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\n{COPY}", encoding="utf-8")
    script.chmod(0o755)
    assert run("", command=("bin/agent",)).services


def left(tmp_path):
    """Return the processes that still work below a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(tmp_path)) and process.pid != os.getpid():
                found.append(process.cmdline())
        except (psutil.Error, OSError):
            continue
    return found


CHILDREN = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
print("started", flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "end", ["time.sleep(300)", "import signal; signal.signal(15, signal.SIG_IGN); time.sleep(300)"]
)
def test_an_agent_that_hangs(run, tmp_path, end):
    """An agent that does not end in time is killed with all that it started, and what it said is kept."""
    with pytest.raises(ArchitectError, match=r"did not end within 1.5 s \(`timeouts.architect`\)"):
        run(CHILDREN + end, timeout=1.5)
    assert left(tmp_path) == []
    assert (tmp_path / "state/agent.log").read_text() == "started\n"


def test_what_an_agent_leaves_running(run, tmp_path):
    """Processes that an agent leaves behind end with it, though they are in a session of their own."""
    assert run(CHILDREN + COPY).services
    assert left(tmp_path) == []


@pytest.mark.slow
def test_huge_output(run, tmp_path):
    """Of what an agent prints the beginning and the end are kept; an endless printer costs no memory."""
    script = (
        "import sys\nsys.stdout.write('begin')\nfor _ in range(300): sys.stdout.write('x' * 100_000)\nprint('end')\n"
    )
    run(script + COPY)
    log = (tmp_path / "state/agent.log").read_text()
    assert len(log) < 1_100_000
    assert log.startswith("begin")
    assert log.endswith("end\n")
    assert "bytes left out" in log


@pytest.mark.slow
def test_endless_files(run, tmp_path):
    """An agent that writes without end is stopped."""
    script = COPY + "\nwith open(out + '/x.txt', 'w') as f:\n    while True: f.write('x' * 1_000_000); f.flush()\n"
    with pytest.raises(ArchitectError, match="wrote more than 64 MiB"):
        run(script, timeout=60)
    assert left(tmp_path) == []


def test_the_log_holds_no_secret(run, tmp_path):
    """What is logged goes through the mask first."""
    run(COPY + "\nprint('key hunter2')\n", redact=lambda text: text.replace("hunter2", "****"))
    assert "****" in (tmp_path / "state/agent.log").read_text()


@pytest.mark.slow
def test_each_try_begins_empty(run, tmp_path):
    """Nothing of an earlier try is left in the output; a link in its place is removed, not followed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine")
    (tmp_path / "state").mkdir()
    (tmp_path / "state/output").symlink_to(outside)
    run(COPY)
    with pytest.raises(ArchitectError, match=r"has no service-map\.yaml"):
        run("pass")
    assert (outside / "mine.txt").read_text() == "mine"


class Interrupt(BaseException):
    """What a signal's handler raises."""


@pytest.mark.slow
def test_an_interrupted_run(run, tmp_path):
    """A handler that raises while the agent works ends the agent with all that it started."""

    def interrupt(_number, _frame):
        raise Interrupt

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with pytest.raises(Interrupt):
            run(CHILDREN + f"os.kill({os.getpid()}, {signal.SIGUSR1:d}); time.sleep(300)")
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert left(tmp_path) == []
    assert (tmp_path / "state/agent.log").read_text() == "started\n"
