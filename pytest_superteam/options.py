"""The options, as data: what adds them, what reads their values, `--superteam-help` and the reference go by this table.

A new option is one more `Option` below its task. An option of a setting names the setting and needs nothing else: its
value is read, checked and shown like the setting's. pytest loads this file in every session, so that it holds nothing
but the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Literal

__all__ = ["ANYWHERE", "BY_SETTING", "INI", "OPTIONS", "TASKS", "Option"]


class Option:
    """An option of the command line."""  # a plain class: a dataclass or named tuple takes a millisecond to be made

    def __init__(
        self,
        flag: str,
        task: str,
        help: str,  # noqa: A002  # as `addoption` calls it
        metavar: str = "",
        setting: str = "",
        *,
        needs: Literal["run", "system", ""] = "run",
        builds: bool = False,
        answers: bool = False,
        repeats: bool = False,
        implied: str = "",
        ini: str = "",
    ) -> None:
        """Say what it is.

        Args:
            flag: as it is written, with its hyphens.
            task: what somebody wants to do who needs it; one of `TASKS`.
            help: a sentence or two, with the default and its unit.
            metavar: what stands for its value; empty where it takes none.
            setting: dotted key of the setting that it sets.
            needs: what it can't do without: a `run` (`--prd` or `--system`), a `system`; empty: nothing.
            builds: whether it is about what is designed and built, so that it is refused with `--system`.
            answers: whether it prints something and ends, instead of running anything.
            repeats: whether it may be given several times.
            implied: its value where it is given without one.
            ini: name of its twin in pytest's own settings.
        """
        self.flag, self.task, self.help, self.metavar, self.setting = flag, task, help, metavar, setting
        self.needs, self.builds, self.answers, self.repeats = needs, builds, answers, repeats
        self.implied, self.ini = implied, ini

    @property
    def dest(self) -> str:
        """Return the name of its value in `config.option`; the value is None where it was not given."""
        return f"superteam_{self.flag.removeprefix('--').removeprefix('superteam-').replace('-', '_')}"

    @property
    def shown(self) -> str:
        """Return it as it is written, with its value: `--depth DEPTH`, `--status[=FORMAT]`."""
        if not self.metavar:
            return self.flag
        return f"{self.flag}[={self.metavar}]" if self.implied else f"{self.flag} {self.metavar}"

    @property
    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of `addoption`."""
        known: dict[str, Any] = {"dest": self.dest, "default": None, "help": self.help}
        if not self.metavar:
            return {**known, "action": "store_true"}
        known["metavar"] = self.metavar
        if self.repeats:
            known["action"] = "append"
        return {**known, "nargs": "?", "const": self.implied} if self.implied else known


START, WHAT, DESIGN, BUILD = "First steps", "What to gate", "Design", "Build"
RUN, GATE, REPORT, MONEY = "Run", "Gate", "Report", "Runs and money"
TASKS = (START, WHAT, DESIGN, BUILD, RUN, GATE, REPORT, MONEY)

