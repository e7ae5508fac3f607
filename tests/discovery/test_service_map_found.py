"""The service map of a found system: what is in it, its schema, reading it back, and the lines on a terminal."""

from __future__ import annotations

import json
from importlib import resources

import pytest
import yaml
from jsonschema import Draft202012Validator

from pytest_superteam.architect.files import read_architecture
from pytest_superteam.discovery.writing import service_map, write_service_map
from pytest_superteam.errors import UsageError
from pytest_superteam.models import Conclusion, FoundService, FoundSystem
from pytest_superteam.reports.found import found_lines

HOSTILE = "a\x1b[31mb\u202ec"


@pytest.fixture
def found(tmp_path):
    """Return a system with one part of each kind, of which much is known."""
    vote = FoundService(
        "vote",
        folder="apps/vote",
        language="python",
        framework="flask",
        port=80,
        health="/healthz",
        dependencies=("Result.api",),
        datastores=("redis",),
        compose="web",
        dockerfile="apps/vote/Dockerfile",
        test=("pytest", "-q"),
        conclusions=(
            Conclusion("port", "80", "compose.yaml", 12, "published"),
            Conclusion("dependencies", "Result.api", "compose.yaml", 15, "depends_on"),
        ),
    )
    seed = FoundService(
        "seed", kind="job", profiles=("seed",), conclusions=(Conclusion("kind", "job", "compose.yaml", 40, "ends"),)
    )
    return FoundSystem(
        tmp_path / "voting",
        services=(vote, FoundService("Result.api", language="javascript")),
        jobs=(seed,),
        infrastructure=(FoundService("redis", kind="infrastructure", role="cache", image="redis:8", port=6379),),
        compose_files=("compose.yaml",),
        how="in the compose file",
        notes=("docker-stack.yml was left out",),
    )


def test_the_map_has_what_is_known(found):
    """Each part has what is known of it, under the names of the settings, and what was concluded from what."""
    document = service_map(found, {"vote": "derived from its routes"})
    vote = document["services"][0]
    assert vote.pop("concluded")[0] == {
        "fact": "port",
        "value": "80",
        "file": "compose.yaml",
        "line": 12,
        "reason": "published",
    }
    assert vote == {
        "name": "vote",
        "reason": "in the compose file",
        "folder": "apps/vote",
        "language": "python",
        "framework": "flask",
        "port": 80,
        "health": "/healthz",
        "depends_on": ["Result.api"],
        "datastores": ["redis"],
        "compose": "web",
        "dockerfile": "apps/vote/Dockerfile",
        "test": ["pytest", "-q"],
        "contract": "derived from its routes",
    }
    assert document["services"][1] == {
        "name": "Result.api",
        "reason": "in the compose file",
        "language": "javascript",
    }
    assert document["dependencies"] == [{"consumer": "vote", "provider": "Result.api", "reason": "depends_on"}]
    assert document["infrastructure"] == [{"name": "redis", "role": "cache", "port": 6379, "image": "redis:8"}]
    assert [part["name"] for part in document["jobs"]] == ["seed"]
    assert (document["version"], document["title"], document["prd_sha256"]) == (1, "voting", "")


def schema_errors(document):
    """Return what the shipped schema says against a service map."""
    text = (
        resources.files("pytest_superteam.architect").joinpath("schemas", "service-map.schema.json").read_text("utf-8")
    )
    return [error.message for error in Draft202012Validator(json.loads(text)).iter_errors(document)]


def test_the_map_follows_the_schema_of_designs(found):
    """Full and empty systems fit the schema; what only a found system has is refused in a design."""
    assert schema_errors(service_map(found, {"vote": "derived"})) == []
    assert schema_errors(service_map(FoundSystem(found.root))) == []
    design = {"version": 1, "title": "t", "prd_sha256": "0", "services": [{"name": "a"}]}
    assert schema_errors(design) == []
    for more in ({"services": [{"name": "a", "port": 80}]}, {"services": [{"name": "A.b"}]}, {"jobs": []}):
        assert schema_errors(design | more) != []
    assert schema_errors(service_map(found) | {"services": [{"name": "../etc"}]}) != []


