"""Models to plain data and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import pytest

from pytest_superteam.codec import from_data, to_data
from pytest_superteam.models import Architecture, Contradiction, Entity, Field, Operation, Service, Source, Violation
from pytest_superteam.models import Severity as ModelSeverity


class Colour(Enum):
    """An enumeration."""

    RED = "red"


@dataclass(frozen=True)
class Leaf:
    """A small dataclass."""

    path: Path
    colour: Colour = Colour.RED
    size: float = 1.0


@dataclass(frozen=True)
class Tree:
    """One of everything."""

    name: str
    leaves: tuple[Leaf, ...] = ()
    pair: tuple[int, str] = (1, "a")
    by_name: Mapping[str, Leaf] = field(default_factory=dict)
    kind: Literal["a", "b"] = "a"
    value: str | int | bool | None = None
    anything: Any = None


def test_a_model_survives_the_way_there_and_back():
    """Plain data made of a dataclass gives an equal one."""
    tree = Tree(
        "t", (Leaf(Path("a/b"), size=2.5),), (2, "b"), {"x": Leaf(Path("c"))}, "b", value=False, anything={"k": [1]}
    )
    data = to_data(tree)
    assert data == {
        "name": "t",
        "leaves": [{"path": "a/b", "size": 2.5}],
        "pair": [2, "b"],
        "by_name": {"x": {"path": "c"}},
        "kind": "b",
        "value": False,
        "anything": {"k": [1]},
    }
    assert from_data(Tree, data) == tree


def test_defaults_are_left_out():
    """What holds its default is not written; a number is no boolean."""
    assert to_data(Tree("t")) == {"name": "t"}
    assert to_data(Leaf(Path("x"), size=1)) == {"path": "x", "size": 1}


def test_the_models_survive():
    """The models of the package survive, a severity and an architecture among them."""
    violation = Violation("SEC-001", ModelSeverity.HIGH, "a", "m", line=3)
    assert from_data(Violation, to_data(violation)) == violation
    entity = Entity("Book", "a", (Field("price", "money", minimum=0, maximum=9.5, default=0, source=Source(3)),))
    architecture = Architecture(
        "T",
        "0" * 64,
        (Service("a"),),
        (entity,),
        (Operation("read_book", "a", "GET", "/books/{id}", "read", "Book"),),
        contradictions=(Contradiction("c", (1, 2)),),
    )
    assert from_data(Architecture, to_data(architecture)) == architecture


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "name: missing."),
        ([], "value: [] is not a mapping."),
        ({"name": 3}, "name: 3 is not str."),
        ({"name": "t", "leafs": []}, "leafs: unknown key. Did you mean 'leaves'?"),
        ({"name": "t", "leaves": {}}, "leaves: {} is not a list."),
        ({"name": "t", "leaves": [{"path": "a"}, {"path": 1}]}, "leaves[1].path: 1 is not Path."),
        ({"name": "t", "leaves": [{"path": "a", "colour": "blue"}]}, "leaves[0].colour: 'blue' is not one of red."),
        ({"name": "t", "leaves": [{"path": "a", "size": True}]}, "leaves[0].size: True is not float."),
        ({"name": "t", "pair": [1]}, "pair: has 1 items, 2 are expected."),
        ({"name": "t", "by_name": {"k": {"path": 2}}}, "by_name.k.path: 2 is not Path."),
        ({"name": "t", "kind": "c"}, "kind: 'c' is not one of a, b."),
        ({"name": "t", "value": []}, "value: [] is not str."),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(data, said):
    """Wrong data is one message that begins with the place."""
    with pytest.raises(ValueError, match=r".+") as caught:
        from_data(Tree, data)
    assert str(caught.value) == said
