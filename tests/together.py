"""Acts that begin at the same moment, to see that nobody is in anybody's way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What they return or raise, each in a thread with a connection of its own, begun together."""
    together = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        together.wait()
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def faults(
    results: Iterable[Any], *, but: type[Exception] | tuple[type[Exception], ...] = ()
) -> list[Exception]:
    """What was raised, but for what may be: refusals because somebody else was first."""
    return [
        one
        for one in results
        if isinstance(one, Exception) and not isinstance(one, but)
    ]
