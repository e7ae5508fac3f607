"""Detectors for secrets that detect-secrets has no plugin for, or whose plugin gives back only a part of the secret.

Loaded by detect-secrets itself, as plugins from this file; imported nowhere else.
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
    "RepositoryToken",
    "SendGridKey",
    "SlackToken",
    "StripeLiveKey",
    "WebToken",
]


class AwsSecret(RegexBasedDetector):
    """A 40-character value bound to a name of an AWS secret key."""

    secret_type = "AWS secret access key"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(
            r"(?i)aws[\w.\- ]{0,20}?secret[\w.\- ]{0,20}[\"']?\s{0,4}(?:=>|:=|[=:,])\s{0,4}[\"']?"
            r"([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
        re.compile(
            r"(?i)\bsecret_?access_?key[\"']?\s{0,4}(?:=>|:=|[=:,])\s{0,4}[\"']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
    )


class RepositoryToken(RegexBasedDetector):
    """A token of GitHub or GitLab."""

    secret_type = "GitHub or GitLab token"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(r"(?<![A-Za-z0-9_])((?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36,255})"),
        re.compile(r"(?<![A-Za-z0-9_])(github_pat_[A-Za-z0-9_]{22,255})"),
        re.compile(r"(?<![A-Za-z0-9_])(glpat-[A-Za-z0-9_\-]{20,255})"),
    )


class StripeLiveKey(RegexBasedDetector):
    """A live key of Stripe, publishable ones included."""

    secret_type = "Stripe live key"  # noqa: S105 - the name of a kind
    denylist = (re.compile(r"(?<![A-Za-z0-9_])((?:sk|rk|pk)_live_[A-Za-z0-9]{16,255})"),)


class SlackToken(RegexBasedDetector):
    """A token or a webhook URL of Slack."""

    secret_type = "Slack token or webhook"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(r"(?<![A-Za-z0-9_])(xox[abeprs]-[A-Za-z0-9][A-Za-z0-9\-]{9,250})"),
        re.compile(
            r"(https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9_]{3,20}/[A-Za-z0-9_/]{10,120})"
        ),
    )


class SendGridKey(RegexBasedDetector):
    """An API key of SendGrid."""

    secret_type = "SendGrid key"  # noqa: S105 - the name of a kind
    denylist = (re.compile(r"(?<![A-Za-z0-9_.])(SG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43})(?![A-Za-z0-9_\-])"),)


class ConnectionString(RegexBasedDetector):
    """A URL of a database, a broker or a cache with a password in it."""

    secret_type = "Connection string"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(
            r"(?i)\b((?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|oracle|clickhouse|cockroachdb|nats|"
            r"kafka|memcached|couchdb|cassandra|ldaps?|neo4j|bolt|influxdb|elasticsearch|valkeys?)"
            r"(?:\+[a-z0-9]{1,20})?://[^\s:/@\"'`<>]{0,100}:[^\s@\"'`<>]{1,200}@[\w.\-\[\]${}*(]+)"
        ),
    )


class BearerToken(RegexBasedDetector):
    """A literal token behind the word Bearer."""

    secret_type = "Bearer token"  # noqa: S105 - the name of a kind
    denylist = (re.compile(r"(?i)\bbearer[ \t]{1,4}([A-Za-z0-9\-._~+/]{16,2000}={0,2})(?![A-Za-z0-9{(<$])"),)


class WebToken(RegexBasedDetector):
    """A JSON web token, unsigned ones too: its first part decodes to JSON with `alg`."""

    secret_type = "JSON web token"  # noqa: S105 - the name of a kind
    denylist = (
        re.compile(r"(?<![A-Za-z0-9_\-])(eyJ[A-Za-z0-9_\-]{8,2000}\.[A-Za-z0-9_\-]{2,8000}\.[A-Za-z0-9_\-]{0,2000})"),
    )

    def analyze_string(self, string: str) -> Generator[str, None, None]:
        """Yield the tokens whose header says how they are signed."""
        yield from (token for token in super().analyze_string(string) if self._has_algorithm(token))

    @staticmethod
    def _has_algorithm(token: str) -> bool:
        import base64
        import json

        head = token.split(".", 1)[0]
        try:
            header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        except (ValueError, RecursionError):
            return False
        return isinstance(header, dict) and "alg" in header
