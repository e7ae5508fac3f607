"""Every rule on text that nobody wrote: noise, and mutations of what the rules themselves call bad and good."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.cache import ScanCache
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import rules_of, scan

KINDS = (
    "a.py", "a.js", "a.jsx", "a.ts", "a.tsx", "a.go", "a.java", "Dockerfile", "compose.yml", ".env", "a.yaml", "a.json",
    "a.tf", "a.sh", "a.properties", "a.xml", "a.toml", "a.md", "a.pem",
)  # fmt: skip
_BY_ENDING = {kind.rpartition(".")[2]: kind for kind in KINDS}
_WORDS = (
    "\0", "\n", "\r", "\r\n", "\t", "\\", "'", '"', "`", "(", ")", "{", "}", "[", "]", "<", ">", "${", "{{", "/*", "*/",
    "//", "#", '"""', "=", ":", ",", ";", "&a ", "*a", "<<: ", "- ", "!x ", "\ufeff", "\u2028", "\u202e", "é", "ß", "İ",
    "\uff50assword", "💥", "\ud800", "async ", "lambda: ", "def f(", "class A(", "=> ", "...", "**", "@", "{",
    "password=", "print(", "console.log(", "jwt.", "none", "*", "0" * 400, "a" * 3000, "FROM ", "RUN <<E\n", "\\\n",
)  # fmt: skip


@cache
def seeds() -> tuple[tuple[str, str], ...]:
    """Return a kind of file and a text for each example of a rule, and for the samples in the tables of the tests."""
    found = []
    for rule in rules_of(builtin_scanners()).values():
        for files in (rule.bad, rule.good):
            for path, text in files.items():
                name = path.rpartition("/")[2]
                found.append((_BY_ENDING.get(name.rpartition(".")[2], "a.py"), text))
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        kind = _kind_of_table(path.stem)
        strings = {
            node.value
            for node in ast.walk(ast.parse(path.read_bytes()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 40
        }
        for text in sorted(strings):
            found += [(kind, sample) for sample in text.split("\n----\n") if len(sample) < 4000]
    return tuple(found)


def _kind_of_table(name: str) -> str:
    if "docker" in name:
        return "compose.yml" if "compose" in name else "Dockerfile"
    if "compose" in name:
        return "compose.yml"
    if "go_java" in name:
        return "a.go"
    return "a.ts" if "js" in name or "javascript" in name else "a.py"


@st.composite
def mutated(draw):
    """Return a kind of file and a seed of it, with parts left out, doubled, moved and put in."""
    kind, text = draw(st.sampled_from(seeds()))
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        how = draw(st.sampled_from(["delete", "double", "insert", "splice", "line", "cut", "turn"]))
        if how == "delete":
            text = text[:start] + text[end:]
        elif how == "double":
            text = text[:end] + text[start:end] * draw(st.sampled_from((1, 2, 50))) + text[end:]
        elif how == "insert":
            text = text[:start] + draw(st.sampled_from(_WORDS)) + text[start:]
        elif how == "splice":
            other = draw(st.sampled_from(seeds()))[1]
            text = text[:start] + other[draw(st.integers(0, len(other))) :][:200] + text[end:]
        elif how == "line":
            lines = text.split("\n")
            at = draw(st.integers(0, len(lines) - 1))
            text = "\n".join(lines[:at] + lines[at + 1 :] + lines[at : at + 1])
        elif how == "cut":
            text = text[:start]
        else:
            text = text[start:] + text[:start]
    if draw(st.booleans()):
        return kind, text
    return draw(st.sampled_from(KINDS)), text


NOISE = st.tuples(st.sampled_from(KINDS), st.text(max_size=200) | st.lists(st.sampled_from(_WORDS)).map("".join))


def all_of(folder, names, **options):
    """Return the scans of the services and of the system of them."""
    members = [ScanTarget(name, folder / name) for name in names]
    system = ScanTarget("s", folder, members=tuple(members))
    return [scan(target, builtin_scanners(), workers=1, **options) for target in (*members, system)]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(mutated() | NOISE, min_size=1, max_size=6))
def test_no_rule_breaks_on_anything(tmp_path_factory, files):
    """No rule of any language breaks on mutated code, and what is kept from one scan is what the next would find."""
    root = tmp_path_factory.mktemp("any")
    for number, (kind, text) in enumerate(files):
        folder = root / f"s{number % 2}" / str(number)
        folder.mkdir(parents=True)
        (folder / kind).write_bytes(text.encode("utf-8", "surrogatepass"))
    names = sorted(path.name for path in root.iterdir())
    fresh = all_of(root, names)
    assert [note for result in fresh for note in result.not_analysed if note.codes] == []
    cache = ScanCache(root / "scan.db")
    try:
        filled = all_of(root, names, cache=cache)
        kept = all_of(root, names, cache=cache)
    finally:
        cache.close()
    for other in (filled, kept):
        assert [result.findings for result in other] == [result.findings for result in fresh]
        assert [result.not_analysed for result in other] == [result.not_analysed for result in fresh]
        assert [result.unused for result in other] == [result.unused for result in fresh]
