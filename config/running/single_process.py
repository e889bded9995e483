"""Web, workers and beat in one process, for machines without a bundled Valkey: smaller,
and its queue is not kept.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from celery.beat import Service
from celery.signals import worker_ready
from celery.worker import WorkController, state

from config.celery import app, new_app

# By queue: a thread that computes a plan is not missed where posts are sent.
WORKER_THREADS = {"publishing": 3, "plans": 2, "default": 3}
STOP_SECONDS = 10.0


class Server(uvicorn.Server):
    """Uvicorn that lets its caller tidy up.

    Its own server restores the signal handlers after serving and raises the signal
    again, which would end the process before the worker and beat have stopped.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so once the address takes requests."""
        await super().startup(sockets=sockets)
        if self.started:
            # Queries are not allowed on the loop's thread.
            threading.Thread(target=self.ready, daemon=True).start()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The first signal ends serving; it is not raised again."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self.handle_exit)
        yield


class Worker(WorkController):
    """A worker that leaves the process's signals alone: only the main thread may set them."""

    def on_consumer_ready(self, consumer: Any) -> None:
        """Say so without looking at the process's signals."""
        worker_ready.send(sender=consumer)


def make_worker(queue: str, threads: int) -> Worker:
    """Takes tasks from one queue. Its pool is made of threads, so tasks have no time
    limits and cannot be revoked while they run.
    """
    # Which queues are taken from is a fact of the application, so each worker has its own.
    own = new_app()
    own.finalize()
    return Worker(
        app=own,
        pool_cls="threads",
        concurrency=threads,
        queues=[queue],
        hostname=f"{queue}@{socket.gethostname()}",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel="WARNING",
    )


def run(host: str, port: int, ready: Callable[[], None]) -> None:
    """Serve until a signal asks for the end; `ready` is called in a thread once the
    address takes requests.
    """
    beat = Service(app, scheduler_cls=app.conf.beat_scheduler)
    workers = {
        queue: make_worker(queue, threads) for queue, threads in WORKER_THREADS.items()
    }
    worker_threads = [
        threading.Thread(target=worker.start, name=f"worker-{queue}", daemon=True)
        for queue, worker in workers.items()
    ]
    app.finalize()
    app.set_default()
    beat_thread = threading.Thread(target=beat.start, name="beat", daemon=True)
    for thread in (*worker_threads, beat_thread):
        thread.start()
    config = uvicorn.Config(
        "config.asgi:application",
        host=host,
        port=port,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    try:
        Server(config, ready).run()
    finally:
        beat.stop()
        beat_thread.join(STOP_SECONDS)
        # The loops of the workers' threads look at this; 0 is the exit code they would leave with.
        state.should_stop = 0  # type: ignore[assignment]  # the stub knows only its value before anybody asked
        for thread in worker_threads:
            thread.join(STOP_SECONDS)
        state.should_stop = None
