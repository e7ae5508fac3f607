"""The bench: what counts as caught, which items are asked, what is copied and what is left behind."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from types import SimpleNamespace

import pytest

from pytest_superteam.calibration import bench as benches
from pytest_superteam.calibration.bench import Bench, Trial
from pytest_superteam.calibration.choice import changes_code, changes_tests, items_for, neighbours
from pytest_superteam.calibration.copies import folder_of, open_copy, sweep_copies
from pytest_superteam.calibration.fault import Fault
from pytest_superteam.calibration.source import Change
from pytest_superteam.config import Config
from pytest_superteam.errors import DeploymentError
from pytest_superteam.models import (
    Architecture,
    BuildResult,
    CheckResult,
    Dependency,
    Event,
    Service,
    Severity,
    Violation,
)
from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.items import GateItem, outcome_of
from pytest_superteam.pipeline.state.store import Store

CHANGE = Change("shop", {"app/main.py": "x = 2\n"}, "app/main.py:1", "x is 2", "read_item")
FAULT = Fault("some-fault", "something is wrong", (2,), lambda _service: (CHANGE,))
SYSTEM_OF_TWO = Architecture(
    "x", "", (Service("shop"), Service("mail"), Service("far")), dependencies=(Dependency("mail", "shop", "read_item"),)
)
FOUND = CheckResult(violations=(Violation("X-001", Severity.ERROR, "shop", "It is wrong."),))
ADVICE = CheckResult(violations=(Violation("X-001", Severity.INFO, "shop", "It may be wrong."),))


def item(layer, param, test="", service="shop", severity=Severity.ERROR, subject="", code="X-001"):
    """Return a gate item."""
    names = {1: "test_own_tests", 2: "test_conformance", 3: "test_scan", 4: "test_review"}
    return GateItem(layer, test or names[layer], param, code, severity, service, layer < 4, subject)


OWN, READ, LIST = item(1, "shop"), item(2, "shop-read_item", subject="read_item"), item(2, "shop-list_items")
SCAN, REVIEW, SYSTEM = item(3, "shop-X-001"), item(4, "shop-ADV-001"), item(4, "system-ADV-003", service="system")
OTHER, OTHER_SCAN = item(2, "mail-list", service="mail"), item(3, "mail-X-001", service="mail")
FLOW = item(2, "mail-order", "test_flow", service="mail")
PACT = item(2, "mail--shop", "test_pact", service="mail")
NEAR = frozenset({"shop", "mail"})
ITEMS = (OWN, LIST, READ, OTHER, FLOW, PACT, SCAN, OTHER_SCAN, REVIEW, SYSTEM)


def test_items_near_the_fault_are_first():
    """Those about the operation are asked first, then those of the service, then those across services."""
    assert items_for(CHANGE, ITEMS, (2,), NEAR, everything=False) == [READ, LIST, FLOW, PACT]
    assert items_for(CHANGE, ITEMS, (3, 4), NEAR, everything=False) == [SCAN, REVIEW, SYSTEM]


def test_all_items_are_asked_where_that_is_wanted():
    """Everything is everything of a layer, items of other services too."""
    assert set(items_for(CHANGE, ITEMS, (2,), frozenset(), everything=True)) == {READ, LIST, OTHER, FLOW, PACT}


def test_neighbours():
    """A service is near those that it calls or that call it, and those that it shares an event with."""
    system = replace(
        SYSTEM_OF_TWO, events=(Event("Sold", "sold", "far", ("mail",)), Event("Lost", "lost", None, ("far",)))
    )
    assert neighbours(system, "mail") == {"mail", "shop", "far"}
    assert neighbours(system, "shop") == {"shop", "mail"}
    assert neighbours(SYSTEM_OF_TWO, "far") == {"far"}


def test_flows_of_far_services_are_not_asked():
    """What goes across services that have nothing to do with the fault says nothing of it."""
    assert items_for(CHANGE, ITEMS, (2,), frozenset({"shop"}), everything=False) == [READ, LIST, PACT]


@pytest.mark.parametrize(
    ("path", "code", "tests"),
    [("app/main.py", True, True), ("tests/test_x.py", False, True), ("Dockerfile", False, False)],
)
def test_what_a_change_touches(path, code, tests):
    """A Dockerfile changes nothing that runs, and a test nothing that answers."""
    change = replace(CHANGE, files={path: "x"})
    assert (changes_code(change), changes_tests(change)) == (code, tests)


class FakeGate:
    """An evaluation with given answers."""

    baseline = None

    def __init__(self, answers):
        self.answers = answers
        self.asked = []
        self.run = SimpleNamespace(config=Config())

    def select(self, items):
        """Take what is selected."""

    def evaluate(self, wanted):
        """Return the answer, none found where none is given."""
        self.asked.append(wanted)
        return self.answers.get(wanted, CheckResult())

    def outcome(self, wanted):
        """Return how an item ends."""
        return outcome_of(wanted, self.answers.get(wanted, CheckResult()), Severity.ERROR)


@pytest.fixture
def tried(monkeypatch):
    """Return a function that tries a fault on a gate with given answers, on the clean and on the faulty system."""

    def run(faulty, clean=None, wanted=FAULT, change=CHANGE, config=None, start=None):
        def deployment():
            if start:
                raise DeploymentError(start)

        copy = SimpleNamespace(deployment=deployment)
        gate = FakeGate(faulty)
        monkeypatch.setattr(benches, "open_copy", lambda *_: contextlib.nullcontext(copy))
        monkeypatch.setattr(benches, "Evaluation", lambda *_args, **_named: gate)
        own = SimpleNamespace(config=config or Config(), architecture=SYSTEM_OF_TWO)
        trial = Trial(Bench(own, FakeGate(clean or {}), ITEMS), wanted, change)
        empty = benches.FaultResult(wanted.id, wanted.kind, wanted.layers, "not applicable")
        return trial.done(empty), gate.asked

    return run


def test_nothing_found_is_survival(tried):
    """A fault that no item finds survives, after all concerned items were asked."""
    result, asked = tried({})
    assert result.status == "survived"
    assert (result.catches, result.tried) == ((), 8)
    assert asked == [SCAN, REVIEW, SYSTEM, OWN, READ, LIST, FLOW, PACT]


def test_finding_is_a_catch(tried):
    """An item that finds something catches, and its layer is not asked further."""
    result, asked = tried({READ: FOUND, LIST: FOUND})
    assert result.status == "caught"
    assert [(c.layer, c.item, c.message, c.blocking, c.error) for c in result.catches] == [
        (2, READ.key, "It is wrong.", True, False)
    ]
    assert LIST not in asked


def test_all_catches_where_wanted(tried):
    """With `calibration.items: all` no layer stops at its first catch."""
    config = Config(calibration=replace(Config().calibration, items="all"))
    result, asked = tried({READ: FOUND, LIST: FOUND, OTHER: FOUND}, config=config)
    assert [catch.item for catch in result.catches] == [READ.key, LIST.key, OTHER.key]
    assert set(asked) == set(ITEMS)


def test_what_the_clean_system_has_is_no_catch(tried):
    """A finding that the clean system has too says nothing of the fault."""
    result, _ = tried({READ: FOUND}, clean={READ: FOUND})
    assert result.status == "survived"


def test_advice_is_a_catch_that_does_not_block(tried):
    """A finding that only advises is told apart."""
    result, _ = tried({REVIEW: ADVICE}, wanted=replace(FAULT, layers=(4,)))
    assert [(c.layer, c.blocking) for c in result.catches] == [(4, False)]


def test_error_is_a_catch(tried):
    """An item that can't run on the faulty system, and can on the clean one, fails the run."""
    result, _ = tried({READ: CheckResult(error="nobody can sign in.")})
    assert [(c.error, c.message) for c in result.catches] == [(True, "nobody can sign in.")]


