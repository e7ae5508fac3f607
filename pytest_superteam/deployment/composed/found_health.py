"""Health checks of a found system: its own ones asked more often, and new ones where there is none."""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.languages.dockerfile import parse_dockerfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.scanners.languages.dockerfile import Stage

__all__ = ["health_check", "is_asked", "is_off", "seconds_of", "stage_of", "store_check"]

_DEFAULT_INTERVAL = 30.0
_DEFAULT_RETRIES = 3
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(h|ms|m|us|µs|ns|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_NO_SHELL = re.compile(r"\Ascratch\Z|distroless|chiseled|/static\b|\bstatic-debian|cgr\.dev/", re.IGNORECASE)
"""Images in which nothing could ask."""
_STORES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), test)
    for pattern, test in (
        # over TCP: while they set themselves up, these listen on their socket only
        (r"postg(?:res|is)|timescale|pgvector",
         'pg_isready -q -h 127.0.0.1 -U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-${POSTGRES_USER:-postgres}}"'),
        (r"mysql|mariadb|percona",
         "mysqladmin ping -h 127.0.0.1 --silent || mariadb-admin ping -h 127.0.0.1 --silent"),
        (r"redis(?!insight|-commander|.*exporter)", "redis-cli ping | grep -qE 'PONG|NOAUTH'"),
        (r"valkey", "valkey-cli ping | grep -qE 'PONG|NOAUTH'"),
        (r"mongo(?!-express)",
         "for m in mongosh mongo; do command -v $m && exec $m --quiet --eval 'db.runCommand({ping: 1})'; done; exit 1"),
        (r"rabbitmq", "rabbitmq-diagnostics -q ping"),
    )
)  # fmt: skip
"""What the usual images of databases and brokers bring to ask themselves with, by the last part of their name."""


def seconds_of(duration: object, default: float) -> float:
    """Return a duration as Compose and Docker write it (`1m30s`) in seconds; `default` for what is none."""
    parts = _PART.findall(str(duration or ""))
    return sum(float(number) * _UNITS[unit] for number, unit in parts) if parts else default


def store_check(image: str) -> str:
    """Return the shell command that asks a database or broker of that image; empty where none is known."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    if re.search(r"exporter|admin|ui\Z|proxy|bouncer", name):
        return ""
    return next((test for pattern, test in _STORES if pattern.search(name)), "")


def stage_of(dockerfile: str, target: str) -> Stage | None:
    """Return the stage of a Dockerfile's text that is built: `target`, else the last."""
    parsed = parse_dockerfile(dockerfile)
    return (parsed.stage_named(target) if target else None) or (parsed.stages[-1] if parsed.stages else None)


def health_check(
    service: Mapping[str, Any], *, stage: Stage | None, port: int, path: str, ready_timeout: float, every: int
) -> dict[str, Any] | None:
    """Return what the override says of a service's health; None where everything stays as it is.

    Args:
        service: the service in the parsed configuration.
        stage: what it is built from; None where that is not known.
        port: the port that it listens on; 0 where it is not ours or not known.
        path: of its health route; empty where it has none.
        ready_timeout: seconds that a new check gives it to get ready.
        every: seconds between two questions. Docker asks the first one that long after the start, by default 30.
    """
    own = service.get("healthcheck") or {}
    if is_off(own):
        return None
    if own.get("test"):
        return _sooner(own.get("interval"), own.get("retries"), every)
    instruction = stage.last("HEALTHCHECK") if stage is not None else None
    if instruction is not None:
        off = instruction.value.strip().upper() == "NONE"
        return None if off else _sooner(instruction.flag("interval"), instruction.flag("retries"), every)
    test = _probe(port, path) if port and stage is not None and not _NO_SHELL.search(_base(stage)) else ""
    test = test or store_check(_base(stage) if stage is not None else str(service.get("image") or ""))
    if not test:
        return None
    timing = {"interval": f"{every}s", "timeout": "5s", "retries": 3, "start_period": f"{ceil(ready_timeout)}s"}
    return {"test": ["CMD-SHELL", test], **timing}


def is_off(check: Mapping[str, Any]) -> bool:
    """Return whether a health check of the configuration switches the image's own off."""
    words = check.get("test") or [""]
    return bool(check.get("disable")) or str(words[0] if isinstance(words, list) else words).upper() == "NONE"


def is_asked(service: Mapping[str, Any], stage: Stage | None) -> bool:
    """Return whether a store has a health check, or gets one."""
    own = service.get("healthcheck") or {}
    instruction = stage.last("HEALTHCHECK") if stage is not None else None
    if is_off(own) or (not own.get("test") and instruction is not None and instruction.value.strip().upper() == "NONE"):
        return False
    image = _base(stage) if stage is not None else str(service.get("image") or "")
    return bool(own.get("test") or instruction is not None or store_check(image))


def _sooner(interval: object, retries: object, wanted: int) -> dict[str, Any] | None:
    """Return an own check's new pace, with the same patience in all; None where it is quick enough."""
    every = seconds_of(interval, _DEFAULT_INTERVAL)
    if every <= wanted:
        return None
    times = int(str(retries)) if str(retries or "").isdecimal() else _DEFAULT_RETRIES
    return {"interval": f"{wanted}s", "retries": max(1, ceil(every * (times or _DEFAULT_RETRIES) / wanted))}


def _base(stage: Stage) -> str:
    """Return the image that a stage starts from in the end."""
    return list(stage.lineage)[-1].image


def _probe(port: int, path: str) -> str:
    """Return a shell command that fails where nothing answers on `port`.

    It takes the first program that the image has; where it has none, the service counts as healthy, and what counts is
    that it answers from outside. A health route has to answer with success; without one, to be connected is enough.
    """
    url = f"http://127.0.0.1:{port}{path or '/'}"
    if re.fullmatch(r"(?:/[\w.~-]*)+", path or "/") is None:
        url, path = f"http://127.0.0.1:{port}/", ""
    python = f"import socket; socket.create_connection(('127.0.0.1', {port}), 3)"
    node = f"require('net').connect({port}, '127.0.0.1', () => process.exit(0)).on('error', () => process.exit(1))"
    curl = f'curl -s -m 4 -o /dev/null {url}; test "$?" -ne 7'
    wget = f"wget -q -T 4 -O /dev/null {url} || nc -z 127.0.0.1 {port}"
    if path:
        python = f"import urllib.request as r; r.urlopen('{url}', timeout=4)"
        node = f"fetch('{url}').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"
        curl, wget = f"curl -fsS -m 4 -o /dev/null {url}", f"wget -q -T 4 -O /dev/null {url}"
    ways = {
        "python3": f'python3 -c "{python}"',
        "python": f'python -c "{python}"',
        "node": f'node -e "{node}"',
        "curl": curl,
        "wget": wget,
    }
    chain = "; el".join(f"if command -v {program} >/dev/null 2>&1; then {way}" for program, way in ways.items())
    return f"{chain}; fi"
