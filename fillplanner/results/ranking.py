"""Which of several results is best, and why, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fillplanner.planning.solve import OPTIMAL
from fillplanner.planning.strategies import (
    STRATEGIES,
    UnknownStrategy,
    resolve_strategy,
)

FEWEST = 2
MOST_DIGITS = 6


class Figures(Protocol):
    """What a result is judged by. Hours, except utilization (percent)."""

    @property
    def makespan(self) -> float:
        """From the first start to the last end, in hours."""

    @property
    def utilization(self) -> float:
        """The share of it in which lots are filled, in percent."""

    @property
    def changeovers(self) -> int:
        """How many there are between blocks and lots."""

    @property
    def window_violations(self) -> int:
        """How many lots miss their target."""

    @property
    def solver_status(self) -> str:
        """Whether it is proven to be best."""


Named = tuple[str, Figures]


def chosen_strategies(names: Sequence[str]) -> list[str]:
    """The strategies' own names in the order asked for.

    Raises ValueError for an unknown one, and for one named twice, be it by an alias.
    """
    own = []
    for name in names:
        try:
            own.append(resolve_strategy(name).name)
        except UnknownStrategy as error:
            known = ", ".join(strategy.name for strategy in STRATEGIES)
            raise ValueError(
                f"Invalid strategy '{name[:60]}'. Known strategies: {known}."
            ) from error
    twice = sorted({name for name in own if own.count(name) > 1}, key=own.index)
    if twice:
        raise ValueError(f"Duplicate strategies: {', '.join(twice)}. Name each once.")
    return own


def score(figures: Figures) -> float:
    """The weighted sum that the first version chose by; less is better."""
    return round(
        10 * figures.makespan - 5 * figures.utilization + figures.changeovers, 6
    )


def key(figures: Figures) -> tuple[int, float, int]:
    """What results are ranked by; less is better."""
    return figures.window_violations, figures.makespan, figures.changeovers


def ranked(results: Sequence[Named]) -> list[Named]:
    """Best first: fewest missed target times, then shortest, then fewest changeovers,
    then as asked for.
    """
    return sorted(results, key=lambda result: key(result[1]))


def recommendation(results: Sequence[Named]) -> str:
    """One plain sentence on the best result and what sets it apart, and whether no plan
    can be shorter. Blank for no results.

    results: names of strategies, and what came of each.
    """
    order = ranked(results)
    if not order:
        return ""
    name, best = order[0]
    sentence = f"{name} is the only strategy with a plan: {plain(best.makespan)} h."
    if len(order) >= FEWEST:
        sentence = difference(order)
    return (
        f"{sentence[:-1]}; it is proven that no plan is shorter."
        if best.solver_status == OPTIMAL
        else sentence
    )


def difference(order: Sequence[Named]) -> str:
    """What the first has over the second."""
    (name, best), (other, after) = order[:2]
    fewer = after.window_violations - best.window_violations
    hours = after.makespan - best.makespan
    if key(best) == key(after):
        equal = [named for named, figures in order if key(figures) == key(best)]
        return (
            f"{', '.join(equal[:-1])} and {equal[-1]} are equally good; {name} was "
            "asked for first."
        )
    if fewer:
        return f"{name} misses {counted(fewer, 'target time')} fewer than the next, {other}."
    if hours:
        percent = 100 * hours / after.makespan
        return f"{name} is {plain(hours)} h ({plain(percent)} %) shorter than the next, {other}."
    spared = counted(after.changeovers - best.changeovers, "changeover")
    return f"{name} is as short as the next, {other}, with {spared} fewer."


def counted(number: int, thing: str) -> str:
    """A number of things, the thing in its plural where it has to be."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def plain(value: float) -> str:
    """With one decimal, or as many as show that it is not nothing."""
    digits = next(
        (digits for digits in range(1, MOST_DIGITS + 1) if round(value, digits)), 1
    )
    return f"{value:,.{digits}f}"
