"""The kinds of errors that builders meet: the words that tell them, whether another try may help, what to do instead.

Every pattern has bounded repetitions, so that the time grows with the length of the text only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["KINDS", "ErrorKind", "kind_in"]


@dataclass(frozen=True)
class ErrorKind:
    """One kind of error."""

    name: str
    retryable: bool
    words: re.Pattern[str]
    advice: str
    """What a builder, or the person that looks after it, does about it."""


def _kind(name: str, words: str, advice: str, *, retryable: bool) -> ErrorKind:
    return ErrorKind(name, retryable, re.compile(words, re.IGNORECASE | re.MULTILINE), advice)


_PLAIN = (
    _kind(
        "billing",
        r"insufficient[_ ](?:quota|funds|credits?|balance)|credit balance (?:is )?too low|billing (?:hard )?limit"
        r"|exceeded your current quota|payment required|out of credits|billing[_ ](?:not active|error)|spending limit",
        "The platform wants to be paid: a person has to settle its account or choose another builder.",
        retryable=False,
    ),
    _kind(
        "rate_limit",
        r"rate[-_ ]?limit|too many requests|throttl(?:ed|ing)|resource[_ ]exhausted|quota (?:has been |was )?exceeded"
        r"|exceeded (?:the |your )?quota|(?:requests|tokens) per (?:minute|hour|day)|usage limit"
        r"|\b(?:hour(?:ly)?|daily|weekly|monthly) limit reached",
        "The platform limits how often it is asked: ask it less often, put work together, read no file twice.",
        retryable=True,
    ),
    _kind(
        "context_overflow",
        r"context[-_ ](?:length|window|limit|size)|maximum context|(?:prompt|input|request)(?: is)? too (?:long|large)"
        r"|request_too_large|too many (?:input )?tokens|token limit (?:was |is )?(?:exceeded|reached)"
        r"|exceeds? the (?:maximum|model'?s?)[^\n]{0,40}tokens?",
        "The context overflowed: read only the files and lines that are needed, print short excerpts of long outputs,"
        " and work in small steps.",
        retryable=True,
    ),
    _kind(
        "disk",
        r"no space left|ENOSPC|disk quota exceeded|EDQUOT|disk (?:is )?full|read-only file ?system|EROFS",
        "The disk is full or read-only: a person has to make room.",
        retryable=False,
    ),
    _kind(
        "memory",
        r"out of memory|MemoryError|cannot allocate memory|OOM[- ]?kill|exit (?:code|status) 137|heap limit",
        "Memory ran out: work on less at a time, and start no server or watcher that keeps running.",
        retryable=True,
    ),
    _kind(
        "blocked_command",
        r"command (?:was |is |has been )?(?:blocked|denied|disallowed|rejected|not (?:allowed|permitted))"
        r"|blocked command|permission to use [\w.-]{1,40} (?:was |has been )?denied|requires approval"
        r"|not (?:in|on) the allow(?:ed)?[- ]?(?:list|commands)|(?:blocked|denied) by (?:the )?(?:sandbox|policy)",
        "A command was not allowed: do not try it again, and reach the aim with file edits and the allowed commands.",
        retryable=True,
    ),
    _kind(
        "missing_dependency",
        r"ModuleNotFoundError|no module named|cannot find (?:module|package)|no matching distribution"
        r"|could not find a version that|(?:package|crate|dependency) [^\n]{1,80} (?:was )?not found"
        r"|unresolved (?:dependency|requirement)",
        "A package is missing: name it among the requirements of the service, or do without it.",
        retryable=True,
    ),
    _kind(
        "import",
        r"ImportError|cannot import name|circular import|partially initialized module",
        "An import fails: check that the name is there under this path and that modules do not import each other.",
        retryable=True,
    ),
    _kind(
        "syntax",
        r"SyntaxError|IndentationError|TabError|invalid syntax|unexpected (?:token|indent)|unterminated string"
        r"|parse error|does not compile|compilation failed",
        "A file can't be parsed: write it again as a whole, and compile each file before you end.",
        retryable=True,
    ),
    _kind(
        "tests",
        r"\b\d{1,6} (?:tests? )?failed\b|\btests? (?:have |has )?failed|test failures?|AssertionError|^FAILED \S",
        "Tests fail: run the first failing one alone, mend the code it tests, not the test, then run them all.",
        retryable=True,
    ),
    _kind(
        "empty",
        r"left no files?\b|wrote (?:no files?|nothing)|no files? (?:was |were )?(?:written|created|left)"
        r"|nothing was (?:written|built)",
        "Nothing was written: write the files of the service into the current folder, not elsewhere.",
        retryable=True,
    ),
)
"""What is said so plainly that an HTTP status beside it says less, in the order in which it is looked for."""

_FIRST = (
    _kind(
        "api_key",
        r"(?:invalid|incorrect|missing|expired|revoked|wrong|bad|no)[ _](?:x-)?api[-_ ]key"
        r"|api[-_ ]key (?:is |was |has )?(?:not (?:valid|set|found)|invalid|missing|expired|required|revoked)",
        "The platform's key is missing or wrong: a person has to set it.",
        retryable=False,
    ),
    _kind(
        "authentication",
        r"authentication[_ ]?(?:failed|error|required|failure)|not authenticated|unauthori[sz]ed|not logged in"
        r"|(?:please |run )/?log ?in\b|login required|invalid (?:credentials|bearer|access token|auth)"
        r"|(?:oauth|access|refresh) token (?:has |is )?(?:expired|revoked|invalid)",
        "The platform does not know us: a person has to log in.",
        retryable=False,
    ),
    _kind(
        "permission",
        r"permission[_ ]?(?:denied|error)|\bforbidden\b|access (?:is |was )?denied|\bEACCES\b|\bEPERM\b"
        r"|insufficient permissions?|operation not permitted",
        "A file or service is not ours to use: a person has to grant it, or it has to be done without.",
        retryable=False,
    ),
    _kind(
        "missing_tool",
        r"command not found|executable (?:file )?not found|not recognized as an internal or external command"
        r"|no such file or directory|\bENOENT\b|program [^\n]{1,80} (?:was )?not found",
        "A program or file is not there: a person has to install it, or correct the path.",
        retryable=False,
    ),
    _kind(
        "not_found",
        r"\bnot[_ ]?found(?:_?error)?\b|(?:model|page|resource|project|account) [^\n]{0,80}does not exist",
        "What was asked for does not exist: check the names of the model and of the address.",
        retryable=False,
    ),
    _kind(
        "bad_request",
        r"bad ?request|invalid[_ ]request(?:_error)?|malformed request|unrecogni[sz]ed (?:arguments?|option)"
        r"|(?:unknown|unexpected|invalid) (?:option|flag|argument|model)",
        "The request itself is wrong: check the command line and the options of the builder.",
        retryable=False,
    ),
    _kind(
        "validation",
        r"validation[_ ](?:error|failed|failure)|\d{1,6} validation errors?|ValidationError|failed validation"
        r"|schema (?:violation|mismatch)",
        "What was handed over is not valid: compare it with its schema, field by field.",
        retryable=False,
    ),
    _kind(
        "stall",
        r"\bstall(?:ed|ing)?\b|no sign of life|no output for|silent for|(?:without|nor) a (?:word|sign|changed file)",
        "Nothing moved for too long: start nothing that waits for input or runs for ever, and report as you go.",
        retryable=True,
    ),
    _kind(
        "timeout",
        r"tim(?:ed|e)[-_ ]?out|deadline (?:was )?exceeded|\bETIMEDOUT\b|no end after|took too long",
        "Time ran out: do the essential files first, in few steps, and start nothing that runs for ever.",
        retryable=True,
    ),
    _kind(
        "connection",
        r"connection (?:error|refused|reset|aborted|closed|lost|failed|dropped)|\bECONN(?:RESET|REFUSED|ABORTED)\b"
        r"|broken pipe|\bEPIPE\b|network (?:is )?(?:unreachable|error|down)|name resolution|getaddrinfo|\bENOTFOUND\b"
        r"|\bEAI_AGAIN\b|name or service not known|socket hang up|remote end closed|server disconnected|fetch failed"
        r"|no route to host|could not connect|connect(?:ion)?[a-z]{0,12}error",
        "The connection broke: what needs the network may fail again, what is local goes on.",
        retryable=True,
    ),
    _kind(
        "unavailable",
        r"(?:service|temporarily|currently) unavailable|overloaded(?:_error)?\b|try again later|bad gateway"
        r"|gateway time-?out|at capacity|server (?:is )?(?:too )?busy",
        "The platform was not available: go on where the last try ended.",
        retryable=True,
    ),
    _kind(
        "internal",
        r"internal[_ ]?(?:server[_ ]?)?error|server error|\bapi_error\b|unexpected error",
        "The other side failed: go on where the last try ended.",
        retryable=True,
    ),
    _kind(
        "crash",
        r"segmentation fault|core dumped|\bpanic: |killed by signal|(?:received|by) SIG[A-Z]{2,6}\b|fatal error",
        "The builder crashed: take smaller steps and avoid the last one.",
        retryable=True,
    ),
)
"""What counts by where it stands: the first one of a text names the error, what follows are its details."""

KINDS = {kind.name: kind for kind in (*_PLAIN, *_FIRST)}
"""Kinds by name."""


def kind_in(text: str, *, sure: bool | None = None) -> ErrorKind | None:
    """Return the kind that the words of `text` tell, if any.

    Args:
        text: an error's message, not longer than some ten thousand characters.
        sure: whether to look only at kinds whose words say more than an HTTP status, or only at the others.
    """
    if sure is not False:
        found = next((kind for kind in _PLAIN if kind.words.search(text)), None)
        if found is not None or sure:
            return found
    places = [(place.start(), kind) for kind in _FIRST if (place := kind.words.search(text))]
    return min(places, key=lambda found: found[0])[1] if places else None
