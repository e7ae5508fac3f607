"""The page of the options, made of the table that adds them."""

from __future__ import annotations

import re

from pytest_superteam.options import INI, OPTIONS, TASKS
from superteam_docs.markdown import page, table
from superteam_docs.settings import setting_link

__all__ = ["options_page"]

_HEAD = """\
# Options

What the plugin adds to pytest's own options, by task; `pytest --superteam-help` shows the same. An option of a
[setting](settings.md) wins over the environment and `superteam.yaml`. Paths of options are relative to the folder that
pytest was started in. pytest's own `--cache-clear` also empties `.superteam/cache`.
"""
_SYSTEM = """\
## With `--system`

Nothing is designed and nothing is built there. What is about that is refused, in one line:
{refused}, and so are `--until builders` and `--deploy process`. Refused without it: {only}.
"""
_INI = """\
## In pytest's own settings

`pytest.ini`, `pyproject.toml` and the like can hold:
"""


def options_page() -> str:
    """Return the page, in Markdown: a section for each task."""
    sections = [f"## {task}\n\n{table(('option', 'setting', 'what it does'), _rows(task))}" for task in TASKS]
    refused = ", ".join(f"`{option.flag}`" for option in OPTIONS if option.builds)
    only = ", ".join(f"`{option.flag}`" for option in OPTIONS if option.needs == "system")
    ini = table(("name", "option"), [(f"`{option.ini}`", f"`{option.flag}`") for option in INI])
    return page(_HEAD, *sections, _SYSTEM.format(refused=refused, only=only), _INI, ini)


def _rows(task: str) -> list[tuple[str, str, str]]:
    return [
        (f"`{option.shown}`", setting_link(option.setting), _marked(option.help))
        for option in OPTIONS
        if option.task == task
    ]


_CODE = re.compile(
    r"pytest --[a-z-]+ > \w+\.md|(?<![\w-])--?[a-z][a-z-]*|=json|[\w./-]*\w\.(?:yaml|json|md|db)\b|\bsuperteam_\w+"
)


def _marked(text: str) -> str:
    """Return the help with options, commands and files as code."""
    return _CODE.sub(r"`\g<0>`", text)
