"""What is wrong with an OpenAPI document: by the specification's schema, and beyond what a schema can say.

The schema of the specification is evaluated by jsonschema-rs: a document of thousands of schemas takes well under a
second, where validators that follow each reference in Python take minutes.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.references import pointer, references, resolve
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from pytest_superteam.contracts.operations import ContractOperation
    from pytest_superteam.contracts.validating.dialect import Dialect

__all__ = ["document_problems", "schema_nodes"]

_MOST = 500  # problems told of one document
_MOST_EXAMPLES = 5_000  # checked in one document
_MOST_ALONE = 200  # of them, where they can't be checked together
_VERSIONS = frozenset({"3.0", "3.1", "3.2"})
_SCHEMA_PARTS = frozenset({"schemas"})
_NAMED = frozenset(
    {"parameters", "responses", "requestBodies", "headers", "paths", "webhooks", "callbacks", "pathItems", "content"}
    | {"encoding", "securitySchemes", "links"}
)
_PARAMETER = re.compile(r"\{([^{}]*)\}")


def document_problems(document: Mapping[str, Any], operations: Iterable[ContractOperation]) -> tuple[str, ...]:
    """Return a line for each thing that is wrong with `document`, at most 500; `operations` are those read from it."""
    version = str(document.get("openapi", ""))
    if version[:3] not in _VERSIONS:
        return (f"openapi: {version or 'no version'} is not supported. Allowed are 3.0, 3.1 and 3.2.",)
    schemas = list(schema_nodes(document))
    problems: list[str] = []
    for found in (
        _structure(document, version[:3]),
        _schemas(schemas) if version[:3] != "3.0" else (),
        _references(document),
        _endless(document),
        _operations(list(operations)),
        _patterns(schemas),
        _examples(document, schemas),
    ):
        for problem in found:
            if problem not in problems:
                problems.append(problem)
            if len(problems) >= _MOST:
                return (*problems, "And more. Correct these first.")
    return tuple(problems)


def schema_nodes(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield (place, schema) of each schema that is not part of another one."""
    waiting: list[tuple[Any, tuple[str | int, ...], bool]] = [(document, (), False)]
    seen: set[int] = set()
    while waiting:
        part, place, named = waiting.pop()
        if isinstance(part, list):
            waiting += reversed([(item, (*place, n), False) for n, item in enumerate(part)])
            continue
        if not isinstance(part, Mapping) or id(part) in seen:
            continue
        seen.add(id(part))
        for key, value in reversed(list(part.items())):
            here = (*place, str(key))
            if named:
                waiting.append((value, here, False))
            elif key == "schema":
                yield here, value
            elif key in _SCHEMA_PARTS and place[-1:] == ("components",) and isinstance(value, Mapping):
                yield from (((*here, str(name)), schema) for name, schema in value.items())
            elif key not in {"example", "examples", "value"}:
                waiting.append((value, here, key in _NAMED))


def _endless(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the named schemas that are composed of themselves: whether a value fits them can't be told."""
    components = document.get("components")
    named = components.get("schemas") if isinstance(components, Mapping) else None
    for name in named if isinstance(named, Mapping) else ():
        start = f"#{pointer('components', 'schemas', str(name))}"
        waiting, seen = [start], {start}
        while waiting:
            for target in _composed(document, waiting.pop()):
                if target == start:
                    yield f"{start}: is composed of itself, without end. Refer to itself from a property or an item."
                    waiting.clear()
                    break
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)


_COMPOSING = ("allOf", "anyOf", "oneOf")


def _composed(document: Mapping[str, Any], reference: str) -> list[str]:
    """Return the references that hold for the same value as the schema that `reference` names."""
    try:
        part: Any = document
        for key in reference[2:].split("/"):
            part = part[key.replace("~1", "/").replace("~0", "~")]
    except (KeyError, IndexError, TypeError):
        return []
    found, waiting = [], [part]
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, Mapping):
            if isinstance(schema.get("$ref"), str):
                found.append(str(schema["$ref"]))
            waiting += [each for word in _COMPOSING for each in schema.get(word) or () if isinstance(each, Mapping)]
            waiting += [schema["not"]] if isinstance(schema.get("not"), Mapping) else []
    return found


