"""Top off the calendar from the command line."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scheduling.channels.topoff import (
    HORIZON_DAYS,
    LONGEST_HORIZON_DAYS,
    TopOff,
    top_off_all,
)
from workspaces.models import Workspace


class Command(BaseCommand):
    help = "Add the planned slots that channels' cadences ask for, for one workspace or for all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "workspace", nargs="?", help="short name; all workspaces without it"
        )
        parser.add_argument(
            "--days",
            type=int,
            default=HORIZON_DAYS,
            help=f"1 to {LONGEST_HORIZON_DAYS}",
        )

    def handle(
        self, *args: Any, workspace: str | None, days: int, **options: Any
    ) -> None:
        if not 1 <= days <= LONGEST_HORIZON_DAYS:
            raise CommandError(f"Top off 1 to {LONGEST_HORIZON_DAYS} days, not {days}.")
        rows = Workspace.objects.order_by("slug")
        if workspace:
            rows = rows.filter(slug=workspace)
            if not rows:
                raise CommandError(f"There is no workspace “{workspace}”.")
        reports = top_off_all(rows, days)
        for slug, report in reports.items():
            self._say(slug, report)
        if any(isinstance(report, str) for report in reports.values()):
            raise CommandError("Some workspaces failed; see above.")

    def _say(self, slug: str, report: TopOff | str) -> None:
        if isinstance(report, str):
            self.stderr.write(f"{slug}: {report}")
            return
        self.stdout.write(
            f"{slug}: {report.message} ({report.accounts} channels, "
            f"{report.start:%Y-%m-%d} to {report.end:%Y-%m-%d})"
        )
        for problem in report.problems:
            self.stderr.write(f"{slug}: left out {problem}")
