"""The parts of a composed system: databases, gateway, migrations, what Dockerfiles say, and the hash of its inputs."""

import os
import re
from dataclasses import replace

import pytest
from composed_systems import LABELS, composed, of, request, shop

from pytest_superteam.deployment.composed.databases import _data_folder
from pytest_superteam.deployment.composed.dockerfiles import facts_of
from pytest_superteam.deployment.composed.generate import generate
from pytest_superteam.deployment.composed.inputs import inputs_of
from pytest_superteam.deployment.composed.migrations import migration_command
from pytest_superteam.models import Service

# ---------------------------------------------------------------- databases


def test_setup_makes_a_database_and_a_user_for_each(tmp_path):
    """Each service has one role without rights over the cluster, owning one database that nobody else may enter."""
    script = composed(tmp_path).read("database-setup/databases.sql")
    for name, variable in (("catalog", "CATALOG_DATABASE_PASSWORD"), ("orders", "ORDERS_DATABASE_PASSWORD")):
        assert f'\\set password `printf %s "${variable}"`' in script
        assert f"SELECT 'CREATE ROLE \"{name}\"' WHERE NOT EXISTS" in script
        assert f'SELECT \'CREATE DATABASE "{name}" OWNER "{name}"' in script
        assert f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC;' in script
    roles = re.findall(r"ALTER ROLE \S+ WITH (.*) PASSWORD :'password';", script)
    assert roles == ["LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"] * 2
    assert "REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;" in script
    assert "notices" not in script


def test_setup_runs_as_nobody_in_particular(tmp_path):
    """The run-once service is psql with a script, as a user of its own, that stops at the first error."""
    dockerfile = composed(tmp_path).read("database-setup/Dockerfile")
    assert "USER 65532:65532" in dockerfile
    assert '"--set=ON_ERROR_STOP=1"' in dockerfile


@pytest.mark.parametrize("name", ["postgres", "template0", "template1", "public", "none"])
def test_names_that_postgresql_keeps_for_itself(tmp_path, name):
    """A service with a name that the cluster has already gets a database with `_` behind, which no service has."""
    architecture = replace(of(), services=(Service(name, datastores=("postgresql",)),))
    script = composed(tmp_path, architecture).read("database-setup/databases.sql")
    assert f'OWNER "{name}_"' in script


@pytest.mark.parametrize(
    ("image", "folder"),
    [
        ("postgres:17", "/var/lib/postgresql/data"),
        ("postgres:17.2-alpine", "/var/lib/postgresql/data"),
        ("postgres:18", "/var/lib/postgresql"),
        ("mirror.example:5000/postgres:18.1", "/var/lib/postgresql"),
        ("mirror.example:5000/postgres", "/var/lib/postgresql/data"),
        ("postgres:18@sha256:" + "0" * 64, "/var/lib/postgresql"),
        ("postgres:latest", "/var/lib/postgresql/data"),
    ],
)
def test_where_the_image_keeps_its_data(image, folder):
    """The volume is where the image's version keeps its data."""
    assert _data_folder(image) == folder


# ---------------------------------------------------------------- Caddy


def routes(made, target):
    """Return which services' routes take a request target, by the patterns of the Caddyfile."""
    patterns = re.findall(r"@(\S+) vars_regexp \{http\.request\.orig_uri\} (\S+)", made.read("gateway/Caddyfile"))
    return [name for name, pattern in patterns if re.search(pattern, target)]


@pytest.mark.parametrize(
    ("target", "taken"),
    [
        ("/api/orders", ["orders"]),
        ("/api/orders/", ["orders"]),
        ("/api/orders?x=1", ["orders"]),
        ("/api/orders/a/../b//%2F", ["orders"]),
        ("/api/orders-archive/1", ["orders-archive"]),
        ("/api/ordersx", []),
        ("/api/orders%2Fx", []),
        ("/api", []),
        ("/", []),
        ("//api/orders/x", []),
        ("/x?y=/api/orders/", []),
    ],
)
def test_routes_end_at_a_segment(tmp_path, target, taken):
    """A route takes its own prefix as a whole segment, and nothing else."""
    assert routes(composed(tmp_path, of("orders", "orders-archive")), target) == taken


