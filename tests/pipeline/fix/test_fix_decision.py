"""Whether there is another attempt, and whom it asks."""

import pytest
from gated import SERVICES, blocked, found, item, played, situation, violation

from pytest_superteam.pipeline.fix.decision import End, Next, decide

A, B, C = blocked("orders:a"), blocked("orders:b"), blocked("orders:c")
REFUSED = {"orders": ("refused", "tests/test_a.py:3: a test was removed")}
FAILED = {"orders": ("failed", "the agent gave no answer")}
NOTHING = {"orders": ("unchanged", "nothing was changed.")}


def test_first_attempt():
    """The first attempt asks the builders of all services that something was found in, and says what blocks."""
    plan = decide(situation(blocked("catalog", "orders"), builders={"catalog": "aider", "orders": "claude"})).plan
    assert (plan.number, plan.of, plan.session) == (1, 3, "s1")
    assert [(fix.service, fix.builder) for fix in plan.services] == [("catalog", "aider"), ("orders", "claude")]
    assert plan.before == ("layer3::test_scan[catalog-SEC-001]", "layer3::test_scan[orders-SEC-001]")
    assert plan.services[1].findings == ("SEC-001: open.",)
    assert plan.services[1].items == ("layer3::test_scan[orders-SEC-001]",)


def test_mending():
    """What a builder is told is its own service's, with the number of the attempt."""
    plan = decide(situation(blocked("catalog:a", "orders:b"))).plan
    told = plan.mending("orders")
    assert (told.number, told.of, told.findings, told.refused) == (1, 3, ("SEC-001: b.",), "")
    assert "> b." in told.text
    assert "a." not in told.findings
    assert "catalog" not in told.text
    with pytest.raises(KeyError):
        plan.mending("auth")


@pytest.mark.parametrize(
    ("what", "acts", "kind", "said"),
    [
        (found(), [], "green", "nothing blocks"),
        (found(), [(A, {})], "green", "mended after 1 attempt"),
        (found(), [(A, {}), (B, {})], "green", "mended after 2 attempts"),
        (
            B,
            [(A, {}), (C, {}), (blocked("orders:d"), {})],
            "limit",
            "all 3 attempts were made, and 1 item still blocks",
        ),
        (A, [(A, {})], "same", "orders: the same failures as before attempt 1"),
        (A, [(A, {}), (B, {})], "same", "as before attempt 1"),
        (A, [(A, REFUSED), (A, {})], "same", "as before attempt 2"),
        (
            A,
            [(A, REFUSED), (A, REFUSED)],
            "fruitless",
            "orders: attempts 1 and 2 came to the same: it was refused: tests/test_a.py:3",
        ),
        (A, [(A, FAILED), (A, FAILED)], "fruitless", "gave no answer"),
        (A, [(A, NOTHING), (A, NOTHING)], "fruitless", "changed nothing"),
        (A, [(A, {"orders": ("not begun", "the budget is spent")})], "not begun", "orders: the budget is spent"),
        (found(item("system", reason="x")), [], "nobody", "nothing for a builder"),
    ],
)
def test_ends(what, acts, kind, said):
    """The loop ends when all is mended, at the last attempt, when nobody is left to ask, and says which it is."""
    end = decide(situation(what, played(*acts)))
    assert isinstance(end, End)
    assert end.kind == kind
    assert said in end.reason


@pytest.mark.parametrize(
    ("what", "acts"),
    [
        (B, [(A, {})]),
        (A, [(A, REFUSED)]),
        (A, [(A, FAILED)]),
        (A, [(A, NOTHING)]),
        (A, [(A, REFUSED), (A, FAILED)]),
        (A, [(A, REFUSED), (A, {"orders": ("refused", "another file was changed")})]),
        (blocked("orders:a", "orders:b"), [(A, {})]),
    ],
    ids=["progress", "refused", "failed", "nothing", "two ways", "two reasons", "more than before"],
)
def test_goes_on(what, acts):
    """Another attempt is made where the failures are others, or the one before came to nothing for a new reason."""
    assert isinstance(decide(situation(what, played(*acts))), Next)


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        ([(A, REFUSED)], "Attempt 1 was refused: tests/test_a.py:3: a test was removed"),
        ([(A, NOTHING)], "Attempt 1 changed nothing"),
        ([(A, {}), (B, FAILED)], "Attempt 2 failed: the agent gave no answer"),
        ([(A, REFUSED), (A, {})], ""),
    ],
)
def test_refused_is_told(acts, said):
    """Why an attempt came to nothing is told in the next one, and only there."""
    assert decide(situation(C, played(*acts))).plan.mending("orders").refused == said


