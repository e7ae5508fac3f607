"""Hypothesis strategies for architectures whose names and texts are hostile."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from pytest_superteam.models import (
    Architecture,
    Dependency,
    Entity,
    Event,
    Field,
    FieldType,
    Operation,
    OperationKind,
    Parameter,
    Service,
    StateMachine,
    Transition,
)

AWKWARD = (
    "class", "None", "model_config", "copy", "json", "schema", "metadata", "registry", "1st", "größe", "日本", "id",
    "a b", 'say "hi"', "it's", "back\\slash", "new\nline", "{{ x }}", "{x}", "%s", '"""', "date", "time", "list",
    "str", "self", "cls", "session", "body", "caller", "row", "values", "Order", "Base", "Field", "String", "Token",
    "Problem", "Event", "Result", "models", "fields", "settings", "query", "limit", "offset", "email", "role", "_",
    "", "\u202e", "\0", "Optional", "UUID", "now", "print", "import os", "__class__", "match", "type", "events",
    "health", "system", "factories", "count", "unique", "x" * 120,
)  # fmt: skip
text = st.one_of(st.sampled_from(AWKWARD), st.text(max_size=12))
name = st.one_of(st.sampled_from(AWKWARD), st.from_regex(r"[A-Za-z_]{1,8}", fullmatch=True))
SERVICES = ("alpha-service", "beta")
figure = st.one_of(st.none(), st.integers(-5, 500))


@st.composite
def fields(draw, entities: list[str]) -> Field:
    """Return a field of any type, with constraints that may make no sense."""
    low, high = sorted((draw(st.integers(0, 30)), draw(st.integers(0, 300))))
    return Field(
        draw(name),
        draw(st.sampled_from(get_args(FieldType))),
        required=draw(st.booleans()),
        unique=draw(st.booleans()),
        read_only=draw(st.sampled_from((False, False, True))),
        enum=tuple(draw(st.lists(text, max_size=3))),
        references=draw(st.sampled_from([*entities, None])),
        min_length=draw(st.sampled_from((None, low))),
        max_length=draw(st.sampled_from((None, high))),
        default=draw(st.one_of(st.none(), text, st.integers(-9, 9), st.booleans(), st.floats(allow_nan=False))),
        description=draw(text),
    )


@st.composite
def entities(draw, number: int, names: list[str]) -> Entity:
    """Return an entity, perhaps with an owner and with states."""
    own = draw(st.lists(fields(names), max_size=5))
    states = draw(st.lists(text, min_size=1, max_size=3, unique=True))
    moves = draw(
        st.lists(
            st.builds(
                Transition,
                st.sampled_from(states),
                st.sampled_from(states),
                st.lists(text, max_size=2).map(tuple),
            ),
            max_size=3,
        )
    )
    machine = StateMachine(draw(name), states[0], tuple(states), tuple(moves))
    return Entity(
        names[number],
        draw(st.sampled_from(SERVICES)),
        tuple(own),
        plural=draw(text),
        owner_field=draw(st.sampled_from([None, *(f.name for f in own)])),
        states=draw(st.sampled_from((None, machine))),
        description=draw(text),
    )


@st.composite
def operations(draw, number: int, names: list[str], events: list[str]) -> Operation:
    """Return an operation of any kind on a path with up to two parameters."""
    segments = draw(st.lists(st.sampled_from(("a", "b c", "{id}", "{x-y}", "{}", "class", "ö")), max_size=4))
    parameters = st.builds(Parameter, name, st.sampled_from(get_args(FieldType)), st.booleans())
    return Operation(
        draw(st.one_of(st.just(f"op_{number}"), name)),
        draw(st.sampled_from(SERVICES)),
        draw(st.sampled_from(("GET", "POST", "PUT", "PATCH", "DELETE"))),
        "/" + "/".join([f"r{number}", *segments]),
        draw(st.sampled_from(get_args(OperationKind))),
        draw(st.sampled_from([*names, None])),
        draw(text),
        draw(st.booleans()),
        tuple(draw(st.lists(text, max_size=2))),
        draw(st.sampled_from((200, 201, 202, 204, 302))),
        tuple(draw(st.lists(parameters, max_size=3))),
        draw(st.one_of(st.none(), text)),
        tuple(draw(st.lists(st.sampled_from([*events, "Unheard"]), max_size=2))),
    )


@st.composite
def architectures(draw) -> Architecture:
    """Return an architecture that no careful author would write."""
    names = draw(st.lists(name.filter(bool), min_size=1, max_size=3, unique=True))
    told = draw(st.lists(name.filter(bool), max_size=2, unique=True))
    events = [
        Event(e, f"c.{i}", SERVICES[0], tuple(draw(st.sets(st.sampled_from(SERVICES)))), draw(st.sampled_from(names)))
        for i, e in enumerate(told)
    ]
    acts = tuple(draw(operations(i, names, told)) for i in range(draw(st.integers(1, 6))))
    calls = [Dependency(SERVICES[1 - SERVICES.index(o.service)], o.service, o.id, o.entity) for o in acts]
    return Architecture(
        draw(text),
        "0" * 64,
        tuple(Service(s, draw(text), issuer=draw(st.booleans())) for s in SERVICES),
        tuple(draw(entities(i, names)) for i in range(len(names))),
        acts,
        tuple(events),
        tuple(calls),
        tuple(draw(st.lists(text, max_size=3))),
    )
