"""Giving posts to the variants of a trial by chance, evenly within each stratum."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from common.grouping import grouped


def allot(
    strata: Mapping[str, str], variants: Sequence[str], seed: int
) -> dict[str, str]:
    """Variants by post: permuted blocks, drawn anew for each stratum.

    Within a stratum every variant has as many posts as any other, give or take one, and
    every post has the same chance of each.

    strata: the stratum (such as platform and week) of each post.
    variants: their names, at least one.
    seed: the same seed gives the same.
    """
    variant_of: dict[str, str] = {}
    for stratum, posts in sorted(members_of(strata).items()):
        chance = random.Random(f"{seed} {stratum}")
        chance.shuffle(posts)
        variant_of |= zip(posts, permuted_blocks(variants, chance), strict=False)
    return variant_of


def members_of(strata: Mapping[str, str]) -> dict[str, list[str]]:
    """The posts of each stratum, sorted."""
    return grouped((stratum, post) for post, stratum in sorted(strata.items()))


def permuted_blocks(variants: Sequence[str], chance: random.Random) -> Iterator[str]:
    """All variants in an order of chance, again and again without an end."""
    while True:
        yield from chance.sample(list(variants), len(variants))
