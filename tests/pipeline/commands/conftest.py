"""A project with a run in its database, as sessions write it, without any session."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pytest_superteam.config import load_config
from pytest_superteam.models import Usage, WorstCase
from pytest_superteam.pipeline.commands.inquiry import Inquiry
from pytest_superteam.pipeline.fleet.reviews import Reviews
from pytest_superteam.pipeline.money.ledger import Ledger
from pytest_superteam.pipeline.money.prices import PriceBook
from pytest_superteam.pipeline.state.attempts import Attempts
from pytest_superteam.pipeline.state.store import Store
from pytest_superteam.pipeline.watch.events import NoLog

if TYPE_CHECKING:
    from pathlib import Path

PRD = "# Shop\n\nREQ-001: everybody lists the items.\n"
WAY = (
    ("start_architect", "init", "architect_running"),
    ("architect_done", "architect_running", "architect_review"),
    ("approve_architecture", "architect_review", "contracts_registering"),
    ("contracts_ready", "contracts_registering", "builders_running"),
    ("builders_done", "builders_running", "builders_complete"),
    ("start_integration", "builders_complete", "integrating"),
    ("integration_done", "integrating", "quality_gate"),
    ("quality_passed", "quality_gate", "complete"),
)
NOBODY = 2**22 + 1
"""No process has this number: it is above what Linux gives out."""


OPENED = []
"""The databases that a test asked for; they are closed at its end."""


@pytest.fixture(autouse=True)
def closed():
    """Close what a test left open."""
    yield
    while OPENED:
        OPENED.pop().close()


@dataclass
class Project:
    """A project's folder and what is written into its database."""

    folder: Path
    run: str = "run1"
    session: str = "session1"

    @property
    def store(self):
        OPENED.append(Store(self.folder / ".superteam" / "state.db"))
        return OPENED[-1]

    @property
    def sha256(self):
        return hashlib.sha256((self.folder / "PRD.md").read_bytes()).hexdigest()

    def inquiry(self, **more):
        file = self.folder / "superteam.yaml"
        config = load_config(file if file.exists() else None, environment={}, options={})
        return Inquiry(self.folder, config, self.folder, **more)

    def begin(self, *, until="builders_running", pid=NOBODY, host="", kind="prd", sha256="", **more):
        """Write down a run that has got to a state, and a session of it that has no end."""
        store = self.store
        row = {"prd": self.folder / "PRD.md", "prd_sha256": sha256 or self.sha256, "kind": kind}
        store.start_run(self.run, **row, project=str(self.folder.resolve()), **more)
        store.start_session(self.session, run=self.run, pid=pid, host=host or platform.node())
        for trigger, source, target in WAY:
            if store.state(self.run) == until:
                break
            store.record_transition(self.run, trigger, source, target, self.session)
        return store

    def ledger(self, store, session=""):
        config = self.inquiry().config
        prices = PriceBook(config.prices)
        return Ledger(store, self.run, session or self.session, config.budget, config.services, prices, NoLog())

    def attempt(self, store, service, *, status="", usd=None, number=1, **more):
        """Write down a try of an agent at a service; without a status it is under way."""
        ledger = self.ledger(store)
        step = ledger.reserve(phase="builders", service=service, builder="agent", worst=WorstCase(2.0, "model-1"))
        attempts = Attempts(store, self.run, self.session)
        made = attempts.start(phase="builders", service=service, number=number, builder="agent", model="model-1")
        if status:
            attempts.end(made, status, **more)
            ledger.settle(step, Usage(usd=usd, model="model-1") if usd is not None else None)
        return made

    def review(self, store, service, reason):
        Reviews(store, self.run, self.session).add(service, "same_error", reason, {})


@pytest.fixture
def shop(tmp_path):
    """Return a project with a PRD and no run."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "PRD.md").write_text(PRD, encoding="utf-8")
    return Project(folder)
