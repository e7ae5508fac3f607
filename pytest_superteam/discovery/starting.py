"""A first superteam.yaml for a system that is there: what was found, ready to be corrected (`--init`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pytest_superteam.config import CONFIG_NAME, Config
from pytest_superteam.config_entries import corrections
from pytest_superteam.discovery.corrections import FACTS, corrected
from pytest_superteam.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pytest_superteam.models import Conclusion, FoundService, FoundSystem

__all__ = ["config_text", "write_config"]

_MOST_CHARACTERS, _MOST_PARTS = 600_000, 500
"""Of the section that lists what was found; settings may have a megabyte."""
_LONGEST_NAME, _LONGEST_VALUE, _LONGEST_COMMENT = 200, 500, 80
_KEYS = {key: fact for key, fact in FACTS.items() if key not in {"name", "kind"}}
_EXAMPLES = {
    "language": "python",
    "framework": "flask",
    "port": 8000,
    "health": "/health",
    "test": ["pytest", "-q"],
    "depends_on": [],
    "datastores": ["postgresql"],
}
"""What stands as a comment where nothing was found."""
_CALLED = ('url: "http://127.0.0.1:8000"', "contract: openapi.yaml", "reset: POST /testing/reset")

_HEAD = """\
# yaml-language-server: $schema=.superteam/superteam.schema.json
# Settings of pytest-superteam for this system. `pytest --system .` reads them; `--init` wrote them from what it found.
# A line that begins with `#` and no space is a setting: take the `#` away, and it counts. All of them, with what they
# mean: `pytest --system . --superteam-config-show -v`.
"""
_SERVICES = """\
  # The services. Where this list counts there are these only; without it every run looks for them again.
  #services: {services}
  # The compose files that start the system, in the order in which they overlay each other.
  #compose_files: {files}
"""
_CORRECT = """\
  # What was found, by the names that it was found under. Change what is wrong; a line that goes is found again by
  # every run. `none` says that there is none. What can be said of each part:
  # - kind: service, job (it ends), infrastructure (somebody else's), or none: it is no part of the system
  # - name: what it shall be called; path: its folder; compose: its name in the compose files
  # - role: frontend or worker; of infrastructure database, cache, broker, gateway or other
  # - port: where it listens inside its container; health: the path that says whether it is well
  # - test: the command of its own tests, run in its folder, without a shell
  # - depends_on: the parts that it calls or waits for; datastores: what it keeps data in
  # - url: where it runs already; contract: its OpenAPI document; reset: the operation that makes its data new
  correct:
"""
_DEFAULTS = Config()
_REST = f"""
# Where the system runs for layer 2: auto (its own compose files, where a container engine answers) or none.
#deploy: auto
#deployment:
#  profiles: [seed]  # of its compose files, started as well
#  keep_up: true  # leave it running; the next run takes it over
#  allow_outside: true  # its compose files may mount folders outside of it
#  replace_images: {{"node:22": "registry.example/node:22"}}  # what is taken instead of an image
#  build_args: {{PIP_INDEX_URL: "https://packages.example/simple"}}
#  ca_bundle: certs/company.pem  # certificates that builds and services trust
#  platform: linux/amd64

# Who the gate is to the running system; without it, it registers and logs in by the contracts. Secrets are not
# written here: each is the name of an environment variable.
#auth:
#  token: API_TOKEN  # of any caller
#  tokens: {{admin: ADMIN_TOKEN}}  # by role
#  users: [{{role: admin, username: admin@example.com, password: ADMIN_PASSWORD}}]
#  header: X-API-Key
#  scheme: ""

# The contracts: OpenAPI documents in the tree, else served by the running services, else derived from the routes.
#contracts:
#  baseline: released  # folder of the last released contracts, which the new ones must not break
#  external_references: true

#gate:
#  blocking_severity: {_DEFAULTS.gate.blocking_severity.value}
#  promotion: {_DEFAULTS.gate.promotion}
#  test_pass_ratio: {_DEFAULTS.gate.test_pass_ratio:g}  # share of a service's own tests that must pass
#  examples: {_DEFAULTS.gate.examples}  # generated requests per operation
#  response_time: {_DEFAULTS.gate.response_time:g}  # seconds
#  seed: {_DEFAULTS.gate.seed}

# What is no service code, instead of the built-in list: it is searched for secrets and container mistakes only.
#scan:
#  exclude: [tests/, migrations/, generated/]
#  strict_analysis: true

# Findings that are known and accepted; `--update-baseline` writes the file.
#baseline: superteam-baseline.json

