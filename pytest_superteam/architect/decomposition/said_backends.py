"""What running text calls the one back end of a system that has a front end too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.decomposition.service_names import plain_name
from pytest_superteam.architect.facts import ServiceFact
from pytest_superteam.architect.names import kebab, singular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.document.sections import Document, Section

__all__ = ["said_backend"]

_BACK = re.compile(
    r"\bback-?\s?end\b(?!(?:s|-as-a| as a| developers?| engineers?| devs?| teams?| team members?| roles?| skills?)\b)"
    r"|后端|後端|バックエンド|백엔드|бэк-?энд|бекенд"
)
_SERVER = re.compile(
    r"\b(?:api|rest|application|app|web|node(?:\.?js)?|express|backend|central)[ -]servers?\b|\brest(?:ful)? apis?\b"
    r"|\bserver[- ]side\b|服务端|服務端|サーバーサイド|서버|серверн"
)
_FRONT = re.compile(
    r"\bfront-?\s?end\b|\b(?:web|mobile|desktop|browser|react|flutter|ios|android)[ -](?:app|client|ui|interface)"
    r"|\bclient[- ](?:side|app)|\bspa\b"
    r"|前端|フロントエンド|프론트엔드|фронт-?энд|小程序|客户端"
)
_HINT = re.compile(
    r"back|front|server|rest|client|\bapp|spa\b|[ -](?:ui|interface)"
    r"|端|エンド|サーバ|엔드|서버|энд|бекенд|серверн|小程序"
)
_NONE = re.compile(
    r"\b(?:no|without|not|zero|sin|sem|sans|ohne|kein\w{0,2}|senza|bez|geen)\b[^.;\n]{0,30}$"
    r"|(?:无需|没有|無|不需要|なし)[^。\n]{0,10}$"
)
_BOUGHT = re.compile(r"^.{0,20}\b(?:supabase|firebase|baas|appwrite|pocketbase|convex|parse|amplify)\b")
_ASIDE = frozenset({"roles", "plan", "risks", "metrics", "glossary", "questions", "excluded", "meta"})
_LONGEST = 2000


def said_backend(document: Document) -> tuple[ServiceFact, ...]:
    """Return the back end where the text speaks of one beside a front end, under the word that it has for it."""
    line = server_line = 0
    server = ""
    front = False
    for section in document.live():
        if section.kind in _ASIDE:
            continue
        for number, text in _telling(section):
            line = line or (number if _said(_BACK, text) else 0)
            if not server:
                server, server_line = _said(_SERVER, text), number
            front = front or bool(_FRONT.search(text))
        if front and line:
            return (_fact("backend", line),)
    return (_fact(_named(server), server_line),) if front and server else ()


def _telling(section: Section) -> Iterator[tuple[int, str]]:
    """Yield the lines of a section that may speak of a front end or back end, in lower case."""
    heading = section.heading.lower()
    if _HINT.search(heading):
        yield section.line, heading
    for block in section.blocks:
        rows = [(r.line, " | ".join(r.cells)) for r in block.rows]
        if not rows and not _HINT.search(block.text.lower()):
            continue
        for number, whole in rows or block.lines():
            text = whole[:_LONGEST].lower()
            if _HINT.search(text):
                yield number, text


def _said(pattern: re.Pattern[str], text: str) -> str:
    """Return the words for the back end in a line that does not deny or buy it."""
    found = pattern.search(text)
    if found is None or _NONE.search(text[: found.start()][-60:]) or _BOUGHT.search(text[found.end() :][:60]):
        return ""
    return found.group()


def _named(said: str) -> str:
    """Return the name of a service for the words that the text has for it."""
    parts = [p for p in plain_name(kebab(said)).split("-") if p != "side"] if said.isascii() else []
    return "-".join(singular(p) for p in parts) or "server"


def _fact(name: str, line: int) -> ServiceFact:
    return ServiceFact(
        name, line, explicit=False, reason="the one back end that the text speaks of, beside a front end"
    )
