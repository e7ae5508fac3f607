"""Errors of builders are classed as ones that may pass and ones that will not."""

from __future__ import annotations

import errno
import json
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.errors import BudgetError, BuildError
from pytest_superteam.pipeline.fleet.classes import MAX_TEXT, ErrorClass, class_of, error_text
from pytest_superteam.pipeline.fleet.kinds import KINDS

NOW = 1_800_000_000.0

FINAL = [
    ("Authentication failed", "authentication"),
    ("401 Unauthorized", "authentication"),
    ("You are not logged in. Please run /login", "authentication"),
    ("OAuth token has expired", "authentication"),
    ("Invalid API key", "api_key"),
    ("Incorrect API key provided: sk-1234********", "api_key"),
    ("API key is missing", "api_key"),
    ("Permission denied", "permission"),
    ("EACCES: permission denied, open '/etc/shadow'", "permission"),
    ("HTTP 403", "permission"),
    ("Not found", "not_found"),
    ("HTTP Error 404: Not Found", "not_found"),
    ('{"type":"error","error":{"type":"not_found_error","message":"model: big-7"}}', "not_found"),
    ("The model `big-7` does not exist", "not_found"),
    ("NotFoundError: no such model", "not_found"),
    ("BadRequestError", "bad_request"),
    ("AuthenticationError", "authentication"),
    ("Bad request", "bad_request"),
    ("status code: 400", "bad_request"),
    ("agent: error: unrecognized arguments: --fast", "bad_request"),
    ("Validation error", "validation"),
    ("2 validation errors for Settings", "validation"),
    ("Error code: 422", "validation"),
    ("sh: 1: agent: command not found", "missing_tool"),
    ("[Errno 2] No such file or directory: 'agent'", "missing_tool"),
    ("Your credit balance is too low to access the API", "billing"),
    ("Error code: 429 - insufficient_quota", "billing"),
    ("[Errno 28] No space left on device", "disk"),
]
PASSING = [
    ("Timeout", "timeout"),
    ("the request timed out", "timeout"),
    ("no end after 1800 s", "timeout"),
    ("context deadline exceeded", "timeout"),
    ("Connection error", "connection"),
    ("read ECONNRESET", "connection"),
    ("getaddrinfo ENOTFOUND api.example", "connection"),
    ("Temporary failure in name resolution", "connection"),
    ("APIConnectionError", "connection"),
    ("httpx.ConnectError: all attempts failed", "connection"),
    ("InternalServerError", "internal"),
    ("RateLimitError", "rate_limit"),
    ("Rate limit", "rate_limit"),
    ("rate_limit_error", "rate_limit"),
    ("429 Too Many Requests", "rate_limit"),
    ('API Error: 429 {"type":"error"}', "rate_limit"),
    ("5-hour limit reached", "rate_limit"),
    ("HTTP 403: API rate limit exceeded", "rate_limit"),
    ("Service unavailable", "unavailable"),
    ("Error 503: try later", "unavailable"),
    ("API Error: 529 overloaded_error", "unavailable"),
    ("Internal server error", "internal"),
    ("HTTP/1.1 500", "internal"),
    ("prompt is too long: 212345 tokens > 200000 maximum", "context_overflow"),
    ("Error code: 400 - This model's maximum context length is 8192 tokens", "context_overflow"),
    ("Command was blocked by policy: rm -rf build", "blocked_command"),
    ("ModuleNotFoundError: No module named 'jose'", "missing_dependency"),
    ("Package 'python-jose' was not found", "missing_dependency"),
    ("ImportError: cannot import name 'User' from 'app.models'", "import"),
    ("SyntaxError: invalid syntax (main.py, line 3)", "syntax"),
    ("3 failed, 12 passed in 1.20s", "tests"),
    ("FAILED tests/test_api.py::test_get - assert 404 == 200", "tests"),
    ("left no file", "empty"),
    ("no sign of life for 1800 s", "stall"),
    ("neither a changed file nor a word for 1800 s", "stall"),
    ("exit code 137", "memory"),
    ("Segmentation fault (core dumped)", "crash"),
]


