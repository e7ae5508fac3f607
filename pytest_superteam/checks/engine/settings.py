"""A project's own `schemathesis.toml`: what it says of checks, operations, generation and requests is honoured.

Our settings of the engine lie below the file's, key by key, so that what the project says wins, over `--depth` and
`gate.seed` too: whoever writes `max-examples` for one operation means it. Address and tokens stay ours, for they are
those of the deployment that was started for this run.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.derived import holds_on_derived, is_derived
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from pathlib import Path

    from schemathesis.specs.openapi.schemas import OpenApiSchema

    from pytest_superteam.checks.engine.types import EngineOperation

__all__ = ["FILE", "EngineSettings", "excluded", "is_enabled", "load_settings", "merged", "phase_is_on", "signs_calls"]

FILE = "schemathesis.toml"
_MAX_BYTES = 1 << 20
_PLACE = re.compile(r"\(at line (\d{1,9}), column \d{1,9}\)")
_QUOTED = re.compile(r"'([\w.-]{1,80})'")


@dataclass(frozen=True)
class EngineSettings:
    """What a project's file says. `text` is what two settings are compared by."""

    path: Path
    text: str = field(repr=False)

    @property
    def values(self) -> dict[str, Any]:
        """Return the parsed file."""
        return tomllib.loads(self.text)


def load_settings(project: Path) -> EngineSettings | None:
    """Return what `schemathesis.toml` in the folder `project` says, None where there is no such file.

    Raises:
        CheckError: the file can't be read, is no TOML, or has a setting that the engine does not know.
    """
    path = project / FILE
    try:
        if not path.is_file():
            return None
        if path.stat().st_size > _MAX_BYTES:
            raise CheckError(f"{path}: larger than {_MAX_BYTES} bytes. Is that a {FILE}?")
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        line = found[1] if found else len(text.splitlines())  # "at end of document"
        raise CheckError(f"{path}:{line}: is no TOML: {_PLACE.sub('', str(error)).strip()}. Mend the line.") from None
    except UnicodeDecodeError as error:
        raise CheckError(f"{path}: is not UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    except OSError as error:
        raise CheckError(f"{path}: can't be read ({error.strerror}). Name a readable file.") from None
    _validate(path, text, values)
    return EngineSettings(path, text)


def _validate(path: Path, text: str, values: dict[str, Any]) -> None:
    import schemathesis

    try:
        schemathesis.Config.from_dict(values, base_dir=str(path.parent))
    except Exception as error:
        told = " ".join(str(error).split())
        raise CheckError(f"{path}:{_line_of(text, told)}: {told.rstrip('.')}. Correct the setting.") from error


def _line_of(text: str, told: str) -> int:
    """Return the line of the first key that the engine's message quotes, 1 where none is found."""
    lines = text.splitlines()
    for name in _QUOTED.findall(told):
        wanted = re.compile(rf"^\s*(?:\[+.*\b{re.escape(name)}\b|(?:[\w.-]+\.)?[\"']?{re.escape(name)}[\"']?\s*=)")
        for number, line in enumerate(lines, 1):
            if wanted.match(line[:1000]):
                return number
    return 1


def merged(ours: Mapping[str, Any], settings: EngineSettings | None) -> dict[str, Any]:
    """Return `ours` with what the project's file says put over it, key by key."""
    return _over(ours, settings.values if settings else {})


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = {**below, **above}
    for key in below.keys() & above.keys():
        if isinstance(below[key], Mapping) and isinstance(above[key], Mapping):
            result[key] = _over(below[key], above[key])
    return result


def excluded(schema: OpenApiSchema, operation: EngineOperation) -> bool:
    """Return whether an entry of `[[operations]]` switches the operation off."""
    return not schema.config.operations.get_for_operation(operation).enabled


def phase_is_on(operation: EngineOperation, phase: str) -> bool:
    """Return whether the phase (examples, coverage, fuzzing, stateful) is switched on for the operation."""
    phases = operation.schema.config.phases_for(operation=operation)
    return bool(phases.get_by_name(name=phase).enabled)


def is_enabled(operation: EngineOperation, phase: str, check: str) -> bool:
    """Return whether the settings, and what the contract is made from, let `check` judge answers in `phase`."""
    if is_derived(operation.schema.raw_schema) and not holds_on_derived(check):
        return False
    config = operation.schema.config.checks_config_for(operation=operation, phase=phase)
    return bool(getattr(config.get_by_name(name=check), "enabled", True))


def signs_calls(operation: EngineOperation) -> bool:
    """Return whether the settings sign every call themselves (`[auth]`), so that none goes out without a credential."""
    schema = operation.schema
    return schema.config.auth_for(operation=operation) is not None or bool(schema.auth_schemes)
