"""Names of a design that refer to each other: what fits is silent, what does not is one line with its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_superteam.architect.checking import contract_differences, problems
from pytest_superteam.architect.contract.openapi import contracts
from pytest_superteam.models import (
    Dependency,
    Entity,
    Event,
    Field,
    Operation,
    Service,
    Socket,
    StateMachine,
    Transition,
)


def test_the_built_in_architect_has_no_problems(bookstore):
    """A design of ours holds together, and its contracts fit it."""
    assert list(problems(bookstore)) == []
    for name, contract in contracts(bookstore).items():
        assert list(contract_differences(bookstore, name, contract)) == []


def more(name, **changes):
    """Return a function that appends something to a tuple of a design."""
    return lambda system: replace(system, **{name: (*getattr(system, name), changes["what"])})


def entity(**changes):
    return Entity(**{"name": "Gift", "service": "order-service", "fields": (Field("id", "uuid"),)} | changes)


def operation(**changes):
    values = {"id": "x", "service": "order-service", "method": "GET", "path": "/x", "kind": "action"}
    return Operation(**values | changes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (more("services", what=Service("auth-service")), "service-map.yaml: services: two are called 'auth-service'."),
        (more("entities", what=entity(name="Book")), "domain-model.yaml: entities: two are called 'Book'."),
        (more("entities", what=entity(service="no")), "entities[5].service: 'no' is no service"),
        (more("entities", what=entity(fields=(Field("a"), Field("a")))), "entities[5].fields: two are called 'a'."),
        (more("entities", what=entity(owner_field="no")), "entities[5].owner_field: 'no' is no field of Gift."),
        (more("entities", what=entity(fields=(Field("a", "reference"),))), "fields[0].references: missing"),
        (
            more("entities", what=entity(fields=(Field("a", "reference", references="No"),))),
            "entities[5].fields[0].references: 'No' is no entity.",
        ),
        (more("entities", what=entity(fields=(Field("a", "enum"),))), "entities[5].fields[0].enum: missing"),
        (more("entities", what=entity(states=StateMachine("no", "a", ("a",), ()))), "states.field: 'no' is no field"),
        (more("entities", what=entity(states=StateMachine("id", "b", ("a",), ()))), "states.initial: 'b' is no state"),
        (
            more("entities", what=entity(states=StateMachine("id", "a", ("a",), (Transition("a", "b"),)))),
            "states.transitions[0].target: 'b' is no state of Gift.",
        ),
        (more("operations", what=operation(service="no")), "operations[25].service: 'no' is no service."),
        (more("operations", what=operation(entity="No")), "operations[25].entity: 'No' is no entity"),
        (more("operations", what=operation(kind="list")), "operations[25].entity: missing; 'list' works on an entity."),
        (more("operations", what=operation(path="/a b")), "operations[25].path: '/a b' is no path"),
        (more("operations", what=operation(path="/{a}/{a}")), "is no path"),
        (more("operations", what=operation(path="/{a-b}")), "is no path"),
        (more("operations", what=operation(path="/{a")), "is no path"),
        (more("operations", what=operation(path="/a\x1b")), "is no path"),
        (more("operations", what=operation(id="create_order")), "'order-service' has two operations 'create_order'."),
        (more("operations", what=operation(path="/orders")), "has GET /orders twice."),
        (more("operations", what=operation(path="/orders/{order}")), "has GET /orders/{order} twice."),
        (
            more("operations", what=operation(entity="Order", target_state="gone")),
            "operations[25].target_state: 'gone' is no state of Order.",
        ),
        (more("operations", what=operation(publishes=("No",))), "operations[25].publishes: 'No' is no event."),
        (more("events", what=Event("X", "x", "no")), "events[4].publisher: 'no' is no service."),
        (more("events", what=Event("X", "x", None, ("no",))), "events[4].consumers: 'no' is no service."),
        (more("events", what=Event("X", "x", None, entity="No")), "events[4].entity: 'No' is no entity"),
        (more("events", what=Event("OrderPaid", "x", None)), "events: two are called 'OrderPaid'."),
        (more("sockets", what=Socket("/ws", 1, "no")), "sockets[0].service: 'no' is no service."),
        (more("dependencies", what=Dependency("no", "auth-service", "me")), "dependencies[2].consumer: 'no'"),
        (
            more("dependencies", what=Dependency("auth-service", "auth-service", "me")),
            "dependencies[2]: 'auth-service' depends on itself.",
        ),
        (
            more("dependencies", what=Dependency("order-service", "auth-service", "no")),
            "dependencies[2].operation: 'no' is no operation of 'auth-service'.",
        ),
        (
            more("dependencies", what=Dependency("order-service", "auth-service", "me", "No")),
            "dependencies[2].entity: 'No' is no entity",
        ),
        (
            lambda system: replace(system, services=tuple(Service(f"s-{n}") for n in range(101))),
            "services: there are 101; allowed are 100.",
        ),
    ],
)
def test_what_does_not_fit(bookstore, change, said):
    """A design that does not hold together is told where."""
    found = list(problems(change(bookstore)))
    assert any(said in problem for problem in found), found
    assert all("\n" not in problem for problem in found)


@pytest.mark.parametrize(
    ("contract", "said"),
    [
        ({}, "service-map.yaml has POST /auth/register, the contract has not."),
        ({"paths": []}, "service-map.yaml has POST /auth/register, the contract has not."),
        (
            {"paths": {"/auth/register": {"post": {"operationId": "sign_up"}}}},
            "service-map.yaml calls POST /auth/register 'register', the contract 'sign_up'.",
        ),
        ({"paths": {"/more": {"get": {}}}}, "the contract has GET /more, service-map.yaml has not."),
    ],
)
def test_a_contract_of_something_else(bookstore, contract, said):
    """A contract and the operations of its service are compared by method, path and id."""
    assert said in list(contract_differences(bookstore, "auth-service", contract))


def test_names_of_path_parameters_may_differ(bookstore):
    """A parameter's name is the contract's own matter."""
    made = contracts(bookstore)["auth-service"]
    made["paths"]["/users/{user}"] = made["paths"].pop("/users/{id}")
    assert list(contract_differences(bookstore, "auth-service", made)) == []
