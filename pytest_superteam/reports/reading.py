"""A `gate-report.json` read back, as far as another report can be compared with it."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_superteam.codec import from_data
from pytest_superteam.errors import UsageError
from pytest_superteam.models import GateReport, ItemResult, Violation
from pytest_superteam.reports.json_report import SCHEMA_VERSION
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["MOST_BYTES", "read_report"]

T = TypeVar("T")

MOST_BYTES = 64 << 20
_DO = "Name the gate-report.json of another run."


def read_report(path: Path) -> GateReport:
    """Return the report in `path`: verdict, items with their violations, requirements, operations, time and cost.

    Keys that this release does not know are passed over, so that every report of the same schema version can be read.

    Raises:
        UsageError: it is not there, too large, no JSON, no report, of another version, or one on faults; one line.
    """
    data = _object(path)
    if data.get("calibration") is not None:
        raise _refused(path, "is the report of a calibration, which has no findings of a system")
    try:
        return _report(data)
    except KeyError as error:
        raise _refused(path, f"is no gate report: {one_line(str(error), 80)} is missing") from None
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise _refused(path, f"is no gate report: {one_line(str(error), 200).rstrip('.')}") from None


def _object(path: Path) -> dict[str, Any]:
    """Return what is in the file, an object that says to be a report of a version that is known here."""
    try:
        if path.exists() and not path.is_file():
            raise _refused(path, "is no file")
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise _refused(path, f"is larger than {MOST_BYTES} bytes")
        data = json.loads(text)
    except OSError as error:
        raise _refused(path, f"can't be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise _refused(path, "is no JSON") from None
    if not isinstance(data, dict) or "schema_version" not in data:
        raise _refused(path, "is no gate report: it has no schema_version")
    if type(data["schema_version"]) is not int or data["schema_version"] != SCHEMA_VERSION:
        version = one_line(str(data["schema_version"]), 40)
        raise _refused(path, f"is of schema version {version}, and this release reads version {SCHEMA_VERSION}")
    return data


def _refused(path: Path, why: str) -> UsageError:
    return UsageError(f"--gate-diff: '{one_line(str(path), 400)}' {why}. {_DO}")


def _report(data: Mapping[str, Any]) -> GateReport:
    items = tuple(_item(row, f"items[{index}]") for index, row in enumerate(from_data(list, data["items"], "items")))
    operations = [from_data(dict[str, Any], row, "operations") for row in data["operations"]]
    return GateReport(
        title=from_data(str, data["title"], "title"),
        run_id=from_data(str, data["run_id"], "run_id"),
        verdict=from_data(str, data["verdict"], "verdict"),
        items=items,
        layers=(),
        services=from_data(tuple[str, ...], data["services"], "services"),
        seconds=_amount(data["seconds"]),
        cost_usd=_amount(data["cost_usd"]),
        requirements=tuple(_requirement(row) for row in data["requirements"]),
        operations={from_data(str, row["operation"]): from_data(bool, row["exercised"]) for row in operations},
        planned=from_data(int, data["summary"]["planned"], "summary.planned"),
    )


def _item(row: Any, place: str) -> ItemResult:
    violations = tuple(_known(Violation, each, f"{place}.violations") for each in row["violations"])
    return dataclasses.replace(_known(ItemResult, {**row, "violations": []}, place), violations=violations)


def _known(cls: type[T], row: Mapping[str, Any], place: str) -> T:
    """Return the object that a row describes, keys that it does not know passed over."""
    names = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]  # only ever a dataclass
    return from_data(cls, {key: value for key, value in row.items() if key in names and value is not None}, place)


def _requirement(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the matrix as a report of this session would have it."""
    known = {key: from_data(str, row.get(key, ""), key) for key in ("id", "status", "reason", "text", "priority")}
    return {**known, "blocks": row.get("blocks") is True, "line": from_data(int, row["line"], "line")}


def _amount(value: Any) -> float:
    """Return a number, 0 where none is known."""
    return 0.0 if value is None else float(from_data(float, value))  # JSON knows no bound of whole numbers
