"""A project and what sessions do to its memory."""

import platform
from pathlib import Path

HERE = platform.node()


class Project:
    """A project and what a session does to its memory, in short."""

    def __init__(self, store, name="/home/somebody/shop"):
        self.store, self.name = store, name

    def run(self, run="r1", *, kind="prd", sha="a", **more):
        self.store.start_run(run, prd=Path("PRD.md"), prd_sha256=sha * 64, kind=kind, project=self.name, **more)
        return run

    def session(self, session, run="r1", *, pid=1, host=HERE):
        self.store.start_session(session, run=run, pid=pid, host=host)
        return session

    def go(self, run, *states, session=""):
        """Bring a run through states, by triggers that do not matter here."""
        for state in states:
            self.store.record_transition(run, f"to_{state}", self.store.state(run), state, session)
