"""A running system of two services that later sessions of its owner take over, and how tests look at it."""

import json
import sys
import threading
import time
import urllib.request
from dataclasses import replace

from pytest_superteam.deployment import restarting
from pytest_superteam.deployment.process import ProcessDeployer
from pytest_superteam.deployment.supervisor import ORDER

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def fetch(url):
    """Return the JSON that `url` answers."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as answer:
        return json.load(answer)


def eventually(condition, seconds=15.0):
    """Poll `condition` until it holds; return whether it did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def private(path, text):
    """Write a file as orders are written."""
    path.write_text(text)
    path.chmod(0o600)


class Sessions:
    """A system of two services, `one` and `two`, and later sessions of its owner."""

    def __init__(self, lab, making, monkeypatch):
        self.lab, self.making, self.monkeypatch = lab, making, monkeypatch
        self.builds = {name: lab.build(name) for name in ("one", "two")}
        self.said = []

    def write(self, name, extra):
        """Replace the source of a service; `extra` runs before it listens."""
        (self.builds[name].directory / "main.py").write_text(self.lab.server(extra), encoding="utf-8")

    def deploy(self, **changes):
        """Deploy both as the first session does."""
        return self.lab.deploy(*self.builds.values(), **changes)

    def request(self, **changes):
        """Return the request of a second session."""
        made = self.making.request(self.lab.root, *self.builds.values(), run_id="run-2", say=self.said.append)
        return replace(made, **changes)

    def restart(self, *services, **changes):
        """Restart as a second session does."""
        return ProcessDeployer().restart(self.request(**changes), services)

    def meanwhile(self, action):
        """Run `action` in a thread once the supervisor has taken the next order."""
        given = threading.Event()
        write = restarting.write_private

        def told(path, text):
            write(path, text)
            given.set()

        def run():
            given.wait(15)
            eventually(lambda: not (self.lab.folder / ORDER).exists())
            action()

        self.monkeypatch.setattr(restarting, "write_private", told)
        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def data(self, name):
        """Return a file in the data folder of a service."""
        return self.lab.folder / "data" / name / "service.db"
