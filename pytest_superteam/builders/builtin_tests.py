"""The tests of a generated service: data for their templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_superteam.builders.builtin_events import reactions
from pytest_superteam.builders.builtin_names import Names, docstring, literal
from pytest_superteam.builders.builtin_source import module, render
from pytest_superteam.contracts.schemas import example, field_schema
from pytest_superteam.contracts.surface import parameter_field

if TYPE_CHECKING:
    from pytest_superteam.builders.builtin_model import EntityNames, ServiceModel
    from pytest_superteam.builders.builtin_routes import RouteModules
    from pytest_superteam.contracts.surface import PathParameter, Plan
    from pytest_superteam.models import Field

__all__ = ["test_files"]

_SECOND = {"date": "date(2026, 1, 31)", "datetime": "datetime(2026, 1, 31, 12, tzinfo=UTC)", "time": "time(9, 30)"}
_BODYLESS = frozenset({"login", "receive_event"})


def test_files(
    model: ServiceModel, routes: RouteModules, modules: dict[str, Any], context: dict[str, Any]
) -> dict[str, str]:
    """Return the files below `tests/`: text by relative path."""
    tests = _Tests(model)
    files = {
        "tests/conftest.py": module(
            "Fixtures: the application over an empty database", render("tests/conftest.py.j2", context)
        ),
        "tests/factories.py": module("Rows and bodies for tests", render("tests/factories.py.j2", tests.factories())),
    }
    for name, data in modules.items():
        text = render("tests/test_entity.py.j2", {"tests": tests.of(data, name)})
        files[f"tests/test_{name}.py"] = module(f"Operations on {data['tag']}", text)
    extra = context | {"event": _first_event(modules), "logout": tests.logout(), "revokes": routes.revokes}
    files["tests/test_service.py"] = module(
        "What the service does as a whole", render("tests/test_service.py.j2", extra)
    )
    return files


def _first_event(modules: dict[str, Any]) -> str:
    return next((name for data in modules.values() for plan in data["plans"] for name in plan["publishes"]), "")


class _Tests:
    def __init__(self, model: ServiceModel) -> None:
        self.model = model
        self.surface = model.surface
        names = Names(["headers", "unique", "number", "email", "password", "USER_ID", "OTHER_ID"])
        self.rows = {e.entity.name: names.take(e.entity.name, fallback="row") for e in model.entities}
        self.bodies: dict[str, str] = {}
        for plan in self.surface.plans:
            if plan.body and self._body_key(plan) not in self.bodies:
                self.bodies[self._body_key(plan)] = names.take(f"{self._body_key(plan)}_body", fallback="body")

    @staticmethod
    def _body_key(plan: Plan) -> str:
        return plan.body.schema if plan.body and plan.kind not in _BODYLESS else plan.kind

    # ------------------------------------------------------------ factories

    def factories(self) -> dict[str, Any]:
        """Return what `factories.py` says."""
        return {
            "factories": [self._factory(e) for e in self.model.entities],
            "bodies": [
                {"name": self.bodies[key], "fields": self._body_fields(plan)}
                for key, plan in {self._body_key(p): p for p in reversed(self.surface.plans) if p.body}.items()
            ],
        }

    def _factory(self, names: EntityNames) -> dict[str, Any]:
        fields, parents = [], []
        for field in names.entity.fields:
            if field.name in {"id", "created_at", "updated_at"} or not field.required:
                continue
            column = names.columns[field.name]
            target = self.model.target(field)
            if target is not None and field.name != names.entity.owner_field:
                parents.append({"name": column, "source": f"{self.rows[target.entity.name]}().id"})
            else:
                fields.append({"name": column, "source": self._stored(names, field)})
        return {
            "name": self.rows[names.entity.name],
            "model": names.model,
            "table": names.table,
            "fields": fields,
            "parents": parents,
        }

    def _stored(self, names: EntityNames, field: Field) -> str:
        """Return the source of a value for the field's column."""
        if field.type == "password":
            return '""'
        if field.name == names.entity.owner_field:
            return "USER_ID"
        if field.type in {"uuid", "reference"}:
            return "uuid4()"
        if field.type == "money":
            return f'Decimal("{example(field)}")'
        if field.type in _SECOND:
            return _SECOND[field.type]
        states = names.entity.states
        if states and field.name == states.field:
            return literal(states.initial)
        return self._sent(field)

    @staticmethod
    def _sent(field: Field) -> str:
        """Return the source of a value for the field in a request."""
        schema = field_schema(field)
        if field.type == "password":
            return f"password({schema['minLength']}, {schema['maxLength']})"
        if field.type in {"uuid", "reference"}:
            return "str(uuid4())"
        if field.type == "email" and field.unique:
            return "email()"
        if field.unique and field.type in {"string", "text"}:
            return f"unique({schema['minLength']}, {schema['maxLength']})"
        if field.unique and field.type == "integer":
            return f"number({schema['minimum']}, {schema['maximum']})"
        if field.type == "money" and field.default is not None:
            return literal(field.default)
        return literal(example(field)) if field.type != "enum" else literal(field.default or field.enum[0])

    def _body_fields(self, plan: Plan) -> list[dict[str, str]]:
        if plan.kind == "receive_event":
            return self._event_fields()
        found = []
        for field in plan.body.fields if plan.body else ():
            target = self.model.target(field)
            if target is not None:
                if field.required:
                    row = self.rows[target.entity.name]
                    found.append({"name": field.name, "source": f"str({row}().id)"})
            elif field.type != "reference" or field.required:
                found.append({"name": field.name, "source": self._sent(field)})
        return found

    def _event_fields(self) -> list[dict[str, str]]:
        event = next(iter(self.surface.consumed), None)
        about = self.surface.architecture.entity_named(event.entity) if event and event.entity else None
        references = [f.name for f in about.fields if f.type in {"uuid", "reference"}] if about else []
        data = ", ".join(f"{literal(name)}: str(uuid4())" for name in dict.fromkeys(["id", *references]))
        return [
            {"name": "id", "source": "str(uuid4())"},
            {"name": "type", "source": literal(event.name if event else "Something")},
            {"name": "source", "source": '"another-service"'},
            {"name": "time", "source": '"2026-01-31T12:00:00Z"'},
            {"name": "data", "source": "{" + data + "}"},
        ]

    # ------------------------------------------------------------ tests

    def of(self, data: dict[str, Any], name: str) -> list[dict[str, Any]]:
        """Return the tests of one route module."""
        plans = [p for p in self.surface.routed if self._module(p) == name]
        return [self._test(plan, context) for plan, context in zip(plans, data["plans"], strict=True)]

    def _module(self, plan: Plan) -> str:
        names = self.model.named(plan.entity)
        return names.module if names else "system"

    def logout(self) -> dict[str, Any] | None:
        """Return how to sign out, if that takes no more than a token."""
        for plan in self.surface.plans:
            if plan.kind == "logout" and not plan.path and not plan.filters and not plan.operation.public:
                operation = plan.operation
                return {
                    "method": operation.method.lower(),
                    "path": "/" + operation.path.lstrip("/"),
                    "role": self._role(plan),
                    "success": plan.success,
                }
        return None

    def _role(self, plan: Plan) -> str:
        if plan.kind == "receive_event" and not plan.operation.roles:
            return "user"
        roles = plan.operation.roles or (self.surface.default_role,)
        plain = [r for r in roles if r not in self.surface.staff_roles]
        return (plain or list(roles))[0]

    def _test(self, plan: Plan, context: dict[str, Any]) -> dict[str, Any]:
        operation, does = plan.operation, context["does"]
        names = self.model.named(plan.entity)
        move = self._move(plan, names) if does == "transition" and names else None
        role = move["role"] if move else self._role(plan)
        prepare, url, unknown = self._place(plan, names, does, move["source"] if move else None)
        body = f"factories.{self.bodies[self._body_key(plan)]}()" if plan.body else ""
        target = operation.target_state or (move["target"] if move else "")
        if does == "transition" and plan.body and names and names.entity.states:
            given = f"{{{literal(names.entity.states.field)}: {literal(target)}}}"
            body = f"factories.{self.bodies[self._body_key(plan)]}(**{given})"
        if does == "login" and names:
            prepare, body = self._sign_in(names)
        owned = bool(names and names.entity.owner_field) and not operation.public
        plain = [
            r
            for r in operation.roles or (self.surface.default_role,)
            if r not in {*self.surface.staff_roles, "service"}
        ]
        rows = does in {"list", "read", "update", "touch", "transition", "delete"}
        return {
            "name": context["function"],
            "summary": docstring(operation.summary or operation.id),
            "method": operation.method.lower(),
            "url": url,
            "unknown_url": unknown if rows else "",
            "prepare": prepare,
            "body": body,
            "role": role,
            "auth": "" if operation.public else f"factories.headers({literal(role)})",
            "limited": bool(operation.roles) and not operation.public and "stranger" not in operation.roles,
            "succeeds": does != "transition" or move is not None,
            "success": plan.success,
            "checks": self._checks(plan, names, does, target),
            "hides": plain[0] if owned and rows and plain and not self._needs_staff(move) else "",
            "lists": does == "list",
            "illegal": self._illegal(plan, names) if does == "transition" and names else [],
            "repeats": self._repeats(plan, does),
            "remote": bool(plan.remote) and self._asks(plan),
            "missing": 404 if any(p.field == f for p in plan.parents for f, _ in plan.remote) else 409,
            "takes_events": does == "receive_event",
            "reactions": self._reactions() if does == "receive_event" else [],
        }

    def _needs_staff(self, move: dict[str, str] | None) -> bool:
        return move is not None and move["role"] in self.surface.staff_roles

    @staticmethod
    def _asks(plan: Plan) -> bool:
        bound = {p.field.name for p in plan.parents if p.field}
        sent = {f.name for f in plan.body.fields if f.required} if plan.body else set()
        return any(f.name in bound | sent for f, _ in plan.remote)

    def _repeats(self, plan: Plan, does: str) -> bool:
        if does != "create" or plan.body is None:
            return False
        reliable = {"string", "text", "email", "uuid", "integer"}
        return any(f.unique and f.type in reliable for f in plan.body.fields) and plan.success == 201

    def _reactions(self) -> list[str]:
        first = next(iter(self.surface.consumed), None)
        found = [r["model"] for r in reactions(self.model) if first and literal(first.name) in r["events"]]
        return sorted(set(found))

    def _move(self, plan: Plan, names: EntityNames) -> dict[str, str] | None:
        """Return a legal move that the operation may make: from, to and by whom."""
        states = names.entity.states
        for move in states.transitions if states else ():
            if plan.operation.target_state not in {None, "", move.target} or (
                states and move.source not in states.states
            ):
                continue
            allowed = plan.operation.roles or move.roles or (self.surface.default_role,)
            roles = [r for r in allowed if not move.roles or r in move.roles]
            if roles or plan.operation.public:
                plain = [r for r in roles if r not in self.surface.staff_roles]
                role = (plain or roles or [self.surface.default_role])[0]
                return {"source": move.source, "target": move.target, "role": role}
        return None

    def _illegal(self, plan: Plan, names: EntityNames) -> list[str]:
        states = names.entity.states
        if states is None:
            return []
        move = self._move(plan, names)
        target = plan.operation.target_state or (move["target"] if move else states.initial)
        legal = {m.source for m in states.transitions if m.target == target}
        stuck = [s for s in dict.fromkeys((target, *states.states)) if s in states.states and s not in legal]
        return self._place(plan, names, "transition", stuck[0])[0] if stuck else []

    def _sign_in(self, names: EntityNames) -> tuple[list[str], str]:
        identity = self.surface.identity
        password = next(f for f in names.entity.fields if f.type == "password")
        if identity is None:
            return [], ""
        value = f"row.{names.columns[identity.name]}"
        prepare = [
            f"secret = factories.{self._sent(password)}",
            f"row = factories.{self.rows[names.entity.name]}({names.columns[password.name]}=hash_password(secret))",
        ]
        return prepare, f"{{{literal(identity.name)}: {value}, {literal(password.name)}: secret}}"

    def _place(self, plan: Plan, names: EntityNames | None, does: str, state: str | None) -> tuple[list[str], str, str]:
        """Return the lines that store what the request needs, its URL, and the URL of a row that is not there."""
        lines: list[str] = []
        given: dict[str, str] = {}
        values: dict[str, str] = {}
        for number, parameter in enumerate(plan.path):
            values[parameter.name] = self._path_value(parameter, names, number, lines, given)
        if names is not None and does in {"list", "read", "update", "touch", "transition", "delete"}:
            if names.entity.states and state is not None:
                given[names.columns[names.entity.states.field]] = literal(state)
            arguments = ", ".join(f"{name}={value}" for name, value in given.items())
            assigned = "row = " if plan.key is not None else ""
            lines.append(f"{assigned}factories.{self.rows[names.entity.name]}({arguments})")
        if names is not None and does in {"me", "update_me"}:
            lines.append(f"factories.{self.rows[names.entity.name]}(id=factories.USER_ID)")
        if plan.key is not None and names is not None and plan.key.field is not None:
            values[plan.key.name] = f"row.{names.columns[plan.key.field.name]}"
        query = [
            f"{quote(f.parameter.name, safe='')}={self._query_value(f)}" for f in plan.filters if f.parameter.required
        ]
        url = _url(plan.operation.path, values, query)
        by_id = plan.key is not None and plan.key.field is not None and plan.key.field.name == "id"
        unknown = _url(plan.operation.path, values | {plan.key.name: "uuid4()"}, query) if plan.key and by_id else ""
        return lines, url, unknown

    @staticmethod
    def _query_value(found: Any) -> str:
        value = example(parameter_field(found.parameter, found.field))
        return quote(str(value).lower() if isinstance(value, bool) else str(value), safe="")

    def _path_value(
        self, parameter: PathParameter, names: EntityNames | None, number: int, lines: list[str], given: dict[str, str]
    ) -> str:
        if parameter.role == "key":
            return "row.id"
        if parameter.role == "free" or names is None:
            return '"example"'
        parent = self.model.named(parameter.parent)
        if parent is not None:
            lines.append(f"parent_{number} = factories.{self.rows[parent.entity.name]}()")
            value = f"parent_{number}.id"
        elif parameter.field is not None and parameter.field.type in {"uuid", "reference"}:
            value = "factories.USER_ID" if parameter.field.name == names.entity.owner_field else "uuid4()"
            if value == "uuid4()":
                lines.append(f"parent_{number} = uuid4()")
                value = f"parent_{number}"
        elif parameter.field is not None:
            value = (
                self._sent(parameter.field)
                .replace("unique(", "factories.unique(")
                .replace("email()", "factories.email()")
            )
            value = value.replace("number(", "factories.number(")
            lines.append(f"parent_{number} = {value}")
            value = f"parent_{number}"
        else:
            return "uuid4()"
        if parameter.field is not None:
            given[names.columns[parameter.field.name]] = value
        return value

    def _checks(self, plan: Plan, names: EntityNames | None, does: str, target: str) -> list[str]:
        if plan.success == 204:
            return ["assert not response.content"]
        if does == "list":
            return ['assert response.json()["total"] == 1', 'assert len(response.json()["items"]) == 1']
        if does == "login":
            return ['assert response.json()["token_type"] == "bearer"', 'assert response.json()["access_token"]']
        if does == "transition" and names and names.entity.states:
            return [f"assert response.json()[{literal(names.entity.states.field)}] == {literal(target)}"]
        if does in {"read", "update", "touch"} and plan.key is not None:
            return ['assert response.json()["id"] == str(row.id)']
        if does in {"me", "update_me"}:
            return ['assert response.json()["id"] == str(factories.USER_ID)']
        if does == "create":
            return ['assert response.json()["id"]']
        return ["assert response.json()"]


def _url(path: str, values: dict[str, str], query: list[str]) -> str:
    """Return the source of the URL: a literal, or an f-string of the expressions in `values`."""
    parts: list[str] = []
    rest = "/" + path.lstrip("/")
    while "{" in rest:
        before, _, tail = rest.partition("{")
        name, _, tail = tail.partition("}")
        if name not in values:
            break
        parts += [quote(before), "{" + values[name] + "}"]
        rest = tail
    parts.append(quote(rest))
    text = "".join(parts) + ("?" + "&".join(query) if query else "")
    mark = "'" if '"' in text else '"'
    return f"{'f' if len(parts) > 1 else ''}{mark}{text}{mark}"
