"""The gate's items below the user's PRD file: `PRD.md::layer3::test_scan[auth-service-SEC-003]`."""

from __future__ import annotations

import fnmatch
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_superteam.gate import neighbours
from pytest_superteam.gate.session import GateSession, gate_of, is_worker
from pytest_superteam.pipeline.items import LAYER_MODULES, GateItem

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CLAIM", "PrdFile", "parametrize_layer"]

PHASES_MODULE = "test_phases.py"
CALIBRATION_MODULE = "test_calibration.py"
CLAIM = "requirement"
"""The property of a test that names a requirement that it proves."""
RUNNING = 2
"""The layer whose items call the running system."""


class PrdFile(pytest.File):
    """The PRD as a collector: a module for each layer, or for the phases where the run stops early."""

    def collect(self) -> Iterator[pytest.Collector]:
        """Yield the packaged test modules."""
        folder = Path(__file__).parent
        if gate_of(self.config).run.config.until:
            yield self._module(folder / PHASES_MODULE, "phases")
            return
        if gate_of(self.config).calibrates:
            yield self._module(folder / CALIBRATION_MODULE, "calibration")
            return
        planned = {item.layer for item in gate_of(self.config).items.values()}
        for layer, name in LAYER_MODULES.items():
            if layer not in planned:
                continue
            yield self._module(folder / name, f"layer{layer}")

    def _module(self, path: Path, name: str) -> pytest.Module:
        module: pytest.Module = GateModule.from_parent(self, path=path, name=name, nodeid=f"{self.nodeid}::{name}")
        return module


class GateModule(pytest.Module):
    """A packaged test module, without the tests that have nothing to look at in this system."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        """Return the parametrized items."""
        found = [item for item in super().collect() if hasattr(item, "callspec") or gate_of(self.config).calibrates]
        for item in found:
            item.path = gate_of(self.config).prd  # hooks of the conftest.py files above it count for its items
        return found

    def funcnamefilter(self, name: str) -> bool:
        """Collect the gate's functions, whatever the project's own are called."""
        return name.startswith("test_")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Collect the PRD where the user's arguments do not say otherwise; of several documents the first one."""
    config = session.config
    path = gate_of(config).prd
    if gate_of(config).run.adopted is not None and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = [str(path)]  # the tests of a system's services are no tests of this session
        return
    if config.args_source is not pytest.Config.ArgsSource.ARGS and not _covered(config, path):
        config.args.append(str(path))


def _covered(config: pytest.Config, path: Path) -> bool:
    """Return whether collecting the present arguments comes across `path` anyway."""
    for argument in config.args:
        base = Path(config.invocation_params.dir, argument).resolve()
        folder = path.parent.resolve()
        if base.is_dir() and folder.is_relative_to(base):
            between = folder.relative_to(base).parts
            if not any(fnmatch.fnmatch(part, glob) for part in between for glob in config.getini("norecursedirs")):
                return True
    return False


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the gate from the PRD, and nothing from any other file."""
    if _is_ours(file_path, parent.config) and file_path.suffix != ".py":
        collector: PrdFile = PrdFile.from_parent(parent, path=file_path)
        return collector
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the gate from a Python file, where a system has no other, instead of importing it."""
    if _is_ours(module_path, parent.config):
        collector: PrdFile = PrdFile.from_parent(parent, path=module_path)
        return collector
    return None


