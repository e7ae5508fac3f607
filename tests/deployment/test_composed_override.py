"""What the override changes of a found system's services, builds, mounts, networks and volumes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from found_systems import DB, LABELS, RESET, WEB, System

from pytest_superteam.deployment.composed import found_mounts
from pytest_superteam.deployment.composed.found_health import stage_of
from pytest_superteam.deployment.composed.found_mounts import holds
from pytest_superteam.errors import FinalDeploymentError
from pytest_superteam.models import FoundService


@pytest.fixture
def system(tmp_path):
    """Return a system, nothing of which may be changed by the test."""
    made = System(tmp_path)
    yield made
    assert sorted(p.name for p in made.root.iterdir() if p.name != ".superteam")
    assert (made.root / "web" / "app.py").read_text() == "print()\n"


@pytest.mark.parametrize(
    ("service", "key", "expected"),
    [
        ({"restart": "always"}, "restart", "on-failure:5"),
        ({"restart": "unless-stopped"}, "restart", "on-failure:5"),
        ({"restart": "no"}, "restart", None),
        ({"logging": {"driver": "syslog"}}, "logging", "json-file"),
        ({"logging": {"driver": "local"}}, "logging", None),
        ({"mem_limit": "1", "pids_limit": 5}, "deploy", None),
        ({"deploy": {"resources": {"limits": {"memory": "1", "pids": 5}}}}, "deploy", None),
        ({"mem_limit": "1"}, "deploy", {"resources": {"limits": {"pids": 2048}}}),
        ({}, "deploy", {"resources": {"limits": {"memory": "2G", "pids": 2048}}}),
        ({}, "platform", None),
        ({}, "container_name", None),
        ({}, "volumes", None),
        ({}, "labels", LABELS),
    ],
)
def test_service(system, service, key, expected):
    """Only what would be in the way is changed: endless restarts, logs that go elsewhere, no limits."""
    said = system.entry({"image": "x", **service}).get(key)
    assert (said[1]["driver"] if isinstance(said, tuple) else said) == expected


def test_restart_policy(system):
    """A restart policy of `deploy`, which goes before `restart`, is taken away."""
    entry = system.entry({"image": "x", "restart": "always", "deploy": {"restart_policy": {"condition": "any"}}})
    assert entry["deploy"]["restart_policy"] == RESET


def test_settings(system):
    """Platform, build arguments, variables and certificates of the settings apply to a found system too."""
    ca = system.file("ca.pem", "-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n")
    system.file("web/Dockerfile", "FROM python:3.9-slim\nRUN pip install x\n")
    settings = {"platform": "linux/arm64", "build_args": {"A": "$x"}, "ca_bundle": "ca.pem", "environment": {"B": "$y"}}
    entry = system.entry({"build": system.build(args={"C": "1"})}, **settings)
    assert entry["platform"] == "linux/arm64"
    assert entry["build"]["args"] == {"C": "1", "A": "$$x"}
    assert entry["environment"]["B"] == "$$y"
    assert entry["environment"]["SSL_CERT_FILE"] == entry["volumes"][0]["target"]
    assert (entry["volumes"][0]["source"], entry["volumes"][0]["read_only"]) == (str(ca), True)
    assert "BEGIN CERTIFICATE" in Path(entry["build"]["dockerfile"]).read_text()


def test_certificates_outside(system):
    """A bundle that is not the project's is refused."""
    with pytest.raises(FinalDeploymentError, match=r"deployment\.ca_bundle: '/etc/hosts' is no file of the project"):
        system.entry({"image": "x"}, ca_bundle="/etc/hosts")


# ---------------------------------------------------------------- builds and images


