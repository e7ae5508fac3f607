"""What a run cost: by phase, service, attempt, model and chain, as text and as data."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.cost_chains import chains, step_name
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pytest_superteam.models import Cost
    from pytest_superteam.reports.cost_chains import Chain, Link

__all__ = [
    "EXPLAINED",
    "Sum",
    "any_cost",
    "by_phase",
    "chain_line",
    "cost_data",
    "cost_lines",
    "cost_tables",
    "dollars",
    "headline",
    "paid",
    "price_of",
    "sum_of",
]

WHOLE_SYSTEM = "(whole system)"
"""How steps are called that are about no single service."""
EXPLAINED = (
    "~ is worked out by us: from tokens and prices, as the worst case of a step that was cut off, "
    "or as an even part of a step that several services followed from."
)
_MOST = 1e12
"""US dollars; a database from outside may hold more, and such figures fill a page."""
_PHASES = ("architect", "builders", "fix")


def dollars(amount: float, *, estimated: bool = False) -> str:
    """Return `1.25 USD`, with four digits below a cent, and a `~` before what was worked out by us."""
    form = ".2f" if 0.01 <= abs(amount) < _MOST or not amount else ".4f" if abs(amount) < 0.01 else ".3g"
    return f"{'~' if estimated else ''}{amount:{form}} USD"


def price_of(cost: Cost) -> str:
    """Return what a step cost, in words: `1.25 USD`, `~1.25 USD`, `unknown`, or `0.50 USD so far`."""
    return _price(cost, cost.usd, estimated=cost.estimated)


def _price(cost: Cost, usd: float, *, estimated: bool) -> str:
    if cost.status == "reserved":
        return f"{dollars(usd, estimated=estimated)} so far"
    return "unknown" if cost.unknown else dollars(usd, estimated=estimated)


@dataclass(frozen=True)
class Sum:
    """What several steps cost together."""

    usd: float
    estimated: bool
    """Whether some of it was worked out by us."""
    unknown_steps: int
    """Steps that ended and of which nobody could say what they cost."""
    reserved_usd: float
    """Set aside beyond that for steps at work."""
    steps: int
    input_tokens: int
    output_tokens: int

    @property
    def price(self) -> str:
        """Return the sum in words; `unknown` where nothing of it is known."""
        return "unknown" if self.unknown_steps == self.steps > 0 else dollars(self.usd, estimated=self.estimated)

    @property
    def remarks(self) -> list[str]:
        """Return what else there is to say: what is set aside, and how many steps nobody knows the cost of."""
        found = [f"{dollars(self.reserved_usd)} set aside"] if self.reserved_usd else []
        some = self.unknown_steps > 0 and self.price != "unknown"
        return found + ([f"{plural(self.unknown_steps, 'step')} of unknown cost"] if some else [])

    @property
    def details(self) -> str:
        """Return steps, tokens and remarks in words."""
        tokens = f"{self.input_tokens:,} tokens read, {self.output_tokens:,} written"
        counted = [tokens] if self.input_tokens or self.output_tokens else []
        return ", ".join([plural(self.steps, "step"), *counted, *self.remarks])


def sum_of(costs: Iterable[Cost]) -> Sum:
    """Return what steps cost together."""
    costs = tuple(costs)
    at_work = [cost for cost in costs if cost.status == "reserved"]
    return Sum(
        usd=math.fsum(cost.usd for cost in costs),
        estimated=any(cost.estimated for cost in costs),
        unknown_steps=sum(1 for cost in costs if cost.unknown and cost.status == "settled"),
        reserved_usd=math.fsum(max(0.0, cost.reserved_usd - cost.usd) for cost in at_work),
        steps=len(costs),
        input_tokens=sum(cost.input_tokens for cost in costs),
        output_tokens=sum(cost.output_tokens for cost in costs),
    )


def any_cost(costs: Iterable[Cost]) -> bool:
    """Return whether there is more to tell than that nothing was paid."""
    return any(cost.usd or cost.unknown or cost.reserved_usd for cost in costs)


def headline(costs: Sequence[Cost], budget: float | None = None) -> str:
    """Return the sum in one line: `~3.20 USD of 10.00 USD, 1.00 USD set aside, 1 step of unknown cost`."""
    total = sum_of(costs)
    of = f" of {dollars(budget)}" if budget is not None else ""
    return ", ".join([f"{total.price}{of}", *total.remarks])


def paid(costs: Sequence[Cost]) -> str:
    """Return the sum in one line that nothing introduces as a cost."""
    total = sum_of(costs)
    price = "cost unknown" if total.price == "unknown" else total.price
    return ", ".join([price, *total.remarks])


def by_phase(costs: Sequence[Cost]) -> str:
    """Return what each phase cost, in one line."""
    rows = _sums(costs, _phase, _PHASES)
    return ", ".join(f"{name} {row.price}" for name, row in rows.items())


def cost_tables(costs: Sequence[Cost]) -> list[tuple[str, dict[str, Sum]]]:
    """Return the sums by phase, service, attempt and model: a title and rows by name, fit to be shown."""
    by_service = sorted(costs, key=lambda cost: (_service(cost), cost.id))
    return [
        ("By phase", _sums(costs, _phase, _PHASES)),
        ("By service", _sums(costs, _service)),
        ("By attempt", _sums(costs, _attempt, [_attempt(cost) for cost in by_service])),
        ("By model", _sums(costs, _model)),
    ]


def _sums(costs: Sequence[Cost], name: Callable[[Cost], str], first: Sequence[str] = ()) -> dict[str, Sum]:
    """Return the sums by a name: those of `first` in that order, then the others in their own."""
    groups: dict[str, list[Cost]] = defaultdict(list)
    for cost in costs:
        groups[name(cost)].append(cost)
    names = [known for known in dict.fromkeys(first) if known in groups] + sorted(set(groups) - set(first))
    return {each: sum_of(groups[each]) for each in names}


def _phase(cost: Cost) -> str:
    return one_line(cost.phase, 40)


def _service(cost: Cost) -> str:
    return one_line(cost.service, 63) or WHOLE_SYSTEM


def _attempt(cost: Cost) -> str:
    return f"{_service(cost)}, {step_name(cost)}"


def _model(cost: Cost) -> str:
    return one_line(cost.model, 80) or f"({one_line(cost.builder, 60)}, no model named)"


def chain_line(chain: Chain) -> str:
    """Return a chain in one line: `orders: architect ~0.25 USD -> build 1.00 USD = ~1.25 USD`."""
    steps = " -> ".join(map(_link, chain.links))
    whole = sum_of(link.cost for link in chain.links).price
    if whole != "unknown":
        whole = dollars(chain.usd, estimated=chain.estimated)
    return f"{one_line(chain.service, 63) or WHOLE_SYSTEM}: {steps} = {whole}"


def _link(link: Link) -> str:
    return f"{step_name(link.cost)} {_price(link.cost, link.usd, estimated=link.estimated)}"


def cost_lines(costs: Sequence[Cost], *, budget: float | None = None) -> list[str]:
    """Return everything known about what a run cost, as lines of plain text; `budget` is that of the whole run."""
    if not costs:
        return ["Costs: none, no step was paid for."]
    lines = [f"Costs: {headline(costs, budget)}"]
    for title, rows in cost_tables(costs):
        lines += ["", title, *_aligned(rows)]
    lines += ["", "Chains", *(f"  {chain_line(chain)}" for chain in chains(costs))]
    return [*lines, "", EXPLAINED] if any("~" in line for line in lines) else lines


def _aligned(rows: dict[str, Sum]) -> Iterator[str]:
    """Yield rows with their prices below one another."""
    names, prices = max(map(len, rows)), max(len(row.price) for row in rows.values())
    for name, row in rows.items():
        yield f"  {name:<{names}}  {row.price:>{prices}}  {row.details}"


def cost_data(costs: Sequence[Cost]) -> dict[str, Any]:
    """Return the same as plain data."""
    tables = {
        title.lower().replace(" ", "_"): [{"name": name, **_sum_data(row)} for name, row in rows.items()]
        for title, rows in cost_tables(costs)
    }
    return {**_sum_data(sum_of(costs)), **tables, "chains": [_chain_data(chain) for chain in chains(costs)]}


def _sum_data(row: Sum) -> dict[str, Any]:
    return {
        "usd": round(row.usd, 6),
        "estimated": row.estimated,
        "unknown_steps": row.unknown_steps,
        "reserved_usd": round(row.reserved_usd, 6),
        "steps": row.steps,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
    }


def _chain_data(chain: Chain) -> dict[str, Any]:
    links = [
        {
            "step": link.cost.id,
            "name": step_name(link.cost),
            "builder": one_line(link.cost.builder, 128),
            "model": one_line(link.cost.model, 128),
            "usd": round(link.usd, 6),
            "estimated": link.estimated,
            "unknown": link.cost.unknown,
            "shared": link.shared,
        }
        for link in chain.links
    ]
    service = one_line(chain.service, 63)
    return {"service": service, "usd": round(chain.usd, 6), "estimated": chain.estimated, "links": links}
