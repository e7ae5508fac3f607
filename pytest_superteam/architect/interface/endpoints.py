# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""Endpoints in every notation: what the readers of lines, tables and code find, with prefixes and without repeats."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import EndpointFact
from pytest_superteam.architect.interface.endpoint_code import code_calls, declared
from pytest_superteam.architect.interface.endpoint_labels import Labels
from pytest_superteam.architect.interface.endpoint_lines import (
    Call,
    bare_calls,
    calls_in,
    curl_calls,
    methods_of,
    narrow,
)
from pytest_superteam.architect.interface.endpoint_merging import Known, as_socket, merged, without_repeats
from pytest_superteam.architect.interface.endpoint_scopes import Bases, group_prefix
from pytest_superteam.architect.interface.endpoint_tables import table_calls
from pytest_superteam.architect.interface.endpoint_words import (
    FIRST_TITLE,
    HISTORY,
    LATER_LINE,
    LATER_TITLE,
    LISTS,
    NEIGHBOUR,
    OWN_PATH,
    TESTS,
    THIRD,
)
from pytest_superteam.architect.interface.remote import probes_in, procedures_in, procedures_in_code
from pytest_superteam.architect.interface.routes import METHODS, PATH, cleaned, joined, normal_path, query_names
from pytest_superteam.architect.interface.sockets import STREAMS, sockets_in
from pytest_superteam.architect.names import words
from pytest_superteam.models import Ignored, Socket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.architect.decomposition.services import ServiceIndex
    from pytest_superteam.architect.document.blocks import Block
    from pytest_superteam.architect.document.sections import Document, Section

__all__ = ["Interface", "normal_path", "read_endpoints", "read_interface"]

_DEAD = re.compile(
    r"[(\[（【]\s?(?:deprecated|not (?:yet )?implemented|not (?:in|part of) (?:the )?(?:mvp|scope|v1)"
    r"|out of scope|post-?mvp"
    r"|coming soon|obsolete|(?:future|removed)(?:\s(?:releases?|phases?|versions?|work|scope|enhancements?"
    r"|features?))?\s?[)\]）】]"
    r"|futuro\s?[)\]]|à venir|zukünftig\s?[)\]]|veraltet|廃止|将来(?:対応|実装|拡張)|未実装|暂不|未来(?:版本"
    r"|功能|规划)|废弃|미구현"
    r"|향후 (?:구현|지원)|устарел)"
    r"|\bdeprecated\b|\bnot implemented\b|\bnicht implementiert\b",
    re.IGNORECASE,
)
_DEAD_CELL = re.compile(
    r"^\W*(?:deprecated|removed|future|out of scope|not implemented|post-?mvp|obsolete|廃止|废弃)\W*$", re.IGNORECASE
)
_STRUCK = re.compile(r"~~([^~\n]{1,500})~~")
_ONLY_METHOD = re.compile(
    rf"^\W{{0,4}}((?:{METHODS})(?:\s?[/,|&+]\s?(?:{METHODS})){{0,4}})\b\s{{0,3}}(?:$|[:：(（–—→=-])"
)
_ALONE = re.compile(rf"^\W{{0,6}}((?:{METHODS}))\W{{0,6}}(?:(?:requests?|endpoints?|methods?|routes?)\W{{0,4}})?$")
_PATH_FIRST = re.compile(rf"^\W{{0,6}}?({PATH})")
_PLACEHOLDER = re.compile(
    r"localhost|127\.0\.0\.1|0\.0\.0\.0|example|your|\bmy|domain|company|host\b|server|staging|\bdev\b|\btest"
    r"|acme|[{}$<>\[\]*]|\.{3}|…"
    r"|\.local\b|^https?://(?:api|backend|app|gateway)(?:[:.-](?:\d+|local|internal)|$)|^https?://[a-z-]+(?::\d+)?$",
    re.IGNORECASE,
)
_MOST_IGNORED = 200


@dataclass(frozen=True)
class Interface:
    """What the text says about how the system is called."""

    endpoints: tuple[EndpointFact, ...] = ()
    sockets: tuple[Socket, ...] = ()
    ignored: tuple[Ignored, ...] = ()


@dataclass
class _Group:
    """Calls below one prefix."""

    section: Section
    prefix: str = ""
    calls: list[Call] = field(default_factory=list)

    def paths(self, base: str) -> Iterator[tuple[Call, str]]:
        """Yield each call with its path as written, below the prefixes."""
        prefix = "" if self.prefix == base else self.prefix
        rooted = [c for c in self.calls if prefix and c.path.startswith((prefix + "/", prefix + "?"))]
        by_itself = bool(rooted) and not any(
            c.path in ("", "/") or c.path.startswith(("/:", "/{", "/<", "/[")) for c in self.calls
        )
        for call in self.calls:
            path = call.path
            if not call.whole:
                path = path if by_itself else joined(prefix, path)
                path = joined(base, path) if base else path
            yield call, path


