"""What the reports say of a calibration."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from pytest_superteam.models import Calibration, Catch, FalseAlarm, FaultResult
from pytest_superteam.reports.calibration import calibration_lines, rate_line
from pytest_superteam.reports.json_report import SCHEMA, to_json
from pytest_superteam.reports.markdown import LIMIT, to_markdown
from pytest_superteam.reports.terminal import render


def catch(layer=2, item="layer2::test_conformance[shop-read]", **changes):
    """Return a catch."""
    return Catch(layer, item, "X-001", "It is wrong.", **({"blocking": layer < 4} | changes))


def result(name, status="caught", layers=(2,), catches=(), **changes):
    """Return the result of a fault."""
    values = {"service": "shop", "place": "app/main.py:3", "what": "GET /items is slow"} | changes
    return FaultResult(name, f"kind of {name}", layers, status, catches=catches, **values)


FAULTS = (
    result("own", catches=(catch(1, "layer1::test_own_tests[shop]"),)),
    result("both", catches=(catch(1), catch(2))),
    result("scan", layers=(3,), catches=(catch(3, blocking=False),)),
    result("missed", "survived"),
    result("advised", "survived", layers=(4,)),
    result("absent", "not applicable", service="", place="", what="", reason="no place in this system"),
)
ALARM = FalseAlarm("layer3::test_scan[shop-LOG-001]", "failed", "Log it.", blocking=True)


def test_rates():
    """The rates count what was tried of layers 1 to 3, with the services' own tests and without."""
    found = Calibration(FAULTS)
    assert [item.id for item in found.counted] == ["own", "both", "scan", "missed"]
    assert found.rate == 0.75
    assert found.rate_without_own_tests == 0.5
    assert Calibration(()).rate is None


@pytest.mark.parametrize(
    ("changes", "passed"),
    [
        ({}, True),
        ({"judged": True}, False),
        ({"judged": True, "minimum": 0.75}, True),
        ({"alarms": (ALARM,)}, False),
        ({"alarms": (replace(ALARM, blocking=False),)}, True),
        ({"faults": (result("x", "broken"),)}, False),
    ],
)
def test_what_passes(changes, passed):
    """A calibration passes with enough caught, no blocking false alarm and no broken copy."""
    assert replace(Calibration(FAULTS, ()), **changes).passed is passed


def test_rate_in_words():
    """The sentence has both rates and what is asked for."""
    assert rate_line(Calibration(FAULTS)) == (
        "Caught 75.0% of 4 faults of layers 1 to 3 (50.0% without layer 1, whose tests came with the services); "
        "95% are asked for."
    )
    assert rate_line(Calibration(())) == "No fault of layers 1 to 3 was tried."


def test_terminal_lists_survivors_and_alarms():
    """What survived, what is a false alarm and what each layer caught is on the terminal."""
    lines = list(calibration_lines(Calibration(FAULTS, (ALARM,), 12, planned=6)))
    text = "\n".join(lines)
    assert "6 faults of 6 tried one at a time: 3 caught, 2 survived, 1 not applicable, 0 broken" in text
    assert "(1 of the caught ones advise and do not block)" in text
    assert "Layer 2: catches 1 of the 3 faults that belong to it" in text
    assert "Layer 1: catches 0 of the 0 faults that belong to it, and 2 of other layers" in text
    assert "False alarms: 1 of 12 items on the clean system\nlayer3::test_scan[shop-LOG-001] failed: Log it." in text
    assert "Survived: what the gate cannot see (2)\n  missed: shop/app/main.py:3: GET /items is slow" in text
    assert "\nCaught" not in text
    assert "not looked for" in "\n".join(calibration_lines(Calibration(FAULTS)))
    verbose = "\n".join(calibration_lines(Calibration(FAULTS), verbose=True))
    assert "    layer 1: layer1::test_own_tests[shop] found: It is wrong." in verbose
    assert "advises: It is wrong." in verbose


def test_rendered_terminal_has_no_gate_table(make):
    """A session of faults shows them in the place of the gate's table."""
    report = replace(make.report([]), calibration=Calibration(FAULTS, ()), verdict="passed")
    text = render(report, width=100, color=False)
    assert text.startswith("Caught 75.0%")
    assert "layer 1\n" not in text
    assert text.endswith("Repeat: pytest --prd PRD.md\n")


def test_json_is_as_the_schema_says(make):
    """The JSON report carries every fault, and null without a calibration."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    report = replace(make.report([]), calibration=Calibration(FAULTS, (ALARM,), 12, planned=6), verdict="failed")
    data = json.loads(to_json(report))
    validator.validate(data)
    validator.validate(json.loads(to_json(replace(report, calibration=Calibration(())))))
    assert data["calibration"]["rate"] == 0.75
    assert data["calibration"]["faults"][1]["caught_by"][1]["layer"] == 2
    assert json.loads(to_json(make.report([])))["calibration"] is None


def test_markdown_has_the_parts(make):
    """The Markdown report has the rate, the survivors and a table of what caught the others."""
    report = replace(make.report([]), calibration=Calibration(FAULTS, (ALARM,), 12), verdict="failed")
    text = to_markdown(report)
    assert text.startswith("## ❌ Calibration failed: Shop\n\n- Caught 75.0%")
    assert "### Survived: what the gate cannot see (2)\n\n- missed: shop/app/main.py:3" in text
    assert "| both: GET /items is slow | shop/app/main.py:3 |" in text
    assert "Caught (3)" in text


def test_hostile_text_stays_text(make):
    """What comes from outside neither acts nor breaks the size of a comment."""
    hostile = tuple(
        result(f"f{index}", status, what=make.hostile, reason=make.hostile, catches=(catch(item=make.hostile),))
        for index in range(400)
        for status in ("caught", "survived")
    )
    report = replace(make.report([]), calibration=Calibration(hostile, ()), verdict="passed")
    text = to_markdown(report)
    assert len(text.encode()) < LIMIT
    assert "<script>" not in text
    assert "hunter2hunter2" not in to_json(report)
