"""Names of a service's surface where many things are called alike."""

import pytest

from pytest_superteam.contracts.plans import template
from pytest_superteam.contracts.surface import Surface
from pytest_superteam.models import Architecture, Entity, Service


@pytest.mark.parametrize(
    ("path", "valid"),
    [
        ("books/{id}?x=1", "/books/{id}"),
        ("/a/{id}/b/{id}/c/{id}", "/a/{id}/b/{id_2}/c/{id_3}"),
        ("/a/{}/b/{}", "/a/{parameter}/b/{parameter_2}"),
        ("/a/{id_2}/{id}/{id}", "/a/{id_2}/{id}/{id_3}"),
    ],
)
def test_template(path, valid):
    """Every parameter of a path gets a name of its own."""
    assert template(path) == valid


def test_template_of_many():
    """There is no number of parameters of one name that is too many."""
    assert template("/{x}" * 1200).endswith("/{x_1199}/{x_1200}")


def test_schema_names_of_many():
    """Entities that differ in signs and case only get schemas that differ in any case."""
    names = ("Row", "row", "r-ow", "R.o.w", "ROW")
    entities = tuple(Entity(name, "api", ()) for name in names)
    known = Surface(Architecture("Api", "0" * 64, (Service("api"),), entities=entities), "api").schema_names
    assert [known["entity", name] for name in names] == ["Row", "row2", "row3", "Row4", "ROW5"]
