# ruff: noqa: RUF001 - stories in other scripts
"""Tests of user stories and phases in several languages."""

from __future__ import annotations

import pytest

from pytest_superteam.architect.behaviour.requirements import read_milestones, read_requirements
from pytest_superteam.architect.document.sections import read_document


@pytest.mark.parametrize(
    "story",
    [
        "As a gardener, I want to list my beds so that I can plan.",
        "As an owner I can add a bed",
        "En tant que jardinier, je veux lister mes parcelles",
        "Como jardinero, quiero ver mis parcelas",
        "Como jardineiro, eu quero ver meus canteiros",
        "Als Gärtnerin möchte ich meine Beete sehen",
        "Как садовник, я хочу видеть грядки",
        "作为园丁，我想查看我的花坛",
        "Là người làm vườn, tôi muốn xem luống",
        "Sebagai tukang kebun, saya ingin melihat bedeng",
    ],
)
def test_user_stories_are_requirements(story: str) -> None:
    """A user story without an id is a requirement, in any language and section."""
    found = read_requirements(read_document(f"# Garden\n\n## What people say\n\n- {story}\n- Something else\n"))
    assert [(r.id, r.line) for r in found] == [("line-5", 5)]


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Milestone 1: Beds", "milestone-1"),
        ("Fase 2 - Semillas", "fase-2"),
        ("Этап 3. Сбор", "phase-3"),
        ("フェーズ1：花壇", "phase-1"),
        ("阶段2：种子", "phase-2"),
        ("Étape 4: Récolte", "etape-4"),
    ],
)
def test_phases(title: str, key: str) -> None:
    """A phase or milestone has a key in ASCII, whatever its language."""
    found = read_milestones(read_document(f"# Garden\n\nIntro.\n\n## {title}\n\n- Status: open\n"))
    assert [(m.id, m.status) for m in found] == [(key, "open")]
