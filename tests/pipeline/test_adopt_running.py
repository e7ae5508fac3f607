"""A system that exists already and runs: its addresses, its contracts, its items, and the settings that say so."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import yaml

from pytest_superteam.checks.base import Planning
from pytest_superteam.checks.callers.credentials import CARRIER_KEY
from pytest_superteam.config import AuthConfig, Config, ServicePath, SystemConfig, load_config
from pytest_superteam.config_entries import EnvironmentName
from pytest_superteam.errors import ConfigError, DeploymentError, UsageError
from pytest_superteam.models import CheckResult, Outcome, Severity, Violation
from pytest_superteam.pipeline.adopt import adopt
from pytest_superteam.pipeline.evaluation import Evaluation
from pytest_superteam.pipeline.given import check_answers, given_deployment
from pytest_superteam.pipeline.interfaces import find_interfaces, read_interfaces, write_interfaces
from pytest_superteam.pipeline.items import GateItem, plan_items

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Api", "version": "1"},
    "servers": [{"url": "/v2"}],
    "paths": {
        "/books": {"get": {"operationId": "list_books", "responses": {"200": {"description": "Fine"}}}},
        "/resetdb": {"get": {"responses": {"200": {"description": "Fine"}}}},
    },
}


@contextmanager
def answering(served=None, status=200):
    """Serve `served` at /openapi.json and `status` elsewhere; yields the URL and the requests."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            known = self.path == "/openapi.json" and served is not None
            body = json.dumps(served).encode() if known else b"{}"
            self.send_response(200 if known else (404 if served is None and "openapi" in self.path else status))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def named(*services):
    """Return the settings that name these services."""
    return Config(system=SystemConfig(services=services))


def interfaces_of(root, *services):
    """Return how the services of the settings are called."""
    return find_interfaces(adopt(root, named(*services)), Config())


@pytest.fixture
def root(tmp_path):
    """Return a system's folder with a service and its contract."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "app.py").write_text("x = 1\n")
    (tmp_path / "contract.yaml").write_text(yaml.safe_dump(DOCUMENT))
    return tmp_path


def test_services_that_run(root):
    """A service may have a folder, an address, or both; without a folder nothing of it is read."""
    entries = [ServicePath("api", url="http://127.0.0.1:1"), ServicePath(name="mail", url="http://127.0.0.1:2")]
    found = adopt(root, named(*entries))
    assert (list(found.services), list(found.running), found.names) == (["api"], ["api", "mail"], ("api", "mail"))
    assert [service.name for service in found.architecture().services] == ["api", "mail"]
    assert list(found.builds()) == ["api"]


def test_names_that_clash(root):
    """Two services of one name are refused."""
    with pytest.raises(UsageError, match="two services are called 'api'"):
        adopt(root, named(ServicePath("api"), ServicePath(name="api", url="http://127.0.0.1:1")))


def test_contract_of_the_settings(root):
    """The contract that is named is read, its server's path stands before the paths, and what resets is left out."""
    found = adopt(root, named(ServicePath("api", url="http://127.0.0.1:1/", contract="contract.yaml")))
    interfaces = find_interfaces(found, Config())
    assert interfaces.addresses == {"api": "http://127.0.0.1:1/v2"}
    assert interfaces.notes == (
        "api: contract contract.yaml",
        "api: not called, since it resets all data: GET /resetdb",
    )
    system = interfaces.architecture(found, AuthConfig())
    assert [operation.id for operation in system.operations] == ["list_books"]


def test_address_with_a_path(root):
    """An address with a path is taken as it is."""
    found = adopt(root, named(ServicePath("api", url="http://127.0.0.1:1/v9/", contract="contract.yaml")))
    assert find_interfaces(found, Config()).addresses == {"api": "http://127.0.0.1:1/v9"}


def test_reset_that_is_wanted(root):
    """A reset that the settings name is no news."""
    entry = ServicePath("api", url="http://127.0.0.1:1", contract="contract.yaml", reset="GET /resetdb")
    assert find_interfaces(adopt(root, named(entry)), Config()).notes == ("api: contract contract.yaml",)


