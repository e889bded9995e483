"""Saying a figure."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any


def say(name: str, **figures: Any) -> None:
    """One line of JSON."""
    rounded = {key: round(value, 4) if isinstance(value, float) else value for key, value in figures.items()}
    print(json.dumps({"benchmark": name, **rounded}), flush=True)


def median_seconds(act: Callable[[], Any], times: int = 5) -> float:
    """The median of several runs."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