class _SectionReader:
    """Goes through the blocks of a section and keeps what stands above each line."""

    def __init__(self, section: Section, lines: Sequence[str]) -> None:
        self.section = section
        self.lines = lines
        self.api = "api" in section.kinds or "services" in section.kinds
        self.prefix = _heading_prefix(section)
        self.groups = [_Group(section, self.prefix)]
        self.filled = False
        self.parents: dict[int, tuple[str, tuple[str, ...]]] = {}
        self.labels = Labels()
        self.ignored: list[Ignored] = []

    def read(self) -> list[_Group]:
        """Return the calls of the section by prefix."""
        section = self.section
        about = next((b.text.split("\n")[0] for b in section.blocks if b.kind == "paragraph"), "")
        if "/" in section.heading:
            calls = [*calls_in(narrow(section.heading), section.line)] or [*sockets_in(section.heading, section.line)]
            self._add(replace(c, summary=c.summary or about[:200]) for c in calls)
            if not calls:
                self._label(f"endpoint: {section.heading.strip('` ')}", section.line)
        alone = _ALONE.match(section.heading)
        if alone:
            self.parents[0] = ("", (alone.group(1),))
        for block in section.blocks:
            getattr(self, f"_{block.kind}", self._paragraph)(block)
        return self.groups

    def _add(self, calls: Iterator[Call] | Sequence[Call], prefix: str = "") -> bool:
        found = False
        for call in calls:
            found = self.filled = True
            if _DEAD.search(call.summary):
                self._leave(call, "the text says that it is not to be built")
            elif prefix and call.first and not call.whole:
                self.groups[-1].calls.append(replace(call, path=joined(prefix, call.path)))
            else:
                self.groups[-1].calls.append(call)
        return found

    def _leave(self, call: Call, reason: str) -> None:
        self.ignored.append(Ignored(f"{call.method} {call.path}"[:200], call.line, reason))

    def _label(self, text: str, line: int) -> None:
        call = self.labels.read(text, line)
        if call:
            self._add([call])

    def _group(self, prefix: str) -> None:
        self.groups.append(_Group(self.section, prefix))
        self.filled = False

    def _paragraph(self, block: Block) -> None:
        found, lead = False, ""
        for line, text, raw in _lines(block):
            if self._text(text, raw, line):
                found = True
            elif block.level == 0:
                lead = lead or group_prefix(text)
        if found or block.level:
            return
        self.parents.clear()
        if lead:
            self._group(joined(self.prefix, lead))
        elif self.filled and self.groups[-1].prefix != self.prefix:
            self._group(self.prefix)

    def _item(self, block: Block) -> None:
        self.parents = {depth: parent for depth, parent in self.parents.items() if depth < block.level}
        above, verbs = "", tuple[str, ...]()
        for depth in sorted(self.parents):
            path, methods = self.parents[depth]
            above, verbs = joined(above, path) if path else above, methods or verbs
        for number, (line, text, raw) in enumerate(_lines(block)):
            if self._text(text, raw, line, above):
                continue
            if verbs and (start := _PATH_FIRST.match(text)) and len(start.group(1)) > 1:
                self._add(
                    [
                        Call(m, start.group(1), line, text[start.end() :].strip(" -–—:`")[:200], first=True)
                        for m in verbs
                    ],
                    above,
                )
                continue
            only = _ONLY_METHOD.match(text)
            if only and (above or (self.prefix and self._is_path_heading())):
                rest = text[only.end() :].strip(" -–—:()")[:200]
                self._add([Call(m, above or "/", line, rest, whole=False) for m in methods_of(only.group(1))])
                continue
            if number == 0:
                alone = _ALONE.match(text)
                path = group_prefix(text) if not alone and "ui" not in self.section.kinds else ""
                if alone or path:
                    self.parents[block.level] = (path, tuple(methods_of(alone.group(1))) if alone else ())

    def _is_path_heading(self) -> bool:
        return "/" in self.section.heading

    def _text(self, text: str, raw: str, line: int, prefix: str = "") -> bool:
        if "/" not in text and "@" not in text:
            self.ignored += procedures_in(raw, line, self.section.heading) if self.api else ()
            if ":" in text or "：" in text or text.strip("`*").isupper():
                self._label(text, line)
            return False
        calls = [*calls_in(text, line)] if "curl " not in text else [*curl_calls(text, line)]
        calls = calls or [*bare_calls(raw, line, api=self.api)] or [*declared(raw, line)]
        streams = [] if any(c.method in STREAMS for c in calls) else [*sockets_in(text, line)]
        calls = [_streamed(c, text) for c in calls] + [
            s for s in streams if s.method == "SSE" or all(c.path != s.path for c in calls)
        ]
        if calls and "~~" in raw:
            struck = " ".join(_STRUCK.findall(raw)).replace("`", "")
            for call in [c for c in calls if c.path in struck]:
                self._leave(call, "it is struck out")
            calls = [c for c in calls if c.path not in struck]
        if calls and not calls[0].first and LATER_LINE.search(text[:2000]):
            for call in calls:
                self._leave(call, "the text puts it off to later")
            return True
        if not calls:
            self._label(text, line)
            self.ignored += probes_in(text, line)
        return self._add(calls, prefix)

    def _table(self, block: Block) -> None:
        prefix = self.groups[-1].prefix
        if len(block.header) == 2 or not block.header:
            for cells, line in [(block.header, block.line), *((r.cells, r.line) for r in block.rows)]:
                if len(cells) == 2:
                    self._label(": ".join(cells)[:400], line)
        for found in table_calls(block):
            if isinstance(found, str):
                self._group(joined(self.prefix, group_prefix(found)) or self.prefix if "/" in found else prefix)
            elif self._dead_row(found, block):
                self._leave(found, "the text says that it is not to be built")
            else:
                self._add([_streamed(found, found.summary)])
        if self.groups[-1].prefix != prefix:
            self._group(prefix)
        self.filled = True

    def _dead_row(self, call: Call, block: Block) -> bool:
        raw = self.lines[call.line - 1] if 0 < call.line <= len(self.lines) else ""
        if "~~" in raw and any(call.path in struck for struck in _STRUCK.findall(raw[:4000])):
            return True
        row = next((r for r in block.rows if r.line == call.line), None) if len(block.rows) < 300 else None
        return row is not None and any(len(c) < 40 and _DEAD_CELL.match(c) for c in row.cells)

    def _code(self, block: Block) -> None:
        self._add(_streamed(c, c.summary) for c in code_calls(block, api=self.api))
        self.ignored += procedures_in_code(block)
        for line, text in block.lines():
            if "ebsocket" in text or "ws" in text:
                self._add(sockets_in(text[:4000], line))


