"""What changed between two versions of a contract, and whether it breaks those who rely on the old one."""

from __future__ import annotations

from pytest_superteam.contracts.diff.asyncapi import diff_asyncapi
from pytest_superteam.contracts.diff.changes import Change
from pytest_superteam.contracts.diff.documents import breaking, diff

__all__ = ["Change", "breaking", "diff", "diff_asyncapi"]
