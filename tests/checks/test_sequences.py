"""Sequences of calls, on a real service that is sound or broken in a way that only shows over several calls."""

import copy

import pytest
from library_service import serving
from notes_service import CONTRACT, notes

from pytest_superteam.checks.engine.links import with_links
from pytest_superteam.checks.engine.sequences import CODE, SequenceOptions, check_sequences
from pytest_superteam.errors import CheckError

BROKEN = [
    ("forgets", "POST /notes", "Created resource not found", ["POST", "GET"]),
    ("keeps", "DELETE /notes/{note_id}", "Deleted resource still available", ["POST", "DELETE", "GET"]),
    ("spoils", "GET /notes/{note_id}", "Server error", ["POST", "PATCH", "GET"]),
]


def walk(app, contract=CONTRACT, **options):
    """Serve `app` and check its sequences."""
    with serving(app) as url:
        settings = SequenceOptions(**{"seed": 3, "scenarios": 6, "request_timeout": 5.0, **options})
        return check_sequences(contract=contract, service="notes", base_url=url, options=settings)


def test_a_sound_service_keeps_its_contract():
    """Rows are made, read, changed, deleted and looked for again, and nothing is found."""
    result = walk(notes())
    assert result.violations == ()
    assert not result.skipped
    assert "204" in result.detail
    assert "404" in result.detail


@pytest.mark.parametrize(("broken", "label", "title", "methods"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_broken_service_is_found(broken, label, title, methods):
    """The finding names the operation at fault and shows each call that leads to it, with its answer."""
    result = walk(notes(broken))
    found = next(v for v in result.violations if v.message.startswith(f"{label}: {title}"))
    assert found.code == CODE
    steps = found.evidence.splitlines()
    assert [step.split(" -X ")[1].split()[0] for step in steps] == methods
    assert [step.split(".")[0] for step in steps] == [str(n + 1) for n in range(len(methods))]
    assert all("  -> " in step for step in steps)


def test_only_own_rows_are_changed():
    """Rows that were there before are read, and neither changed nor deleted."""
    app = notes()
    before = {f"00000000-0000-4000-8000-00000000000{n}": f"row {n}" for n in range(5)}
    app.state.rows.update({key: {"id": key, "text": text} for key, text in before.items()})
    walk(app, scenarios=15)
    assert {key: app.state.rows[key]["text"] for key in before} == before


def test_the_same_seed_walks_the_same_way():
    """Two runs on services that start empty make the same calls."""
    assert walk(notes()).detail == walk(notes()).detail


def test_more_scenarios_make_more_calls():
    """The number of sequences follows the settings."""
    few, many = (int(walk(notes(), scenarios=n).detail.split()[0]) for n in (2, 12))
    assert 2 <= few < 12 <= many


def test_what_is_left_out_is_not_called():
    """An operation that must not be called, such as a logout, is not."""
    app = notes()
    result = walk(app, left_out=frozenset({"DELETE /notes/{note_id}"}))
    assert "204" not in result.detail


def test_a_hanging_service_is_given_up():
    """Two calls that hang are a finding, and the walk ends."""
    result = walk(notes("hangs"), request_timeout=0.2)
    assert "The service hangs" in result.violations[0].message
    assert "given up: the service hangs" in result.detail


def test_the_time_of_the_whole_walk_is_limited():
    """No call is made after the time is over, and the result says that nothing was learned."""
    result = walk(notes(), seconds=-1.0)
    assert "0 calls" in result.detail
    assert "no call got a usable value" in result.skipped


def test_nothing_to_chain_is_skipped():
    """A contract whose operations have nothing to do with each other has no sequences."""
    alone = {**CONTRACT, "paths": {"/notes": {"get": CONTRACT["paths"]["/notes"]["get"]}}}
    assert "uses another's answer" in walk(notes(), alone).skipped


def test_a_service_that_is_not_there_is_an_error():
    """Nothing listens: the check could not be done."""
    options = SequenceOptions(scenarios=1)
    with pytest.raises(CheckError, match="can't be reached"):
        check_sequences(contract=CONTRACT, service="notes", base_url="http://127.0.0.1:9", options=options)


def wrapped():
    """Return the contract with the id under a name and in an envelope that tell the engine nothing."""
    contract = copy.deepcopy(CONTRACT)
    envelope = {"type": "object", "properties": {"data": {"type": "object", "properties": {"id": {"type": "string"}}}}}
    answer = contract["paths"]["/notes"]["post"]["responses"]["201"]
    answer["content"]["application/json"]["schema"] = envelope
    return contract


def test_links_lead_from_a_new_row_to_its_operations():
    """A link is added for each operation on the item, with the id where the answer has it; the contract stays."""
    contract = wrapped()
    before = copy.deepcopy(contract)
    links = with_links(contract)["paths"]["/notes"]["post"]["responses"]["201"]["links"]
    assert {link["parameters"]["note_id"] for link in links.values()} == {"$response.body#/data/id"}
    assert {link["operationRef"] for link in links.values()} == {
        f"#/paths/~1notes~1{{note_id}}/{method}" for method in ("get", "patch", "delete")
    }
    assert contract == before


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer.update(links={}),
        lambda answer: answer.pop("content"),
        lambda answer: answer["content"]["application/json"].update(schema={"$ref": "#/gone"}),
        lambda answer: answer["content"]["application/json"].update(schema=True),
    ],
    ids=["own links", "no body", "broken reference", "any body"],
)
def test_no_link_is_made_up(change):
    """A contract that has links of its own, or no id that is known of, stays as it is."""
    contract = copy.deepcopy(CONTRACT)
    change(contract["paths"]["/notes"]["post"]["responses"]["201"])
    assert with_links(contract) is contract
