"""Rows of entities that refer to themselves or to each other."""

import json
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
from library_architecture import architecture

from pytest_superteam.checks.seeding import Seeder, _in_order
from pytest_superteam.models import Deployment, Entity, Field, Operation, RunningService, Service

CREATE = Operation("create_folder", "files", "POST", "/folders", "create", entity="Folder", public=True, success=201)
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "parent_id": {"type": "string", "format": "uuid"}},
    "required": ["name"],
}
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "files", "version": "1"},
    "paths": {
        "/folders": {
            "post": {
                "operationId": "create_folder",
                "requestBody": {"content": {"application/json": {"schema": SCHEMA}}},
                "responses": {"201": {"description": "made"}},
            }
        }
    },
}


def folder(*, required):
    """Return an entity whose rows refer to others of the same kind."""
    parent = Field("parent_id", "reference", required=required, references="Folder")
    return Entity("Folder", "files", (Field("id", "uuid", read_only=True), Field("name"), parent), plural="folders")


@pytest.fixture
def created():
    """Return a function that creates folders in a service, and the bodies that the service was sent."""
    sent = []
    kept = set()

    def answer(request):
        body = json.loads(request.content)
        sent.append(body)
        if body.get("parent_id", next(iter(kept), None)) not in {*kept, None}:
            return httpx.Response(409, json={"detail": "parent_id refers to nothing that exists"})
        kept.add(str(uuid4()))
        return httpx.Response(201, json={"id": next(iter(kept))})

    def create(entity, rows):
        system = replace(
            architecture(),
            services=(Service("files"),),
            entities=(entity,),
            operations=(CREATE,),
            dependencies=(),
            contracts={"files": CONTRACT},
        )
        running = Deployment("process", "r", (RunningService("files", "http://files.test", None),))
        kept.update(*rows.values())
        with httpx.Client(transport=httpx.MockTransport(answer)) as client:
            seeder = Seeder(system, running, {}, client, {"files": rows})
            return seeder.create(entity, 1), sent

    return create


def test_the_first_row_of_a_tree_has_no_parent(created):
    """An optional reference is left out as long as there is no row that it could name."""
    (ids, problem), sent = created(folder(required=False), {})
    assert (len(ids), problem) == (1, "")
    assert "parent_id" not in sent[0]


def test_a_known_row_is_referred_to(created):
    """As soon as there is a row, optional references name it."""
    root = str(uuid4())
    (ids, _), sent = created(folder(required=False), {"Folder": [root]})
    assert len(ids) == 1
    assert sent[0]["parent_id"] == root


def test_a_required_parent_that_cannot_exist_is_told(created):
    """A row that needs a parent of its own kind can't be the first; the service's answer says so."""
    (ids, problem), _ = created(folder(required=True), {})
    assert ids == []
    assert "answered 409 to a valid body" in problem


def test_an_optional_reference_waits():
    """In a circle the entity whose references are optional comes first."""
    team = Entity("Team", "s", (Field("lead_id", "reference", references="Member"),))
    member = Entity("Member", "s", (Field("team_id", "reference", required=False, references="Team"),))
    system = replace(architecture(), entities=(team, member))
    assert [e.name for e in _in_order(system)] == ["Member", "Team"]
