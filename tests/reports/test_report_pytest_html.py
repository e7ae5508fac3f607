"""pytest-html's table: our columns in it, hostile ids as text, no secrets, and nothing of it changed without us."""

import html
import json
import re

import pytest

from pytest_superteam.reports.page.logs import findings_log, masked_html
from pytest_superteam.reports.page.table import header_cells, name_cell, row_cells, table

pytest.importorskip("pytest_html")

CONFTEST = """
import pytest
from pytest_superteam.gate import html_page
from pytest_superteam.gate.gathered import GATHERED, Gathered
from pytest_superteam.reports.assemble import assemble

def pytest_configure(config):
    config.pluginmanager.register(html_page, "superteam_html")
    report = assemble(title="<i>Shop", run_id="r", items=[], services=["a"], phases={}, seconds=1)
    config.stash[GATHERED] = Gathered(report=report)

def pytest_collection_modifyitems(items):
    for item in items:
        if "gate" in item.name:
            item.user_properties += [("layer", "3"), ("code", "SEC-001<b>"), ("severity", "high"), ("service", "auth")]
"""


def page_of(pytester, *options, expect=0):
    path = pytester.path / "report.html"
    done = pytester.runpytest(f"--html={path}", "--self-contained-html", *options)
    assert done.ret == expect
    return path.read_text(encoding="utf-8")


def rows_of(page):
    data = json.loads(html.unescape(re.search(r'data-jsonblob="([^"]*)"', page)[1]))
    return {name: tests[-1] for name, tests in data["tests"].items()}, data


def columns_of(page):
    return re.findall(r'<th class="sortable" data-column-type="(\w+)"', page)


def test_pytest_html_has_the_columns_and_their_data(pytester):
    """The columns stand behind the result, and pytest-html has their data to sort by, escaped."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile("def test_gate(): pass\ndef test_own(): pass")
    page = page_of(pytester)
    assert columns_of(page)[:5] == ["result", "layer", "code", "severity", "service"]
    rows, _ = rows_of(page)
    shown = {
        name: rows["test_pytest_html_has_the_columns_and_their_data.py::test_gate"][name]
        for name in columns_of(page)[1:5]
    }
    assert shown == {"layer": "3", "code": "SEC-001&lt;b&gt;", "severity": "high", "service": "auth"}
    own = rows["test_pytest_html_has_the_columns_and_their_data.py::test_own"]
    assert [own[name] for name in columns_of(page)[1:5]] == [""] * 4


def test_the_page_brings_its_form_and_script_behind_the_summary(pytester):
    """The form, a style and a script stand above the table, escaped titles before them."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile("def test_gate(): pass")
    page = page_of(pytester)
    assert page.index("&lt;i&gt;Shop") < page.index('id="gs-filters"') < page.index('<table id="results-table">')
    assert "<i>Shop" not in page


def test_an_id_that_is_html_is_shown_as_text(pytester):
    """pytest-html would take a parameter's id for HTML; its cell holds it escaped, of each phase."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        """
        import pytest
        @pytest.mark.parametrize("text", ["x"], ids=["<img src=x onerror=alert(1)>"])
        def test_own(text): pass

        @pytest.fixture
        def broken(): raise ValueError
        @pytest.mark.parametrize("text", ["x"], ids=["<b>"])
        def test_error(text, broken): pass
        """
    )
    rows, _ = rows_of(page_of(pytester, expect=1))
    cells = [cell for row in rows.values() for cell in row["resultsTableRow"] if "col-testId" in cell]
    assert len(cells) == 2
    assert "test_own[&lt;img src=x onerror=alert(1)&gt;]</td>" in cells[0]
    assert "test_error[&lt;b&gt;]::setup</td>" in cells[1]


def test_a_file_that_can_not_be_collected_has_its_row(pytester):
    """It is no gate item and has no properties; the row stands there all the same."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile("import nothing_of_that_name")
    rows, _ = rows_of(page_of(pytester, expect=2))
    ((name, row),) = rows.items()
    assert row["result"] == "Error"
    assert "nothing_of_that_name" in row["log"]
    assert name.endswith(".py")


