"""Own tests that could not run, since what surrounds them elsewhere is not here."""

from __future__ import annotations

import pytest

from pytest_superteam.checks.own_tests.process import Ran
from pytest_superteam.checks.own_tests.verdict import judge
from pytest_superteam.errors import CheckError

SETTING = "config.py: Missing required environment variables:\n  MONGODB_URI\n"
BROKEN = "ModuleNotFoundError: No module named 'app'\n"


def test_missing_setting_is_an_error():
    """Tests that stop for want of an environment variable tell nothing of the service: an error that names it."""
    with pytest.raises(CheckError, match=r"did not run \(exit 1\).*environment variables \(MONGODB_URI\): set `test:"):
        judge("shop", ("npm", "test"), Ran(1, SETTING), None, ratio=0.9)


def test_broken_tests_are_a_finding():
    """Tests that do not start for a fault of their own are a finding."""
    [violation] = judge("shop", ("npm", "test"), Ran(1, BROKEN), None, ratio=0.9).violations
    assert violation.code == "TEST-001"
