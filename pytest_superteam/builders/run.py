"""What is built, where it lies and what was recorded of it; who builds it is the fleet's matter."""

from __future__ import annotations

from pytest_superteam.builders.checking import check_output
from pytest_superteam.builders.plan import BuildPlan
from pytest_superteam.builders.records import load_builds

__all__ = ["BuildPlan", "check_output", "load_builds"]