def test_contract_in_the_folder(root):
    """Without a name, the document in the service's folder is found by what it holds."""
    (root / "api" / "whatever.json").write_text(json.dumps(DOCUMENT))
    found = adopt(root, named(ServicePath("api", url="http://127.0.0.1:1")))
    assert (
        find_interfaces(found, Config()).notes[0]
        == "api: contract api/whatever.json (it lies in its folder; preferred to contract.yaml)"
    )


def test_contract_that_is_served(root):
    """Without a document in the tree, the service is asked for it."""
    (root / "contract.yaml").unlink()
    with answering(DOCUMENT) as (url, _):
        interfaces = interfaces_of(root, ServicePath(name="far", url=url))
    assert interfaces.notes[0] == f"far: contract as served at {url}/openapi.json"
    assert list(interfaces.documents) == ["far"]


def test_contract_that_was_served(root):
    """What a service served in an earlier run stands where nothing runs, and is asked for again where it is started."""
    (root / "contract.yaml").unlink()
    record = root / "interfaces.json"
    with answering(DOCUMENT) as (url, _):
        write_interfaces(interfaces_of(root, ServicePath("api", url=url)), record)
    found = adopt(root, named(ServicePath("api")))
    before = find_interfaces(found, Config(), earlier=record)
    assert before.origins["api"] == f"as served at {url}/openapi.json in an earlier run"
    assert before.incomplete(found)
    write_interfaces(before, record)
    assert find_interfaces(found, Config(), earlier=record).origins == before.origins


def test_no_contract(root):
    """Where there is none, the reason is told and nothing of layer 2 is planned."""
    (root / "contract.yaml").unlink()
    with answering() as (url, _):
        found = adopt(root, named(ServicePath("api", url=url)))
        interfaces = find_interfaces(found, Config())
    assert interfaces.documents == {}
    assert "api: no contract: no document of the system is its own, and no routes could be read" in interfaces.notes[0]
    planning = Planning(interfaces.architecture(found, AuthConfig()), Config(), root, found=True)
    assert {item.layer for item in plan_items(planning, (), (), found)} <= {1, 3, 4}


def test_nothing_listens(root):
    """A service that is not there is told in a line; the source is looked at all the same."""
    (root / "contract.yaml").unlink()
    interfaces = interfaces_of(root, ServicePath("api", url="http://127.0.0.1:9"))
    assert interfaces.notes[-1].startswith("api: http://127.0.0.1:9")
    assert not any("\n" in note for note in interfaces.notes)


@pytest.mark.parametrize(
    ("contract", "text", "message"),
    [
        ("gone.yaml", "", "'gone.yaml' is no file in"),
        ("../contract.yaml", "", "'../contract.yaml' is no file in"),
        ("bad.yaml", "a: [", "system.services: contract: "),
        ("bad.yaml", "a: 1", "no OpenAPI"),
    ],
)
def test_contracts_that_cannot_be_read(root, contract, text, message):
    """A contract that the settings name has to be one, in the system."""
    if text:
        (root / contract).write_text(text)
    with pytest.raises(UsageError, match=message):
        interfaces_of(root, ServicePath("api", url="http://127.0.0.1:1", contract=contract))


def test_contract_in_several_files(root):
    """What the contract refers to in the system's other files is part of it; what lies elsewhere is not fetched."""
    answer = {"200": {"description": "Fine", "content": {"application/json": {"schema": {"$ref": "book.yaml"}}}}}
    document = {**DOCUMENT, "paths": {"/books/{id}": {"get": {"responses": answer}, "put": {"responses": answer}}}}
    (root / "book.yaml").write_text("type: object\nproperties: {title: {type: string}}\n")
    (root / "contract.yaml").write_text(yaml.safe_dump(document))
    found = adopt(root, named(ServicePath("api", url="http://127.0.0.1:1", contract="contract.yaml")))
    [entity] = find_interfaces(found, Config()).architecture(found, AuthConfig()).entities
    assert [field.name for field in entity.fields] == ["title"]
    (root / "contract.yaml").write_text(yaml.safe_dump(document).replace("book.yaml", "http://127.0.0.1:9/b.yaml"))
    assert find_interfaces(found, Config()).architecture(found, AuthConfig()).entities[0].fields == ()


