"""The life of a plain row: created, read, listed, filtered, paged, changed, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.boundary.seen import flat
from pytest_superteam.checks.flows.design import ANYBODY
from pytest_superteam.checks.flows.listed import find_in_list, try_filters
from pytest_superteam.checks.flows.paging import try_pages
from pytest_superteam.checks.flows.refusals import ABSENT, CONFLICT, expect_refusal
from pytest_superteam.checks.flows.story import LAWFUL, OutOfReachError
from pytest_superteam.checks.flows.values import differences, same
from pytest_superteam.checks.flows.wording import named, with_article
from pytest_superteam.checks.flows.world import NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.exchanges import Answer
    from pytest_superteam.checks.flows.world import Row, World
    from pytest_superteam.models import Entity, Operation

__all__ = ["answered_fields", "create_row", "crud", "duplicate", "tell_differences", "unknown_reference"]

_KEPT = ("id", "created_at")
"""Fields that no change may touch."""


def crud(world: World, entity: Entity) -> None:
    """Walk through the life of a row, as far as there are operations for it."""
    row = create_row(world, entity)
    _referred_rows(world, row)
    read_back(world, row, "read it back")
    find_in_list(world, row)
    try_filters(world, row)
    try_pages(world, row)
    update_row(world, row)
    delete_row(world, row)


def create_row(world: World, entity: Entity, title: str = "", *, whole: bool = True) -> Row:
    """Create the row that a flow is about, in its first state; with `whole`, see that it is answered as it was sent.

    Raises:
        BrokenFlowError: the service refused a valid body or answered no id; without `whole`, the state is another.
    """
    row, answer = world.create(entity, title or f"create {with_article(entity.name)}")
    operation = world.creator(entity)
    if row is None:
        problem = "no id" if answer.ok else f"{answer.status} to a valid body"
        if not answer.ok and world.system.found:
            raise OutOfReachError(f"{named(operation)} of {entity.service} answered {answer.status} to a valid body")
        raise world.story.broken(
            LAWFUL,
            f"{named(operation)} of {entity.service} answered {problem}. Create it as the contract says.",
            service=entity.service,
        )
    if whole:
        tell_differences(world, operation, answer, row.sent, row.got)
    machine = entity.states
    state = row.got.get(machine.field) if machine else None
    if machine is not None and state is not None and state != machine.initial and machine.field not in row.sent:
        message = (
            f"{named(operation)} of {entity.service} made {with_article(entity.name)} with {machine.field} {state!r}. "
            f"Begin with {machine.initial!r}."
        )
        if not whole:
            raise world.story.broken(LAWFUL, message, service=entity.service)
        world.story.wrong(LAWFUL, message, service=entity.service)
    return row


def answered_fields(world: World, operation: Operation, status: int) -> frozenset[str]:
    """Return the properties that the contract promises in an answer."""
    contract = world.contract(operation)
    schema = contract.response_schema(status) or contract.response_schema(contract.success)
    return frozenset(flat(schema, contract.document).get("properties") or ())


def tell_differences(
    world: World, operation: Operation, answer: Answer, sent: Mapping[str, Any], got: Any, what: str = "as it was sent"
) -> None:
    """Tell which of the fields that were `sent` and that the contract promises an answer does not have `what`."""
    names = sorted(answered_fields(world, operation, answer.status) & set(sent))
    wrong = differences(sent, got, names)
    if wrong:
        world.story.wrong(
            LAWFUL,
            f"{named(operation)} of {operation.service} did not answer the row {what}: {'; '.join(wrong[:3])}. "
            "Store and answer each field.",
            service=operation.service,
        )


def _referred_rows(world: World, row: Row) -> None:
    """Read each row of another service that the new one refers to back from there."""
    for name, target in world.design.references(row.entity).items():
        other = world.design.named(target)
        if other is None or name not in row.sent or other.service == row.entity.service or target not in row.related:
            continue
        read = world.design.operation(other, "read")
        if read is None or other.name == world.design.account:
            continue
        asked = {n: str(row.sent[name]) for n, t in world.design.parameters(read).items() if t == target}
        answer = world.call(
            f"read the {target} that {name} names", read, role=world.design.role(read) or ANYBODY, paths=asked
        )
        got = answer.json()
        if not answer.ok or not isinstance(got, dict) or not same(str(row.sent[name]), str(got.get("id"))):
            world.story.wrong(
                LAWFUL,
                f"{row.entity.name}.{name} names a {target} that {named(read)} of {other.service} does not answer "
                f"({answer.status}). Keep the row that others refer to.",
                service=other.service,
            )


def read_back(
    world: World, row: Row, title: str, expected: Mapping[str, Any] | None = None
) -> Mapping[str, Any] | None:
    """Read a row; tell where it is not as it was answered before and as `expected`. None without a read."""
    read = world.design.operation(row.entity, "read")
    if read is None:
        return None
    answer = world.call(title, read, role=world.design.role(read) or ANYBODY, row=row)
    got = answer.json()
    if not answer.ok or not isinstance(got, dict):
        world.story.wrong(
            LAWFUL,
            f"{named(read)} of {read.service} answered {answer.status} for {with_article(row.entity.name)} that was "
            "created just before. Answer the row.",
        )
        return None
    sent = {**{k: v for k, v in row.sent.items() if k in row.got}, **{k: row.got[k] for k in _KEPT if k in row.got}}
    tell_differences(world, read, answer, {**sent, **(expected or {})}, got, "as it is stored")
    return got


# ---------------------------------------------------------------- change and end


def update_row(world: World, row: Row, kinds: tuple[str, ...] = ("update", "replace")) -> None:
    """Change every field that may change, and see that the changes are stored and the rest is as before."""
    operation = world.design.operation(row.entity, *kinds)
    if operation is None:
        return
    body, _ = world.body(row.entity, operation, kept=row)
    if not isinstance(body, dict) or not body:
        return
    body |= {row.key: row.id} if row.key in body and world.system.found else {}  # its name is to stay
    answer = world.call("change it", operation, role=world.design.role(operation) or ANYBODY, row=row, body=body)
    if not answer.ok:
        world.story.wrong(
            LAWFUL,
            f"{named(operation)} of {operation.service} answered {answer.status} to a valid change of a "
            f"{row.entity.name}. Accept it.",
        )
        return
    row.sent |= body
    got = answer.json()
    if isinstance(got, dict):
        tell_differences(world, operation, answer, body, got, "as it was changed")
    machine = row.entity.states
    state = {machine.field: row.got[machine.field]} if machine and machine.field in row.got else {}
    read_back(world, row, "read the change back", {**row.sent, **state})


def delete_row(world: World, row: Row) -> None:
    """Delete the row, and see that it is gone: not read, not deleted twice, not listed."""
    operation = world.design.operation(row.entity, "delete")
    if operation is None:
        return
    role = world.design.role(operation) or ANYBODY
    answer = world.call("delete it", operation, role=role, row=row)
    if not answer.ok:
        world.story.wrong(
            LAWFUL,
            f"{named(operation)} of {operation.service} answered {answer.status} for {with_article(row.entity.name)} "
            "that nothing refers to. Delete it.",
        )
        return
    read = world.design.operation(row.entity, "read")
    if read is not None and 404 in world.design.documented(read):
        again = world.call("read what is deleted", read, role=world.design.role(read) or ANYBODY, row=row)
        expect_refusal(world, read, again, ABSENT, f"the reading of {with_article(row.entity.name)} that is deleted")
    if world.design.documented(operation) & {*ABSENT, 409}:
        again = world.call("delete it again", operation, role=role, row=row)
        expect_refusal(
            world, operation, again, (*ABSENT, 409), f"the deletion of {with_article(row.entity.name)} that is deleted"
        )
    find_in_list(world, row, there=False)


def unknown_reference(world: World, entity: Entity, name: str) -> None:
    """Create a row that refers to nothing: it has to be refused."""
    operation = world.creator(entity)
    row, answer = world.create(entity, f"create {with_article(entity.name)} whose {name} no row has", {name: NOBODY})
    del row
    expect_refusal(
        world, operation, answer, CONFLICT, f"{with_article(entity.name)} whose {name} refers to nothing that exists"
    )


def duplicate(world: World, entity: Entity) -> None:
    """Create two rows with one value in a unique field: the second has to be refused."""
    operation = world.creator(entity)
    row = create_row(world, entity, whole=False)
    for name in world.design.unique(entity, operation):
        if row.sent.get(name) is None:
            continue
        _, answer = world.create(entity, f"create another with the same {name}", {name: row.sent[name]})
        what = f"a second {entity.name} with the same {name}, which is unique"
        expect_refusal(world, operation, answer, (409, 422, 400), what)
