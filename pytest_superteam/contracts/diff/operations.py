"""Operations compared: their lifecycle, parameters, bodies, answers, and what they call back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.bodies import compare_request_body, compare_responses
from pytest_superteam.contracts.diff.lifecycle import lifecycle, removal, stability
from pytest_superteam.contracts.diff.parameters import compare_parameters
from pytest_superteam.contracts.diff.places import CALLED, CALLING
from pytest_superteam.contracts.diff.reading import mapping, sequence, text
from pytest_superteam.contracts.diff.security import compare_operation_security, compare_roles
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.contracts.diff.places import Side
    from pytest_superteam.contracts.diff.scene import Scene

__all__ = ["METHODS", "Endpoint", "compare_endpoints", "compare_webhooks", "report_removed"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_LIFECYCLE = {
    "deprecated": "endpoint-deprecated",
    "deprecated-with-sunset": "endpoint-deprecated-with-sunset",
    "deprecated-sunset-missing": "api-deprecated-sunset-missing",
    "deprecated-sunset-invalid": "api-deprecated-sunset-parse",
    "sunset-date-too-small": "api-sunset-date-too-small",
    "reactivated": "endpoint-reactivated",
    "sunset-deleted": "sunset-deleted",
    "sunset-date-changed-too-small": "api-sunset-date-changed-too-small",
    "invalid-stability-level": "api-invalid-stability-level",
    "stability-decreased": "api-stability-decreased",
    "stability-increased": "api-stability-increased",
}


@dataclass(frozen=True)
class Endpoint:
    """One method of one path of one document."""

    method: str
    path: str
    item: Mapping[str, Any]
    """The path item that it stands in."""

    @property
    def operation(self) -> Mapping[str, Any]:
        """Return the operation object."""
        return mapping(self.item.get(self.method))

    @property
    def name(self) -> str:
        """Return `POST /orders`."""
        return f"{self.method.upper()} {self.path}"


def report_removed(scene: Scene, endpoint: Endpoint, *, path_too: bool) -> None:
    """Report that `endpoint` is gone, alone or with its whole path."""
    usual = Severity.INFO if stability(endpoint.operation) in {"draft", "alpha"} else Severity.ERROR
    aspect, level, end = removal(endpoint.operation, scene.policy, usual)
    kind = f"api-{'path-' if path_too or aspect == 'sunset-parse' else ''}{aspect}"
    replace(scene, operation=endpoint.name).add(kind, old=end, level=min(level, usual, key=lambda item: item.rank))


def compare_endpoints(scene: Scene, old: Endpoint, new: Endpoint) -> None:
    """Report how an operation that is in both versions changed; one that was a draft may change as it likes."""
    draft = stability(old.operation) in {"draft", "alpha"}
    _compare(replace(scene, operation=old.name, free=draft), old, new, CALLED)


def _compare(scene: Scene, old: Endpoint, new: Endpoint, side: Side) -> None:
    before, after = old.operation, new.operation
    _lifecycle(scene, before, after)
    _identity(scene, before, after)
    compare_parameters(scene, (old.path, old.item, before), (new.path, new.item, after), side)
    compare_request_body(scene, before.get("requestBody"), after.get("requestBody"), side)
    compare_responses(scene, mapping(before.get("responses")), mapping(after.get("responses")), side)
    compare_operation_security(scene, before, after)
    compare_roles(scene, before, after)
    if side is CALLED:
        _callbacks(scene, before, after)


def _lifecycle(scene: Scene, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for finding in lifecycle(old, new, scene.policy):
        scene.add(_LIFECYCLE[finding.aspect], old=finding.old, new=finding.new)


def _identity(scene: Scene, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    before, after = text(old.get("operationId")), text(new.get("operationId"))
    if before != after:
        kind = "api-operation-id-removed" if before else "api-operation-id-added"
        scene.add(kind, old=before or None, new=after or None)
    tags = [[tag for tag in sequence(part.get("tags")) if isinstance(tag, str)] for part in (old, new)]
    for tag in sorted(set(tags[0]) - set(tags[1])):
        scene.add("api-tag-removed", old=tag)
    for tag in sorted(set(tags[1]) - set(tags[0])):
        scene.add("api-tag-added", new=tag)


def _called_back(scene: Scene, operation: Mapping[str, Any], *, new: bool) -> Iterator[tuple[str, Endpoint]]:
    """Yield what `operation` calls at its consumer's, by callback, expression and method."""
    document = scene.new if new else scene.old
    for name, value in mapping(operation.get("callbacks")).items():
        for expression, given in document.part(value).items():
            item = document.part(given)
            for method in METHODS:
                if method in item:
                    yield f"{name} {method} {expression}", Endpoint(method, f"callback {name}", item)


def _callbacks(scene: Scene, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    before, after = dict(_called_back(scene, old, new=False)), dict(_called_back(scene, new, new=True))
    _both_ways(scene, before, after, "callback", f"{scene.operation}, ")


def compare_webhooks(scene: Scene, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Report how the webhooks of two documents differ: requests that consumers read and answer."""
    hooks: list[dict[str, Endpoint]] = []
    for document, given in ((scene.old, old), (scene.new, new)):
        hooks.append({})
        for name, value in given.items():
            item = document.part(value)
            hooks[-1].update({f"{name} {m}": Endpoint(m, f"webhook {name}", item) for m in METHODS if m in item})
    _both_ways(scene, hooks[0], hooks[1], "webhook", "")


def _both_ways(
    scene: Scene, before: Mapping[str, Endpoint], after: Mapping[str, Endpoint], kind: str, prefix: str
) -> None:
    for key in sorted(before.keys() | after.keys()):
        endpoint = before.get(key) or after[key]
        inner = replace(scene, operation=f"{prefix}{endpoint.name}")
        if key not in after:
            inner.add(f"{kind}-removed")
        elif key not in before:
            inner.add(f"{kind}-added")
        else:
            _compare(inner, before[key], after[key], CALLING)
