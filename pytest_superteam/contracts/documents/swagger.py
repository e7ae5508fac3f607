"""Swagger 2.0 as OpenAPI 3.0: what the one says in its own words, said in the words of the other.

What has no counterpart (`tsv` lists, lists in lists joined by another sign) is kept as plain text and named in
`x-conversion-notes`. No maintained pure-Python library converts: those that read 2.0 keep a model of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_superteam.contracts.references import resolve
from pytest_superteam.errors import CheckError

__all__ = ["NOTES", "openapi_of_swagger"]

NOTES = "x-conversion-notes"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch"})
_MOVED = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
_OF_PARAMETER = frozenset({"name", "in", "description", "required", "allowEmptyValue", "collectionFormat"})
_STYLES = {"ssv": ("spaceDelimited", False), "pipes": ("pipeDelimited", False), "multi": ("form", True)}
_FLOWS = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}
_SCHEMA_MAPS = frozenset({"properties", "patternProperties", "definitions"})
_SCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
_SCHEMAS = frozenset({"items", "additionalProperties", "not"})
_REWORDED = frozenset({"x-nullable", "discriminator", "collectionFormat"})
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def openapi_of_swagger(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Swagger 2.0 `document` as an OpenAPI 3.0.3 document.

    Raises:
        CheckError: it is no Swagger 2.0, or so malformed that nothing could be said with it.
    """
    version = str(document.get("swagger", ""))
    if version not in {"2.0", "2"}:
        raise CheckError(f"swagger: {version or 'no version'} is not supported. Allowed is 2.0; OpenAPI 3 is better.")
    if not isinstance(document.get("paths"), Mapping):
        raise CheckError("paths: a Swagger document without paths can't be converted. Add them.")
    return _Conversion(document).converted()


