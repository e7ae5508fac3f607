"""Which operations the requirements ask for in words: "the admin can edit products", in several languages."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_superteam.architect.model.lexicon import language_of, lexicon, normal
from pytest_superteam.architect.names import fold, pascal, singular, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.architect.model.lexicon import Hit
    from pytest_superteam.models import Requirement

__all__ = ["LOGS", "Wishes"]

LOGS = frozenset({"log", "history", "audit", "event", "snapshot", "metric", "statistic", "trace"})
"""Last words of the names of what is written down as it happens, and by nobody's wish."""
_PARTS = frozenset({"item", "line", "detail", "entry", "option", "value"})
_ASKED: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (
        frozenset({"manag", "maintain", "administ", "crud"}),
        frozenset({"create", "list", "read", "update", "delete"}),
    ),
    (
        frozenset({"creat", "add", "submit", "upload", "book", "post", "writ", "record"}),
        frozenset({"create"}),
    ),
    (frozenset({"edit", "updat", "modify", "chang"}), frozenset({"update"})),
    (frozenset({"delet", "remov"}), frozenset({"delete"})),
    (frozenset({"view", "brows", "list", "search", "see"}), frozenset({"list", "read"})),
)
_NOUNS = ("or", "er", "ion", "ment")
"""How words end that are made of verbs and are none: an editor edits, but says nothing of editing."""
_BESIDE = 5
"""Words between a verb and the thing that it asks for, at most."""
_KINDS = {
    "create": frozenset({"create"}),
    "manage": frozenset({"create", "list", "read", "update", "delete"}),
    "view": frozenset({"list", "read"}),
}
"""What the verbs of the lexicon ask for."""
_MOST = 1000
"""Requirements that are looked at, at most."""
_MOST_FOREIGN = 300
_LONGEST = 400
_NEAR = 25
"""Characters between a verb and its noun in another language, at most; either may come first."""


class Wishes:
    """What the open requirements ask for, by entity."""

    def __init__(self, requirements: Sequence[Requirement]) -> None:
        self._texts = [r.text[:_LONGEST] for r in requirements if not r.done] if len(requirements) <= _MOST else []
        self._foreign: dict[str, set[str]] | None = None

    def of(self, entity: str) -> set[str]:
        """Return the kinds of operation on an entity that the requirements ask for."""
        name = words(entity)
        if not name or name[-1] in LOGS | _PARTS:
            return set()
        wanted = [singular(w) for w in name]
        found: set[str] = set()
        for text in self._texts:
            if name[-1][:4] in text.lower():
                found |= _asked_in([singular(w) for w in words(fold(text))], wanted)
        if self._foreign is None:
            self._foreign = _in_other_languages(self._texts[:_MOST_FOREIGN])
        return found | self._foreign.get(entity, set())


def _in_other_languages(texts: Sequence[str]) -> dict[str, set[str]]:
    """Return what texts that are not English ask for, by the English name of the thing."""
    found: dict[str, set[str]] = defaultdict(set)
    language = language_of("\n".join(texts))
    if language == "en":
        return found
    known = lexicon(language)
    for text in texts:
        line = normal(text, language)
        hits = known.scan(line)
        verbs = [h for h in hits if h.concept.kind == "V" and h.concept.name in _KINDS]
        nouns = [h for h in hits if h.concept.kind not in "VN"] if verbs else []
        for verb in verbs if nouns else ():
            at = min(range(len(nouns)), key=lambda i: _distance(nouns[i], verb))
            if _distance(nouns[at], verb) <= _NEAR:
                found[_name(line, nouns, at)] |= _KINDS[verb.concept.name]
    return found


def _distance(noun: Hit, verb: Hit) -> int:
    return verb.start - noun.end if verb.start >= noun.end else noun.start - verb.end


def _name(line: str, nouns: Sequence[Hit], at: int) -> str:
    """Return the name of the thing that a noun stands for, with a noun right before or behind it."""

    def beside(left: int) -> bool:
        return 0 <= left < len(nouns) - 1 and not line[nouns[left].end : nouns[left + 1].start].strip(" -")

    first = at - 1 if beside(at - 1) else at
    last = first + 1 if beside(first) else first
    return pascal(" ".join(n.concept.name for n in nouns[first : last + 1]))


def _asked_in(said: Sequence[str], wanted: Sequence[str]) -> set[str]:
    """Return the kinds that verbs shortly before the name of the entity ask for."""
    found: set[str] = set()
    size = len(wanted)
    for at in range(len(said) - size + 1):
        if list(said[at : at + size]) == list(wanted):
            before = [w for w in said[max(0, at - _BESIDE) : at] if not w.endswith(_NOUNS)]
            for verbs, kinds in _ASKED:
                if any(b.startswith(v) for b in before for v in verbs):
                    found |= kinds
    return found
