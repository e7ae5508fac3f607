"""Deploying a system again after some of its services have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.deployment.base import Restarter, RestartError

if TYPE_CHECKING:
    from collections.abc import Collection

    from pytest_superteam.deployment.base import Deployer, DeployRequest
    from pytest_superteam.models import Deployment

__all__ = ["deploy_again"]


def deploy_again(deployer: Deployer, request: DeployRequest, services: Collection[str]) -> Deployment:
    """Return the running system of `request`, of which only `services` have changed since it was deployed.

    What did not change goes on running where the deployer can do that; otherwise everything is started anew.

    Raises:
        DeploymentError: a service did not come up. Nothing is left running.
    """
    if isinstance(deployer, Restarter):
        try:
            return deployer.restart(request, services)
        except RestartError as error:  # what was ours is down
            request.say(f"everything is started anew: {error}")
    else:
        deployer.teardown(request.folder)
    return deployer.deploy(request)