class _Conversion:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._notes: list[str] = []

    def converted(self) -> dict[str, Any]:
        old = self._document
        new: dict[str, Any] = {"openapi": "3.0.3", "info": old.get("info", {}), "servers": self._servers()}
        new |= {key: old[key] for key in ("tags", "security", "externalDocs") if key in old}
        new |= {key: value for key, value in old.items() if str(key).startswith("x-")}
        new["paths"] = {
            path: self._item(str(path), item) if not str(path).startswith("x-") else item
            for path, item in old["paths"].items()
        }
        new["components"] = self._components()
        if self._notes:
            new[NOTES] = self._notes
        return new

    def _servers(self) -> list[dict[str, str]]:
        old = self._document
        base = "/" + str(old.get("basePath") or "").strip("/")
        host = old.get("host")
        if not host:
            return [{"url": base}]
        schemes = _list(old.get("schemes")) or ["https"]
        return [{"url": f"{scheme}://{host}{base.rstrip('/')}"} for scheme in schemes]

    def _components(self) -> dict[str, Any]:
        old = self._document
        parameters = {
            name: self._parameter(parameter)
            for name, parameter in _map(old.get("parameters")).items()
            if isinstance(parameter, Mapping) and not _is_body(parameter)
        }
        found = {
            "schemas": {name: self._schema(schema) for name, schema in _map(old.get("definitions")).items()},
            "parameters": parameters,
            "responses": {
                name: self._response(response, _list(old.get("produces")))
                for name, response in _map(old.get("responses")).items()
            },
            "securitySchemes": {
                name: _security_scheme(str(name), scheme)
                for name, scheme in _map(old.get("securityDefinitions")).items()
            },
        }
        return {name: part for name, part in found.items() if part}

    def _item(self, path: str, item: Any) -> Any:
        if not isinstance(item, Mapping):
            return item
        if "$ref" in item:
            return {"$ref": _moved(str(item["$ref"]))}
        shared = self._parameters(item.get("parameters"))
        new: dict[str, Any] = {key: value for key, value in item.items() if str(key).startswith("x-")}
        plain = [p for p in shared if not _is_body(p)]
        if plain:
            new["parameters"] = [self._parameter(parameter) for parameter in plain]
        for method, operation in item.items():
            if method in _METHODS and isinstance(operation, Mapping):
                inherited = [p for p in shared if _is_body(p)]
                new[method] = self._operation(f"{str(method).upper()} {path}", operation, inherited)
            elif method in _METHODS:
                new[method] = operation  # told where the document is validated
        return new

    def _operation(self, place: str, old: Mapping[str, Any], inherited: list[Mapping[str, Any]]) -> dict[str, Any]:
        moved = {"parameters", "consumes", "produces", "schemes", "responses"}
        new = {key: value for key, value in old.items() if key not in moved}
        own = self._parameters(old.get("parameters"))
        names = {_key(p) for p in own}
        every = [*(p for p in inherited if _key(p) not in names), *own]
        plain = [self._parameter(p, place) for p in every if not _is_body(p)]
        if plain:
            new["parameters"] = plain
        consumes = _list(old.get("consumes", self._document.get("consumes")))
        body = self._body([p for p in every if _is_body(p)], consumes)
        if body:
            new["requestBody"] = body
        produces = _list(old.get("produces", self._document.get("produces")))
        new["responses"] = {
            str(status): self._response(response, produces) if not str(status).startswith("x-") else response
            for status, response in _map(old.get("responses")).items()
        }
        return new

    def _parameters(self, parameters: Any) -> list[Mapping[str, Any]]:
        """Return parameters; those with a body's part are looked up, for a body has no name to refer to in 3.0."""
        found = []
        for parameter in _list(parameters):
            known = parameter
            if isinstance(parameter, Mapping) and "$ref" in parameter:
                try:
                    known = resolve(self._document, str(parameter["$ref"]))
                except CheckError:
                    known = parameter  # told where references are checked
            if isinstance(known, Mapping):
                found.append(known if _is_body(known) else parameter)
        return found

    def _parameter(self, old: Mapping[str, Any], place: str = "") -> dict[str, Any]:
        if "$ref" in old:
            return {"$ref": _moved(str(old["$ref"]))}
        new = {key: old[key] for key in ("name", "in", "description", "required", "allowEmptyValue") if key in old}
        new |= {key: value for key, value in old.items() if str(key).startswith("x-") and key != "x-nullable"}
        schema = self._schema({key: value for key, value in old.items() if key not in _OF_PARAMETER})
        if schema.get("type") == "array":
            joined = str(old.get("collectionFormat", "csv"))
            if joined == "tsv" or _joins_within(old.get("items")):
                self._notes.append(
                    f"{place or 'parameters'}: {old.get('name')}: its joined list is read as plain text."
                )
                schema = {"type": "string"}
            elif old.get("in") == "query":
                new["style"], new["explode"] = _STYLES.get(joined, ("form", False))
        new["schema"] = schema
        return new

    def _body(self, parameters: list[Mapping[str, Any]], consumes: list[Any]) -> dict[str, Any] | None:
        body = next((p for p in parameters if p.get("in") == "body"), None)
        if body is not None:
            content = {str(kind): {"schema": self._schema(body.get("schema", {}))} for kind in consumes}
            content = content or {"application/json": {"schema": self._schema(body.get("schema", {}))}}
            new: dict[str, Any] = {"content": content, "required": body.get("required", False)}
            return new | ({"description": body["description"]} if "description" in body else {})
        if not parameters:
            return None
        has_file = any(p.get("type") == "file" for p in parameters)
        kinds = [k for k in map(str, consumes) if k in ({_MULTIPART} if has_file else {_URLENCODED, _MULTIPART})]
        kinds = kinds or [_MULTIPART if has_file else _URLENCODED]
        return {"content": {kind: self._form(parameters) for kind in kinds}, "required": _some_required(parameters)}

    def _form(self, parameters: list[Mapping[str, Any]]) -> dict[str, Any]:
        properties, encoding = {}, {}
        for old in parameters:
            part = self._parameter({**old, "in": "query"})
            properties[str(old.get("name"))] = part["schema"]
            if "style" in part:
                encoding[str(old.get("name"))] = {"style": part["style"], "explode": part["explode"]}
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        required = [str(p.get("name")) for p in parameters if p.get("required") is True]
        if required:
            schema["required"] = required
        return {"schema": schema} | ({"encoding": encoding} if encoding else {})

    def _response(self, old: Any, produces: list[Any]) -> Any:
        if not isinstance(old, Mapping):
            return old
        if "$ref" in old:
            return {"$ref": _moved(str(old["$ref"]))}
        new: dict[str, Any] = {"description": old.get("description", "")}
        new |= {key: value for key, value in old.items() if str(key).startswith("x-")}
        headers = {
            name: {"schema": self._schema({k: v for k, v in header.items() if k not in _OF_PARAMETER})}
            for name, header in _map(old.get("headers")).items()
            if isinstance(header, Mapping)
        }
        if headers:
            new["headers"] = headers
        if "schema" in old:
            examples = _map(old.get("examples"))
            schema = self._schema(old["schema"])
            is_file = isinstance(old["schema"], Mapping) and old["schema"].get("type") == "file"
            kinds = [kind for kind in produces if isinstance(kind, str)] or [
                "application/octet-stream" if is_file else "application/json"
            ]
            new["content"] = {
                str(kind): {"schema": schema} | ({"example": examples[kind]} if kind in examples else {})
                for kind in kinds
            }
        return new

    def _schema(self, old: Any) -> Any:
        if not isinstance(old, Mapping):
            return old
        if isinstance(old.get("$ref"), str):
            return {"$ref": _moved(old["$ref"])}
        new: dict[str, Any] = {key: self._word(key, value) for key, value in old.items() if key not in _REWORDED}
        if "x-nullable" in old:
            new["nullable"] = old["x-nullable"] is True
        if isinstance(old.get("discriminator"), str):
            new["discriminator"] = {"propertyName": old["discriminator"]}
        if new.get("type") == "file":
            new |= {"type": "string", "format": "binary"}
        return new

    def _word(self, key: str, value: Any) -> Any:
        if key in _SCHEMA_MAPS and isinstance(value, Mapping):
            return {name: self._schema(schema) for name, schema in value.items()}
        if key in _SCHEMA_LISTS and isinstance(value, list):
            return [self._schema(schema) for schema in value]
        return self._schema(value) if key in _SCHEMAS else value


