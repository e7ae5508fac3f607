"""Source that tells a run of the gate or of tests from real use, which a fix added."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fix.weakened.found import Weakening
from pytest_superteam.pipeline.fix.weakened.places import is_document, is_setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.pipeline.fix.trees import Change

__all__ = ["detection_weakenings"]

_TELLING = re.compile(
    r"PYTEST_(?:CURRENT_TEST|VERSION|XDIST\w{0,30}|RUN_CONFIG)|JEST_WORKER_ID|VITEST_(?:WORKER|POOL)_ID|MOCHA_WORKER_ID"
    r"|SUPERTEAM_(?:DEPLOYMENT|RUN|PHASE|GATE)\w{0,30}|[\"'](?:_?pytest|schemathesis|unittest)[\"']\s{0,9}(?:not\s{1,9})?in\s{1,9}\w"
    r"|sys\.modules.{0,60}[\"'](?:_?pytest|schemathesis|unittest|hypothesis)[\"']|x-schemathesis|schemathesis"
    r"|pytest[-_]superteam|sys\._called_from_test|testing\.Testing\(\)"
    r"|flag\.Lookup\(\"test\.|(?:getenv|environ(?:\.get)?)\s{0,9}[(\[]\s{0,9}[\"'](?:CI|TESTING|PYTEST\w{0,20})[\"']"
    r"|process\.env\.(?:CI|JEST\w{0,20}|VITEST)\b|Getenv\(\"CI\"\)",
    re.IGNORECASE,
)
_INSTEAD = "The service has to behave in the gate as it does in use: take it out, and mend what was found."
_DEPENDENCIES = re.compile(
    r"(?:^|/)(?:requirements[\w.-]{0,40}\.(?:txt|in)|pyproject\.toml|setup\.(?:py|cfg)|[\w.-]{0,40}lock[\w.-]{0,10}|package\.json)$"
)


def detection_weakenings(changed: Sequence[Change]) -> Iterator[Weakening]:
    """Yield new lines by which the service, or a test of it, finds out that the gate looks at it."""
    for change in changed:
        if is_document(change.path) or is_setting(change.path) or _DEPENDENCIES.search(change.path):
            continue
        before = {line.strip() for line in change.old}
        for number, line in enumerate(change.new, 1):
            if line.strip() not in before and (match := _TELLING.search(line[:4000])):
                yield Weakening(
                    change.path, number, f"It asks whether it is being tested (`{match[0][:60]}`). {_INSTEAD}"
                )
