"""The data folder belongs to one running product at a time."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Self

try:
    import fcntl
except ImportError:  # Windows, where only the single process runs
    fcntl = None  # type: ignore[assignment]  # absent on that platform

# A product that was killed leaves its children a moment to end.
PATIENCE_SECONDS = 5.0


class FolderTaken(Exception):
    """Another product runs from the folder; the text names its process where known."""


class FolderLock:
    """Held until this process and every child that inherited `fd` have ended. Raises
    FolderTaken.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "running.pid"
        self.fd = -1

    def __enter__(self) -> Self:
        self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._locked():
            if time.monotonic() > deadline:
                raise FolderTaken(
                    f"Slotline already runs from {self.path.parent} (process "
                    f"{self.path.read_text() or '?'})."
                )
            time.sleep(0.1)
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, str(os.getpid()).encode(), 0)
        return self

    def __exit__(self, *error: object) -> None:
        os.ftruncate(self.fd, 0)
        os.close(self.fd)

    def _locked(self) -> bool:
        if fcntl is None:
            return True
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
