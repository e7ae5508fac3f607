# ruff: noqa: RUF001 - the words of many languages and scripts
"""The nouns and verbs of business software in the languages of requirements documents, found in running text.

The words are in `lexicon.txt`, a line a concept, under its English name. Scripts with spaces are compared word by word
after a light, symmetric stemming; scripts without are searched for the longest word at each character.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from pytest_superteam.architect.names import pascal, singular, vocabulary

__all__ = ["Concept", "Hit", "Lexicon", "english", "language_of", "lexicon", "normal"]


_COLUMNS = ("en", "zh", "ja", "ko", "vi", "id", "fr", "es", "pt", "de", "it", "ru", "tr", "nl", "pl")
_UNSPACED = ("zh", "ja", "ko")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30fa]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_EAST = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# The commonest short words of each language: enough to tell them apart.
_COMMON = {
    "en": vocabulary("the and of to is for with that be by are on from this can must"),
    "vi": vocabulary("va cua cho duoc cac nguoi khi khong voi la trong theo nhung"),
    "id": vocabulary("dan yang untuk dengan pada dari dapat ini adalah atau dalam tidak oleh"),
    "fr": vocabulary("le la les des et du une pour dans est avec sur par qui au aux"),
    "es": vocabulary("el la los las de y en que para con del por una se es como"),
    "pt": vocabulary("o os as de e em que para com do da uma nao dos das ao por no na"),
    "de": vocabulary("der die das und ist mit fuer von den ein eine nicht auf werden wird zu"),
    "it": vocabulary("il di e che per con del della una gli sono non dei nel alla le"),
    "tr": vocabulary("ve bir icin ile bu olarak olan veya gibi daha her kullanici"),
    "nl": vocabulary("de het een en van voor met is op te zijn niet worden kan aan"),
    "pl": vocabulary("i w na z do jest nie sie oraz przez dla lub po od ze"),
}
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "’": "'"})
_TONES = re.compile(r"(?:o[áàảãạéèẻẽẹ]|u[ýỳỷỹỵ])(?!\w)")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_ACCENTS = re.compile("[\u0300-\u036f]")
_ENDINGS = {
    "de": ("en", "er", "es", "e", "n", "s"),
    "ru": (
        *("ями", "ами", "ого", "его", "ому", "ему", "ыми", "ими", "ях", "ах", "ям", "ам", "ов", "ев", "ей", "ой", "ыи"),
        *("ии", "ая", "яя", "ое", "ее", "ые", "ие", "ую", "юю", "ем", "ом", "ых", "их", "ия", "ию"),
        *("у", "ю", "а", "я", "ы", "и", "е", "о", "ь"),
    ),
    "tr": (
        *("larinin", "lerinin", "larini", "lerini", "larin", "lerin", "lari", "leri", "lar", "ler", "nin", "nun"),
        *("in", "un", "si", "su", "i", "u", "a", "e"),
    ),
    "pl": ("ami", "ach", "ow", "om", "ie", "y", "i", "a", "e", "u", "o"),
    "nl": ("en", "s"),
}
"""Endings of nouns and verbs, the longer ones first."""
_ENGLISH_LETTERS = ("fr", "es", "pt", "de", "it", "nl", "pl", "tr")
_FALSE_FRIENDS = vocabulary(
    "todo to-do load note sale form location place position comment course tag table brand rate game loan "
    "application grade pet station post log offer plan bill book pin ride pick draw slot car track list "
    "set ask see room fixture story unit team class event shift chat match board article document project "
    "contact coupon station club branch part receipt mood seat"
)
"""English words that are other words in a language with Latin letters, such as the Spanish `todo`, "everything"."""
_CHARS = 60_000
"""How much of a text decides its language."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A noun or verb by its English name; `kind` as the head of `lexicon.txt` says.

    A `weak` word often means something else ("event", "curso"): it says nothing unless something is done with it.
    """

    name: str
    kind: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept at a place of a normalised line."""

    start: int
    end: int
    concept: Concept


def _tone_first(match: re.Match[str]) -> str:
    first, plain = match.group()[0], unicodedata.normalize("NFD", match.group()[1])
    return unicodedata.normalize("NFC", first + plain[1:]) + plain[0]


def normal(text: str, language: str = "") -> str:
    """Return `text` in lower case without the accents of Latin and Cyrillic letters; Vietnamese keeps them."""
    text = text.lower()
    if text.isascii():
        return text
    if language == "vi":
        # Its accents tell words apart: `sản` is of products and `sân` a court. A tone on `oa` has two spellings.
        return _TONES.sub(_tone_first, unicodedata.normalize("NFC", text))
    if language == "de":
        text = text.translate(_GERMAN)
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return unicodedata.normalize("NFC", _ACCENTS.sub("", plain))


def language_of(text: str) -> str:
    """Return the code of the language that most of `text` is in; English when nothing tells."""
    sample = text[:_CHARS]
    letters = max(len(sample), 1)
    if len(_HANGUL.findall(sample)) * 20 > letters:
        return "ko"
    kana, han = len(_KANA.findall(sample)), len(_HAN.findall(sample))
    if (kana + han) * 20 > letters:
        return "ja" if kana * 10 > han else "zh"
    if len(_CYRILLIC.findall(sample)) * 8 > letters:
        return "ru"
    said = Counter(_WORD.findall(normal(sample, "de")))
    said.update(_WORD.findall(normal(sample)) if not sample.isascii() else ())
    votes = {code: sum(said[w] for w in common) for code, common in _COMMON.items()}
    best = max(votes, key=lambda code: (votes[code], code == "en"))
    return best if votes[best] > 2 else "en"


