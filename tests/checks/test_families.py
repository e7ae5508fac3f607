"""What all built-in families of layer 2 have in common."""

import inspect
import re
import subprocess
import sys

import pytest

import pytest_superteam.gate.test_layer2_contract as layer2
from pytest_superteam.checks.registry import builtin_families, family_of
from pytest_superteam.models import Severity

RULES = [rule for family in builtin_families() for rule in family.rules]


@pytest.mark.parametrize("family", builtin_families(), ids=lambda family: family.test)
def test_each_family_has_its_function(family):
    """The module of layer 2 has a function of the family's name, whose docstring says what holds when it passes."""
    function = getattr(layer2, family.test)
    assert inspect.getdoc(function)
    assert family_of(family.test) is family


def test_no_function_is_without_a_family():
    """Every function of the module is carried by a family, or by the project's checks."""
    names = {name for name in vars(layer2) if name.startswith("test_")}
    assert names == {family.test for family in builtin_families()} | {"test_check"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_says_what_it_is(rule):
    """A rule of layer 2 has an id like the others, a name, and says what is found, why it matters and what to do."""
    assert re.fullmatch(r"[A-Z]+-\d{3}", rule.id)
    assert rule.layer == 2
    assert rule.severity in set(Severity)
    for text in (rule.name, rule.what, rule.why, rule.help):
        assert text.strip()
    assert rule.help.endswith(".")


def test_planning_needs_no_engine():
    """Families are imported at collection, and load none of the libraries that they check with."""
    heavy = "schemathesis", "pact", "httpx", "hypothesis", "yaml", "jwt"
    code = (
        "import sys; from pytest_superteam.checks.registry import builtin_families; builtin_families();"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