def test_workers_read_what_the_owner_found(root):
    """What one process found, the others read; a record that is gone is told."""
    found = interfaces_of(root, ServicePath("api", url="http://127.0.0.1:1", contract="contract.yaml"))
    write_interfaces(found, root / ".superteam" / "interfaces.json")
    assert read_interfaces(root / ".superteam" / "interfaces.json") == found
    with pytest.raises(UsageError, match=r"can't be read.*Start the run again"):
        read_interfaces(root / "gone.json")


def test_settings_say_how_credentials_are_sent(root):
    """Header and scheme of the settings are written into the contracts that the checks see."""
    found = adopt(root, named(ServicePath("api", url="http://127.0.0.1:1", contract="contract.yaml")))
    interfaces = find_interfaces(found, Config())
    for auth, wanted in (
        (AuthConfig(header="X-API-Key"), {"header": "X-API-Key", "scheme": ""}),
        (AuthConfig(scheme="Token"), {"header": "Authorization", "scheme": "Token"}),
        (AuthConfig(token=EnvironmentName("T")), None),
    ):
        assert interfaces.architecture(found, auth).contracts["api"].get(CARRIER_KEY) == wanted


def test_items_of_services_that_run(root):
    """Layer 2 looks at what runs and layers 3 and 4 at what can be read."""
    entries = [ServicePath("api"), ServicePath(name="far", url="http://127.0.0.1:1", contract="contract.yaml")]
    found = adopt(root, named(*entries))
    planning = Planning(find_interfaces(found, Config()).architecture(found, AuthConfig()), Config(), root, found=True)
    items = plan_items(planning, (), (), found)
    assert {item.service for item in items if item.layer == 2} == {"far"}
    assert [item.key for item in items if item.layer == 1] == [
        "layer1::test_builds[api]",
        "layer1::test_own_tests[api]",
    ]


def test_waits_for_an_answer(tmp_path):
    """A service that answers anything is there; one that does not is named with its address."""
    with answering(status=404) as (url, asked):
        check_answers(given_deployment("run", {"api": url}, tmp_path), {"api": ServicePath(name="api", url=url)}, 1)
    assert asked == ["/"]
    gone = given_deployment("run", {"api": "http://127.0.0.1:9"}, tmp_path)
    with pytest.raises(DeploymentError, match=r"system\.services: api: not ready .*127\.0\.0\.1:9.*Start it"):
        check_answers(gone, {"api": ServicePath(name="api", url="http://127.0.0.1:9")}, 0.1)


@pytest.mark.parametrize("status", [200, 500])
def test_reset(tmp_path, status):
    """The reset of the settings is called once; one that is refused ends the phase."""
    with answering(status=status) as (url, asked):
        deployment = given_deployment("run", {"api": url}, tmp_path)
        entries = {"api": ServicePath(name="api", url=url, reset="GET /resetdb")}
        if status == 200:
            check_answers(deployment, entries, 1)
        else:
            with pytest.raises(DeploymentError, match="GET /resetdb answered 500"):
                check_answers(deployment, entries, 1)
    assert asked == ["/", "/resetdb"]


@pytest.mark.parametrize(("found", "reason"), [(True, ""), (False, "held back: 'api' failed layer 2 ")])
def test_failed_calls_hold_no_source_back(found, reason):
    """Layer 3 of a service that was found is asked whatever its answers are; one that was built waits."""
    run = SimpleNamespace(config=Config(), adopted=object() if found else None)
    gate = Evaluation(run)
    called = GateItem(2, "test_conformance", "api-list", "SCHEMA-001", Severity.ERROR, "api", blocking=True)
    read = GateItem(3, "test_scan", "api-SEC-003", "SEC-003", Severity.ERROR, "api", blocking=True)
    gate.select([called, read])
    gate.answers[called.key] = CheckResult((Violation("SCHEMA-001", Severity.ERROR, "api", "It does not."),))
    assert gate.outcome(called) is Outcome.FAILED
    assert gate.held_back(read).startswith(reason)
    assert bool(gate.held_back(read)) is bool(reason)


