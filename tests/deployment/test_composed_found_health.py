"""Health checks of a found system: its own ones asked more often, new ones where there is none."""

from __future__ import annotations

import pytest

from pytest_superteam.deployment.composed.found_health import health_check, is_asked, seconds_of, stage_of, store_check


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("15s", 15), ("1m30s", 90), ("1.5h", 5400), ("500ms", 0.5), ("", 30), (None, 30), ("soon", 30)],
)
def test_seconds(duration, expected):
    """Durations are read as Docker writes them."""
    assert seconds_of(duration, 30) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("postgres:12.1-alpine", "pg_isready"),
        ("mirror.example:5000/postgis/postgis", "pg_isready"),
        ("timescale/timescaledb:latest-pg16", "pg_isready"),
        ("mariadb", "mysqladmin"),
        ("redis/redis-stack", "redis-cli"),
        ("valkey/valkey:8", "valkey-cli"),
        ("mongo:7", "for m in mongosh mongo"),
        ("rabbitmq:3-management", "rabbitmq-diagnostics"),
        ("mongo-express", ""),
        ("prometheuscommunity/postgres-exporter", ""),
        ("phpmyadmin", ""),
        ("nginx", ""),
        ("redis/redisinsight", ""),
    ],
)
def test_store_check(image, expected):
    """Databases and brokers are asked with what their usual images bring, tools around them are not."""
    assert store_check(image).startswith(expected) if expected else store_check(image) == ""


@pytest.mark.parametrize(
    ("service", "dockerfile", "expected"),
    [
        (
            {"healthcheck": {"test": ["CMD", "x"], "interval": "30s", "retries": 3}},
            "",
            {"interval": "3s", "retries": 30},
        ),
        ({"healthcheck": {"test": ["CMD", "x"]}}, "", {"interval": "3s", "retries": 30}),
        ({"healthcheck": {"test": ["CMD", "x"], "interval": "2s"}}, "", None),
        ({"healthcheck": {"disable": True}}, "FROM python:3", None),
        ({"healthcheck": {"test": ["NONE"]}}, "FROM python:3", None),
        ({}, "FROM x\nHEALTHCHECK --interval=60s --retries=1 CMD x", {"interval": "3s", "retries": 20}),
        ({}, "FROM x\nHEALTHCHECK NONE", None),
        ({}, "FROM scratch", None),
        ({}, "FROM gcr.io/distroless/python3", None),
        ({}, "FROM golang AS a\nFROM gcr.io/distroless/static-debian12\nCOPY --from=a x x", None),
        ({"image": "nginx"}, "", None),
    ],
)
def test_health_check(service, dockerfile, expected):
    """An own check is asked more often with the same patience; where nothing in the image could ask, there is none."""
    stage = stage_of(dockerfile, "") if dockerfile else None
    assert health_check(service, stage=stage, port=8000, path="", ready_timeout=20, every=3) == expected


@pytest.mark.parametrize(
    ("path", "expected", "absent"),
    [
        ("/health", "urlopen('http://127.0.0.1:8000/health', timeout=4)", "create_connection"),
        ("", "create_connection(('127.0.0.1', 8000), 3)", "urlopen"),
        ("/x'; rm -rf /", "create_connection", "rm -rf"),
    ],
)
def test_new_health_check(path, expected, absent):
    """A new check asks the health route, or only connects; a path that is none can't become a command."""
    found = health_check({}, stage=stage_of("FROM python:3", ""), port=8000, path=path, ready_timeout=19.5, every=2)
    assert found["start_period"] == "20s"
    assert found["test"][0] == "CMD-SHELL"
    assert expected in found["test"][1]
    assert absent not in found["test"][1]


@pytest.mark.parametrize(
    ("service", "dockerfile", "expected"),
    [
        ({"image": "postgres:17"}, "", True),
        ({"image": "postgres:17", "healthcheck": {"test": ["NONE"]}}, "", False),
        ({"image": "minio/minio"}, "", False),
        ({"image": "minio/minio", "healthcheck": {"test": ["CMD", "x"]}}, "", True),
        ({}, "FROM postgres:17\nCOPY init.sql /x", True),
        ({}, "FROM x\nHEALTHCHECK CMD x", True),
        ({}, "FROM postgres:17\nHEALTHCHECK NONE", False),
        ({}, "FROM x", False),
    ],
)
def test_store_that_is_asked(service, dockerfile, expected):
    """A store can be waited for where it has a check: its own, its image's or one that is made for its image."""
    stage = stage_of(dockerfile, "") if dockerfile else None
    assert is_asked(service, stage) is expected
    made = health_check(service, stage=stage, port=0, path="", ready_timeout=20, every=2)
    assert (made is not None) is expected
