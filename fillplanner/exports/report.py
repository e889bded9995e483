"""What the readable formats tell of a plan: the same facts in the same words, whoever made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.mappings import Record
from fillplanner.models import Plan
from fillplanner.rules.rule_words import RULE_NAMES, rule_text
from fillplanner.wire import result_body

Fact = tuple[str, Any]
KINDS = ("fill", "clean", "changeover")


@dataclass(frozen=True)
class Report:
    """A finished plan: `result` is as the wire has it, `start` aware; `number` is None
    for one outside the database.
    """

    name: str
    strategy: str
    start: datetime
    config: Record
    result: Record
    number: int | None = None
    created: datetime | None = None
    completed: datetime | None = None

    @property
    def activities(self) -> Sequence[Record]:
        """As the wire has them, in hours from the plan's start."""
        rows: Sequence[Record] = self.result["activities"]
        return rows

    def at(self, hours: float) -> datetime:
        """The moment so many hours after the plan's start."""
        return self.start + timedelta(hours=hours)

    def hours(self, kind: str) -> float:
        """What one kind of activity takes together."""
        return float(
            sum(row["duration_hours"] for row in self.activities if row["kind"] == kind)
        )

    def figures(self) -> list[Fact]:
        """Every figure under its name, hours and percents as numbers."""
        result = self.result
        return [
            ("Makespan (h)", result["makespan"]),
            ("Lower bound (h)", result["lower_bound"]),
            ("Gap (%)", result["gap_percent"]),
            ("Utilization (%)", result["utilization"]),
            *(
                (name, value)
                for name, value in result["kpis"].items()
                if name != "Makespan (h)"
            ),
            ("Changeovers", result["changeovers"]),
            ("Window violations", result["window_violations"]),
            ("Solver", result["solver"]),
            ("Solver status", result["solver_status"]),
            ("Runtime (s)", result["runtime_seconds"]),
        ]

    def facts(self) -> list[Fact]:
        """What the plan is, before its figures."""
        facts: list[Fact] = [
            ("Plan", self.name),
            ("Strategy", self.strategy),
            ("Starts (UTC)", self.start),
        ]
        facts += [("Number", self.number)] if self.number is not None else []
        times = [("Created (UTC)", self.created), ("Completed (UTC)", self.completed)]
        return facts + [(name, moment) for name, moment in times if moment]

    def rules(self) -> Iterator[Fact]:
        """The rules of the line, a changeover of the matrix a line each; those with
        parts in words.
        """
        for name, value in self.config.items():
            if name == "changeover_matrix":
                for source, row in value.items():
                    yield from (
                        (f"Changeover {source} → {target} (h)", hours)
                        for target, hours in row.items()
                    )
            else:
                whole = isinstance(value, int | float | str) and not isinstance(
                    value, bool
                )
                yield (
                    RULE_NAMES.get(name, name),
                    value if whole else rule_text(value, name),
                )


def report_of(plan: Plan) -> Report:
    """The report of a completed plan with its result."""
    return Report(
        name=plan.name,
        strategy=plan.strategy,
        start=plan.start_time,
        config=plan.config,
        result=result_body(plan.result),
        number=plan.pk,
        created=plan.created_at,
        completed=plan.ended_at,
    )


def worded(value: Any) -> str:
    """A figure as people read it: two decimals, thousands apart, times to the minute."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return (
        f"{value:,}"
        if isinstance(value, int) and not isinstance(value, bool)
        else str(value)
    )
