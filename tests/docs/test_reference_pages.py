"""The reference says what the code does: each generated page is what its generator makes of the code."""

import dataclasses
import importlib
import inspect
import re
from pathlib import Path
from types import SimpleNamespace
from typing import get_type_hints
from xml.etree import ElementTree as ET

import pytest
from superteam_docs import exit_codes, settings, state_picture
from superteam_docs.api import MODULES
from superteam_docs.declared import declared_fields
from superteam_docs.markdown import page, paragraphs, table
from superteam_docs.pages import PAGES

from pytest_superteam import fixtures, hookspecs, plugin
from pytest_superteam.checks import asked, own_tests
from pytest_superteam.checks.registry import builtin_families
from pytest_superteam.config import DEPTHS, ENVIRONMENT_PREFIX, Config, load_config
from pytest_superteam.errors import ConfigError
from pytest_superteam.models import Severity, Violation
from pytest_superteam.options import OPTIONS
from pytest_superteam.pipeline import items
from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.machine import STATES, TERMINAL, TRANSITIONS
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, PythonCheck, RuleScanner
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan_target

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs/reference"


def read(name):
    return (REFERENCE / name).read_text(encoding="utf-8")


def rows(text, start="| `"):
    """Return the cells of the rows of a page's tables whose first cell begins so."""
    lines = [line for line in text.splitlines() if line.startswith(start)]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]


def flat(config, prefix=""):
    """Return dotted key -> value of a configuration."""
    found = {}
    for name, value in vars(config).items():
        nested = dataclasses.is_dataclass(value)
        found |= flat(value, f"{prefix}{name}.") if nested else {prefix + name: value}
    return found


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_equals_the_code(name):
    """A generated page is what the code says; `python docs/generate.py` mends it."""
    assert read(name) == PAGES[name]()


def test_pages_by_hand_and_by_the_code_are_told_apart():
    """The list of pages marks with a star those that are generated, and names every page."""
    named = {name: bool(star) for name, star in re.findall(r"\]\(([a-z0-9-]+\.md)\)( \*)?", read("index.md"))}
    assert named == {file.name: file.name in PAGES for file in REFERENCE.glob("*.md") if file.name != "index.md"}


def test_every_option_is_there():
    """The options are exactly those that the plugin adds to pytest."""
    added = []
    group = SimpleNamespace(addoption=lambda name, **_: added.append(name))
    plugin.pytest_addoption(SimpleNamespace(getgroup=lambda *_: group, addini=lambda *_, **__: None))
    shown = [row[0].strip("`").split()[0].partition("[")[0] for row in rows(read("options.md"), "| `--")]
    assert sorted(shown) == sorted(added) == sorted(option.flag for option in OPTIONS)


def test_every_setting_is_there():
    """Each setting is a row with what it takes, its default, its meaning and its variable."""
    shown = {row[0].strip("`"): row for row in rows(read("settings.md").split("\n## An entry of")[0])}
    assert shown.keys() == flat(Config()).keys()
    for key, (_, takes, default, last) in shown.items():
        meaning, *names = last.split("<br>")
        assert takes, key
        assert meaning, key
        assert default.split(";")[0] == shown_default(flat(Config())[key]), key
        assert {part for part in DEPTHS if f"{part} " in default} == {part for part in DEPTHS if key in DEPTHS[part]}
        variable = f"{ENVIRONMENT_PREFIX}{key.replace('.', '_').upper()}"
        assert (f"`{variable}`" in names) == can_be_text(variable), key


def test_bounds_of_numbers_are_told():
    """A number that has bounds of its own shows them."""
    takes = {row[0].strip("`"): row[1] for row in rows(read("settings.md"))}
    assert takes["parallel"] == "whole number, 1 to 64"
    assert takes["gate.test_pass_ratio"] == "number, 0 to 1"
    assert takes["budget.total"] == "number"


