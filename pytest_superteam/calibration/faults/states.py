"""States: which moves are legal, where a row starts, what happens to two callers at once."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.calibration.fault import fault
from pytest_superteam.calibration.source import Change, Handler, Module, Source, calls, dotted, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.models import StateMachine


def _moves(service: Source) -> Iterator[tuple[Module, ast.Dict, StateMachine]]:
    """Yield the tables of moves with the state machine that each is of."""
    for module in service.modules.values():
        handler = next((h for h in service.operations("transition") if h.module is module), None)
        entity = handler.operation.entity if handler and handler.operation else None
        known = service.architecture.entity_named(entity) if entity else None
        for node in module.tree.body:
            table = node.value if isinstance(node, ast.AnnAssign) and dotted(node.target) == "_MOVES" else None
            if isinstance(table, ast.Dict) and known and known.states:
                yield module, table, known.states


@fault("illegal-transition-accepted", "a move is made that the states do not allow", 2)
def illegal_transition_accepted(service: Source) -> Iterator[Change]:
    """Add a move from a state where it is not legal."""
    for module, moves, machine in _moves(service):
        targets = {h.operation.target_state for h in service.operations("transition") if h.operation}
        legal = {(move.source, move.target) for move in machine.transitions}
        for source in machine.states:
            for target in sorted(targets - {None, source} - {t for s, t in legal if s == source}, key=str):
                first = moves.keys[0]
                if first is not None:
                    text = f"({source!r}, {target!r}): frozenset(),\n    {module.source(first)}"
                    what = f"a move from '{source}' to '{target}' is made"
                    yield service.change(module, first, what, module.to(first, text), operation=_mover(service, target))


def _mover(service: Source, target: str | None) -> str:
    return next(
        (h.id for h in service.operations("transition") if h.operation and h.operation.target_state == target), ""
    )


@fault("legal-transition-refused", "a move is refused that the states allow", 2)
def legal_transition_refused(service: Source) -> Iterator[Change]:
    """Take a move out of those that are made."""
    for module, moves, machine in _moves(service):
        for key in moves.keys:
            if key is not None and len(moves.keys) > 1:
                source, target = ast.literal_eval(key)
                edit = module.to(key, f"({source!r}, {target + '-never'!r})")
                what = f"the move from '{source}' to '{target}' is refused"
                if any(move.source == source and move.target == target for move in machine.transitions):
                    yield service.change(module, key, what, edit, operation=_mover(service, target))


@fault("wrong-initial-state", "a row starts in another state", 2)
def wrong_initial_state(service: Source) -> Iterator[Change]:
    """Create rows in a state that is not the first."""
    for handler in service.operations("create"):
        entity = service.architecture.entity_named(handler.operation.entity or "") if handler.operation else None
        machine = entity.states if entity else None
        for call in calls(handler.function, handler.answer_class) if machine else ():
            state = keyword(call, machine.field) if machine else None
            others = [name for name in machine.states if name != machine.initial] if machine else []
            if state and isinstance(state.value, ast.Constant) and others:
                edit = handler.module.to(state.value, repr(others[0]))
                yield service.at(handler, state, f"starts in '{others[0]}'", edit)


@fault("transition-not-stored", "a move is confirmed and not made", 2)
def transition_not_stored(service: Source) -> Iterator[Change]:
    """Answer with the new state and keep the old one."""
    for handler, statement, answer in _transitions(service):
        machine = _machine(service, handler)
        call = statement.value
        if machine and isinstance(call, ast.Call):
            target = handler.module.source(call.args[2])
            line = f"row.{machine.field} = {target}"
            edits = (
                handler.module.after(statement, "session.expunge(row)", line),
                handler.module.after(answer, "session.rollback()"),
            )
            if not any(calls(handler.function, "publish")):
                yield service.at(handler, statement, "makes no move", edits[0], edits[1])


def _transitions(service: Source) -> Iterator[tuple[Handler, ast.Expr, ast.Assign]]:
    """Yield the handlers of moves, with the statements that make the move and the answer."""
    for handler in service.operations("transition"):
        for block in ast.walk(handler.function):
            if isinstance(block, ast.With):
                moves = [s for s in block.body if isinstance(s, ast.Expr) and any(calls(s, "_move"))]
                answers = [s for s in block.body if isinstance(s, ast.Assign) and dotted(s.targets[0]) == "answer"]
                if moves and answers:
                    yield handler, moves[0], answers[0]


def _machine(service: Source, handler: Handler) -> StateMachine | None:
    entity = service.architecture.entity_named(handler.operation.entity or "") if handler.operation else None
    return entity.states if entity else None


@fault("lost-update", "two callers at once both make a move that only one may make", 4)
def lost_update(service: Source) -> Iterator[Change]:
    """Read the state in a transaction of its own, and write without looking again."""
    for handler, _, _ in _transitions(service):
        machine, module = _machine(service, handler), handler.module
        block = next(node for node in handler.body if isinstance(node, ast.With))
        guard = _guard(module)
        found = next((node for node in block.body if isinstance(node, ast.Assign) and any(calls(node, "find"))), None)
        if machine and guard and found:
            query, what = next(calls(found, "find")).args[1:3]
            read = f"queries.find(session, {module.source(query)}, {module.source(what)})"
            edits = (
                module.before(block, "with reading() as session:", f"    state = {read}.{machine.field}"),
                module.after(found, f'set_committed_value(row, "{machine.field}", state)'),
                module.to(guard, f"({module.source(guard.elts[0])},)"),
                module.importing("from app.database import reading"),
                module.importing("from sqlalchemy.orm.attributes import set_committed_value"),
            )
            yield service.at(handler, block, "reads the state before its transaction", *edits)


def _guard(module: Module) -> ast.Tuple | None:
    """Return the conditions under which a move is written: the row, and its state as it was read."""
    for node in module.tree.body:
        for inner in ast.walk(node) if isinstance(node, ast.FunctionDef) and node.name == "_move" else ():
            if (
                isinstance(inner, ast.Tuple)
                and inner.elts
                and all(isinstance(part, ast.Compare) for part in inner.elts)
            ):
                return inner
    return None
