"""What the rules say of themselves: complete, and true of their own examples."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan_target

RULES = sorted((rule for scanner in builtin_scanners() for rule in scanner.codes), key=lambda rule: rule.id)
FOUND = [rule for rule in RULES if not rule.pending]
WEAKNESSES = {"security", "secrets", "cors"}
CODE = (".py", ".js", ".jsx", ".ts", ".tsx", ".go", ".java")

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
each_found = pytest.mark.parametrize("rule", FOUND, ids=lambda rule: rule.id)


def found(rule, files, folder):
    """Return the findings of a rule in an example; of a system the first folder of each path is a service."""
    for path, text in files.items():
        full = folder / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, encoding="utf-8")
    target = ScanTarget("api", folder)
    if rule.scope == "system":
        names = sorted({path.split("/")[0] for path in files})
        target = replace(target, name="system", members=tuple(ScanTarget(name, folder / name) for name in names))
    return scan_target(target, builtin_scanners(), [rule.id])[rule.id]


def excused(path, text, line, code):
    """Return the text of a file with a comment that excuses `code` at `line`, as docs/reference/codes.md says."""
    lines = text.split("\n")
    if path.endswith(".py"):
        lines[line - 1] += f"  # noqa: {code}"
    else:
        sign = "//" if path.endswith(CODE) else "#"
        lines.insert(line - 1, f"{sign} noqa: {code}")
    return "\n".join(lines)


@each_rule
def test_rule_documents_itself(rule):
    """Every rule says what it finds, why that matters and what to write instead, with an example of each."""
    for text in (rule.name, rule.help, rule.what, rule.why):
        assert text == " ".join(text.split())
        assert text
    assert rule.help.endswith(".")
    assert rule.what.endswith(".")
    assert rule.why.endswith(".")
    assert rule.bad
    assert rule.good
    assert rule.bad != rule.good
    assert all(text.strip() for path, text in {**rule.bad, **rule.good}.items() if not path.endswith("__init__.py"))
    assert set(rule.languages) <= set(rule.applies_to or rule.languages) | {"text", "docker", "compose"}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.category in WEAKNESSES], ids=lambda rule: rule.id)
def test_security_rule_names_its_weakness(rule):
    """Every rule about security and secrets has a number of the CWE list."""
    assert rule.cwe


@each_found
def test_bad_example_is_found(rule, tmp_path):
    """A rule finds its bad example, in each of its files of code where they are not one system."""
    places = {violation.file for violation in found(rule, rule.bad, tmp_path)}
    assert places
    if rule.scope == "service":
        assert {path for path in rule.bad if path.endswith(CODE)} <= places


@each_found
def test_good_example_is_not_found(rule, tmp_path):
    """A rule finds nothing in its good example."""
    assert found(rule, rule.good, tmp_path) == []


@each_found
def test_bad_example_can_be_excused(rule, tmp_path):
    """A comment at the place of a finding excuses it, as the page of the code says."""
    files = dict(rule.bad)
    before = found(rule, files, tmp_path)
    for violation in sorted(before, key=lambda v: (v.file, -v.line)):
        files[violation.file] = excused(violation.file, files[violation.file], violation.line, rule.id)
    after = found(rule, files, tmp_path)
    assert [violation.suppressed_by for violation in after] == ["noqa"] * len(before)


def test_codes_have_one_form():
    """Codes are words and a number of three digits, and no two are alike."""
    codes = [rule.id for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-Z]+(?:-[A-Z]+)?-\d{3}", code) for code in codes)
