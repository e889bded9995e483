"""Where covering rows of three groups, taken by half and rounded up, cut a solution off.

These are Chvatal-Gomory cuts of rank one; as subset-row cuts they were brought to column
generation by Jepsen, Petersen, Spoorendonk and Pisinger (Operations Research 56, 2008).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from fillplanner.planning.packing.patterns import Groups

MOST_TRIOS = 20_000
VIOLATED = 0.03
# From how often on two groups count as being in one bin.
TOGETHER = 0.01
Array = Any
# The numbers of three groups, ascending.
Trio = tuple[int, ...]


class Usage(NamedTuple):
    """A solution's patterns in use: `held[p, g]` is how many items of group g pattern p
    holds, `values[p]` how often the pattern is used.
    """

    held: Array
    values: Array

    def lack(self, trio: Trio, side: int) -> float:
        """By how much the patterns' halves of the three groups, rounded up, are below a side.

        trio: the numbers of the groups.
        side: what their cut asks for.
        """
        halves = np.ceil(self.held[:, trio].sum(axis=1) / 2)
        return side - float(halves @ self.values)


class Coverage(NamedTuple):
    """How much each group is covered (g), and each pair of groups by one pattern (g, g);
    `odd` says of which groups an odd number of items is wanted (g).
    """

    cover: Array
    pair: Array
    odd: Array


def side_of(trio: Trio, groups: Groups) -> int:
    """Half of the demand of three groups, rounded up: what their cut asks for."""
    return math.ceil(sum(groups.demand[g] for g in trio) / 2)


def coverage(usage: Usage, odd: Array) -> Coverage:
    """What the patterns in use cover."""
    holds = (usage.held > 0).astype(float)
    weighed = holds.T * usage.values
    pair = weighed @ holds
    np.fill_diagonal(pair, 0.0)
    return Coverage(weighed.sum(axis=1), pair, odd)


def promising_trios(usage: Usage, odd: Array) -> list[Trio]:
    """Triples of groups that the patterns in use cover too seldom, the worst first.

    odd: of which groups an odd number of items is wanted (g).
    """
    trios, lacks = triples(coverage(usage, odd), MOST_TRIOS)
    worst_first = np.argsort(-lacks, kind="stable")
    return [tuple(trio) for trio in np.sort(trios[worst_first], axis=1).tolist()]


def triples(covered: Coverage, most: int) -> tuple[Array, Array]:
    """Triples of groups that pairs of them cover too often to cover all three.

    most: how many come back at most.
    Returns a row for each triple, and by how much each is covered too seldom.
    """
    trios = []
    lacks = []
    number = 0
    for i in range(len(covered.cover)):
        trio, lack = triples_of(i, covered)
        trios.append(trio)
        lacks.append(lack)
        number += len(trio)
        if number >= most:
            break
    return np.concatenate(trios)[:most], np.concatenate(lacks)[:most]


def triples_of(i: int, covered: Coverage) -> tuple[Array, Array]:
    """The triples of group i with a group before it and any third one: a row for each,
    and by how much each is covered too seldom.
    """
    cover, pair, odd = covered
    partners = np.flatnonzero(pair[i, :i] >= TOGETHER)
    # A row for each partner, a column for each third group.
    partner = partners[:, None]
    covered_once = cover[i] + cover[partner] + cover
    lack = 2.0 - (covered_once - pair[i, partner] - pair[i] - pair[partners])
    is_uneven = odd[i] ^ odd[partner] ^ odd
    is_new = is_first_pair(i, partners, pair)
    rows, others = np.nonzero((lack > VIOLATED) & is_new & is_uneven)
    trio = np.stack([np.full(len(rows), i), partners[rows], others], axis=1)
    return trio, lack[rows, others]


def is_first_pair(i: int, partners: Array, pair: Array) -> Array:
    """Whether group i and its partner (rows) are the pair of a triple with a third group
    (columns) that is looked at first, and the third group is another.

    partners: numbers of groups before i (p).
    pair: how much each pair of groups is covered by one pattern (g, g).
    Returns booleans (p, g).
    """
    places = np.arange(len(pair))
    partner = partners[:, None]
    later_by_i = (pair[i] > TOGETHER) & (places > partner)
    later_by_partner = (pair[partners] > TOGETHER) & (places > i)
    is_other = (places != i) & (places != partner)
    return is_other & ~later_by_i & ~later_by_partner
