"""The findings as SARIF 2.1.0 (OASIS, errata 01), within what GitHub's code scanning takes."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_superteam.models import Outcome
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pytest_superteam.models import GateReport, Rule, SourceNote, Violation

__all__ = ["MAX_BYTES", "MAX_RESULTS", "SarifContext", "to_sarif"]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 25_000
"""Results of one run that GitHub takes; it shows the 5,000 most severe."""
MAX_BYTES = 60 * 1024 * 1024
"""Bytes of the file; GitHub takes 10 MB compressed, which is at most a sixth of it."""
MAX_NOTES = 1_000
FINGERPRINT = "superteamFinding/v1"

_LEVELS = {"critical": "error", "high": "error", "error": "error", "warning": "warning", "info": "note"}
_SCORES = {"critical": "9.5", "high": "8.0", "error": "6.5", "warning": "3.5", "info": "1.0"}
"""GitHub reads over 9.0 as critical, from 7.0 as high, from 4.0 as medium, below as low."""
_SECURITY = frozenset({"security", "secrets", "docker", "cors"})


@dataclass(frozen=True)
class SarifContext:
    """What a report does not know: the rules, where the services lie, and where paths start."""

    rules: Mapping[str, Rule]
    base: Path
    """The folder that the artifacts' locations are relative to: the root of the repository."""
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Service to its folder."""
    anchor: Path | None = None
    """The file that findings without one are shown at; locations are obligatory."""


def to_sarif(report: GateReport, context: SarifContext) -> tuple[str, int]:
    """Return the findings of `report` as SARIF, and how many of the least severe were left out for GitHub's limits."""
    findings = sorted(_findings(report), key=lambda v: (bool(v.suppressed_by), -v.severity.rank))
    codes = sorted({v.code for v in findings} | {i.code for i in report.items if i.code in context.rules})
    index = {code: number for number, code in enumerate(codes)}
    results = _within(_results(findings[:MAX_RESULTS], index, context))
    cut = len(findings) - len(results)
    data = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(codes, context)},
                "automationDetails": {"id": f"pytest-superteam/{one_line(report.title, 80)}/"},
                "invocations": [_invocation(report, context, cut)],
                "originalUriBaseIds": {"SRCROOT": {"uri": context.base.resolve().as_uri() + "/"}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(data, indent=1) + "\n", cut


def _findings(report: GateReport) -> list[Violation]:
    return [violation for item in report.items for violation in item.violations]


def _within(results: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return as many results as fit into `MAX_BYTES`."""
    kept, size = [], 0
    for result in results:
        size += len(json.dumps(result)) + 400  # what the indentation adds
        if size > MAX_BYTES:
            break
        kept.append(result)
    return kept


def _driver(codes: Iterable[str], context: SarifContext) -> dict[str, Any]:
    try:
        number = version("pytest-superteam")
    except PackageNotFoundError:
        number = "0"
    return {
        "name": "pytest-superteam",
        "semanticVersion": number,
        "rules": [_rule(code, context.rules.get(code)) for code in codes],
    }


def _rule(code: str, rule: Rule | None) -> dict[str, Any]:
    """Return a reporting descriptor; a code of a check that is no scanner's has its name only."""
    if rule is None:
        return {"id": code, "shortDescription": {"text": code}}
    severity = rule.severity.value
    tags = [f"layer{rule.layer}", rule.category]
    precision = "high" if rule.layer == 3 else "medium"
    properties: dict[str, Any] = {"precision": precision, "problem.severity": _problem(severity)}
    if rule.category in _SECURITY or rule.cwe:
        tags.append("security")
        properties["security-severity"] = _SCORES[severity]
    if rule.cwe:
        tags.append(f"external/cwe/cwe-{rule.cwe:03d}")
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in rule.name.replace("-", " ").split()),
        "shortDescription": {"text": rule.name},
        "fullDescription": {"text": rule.what or rule.help},
        "help": {"text": _plain_help(rule), "markdown": _markdown_help(rule)},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {**properties, "tags": list(dict.fromkeys(tags))},
    }


def _problem(severity: str) -> str:
    return {"error": "error", "warning": "warning", "note": "recommendation"}[_LEVELS[severity]]


def _plain_help(rule: Rule) -> str:
    return "\n\n".join(part for part in (rule.help, rule.what, rule.why) if part)


def _markdown_help(rule: Rule) -> str:
    parts = [part for part in (rule.help, rule.what, rule.why) if part]
    for title, files in (("Instead of", rule.bad), ("write", rule.good)):
        parts += [f"{title} (`{path}`):\n\n```\n{mask(text.strip())}\n```" for path, text in files.items()]
    return "\n\n".join(parts)


def _results(
    findings: Iterable[Violation], index: Mapping[str, int], context: SarifContext
) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for violation in findings:
        number = seen[violation.fingerprint]
        seen[violation.fingerprint] += 1
        yield {
            "ruleId": violation.code,
            "ruleIndex": index[violation.code],
            "level": _LEVELS[violation.severity.value],
            "message": {"text": mask(violation.message)},
            "locations": [_location(violation, context)],
            "partialFingerprints": {FINGERPRINT: f"{violation.fingerprint}:{number}"},
            **({"suppressions": [_suppression(violation.suppressed_by)]} if violation.suppressed_by else {}),
            "properties": {
                "service": violation.service,
                "severity": violation.severity.value,
                "evidence": mask(violation.evidence),
            },
        }


def _suppression(reason: str) -> dict[str, str]:
    kind = "inSource" if reason in {"noqa", "nosec"} else "external"
    return {"kind": kind, "justification": reason}


def _location(violation: Violation, context: SarifContext) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(violation.service, violation.file, context)}
    if violation.file and violation.line:
        region = {"startLine": violation.line}
        if violation.column:
            region["startColumn"] = violation.column
        place["region"] = region
    return {"physicalLocation": place}


def _artifact(service: str, file: str, context: SarifContext) -> dict[str, str]:
    """Return where a file is, relative to the base; what belongs to no file is shown at the anchor."""
    folder = context.folders.get(service, context.base)
    path = folder / file if file else context.anchor or folder
    base, full = context.base.resolve(), path.resolve()
    if not full.is_relative_to(base):
        return {"uri": full.as_uri()}
    name = os.fsencode(full.relative_to(base).as_posix() or ".")  # bytes, as not every name is Unicode
    return {"uri": quote(name), "uriBaseId": "SRCROOT"}


def _invocation(report: GateReport, context: SarifContext, cut: int) -> dict[str, Any]:
    told = [_notification(note, context) for note in report.notes[:MAX_NOTES]]
    if len(report.notes) > MAX_NOTES:
        told.append(_notice(f"{len(report.notes) - MAX_NOTES} more notes are in gate-report.json"))
    if cut:
        told.append(_notice(f"{cut} results, the least severe, were left out: GitHub takes {MAX_RESULTS} in a run"))
    errors = [item for item in report.items if item.outcome is Outcome.ERROR]
    told += [
        {"level": "error", "message": {"text": mask(f"{i.code} {i.service}: {one_line(i.reason, 500)}")}}
        for i in errors[:MAX_NOTES]
    ]
    return {
        "executionSuccessful": not errors and report.verdict != "interrupted",
        **({"toolExecutionNotifications": told} if told else {}),
    }


def _notice(text: str) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": text}}


def _notification(note: SourceNote, context: SarifContext) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(note.service, note.file, context)}
    if note.line:
        place["region"] = {"startLine": note.line}
    return {**_notice(f"{note.kind}: {mask(note.reason)}"), "locations": [{"physicalLocation": place}]}
