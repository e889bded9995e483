"""Plan lots from a file, without database or worker."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fillplanner.exports.csv import to_csv
from fillplanner.exports.report import Report
from fillplanner.exports.xlsx import to_xlsx
from fillplanner.management.reading import INPUT_HELP, as_json, source, write
from fillplanner.planning.problem import Problem, ProblemError
from fillplanner.planning.rules import to_wire
from fillplanner.planning.solve import Result, solve
from fillplanner.planning.strategies import DEFAULT, UnknownStrategy, resolve_strategy

OUTPUTS = {".json", ".csv", ".xlsx"}
OUTPUT_HELP = "a .json for the whole result, a .csv for the activities, or a .xlsx for both"


class Command(BaseCommand):
    help = "Sequence the lots of a CSV or JSON file, print the figures and write the result."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("input", type=Path, help=INPUT_HELP)
        parser.add_argument("--strategy", default=DEFAULT)
        parser.add_argument("--time-limit", type=float, help="seconds")
        parser.add_argument("--config", type=Path, help="a .json with the line's rules")
        parser.add_argument("--output", type=Path, help=OUTPUT_HELP)

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        if output and output.suffix.lower() not in OUTPUTS:
            raise CommandError("--output must end in .json, .csv or .xlsx.")
        read = source(self, options["input"], options["config"])
        result = self.plan(read.problem, options["strategy"], options["time_limit"])
        self.show(result)
        if output:
            told = Report(options["input"].stem, result.solver, read.begin, to_wire(read.config), result.to_wire())
            write(self, output, written(told, output.suffix.lower()))

    def plan(self, problem: Problem, strategy: str, time_limit: float | None) -> Result:
        try:
            return solve(problem, resolve_strategy(strategy).name, time_limit=time_limit)
        except (UnknownStrategy, ProblemError) as error:
            raise CommandError(str(error)) from error

    def show(self, result: Result) -> None:
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


def written(report: Report, kind: str) -> bytes:
    """The result as the bytes of a file of that kind."""
    if kind == ".xlsx":
        return to_xlsx(report)
    return to_csv(report.activities).encode() if kind == ".csv" else as_json(report.result)
