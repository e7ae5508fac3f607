"""What a run leaves: builds, a deployment, check results and the gate report."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pytest_superteam.models.calibration import Calibration
from pytest_superteam.models.diff import GateDiff
from pytest_superteam.models.evidence import Claim, Evidence
from pytest_superteam.models.fix import FixAttempt
from pytest_superteam.models.money import Cost
from pytest_superteam.models.picture import Span, SystemPicture

__all__ = [
    "HELD_BACK",
    "Alone",
    "BuildResult",
    "CheckResult",
    "Deployment",
    "GateReport",
    "ItemResult",
    "LayerResult",
    "Outcome",
    "RunningService",
    "Severity",
    "SourceNote",
    "Violation",
]


class Severity(StrEnum):
    """How bad a violation is, from `INFO` to `CRITICAL`; the values order by rank, not by spelling."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return the position in the order, 0 for `INFO`."""
        return list(Severity).index(self)

    def at_least(self, other: Severity) -> bool:
        """Return whether this severity is `other` or worse."""
        return self.rank >= other.rank


@dataclass(frozen=True)
class BuildResult:
    """What a builder left on disk for one service, as we found it and not as the builder says.

    `start` and `test` are argument vectors, run in `directory`; `{port}` in `start` is replaced. `python` as first
    element means the interpreter that runs pytest.
    """

    service: str
    builder: str
    directory: Path
    success: bool
    error: str = ""
    key: str = ""
    """Hash of everything the build depends on; an equal key means that it need not be done again."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Relative path to sha256 of each file that the builder wrote."""
    start: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    seconds: float = 0.0
    edited: tuple[str, ...] = ()
    """Files that somebody changed after the build; the gate runs on what is there."""
    attempts: int = 1
    """How often it was tried, the one that counts included."""
    review: str = ""
    """Why a person has to look at it before it is tried again; empty where nobody has to."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Hash by name of each thing that `key` is made of, so that a change can be named."""
    evidence: Evidence | None = None
    """What was found in what an agent built; None for builders whose work needs no looking into."""
    claim: Claim | None = None
    """What the agent said of it."""
    instead_of: str = ""
    """The builder that failed and that this one stands in for; empty where it was the first choice."""
    fix_attempt: int = 0
    """The fix attempt that changed it last; 0 where none did."""


@dataclass(frozen=True)
class RunningService:
    """One started service: where it answers and where its output goes."""

    name: str
    """Name of the service."""
    url: str
    """Where it answers."""
    log: Path
    """File with what it said."""
    pid: int = 0
    """Its process, where it is one of this machine."""


@dataclass(frozen=True)
class Deployment:
    """The running system. `jwt_secret` signs the tokens of this deployment only."""

    kind: str
    """What deployed it, such as `process`."""
    run_id: str
    """The run that it belongs to."""
    services: tuple[RunningService, ...]
    """The services that were started."""
    jwt_secret: str = field(repr=False, default="")
    telemetry: Path | None = None
    """Folder of what the services exported and published (`deployment.collector`), where something collects it."""
    gateway: str = ""
    """Base URL of the gateway in front of the services; `RunningService.url` goes through it where there is one."""
    published: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the engine publishes of a composed system: `address:port` by name in the compose file; () where nothing."""
    project: str = ""
    """Name of the compose project."""
    stop: str = ""
    """The command line that stops it, where it is left running."""
    engine_host: str = ""
    """Machine of the container engine, where it is another one: a port on the loopback of that is out of our reach."""

    def url(self, service: str) -> str:
        """Return the base URL of `service`, without a trailing slash.

        Raises:
            KeyError: no such service was deployed.
        """
        for running in self.services:
            if running.name == service:
                return running.url
        raise KeyError(service)


# ---------------------------------------------------------------- gate


_CHANGING = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?<=localhost:)\d+|(?<=127\.0\.0\.1:)\d+")
"""What differs from run to run in evidence of a running system: ids and ports."""
_FRESH = re.compile(r"\b\d{4}-\d\d-\d\d[T ][\d:.]{5,15}(?:Z|[+-]\d\d:\d\d)?|\b[0-9a-f]{8,64}\b")
"""What differs in addition where a check made up values: moments, and the digits that make a value new."""


@dataclass(frozen=True)
class Violation:
    """One finding. `file` is relative to the service's folder, POSIX style; `evidence` is masked where it is secret."""

    code: str
    """The code that it is of."""
    severity: Severity
    """What it weighs."""
    service: str
    """Name of the service; of a finding about the whole system empty."""
    message: str
    """One sentence: what is wrong and what to do."""
    file: str = ""
    line: int = 0
    """From 1; 0 where it is not known."""
    column: int = 0
    """From 1; 0 where it is not known."""
    evidence: str = ""
    suppressed_by: str = ""
    """Empty, or what excuses it: `noqa`, `nosec`, `baseline` or a filter's name."""

    @property
    def identity(self) -> str:
        """Return what stays the same when lines move: code, service, file and evidence; without one, the message.

        Evidence of several steps is a conversation with a running system, in which no two runs say the same.
        """
        steps = "\n" in self.evidence
        shown = self.message if steps or not self.evidence else self.evidence
        shown = _CHANGING.sub("*", " ".join(shown.split()))
        shown = _FRESH.sub("*", shown) if steps else shown
        return f"{self.code}\x1f{self.service}\x1f{self.file}\x1f{shown}"

    @property
    def fingerprint(self) -> str:
        """Return a hash of the identity, 32 hexadecimal digits."""
        return hashlib.sha256(self.identity.encode("utf-8", "replace")).hexdigest()[:32]

    @property
    def place(self) -> str:
        """Return `file:line`, or as much of it as is known."""
        return self.seen_from("")

    def seen_from(self, folder: str) -> str:
        """Return `file:line` where `folder` (POSIX) is how the service's folder is named, or as much as is known."""
        return _place(folder, self.file, self.line)


