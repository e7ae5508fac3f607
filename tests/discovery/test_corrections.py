"""Settings laid over a found system: which parts there are, what is said of them, and what a mistake is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_superteam.config_entries import corrections, running_services, service_paths
from pytest_superteam.discovery.corrections import corrected, resolved
from pytest_superteam.errors import UsageError
from pytest_superteam.models import Conclusion, FoundService, FoundSystem

PORT = Conclusion("port", "5000", "vote/Dockerfile", 3, "exposed")
WAITS = tuple(Conclusion("dependencies", name, "compose.yaml", 9, "depends_on") for name in ("vote", "db"))
LANGUAGE = Conclusion("language", "python", "vote/requirements.txt", 1, "lists flask")


@pytest.fixture
def found(tmp_path):
    """Return a system of two services that wait for each other's parts, a job and a database."""
    for folder in ("vote", "result", "tools/new"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "compose.yaml").write_text("services: {}\n", "utf-8")
    vote = FoundService(
        "vote", folder="vote", language="python", port=5000, compose="web", conclusions=(PORT, LANGUAGE)
    )
    result = FoundService(
        "result", folder="result", language="javascript", dependencies=("vote", "db"), conclusions=WAITS
    )
    return FoundSystem(
        tmp_path,
        services=(vote, result),
        jobs=(FoundService("seed", kind="job", dependencies=("vote",)),),
        infrastructure=(FoundService("db", kind="infrastructure", role="database", image="postgres:17"),),
        compose_files=("docker-compose.yml",),
        how="built by the compose file",
    )


def said(text_by_name):
    """Return corrections as a settings file has them."""
    return corrections(text_by_name, "superteam.yaml:1: system.correct")


def test_nothing_said_changes_nothing(found):
    """Without settings the system is the one that was found."""
    assert corrected(found) == found
    assert corrected(found, (), {}) == found


def test_what_is_said_counts_and_has_its_conclusion(found):
    """A fact of the settings replaces what was found and what that rested on; other facts keep theirs."""
    system = corrected(found, (), said({"vote": {"port": 80, "health": "/healthz", "test": "pytest -q 'a b'"}}))
    vote = system.service("vote")
    assert (vote.port, vote.health, vote.test) == (80, "/healthz", ("pytest", "-q", "a b"))
    assert vote.conclusions == (
        LANGUAGE,
        Conclusion("port", "80", "superteam.yaml", 0, "said in the settings"),
        Conclusion("health", "/healthz", "superteam.yaml", 0, "said in the settings"),
        Conclusion("test", "pytest -q a b", "superteam.yaml", 0, "said in the settings"),
    )
    assert replace(system, services=()) == replace(found, services=())
    assert system.services[1] == found.services[1]


def test_what_is_repeated_stays_as_it_was_found(found):
    """Settings that say what was found anyway leave even its conclusions alone."""
    same = {"vote": {"port": 5000, "language": "python", "kind": "service"}, "db": {"kind": "infrastructure"}}
    assert corrected(found, (), said(same)) == found


def test_none_says_that_there_is_none(found):
    """`none` empties what was found, of whatever type it is."""
    entry = {"language": "none", "port": "none", "compose": "none"}
    system = corrected(found, (), said({"vote": entry, "result": {"depends_on": "none"}}))
    vote = system.service("vote")
    assert (vote.language, vote.port, vote.compose) == ("", 0, "")
    assert [c.value for c in vote.conclusions] == ["none"] * 3
    assert system.service("result").dependencies == ()


def test_a_part_changes_its_kind(found):
    """A service becomes a job, a job infrastructure, and roles that no longer fit go."""
    system = corrected(found, (), said({"vote": {"kind": "job"}, "seed": {"kind": "infrastructure"}}))
    assert [part.name for part in system.services] == ["result"]
    assert [part.name for part in system.jobs] == ["vote"]
    assert [(part.name, part.role) for part in system.infrastructure] == [("seed", "other"), ("db", "database")]
    db = corrected(found, (), said({"db": {"kind": "service"}})).service("db")
    assert (db.kind, db.role) == ("service", "")


def test_what_is_no_part_is_waited_for_by_nobody(found):
    """A part of kind none is gone, and so is every dependency on it."""
    system = corrected(found, (), said({"vote": {"kind": "none"}}))
    assert [part.name for part in system.services] == ["result"]
    assert system.services[0].dependencies == ("db",)
    assert system.services[0].conclusions == WAITS[1:]
    assert system.jobs[0].dependencies == ()


def test_a_new_name_is_used_everywhere(found):
    """A renamed part keeps its dependents, and is corrected by the name that it was found under."""
    system = corrected(found, (), said({"vote": {"name": "ballot box"}, "seed": {"depends_on": ["ballot-box", "db"]}}))
    assert [part.name for part in system.services] == ["ballot-box", "result"]
    assert system.service("result").dependencies == ("ballot-box", "db")
    assert [c.value for c in system.service("result").conclusions] == ["ballot-box", "db"]
    assert system.jobs[0].dependencies == ("ballot-box", "db")


