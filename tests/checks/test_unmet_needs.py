"""What an operation needs before it can succeed, and what is told where it can't be had."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_superteam.checks.engine.conformance import ConformanceOptions
from pytest_superteam.checks.engine.preparing import unmet_needs
from pytest_superteam.models import Architecture, Entity, Field, Operation, Service

AREA = Entity("Area", "shop", (Field("id", "uuid"),), plural="areas")
SLOT = Entity(
    "Slot",
    "shop",
    (
        Field("id", "uuid", read_only=True),
        Field("area_id", "reference", references="Area"),
        Field("twin_id", "reference", references="Slot", required=False),
        Field("owner_id", "reference", references="User", read_only=True),
    ),
    plural="slots",
)
SYSTEM = Architecture("Shop", "0" * 64, (Service("shop"),), entities=(AREA, SLOT))


def operation(kind, path, entity="Slot"):
    """Return an operation of the made-up system."""
    return Operation("it", "shop", "POST", path, kind, entity)


@pytest.mark.parametrize(
    ("asked", "samples", "unmet"),
    [
        (operation("create", "/slots"), {}, ("area_id",)),
        (operation("create", "/slots"), {"area_id": []}, ("area_id",)),
        (operation("create", "/slots"), {"area_id": ["a"]}, ()),
        (operation("replace", "/slots/{id}"), {"area_id": ["a"]}, ("id",)),
        (operation("read", "/slots/{id}"), {}, ("id",)),
        (operation("read", "/slots/{id}"), {"id": ["s"]}, ()),
        (operation("list", "/slots"), {}, ()),
        (operation("list", "/areas/{area_id}/slots"), {}, ("area_id",)),
        (operation("action", "/slots/book"), {}, ("area_id",)),
        (operation("action", "/ping", entity=None), {}, ()),
    ],
)
def test_unmet_needs(asked, samples, unmet):
    """Path parameters and required references need a row; optional ones and those that the service sets do not."""
    assert unmet_needs(SYSTEM, asked, ConformanceOptions(samples=samples)) == unmet


def test_a_row_that_could_be_made_is_no_excuse():
    """Where the contracts can make the row, its lack excuses nothing; where a parent has no way, it does."""
    makes_slot = operation("create", "/slots")
    makes_area = operation("create", "/areas", entity="Area")
    reads = operation("read", "/slots/{id}")
    for operations, unmet in [((makes_slot,), ("id",)), ((makes_slot, makes_area), ()), ((makes_area,), ("id",))]:
        assert unmet_needs(replace(SYSTEM, operations=operations), reads, ConformanceOptions()) == unmet