def test_other_images(system):
    """Images are replaced in compose file and Dockerfile; the system's Dockerfile stays as it is."""
    services = {"web": {"build": system.build(), "image": "mine:latest"}, "db": {"image": "postgres:12"}}
    mapping = {"python:3.9-slim": "python:3.13-slim", "postgres:12": "postgres:17"}
    _, document = system.plan({"services": services}, replace_images=mapping)
    assert document["services"]["db"]["image"] == "postgres:17"
    assert document["services"]["web"]["image"] == RESET
    made = Path(document["services"]["web"]["build"]["dockerfile"])
    assert made == system.folder / "dockerfiles" / "web" / "Dockerfile"
    assert made.read_text().startswith("FROM python:3.13-slim\n")
    assert (system.root / "web" / "Dockerfile").read_text().startswith("FROM python:3.9-slim\n")


def test_inline_dockerfile(system):
    """A Dockerfile within the compose file is replaced by a file."""
    build = system.build(
        dockerfile_inline="FROM redis\n", additional_contexts={"a": "docker-image://redis", "b": "web"}
    )
    entry = system.entry({"build": build}, replace_images={"redis": "mirror.example/redis"})
    assert Path(entry["build"]["dockerfile"]).read_text() == "FROM mirror.example/redis\n"
    assert entry["build"]["dockerfile_inline"] == RESET
    assert entry["build"]["additional_contexts"] == {"a": "docker-image://mirror.example/redis"}


def test_names_of_built_images(system):
    """What is built takes no name that may be somebody's, tags nothing else and writes no cache."""
    build = system.build(tags=["mine:2"], cache_to=["type=local,dest=/x"])
    worker = FoundService("worker", compose="worker")
    services = {"web": {"build": build, "image": "mine:latest"}, "worker": {"image": "mine:latest"}}
    _, document = system.plan({"services": services}, WEB, worker)
    assert document["services"]["web"]["build"] == {"tags": RESET, "cache_to": RESET}
    assert document["services"]["worker"]["image"] == RESET
    assert document["services"]["worker"]["build"] == system.build()
    _, document = system.plan({"services": services}, WEB, worker, repository="mirror.example/team/")
    assert document["services"]["web"]["image"] == "mirror.example/team/web:superteam-run-1"


def test_image_of_a_service_with_a_dockerfile(system):
    """A service that the compose file only names an image of is built from its Dockerfile, and that is said."""
    entry = system.entry({"image": "shop-web:latest"})
    assert entry["build"] == {"context": str(system.root / "web"), "dockerfile": str(system.root / "web/Dockerfile")}
    assert system.said == ["web: is built from web/Dockerfile, in the place of the image shop-web:latest."]


def test_no_dockerfile(system):
    """A Dockerfile that is not there is told with the line that asks for it."""
    with pytest.raises(FinalDeploymentError, match=r"compose\.yml:3: web is built from web/Other, which is not there"):
        system.entry({"build": system.build(dockerfile="Other")})


# ---------------------------------------------------------------- mounts


def test_source_that_the_image_holds(system):
    """A folder of source that is copied to the same place in the image is not mounted."""
    entry = system.entry({"build": system.build(), "volumes": [system.bind("web", "/app/")]})
    assert entry["volumes"] == ("!override", [])
    assert system.said == ["web: ./web is not mounted, its image holds it."]


def test_source_that_the_image_does_not_hold(system):
    """Other source is mounted as a copy, without version control and what is ours; links stay links."""
    system.file(".git/config")
    system.file(".superteam/state.db")
    (system.root / "web" / "out").symlink_to("/etc")
    mounts = [system.bind(".", "/srv"), {"type": "volume", "target": "/srv/node_modules"}]
    entry = system.entry({"build": system.build(), "volumes": mounts})
    copied, kept = entry["volumes"][1]
    copy = Path(copied["source"])
    assert copy.is_relative_to(system.folder / "mounts" / "run-1")
    assert (copied["target"], copied["read_only"], kept) == ("/srv", False, mounts[1])
    assert sorted(p.name for p in copy.iterdir()) == ["compose.yml", "web"]
    assert (copy / "web" / "out").is_symlink()
    assert (copy / "web" / "app.py").read_text() == "print()\n"


