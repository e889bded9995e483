"""An empty database to measure in, and saying a figure."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.test.utils import setup_databases, teardown_databases


def say(name: str, **figures: Any) -> None:
    """One line of JSON."""
    rounded = {
        key: round(value, 4) if isinstance(value, float) else value
        for key, value in figures.items()
    }
    print(json.dumps({"benchmark": name, **rounded}), flush=True)


def median_seconds(act: Callable[[], Any], times: int = 5) -> float:
    """The median of several runs."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


@contextmanager
def empty_database() -> Iterator[None]:
    """A migrated test database of the configured kind, gone afterwards."""
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(databases, verbosity=0)