def test_caddy_is_closed_in(tmp_path):
    """Caddy has no administration, no TLS of its own, a limit on bodies, and runs as nobody in particular."""
    made = composed(tmp_path)
    caddyfile = made.read("gateway/Caddyfile")
    for line in ("admin off", "auto_https off", "max_size 32MB", "application/problem+json"):
        assert line in caddyfile
    assert "USER 65532:65532" in made.read("gateway/Dockerfile")
    assert made.services["gateway"]["cap_add"] == ["NET_BIND_SERVICE"]


@pytest.mark.parametrize("gateway", ["traefik", "none"])
def test_no_caddy_where_another_is_chosen(tmp_path, gateway):
    """Nothing of Caddy is generated where something else is in front."""
    made = composed(tmp_path, gateway=gateway)
    assert not (made.folder / "gateway").exists()
    assert "caddy" not in made.text


# ---------------------------------------------------------------- migrations

VERSION = {"migrations/versions/1_x.py": "pass"}
PRISMA = {"prisma/schema.prisma": "x", "prisma/migrations/1/migration.sql": "x"}
DJANGO = {"manage.py": "import django", "shop/migrations/0001_initial.py": "x"}


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"alembic.ini": "[alembic]\nscript_location = migrations\n", **VERSION}, "alembic upgrade head"),
        ({"alembic.ini": "script_location=%(here)s/migrations\n", **VERSION}, "alembic upgrade head"),
        ({"alembic.ini": "script_location = migrations\n"}, ""),
        ({"alembic.ini": "script_location = ../migrations\n", **VERSION}, ""),
        (VERSION, ""),
        (DJANGO, "python manage.py migrate --noinput"),
        ({"manage.py": "import click", "shop/migrations/0001_initial.py": "x"}, ""),
        (PRISMA, "npx prisma migrate deploy"),
        ({"prisma/schema.prisma": "x"}, ""),
        ({"package.json": '{"scripts": {"migrate": "x"}}'}, "npm run migrate"),
        ({"package.json": '{"scripts": {"migrate": "x", "migrate:deploy": "y"}}'}, "npm run migrate:deploy"),
        ({"package.json": '{"scripts": {"start": "x"}}'}, ""),
        ({"package.json": '{"scripts": ["migrate"]}'}, ""),
        ({"package.json": "[" * 5000}, ""),
        ({}, ""),
    ],
)
def test_migrations_are_found(tmp_path, files, command):
    """Migrations are those whose tool has left its own files."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert " ".join(migration_command(tmp_path, facts_of("FROM x\n"))) == command


@pytest.mark.parametrize(
    "start",
    ['CMD ["sh", "-c", "alembic upgrade head && exec app"]', 'ENTRYPOINT ["alembic", "upgrade", "head"]'],
)
def test_migrations_are_not_run_twice(tmp_path, start):
    """What the image runs at its own start is not run once more."""
    for name, text in {"alembic.ini": "script_location = migrations\n", **VERSION}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert migration_command(tmp_path, facts_of(f"FROM x\n{start}\n")) == ()


def test_migrations_run_in_the_services_image(tmp_path):
    """The run-once service has the service's image and environment, and a name that is free."""
    files = {"orders": {"package.json": '{"scripts": {"migrate": "x"}}'}}
    made = composed(tmp_path, files=files)
    once, service = made.services["orders-migrations"], made.services["orders"]
    assert once["command"] == ["npm", "run", "migrate"]
    assert {key: once[key] for key in ("image", "environment")} == {k: service[k] for k in ("image", "environment")}
    assert (once["pull_policy"], "build" in once) == ("never", False)
    named = replace(shop(), services=(*shop().services, Service("orders-migrations")))
    assert "superteam-orders-migrations" in composed(tmp_path / "b", named, files=files).services


