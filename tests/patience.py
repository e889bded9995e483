"""How long tests wait for what has to happen: so long that a busy machine makes no difference."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

SECONDS = 60.0
# Processes that import, migrate and compile before they answer, and workers of theirs.
STARTING_SECONDS = 10 * SECONDS
# What a page shows by itself, and what it shows once a worker has done it.
PAGE_MILLISECONDS = 1000 * SECONDS
WORKER_MILLISECONDS = 1000 * STARTING_SECONDS

SHORTEST_PAUSE = 0.03
LONGEST_PAUSE = 0.25

Found = TypeVar("Found")


def until(
    look: Callable[[], Found | None], what: str, seconds: float = STARTING_SECONDS
) -> Found:
    """The first true thing that `look` returns; fails with `what` when there is none in time."""
    deadline = time.monotonic() + seconds
    pause = SHORTEST_PAUSE
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(pause)
        # Looking costs the processes that are waited for.
        pause = min(LONGEST_PAUSE, 1.2 * pause)
    return found
