"""What stays the same of a service's failures from gate to gate, so that they are known when they come back."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_superteam.pipeline.fix.findings import Finding, Found

__all__ = ["signature_of", "signatures"]


def signature_of(findings: Iterable[Finding]) -> str:
    """Return 32 hexadecimal digits, the same for the same findings in whatever order; nothing without any."""
    prints = sorted({finding.fingerprint for finding in findings})
    return hashlib.sha256("\n".join(prints).encode()).hexdigest()[:32] if prints else ""


def signatures(found: Found) -> Mapping[str, str]:
    """Return the signature of each service that something was found in."""
    return {service: signature_of(findings) for service, findings in found.mendable.items()}
