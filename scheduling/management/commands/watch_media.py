"""Watch every workspace's folder, until a signal asks for the end."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from watchfiles import watch

from scheduling.watch_folder.folder import scan_all

# How long nothing is looked at when the system tells of no change: network drives tell of none.
QUIET_SECONDS = 10.0
TICK_MILLISECONDS = 500


class Command(BaseCommand):
    help = (
        "Make content of new images and videos in the workspaces' watch folders "
        "below WATCH_ROOT."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stop = threading.Event()

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.WATCH_ROOT:
            raise CommandError("WATCH_ROOT is not set: there is nothing to watch.")
        root = Path(settings.WATCH_ROOT)
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, lambda number, frame: self.stop.set())
        self._watch(root)

    def _watch(self, root: Path) -> None:
        settling = scan_all()
        looked = monotonic()
        changes = watch(
            root,
            stop_event=self.stop,
            yield_on_timeout=True,
            rust_timeout=TICK_MILLISECONDS,
            raise_interrupt=False,
        )
        for change in changes:
            if change or settling or monotonic() - looked > QUIET_SECONDS:
                close_old_connections()
                settling = scan_all()
                looked = monotonic()
