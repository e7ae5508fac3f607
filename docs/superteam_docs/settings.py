"""The page of the settings, made of the types that hold them."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeGuard, get_args, get_origin, get_type_hints

from pytest_superteam.config import DEPTHS, ENVIRONMENT_PREFIX, Config
from pytest_superteam.config_entries.converting import parts
from pytest_superteam.config_entries.limits import ANY_NUMBER, Range
from pytest_superteam.config_entries.names import EnvironmentName
from pytest_superteam.models import Severity
from pytest_superteam.options import BY_SETTING
from pytest_superteam.settings.meanings import meanings
from superteam_docs.markdown import anchor, page, table

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["setting_link", "settings_page"]

_HEAD = """\
# Settings

`superteam.yaml` lies beside the PRD, else in rootdir. Its folder is the project: `.superteam/` and the services live
there; without one, it is the folder that pytest was started in. With `--system` it is the `superteam.yaml` in that
folder; without one that folder is the project all the same. Keys with a dot are nested in the file:

<!-- check -->
```yaml
depth: thorough
gate:
  examples: 50
  blocking_severity: high
```

An option wins over the environment, that over the file, the file over what the depth sets, and that over the default.
Another file is named by `--superteam-config`, or by `superteam_config` in `pytest.ini`. Paths are relative to the
project. `pytest --superteam-config-show` prints what is in effect and where each value comes from.

Editors complete the file by its JSON schema, which each run leaves in `.superteam/`. Write as its first line:

<!-- check -->
```yaml
# yaml-language-server: $schema=.superteam/superteam.schema.json
```

`pytest --superteam-config-schema` prints the schema.
"""
_ENVIRONMENT = """\
## Environment

Each setting has a variable, named in its row. Lists are separated by commas, names and values by an equals sign; what
has entries of its own is for the file only:

| variable | example |
| --- | --- |
| `SUPERTEAM_SYSTEM_SERVICES` | `services/api,cases/*` |
| `SUPERTEAM_DEPLOYMENT_REPLACE_IMAGES` | `node:22=registry.example/node:22` |
| `SUPERTEAM_SCAN_EXCLUDE` | `tests/,*.spec.ts` |
| `SUPERTEAM_SCAN_STRICT_ANALYSIS` | `true` |
| `SUPERTEAM_BUDGET_TOTAL` | `20` |

`GITHUB_ACTIONS=true`, which GitHub sets, makes the run write its findings as annotations.
"""
_COLUMNS = ("setting", "takes", "default", "meaning, option, variable")
_ENTRY_COLUMNS = ("key", "takes", "default", "meaning")


def settings_page() -> str:
    """Return the page, in Markdown: the plain settings, those of each group, and the keys of entries."""
    hints = get_type_hints(Config, include_extras=True)
    groups = [(name, hint) for name, hint in hints.items() if _is_settings(hint)]
    sections = [f"## General\n\n{table(_COLUMNS, _rows(Config, '', nested=False))}"]
    sections += [f"## {name}\n\n{_about(cls)}\n\n{table(_COLUMNS, _rows(cls, f'{name}.'))}" for name, cls in groups]
    sections += [_entry(key, cls) for key, cls in _entry_types().items()]
    return page(_HEAD, *sections, _ENVIRONMENT)


def setting_link(key: str) -> str:
    """Return a setting's name with a link to its section; nothing for no setting."""
    if not key:
        return ""
    group, dot, _ = key.partition(".")
    return f"[`{key}`](settings.md#{group if dot else 'general'})"


def _is_settings(hint: Any) -> TypeGuard[type]:
    """Return whether a setting is a group of settings."""
    return isinstance(hint, type) and is_dataclass(hint)


def _rows(cls: type, prefix: str, *, nested: bool = True) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a class of settings; those of the classes in it as well where they are `nested`."""
    hints = get_type_hints(cls, include_extras=True)
    texts = meanings(cls)
    for item in fields(cls):
        key, hint = prefix + item.name, hints[item.name]
        if not _is_settings(hint):
            meaning = "<br>".join([texts[item.name], *_names(key, hint)])
            yield f"`{key}`", _takes(hint), _default(key, item), meaning
        elif nested:
            yield from _rows(hint, f"{key}.")


def _names(key: str, hint: Any) -> Iterator[str]:
    if key in BY_SETTING:
        yield f"`{BY_SETTING[key].flag}`"
    if not _entry_type(hint) or key == "system.services":
        yield f"`{ENVIRONMENT_PREFIX}{key.replace('.', '_').upper()}`"


def _entry(key: str, cls: type) -> str:
    hints = get_type_hints(cls, include_extras=True)
    texts = meanings(cls)
    rows = [(f"`{item.name}`", _takes(hints[item.name]), _default("", item), texts[item.name]) for item in fields(cls)]
    return f"## {_title(key)}\n\n{_about(cls)}\n\n{table(_ENTRY_COLUMNS, rows)}"


def _about(cls: type) -> str:
    return " ".join((cls.__doc__ or "").split())


def _entry_types() -> dict[str, type]:
    """Return the types of entries by the first setting that holds such."""
    found: dict[str, type] = {}

    def look(cls: type, prefix: str) -> None:
        for name, hint in get_type_hints(cls, include_extras=True).items():
            kind = _entry_type(hint)
            if _is_settings(hint):
                look(hint, f"{prefix}{name}.")
            elif kind and kind not in found.values():
                found[prefix + name] = kind

    look(Config, "")
    return found


def _title(key: str) -> str:
    return f"An entry of `{key}`"


def _entry_type(hint: Any) -> type | None:
    """Return the type with keys of its own that a list or a mapping holds."""
    return next((part for part in get_args(parts(hint)[0]) if is_dataclass(part) and isinstance(part, type)), None)


_WORDS = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    EnvironmentName: "name of a variable",
}


def _takes(hint: Any) -> str:
    """Return in words what a setting takes."""
    plain, limit = parts(hint)
    if get_origin(plain) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(plain))
    if plain is Severity:
        return ", ".join(f"`{severity.value}`" for severity in Severity)
    entry = _entry_type(hint)
    if entry:
        key = next(key for key, cls in _entry_types().items() if cls is entry)
        link = f"[entries](#{anchor(_title(key))})"
        return f"list of {link}" if get_origin(plain) is tuple else f"{link} by name"
    if get_origin(plain) is tuple:
        return "list of texts"
    if get_args(plain):
        return f"{_WORDS[parts(get_args(plain)[1])[0]]}s by name".replace("name of a variables", "names of variables")
    return _WORDS[plain] + _bounds(limit)


def _bounds(limit: Any) -> str:
    """Return the bounds of a number, where some stand beside its type."""
    if not isinstance(limit, Range) or limit == ANY_NUMBER:
        return ""
    return f", {limit.low:g} to {limit.high:g}" if limit.high < ANY_NUMBER.high else f", from {limit.low:g}"


def _default(key: str, item: Field[Any]) -> str:
    """Return the default, and what each depth makes of it."""
    depths = [f"{depth} {_shown(preset[key])}" for depth, preset in DEPTHS.items() if key in preset]
    value = item.default_factory() if item.default_factory is not MISSING else item.default
    shown = "" if value is MISSING else _shown(value)
    return f"{shown}; {', '.join(depths)}" if depths else shown


def _shown(value: Any) -> str:
    if value is None or (not value and isinstance(value, (str, tuple, dict))):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return str(getattr(value, "value", value))