class Outcome(StrEnum):
    """How a gate item ended."""

    PASSED = "passed"
    FAILED = "failed"
    ADVISORY = "advisory"
    """Found something that does not block."""
    SKIPPED = "skipped"
    ERROR = "error"
    """Could not run."""


HELD_BACK = "held back: "
"""How the reason of an item begins whose service failed a layer below."""


@dataclass(frozen=True)
class CheckResult:
    """What one check of one service found. `skipped` holds the reason why it did not run, `error` why it could not."""

    violations: tuple[Violation, ...] = ()
    skipped: str = ""
    error: str = ""
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class ItemResult:
    """One gate item of the report."""

    id: str
    layer: int
    code: str
    severity: Severity
    service: str
    blocking: bool
    outcome: Outcome
    seconds: float = 0.0
    reason: str = ""
    violations: tuple[Violation, ...] = ()
    rule: str = ""
    """What its code is called, such as `Runs as root`; empty on layers whose findings say so themselves."""


@dataclass(frozen=True)
class LayerResult:
    """The items of one layer, counted by outcome."""

    layer: int
    passed: int = 0
    failed: int = 0
    advisory: int = 0
    skipped: int = 0
    errors: int = 0
    held_back: int = 0
    """Those of `skipped` whose service failed a layer below."""

    @property
    def verdict(self) -> str:
        """Return `failed`, `incomplete` (some were held back), `passed` or `skipped` (nothing ran)."""
        if self.failed or self.errors:
            return "failed"
        if self.held_back:
            return "incomplete"
        return "passed" if self.passed or self.advisory else "skipped"


@dataclass(frozen=True)
class SourceNote:
    """Something about a source file that is no violation: it was not analysed, or a comment in it excuses nothing."""

    kind: Literal["not analysed", "unused suppression", "stale baseline"]
    service: str
    file: str
    reason: str
    line: int = 0
    codes: tuple[str, ...] = ()
    """The codes that it is about; empty: all that read the file."""

    def seen_from(self, folder: str) -> str:
        """Return `file:line` where `folder` (POSIX) is how the service's folder is named, or as much as is known."""
        return _place(folder, self.file, self.line)


def _place(folder: str, file: str, line: int) -> str:
    file = posixpath.normpath(posixpath.join(folder, file)) if file and folder else file
    return f"{file}:{line}" if file and line else file


@dataclass(frozen=True)
class Alone:
    """How one item is run again alone, from the folder that the run was started in."""

    command: str = ""
    """The command line up to the ids of items; empty: not known."""
    anchor: str = ""
    """The file that the gate's items are collected from, as it is named there."""
    root: str = "."
    """The folder that the ids of other tests start at, as it is named there."""


@dataclass(frozen=True)
class GateReport:
    """The verdict on a system and everything it rests on."""

    title: str
    run_id: str
    verdict: str
    """`passed`, `failed`, `interrupted` or `incomplete` (nothing was tried)."""
    items: tuple[ItemResult, ...]
    layers: tuple[LayerResult, ...]
    services: tuple[str, ...]
    seconds: float
    phases: Mapping[str, float] = field(default_factory=dict)
    """Seconds by phase."""
    cost_usd: float = 0.0
    """What the run has cost so far, over all its sessions."""
    costs: tuple[Cost, ...] = ()
    """The paid steps behind it."""
    requirements: tuple[Mapping[str, Any], ...] = ()
    operations: Mapping[str, bool] = field(default_factory=dict)
    """Whether each operation that was tried (`service:operation`) was exercised: answered 2xx at least once."""
    planned: int = 0
    """Gate items that the system has; `items` are those that this session ran."""
    notes: tuple[SourceNote, ...] = ()
    """Files that were not analysed, comments and baseline entries that excuse nothing."""
    repeat: str = ""
    """The command line that repeats the run."""
    alone: Alone = field(default_factory=Alone)
    """How one of its items is run again."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """Service to its folder (POSIX), as it is named where the run was started; its files are told from there."""
    calibration: Calibration | None = None
    """What became of seeded faults, where the gate was tried on itself."""
    builds: tuple[BuildResult, ...] = ()
    """What was built: by whom, what we found in it, and what its builder said of it."""
    fixes: tuple[FixAttempt, ...] = ()
    """The attempts to mend what blocked, in order."""
    fix_end: str = ""
    """Why no further attempt was made: mended, the last one, the same failures again ...; empty without attempts."""
    picture: SystemPicture = field(default_factory=SystemPicture)
    """The parts of the system and what runs between them."""
    timeline: tuple[Span, ...] = ()
    """Sessions of the run, their phases, attempts of builders and to mend; by beginning."""
    diff: GateDiff | None = None
    """What is different from another report, where it was asked for."""

    @property
    def partial(self) -> bool:
        """Return whether this session ran only some of the items."""
        return len(self.items) < self.planned
