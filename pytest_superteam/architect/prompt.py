"""What an architect by agent is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["prompt"]

_TASK = """\
# Design the system that a requirements document asks for

Read the document in the file that `ARCHITECT_PRD` names (`PRD.md` in this folder). Write the design as YAML into the
folder that `ARCHITECT_OUTPUT` names:

- `service-map.yaml`: services, operations, events, dependencies, roles, requirements, questions, and what is excluded
  or ignored. Its schema is `service-map.schema.json` in this folder.
- `domain-model.yaml`: the entities with their fields, each in one service. Its schema is `domain-model.schema.json`.
- `contracts/<service>.openapi.yaml`, optional: an OpenAPI 3.1 document with the same paths and operation ids as the
  service map. What is left out is generated from the operations.
- `contracts/events.asyncapi.yaml`, optional: an AsyncAPI 3 document.

Both files begin with `version: 1`. `prd_sha256` may be any text; it is filled in.

Rules:

- Services, entities and endpoints that the document names keep their names and paths.
- What the document does not say and the system needs is marked `source: {line: N, kind: derived}`; what it says has
  `source: {line: N}`, where N is the line in `PRD.md`.
- What the document says must not be built is not designed; it is listed under `excluded`.
- A module of one backend, a database or an external system is no service; it is listed under `components`.
- Several services only where the document asks for them.
- What the document leaves open becomes a question under `questions`, not an invention.
- Plain files only, no links, no YAML anchors, at most 4 MiB each.
"""


def prompt(feedback: Sequence[str]) -> str:
    """Return the task, with the reasons why earlier designs were rejected."""
    if not feedback:
        return _TASK
    reasons = "\n".join(f"{number}. {reason}" for number, reason in enumerate(feedback, 1))
    return f"{_TASK}\n## Earlier designs were rejected\n\nA reviewer said, in order:\n\n{reasons}\n"
