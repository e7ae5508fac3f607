"""What a NestJS handler takes: its decorated parameters and the classes of its bodies and queries; its status."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pytest_superteam.discovery.contracts.derive.details import Details, Parameter
from pytest_superteam.discovery.contracts.derive.nest_classes import Classes, dto_type

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.facts.routes import Route
    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Nest"]

_PIPES: dict[str, dict[str, Any]] = {
    "ParseIntPipe": {"type": "integer"},
    "ParseFloatPipe": {"type": "number"},
    "ParseBoolPipe": {"type": "boolean"},
    "ParseUUIDPipe": {"type": "string", "format": "uuid"},
}
_MOST = 60


class Nest:
    """Reads the controllers of one tree."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self.classes = Classes(tree)

    def details(self, route: Route) -> Details:
        """Return what is known of a route."""
        found = Details()
        method = self._method(route)
        if method is None:
            return found
        module, node = method
        created = HTTPStatus.CREATED if route.method == "POST" else HTTPStatus.OK
        found.statuses = (int(created),)
        for name, call, _ in module.decorators(node):
            if name.rsplit(".", 1)[-1] == "HttpCode" and call is not None:
                found.statuses = _status(module, call)
            elif name.rsplit(".", 1)[-1] in {"Redirect", "Render", "Sse"}:
                found.statuses = ()
        for parameter in module.parameters(node)[:_MOST]:
            for name, call, _ in module.decorators(parameter):
                self._parameter(found, module, parameter, name.rsplit(".", 1)[-1], call)
        return found

    def _method(self, route: Route) -> tuple[JavaScriptModule, Node] | None:
        path, line = route.defined
        file = self.tree.by_path.get(path)
        module = file.javascript if file is not None else None
        if module is None:
            return None
        methods = (m for m in module.of("method_definition") if module.line(m) == line)
        return next(((module, m) for m in methods), None)

    def _parameter(
        self, found: Details, module: JavaScriptModule, parameter: Node, kind: str, call: Node | None
    ) -> None:
        given = module.arguments(call) if call is not None else []
        said = module.literal(given[0]) if given else None
        name = said if isinstance(said, str) and said else ""
        optional = parameter.type == "optional_parameter" or module.default(parameter) is not None
        pipes = [module.text(node).removeprefix("new ").partition("(")[0] for node in given[bool(name) :]]
        schema = next((dict(_PIPES[pipe]) for pipe in pipes if pipe in _PIPES), {})
        if kind == "Param" and name:
            found.path[name] = schema
        elif kind == "Body":
            self._body(found, module, parameter, name, optional=optional)
        elif kind == "Query" and name:
            found.add(
                Parameter("query", name, schema, bool(schema) and not optional and "DefaultValuePipe" not in pipes)
            )
        elif kind == "Query":
            model = self.classes.of_type(module, dto_type(parameter)) or {}
            for field, part in model.get("properties", {}).items():
                found.add(Parameter("query", field, part, field in model.get("required", ())))
        elif kind == "Headers" and name:
            found.add(Parameter("header", name))
        elif kind in {"UploadedFile", "UploadedFiles", "Req", "Request"}:
            found.body = found.body if found.body is not None else {}

    def _body(self, found: Details, module: JavaScriptModule, parameter: Node, name: str, *, optional: bool) -> None:
        schema = self.classes.of_type(module, dto_type(parameter)) or {}
        if not name:
            found.body, found.body_required = schema, bool(schema) and not optional
            return
        before = found.body or {}
        required = sorted({*before.get("required", ()), *([name] if schema and not optional else [])})
        found.body = {"type": "object", "properties": {**before.get("properties", {}), name: schema}}
        found.body |= {"required": required} if required else {}
        found.body_required = bool(required)


def _status(module: JavaScriptModule, call: Node) -> tuple[int, ...]:
    given = next(iter(module.arguments(call)), None)
    value = module.literal(given)
    last = module.text(given).rsplit(".", 1)[-1] if given is not None else ""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 200 <= value <= 299:
        return (int(value),)
    return (HTTPStatus[last].value,) if last in HTTPStatus.__members__ else ()
