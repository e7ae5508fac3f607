"""What a failing gate item says below its name."""

from types import SimpleNamespace

from pytest_superteam.gate.verdict import SHOWN, Verdict
from pytest_superteam.models import CheckResult, Severity, Violation


def text_of(*messages):
    """Return what is said of findings with these messages."""
    found = tuple(Violation("BUILD-001", Severity.CRITICAL, "orders", message) for message in messages)
    return Verdict(SimpleNamespace(code="BUILD-001"), CheckResult(found), Severity.ERROR).text()


def test_a_builders_error_does_not_steer_the_terminal():
    """Escapes and turned directions in what a builder said are left out, its lines stay."""
    told = text_of("was not built: \x1b[31mred\x1b]0;title\x07\nsecond \u202eline\x00")
    assert told.endswith("was not built: red\nsecond line")


def test_a_secret_with_an_escape_in_it_is_masked():
    """What hides within a secret does not hide it from the mask."""
    assert "hunter2secret99" not in text_of("password=\x1b[0mhunter2\x00secret99")


def test_of_many_findings_the_first_are_shown():
    """The others are counted."""
    lines = text_of(*(f"finding {number}" for number in range(SHOWN + 3))).splitlines()
    assert len(lines) == SHOWN + 1
    assert lines[-1] == "... and 3 more"


def test_files_are_told_from_the_folder_of_whose_they_are():
    """A finding may be another service's than its item; one that names none is the item's."""
    found = tuple(
        Violation("FLOW-001", Severity.ERROR, service, "no", file="app.py", line=3) for service in ("mail", "", "gone")
    )
    folders = {"orders": "services/orders", "mail": "services/mail"}
    item = SimpleNamespace(code="FLOW-001", service="orders")
    verdict = Verdict(item, CheckResult(found), Severity.ERROR, lambda service: folders.get(service, ""))
    places = ["services/mail/app.py:3", "services/orders/app.py:3", "app.py:3"]
    assert [verdict.place(violation) for violation in found] == places
    assert verdict.text().splitlines() == [f"FLOW-001 {place} no" for place in places]
