"""Compiling the kernels ahead of time: small problems that call every one of them, and
a marker when that is done.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fillplanner.planning import kernels
from fillplanner.planning.compiled import folder
from fillplanner.planning.kernels import Kernel, held, ready
from fillplanner.planning.packing.annealer import Annealer
from fillplanner.planning.packing.enumeration import worthwhile
from fillplanner.planning.packing.instance import Instance
from fillplanner.planning.packing.master import BINS, MANY, Limits, Master
from fillplanner.planning.packing.patterns import Groups
from fillplanner.planning.packing.pricing import pricer_for
from fillplanner.planning.problem import LineConfig, Lot, Problem
from fillplanner.planning.sequencing import Sequencer

try:
    import fcntl
except ImportError:  # Windows: two at once do the work twice, to the same end.
    fcntl = None  # type: ignore[assignment]  # nothing to lock with

WEEK_SECONDS = 7 * 24 * 3600
LOTS = tuple(
    Lot(
        lot_id=f"L{i}",
        lot_type="AB"[i % 2],
        vials=1,
        fill_hours=30.0,
        target_start=60.0 * i,
        target_end=60.0 * i + 90,
    )
    for i in range(9)
)
SUMS = Instance(
    capacity=100,
    bin_cost=4,
    setup_weights=(5, 3),
    setup_costs=(1, 2),
    weights=(34, 33, 32, 51, 49, 20, 21),
    classes=(0, 1, 0, 1, 0, 1, 0),
)
TABLES = Instance(
    capacity=100,
    bin_cost=4,
    setup_weights=(0, 0),
    setup_costs=(0, 0),
    weights=SUMS.weights,
    classes=SUMS.classes,
    set_weights=(0, 5, 3, 8),
    set_costs=(0, 1, 2, 3),
)


def compile_kernels(force: bool = False) -> float | None:
    """Compile what is not compiled yet. The processor's seconds that it took; None
    where nothing was to do.

    Of several processes at once one compiles, and the others wait for it. Raises
    OSError where no folder can be written to, and RuntimeError where a kernel was left
    out.
    """
    if ready() and not force:
        return None
    target = folder()
    with only_one(target.parent):
        if ready() and not force:
            return None
        begun = time.process_time()
        empty(target)
        with held(compiled=True, compiling=True):
            call_all()
            left_out = [
                kernel.name for kernel in doors() if not kernel.dispatcher.overloads
            ]
        if left_out:
            raise RuntimeError(f"Not compiled: {', '.join(left_out)}")
        (target / kernels.MARKER).touch()
        forget_old(target)
        return time.process_time() - begun


def empty(target: Path) -> None:
    """Make the folder hold nothing. It stays: another process may be looking whether it
    can be written to.
    """
    target.mkdir(parents=True, exist_ok=True)
    for path in target.iterdir():
        path.unlink(missing_ok=True)


def doors() -> list[Kernel]:
    """The kernels that Python calls."""
    return [kernel for kernel in kernels.kernels if kernel.door]


def call_all() -> None:
    """Call every kernel with arguments of the kinds that plans call it with."""
    for instance in (SUMS, TABLES):
        annealer = Annealer(instance)
        annealer.improve(annealer.construct(), 1)
        groups = Groups(instance)
        master = Master(groups, pricer_for(groups))
        master.restrict(Limits(dict.fromkeys((*instance.kinds, BINS), (0, MANY))))
        relaxed = master.relax(float("inf"), bool)
        worthwhile(master, instance.cost(annealer.construct()) - relaxed.bound, 1000)
    for lots in (LOTS, random_lots()):
        Sequencer(Problem(lots, LineConfig())).improve(
            [[lot] for lot in lots], 60.0, 1, bool
        )


def random_lots() -> tuple[Lot, ...]:
    """Lots whose windows cannot all be met, so that every stage of putting them in time
    has its turn.
    """
    chance = random.Random(0)
    return tuple(
        Lot(
            lot_id=f"L{i}",
            lot_type="ABC"[i % 3],
            vials=1,
            fill_hours=chance.uniform(5, 50),
            target_end=chance.uniform(50, 300),
        )
        for i in range(9)
    )


@contextmanager
def only_one(parent: Path) -> Iterator[None]:
    """Keeps other processes out, as long as they use the same folder."""
    parent.mkdir(parents=True, exist_ok=True)
    with (parent / "planner.lock").open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def forget_old(target: Path) -> None:
    """Remove what other versions have left and nobody has made anew for a week."""
    for other in target.parent.glob(f"{kernels.PREFIX}*"):
        marker = other / kernels.MARKER
        if (
            other != target
            and marker.exists()
            and time.time() - marker.stat().st_mtime > WEEK_SECONDS
        ):
            shutil.rmtree(other, ignore_errors=True)


def step_back() -> None:
    """Let everything else on the machine go first."""
    if hasattr(os, "nice"):
        os.nice(10)
