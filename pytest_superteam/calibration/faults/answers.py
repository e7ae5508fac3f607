"""The shape of answers and requests: names, statuses, types, forms of values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.calibration.fault import fault
from pytest_superteam.calibration.source import Change, Module, Source, calls, dotted, keyword

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Place = tuple[Module, ast.ClassDef, ast.AnnAssign, str]
"""A field of a class of answers or bodies, and the operation that carries it."""


_IMPORTS = "import pydantic\nfrom typing import Annotated"


def record_fields(service: Source) -> Iterator[Place]:
    """Yield the fields of what operations tell of one row."""
    told = {handler.answer_class: handler.id for handler in reversed(list(service.operations()))}
    told |= {handler.answer_class: handler.id for handler in service.operations("read", "create")}
    for module, node, operation in _classes(service, told):
        if any(calls(handler.function, "model_validate") for handler in service.operations()):
            yield from ((module, node, item, operation) for item in node.body if isinstance(item, ast.AnnAssign))


def body_fields(service: Source, *kinds: str) -> Iterator[Place]:
    """Yield the fields of the bodies that operations of these kinds take."""
    taken = {handler.body_class: handler.id for handler in service.operations(*kinds) if handler.body_class}
    for module, node, operation in _classes(service, taken):
        yield from ((module, node, item, operation) for item in node.body if isinstance(item, ast.AnnAssign))


def _classes(service: Source, names: dict[str, str]) -> Iterator[tuple[Module, ast.ClassDef, str]]:
    """Yield the classes of `schemas.py` of these names that stand for one row or body, not for a page."""
    module = service.named("schemas.py")
    entities = {entity.name for entity in service.architecture.entities_of(service.name)}
    for node in module.tree.body if module else ():
        if module and isinstance(node, ast.ClassDef) and node.name in names:
            fields = {dotted(item.target) for item in node.body if isinstance(item, ast.AnnAssign)}
            if node.name in entities or "id" in fields or not fields & {"items", "access_token", "status"}:
                yield module, node, names[node.name]


def _name(place: Place) -> str:
    return f"{place[1].name}.{dotted(place[2].target)}"


def _wrapped(service: Source, place: Place, metadata: str, what: str, *, optional: bool = False) -> Change:
    """Return the change that puts metadata of pydantic on a field."""
    module, _, item, operation = place
    typed = module.source(item.annotation) + " | None" * optional
    edit = module.to(item.annotation, f"Annotated[{typed}, {metadata}]")
    return service.change(module, item, f"{_name(place)} {what}", edit, module.importing(_IMPORTS), operation=operation)


def _serialised(service: Source, types: tuple[str, ...], function: str, what: str) -> Iterator[Change]:
    """Yield changes of how fields of these types are written into answers."""
    for place in record_fields(service):
        module, _, item, _ = place
        if module.source(item.annotation).removesuffix(" | None") in types:
            nothing = "None if value is None else " * module.source(item.annotation).endswith("| None")
            metadata = f"pydantic.PlainSerializer(lambda value: {nothing}{function})"
            yield _wrapped(service, place, metadata, what)


# ---------------------------------------------------------------- names and statuses


@fault("response-field-renamed", "an answer carries a field under another name", 2)
def response_field_renamed(service: Source) -> Iterator[Change]:
    """Write a field under another name."""
    for place in record_fields(service):
        module, _, item, _ = place
        name = dotted(item.target)
        if name != "id" and item.value is None:
            alias = f"Annotated[{module.source(item.annotation)}, pydantic.Field(validation_alias={name!r})]"
            edits = (module.to(item, f"{name}_value: {alias}"), module.importing(_IMPORTS))
            yield service.change(module, item, f"{_name(place)} is called '{name}_value'", *edits, operation=place[3])


@fault("response-field-dropped", "an answer lacks a field", 2)
def response_field_dropped(service: Source) -> Iterator[Change]:
    """Leave a field out of the answers."""
    for place in record_fields(service):
        module, node, item, operation = place
        if dotted(item.target) != "id" and len(node.body) > 2:
            edit = module.to(item, "pass")
            yield service.change(module, item, f"{_name(place)} is not told", edit, operation=operation)


@fault("consumer-field-dropped", "a provider's answer lacks the field that its consumer reads", 2)
def consumer_field_dropped(service: Source) -> Iterator[Change]:
    """Leave out what another service reads of the answer."""
    read = {
        (dependency.entity, name)
        for dependency in service.architecture.dependencies
        if dependency.provider == service.name
        for name in dependency.fields
    }
    for place in record_fields(service):
        module, node, item, operation = place
        if (node.name, dotted(item.target)) in read:
            edit = module.to(item, "pass")
            yield service.change(
                module, item, f"{_name(place)}, which consumers read, is not told", edit, operation=operation
            )


@fault("request-field-renamed", "a request has to carry a field under another name", 2)
def request_field_renamed(service: Source) -> Iterator[Change]:
    """Take a required field under another name."""
    for place in body_fields(service, "create", "register"):
        name = dotted(place[2].target)
        if place[2].value is None:
            yield _wrapped(service, place, f"pydantic.Field(alias='{name}_value')", f"is taken as '{name}_value'")


@fault("undeclared-status", "an operation succeeds with a status that its contract lacks", 2)
def undeclared_status(service: Source) -> Iterator[Change]:
    """Answer a success with another status of success."""
    for handler in service.operations("create", "register", "read", "update", "list"):
        given = keyword(handler.route, "status_code")
        if given:
            edit = handler.module.to(given.value, "202")
        else:
            last = handler.route.args[0]
            edit = handler.module.to(last, f"{handler.module.source(last)}, status_code=203")
        yield service.at(handler, handler.route, "answers another status", edit)


@fault("conflict-as-bad-request", "a conflict is answered with a status that no contract has", 2)
def conflict_as_bad_request(service: Source) -> Iterator[Change]:
    """Answer 400 where the contract says 409."""
    paths = service.architecture.contracts.get(service.name, {}).get("paths", {})
    answers = (item.get("responses", {}) for path in paths.values() for item in path.values() if isinstance(item, dict))
    if not any("409" in statuses for statuses in answers):
        return
    for module in service.modules.values():
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and node.name == "Conflict":
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Constant) and inner.value == 409:
                        edit = module.to(inner, "400")
                        yield service.change(module, inner, "conflicts are answered with 400", edit)


@fault("undeclared-content-type", "an answer is told as text", 2)
def undeclared_content_type(service: Source) -> Iterator[Change]:
    """Send a record as text instead of JSON."""
    for handler in service.operations("read", "me"):
        last = handler.body[-1]
        if isinstance(last, ast.Return) and isinstance(last.value, ast.Call):
            value = handler.module.source(last.value)
            edits = (
                handler.module.to(last.value, f'Response({value}.model_dump_json(), media_type="text/plain")'),
                handler.module.importing("from starlette.responses import Response"),
            )
            yield service.at(handler, last, "answers text", *edits)


@fault("error-content-type", "errors are told as plain JSON", 2)
def error_content_type(service: Source) -> Iterator[Change]:
    """Give error answers another media type."""
    for module in service.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and node.value == "application/problem+json":
                edit = module.to(node, '"application/json"')
                yield service.change(module, node, "errors are no problem documents", edit)


# ---------------------------------------------------------------- forms of values


@fault("number-as-text", "a number is written as text", 2)
def number_as_text(service: Source) -> Iterator[Change]:
    """Write a number as text."""
    return _serialised(service, ("int", "float", "fields.Amount"), "str(value)", "is written as text")


@fault("naive-timestamp", "a time is written without its zone", 2)
def naive_timestamp(service: Source) -> Iterator[Change]:
    """Write a time without its zone."""
    return _serialised(service, ("datetime",), "value.replace(tzinfo=None).isoformat()", "has no time zone")


@fault("other-id-format", "an id is written in another form", 2)
def other_id_format(service: Source) -> Iterator[Change]:
    """Write a UUID without its hyphens."""
    return _serialised(service, ("UUID",), "value.hex", "has no hyphens")


@fault("enum-case-changed", "a value of an enumeration is written in capitals", 2)
def enum_case_changed(service: Source) -> Iterator[Change]:
    """Write an enumerated value in the other case."""
    return _serialised(service, _enums(service), "str(value).swapcase()", "is written in the other case")


def _enums(service: Source) -> tuple[str, ...]:
    module = service.named("schemas.py")
    return tuple(
        dotted(node.targets[0])
        for node in (module.tree.body if module else ())
        if isinstance(node, ast.Assign) and module and module.source(node.value).startswith("Literal[")
    )


@fault("null-for-value", "a field that always has a value is told as null", 2)
def null_for_value(service: Source) -> Iterator[Change]:
    """Write null for a field."""
    for place in record_fields(service):
        module, _, item, _ = place
        if dotted(item.target) != "id" and not module.source(item.annotation).endswith("| None"):
            yield _wrapped(
                service, place, "pydantic.PlainSerializer(lambda value: None)", "is always null", optional=True
            )


@fault("missing-for-null", "a field without a value is left out instead of told as null", 2)
def missing_for_null(service: Source) -> Iterator[Change]:
    """Leave out what has no value."""
    nullable = {
        place[1].name for place in record_fields(service) if place[0].source(place[2].annotation).endswith("| None")
    }
    for handler in service.operations("read", "create"):
        if handler.answer_class in nullable:
            last = handler.route.args[0]
            edit = handler.module.to(last, f"{handler.module.source(last)}, response_model_exclude_none=True")
            yield service.at(handler, handler.route, "leaves out what is null", edit)


@fault("password-hash-told", "an answer carries the hash of a password", 2)
def password_hash_told(service: Source) -> Iterator[Change]:
    """Add the stored hash to the answers."""
    models = service.named("models.py")
    hashed = {
        node.name: dotted(item.target)
        for node in (models.tree.body if models else ())
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.AnnAssign) and dotted(item.target).endswith("_hash")
    }
    for module, node, _, operation in {place[1].name: place for place in record_fields(service)}.values():
        if node.name in hashed:
            edit = module.after(node.body[-1], f"{hashed[node.name]}: str")
            yield service.change(module, node, f"{node.name} tells its {hashed[node.name]}", edit, operation=operation)


# ---------------------------------------------------------------- what is valid


@fault("constraint-dropped", "a request that the contract forbids is taken", 2)
def constraint_dropped(service: Source) -> Iterator[Change]:
    """Drop a bound of a field."""

    def drop(module: Module, call: ast.Call, bound: ast.keyword) -> str:
        kept = ", ".join(module.source(item) for item in call.keywords if item is not bound)
        return f"{module.source(call.func)}({kept})"

    return _bounds(service, ("min_length", "max_length", "ge", "le"), drop, "is not bounded by {} any more")


@fault("constraint-tightened", "a request that the contract allows is refused", 2)
def constraint_tightened(service: Source) -> Iterator[Change]:
    """Lower the upper bound of a field to a quarter."""

    def lower(module: Module, call: ast.Call, bound: ast.keyword) -> str:
        value = bound.value.value if isinstance(bound.value, ast.Constant) else 0
        kept = [module.source(item) for item in call.keywords if item is not bound]
        return f"{module.source(call.func)}({', '.join([*kept, f'{bound.arg}={int(str(value)) // 4}'])})"

    return _bounds(service, ("max_length", "le"), lower, "has a quarter of its {}", least=16)


def _bounds(
    service: Source,
    names: tuple[str, ...],
    new: Callable[[Module, ast.Call, ast.keyword], str],
    what: str,
    least: int = 0,
) -> Iterator[Change]:
    for place in body_fields(service, "create", "register"):
        module, _, item, operation = place
        for call in calls(item.annotation, "Field"):
            for bound in call.keywords:
                value = bound.value.value if isinstance(bound.value, ast.Constant) else None
                if bound.arg in names and isinstance(value, int) and value >= least:
                    text = f"{_name(place)} {what.format(bound.arg)}"
                    yield service.change(
                        module, item, text, module.to(call, new(module, call, bound)), operation=operation
                    )


@fault("enum-value-refused", "a value of an enumeration is refused", 2)
def enum_value_refused(service: Source) -> Iterator[Change]:
    """Take all values of an enumeration but one, where a request brings it."""
    for place in body_fields(service, "create", "update"):
        module, _, item, operation = place
        typed = module.source(item.annotation)
        for node in module.tree.body:
            if isinstance(node, ast.Assign) and dotted(node.targets[0]) == typed and typed in _enums(service):
                values = ast.literal_eval(module.source(node.value).replace("Literal[", "[", 1))
                if len(values) > 1:
                    edit = module.to(item.annotation, f"Literal[{', '.join(map(repr, values[:-1]))}]")
                    text = f"{_name(place)} refuses '{values[-1]}'"
                    yield service.change(module, item, text, edit, operation=operation)


@fault("required-made-optional", "a required field may be left out", 2)
def required_made_optional(service: Source) -> Iterator[Change]:
    """Take a request without a field that is required."""
    defaults = {"fields.Text": '"none"', "fields.Integer": "1"}
    for place in body_fields(service, "create"):
        module, _, item, operation = place
        typed = module.source(item.annotation)
        default = next((value for name, value in defaults.items() if name in typed), "")
        if item.value is None and default and not typed.endswith("| None"):
            edit = module.to(item, f"{module.source(item)} = {default}")
            yield service.change(module, item, f"{_name(place)} may be left out", edit, operation=operation)
