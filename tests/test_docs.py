"""The documentation says what the code does: options, settings, hooks, codes, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_superteam import hookspecs, plugin
from pytest_superteam.checks.page import checks_page
from pytest_superteam.checks.registry import builtin_families
from pytest_superteam.config import DEPTHS, ENVIRONMENT_PREFIX, Config, load_config
from pytest_superteam.models import Severity
from pytest_superteam.pipeline.page import states_page
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, PythonCheck, RuleScanner
from pytest_superteam.scanners.page import codes_page
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan_target

ROOT = Path(__file__).parents[1]
REFERENCE = (ROOT / "docs/reference.md").read_text(encoding="utf-8")


def table(heading):
    """Return the cells of the table below a heading of the reference."""
    section = REFERENCE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def settings(config, prefix=""):
    """Return dotted key -> value of a configuration."""
    found = {}
    for name, value in vars(config).items():
        if hasattr(value, "__dataclass_fields__"):
            found.update(settings(value, f"{prefix}{name}."))
        else:
            found[prefix + name] = value
    return found


def test_codes_page_equals_the_rules():
    """docs/codes.md is what the rules say; `python -m pytest_superteam.scanners.page > docs/codes.md` mends it."""
    rules = [rule for scanner in builtin_scanners() for rule in scanner.codes]
    assert (ROOT / "docs/codes.md").read_text(encoding="utf-8") == codes_page(rules)


def test_checks_page_equals_the_families():
    """docs/checks.md is what the rules say; `python -m pytest_superteam.checks.page > docs/checks.md` mends it."""
    assert (ROOT / "docs/checks.md").read_text(encoding="utf-8") == checks_page(builtin_families())


def test_states_page_equals_the_machine():
    """docs/states.md is what the machine says; `python -m pytest_superteam.pipeline.page > docs/states.md` mends it."""
    assert (ROOT / "docs/states.md").read_text(encoding="utf-8") == states_page()


def test_codes_page_has_a_section_for_every_code():
    """Each code is a row of the table at the top and a section with its examples and its comment."""
    page = (ROOT / "docs/codes.md").read_text(encoding="utf-8")
    contents, *sections = page.split("\n## ")
    codes = sorted(rule.id for scanner in builtin_scanners() for rule in scanner.codes)
    assert sorted(re.findall(r"^\| \[([A-Z-]+\d+)\]", contents, flags=re.MULTILINE)) == codes
    assert sorted(section.split(":")[0] for section in sections) == codes
    for section in sections:
        assert all(part in section for part in ("**What:**", "**Why:**", "**Do:**", "Bad: ", "Good: ", "**Suppress:**"))


def test_no_page_holds_a_secret():
    """The scanners find no secret in the documentation, so no other tool does that looks at less."""
    codes = [rule.id for scanner in builtin_scanners() for rule in scanner.codes if rule.category == "secrets"]
    found = scan_target(ScanTarget("docs", ROOT / "docs"), builtin_scanners(), codes)
    assert [violation for violations in found.values() for violation in violations] == []


def test_reference_has_every_option(pytestconfig):
    """The reference lists exactly the options that the plugin adds."""
    added = []

    class Parser:
        def getgroup(self, *_):
            return self

        def addoption(self, name, **_):
            added.append(name)

    plugin.pytest_addoption(Parser())
    assert [row[0].strip("`").split()[0] for row in table("Options")] == added


def test_reference_has_every_setting():
    """The reference lists exactly the settings, with their defaults and what the depths change."""
    rows = {row[0].strip("`"): row[1:5] for row in table("Settings")}
    defaults = settings(Config())
    assert rows.keys() == defaults.keys()
    for key, (default, *presets) in rows.items():
        for depth, shown in zip(("quick", "thorough", "exhaustive"), presets, strict=True):
            assert shown == (f"{DEPTHS[depth][key]:g}" if key in DEPTHS[depth] else ""), key
        value = defaults[key]
        if default and default != "built in":
            assert default == (
                f"{value:g}" if isinstance(value, float) else str(getattr(value, "value", value)).lower()
            )


def test_environment_names_are_settings():
    """Every variable that the documentation names is a setting."""
    known = {ENVIRONMENT_PREFIX + key.replace(".", "_").upper() for key in settings(Config())}
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    named = {name for page in pages for name in re.findall(r"SUPERTEAM_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8"))}
    assert named
    assert named <= known


@pytest.mark.parametrize("depth", sorted(DEPTHS))
def test_depths_set_known_settings(depth):
    """A depth sets settings that exist."""
    known = settings(Config())
    assert DEPTHS[depth].keys() <= known.keys()
    assert load_config(None, environment={}, options={"depth": depth}).depth == depth


def test_reference_has_every_hook():
    """The reference lists exactly the hooks, with their arguments."""
    declared = {
        f"{name}({', '.join(function.__code__.co_varnames[: function.__code__.co_argcount])})"
        for name, function in vars(hookspecs).items()
        if name.startswith("pytest_superteam_")
    }
    assert {row[0].strip("`") for row in table("Hooks")} == declared


def test_readme_commands_are_what_ci_runs():
    """CI runs the README's two set-up commands, to the letter."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    commands = re.findall(r"^python3 -m venv .*$", readme, flags=re.MULTILINE)
    assert len(commands) == 2
    assert all(f"\n{command}\n" in ci for command in commands)


def test_example_rule_works(tmp_path):
    """The rule that the architecture shows finds its bad example and not its good one."""
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    names = {"Rule": Rule, "Severity": Severity, "Hit": Hit, "PythonCheck": PythonCheck, "RuleScanner": RuleScanner}
    exec(re.search(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)[1], names)
    for name, files, count in (("bad", names["RULE"].bad, 1), ("good", names["RULE"].good, 0)):
        for path, text in files.items():
            (tmp_path / name).mkdir()
            (tmp_path / name / path).write_text(text, encoding="utf-8")
        [found] = scan_target(ScanTarget("api", tmp_path / name), [names["SCANNER"]]).values()
        assert len(found) == count


def anchors(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_somewhere():
    """Every relative link of the documentation names a file that is there, and a heading in it where it names one."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            if "://" in target:
                continue
            path, _, anchor = target.partition("#")
            file = page.parent / path if path else page
            assert file.exists(), f"{page.name}: {target}"
            assert not anchor or anchor in anchors(file), f"{page.name}: {target}"
