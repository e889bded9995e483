"""A lower bound on the makespan that holds for every plan."""

from __future__ import annotations

import math

from fillplanner.planning.problem import TOLERANCE, Problem


def lower_bound(problem: Problem) -> float:
    """Hours below which no plan can stay; O(lots + entries of the matrix).

    problem: lots and rules; on one line, and when blocks come does not matter.

    Let s be the least changeover into the same type, d the least between different
    types (in a matrix, over all pairs that occur), m = min(s, d), c the clean and w the
    window. A plan with B blocks of n lots has n - B changeovers, so it lasts at least F
    + B c + (n - B) m with F all fill hours: linear in B. In a block of k lots, fills
    plus (k - 1) m fit into w, so summed over blocks F + n m <= B (w + m): a least
    number of blocks. There are at most n of them. The linear function is least at one
    end of [B_min, n].

    With s <= d, type changes count too. Let T be the sum over blocks of the number of
    types in each. At least T - B changeovers join different types, so the plan lasts at
    least F + s n + (c - d) B + (d - s) T. A type of volume V (its fills plus s each)
    needs at least ceil(V / (w + s)) blocks, so T is at least their sum, and T >= B.
    Minimising over B in [B_min, n] with T = max(B, T_min) is piecewise linear: least at
    B_min, at T_min or at n. The larger of the two bounds is returned.

    Source: the volume bound of bin packing (Martello and Toth, "Knapsack Problems",
    1990, chapter 8), with setups as in Baldacci et al. (arXiv 2509.10075).
    """
    same, different = least_changeovers(problem)
    return max(
        by_blocks(problem, min(same, different)), by_types(problem, same, different)
    )


def least_changeovers(problem: Problem) -> tuple[float, float]:
    """The least hours into the same type, and between different ones, over the types that occur."""
    config = problem.config
    types = set(problem.types)
    same: list[float] = []
    different: list[float] = []
    for source in types & config.changeover_matrix.keys():
        for target, hours in config.changeover_matrix[source].items():
            if target in types:
                (same if target == source else different).append(hours)
    # Pairs that the matrix leaves out have the general hours.
    if len(same) < len(types):
        same.append(config.same_type_changeover_hours)
    if len(different) < len(types) * (len(types) - 1):
        different.append(config.default_changeover_hours)
    return min(same), min(different, default=min(same))


def least_blocks(volume: float, capacity: float) -> int:
    """ceil(volume / capacity), at least 1, forgiving the tolerance that the window has.

    volume: hours that all blocks together hold.
    capacity: hours that one block may hold, more than 0.
    """
    return max(1, math.ceil((volume - TOLERANCE) / (capacity + TOLERANCE)))


def by_blocks(problem: Problem, changeover: float) -> float:
    """The bound in hours by the number of blocks alone, every changeover taking at
    least so many hours.
    """
    count = len(problem.lots)
    fills = problem.fill_hours
    config = problem.config
    fewest = least_blocks(fills + count * changeover, config.window_hours + changeover)

    def beside_fills(blocks: int) -> float:
        return blocks * config.clean_hours + (count - blocks) * changeover

    return fills + min(beside_fills(blocks) for blocks in (min(fewest, count), count))


def by_types(problem: Problem, same: float, different: float) -> float:
    """The bound in hours that counts changes of type too, into the same type taking at
    least `same` hours and into another `different`; 0 where staying is dearer.
    """
    if same > different:
        return 0.0
    count = len(problem.lots)
    fills = problem.fill_hours
    config = problem.config
    visits = least_visits(problem, same)
    # (sum of fills and same) + (different - same) T <= B (w + different), and T >= visits.
    volume = fills + count * same + (different - same) * visits
    fewest = min(count, least_blocks(volume, config.window_hours + different))

    def length(blocks: int) -> float:
        block_hours = (config.clean_hours - different) * blocks
        visit_hours = (different - same) * max(blocks, visits)
        return fills + same * count + block_hours + visit_hours

    return min(length(b) for b in {fewest, min(count, max(fewest, visits)), count})


def least_visits(problem: Problem, same: float) -> int:
    """How many blocks the types need at least, each counted by itself."""
    volumes: dict[str, float] = dict.fromkeys(problem.types, 0.0)
    for lot in problem.lots:
        volumes[lot.lot_type] += lot.fill_hours + same
    capacity = problem.config.window_hours + same
    return sum(least_blocks(volume, capacity) for volume in volumes.values())
