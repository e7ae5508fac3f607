"""The page of the exit codes: pytest's own, and what each of them means here."""

from __future__ import annotations

from superteam_docs.markdown import page, table

__all__ = ["EXIT_CODES", "exit_codes_page"]

EXIT_CODES = {
    0: ("OK", "Passed; or all findings are accepted by the baseline; or the run stopped where `--until` said."),
    1: ("TESTS_FAILED", "Something blocks or was not checked, a phase failed, or the third design was rejected."),
    2: ("INTERRUPTED", "Interrupted, out of budget, or a design waits for review; the same command goes on."),
    3: ("INTERNAL_ERROR", "A mistake in the plugin, in pytest or in another plugin, with its traceback."),
    4: (
        "USAGE_ERROR",
        "An option, a setting, the PRD, the baseline or a file of the design is wrong; one line says it.",
    ),
    5: ("NO_TESTS_COLLECTED", "Nothing was selected."),
    6: ("MAX_WARNINGS_ERROR", "Everything passed, with more warnings than pytest's own `--max-warnings` allows."),
}
"""Exit code to its name in `pytest.ExitCode` and when a run ends with it."""

_HEAD = """\
# Exit codes

They are pytest's own, so a CI system needs to know nothing new.
"""


def exit_codes_page() -> str:
    """Return the page, in Markdown."""
    rows = [(str(number), f"`{name}`", text) for number, (name, text) in EXIT_CODES.items()]
    return page(_HEAD, table(("code", "`pytest.ExitCode`", "when"), rows))