def _is_ours(path: Path, config: pytest.Config) -> bool:
    """Return whether the gate's items are below `path`, whose folder may be reached by a link."""
    prd = gate_of(config).prd
    return path.name == prd.name and path.parent.resolve() == prd.parent.resolve()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the built services out: their tests are run by layer 1, each in its own folder."""
    layout = gate_of(config).run.layout
    return True if collection_path == layout.output and layout.builds.is_dir() else None


def parametrize_layer(metafunc: pytest.Metafunc, layer: int) -> None:
    """Make items of a test function: one for each check that is planned for it."""
    gate = gate_of(metafunc.config)
    items = [i for i in gate.items.values() if i.layer == layer and i.test == metafunc.function.__name__]
    if items:
        params = [pytest.param(item, id=item.param, marks=_marks(item)) for item in items]
        metafunc.parametrize("verdict", params, indirect=True)


def _marks(item: GateItem) -> list[pytest.MarkDecorator]:
    return [
        _mark(f"layer{item.layer}"),
        _mark("blocking" if item.blocking else "advisory"),
        _mark("severity", name=item.severity.value),
        _mark("code", id=item.code),
        _mark("service", name=item.service),
    ]


@lru_cache(maxsize=4096)  # thousands of items share some hundred marks
def _mark(mark_name: str, /, **given: str) -> pytest.MarkDecorator:
    mark: pytest.MarkDecorator = getattr(pytest.mark, mark_name)
    return mark.with_args(**given) if given else mark


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the gate behind the user's tests, by layer and then service, and say of each item what it is."""
    gate = gate_of(config)
    rank = {key: index for index, key in enumerate(gate.items)}
    ours = [item for item in items if gate.item_of(item.nodeid)]
    others = [item for item in items if not gate.item_of(item.nodeid)]
    ours.sort(key=lambda item: rank[item.nodeid.partition("::")[2]])
    requirements = _by_item(gate)
    _note_claims(gate, others)
    apart = neighbours.marks(config)
    for item in ours:
        for mark in apart:
            item.add_marker(mark)
        known = gate.items[item.nodeid.partition("::")[2]]
        item.user_properties += [
            ("layer", str(known.layer)),
            ("code", known.code),
            ("severity", known.severity.value),
            ("service", known.service),
            *((CLAIM, name) for name in requirements.get(known.key, ())),
        ]
    items[:] = _until(config, gate, others) + ours


def _by_item(gate: GateSession) -> dict[str, list[str]]:
    """Return the ids of the requirements that rest on an item, by the item's key."""
    found: dict[str, list[str]] = {}
    for name, linked in gate.links.items():
        for key in linked.items:
            found.setdefault(key, []).append(name)
    return found


def _note_claims(gate: GateSession, items: list[pytest.Item]) -> None:
    """Write down which requirements the project's own tests claim to prove; a claim of none there is warned of."""
    known = {name.casefold(): name for name in gate.links}
    for item in items:
        for mark in item.iter_markers(CLAIM):
            for name in map(str, (*mark.args, *mark.kwargs.values())):
                if name.casefold() in known:
                    item.user_properties.append((CLAIM, known[name.casefold()]))
                else:
                    there = ", ".join(known.values()) or "no requirements"
                    item.warn(pytest.PytestWarning(f"requirement: the PRD has no '{name}'. It has {there}."))


def _until(config: pytest.Config, gate: GateSession, items: list[pytest.Item]) -> list[pytest.Item]:
    """Keep only the phases where the run stops after one of them."""
    if not gate.run.config.until:
        return items
    kept = [item for item in items if "::phases::" in item.nodeid]
    dropped = [item for item in items if "::phases::" not in item.nodeid]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
    return kept


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell the evaluation which items this session runs: promotion looks at no others."""
    gate = gate_of(session.config)
    selected = [item for item in (gate.item_of(item.nodeid) for item in session.items) if item]
    gate.evaluation.select(selected)
    if any(item.layer == RUNNING for item in selected) and not session.config.option.collectonly:
        _refuse_without_extra(session.config)


def _refuse_without_extra(config: pytest.Config) -> None:
    """End a session that asks for containers and lacks what drives them, rather than have every item say so.

    Under pytest-xdist only the workers know what was selected, so there the items say it.
    """
    from pytest_superteam.deployment.composed.engine import missing_extra
    from pytest_superteam.pipeline.placing import COMPOSE

    if gate_of(config).run.place.name == COMPOSE and not is_worker(config) and (missing := missing_extra()):
        raise pytest.UsageError(f"--deploy: 'compose' can't be used. {missing}")
