"""Who calls an operation of a system that was found: nobody's access is to end for what the gate tries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.callers.accounts import PASSWORDS, sign_up
from pytest_superteam.checks.callers.auth import NoTokenError, token_for
from pytest_superteam.checks.seeding import key_names, parameter_entities
from pytest_superteam.contracts.adopted.reading import properties
from pytest_superteam.contracts.plans import snake

if TYPE_CHECKING:
    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.models import Operation

__all__ = ["caller_of", "ends_access"]

_OWN = frozenset({"me", "self", "account", "profile"})
"""Ends of paths that stand for the caller's own account."""
_HARMLESS = frozenset({"login", "register", "create", "list", "read", "me"})


def ends_access(system: RunningSystem, operation: Operation) -> bool:
    """Return whether a call may end the caller's access: it logs out, sets a password, or changes its account."""
    own = operation.path.rstrip("/").rpartition("/")[2].lower() in _OWN
    if operation.kind in {"logout", "update_me"} or (operation.method == "DELETE" and own):
        return True
    if operation.public or operation.kind in _HARMLESS:
        return False
    contract = system.registry.find(operation.service, operation.id)
    taken = properties(contract.document, contract.request_schema or {})
    return any(snake(name) in PASSWORDS for name in taken)


def caller_of(system: RunningSystem, operation: Operation) -> tuple[str | None, dict[str, list[str]], str]:
    """Return the token to call an operation of a found system with, rows of that caller, and what is lacking.

    An operation that may end its caller's access gets a caller of its own, with the keys of its account by path
    parameter. Where there is no token of a role that may call it, any other's is tried; the text says so.

    Raises:
        CheckError: the contracts' registration or login does not work.
    """
    tokens = system.tokens
    if ends_access(system, operation) and not operation.roles:
        account = sign_up(system.architecture, system.deployment)
        if account is not None:
            return account["token"], _own_keys(system, operation, account), ""
    try:
        return token_for(tokens, operation), {}, ""
    except NoTokenError as error:
        return next(iter(tokens.values()), None), {}, str(error).rstrip(".")


def _own_keys(system: RunningSystem, operation: Operation, account: dict[str, str]) -> dict[str, list[str]]:
    """Return the keys of an account by those path parameters that name a row of its kind."""
    users = {o.entity for o in system.architecture.operations if o.kind == "register"}
    found: dict[str, list[str]] = {}
    for name, target in parameter_entities(system.architecture, operation).items():
        entity = system.architecture.entity_named(target)
        if target in users and entity is not None:
            known = [account[key] for key in key_names(system.architecture, entity) if key in account]
            found |= {name: known[:1]} if known else {}
    return found
