"""Other plugins that would do to the gate what is meant for tests: try again what failed, end what takes its time."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["marks", "register", "untimed"]

_TIMERS = "superteam_timers"


class Timers:
    """Knows which test pytest-timeout watches just now."""

    armed: tuple[pytest.Item, Any] | None = None

    @pytest.hookimpl(tryfirst=True, optionalhook=True)
    def pytest_timeout_set_timer(self, item: pytest.Item, settings: Any) -> None:
        """Note the test and what its timer is set to; the plugin sets it."""
        self.armed = (item, settings)

    @pytest.hookimpl(tryfirst=True, optionalhook=True)
    def pytest_timeout_cancel_timer(self) -> None:
        """Note that no test is watched."""
        self.armed = None


def _is_here(config: pytest.Config, name: str) -> bool:
    """Return whether a plugin is loaded, by its entry point or by `-p` with its module."""
    return config.pluginmanager.has_plugin(name) or config.pluginmanager.has_plugin(f"pytest_{name}")


def register(config: pytest.Config) -> None:
    """Watch the timers of pytest-timeout where it is loaded."""
    if _is_here(config, "timeout"):
        config.pluginmanager.register(Timers(), _TIMERS)


def marks(config: pytest.Config) -> list[pytest.MarkDecorator]:
    """Return the marks of gate items that keep other plugins off them.

    A check has time limits of its own, which `depth` and the settings say, and what it found is no flaky test: tried
    again, it would be told several times and cost as often.
    """
    found = []
    if _is_here(config, "timeout"):
        found.append(pytest.mark.timeout(0))
    if _is_here(config, "rerunfailures"):
        found.append(pytest.mark.flaky(reruns=0))
    return found


@contextlib.contextmanager
def untimed(config: pytest.Config) -> Iterator[None]:
    """Stop the timer of the test that happens to be the first to ask for a phase; it starts anew behind that."""
    timers: Timers | None = config.pluginmanager.get_plugin(_TIMERS)
    armed = timers.armed if timers is not None else None
    if armed is None:
        yield
        return
    item, settings = armed
    config.hook.pytest_timeout_cancel_timer(item=item)
    try:
        yield
    finally:
        config.hook.pytest_timeout_set_timer(item=item, settings=settings)
