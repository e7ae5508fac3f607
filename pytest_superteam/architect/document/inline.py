"""Text without the marks of Markdown and HTML in it."""

from __future__ import annotations

import html
import re

__all__ = ["plain"]

_TAGS = (
    "a|b|br|center|code|details|div|em|h[1-6]|hr|i|img|kbd|li|ol|p|span|strong|sub|summary|sup"
    "|table|tbody|td|th|thead|tr|u|ul"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>\n]{{0,500}})?/?>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s{0,4}/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--[^<]{0,1000}?-->|<!--|-->")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,1000}\)")
_STAR = re.compile(r"(?<![\w*])\*([^*\n]{1,400})\*(?![\w*])")
_SCORE = re.compile(r"(?<![\w_])_([^_\n]{1,400})_(?![\w_])")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~\-])")
_MARKS = re.compile(r"[\\\[*_`<>&~\t\n\u00a0]|  |^ | $")


def plain(raw: str) -> str:
    """Return Markdown inline text without its marks: links by their text, no emphasis, no code marks, no HTML."""
    if not _MARKS.search(raw):
        return raw
    text = raw
    if "<" in text or "[" in text or "-->" in text:
        text = _LINK.sub(r"\1", _BREAK.sub("\n", text))
        text = _TAG.sub("", _COMMENT.sub("", text))
    text = text.replace("**", "").replace("~~", "").replace("`", "")
    if "*" in text:
        text = _STAR.sub(r"\1", text)
    if "_" in text:
        text = _SCORE.sub(r"\1", text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "&" in text:
        text = html.unescape(text)
    text = text.replace("\u00a0", " ").replace("\t", " ")
    return "\n".join(" ".join(line.split(" ")).strip() for line in text.split("\n")).strip()
