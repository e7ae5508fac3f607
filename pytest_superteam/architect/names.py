"""Names as code needs them: ASCII words in snake, kebab or Pascal case, singular or plural."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["fold", "kebab", "pascal", "plural", "singular", "snake", "stem", "vocabulary", "words"]

_SPLIT = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+")
_BRANDS = re.compile(r"postgresql|mysql|mongodb|dynamodb|mariadb|rabbitmq|graphql|github|openai", re.IGNORECASE)
_IRREGULAR = {
    "aliases": "alias",
    "analyses": "analysis",
    "bonuses": "bonus",
    "buses": "bus",
    "caches": "cache",
    "campuses": "campus",
    "children": "child",
    "cookies": "cookie",
    "criteria": "criterion",
    "indices": "index",
    "lenses": "lens",
    "movies": "movie",
    "people": "person",
    "statuses": "status",
    "viruses": "virus",
}
_PLURALS = {value: key for key, value in _IRREGULAR.items()}
# Letters that Unicode does not take apart into a Latin letter and an accent.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
)
_UNCOUNTABLE = {
    "alias",
    "atlas",
    "canvas",
    "data",
    "equipment",
    "feedback",
    "information",
    "lens",
    "media",
    "news",
    "series",
}


def fold(text: str) -> str:
    """Return `text` in lower-case ASCII without accents; other scripts vanish."""
    if text.isascii():
        return text.lower()
    return _short_fold(text) if len(text) <= _SHORT else _latin(text).lower()


def _latin(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode()


def words(text: str) -> list[str]:
    """Return the lower-case ASCII words of `text`, splitting camelCase, snake_case and punctuation."""
    return list(_short_words(text) if len(text) <= _SHORT else _words(text))


def _words(text: str) -> tuple[str, ...]:
    plain = _latin(text)
    plain = _BRANDS.sub(lambda match: match.group().capitalize(), plain.replace("'s ", " "))
    return tuple(w.lower() for w in _SPLIT.findall(plain))


# The same names come again and again; only short texts are remembered, so that the memory stays small.
_SHORT = 300
_short_words = lru_cache(maxsize=16_384)(_words)
_short_fold = lru_cache(maxsize=16_384)(lambda text: _latin(text).lower())


def snake(text: str) -> str:
    """Return `text` as snake_case, never starting with a digit; may be empty."""
    name = "_".join(words(text))
    return f"n_{name}" if name[:1].isdigit() else name


def kebab(text: str) -> str:
    """Return `text` as kebab-case; may be empty."""
    return "-".join(words(text))


def pascal(text: str) -> str:
    """Return `text` as PascalCase with the last word singular; may be empty."""
    parts = words(text)
    if not parts:
        return ""
    parts[-1] = singular(parts[-1])
    name = "".join(p.capitalize() for p in parts)
    return f"N{name}" if name[0].isdigit() else name


def singular(word: str) -> str:
    """Return the singular of a lower-case English word."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _UNCOUNTABLE or len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    return word.removesuffix("s")


def plural(word: str) -> str:
    """Return the plural of a lower-case English word."""
    if word in _PLURALS:
        return _PLURALS[word]
    if word in _UNCOUNTABLE or (word.endswith("s") and singular(word) != word):
        return word
    if word.endswith("y") and word[-2:-1] not in {"a", "e", "i", "o", "u", ""}:
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh", "z")) else "s")


def stem(word: str) -> str:
    """Return what `orders`, `ordered` and `ordering` share with `order`: enough to compare English words."""
    word = singular(word)
    for suffix in ("ing", "ed", "er", "e"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def vocabulary(text: str) -> frozenset[str]:
    """Return the words of `text`, which is written as prose so that long lists stay readable."""
    return frozenset(text.split())
