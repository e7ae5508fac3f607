"""Layer 1: each service builds, passes its own tests and holds what was asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.gate.collection import parametrize_layer

if TYPE_CHECKING:
    import pytest

    from pytest_superteam.gate.verdict import Verdict


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make an item of each check of this layer."""
    parametrize_layer(metafunc, layer=1)


def test_builds(verdict: Verdict) -> None:
    """The builder left a service that can be read and started."""
    verdict.enforce()


def test_own_tests(verdict: Verdict) -> None:
    """Enough of the tests that came with the service pass."""
    verdict.enforce()


def test_converges(verdict: Verdict) -> None:
    """Enough of the contracted operations and requirements are there."""
    verdict.enforce()
