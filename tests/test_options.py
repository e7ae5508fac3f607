"""The table of options: what pytest gets of it, and what its rows have to say."""

from __future__ import annotations

import re

import pytest

from pytest_superteam import plugin
from pytest_superteam.config import Config
from pytest_superteam.options import ANYWHERE, BY_SETTING, OPTIONS, TASKS, Option


def settings(config, prefix=""):
    """Return the dotted keys of a configuration."""
    for name, value in vars(config).items():
        if hasattr(value, "__dataclass_fields__"):
            yield from settings(value, f"{prefix}{name}.")
        else:
            yield prefix + name


class Parser:
    """Takes note of what is added."""

    def __init__(self):
        self.options, self.ini = {}, {}

    def getgroup(self, *_):
        return self

    def addoption(self, name, **keywords):
        self.options[name] = keywords

    def addini(self, name, text, **keywords):
        self.ini[name] = {"help": text, **keywords}


@pytest.fixture(scope="module")
def parser():
    added = Parser()
    plugin.pytest_addoption(added)
    return added


def test_every_option_is_added(parser):
    """Each row is added by pytest's parser, in the order of the table, and nothing else; what is not given is None."""
    assert list(parser.options) == [option.flag for option in OPTIONS]
    assert all(keywords["default"] is None for keywords in parser.options.values())


def test_destinations_are_ours(parser):
    """No two options share a value, and each is stored under a name that is ours."""
    destinations = [keywords["dest"] for keywords in parser.options.values()]
    assert len(set(destinations)) == len(destinations)
    assert all(name.startswith("superteam_") for name in destinations)


def test_twins_in_settings_of_pytest(parser):
    """A twin is there for each option that names one; where it is not set it is empty."""
    assert parser.ini.keys() == {option.ini for option in OPTIONS if option.ini} == {"superteam_config"}
    assert all(twin["default"] == "" for twin in parser.ini.values())


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.flag)
def test_rows(option):
    """A row belongs to a task, names a setting that exists, and its help is made of sentences."""
    assert option.task in TASKS
    assert not option.setting or option.setting in set(settings(Config()))
    assert re.fullmatch(r"[A-Z].*\.(?: pytest --prd-example > PRD\.md\.)?", option.help)
    assert "%" not in option.help
    assert option.metavar == option.metavar.upper()
    assert option.needs in {"run", "system", ""}
    assert not (option.answers and option.needs)


@pytest.mark.parametrize("key", sorted(BY_SETTING))
def test_help_says_the_default(key):
    """The help of an option whose setting has a default says it."""
    option, value = BY_SETTING[key], Config()
    for name in key.split("."):
        value = getattr(value, name)
    if value not in (None, False):
        assert f"(default: {getattr(value, 'value', value)})" in option.help


def test_tasks_follow_each_other():
    """Options of one task stand together, in the order of the tasks."""
    order = [TASKS.index(option.task) for option in OPTIONS]
    assert order == sorted(order)
    assert set(order) == set(range(len(TASKS)))


def test_what_answers_anywhere():
    """What answers without a project is an option that answers."""
    assert set(ANYWHERE) <= {option.flag for option in OPTIONS if option.answers}


@pytest.mark.parametrize(
    ("option", "shown", "arguments"),
    [
        (Option("--a-b", "Run", "H."), "--a-b", {"dest": "superteam_a_b", "action": "store_true"}),
        (
            Option("--superteam-x", "Run", "H.", "FILE"),
            "--superteam-x FILE",
            {"dest": "superteam_x", "metavar": "FILE"},
        ),
        (Option("--u", "Run", "H.", "URL", repeats=True), "--u URL", {"action": "append", "metavar": "URL"}),
        (Option("--s", "Run", "H.", "FORM", implied="text"), "--s[=FORM]", {"nargs": "?", "const": "text"}),
    ],
)
def test_kinds(option, shown, arguments):
    """Each kind of option is shown and added as what it is."""
    assert option.shown == shown
    assert arguments.items() <= option.arguments.items()
    assert option.arguments["help"] == "H."
