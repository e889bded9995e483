"""What is different between two versions of a plan: lots, rules, figures. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fillplanner.planning.problem import LineConfig, Tunables
from fillplanner.planning.rules import SWITCHES, to_wire

LOT_FIELDS = {
    "lot_type": "type",
    "vials": "vials",
    "fill_hours": "fill hours",
    "target_start": "target start (h)",
    "target_end": "target end (h)",
    "priority": "priority",
}
# Name, where to find it, whether less is better (None: neither), and its unit.
FIGURES = (
    ("Makespan", "makespan", True, "h"),
    ("Utilization", "utilization", False, "%"),
    ("Changeovers", "changeovers", True, ""),
    ("Missed times", "window_violations", True, ""),
    ("Lots", "lots_scheduled", None, ""),
    ("Lower bound", "lower_bound", None, "h"),
    ("Over the bound", "gap_percent", True, "%"),
    ("Runtime", "runtime_seconds", None, "s"),
)
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Change:
    """`before` or `after` is None where there was, or is, nothing."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Figure:
    name: str
    before: float
    after: float
    unit: str
    better: bool | None

    @property
    def delta(self) -> float:
        return round(self.after - self.before, 6)


@dataclass(frozen=True)
class Differences:
    added: list[str]
    removed: list[str]
    changed: list[Change]
    rules: list[Change]
    figures: list[Figure]

    @property
    def same_lots(self) -> bool:
        return not (self.added or self.removed or self.changed)


def lots_changed(before: Rows, after: Rows) -> Iterator[Change]:
    """Fields of lots that are in both."""
    old = {lot["lot_id"]: lot for lot in before}
    for lot in after:
        was = old.get(lot["lot_id"])
        for field, name in LOT_FIELDS.items() if was is not None else ():
            if was is not None and was.get(field) != lot.get(field):
                yield Change(f"{lot['lot_id']}, {name}", was.get(field), lot.get(field))


def rules_changed(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    """Rules by name, a changeover of the matrix each; what neither names has its usual
    value in both.
    """
    old, new, plain = flat(before), flat(after), LineConfig()
    usual = (
        flat(to_wire(plain))
        | vars(Tunables())
        | {name: getattr(plain, name) for name in SWITCHES}
    )
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name, usual.get(name)), new.get(name, usual.get(name))
        if was != now:
            yield Change(name, was, now)


def flat(config: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in config.items():
        if name == "changeover_matrix":
            made |= {
                f"Changeover {a} → {b} (h)": hours
                for a, row in value.items()
                for b, hours in row.items()
            }
        else:
            made[name] = value
    return made


def figures_of(before: Any, after: Any, judged: bool) -> list[Figure]:
    """Of two results, objects with the figures' names; none where one has no result.
    Better and worse are told only if `judged`: shorter with fewer lots is neither.
    """
    if before is None or after is None:
        return []
    made = []
    for name, key, less, unit in FIGURES:
        was, now = getattr(before, key), getattr(after, key)
        better = (
            None if less is None or was == now or not judged else (now < was) == less
        )
        made.append(Figure(name, was, now, unit, better))
    return made


def differences(before: Any, after: Any, results: tuple[Any, Any]) -> Differences:
    """Of two plans, objects with lots, config, strategy and start_time; `results` are
    theirs, or None.
    """
    old, new = (
        {lot["lot_id"] for lot in before.lots},
        {lot["lot_id"] for lot in after.lots},
    )
    own = [("Strategy", "strategy"), ("Start", "start_time")]
    plain = [
        Change(name, shown(getattr(before, key)), shown(getattr(after, key)))
        for name, key in own
    ]
    rules = [change for change in plain if change.before != change.after]
    changed = list(lots_changed(before.lots, after.lots))
    return Differences(
        [lot["lot_id"] for lot in after.lots if lot["lot_id"] not in old],
        [lot["lot_id"] for lot in before.lots if lot["lot_id"] not in new],
        changed,
        [*rules, *rules_changed(before.config, after.config)],
        figures_of(*results, judged=old == new and not changed),
    )


def shown(value: Any) -> Any:
    """A start to the minute, as the form has it."""
    return (
        value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value
    )
