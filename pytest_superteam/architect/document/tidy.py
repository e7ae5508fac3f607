# ruff: noqa: RUF001 - bullets and marks of other scripts are what word processors write
"""What word processors, chat models and exports leave in a text, put right line by line before Markdown is parsed.

The result has the same lines in the same places, so that every fact keeps its line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["outside_code", "tidy", "without_front_matter"]

_FRONT = re.compile(r"\A\s{0,8}(---|\+\+\+)[ \t]*\n((?:(?!\1)[^\n]{0,2000}\n){0,200}?)\1[ \t]*(?:\n|\Z)")
_FRONT_KEY = re.compile(r"^[A-Za-z_][\w -]{0,40}\s?[:=]", re.MULTILINE)
_FRONT_TITLE = re.compile(r"^title\s?[:=]\s*[\"']?(.{1,200}?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)
_TOP = re.compile(r"^# \S", re.MULTILINE)
_CITATION = re.compile(
    r"\s?\[cite(?:_start|_end|: ?[\d, ]{1,80})?\]|【[^【】\n]{0,20}†[^【】\n]{0,60}】"
    r"|\s?:contentReference\[[^\[\]\n]{0,60}\](?:\{[^{}\n]{0,60}\})?|\ue200[^\ue200\ue201\n]{0,200}\ue201"
    r"|\s?\[oaicite:[^\[\]\n]{0,40}\](?:\{[^{}\n]{0,40}\})?"
)
_DATA_URI = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=]+")
_SPACES = ("\u00a0", "\u202f", "\u2007", "\u2028", "\u2029")
_ZERO = re.compile("[\u200b\u200c\u2060\ufeff]")
_INDENT = re.compile(r"^ *[\u00a0\u2007\u202f][ \u00a0\u2007\u202f]*(?![-*+•●◦▪‣○· \u00a0])", re.MULTILINE)
_GAP = re.compile("(?<=\\S) *[\u00a0\u2007\u202f][ \u00a0\u2007\u202f]*")
# Five columns behind its mark, the text of an item would be code.
_FAR = re.compile(r"^([ \t]{0,40}(?:[-*+]|\d{1,3}[.)]))(?: {5,}| {0,4}\t[ \t]*)(?=[^\s|])", re.MULTILINE)
_FENCE = re.compile(r"(`{3,}|~{3,})\s*([^`\n]{0,200})$")
_BULLETS = "•●◦▪‣·○▸►➤➢➜❖∙⁃"
_BULLET = re.compile(rf"^(\s*)([{_BULLETS}])\s*(?=\S)")
_ESCAPED = re.compile(r"\\(?=#{1,6}\s|[-*+]\s|\|)")
_HEADING = re.compile(r"#{2,6} \S")
_DEEPEST = 8
_WRAPS = (
    "article|aside|blockquote|body|br|center|details|div|dl|font|footer|header|hr|html|main|nav|ol|p|section|small|span"
    "|sub|ul"
)
_WRAPPERS = re.compile(rf"(?:</?(?:{_WRAPS}|a)(?:\s[^<>]{{0,300}})?/?>\s*)+", re.IGNORECASE)
_TITLE_TAG = re.compile(
    r"(?:<[a-z]{1,10}(?:\s[^<>]{0,300})?>\s*){0,4}<h([1-6])(?:\s[^<>]{0,300})?>(.{0,300})", re.IGNORECASE
)
_SUMMARY = re.compile(r"(?:<details[^<>]{0,100}>\s*)?<summary[^<>]{0,100}>(.{1,300})</summary>\s*$", re.IGNORECASE)
_BOLD_TAG = re.compile(r"<(?:b|strong)>([^<>]{1,100})</(?:b|strong)>\s*(?:<br\s*/?>)?\s*$", re.IGNORECASE)
_LIST_TAG = re.compile(r"<(/?)(?:ul|ol)\b", re.IGNORECASE)
_ITEM_TAG = re.compile(r"(?:<(?:ul|ol)[^<>]{0,100}>\s*)?<li[^<>]{0,200}>\s*(.*)", re.IGNORECASE)
_CLOSING = re.compile(r"\s*</(?:h[1-6]|li|ul|ol|p|div|center)>\s*$", re.IGNORECASE)
_PRE = re.compile(
    r"(?:<pre[^<>]{0,200}>\s*)(?:<code(?:\s+class=[\"'](?:language-)?([\w+-]{1,20})[\"'])?[^<>]{0,200}>)?\s*$",
    re.IGNORECASE,
)
_TAGS = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
# A comment is read only where it plainly holds a model; most of them tell the author what to write.
_SCHEMA = re.compile(
    r"create table|erdiagram|classdiagram|^\s*\|.{1,500}\|\s*$|^\s*(?:model|interface|type|enum)\s+\w+\s*\{"
    r"|\b\w+\s?[:(]\s?(?:string|int(?:eger)?|uuid|text|bool(?:ean)?|datetime|timestamp|decimal|varchar)\b",
    re.IGNORECASE | re.MULTILINE,
)
_OPENERS = frozenset("`~<\\" + _BULLETS)


def tidy(text: str) -> str:
    """Return `text` without the leavings of the tools it went through, with as many lines as before."""
    text = _without_marks(text)
    text = without_front_matter(text)
    lines = text.split("\n")
    _unwrap(lines)
    return "\n".join(_Tidier(lines).run())


def _without_marks(text: str) -> str:
    text = text.removeprefix("\ufeff")
    if "[cite" in text or "†" in text or "oaicite" in text or "\ue200" in text:
        text = _CITATION.sub("", text)
    if ";base64," in text:
        text = _DATA_URI.sub("", text)
    text = _FAR.sub(r"\1 ", text)
    if text.isascii():
        return text
    if "\u00a0" in text or "\u202f" in text or "\u2007" in text:
        # Four of them are a layout, and no code.
        text = _GAP.sub(" ", _INDENT.sub("", text))
    for space in _SPACES:
        text = text.replace(space, " ")
    return _ZERO.sub("", text)


def without_front_matter(text: str) -> str:
    """Return `text` with its front matter blank, and its title as a heading where there is no other."""
    front = _FRONT.match(text)
    if not front or not _FRONT_KEY.match(front.group(2).lstrip("\n")):
        return text
    rest = text[front.end() :]
    blank = "\n" * front.group().count("\n")
    title = _FRONT_TITLE.search(front.group(2))
    if title and not _TOP.search(rest):
        return f"# {title.group(1)}{blank}{rest}"
    return blank + rest


def _unwrap(lines: list[str]) -> None:
    """Take a document out of the one fence of Markdown that a chat model put around it."""
    first = [i for i, line in enumerate(lines[:40]) if line.strip()][:8]
    opening = next((i for i in first if re.fullmatch(r"\s{0,3}(`{3,}|~{3,})\s*(?:markdown|md)\s*", lines[i])), None)
    if opening is None:
        return
    mark = lines[opening].strip().rstrip("markdown \t")
    inner = ""
    last = len(lines)
    for i in range(opening + 1, len(lines)):
        shown = lines[i].strip()
        if not shown.startswith(mark[0] * 3):
            continue
        bare = not shown.strip(mark[0])
        if inner:
            inner = "" if bare and len(shown) >= len(inner) else inner
        elif bare and len(shown) >= len(mark):
            last = i
            break
        else:
            inner = shown[: len(shown) - len(shown.lstrip(mark[0]))]
    body = lines[opening + 1 : last]
    rest = sum(1 for line in lines[last + 1 :] if line.strip())
    if any(re.match(r"#{1,6} \S", line) for line in body) and rest * 3 <= len(body):
        lines[opening] = ""
        if last < len(lines):
            lines[last] = ""


def outside_code(lines: Sequence[str]) -> Iterator[int]:
    """Yield the numbers of the lines that stand in no fence, from 0."""
    fence = ""
    for i, line in enumerate(lines):
        shown = line.lstrip()
        if shown[:3] in ("```", "~~~"):
            fence = _next_fence(fence, shown)
        elif not fence:
            yield i


def _next_fence(fence: str, shown: str) -> str:
    match = _FENCE.match(shown)
    if match is None:
        return fence
    if not fence:
        return match.group(1)
    closes = match.group(1).startswith(fence) and not match.group(2).strip()
    return "" if closes else fence


class _Tidier:
    """Goes once through the lines and rewrites those that Markdown would misread."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.ends: dict[str, int] = {}
        self.levels: list[tuple[int, str]] = []
        self.lists = 0

    def run(self) -> list[str]:
        lines = self.lines
        index = self._pass(0)
        for _ in range(20):
            if index is None:
                break
            # A fence that nobody closed ends before the next heading.
            end = next((i for i in range(index + 1, len(lines)) if _HEADING.match(lines[i])), None)
            if end is None or end < index + 2 or lines[end - 1].strip():
                break
            lines[end - 1] = lines[index].lstrip()[:3] * 7
            index = self._pass(end)
        return lines

    def _pass(self, index: int) -> int | None:
        """Rewrite the lines from `index` on; return the place of a fence that stays open."""
        lines, fence, opened = self.lines, "", 0
        while index < len(lines):
            shown = lines[index].lstrip()
            mark = shown[:1]
            if mark in _OPENERS:
                if mark == "\\" and shown.startswith("\\`\\`\\`"):
                    lines[index] = lines[index].replace("\\`", "`")
                    shown, mark = lines[index].lstrip(), "`"
                if mark in "`~":
                    before, fence = fence, _next_fence(fence, shown)
                    opened = index if fence and not before else opened
                elif not fence:
                    index = self._rewrite(index, mark, shown)
            elif mark and self.levels and not lines[index][:1].isspace():
                self.levels = []
            index += 1
        return opened if fence else None

    def _rewrite(self, index: int, mark: str, shown: str) -> int:
        """Rewrite one line, and those that belong to it; return the last one."""
        lines = self.lines
        if mark == "\\":
            if shown.startswith("\\|"):
                lines[index] = lines[index].replace("\\|", "|")
            else:
                lines[index] = _ESCAPED.sub("", lines[index], count=1) if _ESCAPED.match(shown) else lines[index]
            return index
        if mark in _BULLETS:
            self._bullet(index)
            return index
        if shown.startswith("<!--"):
            return self._comment(index, shown)
        if shown[:6].lower() == "<table":
            return self._table(index)
        self._tag(index, shown)
        return index

    def _bullet(self, index: int) -> None:
        match = _BULLET.match(self.lines[index])
        if match is None:
            return
        key = (len(match.group(1).expandtabs(4)), match.group(2))
        if key in self.levels:
            del self.levels[self.levels.index(key) + 1 :]
        else:
            while self.levels and self.levels[-1][0] > key[0]:
                self.levels.pop()
            self.levels = [*self.levels[: _DEEPEST - 1], key]
        rest = self.lines[index][match.end() :]
        self.lines[index] = "  " * (len(self.levels) - 1) + "- " + rest

    def _end(self, index: int, mark: str) -> int | None:
        """Return the line on or below `index` that holds `mark`."""
        # Remembered, so that a thousand openings with one end far below cost one search.
        if self.ends.get(mark, -1) < index:
            count = len(self.lines)
            self.ends[mark] = next((i for i in range(index, count) if mark in self.lines[i].lower()), count)
        return self.ends[mark] if self.ends[mark] < len(self.lines) else None

    def _comment(self, index: int, shown: str) -> int:
        end = self._end(index, "-->")
        if end is None:
            return index
        lines = self.lines
        if end == index:
            lines[index] = shown[shown.index("-->") + 3 :].strip()
            return index
        after = lines[end].partition("-->")[2].strip()
        body = [shown[4:].strip(), *lines[index + 1 : end], lines[end].partition("-->")[0]]
        keep = _SCHEMA.search("\n".join(body)[:20_000])
        lines[index : end + 1] = body if keep else [""] * len(body)
        if after and not lines[end]:
            lines[end] = after
        return end

    def _table(self, index: int) -> int:
        end = self._end(index, "</table")
        if end is None:
            return index
        self.lines[index] = self.lines[index].lstrip()
        for i in range(index, end):
            # A blank line would end the block of HTML in the middle of the table.
            self.lines[i] = self.lines[i] if self.lines[i].strip() else "<!-- -->"
        return end

    def _tag(self, index: int, shown: str) -> None:
        lines = self.lines
        title = _TITLE_TAG.match(shown)
        summary = _SUMMARY.match(shown)
        bold = _BOLD_TAG.match(shown)
        item = _ITEM_TAG.match(shown)
        pre = _PRE.match(shown)
        if title:
            lines[index] = "#" * int(title.group(1)) + " " + _TAGS.sub("", title.group(2)).strip()
        elif summary:
            lines[index] = f"**{_TAGS.sub('', summary.group(1)).strip()}**"
        elif bold:
            lines[index] = f"**{bold.group(1).strip()}**"
        elif item:
            body = _CLOSING.sub("", _CLOSING.sub("", item.group(1)))
            depth = self.lists + (1 if _LIST_TAG.match(shown) else 0)
            lines[index] = "  " * min(max(depth - 1, 0), _DEEPEST) + "- " + body
        elif pre:
            self._pre(index, pre.group(1) or "")
        elif _WRAPPERS.fullmatch(shown):
            lines[index] = ""
        self.lists = min(max(self.lists + sum(-1 if m.group(1) else 1 for m in _LIST_TAG.finditer(shown)), 0), _DEEPEST)

    def _pre(self, index: int, language: str) -> None:
        end = self._end(index, "</pre>")
        if end is not None and end > index and not _TAGS.sub("", self.lines[end]).strip():
            self.lines[index], self.lines[end] = f"```{language}", "```"
