"""The page of the run's states, made of the state machine."""

from __future__ import annotations

from pytest_superteam.pipeline.machine import GUARDS, STATE_NOTES, TRANSITIONS

__all__ = ["states_page"]

_HEAD = """\
# States of a run

A run is what sessions of pytest work on until it is complete. It is in one of {states} states; {transitions}
transitions lead from one to the next. Each is saved, and told to `pytest_superteam_phase`, before the work of its new
state begins. So what is written down after a crash is what was under way, and the next session goes on from there.

![The states as boxes, the transitions as arrows with their triggers; the tables below say the same](states.svg)
"""
_MANY = {11: "eleven", 13: "thirteen"}


def states_page() -> str:
    """Return the page: the diagram, and a table each of states, transitions and guards."""
    head = _HEAD.format(states=_MANY[len(STATE_NOTES)], transitions=_MANY[len(TRANSITIONS)])
    states = [f"| `{name}` | {note} |" for name, note in STATE_NOTES.items()]
    transitions = [
        f"| `{row['trigger']}` | {_place(row['source'])} | `{row['dest']}` | {_codes(row['conditions'])} |"
        for row in TRANSITIONS
    ]
    guards = [f"| `{name}` | {note} |" for name, note in GUARDS.items()]
    return "\n".join(
        [
            head,
            "## States\n\n| state | what happens |\n| --- | --- |",
            *states,
            "\n## Transitions\n\nA transition happens where all of its guards say yes. A run that has ended can only",
            "go back to its gate; everything else that is asked of it has no effect.\n",
            "| trigger | from | to | guards |\n| --- | --- | --- | --- |",
            *transitions,
            "\n## Guards\n\n| guard | says yes where |\n| --- | --- |",
            *guards,
            "",
        ]
    )


def _codes(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _place(source: str) -> str:
    return "each state" if source == "*" else f"`{source}`"
