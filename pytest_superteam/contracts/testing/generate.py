"""Conformance tests as a pytest file that stands alone: plain pytest and httpx, readable, for any running copy.

For each operation: a valid request is answered as documented; a body without a required field is refused; a protected
operation refuses who has no token. Rows that a path names are made through the contract's own operations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.matching import base_paths
from pytest_superteam.contracts.references import deref
from pytest_superteam.contracts.registry import ContractRegistry
from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.contracts.testing.generated import PROLOGUE
from pytest_superteam.contracts.testing.literals import Code, literal
from pytest_superteam.contracts.testing.parts import (
    body_schema,
    docstring_text,
    for_python,
    helper_name,
    is_of_kind,
    is_read_only,
    properties_of,
    required_fields,
    tuple_of,
    unique_names,
)
from pytest_superteam.contracts.validating.dialect import Dialect
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from pytest_superteam.contracts.operations import ContractOperation

__all__ = ["generate_tests"]

_PARAMETER = re.compile(r"\{([^{}/]*)\}")
_LOGIN = re.compile(r"(?:^|/)(?:log-?in|sign-?in|tokens?|sessions?)$", re.IGNORECASE)
_REGISTER = re.compile(r"(?:^|/)(?:register|sign-?up|signup|registration)$", re.IGNORECASE)
_LOGOUT = re.compile(r"(?:^|/)(?:log-?out|sign-?out)$", re.IGNORECASE)
_SAMPLE = "0a1b2c3d"  # stands for what `fresh()` returns where a value is tried on its schema
_DEPTH = 6  # rows that a row may need before it


def generate_tests(document: Mapping[str, Any], service: str) -> str:
    """Return a pytest file that holds `service` to its OpenAPI `document`.

    Raises:
        CheckError: the document can't be read, or has no operation that could be tried.
    """
    return _Generator(ContractRegistry({service: document}), service).text()


class _Generator:
    def __init__(self, registry: ContractRegistry, service: str) -> None:
        self._registry, self._service = registry, service
        self._document = registry.document(service)
        self._operations = [op for op in registry.operations(service) if not op.problems]
        if not self._operations:
            raise CheckError(f"The contract of {service} has no operation that could be tried. See its problems.")
        self._names = unique_names(self._operations)
        self._helpers: dict[str, str] = {}

    def text(self) -> str:
        tests = [test for operation in self._operations for test in self._tests(operation)]
        info = self._document.get("info")
        info = info if isinstance(info, Mapping) else {}
        prologue = PROLOGUE
        for word, value in (("SERVICE", self._service), ("TITLE", info.get("title")), ("VERSION", info.get("version"))):
            prologue = prologue.replace(f"@{word}@", re.sub(r"[^\w .,:+-]", "", str(value))[:80])
        parts = [prologue, *self._helpers.values(), *tests, self._constants()]
        return "\n\n".join(part.strip("\n") + "\n" for part in parts)

    def _constants(self) -> str:
        dialect = Dialect(self._document, "response")
        definitions: dict[str, Any] = {}
        schemas: dict[str, Any] = {}
        for operation in self._operations:
            for status in sorted(int(s) for s in map(str, operation.responses) if s.isdigit()):
                found = self._standalone(dialect, operation, status, definitions)
                if found is not None:
                    schemas.setdefault(operation.id, {})[status] = found
        base = base_paths(self._document.get("servers"))[0]
        return (
            f"# {'-' * 70}\n# What the contract says\n\n"
            f"BASE_PATH = {literal(base)}\n"
            f"CREDENTIALS = {self._credentials()}\n"
            f"SCHEMAS: dict[str, dict[int, Any]] = {literal(schemas, 0, 41)}\n"
            f"DEFINITIONS: dict[str, Any] = {literal(for_python(definitions), 0, 32)}\n"
        )

    def _standalone(
        self, dialect: Dialect, operation: ContractOperation, status: int, definitions: dict[str, Any]
    ) -> Any:
        schema = operation.response_schema(status)
        if schema is None:
            return None
        try:
            found = dialect.standalone(schema)
        except CheckError:
            return None
        if isinstance(found, dict):
            found = dict(found)
            definitions |= found.pop("$defs", {})
        return for_python(found)

    def _credentials(self) -> str:
        components = self._document.get("components")
        schemes = components.get("securitySchemes") if isinstance(components, Mapping) else None
        used = [name for op in self._operations for need in op.security for name in need]
        for name in used:
            scheme = deref(self._document, (schemes or {}).get(name))
            if not isinstance(scheme, Mapping):
                continue
            if scheme.get("type") == "apiKey" and str(scheme.get("in")) in {"header", "query"}:
                return tuple_of(str(scheme["in"]), str(scheme.get("name")), "")
            if scheme.get("type") == "apiKey":
                return tuple_of("header", "Cookie", f"{scheme.get('name')}=")
            if str(scheme.get("scheme")).lower() == "basic":
                return tuple_of("header", "Authorization", "Basic ")
            break
        return tuple_of("header", "Authorization", "Bearer ")

    def _tests(self, operation: ContractOperation) -> list[str]:
        name, found = self._names[operation.id], []
        title = docstring_text(f"{operation.method} {operation.path}")
        try:
            if not is_of_kind(operation, "logout", _LOGOUT):  # it would end the session of all the others
                found.append(self._answers(operation, name, title))
            missing = self._missing_field(operation)
            if missing:
                found.append(self._refuses(operation, name, title, missing))
        except CheckError as error:
            reason = literal(f"no valid request could be made up: {error}"[:300])
            mark = f"@pytest.mark.skip(\n    reason={reason},\n)\n"
            found = [f'{mark}def test_{name}() -> None:\n    """{title} is answered as documented."""\n']
        if operation.is_protected:
            found.append(self._needs_token(operation, name, title))
        return found

    def _answers(self, operation: ContractOperation, name: str, title: str) -> str:
        lines = [f"def test_{name}(api: Api) -> None:", f'    """{title} is answered as documented."""']
        lines += self._request(operation, self._body(operation, 0))
        statuses = [s for s in map(str, operation.responses) if s.isdigit() and s.startswith("2")] or ["200"]
        if operation.definition.get("x-kind") == "transition" and "409" in map(str, operation.responses):
            lines.append("    # The state machine may not allow it of a new row: that is documented, too.")
            statuses.append("409")
        lines.append(f"    conforms(answer, {literal(operation.id)}, {', '.join(statuses)})")
        return "\n".join(lines)

    def _missing_field(self, operation: ContractOperation) -> str:
        """Return a required field of the operation's body; none where the answer would be no refusal."""
        schema = body_schema(operation)
        if schema is None or operation.request_body.get("required") is not True:
            return ""
        properties = properties_of(self._document, schema)
        names = [name for name in required_fields(self._document, schema) if not is_read_only(properties.get(name))]
        body = self._body(operation, 0)
        return next((n for n in names if isinstance(body, dict) and n in body), "")

    def _refuses(self, operation: ContractOperation, name: str, title: str, field: str) -> str:
        body = self._body(operation, 0)
        body.pop(field, None)
        safe = re.sub(r"\W", "_", field)
        lines = [
            f"def test_{name}_needs_{safe}(api: Api) -> None:",
            f'    """{title} refuses a body without a required field."""',
            *self._request(operation, body),
            "    assert 400 <= answer.status_code < 500, answer.text[:500]",
        ]
        return "\n".join(lines)

    def _needs_token(self, operation: ContractOperation, name: str, title: str) -> str:
        path = operation.path
        for parameter in _PARAMETER.findall(path):
            value = str(self._example_of(operation, parameter))
            path = path.replace(f"{{{parameter}}}", re.sub(r"[^\w.~-]", "-", value)[:80] or "1")
        lines = [
            f"def test_{name}_needs_a_token(api: Api) -> None:",
            f'    """{title} refuses who has no token."""',
            f"    path = {literal(path)}",
            f"    answer = api.send({literal(operation.method)}, path, role=None)",
            "    assert answer.status_code in {401, 403}, answer.text[:500]",
        ]
        return "\n".join(lines)

    def _request(self, operation: ContractOperation, body: Any, *, path: str = "path") -> list[str]:
        """Return the lines that send a request; `path` is the expression of its path."""
        lines = [f"    path = {self._path(operation.path, 0)}"] if path == "path" else []
        arguments = [literal(operation.method), path]
        roles = operation.definition.get("x-roles")
        if isinstance(roles, list) and roles:
            arguments.append(f"role={literal(str(roles[0]))}")
        elif not operation.security:
            arguments.append("role=None")
        for place, word in (("query", "params"), ("header", "headers")):
            given = {
                str(p["name"]): self._example_of(operation, str(p["name"]))
                for p in operation.parameters
                if p.get("in") == place and p.get("required") is True
            }
            if given:
                lines.append(f"    {word} = {literal(given, 4, len(word) + 3)}")
                arguments.append(f"{word}={word}")
        if body is not None:
            if self._is_login(operation) and self._register():
                lines.append("    account = registered(api)")
            lines.append(f"    body = {literal(body, 4, 7)}")
            arguments.append("json=body" if operation.request_schema is not None else "data=body")
        call = f"    answer = api.send({', '.join(arguments)})"
        if len(call) > 88:
            call = f"    answer = api.send(\n        {', '.join(arguments)}\n    )"
        return [*lines, call]

    def _body(self, operation: ContractOperation, depth: int) -> Any:
        """Return a valid body, parts of it made anew in each run; None where the operation takes none of JSON."""
        schema = body_schema(operation)
        if schema is None:
            if operation.request_body.get("required") is True:
                raise CheckError("the body is neither JSON nor a form")
            return None
        made = self._made_up(schema, optional=False, salt=operation.id)
        if not isinstance(made, dict):
            return made
        if self._is_login(operation):
            return self._account(made)
        return {
            str(field): self._fresh(operation, schema, made, str(field), depth)
            for field in made
            if isinstance(field, str)
        }

    def _made_up(self, schema: Any, *, optional: bool, salt: str) -> Any:
        try:
            return example_for(schema, self._document, optional=optional, salt=salt)
        except (TypeError, ValueError, AttributeError, KeyError, ArithmeticError, RecursionError):
            raise CheckError("the schema is malformed") from None

    def _fresh(self, operation: ContractOperation, schema: Any, made: dict[str, Any], field: str, depth: int) -> Any:
        value = made[field]
        helper = self._helper_of_reference(field, depth) if isinstance(value, (str, int)) else None
        if helper:
            row = f"id_of({helper}(api))"
            return Code(row if isinstance(value, str) else f"int({row})")
        if field.endswith(("_id", "Id")) and isinstance(value, (str, int)):  # a row that is kept elsewhere
            is_row = isinstance(value, str) and len(value) == 36
            return Code(f"needed({literal(field)})" if is_row else f"VALUES.get({literal(field)}, {literal(value)})")
        if not isinstance(value, str) or operation.method not in {"POST", "PUT"}:
            return value
        start, at, end = value.partition("@")
        for before, after in ((f"{start}.", at + end), (f"{value} ", ""), (value[:8], "")):
            if re.fullmatch(r"[\w .@-]*", before + after) and self._fits(
                schema, {**made, field: before + _SAMPLE + after}
            ):
                return Code(f'f"{before}{{fresh()}}{after}"')
        return value

    def _fits(self, schema: Any, value: Any) -> bool:
        return not self._registry.validators(self._service, "request").problems(schema, value)

    def _is_login(self, operation: ContractOperation) -> bool:
        return is_of_kind(operation, "login", _LOGIN) and not operation.is_protected

    def _register(self) -> ContractOperation | None:
        return next((op for op in self._operations if is_of_kind(op, "register", _REGISTER)), None)

    def _account(self, made: dict[str, Any]) -> dict[str, Any]:
        """Return the credentials of an account that is registered first, else those that who runs the tests gives."""
        register = self._register()
        body = self._body(register, 0) if register else None
        if register is None or not isinstance(body, dict):
            return {field: Code(f"needed({literal(field)})") for field in made}
        self._helpers["registered"] = "\n".join(
            [
                "def registered(api: Api) -> dict[str, Any]:",
                '    """Return what a new account was registered with."""',
                *self._request(register, body),
                f"    conforms(answer, {literal(register.id)}, {register.success})",
                "    return body",
            ]
        )
        return {
            field: Code(f"account[{literal(field)}]") if field in body else Code(f"needed({literal(field)})")
            for field in made
        }

    def _path(self, path: str, depth: int) -> str:
        """Return the expression of a concrete path: rows that it names are made by a helper."""
        last = max((match.end() for match in _PARAMETER.finditer(path)), default=0)
        if not last:
            return literal(path)
        stop = path.find("/", last)
        prefix, rest = (path, "") if stop < 0 else (path[:stop], path[stop:])
        helper = self._helper(prefix, depth)
        return f"{helper}(api)" + (f" + {literal(rest)}" if rest else "")

    def _helper(self, prefix: str, depth: int) -> str:
        """Return the name of the function that returns a concrete path for `prefix`, which ends with a parameter."""
        name = helper_name(prefix)
        if name in self._helpers:
            return name
        self._helpers[name] = ""  # a row that needs itself is not made
        parent, _, segment = prefix.rpartition("/")
        parameters = _PARAMETER.findall(segment)
        is_plain = segment == f"{{{''.join(parameters)}}}"
        maker = self._maker(parent, parameters[0]) if is_plain and depth < _DEPTH else None
        lines = [
            f"def {name}(api: Api) -> str:",
            f'    """Return the path of a row at {docstring_text(prefix)}."""',
            f"    parent = {self._path(parent, depth + 1) if parent else literal('')}",
        ]
        if maker is not None:
            operation, key = maker
            where = 'parent + "/"' if operation.path.endswith("/") else "parent"
            made = [
                *self._request(operation, self._body(operation, depth + 1), path=where),
                f"    conforms(answer, {literal(operation.id)}, {operation.success})",
                f"    value = answer.json()[{literal(key)}]",
            ]
            lines += [f"    value = VALUES.get({literal(parameters[0])})", "    if value is None:"]
            lines += ["    " + line for text in made for line in text.split("\n")]
            lines.append('    return f"{parent}/{value}"')
        else:
            parts = [
                f"str(needed({literal(part)}))" if number % 2 else literal(part)
                for number, part in enumerate(_PARAMETER.split(segment))
                if part
            ]
            lines.append(f'    return parent + "/" + {" + ".join(parts)}')
        self._helpers[name] = "\n".join(lines)
        return name

    def _maker(self, parent: str, parameter: str) -> tuple[ContractOperation, str] | None:
        """Return the operation that makes a row of the collection at `parent`, and the answer's field that names it."""
        for operation in self._operations:
            if operation.method == "POST" and operation.path.rstrip("/") == parent:
                schema = operation.response_schema(operation.success)
                fields = properties_of(self._document, schema)
                key = next((k for k in (parameter, "id", "uuid", "key") if k in fields), None)
                if key and body_schema(operation) is not None:
                    return operation, key
        return None

    def _helper_of_reference(self, field: str, depth: int) -> str | None:
        """Return the helper that makes the row that a field such as `author_id` names."""
        stem = re.sub(r"(?:_id|Id|_uuid)$", "", field)
        if stem == field or depth >= _DEPTH:
            return None
        stem = re.sub(r"[\W_]", "", stem).lower()
        for operation in self._operations:
            parent = operation.path.rstrip("/")
            collection = re.sub(r"[\W_]", "", parent.rpartition("/")[2]).lower()
            if operation.method != "POST" or "{" in parent:
                continue
            if collection in {f"{stem}s", f"{stem}es", f"{stem[:-1]}ies"} and self._maker(parent, field):
                prefix = self._row_path(parent) or f"{parent}/{{{field}}}"
                is_being_written = self._helpers.get(helper_name(prefix)) == ""  # the row would need itself
                return None if is_being_written else self._helper(prefix, depth + 1)
        return None

    def _row_path(self, parent: str) -> str | None:
        """Return the template of a row of the collection at `parent`, where the contract has one."""
        for operation in self._operations:
            before, _, segment = operation.path.rstrip("/").rpartition("/")
            if before == parent and _PARAMETER.fullmatch(segment):
                return operation.path.rstrip("/")
        return None

    def _example_of(self, operation: ContractOperation, name: str) -> Any:
        parameter = next((p for p in operation.parameters if p.get("name") == name), {})
        if "example" in parameter:
            return parameter["example"]
        try:
            value = self._made_up(parameter.get("schema", {"type": "string"}), optional=True, salt=name)
        except CheckError:
            return "1"
        return value if isinstance(value, (str, int, float)) else "1"
