"""The nouns that every room shares.

Frozen dataclasses over the standard library only, so that importing them costs next to nothing. The conversion to and
from plain data (JSON, YAML) is `to_data` and `from_data` in `pytest_superteam.codec`.
"""

from __future__ import annotations

from pytest_superteam.models.architecture import (
    Architecture,
    Component,
    ComponentKind,
    Contradiction,
    Dependency,
    Entity,
    Event,
    Field,
    FieldType,
    Ignored,
    Milestone,
    Operation,
    OperationKind,
    Parameter,
    Requirement,
    Service,
    Socket,
    Source,
    StateMachine,
    Transition,
)
from pytest_superteam.models.calibration import Calibration, Catch, FalseAlarm, FaultResult
from pytest_superteam.models.discovery import Conclusion, FoundKind, FoundService, FoundSystem
from pytest_superteam.models.evidence import Claim, Evidence, TestCounts
from pytest_superteam.models.fix import FileChange, FixAttempt, FixedService, FixOutcome, Mending
from pytest_superteam.models.money import Cost, Usage, WorstCase
from pytest_superteam.models.rule import Rule
from pytest_superteam.models.run import (
    HELD_BACK,
    BuildResult,
    CheckResult,
    Deployment,
    GateReport,
    ItemResult,
    LayerResult,
    Outcome,
    RunningService,
    Severity,
    SourceNote,
    Violation,
)

__all__ = [
    "HELD_BACK",
    "Architecture",
    "BuildResult",
    "Calibration",
    "Catch",
    "CheckResult",
    "Claim",
    "Component",
    "ComponentKind",
    "Conclusion",
    "Contradiction",
    "Cost",
    "Dependency",
    "Deployment",
    "Entity",
    "Event",
    "Evidence",
    "FalseAlarm",
    "FaultResult",
    "Field",
    "FieldType",
    "FileChange",
    "FixAttempt",
    "FixOutcome",
    "FixedService",
    "FoundKind",
    "FoundService",
    "FoundSystem",
    "GateReport",
    "Ignored",
    "ItemResult",
    "LayerResult",
    "Mending",
    "Milestone",
    "Operation",
    "OperationKind",
    "Outcome",
    "Parameter",
    "Requirement",
    "Rule",
    "RunningService",
    "Service",
    "Severity",
    "Socket",
    "Source",
    "SourceNote",
    "StateMachine",
    "TestCounts",
    "Transition",
    "Usage",
    "Violation",
    "WorstCase",
]
