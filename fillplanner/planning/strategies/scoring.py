"""The score by which the smart and hybrid strategies weigh the next lot; formula of the
wire contract.
"""

from __future__ import annotations

from collections.abc import Callable

from fillplanner.planning.problem import Lot
from fillplanner.planning.strategies.shelf import Opening, Shelf

LOOK_AHEAD_WEIGHT = 0.25
Score = Callable[[Shelf, Opening, Lot], float]


def switch_penalty(opening: Opening, lot: Lot) -> float:
    """The base for staying or switching, times a factor that rises with the used share
    of the window.
    """
    if opening.last is None:
        return 0.0
    knobs = opening.config.tunables
    base = knobs.score_beta if opening.last == lot.lot_type else knobs.score_alpha
    share = min(1.0, opening.used / opening.config.window_hours)
    least = knobs.dynamic_switch_mult_min
    most = knobs.dynamic_switch_mult_max
    return base * (least + (most - least) * share)


def unusable_slack(shelf: Shelf, opening: Opening, lot: Lot) -> float:
    """Hours of the window that nothing still waiting could use after this lot; 0 when
    something could.

    shelf: the lots that wait, this one among them.
    opening: the block that is being filled.
    lot: what would be filled next.
    """
    after = Opening(opening.config, opening.last, opening.used)
    after.add(lot)
    if shelf.something_fits(after, besides=lot):
        return 0.0
    return max(0.0, opening.config.window_hours - after.used)


def choose(
    shelf: Shelf, opening: Opening, score: Score, candidates: list[Lot]
) -> Lot | None:
    """The best candidate by score, the leading few weighed with the best score that
    could follow them.

    shelf: the lots that wait.
    opening: the block that is being filled.
    score: of a lot, in hours; more is better.
    candidates: lots that fit.
    """
    if not candidates:
        return None
    ranked = sorted(
        ((score(shelf, opening, lot), lot) for lot in candidates),
        key=lambda pair: (-pair[0], pair[1].lot_id),
    )
    leading = ranked[: opening.config.tunables.beam_width]
    if len(leading) == 1:
        return leading[0][1]

    def weighed(pair: tuple[float, Lot]) -> float:
        own, lot = pair
        return own + LOOK_AHEAD_WEIGHT * best_after(shelf, opening, score, lot)

    _, best = max(leading, key=weighed)
    return best


def best_after(shelf: Shelf, opening: Opening, score: Score, lot: Lot) -> float:
    """The best score of a lot that could follow; 0 when none fits."""
    after = Opening(opening.config, opening.last, opening.used)
    after.add(lot)
    shelf.take(lot)
    following = shelf.leading(after, 1)
    best = max((score(shelf, after, other) for other in following), default=0.0)
    shelf.put(lot)
    return best
