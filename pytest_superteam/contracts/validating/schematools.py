"""Compiled validators of a document's schemas, and their errors in words."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.references import pointer
from pytest_superteam.contracts.validating.dialect import Dialect
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.contracts.validating.dialect import Direction

__all__ = ["SchemaProblem", "Validators", "compiled", "errors_of"]

_BACKTRACKS = 100_000  # steps of a regular expression before it is given up, some milliseconds
_REGEX_BYTES = 4 << 20
_LONGEST_MESSAGE = 300
_ALONE = 8  # schemas compiled one by one before all of a document are compiled together


@dataclass(frozen=True)
class SchemaProblem:
    """What is wrong with a value, and where in it, as a JSON pointer."""

    pointer: str
    message: str
    keyword: str = ""


def compiled(schema: Mapping[str, Any] | bool) -> Any:  # noqa: FBT001  # the two booleans are schemas
    """Return the compiled validator of a schema of JSON Schema 2020-12; formats are asserted, nothing is fetched.

    Raises:
        CheckError: the schema is invalid.
    """
    import jsonschema_rs as engine

    limits = engine.FancyRegexOptions(backtrack_limit=_BACKTRACKS, size_limit=_REGEX_BYTES, dfa_size_limit=_REGEX_BYTES)
    try:
        return engine.Draft202012Validator(
            schema if isinstance(schema, bool) else dict(schema),
            validate_formats=True,
            formats={"byte": _is_base64, "password": _is_anything},
            retriever=_retrieve_nothing,
            pattern_options=limits,
        )
    except engine.ValidationError as error:
        place = pointer(*error.instance_path) or "the schema itself"
        raise CheckError(f"A schema can't be used: {_short(error.message)} (at {place}). Correct it.") from None
    except (ValueError, engine.ReferencingError, UnicodeError) as error:
        raise CheckError(f"A schema can't be used: {_short(str(error))}. Correct it.") from None


def errors_of(validator: Any, value: Any) -> Iterator[SchemaProblem]:
    """Yield what `validator` finds wrong with `value`, the deepest cause of failed alternatives.

    Raises:
        CheckError: a pattern of the schema takes too long.
    """
    try:
        for error in validator.iter_errors(value):
            if error.message.startswith("Error executing regex"):
                raise CheckError(
                    "A pattern of the schema takes too long to be evaluated. Write it without repeats in repeats."
                )
            yield SchemaProblem(pointer(*error.instance_path), _message(error), str(error.kind.name))
    except RecursionError:
        yield SchemaProblem("", "nests too deep to be checked")
    except (ValueError, UnicodeError) as error:
        yield SchemaProblem("", f"is no JSON value that can be checked ({_short(str(error))})")


class Validators:
    """The validators of one document's schemas in one direction, compiled once each."""

    def __init__(self, document: Mapping[str, Any], direction: Direction) -> None:
        self._document = document
        self._dialect = Dialect(document, direction)
        self._known: dict[int, tuple[Any, Any]] = {}
        self._together: Any = None
        self._keys: dict[int, tuple[str, Any]] | None = None

    def of(self, schema: Any) -> Any:
        """Return the validator of `schema`, a part of the document.

        Raises:
            CheckError: the schema is invalid or refers to what is not there.
        """
        known = self._known.get(id(schema))
        if known is None:
            try:
                found = compiled(self._dialect.standalone(schema))
            except CheckError as error:
                found = error
            known = self._known[id(schema)] = (schema, found)  # holding the schema keeps its id its own
        if isinstance(known[1], CheckError):
            raise known[1]
        return known[1]

    def problems(self, schema: Any, value: Any) -> tuple[SchemaProblem, ...]:
        """Return what is wrong with `value` by `schema`, a part of the document.

        Raises:
            CheckError: the schema is invalid, or a pattern in it takes too long.
        """
        if id(schema) not in self._known and self._keys is None and len(self._known) >= _ALONE:
            self._compile_together()
        key = (self._keys or {}).get(id(schema))
        if key is None:
            return tuple(errors_of(self.of(schema), value))
        found = errors_of(self._together, {key[0]: value})
        return tuple(replace(p, pointer=p.pointer.removeprefix(f"/{key[0]}")) for p in found)

    def _compile_together(self) -> None:
        """Compile the schemas of all operations as one: what takes time is what they all refer to."""
        from pytest_superteam.contracts.validating.specification import schema_nodes

        nodes = [schema for place, schema in schema_nodes(self._document) if place[:2] != ("components", "schemas")]
        keys = {id(schema): (str(number), schema) for number, schema in enumerate(nodes)}
        try:
            self._together = compiled(self._dialect.together(dict(keys.values())))
            self._keys = keys
        except CheckError:
            self._keys = {}  # one is broken: each for itself


def _message(error: Any) -> str:
    if error.kind.name == "falseSchema":
        return "is not allowed here"
    if error.kind.name in {"anyOf", "oneOf"}:
        best = _nearest(getattr(error.kind, "context", None) or [])
        if best is not None:
            place = pointer(*best.instance_path)
            return _short(f"fits no alternative; the nearest fails{f' at {place}' if place else ''}: {best.message}")
    return _short(error.message)


def _nearest(alternatives: list[list[Any]]) -> Any:
    """Return the error of the alternative that got furthest: the deepest place, no mere difference of types."""
    firsts = [max(errors, key=lambda e: len(e.instance_path)) for errors in alternatives if errors]
    return max(firsts, key=lambda e: (len(e.instance_path), e.kind.name != "type"), default=None)


def _short(text: str) -> str:
    """Return `text` in one line and with the end of its words: the value stands in front and may be long."""
    line = " ".join(text.split())
    if len(line) <= _LONGEST_MESSAGE:
        return line
    return f"{line[: _LONGEST_MESSAGE // 2]} … {line[-_LONGEST_MESSAGE // 2 :]}"


def _is_base64(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_anything(_value: Any) -> bool:
    return True


def _retrieve_nothing(uri: str) -> Any:
    raise CheckError(f"{uri[:200]} leads out of the document")