# Seconds.
#timeouts:
#  tests: {_DEFAULTS.timeouts.tests:g}
#  ready: {_DEFAULTS.timeouts.ready:g}
#  images: {_DEFAULTS.timeouts.images:g}
#  request: {_DEFAULTS.timeouts.request:g}
"""


def config_text(found: FoundSystem) -> str:
    """Return settings that say what was found: a run with them is the same as one without them."""
    folders = [part.folder for part in found.services if part.folder and _is_plain(part.folder)]
    services = _flow(list(dict.fromkeys(folders))[:50] or ["."])
    files = _flow([file for file in found.compose_files if _is_plain(file)] or ["compose.yaml"])
    notes = (f"Found: {found.how}." if found.how else "", *found.notes[:50])
    said = "".join(f"# {_comment(note, 110)}\n" for note in notes if note)
    entries = "".join(_entries(found))
    system = _SERVICES.format(services=services, files=files)
    if entries:
        return f"{_HEAD}{said}\nsystem:\n{system}{_CORRECT}{entries}{_REST}"
    commented = system.replace("  #", "#  ").replace("#   ", "# ")
    return f"{_HEAD}{said}\n#system:\n{commented}{_REST}"


def write_config(root: Path, text: str) -> Path:
    """Write `text` as the settings of the system in `root`, where there are none yet.

    Raises:
        UsageError: there are, or the file can't be written.
    """
    file = root / CONFIG_NAME
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        raise UsageError(f"--init: '{file}' is there already. Move it away, and what was found is written.") from None
    except OSError as error:
        raise UsageError(f"--init: '{file}' can't be written ({error.strerror}). Make the folder writable.") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        file.unlink(missing_ok=True)
        raise UsageError(f"--init: '{file}' can't be written ({error.strerror}). Make the folder writable.") from None
    return file


# ---------------------------------------------------------------- what was found


def _entries(found: FoundSystem) -> Iterator[str]:
    """Yield the entry of each part, as far as they fit."""
    seen: set[str] = set()
    size = 0
    parts = (*found.services, *found.jobs, *found.infrastructure)
    for index, part in enumerate(parts):
        entry = "" if part.name in seen else _entry(part, found)
        seen.add(part.name)
        size += len(entry)
        if size > _MOST_CHARACTERS or index >= _MOST_PARTS:
            yield f"    # and {len(parts) - index} more, which are found by every run\n"
            return
        yield entry


def _entry(part: FoundService, found: FoundSystem) -> str:
    """Return one part as the settings have it; nothing where its name or what it says can't be written."""
    if len(part.name) > _LONGEST_NAME or not part.name.strip():
        return ""
    values: dict[str, Any] = {"kind": part.kind}
    for key, name in _KEYS.items():
        value = getattr(part, name)
        if value and (part.kind == "service" or key == "role"):
            values[key] = list(value) if isinstance(value, tuple) else value
    kept = values if _changes_nothing(part.name, values, found) else _harmless(part.name, values, found)
    lines = _active(part, kept) if part.kind != "service" else _all_lines(part, kept)
    return f"    {_scalar(part.name)}:\n{''.join(f'      {line}' + chr(10) for line in lines)}" if kept else ""


def _harmless(name: str, values: dict[str, Any], found: FoundSystem) -> dict[str, Any]:
    """Return those of the values that the settings can say, so that nothing changes."""
    return {key: value for key, value in values.items() if _changes_nothing(name, {key: value}, found)}


def _changes_nothing(name: str, values: dict[str, Any], found: FoundSystem) -> bool:
    if any(len(str(value)) > _LONGEST_VALUE for value in values.values()):
        return False
    try:
        return corrected(found, (), corrections({name: values}, CONFIG_NAME)) == found
    except UsageError:
        return False


def _active(part: FoundService, values: dict[str, Any]) -> list[str]:
    return [_line(key, value, part.conclusions) for key, value in values.items()]


def _all_lines(part: FoundService, values: dict[str, Any]) -> list[str]:
    """Return the lines of a service: what was found, and as comments what else can be said of it."""
    lines = [f"#kind: {part.kind}"] if len(values) > 1 else _active(part, {"kind": part.kind})
    for key in _KEYS:
        if key in values:
            lines.append(_line(key, values[key], part.conclusions))
        elif key in _EXAMPLES:
            lines.append(f"#{_line(key, _EXAMPLES[key], ())}")
    return [*lines, *(f"#{line}" for line in _CALLED)]


def _line(key: str, value: Any, conclusions: Iterable[Conclusion]) -> str:
    fact = _KEYS.get(key, key)
    why = next((_why(conclusion) for conclusion in conclusions if conclusion.fact == fact), "")
    shown = _flow(value) if isinstance(value, list) else _scalar(value)
    return f"{key}: {shown}" + (f"  # {why}" if why else "")


def _why(conclusion: Conclusion) -> str:
    place = f"{conclusion.file}:{conclusion.line}" if conclusion.file and conclusion.line else conclusion.file
    return _comment(": ".join(filter(None, (place, conclusion.reason))))


# ---------------------------------------------------------------- YAML


def _is_plain(text: str) -> bool:
    return bool(text.strip()) and text.isprintable() and len(text) <= _LONGEST_VALUE


def _comment(text: str, limit: int = _LONGEST_COMMENT) -> str:
    """Return `text` as it can stand in a comment: one line, nothing that steers a terminal, bounded."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text[:2000]).split())
    return shown if len(shown) <= limit else f"{shown[: limit - 3].rstrip()}..."


def _flow(values: list[Any]) -> str:
    """Return a list on one line, each text quoted where YAML would read something else."""
    import yaml

    plain = all(str(value).isprintable() for value in values)
    style = None if plain else '"'
    text: str = yaml.safe_dump(
        values, default_flow_style=True, default_style=style, width=float("inf"), allow_unicode=plain
    )
    return text.strip()


def _scalar(value: str | int) -> str:
    return _flow([value])[1:-1]
