"""The report on a terminal: wide and narrow, quiet and verbose, of few services and of many."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from pytest_superteam.models import Alone, Outcome, Severity
from pytest_superteam.reports.terminal import render

NAMES = ["good", "bad", "hostile", "huge", "empty"]

BAD_AT_80 = """\
                layer 1    layer 2   layer 3     layer 4
service         failed     failed    failed      passed
-----------------------------------------------------------
auth-service    1 ok       -         2 failed    -
                                     1 ok
                                     1 skipped
order-service   1 failed   1 error   -           1 advisory
                1 ok

What blocks (4)
  SEC-SECRET-001 auth-service app/keys.py:1 A key in the source.
  L1-TESTS order-service 3 of 10 tests failed
  L2-CONF order-service could not run: the service is down
  SEC-001 auth-service app/main.py:12 No authentication.
      curl -H 'Authorization: Bearer abcd****' http://x/

Not analysed (1)
  TRACE-002 (1 item): no scanner looks for it yet

Advisory: 1 finding, none of them blocking (listed with -ra or -v)
Suppressed: 1 finding (listed with -vv, and in gate-report.json)

Costs: architect 0.25 USD, builders ~0.25 USD, fix unknown

Shop: failed in 12.3 s, ~0.50 USD, 1 step of unknown cost
Requirements: 0 proven, 1 failing, 0 unproven
Repeat: pytest --prd PRD.md
"""


def shown(report, width=80, verbose=0, **more):
    """Return the lines of a report without colours."""
    return render(report, width=width, color=False, verbose=verbose, ascii=True, **more).splitlines()


def blocked(make, *violations):
    """Return an item that fails with these violations."""
    first = violations[0]
    return make.item(Outcome.FAILED, 3, first.code, first.service, violations=violations)


def passing(make, count):
    """Return a report on services that pass two layers, and what belongs to none of them."""
    names = tuple(f"service-{n}" for n in range(count))
    items = [make.item(layer=layer, service=name) for name in names for layer in (1, 3)]
    return make.report([*items, make.item(layer=3, service="system")], services=names)


def test_table_blockers_and_how_to_repeat(reports):
    """The whole text of a failing report at 80 columns."""
    assert shown(reports["bad"]) == BAD_AT_80.splitlines()


def test_wide_cells(reports):
    """Where there is room, a cell is one line."""
    lines = shown(reports["bad"], 200)
    assert lines[3].split("  ")[-2:] == [" 2 failed, 1 ok, 1 skipped", " -"]
    assert lines[4].startswith("order-service   1 failed, 1 ok   1 error ")


def test_narrow_table(reports):
    """Where the table does not fit, each service has its layers below it, and what only passed is one line."""
    assert shown(reports["bad"], 40)[:7] == [
        "auth-service",
        "  layer 1: 1 ok",
        "  layer 3: 2 failed, 1 ok, 1 skipped",
        "order-service",
        "  layer 1: 1 failed, 1 ok",
        "  layer 2: 1 error",
        "  layer 4: 1 advisory",
    ]


def test_narrow_and_green(make):
    """A service that only passed is one line where there is no room for a table."""
    names = tuple(f"a-service-of-a-long-name-{n}" for n in range(2))
    report = make.report([make.item(layer=n, service=name) for n in (1, 2, 3) for name in names], services=names)
    assert shown(report, 40)[:2] == [f"{name}: 3 ok" for name in names]


@pytest.mark.parametrize("verbose", [-2, -1, 0])
@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_asked(reports, name, width, verbose):
    """Every line fits, but for commands that are there to be copied."""
    report = replace(reports[name], alone=Alone("pytest --prd PRD.md", "PRD.md", "."))
    text = "\n".join(shown(report, width, verbose))
    whole = ("Repeat: ", "First of these again: ", "This again: ")
    assert [line for line in text.splitlines() if len(line) > width and not line.startswith(whole)] == []
    assert text.isascii()
    assert all(c.isprintable() or c == "\n" for c in text)


@pytest.mark.parametrize("width", [40, 80])
def test_wide_characters(make, width):
    """Names and messages of wide characters are measured in columns, not in characters."""
    name = "\u6ce8\u6587\u30b5\u30fc\u30d3\u30b9"
    found = make.violation(service=name, message="\u8a8d\u8a3c\u304c\u3042\u308a\u307e\u305b\u3093\u3002" * 9)
    report = make.report([blocked(make, found), make.item(layer=1, service="shop")], services=(name, "shop"))
    lines = render(report, width=width, color=False).splitlines()
    assert [line for line in lines if cell_len(line) > width and not line.startswith("Repeat")] == []
    assert "".join(lines).replace("  ", "").count("\u8a8d\u8a3c\u304c") == 9


def test_columns_of_wide_characters_stand_below_each_other(make):
    """A name of wide characters does not push the cells beside it out of their column."""
    name = "\u6ce8\u6587\u30b5\u30fc\u30d3\u30b9"
    report = make.report([make.item(service=name), make.item(service="shop")], services=(name, "shop"))
    rows = render(report, width=80, color=False).splitlines()[2:4]
    assert [cell_len(row.partition("1 ok")[0]) for row in rows] == [15, 15]


# ---------------------------------------------------------------- how much


def test_verbose_lists_what_is_only_counted_otherwise(reports):
    """-v lists advice, -vv the excused findings as well."""
    texts = ["\n".join(shown(reports["good"], 100, n)) for n in range(3)]
    assert ["ADV-002 order-service app/main.py:3 Large function." in text for text in texts] == [False, True, True]
    assert ["A constant. [noqa]" in text for text in texts] == [False, False, True]
    assert ["Phases: " in text for text in texts] == [False, True, True]


def test_what_pytest_lists_is_counted(reports):
    """What stands in pytest's own short summary is counted here, also with -v."""
    for verbose in (0, 1):
        text = "\n".join(shown(reports["good"], 100, verbose, below=("advisory", "skipped")))
        assert "Advisory: 1 finding, none of them blocking (listed below)" in text
        assert "Not analysed: 1 item (listed below)" in text
        assert "Large function." not in text
        assert "no scanner" not in text


