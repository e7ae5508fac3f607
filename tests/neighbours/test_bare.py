"""The built wheel without any extra: what reads the source runs, and one line names an extra that is missing."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from installing import environment, wheel

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PRD = """\
# Notes

## Note service

- Note: title (string, required), body (text)

| method | path | what |
| --- | --- | --- |
| POST | /notes | create a note |
| GET | /notes | list notes |
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the wheel of the checkout."""
    return wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def bare(built, tmp_path_factory):
    """Return a function that runs pytest in an environment of the wheel alone, in a folder with a PRD."""
    python = environment(tmp_path_factory.mktemp("bare"), str(built))
    folder = tmp_path_factory.mktemp("project")
    (folder / "PRD.md").write_text(PRD, encoding="utf-8")

    def run(*arguments):
        argv = [str(python), "-m", "pytest", *arguments]
        return subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=300, check=False)

    return run


def test_the_wheel_is_whole(built):
    """Each file of the package is in the wheel: templates, schemas, presets and style sheets as well as modules."""
    package = ROOT / "pytest_superteam"
    files = (path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    expected = {path.relative_to(ROOT).as_posix() for path in files}
    with zipfile.ZipFile(built) as archive:
        assert expected - set(archive.namelist()) == set()


def test_the_static_gate(bare):
    """Design, build and the gate over the source need no extra, for a document and for a system that is there."""
    for about in (("--prd", "PRD.md"), ("--system", ".")):
        ended = bare(*about, "-m", "layer3 or layer4", "-q")
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "passed" in ended.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "extra"),
    [
        (("--html=gate.html",), "html"),
        (("-n", "2"), "xdist"),
        (("--deploy", "compose"), "compose"),
        (("--state-url", "postgresql+psycopg://user@127.0.0.1/none"), "postgresql"),
    ],
)
def test_a_missing_extra(bare, options, extra):
    """What needs an extra ends with exit code 4 and one line that names it."""
    ended = bare("--prd", "PRD.md", *options)
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in ended.stderr.splitlines() if line]
    assert line.startswith(f"ERROR: {options[0].partition('=')[0]}: ")
    assert f"pip install 'pytest-superteam[{extra}]'" in line


def test_it_is_the_wheel_that_is_tested():
    """Under tox the tests run against what was installed, not against the checkout."""
    import pytest_superteam

    place = Path(pytest_superteam.__file__)
    if ".tox" not in sys.prefix:
        pytest.skip("not under tox: the package may be an editable install")
    assert place.is_relative_to(sys.prefix)
