"""Lots, the filling line's rules, and the two together. All times are hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from math import inf

from fillplanner.planning.calendar import Calendar, Interval

TOLERANCE = 1e-9
# How far ahead a calendar is looked at: so many times the work, and a year, but not for ever.
CALENDAR_TIMES = 4
CALENDAR_MORE = 8_760.0
MOST_CALENDAR_HOURS = 1_000_000.0
# Of the time limit, what packing may take where putting blocks in time is still to come.
PACKING_SHARE = 0.3
PRIORITIES = {"high": 3.0, "medium": 2.0, "low": 1.0}


class ProblemError(ValueError):
    """Lots that the line cannot fill.

    errors: what is wrong, in words.
    frozen: those of a frozen block, by its number from 0.
    """

    def __init__(
        self, errors: Sequence[str], frozen: Sequence[tuple[int, str]] = ()
    ) -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)
        self.frozen = list(frozen)


@dataclass(frozen=True)
class Lot:
    """Vials of one type, filled in one go.

    fill_hours: how long that takes.
    target_start, target_end: wishes, in hours from the plan's start.
    priority: one of the rules' priority levels.
    """

    lot_id: str
    lot_type: str
    vials: int
    fill_hours: float
    target_start: float | None = None
    target_end: float | None = None
    priority: str | None = None

    @property
    def wished(self) -> bool:
        """Whether the lot has a target."""
        return self.target_start is not None or self.target_end is not None


@dataclass(frozen=True)
class Tunables:
    """Knobs of the strategies, with the meaning and defaults of the wire contract;
    those after the time limit (seconds) are the exact optimiser's: limits that refuse a
    plan, and a seed and a limit of work that make it repeatable.
    """

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

    A block begins with a clean; its fills and the changeovers between them last at most
    the window. The changeover matrix (from type, to type, hours) goes before the two
    general changeover times. Blocks are divided among equal lines; a block, clean
    included, is not interrupted by hours that the calendar blocks. A line may stand
    idle before a clean only where that or `allow_waiting` is the reason. Frozen blocks,
    ids of their lots, come first and as they are.
    """

    clean_hours: float = 24.0
    window_hours: float = 120.0
    same_type_changeover_hours: float = 4.0
    default_changeover_hours: float = 8.0
    fill_rate_vph: float = 19_920.0
    changeover_matrix: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    tunables: Tunables = Tunables()
    lines: int = 1
    allow_waiting: bool = False
    calendar: Calendar | None = None
    frozen_blocks: tuple[tuple[str, ...], ...] = ()
    priority_levels: Mapping[str, float] = field(
        default_factory=lambda: dict(PRIORITIES)
    )

    def weight_of(self, lot: Lot) -> float:
        """What an hour that the lot is done earlier is worth beside one of another; 0
        without a priority.
        """
        return self.priority_levels.get(lot.priority, 0.0) if lot.priority else 0.0

    def changeover_hours(self, source: str, target: str) -> float:
        """Hours between a fill of one type and a fill of another (or the same) in one block."""
        row = self.changeover_matrix.get(source)
        if row is not None and target in row:
            return row[target]
        if source == target:
            return self.same_type_changeover_hours
        return self.default_changeover_hours

    @property
    def dearest_changeover(self) -> float:
        """Hours of the longest changeover there is."""
        return max(
            self.same_type_changeover_hours,
            self.default_changeover_hours,
            *(
                hours
                for row in self.changeover_matrix.values()
                for hours in row.values()
            ),
            0.0,
        )

    @property
    def largest_lot_vials(self) -> int:
        """How many vials fit into a window."""
        return int(self.window_hours * self.fill_rate_vph + TOLERANCE)


