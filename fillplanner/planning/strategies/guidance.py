"""What each strategy is good for and how long it takes, for people who choose one. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from fillplanner.planning.strategies import STRATEGIES

EXACT = "milp-opt"
TITLES = {
    "smart-pack": "Smart packing",
    "spt-pack": "Shortest first",
    "lpt-pack": "Longest first",
    "cfs-pack": "Type by type",
    "hybrid-pack": "Balanced",
    EXACT: "Exact optimiser",
}
GOOD_FOR = {
    "smart-pack": "The usual choice: packs in several ways, keeps the shortest plan and mends it.",
    "spt-pack": "A quick look, and small lots out of the door early.",
    "lpt-pack": "Few lots that nearly fill a window: the long ones get their place first.",
    "cfs-pack": "Types that are costly to change between: each is finished before the next begins.",
    "hybrid-pack": "A mix of types all along the plan, with few switches.",
    EXACT: (
        "Plans that must be as short as can be: says how far from the best "
        "possible they are at most."
    ),
}
# Lots of six types and the seconds they took on one core; from there on, time grows
# with the square of the lots.
MEASURED = {
    "smart-pack": (2000, 1.2),
    "spt-pack": (2000, 0.05),
    "lpt-pack": (2000, 0.05),
    "cfs-pack": (2000, 0.05),
    "hybrid-pack": (2000, 0.4),
}


@dataclass(frozen=True)
class Card:
    name: str
    title: str
    good_for: str
    time: str


def cards(lots: int = 500, limit: float = 60.0) -> list[Card]:
    """Every strategy in the order of the product; `limit` is the exact optimiser's time
    in seconds.
    """
    return [
        Card(
            name=strategy.name,
            title=TITLES[strategy.name],
            good_for=GOOD_FOR[strategy.name],
            time=expected(strategy.name, lots, limit),
        )
        for strategy in STRATEGIES
    ]


def expected(strategy: str, lots: int, limit: float = 60.0) -> str:
    """In words, for so many lots; a rough guess, as machines and lots differ.

    strategy: its name.
    lots: how many there are.
    limit: the exact optimiser's time in seconds.
    """
    if strategy == EXACT:
        return f"up to {worded(limit)}"
    many, seconds = MEASURED[strategy]
    guess = seconds * (lots / many) ** 2
    return "about a second" if guess < 2 else f"about {worded(guess)}"


def worded(seconds: float) -> str:
    """A time in words, in the unit that suits it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{round(minutes / 60)} h"
