# ruff: noqa: E501 - the signs of word processors and other scripts are what is tested
"""Markdown to blocks: kinds, lines, leads; and the dirt of exports, put right without moving a line."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_superteam.architect.document.blocks import plain, read_blocks
from pytest_superteam.architect.document.tables import html_table, split_row, text_table
from pytest_superteam.architect.document.tidy import tidy


def seen(text):
    """Return what a test compares: kind, line and text of each block."""
    return [(b.kind, b.line, b.text) for b in read_blocks(text)]


def table(text):
    """Return header and rows of the only table of a text."""
    blocks = [b for b in read_blocks(text) if b.kind == "table"]
    assert len(blocks) == 1
    return blocks[0].header, [(r.line, *r.cells) for r in blocks[0].rows]


def test_kinds_lines_and_leads():
    """Each piece has its kind, its line, its depth and what introduces it."""
    text = "# T\n\nIntro:\n\n- [x] **a**\n  - b\n\n    more\n- c\n\n```SQL x\nselect\n```\n\n> quoted\n> twice\n"
    assert [(b.kind, b.line, b.text, b.level, b.lead, b.checked) for b in read_blocks(text)] == [
        ("heading", 1, "T", 1, "", False),
        ("paragraph", 3, "Intro:", 0, "", False),
        ("item", 5, "a", 1, "Intro:", True),
        ("item", 6, "b", 2, "a", False),
        ("paragraph", 8, "more", 2, "", False),
        ("item", 9, "c", 1, "Intro:", False),
        ("code", 12, "select", 0, "Intro:", False),
        ("paragraph", 15, "quoted\ntwice", 0, "", False),
    ]
    assert next(b.info for b in read_blocks(text) if b.kind == "code") == "sql x"


def test_places_behind_letters_of_several_bytes():
    """Lines and raw text are right where letters have more than one byte, or are half of a pair."""
    blocks = read_blocks("# Überblick 🚀\n\n- **注文** é\n\ud800 x\n\n| ü | b |\n|---|---|\n| 二 | c |\n")
    assert [(b.kind, b.line, b.raw) for b in blocks] == [
        ("heading", 1, "Überblick 🚀"),
        ("item", 3, "**注文** é\n? x"),
        ("table", 6, ""),
    ]
    assert blocks[2].rows[0].cells == ("二", "c")


@pytest.mark.parametrize(
    ("text", "title", "level"),
    [
        ("Title\n=====\n", "Title", 1),
        ("Title\n-----\n", "Title", 2),
        ("#### `GET` /x ####\n", "GET /x", 4),
        ("**Bold:**\n\ntext", "Bold", 7),
        ("🔐 **Bold**\n\ntext", "Bold", 7),
        ("**Bold**\ntext below", "Bold", 7),
        ("1. **Overview**\n\nText that stands outside of the list.", "Overview", 7),
        ("<h2 align='center'>Title <b>x</b></h2>\n", "Title x", 2),
        ("<details>\n<summary><b>More</b></summary>\n\n- x\n\n</details>\n", "More", 7),
        ("\\## Title\n\ntext", "Title", 2),
        ("---\ntitle: Shop\nowner: me\n---\n\ntext", "Shop", 1),
        ("```markdown\n# Title\n\ntext\n\n```sql\nselect\n```\n\n- x\n```\n", "Title", 1),
    ],
)
def test_headings(text, title, level):
    """Headings are headings however they are marked."""
    first = read_blocks(text)[0]
    assert (first.kind, first.text, first.level) == ("heading", title, level)
    assert len([b for b in read_blocks(text) if b.kind == "heading"]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "**Version:** 1.0\n---\n",
        "A sentence that ends.\n---\n",
        "One line\nand another\n---\n",
        "**A whole sentence in bold.**",
        "1. **One**\n2. **Two**\n",
        "- x\n---\n",
        "---\n\njust a rule\n\n---\n",
    ],
)
def test_what_only_looks_like_a_heading(text):
    """Text over a rule of dashes, bold sentences and lists are no headings."""
    assert [b for b in read_blocks(text) if b.kind == "heading"] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("•\u00a0\u00a0a\n\n•\u00a0b\n", [("item", 1, "a"), ("item", 3, "b")], id="bullets, each alone"),
        pytest.param(
            "Text\n• a\n• b", [("paragraph", 1, "Text"), ("item", 2, "a"), ("item", 3, "b")], id="bullets below a line"
        ),
        pytest.param("\t•\ta\n\t•\tb", [("item", 1, "a"), ("item", 2, "b")], id="bullets behind tabs"),
        pytest.param(
            "1.\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0a\n\n2.      b",
            [("item", 1, "a"), ("item", 3, "b")],
            id="items far from their mark",
        ),
        pytest.param("\u00a0\u00a0\u00a0\u00a0a line", [("paragraph", 1, "a line")], id="layout by no-break spaces"),
        pytest.param(
            "- ✅ **a**\n- 🔒 b\n- ❌ c", [("item", 1, "a"), ("item", 2, "🔒 b"), ("item", 3, "❌ c")], id="pictures"
        ),
        pytest.param("\\`\\`\\`sql\nx\n\\`\\`\\`", [("code", 2, "x")], id="escaped fence"),
        pytest.param(
            "a [cite: 1, 2] b【12†source】c :contentReference[oaicite:1]{index=1}.",
            [("paragraph", 1, "a bc.")],
            id="citations",
        ),
        pytest.param("![x](data:image/png;base64,AAAA) y", [("paragraph", 1, "x y")], id="pictures inside"),
        pytest.param("\ufeffa\u200bb", [("paragraph", 1, "ab")], id="marks without width"),
        pytest.param("a<br/>b &amp; c\\_d", [("paragraph", 1, "a\nb & c_d")], id="HTML and escapes"),
        pytest.param(
            "<ul>\n  <li>a</li>\n  <li><b>b</b></li>\n</ul>", [("item", 2, "a"), ("item", 3, "b")], id="HTML list"
        ),
        pytest.param(
            "<!-- write here what -->\nx\n\n<!--\n- name: your name\n- who?\n-->\ny",
            [("paragraph", 2, "x"), ("paragraph", 8, "y")],
            id="comments",
        ),
        pytest.param("<!--\n| a | b |\n|---|---|\n| 1 | c |\n-->", [("table", 2, "")], id="comment with a model"),
        pytest.param(
            "<pre><code class='language-sql'>\ncreate\n</code></pre>", [("code", 2, "create")], id="HTML code"
        ),
        pytest.param("    - a\n    - b\n", [("item", 1, "a"), ("item", 2, "b")], id="list four columns in"),
        pytest.param(
            "```\nx\n\n## Next\n\ntext",
            [("code", 2, "x"), ("heading", 4, "Next"), ("paragraph", 6, "text")],
            id="fence that nobody closed",
        ),
        pytest.param(
            "<div align='center'>\n**a** b\n</div>\n\nc",
            [("paragraph", 2, "a b"), ("paragraph", 5, "c")],
            id="wrappers",
        ),
    ],
)
def test_dirt(text, found):
    """What exports leave behind becomes what the author wrote, on the author's line."""
    assert seen(text) == found