def test_a_gate_item_says_its_findings_and_no_traceback(pytester):
    """What is advisory or was skipped reads like what failed; a test of one's own keeps its traceback."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        """
        import pytest
        def test_gate_advisory(): pytest.xfail("ADV-001 app/main.py:3 Too broad <b>.\\n    except Exception:")
        def test_gate_skipped(): pytest.skip("held back: layer 1 failed")
        def test_gate_failed(): pytest.fail("SEC-001 app/main.py:7 Ask who calls.", pytrace=False)
        def test_own(): pytest.xfail("later")
        """
    )
    rows, _ = rows_of(page_of(pytester, expect=1))
    logs = {name.rpartition("::")[2]: row["log"].strip() for name, row in rows.items()}
    found = '<span class="gt-found">{} <span class="gt-place">app/main.py:{}</span></span>'
    assert logs["test_gate_advisory"] == f"{found.format('ADV-001', 3)} Too broad &lt;b&gt;.\n    except Exception:"
    assert logs["test_gate_skipped"] == "Skipped: held back: layer 1 failed"
    assert logs["test_gate_failed"] == f"{found.format('SEC-001', 7)} Ask who calls."
    assert "def test_own" in logs["test_own"]


def test_secrets_are_masked_wherever_the_page_has_them(pytester, monkeypatch):
    """Printed by a test or at its end, in an id, in what failed, in the environment of a build server."""
    secret = "ghp_abcdefghijklmnopqrstuvwx0123456789"
    monkeypatch.setenv("GIT_COMMIT", "0")  # pytest-metadata takes it for Jenkins
    for name, value in {
        "GIT_URL": f"https://me:{secret}@git.example/x.git",
        "GIT_BRANCH": "<img src=x onerror=alert(1)>",
        "JENKINS_URL": "there",
    }.items():
        monkeypatch.setenv(name, value)
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        f"""
        import pytest
        SECRET = "{secret[:12]}" + "{secret[12:]}"
        @pytest.fixture
        def noisy():
            yield
            print("password='hunter2hunter2'")
        @pytest.mark.parametrize("text", ["x"], ids=[SECRET])
        def test_own(text, noisy):
            print(SECRET)
            assert text == SECRET
        def test_gate(): pytest.fail(f"SEC-005 a.py:1 Take it out.\\n    {{SECRET}}", pytrace=False)
        """
    )
    page = page_of(pytester, expect=1)
    assert secret not in page
    assert "hunter2hunter2" not in page
    rows, data = rows_of(page)
    assert data["environment"]["GIT_URL"] == "https://me:ghp_****@git.example/x.git"
    assert data["environment"]["GIT_BRANCH"] == "&lt;img src=x onerror=alert(1)&gt;"
    own = next(row for name, row in rows.items() if "test_own" in name)
    assert "ghp_****" in own["log"]
    assert "password=&#x27;hunt****" in own["log"]


def test_without_our_gate_pytest_html_is_as_it_was(pytester):
    """Installed beside each other and nothing asked of us: its columns, its cells and its page, and none of ours."""
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('x', ['<b>'])\ndef test_own(x): pass")
    page = page_of(pytester)
    assert columns_of(page) == ["result", "testId", "duration"]
    ((name, row),) = rows_of(page)[0].items()
    assert row["resultsTableRow"][1] == f'<td class="col-testId">{name}</td>'
    assert not re.search(r"gs-|gt-|superteam-", page)


def test_settings_of_pytest_html_are_kept(pytester):
    """What is drawn closed, what is sorted by first and a page after each test are pytest-html's business."""
    pytester.makeconftest(CONFTEST)
    pytester.makeini("[pytest]\nrender_collapsed = failed,error\ninitial_sort = code\ngenerate_report_on_test = true")
    pytester.makepyfile("def test_gate(): pass")
    _, data = rows_of(page_of(pytester))
    assert (data["renderCollapsed"], data["initialSort"]) == (["failed", "error"], "code")


# ---- the pieces


def test_cells_are_text():
    """Markup in a property is escaped, and what is long is cut; one column for each header."""
    cells = row_cells({"layer": "<b>", "service": "s" * 100})
    assert cells[0] == "<td class=col-layer>&lt;b&gt;</td>"
    assert cells[3] == f"<td class=col-service>{'s' * 77}...</td>"
    assert len(cells) == len(header_cells())
    assert name_cell("a<b>") == "<td class=col-testId>a&lt;b&gt;</td>"


def test_the_script_ends_where_it_ends():
    """Nothing in the pieces closes the script or the style early."""
    parts = "".join(table())
    assert parts.count("</script") == parts.count("<script") == 1
    assert parts.count("</style") == parts.count("<style") == 1
    assert "http" not in re.sub(r"pytest-html's [a-z ]+", "", parts)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no code here", "no code here"),
        ("SEC-001 Ask.", '<span class="gt-found">SEC-001</span> Ask.'),
        ("  SEC-001 indented", "  SEC-001 indented"),
        ("UTF-8 is no code of ours", '<span class="gt-found">UTF-8</span> is no code of ours'),
        ("A-1 too short", "A-1 too short"),
        ("\x1b[31mred\x1b[0m & <b>", "red &amp; &lt;b&gt;"),
        (
            "SEC-001 a/<b>.py:3 Ask.",
            '<span class="gt-found">SEC-001</span> a/&lt;b&gt;.py:3 Ask.',
        ),
        (
            "SEC-001 a.py:3 x\nSEC-002 b.py:4 y",
            """<span class="gt-found">SEC-001 <span class="gt-place">a.py:3</span></span> x
<span class="gt-found">SEC-002 <span class="gt-place">b.py:4</span></span> y""",
        ),
    ],
)
def test_findings_stand_out_in_a_log(text, shown):
    """Code and place at the beginning of a line are marked, and nothing else; all is escaped."""
    assert findings_log(text) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain &lt;b&gt; &amp;amp;", "plain &lt;b&gt; &amp;amp;"),
        ("password=&quot;hunter2hunter2&quot; &lt;", "password=&quot;hunt****&quot; &lt;"),
        (
            '<span class="ansi31">token: ghp_abcdefghijklmnopqrstuvwx0123456789</span>',
            '<span class="ansi31">token: ghp_****</span>',
        ),
        ("a < b and password=hunter2hunter2 > c", "a &lt; b and password=hunt**** &gt; c"),
    ],
)
def test_escaped_text_is_masked_between_tags(given, shown):
    """Secrets between tags and behind escaped quotation marks are found; what holds none stays as it is."""
    assert masked_html(given) == shown