@lru_cache(maxsize=4)
def _specification(version: str) -> Any:
    import jsonschema_rs

    found = find_spec("openapi_spec_validator")  # its schema is all that is needed; importing it takes a second
    folders = (found and found.submodule_search_locations) or ()
    for folder in folders:
        path = Path(folder, "resources", "schemas", f"v{version}", "schema.json")
        if path.is_file():
            return jsonschema_rs.validator_for(json.loads(path.read_text(encoding="utf-8")))
    if version == "3.2":
        return None  # an openapi-spec-validator from before that
    raise CheckError("openapi-spec-validator is damaged: its schemas are missing. Install it again.")


@lru_cache(maxsize=1)
def _metaschema() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"})


def _structure(document: Mapping[str, Any], version: str) -> Iterator[str]:
    validator = _specification(version)
    if validator is None:
        return
    try:
        for error in validator.iter_errors(dict(document)):
            cause = _cause(error)
            yield _line(cause.instance_path, cause.message)
    except (ValueError, UnicodeError) as error:
        yield f"The document can't be validated: {str(error)[:300]}"


def _cause(error: Any) -> Any:
    """Return why the alternative that was meant fails: `either a thing or a reference to it` is how 3.0 is written."""
    for _ in range(6):
        branches = [b for b in getattr(error.kind, "context", None) or () if b]
        meant = [b for b in branches if not any(e.kind.name == "required" and "$ref" in e.message for e in b)]
        if not meant:
            return error
        error = max((e for b in meant for e in b), key=lambda e: len(e.instance_path))
    return error


def _schemas(schemas: list[tuple[tuple[str | int, ...], Any]]) -> Iterator[str]:
    validator = _metaschema()
    for place, schema in schemas:
        try:
            yield from (_line((*place, *e.instance_path), _cause(e).message) for e in validator.iter_errors(schema))
        except (ValueError, UnicodeError) as error:
            yield _line(place, str(error))


def _references(document: Mapping[str, Any]) -> Iterator[str]:
    known: dict[str, str] = {}
    for place, reference in references(document):
        if reference not in known:
            try:
                resolve(document, reference)
                known[reference] = ""
            except CheckError as error:
                known[reference] = str(error)
        if known[reference]:
            yield f"{place.lstrip('/') or '(root)'}: {known[reference]}"


def _operations(operations: list[ContractOperation]) -> Iterator[str]:
    shapes: dict[tuple[str, str], str] = {}
    for operation in operations:
        name = f"{operation.method} {operation.path}"
        yield from (f"{name}: {problem}" for problem in operation.problems)
        yield from (f"{name}: {problem}" for problem in _parameters(operation))
        shape = (operation.method, _PARAMETER.sub("{}", operation.path))
        if shape in shapes and shapes[shape] != operation.path:
            yield f"{name}: matches the same requests as {operation.method} {shapes[shape]}. Keep one."
        shapes.setdefault(shape, operation.path)


def _parameters(operation: ContractOperation) -> Iterator[str]:
    templated = Counter(_PARAMETER.findall(operation.path))
    declared = {str(p.get("name")) for p in operation.parameters if p.get("in") == "path"}
    has_broken = any("reference" in problem for problem in operation.problems)
    for name, count in templated.items():
        if count > 1:
            yield f"The path has {{{name}}} twice. Give each a name of its own."
        if name not in declared and not has_broken:
            yield f"The path's parameter {name!r} is not described. Describe it under `parameters`."
    for name in sorted(declared - set(templated)):
        yield f"The parameter {name!r} is not in the path. Put {{{name}}} there, or drop it."
    written = operation.definition.get("parameters")
    listed = [p for p in (written if isinstance(written, list) else ()) if isinstance(p, Mapping) and "name" in p]
    for (place, name), count in Counter((str(p.get("in")), str(p["name"])) for p in listed).items():
        if count > 1:
            yield f"The parameter {name!r} in {place} is described twice. Drop one."


def _patterns(schemas: list[tuple[tuple[str | int, ...], Any]]) -> Iterator[str]:
    from pytest_superteam.contracts.validating.schematools import compiled

    known: dict[str, bool] = {}
    for place, pattern in _words(schemas, "pattern"):
        if isinstance(pattern, str) and pattern not in known:
            try:
                compiled({"pattern": pattern})
                known[pattern] = True
            except CheckError:
                known[pattern] = False
        if isinstance(pattern, str) and not known[pattern]:
            yield _line(place, f"The pattern {pattern[:80]!r} is no regular expression of ECMA 262.")


