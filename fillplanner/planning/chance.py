"""Chance for kernels: the same numbers for a seed whether they are compiled or not."""

from __future__ import annotations

import numpy as np

from fillplanner.planning.kernels import part

SEEDS = 2**32


@part
def draw(n):  # type: ignore[no-untyped-def]  # compiled
    """A number below n. numpy and numba agree on chances from 0 to 1 for a seed, on
    whole numbers they may not.
    """
    return int(np.random.random() * n)
