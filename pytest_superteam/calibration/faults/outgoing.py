"""Calls to other services: what goes with them and what becomes of their errors."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.calibration.fault import fault
from pytest_superteam.calibration.source import Change, Source, calls, dotted, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator


@fault("outgoing-error-unhandled", "an error of a called service becomes one of the caller", 4)
def outgoing_error_unhandled(service: Source) -> Iterator[Change]:
    """Catch nothing of what an outgoing call may raise, neither at the call nor for all requests."""
    module = service.named("clients.py") if service.calls_others else None
    for node in ast.walk(module.tree) if module else ():
        if module and isinstance(node, ast.ExceptHandler) and node.type and "HTTPError" in module.source(node.type):
            edit = module.to(node.type, "(ValueError, KeyError, TypeError)")
            also = dict(_without_last_resort(service))
            yield service.change(module, node, "errors of outgoing calls are not caught", edit, also=also)


def _without_last_resort(service: Source) -> Iterator[tuple[str, str]]:
    """Yield the modules that install a handler of every exception, by path, with it taken out."""
    for module in service.modules.values():
        for call in calls(module.tree, "add_exception_handler"):
            if call.args and dotted(call.args[0]) == "Exception":
                yield module.path, module.edited(module.to(call, "pass"))


@fault("outgoing-without-token", "calls to other services carry no token", 2)
def outgoing_without_token(service: Source) -> Iterator[Change]:
    """Send no authorization with outgoing calls."""
    module = service.named("clients.py") if service.calls_others else None
    for node in ast.walk(module.tree) if module else ():
        if module and isinstance(node, ast.Constant) and node.value == "authorization":
            yield service.change(module, node, "outgoing calls carry no token", module.to(node, '"x-token"'))


@fault("outgoing-wrong-path", "a call to another service asks for a path that it does not have", 2)
def outgoing_wrong_path(service: Source) -> Iterator[Change]:
    """Ask for another path."""
    module = service.named("clients.py") if service.calls_others else None
    for node in module.tree.body if module else ():
        if module and isinstance(node, ast.FunctionDef) and node.name.endswith("_exists") and node.name != "_exists":
            for text in ast.walk(node):
                if isinstance(text, ast.JoinedStr):
                    source = module.source(text)
                    edit = module.to(text, source.replace("/{", "/v0/{", 1) if "/{" in source else source)
                    yield service.change(module, text, f"{node.name} asks for another path", edit)


@fault("outgoing-field-misread", "a consumer reads a field that its provider does not tell", 2)
def outgoing_field_misread(service: Source) -> Iterator[Change]:
    """Read another field of the provider's answer."""
    module = service.named("clients.py") if service.calls_others else None
    for node in ast.walk(module.tree) if module else ():
        if module and isinstance(node, ast.Subscript) and any(calls(node.value, "json")):
            edit = module.to(node.slice, '"identifier"')
            yield service.change(module, node, "the consumer reads 'identifier'", edit)


@fault("outgoing-without-limit", "a call to another service waits for ever", 4)
def outgoing_without_limit(service: Source) -> Iterator[Change]:
    """Wait for a called service without limit."""
    for module in service.modules.values() if service.calls_others else ():
        for call in calls(module.tree, "Client"):
            limit = keyword(call, "timeout")
            if limit and dotted(call.func) == "httpx.Client":
                edit = module.to(limit.value, "None")
                yield service.change(module, call, "outgoing calls have no time limit", edit)


@fault("certificates-unchecked", "calls to other services check no certificate", 3)
def certificates_unchecked(service: Source) -> Iterator[Change]:
    """Check no certificate."""
    for module in service.modules.values() if service.calls_others else ():
        for call in calls(module.tree, "Client"):
            limit = keyword(call, "timeout")
            if limit and dotted(call.func) == "httpx.Client":
                edit = module.to(limit, f"{module.source(limit)}, verify=False")
                yield service.change(module, call, "no certificate is checked", edit)