@pytest.mark.parametrize(("text", "kind"), FINAL)
def test_final_errors(text, kind):
    """What will not pass by itself is not tried again."""
    assert class_of(BuildError(text)) == ErrorClass(kind, retryable=False)


@pytest.mark.parametrize(("text", "kind"), PASSING)
def test_passing_errors(text, kind):
    """What may pass is tried again."""
    assert class_of(BuildError(text)) == ErrorClass(kind, retryable=True)


@pytest.mark.parametrize(
    "text",
    [
        "agent ended with exit code 1",
        "found 429 errors of style in 503 files",
        "wrote 404 lines, then 401 more",
        "exit code 4",
        "status: 4041",
        "status code 500.1",
        "took 500 ms",
        "version 4.29.1, build 503.2",
        "nothing to say",
        "",
    ],
)
def test_unknown_errors(text):
    """What is not known is tried again and told as unknown; numbers that are no HTTP status say nothing."""
    found = class_of(RuntimeError(text))
    assert found == ErrorClass("unknown", retryable=True)
    assert not found.known


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Connection error: host not found", "connection"),
        ("Not found, after a connection error", "not_found"),
        ("validation failed: field 'timeout' timed out", "validation"),
        ("service unavailable: authentication failed upstream", "unavailable"),
    ],
)
def test_first_words_count(text, kind):
    """Of several meanings the first one names the error."""
    assert class_of(BuildError(text)).kind == kind


class Answer:
    def __init__(self, status_code, headers=None):
        self.status_code = status_code
        self.headers = headers or {}


class APIStatusError(Exception):
    def __init__(self, status, headers=None):
        super().__init__("the server said no")
        self.response = Answer(status, headers)


class RateLimitError(Exception):
    pass


class Hostile(Exception):  # noqa: N818  # not one of ours
    def __str__(self):
        raise ValueError

    def __getattribute__(self, name):
        raise RuntimeError(name)


@pytest.mark.parametrize(
    ("error", "kind", "retryable"),
    [
        (TimeoutError(), "timeout", True),
        (ConnectionResetError(104, "reset"), "connection", True),
        (socket.gaierror(-2, "Name or service not known"), "connection", True),
        (OSError(errno.ENOSPC, "No space left on device"), "disk", False),
        (OSError(errno.EDQUOT, "x"), "disk", False),
        (PermissionError(13, "Permission denied"), "permission", False),
        (FileNotFoundError(2, "No such file"), "missing_tool", False),
        (ModuleNotFoundError("No module named 'sdk'"), "missing_tool", False),
        (MemoryError(), "memory", True),
        (KeyboardInterrupt(), "crash", True),
        (SystemExit(3), "crash", True),
        (RecursionError("maximum recursion depth exceeded"), "crash", True),
        (RateLimitError("slow down"), "rate_limit", True),
        (APIStatusError(401), "authentication", False),
        (APIStatusError(503), "unavailable", True),
        (APIStatusError(418), "bad_request", False),
        (APIStatusError(599), "unavailable", True),
        (APIStatusError(200), "unknown", True),
        (BaseExceptionGroup("two", [ValueError("x"), PermissionError("no")]), "permission", False),
    ],
)
def test_types_and_statuses(error, kind, retryable):
    """The type of an exception and the HTTP status that it carries class it."""
    assert class_of(error) == ErrorClass(kind, retryable=retryable)


def test_hostile_error():
    """An exception that raises at every question is one of unknown kind."""
    assert class_of(Hostile()).kind == "unknown"
    assert error_text(Hostile()) == "Hostile"


def test_causes():
    """An error without known words is classed by what it was caused by."""
    error = BuildError("the agent gave up")
    error.__cause__ = PermissionError("no")
    assert class_of(error).kind == "permission"


