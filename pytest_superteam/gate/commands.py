"""Options that answer and exit, such as `--status` and `--superteam-config-show`; nothing is collected."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.config import effective_config, load_config
from pytest_superteam.config_entries.messages import shown
from pytest_superteam.errors import SuperteamError
from pytest_superteam.gate import help as helping
from pytest_superteam.gate.commandline import FORMATS, words
from pytest_superteam.gate.printing import print_lines
from pytest_superteam.gate.settings import absolute, options_of, settings_file
from pytest_superteam.options import OPTIONS
from pytest_superteam.pipeline.commands.inquiry import Inquiry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["answer"]

QUESTIONS = ("status", "costs", "review_queue")
LEFT_OUT = frozenset(option.flag for option in OPTIONS if option.answers)
LEFT_OUT |= {"--fresh", "--from", "--approve", "--reject"}
"""Options that are not said again where a command line is shown that goes on."""


def answer(config: pytest.Config) -> int:
    """Print what the options ask for and return the exit code.

    Called from `pytest_cmdline_main` where one of them was given, before anything is configured or collected.

    Raises:
        pytest.UsageError: the options contradict each other, or the project can't be read; one line.
    """
    asked = [known for known in OPTIONS if known.answers and getattr(config.option, known.dest) is not None]
    alone = [known for known in asked if known.flag in ALONE]
    if alone and len(asked) > 1:
        other = next(known for known in asked if known is not alone[0])
        raise pytest.UsageError(f"{alone[0].flag}: can't go with {other.flag}. Leave one of them out.")
    try:
        print_lines(ALONE[alone[0].flag](config) if alone else _about_runs(config))
    except SuperteamError as error:
        raise pytest.UsageError(str(error)) from None
    return int(pytest.ExitCode.OK)


def _about_runs(config: pytest.Config) -> list[str]:
    """Return what is asked about the runs of a project, or forget them."""
    option = vars(config.option)
    asked = [name for name in QUESTIONS if option.get(f"superteam_{name}") is not None]
    _check(asked, option.get("superteam_status"), cleans=option.get("superteam_clean_state") is not None)
    return _answers(_inquiry(config), asked, option.get("superteam_status"))


def _settings(config: pytest.Config) -> list[str]:
    """Return the settings in effect, each with where it comes from."""
    from pytest_superteam.settings.effective import settings_lines

    file, folder, _, _ = _project(config)
    options = options_of(config)
    if config.option.superteam_calibrate:
        options["gate.promotion"] = "all"
    found, origins = effective_config(file, environment=os.environ, options=options)
    if config.option.superteam_calibrate:
        origins = {**origins, "gate.promotion": "--calibrate"}
    verbosity = config.option.verbose
    lines = settings_lines(found, origins, only_set=verbosity < 0, with_meanings=verbosity > 0)
    return [
        f"# Settings of the project in {folder}: {f'{file.name} there' if file else 'it has no superteam.yaml'}.",
        "# Behind each stands what sets it: an option, else a variable, else the file, else depth, else its default.",
        *(lines or ["# Nobody has set anything: all are defaults."]),
    ]


ALONE: Mapping[str, Callable[[pytest.Config], list[str]]] = {
    "--superteam-help": lambda _: helping.help_lines(),
    "--prd-example": lambda _: helping.example_lines(),
    "--superteam-config-schema": lambda _: helping.schema_lines(),
    "--superteam-config-show": _settings,
}
"""Options that answer and can't be given with another one that does, and what answers."""


def _check(asked: Sequence[str], form: str | None, *, cleans: bool) -> None:
    if form is not None and form not in FORMATS:
        raise pytest.UsageError(f"--status: '{shown(form)}' is no format. Write --status or --status=json.")
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


def _project(config: pytest.Config) -> tuple[Path | None, Path, tuple[Path, ...], Path | None]:
    """Return the settings file, the project's folder, its documents and its system, found as a run would find them.

    Raises:
        UsageError: the settings can't be used, or the system is no folder.
    """
    here, option = Path(config.invocation_params.dir), config.option
    system = absolute(config, option.superteam_system) if option.superteam_system else None
    if system is not None and not system.is_dir():
        raise pytest.UsageError(
            f"--system: '{shown(option.superteam_system)}' is no folder. Name the folder of a system."
        )
    documents = tuple(absolute(config, path) for path in option.superteam_prd or _implied(config) if path)
    file, folder = settings_file(config, system or next(iter(documents), here), system=system is not None)
    return file, folder, documents, system


def _inquiry(config: pytest.Config) -> Inquiry:
    """Return the project that the command line is about.

    Raises:
        UsageError: as `_project`.
    """
    file, folder, documents, system = _project(config)
    settings = load_config(file, environment=dict(os.environ), options=_options(config.option))
    here = Path(config.invocation_params.dir)
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
