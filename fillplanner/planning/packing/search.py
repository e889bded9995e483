"""What a run of the solver knows so far, and what it may still use: packing, bound,
time and work.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from fillplanner.planning.packing.annealer import HOT, Annealer
from fillplanner.planning.packing.branching import rounded_up
from fillplanner.planning.packing.instance import Instance, Packing

# What a hundred thousand rounds of annealing count as.
WORK_OF_ROUNDS = 100
SHARE_OF_TIME = 0.5


@dataclass(frozen=True)
class PackingProgress:
    """What is known at a moment: the cost of the best packing, the bound, and what is
    being done.
    """

    best: int
    bound: int
    phase: str


class Search:
    """One run: the best packing and bound so far, and whether to go on.

    seconds: how long it may take.
    work: how much may be done, counted in rounds of column generation and their like;
    None for any amount.
    seed: of the random numbers.
    listen: hears of each new packing and bound.
    cancelled: asked now and then whether somebody wants an end.
    """

    def __init__(
        self,
        instance: Instance,
        seconds: float,
        work: int | None,
        seed: int,
        listen: Callable[[PackingProgress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.instance = instance
        self.seed = seed
        self.listen = listen
        self.cancelled = cancelled
        self.deadline = time.monotonic() + seconds
        self.most_work = work
        self.work = 0
        self.annealer = Annealer(instance, seed)
        self.packing: Packing = []
        self.cost = 1 << 62
        self.bound = self._first_bound()
        self.phase = "construct"

    def _first_bound(self) -> int:
        """What least bins and visits cost."""
        instance = self.instance
        bins = instance.least_bins
        if instance.tabled:
            return rounded_up(bins * instance.cheapest_bin, instance.unit)
        setups = sum(
            count * instance.setup_costs[kind]
            for kind, count in instance.least_visits.items()
        )
        # Where bins cost less than nothing, the most of them are the cheapest.
        most = bins if instance.bin_cost >= 0 else instance.size
        return rounded_up(setups + instance.bin_cost * most, instance.unit)

    @property
    def worthwhile_cost(self) -> int:
        """The most that a better packing may cost."""
        return self.cost - self.instance.unit

    @property
    def seconds_left(self) -> float:
        """Seconds until time is up, never less than 0."""
        return max(0.0, self.deadline - time.monotonic())

    def left(self) -> float:
        """As `seconds_left`, to be asked again and again."""
        return self.seconds_left

    @property
    def work_left(self) -> int | None:
        """Work until it is used up; None for no limit."""
        return None if self.most_work is None else max(0, self.most_work - self.work)

    def stop(self) -> bool:
        """Whether time or work is used up, or somebody wants an end."""
        if self.most_work is not None and self.work >= self.most_work:
            return True
        return self.late()

    def late(self) -> bool:
        """As `stop`, but work that was begun is done: or the answer would depend on
        when it is counted.
        """
        if time.monotonic() > self.deadline:
            return True
        return bool(self.cancelled and self.cancelled())

    def over(self) -> bool:
        """Whether the best packing is proven, or it is to stop."""
        return self.bound >= self.cost or self.stop()

    def offer(self, packing: Packing) -> bool:
        """Keep the packing if it is the cheapest so far."""
        cost = self.instance.cost(packing)
        if cost >= self.cost:
            return False
        self.packing = packing
        self.cost = cost
        self.say()
        return True

    def prove(self, bound: int) -> None:
        """No packing costs less."""
        if bound > self.bound:
            self.bound = min(bound, self.cost)
            self.say()

    def say(self) -> None:
        """Tell how it stands."""
        if self.listen:
            bound = min(self.bound, self.cost)
            self.listen(PackingProgress(self.cost, bound, self.phase))

    def anneal(self, rounds: int, hot: float = HOT) -> None:
        """Cool the best packing once, over so many rounds; fewer where half the time
        left would not do.
        """
        if self.over():
            return
        self.phase = "improve"
        begun = time.monotonic()
        at_once = self.annealer.slice
        if self.most_work is None and rounds > at_once:
            self.offer(self.annealer.improve(self.packing, at_once, hot, self.stop))
            pace = at_once / max(1e-6, time.monotonic() - begun)
            affordable = int(pace * self.seconds_left * SHARE_OF_TIME)
            rounds = min(rounds, affordable)
        if self.bound < self.cost:
            self.offer(self.annealer.improve(self.packing, rounds, hot, self.late))
        self.work += max(1, rounds * WORK_OF_ROUNDS // 100_000)
