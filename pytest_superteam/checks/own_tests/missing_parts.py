"""What a failed test run says that it missed: a database, a broker, a host of the network."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

__all__ = ["hint"]

_PORTS = {
    "5432": "PostgreSQL", "3306": "MySQL", "27017": "MongoDB", "6379": "Redis", "5672": "RabbitMQ", "9092": "Kafka",
    "1433": "SQL Server", "9200": "Elasticsearch", "2181": "ZooKeeper", "4222": "NATS", "11211": "memcached",
    "9042": "Cassandra", "8500": "Consul", "4566": "LocalStack", "1521": "Oracle", "8123": "ClickHouse",
}  # fmt: skip
"""Ports that mean a server (IANA's registry, and the servers' documentation)."""
_REFUSED = re.compile(
    r"ECONNREFUSED|[Cc]onnection refused|could not connect to server|Connect call failed|ServerSelectionTimeout"
    r"|MongooseServerSelectionError|No connection could be made"
)
_ADDRESS = re.compile(
    r"(?<![\w.])(localhost|127\.0\.0\.1|::1|\[::1\]|[a-z][\w-]{0,40})"
    r"[\"'\s,)(:]{1,4}(?:port )?(\d{2,5})\b(?!\.\d)"
)
_HERE = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
_UNKNOWN_HOST = re.compile(
    r"(?:getaddrinfo (?:ENOTFOUND|EAI_AGAIN)|could not translate host name|lookup|Failed to resolve"
    r"|UnknownHostException:) [\"']?([\w.-]{2,100})"
)
_VARIABLE = re.compile(
    r"[Mm]issing (?:required )?environment variables?:?[\s'\"-]{1,10}([A-Z][A-Z0-9_]{2,60})"
    r"|[Ee]nvironment variable [`'\"]?([A-Z][A-Z0-9_]{2,60})[`'\"]? (?:is )?(?:not set|required|missing|must be)"
    r"|^KeyError: '([A-Z][A-Z0-9_]{2,60})'$"
    r"|^(?:E +)?([a-z][a-z0-9_]{2,60})\n(?:E +)? {2}Field required \[type=missing, input_value=\{\}",
    re.MULTILINE,
)
"""What programs say that lack a setting: their own checks, Python's environment, pydantic-settings."""
_WIDTH = 300
_LONGEST, _MOST = 1 << 20, 1000
"""Characters of an output that are looked at, and refused connections in it."""


def hint(output: str, bad: int) -> str:
    """Return a sentence about what most of the failed tests seem to miss; empty where they fail for something else.

    Args:
        output: what the test run printed.
        bad: how many tests failed.
    """
    output = output[-_LONGEST:]
    refused: Counter[str] = Counter()
    matches = list(islice(_REFUSED.finditer(output), _MOST))
    for match in matches:
        near = output[max(0, match.start() - _WIDTH) : match.end() + _WIDTH]
        refused.update({_named(*at) for at in _ADDRESS.findall(near) if at[0] in _HERE or at[1] in _PORTS})
    if len(matches) * 2 >= min(bad, _MOST) and refused:
        return f" They seem to need {refused.most_common(1)[0][0]}, which is not there."
    variables = list(dict.fromkeys(name for match in _VARIABLE.finditer(output) for name in match.groups() if name))
    variables = [name.upper() for name in variables]
    if variables:
        named = ", ".join(variables[:3])
        return f" They seem to need environment variables ({named}): set `test: [env, NAME=value, ...]`."
    hosts = Counter(match[1] for match in _UNKNOWN_HOST.finditer(output))
    if hosts.total() * 2 >= bad and hosts:
        return f" They seem to need '{hosts.most_common(1)[0][0]}', which can't be reached from here."
    return ""


def _named(host: str, port: str) -> str:
    at = f"{host}:{port}"
    return f"{_PORTS[port]} ({at})" if port in _PORTS else f"what answers at {at}"
