"""Two coding agents from the registry that get nothing done: each way is told apart from the others, at its price."""

import asyncio
import os

import pytest
from endpoint import KEY, MODEL, Answer, serving
from real import BOOKSTORE, ENVIRONMENT, programs
from scripts import FINISH, architecture

from pytest_superteam.agents.builder import AgentBuilder
from pytest_superteam.builders.base import BuildRequest
from pytest_superteam.config_entries import AgentConfig
from pytest_superteam.errors import BuildError

pytestmark = pytest.mark.slow


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Return a function that lets an agent try one service, with an endpoint that answers what it is told to."""

    def try_it(agent, script, key=KEY):
        site = tmp_path / "site"
        site.mkdir()
        monkeypatch.setenv("PATH", f"{programs()}{os.pathsep}{os.environ['PATH']}")
        variables = {"MSWEA_MODEL_RETRY_STOP_AFTER_ATTEMPT": "1"}
        config = AgentConfig(model=f"openai/{MODEL}", environment=ENVIRONMENT, variables=variables)
        request = BuildRequest(
            "auth-service",
            architecture(BOOKSTORE),
            site,
            private=tmp_path / "private",
            prd=BOOKSTORE.read_text(encoding="utf-8"),
        )
        with serving(script) as endpoint:
            for name, value in (endpoint.environment() | {"OPENAI_API_KEY": key}).items():
                monkeypatch.setenv(name, value)
            return asyncio.run(AgentBuilder(agent, config).build(request))

    return try_it


def test_a_wrong_key_is_told(build):
    """A key that the model's side refuses ends the try with its words, though the agent ends with 0."""
    with pytest.raises(BuildError, match="Incorrect API key provided"):
        build("aider", lambda call: Answer("not reached"), key="sk-another-one")


def test_a_rate_limit_is_told(build):
    """An agent that gives up at a rate limit says so; what it used is nothing."""
    with pytest.raises(BuildError, match="Rate limit reached") as raised:
        build("mini-swe-agent", lambda call: Answer("Rate limit reached", status=429, retry_after=0.2))
    assert raised.value.usage is None or not raised.value.usage.usd


def test_a_claim_without_work_is_no_build(build):
    """An agent that ends with 0 and says that everything works, and wrote nothing, has built nothing, at its price."""
    with pytest.raises(BuildError, match="wrote no file") as raised:
        build("mini-swe-agent", lambda call: Answer("Done.", (FINISH,)))
    assert raised.value.usage.usd > 0
    assert raised.value.usage.output_tokens > 0


def test_words_without_files_are_no_build(build):
    """An agent whose model only talks has built nothing, though the agent ends with 0."""
    with pytest.raises(BuildError, match="wrote no file") as raised:
        build("aider", lambda call: Answer("I would rather talk about it."))
    assert raised.value.usage.input_tokens > 0
