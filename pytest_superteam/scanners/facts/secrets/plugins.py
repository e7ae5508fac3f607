"""The detectors of detect-secrets and ours, each with its code and the kinds of passage that it looks at.

Plugins are made from their classes, so that the settings of detect-secrets, which are global, are neither read nor
changed, and nothing is verified over the network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.facts.secrets import triggers

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Detector", "detectors"]


@dataclass(frozen=True)
class Detector:
    """A plugin as it is used here."""

    number: int
    """Of its code: 4 is SEC-SECRET-004."""
    kinds: frozenset[str]
    plugin: Any
    needs: re.Pattern[str] | None = None
    """What else a line has to hold."""

    def values(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield value and start of what the plugin finds in `text`, each place once."""
        if self.needs is not None and not self.needs.search(text):
            return
        values = {str(found) for found in self.plugin.analyze_string(text)}
        for pattern in self.plugin.denylist if values else ():
            for match in pattern.finditer(text):
                for group in range(1 if pattern.groups else 0, pattern.groups + 1):
                    if match[group] in values:
                        yield match[group], match.start(group)


@cache
def detectors() -> tuple[Detector, ...]:
    """Return the detectors of secrets that have a form of their own, the most specific first."""
    from detect_secrets.plugins.artifactory import ArtifactoryDetector
    from detect_secrets.plugins.aws import AWSKeyDetector
    from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
    from detect_secrets.plugins.cloudant import CloudantDetector
    from detect_secrets.plugins.discord import DiscordBotTokenDetector
    from detect_secrets.plugins.ibm_cloud_iam import IbmCloudIamDetector
    from detect_secrets.plugins.ibm_cos_hmac import IbmCosHmacDetector
    from detect_secrets.plugins.mailchimp import MailchimpDetector
    from detect_secrets.plugins.npm import NpmDetector
    from detect_secrets.plugins.openai import OpenAIDetector
    from detect_secrets.plugins.pypi_token import PypiTokenDetector
    from detect_secrets.plugins.slack import SlackDetector
    from detect_secrets.plugins.softlayer import SoftlayerDetector
    from detect_secrets.plugins.square_oauth import SquareOAuthDetector
    from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector

    from pytest_superteam.scanners.facts import detectors as ours
    from pytest_superteam.scanners.facts.vendor_tokens import VendorToken

    t = triggers
    vendor = frozenset({t.VENDOR})
    named = frozenset({t.VENDOR, t.NAMES})
    return (
        Detector(1, frozenset({t.AWS}), AWSKeyDetector()),
        Detector(2, frozenset({t.AWS, t.NAMES}), ours.AwsSecret()),
        Detector(8, frozenset({t.REPO}), ours.RepositoryToken()),
        Detector(9, frozenset({t.STRIPE}), ours.StripeLiveKey()),
        Detector(11, frozenset({t.SLACK}), ours.SlackToken()),
        Detector(11, frozenset({t.SLACK}), SlackDetector()),
        Detector(12, frozenset({t.SENDGRID}), ours.SendGridKey()),
        Detector(5, frozenset({t.URL}), ours.ConnectionString()),
        Detector(5, frozenset({t.URL, t.NAMES}), ours.DatabaseSettings(), re.compile(r"(?i)p(?:ass)?w(?:or)?d|pass=")),
        Detector(10, frozenset({t.JWT}), ours.WebToken()),
        Detector(6, frozenset({t.BEARER}), ours.BearerToken()),
        Detector(4, vendor, VendorToken()),
        Detector(4, vendor, OpenAIDetector()),
        Detector(4, vendor, PypiTokenDetector()),
        Detector(4, vendor, SquareOAuthDetector()),
        Detector(4, vendor, AzureStorageKeyDetector()),
        Detector(4, vendor, NpmDetector()),
        Detector(4, vendor, MailchimpDetector(), re.compile(r"-us\d")),
        Detector(4, vendor, TelegramBotTokenDetector(), re.compile(r"\d:[\w-]{35}")),
        Detector(4, named, ArtifactoryDetector(), re.compile(r"(?i)artifactory|jfrog")),
        Detector(4, named, DiscordBotTokenDetector(), re.compile(r"[MNO][\w-]{23,25}\.[\w-]{6}\.")),
        Detector(4, named, CloudantDetector(), re.compile(r"(?i)cloudant")),
        Detector(4, named, SoftlayerDetector(), re.compile(r"(?i)softlayer|\bsl[_-]")),
        Detector(4, named, IbmCosHmacDetector(), re.compile(r"(?i)hmac|\bcos[_-]|\bibm")),
        Detector(4, named, IbmCloudIamDetector(), re.compile(r"(?i)\bibm|\biam")),
    )