def _words(schemas: list[tuple[tuple[str | int, ...], Any]], word: str) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield (place, value) of each use of `word` as a keyword."""
    waiting = [(place, schema, False) for place, schema in schemas]
    seen: set[int] = set()
    while waiting:
        place, part, named = waiting.pop()
        if isinstance(part, list):
            waiting += [((*place, n), item, False) for n, item in enumerate(part) if isinstance(item, Mapping)]
        if not isinstance(part, Mapping) or id(part) in seen:
            continue
        seen.add(id(part))
        if word in part and not named:
            yield (*place, word), part[word]
        for key, value in part.items():
            if named or key not in {"example", "examples", "default", "enum", "const", "required", "discriminator"}:
                is_map = not named and key in {"properties", "patternProperties", "$defs", "dependentSchemas"}
                waiting.append(((*place, str(key)), value, is_map))


def _examples(document: Mapping[str, Any], schemas: list[tuple[tuple[str | int, ...], Any]]) -> Iterator[str]:
    """Yield examples that their schema does not accept: all of a document are checked at once."""
    from pytest_superteam.contracts.validating.dialect import Dialect

    for direction, pairs in _pairs(document, schemas).items():
        dialect = Dialect(document, direction)  # type: ignore[arg-type]  # the keys are the two directions
        every = pairs[:_MOST_EXAMPLES]
        try:
            yield from _misfits(dialect, every)
        except CheckError:  # one schema is broken, which is told above; the others' examples can be checked alone
            for pair in every[:_MOST_ALONE]:
                with contextlib.suppress(CheckError):
                    yield from _misfits(dialect, [pair])


def _misfits(dialect: Dialect, pairs: list[tuple[tuple[str | int, ...], Any, Any]]) -> list[str]:
    """Return which values don't fit their schema: checked as one object, for compiling is what takes time."""
    from pytest_superteam.contracts.validating.schematools import compiled, errors_of

    whole = dialect.together({str(number): schema for number, (_, schema, _) in enumerate(pairs)})
    values = {str(number): value for number, (_, _, value) in enumerate(pairs)}
    found = []
    for problem in errors_of(compiled(whole), values):
        number_text, _, inner = problem.pointer.removeprefix("/").partition("/")
        if number_text.isdecimal():
            at = f" at /{inner}" if inner else ""
            place = pairs[int(number_text)][0]
            found.append(_line(place, f"The example does not fit its schema{at}: {problem.message}"))
    return found


def _pairs(document: Mapping[str, Any], schemas: list[tuple[tuple[str | int, ...], Any]]) -> dict[str, list[Any]]:
    """Return (place, schema, example) by the direction that the example is for."""
    found: dict[str, list[Any]] = {"request": [], "response": []}
    for place, schema in schemas:
        if place[-1] != "schema":
            continue
        around = _at(document, place[:-1])
        direction = (
            "request" if "requestBody" in place or "parameters" in place or "requestBodies" in place else "response"
        )
        for name, example in _written(document, around):
            found[direction].append(((*place[:-1], *name), schema, example))
    for place, example in _words(schemas, "example"):
        schema = _at(document, place[:-1])
        if isinstance(schema, Mapping) and example is not None:
            found["response"].append((place, _open(schema), example))
    return found


def _written(document: Mapping[str, Any], media: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(media, Mapping):
        return
    if "example" in media:
        yield ("example",), media["example"]
    examples = media.get("examples")
    for name, example in examples.items() if isinstance(examples, Mapping) else ():
        try:
            known = (
                resolve(document, example["$ref"]) if isinstance(example, Mapping) and "$ref" in example else example
            )
        except CheckError:
            continue
        if isinstance(known, Mapping) and "value" in known:
            yield ("examples", str(name)), known["value"]


def _open(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `schema` for its own example, which may leave out what only requests have, and may hold it too."""
    return {key: value for key, value in schema.items() if key != "required"} if "properties" in schema else schema


def _at(document: Any, place: tuple[str | int, ...]) -> Any:
    try:
        return resolve(document, "#" + pointer(*place).replace("%", "%25"))
    except CheckError:
        return None


def _line(place: Iterable[Any], message: str) -> str:
    text = " ".join(message.split())
    short = text if len(text) <= 300 else f"{text[:150]} … {text[-150:]}"
    return f"{'/'.join(map(str, place)) or '(root)'}: {short}"
