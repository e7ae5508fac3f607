"""What is excused of the engine's reports, and what is not."""

from types import SimpleNamespace

import pytest
from library_contract import CONTRACT

from pytest_superteam.checks.engine.cases import drawn_cases, find_operation, load_schema
from pytest_superteam.checks.engine.noise import FILTERS, Report, excuse

REFUSED, ACCEPTED, UNDECLARED = "RejectedPositiveData", "AcceptedNegativeData", "UndefinedStatusCode"

PARAMETERS = {
    "text": {"type": "string"},
    "short": {"type": "string", "maxLength": 3},
    "count": {"type": "integer"},
}


class Place:
    """A stand-in for the engine's locations, which are hashable."""

    def __init__(self, name):
        self.name = name


def case(body=None, *, wrong=None, name="", value="null", path=None, scenario=None):
    """Return a stand-in for a case: wrong at one place, with one parameter there."""
    location = Place(wrong)
    place = {"QUERY": "query", "HEADER": "headers"}.get(wrong, "none")
    declared = [{"name": n, "in": i, "schema": s} for n, s in PARAMETERS.items() for i in ("query", "header")]
    parts = {location: SimpleNamespace(mode=SimpleNamespace(is_negative=True))} if wrong else {}
    data = SimpleNamespace(parameter=name or None, mutations=(), scenario=SimpleNamespace(value=scenario))
    operation = SimpleNamespace(
        path="/things",
        headers=[SimpleNamespace(name=n) for n in PARAMETERS],
        definition=SimpleNamespace(raw={"parameters": declared}),
        schema=SimpleNamespace(raw_schema={"paths": {}}),
    )
    mode = SimpleNamespace(is_negative=bool(wrong))
    meta = SimpleNamespace(components=parts, phase=SimpleNamespace(data=data), generation=SimpleNamespace(mode=mode))
    containers = {"query": None, "headers": None, "none": None, place: {name: value}}
    return SimpleNamespace(
        body=body,
        meta=meta,
        operation=operation,
        path_parameters=path,
        query=containers["query"],
        headers=containers["headers"],
    )


def secured(demanded):
    """Return a stand-in for a case of an operation that demands a credential, or none."""
    definition = SimpleNamespace(raw={"security": demanded})
    operation = SimpleNamespace(definition=definition, schema=SimpleNamespace(raw_schema={}))
    return SimpleNamespace(operation=operation, id="", meta=None, body=None)


def after(parent):
    """Return a stand-in for a recorder that knows the call before."""
    return SimpleNamespace(find_parent=lambda case_id: parent)


def of_path(*methods):
    """Return a stand-in for a case of a path that has `methods`."""
    operation = SimpleNamespace(path="/p", schema={"/p": dict.fromkeys(methods)})
    return SimpleNamespace(operation=operation, meta=None, body=None)


def allowing(allow, status=405):
    """Return a stand-in for an answer with an Allow header."""
    return SimpleNamespace(status_code=status, headers={"allow": [allow]})


def answer(status=422, content_type="application/problem+json"):
    """Return a stand-in for an answer."""
    return SimpleNamespace(status_code=status, headers={"content-type": [content_type]})


