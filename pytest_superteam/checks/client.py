"""HTTP clients of the running services, signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from pytest_superteam.checks.callers.auth import no_authorities
from pytest_superteam.checks.callers.credentials import headers_for, query_for
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from pytest_superteam.models import Deployment

__all__ = ["ServiceClient", "open_client"]


class ServiceClient(httpx.Client):
    """An httpx client of one service that sends a bearer token; call it to get one of another service or role."""

    def __init__(self, deployment: Deployment, tokens: Mapping[str, str], timeout: float, **options: Any) -> None:
        """Use the services of `deployment`; `tokens` are by role, `timeout` is in seconds."""
        super().__init__(timeout=timeout, trust_env=False, verify=no_authorities(), **options)
        self._deployment, self._tokens, self._seconds = deployment, tokens, timeout
        self._opened: list[ServiceClient] = []

    def __call__(self, service: str, role: str | None = None) -> ServiceClient:
        """Return a client of `service` for a caller with `role`; it is closed with this one.

        Raises:
            CheckError: there is no such service or role.
        """
        opened = open_client(self._deployment, self._tokens, service, self._seconds, role=role)
        self._opened.append(opened)
        return opened

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request, once it is clear which service it is for."""
        if not request.url.host:
            names = ", ".join(sorted(running.name for running in self._deployment.services))
            raise CheckError(
                "client: which service? Mark the test with @pytest.mark.service(name=...), or call client(name). "
                f"Deployed are {names}."
            )
        return super().send(request, **options)

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Close this client and those that were made from it; httpx itself does not come by `close` here."""
        self._close_opened()
        super().__exit__(exc_type, exc_value, traceback)

    def close(self) -> None:
        """Close this client and those that were made from it."""
        self._close_opened()
        super().close()

    def _close_opened(self) -> None:
        for opened in self._opened:
            opened.close()


def open_client(
    deployment: Deployment, tokens: Mapping[str, str], service: str | None, timeout: float, *, role: str | None = None
) -> ServiceClient:
    """Return a client of `service` (of the only one where it is None), signed in with the token of `role`.

    Raises:
        CheckError: there is no such service or role.
    """
    names = sorted(running.name for running in deployment.services)
    if service is None and len(names) == 1:
        service = names[0]
    if service is not None and service not in names:
        raise CheckError(f"client: '{service}' is not deployed. Deployed are {', '.join(names)}.")
    wanted = "" if role is None else role
    if wanted not in tokens:
        known = ", ".join(sorted(name for name in tokens if name))
        raise CheckError(f"client: there is no role '{wanted}'. Known are {known}.")
    return ServiceClient(
        deployment,
        tokens,
        timeout,
        base_url=deployment.url(service) if service else "",
        headers=headers_for(tokens[wanted]),
        params=query_for(tokens[wanted]) or None,
    )