def test_who_is_left_out():
    """A service whose builder can't mend, or that was not built by us, is left out with the reason."""
    what = blocked(*SERVICES)
    plan = decide(situation(what, builders={"auth": "a", "orders": "a"}, unable={"auth": "it waits for review"})).plan
    assert [fix.service for fix in plan.services] == ["orders"]
    assert plan.left == {"auth": "it waits for review", "catalog": "it was not built by us"}
    end = decide(situation(what, unable=dict.fromkeys(SERVICES, "'builtin' mends nothing")))
    assert end == End("nobody", "; ".join(f"{name}: 'builtin' mends nothing" for name in SERVICES))


def test_each_service_for_itself():
    """A service whose failures came back is not asked again, while another that is getting better is."""
    rounds = played((blocked("catalog:x", "orders:a"), {}))
    plan = decide(situation(blocked("catalog:x", "orders:b"), rounds)).plan
    assert [fix.service for fix in plan.services] == ["orders"]
    assert plan.left == {"catalog": "the same failures as before attempt 1, though it was changed since"}
    end = decide(situation(blocked("catalog:x"), rounds))
    assert end.kind == "same"


def test_one_that_breaks_another():
    """A service that fails since another was changed is asked, and told since when."""
    rounds = played((blocked("catalog"), {}))
    fix = decide(situation(blocked("orders:b"), rounds)).plan.fix_of("orders")
    assert "Nothing of this was found before attempt 1, which changed `catalog`." in fix.text
    refused = played((blocked("catalog"), {"catalog": ("refused", "x")}))
    assert "Nothing of this" not in decide(situation(blocked("orders:b"), refused)).plan.fix_of("orders").text
    again = played((blocked("catalog", "orders"), {}), (blocked("orders:b"), {}))
    assert "Nothing of this" not in decide(situation(C, again)).plan.fix_of("orders").text


def test_asked_again():
    """What was asked before and is still there is marked with the attempt that was asked."""
    both, rest = blocked("orders:a", "orders:b"), blocked("orders:b")
    fix = decide(situation(rest, played((both, {})))).plan.fix_of("orders")
    assert "Attempt 1 was asked to mend it" in fix.text


@pytest.mark.parametrize(("limit", "said"), [(0, "no attempts are allowed (--fix 0)"), (1, "the one attempt was made")])
def test_small_limits(limit, said):
    """Without attempts none is made, and with one only one."""
    rounds = played((A, {})) if limit else ()
    assert said in decide(situation(B, rounds, limit=limit)).reason


def test_command_given_again():
    """Who gives the command again after an end asks for as many attempts again, and old ends count no more."""
    rounds = played((A, REFUSED), (A, REFUSED))
    assert decide(situation(A, rounds)).kind == "fruitless"
    plan = decide(situation(A, rounds, first=3)).plan
    assert (plan.number, plan.of) == (3, 5)
    assert plan.mending("orders").refused == ""


def test_number_and_last():
    """Attempts are numbered through, and the number of the last stays the same."""
    plans = [each.plan for each in played((A, {}), (B, {}), (C, {}), limit=3)]
    assert [(plan.number, plan.of) for plan in plans] == [(1, 3), (2, 3), (3, 3)]


def test_many_reasons():
    """An end names some services and things, and counts the rest."""
    many = found(*(item("system", f"SEC-{n}", reason=f"it is not known, {'abcdefgh'[n]}") for n in range(8)))
    end = decide(situation(many))
    assert end.reason.endswith("; and 3 more")


def test_what_is_beyond():
    """What is beyond builders stands in the plan, so that people see it."""
    what = found(item("orders", "SEC-001", violation()), item("system", "SEC-002", reason="it is not known"))
    assert decide(situation(what)).plan.beyond == ("SEC-002: it is not known",)
