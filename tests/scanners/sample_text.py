"""Tables of samples as text: one below the other, so that they read like code."""

from __future__ import annotations

import re

__all__ = ["marked", "split_samples", "split_systems"]

_MARK = re.compile(r"(?:#|//)!\s*(?P<code>[A-Z]+-\d+)\s*$")

_BETWEEN = "\n----\n"


def split_samples(text: str) -> list[str]:
    """Return the samples between lines of four dashes."""
    return [sample.strip("\n") + "\n" for sample in text.split(_BETWEEN)]


def split_systems(text: str) -> list[dict[str, str]]:
    """Return samples of several files each, by path; a line `== path` begins a file."""
    return [_files(sample) for sample in split_samples(text)]


def _files(sample: str) -> dict[str, str]:
    files: dict[str, list[str]] = {}
    path = ""
    for line in sample.split("\n"):
        if line.startswith("== "):
            path = line.removeprefix("== ").strip()
            files[path] = []
        else:
            files[path].append(line)
    return {name: "\n".join(lines) for name, lines in files.items()}


def marked(files: dict[str, str], code: str) -> list[tuple[str, int]]:
    """Return path and line of each line that is marked as a finding of `code`, sorted."""
    lines = ((path, number, line) for path, text in files.items() for number, line in enumerate(text.split("\n"), 1))
    return sorted((path, number) for path, number, line in lines if (m := _MARK.search(line)) and m["code"] == code)
