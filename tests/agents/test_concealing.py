"""The values of keys that an agent gets are found in what it prints and leaves."""

from __future__ import annotations

import pytest

from pytest_superteam.agents.concealing import Keys

ENVIRON = {
    "GATEWAY_KEY": "zq93kfjw02kd",
    "GATEWAY_KEY_OLD": "zq93kfjw",
    "MY_TOKEN": "short",
    "AWS_REGION": "eu-central-1",
    "KEY_FILE": "/",
    "OTHER_KEY": "not-named-at-all",
    "REGEX_SECRET": "a.c(d)+[e]",
}
NAMES = ("GATEWAY_KEY", "GATEWAY_KEY_OLD", "MY_TOKEN", "AWS_REGION", "KEY_FILE", "REGEX_SECRET", "UNSET_KEY")
TEXTS = {
    "key zq93kfjw02kd!": "key ****!",
    '{"a": "zq93kfjw02kd", "b": "zq93kfjw"}': '{"a": "****", "b": "****"}',
    "a.c(d)+[e] abc(d)+[e]": "**** abc(d)+[e]",
    "short eu-central-1 / not-named-at-all": "short eu-central-1 / not-named-at-all",
    "": "",
}


@pytest.mark.parametrize("text", TEXTS)
def test_concealed(text):
    """Values of named variables that are called like secrets go, whatever they look like, the longest one first."""
    assert Keys(ENVIRON, NAMES).conceal(text) == TEXTS[text]


def test_nothing_to_conceal():
    """Without keys any text stays as it is."""
    assert Keys(ENVIRON, ()).conceal("zq93kfjw02kd") == "zq93kfjw02kd"


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("app/settings.py", 'KEY = "zq93kfjw02kd"', "app/settings.py holds the value of GATEWAY_KEY"),
        ("app/settings.py", 'REGION = "eu-central-1"  # short', ""),
        ("node_modules/a/b.js", "zq93kfjw02kd", ""),
    ],
)
def test_keys_in_source(tmp_path, path, text, found):
    """A key in what an agent wrote is told by file and variable, never by its value."""
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text, encoding="utf-8")
    assert Keys(ENVIRON, NAMES).found_in(tmp_path) == found
