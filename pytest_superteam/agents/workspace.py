"""The folder that an agent works in: what it is given, and what is taken away again at the end."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.agents.laying import is_folder, leftovers, lies_there, put, remove
from pytest_superteam.agents.site import ASKED, INPUT, TEMPLATE_FOLDER, asked_text
from pytest_superteam.agents.task import documents
from pytest_superteam.agents.task.conventions import conventions
from pytest_superteam.agents.task.excerpt import excerpt
from pytest_superteam.agents.task.gate_codes import gate_codes
from pytest_superteam.agents.task.prompt import prompt
from pytest_superteam.agents.task.templates import TEMPLATES
from pytest_superteam.errors import BuildError
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_superteam.builders.base import BuildRequest
    from pytest_superteam.models import Rule

__all__ = ["INPUT", "Left", "Workspace", "clean", "prepare"]

TASK = "TASK.md"
CONTRACT = "openapi.json"
"""The contract, in the finished tree."""
FENCE = "pytest.ini"
"""Beside the folder: a pytest that is started in it takes these settings, not those of the project around it."""
_FENCE_TEXT = """\
# Agents run pytest in the folders here, and the settings of the project are not about these.
[pytest]
cache_dir = $TMPDIR/.pytest_cache
"""


@dataclass(frozen=True)
class Workspace:
    """What an agent was given. Paths of the mappings are relative to `directory`, POSIX style."""

    directory: Path
    task: str
    """The task as text, for a prompt."""
    task_file: Path
    """The same as a file, `.superteam/TASK.md`."""
    given: Mapping[str, str] = field(default_factory=dict)
    """sha256 of everything that it was given: its input, what belongs into the tree, templates."""
    templates: Mapping[str, str] = field(default_factory=dict)
    """Those of `given` that are to be filled in: what has one of these hashes at the end was left as it was."""
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Text of what belongs into the finished tree as it was given (`openapi.json`, `pacts/*.json`); nothing where a
    tree is mended, for how that changed is judged as a whole."""


@dataclass(frozen=True)
class Left:
    """What became of the input while the agent was at work. Paths relative to the folder."""

    deleted: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    """What was put back of that which belongs into the tree; nothing where a fix attempt is judged by its changes."""


def prepare(
    request: BuildRequest,
    *,
    prd: str,
    codes: Sequence[Rule],
    self_check: tuple[str, ...],
    blocking: Severity = Severity.ERROR,
) -> Workspace:
    """Lay the scoped input of one service into the folder that its agent works in.

    Args:
        request: what to build or, with `mending`, what to mend in the tree that is there.
        prd: text of the whole requirements document, its secrets masked.
        codes: the gate's codes of layers 2 to 4 that the service is held to.
        self_check: argument vector by which the agent tries its work.
        blocking: severity from which layer 3 blocks.

    Raises:
        BuildError: there is no contract for the service, or the folder can't be written.
    """
    files = _input(request, prd, codes, blocking)
    paths = [*files, *(f"{TEMPLATE_FOLDER}/{name}" for name in TEMPLATES), TASK]
    task = files[TASK] = prompt(request, paths=paths, folder=INPUT, self_check=self_check)
    templates = {f"{INPUT}/{TEMPLATE_FOLDER}/{name}": text for name, text in TEMPLATES.items()}
    kept = _tree(request)
    given = {f"{INPUT}/{name}": text for name, text in files.items()} | templates
    given |= {} if request.mending else kept  # or it is in the tree that is to be mended, as its builder left it
    root = request.directory
    try:
        remove(root / INPUT)
        for path, text in given.items():
            put(root, path, text)
        _fence(root.parent)
    except (OSError, ValueError) as error:  # a name with a NUL, or one that is no UTF-8
        reason = getattr(error, "strerror", None) or error
        raise BuildError(f"{request.service}: its folder can't be prepared: {reason}.") from None
    left = {path: text for path, text in kept.items() if path in given}
    return Workspace(root, task, root / INPUT / TASK, _hashes(given), _hashes(templates), left)


def clean(workspace: Workspace) -> Left:
    """Remove the input and what tools left behind; put back what belongs into the tree, where it was built anew.

    Where the agent removed the folder itself, or put something in its place, nothing is touched.

    Raises:
        BuildError: the folder can't be written any more.
    """
    root = workspace.directory
    if not is_folder(root):
        return Left(deleted=tuple(sorted(workspace.given)))
    try:
        root.chmod(0o700)  # whatever the agent made of its rights
        return _clean(workspace, root)
    except OSError as error:
        raise BuildError(f"the folder can't be cleaned up: {error.strerror or error}.") from None


def _clean(workspace: Workspace, root: Path) -> Left:
    states = {path: lies_there(root, path, sha256) for path, sha256 in workspace.given.items()}
    deleted = tuple(sorted(path for path, state in states.items() if state == "missing"))
    changed = tuple(sorted(path for path, state in states.items() if state == "changed"))
    remove(root / INPUT)
    for path in leftovers(root):
        remove(path)
    restored = tuple(path for path in (*deleted, *changed) if path in workspace.kept)
    for name in restored:
        put(root, name, workspace.kept[name])
    return Left(deleted, changed, restored)


def _input(request: BuildRequest, prd: str, codes: Sequence[Rule], blocking: Severity) -> dict[str, str]:
    """Return the text of the files of the input, by path in its folder."""
    system, service = request.architecture, request.service
    expected = documents.expectations(system, service)
    return {
        "PRD.md": excerpt(prd, system, service),
        **documents.contracts(system, service),
        "domain-model.yaml": documents.domain_model(system, service),
        "events.yaml": documents.events(system, service),
        **{f"expectations/{name}": text for name, text in expected.items()},
        "CONVENTIONS.md": conventions(system, service),
        "GATE.md": gate_codes(codes, blocking),
        ASKED: asked_text(system, service),
    }


def _tree(request: BuildRequest) -> dict[str, str]:
    """Return the text of what belongs into the finished tree, by path."""
    contract = documents.json_text(request.architecture.contracts[request.service])
    pacts = documents.own_pacts(request.service, request.pacts)
    return {CONTRACT: contract} | {f"pacts/{name}": text for name, text in pacts.items()}


def _fence(folder: Path) -> None:
    """Keep the settings that pytest finds above `folder` from the ones that are started below it."""
    with contextlib.suppress(FileExistsError), (folder / FENCE).open("x", encoding="utf-8") as stream:
        stream.write(_FENCE_TEXT)


def _hashes(texts: Mapping[str, str]) -> dict[str, str]:
    return {path: hashlib.sha256(text.encode()).hexdigest() for path, text in texts.items()}