def test_a_part_is_known_by_its_compose_name_too(found):
    """What the compose files call a service names it where no part is called so."""
    assert corrected(found, (), said({"web": {"port": 80}})).service("vote").port == 80


def test_named_services_are_the_only_ones(found):
    """A list of folders leaves out what it does not name, keeps what is known of the rest, and says so."""
    system = corrected(found, service_paths(["tools/*", "vote"], "p"))
    assert [(part.name, part.folder, part.language) for part in system.services] == [
        ("new", "tools/new", ""),
        ("vote", "vote", "python"),
    ]
    assert system.services[1].conclusions == found.services[0].conclusions
    assert system.how == "named in superteam.yaml"
    assert system.notes == ("system.services leaves out what was found: result",)
    assert (system.jobs, system.infrastructure) == (found.jobs, found.infrastructure)


def test_named_services_say_more_of_themselves(found):
    """An entry of the list renames, corrects and tells where a service answers, whatever was found there."""
    entries = [{"name": "ui", "path": "result", "role": "frontend"}, {"name": "db", "url": "http://db.example"}]
    system = resolved(found, service_paths(entries, "p"))
    assert [(part.name, part.role, part.language) for part in system.system.services] == [
        ("ui", "frontend", "javascript"),
        ("db", "", ""),
    ]
    assert system.entries["db"].url == "http://db.example"
    assert system.system.infrastructure == ()


def test_addresses_of_options_go_to_their_services(found):
    """`--url` adds to what the settings say of a service, and changes nothing of what was found."""
    correct = said({"vote": {"contract": "api.yaml", "reset": "POST /reset", "port": 80}})
    urls = running_services(["vote=http://127.0.0.1:8000"])
    system = resolved(found, (), correct, urls=urls)
    vote = system.entries["vote"]
    assert (vote.url, vote.contract, vote.reset) == ("http://127.0.0.1:8000", "api.yaml", "POST /reset")
    assert system.entries.keys() == {"vote"}
    assert resolved(found, urls=urls).system == found


def test_compose_files_of_the_settings_win(found):
    """The files that start the system are those of the settings, where there are any."""
    assert resolved(found, compose_files=["compose.yaml"]).system.compose_files == ("compose.yaml",)
    assert resolved(found).system.compose_files == ("docker-compose.yml",)


@pytest.mark.parametrize(
    ("correct", "message"),
    [
        ({"vot": {"port": 80}}, "system.correct: 'vot' was not found. Did you mean 'vote'?"),
        ({"qqqq": {"port": 80}}, "system.correct: 'qqqq' was not found. Allowed are db, result, seed, vote."),
        ({"vote": {"path": "nope"}}, "system.correct: vote: path: 'nope' is no folder in "),
        ({"vote": {"path": "../vote"}}, "system.correct: vote: path: '../vote' is not below "),
        ({"vote": {"path": "/etc"}}, "system.correct: vote: path: '/etc' is not below "),
        ({"vote": {"name": "result"}}, "system.correct: two services are called 'result'."),
        (
            {"vote": {"depends_on": ["resul"]}},
            "vote: depends_on: 'resul' is no other part of it. Did you mean 'result'?",
        ),
        ({"vote": {"depends_on": ["vote"]}}, "vote: depends_on: 'vote' is no other part of it."),
        ({"vote": {"role": "database"}}, "'database' does not go with kind 'service'. Write `kind: infrastructure`"),
        ({"db": {"role": "worker"}}, "'worker' does not go with kind 'infrastructure'. Write `kind: service`"),
    ],
)
def test_a_mistake_is_one_line(found, correct, message):
    """What does not fit the system that was found is one line that names the place and what would."""
    with pytest.raises(UsageError) as caught:
        corrected(found, (), said(correct))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"urls": {"vte": "http://h"}}, "--url: 'vte' was not found. Did you mean 'vote'?"),
        ({"compose_files": ["gone.yaml"]}, "system.compose_files: 'gone.yaml' is no file in "),
        ({"compose_files": ["../x.yaml"]}, "system.compose_files: '../x.yaml' is not below "),
        ({"services": ["gone"]}, "system.services: 'gone' is no folder in "),
        ({"services": ["vote", {"name": "vote", "path": "result"}]}, "two services are called 'vote'."),
    ],
)
def test_other_mistakes_name_their_setting(found, arguments, message):
    """An option or a list that does not fit says which one it is."""
    urls = running_services([f"{name}={url}" for name, url in arguments.pop("urls", {}).items()])
    services = service_paths(arguments.pop("services", ["vote"]), "p") if "services" in arguments else ()
    with pytest.raises(UsageError) as caught:
        resolved(found, services, urls=urls, **arguments)
    assert message in str(caught.value)


def test_a_link_out_of_the_system_is_no_folder_of_it(found, tmp_path_factory):
    """A folder that leads out of the system is refused, named in either setting."""
    (found.root / "out").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(UsageError, match="'out' is not below"):
        corrected(found, (), said({"vote": {"path": "out"}}))
    with pytest.raises(UsageError, match="'out' is no folder in"):
        corrected(found, service_paths(["out"], "p"))
