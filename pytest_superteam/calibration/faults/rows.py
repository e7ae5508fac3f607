"""What is stored and what is found again."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.calibration.fault import fault
from pytest_superteam.calibration.source import Change, Handler, Module, Source, calls, dotted, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator


def _statements(handler: Handler) -> Iterator[ast.stmt]:
    for node in ast.walk(handler.function):
        if isinstance(node, ast.stmt) and node is not handler.function:
            yield node


def _calling(handler: Handler, name: str) -> Iterator[ast.Expr]:
    """Yield the statements that are nothing but a call of `name`."""
    for node in _statements(handler):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and dotted(node.value.func) == name:
            yield node


@fault("delete-skipped", "a deletion is confirmed and deletes nothing", 2)
def delete_skipped(service: Source) -> Iterator[Change]:
    """Leave the row where it is."""
    for handler in service.operations("delete"):
        for statement in _calling(handler, "session.delete"):
            yield service.at(handler, statement, "deletes nothing", handler.module.to(statement, "pass"))


@fault("create-not-stored", "a creation is confirmed and nothing is kept", 2)
def create_not_stored(service: Source) -> Iterator[Change]:
    """Delete the row again behind the answer."""
    for handler in service.operations("create"):
        for statement in _statements(handler):
            if isinstance(statement, ast.Assign) and dotted(statement.targets[0]) == "answer":
                edit = handler.module.after(statement, "session.delete(row)")
                yield service.at(handler, statement, "keeps nothing", edit)


@fault("update-not-stored", "a change is confirmed and not kept", 2)
def update_not_stored(service: Source) -> Iterator[Change]:
    """Answer with the new values and keep the old ones."""
    for handler in service.operations("update", "replace", "update_me"):
        for statement in _calling(handler, "session.flush"):
            edit = handler.module.to(statement, "session.expunge(row)")
            yield service.at(handler, statement, "keeps no change", edit)


@fault("filter-ignored", "a filter of a list has no effect", 2)
def filter_ignored(service: Source) -> Iterator[Change]:
    """List the rows that a filter should leave out."""
    for handler in service.operations("list"):
        for statement in handler.body:
            if isinstance(statement, ast.If) and any(calls(statement.body[0], "where")):
                name = dotted(statement.test.left) if isinstance(statement.test, ast.Compare) else ""
                edit = handler.module.to(statement.body[0], "pass")
                yield service.at(handler, statement, f"ignores the filter '{name}'", edit)


@fault("order-unstable", "the pages of a list overlap, for it has no order", 2)
def order_unstable(service: Source) -> Iterator[Change]:
    """List rows in no order."""
    for handler in service.operations("list"):
        for call in calls(handler.function, "order_by"):
            edit = handler.module.to(call, "query.order_by(func.random())")
            imported = handler.module.importing("from sqlalchemy import func")
            yield service.at(handler, call, "lists in no order", edit, imported)


def _page(service: Source, old: str, new: str, what: str) -> Iterator[Change]:
    for module, function in service.functions("page") if any(service.operations("list")) else ():
        last = function.body[-1]
        if isinstance(last, ast.Return) and old in module.source(last):
            edit = module.to(last, module.source(last).replace(old, new))
            yield service.change(module, last, what, edit)


@fault("total-wrong", "the total of a list counts its page only", 2)
def total_wrong(service: Source) -> Iterator[Change]:
    """Count no more rows than the page may have."""
    return _page(service, ", total", ", min(total, limit)", "lists count no more than a page")


@fault("limit-ignored", "a list returns more rows than were asked for", 2)
def limit_ignored(service: Source) -> Iterator[Change]:
    """Return all rows behind the offset."""
    return _page(service, ".limit(limit)", ".limit(2**31)", "lists ignore their limit")


@fault("offset-ignored", "every page of a list is its first one", 2)
def offset_ignored(service: Source) -> Iterator[Change]:
    """Return the first page again and again."""
    return _page(service, ".offset(offset)", "", "lists ignore their offset")


@fault("unique-dropped", "a unique value can be taken twice", 2)
def unique_dropped(service: Source) -> Iterator[Change]:
    """Drop a constraint of a table."""
    for module in service.modules.values():
        for call in calls(module.tree, "mapped_column"):
            unique = keyword(call, "unique")
            if unique:
                edit = module.without_argument(unique)
                line = module.text.split("\n")[unique.lineno - 1].strip().partition(":")[0]
                yield service.change(module, unique, f"'{line}' is not unique any more", edit)


@fault("unknown-reference-taken", "a row refers to another one that does not exist", 2)
def unknown_reference_taken(service: Source) -> Iterator[Change]:
    """Ask nobody whether the other row exists."""
    for handler in service.operations("create", "update"):
        for node in _statements(handler):
            if isinstance(node, ast.If) and any("clients." in dotted(call.func) for call in _calls(node.test)):
                yield service.at(handler, node, "takes references to nothing", handler.module.to(node, "pass"))


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))


@fault("foreign-key-dropped", "a row refers to another one of the service that does not exist", 2)
def foreign_key_dropped(service: Source) -> Iterator[Change]:
    """Check a reference neither in the handler nor in the table."""
    models = service.named("models.py")
    for handler in service.operations("create"):
        for statement in _calling(handler, "queries.require"):
            call = statement.value
            named = call.args[2] if isinstance(call, ast.Call) and len(call.args) > 2 else None
            name = named.value if isinstance(named, ast.Constant) and isinstance(named.value, str) else ""
            for key in _foreign_keys(models, name) if models and name else ():
                also = {models.path: models.edited(models.without_argument(key))} if models else {}
                edit = handler.module.to(statement, "pass")
                what = f"{handler.name} takes any {name}"
                yield service.change(handler.module, statement, what, edit, operation=handler.id, also=also)


def _foreign_keys(models: Module, name: str) -> Iterator[ast.Call]:
    """Yield the foreign keys of the columns of this name."""
    for node in ast.walk(models.tree):
        if isinstance(node, ast.AnnAssign) and dotted(node.target) == name and node.value:
            yield from calls(node.value, "ForeignKey")


@fault("row-not-found-answers-empty", "a row that does not exist is answered with success", 2)
def missing_row_is_success(service: Source) -> Iterator[Change]:
    """Answer 204 to the deletion of a row that does not exist."""
    for handler in service.operations("delete"):
        for node in _statements(handler):
            if isinstance(node, ast.Assign) and any(calls(node.value, "find")):
                found = next(calls(node.value, "find"))
                query = handler.module.source(found.args[1])
                lines = (f"if session.scalars({query}).first() is None:", "    return")
                yield service.at(handler, node, "succeeds for what does not exist", handler.module.before(node, *lines))