# ---------------------------------------------------------------- settings


def settings(tmp_path, text, **environment):
    """Return the settings of a file."""
    file = tmp_path / "superteam.yaml"
    file.write_text(text)
    return load_config(file, environment=environment, options={})


def test_settings_of_callers(tmp_path):
    """Everything about callers, as it is written."""
    text = """
auth:
  token: API_TOKEN
  tokens: {admin: ADMIN_TOKEN}
  users:
    - {role: editor, username: ada, password: ADA_PASSWORD}
  header: X-API-Key
  scheme: ""
  oauth2: {token_url: "https://id.example.com/token", client_id: gate, client_secret: CLIENT_SECRET, scope: a b}
"""
    auth = settings(tmp_path, text).auth
    assert (auth.token, dict(auth.tokens), auth.header, auth.scheme) == (
        "API_TOKEN", {"admin": "ADMIN_TOKEN"}, "X-API-Key", "",
    )  # fmt: skip
    assert (auth.users[0].role, auth.users[0].password, auth.oauth2.scope) == ("editor", "ADA_PASSWORD", "a b")
    assert settings(tmp_path, "", SUPERTEAM_AUTH_TOKENS="a=A, b=B").auth.tokens == {"a": "A", "b": "B"}
    assert settings(tmp_path, "", SUPERTEAM_AUTH_SCHEME="").auth.scheme == ""


TOKEN = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxIn0.abc"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"auth:\n  token: {TOKEN}", "superteam.yaml:2: auth.token: is no name of an environment variable"),
        ("auth:\n  token: ghp_" + "a1" * 12, "auth.token: is no name of an environment variable"),
        ("auth:\n  token: Zx81" + "abcDEF123" * 3, "auth.token: is no name of an environment variable"),
        ("auth:\n  token: two words", "auth.token: is no name of an environment variable"),
        ("auth:\n  token: 3", "auth.token: is no name of an environment variable"),
        ("auth:\n  tokens: [A]", "auth.tokens: is no mapping of roles. Write `{admin: ADMIN_TOKEN}`."),
        ("auth:\n  tokens: {admin: 'not a name'}", "auth.tokens.admin: is no name of an environment variable"),
        ("auth:\n  users: [{role: a, username: b}]", "auth.users: entry 1 is no account."),
        ("auth:\n  users: [{role: a, username: b, password: 'my word!'}]", "entry 1, password: is no name of"),
        ("auth:\n  oauth2: {client_id: a}", "auth.oauth2.client_id: needs auth.oauth2.client_secret and"),
        ("auth:\n  header: 'a b'", "auth.header: 'a b' is no name of a header."),
        ("auth:\n  scheme: 'a b'", "auth.scheme: 'a b' is no scheme."),
        ("auth:\n  tokn: A", "'auth.tokn' is no setting. Did you mean 'auth.token'?"),
        ("system:\n  services: [{url: 'http://h'}]", "is no service. Write `services/api`"),
        ("system:\n  services: [{name: a, url: 'ftp://h'}]", "'ftp://h' is no address."),
        ("system:\n  services: [{name: a, url: 'http://'}]", "is no address."),
        ("system:\n  services: [{name: a, url: 'http://h:99999'}]", "is no address."),
        ("system:\n  services: [{name: a, url: 'http://u:secret@h'}]", "the url of 'h' holds a name."),
        ("system:\n  services: [{path: 'a/*', url: 'http://h'}]", "names many folders, but 'url' one service."),
        ("system:\n  services: [{path: a, reset: GET /x}]", "reset: needs the 'url'"),
        ("system:\n  services: [{name: a, url: 'http://h', reset: /x}]", "reset: '/x' is no operation."),
    ],
)
def test_settings_that_make_no_sense(tmp_path, text, message):
    """Each is refused in one line that does not repeat a secret."""
    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret@" not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_accounts_are_no_text(tmp_path):
    """Accounts can't come from a variable of the gate's own."""
    with pytest.raises(ConfigError, match="SUPERTEAM_AUTH_USERS: can't be written as text"):
        settings(tmp_path, "", SUPERTEAM_AUTH_USERS="x")
