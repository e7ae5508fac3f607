"""A project's own `schemathesis.toml`, on the contract of the library and on the running service."""

import re

import pytest
from library_contract import CONTRACT

from pytest_superteam.checks.engine.cases import find_operation, generate, is_negative, load_schema
from pytest_superteam.checks.engine.settings import (
    FILE,
    excluded,
    is_enabled,
    load_settings,
    merged,
    phase_is_on,
    signs_calls,
)
from pytest_superteam.errors import CheckError


def settings(folder, text):
    """Write the file and load it."""
    (folder / FILE).write_text(text)
    return load_settings(folder)


def loaded(folder, text, operation="create_book"):
    """Return an operation of the library under the settings of `text`."""
    return find_operation(load_schema(CONTRACT, 1, settings(folder, text)), operation)


def test_without_the_file_there_are_no_settings(tmp_path):
    """Most projects have none; a folder of that name is none either."""
    assert load_settings(tmp_path) is None
    (tmp_path / FILE).mkdir()
    assert load_settings(tmp_path) is None


BROKEN = [
    ("seed = 1\nmax-examples =\n", 2, "no TOML"),
    ("[generation]\nmax-examples = 5\n[generation]\n", 3, "no TOML"),
    ("seed = 1\n\n[generation]\nmax-exampels = 5\n", 4, "max-exampels"),
    ("[generation]\nmode = 'sideways'\n", 2, "sideways"),
    ("[checks]\nnot_a_server_error.enabled = 'perhaps'\n", 2, "enabled"),
    ("[phases.coverage]\nenabled = 3\n", 2, "enabled"),
]


@pytest.mark.parametrize(("text", "line", "told"), BROKEN, ids=[told for _, _, told in BROKEN])
def test_a_broken_file_is_an_error_on_one_line(tmp_path, text, line, told):
    """The message names file, line and what is wrong."""
    with pytest.raises(CheckError, match=re.escape(told)) as caught:
        settings(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / FILE}:{line}: ")
    assert "\n" not in message


def test_a_file_that_is_no_text_is_an_error(tmp_path):
    """Bytes that are no UTF-8, and a file that can't be one of settings for its size, are told."""
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(CheckError, match="is not UTF-8"):
        load_settings(tmp_path)
    (tmp_path / FILE).write_bytes(b"#" * (2 << 20))
    with pytest.raises(CheckError, match="larger than"):
        load_settings(tmp_path)


def test_the_project_wins_key_by_key(tmp_path):
    """What the file says lies over ours; what it does not say stays."""
    ours = {"seed": 1, "generation": {"allow-x00": False, "database": "none"}}
    found = merged(ours, settings(tmp_path, "seed = 5\n[generation]\nallow-x00 = true\n"))
    assert found == {"seed": 5, "generation": {"allow-x00": True, "database": "none"}}
    assert merged(ours, None) == ours


def test_checks_are_switched_off_for_all_or_one_operation(tmp_path):
    """A check may be off everywhere, or for the operations that an entry names."""
    text = """
        [checks.response_schema_conformance]
        enabled = false
        [[operations]]
        include-operation-id = "create_book"
        checks.negative_data_rejection.enabled = false
    """
    here, there = (loaded(tmp_path, text, name) for name in ("create_book", "update_book"))
    assert not is_enabled(here, "fuzzing", "response_schema_conformance")
    assert not is_enabled(there, "coverage", "response_schema_conformance")
    assert (
        is_enabled(here, "coverage", "negative_data_rejection"),
        is_enabled(there, "coverage", "negative_data_rejection"),
    ) == (False, True)
    assert is_enabled(here, "fuzzing", "not_a_server_error")


def test_operations_are_switched_off(tmp_path):
    """An entry with `enabled = false` leaves its operations out."""
    text = '[[operations]]\ninclude-method = "DELETE"\nenabled = false\n'
    for name, off in (("delete_book", True), ("read_book", False)):
        operation = loaded(tmp_path, text, name)
        assert excluded(operation.schema, operation) is off


def test_phases_and_modes_are_switched_off(tmp_path):
    """Only what is left on makes requests."""
    operation = loaded(tmp_path, "[phases]\ncoverage.enabled = false\n[generation]\nmode = 'positive'\n")
    assert not phase_is_on(operation, "coverage")
    cases = generate(operation, seed=1, budget=20)
    assert cases
    assert {case.meta.phase.name.value for case in cases} == {"fuzzing"}
    assert not any(is_negative(case) for case in cases)


def test_headers_and_parameters_are_fixed(tmp_path):
    """Configured headers go with every request, configured parameters take the place of generated ones."""
    operation = loaded(tmp_path, '[headers]\nX-Tenant = "t1"\n[parameters]\nlimit = 7\n', "list_books")
    cases = generate(operation, seed=1, budget=12)
    assert {case.headers["X-Tenant"] for case in cases} == {"t1"}
    assert {str(case.query["limit"]) for case in cases} == {"7"}


def test_an_operation_that_is_off_is_skipped_with_the_reason(serve, tmp_path):
    """The result of the check says which file switched it off."""
    engine = settings(tmp_path, '[[operations]]\ninclude-name = "GET /books"\nenabled = false\n')
    result = serve().check("list_books", engine=engine)
    assert result.skipped == f"GET /books is switched off by {FILE}."


def test_the_number_of_examples_and_the_checks_of_the_file_count(serve, tmp_path):
    """A faulty service makes fewer calls and passes where the project says so."""
    text = "[generation]\nmax-examples = 8\n[checks]\nresponse_schema_conformance.enabled = false\n"
    result = serve("schema").check("read_book", engine=settings(tmp_path, text), max_examples=40)
    assert result.violations == ()
    assert int(result.detail.split()[0]) <= 8 + 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ('[headers]\nX-Tenant = "t1"\n', False),
        ('[auth]\nbasic = { username = "u", password = "p" }\n', True),
        ('[auth.openapi.bearerAuth]\nbearer = "a-token"\n', True),
    ],
)
def test_a_file_that_signs_the_calls_is_known(tmp_path, text, expected):
    """Where the project signs every call, none can be sent without a credential to see whether it is let in."""
    assert signs_calls(loaded(tmp_path, text)) is expected


def test_a_file_that_signs_the_calls_makes_no_open_door(serve, tmp_path):
    """The project's own credential goes with each request, and is not taken for a door that stands open."""
    library = serve()
    engine = settings(tmp_path, f'[auth.openapi.bearerAuth]\nbearer = "{library.tokens["admin"]}"\n')
    result = library.check("read_book", engine=engine)
    assert result.violations == ()
    assert "200" in result.detail
