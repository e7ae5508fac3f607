"""Presets: how the agents that people use are called and read, one file of data for each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping  # noqa: TC003  # the codec reads the type hints
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from pytest_superteam.agents.placeholders import unknown_in
from pytest_superteam.agents.reading.spec import OutputSpec
from pytest_superteam.codec import from_data
from pytest_superteam.config_entries.converting import meant
from pytest_superteam.errors import ConfigError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["ARGUMENTS", "Need", "Preset", "load_preset", "preset_named", "preset_names"]

ARGUMENTS = "{arguments}"
"""Element of a preset's command that the arguments for model and budget, and the user's own, take the place of."""


@dataclass(frozen=True)
class Need:
    """Environment variables of which one has to be there."""

    names: tuple[str, ...]
    model: str = ""
    """Beginning of the names of the models that need it; empty: all of them do."""


@dataclass(frozen=True)
class Preset:
    """How one program is called and read. Texts may hold placeholders, such as `{prompt}`."""

    name: str
    title: str
    source: tuple[str, ...]
    """Where its documentation says so."""
    checked: str
    """The version that was looked at."""
    proven: Literal["run", "read"]
    """`run`: tests run it against a scripted model; `read`: its output is read as its documentation shows it."""
    tried: str = ""
    """What the program itself was seen to do, where no test runs it."""
    install: str = ""
    """The line that installs it."""
    command: tuple[str, ...] = ()
    prompt: Literal["argument", "stdin", "file"] = "stdin"
    model_arguments: tuple[str, ...] = ()
    """Added where a model is set."""
    default_model: str = ""
    model_example: str = ""
    """A model to name; where there is one, and no default, a model has to be set."""
    budget_arguments: tuple[str, ...] = ()
    """Added where the try may cost only so much."""
    confined_arguments: tuple[str, ...] = ()
    """Added where we keep it from writing elsewhere: no sandbox of its own works within that."""
    unconfined_arguments: tuple[str, ...] = ()
    """Added where we can't."""
    needs: tuple[Need, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    """Switches that keep it from asking, updating itself and reporting home."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Path in its private home to the text that is written there; placeholders stand between double quotes."""
    config: str = ""
    """Which of these, or another path there, a configuration file of the user's takes the place of."""
    output: OutputSpec = field(default_factory=OutputSpec)
    tier: Literal["free", "subscription", "paid"] = "paid"
    platform: str = ""
    """Whose limits it shares; empty: its own name."""
    leaves: tuple[str, ...] = ()
    """Globs of what it leaves in the folder that it works in, which is no part of the service."""
    notes: tuple[str, ...] = ()
    digest: str = ""
    """Hash of the file that it was read from."""

    def __post_init__(self) -> None:
        """Refuse placeholders that nothing takes the place of."""
        texts = [*self.command, *self.model_arguments, *self.budget_arguments, *self.variables.values()]
        texts += [*self.confined_arguments, *self.unconfined_arguments]
        for text in (*texts, self.output.file):
            if unknown := unknown_in(text, {"arguments"}):
                raise ValueError(f"'{{{unknown[0]}}}' is no placeholder.")


def preset_names() -> tuple[str, ...]:
    """Return the names of all presets, sorted."""
    return tuple(sorted(_files()))


@cache
def preset_named(name: str) -> Preset:
    """Return a preset.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in _files():
        raise ConfigError(f"preset: '{name}' is unknown.{meant(name, preset_names())}")
    return load_preset(_files()[name])


@cache
def _files() -> dict[str, Traversable]:
    folder = resources.files("pytest_superteam.agents") / "presets"
    return {entry.name.removesuffix(".yaml"): entry for entry in folder.iterdir() if entry.name.endswith(".yaml")}


def load_preset(file: Traversable) -> Preset:
    """Return the preset that a file describes.

    Raises:
        ConfigError: it describes none; the message is one line and names the file.
    """
    import yaml

    try:
        data = file.read_bytes()
        loaded = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
        if isinstance(loaded, dict):
            loaded = {**loaded, "digest": hashlib.sha256(data).hexdigest()[:16]}
        preset = from_data(Preset, loaded)
    except (ValueError, yaml.YAMLError, OSError) as error:
        problem = " ".join(str(error).split())
        stop = "" if problem.endswith((".", "?")) else "."
        raise ConfigError(f"{file.name}: {problem}{stop} Mend it.") from None
    if f"{preset.name}.yaml" != file.name:
        raise ConfigError(f"{file.name}: name: '{preset.name}' is not the file's name. Rename one of them.")
    return preset
