"""The command lines of the embedded run's processes."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from config.running import valkey
from config.running.child import Recipe

CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "config")
# The server's own log settings would go past the product's; this leaves its records to
# the root logger.
PLAIN_LOGS = {"version": 1, "disable_existing_loggers": False}
# SIGTERM lets running tasks finish; SIGQUIT gives unfinished ones back to the queue.
WORKER_FAREWELL = (
    (signal.SIGTERM, 10.0),
    (getattr(signal, "SIGQUIT", signal.SIGTERM), 8.0),
)


def valkey_recipe(program: Path, address: Path, folder: Path, lock: int) -> Recipe:
    """Valkey inherits the data folder's lock: while it writes there, nobody else starts."""
    folder.mkdir(mode=0o700, exist_ok=True)
    return Recipe(
        "valkey",
        valkey.command(program, address, folder),
        ((signal.SIGTERM, 10.0),),
        pass_fds=(lock,),
        # It advises a kernel setting that matters for data sets of many gigabytes.
        noise="vm.overcommit_memory",
    )


def web_recipe(
    host: str, port: int, environment: Mapping[str, str], folder: Path, runtime: Path
) -> Recipe:
    """The web server; it is given 8 s to finish what it answers."""
    logs = runtime / "logs.json"
    logs.write_text(json.dumps(PLAIN_LOGS))
    command = [
        *(
            sys.executable,
            "-m",
            "uvicorn",
            "config.asgi:application",
            "--host",
            host,
            "--port",
            str(port),
        ),
        *(
            "--lifespan",
            "off",
            "--log-config",
            str(logs),
            "--log-level",
            "warning",
            "--no-access-log",
        ),
        *("--timeout-graceful-shutdown", "5"),
    ]
    return Recipe("web", command, ((signal.SIGTERM, 8.0),), environment, folder)


# By process name: the queue it serves and how much it gives way to the others. Plans
# compute for minutes.
WORKERS = {
    "publisher": ("publishing", 0),
    "planner": ("plans", 10),
    "worker": ("default", 0),
}


def worker_recipes(environment: Mapping[str, str], folder: Path) -> list[Recipe]:
    """A worker for each kind of work, so that none waits for another."""
    return [
        Recipe(
            name,
            worker_command(queue),
            WORKER_FAREWELL,
            environment,
            folder,
            niceness=niceness,
        )
        for name, (queue, niceness) in WORKERS.items()
    ]


def worker_command(queue: str) -> list[str]:
    """A worker of one queue with two processes."""
    return [
        *CELERY,
        *("worker", "--queues", queue, "--hostname", f"{queue}@%h"),
        *("--pool", "prefork", "--concurrency", "2", "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def watcher_recipe(environment: Mapping[str, str], folder: Path) -> Recipe:
    """What looks into the watch folders within a second."""
    command = [sys.executable, "-m", "django", "watch_media"]
    return Recipe("watcher", command, ((signal.SIGTERM, 8.0),), environment, folder)


def beat_recipe(environment: Mapping[str, str], folder: Path) -> Recipe:
    """What rings the periodic tasks; there must be only one."""
    return Recipe(
        "beat",
        [*CELERY, "beat", "--loglevel", "WARNING", "--pidfile="],
        ((signal.SIGTERM, 5.0),),
        environment,
        folder,
    )
