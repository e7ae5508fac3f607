"""Logs and traces: what they tell, and what they must not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.calibration.fault import fault
from pytest_superteam.calibration.source import Change, Source, calls, dotted

if TYPE_CHECKING:
    from collections.abc import Iterator


@fault("password-logged", "a password is written to the log", 3)
def password_logged(service: Source) -> Iterator[Change]:
    """Log what a caller signs in with."""
    for handler in service.operations("register", "login"):
        line = 'logging.getLogger(__name__).info("credentials of %s: %s", body.email, body.password)'
        edits = (handler.module.before(handler.body[0], line), handler.module.importing("import logging"))
        if {"email", "password"} <= _fields(service, handler.body_class):
            yield service.at(handler, handler.body[0], "logs the password", *edits)


def _fields(service: Source, name: str) -> set[str]:
    module = service.named("schemas.py")
    for node in module.tree.body if module else ():
        if isinstance(node, ast.ClassDef) and node.name == name:
            return {dotted(item.target) for item in node.body if isinstance(item, ast.AnnAssign)}
    return set()


@fault("token-logged", "bearer tokens are written to the log", 3)
def token_logged(service: Source) -> Iterator[Change]:
    """Log each token that is looked at."""
    for module, function in service.functions("_verify") if service.is_guarded else ():
        if any(argument.arg == "token" for argument in function.args.args):
            place = function.body[1] if len(function.body) > 1 else function.body[0]
            line = module.before(place, 'logging.getLogger(__name__).info("token %s", token)')
            yield service.change(module, place, "tokens are logged", line, module.importing("import logging"))


@fault("print-for-log", "a handler prints instead of logging", 3)
def print_for_log(service: Source) -> Iterator[Change]:
    """Print a line for each call."""
    for handler in service.operations():
        edit = handler.module.before(handler.body[0], f'print("{handler.function.name} was called")')
        yield service.at(handler, handler.body[0], "prints", edit)


@fault("trace-not-sent", "calls to other services carry no trace", 2, 3)
def trace_not_sent(service: Source) -> Iterator[Change]:
    """Leave the trace out of the headers of outgoing calls."""
    module = service.named("clients.py") if service.calls_others else None
    for node in ast.walk(module.tree) if module else ():
        if module and isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key and isinstance(key, ast.Constant) and key.value == "traceparent" and isinstance(value, ast.Call):
                    what = "outgoing calls carry no trace"
                    yield service.change(module, key, what, module.to(key, '"x-request"'), module.to(value, '"1"'))


@fault("trace-not-taken", "a request begins a new trace whatever it brings", 2)
def trace_not_taken(service: Source) -> Iterator[Change]:
    """Begin a trace with each request."""
    for module in service.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.AsyncFunctionDef) and node.name == "__call__":
                for call in calls(node, "start_span"):
                    if call.args:
                        what = "the trace of a request is not gone on with"
                        yield service.change(module, call, what, module.to(call, "start_span()"))


@fault("trace-not-logged", "log lines carry no trace", 2)
def trace_not_logged(service: Source) -> Iterator[Change]:
    """Leave the ids of the trace out of the log."""
    for module, function in service.functions("format"):
        for node in ast.walk(function):
            if isinstance(node, ast.If) and isinstance(node.test, ast.NamedExpr) and "trace_id" in module.source(node):
                yield service.change(module, node, "log lines have no trace", module.to(node, "pass"))


@fault("requests-not-logged", "a request leaves no line in the log", 2)
def requests_not_logged(service: Source) -> Iterator[Change]:
    """Log no request."""
    for module in service.modules.values():
        for call in calls(module.tree, "info"):
            if dotted(call.func) == "_access.info":
                yield service.change(module, call, "requests are not logged", module.to(call, "None"))


@fault("trace-lost-in-events", "an event is delivered in another trace than its cause", 2)
def trace_lost_in_events(service: Source) -> Iterator[Change]:
    """Begin a new trace for each delivery."""
    for module, function in service.functions("_deliver") if service.announces else ():
        for call in calls(function, "start_span"):
            yield service.change(module, call, "a delivery begins a new trace", module.to(call, "start_span()"))


@fault("error-swallowed", "an error is passed over in silence", 4)
def error_swallowed(service: Source) -> Iterator[Change]:
    """Catch everything and go on, where an error was logged."""
    for module in service.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler) and node.type and any(calls(node, "exception", "warning")):
                start, _ = module.span(node)
                indent = " " * (start - module.text.encode().rfind(b"\n", 0, start) - 1)
                edit = module.to(node, f"except Exception:\n{indent}    pass")
                if not any(isinstance(inner, ast.Return | ast.Assign) for inner in node.body):
                    yield service.change(module, node, "errors are passed over", edit)


@fault("readiness-blind", "a service says that it is ready while its database is gone", 4)
def readiness_blind(service: Source) -> Iterator[Change]:
    """Answer ready whatever goes wrong."""
    for module, function in service.functions("is_ready"):
        for node in ast.walk(function):
            if isinstance(node, ast.ExceptHandler):
                edit = module.to(node, "except Exception:\n        pass")
                yield service.change(module, node, "readiness passes errors over", edit)


@fault("error-details-told", "an unexpected error tells its inside to the caller", 4)
def error_details_told(service: Source) -> Iterator[Change]:
    """Answer with the error's text."""
    for module in service.modules.values():
        for call in calls(module.tree, "Problem"):
            if call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == 500:
                edit = module.to(call.args[1], "repr(error)")
                yield service.change(module, call, "unexpected errors are told in full", edit)