def test_configuration(system):
    """What a container may only read is mounted as it lies there; a file that it may write as a copy."""
    system.file("nginx.conf", "x")
    mounts = [system.bind("nginx.conf", "/a", read_only=True), system.bind("nginx.conf", "/b", bind={"selinux": "z"})]
    entry = system.entry({"image": "nginx", "volumes": mounts}, infrastructure=(), replace_images={})
    own, copy = entry["volumes"][1]
    assert (own["source"], own["read_only"]) == (str(system.root / "nginx.conf"), True)
    assert own["bind"] == {"create_host_path": False}
    assert copy["bind"]["selinux"] == "z"
    assert Path(copy["source"]).read_text() == "x"
    assert copy["source"] != own["source"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("data", "db: keeps its data in a new volume, not in ./data."),
        ("none", "db: keeps its data in a new volume, not in ./none."),
    ],
)
def test_data(system, source, said):
    """A database's data in the tree is left alone: it starts with a volume of its own."""
    system.file("data/PG_VERSION", "17")
    mounts = [system.bind(source, "/var/lib/postgresql/data")]
    _, document = system.plan({"services": {"db": {"image": "postgres:17", "volumes": mounts}}})
    volume = {"type": "volume", "source": "superteam-db-1", "target": "/var/lib/postgresql/data"}
    assert document["services"]["db"]["volumes"] == ("!override", [volume])
    assert document["volumes"]["superteam-db-1"]["name"] == "superteam-run-1_superteam-db-1"
    assert said in system.said


def test_folder_that_is_not_there(system):
    """A folder that Compose would make in the tree becomes a volume."""
    entry = system.entry({"image": "x", "volumes": [system.bind("uploads", "/uploads")]}, FoundService("w"))
    assert entry["volumes"][1][0]["type"] == "volume"
    assert not (system.root / "uploads").exists()


@pytest.mark.parametrize(("limit", "source"), [("_MOST_FILES", "web"), ("_MOST_BYTES", "web/app.py")])
def test_too_large_for_a_copy(system, monkeypatch, limit, source):
    """What is too large to copy is mounted as it is, read-only."""
    monkeypatch.setattr(found_mounts, limit, 1)
    entry = system.entry({"image": "x", "volumes": [system.bind(source, "/srv")]}, FoundService("w"))
    (mount,) = entry["volumes"][1]
    assert (mount["source"], mount["read_only"]) == (str(system.root / source), True)
    assert f"web: ./{source} can't be copied or is too large for it: mounted read-only." in system.said


def test_unreadable(system, monkeypatch):
    """A folder of which not all can be read is mounted as it is, read-only, and not as half a copy."""

    def refuse(*_, **__):
        raise PermissionError

    monkeypatch.setattr(found_mounts.shutil, "copy2", refuse)
    entry = system.entry({"image": "x", "volumes": [system.bind("web", "/srv")]}, FoundService("w"))
    assert entry["volumes"][1][0]["source"] == str(system.root / "web")
    assert entry["volumes"][1][0]["read_only"] is True


def test_ours_is_not_shown(system, monkeypatch):
    """Where the whole system is mounted as it is, what is ours in it is covered."""
    monkeypatch.setattr(found_mounts, "_MOST_FILES", 1)
    entry = system.entry({"image": "x", "volumes": [system.bind(".", "/srv", read_only=True)]}, FoundService("w"))
    assert entry["volumes"][1][1] == {"type": "tmpfs", "target": "/srv/.superteam"}


