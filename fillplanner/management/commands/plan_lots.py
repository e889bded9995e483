"""Plan lots from a file, without database or worker."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.zones import parse_instant
from fillplanner.exports.csv import to_csv
from fillplanner.exports.report import Report
from fillplanner.exports.xlsx import to_xlsx
from fillplanner.planning.intake import IntakeReport, read_lots, read_lots_file, request_from_json
from fillplanner.planning.problem import LineConfig, Lot, Problem, ProblemError
from fillplanner.planning.rules import ConfigError, read_config, to_wire
from fillplanner.planning.solve import Result, solve
from fillplanner.planning.strategies import DEFAULT, UnknownStrategy, resolve_strategy

OUTPUTS = {".json", ".csv", ".xlsx"}
INPUT_HELP = "a .csv or .xlsx with Lot ID, Type, Vials; or a .json request body or list"
OUTPUT_HELP = "a .json for the whole result, a .csv for the activities, or a .xlsx for both"


class Command(BaseCommand):
    help = "Sequence the lots of a CSV or JSON file, print the figures and write the result."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "input", type=Path, help="a .csv or .xlsx with Lot ID, Type, Vials; or a .json body or list"
        )
        parser.add_argument("--strategy", default=DEFAULT)
        parser.add_argument("--time-limit", type=float, help="seconds")
        parser.add_argument("--config", type=Path, help="a .json with the line's rules")
        parser.add_argument(
            "--output", type=Path, help="a .json for the whole result, a .csv for the activities, or a .xlsx for both"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        if output and output.suffix.lower() not in OUTPUTS:
            raise CommandError("--output must end in .json, .csv or .xlsx.")
        report, config, begin = self.read(options["input"], options["config"])
        if report.errors:
            for line in report.errors:
                self.stderr.write(line)
            raise CommandError(f"{len(report.errors)} errors in {options['input']}; nothing was planned.")
        for line in report.warnings:
            self.stderr.write(f"Warning: {line}")
        result = self.plan(tuple(report.lots), config, begin, options["strategy"], options["time_limit"])
        self.show(result)
        if output:
            told = Report(options["input"].stem, result.solver, begin, to_wire(config), result.to_wire())
            self.write(output, written(told, output.suffix.lower()))

    def plan(
        self, lots: tuple[Lot, ...], config: LineConfig, begin: datetime, strategy: str, time_limit: float | None
    ) -> Result:
        try:
            return solve(Problem(lots, config, begin), resolve_strategy(strategy).name, time_limit=time_limit)
        except (UnknownStrategy, ProblemError) as error:
            raise CommandError(str(error)) from error

    def read(self, path: Path, config_path: Path | None) -> tuple[IntakeReport, LineConfig, datetime]:
        """The lots, the rules and the start; rules in --config go before those in the input."""
        own, begin = read_json(config_path) if config_path else {}, datetime.now(UTC)
        if not isinstance(own, Mapping):
            raise CommandError(f"{config_path} must hold a JSON object.")
        if path.suffix.lower() in {".csv", ".xlsx"}:
            config = rules(own)
            return read_lots_file(read_bytes(path), config, begin), config, begin
        try:
            rows, inner, start = request_from_json(read_json(path))
            begin = parse_instant(str(start)) if start else begin
        except ValueError as error:
            raise CommandError(f"{path}: {error}") from error
        config = rules({**inner, **own})
        return read_lots(rows, config, begin), config, begin

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

    def write(self, path: Path, data: bytes) -> None:
        try:
            path.write_bytes(data)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        self.stdout.write(f"Written to {path}")


def written(report: Report, kind: str) -> bytes:
    """The result as the bytes of a file of that kind."""
    if kind == ".xlsx":
        return to_xlsx(report)
    if kind == ".csv":
        return to_csv(report.activities).encode()
    return (json.dumps(report.result, ensure_ascii=False, indent=2) + "\n").encode()


def rules(wire: Mapping[str, Any]) -> LineConfig:
    try:
        return read_config(wire)
    except ConfigError as error:
        raise CommandError("; ".join(error.errors)) from error


def read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error


def read_json(path: Path) -> Any:
    try:
        return json.loads(read_bytes(path))
    except ValueError as error:
        raise CommandError(f"{path} is not JSON: {error}") from error