EXCUSED = [
    ("is_text_on_the_wire", ACCEPTED, case(wrong="QUERY", name="text"), answer(200)),
    ("is_text_on_the_wire", ACCEPTED, case(wrong="HEADER", name="text"), answer(200)),
    ("is_undeclared_header", ACCEPTED, case(wrong="HEADER", name="x-other"), answer(200)),
    ("is_undeclared_query", ACCEPTED, case(wrong="QUERY", name="x-other"), answer(200)),
    ("is_undeclared_query", ACCEPTED, case(wrong="QUERY", scenario="object_unexpected_properties"), answer(200)),
    ("is_whole_float", REFUSED, case({"pages": 120.0}), answer()),
    ("is_whole_float", REFUSED, case({"rows": [{"n": 3.0}]}), answer()),
    ("is_other_address", UNDECLARED, case(wrong="PATH", path={"id": "a/b"}), answer(404)),
    ("is_other_address", UNDECLARED, case(wrong="PATH", path={"id": ""}), answer(307)),
    (
        "is_refused_by_transport",
        UNDECLARED,
        case(wrong="HEADER", name="text"),
        answer(400, "text/plain; charset=utf-8"),
    ),
    ("is_unreadable_body", UNDECLARED, case(b"\xff", wrong="BODY"), answer(400)),
    ("is_surrogate", REFUSED, case({"title": "\ud83d"}), answer()),
]
GONE, ALLOW, MEDIA = "EnsureResourceAvailability", "AllowHeaderMismatch", "UndefinedContentType"
OPEN, LOCKED = secured([]), secured([{"bearer": []}])
AFTER = [
    ("is_anothers_row", Report(GONE, LOCKED, answer(404), after(OPEN))),
    ("", Report(GONE, LOCKED, answer(404), after(LOCKED))),
    ("", Report(GONE, OPEN, answer(404), after(OPEN))),
    ("", Report(GONE, LOCKED, answer(404), after(None))),
    ("", Report("ServerError", LOCKED, answer(500), after(OPEN))),
    ("is_partial_allow", Report(ALLOW, of_path("get", "patch"), allowing("GET"))),
    ("is_partial_allow", Report(ALLOW, of_path("get", "patch"), allowing("HEAD, PATCH"))),
    ("", Report(ALLOW, of_path("get", "patch"), allowing("GET, PUT"))),
    ("", Report(ALLOW, of_path("get", "patch"), allowing("GET", status=200))),
    ("is_undeclared_refusal", Report(UNDECLARED, LOCKED, answer(401), found=True)),
    ("is_undeclared_refusal", Report(MEDIA, LOCKED, answer(401), found=True)),
    ("is_undeclared_refusal", Report("MissingContentType", LOCKED, answer(401), found=True)),
    ("", Report(UNDECLARED, LOCKED, answer(401))),
    ("", Report(MEDIA, LOCKED, answer(401))),
    ("", Report(UNDECLARED, OPEN, answer(401), found=True)),
    ("", Report(UNDECLARED, LOCKED, answer(403), found=True)),
    ("", Report(MEDIA, LOCKED, answer(200), found=True)),
    ("", Report("JsonSchemaError", LOCKED, answer(401), found=True)),
]

KEPT = [
    (ACCEPTED, case(wrong="QUERY", name="short"), answer(200)),
    (ACCEPTED, case(wrong="QUERY", name="count"), answer(200)),
    (ACCEPTED, case(wrong="QUERY", scenario="object_missing_required_property"), answer(200)),
    (ACCEPTED, case({"a": 1}, wrong="BODY", scenario="object_unexpected_properties"), answer(201)),
    (ACCEPTED, case({"a": 1}, wrong="BODY"), answer(201)),
    (REFUSED, case(wrong="QUERY", name="text"), answer()),
    (REFUSED, case({"pages": 120.5}), answer()),
    (REFUSED, case({"pages": 120}), answer()),
    (ACCEPTED, case({"pages": 120.0}, wrong="BODY"), answer(201)),
    (UNDECLARED, case(wrong="PATH", path={"id": "abc"}), answer(404)),
    (UNDECLARED, case(path={"id": "a/b"}), answer(404)),
    (UNDECLARED, case(wrong="PATH", path={"id": "a/b"}), answer(500)),
    (UNDECLARED, case({"a": 1}, wrong="BODY"), answer(400)),
    (UNDECLARED, case({"a": 1}), answer(400, "text/plain")),
    (REFUSED, case({"title": "\U0001f600"}), answer()),
    ("ServerError", case({"pages": 1.0}, wrong="BODY"), answer(500)),
]


@pytest.mark.parametrize(("name", "kind", "request_", "response"), EXCUSED)
def test_noise_is_excused_by_name(name, kind, request_, response):
    """Each filter excuses what its docstring says."""
    assert excuse(Report(kind, request_, response)) == name


@pytest.mark.parametrize(("kind", "request_", "response"), KEPT)
def test_near_misses_are_kept(kind, request_, response):
    """What only resembles noise is reported."""
    assert excuse(Report(kind, request_, response)) == ""


@pytest.mark.parametrize(("name", "report"), AFTER)
def test_noise_of_whole_services_is_excused_by_name(name, report):
    """What depends on the calls before, or on the other methods of the path, is excused only where that holds."""
    assert excuse(report) == name


def test_every_filter_is_tried_and_has_a_reason():
    """Each filter has an example above and a docstring that says why."""
    assert {test.__name__ for test in FILTERS} == {name for name, *_ in [*EXCUSED, *AFTER]} - {""}
    assert all(test.__doc__ for test in FILTERS)


def test_filters_understand_real_cases():
    """The filters read the engine's own cases, valid and wrong ones."""
    operation = find_operation(load_schema(CONTRACT, 1), "update_book")
    for drawn in drawn_cases(operation, seed=1, count=10):
        for kind in (REFUSED, ACCEPTED, UNDECLARED):
            assert excuse(Report(kind, drawn, answer())) in {"", *(test.__name__ for test in FILTERS)}
