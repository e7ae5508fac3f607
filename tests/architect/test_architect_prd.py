# ruff: noqa: E501 - documents as they lie on the disk
"""Reading the document: what is accepted, and the one line for each thing that is not."""

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_superteam.architect.document.prd import MAX_BYTES, read_prd, read_prds
from pytest_superteam.errors import PrdError

TEXT = "# Shop\n\nCustomers order books and see their orders.\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b" \n\t\n", "is empty", id="blank"),
        pytest.param(b"\xef\xbb\xbf\n", "is empty", id="byte order mark only"),
        pytest.param(b"# Title\n\x00\x01", "is binary (a NUL at byte 8)", id="NUL"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"x" * 40, "byte 0 does not fit 'utf-8'", id="picture"),
        pytest.param(b"# Shop\n\x07 bell", "is binary (control character 0x07 at byte 7)", id="control character"),
        pytest.param("# Café\n\nGérer".encode("latin-1"), "byte 5 does not fit 'utf-8'", id="latin-1"),
        pytest.param(b"\xff\xfe#", "does not fit 'utf-16'", id="broken utf-16"),
        pytest.param("# Shop".encode("utf-32"), "is UTF-32", id="utf-32"),
        pytest.param(b"# Only a title\n", "only a title", id="title"),
        pytest.param(b"Title\n=====\n", "only a title", id="underlined title"),
        pytest.param(b"# Title\n\n## Overview\n\n---\n", "only a title", id="headings"),
        pytest.param(
            b"# T\n\n## Goals\n\n[Describe the goals]\n\n## Users\n\n- [Who?]\n- TODO\n", "is a template", id="brackets"
        ),
        pytest.param(
            b"# T\n\n**Owner:** <your name>\n\n| Risk | {{risk}} |\n\n1. ...\n", "is a template", id="placeholders"
        ),
        pytest.param(b"# Shop\n\nIt\x92s caf\xe9.", "byte 10 does not fit 'utf-8'", id="windows letters"),
        pytest.param(b"x" * (MAX_BYTES + 1), "Allowed are 16777216 bytes (16 MiB)", id="too large"),
    ],
)
def test_unusable_bytes_are_one_line(tmp_path, data, said):
    """A file that is no requirements document gives one line that says what is wrong and what to do."""
    path = tmp_path / "PRD.md"
    path.write_bytes(data)
    with pytest.raises(PrdError) as caught:
        read_prd(path)
    message = str(caught.value)
    assert said in message
    assert "Allowed" in message
    assert message.startswith("--prd: '")
    assert message.endswith(".")
    assert "\n" not in message


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    """A path that is no file is named as what it is."""
    with pytest.raises(PrdError, match=r"nothing.md' does not exist\."):
        read_prd(tmp_path / "nothing.md")
    with pytest.raises(PrdError, match="is a folder"):
        read_prd(tmp_path)
    with pytest.raises(PrdError, match="can't be read"):
        read_prd(tmp_path / ("x" * 5000))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
def test_the_encodings_of_editors_are_read(tmp_path, encoding):
    """UTF-8, and UTF-8 or UTF-16 with a byte order mark, give the same text."""
    data = b"\xff\xfe" + TEXT.encode("utf-16-le") if encoding == "utf-16-le-bom" else TEXT.encode(encoding)
    path = tmp_path / "PRD.md"
    path.write_bytes(data)
    assert read_prd(path).text == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\nA shop sells books [see the list] to <b>everybody</b>.\n\n- [ ] REQ-1: order\n- [x] REQ-2: pay\n- TODO: prices\n",
        "# T\n\n- GET /orders/[id]\n- GET /books/<id>\n- [Docs](a.md)\n",
        "# T\n\nid: [uuid] of the order that was placed\n\n- [a], [b] and [c] are roles of the users\n",
    ],
)
def test_brackets_in_a_document_are_no_template(tmp_path, text):
    """Check boxes, links, parameters and some places to fill in are part of a real document."""
    path = tmp_path / "PRD.md"
    path.write_text(text, encoding="utf-8")
    assert read_prd(path).text == text


