"""Taking over what an earlier session of the same owner runs, and having some of its services started again.

The order to the supervisor is a file beside the record that only the user can write. It holds no secret: who gives it
knows what the environments have to be, and the supervisor compares hashes.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from pytest_superteam.deployment.base import RestartError
from pytest_superteam.deployment.collector import EVENTS, MOST_BYTES, SPANS
from pytest_superteam.deployment.orders import fingerprint
from pytest_superteam.deployment.plan import COLLECTOR, Identity, Plan, make_plan
from pytest_superteam.deployment.records import ServiceState, load_deployment, read_record
from pytest_superteam.deployment.supervisor import GRACE_SECONDS, KILL_SECONDS, ORDER, alive, start_token, write_private
from pytest_superteam.deployment.waiting import NotReadyError, NotYetError, Wait

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from pytest_superteam.deployment.base import DeployRequest
    from pytest_superteam.deployment.records import ProcessRecord
    from pytest_superteam.models import BuildResult

__all__ = ["check_ours", "plan_again", "start_again"]

_ANSWER_SECONDS = GRACE_SECONDS + KILL_SECONDS + 30.0
"""How long the supervisor may take to stop services, empty their folders and start them."""


def check_ours(request: DeployRequest) -> ProcessRecord:
    """Return the record of what the owner of `request` has running in its folder.

    Raises:
        RestartError: nothing runs there, or it belongs to another process. Nothing was touched.
    """
    record = read_record(request.folder)
    if record is None or not record.live:
        raise RestartError("nothing of an earlier session runs any more.")
    if record.owner != (request.owner_pid, start_token(request.owner_pid)):
        raise RestartError(f"what runs there belongs to process {record.owner[0]} (run {record.run_id!r}).")
    return record


def plan_again(request: DeployRequest, builds: tuple[BuildResult, ...], record: ProcessRecord) -> Plan:
    """Return what runs already, as it would be planned today: the ports, the marker and the secret are those it has.

    Raises:
        RestartError: it is made of other services, or its secret is not known any more.
    """
    wanted, there = {build.service for build in builds}, record.services.keys() - {COLLECTOR}
    if wanted != there or COLLECTOR not in record.services:
        raise RestartError(f"what runs is made of {', '.join(sorted(there)) or 'nothing'}.")
    deployment = load_deployment(request.folder)
    if deployment is None or not deployment.jwt_secret:
        raise RestartError("how to reach what runs is not known any more.")
    ports = {name: state.port for name, state in record.services.items()}
    return make_plan(request, builds, Identity(ports, record.marker, deployment.jwt_secret))


def start_again(plan: Plan, services: Collection[str], record: ProcessRecord) -> tuple[str, ...]:
    """Have the supervisor start `services` of `plan` again, and what has ended by itself; return the names of all.

    Raises:
        RestartError: a name is none of the system's, or the supervisor could not do it; some may have been stopped.
    """
    unknown = sorted(set(services) - record.services.keys())
    if unknown:
        raise RestartError(f"{unknown[0]!r} is no part of what runs.")
    ended = {name for name, state in record.services.items() if not _runs(state)}
    full = {COLLECTOR} if _nearly_full(plan.telemetry) else set()
    names = tuple(sorted({*services, *ended, *full}))
    number = secrets.token_hex(8)
    order = {
        "id": number,
        "marker": plan.marker,
        "run_id": plan.run_id,
        "restart": names,
        "services": {s.name: {"argv": s.argv, "cwd": str(s.cwd), "env": fingerprint(s.env)} for s in plan.processes},
    }
    write_private(plan.folder / ORDER, json.dumps(order))
    _await_answer(plan, number)
    return names


def _await_answer(plan: Plan, number: str) -> None:
    def probe() -> str:
        record = read_record(plan.folder)
        if record is None or record.marker != plan.marker or not alive(*record.supervisor):
            raise RestartError("its supervisor is gone.")
        if record.answer[0] != number:
            raise NotYetError("it has not answered")
        return record.answer[1]

    try:
        wrong = Wait(_ANSWER_SECONDS).until("The supervisor of the services", probe)
    except NotReadyError as error:
        raise RestartError(str(error)) from None
    if wrong:
        raise RestartError(f"{wrong}.")


def _runs(state: ServiceState) -> bool:
    return state.exit is None and alive(state.pid, state.start)


def _nearly_full(folder: Path) -> bool:
    """Return whether the collector may have no room for another session: then an absent event would prove nothing."""
    files = (folder / name for name in (SPANS, EVENTS))
    return any(file.stat().st_size > MOST_BYTES // 2 for file in files if file.is_file())
