"""Several requirements documents, and folders of them, are one PRD whose items hang below the first."""

from __future__ import annotations

import json

import pytest

SERVICES, REST = "## Services", "## API"


def one_line(result):
    """Return the only line that an early end prints."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
    [line] = [line for line in [*result.errlines, *result.outlines] if line.startswith("ERROR: ")]
    return line


@pytest.fixture
def split(project):
    """Split the PRD into two documents, the services and entities in one, the API in the other."""
    whole = (project.path / "PRD.md").read_text(encoding="utf-8")
    (project.path / "PRD.md").unlink()
    first, second = whole.split(REST)
    folder = project.path / "requirements"
    folder.mkdir()
    (folder / "a-model.md").write_text(first, encoding="utf-8")
    (folder / "b-api.markdown").write_text(f"# Shop API\n\n{REST}{second}", encoding="utf-8")
    return project


FILES = ("--prd", "requirements/a-model.md", "--prd", "requirements/b-api.markdown")
ITEM = "requirements/a-model.md::layer2::test_conformance[shop-service-list_items]"


@pytest.mark.parametrize("paths", [FILES, ("--prd", "requirements")], ids=["files", "folder"])
def test_they_are_one_prd(split, paths):
    """What one document says of another's services counts; all items have ids of the first document."""
    result = split.runpytest(*paths, "--co", "-q")
    ids = [line for line in result.outlines if "::" in line]
    assert result.ret == 0
    assert ITEM in ids
    assert all(line.startswith("requirements/a-model.md::layer") for line in ids)
    assert "requirements/a-model.md::layer1::test_builds[auth-service]" in ids


def test_the_header_counts_them(split):
    """The header names the first document and says how many more there are."""
    result = split.runpytest(*FILES, "--until", "architect")
    result.stdout.fnmatch_lines(["superteam: a-model.md and 1 more: Shop, 2 services: *"])


def test_the_tree_names_the_document(split):
    """With several documents the tree says which one a fact comes from."""
    result = split.runpytest(*FILES, "--until", "architect")
    result.stdout.fnmatch_lines(["*Item (*a-model.md:*", "*GET /items  list_items, public (*b-api.markdown:*"])


def test_selection_and_workers(split, spread):
    """Keywords select the same items with workers and without."""
    result = split.runpytest_subprocess(*FILES, "-k", "SEC-003", *spread)
    assert result.parseoutcomes()["passed"] == 2


@pytest.mark.parametrize("paths", [FILES, ("--prd", "requirements")], ids=["files", "folder"])
def test_a_pasted_id_stands_for_all(split, paths):
    """An id alone runs its item of the design that all documents made."""
    item = "requirements/a-model.md::layer3::test_scan[shop-service-SEC-003]"
    split.runpytest(*paths, "--until", "architect")
    split.runpytest(item).assert_outcomes(passed=1)
    split.runpytest(*paths, item).assert_outcomes(passed=1)
    record = json.loads((split.path / ".superteam/architecture.json").read_text())
    assert record["documents"] == ["requirements/a-model.md", "requirements/b-api.markdown"]


def test_a_change_of_any_document_counts(split):
    """A change of the second document makes a new design."""
    split.runpytest(*FILES, "--until", "architect")
    api = split.path / "requirements/b-api.markdown"
    api.write_text(api.read_text().replace("| GET | /items/{id} | Read an item | public |\n", ""))
    result = split.runpytest(*FILES, "--co", "-q")
    assert not [line for line in result.outlines if "read_item]" in line]


def test_the_settings_of_a_folder_are_beside_its_documents(split):
    """superteam.yaml in the folder of the documents makes that folder the project."""
    (split.path / "superteam.yaml").rename(split.path / "requirements/superteam.yaml")
    assert split.runpytest("--prd", "requirements", "--until", "architect").ret == 0
    assert (split.path / "requirements/.superteam/architecture/service-map.yaml").is_file()


def test_what_is_no_requirement_is_left_out_of_a_folder(project):
    """Built services, hidden folders, licences and lists of packages in a named folder are not read."""
    for name in ("services/shop/README.md", ".github/notes.md", "node_modules/x/README.md"):
        (project.path / name).parent.mkdir(parents=True)
        (project.path / name).write_text("# A\n\n## API\n\n- GET /wrong\n")
    for name in ("requirements.txt", "LICENSE.md", "CHANGELOG.md"):
        (project.path / name).write_text("GET /wrong\n")
    result = project.runpytest("--prd", ".", "--co", "-q")
    assert result.ret == 0
    assert "PRD.md::layer1::test_builds[shop-service]" in result.outlines
    assert "wrong" not in result.stdout.str()


@pytest.mark.parametrize("name", ["PRD.docx", "prd.pdf", "PRD.rst", "PRD"])
def test_other_kinds_of_file_are_refused(project, name):
    """A file that is neither Markdown nor text is one line with what is allowed."""
    (project.path / name).write_bytes(b"PK\x03\x04")
    line = one_line(project.runpytest("--prd", name))
    assert name in line
    assert ".markdown, .md, .txt" in line


@pytest.mark.parametrize("suffix", [".md", ".markdown", ".txt", ".MD"])
def test_allowed_suffixes(project, suffix):
    """Markdown and plain text are read, and their ids can be pasted."""
    (project.path / "PRD.md").rename(project.path / f"shop{suffix}")
    result = project.runpytest("--prd", f"shop{suffix}", "-k", "SEC-003")
    assert result.parseoutcomes()["passed"] == 2
    project.runpytest(f"shop{suffix}::layer3::test_scan[shop-service-SEC-003]").assert_outcomes(passed=1)


def test_a_pattern_that_the_shell_expanded(split):
    """`--prd requirements/*` becomes several words; the line says how to name several documents."""
    line = one_line(split.runpytest("--prd", "requirements/a-model.md", "requirements/b-api.markdown"))
    assert "'requirements/b-api.markdown' has no --prd of its own" in line
    assert split.runpytest("--prd", "requirements/a-model.md", "requirements/a-model.md", "--co", "-q").ret == 0


def test_a_folder_without_documents(project):
    """An empty folder is one line."""
    project.mkdir("nothing")
    assert "nothing" in one_line(project.runpytest("--prd", "nothing"))


def test_one_empty_name_among_several(project):
    """An empty name is refused wherever it stands."""
    assert "--prd: ''" in one_line(project.runpytest("--prd", "PRD.md", "--prd="))


def test_the_report_names_the_document(split):
    """With several documents the report says where each requirement stands."""
    split.runpytest(*FILES, "-k", "SEC-003")
    report = json.loads((split.path / ".superteam/reports/gate-report.json").read_text())
    assert {row["place"].partition(":")[0] for row in report["requirements"]} == {"b-api.markdown"}
