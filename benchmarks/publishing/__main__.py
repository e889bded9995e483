"""`python -m benchmarks.publishing [posts] [seconds of the steady part]`, on servers of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import servers  # noqa: E402 - found where the line above says

POSTS, STEADY_SECONDS = 5000, 30
HASTE = ("fsync = off", "synchronous_commit = off", "max_connections = 60")
WORKER = (
    *("-m", "celery", "--quiet", "-A", "benchmarks.publishing.worker", "worker", "--concurrency", "2"),
    *("--loglevel", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"),
)


def main(posts: int, steady_seconds: int) -> None:
    with ExitStack() as running:
        folder = Path(tempfile.mkdtemp(prefix="sb-", dir="/tmp"))
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        environment = os.environ | {
            "DATABASE_URL": running.enter_context(servers.postgresql(folder / "pg", HASTE)),
            "REDIS_URL": running.enter_context(servers.valkey_server(folder)),
            "DJANGO_SETTINGS_MODULE": "benchmarks.publishing.settings", "LOG_LEVEL": "WARNING",
            "TEST_DATA_DIR": str(folder / "data"),
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True
        )
        platform = running.enter_context(platform_of(environment))
        running.enter_context(program(environment, *WORKER))
        asked = [sys.executable, "-m", "benchmarks.publishing.measuring", platform, str(posts), str(steady_seconds)]
        subprocess.run(asked, cwd=ROOT, env=environment, check=True)


@contextmanager
def platform_of(environment: dict[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with program(environment, "-m", "benchmarks.publishing.platform", str(port)):
        while not is_open(port):
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"


def is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


@contextmanager
def program(environment: dict[str, str], *arguments: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    said = [int(word) for word in sys.argv[1:]]
    main(*[*said, *(POSTS, STEADY_SECONDS)[len(said) :]])
