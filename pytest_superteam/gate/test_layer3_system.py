"""Layer 3: the source has none of the known weaknesses, one item for each service and code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.gate.collection import parametrize_layer

if TYPE_CHECKING:
    import pytest

    from pytest_superteam.gate.verdict import Verdict


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make an item of each check of this layer."""
    parametrize_layer(metafunc, layer=3)


def test_scan(verdict: Verdict) -> None:
    """Nothing of one code is found in the source of a service."""
    verdict.enforce()
