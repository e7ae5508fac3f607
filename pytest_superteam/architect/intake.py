"""Taking in a design that somebody else left in a folder: what is there, how large, and whether it holds together."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from pytest_superteam.architect.checking import contract_differences, problems
from pytest_superteam.architect.files import EVENTS_FILE, contract_file, read_architecture
from pytest_superteam.errors import ArchitectError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.models import Architecture

__all__ = ["MAX_BYTES", "MAX_TOTAL_BYTES", "contract_problem", "read_design"]

MAX_BYTES = 4 << 20
"""Largest file of a design."""
MAX_TOTAL_BYTES = 16 << 20
MAX_FILES = 500
MAX_DEPTH = 100
"""How deep a YAML document may nest."""
_REQUIRED = ("service-map.yaml", "domain-model.yaml")


def read_design(folder: Path) -> Architecture:
    """Return the design below `folder`, checked as far as it can be without its contracts being generated.

    Raises:
        ArchitectError: something is missing, too large, a link, no YAML, or does not fit together; one line.
    """
    names = _files(folder)
    for name in _REQUIRED:
        if name not in names:
            raise ArchitectError(f"its output has no {name}.")
    for name in names:
        if name.endswith((".yaml", ".yml")):
            _check_yaml(folder / name, name)
    try:
        system = read_architecture(folder)
    except UsageError as error:
        said = str(error).removeprefix(f"{folder}{os.sep}").removesuffix(" Mend it, or let --fresh design anew.")
        raise ArchitectError(f"its output is no design: {said}") from None
    for problem in problems(system):
        raise ArchitectError(f"its output is no design: {problem}")
    _check_contracts(system, names)
    return system


def _files(folder: Path) -> dict[str, Path]:
    """Return the plain files below `folder` by relative path."""
    found: dict[str, Path] = {}
    total = 0
    if folder.is_symlink() or not folder.is_dir():
        raise ArchitectError("its output folder is gone, or became a link.")
    for place, folders, files in os.walk(folder, followlinks=False):
        for name in [*folders, *files]:
            path = Path(place) / name
            relative = path.relative_to(folder).as_posix()
            status = path.lstat()
            if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
                raise ArchitectError(f"its output has '{_shown(relative)}', which is no plain file.")
            if stat.S_ISREG(status.st_mode):
                found[relative] = path
                total += status.st_size
                if status.st_size > MAX_BYTES or total > MAX_TOTAL_BYTES:
                    raise ArchitectError(f"its output '{_shown(relative)}' is too large ({status.st_size} bytes).")
            if len(found) > MAX_FILES:
                raise ArchitectError(f"its output has more than {MAX_FILES} files.")
    return found


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)[:120]


def _check_yaml(path: Path, name: str) -> None:
    """Refuse what is cheap to write and dear to read: aliases and deep nesting."""
    import yaml

    depth = 0
    try:
        for event in yaml.parse(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if isinstance(event, yaml.AliasEvent):
                raise ArchitectError(f"its output '{_shown(name)}' has YAML aliases, which are not read.")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise ArchitectError(f"its output '{_shown(name)}' nests deeper than {MAX_DEPTH}.")
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise ArchitectError(f"its output '{_shown(name)}' is no YAML in UTF-8{where}.") from None


def _check_contracts(system: Architecture, names: Mapping[str, Path]) -> None:
    expected = {contract_file(service.name) for service in system.services} | {EVENTS_FILE}
    for name in names:
        if name.startswith("contracts/") and name.endswith(".yaml") and name not in expected:
            raise ArchitectError(f"its output '{_shown(name)}' is the contract of no service.")
    for service, contract in system.contracts.items():
        problem = contract_problem(contract) or next(contract_differences(system, service, contract), None)
        if problem:
            raise ArchitectError(f"its output '{contract_file(service)}' is no contract of the design: {problem}")


def contract_problem(contract: Mapping[str, Any]) -> str | None:
    """Return why a document is no OpenAPI 3.1 that can be used, in one line; None where it is."""
    from openapi_spec_validator import OpenAPIV31SpecValidator

    for reference in _references(contract):
        if not reference.startswith("#/"):  # it would be fetched, from the disk or the net
            return f"$ref '{_shown(reference)}' leads out of the document."
        if not _leads_somewhere(contract, reference):
            return f"$ref '{_shown(reference)}' leads nowhere in the document, or only to itself."
    try:
        for problem in OpenAPIV31SpecValidator(dict(contract)).iter_errors():
            place = "/".join(map(str, problem.absolute_path)) or "the document"
            return f"{place}: {' '.join(str(problem.message).split())[:200]}."
    except RecursionError:  # schemas that refer to each other a thousand deep, or that are made of themselves
        from pytest_superteam.contracts.validating.specification import document_problems

        wrong = next(iter(document_problems(contract, ())), None)
        if wrong:
            return wrong
    except Exception as error:  # noqa: BLE001  # the validator's own errors are many; each means that it is no contract
        return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}."
    return next(_unknown_schemes(contract), None)


def _leads_somewhere(contract: Mapping[str, Any], reference: str) -> bool:
    """Return whether a reference ends at something, over as many others as it takes."""
    seen: set[str] = set()
    while reference.startswith("#/") and reference not in seen:
        seen.add(reference)
        value: Any = contract
        for part in reference[2:].split("/"):
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            elif isinstance(value, Mapping) and key in value:
                value = value[key]
            else:
                return False
        if not isinstance(value, Mapping) or set(value) != {"$ref"}:
            return True
        reference = str(value["$ref"])
    return False


def _unknown_schemes(contract: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with each security scheme that is asked for and not there."""
    known = _mapping_in(_mapping_in(contract, "components"), "securitySchemes")
    operations = [
        (f"{method.upper()} {path}", operation)
        for path, item in _mapping_in(contract, "paths").items()
        if isinstance(item, Mapping)
        for method, operation in item.items()
        if isinstance(operation, Mapping)
    ]
    for place, holder in [("the document", contract), *operations]:
        for requirement in holder.get("security") or ():
            for name in requirement if isinstance(requirement, Mapping) else ():
                if name not in known:
                    allowed = ", ".join(map(str, known)) or "none"
                    yield (
                        f"security of {place}: the scheme '{_shown(str(name))}' is not among "
                        f"components.securitySchemes. Known are {_shown(allowed)}."
                    )


def _mapping_in(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def _references(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Mapping):
            waiting.extend(here.values())
            reference = here.get("$ref")
            if isinstance(reference, str):
                yield reference
        elif isinstance(here, (list, tuple)):
            waiting.extend(here)
