"""Which services are built again and why is said in words, from the parts of a build then and now."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest
from architectures import BOOKSTORE

from pytest_superteam.builders.changes import Change, change_notes, changes
from pytest_superteam.builders.plan import BuildPlan
from pytest_superteam.builders.records import save_build
from pytest_superteam.builders.tree import hash_tree
from pytest_superteam.models import BuildResult

SERVICE = "order-service"


@dataclass
class Agent:
    """A builder that never builds."""

    name: str = "agent"
    version: str = "1"
    model: str = "model-1"
    prompt: str = "build it"

    async def build(self, request):
        raise AssertionError(request)

    def inputs(self, service):
        return {"prompt": self.prompt}


@pytest.fixture
def plan(tmp_path):
    """Return a plan whose services are all built."""
    architecture = BOOKSTORE
    pacts = {(SERVICE, "catalog-service"): {"interactions": []}}
    made = BuildPlan(architecture, Agent(), tmp_path / "services", tmp_path / "builds", tmp_path / "aside", pacts)
    for service in architecture.services:
        record(made, service.name)
    return made


def record(plan, service, builder=None, **more):
    """Write down that a service was built."""
    builder = builder or plan.builder
    directory = plan.output / service
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "main.py").write_text("x = 1\n")
    parts = plan.parts(service, builder)
    made = BuildResult(service, builder.name, directory, success=True, key=plan.key(service, builder), parts=parts)
    save_build(plan, replace(made, files=hash_tree(directory), **more))


def of(plan, service=SERVICE, **more):
    """Return what becomes of one service."""
    return next(change for change in changes(plan, **more) if change.service == service)


def edited(plan, **values):
    """Return the plan with another architecture."""
    return replace(plan, architecture=replace(plan.architecture, **values))


def other_contract(plan, service):
    """Return the contracts with another title in one."""
    contracts = {name: json.loads(json.dumps(contract)) for name, contract in plan.architecture.contracts.items()}
    contracts[service]["info"]["title"] = "Another"
    return contracts


# ---------------------------------------------------------------- kept


def test_unchanged(plan):
    """What is built and unchanged is kept, in the order of the design."""
    found = changes(plan)
    assert [change.service for change in found] == [service.name for service in plan.architecture.services]
    assert {(change.builds, change.reason) for change in found} == {(False, "unchanged")}


def test_edited_by_hand(plan):
    """What a person edited is kept, and told."""
    (plan.output / SERVICE / "main.py").write_text("x = 2\n")
    assert of(plan) == Change(SERVICE, builds=False, reason="unchanged, with edits by hand")


def test_built_by_another_configured_builder(plan):
    """What another configured builder built from the same is kept."""
    other = Agent(name="other")
    assert not of(replace(plan, builder=other, others=(plan.builder,))).builds


# ---------------------------------------------------------------- built again


def test_what_changed(plan):
    """Each kind of change has its words."""
    assert of(replace(plan, builder=Agent(version="2"))).line == f"{SERVICE}: the builder's version changed"
    assert of(replace(plan, builder=Agent(model="model-2"))).reason == "the builder's model changed"
    assert of(replace(plan, builder=Agent(prompt="build"))).reason == "the builder's prompt changed"
    assert of(replace(plan, builder=Agent(name="other", version="7"))).reason == "the builder changed"
    assert of(edited(plan, roles=("admin",))).reason == "the roles changed"
    assert of(edited(plan, contracts=other_contract(plan, SERVICE))).reason == "its contract changed"
    providers = other_contract(plan, "catalog-service")
    assert of(edited(plan, contracts=providers)).reason == "the contract of catalog-service changed"
    pacts = {(SERVICE, "catalog-service"): {"interactions": [1]}}
    assert of(replace(plan, pacts=pacts)).reason == "what it expects of catalog-service changed"
    assert of(replace(plan, pacts={})).reason == "what it expects of catalog-service changed"
    assert of(edited(plan, dependencies=())).reason == "the services that it calls changed"
    entities = tuple(entity for entity in plan.architecture.entities if entity.service != SERVICE)
    assert of(edited(plan, entities=entities)).reason == "its entities changed"


def test_several_changes(plan):
    """Several changes are told together, at most three by name."""
    service = replace(plan.architecture.service_named(SERVICE), description="Another one")
    services = tuple(service if each.name == SERVICE else each for each in plan.architecture.services)
    two = edited(plan, services=services, roles=("admin",))
    assert of(two).reason == "its description and the roles changed"
    five = edited(two, operations=(), entities=(), contracts={})
    assert of(five).reason == "its description, its entities, its operations and 3 more changed"


def test_only_what_is_touched(plan):
    """A changed contract touches its service and those that call it, and nobody else."""
    found = changes(edited(plan, contracts=other_contract(plan, SERVICE)))
    assert [change.service for change in found if change.builds] == [SERVICE, "notification-service"]


def test_never_built(plan):
    """A service without a record was never built."""
    (plan.records / f"{SERVICE}.json").unlink()
    assert of(plan).line == f"{SERVICE}: never built"


def test_everything_again(plan):
    """What was asked for is the reason for all that were built, whatever else there is."""
    assert {change.reason for change in changes(plan, again="--fresh")} == {"--fresh"}
    assert all(change.builds for change in changes(plan, again="--fresh"))


def test_begun_again(plan):
    """A record whose key was taken away waits to be built again."""
    record(plan, SERVICE)
    path = plan.records / f"{SERVICE}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "key": ""}))
    assert of(plan).builds
    assert of(plan).reason == "it was to be built again and is not yet"


def test_folder_that_is_gone(plan):
    """What is recorded and no longer on disk is built again."""
    (plan.output / SERVICE / "main.py").unlink()
    (plan.output / SERVICE).rmdir()
    assert of(plan).line == f"{SERVICE}: its folder is gone"


@pytest.mark.parametrize("retries", [True, False])
def test_failed_and_waiting(plan, retries):
    """What failed, or waits for a person, is tried again where that is asked for, and told in any case."""
    record(plan, SERVICE, success=False, error="boom")
    assert of(plan, retries=retries) == Change(SERVICE, builds=retries, reason="its last build failed")
    record(plan, SERVICE, success=False, review="stuck\n\x1b[31m" + "x" * 500)
    change = of(plan, retries=retries)
    assert change.builds is retries
    assert change.reason.startswith(f"it {'waited' if retries else 'waits'} for a person: stuck [31mxxx")
    assert change.reason.isprintable()
    assert len(change.reason) < 300


@pytest.mark.parametrize("parts", [{}, {"builder": "abc"}])
def test_record_that_does_not_say(plan, parts):
    """A record without its parts, or whose parts are not what its key was made of, explains nothing."""
    record(plan, SERVICE, key="0" * 64, parts=parts)
    assert of(plan).reason == "what it was made of is not known"


# ---------------------------------------------------------------- notes


def test_notes(plan):
    """Services of one reason share a line, what is built stands first."""
    (plan.records / "auth-service.json").unlink()
    notes = change_notes(changes(edited(plan, contracts=other_contract(plan, "catalog-service"))))
    assert notes == [
        "build: auth-service (never built)",
        "build: catalog-service (its contract changed)",
        f"build: {SERVICE} (the contract of catalog-service changed)",
        "keep: notification-service (unchanged)",
    ]


def test_no_notes_on_the_first_build(plan):
    """Where nothing was built before, there is nothing to explain."""
    for path in plan.records.glob("*.json"):
        path.unlink()
    assert change_notes(changes(plan)) == []
    assert change_notes(()) == []
