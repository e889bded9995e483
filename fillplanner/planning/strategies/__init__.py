"""The strategies by name: `resolve_strategy` is how the rest reaches them."""

from __future__ import annotations

from fillplanner.planning.strategies import cfs, hybrid, lpt, milp, smart, spt
from fillplanner.planning.strategies.base import Strategy

STRATEGIES: tuple[Strategy, ...] = (
    smart.STRATEGY,
    spt.STRATEGY,
    lpt.STRATEGY,
    cfs.STRATEGY,
    hybrid.STRATEGY,
    milp.STRATEGY,
)
BY_NAME = {
    name: strategy
    for strategy in STRATEGIES
    for name in (strategy.name, *strategy.aliases)
}
DEFAULT = smart.STRATEGY.name


class UnknownStrategy(ValueError):
    """A strategy that is not there; the text lists those that are."""


def resolve_strategy(name: str) -> Strategy:
    """The strategy called by name or alias, whatever the case. Raises UnknownStrategy."""
    strategy = BY_NAME.get(name.strip().lower().replace("_", "-"))
    if strategy is None:
        known = ", ".join(known.name for known in STRATEGIES)
        raise UnknownStrategy(
            f"Strategy '{name}' not found. Known strategies: {known}."
        )
    return strategy
