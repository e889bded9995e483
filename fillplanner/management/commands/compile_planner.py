"""Compile the optimiser's inner loops, so that plans are found faster."""

from __future__ import annotations

from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fillplanner.planning.kernels import home


class Command(BaseCommand):
    help = (
        "Compile the planner's inner loops; the result is kept on disk "
        "(NUMBA_CACHE_DIR moves it)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="compile even where that is done"
        )
        parser.add_argument(
            "--hurry",
            action="store_true",
            help="at the usual priority: somebody waits for it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if home() is not None and not options["force"]:
            self.stdout.write(f"Already compiled, in {home()}.")
            return
        # The compiler is not loaded before it is known that there is something to compile.
        compiling = import_module("fillplanner.planning.compiling")
        try:
            if not options["hurry"]:
                compiling.step_back()
            seconds = compiling.compile_kernels(force=options["force"])
        except OSError as error:
            raise CommandError(
                f"The compiled planner could not be written: {error}"
            ) from error
        if seconds is None:
            self.stdout.write(
                f"Another process has compiled it meanwhile, in {home()}."
            )
        else:
            self.stdout.write(
                f"Compiled in {seconds:.1f} s of processor time, in {home()}."
            )