def test_crash_of_ours_is_no_catch(tried):
    """A check that broke by itself catches nothing, and the survivor says so."""
    crash = CheckResult(error="X-001 broke on 'shop': KeyError: 'id' (conformance.py:3)")
    result, _ = tried({READ: crash})
    assert (result.status, result.catches) == ("survived", ())
    assert "KeyError" in result.reason


def test_own_tests_do_not_end_the_search(tried):
    """What the service's own tests catch is looked for in layer 2 as well."""
    result, asked = tried({OWN: FOUND, READ: FOUND})
    assert result.caught_by == (1, 2)
    assert READ in asked


@pytest.mark.parametrize(("layers", "later"), [((3,), False), ((2, 3), True)])
def test_scan_ends_the_search_for_faults_of_the_source(tried, layers, later):
    """Nothing is deployed for a fault of the source that a scan finds, unless it belongs to layer 2 as well."""
    result, asked = tried({SCAN: FOUND}, wanted=replace(FAULT, layers=layers))
    assert result.status == "caught"
    assert (READ in asked) is later


def test_image_is_looked_at_only(tried):
    """A fault of the Dockerfile neither runs tests nor a system."""
    _, asked = tried({}, change=replace(CHANGE, files={"Dockerfile": "FROM x"}))
    assert asked == [SCAN, REVIEW, SYSTEM]


def test_copy_that_does_not_start_is_broken(tried):
    """A fault that keeps the service from starting without being meant to is no honest catch."""
    result, _ = tried({SCAN: FOUND}, start="shop: it ended.")
    assert result.status == "broken"
    assert "it ended" in result.reason


def test_fault_that_is_meant_to_break_is_asked_about(tried):
    """A fault that is meant to keep the service from starting is caught by what can't run."""
    result, _ = tried({READ: CheckResult(error="it ended.")}, wanted=replace(FAULT, breaks=True), start="it ended.")
    assert result.status == "caught"


def test_code_that_does_not_compile_is_broken(tried):
    """A change that is no Python is refused before anything is copied."""
    result, asked = tried({}, change=replace(CHANGE, files={"app/main.py": "def ("}))
    assert (result.status, asked) == ("broken", [])


# ---------------------------------------------------------------- the store


