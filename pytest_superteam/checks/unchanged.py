"""Whether a tree is still the one that was looked into when it was built."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pytest_superteam.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.models import BuildResult, TestCounts

__all__ = ["is_untouched", "passed_then", "tree_digest"]


def tree_digest(files: Mapping[str, str]) -> str:
    """Return a hash, 64 hexadecimal digits, of a whole tree, given the sha256 of each file by its path."""
    return hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()


def passed_then(build: BuildResult) -> TestCounts | None:
    """Return the counts of the own tests of a build that all passed on exactly the tree that is there now.

    Of tests that failed nothing is taken over: they run again, so that what they print can be shown.
    """
    evidence = build.evidence
    if evidence is None or evidence.tests is None or not evidence.tests.total or evidence.tests.failing:
        return None
    return evidence.tests if evidence.tree and evidence.tree == _tree_now(build) else None


def _tree_now(build: BuildResult) -> str:
    from pytest_superteam.builders.tree import hash_tree

    try:
        return tree_digest(hash_tree(build.directory))
    except (BuildError, OSError):  # a link, nothing there, unreadable: not what was built
        return ""


def is_untouched(build: BuildResult, path: str) -> bool:
    """Return whether a file of a build is the one that the builder left."""
    written = build.files.get(path)
    try:
        return written is not None and hashlib.sha256((build.directory / path).read_bytes()).hexdigest() == written
    except OSError:
        return False
