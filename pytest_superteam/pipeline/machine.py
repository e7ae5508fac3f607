"""The run's state machine: eleven states, thirteen transitions, one page of truth.

A transition is written down before the work of its new state begins, so that whoever
finds the record after a crash knows what was under way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["STATES", "TERMINAL", "TRANSITIONS", "Facts", "Pipeline"]

STATES = (
    "init",
    "architect_running",
    "architect_review",
    "contracts_registering",
    "builders_running",
    "builders_complete",
    "integrating",
    "quality_gate",
    "fix_pass",
    "complete",
    "failed",
)
TERMINAL = ("complete", "failed")

TRANSITIONS: tuple[dict[str, Any], ...] = (
    {"trigger": "start_architect", "source": "init", "dest": "architect_running", "conditions": "has_valid_prd"},
    {
        "trigger": "architect_done",
        "source": "architect_running",
        "dest": "architect_review",
        "conditions": "has_design",
    },
    {"trigger": "approve_architecture", "source": "architect_review", "dest": "contracts_registering"},
    {
        "trigger": "reject_architecture",
        "source": "architect_review",
        "dest": "architect_running",
        "conditions": "architect_retries_left",
    },
    {
        "trigger": "contracts_ready",
        "source": "contracts_registering",
        "dest": "builders_running",
        "conditions": "contracts_valid",
    },
    {
        "trigger": "builders_done",
        "source": "builders_running",
        "dest": "builders_complete",
        "conditions": "a_builder_succeeded",
    },
    {"trigger": "start_integration", "source": "builders_complete", "dest": "integrating"},
    {"trigger": "integration_done", "source": "integrating", "dest": "quality_gate"},
    {"trigger": "quality_passed", "source": "quality_gate", "dest": "complete", "conditions": "gate_passed"},
    {"trigger": "quality_failed", "source": "quality_gate", "dest": "fix_pass", "conditions": "fix_attempts_left"},
    {"trigger": "fix_done", "source": "fix_pass", "dest": "quality_gate"},
    {
        "trigger": "fail",
        "source": [state for state in STATES if state not in TERMINAL],
        "dest": "failed",
    },
    {"trigger": "retry_quality", "source": "failed", "dest": "quality_gate", "conditions": "retry_requested"},
)


@dataclass
class Facts:
    """What the guards ask about."""

    has_valid_prd: bool = False
    has_design: bool = False
    contracts_valid: bool = False
    a_builder_succeeded: bool = False
    gate_passed: bool = False
    retry_requested: bool = False
    architect_retries_left: int = 2
    fix_attempts_left: int = 0


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
            states=list(STATES),
            transitions=[{**row, "before": "_record"} for row in TRANSITIONS],
            initial=self.state,
            auto_transitions=False,
            send_event=True,
        )

    def fire(self, trigger: str) -> bool:
        """Make a transition; return whether its guard let it happen.

        Raises:
            transitions.MachineError: the trigger does not leave the present state.
        """
        return bool(self.trigger(trigger))

    def may(self, trigger: str) -> bool:
        """Return whether `trigger` leaves the present state."""
        return trigger in self._machine.get_triggers(self.state)

    def _record(self, event: Any) -> None:
        self.record(event.event.name, event.transition.source, event.transition.dest)

    def __getattr__(self, name: str) -> Any:
        """Answer a guard from the facts: a guard is the fact of its name."""
        if name.startswith("_") or not hasattr(Facts, name):
            raise AttributeError(name)
        return lambda _event: bool(getattr(self.facts, name))
