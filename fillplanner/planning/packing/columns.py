"""Many patterns as columns of a program, one after the other in compressed form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fillplanner.planning.packing.patterns import Pattern

Array = Any


class Columns:
    """Entries of column p are those from `starts[p]` to `starts[p + 1]`: `rows` says
    where they stand, `factors` what they are. Columns are never empty.
    """

    def __init__(
        self, patterns: Sequence[Pattern], counted: Sequence[Sequence[int]]
    ) -> None:
        """Each pattern has its groups as rows, with how many items it holds, and the
        `counted` rows with 1.
        """
        rows: list[int] = []
        factors: list[int] = []
        starts = [0]
        for pattern, counting_rows in zip(patterns, counted, strict=True):
            rows += [group for group, _ in pattern.counts]
            rows += counting_rows
            factors += [times for _, times in pattern.counts]
            factors += [1] * len(counting_rows)
            starts.append(len(rows))
        self.rows = np.array(rows, np.int64)
        self.factors = np.array(factors, float)
        self.starts = np.array(starts, np.int64)

    def column(self, p: int) -> tuple[Array, Array]:
        """Rows and factors of one column."""
        entries = slice(self.starts[p], self.starts[p + 1])
        return self.rows[entries], self.factors[entries]

    def worth(self, duals: Array) -> Array:
        """What each column is worth at these dual values of the rows."""
        return self._sums(duals[self.rows] * self.factors)

    def held(self, groups: int | Sequence[int]) -> Array:
        """How many items of these groups each pattern holds."""
        is_theirs = np.isin(self.rows, groups)
        return self._sums(np.where(is_theirs, self.factors, 0.0))

    def together(self, group: int, other: int) -> Array:
        """Which patterns hold both groups, 1 or 0; of one group, at least two of it."""
        if group == other:
            return (self.held(group) >= 2).astype(float)
        holds_both = (self.held(group) > 0) & (self.held(other) > 0)
        return holds_both.astype(float)

    def _sums(self, entries: Array) -> Array:
        """The sum of each column's entries."""
        return np.add.reduceat(entries, self.starts[:-1])