@pytest.mark.parametrize(
    ("dockerfile", "source", "target", "expected"),
    [
        ("FROM x\nCOPY . /app", ".", "/app", True),
        ("FROM x\nWORKDIR /usr\nWORKDIR app\nCOPY ./ ./", ".", "/usr/app/", True),
        ("FROM x\nCOPY src/ /app/src", "src", "/app/src", True),
        ("FROM x\nADD src /app/src", "src", "/app/src", True),
        ("FROM x AS a\nCOPY . /app\nFROM a", ".", "/app", True),
        ("FROM x AS a\nCOPY . /app\nFROM y", ".", "/app", False),
        ("FROM x\nCOPY --from=a . /app", ".", "/app", False),
        ("FROM x\nCOPY a b /app", ".", "/app", False),
        ("FROM x\nCOPY . /srv", ".", "/app", False),
        ("FROM x\nCOPY src /app", ".", "/app", False),
        ("FROM x", ".", "/app", False),
    ],
)
def test_holds(tmp_path, dockerfile, source, target, expected):
    """An image holds a folder where one instruction of its stage copies that folder to that place."""
    (tmp_path / "src").mkdir()
    stage = stage_of(dockerfile, "")
    assert holds(stage, tmp_path, Path(os.path.normpath(tmp_path / source)), target) is expected
    (tmp_path / ".dockerignore").write_text("x\n")
    assert not holds(stage, tmp_path, Path(os.path.normpath(tmp_path / source)), target)


# ---------------------------------------------------------------- who waits for whom; networks and volumes


def test_waits(system):
    """Stores are waited for until they answer; what a service says of others stays."""
    needs = {name: {"condition": "service_started"} for name in ("db", "cache", "other")}
    cache = FoundService("cache", "infrastructure", compose="cache")
    services = {
        "web": {"build": system.build(), "depends_on": needs},
        "db": {"image": "postgres:17"},
        "cache": {"image": "redis:8", "healthcheck": {"disable": True}},
        "other": {"image": "x"},
    }
    _, document = system.plan({"services": services}, infrastructure=(DB, cache))
    assert document["services"]["web"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert document["services"]["db"]["healthcheck"]["test"][1].startswith("pg_isready -q -h 127.0.0.1")
    assert "$${POSTGRES_USER:-postgres}" in document["services"]["db"]["healthcheck"]["test"][1]


def test_jobs(system):
    """What ends is waited for by those of the same source, is not asked for its health and not started again."""
    jobs = [FoundService(name, "job", compose=name, port=1) for name in ("migrate", "seed")]
    services = {
        "web": {"build": system.build()},
        "migrate": {"build": system.build(), "restart": "on-failure"},
        "seed": {"image": "x", "depends_on": {"web": {"condition": "service_started"}}},
    }
    _, document = system.plan({"services": services}, jobs=jobs)
    done = {"condition": "service_completed_successfully"}
    assert document["services"]["web"]["depends_on"] == {"migrate": done}
    assert document["services"]["migrate"]["restart"] == "no"
    assert "healthcheck" not in document["services"]["migrate"]
    assert "depends_on" not in document["services"]["seed"]


def test_networks_and_volumes(system):
    """Networks and volumes are named after the run, whatever the files call them, and no volume is a folder."""
    config = {
        "services": {"web": {"image": "x", "networks": {"inner": None}}},
        "networks": {"inner": {"name": "fixed", "internal": True}},
        "volumes": {"v": {"name": "fixed", "driver_opts": {"o": "bind", "device": str(system.root / "web")}}},
    }
    _, document = system.plan(config)
    assert document["networks"]["inner"] == {"name": "superteam-run-1_inner", "labels": LABELS}
    assert document["services"]["web"]["networks"] == {"superteam-published": None}
    assert "superteam-published" in document["networks"]
    assert document["volumes"]["v"]["driver_opts"] == RESET
    assert document["volumes"]["v"]["name"] == "superteam-run-1_v"


def test_allowed_outside(system):
    """External networks and volumes keep their names where they are allowed."""
    config = {"services": {"web": {"image": "x"}}, "networks": {"n": {"external": True, "name": "n"}}}
    assert "networks" not in system.plan(config, allow_outside=True)[1]


def test_link_in_the_place_of_the_override(system, tmp_path):
    """A link that lies where the override goes is replaced, not followed."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    system.folder.mkdir(parents=True)
    (system.folder / "override.yml").symlink_to(victim)
    system.entry({"image": "x"})
    assert victim.read_text() == "mine"