def _security_scheme(name: str, old: Any) -> dict[str, Any]:
    if not isinstance(old, Mapping) or str(old.get("type")) not in {"basic", "apiKey", "oauth2"}:
        raise CheckError(
            f"securityDefinitions/{name}: this kind can't be converted. Allowed are apiKey, basic, oauth2."
        )
    new = {key: value for key, value in old.items() if key == "description" or str(key).startswith("x-")}
    if old["type"] == "basic":
        return {"type": "http", "scheme": "basic", **new}
    if old["type"] == "apiKey":
        return {"type": "apiKey", "in": old.get("in"), "name": old.get("name"), **new}
    flow = _FLOWS.get(str(old.get("flow")))
    if flow is None:
        allowed = ", ".join(sorted(_FLOWS))
        raise CheckError(f"securityDefinitions/{name}: the flow {old.get('flow')!r} is unknown. Allowed are {allowed}.")
    urls = {key: old[key] for key in ("authorizationUrl", "tokenUrl") if key in old}
    return {"type": "oauth2", "flows": {flow: {**urls, "scopes": old.get("scopes", {})}}, **new}


def _moved(reference: str) -> str:
    for before, after in _MOVED.items():
        if reference.startswith(before):
            return after + reference.removeprefix(before)
    return reference


def _is_body(parameter: Mapping[str, Any]) -> bool:
    return str(parameter.get("in")) in {"body", "formData"}


def _joins_within(items: Any) -> bool:
    """Return whether the items of a list are lists themselves, joined by a sign of their own."""
    return isinstance(items, Mapping) and items.get("type") == "array"


def _some_required(parameters: list[Mapping[str, Any]]) -> bool:
    return any(p.get("required") is True for p in parameters)


def _key(parameter: Mapping[str, Any]) -> tuple[str, str]:
    return str(parameter.get("in")), str(parameter.get("name"))


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
