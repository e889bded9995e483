"""Lots, the filling line's rules, and the two together. All times are hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

TOLERANCE = 1e-9


class ProblemError(ValueError):
    """Lots that the line cannot fill; `errors` names each."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)


@dataclass(frozen=True)
class Lot:
    """Vials of one type, filled in one go. Targets are wishes, in hours from the plan's start."""

    lot_id: str
    lot_type: str
    vials: int
    fill_hours: float
    target_start: float | None = None
    target_end: float | None = None


@dataclass(frozen=True)
class Tunables:
    """Knobs of the strategies, with the meaning and defaults of the wire contract; those after the time limit (seconds)
    are the exact optimiser's: limits that refuse a plan, and a seed and a limit of work that make it repeatable."""

    beam_width: int = 3
    score_alpha: float = 8.0
    score_beta: float = 4.0
    slack_waste_weight: float = 3.0
    streak_bonus: float = 1.0
    dynamic_switch_mult_min: float = 1.0
    dynamic_switch_mult_max: float = 1.5
    cluster_order: str = "by_count"
    within: str = "LPT"
    same_type_bonus: float = 2.0
    spt_weight: float = 0.5
    switch_penalty_mult: float = 1.1
    milp_time_limit: float = 60.0
    max_lots: int | None = None
    max_blocks: int | None = None
    seed: int = 0
    work_limit: int | None = None


@dataclass(frozen=True)
class LineConfig:
    """The rules of one filling line.

    A block begins with a clean; its fills and the changeovers between them last at most the window. The
    changeover matrix (from type, to type, hours) goes before the two general changeover times.
    """

    clean_hours: float = 24.0
    window_hours: float = 120.0
    same_type_changeover_hours: float = 4.0
    default_changeover_hours: float = 8.0
    fill_rate_vph: float = 19_920.0
    changeover_matrix: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    tunables: Tunables = Tunables()

    def changeover_hours(self, source: str, target: str) -> float:
        """Hours between a fill of one type and a fill of another (or the same) in one block."""
        row = self.changeover_matrix.get(source)
        if row is not None and target in row:
            return row[target]
        return self.same_type_changeover_hours if source == target else self.default_changeover_hours

    @property
    def largest_lot_vials(self) -> int:
        return int(self.window_hours * self.fill_rate_vph + TOLERANCE)


@dataclass(frozen=True)
class Problem:
    """Lots to be sequenced on a line. Raises ProblemError for no lots, doubled ids and lots that fit no window."""

    lots: tuple[Lot, ...]
    config: LineConfig

    def __post_init__(self) -> None:
        errors = [] if self.lots else ["No lots provided"]
        limit = self.config.window_hours
        errors += [oversized(lot, self.config) for lot in self.lots if lot.fill_hours > limit + TOLERANCE]
        ids = [lot.lot_id for lot in self.lots]
        if len(set(ids)) < len(ids):
            errors.append(f"Duplicate lot_ids found: {doubled(ids)}")
        if errors:
            raise ProblemError(errors)

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The lot types in order of first appearance."""
        return tuple(dict.fromkeys(lot.lot_type for lot in self.lots))

    @cached_property
    def fill_hours(self) -> float:
        return sum(lot.fill_hours for lot in self.lots)


def oversized(lot: Lot, config: LineConfig) -> str:
    """What to say of a lot that no window can hold."""
    return (
        f"{lot.lot_id}: {lot.fill_hours:g} fill hours do not fit into the window of {config.window_hours:g} hours "
        f"(at most {config.largest_lot_vials} vials a lot)"
    )


def doubled(ids: Sequence[str]) -> list[str]:
    """The ids that occur more than once, in order of first appearance."""
    counts: dict[str, int] = {}
    for lot_id in ids:
        counts[lot_id] = counts.get(lot_id, 0) + 1
    return [lot_id for lot_id, count in counts.items() if count > 1]
