"""`manage.py up`: the whole product from one command."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from config.running import preparation, valkey
from config.running.console import Console
from config.running.folder import FolderLock, FolderTaken
from config.running.supervisor import StopAsked
from config.running.ways import Way


class Command(BaseCommand):
    help = (
        "Run Slotline on this machine: database, broker, web, worker and beat. "
        "Ctrl-C stops all of it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port",
            type=int,
            default=os.environ.get("PORT") or "8000",
            help="default: PORT, else 8000",
        )
        parser.add_argument(
            "--host",
            default="127.0.0.1",
            help="address to listen at (default: this machine only)",
        )
        parser.add_argument(
            "--single-process",
            action="store_true",
            help="all in one process, with a queue in memory",
        )
        parser.add_argument(
            "--no-demo", action="store_true", help="leave an empty database empty"
        )
        parser.add_argument(
            "--logs",
            choices=("console", "json"),
            default="console",
            help="for people or for machines",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not hasattr(settings, "DATA_DIR"):
            raise CommandError(
                "`up` runs with DJANGO_SETTINGS_MODULE=config.settings.embedded only."
            )
        try:
            preparation.check_address(options["host"], options["port"])
            with FolderLock(settings.DATA_DIR) as lock:
                console = Console(options["logs"])
                way = Way(
                    console,
                    lock,
                    options["host"],
                    options["port"],
                    demo=not options["no_demo"],
                )
                self._run(way, options["single_process"])
        except (preparation.NotReady, FolderTaken) as problem:
            raise CommandError(str(problem)) from problem
        except OperationalError as problem:
            raise CommandError(f"The database does not answer: {problem}") from problem
        except (StopAsked, KeyboardInterrupt):
            return

    def _run(self, way: Way, single_process: bool) -> None:
        program = valkey.binary()
        if single_process or not (program or os.environ.get("REDIS_URL")):
            way.run_in_one_process()
        else:
            way.run_supervised(None if os.environ.get("REDIS_URL") else program)
