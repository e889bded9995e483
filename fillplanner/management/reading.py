"""What the commands share: lots, rules and start from files, and files written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.mappings import Record
from common.zones import parse_instant
from fillplanner.planning.intake import (
    IntakeReport,
    read_lots,
    read_lots_file,
    request_from_json,
)
from fillplanner.planning.problem import LineConfig, Problem, ProblemError
from fillplanner.planning.rules import ConfigError, read_config

INPUT_HELP = "a .csv or .xlsx with Lot ID, Type, Vials; or a .json body or list"
SHEET_HELP = "of a .xlsx, by its name; default the first visible one with rows"


@dataclass(frozen=True)
class Source:
    """Lots that can be planned, the line's rules and the start."""

    problem: Problem
    config: LineConfig
    begin: datetime


def source(
    command: BaseCommand, path: Path, config_path: Path | None, sheet: str = ""
) -> Source:
    """What the files say, with warnings told. Raises CommandError after every error has
    been told.

    sheet: of a workbook, by its name; blank for the first that holds something.
    """
    report, config, begin = read(path, config_path, sheet)
    if report.errors:
        for line in report.errors:
            command.stderr.write(line)
        raise CommandError(
            f"{len(report.errors)} errors in {path}; nothing was planned."
        )
    if report.sheet_note:
        command.stderr.write(report.sheet_note)
    for line in report.warnings:
        command.stderr.write(f"Warning: {line}")
    try:
        return Source(Problem(tuple(report.lots), config, begin), config, begin)
    except ProblemError as error:
        raise CommandError(str(error)) from error


def read(
    path: Path, config_path: Path | None, sheet: str = ""
) -> tuple[IntakeReport, LineConfig, datetime]:
    """The lots, the rules and the start; rules in the config file go before those in the input."""
    own = read_json(config_path) if config_path else {}
    begin = datetime.now(UTC)
    if not isinstance(own, Mapping):
        raise CommandError(f"{config_path} must hold a JSON object.")
    if path.suffix.lower() in {".csv", ".xlsx"}:
        config = rules(own)
        return read_lots_file(read_bytes(path), config, begin, sheet), config, begin
    try:
        rows, inner, start = request_from_json(read_json(path))
        begin = parse_instant(str(start)) if start else begin
    except ValueError as error:
        raise CommandError(f"{path}: {error}") from error
    config = rules({**inner, **own})
    return read_lots(rows, config, begin), config, begin


def rules(wire: Record) -> LineConfig:
    """The line's rules. Raises CommandError with every complaint."""
    try:
        return read_config(wire)
    except ConfigError as error:
        raise CommandError("; ".join(error.errors)) from error


def read_bytes(path: Path) -> bytes:
    """A file's bytes. Raises CommandError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error


def read_json(path: Path) -> Any:
    """A file's JSON. Raises CommandError where it is none."""
    try:
        return json.loads(read_bytes(path))
    except ValueError as error:
        raise CommandError(f"{path} is not JSON: {error}") from error


def write(command: BaseCommand, path: Path, data: bytes) -> None:
    """Write a file and say where. Raises CommandError where that fails."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error
    command.stdout.write(f"Written to {path}")


def as_json(payload: Any) -> bytes:
    """JSON as people can read it, as the bytes of a file."""
    return (json.dumps(payload, ensure_ascii=False, indent=2) + "\n").encode()
