"""The planner's inner loops are compiled beside the work: by one process of low
priority, never inside a job.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import Any

from celery import bootsteps
from django.conf import settings

from fillplanner.planning import kernels

QUEUE = "plans"
STOP_SECONDS = 5.0


class CompilePlanner(bootsteps.StartStopStep):
    """Starts `compile_planner` with a worker that makes plans, where that has not been
    done on this machine.

    Plans do not wait for it: until it is done they are made by the same loops in plain
    Python.
    """

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.compiler: subprocess.Popen[bytes] | None = None

    def start(self, worker: Any) -> None:
        """Start the compiler where this worker makes plans and there is no compiled
        code.
        """
        if QUEUE in worker.app.amqp.queues.consume_from and not kernels.ready():
            command = [sys.executable, "-m", "django", "compile_planner"]
            self.compiler = subprocess.Popen(
                command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL
            )

    def stop(self, worker: Any) -> None:
        """End it with the worker; the next one begins anew."""
        if self.compiler is None:
            return
        self.compiler.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.compiler.wait(STOP_SECONDS)

    def terminate(self, worker: Any) -> None:
        """End it with a worker that is told to hurry."""
        self.stop(worker)
