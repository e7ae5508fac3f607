"""Names of services: those of the compose files, else of the folders; two alike get their path."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pytest_superteam.discovery.words import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.discovery.draft import Draft
    from pytest_superteam.discovery.tree import Tree

__all__ = ["name_drafts"]


def name_drafts(tree: Tree, drafts: Sequence[Draft]) -> None:
    """Give each draft a name of its own, and say where it is from."""
    for draft in drafts:
        if draft.folder == "." and draft.compose is None:
            draft.name = tree.root.name or "system"
        draft.name = safe(draft.name)
    counts = Counter(draft.name for draft in drafts)
    taken: set[str] = set()
    for draft in drafts:
        name = draft.name
        if counts[name] > 1 and draft.folder not in {"", "."} and (draft.compose is None or name in taken):
            name = safe("-".join(draft.folder.split("/")))
        number = 2
        unique = name
        while unique in taken:
            unique, number = f"{name}-{number}", number + 1
        taken.add(unique)
        draft.name = unique
        if draft.compose is None:
            draft.note("name", unique, "", 0, "the folder's name")
