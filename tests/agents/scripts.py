"""What the scripted model answers: files as the actions of mini-SWE-agent, or as the edit blocks of aider."""

import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from endpoint import Answer, Call

from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.contract import openapi
from pytest_superteam.architect.document.prd import read_prd
from pytest_superteam.builders.builtin import service_files
from pytest_superteam.contracts.surface import Surface
from pytest_superteam.models import Architecture

START = ["python", "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "{port}", "--no-access-log"]
TEST = ["python", "-m", "pytest", "-q", "tests"]
FINISH = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT && echo 'Everything works.'"
"""How mini-SWE-agent is told that the model is done; what comes after the first line are its last words."""
_TASK = re.compile(r"# (Build|Mend) the service `([a-z][a-z0-9-]{0,62})`")
_REFUSED = "The attempt before was refused"


@dataclass(frozen=True)
class Edit:
    """A change of one file."""

    path: str
    new: str
    old: str = ""
    """What `new` stands for; empty: the file is new."""


def as_actions(edits: Iterable[Edit]) -> tuple[str, ...]:
    """Return shell commands that write the files, one per file."""
    return tuple(_rewritten(edit) if edit.old else _written(edit) for edit in edits)


def _written(edit: Edit) -> str:
    assert "\nEND-OF-FILE\n" not in edit.new
    folder = PurePosixPath(edit.path).parent
    return f"mkdir -p {folder} && cat <<'END-OF-FILE' > {edit.path}\n{edit.new}END-OF-FILE"


def _rewritten(edit: Edit) -> str:
    lines = (
        "from pathlib import Path",
        f"path = Path({edit.path!r})",
        "text = path.read_text()",
        f"assert {edit.old!r} in text",
        f"path.write_text(text.replace({edit.old!r}, {edit.new!r}))",
    )
    return "python - <<'END-OF-FILE'\n" + "\n".join(lines) + "\nEND-OF-FILE"


def as_blocks(edits: Iterable[Edit]) -> str:
    """Return SEARCH/REPLACE blocks that write the files."""
    return "\n".join(
        f"{edit.path}\n```\n<<<<<<< SEARCH\n{edit.old}=======\n{edit.new}>>>>>>> REPLACE\n```\n" for edit in edits
    )


Work = Callable[[str, str], Iterable[Edit]]
"""From the name of a service and the task, the changes to make."""


@dataclass
class Model:
    """A model that does its work at once, whichever of the two agents asks."""

    work: Work
    check: Mapping[str, str] = field(default_factory=dict)
    """A command that mini-SWE-agent runs before it is done, by service."""
    tasks: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The tasks that it was given, by service, in order."""
    checked: dict[str, str] = field(default_factory=dict)
    """What those commands said."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call) -> Answer:
        found = _TASK.search(call.task)
        if found is None:
            raise ValueError("the task names no service")
        service = found[2]
        if not call.body.get("tools"):
            return Answer(f"Here it is.\n\n{as_blocks(self._begin(service, call))}")
        if call.turn == 0:
            return Answer("I write it.", as_actions(self._begin(service, call)))
        if call.turn == 1 and service in self.check:
            return Answer("I try it.", (self.check[service],))
        if call.turn == 2:
            self.checked.setdefault(service, call.said)
        return Answer("Done.", (FINISH,))

    def _begin(self, service: str, call: Call) -> Iterable[Edit]:
        task = call.task[call.task.index(_TASK.search(call.task)[0]) :]
        with self._lock:
            self.tasks[service].append(task)
        return self.work(service, task)


@dataclass(frozen=True)
class Fault:
    """A fault in one service, and a change that only hides it."""

    right: Edit
    """From what is wrong to what is right."""
    hidden: Edit
    """A test that tells it, made to tell nothing."""

    def seeded(self, files: Mapping[str, str]) -> dict[str, str]:
        """Return the files of a service with the fault in them."""
        text = files[self.right.path]
        assert text.count(self.right.new) == 1, f"{self.right.path} is not as it was: choose another fault"
        return {**files, self.right.path: text.replace(self.right.new, self.right.old)}


def architecture(prd: Path) -> Architecture:
    """Return the design of a requirements document, with contracts."""
    system = design(read_prd(prd))
    return replace(system, contracts=openapi.contracts(system))


def faulty(prd: Path, faults: Mapping[str, Fault]) -> Work:
    """Return a worker that writes what the embedded builder would, with faults by service.

    Asked to mend one, it weakens a test; told that this was refused, it mends it.
    """
    system = architecture(prd)

    def work(service: str, task: str) -> list[Edit]:
        fault = faults.get(service)
        if task.startswith("# Mend"):
            assert fault is not None, f"{service} has no fault"
            return [fault.right if _REFUSED in task else fault.hidden]
        files = dict(service_files(Surface(system, service)))
        files["service.json"] = json.dumps({"start": START, "test": TEST}, indent=2) + "\n"
        if fault is not None:
            files = fault.seeded(files)
        return [Edit(path, text) for path, text in sorted(files.items())]

    return work
