"""The YAML and the env file that we write say to their readers what was meant, whatever the texts hold."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.deployment.composed.containers import reference, resolved
from pytest_superteam.deployment.composed.env_file import env_text, sensitive
from pytest_superteam.deployment.composed.yaml_text import Alias, Anchored, Line, emit, escaped, scalar
from pytest_superteam.errors import FinalDeploymentError

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "~",
            "null",
            "yes",
            "On",
            "n",
            "1",
            "1.0",
            "1e3",
            "0o17",
            "0x1f",
            ".inf",
            "nan",
            "2026-01-01",
            "12:30",
        ),
        *(
            "a: b",
            "a #b",
            "- a",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a",
            "<<",
            "=",
            "[a]",
            "{a}",
            "a\nb",
            "\ta",
            "é",
        ),
        *("'a'", '"a"', "a:", ":a", "a,b", "\u2028", "\x07", "😀", "-1", "+1", "1_000", "22:22"),
    ],
)
def test_texts_that_mean_something_else_are_quoted(text):
    """What YAML would read as a number, a date, a truth value or a structure stands between quotes."""
    assert scalar(text)[0] in "'\""
    assert yaml.safe_load(scalar(text)) == text


@pytest.mark.parametrize("text", ["backend", "/tmp", "python:3.13-slim", "no-new-privileges:true", "http://a:80"])
def test_plain_words_stay_plain(text):
    """A word that can mean nothing else stands as it is, and is read as a text."""
    assert scalar(text) in {text, f'"{text}"'}
    assert yaml.safe_load(scalar(text)) == text


@given(ANY)
def test_any_text_comes_back(text):
    """A text is read as it was written, in a list, as a key and as a value."""
    document = "\n".join(emit({"list": Line([text]), "block": [text], "map": {text: text}}))
    assert yaml.safe_load(document) == {"list": [text], "block": [text], "map": {text: text}}


def test_half_a_pair_is_replaced():
    """Half of a surrogate pair, which no encoding can say, becomes the replacement sign."""
    assert yaml.safe_load(scalar("a\ud800b")) == "a\ufffdb"


def test_no_float():
    """A value that is no text, number or truth value is a mistake of ours."""
    with pytest.raises(TypeError):
        scalar(1.5)


def test_anchors_merge():
    """A named mapping is written once and merged by name."""
    lines = emit({"x-a": Anchored("a", {"k": True, "n": None}), "b": {"<<": Alias("a"), "l": [], "m": {}}})
    assert lines == ["x-a: &a", "  k: true", "b:", "  <<: *a", "  l: []", "  m: {}"]


def interpolated(text, variables):
    """Return a value as Compose reads it: `$$` is a dollar, `${NAME}` a variable, any other dollar a mistake."""
    assert "$" not in re.sub(r"\$\$|\$\{\w+\}", "", text)
    return re.sub(r"\$\$|\$\{(\w+)\}", lambda m: variables[m[1]] if m[1] else "$", text)


@given(ANY, ANY)
def test_interpolation_meets_only_our_variables(before, after):
    """A dollar of a value stays a dollar; a reference to the env file is put in."""
    text = before.replace("\x00", "") + reference("PASSWORD") + after.replace("\x00", "")
    expected = before.replace("\x00", "") + "hush" + after.replace("\x00", "")
    assert interpolated(resolved(text), {"PASSWORD": "hush"}) == expected
    assert interpolated(escaped(before), {}) == before


def test_env_file_quotes_what_is_not_plain():
    """Plain values stand bare; quotes, dollars, backslashes and line ends are escaped between double quotes."""
    text = env_text({"A": "abc-1", "B": 'a"b$c\\d\ne #f', "C": "", "D": "it's"})
    assert text.splitlines()[1:] == ["A=abc-1", 'B="a\\"b\\$c\\\\d\\ne #f"', "C=", 'D="it\'s"']


def test_what_no_message_may_show():
    """Values of secrets and passwords within addresses are hidden; short ones and plain settings are not."""
    variables = {"API_KEY": "abcdefgh", "DB_PASSWORD": "abc", "FLAG": "enabled", "URL": "https://me:hush-hush@a/b"}
    assert sensitive(variables) == ("abcdefgh", "hush-hush")


@pytest.mark.parametrize("name", ["", "A B", "1A", "A=B", "É", "A\n"])
def test_env_file_refuses_names(name):
    """A name that no environment can have is refused in one line."""
    with pytest.raises(FinalDeploymentError, match="is no name of a variable"):
        env_text({name: "x"})
