"""What a run of the solver knows so far, and what it may still use: packing, bound,
time and work.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from fillplanner.planning.packing.annealing import HOT, Annealer
from fillplanner.planning.packing.branching import rounded_up
from fillplanner.planning.packing.instance import Instance, Packing

# What a hundred thousand rounds of annealing count as.
WORK_OF_ROUNDS = 100
SHARE_OF_TIME = 0.5


@dataclass(frozen=True)
class Progress:
    """What is known at a moment: the cost of the best packing, the bound, and what is
    being done.
    """

    best: int
    bound: int
    phase: str


class Search:
    """One run: the best packing and bound so far, and whether to go on. Work is counted
    in rounds of column generation and their like.
    """

    def __init__(
        self,
        instance: Instance,
        seconds: float,
        work: int | None,
        seed: int,
        listen: Callable[[Progress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.instance, self.seed, self.listen, self.cancelled = (
            instance,
            seed,
            listen,
            cancelled,
        )
        self.deadline = time.monotonic() + seconds
        self.most_work, self.work = work, 0
        self.annealer = Annealer(instance, seed)
        self.packing: Packing = []
        self.cost = 1 << 62
        self.bound = self._first_bound()
        self.phase = "construct"

    def _first_bound(self) -> int:
        """What least bins and visits cost."""
        x = self.instance
        if x.tabled:
            return rounded_up(
                x.least_bins
                * min(x.bin_cost + x.setups((kind,))[1] for kind in x.kinds),
                x.unit,
            )
        setups = sum(
            count * x.setup_costs[kind] for kind, count in x.least_visits.items()
        )
        return rounded_up(
            setups + x.bin_cost * (x.least_bins if x.bin_cost >= 0 else x.size), x.unit
        )

    @property
    def worthwhile_cost(self) -> int:
        """The most that a better packing may cost."""
        return self.cost - self.instance.unit

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def left(self) -> float:
        """As `seconds_left`, to be asked again and again."""
        return self.seconds_left

    @property
    def work_left(self) -> int | None:
        return None if self.most_work is None else max(0, self.most_work - self.work)

    def stop(self) -> bool:
        """Whether time or work is used up, or somebody wants an end."""
        if self.most_work is not None and self.work >= self.most_work:
            return True
        return time.monotonic() > self.deadline or bool(
            self.cancelled and self.cancelled()
        )

    def over(self) -> bool:
        return self.bound >= self.cost or self.stop()

    def offer(self, packing: Packing) -> bool:
        """Keep the packing if it is the cheapest so far."""
        cost = self.instance.cost(packing)
        if cost >= self.cost:
            return False
        self.packing, self.cost = packing, cost
        self.say()
        return True

    def prove(self, bound: int) -> None:
        """No packing costs less."""
        if bound > self.bound:
            self.bound = min(bound, self.cost)
            self.say()

    def say(self) -> None:
        if self.listen:
            self.listen(Progress(self.cost, min(self.bound, self.cost), self.phase))

    def anneal(self, rounds: int, hot: float = HOT) -> None:
        """Cool the best packing once, over so many rounds; fewer where half the time
        left would not do.
        """
        if self.over():
            return
        self.phase, begun = "improve", time.monotonic()
        if self.most_work is None and rounds > self.annealer.slice:
            self.offer(
                self.annealer.improve(self.packing, self.annealer.slice, hot, self.stop)
            )
            pace = self.annealer.slice / max(1e-6, time.monotonic() - begun)
            rounds = min(rounds, int(pace * self.seconds_left * SHARE_OF_TIME))
        if self.bound < self.cost:
            self.offer(self.annealer.improve(self.packing, rounds, hot, self.late))
        self.work += max(1, rounds * WORK_OF_ROUNDS // 100_000)

    def late(self) -> bool:
        """As `stop`, but work that was begun is done: or the answer would depend on
        when it is counted.
        """
        return time.monotonic() > self.deadline or bool(
            self.cancelled and self.cancelled()
        )
