"""What the route modules of a generated service say: one function per operation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.builders.builtin_model import default_source
from pytest_superteam.builders.builtin_names import Names, docstring, identifier, literal
from pytest_superteam.builders.builtin_source import wrap
from pytest_superteam.builders.builtin_types import annotation, query_annotation
from pytest_superteam.contracts.surface import parameter_field

if TYPE_CHECKING:
    from pytest_superteam.builders.builtin_model import EntityNames, ServiceModel
    from pytest_superteam.contracts.surface import Filter, PathParameter, Plan
    from pytest_superteam.models import Field

__all__ = ["RouteModules", "behaviour"]

_OPERATORS = {"equals": "==", "minimum": ">=", "maximum": "<="}
_READS = frozenset({"list", "read"})


def behaviour(plan: Plan) -> str:
    """Return what the operation does, in the words of the route template."""
    kind, key = plan.kind, plan.key is not None
    if kind == "action" and plan.entity is not None:
        kind = _action(plan, key=key)
    if kind in {"update", "replace"}:
        return "update" if plan.body else "touch"
    if kind == "update_me":
        return "update_me" if plan.body else "me"
    if kind in {"register", "create"}:
        return "create"
    if kind == "me":
        return "me" if plan.entity else "principal"
    if kind == "login" and (plan.entity is None or plan.body is None):
        return "nothing"
    if kind == "register" and plan.entity is None:
        return "nothing"
    return (
        kind
        if kind in {"list", "read", "delete", "transition", "login", "logout", "receive_event", "touch"}
        else "nothing"
    )


def _action(plan: Plan, *, key: bool) -> str:
    method = plan.operation.method.upper()
    if plan.answer == "page":
        return "list"
    if method == "DELETE":
        return "delete" if key else "nothing"
    if method == "GET":
        return "read"
    if key:
        return "update" if plan.body else "touch"
    return "create"


class RouteModules:
    """The modules below `app/routes`, as data for their template."""

    def __init__(self, model: ServiceModel, clients: dict[str, dict[str, Any]]) -> None:
        self.model = model
        self.surface = model.surface
        self.clients = clients
        self._functions = Names(["router", "_MOVES", "_move"])

    def build(self) -> dict[str, dict[str, Any]]:
        """Return the template's context of each module, by module name."""
        modules: dict[str, dict[str, Any]] = {}
        for plan in self.surface.routed:
            names = self.model.named(plan.entity)
            module = names.module if names else "system"
            context = modules.setdefault(module, self._module(names))
            context["plans"].append(self._plan(plan, names))
        for context in modules.values():
            if not any(p["does"] == "transition" for p in context["plans"]):
                context["moves"] = []
        return modules

    def _module(self, names: EntityNames | None) -> dict[str, Any]:
        if names is None:
            return {"tag": self.surface.service.name, "model": "", "moves": [], "plans": [], "what": "row", "state": ""}
        states = names.entity.states
        return {
            "tag": names.entity.plural,
            "model": names.model,
            "what": names.noun.replace("_", " "),
            "state": names.columns[states.field] if states else "",
            "moves": self._moves(names),
            "plans": [],
        }

    @staticmethod
    def _moves(names: EntityNames) -> list[dict[str, Any]]:
        merged: dict[tuple[str, str], set[str]] = {}
        open_to_all: set[tuple[str, str]] = set()
        for move in names.entity.states.transitions if names.entity.states else ():
            merged.setdefault((move.source, move.target), set()).update(move.roles)
            if not move.roles:
                open_to_all.add((move.source, move.target))
        return [
            {"source": source, "target": target, "roles": _frozen(set() if (source, target) in open_to_all else roles)}
            for (source, target), roles in merged.items()
        ]

    # ------------------------------------------------------------ one operation

    def _plan(self, plan: Plan, names: EntityNames | None) -> dict[str, Any]:
        locals_ = Names(local=True)
        does = behaviour(plan)
        path = {p.name: locals_.take(self._path_name(p, names), fallback="key") for p in plan.path}
        filters = [(f, locals_.take(f.parameter.name)) for f in plan.filters]
        caller = self._uses_caller(plan, does, names)
        context: dict[str, Any] = {
            "does": does,
            "function": self._functions.take(plan.operation.id, fallback="operation"),
            "method": plan.operation.method.lower(),
            "path": self._route_path(plan, path),
            "success": plan.success,
            "doc": docstring(plan.operation.summary or f"Do {plan.kind}"),
            "returns": self._returns(plan),
            "record": names.model if names else "",
            "publishes": self._publishes(plan),
            "has_body": plan.body is not None,
            "partial": bool(plan.body and plan.body.partial),
            "result": self._result(plan),
            "receipt": self._receipt(plan),
            "revokes": self.revokes,
            "decorated": self._decorator(plan, caller=caller),
            "signature": self._signature(plan, path, filters, caller=caller),
        }
        return context | (self._about_rows(plan, names, path, filters, does) if names else {})

    def _path_name(self, parameter: PathParameter, names: EntityNames | None) -> str:
        if parameter.role == "key" and names and identifier(parameter.name) == "id":
            return f"{names.noun}_id"
        return parameter.name

    @staticmethod
    def _route_path(plan: Plan, path: dict[str, str]) -> str:
        def name(found: re.Match[str]) -> str:
            return "{" + path[found[1]] + "}"

        return "/" + re.sub(r"\{([^{}/]*)\}", name, plan.operation.path).lstrip("/")

    def _publishes(self, plan: Plan) -> list[str]:
        known = {event.name for event in self.surface.published}
        return [name for name in dict.fromkeys(plan.operation.publishes) if name in known]

    def _returns(self, plan: Plan) -> str:
        kinds = {"token": "Token", "principal": "Principal", "accepted": "EventReceipt", "result": "Result"}
        if plan.answer == "none":
            return "None"
        if plan.answer in kinds:
            return f"schemas.{self.model.schema('shared', kinds[plan.answer])}"
        name = plan.entity.name if plan.entity else ""
        return f"schemas.{self.model.schema('entity' if plan.answer == 'record' else 'page', name)}"

    def _result(self, plan: Plan) -> str:
        if plan.answer == "none":
            return ""
        if plan.kind == "receive_event":
            return f'{self._returns(plan)}(id=body.id, status="accepted")'
        return self._receipt(plan) if plan.answer == "result" else ""

    def _receipt(self, plan: Plan) -> str:
        if ("shared", "Result") not in self.model.surface.schema_names:
            return ""
        name = self.model.schema("shared", "Result")
        return f'schemas.{name}(operation={literal(plan.operation.id)}, status="done")'

    def _uses_caller(self, plan: Plan, does: str, names: EntityNames | None) -> bool:
        if plan.operation.public:
            return False
        if does in {"me", "update_me", "principal", "transition"}:
            return True
        if does == "logout":
            return self.revokes
        if names is None or does in {"login", "nothing", "receive_event"}:
            return False
        targets = [self.model.target(f) for f in (plan.body.fields if plan.body else ())]
        related = [*targets, *(self.model.named(p.parent) for p in plan.path)]
        owned = does != "create" and names.entity.owner_field is not None
        owns = does == "create" and plan.kind != "register" and names.entity.owner_field is not None
        return owned or owns or any(e is not None and e.entity.owner_field for e in related)

    @property
    def revokes(self) -> bool:
        """Return whether tokens can be taken back here: they are issued here, and there is a sign-out."""
        kinds = {behaviour(p) for p in self.surface.plans if not (p.kind == "logout" and p.operation.public)}
        return {"login", "logout"} <= kinds

    @staticmethod
    def _allow(plan: Plan) -> str:
        parts = [literal(role) for role in plan.operation.roles]
        if plan.kind in _READS:
            parts.append("services=True")
        return f"Depends(allow({', '.join(parts)}))"

    def _decorator(self, plan: Plan, *, caller: bool) -> list[str]:
        parts = []
        if plan.success != 200:
            parts.append(f"status_code={plan.success}")
        if not plan.operation.public and not caller:
            parts.append(f"dependencies=[{self._allow(plan)}]")
        return parts

    def _signature(
        self, plan: Plan, path: dict[str, str], filters: list[tuple[Filter, str]], *, caller: bool
    ) -> list[str]:
        required = [f"{path[p.name]}: {self._path_annotation(p, plan)}" for p in plan.path]
        optional: list[str] = []
        if plan.body is not None:
            required.append(f"body: {self._body_class(plan)}")
        if caller:
            required.append(f"caller: Annotated[Caller, {self._allow(plan)}]")
        for found, name in filters:
            line = self._query(found, name, plan)
            (required if found.parameter.required else optional).append(line)
        if plan.answer == "page":
            optional.append("limit: Annotated[fields.IntegerText, Query(ge=1, le=100)] = 20")
            optional.append("offset: Annotated[fields.IntegerText, Query(ge=0, le=2**31 - 1)] = 0")
        return required + optional

    def _body_class(self, plan: Plan) -> str:
        shared = {"login": "Credentials", "receive_event": "Event"}.get(plan.kind)
        key = ("shared", shared) if shared else ("body", plan.body.schema if plan.body else "")
        return f"schemas.{self.model.schema(*key)}"

    def _path_annotation(self, parameter: PathParameter, plan: Plan) -> str:
        if parameter.field is not None:
            names = self.model.named(plan.entity)
            if names and parameter.field.name in names.enums:
                return f"schemas.{names.enums[parameter.field.name]}"
            if parameter.field.type in {"integer", "number", "money", "boolean"}:
                return query_annotation(parameter.field)
            source = annotation(parameter.field)
            return source if "min_length" in source else source.replace("Field(", "Field(min_length=1, ")
        return (
            "fields.Uuid" if parameter.role != "free" else "Annotated[fields.Text, Field(min_length=1, max_length=255)]"
        )

    def _query(self, found: Filter, name: str, plan: Plan) -> str:
        names = self.model.named(plan.entity)
        field = parameter_field(found.parameter, found.field)
        source = query_annotation(field)
        if names and found.field is not None and field.name in names.enums:
            source = f"schemas.{names.enums[field.name]}"
        alias = f"alias={literal(found.parameter.name)}" if name != found.parameter.name else ""
        if found.parameter.required:
            return f"{name}: Annotated[{source}, Query({alias})]"
        annotated = f"Annotated[{source} | None, Query({alias})]" if alias else f"{source} | None"
        return f"{name}: {annotated} = None"

    # ------------------------------------------------------------ rows

    def _about_rows(
        self, plan: Plan, names: EntityNames, path: dict[str, str], filters: list[tuple[Filter, str]], does: str
    ) -> dict[str, Any]:
        account = self.surface.identity
        passwords = [f for f in names.entity.fields if f.type == "password"]
        states = names.entity.states
        state = names.attributes[states.field] if states else ""
        conditions = [self._equal(names, p, path[p.name]) for p in plan.path if p.role != "free" and p.field]
        base = f"    query = {self._select(plan, names)}"
        context: dict[str, Any] = {
            "query": wrap(f"{base}.where(", conditions, ")") if conditions else base,
            "newest": plan.key is None,
            "filters": [c for c in (self._condition(names, f, name) for f, name in filters) if c],
            "parents": self._parents(plan, path),
            "local": self._local(plan, names),
            "remote": self._remote(plan, names, path),
            "hashed": [
                {"attr": names.attributes[f.name], "column": names.columns[f.name]}
                for f in passwords
                if plan.body and f.name in {b.name for b in plan.body.fields}
            ],
            "page": self.model.classes.get(self.surface.schema_names.get(("page", names.entity.name), ""), ""),
            "target": literal(plan.operation.target_state) if plan.operation.target_state else f"body.{state}",
            "role": "None" if plan.operation.public else "caller.role",
            "owner_check": self._owner_check(plan, names, path) if does == "create" else "",
        }
        if does == "create":
            context["arguments"] = self._arguments(plan, names, path)
        if does == "login" and account is not None:
            role = self.surface.role_field
            context |= {
                "identity": names.columns[account.name],
                "identity_field": names.attributes[account.name],
                "password": names.columns[passwords[0].name],
                "password_field": names.attributes[passwords[0].name],
                "role": f"row.{names.columns[role.name]}" if role else literal(self.surface.default_role),
            }
        return context

    def _select(self, plan: Plan, names: EntityNames) -> str:
        if names.entity.owner_field and not plan.operation.public:
            return f"queries.visible_{names.module}(caller)"
        return f"select(models.{names.model})"

    @staticmethod
    def _equal(names: EntityNames, parameter: PathParameter, local: str) -> str:
        field = parameter.field
        return f"models.{names.model}.{names.columns[field.name if field else 'id']} == {local}"

    def _condition(self, names: EntityNames, found: Filter, name: str) -> dict[str, str] | None:
        if found.mode == "search":
            texts = [f for f in names.entity.fields if f.type in {"string", "text", "email"}]
            parts = [f"models.{names.model}.{names.columns[f.name]}.icontains({name}, autoescape=True)" for f in texts]
            return {"name": name, "condition": parts[0] if len(parts) == 1 else _any(parts)} if parts else None
        if found.field is None:
            return None
        column = f"models.{names.model}.{names.columns[found.field.name]}"
        return {"name": name, "condition": f"{column} {_OPERATORS[found.mode]} {name}"}

    def _parents(self, plan: Plan, path: dict[str, str]) -> list[dict[str, str]]:
        found = []
        for parameter in plan.parents:
            parent = self.model.named(parameter.parent)
            if parent is not None:
                query = f"{self._select(plan, parent)}.where(models.{parent.model}.id == {path[parameter.name]})"
                found.append({"query": query, "what": parent.noun.replace("_", " ")})
        return found

    def _local(self, plan: Plan, names: EntityNames) -> list[dict[str, str]]:
        found = []
        fields = plan.body.fields if plan.body and plan.kind not in {"login", "transition"} else ()
        for field in fields:
            target = self.model.target(field)
            if target is None:
                continue
            value = f"body.{names.attributes[field.name]}"
            query = f"{self._select(plan, target)}.where(models.{target.model}.id == {value})"
            guard = f"{value} is not None" if self._may_lack(plan, field) else ""
            found.append({"query": query, "name": field.name, "guard": guard})
        return found

    @staticmethod
    def _may_lack(plan: Plan, field: Field) -> bool:
        return not field.required or bool(plan.body and plan.body.partial)

    def _remote(self, plan: Plan, names: EntityNames, path: dict[str, str]) -> list[dict[str, str]]:
        found = []
        for field, _ in plan.remote:
            client = self.clients[field.references or ""]
            bound = next((path[p.name] for p in plan.parents if p.field == field), None)
            value = bound or f"body.{names.attributes[field.name]}"
            guard = f"{value} is not None and " if not bound and self._may_lack(plan, field) else ""
            what = identifier(field.references or "row").replace("_", " ")
            refers = literal(f"{docstring(field.name)[:-1]} refers to nothing that exists.")
            problem = f"NotFound({literal(what)})" if bound else f"Conflict({refers})"
            found.append({"guard": guard, "function": client["function"], "value": value, "problem": problem})
        return found

    def _owner_check(self, plan: Plan, names: EntityNames, path: dict[str, str]) -> str:
        owner = names.entity.owner_field
        bound = next((path[p.name] for p in plan.parents if p.field and p.field.name == owner), None)
        return f"not caller.sees_all and {bound} != caller.id" if bound and not plan.operation.public else ""

    def _arguments(self, plan: Plan, names: EntityNames, path: dict[str, str]) -> list[str]:
        parts = ["**values"] if plan.body else []
        bound = {p.field.name: path[p.name] for p in plan.parents if p.field}
        entity = names.entity
        signed_in = not plan.operation.public and plan.kind != "register"
        if entity.owner_field and entity.owner_field not in bound and signed_in:
            bound[entity.owner_field] = "caller.user_id"
        if entity.states:
            bound[entity.states.field] = literal(entity.states.initial)
        body = {f.name for f in plan.body.fields} if plan.body else set()
        role = self.surface.role_field
        if entity == self.surface.account and role is not None and "role" not in body:
            bound["role"] = literal(self.surface.default_role)
        for field in entity.fields:
            if field.default is not None and field.name not in body | set(bound) and not field.read_only:
                bound[field.name] = default_source(field)
        return parts + [f"{names.columns[name]}={value}" for name, value in bound.items()]


def _any(parts: list[str]) -> str:
    return wrap("            or_(", parts, ")").strip() if len(", ".join(parts)) > 90 else f"or_({', '.join(parts)})"


def _frozen(roles: set[str]) -> str:
    return f"frozenset({{{', '.join(literal(r) for r in sorted(roles))}}})" if roles else "frozenset()"
