"""A fix loop that a signal ends in the middle: nothing is left running, and the same command goes on with it."""

from __future__ import annotations

import signal
import time

import pytest
from loops import SEC, SOURCE

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_interrupted(project, number):
    """Whoever ends the loop in the middle finds it again with the same command; nothing is left running."""
    psutil = pytest.importorskip("psutil")
    project.script(catalog_service={"build": ["fault"], "fix": [["slow", "mend"]]})
    process = project.start(*SOURCE)
    deadline = time.monotonic() + 60
    while not project.mended("catalog-service") and time.monotonic() < deadline:
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    text, _ = process.communicate(timeout=60)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert (alive, process.returncode) == ([], 2 if number == signal.SIGTERM else -number), text
    assert "catalog-service is not mended: SIGTERM" in text  # a session is told when its driver is killed, too
    project.script(catalog_service={"build": ["fault"], "fix": [["mend"]]})
    ended = project.run(*SOURCE)
    assert ended.code == 0, ended.text
    assert project.attempts == [({"catalog-service": "changed"}, [SEC], [])]
