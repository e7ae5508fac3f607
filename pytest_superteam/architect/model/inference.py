# ruff: noqa: RUF001 - the words of many languages and scripts
"""Entities of a text that has no data model: the nouns that its users create, manage and look at, in any language.

Every mention of a noun is evidence of some weight; a noun is an entity when its evidence passes a threshold that grows
with the text. The rules, in the order of weight:

- it is the title of a feature ("Product management", "商品管理", "Gestión de productos") or a heading by itself;
- it is the object of a verb that makes it or manages it, more than of one that shows it;
- it is listed as what a database or a table keeps;
- it is mentioned again and again.

People in roles ("student") are users, not entities, unless others manage them. A word that the lexicon does not know
needs more evidence, and only counts in English.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.architect.behaviour.exclusions import excludes
from pytest_superteam.architect.model.inference_words import (
    AFTER_VERB,
    BEFORE_VERB,
    BESIDE,
    BOTH,
    CODE,
    ID,
    LABELS,
    LEAVES,
    NOT_NOUN,
    SKIP,
    STOP,
)
from pytest_superteam.architect.model.lexicon import Concept, Hit, Lexicon, language_of, lexicon, normal
from pytest_superteam.architect.names import pascal, plural, singular, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.architect.document.blocks import Block
    from pytest_superteam.architect.document.sections import Document, Section

__all__ = ["Candidate", "infer"]

_SKIPPED = {"nonfunctional", "stack", "risks", "metrics", "questions", "glossary", "excluded", "meta", "tests"}
_HALF = {"ui", "roles", "api", "context", "plan"}
_MADE, _MANAGED, _SHOWN, _TITLE, _SAID = 1.0, 1.7, 0.3, 1.2, 0.5
"""What one piece of evidence of a kind is worth."""
_CAPS = (3, 4, 4, 3, 16)
"""How many pieces of a kind count, in the same order."""
_FACTOR = {"E": 1.0, "W": 0.65, "P": 0.35, "C": 1.5, "U": 0.45}
"""Weight of a noun by kind: kept by most systems, kept by some, a person, a compound, unknown to the lexicon."""
_LEAST, _BASE, _FULL = 2.8, 0.3, 18_000
"""The least evidence of an entity: `_LEAST` in a text of 70 % of `_FULL` characters or more, `_BASE` of it in none.