# ---------------------------------------------------------------- Dockerfiles


@pytest.mark.parametrize(
    ("text", "base", "health", "exposed"),
    [
        ("FROM python:3.13\n", "python:3.13", False, ()),
        ("FROM a AS b\nHEALTHCHECK CMD x\nFROM b\nEXPOSE 80\n", "a", True, (80,)),
        ("FROM a AS b\nHEALTHCHECK CMD x\nFROM c\n", "c", False, ()),
        ("FROM a\nHEALTHCHECK CMD x\nHEALTHCHECK NONE\n", "a", False, ()),
        ("FROM a\nEXPOSE 80 443/tcp 53/udp $PORT 99999\n", "a", False, (80, 443)),
        ("ARG I=a:1\nFROM ${I}\n", "a:1", False, ()),
        ("FROM a\n# HEALTHCHECK CMD x\n", "a", False, ()),
        ("", "", False, ()),
        ("nonsense\n", "", False, ()),
    ],
)
def test_facts_of_a_dockerfile(text, base, health, exposed):
    """Image, health check and ports are those of the last stage and of what it is built from."""
    facts = facts_of(text)
    assert (facts.base, facts.healthcheck, facts.exposed) == (base, health, exposed)


# ---------------------------------------------------------------- the hash of the inputs


def write(folder, name, text="x"):
    path = folder / "services" / "orders" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


CHANGES = {
    "a file": lambda r, f: write(f, "main.py", "print(1)\n"),
    "a new file": lambda r, f: write(f, "more/x.py"),
    "a file becomes a program": lambda r, f: (f / "services/orders/main.py").chmod(0o755),
    "a link": lambda r, f: (f / "services/orders/link").symlink_to("/etc"),
    "the gateway": lambda r, f: replace(r, settings=replace(r.settings, gateway="traefik")),
    "a setting": lambda r, f: replace(r, settings=replace(r.settings, platform="linux/amd64")),
    "a variable": lambda r, f: replace(r, environment={"A": "b"}),
    "the service map": lambda r, f: replace(r, architecture=shop(stores={"notices": ("redis",)})),
    "a service less": lambda r, f: replace(r, builds=r.builds[:2]),
}
NO_CHANGES = {
    "nothing": lambda r, f: None,
    "how long it lives": lambda r, f: replace(r, settings=replace(r.settings, keep_up=True)),
    "the run": lambda r, f: replace(r, run_id="run-2", owner_pid=1),
    "byte code": lambda r, f: write(f, "__pycache__/main.pyc"),
    "installed packages": lambda r, f: write(f, "node_modules/a/index.js"),
    "history": lambda r, f: write(f, ".git/HEAD"),
    "a time": lambda r, f: os.utime(f / "services/orders/main.py", (1, 1)),
    "generating it": lambda r, f: generate(r, LABELS) and None,
    "words for people": lambda r, f: replace(r, say=print),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_inputs_change_with_what_is_deployed(tmp_path, change):
    """Whatever makes another deployment changes the hash."""
    made = request(tmp_path)
    before = inputs_of(made)
    assert inputs_of(change(made, tmp_path) or made) != before


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_inputs_stay_with_what_is_deployed(tmp_path, change):
    """Run, secrets and what no image is made of leave the hash as it is."""
    made = request(tmp_path)
    before = inputs_of(made)
    after = change(made, tmp_path)
    assert inputs_of(after if hasattr(after, "builds") else made) == before


def test_inputs_of_large_files_are_their_size_and_time(tmp_path):
    """A large file is not read: its size and the time of its last change count."""
    made = request(tmp_path)
    large = tmp_path / "services/orders/data.bin"
    large.write_bytes(b"a" * (5 << 20))
    before = inputs_of(made)
    os.utime(large, (1, 1))
    assert inputs_of(made) != before


def test_the_plan_has_the_hash(tmp_path):
    """The plan carries the hash of what it was made from."""
    made = request(tmp_path)
    assert generate(made, LABELS).inputs == inputs_of(made)
