"""Layer 2: the running system keeps its contracts, service by service and across services."""

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


def test_sequences(verdict: Verdict) -> None:
    """The running service keeps its contract over sequences of calls that use each other's answers."""
    verdict.enforce()


def test_breaking(verdict: Verdict) -> None:
    """The contract breaks none of the consumers that its last version had."""
    verdict.enforce()


def test_authorization(verdict: Verdict) -> None:
    """The running service lets callers do what they may, and nobody anything else."""
    verdict.enforce()


def test_exposure(verdict: Verdict) -> None:
    """The running service takes and tells no more than its contract says."""
    verdict.enforce()


def test_pact(verdict: Verdict) -> None:
    """The running provider answers its consumer as the consumer expects."""
    verdict.enforce()


def test_boundary(verdict: Verdict) -> None:
    """What a provider really answers has the form that its consumers read."""
    verdict.enforce()


def test_flow(verdict: Verdict) -> None:
    """A sequence of steps across services ends as the requirements say."""
    verdict.enforce()


def test_trace(verdict: Verdict) -> None:
    """A request keeps its trace over the services that it passes."""
    verdict.enforce()


def test_event(verdict: Verdict) -> None:
    """An event is published as its contract says, arrives, and a malformed one does no harm."""
    verdict.enforce()


def test_gateway(verdict: Verdict) -> None:
    """Nothing of the service is reachable around the gateway."""
    verdict.enforce()


def test_check(verdict: Verdict) -> None:
    """The running service passes a check of the project."""
    verdict.enforce()
