"""Giving posts to the variants of a trial by chance, evenly within each stratum."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence


def allot(
    strata: Mapping[str, str], variants: Sequence[str], seed: int
) -> dict[str, str]:
    """Variants by post, from the stratum (such as platform and week) of each post.

    Within a stratum every variant has as many posts as any other, give or take one, and
    every post has the same chance of each. The same seed gives the same.
    """
    members: dict[str, list[str]] = defaultdict(list)
    for post, stratum in sorted(strata.items()):
        members[stratum].append(post)
    variant_of = {}
    for stratum, posts in sorted(members.items()):
        chance = random.Random(f"{seed} {stratum}")
        chance.shuffle(posts)
        for number, post in enumerate(posts):
            if number % len(variants) == 0:
                order = chance.sample(list(variants), len(variants))
            variant_of[post] = order[number % len(variants)]
    return variant_of
