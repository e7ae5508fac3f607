"""Which builder builds a service: the one that it asks for, or the cheapest that has room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from pytest_superteam.builders.base import Tier, platform_of, tier_of
from pytest_superteam.errors import ConfigError
from pytest_superteam.reports.times import moment

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pytest_superteam.builders.base import Builder
    from pytest_superteam.config import Config
    from pytest_superteam.pipeline.fleet.quota import Quotas

__all__ = ["Route", "Router"]

TIERS: tuple[Tier, ...] = get_args(Tier)
"""The cheapest first."""


@dataclass(frozen=True)
class Route:
    """What was chosen for a service and why; where nothing was, when to ask again."""

    builder: Builder | None
    reason: str
    """One line for people."""
    free_at: float | None = None
    """Where no builder was chosen: when the first one has room again, seconds since the epoch; None where never."""


class Router:
    """Chooses builders by the settings and by what the limits of their platforms leave."""

    def __init__(
        self, builders: Sequence[Builder], config: Config, quotas: Quotas, *, sole: Builder | None = None
    ) -> None:
        """Choose among `builders` on offer; of two with one name the last one counts; `sole` is the only choice."""
        self._sole = sole
        self._offered = {builder.name: builder for builder in builders}
        self._config = config
        self._quotas = quotas

    def check(self) -> None:
        """Refuse names of builders that are not on offer.

        Raises:
            ConfigError: one line that names the setting and the choices.
        """
        named = [("builders", name) for name in self._config.builders] or [("builder", self._config.builder)]
        named += [
            (f"services.{service}.builder", setting.builder)
            for service, setting in self._config.services.items()
            if setting.builder is not None
        ]
        for place, name in named:
            if name not in self._offered:
                raise ConfigError(f"{place}: '{name}' is not known. Choose one of {', '.join(sorted(self._offered))}.")

    def candidates(self, service: str) -> tuple[Builder, ...]:
        """Return the builders for a service, the first choice first."""
        if self._sole is not None:
            return (self._sole,)
        names = dict.fromkeys(self._config.builders or (self._config.builder,))
        pool = [self._offered[name] for name in names if name in self._offered]
        pool.sort(key=lambda builder: TIERS.index(self.tier(builder)))  # stable: as the settings name them
        asked = self._offered.get(self._asked(service))
        return tuple(pool) if asked is None else (asked, *(builder for builder in pool if builder is not asked))

    def choose(self, service: str, *, without: Collection[str] = ()) -> Route:
        """Return the first candidate whose platform has room.

        Args:
            service: the name of the service.
            without: names of builders that are out of the question, since they can't work just now.
        """
        candidates = self.candidates(service)
        left = [builder for builder in candidates if builder.name not in without]
        full = []
        for builder in left:
            if self._quotas.room(self.platform(builder)) != 0:
                return Route(builder, self._why(service, builder, candidates))
            full.append(self.platform(builder))
        return self._nothing(full)

    def named(self, name: str) -> Builder | None:
        """Return the builder of a name, where it is on offer."""
        return self._offered.get(name)

    def only(self, builder: Builder) -> Router:
        """Return what chooses that builder whenever it has room, and no other."""
        return Router(tuple(self._offered.values()), self._config, self._quotas, sole=builder)

    def platform(self, builder: Builder) -> str:
        """Return the name under which the limits of a builder are kept."""
        return platform_of(builder)

    def tier(self, builder: Builder) -> Tier:
        """Return the tier of a builder: that of its platform in the settings, or else its own, or else `paid`."""
        platform = self._config.platforms.get(self.platform(builder))
        tier = platform.tier if platform is not None and platform.tier is not None else tier_of(builder)
        return tier if tier in TIERS else "paid"

    def _asked(self, service: str) -> str:
        setting = self._config.services.get(service)
        return (setting.builder or "") if setting is not None else ""

    def _why(self, service: str, builder: Builder, candidates: Sequence[Builder]) -> str:
        if builder.name == self._asked(service):
            return f"{builder.name}: asked for by services.{service}.builder"
        if len(candidates) == 1:
            return f"{builder.name}: the only one"
        passed = [other.name for other in candidates[: candidates.index(builder)]]
        over = f"; {', '.join(passed)} can't start one now" if passed else ""
        return f"{builder.name}: the cheapest with room ({self.tier(builder)}){over}"

    def _nothing(self, full: Sequence[str]) -> Route:
        if not full:
            return Route(None, "no builder is left that could work")
        free = min(self._quotas.free_at(platform) for platform in full)
        names = ", ".join(dict.fromkeys(full))
        if free == float("inf"):
            return Route(None, f"{names}: the limit allows no attempt at all")
        return Route(None, f"{names}: the limit is used up, until {moment(free)}", free)
