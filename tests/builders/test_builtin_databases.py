"""Built services and their databases: PostgreSQL's ways, a database that is away, errors that callers understand."""

import asyncio
import json
import os
import subprocess
import sys

import pytest
from architectures import BOOKSTORE, contracted, entity, operation

from pytest_superteam.builders.base import BuildRequest
from pytest_superteam.builders.builtin import BuiltinBuilder
from pytest_superteam.models import Architecture, Field, Service

BEGIN = """
import json, os, secrets, sys
sys.path[:0] = [".", "tests"]
os.environ["JWT_SECRET"] = secrets.token_hex(32)
"""
URLS = """
from app.settings import Settings, settings
found = []
for url in json.loads(sys.argv[1]):
    os.environ["DATABASE_URL"] = url
    settings.cache_clear()
    found.append([settings().database_url, "hidden" not in repr(settings())])
print(json.dumps(found))
"""
ERRORS = """
import asyncio
from sqlalchemy import exc
from app import problems
class Cause(Exception):
    def __init__(self, sqlstate=None, name=""):
        self.sqlstate, self.sqlite_errorname = sqlstate, name
def answer(error):
    return asyncio.run(problems._database(None, error)).status_code
print(json.dumps([
    answer(exc.OperationalError("", {}, Cause("40P01"))),
    answer(exc.OperationalError("", {}, Cause("40001"))),
    answer(exc.DataError("", {}, Cause("22021"))),
    answer(exc.OperationalError("", {}, Cause("54000"))),
    answer(exc.OperationalError("", {}, Cause())),
    answer(exc.OperationalError("", {}, Cause("53300"))),
    answer(exc.OperationalError("", {}, Cause(name="SQLITE_BUSY"))),
    answer(exc.TimeoutError()),
    answer(exc.OperationalError("", {}, Cause(name="SQLITE_ERROR"))),
    answer(exc.ProgrammingError("", {}, Cause("42P01"))),
]))
"""
AWAY = """
import tempfile, time
folder = tempfile.mkdtemp() + "/later"
os.environ["DATABASE_URL"] = f"sqlite:///{folder}/t.db"
from fastapi.testclient import TestClient
from app.main import app
with TestClient(app, raise_server_exceptions=False) as client:
    away = [client.get(path).status_code for path in ("/health", "/ready", "/books")]
    os.mkdir(folder)
    for _ in range(100):
        if client.get("/ready").status_code == 200:
            break
        time.sleep(0.1)
    print(json.dumps([away, [client.get(path).status_code for path in ("/health", "/ready", "/books")]]))
"""
LOWER = """
import tempfile
os.environ["DATABASE_URL"] = f"sqlite:///{tempfile.mkdtemp()}/t.db"
from sqlalchemy import text
from app.database import reading
with reading() as session:
    texts = ("\\u00c9T\\u00c9", "\\u0130", "", None)
    print(json.dumps([session.scalar(text("SELECT lower(:t)"), {"t": t}) for t in texts]))
"""
TWICE = """
import tempfile
os.environ["DATABASE_URL"] = f"sqlite:///{tempfile.mkdtemp()}/t.db"
from datetime import UTC, datetime
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session
from app import auth, models
from app.database import reading
from app.main import app
caller = auth.Caller("x", "customer", None, "token", datetime.now(UTC).replace(year=2100))
with TestClient(app):
    auth.revoke(caller)
    Session.get = lambda *_: None
    auth.revoke(caller)
    with reading() as session:
        print(json.dumps(session.query(models.RevokedToken).count()))
"""


def build(directory, service, architecture=BOOKSTORE):
    """Build one service and return its folder."""
    asyncio.run(BuiltinBuilder().build(BuildRequest(service, architecture, directory)))
    return directory


def run(directory, *arguments):
    """Run Python in a built service and return what it printed last."""
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "LOG_LEVEL": "CRITICAL"}
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def script(directory, text, *arguments):
    """Return the JSON that a script prints in a built service."""
    return json.loads(run(directory, "-c", BEGIN + text, *arguments).splitlines()[-1])


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """Build the catalog."""
    return build(tmp_path_factory.mktemp("catalog"), "catalog-service")


def test_plain_urls_get_the_driver(catalog):
    """A URL of PostgreSQL without a driver gets the one that is installed; the password is in no log."""
    urls = {
        "postgresql://u:hidden@db/x": "postgresql+psycopg://u:hidden@db/x",
        "postgres://u:hidden@db:5432/x?sslmode=require": "postgresql+psycopg://u:hidden@db:5432/x?sslmode=require",
        "postgresql+psycopg://u:hidden@db/x": "postgresql+psycopg://u:hidden@db/x",
        "sqlite:///x.db": "sqlite:///x.db",
    }
    assert script(catalog, URLS, json.dumps(list(urls))) == [[url, True] for url in urls.values()]


def test_errors_of_the_database(catalog):
    """What another transaction undid is a conflict, what does not fit invalid, no database 503, a bug an error."""
    assert script(catalog, ERRORS) == [409, 409, 422, 422, 503, 503, 503, 503, 500, 500]


def test_database_that_comes_up_late(catalog):
    """Without a database a service lives and is not ready; it makes its tables as soon as there is one."""
    assert script(catalog, AWAY) == [[200, 503, 503], [200, 200, 200]]


def test_search_knows_more_letters_than_ascii(catalog):
    """SQLite makes letters small as PostgreSQL does, one for each."""
    assert script(catalog, LOWER) == ["\u00e9t\u00e9", "i", "", None]


def test_sign_out_at_the_same_time(tmp_path):
    """A token that another request takes back meanwhile is taken back, which is no error."""
    assert script(build(tmp_path, "member", _members()), TWICE) == 1


def _members():
    person = entity("User", "member", Field("email", "email", unique=True), Field("password", "password"))
    acts = (
        operation("member", "POST /register", "register", "register", "User", public=True),
        operation("member", "POST /login", "login", "login", "User", public=True),
        operation("member", "POST /logout", "logout", "logout", None),
    )
    services = (Service("member", issuer=True),)
    return contracted(Architecture("Members", "0" * 64, services, (person,), acts, roles=("customer",)))


def test_what_postgresql_has_its_own_ideas_about(tmp_path):
    """Unique JSON is stored as text, and no column has a name that PostgreSQL keeps for itself."""
    fields = (Field("tags", "list", unique=True), Field("box", "json", unique=True), Field("xmin", "number"))
    acts = (operation("shapes", "POST /shapes", "create", "create_shape", "Shape", roles=("admin",)),)
    shape = entity("Shape", "shapes", *fields)
    system = contracted(Architecture("Shapes", "0" * 64, (Service("shapes"),), (shape,), acts, roles=("admin",)))
    folder = build(tmp_path, "shapes", system)
    models = (folder / "app/models.py").read_text()
    assert models.count("mapped_column(JsonText, unique=True)") == 2
    assert "    xmin: " not in models
    assert "passed" in run(folder, "-m", "pytest", "-q", "tests", "-p", "no:cacheprovider")


def test_image_holds_nothing_of_the_build(catalog):
    """Index and CA bundle are known to the stage that installs, and only the packages leave it."""
    stages = (catalog / "Dockerfile").read_text().split("\nFROM ")
    assert len(stages) == 3
    assert "ARG PIP_INDEX_URL" in stages[1]
    assert "--mount=type=secret,id=ca_bundle" in stages[1]
    assert "COPY --from=packages /packages /packages" in stages[2]
    assert "PIP_" not in stages[2]
    assert "ca_bundle" not in stages[2]
