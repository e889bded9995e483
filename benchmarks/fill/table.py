"""The table of targets: what each group of problems reaches, as JSON lines and as
Markdown.

`python -m benchmarks.fill` runs everything; `python -m benchmarks.fill small middle`
only these groups, and `--out FOLDER` also writes `table.json` and `table.md`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import mean

from benchmarks.figures import say
from benchmarks.fill.families import (
    SIZES,
    Case,
    matrices,
    shapes,
    uniform_rule,
    windows,
)
from fillplanner.planning.problem import Tunables
from fillplanner.planning.solve import solve

ALL = tuple(SIZES)
USUAL = ("realistic", "uniform", "half", "quarter", "bimodal", "rounded")
HEURISTICS = ("smart-pack", "spt-pack", "lpt-pack", "cfs-pack", "hybrid-pack")


@dataclass
class Row:
    """A group's figures: gaps in percent of the proven bound, seconds by problem."""

    group: str
    strategy: str
    gaps: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    optimal: int = 0
    free_of_violations: int = 0

    @property
    def figures(self) -> dict[str, float | int | str]:
        return {
            "group": self.group,
            "strategy": self.strategy,
            "problems": len(self.gaps),
            "proven_optimal": self.optimal,
            "mean_gap_percent": round(mean(self.gaps), 4),
            "worst_gap_percent": round(max(self.gaps), 4),
            "mean_seconds": round(mean(self.seconds), 2),
            "worst_seconds": round(max(self.seconds), 2),
            "no_violations": self.free_of_violations,
        }


def run(group: str, strategy: str, cases: Iterable[Case]) -> Row:
    row = Row(group, strategy)
    for case in cases:
        begun = time.perf_counter()
        result = solve(case.problem, strategy)
        row.seconds.append(time.perf_counter() - begun)
        row.gaps.append(result.gap_percent)
        row.optimal += result.solver_status == "optimal"
        row.free_of_violations += result.to_wire()["window_violations"] == 0
    say("fill", **row.figures)
    return row


def knobs(seconds: float) -> Tunables:
    return Tunables(milp_time_limit=seconds)


def groups() -> dict[str, list[tuple[str, Iterable[Case]]]]:
    """Each group's strategies with the problems they get."""
    heuristic = {
        name: list(uniform_rule((30, 100, 500), knobs(1), 2, ALL))
        for name in HEURISTICS
    }
    return {
        "small": [("milp-opt", uniform_rule((8, 12, 20, 30), knobs(5), 2, ALL))],
        "middle": [("milp-opt", uniform_rule((50, 100, 200), knobs(20), 1, ALL))],
        "large": [("milp-opt", uniform_rule((500, 1000), knobs(30), 1, USUAL))],
        "huge": [
            ("milp-opt", uniform_rule((5000,), knobs(60), 1, ("realistic", "uniform")))
        ],
        "matrix": [("milp-opt", matrices((12, 30, 60), knobs(60), 1))],
        "windows": [("milp-opt", windows((12, 30, 60, 100), knobs(30), 2))],
        "heuristics": list(heuristic.items()),
        "heuristics-5000": [
            (name, uniform_rule((5000,), knobs(1), 1, ("realistic", "uniform")))
            for name in HEURISTICS
        ],
        "shapes-2000": [(name, shapes(2000)) for name in HEURISTICS],
    }


def markdown(rows: list[Row]) -> str:
    names = list(rows[0].figures)
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += [
        "| " + " | ".join(str(row.figures[name]) for name in names) + " |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"
