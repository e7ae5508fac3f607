"""Which operation a request is for: templates against a concrete path; literal segments win over parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from pytest_superteam.contracts.operations import ContractOperation

__all__ = ["MatchedOperation", "Matcher", "base_paths"]

_PARAMETER = re.compile(r"\{([^{}]*)\}")
_VARIABLES = 50


@dataclass(frozen=True)
class MatchedOperation:
    """An operation, and the values of its path's parameters as they stand in the path, decoded."""

    operation: ContractOperation
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class _Template:
    operation: ContractOperation
    segments: tuple[tuple[int, re.Pattern[str] | str, tuple[str, ...]], ...]

    @property
    def rank(self) -> tuple[int, ...]:
        return tuple(rank for rank, _, _ in self.segments)

    def values(self, parts: tuple[str, ...]) -> dict[str, str] | None:
        found: dict[str, str] = {}
        for (_, wanted, names), part in zip(self.segments, parts, strict=True):
            if isinstance(wanted, str):
                if part != wanted:
                    return None
                continue
            match = wanted.fullmatch(part)
            if match is None:
                return None
            found |= dict(zip(names, map(unquote, match.groups()), strict=False))
        return found


class Matcher:
    """The templates of one document, by method and number of segments."""

    def __init__(self, operations: Iterable[ContractOperation], document: Mapping[str, Any]) -> None:
        self._templates: dict[tuple[str, int], list[_Template]] = {}
        self._bases: dict[str, tuple[str, ...]] = {}
        for operation in operations:
            segments = tuple(_segment(part) for part in operation.path.strip().lstrip("/").split("/"))
            self._templates.setdefault((operation.method, len(segments)), []).append(_Template(operation, segments))
            item = (document.get("paths") or {}).get(operation.path)
            written = (operation.definition, item if isinstance(item, Mapping) else {}, document)
            servers = next((part["servers"] for part in written if part.get("servers")), None)
            self._bases[operation.id] = base_paths(servers)
        for templates in self._templates.values():
            templates.sort(key=lambda template: template.rank)
        self._every_base = sorted({base for bases in self._bases.values() for base in bases} - {""}, key=len)

    def match(self, method: str, path: str) -> MatchedOperation | None:
        """Return the operation that a request of `method` to `path` is for; a query does not count."""
        path = path.partition("?")[0].partition("#")[0]
        for base in reversed(self._every_base):  # the longest first
            if path == base or path.startswith(f"{base}/"):
                found = self._match(method, path[len(base) :], base)
                if found is not None:
                    return found
        return self._match(method, path, None)

    def _match(self, method: str, path: str, base: str | None) -> MatchedOperation | None:
        """Return the match below `base`; None for a base means any: the service may be called without a gateway."""
        raw = tuple(path.removeprefix("/").split("/"))
        for template in self._templates.get((method.upper(), len(raw)), ()):
            if base is not None and base not in self._bases[template.operation.id]:
                continue
            values = template.values(raw)
            if values is not None:
                return MatchedOperation(template.operation, values)
        return None


def base_paths(servers: Any) -> tuple[str, ...]:
    """Return the paths of the URLs of `servers`, variables replaced by their defaults; `""` where there is none."""
    found = []
    for server in servers if isinstance(servers, list) else ():
        if not isinstance(server, Mapping):
            continue
        url, variables = str(server.get("url", "")), server.get("variables")
        for name, variable in list(variables.items())[:_VARIABLES] if isinstance(variables, Mapping) else ():
            default = variable.get("default", "") if isinstance(variable, Mapping) else ""
            url = url.replace(f"{{{name}}}", str(default)[:200])
        try:
            found.append(urlsplit(url).path.rstrip("/"))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found)) or ("",)


def _segment(part: str) -> tuple[int, re.Pattern[str] | str, tuple[str, ...]]:
    names = _PARAMETER.findall(part)
    if not names:
        return 0, part, ()
    if "}{" in part:
        return 2, re.compile(r"(.+)", re.DOTALL), ()
    texts = [re.escape(text) for text in _PARAMETER.split(part)[::2]]
    # Atomic: a parameter ends where the text after it first stands, and a long path costs one look.
    inner = "".join(f"(?>(.+?){text})" for text in texts[1:-1])
    pattern = re.compile(f"{texts[0]}{inner}(.+){texts[-1]}", re.DOTALL)
    return (2 if texts == ["", ""] else 1), pattern, tuple(names)
