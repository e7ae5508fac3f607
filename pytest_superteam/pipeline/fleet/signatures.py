"""What stays the same in an error that comes again: its words, without what differs from try to try.

HTTP statuses and exit codes stay, since they say what happened; other numbers, times, ids, addresses and folders go.
"""

from __future__ import annotations

import hashlib
import re

from pytest_superteam.pipeline.fleet.classes import bounded

__all__ = ["normalised", "signature"]

_ANSI = re.compile(r"\x1b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,256}+(?:\x07|\x1b\\)|[@-Z\\^_-])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
_TIME = re.compile(
    rf"(?i)(?<!\d)\d{{4}}-\d\d-\d\d(?:[T ]{_CLOCK})?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?(?!\w)"
    rf"|\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{{0,6}},? )?(?:\d{{1,2}} {_MONTH}|{_MONTH} \d{{1,2}},?) \d{{4}}"
    rf"(?: {_CLOCK})?(?: ?(?:UTC|GMT|[+-]\d{{4}}))?(?!\w)"
    r"|(?<![\w:.])\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?[ap]m)?(?![\w:])"
    r"|(?<![\w:.])\d{1,2}(?::\d\d)? ?[ap]m\b"
)
_UUID = re.compile(r"(?i)(?<![0-9a-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])")
_HOST = re.compile(r"(?i)(?<![a-z0-9])([a-z][a-z0-9+.-]{1,15}://)[^\s/\"'<>()]{1,256}+")
_ADDRESS = re.compile(
    r"(?i)(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\w.])"
    r"|(?<![\w.-])localhost(?::\d{1,5})?(?![\w-])"
    r"|(?<![\w:])\[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}\]?(?::\d{1,5})?(?![\w:])"
    r"|\b0x[0-9a-f]{1,16}\b"
)
_FOLDERS = re.compile(
    r"(\b(?:GET|PUT|POST|PATCH|DELETE|HEAD|OPTIONS) /\S{0,256}+)"  # an operation's path is no folder
    r"|(?<![\w<>/\\.~])(?:[A-Za-z]:)?(?:~|\.{1,2})?[/\\](?:[\w.@+~#-]{1,255}+[/\\]){0,64}+"
    r"|(?<![\w<>/\\.~:-])(?:[\w.@+~#-]{1,255}+[/\\]){1,64}+(?=[\w-]{1,255}+\.[A-Za-z])"
)
_TEMPORARY = re.compile(
    r"(?i)(?<![a-z0-9])tmp[a-z0-9_]{4,16}(?![a-z0-9])"
    r"|(?<=[a-z0-9])-(?=[a-z]{0,7}[0-9_])[a-z0-9_]{8}(?![a-z0-9_-])"  # as `mkdtemp` ends the name of a folder
)
_WORD = re.compile(r"[0-9A-Za-z]{8,256}+")
_CHANGE = re.compile(r"(?i)(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_HEX = re.compile(r"(?i)(?=[a-f]*[0-9])[0-9a-f]+")
_SPAN = re.compile(
    r"(?i)(?:(?<![\w.])\d{1,12}+(?:[.,]\d{1,12}+)?[ \t]?"
    r"(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])[ \t]?){1,4}"
)
_NUMBER = re.compile(
    r"(?i)(\b(?:http(?:/\d(?:\.\d)?)?|status|exit(?:ed)?|error|returncode|signal)"
    r"(?:[ _-](?:status|error|with|code)){0,2}[ \t]?[:=]?[ \t]?[(\[]?-?\d{1,3}(?![\w.]))"
    r"|\d+(?:[.,_]\d+)*+"
)
_ROW = re.compile(r"#(?:[ ,;]{1,3}#)+")


def signature(error: str) -> str:
    """Return the same 32 hexadecimal digits for errors that are the same, and nothing for an empty error."""
    words = normalised(error)
    return hashlib.sha256(words.encode()).hexdigest()[:32] if words else ""


def normalised(error: str) -> str:
    """Return an error on one line, in lower case, with marks in the place of what differs from try to try."""
    text = _CONTROL.sub(" ", _ANSI.sub("", bounded(error)))
    for pattern, mark in (
        (_TIME, "<time>"),
        (_UUID, "<id>"),
        (_HOST, r"\1<host>"),
        (_ADDRESS, "<address>"),
        (_FOLDERS, r"\1"),
        (_TEMPORARY, "<temporary>"),
    ):
        text = pattern.sub(mark, text)
    text = _SPAN.sub("<span> ", _WORD.sub(_id_or_word, text))
    text = _ROW.sub("#", _NUMBER.sub(lambda found: found[1] or "#", text))
    return " ".join(text.split()).casefold()


def _id_or_word(found: re.Match[str]) -> str:
    """Replace hexadecimal digits, and what changes between letters and digits too often for a name."""
    word = found[0]
    if word.isdecimal():
        return word
    most = 1 if word[0].isdecimal() else 2
    return "<id>" if _HEX.fullmatch(word) or sum(1 for _ in _CHANGE.finditer(word)) > most else word
