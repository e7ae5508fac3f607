"""The scripted model endpoint speaks the protocol that agents expect, so that what fails is the agent."""

import json

import httpx
import pytest
from endpoint import KEY, MODEL, Answer, serving

TASK = {"model": MODEL, "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Go."}]}


def post(endpoint, body, key=KEY):
    url, headers = f"{endpoint.url}/chat/completions", {"Authorization": f"Bearer {key}"}
    return httpx.post(url, json=body, headers=headers, timeout=10, trust_env=False)


def test_completion_with_commands():
    """Text, tool calls and usage come as one completion, and the call is recorded."""
    with serving(lambda call: Answer("I write it.", ("ls", "pwd"), tokens_in=7, tokens_out=3)) as endpoint:
        done = post(endpoint, TASK).json()
    message = done["choices"][0]["message"]
    assert message["content"] == "I write it."
    assert [json.loads(call["function"]["arguments"])["command"] for call in message["tool_calls"]] == ["ls", "pwd"]
    assert done["choices"][0]["finish_reason"] == "tool_calls"
    assert done["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    assert [(call.task, call.turn) for call in endpoint.calls] == [("Be brief.\nGo.", 0)]


def test_streamed_completion():
    """A streamed answer is the same answer in pieces, with its usage where that is asked for."""
    text = "word " * 1000
    body = TASK | {"stream": True, "stream_options": {"include_usage": True}}
    with serving(lambda call: Answer(text, ("ls",), tokens_in=7, tokens_out=3)) as endpoint:
        done = post(endpoint, body)
    lines = [line.removeprefix("data: ") for line in done.text.splitlines() if line]
    assert lines.pop() == "[DONE]"
    *pieces, last = map(json.loads, lines)
    assert last["usage"]["total_tokens"] == 10
    deltas = [piece["choices"][0]["delta"] for piece in pieces]
    assert "".join(delta.get("content") or "" for delta in deltas) == text
    assert [delta["tool_calls"][0]["function"]["name"] for delta in deltas if "tool_calls" in delta] == ["bash"]
    assert pieces[-1]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_error(status):
    """An error has its status, its message and, where it is told, when to come again."""
    with serving(lambda call: Answer("not now", status=status, retry_after=2)) as endpoint:
        done = post(endpoint, TASK)
    assert done.status_code == status
    assert done.json()["error"]["message"] == "not now"
    assert done.headers["Retry-After"] == "2"


def test_wrong_key():
    """Nothing is answered, and no script asked, without the key."""
    with serving(lambda call: Answer("hello")) as endpoint:
        assert post(endpoint, TASK, key="another").status_code == 401
    assert endpoint.calls == []


def test_answer_cut_off():
    """A connection that ends in the middle of an answer is an error of the connection."""
    with serving(lambda call: Answer("hello " * 100, cut=True)) as endpoint, pytest.raises(httpx.RemoteProtocolError):
        post(endpoint, TASK)


def test_script_that_fails():
    """What a script raises is kept for the test, and the agent gets an error that it does not repeat."""

    def script(call):
        raise KeyError(call.said)

    with serving(script) as endpoint:
        assert post(endpoint, TASK).status_code == 400
    assert endpoint.problems == ["KeyError: 'Go.'"]


def test_models():
    """The models that it has are listed."""
    with serving(lambda call: Answer()) as endpoint:
        done = httpx.get(f"{endpoint.url}/models", headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)
    assert [model["id"] for model in done.json()["data"]] == [MODEL]
