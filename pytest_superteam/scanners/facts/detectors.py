"""Detectors for secrets of a form of their own that detect-secrets has no plugin for, or only one for a part of it.

They are plugins as detect-secrets knows them, each value yielded whole; `secrets/plugins.py` puts them beside its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from detect_secrets.plugins.base import RegexBasedDetector

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "AwsSecret",
    "BearerToken",
    "ConnectionString",
    "DatabaseSettings",
    "RepositoryToken",
    "SendGridKey",
    "SlackToken",
    "StripeLiveKey",
    "WebToken",
]


class AwsSecret(RegexBasedDetector):
    """A 40-character value bound to a name of an AWS secret key, or passed beside an access key."""

    secret_type = "AWS secret access key"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(
            r"(?i)(?:aws|amazon|amz|s3|ses|sns|sqs|dynamo)[\w.\- ]{0,20}?(?:secret"
            r"|sk)[\w.\- ]{0,20}(?:\\{0,3}[\"'\])>]){0,3}\s{0,20}"
            r"(?:=>|:=|={1,3}|[:,]|\()\s{0,20}(?:[\w.]{0,30}\()?\\{0,3}[\"'`]?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
        re.compile(
            r"(?i)\bsecret[_\-.]?access[_\-.]?key(?:\\{0,3}[\"'\])>]){0,3}\s{0,20}(?:=>|:=|={1,3}|[:,]"
            r"|\()\s{0,20}(?:[\w.]{0,30}\()?"
            r"\\{0,3}[\"'`]?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
        re.compile(
            r"(?i)\bconfigure\s+set\s+(?:\S{1,60}\.)?aws_secret_access_key\s+[\"']?([A-Za-z0-9/+]{40})"
            r"(?![A-Za-z0-9/+=])"
        ),
        re.compile(
            r"(?:AKIA|ASIA)[A-Z0-9]{16}\\{0,3}[\"'`]?(?:[\s,:;|]{1,10}"
            r"|[\s,]{0,10}[\w.\"']{1,40}\s{0,4}[=:]\s{0,4})\\{0,3}[\"'`]?([A-Za-z0-9/+]{40})"
            r"(?![A-Za-z0-9/+=])"
        ),
    )


class RepositoryToken(RegexBasedDetector):
    """A token of GitHub or GitLab."""

    secret_type = "GitHub or GitLab token"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(r"(?<![A-Za-z0-9])((?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9_]{36,255})"),
        re.compile(r"(?<![A-Za-z0-9])(github_pat_[A-Za-z0-9_]{22,255})"),
        re.compile(
            r"(?<![A-Za-z0-9_])((?:glpat|gldt|glrt|glft|glsoat|glcbt|glimt|glptt|glagent|gloas|glffct"
            r"|glwt)-[A-Za-z0-9_\-.]{20,1024})"
        ),
        re.compile(r"(?<![A-Za-z0-9_])(GR1348941[A-Za-z0-9_\-]{20,50})"),
    )


class StripeLiveKey(RegexBasedDetector):
    """A live key of Stripe, publishable ones included."""

    secret_type = "Stripe live key"  # noqa: S105 - the name of a kind
    denylist = (re.compile(r"(?<![A-Za-z0-9])((?:sk|rk|pk)_live_[A-Za-z0-9]{10,255})"),)


class SlackToken(RegexBasedDetector):
    """A token or a webhook URL of Slack."""

    secret_type = "Slack token or webhook"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(r"(?<![A-Za-z0-9])((?:xoxe\.)?xox[a-z]-[A-Za-z0-9][A-Za-z0-9\-]{8,500})"),
        re.compile(r"(?<![A-Za-z0-9])(xapp-\d-[A-Za-z0-9\-]{10,255})"),
        re.compile(
            r"((?:https?://)?hooks\.slack\.com/(?:services|workflows"
            r"|triggers)/[A-Za-z0-9_]{3,20}/[A-Za-z0-9_/+]{10,120})"
        ),
    )


class SendGridKey(RegexBasedDetector):
    """An API key of SendGrid."""

    secret_type = "SendGrid key"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(r"(?<![A-Za-z0-9_.])(SG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43})(?![A-Za-z0-9_\-])"),
        re.compile(r"(?<![A-Za-z0-9_.])(SG\.[A-Za-z0-9_\-=.]{66})(?![A-Za-z0-9_\-=])"),
    )


_SCHEMES = (
    r"postgres(?:ql)?|pgsql|postgis|pg|mysqlx?|mysql2|mariadb|mongodb|mongo|redis(?:-sentinel"
    r"|-cluster)?|sentinel|rediss|valkeys?|keydb|amqps?|pyamqp|rabbitmq|mssql|"
    r"sqlserver|oracle(?:db)?|db2|ibm_db_sa|ibmi|clickhouses?|chs?|cockroach(?:db)?|crdb|nats|kafka"
    r"|pulsar|memcached?|couchdbs?|couchbases?|"
    r"cassandra|scylla|ldaps?|neo4j|bolt|influx(?:db)?|elastic(?:search)?|opensearch|snowflake"
    r"|redshift|vertica(?:db)?|teradata(?:sql)?|presto|"
    r"trino|hive|impala|druid|firebird|sybase|informix|sqlanywhere|monetdb|exa|exasol|hana"
    r"|timescale(?:db)?|greenplum|yugabyte(?:db)?|mqtts?|stomp|"
    r"zookeeper|etcd|surrealdb|arangodb|rethinkdb|dynamodb|libsql|questdb|tdengine|taos|doris"
    r"|starrocks|tidb|oceanbase|sqs|celery|ecto|tarantool|"
    r"aerospike|janusgraph|gremlin|orientdb|dgraph|ignite|hazelcast|kudu|drill|phoenix|jdbc|odbc"
    r"|mysql\+srv|graphite|solr|activemq|artemis|tcp|ssl(?=://[^\s]*:(?:61616|61617|1883|8883))"
)


class ConnectionString(RegexBasedDetector):
    """A URL of a database, a broker or a cache with a password in it."""

    secret_type = "Connection string"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(
            rf"(?i)(?<![A-Za-z0-9])((?:{_SCHEMES})(?:\+[a-z0-9_]{{1,20}}){{0,2}}"
            rf"(?::[a-z0-9]{{1,20}}){{0,2}}:(?://"
            rf"|\\/\\/)[^\s:/@\"'`<>]{{0,100}}:[^\s\"'`]{{1,200}}@[\w.\-\[\]${{}}*(%<+\"']{{1,200}})"
        ),
        re.compile(
            r"(?i)(https?://[^\s:/@\"'`<>]{1,100}:[^\s/@\"'`<>]{1,200}@(?:[\w.\-]{0,100}(?:elastic"
            r"|opensearch|couch|rabbit|influx|clickhouse|solr|cloudant|neo4j|arango)[\w.\-]{0,100}"
            r"|[\w.\-]{1,100}:(?:9200|5984|6984|15672|8086|8123|7474|8983|8529)\b)[\w.:\-]{0,60})"
        ),
        re.compile(r"(?<![\w/])([^\s:/@\"'`()]{1,60}:[^\s@\"'`]{1,200}@(?:tcp|unix)\()"),
        re.compile(r"(?i)(jdbc:oracle:(?:thin|oci8?):[^\s:/@\"'`]{1,60}/[^\s/@\"'`]{1,100}@[^\s\"'`]{1,100})"),
    )


class DatabaseSettings(RegexBasedDetector):
    """A connection string of `name=value` pairs: JDBC parameters, ADO.NET, ODBC, libpq, StackExchange.Redis.

    What is yielded is the password.
    """

    secret_type = "Connection string of pairs"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(
            r"(?i)(?<![A-Za-z0-9])(?:jdbc:[a-z0-9:]{2,40}|(?:postgres(?:ql)?|mysql|mariadb|mongodb"
            r"|redis[s]?|sqlserver|mssql|amqps?|clickhouse|snowflake)(?:\+\w{1,20})?):?//"
            r"[^\s\"'`]{0,300}?[?&;](?:password|passwd|pwd|pass)=([^\s&;\"'`\\)]{1,200})"
        ),
        re.compile(
            r"(?i)(?:\b(?:server|data source|datasource|host|hostname|addr|address|network address"
            r"|initial catalog|database|dbname|db|driver|dsn|uid|user id|userid|username|user"
            r"|account ?name|provider|port)"
            r"\s?=\s?(?:\{[^{}]{1,80}\}"
            r"|[^;\"'`\n]{0,120}+))(?:;[^;\"'`\n]{0,120}+){0,12}?;\s{0,4}(?:password"
            r"|pwd)\s?=\s?'?([^;\"'`\n\s]{1,200})"
        ),
        re.compile(
            r"(?i)(?:^|[\"'`;])\s{0,2}(?:password"
            r"|pwd)\s?=\s?([^;\"'`\n\s]{1,200});(?:[^;\"'`\n]{0,120}+;){0,8}?\s{0,4}(?:server"
            r"|data source|host|initial catalog|database|uid|user id|user|driver)\s?="
        ),
        re.compile(
            r"(?i)\b(?:host|hostaddr|dbname|user|port"
            r"|sslmode)\s?=\s?[^\s=\"'`;&,()]{1,100}(?:\s+\w{2,40}\s?=\s?[^\s=\"'`;&,"
            r"()]{1,100}){0,10}?\s+password\s?=\s?\\?'?([^\s\"'`;&\\]{1,200})"
        ),
        re.compile(
            r"(?i)\bpassword=([^\s\"'`;&,]{1,200})\s+(?:host|hostaddr|dbname|user|port|sslmode)=[^\s=\"'`;&]{1,100}"
        ),
        re.compile(r"(?i)[\w.\-]{3,120}:\d{2,5},(?:[^\"'`\n]{0,100},)?password=([^\s,\"'`;]{1,200})(?:,|[\"'`]|$)"),
    )


class BearerToken(RegexBasedDetector):
    """A literal token behind the word Bearer."""

    secret_type = "Bearer token"  # noqa: S105 - the name of a kind
    denylist = (re.compile(r"(?i)\bbearer[ \t]{1,4}([A-Za-z0-9\-._~+/|:]{6,2000}={0,2})(?![A-Za-z0-9{(<$%])"),)


class WebToken(RegexBasedDetector):
    """A JSON web token, unsigned ones too: its first part decodes to JSON with `alg`."""

    secret_type = "JSON web token"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(
            r"(?<![A-Za-z0-9_\-])(e[yw][A-Za-z0-9_\-]{8,2000}={0,2}\.[A-Za-z0-9_\-]{2,8000}={0,"
            r"2}\.[A-Za-z0-9_\-]{0,4000}(?:\.[A-Za-z0-9_\-]{1,8000}){0,2})"
        ),
    )

    def analyze_string(self, string: str) -> Generator[str, None, None]:
        """Yield the tokens whose header says how they are signed."""
        yield from (token for token in super().analyze_string(string) if self._has_algorithm(token))

    @staticmethod
    def _has_algorithm(token: str) -> bool:
        import base64
        import json

        head, payload = token.split(".", 2)[:2]
        head = head.rstrip("=")
        try:
            header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        except (ValueError, RecursionError):
            return False
        return isinstance(header, dict) and "alg" in header and (len(payload) >= 16 or payload.startswith("e"))
