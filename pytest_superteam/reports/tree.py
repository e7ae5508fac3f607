"""What the architect understood, as a tree of lines: for the author of the requirements to correct them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_superteam.models import (
        Architecture,
        Component,
        Entity,
        Event,
        Field,
        Operation,
        Requirement,
        Service,
        Socket,
        Source,
    )

__all__ = ["brief", "tree"]

LISTED = 40
"""Entries of a list that are shown unless more is asked for; services, entities and operations are always shown."""
_WIDTH = 240
_PACKED = 100
"""Characters of a line of fields."""
_LINE = re.compile(r"\bline (\d{1,8})(?=[),;])")
"""How the texts of the architect name a line of the document."""
_STANDARD = ("id", "created_at", "updated_at")
_KINDS = {
    "module": "module of a service",
    "frontend": "front end",
    "infrastructure": "infrastructure",
    "external": "somebody else's system",
    "library": "library",
}


@dataclass
class _Node:
    text: str
    children: list[_Node] = field(default_factory=list)


def tree(
    system: Architecture,
    *,
    place: Callable[[int], str] = "line {}".format,
    secrets: Sequence[int] = (),
    notes: Sequence[str] = (),
    everything: bool = False,
    ascii_only: bool = False,
) -> list[str]:
    """Return what is in a design and what it rests on: lines that are masked and steer no terminal.

    Args:
        system: the design.
        place: what to call a line of the document, such as `orders.md:12`.
        secrets: lines of the document that hold a secret.
        notes: what else the author should know, such as that a file was edited by hand.
        everything: leave nothing out of long lists, and give each field and each derived operation its own line.
        ascii_only: draw with ASCII characters only.
    """
    painter = _Painter(system, place, None if everything else LISTED)
    root = _Node(f"{_shown(system.title)}: {_counts(system)}")
    root.children = [*(_Node(_shown(note)) for note in notes), *painter.branches(secrets)]
    lines = [root.text]
    _draw(root.children, "", lines, _ASCII if ascii_only else _LINES)
    return [line.encode("ascii", "backslashreplace").decode("ascii") for line in lines] if ascii_only else lines


def brief(system: Architecture, *, secrets: Sequence[int] = (), notes: Sequence[str] = ()) -> list[str]:
    """Return the same in a few lines: how much there is, and how much the document leaves open."""
    doubts = [
        plural(len(found), noun)
        for found, noun in (
            (system.questions, "question"),
            (system.contradictions, "contradiction"),
            (system.ignored, "ignored piece"),
        )
        if found
    ]
    said = [f"the PRD leaves {', '.join(doubts)}"] * bool(doubts)
    said += [f"the PRD holds {plural(len(secrets), 'secret')}; take them out"] * bool(secrets)
    return [f"{_shown(system.title)}: {_counts(system)}", *said, *(_shown(note) for note in notes)]


_LINES = ("├── ", "│   ", "└── ", "    ")
_ASCII = ("|-- ", "|   ", "`-- ", "    ")


def _draw(nodes: Sequence[_Node], indent: str, lines: list[str], signs: tuple[str, ...]) -> None:
    branch, trunk, last, blank = signs
    for index, node in enumerate(nodes):
        final = index == len(nodes) - 1
        lines.append(f"{indent}{last if final else branch}{node.text}")
        _draw(node.children, indent + (blank if final else trunk), lines, signs)


def _counts(system: Architecture) -> str:
    derived = sum(1 for operation in system.operations if _is_derived(operation.source))
    operations = plural(len(system.operations), "operation")
    parts = [
        plural(len(system.services), "service"),
        f"{len(system.entities)} {'entity' if len(system.entities) == 1 else 'entities'}",
        f"{operations} ({derived} derived)" if derived else operations,
    ]
    parts += [
        plural(len(found), noun) for found, noun in ((system.events, "event"), (system.sockets, "socket")) if found
    ]
    return ", ".join(parts)


def _shown(text: str, limit: int = _WIDTH) -> str:
    return one_line(text, limit)


def _is_derived(source: Source | None) -> bool:
    return source is not None and source.kind == "derived"


def _is_standard(item: Field) -> bool:
    """Return whether a field is one that every entity gets, and that the text did not ask for."""
    return item.name in _STANDARD and (item.source is None or item.source.kind == "derived")


class _Painter:
    """Makes the branches; `limit` bounds long lists."""

    def __init__(self, system: Architecture, place: Callable[[int], str], limit: int | None) -> None:
        self.system = system
        self.place = place
        self.limit = limit

    def branches(self, secrets: Sequence[int]) -> Iterator[_Node]:
        """Yield what there is to say, the design first and the doubts last, where a terminal leaves them in sight."""
        system = self.system
        hint = "; with -v each field and its line" if self.limit and system.entities else ""
        nodes = [self._service(service) for service in system.services]
        yield _Node(f"services ({len(system.services)}){hint}", nodes)
        yield from self._list("events", [self._event(event) for event in system.events], bounded=False)
        homeless = [s for s in system.sockets if s.service is None]
        yield from self._list("sockets without a service", [self._socket(socket) for socket in homeless])
        if system.roles:
            yield _Node(f"roles ({len(system.roles)}): {_shown(', '.join(system.roles), 400)}")
        yield from self._list(
            "not services of their own", [self._component(component) for component in system.components]
        )
        yield from self._list("inferred, since the text does not say it", list(self._inferred()))
        yield from self._list("excluded by the text", [_Node(_shown(text)) for text in system.excluded])
        ignored = [_Node(f"{_shown(i.text, 120)} ({self._line(i.line)}): {_shown(i.reason)}") for i in system.ignored]
        yield from self._list("ignored", ignored)
        yield from self._list("contradictions", [self._contradiction(c.text, c.lines) for c in system.contradictions])
        if secrets:
            places = self._names([self._line(line) for line in secrets])
            yield _Node(
                f"secrets in the PRD ({len(secrets)}), masked in all that is made of it; take them out: {places}"
            )
        questions = [_Node(self._placed(text)) for text in system.questions]
        yield from self._list("questions for the author", questions)
        yield from self._requirements()

    def _list(self, title: str, nodes: list[_Node], *, bounded: bool = True) -> Iterator[_Node]:
        if nodes:
            limit = self.limit if bounded else None
            shown = nodes[:limit]
            if len(nodes) > len(shown):
                shown.append(_Node(f"... and {len(nodes) - len(shown)} more (listed with -v)"))
            yield _Node(f"{title} ({len(nodes)})", shown)

    def _line(self, line: int) -> str:
        return _shown(self.place(line))

    def _placed(self, text: str, limit: int = _WIDTH) -> str:
        """Return a text of the architect, with the lines that it names called as the others are."""
        return _shown(_LINE.sub(lambda found: self.place(int(found[1])), text), limit)

    def _from(self, source: Source | None) -> str:
        if source is None:
            return "added"
        return f"derived, {self._line(source.line)}" if source.kind == "derived" else self._line(source.line)

    # ------------------------------------------------------------ a service

    def _service(self, service: Service) -> _Node:
        system = self.system
        about = f": {_shown(service.description, 160)}" if service.description else ""
        why = self._why(service)
        node = _Node(f"{_shown(service.name)} ({self._from(service.source)}){about}", [_Node(f"why: {why}")])
        entities = [self._entity(entity) for entity in system.entities_of(service.name)]
        node.children += self._list("entities", entities, bounded=False)
        operations = system.operations_of(service.name)
        if operations:
            node.children.append(_Node(f"operations ({len(operations)})", list(self._operations(operations))))
        own = [self._socket(socket) for socket in system.sockets if socket.service == service.name]
        node.children += self._list("sockets", own)
        published = [_shown(event.name) for event in system.events if event.publisher == service.name]
        taken = [_shown(event.name) for event in system.events if service.name in event.consumers]
        node.children += [_Node(f"publishes: {', '.join(published)}")] * bool(published)
        node.children += [_Node(f"takes: {', '.join(taken)}")] * bool(taken)
        calls = [f"{d.provider} {d.operation} ({d.reason or 'named'})" for d in system.dependencies_of(service.name)]
        node.children += self._list("calls", [_Node(_shown(call)) for call in calls])
        return node

    def _why(self, service: Service) -> str:
        reason = str(getattr(service, "reason", ""))
        said = "the text does not split it into services" if len(self.system.services) == 1 else "concluded"
        why = self._placed(reason) if reason else said if _is_derived(service.source) else "the text names it"
        return f"{why}; it signs users in" if service.issuer else why

    def _entity(self, entity: Entity) -> _Node:
        why = f"; here because {self._placed(entity.reason)}" if entity.reason and len(self.system.services) > 1 else ""
        owner = f"; a row belongs to its {_shown(entity.owner_field)}" if entity.owner_field else ""
        node = _Node(f"{_shown(entity.name)} ({self._from(entity.source)}){owner}{why}")
        added = [f.name for f in entity.fields if _is_standard(f)]
        told = [f for f in entity.fields if f.name not in added]
        node.children = _packed(told) if self.limit else [self._field(f) for f in told]
        node.children += [_Node(f"added: {', '.join(added)}")] * bool(added)
        if entity.states:
            states = entity.states
            moves = _shown(", ".join(f"{move.source} -> {move.target}" for move in states.transitions))
            head = f"states of {_shown(states.field)} ({self._from(states.source)})"
            node.children.append(_Node(f"{head}, first {_shown(states.initial)}: {moves}"))
        return node

    def _field(self, item: Field) -> _Node:
        return _Node(f"{_shown(item.name)}: {_shown(', '.join(_traits(item)))} ({self._from(item.source)})")

    def _operations(self, operations: Sequence[Operation]) -> Iterator[_Node]:
        """Yield a line for each operation; those that were derived together for an entity are one line."""
        for key, group in groupby(operations, lambda o: _derived_with(o) if self.limit else None):
            members = list(group)
            if key is None or len(members) == 1:
                yield from map(self._operation, members)
                continue
            paths: dict[str, list[str]] = {}
            for member in members:
                paths.setdefault(member.path, []).append(member.method)
            what = "; ".join(f"{', '.join(methods)} {_shown(path)}" for path, methods in paths.items())
            first = members[0]
            yield _Node(f"{what}  for {_shown(first.entity or '')}, {_who(first)} ({self._from(first.source)})")

    def _operation(self, operation: Operation) -> _Node:
        what = f"{operation.method} {_shown(operation.path)}"
        events = f", publishes {', '.join(operation.publishes)}" if operation.publishes else ""
        return _Node(f"{what}  {operation.id}, {_who(operation)}{_shown(events)} ({self._from(operation.source)})")

    # ------------------------------------------------------------ the rest

    def _event(self, event: Event) -> _Node:
        publisher, takers = event.publisher or "nobody", ", ".join(event.consumers) or "nobody"
        return _Node(f"{_shown(event.name)}: {_shown(f'{publisher} -> {takers}')} ({self._from(event.source)})")

    def _socket(self, socket: Socket) -> _Node:
        about = f": {_shown(socket.summary, 120)}" if socket.summary else ""
        return _Node(f"{_shown(socket.path)} ({socket.protocol}, {self._line(socket.line)}){about}")

    def _component(self, component: Component) -> _Node:
        why = f": {_shown(component.reason)}" if component.reason else ""
        return _Node(f"{_shown(component.name)} ({_KINDS[component.kind]}, {self._line(component.line)}){why}")

    def _contradiction(self, text: str, lines: Sequence[int]) -> _Node:
        named = {int(line) for line in _LINE.findall(text)}
        rest = [self._line(line) for line in lines if line not in named]
        return _Node(self._placed(text) + (f" ({', '.join(rest)})" if rest else ""))

    def _inferred(self) -> Iterator[_Node]:
        """Yield what was concluded, by kind: the names with the line that each rests on."""
        system = self.system
        groups: list[tuple[str, list[str]]] = [
            ("services", [s.name for s in system.services if _is_derived(s.source)]),
            ("entities", [e.name for e in system.entities if _is_derived(e.source)]),
            (
                "fields",
                [
                    f"{e.name}.{f.name}"
                    for e in system.entities
                    for f in e.fields
                    if _is_derived(f.source) and not _is_standard(f)
                ],
            ),
            ("operations", list(self._derived_operations())),
            ("events", [e.name for e in system.events if _is_derived(e.source)]),
        ]
        for title, names in groups:
            if names:
                yield _Node(f"{title}: {self._names(names)}")

    def _derived_operations(self) -> Iterator[str]:
        """Yield how many operations of each service are derived; the operations themselves say so."""
        system = self.system
        for service in system.services:
            count = sum(1 for operation in system.operations_of(service.name) if _is_derived(operation.source))
            if count:
                yield f"{count} of {service.name}"

    def _names(self, names: Sequence[str]) -> str:
        """Return as many names as fit on a line."""
        shown, room = [], _WIDTH if self.limit else 20_000
        for name in names:
            room -= len(name) + 2
            if room < 0:
                break
            shown.append(name)
        rest = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        return _shown(", ".join(shown), 20_000) + rest

    def _requirements(self) -> Iterator[_Node]:
        requirements = self.system.requirements
        if not requirements:
            return
        loose = [requirement for requirement in requirements if not requirement.operations]
        linked = len(requirements) - len(loose)
        head = f"requirements ({len(requirements)}): {linked} linked to operations, {len(loose)} not"
        nodes = [_Node(f"{self._called(r)}: {_shown(r.text, 120)}") for r in loose]
        done = sum(1 for requirement in requirements if requirement.done)
        yield _Node(head + (f", {done} marked as done" if done else ""), list(self._list("not linked", nodes)))

    def _called(self, requirement: Requirement) -> str:
        """Return id and line; an id that was made of the line says no more than the line."""
        line = self._line(requirement.line)
        return line if requirement.id == f"line-{requirement.line}" else f"{_shown(requirement.id, 40)} ({line})"


def _who(operation: Operation) -> str:
    roles = _shown(", ".join(operation.roles))
    return "public" if operation.public else f"for {roles}" if roles else "signed in"


def _derived_with(operation: Operation) -> tuple[object, ...] | None:
    """Return what operations have in common that were derived together; None for one that stands alone."""
    if not _is_derived(operation.source) or operation.entity is None or operation.publishes:
        return None
    return (operation.entity, operation.source, operation.public, operation.roles)


def _packed(fields: Sequence[Field]) -> list[_Node]:
    """Return the fields on few lines, the derived ones marked."""
    lines: list[str] = []
    for item in fields:
        derived = " (derived)" if _is_derived(item.source) else ""
        text = f"{_shown(item.name)}: {_shown(', '.join(_traits(item)))}{derived}"
        if lines and len(lines[-1]) + len(text) < _PACKED:
            lines[-1] += f"; {text}"
        else:
            lines.append(text)
    return [_Node(line) for line in lines]


def _traits(item: Field) -> Iterator[str]:
    """Yield what is known of a field beside its name."""
    yield f"{item.type} of {item.references}" if item.references else item.type
    if item.enum:
        yield " | ".join(item.enum)
    if not item.required:
        yield "optional"
    for flag, word in ((item.unique, "unique"), (item.read_only, "read-only")):
        if flag:
            yield word
    for low, high, what in ((item.minimum, item.maximum, ""), (item.min_length, item.max_length, " characters")):
        if low is not None and high is not None:
            yield f"{low:g} to {high:g}{what}"
        elif low is not None:
            yield f"at least {low:g}{what}"
        elif high is not None:
            yield f"at most {high:g}{what}"
    if item.default is not None:
        yield f"default {item.default}"