These and the weights above were fitted to requirements documents that people had annotated; the optimum is flat."""
_SHARE = 0.17
"""An entity has at least this share of the evidence that the second strongest one has."""
_STRICT = 1.3
"""How much more evidence an entity needs where paths name entities already."""
_ACTED = 0.9
"""How much of a creation it is to set, attach, accept or complete something."""
_OTHERS = 2.5
"""How often those who use the system are managed where others keep records of them."""
_SEEN = 16
"""How often a person may be mentioned for each time that somebody manages one."""
_FAINT = 0.5
"""What a mention counts for whose word often means something else, once something is made of it or managed."""
_IDLE = 0.8
"""What the evidence of a noun counts for that nothing is ever done with."""
_ONLY_SAID = 4
"""How often a noun is said that nothing is done with."""
_MOST = 16
_MAY_MEAN_ITSELF = {"Product": "products", "Project": "projects", "Test": "tests", "Service": "services"}
"""What an English text may call the thing that it is about: an entity only where the text speaks of several."""
_FEW, _LOWER = 4, 0.35
"""How many nouns a text of people and accounts has at least a chance of, and which part of the threshold they need."""
_PEOPLE = 3
"""How often people are spoken of in such a text."""
_OF_MONEY = (
    "bank",
    "balance",
    "balances",
    "ledger",
    "deposit",
    "withdrawal",
    "banque",
    "banco",
    "bancaria",
    "bancario",
)
_CHARS = 200_000
"""How much of a text is read for evidence: more of it adds none."""
_LINE_CHARS = 1500
_SENTENCE = re.compile(r"[.!?;:。！？；：]\s|[。！？；]|\n")
_JOINED = re.compile(
    r"^[\s,/&+、・，和与及ややと·\-()]*(?:and|or|y|e|et|ou|und|oder|и|или|ve|và|dan|와|과|及び|および|own)?\s*$"
)
_NUMBERED = re.compile(r"\s?#?\d{1,3}(?![\d/%-]*[a-z])")
_NOTHING = {"risks", "metrics", "glossary", "excluded", "meta", "tests"}
_NOT_KEPT = STOP - {"user", "session", "request", "activity", "notification", "item", "entry", "report"}
_KEPT = 2
"""As how many titles of features it counts that a database keeps something."""
_KEEPS = re.compile(
    r"\W{0,5}(?:(?:primary |main |relational )?"
    r"(?:postgres\w*|mysql|mariadb|sqlite|mongo\w*|dynamodb|firestore|supabase|databases?|db)"
    r"(?: (?:tables?|collections?|database|db|for))?(?: \([^()]{1,40}\))?"
    r"|(?:main |core |database |db )?(?:tables|collections))\W{0,3}:\W{0,4}"
    r"([\w\- ,/&`*.]{5,200})$",
    re.IGNORECASE,
)
_PLURALS = re.compile(r"(?:[a-z]{2,14}[ -]){0,2}[a-z]{2,16}(?<!s)s")
_LAST_PLURAL = re.compile(r"s\W*")
_PARTS = ("Detail", "List")
"""Heads that name a view of what stands before them."""
_VIEWS = ("Detail", "List", "Listing", "Info", "Record", "Entry", "Data", "Profile")
"""What a name may end with and be the same entity as without it."""
_NEAR, _NEAR_EAST = 26, 7
_BEHIND, _BEHIND_EAST = 3, 4
_LATIN = re.compile(r"[a-z][a-z'-]+")
_ACT = Concept("touch", "V")
_ACTS = {
    "track": Concept("manage", "V"),
    **dict.fromkeys(("post", "posts", "record", "log", "schedule"), Concept("create", "V")),
}
"""Words that are nouns as well, with what they do as verbs; the others only touch their object."""


@dataclass
class Candidate:
    """A noun with its `score` and how often it is made, managed, shown, a title, said; `faint`: said by a weak word."""

    name: str
    kind: str
    line: int
    made: float = 0
    managed: float = 0
    shown: float = 0
    titles: float = 0
    said: float = 0
    faint: float = 0
    score: float = 0
    names: Counter[str] = field(default_factory=Counter)

    @property
    def acts(self) -> float:
        """Return how often the text does something with it."""
        return self.made + self.managed + self.titles

    def weigh(self) -> None:
        """Compute `score` from the evidence."""
        said = self.said + (self.faint * _FAINT if self.made + self.managed >= 1 else 0)
        counts = (self.made, self.managed, self.shown, self.titles, said)
        worth = (_MADE, _MANAGED, _SHOWN, _TITLE, _SAID)
        self.score = _FACTOR[self.kind] * sum(w * min(n, most) for w, n, most in zip(worth, counts, _CAPS, strict=True))
        if not self.acts + self.shown:
            self.score *= _IDLE


def infer(
    document: Document,
    *,
    roles: frozenset[str] = frozenset(),
    described: Mapping[str, int] | None = None,
    strict: bool = False,
) -> list[Candidate]:
    """Return the entities that the text only implies, the strongest first.

    Args:
        document: the text.
        roles: names of those who use the system, PascalCase.
        described: entities that sentences give attributes to, with the line: as good as the title of a feature.
        strict: whether other sources name entities already, so that only strong evidence counts.
    """
    language = language_of(document.text)
    reader = _Reader(lexicon(language))
    budget = _CHARS
    for section in document.sections:
        if section.excluded or budget < 0:
            continue
        size = reader.section(section)
        reader.size += size
        budget -= size
    for name, line in (described or {}).items():
        reader.described(name, line)
    reader.words.update(_LATIN.findall(document.text[:_CHARS].lower()))
    return reader.chosen(roles, strict=strict)


class _Reader:
    """Gathers the evidence of a text."""

    def __init__(self, words_of: Lexicon) -> None:
        self.lexicon = words_of
        self.found: dict[str, Candidate] = {}
        self.unknown: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.words: Counter[str] = Counter()
        self.size = 0

    def section(self, section: Section) -> int:
        """Read one section and return how many characters it has."""
        kinds = {section.kind, *section.kinds}
        if not kinds & _NOTHING:
            self._kept(section)
        if kinds & _SKIPPED:
            return 0
        weight = 0.5 if kinds & _HALF else 1.0
        size = 0
        if section.title and section.level > 1:
            self._title(section.title, section.line, weight)
        for block in section.blocks:
            for line, text, lead in _texts(block):
                size += len(text)
                if excludes(text, block.raw):
                    continue
                if lead:
                    self._title(lead, line, weight * 0.7)
                for part in _SENTENCE.split(text[:_LINE_CHARS]):
                    self._line(part, line, weight)
        return size

    def _kept(self, section: Section) -> None:
        """Read what a database is said to keep: `PostgreSQL: users, sessions`; every part is a plain plural."""
        for block in section.blocks:
            if block.kind not in ("item", "paragraph"):
                continue
            for line, text in block.lines():
                match = _KEEPS.match(text)
                parts = [p.strip(" `*.") for p in re.split(r",|/|&|\band\b", match.group(1).lower())] if match else []
                parts = [p for p in parts if p]
                if len(parts) > 1 and all(
                    _PLURALS.fullmatch(p) and singular(p.split()[-1]) not in _NOT_KEPT for p in parts
                ):
                    for name in (singular(p.replace("-", " ")) for p in parts):
                        hits = [h.concept for h in lexicon("en").scan(name) if h.concept.kind in "EWP"]
                        one = self._candidate(hits[-1].name if len(hits) == 1 else pascal(name), "E", line)
                        if one.kind == "U":
                            one.kind = "E"
                        one.titles += _KEPT

    def described(self, name: str, line: int) -> None:
        """Count a sentence that tells what an entity has."""
        hits = lexicon("en").scan(" ".join(words(name)))
        kind = hits[-1].concept.kind if hits else "E"
        if kind not in "NV" and words(name)[-1] not in STOP and words(name)[0] not in LABELS:
            one = self._candidate(hits[-1].concept.name if hits else name, kind if kind in "EWP" else "E", line)
            one.titles += 3

    def _title(self, title: str, line: int, weight: float) -> None:
        """Read a heading or the bold lead of an item: short, and all about its noun."""
        if len(title) > 120:
            return
        text = normal(ID.sub(" ", CODE.sub(" ; ", title)), self.lexicon.language)
        hits = self.lexicon.scan(text)
        nouns = self._nouns(text, hits, line)
        verbs = [h for h in hits if h.concept.kind == "V" and h.concept.name != "view"]
        rest = len(re.sub(r"[\W\d_]+", "", text)) - sum(h.end - h.start for h in hits)
        for noun, hit in nouns:
            alone = rest <= 2 and len(nouns) == 1 and not hit.concept.weak
            if verbs or alone:
                noun.titles += weight
            elif rest <= 16 and len(hits) == 1 and _LAST_PLURAL.fullmatch(text, hit.end - 1):
                noun.titles += weight / 2  # "Recurring bills"
            self._surface(noun, hit, text)
        if self.lexicon.language == "en" and not nouns and any(v.concept.name == "manage" for v in verbs):
            taken = {h.start for h in hits}
            phrase = [m for m in _LATIN.finditer(text) if m.start() not in taken]
            if 0 < len(phrase) <= 2 and all(singular(m.group()) not in STOP for m in phrase):
                for hit in self._unknown(phrase):
                    self._candidate(hit.concept.name, "U", line).titles += weight

    def _surface(self, noun: Candidate, hit: Hit, text: str) -> None:
        """Remember under which English name the author speaks of a noun."""
        word = text[hit.start : hit.end]
        if word.isascii() and noun.kind != "C" and self.lexicon.language in ("en", "zh", "ja", "ko", "ru"):
            noun.names[pascal(word)] += 1
        elif not word.isascii():
            beside = BESIDE.match(text[hit.end : hit.end + 40])
            if beside and any(h.concept.name == noun.name for h in lexicon("en").scan(beside.group(1))):
                noun.names[pascal(beside.group(1))] += 20

    def _line(self, part: str, line: int, weight: float) -> None:
        if "/" in part or "T" in part:
            part = CODE.sub(" ; ", part)
        text = normal(part, self.lexicon.language)
        hits = self.lexicon.scan(text)
        if self.lexicon.language == "en":
            hits = [self._as_verb(h, text, hits, line, weight) for h in hits]
            hits = sorted([*hits, *self._objects(text, hits)], key=lambda h: h.start)
        if not hits:
            return
        nouns = self._nouns(text, hits, line)
        for noun, hit in nouns:
            self._surface(noun, hit, text)
            if hit.concept.weak:
                noun.faint += weight
            else:
                noun.said += weight
        verbs = [h for h in hits if h.concept.kind == "V"]
        for verb in verbs:
            for noun, _ in self._objects_of(verb, nouns, verbs, text):
                kind = verb.concept.name
                noun.made += weight * (_ACTED if kind == "act" else kind == "create")
                noun.managed += weight * (kind == "manage")
                noun.shown += weight * (kind in ("view", "touch"))

    def _as_verb(self, hit: Hit, text: str, hits: list[Hit], line: int, weight: float) -> Hit:
        """Return an ambiguous English noun as the verb that it is here, counting what the act leaves behind."""
        word = text[hit.start : hit.end]
        if word in LEAVES:
            self._candidate(LEAVES[word], "E", line).made += weight / 2
        if word not in BOTH or hit.concept.kind == "V":
            return hit
        before = text[: hit.start].rsplit(None, 1)[-1:] if hit.start else []
        after = text[hit.end :].split(None, 1)[:1]
        opens = not text[: hit.start].strip(" -*•\"'") and any(
            h.start == hit.end + 1 and h.concept.kind in "EWP" and text[h.end - 1] == "s" for h in hits
        )
        if not (opens or (before and before[0] in BEFORE_VERB) or (after and after[0] in AFTER_VERB)):
            return hit
        left = BOTH[word]
        if left:
            noun = self._candidate(left, "E", line)
            noun.made += weight
        return Hit(hit.start, hit.end, _ACTS.get(word, _ACT))

    def _objects_of(
        self, verb: Hit, nouns: list[tuple[Candidate, Hit]], verbs: list[Hit], text: str
    ) -> Iterator[tuple[Candidate, Hit]]:
        """Yield the nouns that a verb acts on: the next one and what is joined to it, or the one just before."""
        east = not text[verb.start].isascii() and self.lexicon.language in ("zh", "ja", "ko")
        near, behind = (_NEAR_EAST, _BEHIND_EAST) if east else (_NEAR, _BEHIND)
        if east or self.lexicon.language in ("de", "tr", "nl") or verb.concept.name == "manage":
            before = [n for n in nouns if 0 <= verb.start - n[1].end <= behind]
            if before:
                yield before[-1]
                at = before[-1][1].start
                for noun in reversed([n for n in nouns if n[1].end <= at]):
                    if not _JOINED.match(text[noun[1].end : at]):
                        break
                    yield noun
                    at = noun[1].start
                return
        if self.lexicon.language in ("ja", "ko", "tr") and east:
            return
        end = verb.end
        limit = min((v.start for v in verbs if v.start >= end), default=len(text))
        first = True
        for noun in nouns:
            start = noun[1].start
            if start < verb.end:
                continue
            gap = text[end:start]
            if start > limit and not (first and _JOINED.match(text[end:limit])):
                return
            if len(gap) > near if first else not _JOINED.match(gap):
                return
            yield noun
            first, end = False, noun[1].end

    def _nouns(self, text: str, hits: list[Hit], line: int) -> list[tuple[Candidate, Hit]]:
        """Return the nouns of a line as candidates; a modifier or noun before a mere head makes a compound."""
        result: list[tuple[Candidate, Hit]] = []
        index = 0
        while index < len(hits):
            hit = hits[index]
            if hit.concept.kind in "EWPU" and _NUMBERED.match(text, hit.end):
                index += 1  # "Task 3" is a heading of the plan
                continue
            follow = hits[index + 1] if index + 1 < len(hits) else None
            near = follow is not None and text[hit.end : follow.start] in ("", " ", "-", "_")
            if hit.concept.kind in "EWPM" and follow is not None and near:
                if follow.concept.name in _PARTS and hit.concept.kind in "EWP":
                    # "order details" and "product list" are the order and the product
                    result.append((self._candidate(hit.concept.name, hit.concept.kind, line), hit))
                    index += 2
                    continue
                if follow.concept.kind == "H" or (hit.concept.kind == "M" and follow.concept.kind in "EW"):
                    name = hit.concept.name + follow.concept.name
                    result.append((self._candidate(name, "C", line), Hit(hit.start, follow.end, hit.concept)))
                    index += 2
                    continue
                if follow.concept.kind in "EW" and hit.concept.kind in "EWP":
                    index += 1  # "product category", "order review": what counts is the head
                    continue
            if hit.concept.kind in "EWP" or hit.concept.kind == "U":
                result.append((self._candidate(hit.concept.name, hit.concept.kind, line), hit))
            index += 1
        return result

    def _candidate(self, name: str, kind: str, line: int) -> Candidate:
        return self.found.setdefault(name, Candidate(name, kind, line))

    def _objects(self, text: str, hits: list[Hit]) -> list[Hit]:
        """Return the English nouns behind verbs that the lexicon does not know."""
        result = []
        for verb in hits:
            if verb.concept.kind != "V":
                continue
            taken = {h.start for h in hits}
            phrase: list[re.Match[str]] = []
            end = verb.end
            for match in _LATIN.finditer(text, verb.end, verb.end + 60):
                word = match.group()
                gap = text[end : match.start()]
                if gap.strip(" ") or match.start() in taken or len(phrase) == 3:
                    break
                end = match.end()
                if word in SKIP and not phrase:
                    continue
                if singular(word) in STOP or word in STOP:
                    break
                phrase.append(match)
            result += self._unknown(phrase)
        return result

    def _unknown(self, phrase: list[re.Match[str]]) -> list[Hit]:
        while phrase and NOT_NOUN.search(phrase[-1].group()):
            phrase.pop()
        if not phrase:
            return []
        head = singular(phrase[-1].group())
        if len(head) < 3 or not head.isalpha():
            return []
        self.unknown[head] += 1
        if len(phrase) > 1:
            self.pairs[phrase[-2].group(), head] += 1
        return [Hit(phrase[-1].start(), phrase[-1].end(), Concept(pascal(head), "U"))]

    def chosen(self, roles: frozenset[str], *, strict: bool) -> list[Candidate]:
        """Return the candidates that pass, the strongest first."""
        kept = []
        for one in self.found.values():
            if one.name == "User" or self._means_itself(one) or (one.kind == "U" and not self._named(one)):
                continue
            if one.name == "Account" and sum(self.words[w] for w in _OF_MONEY) < _ONLY_SAID:
                continue  # an account is its user, unless there is money on it
            if one.kind == "P" and (
                (one.name in roles and one.managed < _OTHERS) or one.acts < max(1, one.said / _SEEN)
            ):
                continue
            if one.kind == "C" and one.acts + one.shown < 2:
                continue
            if one.kind == "U" and one.acts + one.shown < 1:
                continue
            if one.acts + one.shown == 0 and one.said < _ONLY_SAID:
                continue
            one.weigh()
            kept.append(one)
        kept.sort(key=lambda c: (-c.score, c.line))
        top = kept[1].score if len(kept) > 1 else 0.0
        least = _LEAST * min(1.0, _BASE + self.size / _FULL)
        bar = max(least * (_STRICT if strict else 1.0), top * _SHARE)
        chosen = [c for c in kept if c.score >= bar][:_MOST] or self._best(kept, bar)
        for one in chosen:
            if one.names:
                one.name = one.names.most_common(1)[0][0]
        names = {c.name for c in chosen}
        return [c for c in chosen if not any(c.name.endswith(v) and c.name.removesuffix(v) in names for v in _VIEWS)]

    def _means_itself(self, one: Candidate) -> bool:
        """Return whether an English text says "the product" and means what is to be built."""
        many = _MAY_MEAN_ITSELF.get(one.name)
        return self.lexicon.language == "en" and many is not None and not self.words[many] and one.titles < 1

    def _best(self, kept: list[Candidate], bar: float) -> list[Candidate]:
        """Return the strongest nouns of a text whose users do something, though none of them is strong."""
        people = sum(c.said for c in self.found.values() if c.kind == "P" or c.name in ("User", "Account"))
        if people < _PEOPLE:
            return []
        return [c for c in kept if c.kind in "EWC" and c.acts + c.shown >= 1 and c.score >= bar * _LOWER][:_FEW]

    def _named(self, one: Candidate) -> bool:
        """Complete a noun that the lexicon does not know, and return whether it is one that the text counts.

        It is said in singular and in plural; the word that always stands before it belongs to its name.
        """
        head = words(one.name)[-1]
        one.said = self.words[head] + self.words[plural(head)]
        if one.said < 5 or self.words[plural(head)] < 2 or self.words[head] < 2:
            return False
        before = ((p, n) for (p, h), n in self.pairs.items() if h == head)
        first, often = max(before, key=lambda pair: pair[1], default=("", 0))
        if often >= 2 and often * 5 >= self.unknown[head] * 3 and singular(first) not in STOP:
            one.name = pascal(f"{first} {head}")
        return True


def _texts(block: Block) -> Iterator[tuple[int, str, str]]:
    """Yield the lines of a block with the lead of each: its bold begin, or the first cell of a row."""
    if block.kind in ("code", "heading"):
        return
    if block.kind == "table":
        for row in block.rows:
            cells = [c for c in row.cells if c.strip()]
            lead = next((c for c in cells[:2] if not re.match(r"^[\W\d]*[A-Z]{1,6}[-\d.]", c) and len(c) < 60), "")
            for cell in cells:
                for part in cell.split("\n"):
                    yield row.line, part, lead if cell is lead or (part is cell and cell == lead) else ""
        return
    bold = re.match(r"\s*(?:\*\*|__)([^*\n]{2,70}?):?(?:\*\*|__)", block.raw)
    for number, text in block.lines():
        lead = ""
        if number == block.line and block.kind == "item":
            plain_lead = re.match(r"([^:.\n]{2,40})(?::| [–—-] )", text)
            lead = bold.group(1) if bold else plain_lead.group(1) if plain_lead else ""
        elif bold and number == block.line:
            lead = bold.group(1)
        yield number, text, lead
