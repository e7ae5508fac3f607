"""Source that tells a run of the gate or of tests from real use, which a fix added."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fix.weakened.found import Weakening
from pytest_superteam.pipeline.fix.weakened.places import is_code, is_document, is_setting, is_test

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
_RUNNER = re.compile(
    r"^\s{0,40}(?:import|from)\s{1,9}(?:_?pytest|schemathesis|pytest_\w{1,60})\b"
    r"|(?:\bfrom|\brequire\s{0,9}\()\s{0,9}[\"'](?:@jest/globals|jest|vitest|mocha|node:test)[\"']"
)
"""Imports by which a service, and no test of it, gets hold of what runs its tests."""
_INSTEAD = "The service has to behave in the gate as it does in use: take it out, and mend what was found."
_DEPENDENCIES = re.compile(
    r"(?:^|/)(?:requirements[\w.-]{0,40}\.(?:txt|in)|pyproject\.toml|setup\.cfg|package\.json"
    r"|(?:[\w-]{1,40}[.-])?lock(?:\.json|\.ya?ml)?)$"
)


def detection_weakenings(changed: Sequence[Change]) -> Iterator[Weakening]:
    """Yield new lines by which the service, or a test of it, finds out that the gate looks at it."""
    for change in changed:
        if is_document(change.path) or is_setting(change.path) or _DEPENDENCIES.search(change.path):
            continue
        patterns = [_TELLING] if is_test(change.path) or not is_code(change.path) else [_TELLING, _RUNNER]
        before = {line.strip() for line in change.old}
        for number, line in enumerate(change.new, 1):
            found = None if line.strip() in before else _first(patterns, line[:4000])
            if found:
                text = f"It asks whether it is being tested (`{found.strip()[:60]}`). {_INSTEAD}"
                yield Weakening(change.path, number, text)


def _first(patterns: Sequence[re.Pattern[str]], line: str) -> str:
    return next((match[0] for pattern in patterns if (match := pattern.search(line))), "")
