"""PostgreSQL and Redis of a composed system: a database and a user for each service that asks for one.

A run-once service, `database-setup`, makes them with psql. It can run any number of times. The services' users own
their database and nothing else: no rights over the cluster, and nobody may connect to another one's database.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.containers import (
    HARDENED,
    LABELS,
    build,
    checked,
    limits,
    reference,
    resolved,
)
from pytest_superteam.deployment.composed.names import database_name, variable
from pytest_superteam.deployment.composed.yaml_text import Alias, Line

if TYPE_CHECKING:
    from pytest_superteam.deployment.composed.system import ComposedService, System

__all__ = ["ADMIN_PASSWORD", "REDIS_PASSWORD", "database_url", "passwords", "pool", "postgres", "redis", "redis_url"]
__all__ += ["setup", "setup_files", "volumes"]

ADMIN_PASSWORD = "POSTGRES_PASSWORD"  # noqa: S105 - the name of a variable
REDIS_PASSWORD = "REDIS_PASSWORD"  # noqa: S105 - the name of a variable
_PASSWORD = "DATABASE_PASSWORD"  # noqa: S105 - the end of a variable's name
_REDIS_PASSWORD = "REDIS_PASSWORD"  # noqa: S105 - the end of a variable's name
_VOLUME = "postgres-data"
_SOCKETS = "postgres-sockets"
"""A volume takes over the owner that the folder has in the image, whatever his number; a tmpfs would be root's."""
_CONNECTIONS = 90
"""Of the hundred that a server takes by default, those that the services share."""


def database_url(service: ComposedService, system: System) -> str:
    """Return the service's DATABASE_URL, its password as a reference.

    Where it asks for no database, that is a file that lives as long as its container.
    """
    if not service.keeps("postgresql"):
        return "sqlite:////tmp/service.db"
    name = database_name(service.name)
    return f"postgresql://{name}:{reference(variable(service.name, _PASSWORD))}@{system.names.postgres}:5432/{name}"


