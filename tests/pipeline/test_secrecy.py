"""Secrets of the document are masked in the design, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.contract.asyncapi import document
from pytest_superteam.architect.contract.openapi import contracts
from pytest_superteam.architect.document.prd import read_prd
from pytest_superteam.models import Architecture, Field, Ignored, Operation, Requirement, Service
from pytest_superteam.models.architecture import Entity
from pytest_superteam.pipeline.secrecy import without_secrets

BOOKSTORE = Path(__file__).parents[2] / "pipelines" / "bookstore" / "PRD.md"
KEY = "sk-live-9f8e7d6c5b4a39281706"


def test_a_design_without_secrets_is_the_same():
    """Nothing changes where there is no secret, contracts and names of tokens included."""
    system = design(read_prd(BOOKSTORE))
    whole = replace(system, contracts=contracts(system), asyncapi=document(system))
    assert without_secrets(whole) == whole


def test_secrets_in_texts_are_masked():
    """Every text for people is masked: descriptions, requirements, questions, what was ignored, defaults."""
    said = f"uses {KEY}"
    system = Architecture(
        said,
        "0",
        (Service("a", said),),
        entities=(Entity("Item", "a", (Field("key", default=KEY, description=said),), description=said, reason=said),),
        operations=(Operation("x", "a", "GET", "/x", "action", summary=said),),
        requirements=(Requirement("R-1", said, 1),),
        questions=(said,),
        excluded=(said,),
        ignored=(Ignored(said, 1, said),),
    )
    assert KEY not in repr(without_secrets(system))
    assert repr(without_secrets(system)).count("sk-l****") == repr(system).count(KEY)


def test_names_that_look_like_secrets_stay():
    """What refers to something else by name is left alone, or it would no longer fit."""
    linked = Requirement("R-1", "List the tokens", 1, operations=("token-service:list_tokens2",))
    system = Architecture("Tokens", "0", (Service("token-service"),), requirements=(linked,))
    assert without_secrets(system) == system


@pytest.mark.parametrize(
    ("contract", "masked"),
    [
        ({"info": {"description": f"uses {KEY}"}}, {"info": {"description": "uses sk-l****"}}),
        ({"example": {"password": "Sup3rS3cret"}}, {"example": {"password": "Sup3****"}}),
        ({"examples": [{"api_key": "abcd1234efgh"}]}, {"examples": [{"api_key": "abcd****"}]}),
        ({"servers": [{"url": "https://u:pa55w0rd@h/"}]}, {"servers": [{"url": "https://u:****@h/"}]}),
        ({"password": {"type": "string"}}, {"password": {"type": "string"}}),
        ({"pattern": "^password=[a-z]{8}$"}, {"pattern": "^password=[a-z]{8}$"}),
        ({"$ref": "#/components/schemas/Token"}, {"$ref": "#/components/schemas/Token"}),
        ({"maximum": 3, "nullable": True, "x": None}, {"maximum": 3, "nullable": True, "x": None}),
    ],
)
def test_contracts(contract, masked):
    """Examples, descriptions and addresses of a contract are masked; what machines read stays."""
    system = Architecture("T", "0", (Service("a"),), contracts={"a": contract}, asyncapi=contract)
    assert without_secrets(system).contracts["a"] == masked
    assert without_secrets(system).asyncapi == masked