def test_quiet(reports):
    """-q leaves out evidence, -qq everything but what blocks, a row each, and the verdict."""
    quiet = shown(reports["bad"], verbose=-1)
    assert [line for line in shown(reports["bad"]) if "curl" not in line] == quiet
    assert shown(reports["bad"], verbose=-2) == [
        "SEC-SECRET-001 auth-service app/keys.py:1 A key in the source.",
        "L1-TESTS order-service 3 of 10 tests failed",
        "L2-CONF order-service could not run: the service is down",
        "SEC-001 auth-service app/main.py:12 No authentication.",
        "Shop: failed in 12.3 s, ~0.50 USD, 1 step of unknown cost",
    ]


def test_a_long_list_is_cut_and_says_so(reports):
    """Twenty kinds of blocking findings are listed, the most severe first, the rest is counted; -v lists all."""
    text = "\n".join(shown(reports["huge"], 100))
    listed = re.findall(r"^  (SEC-\d{4}) ", text, re.MULTILINE)
    assert len(listed) == 20
    assert listed[0] == "SEC-4711"
    assert "... and 5980 more (listed with -v, and in gate-report.json)" in text
    assert len(re.findall(r"^  SEC-\d{4} ", "\n".join(shown(reports["huge"], 100, 1)), re.MULTILINE)) == 6000


# ---------------------------------------------------------------- a screen


@pytest.mark.parametrize("count", [1, 4, 30, 300])
def test_a_green_run_takes_less_than_a_screen(make, count):
    """However many services pass, the summary leaves room for pytest's lines on a terminal of 24 lines."""
    lines = shown(passing(make, count))
    assert len(lines) <= 14
    assert f"{count} services" in "\n".join(lines) or count <= 4


def test_services_with_something_to_tell_have_their_row(make):
    """Among many services those that fail stand by themselves, the others together; -v names each."""
    report = passing(make, 30)
    found = make.violation(service="service-7", file="a.py", line=1)
    report = make.report([*report.items, blocked(make, found)], services=report.services)
    rows = [line.split("  ")[0] for line in shown(report)[3:6]]
    assert rows == ["service-7", "29 other services", "system"]
    assert len([line for line in shown(report, verbose=1) if line.startswith("service-")]) == 30


def test_layers_without_items_have_no_column(make):
    """A session that runs one layer shows one."""
    assert shown(make.report([make.item()], services=("auth-service",)))[:3] == [
        "service        layer 3",
        "-" * 22,
        "auth-service   1 ok",
    ]


# ---------------------------------------------------------------- alike ones