class FakeRun:
    """As much of a run as the bench and the copies need."""

    def __init__(self, folder):
        self.id = self.scope = "run-1"
        self.layout, self.config = Layout(folder), Config()
        self.architecture, self.memory = Architecture("x", "", ()), {}
        self.prd = SimpleNamespace(path=folder / "PRD.md", sha256="0")
        self.plugged = replace_phase()
        self.layout.state.mkdir()
        self.store = Store(self.layout.store)

    def builds(self):
        """Return one built service."""
        folder = self.layout.output / "shop"
        return {"shop": BuildResult("shop", "builtin", folder, success=True)}

    def pacts(self):
        """Return no pacts."""
        return {}

    def lock(self, _name):
        """Lock nothing."""
        return contextlib.nullcontext()


def replace_phase():
    """Return plugged-in things that can be copied with other observers."""
    from pytest_superteam.pipeline.plugged import Plugged

    nothing = lambda *_: ()  # noqa: E731
    return Plugged(nothing, "", nothing, deployers, nothing, nothing, lambda violation: violation, nothing)


def deployers():
    """Return a deployer that has nothing to take down."""
    return [SimpleNamespace(name="process", deploy=None, teardown=lambda _folder: None)]


@pytest.fixture
def run(tmp_path):
    """Return a run over one built service."""
    (tmp_path / "services/shop/app").mkdir(parents=True)
    (tmp_path / "services/shop/app/main.py").write_text("x = 1\n")
    (tmp_path / "services/shop/.dockerignore").write_text("*\n")
    made = FakeRun(tmp_path)
    yield made
    made.store.close()


def test_result_is_kept(run, monkeypatch):
    """A fault is tried once in a run, whoever asks."""
    trials = []
    monkeypatch.setattr(benches, "all_faults", lambda: (replace(FAULT, find=lambda _s: ()),))
    monkeypatch.setattr(benches, "choose", lambda *_: trials.append(1))
    first = Bench(run, FakeGate({}), ()).result("some-fault")
    again = Bench(run, FakeGate({}), ()).result("some-fault")
    assert first == again
    assert (first.status, first.reason, trials) == ("not applicable", "no place in this system", [1])
    with pytest.raises(KeyError):
        Bench(run, FakeGate({}), ()).result("no-such-fault")


def test_alarms_are_those_of_the_clean_system(run):
    """What the gate finds without a fault is a false alarm; what advises does not block."""
    bench = Bench(run, FakeGate({READ: FOUND, REVIEW: ADVICE, SCAN: CheckResult(error="no parser.")}), ITEMS)
    alarms, looked = bench.alarms()
    assert looked == len(ITEMS)
    assert [(alarm.item, alarm.outcome, alarm.blocking) for alarm in alarms] == [
        (READ.key, "failed", True),
        (SCAN.key, "error", True),
        (REVIEW.key, "advisory", False),
    ]
    assert Bench(run, FakeGate({}), ITEMS).alarms() == (alarms, looked)


# ---------------------------------------------------------------- copies


def test_copy_has_the_fault_and_the_original_has_not(run):
    """The change is made in a copy below the state's folder, which is gone afterwards."""
    change = replace(CHANGE, files={"app/main.py": "x = 2\n", ".dockerignore": None})
    with open_copy(run, "some-fault", change) as copy:
        folder = copy.builds()["shop"].directory
        assert folder == run.layout.state / "calibration/some-fault/services/shop"
        assert (folder / "app/main.py").read_text() == "x = 2\n"
        assert not (folder / ".dockerignore").exists()
        assert copy.config.gate.promotion == "all"
        assert copy.owner_pid == os.getpid()
        assert copy.store.state(copy.id) == "init"
    assert not folder.exists()
    assert (run.layout.output / "shop/app/main.py").read_text() == "x = 1\n"
    assert (run.layout.output / "shop/.dockerignore").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_copy_is_gone_after_an_interruption(run, error):
    """Nothing of a copy stays behind, however the trial ends."""
    with pytest.raises(error), open_copy(run, "some-fault", CHANGE):
        raise error
    assert not (folder_of(run.layout) / "some-fault").exists()


def test_what_a_killed_calibration_left_is_swept(run):
    """Folders of copies that nobody uses any more are removed, and a link is not followed."""
    left = folder_of(run.layout) / "dead-event/services/shop"
    left.mkdir(parents=True)
    sweep_copies(run.layout)
    assert not folder_of(run.layout).exists()
    folder_of(run.layout).symlink_to(run.layout.output)
    sweep_copies(run.layout)
    assert (run.layout.output / "shop").is_dir()


def test_what_is_still_in_use_is_not_swept(run, monkeypatch):
    """The copy of a living process is left alone."""
    left = folder_of(run.layout) / "dead-event"
    left.mkdir(parents=True)
    from pytest_superteam.deployment import records

    monkeypatch.setattr(records, "read_record", lambda _folder: SimpleNamespace(live=True, here=True))
    monkeypatch.setattr("pytest_superteam.deployment.cleanup.read_record", lambda _folder: None)
    sweep_copies(run.layout)
    assert left.is_dir()
