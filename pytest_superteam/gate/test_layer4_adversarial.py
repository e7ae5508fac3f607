"""Layer 4: what an adversary would point at; advisory, never blocking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.gate.collection import parametrize_layer

if TYPE_CHECKING:
    import pytest

    from pytest_superteam.gate.verdict import Verdict


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make an item of each check of this layer."""
    parametrize_layer(metafunc, layer=4)


def test_review(verdict: Verdict) -> None:
    """Nothing of one code is found in a service or in the system."""
    verdict.enforce()