def test_findings_of_one_code_in_one_service_share_a_paragraph(make):
    """The first is told in full, the next have a row with their place, further ones are counted; -v tells all."""
    found = [
        make.violation(message=f"GET /{n} (contract line {n} of a/b.yaml) is open. Close it.", file="a.py", line=n)
        for n in range(1, 8)
    ]
    report = make.report([blocked(make, *found)])
    lines = shown(report)
    at = lines.index("What blocks (7)")
    assert lines[at + 1 : at + 7] == [
        "  SEC-001 auth-service a.py:1 GET /1 (contract line 1 of a/b.yaml) is open.",
        "  Close it.",
        "      also a.py:2 GET /2 is open. Close it.",
        "      also a.py:3 GET /3 is open. Close it.",
        "      also a.py:4 GET /4 is open. Close it.",
        "      and 3 more (listed with -v)",
    ]
    assert len([line for line in shown(report, verbose=1) if line.startswith("  SEC-001")]) == 7


def test_checks_that_could_not_run_for_one_reason_are_named_together(make):
    """Seven checks that a service kept from running by not answering are one paragraph."""
    items = [make.item(Outcome.ERROR, 2, f"BOUNDARY-00{n}", reason="the service answered nothing") for n in range(1, 8)]
    lines = shown(make.report(items), 72)
    at = lines.index("What blocks (7)")
    assert lines[at + 1 : at + 4] == [
        "  BOUNDARY-001, BOUNDARY-002, BOUNDARY-003, BOUNDARY-004 and 3 more",
        "  auth-service could not run: the service answered nothing",
        "",
    ]


def test_the_end_of_a_long_message_is_kept(make):
    """What to do stands at the end of a message, so what is too long loses its middle."""
    found = make.violation(message="It is open. " + "Very much so. " * 200 + "Close it.")
    text = " ".join(" ".join(shown(make.report([blocked(make, found)]))).split())
    assert "SEC-001 auth-service It is open." in text
    assert " ... " in text
    assert text.count("Very much so.") < 60
    assert "Very much so. Close it." in text


def test_evidence_is_shown_in_rows(make):
    """Of much evidence the first and the last line are shown, cut to the terminal; -v shows lines whole."""
    evidence = "1. curl -X GET http://127.0.0.1:1/" + "a" * 200 + "\n2. second\n3. third"
    report = make.report([blocked(make, make.violation(evidence=evidence))])
    rows = [line for line in shown(report)[3:] if line.startswith("      ")]
    assert [row[:30] for row in rows] == ["      1. curl -X GET http://12", "      ... 3. third"]
    assert len(rows[0]) == 80
    whole = [line for line in shown(report, verbose=1)[3:] if line.startswith("      ")]
    assert [len(line) for line in whole] == [6 + 234, 15, 14]


def test_how_to_run_a_finding_again(make):
    """The command for the first finding stands below the list, whole; -v has one for each item."""
    items = [blocked(make, make.violation(f"SEC-00{n}", service="a" * 60)) for n in (1, 2)]
    report = replace(make.report(items), alone=Alone("pytest --prd PRD.md", "PRD.md", "."))
    again = [line for line in shown(report) if " again: " in line]
    assert again == [f"First of these again: pytest --prd PRD.md '{items[0].id}'"]
    assert [line for line in shown(report, verbose=1) if " again: " in line] == [
        f"      again: pytest --prd PRD.md '{item.id}'" for item in items
    ]


# ---------------------------------------------------------------- colours and characters


def test_colour_is_only_used_when_asked_for(reports, monkeypatch):
    """The environment does not change the text: neither NO_COLOR nor a dumb terminal nor COLUMNS is looked at."""
    plain, coloured = (render(reports["bad"], width=80, color=color) for color in (False, True))
    assert "\x1b[" in coloured
    assert "\x1b" not in plain
    for name, value in {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "40", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert render(reports["bad"], width=80, color=False) == plain
    assert render(reports["bad"], width=80, color=True) == coloured


def test_colours_add_nothing(reports):
    """Without its colours the coloured text is the plain one."""
    plain, coloured = (render(reports["bad"], width=80, color=color) for color in (False, True))
    uncoloured = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in uncoloured.splitlines()] == plain.splitlines()


def test_severities_decide_the_order(make):
    """What is critical stands first, whatever its layer."""
    worst = make.violation("SEC-009", Severity.CRITICAL, "order-service")
    report = make.report([blocked(make, make.violation()), blocked(make, worst)])
    heads = [line.split()[0] for line in shown(report) if line.startswith("  SEC")]
    assert heads == ["SEC-009", "SEC-001"]