def _lines(block: Block) -> Iterator[tuple[int, str, str]]:
    """Yield the lines of a block: number, plain text and Markdown."""
    texts, raws = block.text.split("\n"), block.raw.split("\n")
    if len(texts) != len(raws):
        raws = texts
    for i, (text, raw) in enumerate(zip(texts, raws, strict=True)):
        # To Markdown, two stars in a line emphasize what is between them; in paths they are wildcards.
        text = raw.replace("**", "").replace("`", "") if "/*" in raw else text  # noqa: PLW2901
        text = text.replace("\\", "") if "\\" in text else text  # noqa: PLW2901
        yield block.line + i, narrow(text), narrow(raw)


def _streamed(call: Call, text: str) -> Call:
    """Take a GET that the text calls a WebSocket for what it is."""
    last = call.path.rstrip("/").rsplit("/", 1)[-1].lower()
    if call.method == "GET" and "ebsocket" in text.lower() and ("ws" in last or "socket" in last):
        return replace(call, method="WS")
    return call


def _heading_prefix(section: Section) -> str:
    """Return the path that the headings above and of a section give to what is in it."""
    if "ui" in section.kinds:
        return ""
    prefix = ""
    for title in (*reversed(section.titles[1:]), section.heading):
        own = group_prefix(title, heading=True) if "/" in title else ""
        prefix = joined(prefix, own) if own else prefix
    return prefix


def read_endpoints(document: Document, services: ServiceIndex) -> tuple[EndpointFact, ...]:
    """Return the endpoints that the text names, one a method and path of a service, in order."""
    return read_interface(document, services).endpoints


