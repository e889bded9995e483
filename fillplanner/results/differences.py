"""What is different between two versions of a plan: lots, rules, figures. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.mappings import JsonObject, Record
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
Rows = Sequence[Record]


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
        """By how much it grew."""
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
        """Whether both are plans of the same lots."""
        return not (self.added or self.removed or self.changed)


def lots_changed(before: Rows, after: Rows) -> Iterator[Change]:
    """Fields of lots that are in both."""
    old = {lot["lot_id"]: lot for lot in before}
    for lot in after:
        lot_id = lot["lot_id"]
        if lot_id not in old:
            continue
        for field, name in LOT_FIELDS.items():
            was = old[lot_id].get(field)
            now = lot.get(field)
            if was != now:
                yield Change(f"{lot_id}, {name}", was, now)


def rules_changed(before: Record, after: Record) -> Iterator[Change]:
    """Rules by name, a changeover of the matrix each; what neither names has its usual
    value in both.
    """
    old = flat(before)
    new = flat(after)
    usual = usual_rules()
    for name in dict.fromkeys([*old, *new]):
        plain = usual.get(name)
        was = old.get(name, plain)
        now = new.get(name, plain)
        if was != now:
            yield Change(name, was, now)


def usual_rules() -> JsonObject:
    """Every rule with the value that it has where nobody names it."""
    plain = LineConfig()
    switches = {name: getattr(plain, name) for name in SWITCHES}
    return flat(to_wire(plain)) | vars(Tunables()) | switches


def flat(config: Record) -> JsonObject:
    """The rules, each changeover of the matrix under a name of its own."""
    rules: JsonObject = {}
    for name, value in config.items():
        if name != "changeover_matrix":
            rules[name] = value
            continue
        for source, row in value.items():
            for target, hours in row.items():
                rules[f"Changeover {source} → {target} (h)"] = hours
    return rules


def figures_of(before: Any, after: Any, judged: bool) -> list[Figure]:
    """Of two results, objects with the figures' names; none where one has no result.
    Better and worse are told only if `judged`: shorter with fewer lots is neither.
    """
    if before is None or after is None:
        return []
    figures = []
    for name, key, less, unit in FIGURES:
        was = getattr(before, key)
        now = getattr(after, key)
        better = None
        if less is not None and was != now and judged:
            better = (now < was) == less
        figures.append(
            Figure(
                name=name,
                before=was,
                after=now,
                unit=unit,
                better=better,
            )
        )
    return figures


def differences(before: Any, after: Any, results: tuple[Any, Any]) -> Differences:
    """Of two plans, objects with lots, config, strategy and start_time; `results` are
    theirs, or None.

    before, after: the plans.
    results: of both, None for one that has none.
    """
    old = [lot["lot_id"] for lot in before.lots]
    new = [lot["lot_id"] for lot in after.lots]
    changed = list(lots_changed(before.lots, after.lots))
    same_lots = set(old) == set(new) and not changed
    rules = [*own_changed(before, after), *rules_changed(before.config, after.config)]
    return Differences(
        added=[lot_id for lot_id in new if lot_id not in set(old)],
        removed=[lot_id for lot_id in old if lot_id not in set(new)],
        changed=changed,
        rules=rules,
        figures=figures_of(*results, judged=same_lots),
    )


def own_changed(before: Any, after: Any) -> Iterator[Change]:
    """What a plan has beside lots and rules."""
    for name, key in (("Strategy", "strategy"), ("Start", "start_time")):
        was = shown(getattr(before, key))
        now = shown(getattr(after, key))
        if was != now:
            yield Change(name, was, now)


def shown(value: Any) -> Any:
    """A start to the minute, as the form has it."""
    if isinstance(value, datetime):
        return value.replace(second=0, microsecond=0)
    return value
