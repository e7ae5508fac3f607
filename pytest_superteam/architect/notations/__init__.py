"""Data models in code: `read_code` finds out how a block is written and has it read by the module for that."""

from pytest_superteam.architect.notations.dispatch import read_code

__all__ = ["read_code"]