@lru_cache(maxsize=20_000)
def _stem(word: str, language: str) -> str:
    """Return what the forms of a word share; the same for the lexicon and the text, so that it need not be a word."""
    if language == "en":
        return singular(word.removesuffix("'s"))
    if language in ("fr", "es", "pt", "it"):
        bare = word.split("'", 1)[-1].rstrip("sx")
        short = bare.rstrip("aeiou")
        return short if len(short) >= 3 else bare
    for ending in _ENDINGS.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


class Lexicon:
    """The words of one language, beside the English ones, which occur in texts of every language."""

    def __init__(self, language: str) -> None:
        """Read the words of `language`, a code of two letters."""
        self.language = language
        self._spaced: list[tuple[str, dict[str, dict[tuple[str, ...], Concept]]]] = []
        self._unspaced: dict[str, list[tuple[str, Concept]]] = {}
        for code in dict.fromkeys((language, "en")):
            table: dict[str, dict[tuple[str, ...], Concept]] = {}
            for concept, columns in _entries():
                for word in columns.get(code, ()):
                    if code != language and (
                        word == "post" or (word in _FALSE_FRIENDS and language in _ENGLISH_LETTERS)
                    ):
                        continue
                    known = Concept(concept.name, concept.kind, weak=True) if word.endswith("~") else concept
                    self._add(code, normal(word.removesuffix("~"), code), known, table)
            if code not in _UNSPACED:
                self._spaced.append((code, table))
        for words in self._unspaced.values():
            words.sort(key=lambda pair: -len(pair[0]))

    def _add(self, code: str, word: str, concept: Concept, table: dict[str, dict[tuple[str, ...], Concept]]) -> None:
        if code in _UNSPACED:
            # A single character stands in too many other words.
            if _EAST.search(word) and len(word) > 1:
                self._unspaced.setdefault(word[0], []).append((word, concept))
            return
        stems = tuple(_stem(w, code) for w in _WORD.findall(word))
        # A syllable of Vietnamese without accents may be a word of English.
        if stems and not (code == "vi" and len(stems) == 1 and len(stems[0]) < 4 and stems[0].isascii()):
            table.setdefault(stems[0], {}).setdefault(stems, concept)

    def scan(self, line: str) -> list[Hit]:
        """Return the concepts of a line that `normal` has made, in order; the longest word wins, none overlap."""
        found = self._east(line) if self._unspaced and _EAST.search(line) else []
        tokens = [(m.start(), m.end(), m.group()) for m in _WORD.finditer(line)]
        index = 0
        while index < len(tokens):
            hit, used = self._at(tokens, index)
            if hit:
                found.append(hit)
            index += used
        return sorted(found, key=lambda h: h.start) if self._unspaced else found

    def _at(self, tokens: list[tuple[int, int, str]], index: int) -> tuple[Hit | None, int]:
        start, _, word = tokens[index]
        for code, table in self._spaced:
            phrases = table.get(_stem(word, code))
            if phrases:
                stems = tuple(_stem(t[2], code) for t in tokens[index : index + 4])
                for length in range(len(stems), 0, -1):
                    concept = phrases.get(stems[:length])
                    if concept:
                        return Hit(start, tokens[index + length - 1][1], concept), length
        return None, 1

    def _east(self, line: str) -> list[Hit]:
        found = []
        index, size = 0, len(line)
        while index < size:
            for word, concept in self._unspaced.get(line[index], ()):
                if line.startswith(word, index):
                    found.append(Hit(index, index + len(word), concept))
                    index += len(word)
                    break
            else:
                index += 1
        return found


@cache
def lexicon(language: str) -> Lexicon:
    """Return the words of a language, read once."""
    return Lexicon(language)


def english(text: str, language: str = "") -> str:
    """Return the English PascalCase name of a short text, such as a heading; empty when a word of it is unknown.

    A name in Latin letters beside it (`用户 (User)`) is for the caller to prefer.
    """
    code = language or language_of(text)
    if code == "zh" and not language:
        # Characters alone may be Japanese as well.
        return english(text, "zh") or english(text, "ja")
    line = normal(text.strip(), code)
    hits = [h for h in lexicon(code).scan(line) if h.concept.kind not in "NV"]
    rest = line
    for hit in hits:
        rest = rest.replace(line[hit.start : hit.end], " ", 1)
    unknown = [w for w in _WORD.findall(rest) if w not in _LINKS]
    if not hits or unknown or len(hits) > 3:
        return ""
    if len(hits) > 1 and code in ("fr", "es", "pt", "it", "vi", "id"):
        hits.reverse()
    return pascal(" ".join(h.concept.name for h in hits))


_LINKS = vocabulary("de des du la le les del do da dos das di della the of e y et の 的 l d")


@cache
def _entries() -> tuple[tuple[Concept, dict[str, tuple[str, ...]]], ...]:
    text = files("pytest_superteam.architect.model").joinpath("lexicon.txt").read_text("utf-8")
    result = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            head, *columns = line.split("|")
            name, kind = head.split()
            words = {code: tuple(w for w in c.split(",") if w) for code, c in zip(_COLUMNS, columns, strict=False)}
            result.append((Concept(name, kind), words))
    return tuple(result)
