"""SEC-001, HEALTH-001 and ADV-002 in all frameworks: tables of small services, compared exactly by file and line.

A table holds samples. `=== title` begins one (a title that ends with a file's name names its one file, else it is
`app.py`), `--- path` a file of it. Lines with a finding end with `#! CODE` or `//! CODE`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

TABLES = Path(__file__).parent / "tables"
MARK = re.compile(r"(?:#|//)!\s*([A-Z]+-\d+)\s*$")
NAMED = re.compile(r"(\S+\.(?:js|ts|tsx))$")


def table(name):
    """Return the samples of a table as pytest parameters of their files."""
    found = []
    for part in re.split(r"(?m)^=== ", (TABLES / name).read_text())[1:]:
        title, _, body = part.partition("\n")
        named = NAMED.search(title.strip())
        if body.startswith("--- "):
            files = dict(piece.split("\n", 1) for piece in re.split(r"(?m)^--- ", body)[1:])
        else:
            files = {named[1] if named else "app.py": body}
        found.append(pytest.param(files, id=title.strip()))
    return found


def check(samples, files, code):
    """Compare the findings of `code` with the marks in `files`."""
    wanted = [
        (path, number)
        for path, text in files.items()
        for number, line in enumerate(text.split("\n"), 1)
        if (mark := MARK.search(line)) and mark[1] == code
    ]
    assert [(v.file, v.line) for v in samples.violations(files, code)] == sorted(wanted)


@pytest.mark.parametrize("files", table("endpoints_python.txt"))
def test_endpoints_in_python(samples, files):
    """SEC-001 knows what authenticates in each framework of Python, and what only looks so."""
    check(samples, files, "SEC-001")


@pytest.mark.parametrize("files", table("endpoints_javascript.txt"))
def test_endpoints_in_javascript(samples, files):
    """SEC-001 knows what authenticates in each framework of JavaScript and TypeScript, and what only looks so."""
    check(samples, files, "SEC-001")


@pytest.mark.parametrize("files", table("health.txt"))
def test_health(samples, files):
    """HEALTH-001 finds the application that has no health route, of its own or of a library."""
    check(samples, files, "HEALTH-001")


@pytest.mark.parametrize("files", table("contracts.txt"))
def test_contracts(samples, files):
    """ADV-002 stands at the operation that no route implements, and at the route that no operation promises."""
    check(samples, files, "ADV-002")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="older interpreters do not parse `type X = ...`")
def test_type_alias_of_a_dependency(samples):
    """A dependency behind a `type` statement protects the route that takes it."""
    samples.check(
        """\
        from typing import Annotated
        from fastapi import Depends, FastAPI, HTTPException
        from fastapi.security import OAuth2PasswordBearer
        scheme = OAuth2PasswordBearer(tokenUrl="token")
        async def current_user(token: Annotated[str, Depends(scheme)]):
            return token
        type Me = Annotated[str, Depends(current_user)]
        app = FastAPI()
        @app.get("/users/me")
        async def me(user: Me): ...
        @app.get("/items")  #! SEC-001
        async def items(): ...
        """,
        "SEC-001",
    )
