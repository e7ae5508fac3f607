"""The phases of a run as session fixtures, and what a project's own tests take from them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.errors import GateError
from pytest_superteam.gate.neighbours import untimed
from pytest_superteam.gate.session import gate_of
from pytest_superteam.gate.verdict import Verdict
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.architect.document.prd import Prd
    from pytest_superteam.checks.client import ServiceClient
    from pytest_superteam.models import Architecture, BuildResult, Deployment
    from pytest_superteam.pipeline.items import GateItem
    from pytest_superteam.pipeline.run import Run


class ServiceUrl:
    """Call it with a service's name to get that service's base URL."""

    def __init__(self, deployment: Deployment) -> None:
        """Answer for the services of `deployment`."""
        self._deployment = deployment

    def __call__(self, service: str) -> str:
        """Return the base URL of `service`, without a trailing slash."""
        names = sorted(running.name for running in self._deployment.services)
        if service not in names:
            pytest.fail(f"service_url: '{service}' is not deployed. Deployed are {', '.join(names)}.", pytrace=False)
        return self._deployment.url(service)


@pytest.fixture(scope="session")
def superteam_run(pytestconfig: pytest.Config) -> Run:
    """Return the run that this session belongs to."""
    return gate_of(pytestconfig).run


@pytest.fixture(scope="session")
def prd(superteam_run: Run) -> Prd:
    """Return the requirements document."""
    return superteam_run.prd


@pytest.fixture(scope="session")
def architecture(superteam_run: Run) -> Architecture:
    """Return what the architect made of the PRD."""
    return superteam_run.architecture


@pytest.fixture(scope="session")
def contracts(superteam_run: Run) -> Mapping[str, Mapping[str, Any]]:
    """Return the OpenAPI documents by service."""
    return superteam_run.architecture.contracts


@pytest.fixture(scope="session")
def builds(pytestconfig: pytest.Config, superteam_run: Run) -> dict[str, BuildResult]:
    """Return the built services by name; builds what is not built."""
    try:
        with untimed(pytestconfig):
            return superteam_run.builds()
    except GateError as error:
        raise pytest.fail.Exception(mask(str(error)), pytrace=False) from None


@pytest.fixture(scope="session")
def deployment(pytestconfig: pytest.Config, superteam_run: Run) -> Deployment:
    """Return the running system; starts it if it does not run yet."""
    try:
        with untimed(pytestconfig):
            return superteam_run.deployment()
    except GateError as error:
        raise pytest.fail.Exception(mask(str(error)), pytrace=False) from None


@pytest.fixture(scope="session")
def service_url(deployment: Deployment) -> ServiceUrl:
    """Return a function from a service's name to its base URL."""
    return ServiceUrl(deployment)


@pytest.fixture
def client(request: pytest.FixtureRequest, superteam_run: Run) -> Iterator[ServiceClient]:
    """Return an authenticated httpx client of one service.

    The service is the one that the test is marked with (`@pytest.mark.service(name="order-service")`), or the only one
    there is. `client("order-service", role="admin")` gives a client of another service or another caller. Where
    another plugin has a `client`, as pytest-django has, a test without that mark gets the other one.
    """
    from pytest_superteam.checks.client import open_client  # httpx, only for tests that call

    marker = request.node.get_closest_marker("service")
    other = _other_client(request) if marker is None else None
    if other is not None:
        yield other
        return
    chosen = (marker.kwargs.get("name") or next(iter(marker.args), None)) if marker else None
    deployment = request.getfixturevalue("deployment")
    superteam_run.memory["auth_token"] = partial(_auth_token, request)
    try:
        opened = open_client(deployment, superteam_run.system().tokens, chosen, superteam_run.config.timeouts.request)
    except GateError as error:
        raise pytest.fail.Exception(mask(str(error)), pytrace=False) from None
    with opened:
        yield opened


def _other_client(request: pytest.FixtureRequest) -> Any:
    """Return what another plugin's fixture `client` gives, None where there is no other."""
    try:
        return request.getfixturevalue("client")
    except pytest.FixtureLookupError as error:
        if error.argname != "client":
            raise
        return None


CALLING = 2
"""The layer whose checks call the running system, and need to be let in."""


def _auth_token(request: pytest.FixtureRequest) -> Any:
    """Return what the project's fixture `auth_token` gives, None where it has none; asked when a check calls first."""
    try:
        return request.getfixturevalue("auth_token")
    except pytest.FixtureLookupError as error:
        if error.argname != "auth_token":
            raise
        return None


@pytest.fixture
def verdict(request: pytest.FixtureRequest) -> Verdict:
    """Return what the check of the gate item found that a packaged test is about (the parameter).

    What could not be checked is an error of the item's setup. One fixture and not two: there are thousands of items.
    """
    gate_item: GateItem = request.param
    gate = gate_of(request.config)
    if gate_item.layer == CALLING:
        gate.run.memory["auth_token"] = partial(_auth_token, request)
    try:
        result = gate.evaluation.evaluate(gate_item)
    except GateError as error:
        raise pytest.fail.Exception(mask(str(error)), pytrace=False) from None
    if result.error:
        pytest.fail(mask(result.error), pytrace=False)
    if result.skipped:
        pytest.skip(mask(result.skipped))
    folder_of = partial(gate.folder_seen, request.config.invocation_params.dir)
    verdict = Verdict(gate_item, result, gate.run.config.gate.blocking_severity, folder_of)
    for violation in result.violations:
        request.node.user_properties.append(("violation", f"{violation.code} {verdict.place(violation)}".strip()))
    return verdict
