"""The codes of the gate that a service is held to, as its builder is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.agents.task.quoting import inline
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_superteam.models import Rule

__all__ = ["gate_codes"]

_LAYERS = {
    2: (
        "Layer 2: the running service",
        "It is started and called by its contract: right and wrong requests, roles, owners, flows, events, traces.",
    ),
    3: ("Layer 3: the source", "It is read for what must not be in it."),
    4: ("Layer 4: advice", "It is told and never blocks."),
}
_LAYER_1 = """\
## Layer 1: the service by itself

| code | severity | what is asked |
| --- | --- | --- |
| BUILD-001 | error | Source files can be parsed; nothing is written outside of the folder; templates are filled in. |
| TEST-001 | error | There are tests, and at least nine of ten pass. |
| CONVERGENCE-001 | error | At least nine of ten operations of the contract have a route in the source. |
"""


def gate_codes(codes: Sequence[Rule], blocking: Severity = Severity.ERROR) -> str:
    """Return the codes as Markdown, by layer, the worst first.

    Args:
        codes: the codes of layers 2 to 4 that the service is held to.
        blocking: severity from which layer 3 blocks.
    """
    head = (
        "# What the gate asks of this service\n\n"
        f"Layers 1 and 2 block from severity `error` up, layer 3 from `{blocking}` up, layer 4 never. "
        "Severities, high to low: critical, high, error, warning, info.\n"
    )
    sections = (_section(layer, codes) for layer in _LAYERS)
    return "\n".join([head, _LAYER_1, *filter(None, sections)])


def _section(layer: int, codes: Iterable[Rule]) -> str:
    chosen = {rule.id: rule for rule in codes if rule.layer == layer and not rule.pending}
    if not chosen:
        return ""
    title, text = _LAYERS[layer]
    ordered = sorted(chosen.values(), key=lambda rule: (-rule.severity.rank, rule.id))
    return f"## {title}\n\n{text}\n\n" + "".join(f"{line}\n" for line in _table(ordered))


def _table(rules: Iterable[Rule]) -> Iterator[str]:
    yield "| code | severity | name | what to do |"
    yield "| --- | --- | --- | --- |"
    for rule in rules:
        yield f"| {inline(rule.id, 40)} | {rule.severity} | {inline(rule.name, 80)} | {inline(rule.help, 300)} |"