def test_typographic_signs_of_windows_are_read(tmp_path):
    """A document that is ASCII but for the quotes and dashes of Windows is no other encoding's."""
    path = tmp_path / "PRD.md"
    path.write_bytes(b"# Shop\n\nCustomers\x92 orders \x96 and their books.\n")
    assert read_prd(path).text == "# Shop\n\nCustomers\u2019 orders \u2013 and their books.\n"


def write(folder, **texts):
    """Write files below `folder`: `docs__api="x"` is docs/api.md."""
    for name, text in texts.items():
        path = folder / (name.replace("__", "/") + ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_several_documents_are_one_text(tmp_path):
    """Documents follow each other without the front matter of the later ones, and each line is told by file and line."""
    write(tmp_path, a__z=TEXT, b="# B\n\nSecond text here.", b__a="")
    (tmp_path / "c.txt").write_text("---\nowner: me\n---\nThird\r\ntext", encoding="utf-8")
    prd = read_prds([tmp_path / name for name in ("a/z.md", "b.md", "b/a.md", "c.txt")])
    lines = prd.text.split("\n")
    assert [line for line in lines if line] == [
        "# Shop",
        "Customers order books and see their orders.",
        "# B",
        "Second text here.",
        "Third",
        "text",
    ]
    assert prd.path == tmp_path / "a/z.md"
    assert prd.place(1) == "a/z.md:1"
    assert [prd.place(lines.index(text) + 1) for text in ("# B", "Second text here.", "text")] == [
        "b.md:1",
        "b.md:3",
        "c.txt:5",
    ]


def test_several_documents_keep_their_order(tmp_path):
    """Files that are named are read in the order of the command line, each once, and the hash is over all of them."""
    write(tmp_path, a=TEXT, docs__b="# B\n\nSecond text here.\n")
    files = [tmp_path / "docs" / "b.md", tmp_path / "a.md"]
    prd = read_prds([*files, files[0]])
    assert prd.text == "# B\n\nSecond text here.\n\n" + TEXT + "\n"
    assert [prd.place(n) for n in (3, 5, 7)] == ["docs/b.md:3", "a.md:1", "a.md:3"]
    assert prd.sha256 != read_prds(files[::-1]).sha256
    assert prd.sha256 == read_prds(files).sha256


def test_one_file_among_several_ways(tmp_path):
    """A list of one file is that file: its bytes' hash, its lines."""
    path = write(tmp_path, a=TEXT) / "a.md"
    assert read_prds([path]) == read_prd(path)
    assert read_prd(path).place(3) == "a.md:3"
    assert read_prd(path).sha256 == hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"a": "# T\n", "b": ""}, "only a title"),
        ({"a": TEXT, "b": b"\x00"}, "b.md' is binary"),
        ({"a": b"x" * (MAX_BYTES - 1), "b": TEXT}, "are too large together"),
    ],
)
def test_several_documents_that_are_none(tmp_path, texts, said):
    """Too much, nothing, or one that is not text among several documents gives one line."""
    write(tmp_path, **texts)
    with pytest.raises(PrdError) as caught:
        read_prds([tmp_path / f"{name}.md" for name in texts])
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_no_document(tmp_path):
    """No document, and a folder among several, are refused."""
    with pytest.raises(PrdError, match="no document"):
        read_prds([])
    with pytest.raises(PrdError, match="is a folder"):
        read_prds([write(tmp_path, a=TEXT) / "a.md", tmp_path])


def test_line_ends_are_normalised_and_the_hash_is_of_the_bytes(tmp_path):
    """Windows line ends become line feeds; the hash tells whether the file changed."""
    path = tmp_path / "PRD.md"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    first = read_prd(path)
    assert first.text == TEXT
    path.write_bytes(TEXT.encode())
    assert read_prd(path).sha256 != first.sha256


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(tmp_path, data):
    """Whatever the bytes, the answer is a text or one line, never another error."""
    path = tmp_path / "PRD.md"
    path.write_bytes(data)
    try:
        prd = read_prd(path)
    except PrdError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - both ends are right
    else:
        assert prd.text.strip()