def pool(system: System) -> int:
    """Return how many connections each service may open, for the server to have enough for all."""
    return max(2, min(10, _CONNECTIONS // max(1, len(system.keeping("postgresql")))))


def redis_url(service: ComposedService, system: System) -> str:
    """Return the service's REDIS_URL: a user and a numbered database of its own. Empty where it asks for none."""
    keeping = [kept.name for kept in system.keeping("redis")]
    if service.name not in keeping:
        return ""
    password = reference(variable(service.name, _REDIS_PASSWORD))
    return f"redis://{service.name}:{password}@{system.names.redis}:6379/{keeping.index(service.name)}"


def passwords(system: System) -> list[str]:
    """Return the variables of the env file that hold generated passwords, in order."""
    stores = system.keeping("postgresql"), system.keeping("redis")
    found = [ADMIN_PASSWORD] if stores[0] else []
    found += [variable(service.name, _PASSWORD) for service in stores[0]]
    found += [REDIS_PASSWORD] if stores[1] else []
    return found + [variable(service.name, _REDIS_PASSWORD) for service in stores[1]]


def postgres(system: System) -> dict[str, Any]:
    """Return the PostgreSQL server. Its image starts as root to own its data, then becomes `postgres`."""
    image = system.image("postgres")
    return {
        "<<": Alias(HARDENED),
        "image": image,
        # The locale: text is UTF-8 and sorts by code point, whatever locale the image brings.
        "environment": {"LANG": "C.UTF-8", ADMIN_PASSWORD: resolved(reference(ADMIN_PASSWORD))},
        "cap_add": Line(["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]),
        "shm_size": "128m",
        "volumes": Line([f"{_VOLUME}:{_data_folder(image)}", f"{_SOCKETS}:/run/postgresql"]),
        "networks": Line(["backend"]),
        "deploy": limits("1.0", "1G", 1024),
        # Over TCP: while it makes the cluster, the image's server answers on its socket only.
        "healthcheck": checked(system, ["CMD", "pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres"], 1),
    }


def _data_folder(image: str) -> str:
    """Return where the image keeps its data; the official one moved it with version 18."""
    version = re.search(r":([0-9]{1,3})[^/]*\Z", image.partition("@")[0])
    moved = version is not None and int(version[1]) >= 18
    return "/var/lib/postgresql" if moved else "/var/lib/postgresql/data"


def volumes(system: System) -> dict[str, Any]:
    """Return the named volumes that the databases need."""
    names = (_VOLUME, _SOCKETS) if system.keeping("postgresql") else ()
    return {name: {"labels": Alias(LABELS)} for name in names}


def setup(system: System) -> dict[str, Any]:
    """Return the run-once service that makes the databases and their users."""
    names = [variable(service.name, _PASSWORD) for service in system.keeping("postgresql")]
    return {
        "<<": Alias(HARDENED),
        "image": system.built(system.names.database_setup),
        "build": build(system, "database-setup"),
        "environment": {
            "PGHOST": system.names.postgres,
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
            "PGPASSWORD": resolved(reference(ADMIN_PASSWORD)),
            **{name: resolved(reference(name)) for name in names},
        },
        "networks": Line(["backend"]),
        "deploy": limits("0.5", "128M", 64),
        "healthcheck": checked(system),
        "depends_on": {system.names.postgres: {"condition": "service_healthy"}},
    }


def setup_files(system: System) -> dict[str, str]:
    """Return the files of the image of `setup`, by path below its folder."""
    dockerfile = f"""\
# psql and the script beside this file, nothing else.
FROM {system.image("postgres")}
COPY databases.sql /setup/databases.sql
USER 65532:65532
HEALTHCHECK CMD ["pg_isready", "-q"]
ENTRYPOINT ["psql"]
CMD ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=/setup/databases.sql"]
"""
    return {"Dockerfile": dockerfile, "databases.sql": _script(system)}


_HEAD = """\
-- A database and a user for each service. Running it again changes nothing but the passwords.
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
"""
_ONE = """
-- {service}
\\set password `printf %s "${variable}"`
SELECT 'CREATE ROLE "{name}"' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}')\\gexec
ALTER ROLE "{name}" WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
SELECT 'CREATE DATABASE "{name}" OWNER "{name}" TEMPLATE template0 ENCODING ''UTF8'''
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}')\\gexec
REVOKE ALL ON DATABASE "{name}" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE "{name}" TO "{name}";
"""


def _script(system: System) -> str:
    parts = [
        _ONE.format(service=s.name, name=database_name(s.name), variable=variable(s.name, _PASSWORD))
        for s in system.keeping("postgresql")
    ]
    return _HEAD + "".join(parts)


def redis(system: System) -> dict[str, Any]:
    """Return the Redis server: in memory only, a user for each service."""
    users = [
        word
        for service in system.keeping("redis")
        for word in (
            "--user",
            service.name,
            "on",
            resolved(f">{reference(variable(service.name, _REDIS_PASSWORD))}"),
            *("~*", "&*", "+@all", "-@admin", "-flushall", "-swapdb"),
        )
    ]
    count = str(max(16, len(system.keeping("redis"))))
    return {
        "<<": Alias(HARDENED),
        "image": system.image("redis"),
        "user": "65532:65532",
        "command": [
            *("redis-server", "--save", "", "--appendonly", "no", "--databases", count),
            *("--requirepass", resolved(reference(REDIS_PASSWORD)), *users),
        ],
        "environment": {"REDISCLI_AUTH": resolved(reference(REDIS_PASSWORD))},
        "tmpfs": Line(["/tmp", "/data:mode=1777"]),  # noqa: S108 - in the container
        "networks": Line(["backend"]),
        "deploy": limits("0.5", "256M", 64),
        "healthcheck": checked(system, ["CMD-SHELL", "redis-cli ping | grep -q PONG"], 1),
    }
