"""Where the system runs: what was asked for, what this machine can do, and why nothing runs where nothing does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_superteam.errors import UsageError

if TYPE_CHECKING:
    from pytest_superteam.config import Config
    from pytest_superteam.pipeline.adopt import Adopted

__all__ = ["COMPOSE", "GIVEN", "NONE", "PROCESS", "Place", "place_of"]

NONE = "none"
GIVEN = "given"
"""The deployment of a system that somebody else runs."""
AUTO = "auto"
COMPOSE = "compose"
_ANSWER_SECONDS = 10.0  # that an engine has to answer


class Place(NamedTuple):
    """The name of a deployment, and where it is `none` the reason; `note` is what a reader of the header has to know.

    It is worked out by the process that owns the run, and told to its workers.
    """

    name: str
    reason: str = ""
    note: str = ""


PROCESS = Place("process")


def place_of(config: Config, adopted: Adopted | None) -> Place:
    """Return where the system of this run is to run.

    Raises:
        UsageError: what was asked for can't be with this system.
    """
    if config.deploy == NONE:
        return Place(NONE, "--deploy none: nothing is started")
    if adopted is not None:
        return _place_of_found(config, adopted)
    if config.deploy == AUTO:
        reason = _no_engine()
        return Place("process", note=f"deploy auto: local processes, for {reason}") if reason else Place(COMPOSE)
    return Place(config.deploy) if config.deploy else PROCESS


def _place_of_found(config: Config, adopted: Adopted) -> Place:
    if adopted.running and config.deploy in {None, AUTO}:
        return Place(GIVEN)
    if config.deploy == "process":
        raise UsageError(
            "--deploy: 'process' starts what was built here. With --system use compose, none, or --url NAME=URL."
        )
    if config.deploy not in {None, AUTO, COMPOSE}:
        return Place(str(config.deploy))
    if adopted.found is None or not adopted.found.compose_files:
        if config.deploy == COMPOSE:
            raise UsageError(
                "--deploy: 'compose' needs a compose file that starts the system, which has none. Give --url NAME=URL "
                "for what runs already."
            )
        return Place(NONE, "the system has no compose file that starts it; give --url NAME=URL for what runs already")
    reason = "" if config.deploy == COMPOSE else _no_engine()
    return Place(NONE, reason, note=f"deploy auto: nothing is started, for {reason}") if reason else Place(COMPOSE)


def _no_engine() -> str:
    """Return why no engine starts containers here; empty where one does."""
    from pytest_superteam.deployment.composed.engine import engine_answers

    answer: str = engine_answers(_ANSWER_SECONDS)
    return answer.rstrip(".")
