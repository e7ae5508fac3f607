"""Layer 1 of found services: files that their language can't read."""

from __future__ import annotations

import pytest

from pytest_superteam.checks.own_tests.build import check_found_build
from pytest_superteam.errors import CheckError
from pytest_superteam.models import FoundService

STYLED = "const Box = styled.div<{ wide: boolean }>`\n  width: ${(p) => (p.wide ? 1 : 2)}px;\n`;\nexport default Box;\n"


def check(folder, files, name="shop"):
    """Write a service below `folder`; return what the check says of it."""
    for path, content in files.items():
        place = folder / name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return check_found_build(FoundService(name, folder=name), folder)


@pytest.mark.parametrize(
    ("path", "content", "line"),
    [
        ("app/main.py", "x = 1\ndef broken(:\n", 2),
        ("app/main.py", "x = '\\d'\nprint 'no'\n", 2),
        ("app/main.py", b"x = 1\0\n", 0),
        ("app/page.py", "TEXT = '{% if a %}'\ndef broken(:\n", 2),
        ("package.json", '{\n  "name": "shop",\n}\n', 3),
        ("package.json", "[]", 1),
        ("src/app.js", "const a = 1;\nfunction broken( {\n  return 1;\n", 2),
        ("src/app.js", "const = 3;\n", 1),
        ("src/app.ts", "export class A {\n  run(): void {\n", 2),
        ("src/app.ts", "<<<<<<< HEAD\nconst a = 1;\n=======\nconst a = 2;\n>>>>>>> other\n", 1),
        ("main.go", "package main\nfunc main() {\n\tif true {\n}\n", 2),
        ("src/main/java/A.java", "class A {\n  void a( {\n  }\n", 1),
    ],
)
def test_files_that_do_not_read(tmp_path, path, content, line):
    """A file that its language can't read is a violation with its place."""
    [violation] = check(tmp_path, {path: content}).violations
    assert (violation.code, violation.service, violation.file) == ("BUILD-001", "shop", path)
    assert line - 1 <= violation.line <= line + 3
    assert path in violation.message


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("app/main.py", "x = '\\d'\n"),
        ("app/main.py", "def f():\n    match 1:\n        case _: ...\n"),
        ("src/Box.tsx", STYLED),
        ("main.go", "package main\n\nvar x = new(*y.z)\n"),
        ("src/app.jsx", "export const A = () => <p>{'a & b'}</p>;\n"),
        ("app/page.py", "import {{ cookiecutter.name }}\n"),
        ("templates/app.js", "var a = {% if b %}1{% endif %};\n"),
        ("src/flow.js", "// @flow\nexport type A = {| b: ?string |};\n"),
        ("tests/test_broken.py", "def broken(:\n"),
        ("node_modules/a/index.js", "function (\n"),
        ("node_modules/a/package.json", "{"),
        ("package.json", "\ufeff{}"),
        ("notes.txt", "def broken(:"),
    ],
)
def test_files_that_read(tmp_path, path, content):
    """Correct code is none, even where our grammar does not know it, nor what is no code of the service."""
    assert check(tmp_path, {path: content}).violations == ()


def test_what_the_grammar_does_not_know_is_told(tmp_path):
    """A file that only our grammar can't make out is no violation, but is not counted as read either."""
    result = check(tmp_path, {"src/Box.tsx": STYLED, "src/a.ts": "export const a = 1;\n"})
    assert result.detail == "2 files of code read, 1 not wholly, such as src/Box.tsx"


def test_many_broken_files(tmp_path):
    """Twenty files are told one by one, the rest as a number."""
    violations = check(tmp_path, {f"a{number:02}.py": "(" for number in range(25)}).violations
    assert len(violations) == 21
    assert "5 more files" in violations[-1].message


def test_excluded_and_foreign_files(tmp_path):
    """The project's own globs and other services inside the folder are left out."""
    check(tmp_path, {"legacy/old.py": "print 1\n", "other/main.py": "(\n"})
    service = FoundService("shop", folder="shop")
    assert len(check_found_build(service, tmp_path, exclude=()).violations) == 2
    assert check_found_build(service, tmp_path, exclude=("legacy/",), skip=("other",)).violations == ()


@pytest.mark.parametrize("folder", ["", "nowhere", "../elsewhere"])
def test_no_source(tmp_path, folder):
    """A service without source in the system can't be read: an error, no pass."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "system").mkdir()
    with pytest.raises(CheckError, match="no source"):
        check_found_build(FoundService("shop", folder=folder), tmp_path / "system")
