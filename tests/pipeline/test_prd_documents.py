"""Which documents the files and folders of a command line mean."""

from __future__ import annotations

import pytest

from pytest_superteam.errors import PrdError
from pytest_superteam.pipeline.documents import MAX_FILES, documents


def write(folder, *names):
    """Write a document for each name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Shop\n\nCustomers order books.\n", encoding="utf-8")


def found(folder, *paths, output=None):
    return [path.relative_to(folder).as_posix() for path in documents(paths or [folder], output=output)]


def test_a_folder_is_its_documents_sorted_by_path(tmp_path):
    """Subfolders count; what is hidden, installed, built or no text does not."""
    write(tmp_path, "b.md", "a/z.markdown", "c.TXT", "a.b/x.md", "d.csv", ".hidden.md", ".git/x.md")
    write(tmp_path, "node_modules/x.md", "build/x.md", "services/shop/README.md")
    assert found(tmp_path, output=tmp_path / "services") == ["a/z.markdown", "a.b/x.md", "b.md", "c.TXT"]


@pytest.mark.parametrize("name", ["requirements-dev.txt", "constraints.txt", "LICENSE.md", "Changelog.md"])
def test_what_holds_no_requirement_is_left_out_of_a_folder(tmp_path, name):
    """Lists of packages, licences and changelogs are read only when they are named."""
    write(tmp_path, "a.md", name)
    assert found(tmp_path) == ["a.md"]
    assert found(tmp_path, tmp_path / name) == [name]


def test_each_document_counts_once(tmp_path):
    """Files keep the order of the command line, a folder adds those that are not there yet."""
    write(tmp_path, "a.md", "b.md")
    assert found(tmp_path, tmp_path / "b.md", tmp_path, tmp_path / "b.md") == ["b.md", "a.md"]


def test_links_do_not_lead_out_of_a_folder(tmp_path):
    """A link to a file outside is not read; one to a file inside is a document as any other."""
    write(tmp_path, "outside/secret.md", "prd/a.md")
    (tmp_path / "prd/link.md").symlink_to(tmp_path / "outside/secret.md")
    (tmp_path / "prd/more").symlink_to(tmp_path / "outside")
    (tmp_path / "prd/same.md").symlink_to(tmp_path / "prd/a.md")
    assert found(tmp_path / "prd") == ["a.md", "same.md"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.csv", "requirements.txt"], "has no .markdown, .md, .txt file"),
        ([f"f{n}.md" for n in range(MAX_FILES + 1)], f"more than {MAX_FILES} documents"),
    ],
    ids=["none", "too many"],
)
def test_folders_that_are_no_document(tmp_path, names, said):
    """A folder with nothing in it, or too much, gives one line."""
    write(tmp_path, *names)
    with pytest.raises(PrdError, match=said) as caught:
        documents([tmp_path])
    assert len(str(caught.value).splitlines()) == 1
