"""What tokens cost, and what of a report is believed."""

import math
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.config_entries.running import PriceConfig
from pytest_superteam.models import Usage, WorstCase
from pytest_superteam.pipeline.money.prices import PriceBook
from pytest_superteam.pipeline.money.reported import MOST_TOKENS, MOST_USD, believable, believable_worst

OWN = PriceBook({"House/Model-1": PriceConfig(2.0, 10.0, 0.5), "plain": PriceConfig(3.0, 4.0)})
KNOWN = PriceBook({})


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        (Usage(None, "house/model-1", 1_000_000, 0), 2.0),
        (Usage(None, "HOUSE/MODEL-1", 0, 1_000_000), 10.0),
        (Usage(None, "house/model-1", 1_000_000, 100_000, 600_000), 0.8 + 0.3 + 1.0),
        (Usage(None, "plain", 1_000_000, 0, 1_000_000), 3.0),  # no price for the cache: as any input
        (Usage(None, "any/plain", 500_000, 500_000), 3.5),
        (Usage(None, "any:plain", 500_000, 500_000), 3.5),
        (Usage(None, "plain", 0, 0), None),
        (Usage(None, "", 10, 10), None),
        (Usage(None, "a-model-that-nobody-has", 10, 10), None),
        (Usage(None, "nobody/a-model-that-nobody-has", 10, 10), None),
    ],
)
def test_prices_of_the_settings(usage, usd):
    """They count per million tokens, whatever the case of the name, with or without a provider before it."""
    assert OWN.price(usage) == (None if usd is None else pytest.approx(usd))


def test_own_prices_need_no_list(monkeypatch):
    """The list of prices is only loaded where the settings have none, and own prices go before it."""
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    assert PriceBook({"gpt-4o-mini": PriceConfig(1.0, 1.0)}).price(Usage(None, "gpt-4o-mini", 10**6, 10**6)) == 2.0
    with pytest.raises(ImportError):
        KNOWN.price(Usage(None, "gpt-4o-mini", 1, 1))


def test_prices_of_the_list():
    """A model of the list has a price, with its provider before it as well; what comes from a cache is cheaper."""
    whole = KNOWN.price(Usage(None, "gpt-4o-mini", 1_000_000, 100_000))
    assert whole is not None
    assert 0 < whole < 100
    for name in ("openai/gpt-4o-mini", "openai:gpt-4o-mini", "some-gateway/gpt-4o-mini"):
        assert KNOWN.price(Usage(None, name, 1_000_000, 100_000)) == whole
    assert KNOWN.price(Usage(None, "gpt-4o-mini", 1_000_000, 100_000, 900_000)) < whole


@settings(max_examples=60, deadline=None)
@given(model=st.text(max_size=128), tokens=st.tuples(*[st.integers(0, MOST_TOKENS)] * 3))
def test_no_name_of_a_model_breaks_the_prices(model, tokens):
    """Any name has a price that is a sum of dollars, or none."""
    price = KNOWN.price(Usage(None, model, *tokens))
    assert price is None or (math.isfinite(price) and price >= 0)


@pytest.mark.parametrize(
    ("said", "kept", "wrong"),
    [
        (Usage(1.5, "m", 10, 5, 2), Usage(1.5, "m", 10, 5, 2), ""),
        (Usage(), Usage(), ""),
        (Usage(2), Usage(2.0), ""),
        (Usage(None, "m", 10, 5, 30), Usage(None, "m", 40, 5, 30), ""),  # the cache counted apart
        (Usage(math.nan, "m", 10, 5), Usage(None, "m", 10, 5), "usd is nan"),
        (Usage(-0.5), Usage(), "usd is -0.5"),
        (Usage(MOST_USD * 2), Usage(), "usd is 2e+06"),
        (Usage(10**400), Usage(), "usd is far too large"),
        (Usage(True), Usage(), "usd is no number but bool"),  # noqa: FBT003  # what a builder may say
        (Usage("1.5"), Usage(), "usd is no number but str"),
        (Usage(-5), Usage(), "usd is -5"),
        (Usage(1.0, 7, -1, 1.5, "2"), Usage(1.0), "input_tokens is -1, output_tokens is 1.5, cache_"),
        (Usage(1.0, "m", MOST_TOKENS + 1), Usage(1.0, "m"), "input_tokens is 2147483648"),
        (Usage(1.0, "m\x00\n\x1b[31mx"), Usage(1.0, "m x"), ""),
        ({"usd": 1.0}, Usage(), "the usage is a dict"),
        (3.0, Usage(), "the usage is a float"),
    ],
)
def test_what_is_believed_of_a_report(said, kept, wrong):
    """What can be true is kept, the rest is named."""
    believed, complaint = believable(said)
    assert believed == kept
    assert complaint.startswith(wrong)
    assert bool(complaint) is bool(wrong)


class Trap:
    """An object of a builder that breaks whoever looks at it."""

    def __repr__(self):
        raise RuntimeError("looked at")

    __str__ = __float__ = __bool__ = __eq__ = __lt__ = __hash__ = __repr__


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=300), st.builds(Trap), st.just([])
)


@given(st.builds(Usage, ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING))
def test_nothing_that_a_builder_reports_breaks_the_books(said):
    """Whatever the fields hold, what is kept fits into the table: finite sums, whole counts, one short line."""
    kept, wrong = believable(said)
    assert kept.usd is None or 0 <= kept.usd <= MOST_USD
    for count in (kept.input_tokens, kept.output_tokens, kept.cache_read_tokens):
        assert type(count) is int
        assert 0 <= count <= MOST_TOKENS
    assert kept.cache_read_tokens <= kept.input_tokens
    assert len(kept.model) <= 128
    assert kept.model.isprintable()
    assert "\n" not in wrong


@pytest.mark.parametrize("said", [None, 3.0, WorstCase(None), WorstCase(math.nan), WorstCase(-1), WorstCase("3")])
def test_a_worst_case_that_can_be_none_is_unknown(said):
    """Only a finite sum from 0 up is one."""
    assert believable_worst(said).usd is None
    assert believable_worst(WorstCase(3, "m\n")) == WorstCase(3.0, "m")
