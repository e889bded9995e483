"""Compare strategies on lots from a file, without database or worker."""

from __future__ import annotations

import csv
import io
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.mappings import JsonObject, Record
from fillplanner.management.reading import (
    INPUT_HELP,
    SHEET_HELP,
    as_json,
    source,
    write,
)
from fillplanner.planning.kernels import COMPILE_HINT
from fillplanner.planning.problem import Problem, ProblemError
from fillplanner.planning.solve import InvalidPlan, solve, would_profit
from fillplanner.planning.strategies import STRATEGIES
from fillplanner.results.ranking import (
    FEWEST,
    chosen_strategies,
    key,
    ranked,
    recommendation,
    score,
)

OUTPUTS = {".json", ".csv"}
OUTPUT_HELP = "a .json for every result with its activities, or a .csv for the table"
COLUMNS = (
    "makespan",
    "utilization",
    "changeovers",
    "lots_scheduled",
    "window_violations",
    "lower_bound",
    "gap_percent",
    "solver_status",
    "score",
    "execution_time",
)


@dataclass(frozen=True)
class SolvedFigures:
    """A strategy's figures, as a comparison has them; the whole result is in `wire`."""

    makespan: float
    utilization: float
    changeovers: int
    window_violations: int
    solver_status: str
    wire: Record


SORTS: dict[str, Callable[[SolvedFigures], Any]] = {
    "makespan": lambda row: row.makespan,
    "utilization": lambda row: -row.utilization,
    "changeovers": lambda row: row.changeovers,
    "violations": lambda row: row.window_violations,
}


class Command(BaseCommand):
    help = (
        "Sequence the lots of a file by several strategies, print the figures side "
        "by side and say which is best."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("input", type=Path, help=INPUT_HELP)
        parser.add_argument("--sheet", default="", help=SHEET_HELP)
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--strategy",
            nargs="+",
            action="extend",
            metavar="NAME",
            help="two or more; default all",
        )
        which.add_argument("--all", action="store_true", help="every strategy")
        parser.add_argument(
            "--sort-by", choices=sorted(SORTS), help="default: best first"
        )
        parser.add_argument(
            "--time-limit", type=float, help="seconds, for each strategy"
        )
        parser.add_argument("--config", type=Path, help="a .json with the line's rules")
        parser.add_argument("--output", type=Path, help=OUTPUT_HELP)

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        if output and output.suffix.lower() not in OUTPUTS:
            raise CommandError("--output must end in .json or .csv.")
        names = strategies(options["strategy"])
        problem = source(
            self, options["input"], options["config"], options["sheet"]
        ).problem
        if would_profit(problem, names):
            self.stderr.write(COMPILE_HINT)
        results, failed = self.plan_all(problem, names, options["time_limit"])
        if not results:
            raise CommandError("No strategy could make a plan.")
        order = sorted(results, key=sorter(options["sort_by"]))
        self.show(order, failed)
        advice = recommendation(results)
        self.stdout.write(advice)
        if output:
            best = {"best_strategy": ranked(results)[0][0], "recommendation": advice}
            data = (
                table(order)
                if output.suffix.lower() == ".csv"
                else as_json(best | document(order, failed))
            )
            write(self, output, data)

    def plan_all(
        self, problem: Problem, names: Sequence[str], time_limit: float | None
    ) -> tuple[list[tuple[str, SolvedFigures]], dict[str, str]]:
        """Results in the order asked for, and why others have none."""
        results = []
        failed = {}
        for name in names:
            try:
                results.append(
                    (
                        name,
                        figures(solve(problem, name, time_limit=time_limit).to_wire()),
                    )
                )
            except (ProblemError, InvalidPlan) as error:
                failed[name] = str(error)
        return results, failed

    def show(
        self, order: Sequence[tuple[str, SolvedFigures]], failed: Mapping[str, str]
    ) -> None:
        """Print a line for each strategy, the best first, and why others have none."""
        heads = (
            "Makespan (h)",
            "Gap (%)",
            "Utilization (%)",
            "Changeovers",
            "Violations",
            "Seconds",
        )
        self.stdout.write(
            f"{'Strategy':<14}" + "".join(f"{head:>17}" for head in heads)
        )
        for name, result in order:
            wire = result.wire
            cells = (
                f"{result.makespan:,.2f}",
                f"{wire['gap_percent']:.3f}",
                f"{result.utilization:.2f}",
                f"{result.changeovers}",
                f"{result.window_violations}",
                f"{wire['execution_time']:.2f}",
            )
            self.stdout.write(f"{name:<14}" + "".join(f"{cell:>17}" for cell in cells))
        for name, reason in failed.items():
            self.stderr.write(f"{name}: {reason}")


def strategies(given: Sequence[str] | None) -> list[str]:
    """The strategies' own names. Raises CommandError."""
    names = given or [strategy.name for strategy in STRATEGIES]
    if len(names) < FEWEST:
        raise CommandError(f"Name at least {FEWEST} strategies, or none for all.")
    try:
        return chosen_strategies(names)
    except ValueError as error:
        raise CommandError(str(error)) from error


def figures(wire: JsonObject) -> SolvedFigures:
    """The figures of a result on the wire."""
    judged = {
        name: wire[name]
        for name in SolvedFigures.__dataclass_fields__
        if name != "wire"
    }
    result = SolvedFigures(**judged, wire={})
    row = {
        name: value
        for name, value in wire.items()
        if name not in ("solver", "runtime_seconds")
    }
    row |= {"score": score(result), "execution_time": wire["runtime_seconds"]}
    return SolvedFigures(**judged, wire=row)


def sorter(column: str | None) -> Callable[[tuple[str, SolvedFigures]], Any]:
    """By that column, else and within it best first."""
    return lambda row: (SORTS[column](row[1]) if column else 0, key(row[1]))


def document(
    order: Sequence[tuple[str, SolvedFigures]], failed: Mapping[str, str]
) -> JsonObject:
    """The results, in the words of `GET /compare/{id}`."""
    results = [
        {"strategy": name, "status": "completed", "error_message": None, **row.wire}
        for name, row in order
    ]
    results += [
        {"strategy": name, "status": "failed", "error_message": text}
        for name, text in failed.items()
    ]
    return {"results": results}


def table(order: Sequence[tuple[str, SolvedFigures]]) -> bytes:
    """The results as the bytes of a CSV file."""
    file = io.StringIO()
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(["strategy", *COLUMNS])
    lines.writerows(
        [name, *(row.wire[column] for column in COLUMNS)] for name, row in order
    )
    return file.getvalue().encode()
