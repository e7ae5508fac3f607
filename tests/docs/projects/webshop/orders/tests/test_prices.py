"""Tests of the prices."""

from prices import total


def test_sum():
    """The total is price times quantity, summed."""
    assert total([{"price": 2, "quantity": 3}, {"price": 1, "quantity": 1}]) == 7