def test_a_written_map_is_read_back_as_an_architecture(found, tmp_path):
    """The file is the document, equal systems give equal bytes, and readers of designs get the services."""
    file = write_service_map(found, tmp_path / "a")
    assert file == tmp_path / "a" / "service-map.yaml"
    assert yaml.safe_load(file.read_text("utf-8")) == service_map(found)
    assert file.read_bytes() == write_service_map(found, tmp_path / "b").read_bytes()
    system = read_architecture(tmp_path / "a")
    assert [(service.name, service.datastores) for service in system.services] == [
        ("vote", ("redis",)),
        ("Result.api", ()),
    ]
    assert (system.title, system.prd_sha256, system.entities, system.dependencies) == ("voting", "", (), ())


def test_a_design_still_needs_its_model(tmp_path):
    """Only a found system may go without a domain model."""
    (tmp_path / "service-map.yaml").write_text("{version: 1, title: t, prd_sha256: '', services: [{name: a}]}")
    with pytest.raises(UsageError, match=r"domain-model\.yaml: it can't be read"):
        read_architecture(tmp_path)


def test_names_in_other_encodings_are_written(found, tmp_path):
    """What UTF-8 can't hold is written as an escape."""
    odd = FoundSystem(found.root, services=(FoundService("a", folder="caf\udce9"),))
    written = yaml.safe_load(write_service_map(odd, tmp_path).read_text("utf-8"))
    assert written["services"][0]["folder"] == "caf\\udce9"


def test_lines_say_what_was_found(found):
    """The table has a row for each service, and below it stands what each fact rests on."""
    lines = found_lines(found, contracts={"vote": "derived"})
    assert lines == [
        "voting: 2 services, 1 job, 1 of infrastructure (in the compose file), started by",
        "    compose.yaml",
        "",
        "service     made with      port  health    depends on  datastores  contract",
        "vote        python, flask  80    /healthz  Result.api  redis       derived",
        "Result.api  javascript     -     -         -           -           -",
        "",
        "vote: service in apps/vote, built from apps/vote/Dockerfile, tested by `pytest",
        "    -q`",
        "  port: 80 (compose.yaml:12: published)",
        "  dependencies: Result.api (compose.yaml:15: depends_on)",
        "",
        "Result.api: service, no tests of its own found",
        "",
        "jobs:",
        "  seed: profile seed (kind: job (compose.yaml:40: ends))",
        "",
        "infrastructure:",
        "  redis: cache, redis:8, port 6379",
        "",
        "note: docker-stack.yml was left out",
    ]


def test_names_of_services_are_not_broken(found):
    """Where it is narrow, dependencies stand below only and the last column gives way, never a service's name."""
    names = ("productcatalogservice", "shoppingassistantservice", "recommendationservice")
    parts = tuple(FoundService(name, language="javascript", framework="grpc", dependencies=names) for name in names)
    derived = dict.fromkeys(names, "derived from its routes in src/shoppingassistantservice")
    lines = found_lines(FoundSystem(found.root, parts), width=60, contracts=derived)
    assert [line.split()[0] for line in lines if line.startswith(names) and ":" not in line] == list(names)
    assert "depends on" not in lines[2]


def test_notes_that_are_alike_are_one(found):
    """What is said of several services in the same words is said once, with their names."""
    parts = (FoundService("a"), FoundService("b"))
    lines = found_lines(FoundSystem(found.root, parts, notes=("a: no contract: x", "left out", "b: no contract: x")))
    assert [line for line in lines if line.startswith("note")] == ["note: a, b: no contract: x", "note: left out"]


def test_columns_that_say_nothing_are_left_out(found):
    """Without contracts there is no column of contracts, and an empty system has no table."""
    assert not any("contract" in line for line in found_lines(found))
    assert found_lines(FoundSystem(found.root)) == ["voting: 0 services"]


@pytest.mark.parametrize("width", [10, 60, 80, 200])
def test_lines_fit_and_steer_no_terminal(found, width):
    """Whatever names hold, no line is wider than the terminal, none holds a control character, secrets are masked."""
    long = "x" * 400
    part = FoundService(
        HOSTILE,
        folder=long,
        language=long,
        framework=HOSTILE,
        health=f"/{long}",
        dependencies=(HOSTILE, long),
        test=("run", "--password=hunter2hunter2"),
        conclusions=(Conclusion("language", f"{HOSTILE}\n{long}", f"a\tb{long}", 3, "password: hunter2hunter2"),),
    )
    system = FoundSystem(found.root, (part,), (part,), (part,), notes=(long, HOSTILE), how=f"{HOSTILE}\r")
    lines = found_lines(system, width=width)
    assert max(map(len, lines)) <= max(width, 60)
    assert all(line.isprintable() for line in lines)
    assert "hunter2" not in "".join(lines).replace(" ", "")
