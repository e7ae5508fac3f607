"""The OpenAPI 3.1 document of each service, written from the architecture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.architect.interface.paths import segments
from pytest_superteam.architect.names import stem, words
from pytest_superteam.contracts.schemas import TEXT, example, field_schema
from pytest_superteam.contracts.surface import PathParameter, Plan, Surface, parameter_field
from pytest_superteam.models import Field

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture, Entity, Parameter

__all__ = ["contracts"]

_METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"})
_ERRORS = {
    401: "No valid credentials",
    403: "The caller's role does not allow it",
    404: "No such row, or none that the caller may see",
    409: "In conflict with what is stored",
    422: "The request is not as described",
    503: "Something that the service depends on does not answer",
}
_SUCCESSES = {200: "Done", 201: "Created", 202: "Accepted", 204: "Done, with nothing to say"}
_LONGEST_TAG = 100
_LARGEST_OFFSET = 2**31 - 1


def contracts(architecture: Architecture) -> dict[str, dict[str, Any]]:
    """Return one OpenAPI 3.1 document per service, by service name."""
    return {service.name: _document(Surface(architecture, service.name)) for service in architecture.services}


def _tag(plan: Plan, surface: Surface) -> str:
    """Return the module of the text that an operation belongs to, else what it is about, else its service."""
    names = {stem(w) for w in words(plan.entity.name if plan.entity else "")}
    names |= {stem(w) for p in segments(plan.operation.path)[:1] if not p.startswith("{") for w in words(p)}
    for module in surface.architecture.components:
        if module.kind == "module" and names & {stem(w) for w in words(module.name)}:
            return module.name[:_LONGEST_TAG]
    return plan.entity.plural if plan.entity else surface.service.name


def _tags(paths: dict[str, dict[str, Any]], surface: Surface) -> list[dict[str, str]]:
    """Return the tags in use, each with what it stands for as far as the text says."""
    about = {e.plural: e.description for e in surface.entities} | {surface.service.name: surface.service.description}
    about |= {c.name[:_LONGEST_TAG]: c.reason for c in surface.architecture.components if c.kind == "module"}
    used = dict.fromkeys(tag for item in paths.values() for one in item.values() for tag in one["tags"])
    return [{"name": tag} | ({"description": about[tag]} if about.get(tag) else {}) for tag in used]


def _document(surface: Surface) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for plan in surface.plans:
        method = plan.operation.method.upper()
        if method in _METHODS:
            path = "/" + plan.operation.path.lstrip("/")
            paths.setdefault(path, {})[method.lower()] = _operation(plan, surface)
    service = surface.service
    about = service.description or f"The {service.name} of {surface.architecture.title}".strip()
    info = {"title": service.name, "version": "1.0.0", "description": about}
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": "/"}],
        "tags": _tags(paths, surface),
        "security": [{"bearerAuth": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(surface),
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


# ---------------------------------------------------------------- operations


def _operation(plan: Plan, surface: Surface) -> dict[str, Any]:
    operation = plan.operation
    data: dict[str, Any] = {"operationId": operation.id}
    if operation.summary:
        data["summary"] = operation.summary
    data["tags"] = [_tag(plan, surface)]
    if operation.public:
        data["security"] = []
    parameters = [_path_parameter(p) for p in plan.path] + _query(plan)
    if parameters:
        data["parameters"] = parameters
    reference = _body_reference(plan, surface)
    if reference:
        data["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference}}}
    data["responses"] = _responses(plan, surface)
    return data | _extensions(plan)


def _extensions(plan: Plan) -> dict[str, Any]:
    operation = plan.operation
    data: dict[str, Any] = {"x-kind": operation.kind}
    if plan.entity:
        data["x-entity"] = plan.entity.name
    if operation.roles:
        data["x-roles"] = list(operation.roles)
    if operation.target_state:
        data["x-target-state"] = operation.target_state
    if operation.publishes:
        data["x-publishes"] = list(operation.publishes)
    if operation.source:
        data["x-line"] = operation.source.line
        data["x-source"] = operation.source.kind
        if operation.source.kind == "derived":
            data["x-derived"] = True
    return data


def _path_parameter(parameter: PathParameter) -> dict[str, Any]:
    if parameter.role == "free" and parameter.field is None:
        schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": TEXT}
    elif parameter.field is None:
        schema = {"type": "string", "format": "uuid"}
    else:
        schema = field_schema(parameter.field)
        if "maxLength" in schema:
            schema["minLength"] = max(1, schema.get("minLength", 1))
    return {"name": parameter.name, "in": "path", "required": True, "schema": schema}


def _query(plan: Plan) -> list[dict[str, Any]]:
    found = [_query_parameter(f.parameter, _filter_schema(f.parameter, f.field)) for f in plan.filters]
    if plan.answer == "page":
        limit = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
        offset = {"type": "integer", "minimum": 0, "maximum": _LARGEST_OFFSET, "default": 0}
        found += [
            {"name": "limit", "in": "query", "schema": limit, "description": "The most items to answer"},
            {"name": "offset", "in": "query", "schema": offset, "description": "The items to leave out first"},
        ]
    return found


def _filter_schema(parameter: Parameter, field: Field | None) -> dict[str, Any]:
    schema = field_schema(parameter_field(parameter, field))
    if "minLength" in schema:
        schema["minLength"] = 0
    return schema


def _query_parameter(parameter: Parameter, schema: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"name": parameter.name, "in": "query", "schema": schema}
    if parameter.required:
        data["required"] = True
    if parameter.description:
        data["description"] = parameter.description
    return data


def _body_reference(plan: Plan, surface: Surface) -> dict[str, Any] | None:
    if plan.body is None:
        return None
    shared = {"login": "Credentials", "receive_event": "Event"}.get(plan.kind)
    return _reference(surface, *(("shared", shared) if shared else ("body", plan.body.schema)))


def _reference(surface: Surface, kind: str, name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{surface.schema_names[kind, name]}"}


def _responses(plan: Plan, surface: Surface) -> dict[str, Any]:
    success: dict[str, Any] = {"description": _SUCCESSES[plan.success]}
    answer = _answer_reference(plan, surface)
    if answer:
        success["content"] = {"application/json": {"schema": answer}}
    responses = {str(plan.success): success}
    problem = {"application/problem+json": {"schema": _reference(surface, "shared", "Problem")}}
    for status in plan.errors:
        responses[str(status)] = {"description": _ERRORS[status], "content": problem}
        if status == 401:
            responses["401"]["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    return responses


def _answer_reference(plan: Plan, surface: Surface) -> dict[str, Any] | None:
    if plan.answer == "none":
        return None
    if plan.answer in {"record", "page"} and plan.entity:
        return _reference(surface, "entity" if plan.answer == "record" else "page", plan.entity.name)
    name = {"token": "Token", "principal": "Principal", "accepted": "EventReceipt", "probe": "Probe"}.get(
        plan.answer, "Result"
    )
    return _reference(surface, "shared", name)


# ---------------------------------------------------------------- schemas


def _schemas(surface: Surface) -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    for entity in surface.entities:
        schemas[surface.schema_names["entity", entity.name]] = _record(entity)
    for plan in surface.plans:
        if plan.body and plan.kind not in {"login", "receive_event"}:
            schemas[surface.schema_names["body", plan.body.schema]] = _object(
                plan.body.fields, partial=plan.body.partial
            )
        if plan.answer == "page" and plan.entity:
            schemas[surface.schema_names["page", plan.entity.name]] = _page(plan.entity, surface)
    shared = {"Problem": _problem()}
    for plan in surface.plans:
        shared |= _shared(plan, surface)
    for name, schema in shared.items():
        schemas[surface.schema_names["shared", name]] = schema
    return schemas


def _record(entity: Entity) -> dict[str, Any]:
    shown = [f for f in entity.fields if f.type != "password"]
    schema: dict[str, Any] = {"type": "object"}
    if entity.description:
        schema["description"] = entity.description
    properties = {f.name: _described(f, nullable=not f.required) for f in shown}
    return schema | {
        "required": [f.name for f in shown],
        "properties": properties,
        "examples": [_example(entity)],
    }


def _example(entity: Entity) -> dict[str, Any]:
    return {f.name: example(f) for f in entity.fields if f.type != "password"}


def _described(field: Field, *, nullable: bool) -> dict[str, Any]:
    schema = field_schema(field, nullable=nullable)
    return schema | {"description": field.description} if field.description else schema


def _object(fields: tuple[Field, ...], *, partial: bool = False) -> dict[str, Any]:
    properties = {}
    for field in fields:
        schema = _described(field, nullable=not field.required)
        if field.default is not None and not partial:
            schema["default"] = field.default
        if field.type == "password":
            schema["writeOnly"] = True
        properties[field.name] = schema
    data: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    required = [f.name for f in fields if f.required and f.default is None]
    if partial:
        data["minProperties"] = 1
    elif required:
        data["required"] = required
    if all(f.type != "password" for f in fields):
        data["examples"] = [{f.name: example(f) for f in fields}]
    return data


def _page(entity: Entity, surface: Surface) -> dict[str, Any]:
    count = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "required": ["items", "total", "limit", "offset"],
        "properties": {
            "items": {"type": "array", "items": _reference(surface, "entity", entity.name)},
            "total": count,
            "limit": count,
            "offset": count,
        },
        "examples": [{"items": [_example(entity)], "total": 1, "limit": 20, "offset": 0}],
    }


def _problem() -> dict[str, Any]:
    text = {"type": "string"}
    errors = {"type": "array", "items": {"type": "object", "properties": {"pointer": text, "detail": text}}}
    return {
        "type": "object",
        "description": "What went wrong (RFC 9457)",
        "required": ["type", "title", "status"],
        "properties": {"type": text, "title": text, "status": {"type": "integer"}, "detail": text, "errors": errors},
        "examples": [{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "There is no such row."}],
    }


def _shared(plan: Plan, surface: Surface) -> dict[str, Any]:
    text = {"type": "string"}
    found: dict[str, Any] = {}
    if plan.kind == "login" and plan.body:
        found["Credentials"] = _object(plan.body.fields)
    if plan.answer == "token":
        found["Token"] = _complete({"access_token": text, "token_type": text, "expires_in": {"type": "integer"}})
    if plan.answer == "principal":
        found["Principal"] = _complete({"id": text, "role": text})
    if plan.answer == "probe":
        found["Probe"] = _complete({"status": text})
    if plan.answer == "result":
        found["Result"] = _complete({"operation": text, "status": text})
    if plan.kind == "receive_event":
        found |= {"Event": _event(surface), "EventReceipt": _complete({"id": text, "status": text})}
    return found


def _complete(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _event(surface: Surface) -> dict[str, Any]:
    name = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": TEXT}
    types = [e.name for e in surface.consumed]
    properties: dict[str, Any] = {
        "id": name,
        "type": {"type": "string", "enum": types} if types else name,
        "source": name,
        "time": _complete_time(),
        "data": {"type": "object"},
    }
    return _complete(properties) | {"additionalProperties": False}


def _complete_time() -> dict[str, Any]:
    return field_schema(Field("time", "datetime"))