def test_circle_of_causes():
    """Errors that caused each other come to an end."""
    one, two = BuildError("a"), BuildError("b")
    one.__cause__, two.__cause__ = two, one
    assert class_of(one).kind == "unknown"


def test_build_error_counts_first():
    """What a builder says of its own error counts, whatever the words are."""
    assert class_of(BuildError("Timeout", retryable=False)) == ErrorClass("timeout", retryable=False)
    assert class_of(BuildError("Not found", retryable=True)) == ErrorClass("not_found", retryable=True)
    assert class_of(BuildError("hm", retry_after=7)) == ErrorClass("unknown", retryable=True, retry_after=7.0)
    assert class_of(BuildError("Not found", retry_after=7)).retryable
    assert class_of(BuildError("hm", retry_after=7, retryable=False)) == ErrorClass("unknown", retryable=False)


@pytest.mark.parametrize("value", [float("nan"), -1, True, "soon", [1]])
def test_useless_waits_of_builders(value):
    """A wait that is no number of seconds counts as none."""
    assert class_of(BuildError("hm", retry_after=value)).retry_after is None


def test_huge_wait_of_a_builder():
    """A wait beyond all numbers is a very long one, not a crash."""
    assert class_of(BuildError("hm", retry_after=10**400)).retry_after == 1e9


def test_waits_are_read():
    """What the other side asks for is found in headers and in words, for errors that may pass only."""
    assert class_of(APIStatusError(429, {"Retry-After": "120"})).retry_after == 120
    assert class_of(
        APIStatusError(503, {"retry-after": "Fri, 15 Jan 2027 08:01:00 GMT"}), now=lambda: NOW
    ) == ErrorClass("unavailable", retryable=True, retry_after=60.0)
    assert class_of(BuildError("HTTP 429\nRetry-After: 30")).retry_after == 30
    assert class_of(BuildError("hm\nRetry-After: 30")) == ErrorClass("unknown", retryable=True, retry_after=30.0)
    assert class_of(BuildError("HTTP 401\nRetry-After: 30")) == ErrorClass("authentication", retryable=False)


def test_quota_that_fills_again():
    """A platform that calls its limit a quota, and says when it has room again, is waited for."""
    said = "You exceeded your current quota, please check your plan. Please retry in 34.5s."
    assert class_of(BuildError(said)) == ErrorClass("rate_limit", retryable=True, retry_after=34.5)


def test_error_text():
    """Messages for people are masked, bounded, and name the type of what is none of our errors."""
    assert error_text(BuildError("went wrong")) == "went wrong"
    assert error_text(BudgetError("")) == "BudgetError"
    assert error_text(ValueError("bad")) == "ValueError: bad"
    assert "hunter2hunter2" not in error_text(BuildError("password='hunter2hunter2'"))
    assert error_text(BuildError("a\0b\ud800c")) == "ab?c"
    long = error_text(BuildError("start" + "x" * 10 * MAX_TEXT + "end"))
    assert len(long) < MAX_TEXT + 10
    assert long.startswith("start")
    assert long.endswith("end")


@given(st.text(max_size=300))
def test_any_text_has_a_class(text):
    """No text breaks the classes, and what comes out can be written down."""
    found = class_of(BuildError(text), now=lambda: NOW)
    assert found.kind in {*KINDS, "unknown"}
    assert found.retry_after is None or found.retryable
    json.dumps(error_text(BuildError(text))).encode()


@pytest.mark.parametrize(
    "piece", ["a ", "retry after 1 ", "1 h ", "no ", "http 4", "(", "package ", "exceeds the ", "GET /"]
)
def test_long_texts_take_no_time(piece):
    """Texts made to keep patterns busy are read in one go: the steps grow with the length only."""
    assert class_of(BuildError(piece * 100_000)).kind in {*KINDS, "unknown"}
