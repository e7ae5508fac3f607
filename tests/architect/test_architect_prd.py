"""Reading the document: what is accepted, and the one line for each thing that is not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_superteam.architect.prd import MAX_BYTES, read_prd
from pytest_superteam.errors import PrdError

TEXT = "# Shop\n\nCustomers order books and see their orders.\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b" \n\t\n", "is empty", id="blank"),
        pytest.param(b"\xef\xbb\xbf\n", "is empty", id="byte order mark only"),
        pytest.param(b"# Title\n\x00\x01", "is binary (a NUL at byte 8)", id="NUL"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"x" * 40, "byte 0 does not fit utf-8", id="picture"),
        pytest.param(b"# Shop\n\x07 bell", "is binary (control character 0x07 at byte 7)", id="control character"),
        pytest.param("# Café\n\nGérer".encode("latin-1"), "byte 5 does not fit utf-8", id="latin-1"),
        pytest.param(b"\xff\xfe#", "does not fit utf-16", id="broken utf-16"),
        pytest.param("# Shop".encode("utf-32"), "is UTF-32", id="utf-32"),
        pytest.param(b"# Only a title\n", "only a title", id="title"),
        pytest.param(b"Title\n=====\n", "only a title", id="underlined title"),
        pytest.param(b"# Title\n\n## Overview\n\n---\n", "only a title", id="headings"),
        pytest.param(b"x" * (MAX_BYTES + 1), "Allowed are 2097152 bytes (2 MiB)", id="too large"),
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
