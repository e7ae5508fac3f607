"""Layer 2: the running system keeps its contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.gate.collection import parametrize_layer

if TYPE_CHECKING:
    import pytest

    from pytest_superteam.gate.verdict import Verdict


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make an item of each check of this layer."""
    parametrize_layer(metafunc, layer=2)


def test_conformance(verdict: Verdict) -> None:
    """The running operation answers valid and invalid requests as its contract says."""
    verdict.enforce()


def test_pact(verdict: Verdict) -> None:
    """The running provider answers its consumer as the consumer expects."""
    verdict.enforce()


def test_check(verdict: Verdict) -> None:
    """The running service passes a check of the project."""
    verdict.enforce()