@dataclass(frozen=True)
class Problem:
    """Lots to be sequenced.

    lots: at least one, of different ids.
    config: the line's rules.
    start: aware; a calendar needs it.
    Raises ProblemError for no lots, doubled ids, lots that fit no window or no stretch
    between blocked hours, and frozen blocks that cannot be.
    """

    lots: tuple[Lot, ...]
    config: LineConfig
    start: datetime | None = None

    def __post_init__(self) -> None:
        errors = self._lot_faults()
        if errors:
            raise ProblemError(errors)
        errors = self._stretch_faults()
        frozen = list(self._frozen_faults())
        if errors or frozen:
            raise ProblemError([*errors, *(text for _, text in frozen)], frozen)

    def _lot_faults(self) -> list[str]:
        """What is wrong with the lots, whatever the calendar."""
        errors = [] if self.lots else ["No lots provided"]
        errors += [
            oversized(lot, self.config)
            for lot in self.lots
            if lot.fill_hours > self.config.window_hours + TOLERANCE
        ]
        twice = doubled([lot.lot_id for lot in self.lots])
        if twice:
            errors.append(f"Duplicate lot_ids found: {twice}")
        return errors

    def _stretch_faults(self) -> list[str]:
        """Which lots find no stretch between blocked hours that is long enough."""
        most = f"at most {max(0.0, self.window_hours):g} fill hours do"
        return [
            f"{lot.lot_id}: with its clean the fill does not fit between blocked hours "
            f"({most})"
            for lot in self.lots
            if lot.fill_hours > self.window_hours + TOLERANCE
        ]

    def _frozen_faults(self) -> Iterator[tuple[int, str]]:
        """What is wrong with frozen blocks, each by its number."""
        lots = {lot.lot_id: lot for lot in self.lots}
        before: set[str] = set()
        for number, block in enumerate(self.config.frozen_blocks):
            faults = [
                f"frozen_blocks names {lot_id}, which is not among the lots"
                for lot_id in block
                if lot_id not in lots
            ]
            faults += [
                f"frozen_blocks names {lot_id} more than once"
                for lot_id in dict.fromkeys(block)
                if lot_id in before or block.count(lot_id) > 1
            ]
            before |= set(block)
            if not faults:
                faults = self._too_long([lots[lot_id] for lot_id in block])
            yield from ((number, text) for text in faults)

    def _too_long(self, block: Sequence[Lot]) -> list[str]:
        """What to say of a frozen block that is longer than the window; else nothing."""
        hours = self.block_hours(block)
        if hours <= self.window_hours + TOLERANCE:
            return []
        window = f"longer than the window of {max(0.0, self.window_hours):g}"
        first = block[0].lot_id
        return [f"the frozen block of {first} lasts {hours:g} hours: {window}"]

    def block_hours(self, lots: Sequence[Lot]) -> float:
        """Fills and changeovers of lots in this order."""
        changeovers = sum(
            self.config.changeover_hours(before.lot_type, lot.lot_type)
            for before, lot in pairwise(lots)
        )
        return sum(lot.fill_hours for lot in lots) + changeovers

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The lot types in order of first appearance."""
        return tuple(dict.fromkeys(lot.lot_type for lot in self.lots))

    @cached_property
    def fill_hours(self) -> float:
        """Of all lots together."""
        return sum(lot.fill_hours for lot in self.lots)

    @cached_property
    def blocked(self) -> tuple[Interval, ...]:
        """Hours in which the line stands still, for as long as any plan that wastes
        little may last.
        """
        config = self.config
        if config.calendar is None or self.start is None:
            return ()
        clean = config.clean_hours
        change = config.dearest_changeover
        work = sum(lot.fill_hours + clean + change for lot in self.lots)
        hours = min(MOST_CALENDAR_HOURS, CALENDAR_TIMES * work + CALENDAR_MORE)
        return config.calendar.blocked(self.start, hours)

    @cached_property
    def window_hours(self) -> float:
        """The window, or less where blocked hours leave no stretch that is long enough
        for it and its clean.
        """
        config = self.config
        if config.calendar is None or not config.calendar.recurring:
            return config.window_hours
        ends = [0.0, *(end for _, end in self.blocked)]
        stretches = (
            begin - end for end, (begin, _) in zip(ends, self.blocked, strict=False)
        )
        longest = max(stretches, default=inf)
        return min(config.window_hours, longest - config.clean_hours)

    @cached_property
    def frozen(self) -> tuple[tuple[Lot, ...], ...]:
        """The lots of frozen blocks."""
        lots = {lot.lot_id: lot for lot in self.lots}
        return tuple(
            tuple(lots[lot_id] for lot_id in block)
            for block in self.config.frozen_blocks
        )

    @property
    def timed(self) -> bool:
        """Whether it matters when a block comes, not only what is in it."""
        config = self.config
        return (
            any(lot.wished for lot in self.lots)
            or any(config.weight_of(lot) for lot in self.lots)
            or config.lines > 1
            or bool(self.blocked)
            or bool(self.frozen)
        )

    def packing(self) -> Problem | None:
        """The lots that are not frozen, on one line, when they come being no matter;
        None when there are none.
        """
        fixed = {lot.lot_id for block in self.frozen for lot in block}
        free = tuple(lot for lot in self.lots if lot.lot_id not in fixed)
        if not free:
            return None
        knobs = self.config.tunables
        if self.timed:
            seconds = knobs.milp_time_limit * PACKING_SHARE
            knobs = replace(knobs, milp_time_limit=seconds)
        config = replace(
            self.config,
            window_hours=self.window_hours,
            frozen_blocks=(),
            calendar=None,
            lines=1,
            tunables=knobs,
        )
        return Problem(free, config)


def oversized(lot: Lot, config: LineConfig) -> str:
    """What to say of a lot that no window can hold."""
    return (
        f"{lot.lot_id}: {lot.fill_hours:g} fill hours do not fit into the "
        f"window of {config.window_hours:g} hours "
        f"(at most {config.largest_lot_vials} vials a lot)"
    )


def doubled(ids: Sequence[str]) -> list[str]:
    """The ids that occur more than once, in order of first appearance."""
    counts: dict[str, int] = {}
    for lot_id in ids:
        counts[lot_id] = counts.get(lot_id, 0) + 1
    return [lot_id for lot_id, count in counts.items() if count > 1]
