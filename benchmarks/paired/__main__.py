"""`python -m benchmarks.paired FOLDER [name ...] [--rounds N]`: this checkout beside the
one in FOLDER, for instance a worktree of an older commit.

Machines are faster at one moment than at another, by half and for seconds on end. So both
checkouts run at once, and take turns: each round measures one, then the other, and what
counts is the median of the rounds' ratios. Where FOLDER has compiled parts of its own,
build them first (`manage.py compile_planner`).

Publishing has servers and workers of its own and is measured run by run: by the clock,
and as part of the time that a task takes which does nothing.
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
# Each program has a database of its own in a file: one server's would be the same for both.
SERVERS = ("DATABASE_URL", "REDIS_URL")
FEWEST_ROUNDS = 2
BURST_POSTS = "2000"
STEADY_SECONDS = "1"
Program = subprocess.Popen[str]


@contextmanager
def running(folder: Path, name: str) -> Iterator[Program]:
    """The benchmark of a checkout, which measures when it is told to."""
    inherited = {
        name: value for name, value in os.environ.items() if name not in SERVERS
    }
    with (
        tempfile.TemporaryDirectory(prefix="paired-") as data,
        subprocess.Popen(
            [sys.executable, "-c", RUN_BY_PATH, str(ONE), name],
            cwd=folder,
            env=inherited | {"TEST_DATA_DIR": data},
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
    """As `in_turns`, of what is published in a second."""
    ratios: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds):
        order = (other, ROOT) if number % 2 else (ROOT, other)
        rates = {folder: publishing_rates(folder) for folder in order}
        for figure, rate in rates[ROOT].items():
            ratios[figure].append(rates[other][figure] / rate)
    for figure, values in ratios.items():
        tell(f"publishing, {figure}", values)


def publishing_rates(folder: Path) -> dict[str, float]:
    """Posts that go out in a second, and in the time of a task that does nothing."""
    asked = [sys.executable, "-m", "benchmarks.publishing", BURST_POSTS, STEADY_SECONDS]
    done = subprocess.run(
        asked, cwd=folder, stdout=subprocess.PIPE, text=True, check=True
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    burst = json.loads(lines[0])
    return {
        "a post": burst["posts_per_second"],
        "a post, in empty tasks": burst["share_of_noop"],
    }


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
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    if asked.rounds < FEWEST_ROUNDS:
        parser.error(f"give at least {FEWEST_ROUNDS} rounds")
    other = asked.folder.resolve()
    for name in asked.names or NAMES:
        if name == "publishing":
            publishing(other, max(FEWEST_ROUNDS, asked.rounds // 5))
        else:
            in_turns(name, other, asked.rounds)


if __name__ == "__main__":
    main()
