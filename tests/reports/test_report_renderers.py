"""The report as JSON, as Markdown and in HTML."""

import json
import re
import stat
from html.parser import HTMLParser

import jsonschema
import pytest
from markdown_it import MarkdownIt

from pytest_superteam.models import Outcome
from pytest_superteam.reports.json_report import SCHEMA, to_json
from pytest_superteam.reports.markdown import LIMIT, to_markdown
from pytest_superteam.reports.page.table import header_cells, row_cells
from pytest_superteam.reports.write import write_reports

NAMES = ["good", "bad", "hostile", "huge", "empty"]


@pytest.mark.parametrize("name", NAMES)
def test_the_json_is_what_its_schema_says(reports, name):
    """Every report validates against the schema that is shipped, keeps all items and shows no secret in free text."""
    text = to_json(reports[name])
    data = json.loads(text)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(data)
    assert [item["id"] for item in data["items"]] == [item.id for item in reports[name].items]
    assert list(data) == schema["required"]
    free = [item["reason"] for item in data["items"]] + [data["title"], data["repeat"]]
    free += [v[key] for item in data["items"] for v in item["violations"] for key in ("message", "evidence")]
    assert not [words for words in free if "hunter2hunter2" in words]
    assert text == to_json(reports[name])


def test_the_schema_refuses_what_no_report_is(reports):
    """A missing key, an unknown verdict and a key too many do not validate."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    data = json.loads(to_json(reports["bad"]))
    assert validator.is_valid(data)
    for change in ({"verdict": "green"}, {"extra": 1}, {"schema_version": 2}, {"layers": [{}]}, {"items": [{}]}):
        assert not validator.is_valid(data | change)


def test_the_summary_counts_findings(reports, make):
    """The JSON summary counts what the other renderers list; a cost that is no number is null."""
    assert json.loads(to_json(reports["bad"]))["summary"] == {
        "items": 9,
        "planned": 9,
        "partial": False,
        "blocking": 4,
        "advisory": 1,
        "suppressed": 1,
        "not_analysed": 0,
    }
    assert json.loads(to_json(make.report([], costs=(make.cost(usd=float("nan")),))))["cost_usd"] is None


def rendered(text):
    """Return Markdown as HTML, as a reader of a pull request gets it: tables and raw HTML on."""
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)


class Tags(HTMLParser):
    """Collects the tags and the text of a document."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = set(), [], []

    def handle_starttag(self, tag, attrs):
        """Note a tag and its attributes."""
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        """Note text."""
        self.text.append(data)


def parsed(html):
    """Return the tags and text of `html`."""
    parser = Tags()
    parser.feed(html)
    parser.close()
    return parser


@pytest.mark.parametrize("name", NAMES)
def test_the_markdown_fits_into_a_comment(reports, name):
    """The text is under the limit, starts with the verdict and never shows the secret."""
    text = to_markdown(reports[name])
    assert len(text.encode()) < LIMIT
    assert f"Gate {reports[name].verdict}" in text.splitlines()[0]
    assert "hunter2hunter2" not in text


def test_the_markdown_of_hostile_text_is_only_text(reports):
    """Rendered, it has our own tags only, no attribute, link or image, one table of equal rows, nobody mentioned."""
    html = rendered(to_markdown(reports["hostile"]))
    page = parsed(html)
    ours = {"h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "code", "br"}
    assert page.tags <= ours | {"details", "summary"}
    assert page.attributes == []
    assert [{row.count("<td>") for row in table.split("<tr>")[2:]} for table in html.split("<table>")[1:]] == [
        {5},
        {4},
        {4},
    ]
    shown = "".join(page.text)
    assert "<script>alert(1)</script> a|b `code` **bold** [x](http://evil.example)" in shown
    assert "@everyone" not in shown
    assert "#1" not in shown
    assert "@\u200beveryone" in shown


def test_the_markdown_says_how_many_findings_were_left_out(reports):
    """The most severe of 6,000 is the first, and listed and left out together are all of them."""
    text = to_markdown(reports["huge"])
    listed = text.count("- **critical**") + text.count("- **error**")
    left = int(re.search(r"\.\.\. and (\d+) more, left out here", text)[1])
    assert text.index("SEC-4711") < text.index("- **error**")
    assert listed + left == 6000
    assert listed > 100


def test_the_markdown_is_bounded_whatever_it_is_made_of(make):
    """Texts of the most expensive character in every place still fit into a comment."""
    worst = "@" * 2000
    found = make.violation(message=worst, file=worst, line=1, evidence=worst, suppressed_by="")
    excused = make.violation(message=worst, suppressed_by=worst)
    outcomes = [Outcome.FAILED, Outcome.ADVISORY, Outcome.SKIPPED, Outcome.ERROR]
    items = [
        make.item(outcomes[n % 4], code=worst, service=f"{n}{worst}", reason=worst, violations=(found, excused))
        for n in range(400)
    ]
    phases = {f"{n}{worst}": 1.0 for n in range(100)}
    report = make.report(items, title=worst, repeat=worst, run_id=worst, phases=phases)
    text = to_markdown(report)
    assert len(text.encode()) < LIMIT
    assert re.search(r"\d+ more services are not shown", text)


def test_the_columns_of_the_html_table_are_sortable():
    """pytest-html sorts by `data-column-type`, which it finds again as the `col-` class of the cell."""
    types = [re.search(r'class="sortable" data-column-type="(\w+)"', cell)[1] for cell in header_cells()]
    cells = row_cells({"layer": "3", "code": "SEC-001", "severity": "high", "service": "auth-service"})
    assert types == ["layer", "code", "severity", "service"]
    assert [re.search(r"col-(\w+)", cell)[1] for cell in cells] == types
    assert [re.search(r"<td.*?>(.*?)</td>", cell)[1] for cell in cells] == ["3", "SEC-001", "high", "auth-service"]
    assert row_cells({})[0] == "<td class=col-layer></td>"


def test_cells_are_escaped(make):
    """What an item is called can't leave its cell."""
    for cell in row_cells(dict.fromkeys(("layer", "code", "severity", "service"), make.hostile)):
        page = parsed(cell)
        assert page.tags == {"td"}
        assert "<script>" in "".join(page.text)


def test_the_files_are_replaced_in_one_step(reports, tmp_path):
    """Both files are written, readable, and nothing else is left in the folder; a second report replaces the first."""
    folder = tmp_path / "reports"
    write_reports(reports["good"], folder)
    paths = write_reports(reports["hostile"], folder)
    assert [path.name for path in paths] == ["gate-report.json", "gate-report.md", "gate-badge.svg"]
    assert sorted(folder.iterdir()) == sorted(paths)
    assert paths[0].read_text(encoding="utf-8") == to_json(reports["hostile"])
    assert paths[1].read_text(encoding="utf-8") == to_markdown(reports["hostile"])
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o644}


def test_a_failed_write_leaves_the_old_report(reports, tmp_path, monkeypatch):
    """When a file can't be put in place, the old one stays and no half-written one lies beside it."""
    paths = write_reports(reports["good"], tmp_path)
    before = paths[0].read_text(encoding="utf-8")

    def refuse(*_):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_reports(reports["bad"], tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert paths[0].read_text(encoding="utf-8") == before
