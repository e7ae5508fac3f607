"""The page's style: readable in both schemes and on paper."""

import re

import pytest

from pytest_superteam.reports.page.templating import HERE

STYLE = (HERE / "page.css").read_text(encoding="utf-8")
PAIRS = [
    *((name, ground) for name in ("text", "muted", "link") for ground in ("bg", "panel", "sunk")),
    *((name, "panel") for name in ("bad", "warn", "good", "idle")),
    ("text", "idle-soft"),
    ("bad", "bad-soft"),
    ("warn", "warn-soft"),
    ("good", "good-soft"),
    ("idle", "idle-soft"),
    ("link", "idle-soft"),
    ("panel", "bad"),
]
"""Text on ground, as the style uses them."""


def schemes():
    """Return the colours of light, dark and print by name."""
    found = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    return [dict(re.findall(r"--gs-([a-z-]+): (#[0-9a-f]{3,6});", each)) for each in found]


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("pair", PAIRS, ids="-on-".join)
@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_contrast(scheme, pair):
    """Text has at least 4.5 to 1 against its ground (WCAG 2.2, 1.4.3 AA)."""
    colours = schemes()[scheme]
    one, other = sorted((luminance(colours[name]) for name in pair), reverse=True)
    assert (one + 0.05) / (other + 0.05) >= 4.5


def test_the_schemes_have_the_same_colours():
    """No colour is set in one scheme only."""
    light, dark, paper = schemes()
    assert light.keys() == dark.keys() == paper.keys()


def test_every_variable_that_is_used_is_set():
    """A misspelt variable would silently fall back to nothing."""
    used = set(re.findall(r"var\((--gs-[a-z-]+)\)", STYLE))
    assert used <= set(re.findall(r"(--gs-[a-z-]+):", STYLE))


def test_every_class_of_a_template_has_a_meaning():
    """What templates call `gs-...` is styled, linked to or found by the script."""
    script = (HERE / "page.js").read_text(encoding="utf-8")
    templates = "".join(path.read_text(encoding="utf-8") for path in (HERE / "templates").iterdir())
    names = {name for group in re.findall(r'class="([^"{}]*)"', templates) for name in group.split()}
    unknown = {name for name in names if name.startswith("gs-") and f".{name}" not in STYLE and name not in script}
    assert unknown == set()
