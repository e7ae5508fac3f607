"""The command line that runs one item of a session alone: what matters to its outcome stays, all else is left out."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_superteam.gate.settings import seen_from
from pytest_superteam.models import Alone
from pytest_superteam.pipeline.fix.limit import fix_limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.gate.session import GateSession

__all__ = ["alone", "kept_words"]

VALUED = frozenset(
    {
        *("--sarif", "--code-quality", "--gate-diff", "--from", "--reject", "--fix", "--until"),
        # what selects
        *("-m", "-k", "--deselect", "--ignore", "--ignore-glob", "--maxfail", "--lfnf", "--last-failed-no-failures"),
        # what spreads
        *("-n", "--numprocesses", "--maxprocesses", "--dist", "--tx", "--px", "--max-worker-restart"),
        *("--maxschedchunk", "--rsyncdir", "--rsyncignore"),
        # what shows
        *("-r", "--tb", "--color", "--code-highlight", "--show-capture", "--capture", "--durations"),
        *("--durations-min", "--verbosity", "--pastebin", "--pdbcls", "--debug", "--cache-show", "--basetemp"),
        # what writes
        *("--html", "--css", "--junitxml", "--junit-xml", "--junit-prefix", "--junitprefix", "--report-log"),
        *("--json-report-file", "--alluredir", "--cov", "--cov-report", "--cov-config", "--cov-fail-under"),
    }
)
"""Options that are left out with their value, which may be the next word."""

FLAGS = frozenset(
    {
        *("--fresh", "--approve", "--update-baseline", "--require-traced"),
        *("--lf", "--last-failed", "--ff", "--failed-first", "--nf", "--new-first", "--sw", "--stepwise"),
        *("--sw-skip", "--stepwise-skip", "--sw-reset", "--stepwise-reset", "--cache-clear", "--exitfirst"),
        *("--verbose", "--quiet", "--no-header", "--no-summary", "--no-fold-skipped", "--showlocals"),
        *("--no-showlocals", "--full-trace", "--fulltrace", "--force-short-summary", "--pdb", "--trace"),
        *("--disable-warnings", "--disable-pytest-warnings", "--self-contained-html", "--json-report"),
        *("--no-cov", "--cov-append", "--cov-branch", "--cov-reset", "--clean-alluredir", "--loadscope-reorder"),
        *("--no-loadscope-reorder", "--setup-show", "--xfail-tb"),
    }
)
"""Options that are left out: what they do is of no matter to one item, begins anew, or accepts what is found."""
LETTERS = frozenset("vqxsld")
"""Short options of that kind, which may stand together: `-xvs`."""
_KEPT_VALUED = frozenset(
    {
        *("--prd", "--system", "--superteam-config", "--superteam-output", "--baseline", "--builder", "--deploy"),
        *("--url", "-p", "-c", "--config-file", "-o", "--override-ini", "-W", "--rootdir", "--confcutdir"),
    }
)
"""Options that stay, with a value that may read like a path to collect."""
_PLACED = ("-c", "--config-file", "--rootdir")
_SETTINGS = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
"""Files that pytest looks for from the arguments upwards."""


def alone(config: pytest.Config, gate: GateSession) -> Alone:
    """Return how one item of this session is run again."""
    here = Path(config.invocation_params.dir)
    words = list(kept_words(config))
    if gate.run.adopted is None and fix_limit(gate.run.config):
        words += ["--fix", "0"]  # what is looked at again is not to be mended
    words += _placing(config, gate.prd.parent, words)
    return Alone(shlex.join(["pytest", *words]), seen_from(here, gate.prd), seen_from(here, config.rootpath))


def kept_words(config: pytest.Config) -> Iterator[str]:
    """Yield the words of the command line that matter to the outcome of an item."""
    paths = set(config.args) if config.args_source is pytest.Config.ArgsSource.ARGS else set()
    dropping = keeping = False
    for word in map(str, config.invocation_params.args):
        value = not word.startswith("-")
        if value and (dropping or (word in paths and not keeping)):
            dropping = keeping = False
            continue
        dropping, keeping = _takes_next(word), word in _KEPT_VALUED
        if not (dropping or _is_left_out(word)):
            yield word


def _takes_next(word: str) -> bool:
    """Return whether a word is an option that is left out and whose value is the next word."""
    return word in VALUED or (word.startswith("--log-") and "=" not in word)


def _is_left_out(word: str) -> bool:
    """Return whether a word is an option that is left out, alone or with its value in the same word."""
    name = word.partition("=")[0]
    if word.startswith("--"):
        return name in FLAGS or name in VALUED or name.startswith("--log-")
    return word[:2] in VALUED or (len(word) > 1 and word[0] == "-" and LETTERS.issuperset(word[1:]))


def _placing(config: pytest.Config, folder: Path, words: list[str]) -> list[str]:
    """Return options for the same settings of pytest as in this session: it looks for them from its arguments up."""
    if folder == config.rootpath or any(word.partition("=")[0] in _PLACED for word in words):
        return []
    here = Path(config.invocation_params.dir)
    if config.inipath is None:
        return [f"--rootdir={seen_from(here, config.rootpath)}"]
    between = [above for above in (folder, *folder.parents) if above.is_relative_to(config.inipath.parent)][:-1]
    nearer = any((above / name).is_file() for above in between for name in _SETTINGS)
    inside = folder.is_relative_to(config.inipath.parent)
    return ["-c", seen_from(here, config.inipath)] if nearer or not inside else []
