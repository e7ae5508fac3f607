"""Whether a service starts, holds what was asked of it, and answers in time and without errors."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.calibration.fault import fault
from pytest_superteam.calibration.source import Change, Module, Source, calls, dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOW_SECONDS = 5.5
"""Longer than the slowest acceptable answer, shorter than the time that a request may take."""


@fault("does-not-compile", "a file is no Python", 1, breaks=True)
def does_not_compile(service: Source) -> Iterator[Change]:
    """Open a bracket that nobody closes."""
    module = service.named("main.py")
    if module and module.tree.body:
        last = module.tree.body[-1]
        yield service.change(module, last, "the file is no Python", module.after(last, "app = ("))


@fault("does-not-start", "the service ends as soon as it starts", 1, 2, breaks=True)
def does_not_start(service: Source) -> Iterator[Change]:
    """Fail while the application is made."""
    module = service.named("main.py")
    for node in module.tree.body if module else ():
        if module and isinstance(node, ast.Assign) and dotted(node.targets[0]) == "app":
            edit = module.before(node, 'raise RuntimeError("a setting is missing")')
            yield service.change(module, node, "the service does not start", edit)


@fault("own-tests-fail", "the tests that came with the service fail", 1)
def own_tests_fail(service: Source) -> Iterator[Change]:
    """Let every test of the service expect the opposite."""
    files: dict[str, str | None] = {}
    for file in sorted((service.root / "tests").glob("test_*.py")):
        path = f"tests/{file.name}"
        text = service.text(path)
        module = Module(path, text or "")
        tests = [node for node in _functions(module) if node.name.startswith("test_")]
        if tests:
            files[path] = module.edited(*(module.after(node.body[-1], "assert False") for node in tests))
    if files:
        yield Change(service.name, files, f"{next(iter(files))}:1", "its own tests fail")


def _functions(module: Module) -> Iterator[ast.FunctionDef]:
    try:
        body = module.tree.body
    except SyntaxError:
        return
    yield from (node for node in body if isinstance(node, ast.FunctionDef))


@fault("operation-missing", "an operation of the contract is not there", 1, 2)
def operation_missing(service: Source) -> Iterator[Change]:
    """Take a handler away."""
    for handler in service.operations():
        what = f"{handler.name} is not there"
        edit = handler.module.to(handler.function, "pass")
        yield service.change(handler.module, handler.function, what, edit, operation=handler.id)


@fault("undeclared-operation", "there is an operation that no contract has", 4)
def undeclared_operation(service: Source) -> Iterator[Change]:
    """Add a route behind the others."""
    for handler in service.operations("list"):
        lines = (
            "",
            "",
            f'@{dotted(handler.route.func.value)}.get("{handler.path}-export")'
            if isinstance(handler.route.func, ast.Attribute)
            else "",
            "def undeclared_export() -> dict[str, str]:",
            '    """Tell that the export is done."""',
            '    return {"status": "done"}',
        )
        edit = handler.module.after(handler.function, *lines)
        yield service.change(handler.module, handler.function, f"GET {handler.path}-export is in no contract", edit)


@fault("health-gone", "nobody can ask whether the service lives", 3)
def health_gone(service: Source) -> Iterator[Change]:
    """Take the health routes away."""
    for module in service.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Expr) and any(calls(node, "include_router")) and "health" in module.source(node):
                yield service.change(module, node, "there is no health route", module.to(node, "pass"))


@fault("slow-endpoint", "an operation takes too long now and then", 2)
def slow_endpoint(service: Source) -> Iterator[Change]:
    """Sleep in three calls of an operation."""
    for handler in service.operations("read", "list"):
        line = f"time.sleep({SLOW_SECONDS} if next(_calls) in (3, 5, 7) else 0)"
        edits = (
            handler.module.before(handler.body[0], line),
            handler.module.before(
                handler.module.tree.body[_first_definition(handler.module)], "_calls = itertools.count()", "", ""
            ),
            handler.module.importing("import itertools\nimport time"),
        )
        yield service.at(handler, handler.body[0], f"takes {SLOW_SECONDS} s now and then", *edits)


def _first_definition(module: Module) -> int:
    return next(index for index, node in enumerate(module.tree.body) if isinstance(node, ast.FunctionDef))


@fault("error-on-edge-value", "a valid request at the edge of what is allowed is an error of the server", 2)
def error_on_edge_value(service: Source) -> Iterator[Change]:
    """Divide by the distance to the largest value that is allowed."""
    from pytest_superteam.calibration.faults.answers import body_fields

    for module, node, item, _ in body_fields(service, "create", "register"):
        if item.value is not None or "| None" in module.source(item.annotation):
            continue
        for call in calls(item.annotation, "Field"):
            bounds = {k.arg: k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)}
            name, largest = dotted(item.target), bounds.get("max_length", bounds.get("le"))
            value = f"len(body.{name})" if "max_length" in bounds else f"body.{name}"
            for handler in service.operations("create", "register"):
                if handler.body_class == node.name and isinstance(largest, int):
                    edit = handler.module.before(handler.body[0], f"_ = 1 // ({largest} - {value})")
                    yield service.at(handler, handler.body[0], f"fails where {name} is as large as allowed", edit)


@fault("error-on-last-page", "a list fails with the largest page", 2)
def error_on_last_page(service: Source) -> Iterator[Change]:
    """Divide by the distance to the largest page."""
    for handler in service.operations("list"):
        if any(argument.arg == "limit" for argument in handler.function.args.args):
            edit = handler.module.before(handler.body[0], "_ = 1 // (100 - limit)")
            yield service.at(handler, handler.body[0], "fails with limit=100", edit)


@fault("sql-injection", "a value of a request becomes part of an SQL statement", 2)
def sql_injection(service: Source) -> Iterator[Change]:
    """Build a query from a text of the request."""
    from pytest_superteam.calibration.faults.answers import body_fields

    for module, node, item, _ in body_fields(service, "create", "login"):
        typed = module.source(item.annotation)
        for handler in service.operations("create", "login"):
            if handler.body_class != node.name or "fields.Text" not in typed or item.value is not None:
                continue
            block = next((s for s in handler.body if isinstance(s, ast.With)), None)
            if block:
                statement = f"""session.execute(text(f"SELECT 1 WHERE '{{body.{dotted(item.target)}}}' = ''"))"""
                edits = (
                    handler.module.before(block.body[0], statement),
                    handler.module.importing("from sqlalchemy import text"),
                )
                yield service.at(handler, block, f"puts {dotted(item.target)} into SQL", *edits)