def shown_default(value):
    """Return a default as the page shows it; nothing for what is unset or empty."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if not value and value != 0 else f"{value:g}" if isinstance(value, float) else f"{value}"


def can_be_text(variable):
    """Return whether a variable of the environment can hold a setting."""
    try:
        load_config(None, environment={variable: "a=b"}, options={})
    except ConfigError as error:
        return not re.search(r"can't be written as text|must hold `key: value` lines", str(error))
    return True


def test_every_key_of_entries_is_there():
    """Each key of what lists and mappings of settings hold is a row with a meaning."""
    for key, cls in settings._entry_types().items():
        section = read("settings.md").split(f"\n## An entry of `{key}`\n")[1].split("\n## ")[0]
        shown = {row[0].strip("`"): row for row in rows(section)}
        assert shown.keys() == {item.name for item in dataclasses.fields(cls)}
        assert all(row[1] and row[3] for row in shown.values()), key


@pytest.mark.parametrize("depth", sorted(DEPTHS))
def test_depths_set_known_settings(depth):
    """A depth sets settings that exist."""
    assert DEPTHS[depth].keys() <= flat(Config()).keys()
    assert load_config(None, environment={}, options={"depth": depth}).depth == depth


def test_environment_names_are_settings():
    """Every variable that the documentation names is a setting."""
    known = {ENVIRONMENT_PREFIX + key.replace(".", "_").upper() for key in flat(Config())}
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    named = {
        name for file in pages for name in re.findall(r"SUPERTEAM_[A-Z0-9_]*[A-Z0-9]", file.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= known


def test_every_hook_is_there():
    """Each hook has a section with its arguments and its docstring."""
    declared = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("pytest_superteam_")}
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", read("hooks.md"), flags=re.MULTILINE | re.DOTALL))
    assert sections.keys() == declared.keys()
    for name, hook in declared.items():
        assert all(f"{argument}: " in sections[name] for argument in inspect.signature(hook).parameters)
        assert paragraphs(hook.__doc__) in sections[name]


def test_every_marker_is_there():
    """Each registered marker is a row."""
    assert [row[0].strip("`") for row in rows(read("markers.md"))] == [m.partition(":")[0] for m in plugin.MARKERS]


def test_every_fixture_is_there(pytestconfig):
    """Each fixture of the plugin has a row and a section."""
    declared = {name for name, thing in vars(fixtures).items() if "fixture" in type(thing).__name__.lower()}
    found = {row[0].split("`")[1]: row[1] for row in rows(read("fixtures.md"), "| [`")}
    assert found.keys() == declared
    assert declared <= set(re.findall(r"^## (\w+)$", read("fixtures.md"), flags=re.MULTILINE))
    assert found["deployment"] == "session"
    assert found["client"] == "function"


def test_every_exit_code_is_there():
    """The exit codes are those of pytest, under its names; an early pytest lacks the last one."""
    known = {int(code): code.name for code in pytest.ExitCode}
    described = {number: name for number, (name, _) in exit_codes.EXIT_CODES.items()}
    assert known.items() <= described.items()
    assert described.keys() - known.keys() <= {6}


def test_codes_page_has_a_section_for_every_code():
    """Each code of layers 3 and 4 is a row of the table at the top and a section with examples and its comment."""
    contents, *sections = read("codes.md").split("\n## ")
    codes = sorted(rule.id for scanner in builtin_scanners() for rule in scanner.codes)
    assert sorted(re.findall(r"^\| \[([A-Z-]+\d+)\]", contents, flags=re.MULTILINE)) == codes
    assert sorted(section.split(":")[0] for section in sections) == codes
    for section in sections:
        assert all(part in section for part in ("**What:**", "**Why:**", "**Do:**", "Bad: ", "Good: ", "**Suppress:**"))


def test_checks_page_has_a_section_for_every_code():
    """Each code of layer 2 is a row and a section."""
    codes = sorted(rule.id for family in builtin_families() for rule in family.rules)
    assert sorted(re.findall(r"^\| \[([A-Z-]+\d+)\]", read("checks.md"), flags=re.MULTILINE)) == codes
    assert sorted(re.findall(r"^## ([A-Z-]+\d+):", read("checks.md"), flags=re.MULTILINE)) == codes


def test_layer1_page_has_a_section_for_every_code():
    """Each code of layer 1 is a row and a section that says what, why, and what to do."""
    verdict = importlib.import_module(f"{own_tests.__name__}.verdict")
    codes = {items.BUILD, items.OWN_TESTS, items.CONVERGENCE, verdict.FAILED, verdict.NONE}
    codes |= {asked.SERVICE, asked.OPERATION, asked.FIELD, asked.REQUIREMENT}
    contents, *sections = read("layer1.md").split("\n## ")
    assert set(re.findall(r"^\| \[([A-Z-]+\d+)\]", contents, flags=re.MULTILINE)) == codes
    assert {section.split(":")[0] for section in sections} == codes
    assert all(part in section for section in sections for part in ("**What:**", "**Why:**", "**Do:**"))


def test_items_page_has_every_test_function():
    """Each function of the packaged suite that carries items stands on the page of the items."""
    shown = set(re.findall(r"::(test_\w+)\[", read("items.md")))
    gate = ROOT / "pytest_superteam/gate"
    carried = {
        name
        for file in gate.glob("test_*.py")
        if file.name != "test_phases.py"
        for name in re.findall(r"^def (test_\w+)\(verdict", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert carried
    assert carried <= shown


def test_every_file_of_a_run_is_there():
    """Each place that the run keeps something in stands on the page of the files."""
    layout = Layout(Path("project"))
    places = {getattr(layout, name) for name, thing in vars(Layout).items() if isinstance(thing, property)}
    assert len(places) > 15
    text = read("files.md")
    for place in places - {layout.state, layout.output}:
        assert f"`{place.relative_to(layout.project)}" in text, place


def test_picture_of_the_states_shows_the_machine():
    """The committed picture has every state and every transition with its trigger, and loads nothing."""
    picture = ET.fromstring(read("states.svg"))
    space = {"svg": "http://www.w3.org/2000/svg"}
    shown = {
        kind: [
            (
                group.find("svg:title", space).text,
                " ".join(text.text.strip() for text in group.findall("svg:text", space)),
            )
            for group in picture.findall(f".//svg:g[@class='{kind}']", space)
        ]
        for kind in ("node", "edge")
    }
    assert sorted(name for name, _ in shown["node"]) == sorted(STATES)
    working = [state for state in STATES if state not in TERMINAL]
    arrows = [(working[-1] if t["source"] == "*" else t["source"], t["dest"], t["trigger"]) for t in TRANSITIONS]
    assert sorted(shown["edge"]) == sorted((f"{source}->{target}", trigger) for source, target, trigger in arrows)
    assert not re.search(r"(?:href|src)=", read("states.svg"))


def test_picture_of_the_states_can_be_drawn():
    """What the generator draws now has the states of the committed picture."""
    pytest.importorskip("pygraphviz", reason="comes with the extra `html`")
    drawn = state_picture.state_picture()
    titles = re.compile(r"<title>(.*?)</title>")
    assert sorted(titles.findall(drawn)) == sorted(titles.findall(read("states.svg")))


def test_python_interface_names_what_there_is():
    """Each name that a project may import is a section below its module; none stands there twice."""
    text = read("api.md")
    names = re.findall(r"^### (\w+)$", text, flags=re.MULTILINE)
    assert len(names) == len(set(names))
    for module, chosen in MODULES.items():
        assert f"\n## {module}\n" in text
        assert all(name in names for name in chosen or importlib.import_module(module).__all__), module


def test_what_plugs_in_is_described_whole():
    """Of each class that a project gets or writes for a hook, every attribute is explained."""
    plugged = [name for name in MODULES if name.endswith(".base")]
    classes = [getattr(importlib.import_module(module), name) for module in plugged for name in MODULES[module]]
    classes += [ScanTarget, Rule, Violation]
    for cls in filter(inspect.isclass, classes):
        silent = [field.name for field in declared_fields(cls) if not field.text]
        assert [name for name in silent if f"`{name}`" not in cls.__doc__] == [], cls.__name__


def test_types_of_hooks_are_in_the_python_interface():
    """What hooks take and return is described, but for the settings, which have a page of their own."""
    names = set(re.findall(r"^### (\w+)$", read("api.md"), flags=re.MULTILINE))
    used = set(re.findall(r"\b[A-Z]\w+", " ".join(re.findall(r"^def .*$", read("hooks.md"), flags=re.MULTILINE))))
    assert used - names == {"Any", "Config", "None", "Sequence"}


def test_no_page_holds_a_secret():
    """The scanners find no secret in the documentation, so no other tool does that looks at less."""
    codes = [rule.id for scanner in builtin_scanners() for rule in scanner.codes if rule.category == "secrets"]
    found = scan_target(ScanTarget("docs", ROOT / "docs"), builtin_scanners(), codes)
    assert [violation for violations in found.values() for violation in violations] == []


def test_example_rule_works(tmp_path):
    """The rule that the architecture shows finds its bad example and not its good one."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    names = {"Rule": Rule, "Severity": Severity, "Hit": Hit, "PythonCheck": PythonCheck, "RuleScanner": RuleScanner}
    exec(re.search(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)[1], names)
    for name, files, count in (("bad", names["RULE"].bad, 1), ("good", names["RULE"].good, 0)):
        for path, source in files.items():
            (tmp_path / name).mkdir()
            (tmp_path / name / path).write_text(source, encoding="utf-8")
        [found] = scan_target(ScanTarget("api", tmp_path / name), [names["SCANNER"]]).values()
        assert len(found) == count


def test_fields_are_read_with_the_texts_below_them():
    """A field's type and default are as they were written; its text is the one that stands below it."""
    found = {field.name: field for field in declared_fields(Rule)}
    assert found.keys() == get_type_hints(Rule).keys()
    assert found["bad"].default == "{}"
    assert found["languages"].type == "tuple[str, ...]"
    assert found["help"].text == "One sentence: what to do about a finding."


def test_cells_of_tables_hold_together():
    """A bar and a line break in a cell break no table; parts of a page stand apart by one empty line."""
    assert table(("a", "b"), [("x | y", "two\nlines")]) == "| a | b |\n| --- | --- |\n| x \\| y | two lines |"
    assert table(("a",), [("`list[int] | None`",)]).endswith("\n| <code>list[int] &#124; None</code> |")
    assert page("# A\n", "", "text\n\n") == "# A\n\ntext\n"


def test_sections_of_docstrings_become_lists():
    """Google's sections are lists; what follows them is text again."""
    text = "Do it.\n\nRaises:\n    OSError: it went\n        wrong.\n\nMore."
    assert paragraphs(text) == "Do it.\n\nRaises:\n\n- `OSError`: it went\n  wrong.\n\nMore."