@pytest.mark.parametrize(
    ("text", "header", "rows"),
    [
        pytest.param(
            "| a | b |\n|---|---|\n| x\\|y | z | q |\n| w |",
            ("a", "b"),
            [(3, "x|y", "z", "q"), (4, "w", "")],
            id="ragged",
        ),
        pytest.param("| a | b |\n|---|---|\n| `x|y` | z |", ("a", "b"), [(3, "x|y", "z")], id="bar in code"),
        pytest.param("| | |\n|---|---|\n| **a** | **b** |\n| x | y |", ("a", "b"), [(4, "x", "y")], id="empty header"),
        pytest.param(
            "| | |\n|---|---|\n| Method | Path |\n| x | y |",
            ("Method", "Path"),
            [(4, "x", "y")],
            id="empty header over columns",
        ),
        pytest.param("Rows:\n| a | b |\n| x | y |", ("a", "b"), [(3, "x", "y")], id="no separator"),
        pytest.param("| GET | /x |\n| POST | /y |", (), [(1, "GET", "/x"), (2, "POST", "/y")], id="no header either"),
        pytest.param(
            "| a | b | c |\n|---|---|\n| x | y | z |", ("a", "b", "c"), [(3, "x", "y", "z")], id="separator too short"
        ),
        pytest.param(
            "| a | b |\n\n|---|---|\n\n| x | y |\n\n| v | w |",
            ("a", "b"),
            [(5, "x", "y"), (7, "v", "w")],
            id="each row alone",
        ),
        pytest.param(
            "| a | b |\n|---|---|\n| x | y |\n\n| v | w |", ("a", "b"), [(3, "x", "y"), (5, "v", "w")], id="interrupted"
        ),
        pytest.param(
            "+---+---+\n| a | b |\n+===+===+\n| x | y |\n+---+---+", ("a", "b"), [(4, "x", "y")], id="frame of ASCII"
        ),
        pytest.param(
            "```\n┌───┬───┐\n│ a │ b │\n├───┼───┤\n│ x │ y │\n└───┴───┘\n```",
            ("a", "b"),
            [(5, "x", "y")],
            id="frame in a fence",
        ),
        pytest.param(
            "Field\tType\tNotes\nx\tint\t-\ny\ttext\tz",
            ("Field", "Type", "Notes"),
            [(2, "x", "int", "-"), (3, "y", "text", "z")],
            id="tabs",
        ),
        pytest.param(
            "<table>\n<tr><th>a</th><th>b</th></tr>\n\n<tr>\n<td>x<br>z</td><td><b>y</b></td>\n</tr>\n</table>",
            ("a", "b"),
            [(4, "x\nz", "y")],
            id="HTML",
        ),
    ],
)
def test_tables(text, header, rows):
    """A table is one however it is drawn, and each row has its line."""
    assert table(text) == (header, rows)


