"""The exact part of the solver: relax, list, cut and branch until the best packing is
proven or a better one found.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from fillplanner.planning.packing.branching import Node, Tree, rounded_up
from fillplanner.planning.packing.enumeration import worthwhile
from fillplanner.planning.packing.instance import Instance, Packing
from fillplanner.planning.packing.knots import Knots
from fillplanner.planning.packing.listed import ListedMaster
from fillplanner.planning.packing.master import (
    BINS,
    CLOSE,
    Key,
    Limits,
    Master,
    Range,
    Relaxation,
)
from fillplanner.planning.packing.patterns import Groups, Pattern
from fillplanner.planning.packing.pricing import FINE, Pricer, pricer_for
from fillplanner.planning.packing.residue import Plunge
from fillplanner.planning.packing.rounding import choose, dive
from fillplanner.planning.packing.search import Search

MIP_SECONDS, SHARE_FOR_MIP = 10.0, 0.4
MOST_CHOSEN_FROM, MOST_LISTED, MOST_LISTED_TO_COUNT = 6000, 60_000, 150_000
SHARE_FOR_BINS = 0.5
GENTLE, GENTLE_ROUNDS, WORK_OF_GENTLE = 0.1, 100_000, 100
WORK_OF_PROGRAM = 100
# Of a unit of cost: how far over the last worthwhile cost a bound must be to end the matter.
ENOUGH = 0.001
# So many groups at once are a program that is soon solved; more are first taken
# together between knots. So many items are packed well without a plunge.
MOST_AT_ONCE, LEVELS, FEWEST_KNOTS = 250, (40, 160), 6
MOST_WITHOUT_PLUNGE = 250
SHARE_FOR_LEVEL, SHARE_FOR_FEW, SHARE_FOR_LIST = 0.3, 0.1, 0.5
# Turns of annealing between two looks; one where a look is a plunge.
TURNS_TO_LOOK_AGAIN = 4
SolveApart = Callable[[Instance, float, Search, Packing | None], tuple[Packing, int]]


class Proof:
    """Works on a search that has a packing already. `solve_apart` packs another
    instance, on a share of what is left to the search, from a packing where there is
    one, and tells its packing and bound.
    """

    def __init__(self, search: Search, solve_apart: SolveApart) -> None:
        self.search, self.solve_apart = search, solve_apart
        self.unit = search.instance.unit
        self.groups = Groups(search.instance)
        self.levels = levels(self.groups)
        self.many = len(self.levels) > 1
        self.plunging = search.instance.size > MOST_WITHOUT_PLUNGE
        self.turns = 1 if self.many else TURNS_TO_LOOK_AGAIN
        self.plunges, self.next_plunge = 0, 0
        self.master = Master(
            self.groups, *self.levels.pop(0), self.search.seed, search.left
        )
        self.learn()
        self.tree = Tree(self.master, self._limits(), self.unit)

    def learn(self) -> None:
        """The patterns of the best packing."""
        for content in self.search.packing:
            self.master.add(self.groups.of_bin(content))

    def _limits(self) -> Limits:
        x = self.search.instance
        ranges: dict[Key, Range] = {
            kind: (least, max(least, x.classes.count(kind)))
            for kind, least in x.least_visits.items()
        }
        cheapest = min(x.bin_cost + x.setups((kind,))[1] for kind in x.kinds)
        most = min(x.size, self.search.cost // cheapest) if cheapest > 0 else x.size
        return Limits(ranges | {BINS: (x.least_bins, max(most, x.least_bins))})

    @property
    def setups_cost(self) -> bool:
        """Whether there is more to pay for than bins."""
        return any((*self.search.instance.set_costs, *self.search.instance.setup_costs))

    @property
    def enough(self) -> float:
        """A bound of a part that is no longer worth a look."""
        return self.search.worthwhile_cost + ENOUGH * self.unit

    def relax(self, limits: Limits) -> Relaxation:
        before = self.master.rounds
        self.master.restrict(limits)
        relaxed = self.master.relax(self.enough, self.search.stop)
        self.search.work += self.master.rounds - before
        return relaxed

    def run(self) -> None:
        """The root, a first packing from it, then the tree until it is decided or time
        or work is used up.
        """
        search = self.search
        search.phase = "bound"
        root = self.relax(self.tree.open[0].limits)
        search.prove(rounded_up(root.bound, self.unit))
        if not search.over():
            self.prepare_many(root) if self.many else self.prepare_few(root)
        while self.tree.open and not search.over():
            search.phase = "branch"
            self.explore()
            if self.plunging and search.work > self.next_plunge:
                self.plunge()

    def prepare_few(self, root: Relaxation) -> None:
        """A plunge or a dive, and the bins counted where the relaxation makes do with fewer."""
        if self.plunging:
            self.plunge()
        else:
            self.dive()
        if root.counts[BINS] < len(self.search.packing) - 1 + CLOSE:
            self.tree.require(BINS, self.least_bins())

    def prepare_many(self, root: Relaxation) -> None:
        """A plunge, and the root with ever more knots."""
        self.plunge()
        while self.levels and not self.search.over():
            root = self.refine(root)

    def refine(self, root: Relaxation) -> Relaxation:
        """The root relaxed on the next level, where time allows; where it does not, no
        further level is tried.
        """
        search, coarser = self.search, self.master
        late = time.monotonic() + search.seconds_left * SHARE_FOR_LEVEL
        finer = Master(self.groups, *self.levels.pop(0), search.seed, search.left)
        finer.restrict(coarser.limits)
        for pattern in coarser.patterns:
            if pattern.legal:
                finer.add(pattern)

        def stop() -> bool:
            return search.stop() or (
                search.most_work is None and time.monotonic() > late
            )

        relaxed = finer.relax(self.enough, stop, center=root.prices)
        search.work += finer.rounds
        search.prove(rounded_up(relaxed.bound, self.unit))
        if stop():
            self.levels.clear()
            return root
        self.master = self.tree.master = finer
        return relaxed

    def explore(self) -> None:
        """One step of the tree; a part that is left whole is settled."""
        search, tree = self.search, self.tree
        settled = tree.nodes == 0 and self.settle(tree.open[0])
        if not settled and tree.open and not search.over():
            before = self.master.rounds
            undecided = tree.step(search.cost, search.stop)
            search.work += 1 + self.master.rounds - before
            if undecided is not None:
                self.settle(tree.undecided[-1][0])
        self.conclude()

    def conclude(self) -> None:
        """What the tree proves by now."""
        self.tree.decide(self.search.cost)
        if not self.search.stop():
            self.search.prove(self.tree.bound(self.search.cost))

    def least_bins(self) -> int:
        """How many bins are needed, setup costs aside: where few seem enough to the
        relaxation but are not, the costs only blur the question.
        """
        x, search = self.search.instance, self.search
        if not self.setups_cost or x.bin_cost <= 0:
            return x.least_bins
        search.phase = "count bins"
        bare = replace(
            x,
            bin_cost=1,
            setup_costs=(0,) * len(x.setup_costs),
            set_costs=(0,) * len(x.set_costs),
        )
        packing, bound = self.solve_apart(bare, SHARE_FOR_BINS, search, search.packing)
        search.offer(packing)
        return bound

    # --- parts that are not divided further by counts
    # ----------------------------------------------------------

    def settle(self, node: Node) -> bool:
        """Decide a part over the list of all patterns that it may need. False where
        there are too many.
        """
        relaxed = self.relax(node.limits)
        if self.search.stop():
            return False
        seconds = (
            math.inf
            if self.search.most_work is not None
            else self.search.seconds_left * SHARE_FOR_LIST
        )
        most = MOST_LISTED if self.setups_cost else MOST_LISTED_TO_COUNT
        pool = worthwhile(
            self.master, self.search.worthwhile_cost - relaxed.bound, most, seconds
        )
        if pool is None:
            if not self.many:
                self.dive()
            return False
        if not pool or self._branch_and_cut(node, pool):
            node.bound = self.search.cost
            self.tree.close(node)
        return True

    def _branch_and_cut(self, node: Node, pool: list[Pattern]) -> bool:
        """Whether nothing cheaper is left in the node, by a tree over its listed patterns."""
        search = self.search
        listed = ListedMaster(self.groups, pool, self.master.pricer.kinds, search.left)
        tree = Tree(listed, node.limits, self.unit)
        while tree.open and not search.over():
            search.phase, before = "cut and branch", listed.rounds
            found = tree.step(search.cost, search.stop)
            search.work += 1 + listed.rounds - before
            if found is not None:
                self._answer(tree, listed, found)
            tree.decide(search.cost)
            if not search.stop():
                node.bound = max(node.bound, tree.bound(search.cost))
                self.conclude()
        return not tree.open and not tree.undecided

    def _answer(self, tree: Tree, listed: ListedMaster, found: Relaxation) -> None:
        """A part of a listed tree in which all counts are whole: a packing, or a
        question for the integer program.
        """
        node = tree.undecided[-1][0]
        if found.integral:
            self.pack(
                [
                    listed.patterns[p]
                    for p, value in found.values
                    for _ in range(round(value))
                ]
            )
            return
        pool = [
            listed.patterns[p] for p in listed.promising(self.search.worthwhile_cost)
        ]
        own = Limits(
            {
                key: limits
                for key, limits in node.limits.ranges.items()
                if not isinstance(key, tuple)
            }
        )
        if self.choose(
            pool, own, max(MIP_SECONDS, self.search.seconds_left * SHARE_FOR_MIP)
        ):
            tree.close(node)
        else:
            tree.refine(node)

    def choose(self, pool: Sequence[Pattern], limits: Limits, seconds: float) -> bool:
        """The integer program over a pool of patterns; whether nothing cheaper can be
        made of them.
        """
        search = self.search
        search.phase = "integer program"
        search.work += WORK_OF_PROGRAM
        choice = choose(
            pool,
            self.groups.demand,
            limits,
            search.worthwhile_cost,
            min(seconds, search.seconds_left),
            search.most_work is not None,
        )
        if choice.patterns is not None:
            self.pack(choice.patterns)
        return choice.settled

    def pack(self, patterns: Sequence[Pattern]) -> None:
        search = self.search
        search.offer(search.annealer.complete(*self.groups.packing(patterns)))

    def dive(self) -> None:
        search, before = self.search, self.master.rounds
        search.phase = "dive"
        made = dive(self.master, search.annealer, search.stop)
        search.work += self.master.rounds - before
        if made is not None and search.offer(made):
            search.anneal(GENTLE_ROUNDS, GENTLE)

    def plunge(self) -> None:
        """A packing by way of residues; the next one is due when the tree has been
        given as much work.
        """
        search, before = self.search, self.search.work
        if search.over():
            return
        search.phase = "plunge"
        self.plunges += 1
        seed = search.seed + self.plunges * search.instance.size
        plunge = Plunge(search.instance, seed, self._finish, search.stop, search.left)
        made = plunge.run([search.packing])
        search.work += plunge.rounds
        if made is not None:
            search.offer(
                search.annealer.improve(made, GENTLE_ROUNDS, GENTLE, search.late)
            )
            search.work += WORK_OF_GENTLE
        self.next_plunge = 2 * search.work - before

    def _finish(self, few: Instance) -> Packing:
        return self.solve_apart(few, SHARE_FOR_FEW, self.search, None)[0]

    def again(self, turn: int) -> None:
        """Look once more at an undecided part, knowing the best packing's patterns."""
        self.learn()
        self.conclude()
        if self.search.over() or not self.tree.undecided:
            return
        if self.many:
            self.plunge()
            return
        node = self.tree.undecided[turn % len(self.tree.undecided)][0]
        self.master.restrict(node.limits)
        self.dive()
        pool = [
            self.master.patterns[p]
            for p in self.master.promising(self.search.worthwhile_cost)
        ]
        if len(pool) <= MOST_CHOSEN_FROM and not self.search.over():
            self.choose(pool, node.limits, MIP_SECONDS)


def levels(groups: Groups) -> list[tuple[Pricer, Knots]]:
    """Of many groups ever more knots, and on a finer grid, up to those of the full program."""
    pricer = pricer_for(groups)
    if len(groups) <= MOST_AT_ONCE:
        return [(pricer, Knots(groups, len(groups)))]
    kinds, fine = (
        len(groups.instance.kinds),
        pricer if pricer.exact else pricer_for(groups, effort=FINE),
    )
    first, *more = (Knots(groups, max(FEWEST_KNOTS, rows // kinds)) for rows in LEVELS)
    return [
        (pricer, first),
        *((fine, knots) for knots in more),
        (fine, Knots(groups, len(groups))),
    ]
