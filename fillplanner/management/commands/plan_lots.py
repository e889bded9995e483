"""Plan lots from a file, without database or worker."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fillplanner.exports.csv import to_csv
from fillplanner.exports.report import Report
from fillplanner.exports.xlsx import to_xlsx
from fillplanner.management.reading import (
    INPUT_HELP,
    SHEET_HELP,
    as_json,
    source,
    write,
)
from fillplanner.planning.kernels import COMPILE_HINT
from fillplanner.planning.problem import Problem, ProblemError
from fillplanner.planning.rules import to_wire
from fillplanner.planning.solve import InvalidPlan, Result, solve, would_profit
from fillplanner.planning.strategies import (
    DEFAULT,
    STRATEGIES,
    UnknownStrategy,
    resolve_strategy,
)

OUTPUTS = {".json", ".csv", ".xlsx"}
ALL = "all"
OUTPUT_HELP = (
    "a .json for the whole result, a .csv for the activities, or a .xlsx for "
    "both; of several strategies each has a "
    "file of its own, such as plan.smart-pack.json"
)


class Command(BaseCommand):
    help = "Sequence the lots of a CSV, XLSX or JSON file, print the figures and write the result."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("input", type=Path, help=INPUT_HELP)
        parser.add_argument("--sheet", default="", help=SHEET_HELP)
        parser.add_argument(
            "--strategy",
            nargs="+",
            action="extend",
            metavar="NAME",
            help=f"one, several or {ALL}; default {DEFAULT}",
        )
        parser.add_argument(
            "--time-limit", type=float, help="seconds, for each strategy"
        )
        parser.add_argument("--config", type=Path, help="a .json with the line's rules")
        parser.add_argument("--output", type=Path, help=OUTPUT_HELP)

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        if output and output.suffix.lower() not in OUTPUTS:
            raise CommandError("--output must end in .json, .csv or .xlsx.")
        names = strategies(options["strategy"] or [DEFAULT])
        read = source(self, options["input"], options["config"], options["sheet"])
        if would_profit(read.problem, names):
            self.stderr.write(COMPILE_HINT)
        failed = 0
        for name in names:
            result = self.plan(read.problem, name, options["time_limit"])
            if result is None:
                failed += 1
                continue
            self.show(result)
            if output:
                report = Report(
                    name=options["input"].stem,
                    strategy=result.solver,
                    start=read.begin,
                    config=to_wire(read.config),
                    result=result.to_wire(),
                )
                path = (
                    output
                    if len(names) == 1
                    else output.with_suffix(f".{name}{output.suffix}")
                )
                write(self, path, written(report, output.suffix.lower()))
        if failed:
            raise CommandError(
                f"{failed} of {len(names)} strategies could not make a plan."
            )

    def plan(
        self, problem: Problem, strategy: str, time_limit: float | None
    ) -> Result | None:
        """The result, or None after saying why there is none."""
        try:
            return solve(problem, strategy, time_limit=time_limit)
        except (ProblemError, InvalidPlan) as error:
            self.stderr.write(f"{strategy}: {error}")
            return None

    def show(self, result: Result) -> None:
        """Print the figures of a plan."""
        figures = [
            (name, f"{value:,.2f}" if isinstance(value, float) else f"{value}")
            for name, value in result.to_wire()["kpis"].items()
        ]
        figures += [
            ("Utilization (%)", f"{result.plan.utilization:.2f}"),
            ("Lower bound (h)", f"{result.lower_bound:,.2f}"),
            ("Gap (%)", f"{result.gap_percent:.3f}"),
            ("Solver", f"{result.solver}, {result.solver_status}"),
            ("Runtime (s)", f"{result.runtime_seconds:.2f}"),
        ]
        for name, value in figures:
            self.stdout.write(f"{name:<22}{value:>24}")


def strategies(given: Sequence[str]) -> list[str]:
    """The strategies' own names, each once. Raises CommandError."""
    if ALL in given:
        return [strategy.name for strategy in STRATEGIES]
    try:
        return list(dict.fromkeys(resolve_strategy(name).name for name in given))
    except UnknownStrategy as error:
        raise CommandError(str(error)) from error


def written(report: Report, kind: str) -> bytes:
    """The result as the bytes of a file of that kind."""
    if kind == ".xlsx":
        return to_xlsx(report)
    return (
        to_csv(report.activities).encode() if kind == ".csv" else as_json(report.result)
    )
