"""How a worker shows that it lives: by itself, not by a task that would wait behind
others in a queue.
"""

from __future__ import annotations

from typing import Any

from celery import bootsteps

from common import pulse

EVERY_SECONDS = 5.0


class Heartbeat(bootsteps.StartStopStep):
    """Marks the worker every few seconds from its own event loop, however busy its pool is."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.timer: Any = None

    def start(self, worker: Any) -> None:
        """Give signs of life from now on."""
        self.show(worker)
        self.timer = worker.timer.call_repeatedly(EVERY_SECONDS, self.show, (worker,))

    def stop(self, worker: Any) -> None:
        """Give no more of them."""
        if self.timer is not None:
            self.timer.cancel()

    def show(self, worker: Any) -> None:
        """Mark this worker alive, with the queues that it takes tasks from."""
        pulse.mark_worker(worker.hostname, worker.app.amqp.queues.consume_from)
