"""Run every benchmark, or those named on the command line."""

from __future__ import annotations

import os
import subprocess
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
os.environ.setdefault("LOG_LEVEL", "WARNING")

import django

django.setup()

from benchmarks import calendar, calendars, files, gantt, month, recommend, topoff  # noqa: E402 - they import models, which exist from here on
from benchmarks.fill.table import groups, run  # noqa: E402 - beside it
from benchmarks.optimise import measuring as optimising  # noqa: E402 - as above


def fill() -> None:
    """The quick groups; the others take their time: see `benchmarks.fill.table`."""
    for group in ("small", "heuristics", "heuristics-5000", "shapes-2000"):
        for strategy, cases in groups()[group]:
            run(group, strategy, cases)


def publishing() -> None:
    """In a process of its own, which has its own servers."""
    subprocess.run([sys.executable, "-m", "benchmarks.publishing"], check=True)


ALL = {
    "calendars": calendars.measure,
    "topoff": topoff.measure,
    "calendar": calendar.measure,
    "recommend": recommend.measure,
    "fill": fill,
    "files": files.measure,
    "gantt": gantt.measure,
    "month": month.measure,
    "optimise": optimising.measure,
    "publishing": publishing,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(
            f"no benchmark {', '.join(unknown)}; there are: {', '.join(ALL)}",
            file=sys.stderr,
        )
        return 2
    for name in names or ALL:
        ALL[name]()
    return 0


sys.exit(main(sys.argv[1:]))
