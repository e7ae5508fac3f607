"""The ledger against a plain model of it, with any sequence of what sessions do."""

import itertools

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from pytest_superteam.config_entries.running import BudgetConfig, PhaseBudgets, ServiceConfig
from pytest_superteam.errors import BudgetError
from pytest_superteam.models import Usage, WorstCase
from pytest_superteam.pipeline.money.ledger import Ledger
from pytest_superteam.pipeline.money.prices import PriceBook

SHARED = {}
NUMBERS = itertools.count()
CENTS = st.integers(0, 500)
CAPS = {"total": 2000, "builders": 1200, "service": 700, "users": 300}
PHASES, SERVICES = ("builders", "fix"), ("orders", "users")


class Step:
    """What the model knows of a step; sums in cents."""

    def __init__(self, phase, service, worst):
        self.phase, self.service, self.worst = phase, service, worst
        self.usd, self.at_work, self.hidden, self.ours = 0, True, False, False

    def cut_off(self):
        """Count it as its worst case, or as what it has said, where that is more."""
        self.usd, self.at_work = max(self.worst, self.usd), False
        self.ours = self.usd > 0

    @property
    def counted(self):
        """Return what counts against the budgets."""
        if self.at_work:
            return max(self.worst, self.usd)
        return self.worst if self.hidden else self.usd


class Money(RuleBasedStateMachine):
    """Sessions of one lineage reserve, report, settle, release and crash."""

    steps = Bundle("steps")

    def __init__(self):
        super().__init__()
        self.store, self.heard, self.model, self.session = SHARED["store"], [], {}, 0
        self.marks = self.expected = 0
        self.run = self.begin_run("")
        self.ledger = self.opened()

    def begin_run(self, continues):
        """Write down a run."""
        run = f"money-{next(NUMBERS)}"
        self.store.start_run(run, prd="PRD.md", prd_sha256="0", continues=continues)
        return run

    def opened(self):
        """Open a ledger for a new session."""
        self.session += 1
        budget = BudgetConfig(total=20.0, phases=PhaseBudgets(builders=12.0), service=7.0)
        services = {"users": ServiceConfig(budget=3.0)}
        return Ledger(self.store, self.run, f"{self.run}-{self.session}", budget, services, PriceBook({}), self)

    def emit(self, kind, message, *, level="info", **_):
        """Count warnings of the whole run's budget."""
        if kind == "budget" and level == "warning" and " of budget is spent" in message:
            self.marks += 1

    def caps(self, phase, service):
        """Return (limit, the steps that count against it) of the budgets of a step."""
        every = self.model.values()
        yield CAPS["total"], list(every)
        if phase == "builders":
            yield CAPS["builders"], [step for step in every if step.phase == phase]
        yield CAPS["users" if service == "users" else "service"], [step for step in every if step.service == service]

    def spent(self):
        """Return what is spent of the whole budget, as warnings count it."""
        return sum(s.usd if s.at_work or not s.hidden else s.worst for s in self.model.values())

    def note_marks(self, before):
        """Count the warnings that a change must give."""
        level = [100 * (x >= 2000) or 80 * (x >= 1600) for x in (before, self.spent())]
        self.expected += level[1] > level[0]

    @rule(target=steps, phase=st.sampled_from(PHASES), service=st.sampled_from(SERVICES), worst=CENTS)
    def reserve(self, phase, service, worst):
        """A step is set aside if and only if every budget of its has room."""
        fits = all(sum(s.counted for s in of) + worst <= limit for limit, of in self.caps(phase, service)) or not worst
        asked = {"phase": phase, "service": service, "builder": "agent", "worst": WorstCase(worst / 100)}
        if not fits:
            with pytest.raises(BudgetError):
                self.ledger.reserve(**asked)
            return multiple()
        step = self.ledger.reserve(**asked)
        assert step not in self.model
        self.model[step] = Step(phase, service, worst)
        return step

    @rule(step=steps, usd=CENTS)
    def report(self, step, usd):
        """What a step has used never gets less; what is over takes no more."""
        before, known = self.spent(), self.model[step]
        self.ledger.report(step, Usage(usd / 100))
        if known.at_work:
            known.usd = max(known.usd, usd)
        self.note_marks(before)

    @rule(step=consumes(steps), usd=st.one_of(CENTS, st.none(), st.just("hidden")))
    def settle(self, step, usd):
        """A step that ends costs what it says, or its worst case where it was cut off, or nobody knows."""
        before, known = self.spent(), self.model[step]
        self.ledger.settle(step, None if usd is None else Usage(None if usd == "hidden" else usd / 100))
        if known.at_work:
            known.hidden = usd == "hidden" and not known.usd and known.worst > 0
            known.ours = not isinstance(usd, int) and known.worst + known.usd > 0
            known.at_work = False
            if usd is None:
                known.cut_off()
            elif usd != "hidden":
                known.usd = usd
            self.ledger.settle(step, None)
        elif isinstance(usd, int) and known.ours:
            known.usd, known.hidden, known.ours = usd, False, False
        self.note_marks(before)

    @rule(step=consumes(steps))
    def release(self, step):
        """A step that never started leaves nothing; one that has cost something counts at its worst."""
        before, known = self.spent(), self.model[step]
        self.ledger.release(step)
        if known.at_work and not known.usd:
            del self.model[step]
        elif known.at_work:
            known.cut_off()
        self.note_marks(before)

    @rule(new_run=st.booleans())
    def crash(self, new_run):
        """The next session settles what the dead one left, and goes on with its budget."""
        if new_run:
            self.run = self.begin_run(self.run)
        self.ledger = self.opened()
        before = self.spent()
        dead = {cost.id for cost in self.ledger.settle_dead()}
        assert dead == {number for number, step in self.model.items() if step.at_work}
        for number in dead:
            self.model[number].cut_off()
        self.note_marks(before)

    @invariant()
    def the_sums_are_those_of_the_model(self):
        """No cent is lost, none is counted twice, no budget warns twice."""
        total = self.ledger.total()
        assert round(total.usd * 100) == sum(step.usd for step in self.model.values())
        at_work = [step for step in self.model.values() if step.at_work]
        assert round(total.reserved * 100) == sum(max(0, step.worst - step.usd) for step in at_work)
        assert {cost.id for cost in self.ledger.costs()} == set(self.model)
        assert self.marks == self.expected


def test_any_sequence_keeps_the_books(store):
    """Budgets hold at each reservation, sums are right, across crashes and runs that continue one another."""
    SHARED["store"] = store
    checked = settings(max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Money, settings=checked)
