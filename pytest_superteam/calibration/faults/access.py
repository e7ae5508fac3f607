"""Who may call what, and see whose rows."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.calibration.fault import fault
from pytest_superteam.calibration.source import Change, Handler, Source, calls, dotted, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator


@fault("auth-check-dropped", "an operation asks for no token any more", 2, 3)
def auth_check_dropped(service: Source) -> Iterator[Change]:
    """Take the dependency off a route that no caller is needed for."""
    for handler in service.operations():
        guard = keyword(handler.route, "dependencies")
        if guard is not None and handler.operation and not handler.operation.public:
            edit = handler.module.without_argument(guard)
            yield service.at(handler, guard, "lets everybody in", edit)


@fault("role-check-dropped", "an operation lets in every role", 2)
def role_check_dropped(service: Source) -> Iterator[Change]:
    """Empty the list of roles where some known role is not on it."""
    for handler in service.operations():
        operation, allow = handler.operation, handler.allow()
        others = set(service.architecture.roles) - set(operation.roles if operation else ())
        if operation and operation.roles and others and allow and operation.kind != "receive_event":
            kept = ", ".join(handler.module.source(item) for item in allow.keywords)
            edit = handler.module.to(allow, f"allow({kept})")
            yield service.at(handler, allow, f"lets in {', '.join(sorted(others))} too", edit)


@fault("owner-check-dropped", "a caller reaches the rows of others by their ids", 2)
def owner_check_dropped(service: Source) -> Iterator[Change]:
    """Select all rows instead of the caller's own where one row is asked for."""
    for handler in service.operations("read", "update", "replace", "delete", "transition"):
        yield from _all_rows(service, handler, "reaches the rows of others")


@fault("list-leaks", "a list shows the rows of others", 2)
def list_leaks(service: Source) -> Iterator[Change]:
    """Select all rows instead of the caller's own where a list is asked for."""
    for handler in service.operations("list"):
        yield from _all_rows(service, handler, "lists the rows of others")


def _all_rows(service: Source, handler: Handler, what: str) -> Iterator[Change]:
    entity = service.architecture.entity_named(handler.operation.entity or "") if handler.operation else None
    for call in calls(handler.function, *_visible(service)):
        model = _visible(service)[dotted(call.func).rpartition(".")[2]]
        if entity and entity.owner_field:
            yield service.at(handler, call, what, handler.module.to(call, f"queries.select({model})"))


def _visible(service: Source) -> dict[str, str]:
    """Return the functions that select what a caller may see, with the model that each selects."""
    module = service.named("queries.py")
    found = {}
    for node in module.tree.body if module else ():
        if isinstance(node, ast.FunctionDef) and any(argument.arg == "caller" for argument in node.args.args):
            selected = next(calls(node, "select"), None)
            if module and selected and selected.args:
                found[node.name] = module.source(selected.args[0])
    return found


@fault("sees-all-widened", "every signed-in caller sees the rows of all owners", 2)
def sees_all_widened(service: Source) -> Iterator[Change]:
    """Answer yes to whether the caller sees the rows of all."""
    for module, function in service.functions("sees_all"):
        answer = function.body[-1]
        if isinstance(answer, ast.Return):
            yield service.change(module, answer, "everybody sees the rows of all", module.to(answer, "return True"))


@fault("mass-assignment", "a caller sets a field that is the service's to set", 2)
def mass_assignment(service: Source) -> Iterator[Change]:
    """Take a role or a state from the request's body where the body brings one."""
    schemas = service.named("schemas.py")
    for handler in service.operations("create", "register"):
        body = _class(schemas.tree, handler.body_class) if schemas else None
        answer = _class(schemas.tree, handler.answer_class) if schemas else None
        for call in calls(handler.function, handler.answer_class):
            for item in call.keywords:
                typed = _annotation(answer, item.arg or "")
                if not (schemas and body and typed and item.arg and isinstance(item.value, ast.Constant)):
                    continue
                given = "{name: value for name, value in values.items() if value is not None}"
                default = handler.module.source(item.value)
                made = f"{handler.module.source(call.func)}(**({{{item.arg!r}: {default}}} | {given}))"
                edited = handler.module.to(call, made) if len(call.keywords) == 2 else None
                field = schemas.after(body.body[-1], f"{item.arg}: {schemas.source(typed)} | None = None")
                if edited:
                    also = {schemas.path: schemas.edited(field)}
                    what = f"{handler.name} lets the caller choose '{item.arg}'"
                    yield service.change(handler.module, call, what, edited, operation=handler.id, also=also)


def _class(tree: ast.Module, name: str) -> ast.ClassDef | None:
    return next((node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name), None)


def _annotation(node: ast.ClassDef | None, name: str) -> ast.expr | None:
    for item in node.body if node else ():
        if isinstance(item, ast.AnnAssign) and dotted(item.target) == name:
            return item.annotation
    return None


@fault("unknown-fields-taken", "fields that the contract does not have are taken in silence", 2)
def unknown_fields_taken(service: Source) -> Iterator[Change]:
    """Ignore what a request carries beyond the contract instead of refusing it."""
    module = service.named("schemas.py")
    takes = any(handler.body_class for handler in service.operations("create", "register", "update", "login"))
    for call in calls(module.tree, "ConfigDict") if module and takes else ():
        extra = keyword(call, "extra")
        if module and extra and isinstance(extra.value, ast.Constant) and extra.value.value == "forbid":
            edit = module.to(extra.value, '"ignore"')
            yield service.change(module, extra, "undeclared fields of a request are ignored", edit)


@fault("login-tells-users", "the answer to a login tells whether the user exists", 2)
def login_tells_users(service: Source) -> Iterator[Change]:
    """Refuse an unknown user with other words than a wrong password."""
    for handler in service.operations("login"):
        for statement in handler.body:
            if isinstance(statement, ast.If) and any(calls(statement.test, "password_matches")):
                told = ("if row is None:", '    raise Unauthorized("There is no such user.")')
                edit = handler.module.before(statement, *told)
                yield service.at(handler, statement, "tells whether a user exists", edit)


@fault("wrong-password-accepted", "a login takes any password", 2)
def wrong_password_accepted(service: Source) -> Iterator[Change]:
    """Sign in whoever exists."""
    for handler in service.operations("login"):
        for statement in handler.body:
            if isinstance(statement, ast.If) and any(calls(statement.test, "password_matches")):
                edit = handler.module.to(statement.test, "row is None")
                yield service.at(handler, statement, "takes any password", edit)


@fault("logout-does-nothing", "a token goes on working after its owner signed out", 2)
def logout_does_nothing(service: Source) -> Iterator[Change]:
    """Take no token back."""
    for handler in service.operations("logout"):
        for statement in handler.body:
            if any(calls(statement, "revoke")):
                yield service.at(handler, statement, "takes no token back", handler.module.to(statement, "pass"))
