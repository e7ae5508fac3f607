"""Options that answer and exit: `--status`, `--costs`, `--review-queue` and `--clean-state`; nothing is collected."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.config import load_config
from pytest_superteam.errors import SuperteamError
from pytest_superteam.gate.commandline import FORMATS, words
from pytest_superteam.pipeline.commands.inquiry import Inquiry
from pytest_superteam.pipeline.finding import find_config

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["answer"]

QUESTIONS = ("status", "costs", "review_queue")
LEFT_OUT = frozenset({"--status", "--costs", "--review-queue", "--clean-state"})
LEFT_OUT |= {"--fresh", "--from", "--approve", "--reject"}
"""Options that are not said again where a command line is shown that goes on."""


def answer(config: pytest.Config) -> int | None:
    """Print what the options ask for and return the exit code; None where none of them was given.

    Called from `pytest_cmdline_main`, before anything is configured or collected.

    Raises:
        pytest.UsageError: the options contradict each other, or the project can't be read; one line.
    """
    option = vars(config.option)
    asked = [name for name in QUESTIONS if option.get(f"superteam_{name}") is not None]
    cleans = option.get("superteam_clean_state") is not None
    if not asked and not cleans:
        return None
    _check(asked, option.get("superteam_status"), cleans=cleans)
    try:
        _print(_answers(_inquiry(config), asked, option.get("superteam_status")))
    except SuperteamError as error:
        raise pytest.UsageError(str(error)) from None
    return int(pytest.ExitCode.OK)


def _check(asked: Sequence[str], form: str | None, *, cleans: bool) -> None:
    if form is not None and form not in FORMATS:
        raise pytest.UsageError(f"--status: '{form}' is no format. Write --status or --status=json.")
    others = [name.replace("_", "-") for name in asked if name != "status"]
    if cleans and asked:
        raise pytest.UsageError(f"--clean-state: can't go with --{asked[0].replace('_', '-')}. Leave one of them out.")
    if form == "json" and others:
        raise pytest.UsageError(
            f"--status=json: can't go with --{others[0]}, which is for people. Leave one of them out."
        )


def _answers(inquiry: Inquiry, asked: Sequence[str], form: str | None) -> list[str]:
    """Return the lines to print: what was asked, one after the other, or what was forgotten where nothing was."""
    from pytest_superteam.pipeline.commands import clean, costs, review_queue, status

    if not asked:
        return clean.clean_state(inquiry)
    if form == "json":
        return [json.dumps(status.status_data(inquiry), indent=2, ensure_ascii=True, allow_nan=False)]
    answers = {
        "status": status.status_lines,
        "costs": costs.costs_lines,
        "review_queue": review_queue.queue_lines,
    }
    lines: list[str] = []
    for name in asked:
        lines += [*([""] if lines else []), *answers[name](inquiry)]
    return lines


def _inquiry(config: pytest.Config) -> Inquiry:
    """Return the project that the command line is about, found as a run would find it.

    Raises:
        UsageError: the settings can't be used, or the system is no folder.
    """
    here, option = Path(config.invocation_params.dir), config.option
    system = _absolute(here, option.superteam_system) if option.superteam_system else None
    if system is not None and not system.is_dir():
        raise pytest.UsageError(f"--system: '{option.superteam_system}' is no folder. Name the folder of a system.")
    documents = tuple(_absolute(here, path) for path in option.superteam_prd or _implied(config) if path)
    first = system or next(iter(documents), here)
    given = option.superteam_config
    file, folder = find_config(
        Path(here, given) if given else None,
        folders=(first if first.is_dir() else first.parent, *(() if system else (config.rootpath,))),
        invocation=system or here,
    )
    settings = load_config(file, environment=dict(os.environ), options=_options(option))
    return Inquiry(folder, settings, here, words(config, without=LEFT_OUT), documents, system)


def _implied(config: pytest.Config) -> list[str]:
    """Return the document of a pasted gate id (`PRD.md::layer3::...`)."""
    words = (str(word).partition("::") for word in config.args)
    return [path for path, _, rest in words if rest.startswith(("layer", "calibration")) and not Path(path).is_dir()][
        :1
    ]


def _options(option: Any) -> dict[str, Any]:
    """Return the options that say where the memory of runs is, and what they may cost."""
    names = {"output": "superteam_output", "state_url": "superteam_state_url", "budget.total": "superteam_budget"}
    given = {key: getattr(option, name, None) for key, name in names.items()}
    return {key: value for key, value in given.items() if value is not None}


def _absolute(here: Path, path: str) -> Path:
    return Path(os.path.abspath(Path(here, path)))  # noqa: PTH100  # links are kept, for a PRD may be one


def _print(lines: Sequence[str]) -> None:
    """Print lines, whatever the encoding of the output; a reader that has seen enough (`| head`) is no error."""
    text = "".join(f"{line}\n" for line in lines)
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.stdout.flush()  # what is left in the buffer would be complained about once pytest has restored the output
