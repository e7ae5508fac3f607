"""A builder is stuck when nothing moves any more, or when the same error comes again and again."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from pytest_superteam.config import RetryConfig
from pytest_superteam.pipeline.fleet import stuck
from pytest_superteam.pipeline.fleet.stuck import Watchdog, same_error


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def dog(tmp_path, clock):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("x = 1\n")
    return Watchdog(tmp_path, 30.0, clock)


def test_silence(dog, clock):
    """Without a change and a word the silence grows until it counts as stuck."""
    clock.now += 29.9
    assert dog.silent_for() == pytest.approx(29.9)
    assert not dog.stalled
    clock.now += 0.1
    assert dog.stalled


def test_a_word(dog, clock):
    """A sign of life ends the silence."""
    clock.now += 40
    dog.touched()
    clock.now += 5
    assert dog.silent_for() == pytest.approx(5)


def change_content(top):
    (top / "app" / "main.py").write_text("x = 12\n")


def change_time(top):
    os.utime(top / "app" / "main.py", (1, 1))


def add_file(top):
    (top / "app" / "new.py").touch()


def add_folder(top):
    (top / "deep" / "er").mkdir(parents=True)


def remove(top):
    (top / "app" / "main.py").unlink()


def rename(top):
    (top / "app" / "main.py").rename(top / "app" / "other.py")


@pytest.mark.parametrize("change", [change_content, change_time, add_file, add_folder, remove, rename])
def test_a_change(dog, clock, tmp_path, change):
    """Whatever changes below the folder ends the silence, once."""
    clock.now += 40
    change(tmp_path)
    assert dog.silent_for() == 0
    clock.now += 31
    assert dog.stalled


def test_links_are_not_followed(tmp_path, clock):
    """What lies behind a link is somebody else's: its changes are no sign of life, and circles do no harm."""
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    (inside / "circle").symlink_to(inside)
    dog = Watchdog(inside, 30.0, clock)
    clock.now += 31
    (outside / "file").touch()
    assert dog.stalled


def test_folder_that_is_not_there(tmp_path, clock):
    """A folder that is missing is silent, and its coming is a change."""
    dog = Watchdog(tmp_path / "none", 30.0, clock)
    clock.now += 10
    assert dog.silent_for() == 10
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "file").touch()
    assert dog.silent_for() == 0


def test_look_is_bounded(tmp_path, clock, monkeypatch):
    """A huge tree is looked at only up to a bound, the top first."""
    monkeypatch.setattr(stuck, "MAX_ENTRIES", 5)
    for name in range(20):
        (tmp_path / f"{name}").mkdir()
        (tmp_path / f"{name}" / "file").touch()
    assert len(list(stuck._entries(str(tmp_path)))) == 5


def test_never(tmp_path, clock):
    """A stall time of 0 never counts as stuck."""
    dog = Watchdog(tmp_path, 0, clock)
    clock.now += 1e9
    assert not dog.stalled


@dataclass
class Tried:
    signature: str


@pytest.mark.parametrize(
    ("signatures", "expected"),
    [
        ("", False),
        ("a", False),
        ("aa", False),
        ("aaa", True),
        ("aaaa", True),
        ("aab", False),
        ("aaab", False),
        ("ababa", True),
        ("aa-a", True),
        ("---", False),
        ("aaa-", True),
        ("abc", False),
    ],
)
def test_same_error(signatures, expected):
    """Three times the error of the last try that had one is stuck; tries without an error do not count."""
    tried = [Tried("" if letter == "-" else letter) for letter in signatures]
    assert same_error(tried, RetryConfig()) is expected


def test_same_error_as_often_as_set():
    """How often the same error may come is a setting."""
    assert same_error([Tried("a"), Tried("a")], RetryConfig(same_error=2))