@pytest.mark.parametrize(
    "text",
    [
        "```\n┌───┐   ┌───┐\n│ a │──▶│ b │\n└───┘   └───┘\n```",
        "```\ntype A =\n| 'x'\n| 'y'\n```",
        "```\na\tb\nc\td\n```",
        "one | two\nthree",
        "| a single line |",
        "a\tb",
        "A sentence\twith a tab.\nAnd another one.",
    ],
)
def test_what_is_no_table(text):
    """Pictures of boxes, unions of types, code with tabs and bars in prose are no tables."""
    assert [b for b in read_blocks(text) if b.kind == "table"] == []


def test_rows_of_html():
    """Rows are found without a parser; text without rows is none."""
    assert html_table("<table><tr><td>a<td>b</tr>\n<tr><td>c</td></tr></table>") == (
        False,
        [(0, ["a", "b"]), (1, ["c"])],
    )
    assert html_table("<table></table>") is None
    assert text_table("a\nb") is None
    assert split_row("no bars") == ["no bars"]
    assert split_row("| status | 'a'|'b' | x |", 3) == ["status", "'a'|'b'", "x"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain text", "plain text"),
        ("**a** _b_ *c* `d` ~~e~~", "a b c d e"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("[a](b) ![c](d)", "a c"),
        ("a  b\t c", "a  b  c"),
        ("x <!-- remark --> y", "x  y"),
        ("List<Item> a < b", "List<Item> a < b"),
    ],
)
def test_plain_text(raw, text):
    """Marks of Markdown and HTML go, and nothing that only looks like one."""
    assert plain(raw) == text


_PIECES = st.lists(
    st.sampled_from(
        ["# ", "- ", "1. ", "> ", "    ", "\t", "|", "|---|---|", "```", "~~~", "<table>", "</table>", "<tr><td>", "<!--", "-->", "<pre>", "</pre>",
         "<details>", "<ul><li>", "• ", "\u00a0", "\\`\\`\\`", "\\|", "---", "===", "**x**", "é", "🚀", "\ud800", "a b", "GET /x", "I. X", "2. Y", "\n", "\n", "\n\n"]
    ),
    max_size=60,
).map("".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(_PIECES | st.text(max_size=200))
@example("<pre>\n" * 50 + "</pre> x")
@example("- " * 500 + "x")
@example(">" * 500 + "x")
@example("**a**\n" * 3000)
def test_any_text_has_blocks_on_its_lines(text):
    """Whatever the text, blocks lie on its lines and in their order, and tidying it moves none."""
    count = text.count("\n")
    assert tidy(text).count("\n") == count
    lines = [(b.line, *(r.line for r in b.rows)) for b in read_blocks(text)]
    assert all(1 <= number <= count + 1 for block in lines for number in block)
    assert [block[0] for block in lines] == sorted(block[0] for block in lines)
