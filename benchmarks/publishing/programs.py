"""The programs that publishing is measured with, each started for one run and ended after it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HASTE = ("fsync = off", "synchronous_commit = off", "max_connections = 60")


@contextmanager
def platform_of(environment: dict[str, str]) -> Iterator[str]:
    """The address of a platform that takes every post."""
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