OPTIONS = (
    Option("--superteam-help", START, "Show these options by task, and exit.", needs="", answers=True),
    Option(
        "--prd-example",
        START,
        "Print a short, commented example of a requirements document, and exit: pytest --prd-example > PRD.md.",
        needs="",
        answers=True,
    ),
    Option(
        "--init",
        START,
        "Write a superteam.yaml with what is found in the folder of --system, commented, and stop.",
        needs="system",
    ),
    Option(
        "--superteam-config-show",
        START,
        "Print the settings in effect and where each comes from, as YAML, and exit; -q: only those that are no "
        "default, -v: with their meaning.",
        needs="",
        answers=True,
    ),
    Option(
        "--superteam-config-schema",
        START,
        "Print the JSON schema of superteam.yaml, by which editors complete it, and exit.",
        needs="",
        answers=True,
    ),
    Option(
        "--prd",
        WHAT,
        "Build and gate the system that this document asks for (.md, .markdown, .txt, or a folder of them); "
        "repeat it for several.",
        "PATH",
        needs="",
        repeats=True,
    ),
    Option(
        "--system",
        WHAT,
        "Gate the system whose source is in this folder; nothing is designed, built or changed.",
        "FOLDER",
        needs="",
    ),
    Option(
        "--url",
        WHAT,
        "Call the service of this name where it runs already, such as api=http://127.0.0.1:8000; with --system; repeat "
        "it for several.",
        "NAME=URL",
        needs="system",
        repeats=True,
    ),
    Option(
        "--superteam-config",
        WHAT,
        "Settings to use (default: superteam.yaml beside the PRD, else in rootdir).",
        "FILE",
        needs="",
        ini="superteam_config",
    ),
    Option(
        "--until", DESIGN, "Stop after architect, builders or deployment, with its output on disk.", "PHASE", "until"
    ),
    Option(
        "--review",
        DESIGN,
        "Stop after the architecture, with exit code 2, until it is approved or rejected.",
        setting="review",
        builds=True,
    ),
    Option(
        "--approve",
        DESIGN,
        "Go on with the architecture that waits for review, hand edits included.",
        builds=True,
    ),
    Option(
        "--reject",
        DESIGN,
        "Reject the architecture that waits for review; an architect by agent tries again, at most twice.",
        "REASON",
        builds=True,
    ),
    Option(
        "--superteam-output",
        BUILD,
        "Folder of the built services, below the project (default: services).",
        "FOLDER",
        "output",
        builds=True,
    ),
    Option("--builder", BUILD, "What builds the services (default: builtin).", "NAME", "builder", builds=True),
    Option(
        "--fix",
        BUILD,
        "Let the builders mend what blocks, up to N times (default: 3 where an agent builds, else 0).",
        "N",
        "fix",
        builds=True,
    ),
    Option(
        "--fresh",
        BUILD,
        "Design and build again what is already there; edits of the design by hand are moved aside.",
        setting="fresh",
        builds=True,
    ),
    Option(
        "--from",
        BUILD,
        "Do again what is done already, from architect or builders on; what was edited by hand is moved aside.",
        "PHASE",
        "start",
        builds=True,
    ),
    Option(
        "--deploy",
        RUN,
        "Where the services run: process, compose, auto (compose where an engine answers) or none (default: process; "
        "with --system auto, by its own compose file).",
        "NAME",
        "deploy",
    ),
    Option(
        "--keep-up",
        RUN,
        "Leave a composed system running at the end; the next run with the same inputs takes it over.",
        setting="deployment.keep_up",
    ),
    Option(
        "--depth",
        GATE,
        "Examples, timeouts and retries of the gate: quick, standard, thorough or exhaustive (default: standard).",
        "DEPTH",
        "depth",
    ),
    Option(
        "--blocking-severity",
        GATE,
        "Layer 3 blocks from this severity up: info, warning, error, high or critical (default: error).",
        "SEVERITY",
        "gate.blocking_severity",
    ),
    Option(
        "--promotion",
        GATE,
        "What follows where a service fails layer 1 or 2: strict, which holds it back from the layers above, or all, "
        "which runs them (default: strict).",
        "RULE",
        "gate.promotion",
    ),
    Option(
        "--require-traced",
        GATE,
        "A requirement of the highest priority (Must, P0) that no executed check proves blocks.",
        setting="gate.require_traced",
    ),
    Option(
        "--baseline",
        GATE,
        "Findings in this file are known and accepted: they are counted and listed, and fail nothing.",
        "FILE",
        "baseline",
    ),
    Option(
        "--update-baseline",
        GATE,
        "Accept what this session finds: write it to the baseline (default: superteam-baseline.json), and drop what "
        "is no longer found.",
    ),
    Option(
        "--calibrate",
        GATE,
        "Try the gate on itself: put one fault at a time into a copy of the services and see what catches it.",
        builds=True,
    ),
    Option("--sarif", REPORT, "Write what was found as SARIF 2.1.0 to this file.", "FILE"),
    Option("--code-quality", REPORT, "Write what was found as GitLab's code quality report to this file.", "FILE"),
    Option(
        "--gate-diff",
        REPORT,
        "Say what is new, mended and unchanged since the run that wrote this gate-report.json.",
        "FILE",
    ),
    Option(
        "--budget",
        MONEY,
        "What the run may spend over all its sessions, in US dollars (default: no limit); a step whose worst case has "
        "no room is not started.",
        "USD",
        "budget.total",
        builds=True,
    ),
    Option(
        "--state-url",
        MONEY,
        "Database of the runs, such as postgresql+psycopg://user@host/name (default: .superteam/state.db).",
        "URL",
        "state_url",
    ),
    Option(
        "--status",
        MONEY,
        "Show how far the run is, what it has cost and what is next, and exit; =json for programs.",
        "FORMAT",
        needs="",
        answers=True,
        implied="text",
    ),
    Option(
        "--costs",
        MONEY,
        "Show what the run has cost by phase, service, attempt, model and chain, and exit.",
        needs="",
        answers=True,
    ),
    Option(
        "--review-queue",
        MONEY,
        "Show the services that a person has to look at, with all that is known of each, and exit.",
        needs="",
        answers=True,
    ),
    Option(
        "--clean-state",
        MONEY,
        "Forget the runs of this project: states, costs, results, logs; design and services stay. Then exit.",
        needs="",
        answers=True,
    ),
)
BY_SETTING = {option.setting: option for option in OPTIONS if option.setting}
"""Options by the dotted key of their setting."""
ANYWHERE = ("--superteam-help", "--prd-example", "--superteam-config-schema")
"""Options that answer alike in every folder, whatever project is there."""
INI = tuple(option for option in OPTIONS if option.ini)
"""Options with a twin in pytest's own settings."""
