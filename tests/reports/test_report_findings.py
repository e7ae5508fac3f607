"""What blocks, what advises, what was excused and what was not analysed."""

from dataclasses import replace

import pytest

from pytest_superteam.models import Outcome, Severity
from pytest_superteam.reports.findings import (
    Cell,
    NotAnalysed,
    advisory,
    blocking,
    matrix,
    not_analysed,
    operation_counts,
    suppressed,
)


def test_what_blocks_comes_most_severe_first(reports):
    """Failed blocking items and errors are listed by severity, then in the order of the items."""
    found = blocking(reports["bad"])
    assert [(f.code, f.severity, f.error) for f in found] == [
        ("SEC-SECRET-001", Severity.CRITICAL, False),
        ("L1-TESTS", Severity.HIGH, False),
        ("L2-CONF", Severity.HIGH, True),
        ("SEC-001", Severity.HIGH, False),
    ]
    assert found[3].place == "app/main.py:12"
    assert found[1].message == "3 of 10 tests failed"
    assert blocking(reports["good"]) == []


@pytest.mark.parametrize(
    ("folder", "file", "line", "place"),
    [
        ("services/auth", "app/main.py", 12, "services/auth/app/main.py:12"),
        ("services/auth", "app/main.py", 0, "services/auth/app/main.py"),
        ("services/auth", "", 0, ""),
        ("services/auth", "../shared/key.pem", 1, "services/shared/key.pem:1"),
        ("../system", "a.py", 1, "../system/a.py:1"),
        (".", "a.py", 1, "a.py:1"),
        ("", "a.py", 1, "a.py:1"),
        (None, "a.py", 1, "a.py:1"),
        ("services/auth", "/etc/passwd", 1, "/etc/passwd:1"),
    ],
)
def test_files_are_named_from_where_the_run_was_started(make, folder, file, line, place):
    """The place of a finding begins with the folder of its service; of one that is not known with the file."""
    found = make.violation(file=file, line=line)
    report = make.report([make.item(Outcome.FAILED, violations=(found,))])
    report = replace(report, folders={} if folder is None else {"auth-service": folder})
    assert [finding.place for finding in blocking(report)] == [place]
    assert found.place == (f"{file}:{line}" if line else file)


def test_what_does_not_block_is_advice(reports, make):
    """Advisory items and failures of items that do not block are advice."""
    assert [f.code for f in advisory(reports["bad"])] == ["ADV-002"]
    report = make.report([make.item(Outcome.FAILED, blocking=False, reason="why")])
    assert [(f.message, f.error) for f in advisory(report)] == [("why", False)]
    assert blocking(report) == []


def test_an_excused_violation_neither_blocks_nor_vanishes(make):
    """A violation that is suppressed is left out of what blocks and listed as suppressed."""
    excused = make.violation(message="excused", suppressed_by="baseline")
    report = make.report([make.item(Outcome.FAILED, violations=(excused, make.violation(message="open")))])
    assert [f.message for f in blocking(report)] == ["open"]
    assert [(f.message, f.suppressed_by) for f in suppressed(report)] == [("excused", "baseline")]


def test_an_item_without_any_reason_says_so(make):
    """A failure without violation and reason is still listed."""
    (found,) = blocking(make.report([make.item(Outcome.ERROR)]))
    assert (found.message, found.error) == ("no reason was given", True)


def test_skipped_items_are_grouped_by_reason(make):
    """Each reason comes once, with its codes and how many items it explains, the most frequent first."""
    report = make.report(
        [
            make.item(Outcome.SKIPPED, code="B-2", reason="not yet"),
            make.item(Outcome.SKIPPED, code="A-1", reason="layer 1 failed"),
            make.item(Outcome.SKIPPED, code="A-1", reason="layer 1\nfailed", service="order-service"),
            make.item(Outcome.SKIPPED, code="C-3", reason="layer 1 failed"),
        ]
    )
    assert not_analysed(report) == [
        NotAnalysed("layer 1 failed", 3, ("A-1", "C-3")),
        NotAnalysed("not yet", 1, ("B-2",)),
    ]


def test_the_matrix_has_a_row_for_every_service_with_items(make):
    """Rows are the services in order, then others; items of no service have a row of their own."""
    items = [make.item(service=""), make.item(service="zebra", layer=1), make.item(Outcome.ERROR, layer=2)]
    found = matrix(make.report(items))
    assert found.layers == (1, 2, 3, 4)
    assert [name for name, _ in found.rows] == ["auth-service", "order-service", "(system)", "zebra"]
    rows = dict(found.rows)
    assert rows["auth-service"][1] == Cell(errors=1)
    assert rows["order-service"] == (Cell(), Cell(), Cell(), Cell())
    assert rows["zebra"][0] == Cell(passed=1)


def test_a_cell_says_the_worst_first():
    """The words of a cell go from failed to skipped, and its state is the worst of them."""
    assert Cell(failed=2, errors=1, advisory=1, passed=12, skipped=3).words == (
        "2 failed",
        "1 error",
        "1 advisory",
        "12 ok",
        "3 skipped",
    )
    assert Cell().words == ("-",)
    cells = [Cell(errors=2, passed=1), Cell(advisory=1, passed=1), Cell(passed=1, skipped=1), Cell(skipped=1), Cell()]
    assert [cell.state for cell in cells] == ["failed", "advisory", "passed", "skipped", "none"]


def test_operations_that_were_not_exercised_are_named(make):
    """The counts name what never answered with 2xx, at most ten of them."""
    few = make.report([], operations={"shop:list_items": True, "shop:add_item": False})
    assert operation_counts(few) == "1 of 2 exercised; not: shop:add_item"
    many = make.report([], operations={f"shop:op_{n:02}": False for n in range(12)})
    assert operation_counts(many).endswith("shop:op_09 and 2 more")
    assert operation_counts(make.report([], operations={"shop:list_items": True})) == "1 of 1 exercised"
