"""Comments by which source excuses a finding: `# noqa: CODE`, `// noqa: CODE`, `# nosec`, `# nosec CODE`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["suppression"]

_CODE = r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*"
_NOQA = re.compile(rf"(?:#|//|/\*|<!--)\s*noqa:\s*({_CODE}(?:[,\s]+{_CODE}){{0,40}})", re.IGNORECASE)
_NOSEC = re.compile(r"(?:#|//|/\*|<!--)\s*nosec\b:?(?:[ \t]+([A-Z][A-Z0-9-]*\d(?:[,\s]+[A-Z][A-Z0-9-]*\d){0,40}))?")
_ABOVE = frozenset({"docker", "compose"})
"""Languages where a comment can't stand on the line that it excuses (a Dockerfile) or hardly does (YAML blocks)."""


def _excuse(line: str, code: str) -> str:
    """Return `noqa` or `nosec` where a comment on `line` excuses `code`, else nothing."""
    if "noqa" in line.lower():
        for match in _NOQA.finditer(line):
            if code.upper() in re.split(r"[,\s]+", match[1].upper()):
                return "noqa"
    if "nosec" in line:
        for match in _NOSEC.finditer(line):
            if not match[1] or code in re.split(r"[,\s]+", match[1]):
                return "nosec"
    return ""


def suppression(file: SourceFile, line: int, code: str) -> str:
    """Return what excuses a finding of `code` at `line` of `file`: `noqa`, `nosec` or, mostly, nothing.

    A bare `noqa` excuses nothing: it would hide what nobody has looked at. `nosec` with the codes of another tool
    excuses what those codes say, and none of ours.
    """
    reason = _excuse(file.line(line), code)
    if not reason and file.language in _ABOVE:
        above = file.line(line - 1).strip()
        reason = _excuse(above, code) if above.startswith("#") else ""
    return reason
