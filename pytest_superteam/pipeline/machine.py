"""The run's state machine: eleven states, thirteen transitions, twelve guards, one page of truth.

A transition is written down before the work of its new state begins, so that whoever
finds the record after a crash knows what was under way. `docs/reference/states.md` is made of this file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "ARCHITECT_RETRIES",
    "GUARDS",
    "STATES",
    "STATE_NOTES",
    "TERMINAL",
    "TRANSITIONS",
    "Facts",
    "Pipeline",
]

STATE_NOTES: Mapping[str, str] = {
    "init": "the settings hold, the documents are read, the project is taken",
    "architect_running": "the architect works out services, domain model and contracts",
    "architect_review": "the design is on disk and is approved, by itself or by somebody",
    "contracts_registering": "the contracts are checked, and the consumers' expectations are made of them",
    "builders_running": "the services are built, several at a time",
    "builders_complete": "every builder has come to an end, and its result is written down",
    "integrating": "the system is started, until each of its services is ready",
    "quality_gate": "the four layers of the gate look at it",
    "fix_pass": "what blocks goes back to the builders of the services that it was found in",
    "complete": "the gate has passed",
    "failed": "the run can't go on by itself",
}
"""What happens in each state."""

STATES = tuple(STATE_NOTES)
TERMINAL = ("complete", "failed")

GUARDS: Mapping[str, str] = {
    "has_valid_prd": "the documents say something to build, and are still the ones that were read",
    "has_valid_config": "the settings were read and checked",
    "architect_outputs_exist": "service map, domain model and contracts are on disk",
    "review_approved": "nobody has to look at the design any more",
    "retries_remaining": "the architect may still try again",
    "contracts_valid": "each contract is there and is a document of its kind",
    "at_least_one_builder_succeeded": "there is a service to start",
    "integration_report_exists": "how the system runs is written down, or why none of it has to",
    "all_layers_passed": "nothing that the gate looked at blocks",
    "fix_retries_remaining": "the builders may still mend what blocks",
    "is_not_terminal": "the run is not at its end",
    "manual_retry_requested": "somebody runs the gate again, on the same documents",
}
"""What each guard asks; a transition happens where all of its guards say yes."""

TRANSITIONS: tuple[dict[str, Any], ...] = (
    {
        "trigger": "start_architect",
        "source": "init",
        "dest": "architect_running",
        "conditions": ["has_valid_prd", "has_valid_config"],
    },
    {
        "trigger": "architect_done",
        "source": "architect_running",
        "dest": "architect_review",
        "conditions": ["architect_outputs_exist"],
    },
    {
        "trigger": "approve_architecture",
        "source": "architect_review",
        "dest": "contracts_registering",
        "conditions": ["review_approved"],
    },
    {
        "trigger": "reject_architecture",
        "source": "architect_review",
        "dest": "architect_running",
        "conditions": ["retries_remaining"],
    },
    {
        "trigger": "contracts_ready",
        "source": "contracts_registering",
        "dest": "builders_running",
        "conditions": ["contracts_valid"],
    },
    {
        "trigger": "builders_done",
        "source": "builders_running",
        "dest": "builders_complete",
        "conditions": ["at_least_one_builder_succeeded"],
    },
    {"trigger": "start_integration", "source": "builders_complete", "dest": "integrating", "conditions": []},
    {
        "trigger": "integration_done",
        "source": "integrating",
        "dest": "quality_gate",
        "conditions": ["integration_report_exists"],
    },
    {"trigger": "quality_passed", "source": "quality_gate", "dest": "complete", "conditions": ["all_layers_passed"]},
    {
        "trigger": "quality_failed",
        "source": "quality_gate",
        "dest": "fix_pass",
        "conditions": ["fix_retries_remaining"],
    },
    {"trigger": "fix_done", "source": "fix_pass", "dest": "quality_gate", "conditions": []},
    {"trigger": "fail", "source": "*", "dest": "failed", "conditions": ["is_not_terminal"]},
    {
        "trigger": "retry_quality",
        "source": "failed",
        "dest": "quality_gate",
        "conditions": ["manual_retry_requested"],
    },
)


ARCHITECT_RETRIES = 2
"""How often the architect tries again after a rejection, in one run."""


@dataclass
class Facts:
    """What the guards ask about, each by its own name; what nobody says is not so."""

    has_valid_prd: bool = False
    has_valid_config: bool = False
    architect_outputs_exist: bool = False
    review_approved: bool = False
    retries_remaining: bool = False
    contracts_valid: bool = False
    at_least_one_builder_succeeded: bool = False
    integration_report_exists: bool = False
    all_layers_passed: bool = False
    fix_retries_remaining: bool = False
    manual_retry_requested: bool = False


@dataclass
class Pipeline:
    """The state of one run. `record(trigger, source, target)` is called before a new state's work begins."""

    state: str
    record: Callable[[str, str, str], None]
    facts: Facts = field(default_factory=Facts)

    def __post_init__(self) -> None:
        """Attach the `transitions` machine to this model."""
        from transitions import Machine  # only a run needs it

        self._machine = Machine(
            model=self,
            states=[{"name": name, "ignore_invalid_triggers": name in TERMINAL} for name in STATES],
            transitions=[{**row, "before": "_record"} for row in TRANSITIONS],
            initial=self.state,
            auto_transitions=False,
            send_event=True,
        )

    def fire(self, trigger: str) -> bool:
        """Make a transition; return whether its guards let it happen. Where a run has ended nothing does.

        Raises:
            transitions.MachineError: the trigger does not leave the present state, which is no end.
        """
        return bool(self.trigger(trigger))

    def may(self, trigger: str) -> bool:
        """Return whether `trigger` leaves the present state; what its guards say of the facts is for `fire`."""
        if trigger == "fail":
            return self.state not in TERMINAL
        return trigger in self._machine.get_triggers(self.state)

    def is_not_terminal(self, _event: Any) -> bool:
        """Answer the one guard that asks for the state itself."""
        return self.state not in TERMINAL

    def _record(self, event: Any) -> None:
        self.record(event.event.name, event.transition.source, event.transition.dest)

    def __getattr__(self, name: str) -> Any:
        """Answer a guard from the facts: a guard is the fact of its name."""
        if name.startswith("_") or not hasattr(Facts, name):
            raise AttributeError(name)
        return lambda _event: bool(getattr(self.facts, name))
