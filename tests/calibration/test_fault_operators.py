"""Each kind of fault finds its place in services of the built-in builder, and changes nothing else."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from pytest_superteam.calibration.fault import Fault, all_faults, choose, fault
from pytest_superteam.calibration.source import Source
from pytest_superteam.models import Architecture
from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan_target

FAULTS = {item.id: item for item in all_faults()}
NEEDS_COMPOSE = {"privileged-container", "host-network"}
"""Faults for which the built-in builder writes no file."""
GONE = ""

TABLE = [  # fault, service, what stands there before, and what afterwards
    ("auth-check-dropped", "tool-service", '"/sheds", status_code=201, dependencies=', '"/sheds", status_code=201)'),
    ("role-check-dropped", "tool-service", 'Depends(allow("keeper"))', "Depends(allow())"),
    ("owner-check-dropped", "loan-service", "queries.visible_loans(caller).where", "queries.select(models.Loan).where"),
    ("list-leaks", "loan-service", "query = queries.visible_loans(caller)\n", "query = queries.select(models.Loan)\n"),
    ("mass-assignment", "member-service", 'role="member"', "{'role': \"member\"} |"),
    ("unknown-fields-taken", "tool-service", 'extra="forbid"', 'extra="ignore"'),
    ("login-tells-users", "member-service", GONE, 'raise Unauthorized("There is no such user.")'),
    ("wrong-password-accepted", "member-service", "if not password_matches(", "if row is None:"),
    ("logout-does-nothing", "member-service", "    revoke(caller)\n", "    pass\n"),
    ("response-field-renamed", "tool-service", "    count: int", "    count_value: Annotated[int, pydantic.Field("),
    ("response-field-dropped", "tool-service", "    hint: str | None\n", "    pass\n"),
    ("consumer-field-dropped", "tool-service", "    id: UUID\n", "    pass\n    shed_id"),
    ("request-field-renamed", "tool-service", GONE, "pydantic.Field(alias='kind_value')"),
    ("undeclared-status", "tool-service", "status_code=201", "status_code=202"),
    ("conflict-as-bad-request", "tool-service", "super().__init__(409", "super().__init__(400"),
    ("undeclared-content-type", "tool-service", GONE, 'media_type="text/plain")'),
    ("error-content-type", "mail-service", '"application/problem+json"', '"application/json"'),
    ("number-as-text", "tool-service", "    count: int", "lambda value: str(value))]"),
    ("naive-timestamp", "loan-service", "    created_at: datetime", "value.replace(tzinfo=None).isoformat())]"),
    ("other-id-format", "loan-service", "    id: UUID", "lambda value: value.hex)]"),
    ("enum-case-changed", "tool-service", "    kind: ToolKind\n", "str(value).swapcase())]"),
    ("null-for-value", "tool-service", "    name: str", "Annotated[str | None, pydantic.PlainSerializer("),
    ("missing-for-null", "tool-service", GONE, "response_model_exclude_none=True"),
    ("password-hash-told", "member-service", GONE, "    password_hash: str\n"),
    ("constraint-dropped", "tool-service", "Field(min_length=1, max_length=80)", "Field(min_length=1)"),
    ("constraint-tightened", "tool-service", "max_length=80", "max_length=20"),
    ("enum-value-refused", "tool-service", "    kind: ToolKind\n", "    kind: Literal['hand']\n"),
    ("required-made-optional", "tool-service", GONE, 'max_length=80)] = "none"\n'),
    ("event-not-published", "loan-service", 'events.publish(session, "LoanCreated", answer)', "pass\n"),
    ("dead-event", "loan-service", '"LoanCreated"', "'LoanCreatedTwice'"),
    ("event-payload-renamed", "loan-service", GONE, '"identifier" if k == "id" else k'),
    ("event-payload-incomplete", "loan-service", 'mode="json")', 'mode="json", include={"id"})'),
    ("event-not-delivered", "loan-service", "clients.send_event(", "            pass\n"),
    ("event-envelope-incomplete", "loan-service", '"time": row', '"at": row'),
    ("event-crashes-consumer", "mail-service", "except (KeyError, TypeError, ValueError):", "except MemoryError:"),
    (
        "event-not-acted-on",
        "mail-service",
        "            _write_notifications(session, message)\n",
        "            pass\n",
    ),
    ("event-acted-on-twice", "mail-service", "id=message.id", "id=str(uuid4())"),
    ("undeclared-event-taken", "mail-service", 'EventType = Literal["', "EventType = str\n"),
    ("root-container", "tool-service", "USER service\n", ""),
    ("image-unpinned", "tool-service", "ARG PYTHON_IMAGE=python:3.", "ARG PYTHON_IMAGE=python:latest"),
    ("secret-in-image", "tool-service", GONE, "ENV JWT_SECRET="),
    ("everything-copied", "tool-service", "COPY app ./app", "COPY . ."),
    ("healthcheck-dropped", "tool-service", "HEALTHCHECK ", "EXPOSE 8000\nCMD"),
    ("password-logged", "member-service", GONE, 'info("credentials of %s: %s", body.email, body.password)'),
    ("token-logged", "tool-service", GONE, 'info("token %s", token)'),
    ("print-for-log", "tool-service", GONE, 'print("read_tool was called")'),
    ("trace-not-sent", "loan-service", '"traceparent": traceparent()}', '"x-request": "1"}'),
    ("trace-not-taken", "tool-service", 'start_span(headers.get(b"traceparent"', "        start_span()\n"),
    ("trace-not-logged", "tool-service", "if span := _current.get():", "        pass\n"),
    ("requests-not-logged", "tool-service", "_access.info(", "            None"),
    ("trace-lost-in-events", "loan-service", "start_span(row.traceparent)", "start_span()"),
    ("error-swallowed", "loan-service", "except SQLAlchemyError:", "except Exception:\n                pass"),
    ("readiness-blind", "tool-service", "except SQLAlchemyError:", "except Exception:\n        pass"),
    ("error-details-told", "tool-service", '500, "Something', "500, repr(error))"),
    ("outgoing-error-unhandled", "loan-service", "except (httpx.HTTPError", "except (ValueError, KeyError, TypeError)"),
    ("outgoing-without-token", "loan-service", '"authorization":', '"x-token":'),
    ("outgoing-wrong-path", "loan-service", "/tools/{tool_id}", "/tools/v0/{tool_id}"),
    ("outgoing-field-misread", "loan-service", '.json()["id"]', '.json()["identifier"]'),
    ("outgoing-without-limit", "loan-service", "timeout=_TIMEOUT", "timeout=None"),
    ("certificates-unchecked", "loan-service", GONE, "timeout=_TIMEOUT, verify=False)"),
    ("delete-skipped", "tool-service", "session.delete(row)", "        pass\n"),
    ("create-not-stored", "tool-service", GONE, "        session.delete(row)\n    return answer"),
    ("update-not-stored", "tool-service", GONE, "        session.expunge(row)\n"),
    ("filter-ignored", "tool-service", "query = query.where(models.Tool.kind == kind)", "        pass\n"),
    ("order-unstable", "tool-service", "query.order_by(models.Tool.created_at", "order_by(func.random())"),
    ("total-wrong", "tool-service", "), total\n", "), min(total, limit)\n"),
    ("limit-ignored", "tool-service", "query.limit(limit)", "query.limit(2**31)"),
    ("offset-ignored", "tool-service", ".offset(offset)", ".limit(limit))), total"),
    ("unique-dropped", "tool-service", "unique=True", "String(80))"),
    ("unknown-reference-taken", "loan-service", "if not clients.tool_exists(", "    pass\n"),
    ("foreign-key-dropped", "tool-service", "queries.require(", "        pass\n"),
    ("row-not-found-answers-empty", "tool-service", GONE, ").first() is None:\n            return\n"),
    ("does-not-compile", "tool-service", GONE, "app = (\n"),
    ("does-not-start", "tool-service", GONE, 'raise RuntimeError("a setting is missing")\napp = '),
    ("own-tests-fail", "tool-service", GONE, "    assert False\n"),
    ("operation-missing", "tool-service", "def delete_tool(", "pass\n"),
    ("undeclared-operation", "tool-service", GONE, '@router.get("/tools-export")'),
    ("health-gone", "tool-service", "app.include_router(health.router)", "    pass\n"),
    ("slow-endpoint", "tool-service", GONE, "if next(_calls) in (3, 5, 7) else 0)"),
    ("error-on-edge-value", "tool-service", GONE, "_ = 1 // (80 - len(body.name))"),
    ("error-on-last-page", "tool-service", GONE, "_ = 1 // (100 - limit)"),
    ("sql-injection", "tool-service", GONE, """text(f"SELECT 1 WHERE '{body.name}' = ''")"""),
    ("illegal-transition-accepted", "loan-service", GONE, "('asked', 'lost'): frozenset(),"),
    ("legal-transition-refused", "loan-service", '("asked", "lent"): ', "('asked', 'lent-never'): "),
    ("wrong-initial-state", "loan-service", 'status="asked"', "status='lent'"),
    ("transition-not-stored", "loan-service", GONE, "        session.rollback()\n"),
    ("lost-update", "loan-service", "models.Loan.status == row.status)", 'set_committed_value(row, "status", state)'),
    ("sees-all-widened", "loan-service", "return self.role in {", "return True\n"),
    ("signature-unverified", "tool-service", GONE, '"verify_signature": False, "require"'),
    ("algorithm-none", "tool-service", GONE, '.get("alg") != "none", "require"'),
    ("algorithm-none", "tool-service", GONE, '[_ALGORITHM, "none"],'),
    ("expiry-unchecked", "tool-service", GONE, '"verify_exp": False, "require"'),
    ("issuer-unchecked", "tool-service", "issuer=settings()", "algorithms=[_ALGORITHM],\n            options="),
    ("token-never-expires", "member-service", "timedelta(hours=1)", "timedelta(days=3650)"),
    ("signing-key-hardcoded", "tool-service", '"JWT_SECRET", "")', '"JWT_SECRET", \''),
    ("secret-hardcoded", "tool-service", GONE, 'SMTP_PASSWORD = "'),
    ("password-hash-weak", "member-service", "hashlib.scrypt(", "hashlib.md5(password.encode()).digest()"),
    ("cors-wildcard", "tool-service", "allow_origins=settings().cors_origins", 'allow_origins=["*"]'),
    ("cors-reflected", "tool-service", "allow_origins=", 'allow_origin_regex=".*", allow_credentials=True'),
]


def changed(source, change):
    """Return the lines that a change takes away and those that it adds, as texts."""
    removed, added = [], []
    for path, text in change.files.items():
        old, new = (source.text(path) or "").splitlines(keepends=True), (text or "").splitlines(keepends=True)
        for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind != "equal":
                removed += old[a:b]
                added += new[max(0, c - 2) : d + 1]
    return "".join(removed), "".join(added)


@pytest.mark.parametrize(("name", "where", "before", "after"), TABLE, ids=[row[0] for row in TABLE])
def test_fault_is_put_in(service, name, where, before, after):
    """A fault takes away what it should and puts in what it should, at one of its places."""
    found = [changed(service(where), change) for change in FAULTS[name].find(service(where))]
    assert any(before in removed and after in added for removed, added in found), found[:3]


def test_table_has_every_fault():
    """No kind of fault is without an example."""
    assert {row[0] for row in TABLE} | NEEDS_COMPOSE == set(FAULTS)


@pytest.mark.parametrize("name", sorted(set(FAULTS) - NEEDS_COMPOSE))
def test_fault_is_one(library, name):
    """Every place of a fault gives files that differ, that compile, and a line that exists."""
    wanted, places = FAULTS[name], 0
    for source in library:
        for change in wanted.find(source):
            places += 1
            path, _, line = change.place.rpartition(":")
            assert change.service == source.name
            assert path in change.files
            assert 1 <= int(line) <= (source.text(path) or "").count("\n") + 1
            for file, text in change.files.items():
                assert text != source.text(file)
                if file.endswith(".py") and not wanted.breaks:
                    compile(text, file, "exec", dont_inherit=True)
    assert places


def test_faults_are_many_and_of_every_layer():
    """There are kinds of faults for each layer, each told in words."""
    assert len(FAULTS) >= 45
    assert {layer for item in FAULTS.values() for layer in item.layers} == {1, 2, 3, 4}
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in FAULTS)
    assert len({item.kind for item in FAULTS.values()}) == len(FAULTS)


def test_choice_repeats(library):
    """The place of a fault depends on the seed alone."""
    wanted = FAULTS["response-field-renamed"]
    first = [choose(wanted, library, seed) for seed in range(8)]
    assert first == [choose(wanted, library, seed) for seed in range(8)]
    assert len({(change.service, change.place) for change in first}) > 1


def test_no_place(library):
    """A fault without a place in a system is not put in elsewhere."""
    assert [choose(FAULTS[name], library, 1) for name in sorted(NEEDS_COMPOSE)] == [None, None]


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_foreign_source_has_no_place(tmp_path, name):
    """Source that no operator knows is left alone, whatever it looks like."""
    files = {
        "app.py": "import os\n\ndef decode(token):\n    return token\n",
        "broken.py": "def (",
        "models.py": "x = 1\n",
        "clients.py": "HEADERS = {}\n",
        "schemas.py": "from typing import Any\n",
        "empty.py": "",
    }
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    assert list(FAULTS[name].find(Source("app", tmp_path, Architecture("x", "", ())))) == []


@pytest.mark.parametrize(("name", "line"), [("privileged-container", "privileged: true"), ("host-network", "host")])
def test_compose_faults(tmp_path, name, line):
    """A compose file of the service gets a setting in its first service."""
    import yaml

    (tmp_path / "compose.yaml").write_text("services:\n  # the only one\n  web:\n    image: web:1\n")
    change = choose(FAULTS[name], [Source("app", tmp_path, Architecture("x", "", ()))], 1)
    assert change is not None
    changed = yaml.safe_load(change.files["compose.yaml"])["services"]["web"]
    assert line in "".join(f"{key}: {value}".lower() for key, value in changed.items())
    assert changed["image"] == "web:1"


@pytest.mark.parametrize(
    ("name", "where", "code"),
    [("outgoing-error-unhandled", "loan-service", "ADV-005"), ("algorithm-none", "tool-service", "SEC-002")],
)
def test_fault_is_what_its_rule_describes(tmp_path, service, name, where, code):
    """A fault that a rule of the scanners describes is found by it, where nothing was found before."""
    source, root = service(where), tmp_path / where
    shutil.copytree(source.root, root)
    assert scan_target(ScanTarget(where, root), builtin_scanners(), [code]) == {code: []}
    change = next(iter(FAULTS[name].find(source)))
    for path, text in change.files.items():
        (root / path).write_text(text)
    assert scan_target(ScanTarget(where, root), builtin_scanners(), [code])[code]


NEAR_MISSES = [  # fault, service, why it would be no fault there
    ("total-wrong", "member-service", "it has no list"),
    ("offset-ignored", "member-service", "it has no list"),
    ("owner-check-dropped", "tool-service", "its rows belong to nobody"),
    ("role-check-dropped", "member-service", "its operations are for every role"),
    ("auth-check-dropped", "loan-service", "its guards stand in the signature"),
    ("outgoing-without-token", "tool-service", "it calls nobody"),
    ("consumer-field-dropped", "mail-service", "nobody reads its rows"),
    ("unknown-reference-taken", "tool-service", "its references are its own"),
    ("foreign-key-dropped", "loan-service", "its references are those of others"),
]


@pytest.mark.parametrize(("name", "where", "why"), NEAR_MISSES, ids=[f"{row[0]}-{row[1]}" for row in NEAR_MISSES])
def test_no_place_where_it_would_be_no_fault(service, name, where, why):
    """Nothing is put in where nobody could tell the difference."""
    assert list(FAULTS[name].find(service(where))) == [], why


@pytest.mark.parametrize(
    "name",
    ["event-not-delivered", "event-envelope-incomplete", "event-payload-renamed", "trace-lost-in-events"],
)
def test_events_that_nobody_hears_are_left_alone(service, name):
    """What becomes of an event is no fault where nobody listens to it."""
    source = service("loan-service")
    events = tuple(replace(event, consumers=()) for event in source.architecture.events)
    assert list(FAULTS[name].find(source))
    assert not list(FAULTS[name].find(Source(source.name, source.root, replace(source.architecture, events=events))))


@pytest.mark.parametrize("name", ["signature-unverified", "algorithm-none", "issuer-unchecked", "token-logged"])
def test_tokens_that_nobody_asks_for_are_left_alone(service, name):
    """What a service takes for a token is no fault where all its operations are public."""
    source = service("tool-service")
    public = tuple(replace(operation, public=True) for operation in source.architecture.operations)
    assert list(FAULTS[name].find(source))
    assert not list(
        FAULTS[name].find(Source(source.name, source.root, replace(source.architecture, operations=public)))
    )


def test_conflicts_that_no_contract_has_are_left_alone(service):
    """The status of conflicts is no fault where no operation can answer one."""
    source = service("tool-service")
    silent = replace(source.architecture, contracts={})
    assert list(FAULTS["conflict-as-bad-request"].find(source))
    assert not list(FAULTS["conflict-as-bad-request"].find(Source(source.name, source.root, silent)))


def test_declaring():
    """A declaration keeps what it is told, and a fault is a value."""

    @fault("some-fault", "something is wrong", 2, 3, breaks=True)
    def find(_service):
        yield from ()

    assert isinstance(find, Fault)
    assert (find.id, find.layers, find.breaks) == ("some-fault", (2, 3), True)
    assert replace(find, id="other-fault") != find


IMPORTS = """
import os, sys, traceback
import fastapi, httpx, jwt, pydantic, sqlalchemy.orm, fastapi.middleware.cors

for folder in sys.argv[1:]:
    if os.fork() == 0:  # a process for each service, without loading the libraries again
        try:
            os.chdir(folder)
            sys.path.insert(0, folder)
            import app.main
        except BaseException:
            print(folder, traceback.format_exc(limit=-2))
        sys.stdout.flush()
        os._exit(0)
    os.wait()
"""


@pytest.mark.slow
def test_faulty_services_import(library, tmp_path):
    """A service with any of the faults in it can still be imported, unless it is not meant to."""
    folders = []
    for name in sorted(name for name, item in FAULTS.items() if not item.breaks):
        for source in library:
            change = next(iter(FAULTS[name].find(source)), None)
            if change is not None and any(path.startswith("app/") for path in change.files):
                folders.append(tmp_path / name / source.name)
                for path in source.modules:
                    target = folders[-1] / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(change.files.get(path) or source.text(path))
                break
    environment = {"PATH": os.environ["PATH"], "JWT_SECRET": "k" * 40, "DATABASE_URL": "sqlite:///x.db"}
    command = [sys.executable, "-c", IMPORTS, *map(str, folders)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert len(folders) > 80
    assert done.stdout == ""
