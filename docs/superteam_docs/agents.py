"""The page of the coding agents, made of the presets."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from pytest_superteam.agents.laid_over import GENERIC
from pytest_superteam.agents.placeholders import PLACEHOLDERS
from pytest_superteam.agents.preset import ARGUMENTS, preset_named, preset_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.agents.preset import Preset

__all__ = ["agents_page"]

_HEAD = """\
# Coding agents as builders

Any program with a command line that writes code can build a service: `builder: claude` takes a preset, and an entry of
`agents` in superteam.yaml changes one or describes a program of your own. The program gets a folder, a task and an
environment that holds the variables which you name, and no others. What it says of its work is written down and never
believed; the gate looks at what it left.

```yaml
builder: claude
agents:
  claude:
    environment: [ANTHROPIC_API_KEY]   # names of variables; a key itself never stands in this file
    model: claude-sonnet-4-5
  house-agent:
    command: [./tools/agent, --yes, --task, "{prompt_file}"]
    output: json
services:
  orders:
    builder: house-agent
```

All keys of an entry are among the [settings](settings.md#an-entry-of-agents); what an agent is given and has to leave
is on the page of [builders](builders.md).
"""
_RUN = """\
## What was run, and what was only read

`run`: the tests install the program and let it build and mend services against a scripted model. `read`: the tests
read output as the program's documentation shows it; where the program itself was called as well, by hand, its section
says what it was seen to do.
"""
_HOW = {"argument": "as an argument", "stdin": "on its standard input", "file": "as a file"}
_FIGURES = {"usd": "cost", "input_tokens": "tokens", "cache_read_tokens": "tokens from a cache", "model": "model"}


def agents_page() -> str:
    """Return the page, in Markdown."""
    presets = [preset_named(name) for name in preset_names() if name != GENERIC]
    return "\n".join([_HEAD, *_placeholders(), _RUN, *_table(presets), *map(_section, presets), _own()])


def _placeholders() -> Iterator[str]:
    yield "In command lines and in the values of `variables` these are replaced:\n"
    yield "| placeholder | stands for |\n| --- | --- |"
    yield from (f"| `{{{name}}}` | {meaning} |" for name, meaning in PLACEHOLDERS.items())
    yield ""


def _table(presets: list[Preset]) -> Iterator[str]:
    yield "| preset | program | version | proven | its task | what it tells | one of these variables | tier |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for preset in presets:
        cells = (
            f"[`{preset.name}`](#{preset.name})",
            preset.title,
            preset.checked,
            preset.proven,
            _HOW[preset.prompt],
            ", ".join(text for name, text in _FIGURES.items() if getattr(preset.output.usage, name)),
            "; ".join(_needs(preset)),
            preset.tier,
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _needs(preset: Preset) -> Iterator[str]:
    for need in preset.needs:
        names = ", ".join(f"`{name}`" for name in need.names)
        yield f"{names} (models `{need.model}...`)" if need.model else names


def _section(preset: Preset) -> str:
    command = shlex.join(item for item in preset.command if item != ARGUMENTS)
    lines = [f"## {preset.name}\n", f"{preset.title}. Install: `{preset.install}`\n", f"```sh\n{command}\n```\n"]
    added = [("our confinement", preset.confined_arguments), ("no confinement", preset.unconfined_arguments)]
    added += [("a model", preset.model_arguments), ("a limit of what it may cost", preset.budget_arguments)]
    lines += [f"- With {what}: `{shlex.join(arguments)}`." for what, arguments in added if arguments]
    if preset.variables:
        lines.append(f"- It gets {', '.join(f'`{name}={value}`' for name, value in preset.variables.items())}.")
    if preset.files:
        lines.append(f"- In its private home it finds {', '.join(f'`{path}`' for path in preset.files)}.")
    lines += [f"- {note}" for note in preset.notes]
    if preset.tried:
        lines.append(f"- Tried by hand: {preset.checked} {preset.tried}.")
    lines += [f"- Source: {source}" for source in preset.source]
    return "\n".join(lines) + "\n"


def _own() -> str:
    notes = [f"- {note}" for note in preset_named(GENERIC).notes]
    return "\n".join(
        [
            "## A program of your own\n",
            "`agents.<name>.command` is its argument vector. It gets its task where the vector names `{prompt}` or",
            "`{prompt_file}`, and on its standard input otherwise.\n",
            *notes,
            "",
        ]
    )
