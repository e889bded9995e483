"""The product's worker with one task more, which does nothing."""

from __future__ import annotations

from config.celery import app


@app.task(name="benchmarks.nothing")
def nothing(number: str) -> None:
    """As little as a task can do."""
