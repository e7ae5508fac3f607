"""The command line of a session is told as somebody would type it again."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pytest_superteam.gate.commandline import command, resume_command, words
from pytest_superteam.gate.commands import LEFT_OUT


def config(*typed):
    return SimpleNamespace(invocation_params=SimpleNamespace(args=typed))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (("--prd", "PRD.md", "--budget", "5"), ("--prd", "PRD.md", "--budget", "5")),
        (("--status", "--prd", "PRD.md"), ("--prd", "PRD.md")),
        (("--status", "json", "--prd", "PRD.md"), ("--prd", "PRD.md")),
        (("--status", "tests"), ("tests",)),
        (("--status=json", "-q"), ("-q",)),
        (("--from", "builders", "--prd", "a.md"), ("--prd", "a.md")),
        (("--from=builders", "builders"), ("builders",)),
        (("--reject", "--fresh", "--fresh"), ()),
        (("--fresh", "--clean-state", "--costs", "--review-queue", "--approve"), ()),
        ((), ()),
    ],
)
def test_without_what_asks_and_decides(typed, kept):
    """Options are left out with their values, whether these are words of their own or not."""
    assert words(config(*typed), without=LEFT_OUT) == kept


def test_to_go_on():
    """What goes on is the same command line without what begins anew."""
    typed = config("--prd", "my PRD.md", "--fresh", "--from", "builders", "--review")
    assert resume_command(typed) == "pytest --prd 'my PRD.md' --review"
    assert command(typed, without=("--review",)) == "pytest --prd 'my PRD.md' --fresh --from builders"
