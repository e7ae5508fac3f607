"""The page of the codes of layers 3 and 4, made from their rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.facts.secrets import examples
from pytest_superteam.scanners.registry import builtin_scanners
from superteam_docs.markdown import anchor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_superteam.scanners.base import Rule

__all__ = ["codes_page"]

INTRODUCTION = """\
# Codes of layers 3 and 4

Each code is a gate item for each service; those marked *system* look at all services together and are one item.
Layer 3 blocks from `gate.blocking_severity` up, layer 4 never: "blocks" says what the default, `error`, makes of it.
A rule reads service code in the languages that it names: not tests, migrations, scripts, examples, documents and what
others wrote (the setting `scan.exclude`). Rules that read any text file, Dockerfiles or compose files read all there
are. Where a service is written in another language in which the code can occur, the item is skipped as not analysed.

Each example is scanned by a test. Made-up secrets are cut short here (`...`).
"""

_LANGUAGES = {
    "python": "Python",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "go": "Go",
    "java": "Java",
    "docker": "Dockerfiles",
    "compose": "compose files",
    "text": "any text file",
}
_FENCES = {
    ".py": "python", ".js": "js", ".jsx": "jsx", ".ts": "ts", ".tsx": "tsx", ".go": "go", ".java": "java",
    ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".sh": "sh", ".sql": "sql", ".toml": "toml",
}  # fmt: skip
_CUT = [word for name in examples.__all__ for word in getattr(examples, name).split() if re.match(r"\w.{11}", word)]
"""The made-up secrets of the examples: whole, they would be found on the page, by us and by others."""


def codes_page() -> str:
    """Return the page, in Markdown, by layer and code: a table of all codes, then a section for each."""
    rules = [rule for scanner in builtin_scanners() for rule in scanner.codes]
    ordered = sorted(rules, key=lambda rule: (rule.layer, rule.id))
    return "\n".join([INTRODUCTION, *_contents(ordered), *(f"\n{_section(rule)}" for rule in ordered)]) + "\n"


def _contents(rules: Sequence[Rule]) -> Iterator[str]:
    """Yield the rows of the table of contents."""
    yield "| code | name | layer | severity | blocks | CWE |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for rule in rules:
        cells = (f"[{rule.id}](#{anchor(_title(rule))})", rule.name, _layer(rule), rule.severity.value, _blocks(rule))
        yield f"| {' | '.join(cells)} | {rule.cwe or ''} |"


def _section(rule: Rule) -> str:
    """Return what is to be said of one code."""
    parts = [f"## {_title(rule)}", "; ".join(_facts(rule))]
    if rule.pending:
        parts.append(f"Not looked for yet: {rule.pending}. Its items are skipped.")
    for title, text in (("What", rule.what), ("Why", rule.why), ("Do", rule.help)):
        parts += [f"**{title}:** {text}"] * bool(text)
    parts += [*_examples("Bad", rule.bad, {}), *_examples("Good", rule.good, rule.bad)]
    return "\n\n".join([*parts, f"**Suppress:** {_suppression(rule)}"])


def _title(rule: Rule) -> str:
    return f"{rule.id}: {rule.name}"


def _layer(rule: Rule) -> str:
    return f"{rule.layer}, system" if rule.scope == "system" else str(rule.layer)


def _blocks(rule: Rule) -> str:
    return "yes" if rule.layer == 3 and rule.severity.at_least(Severity.ERROR) else "no"


def _facts(rule: Rule) -> Iterator[str]:
    """Yield what is in a few words."""
    yield f"Layer {rule.layer}"
    yield f"severity {rule.severity.value}"
    yield "blocks by default" if _blocks(rule) == "yes" else "does not block by default"
    yield from ["one item for the system"] * (rule.scope == "system")
    yield f"reads {_named(rule.languages)}"
    unread = [language for language in rule.applies_to if language not in rule.languages]
    yield from [f"not analysed in {_named(unread)}"] * bool(unread)
    if rule.cwe:
        yield f"[CWE-{rule.cwe}](https://cwe.mitre.org/data/definitions/{rule.cwe}.html)"


def _named(languages: Iterable[str]) -> str:
    return ", ".join(_LANGUAGES.get(language, language) for language in languages)


def _examples(title: str, files: Mapping[str, str], before: Mapping[str, str]) -> Iterator[str]:
    """Yield the files of an example, each fenced; one that is the same as `before` is only named."""
    for path, text in files.items():
        if before.get(path) == text:
            yield f"{title}: `{path}` as above"
        else:
            yield f"{title}: `{path}`\n\n{_fenced(path, text)}"


def _fenced(path: str, text: str) -> str:
    name = path.rsplit("/", 1)[-1]
    language = "dockerfile" if name == "Dockerfile" else _FENCES.get(f".{name.rsplit('.', 1)[-1]}", "text")
    for word in _CUT:
        text = text.replace(word, f"{word[:6]}...")
    return f"```{language}\n{text.strip()}\n```"


def _suppression(rule: Rule) -> str:
    """Return which comment excuses a finding, and where it stands."""
    comment = f"noqa: {rule.id}"
    if "text" in rule.languages:
        where = "at the end of the line or alone above it, in Python at its end only, in a Dockerfile above it only"
        return f"a comment `{comment}`, such as `# {comment}`, {where}."
    slashes = [name for name in rule.languages if name in {"javascript", "typescript", "go", "java"}]
    ways = [f"`# {comment}` at the end of the line in Python"] * ("python" in rule.languages)
    ways += [f"`// {comment}` at the end of the line or alone above it in {_named(slashes)}"] * bool(slashes)
    ways += [f"`# {comment}` alone above the line in a Dockerfile"] * ("docker" in rule.languages)
    ways += [f"`# {comment}` at the end of the line or alone above it in YAML"] * ("compose" in rule.languages)
    return "; ".join(ways) + "."
