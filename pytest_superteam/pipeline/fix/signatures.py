"""What stays the same of a service's failures from gate to gate, so that they are known when they come back.

What a running system says differs each time: ids, ports, moments, values that a check made up, and how long it took.
Numbers say how bad it is, and statuses what it is, so that these stay: who mends two tests of five has got further.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fleet.signatures import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_superteam.models import Violation
    from pytest_superteam.pipeline.fix.findings import Finding, Found

__all__ = ["print_of_error", "print_of_violation", "signature_of", "signatures"]

_READ = 4_000
"""Characters of a message that count."""
_SOURCE = 3
"""The first layer whose findings are about source: there the evidence is a line of it."""
_BODY = re.compile(
    r"""(?:\{\s{0,4}["'}]|\[\s{0,4}["'{\]]).*[}\]…](?: \(\d{1,9} characters\))?|…(?: \(\d{1,9} characters\))?"""
)
"""What a service answered, whole or cut."""
_FRESH = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|\d{4}-\d\d-\d\d(?:[T ][\d:.]{5,15}(?:Z|[+-]\d\d:\d\d)?)?"
    r"|\b(?:[a-z]{3,9} )?(?=[a-f]{0,63}\d)[0-9a-f]{8,64}\b"  # a value that a check made up: a word and digits
    r"|(?:localhost|127\.0\.0\.1|\[::1\]):\d{1,5}"
    r"|\b\d{1,9}(?:\.\d{1,9})? ?(?:ms|milliseconds?|s|seconds?)\b"
)
_STATUS = re.compile(r"(?<![\w.-])(?=[1-5]\d\d(?![\w.-]*\d))")


def signature_of(findings: Iterable[Finding]) -> str:
    """Return 32 hexadecimal digits, the same for the same findings in whatever order; nothing without any."""
    prints = sorted({finding.fingerprint for finding in findings})
    return _digest(*prints) if prints else ""


def signatures(found: Found) -> Mapping[str, str]:
    """Return the signature of each service that something was found in."""
    return {service: signature_of(findings) for service, findings in found.mendable.items()}


def print_of_violation(violation: Violation, item: str, layer: int) -> str:
    """Return what stays the same of a violation that an item found, 32 hexadecimal digits."""
    if layer >= _SOURCE:
        return violation.fingerprint
    text = _FRESH.sub("*", _BODY.sub("*", " ".join(violation.message[:_READ].split())))
    return _digest(violation.code, violation.service, violation.file, item, text)


def print_of_error(service: str, error: str) -> str:
    """Return what stays the same of an error that a service is blamed for, 32 hexadecimal digits."""
    text = _BODY.sub("*", " ".join(error[:_READ].split()))
    return _digest(service, normalised(_STATUS.sub("status ", text)))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