def read_interface(document: Document, services: ServiceIndex) -> Interface:
    """Return the endpoints and streams that the text names, and what looks like one and is none."""
    bases = Bases(document)
    lines = document.text.split("\n")
    groups: list[_Group] = []
    ignored: list[Ignored] = []
    # Where the first phase is named too, the phases are steps of one plan, and all of them are built.
    phased = any(FIRST_TITLE.search(s.heading) and "api" in s.kinds for s in document.live())
    for section in document.live():
        reader = _SectionReader(section, lines)
        found = [g for g in reader.read() if g.calls]
        ignored += reader.ignored
        if not found:
            continue
        foreign = next((t for t in section.titles if THIRD.search(t) or HISTORY.search(t)), "")
        neighbour = next((t for t in section.titles if NEIGHBOUR.search(t)), "")
        later = (
            "" if phased else next((t for t in (section.heading, *section.titles[:-1]) if LATER_TITLE.search(t)), "")
        )
        for group in found:
            if foreign or neighbour or later:
                kept = [] if later else [c for c in group.calls if _is_kept(c, foreign)]
                ignored += [
                    Ignored(
                        f"{c.method} {c.path}"[:200],
                        c.line,
                        f"it stands under '{(foreign or neighbour or later)[:60]}'",
                    )
                    for c in group.calls
                    if c not in kept
                ]
                group.calls = kept
            if any(TESTS.search(t) and not LISTS.search(t) for t in section.titles[:2]):
                group.calls = [replace(c, sample=True) for c in group.calls]
        groups += found
    ignored += _drop_foreign(groups, document.title)
    return _resolved(groups, bases, services, ignored)


def _is_kept(call: Call, foreign: str) -> bool:
    """Return whether a call under a heading about other systems is ours all the same: a webhook, a path of our API."""
    if call.host and not _PLACEHOLDER.search(call.host):
        return False
    return not foreign or bool(OWN_PATH.search(call.path) and not HISTORY.search(foreign))


def _drop_foreign(groups: list[_Group], title: str) -> list[Ignored]:
    """Take out the calls to hosts that are not the system's own, as far as one can tell."""
    hosts = Counter(c.host for g in groups for c in g.calls if c.host)
    total = sum(len(g.calls) for g in groups)
    names = [w for w in words(title) if len(w) > 3]
    foreign = {
        host
        for host, count in hosts.items()
        if not (_PLACEHOLDER.search(host) or any(n in host.lower() for n in names) or count * 2 > total)
    }
    ignored = []
    for group in groups if foreign else ():
        out = [c for c in group.calls if c.host in foreign]
        ignored += [
            Ignored(f"{c.method} {c.host}{c.path}"[:200], c.line, "it is called on somebody else's host") for c in out
        ]
        group.calls = [c for c in group.calls if c.host not in foreign]
    return ignored


def _resolved(groups: list[_Group], bases: Bases, services: ServiceIndex, ignored: list[Ignored]) -> Interface:
    complete = _complete_bases(groups, bases)
    facts: list[EndpointFact] = []
    samples: list[EndpointFact] = []
    short: dict[tuple[str, str], str] = {}
    loose: set[tuple[str, str, int]] = set()
    for group in groups:
        section = group.section
        service = services.of_section(section) if section.level else None
        base = bases.of(section)
        for call, path in group.paths("" if base in complete else base):
            final = cleaned(path)
            if final is None or (final == "/" and not call.first):
                continue
            fact = EndpointFact(call.method, final, call.line, call.summary, call.access, service, query_names(path))
            (samples if call.sample else facts).append(fact)
            if path != call.path and not call.whole and call.path not in ("", "/"):
                short.setdefault((call.method, call.path.split("?")[0]), final)
            elif "api" not in section.kinds:
                loose.add((call.method, final, call.line))
    # What stands elsewhere below its prefix is not another endpoint where a sentence names it without.
    facts = [
        f for f in facts if (f.method, f.path, f.line) not in loose or short.get((f.method, f.path), f.path) == f.path
    ]
    known = Known(facts)
    facts += [s for s in samples if not known.covers(s)]
    whole = without_repeats(merged(facts))
    streams = tuple(as_socket(f) for f in whole if f.method in STREAMS and f.path != "/")
    seen: dict[tuple[str, str], Socket] = {}
    for stream in streams:
        seen.setdefault((stream.protocol, normal_path(stream.path)), stream)
    return Interface(
        tuple(f for f in whole if f.method not in STREAMS),
        tuple(seen.values()),
        tuple(sorted(dict.fromkeys(ignored), key=lambda i: i.line))[:_MOST_IGNORED],
    )


def _complete_bases(groups: list[_Group], bases: Bases) -> set[str]:
    """Return the bases that most paths of their sections begin with already: there, a path without it has none."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for group in groups:
        base = bases.of(group.section)
        if base:
            for call in group.calls:
                prefix = "" if group.prefix == base else group.prefix
                path = call.path if call.whole else joined(prefix, call.path)
                totals[base][0] += path == base or path.startswith(base + "/")
                totals[base][1] += 1
    return {base for base, (full, total) in totals.items() if full * 2 > total}
