"""What a text says of itself: that it wants microservices, one program, or a system of services."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.architect.decomposition.parts import MICRO, MICRO_NATIVE
from pytest_superteam.architect.names import fold

if TYPE_CHECKING:
    from pytest_superteam.architect.document.sections import Document

__all__ = ["Evidence", "read_evidence"]

_NOT_ASKED = re.compile(
    r"\b(?:no|not|non|without|avoid\w{0,3}|instead of|rather than|unlike|future|later|eventually|could|may|might"
    r"|can be|migrat\w{1,4}"
    r"|evolv\w{1,3}|ready|overkill|over-?engineer\w{0,3}|other|another|external|monolith\w{0,3}|sans|sin|sem|ohne"
    r"|kein\w{0,2}|pas de"
    r"|phase [2-9]|v2|integrat\w{1,4} with|for (?:your|their|future)|extract\w{0,3}|eas(?:y|ily)|path to(?:wards?)?"
    r"|transition\w{0,3}"
    r"|prepar\w{1,3}|towards?|become|instead)\b[^.\n]{0,60}$|\bbetween\s+(?:\w+\s+)?$"
)
_NOT_ASKED_NATIVE = re.compile("(?:不|非|未来|将来|无需|では?な|しない|아닌|не |без |будущ)[^。.\n]{0,20}$")
_AFTER = re.compile(
    r"^\w{0,8}[- ](?:\(?phase [2-9]|\(?v2|\(?future|ready|later|in (?:the )?future|migration)|^[^.\n]{0,30}\b(?:is"
    r"|are) (?:not|out of|overkill)"
)
_MONOLITH = re.compile(
    r"(?<!from )(?<!from a )(?<!the old )(?<!legacy )(?:modular |single )?monolit(?!\w{0,4}[^.\n]{0,30}(?:to|into|en"
    r"|in) micro)"
    r"|\bsingle (?:[\w.-]{2,20} ){0,2}(?:backend|deployable|deployment unit|service|process|codebase|application)\b"
    r"|server actions?\b"
    r"|单体|單體|モノリ|모놀리|монолит"
)
_DISTRIBUTED = re.compile(
    r"between (?:the )?services|inter-?service|\beach service\b|\ball (?:core |backend )?services\b|\bservice mesh\b"
    r"|across (?:all )?(?:core |backend )?services|backend services|independently (?:deploy|scal)|separately deploy"
    r"|per[- ]service\b"
    r"|services (?:communicate|talk)|entre (?:os |los |les )?servi|zwischen (?:den )?(?:diensten|services)"
)


@dataclass(frozen=True)
class Evidence:
    """What the text as a whole says: that it wants microservices, one program, or a system of services."""

    micro: bool
    monolith: bool
    distributed: bool
    line: int = 0


def read_evidence(document: Document) -> Evidence:
    """Return what the lines of the text say, each line looked at once."""
    micro_line = asked = 0
    titled = monolith = distributed = gateway = broker = False
    for section in document.live():
        texts = [(section.line, section.heading)]
        for block in section.blocks:
            texts += block.lines()
            texts += [(r.line, " | ".join(r.cells)) for r in block.rows]
        for line, text in texts:
            low = text[:3000].lower()
            native = not low.isascii()
            if asked < 2 and ("micro" in low or "mikro" in low or "deployable" in low or native) and _asks(low):
                micro_line = micro_line or line
                asked += 1
                titled = titled or line == section.line
            if not monolith and ("monolit" in low or "single" in low or "server action" in low or native):
                monolith = bool(_MONOLITH.search(low))
            if not distributed and ("servi" in low or "dienst" in low or "independently" in low):
                distributed = bool(_DISTRIBUTED.search(low))
            gateway = gateway or "gateway" in low
            broker = broker or "kafka" in low or "rabbitmq" in low or "message b" in low or "grpc" in low
    # One mention beside a monolith is a comparison or a plan.
    micro = bool(micro_line) and not (monolith and asked < 2 and not titled)
    return Evidence(micro, monolith and not micro, distributed or (gateway and broker), micro_line)


def _asks(low: str) -> bool:
    if "micro" in low or "mikro" in low or "deployable" in low or "vi dịch" in low:
        folded = fold(low)
        for match in MICRO.finditer(folded):
            before = folded[max(0, match.start() - 90) : match.start()]
            if not _NOT_ASKED.search(before) and not _AFTER.search(folded[match.end() : match.end() + 60]):
                return True
    found = None if low.isascii() else MICRO_NATIVE.search(low)
    return bool(found and not _NOT_ASKED_NATIVE.search(low[max(0, found.start() - 30) : found.start()]))
