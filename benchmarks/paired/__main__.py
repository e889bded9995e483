"""`python -m benchmarks.paired FOLDER [name ...] [--rounds N]`: this checkout beside the
one in FOLDER, for instance a worktree of an older commit.

Machines are faster at one moment than at another, by half and for seconds on end. So both
checkouts run at once, and take turns: each round measures one, then the other, and what
counts is the median of the rounds' ratios. Where FOLDER has compiled parts of its own,
build them first (`manage.py compile_planner`).

Publishing has servers and workers of its own and is measured run by run, as the share
that it reaches of tasks that do nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles

from benchmarks.figures import say

ROOT = Path(__file__).resolve().parents[2]
ONE = ROOT / "benchmarks" / "paired" / "one.py"
RUN_BY_PATH = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
NAMES = ("topoff", "calendar", "fill", "exact", "publishing")
BURST_POSTS = "2000"
STEADY_SECONDS = "1"
Program = subprocess.Popen[str]


@contextmanager
def running(folder: Path, name: str) -> Iterator[Program]:
    """The benchmark of a checkout, which measures when it is told to."""
    with (
        tempfile.TemporaryDirectory(prefix="paired-") as data,
        subprocess.Popen(
            [sys.executable, "-c", RUN_BY_PATH, str(ONE), name],
            cwd=folder,
            env=os.environ | {"TEST_DATA_DIR": data},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as program,
    ):
        try:
            yield program
        finally:
            program.kill()


def measured(program: Program) -> dict[str, float]:
    """Seconds by name, of one round. Raises JSONDecodeError when the program has died."""
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write("go\n")
    program.stdin.flush()
    line = program.stdout.readline()
    while line and not line.startswith("{"):
        line = program.stdout.readline()
    seconds: dict[str, float] = json.loads(line)
    return seconds


def in_turns(name: str, other: Path, rounds: int) -> None:
    """Say the median of the ratios, and between what half of them lie. Who goes first
    changes.
    """
    ratios: dict[str, list[float]] = defaultdict(list)
    with ExitStack() as programs:
        before = programs.enter_context(running(other, name))
        now = programs.enter_context(running(ROOT, name))
        for number in range(rounds):
            order = (before, now) if number % 2 else (now, before)
            seconds = {program: measured(program) for program in order}
            for figure, value in seconds[now].items():
                ratios[figure].append(value / seconds[before][figure])
    for figure, values in ratios.items():
        tell(f"{name}, {figure}", values)


def publishing(other: Path, rounds: int) -> None:
    """As `in_turns`, of the time that a post takes more than a task that does nothing."""
    ratios = []
    for number in range(rounds):
        order = (other, ROOT) if number % 2 else (ROOT, other)
        shares = {folder: share_of(folder) for folder in order}
        ratios.append(shares[other] / shares[ROOT])
    tell("publishing, a post", ratios)


def share_of(folder: Path) -> float:
    """How many posts go out in the time of a task that does nothing."""
    asked = [sys.executable, "-m", "benchmarks.publishing", BURST_POSTS, STEADY_SECONDS]
    done = subprocess.run(
        asked, cwd=folder, stdout=subprocess.PIPE, text=True, check=True
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    share: float = json.loads(lines[0])["share_of_noop"]
    return share


def tell(what: str, ratios: list[float]) -> None:
    """One line: time now, as a part of the time before."""
    low, _, high = quantiles(ratios, n=4)
    say(
        "paired",
        what=what,
        rounds=len(ratios),
        now_over_before=median(ratios),
        half_from=low,
        half_to=high,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the other checkout")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    other = asked.folder.resolve()
    for name in asked.names or NAMES:
        if name == "publishing":
            publishing(other, max(2, asked.rounds // 5))
        else:
            in_turns(name, other, asked.rounds)


if __name__ == "__main__":
    main()
