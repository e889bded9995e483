"""The exact part of the solver: relax, list, cut and branch until the best packing is
proven or a better one found.
"""

from __future__ import annotations

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

MIP_SECONDS = 10.0
SHARE_FOR_MIP = 0.4
MOST_CHOSEN_FROM = 6000
MOST_LISTED = 60_000
MOST_LISTED_TO_COUNT = 150_000
SHARE_FOR_BINS = 0.5
GENTLE = 0.1
GENTLE_ROUNDS = 100_000
WORK_OF_GENTLE = 100
WORK_OF_PROGRAM = 100
# Of a unit of cost: how far over the last worthwhile cost a bound must be to end the matter.
ENOUGH = 0.001
# So many groups at once are a program that is soon solved; more are first taken
# together between knots. So many items are packed well without a plunge.
MOST_AT_ONCE = 250
LEVELS = (40, 160)
FEWEST_KNOTS = 6
MOST_WITHOUT_PLUNGE = 250
SHARE_FOR_LEVEL = 0.3
SHARE_FOR_FEW = 0.1
SHARE_FOR_LIST = 0.5
# Turns of annealing between two looks; one where a look is a plunge.
TURNS_TO_LOOK_AGAIN = 4
SolveApart = Callable[[Instance, float, Search, Packing | None], tuple[Packing, int]]


class Proof:
    """Works on a search that has a packing already.

    search: what is known, and what may still be used.
    solve_apart: packs another instance, on a share of what is left to the search, from
    a packing where there is one, and returns its packing and bound.
    """

    def __init__(self, search: Search, solve_apart: SolveApart) -> None:
        self.search = search
        self.solve_apart = solve_apart
        self.unit = search.instance.unit
        self.groups = Groups(search.instance)
        self.levels = levels(self.groups)
        self.many = len(self.levels) > 1
        self.plunging = search.instance.size > MOST_WITHOUT_PLUNGE
        self.turns = 1 if self.many else TURNS_TO_LOOK_AGAIN
        self.plunges = 0
        self.next_plunge = 0
        self.master = self._next_master()
        self.learn()
        self.tree = Tree(self.master, self._limits(), self.unit)

    def _next_master(self) -> Master:
        """A program on the next level of knots."""
        pricer, knots = self.levels.pop(0)
        return Master(
            groups=self.groups,
            pricer=pricer,
            knots=knots,
            seed=self.search.seed,
            seconds_left=self.search.left,
        )

    def learn(self) -> None:
        """The patterns of the best packing."""
        for content in self.search.packing:
            self.master.add(self.groups.of_bin(content))

    def _limits(self) -> Limits:
        """What is known of the numbers of bins and visits in a better packing."""
        instance = self.search.instance
        ranges: dict[Key, Range] = {
            kind: (least, max(least, instance.classes.count(kind)))
            for kind, least in instance.least_visits.items()
        }
        cheapest = instance.cheapest_bin
        most = instance.size
        if cheapest > 0:
            most = min(most, self.search.cost // cheapest)
        least = instance.least_bins
        return Limits(ranges | {BINS: (least, max(most, least))})

    @property
    def setups_cost(self) -> bool:
        """Whether there is more to pay for than bins."""
        instance = self.search.instance
        return any((*instance.set_costs, *instance.setup_costs))

    @property
    def enough(self) -> float:
        """A bound of a part that is no longer worth a look."""
        return self.search.worthwhile_cost + ENOUGH * self.unit

    def relax(self, limits: Limits) -> Relaxation:
        """The program relaxed within these limits."""
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
        search = self.search
        coarser = self.master
        late = time.monotonic() + search.seconds_left * SHARE_FOR_LEVEL
        finer = self._next_master()
        finer.restrict(coarser.limits)
        for pattern in coarser.patterns:
            if pattern.legal:
                finer.add(pattern)

        def stop() -> bool:
            timed = search.most_work is None
            return search.stop() or (timed and time.monotonic() > late)

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
        search = self.search
        tree = self.tree
        settled = tree.nodes == 0 and self.settle(tree.open[0])
        if not settled and tree.open and not search.over():
            before = self.master.rounds
            undecided = tree.step(search.cost, search.stop)
            search.work += 1 + self.master.rounds - before
            if undecided is not None:
                node, _ = tree.undecided[-1]
                self.settle(node)
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
        instance = self.search.instance
        search = self.search
        if not self.setups_cost or instance.bin_cost <= 0:
            return instance.least_bins
        search.phase = "count bins"
        bare = replace(
            instance,
            bin_cost=1,
            setup_costs=(0,) * len(instance.setup_costs),
            set_costs=(0,) * len(instance.set_costs),
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
        pool = self._listed(relaxed)
        if pool is None:
            if not self.many:
                self.dive()
            return False
        if not pool or self._branch_and_cut(node, pool):
            node.bound = self.search.cost
            self.tree.close(node)
        return True

    def _listed(self, relaxed: Relaxation) -> list[Pattern] | None:
        """All patterns that a better packing may need, within the limits that were just
        relaxed; None for too many.
        """
        search = self.search
        slack = search.worthwhile_cost - relaxed.bound
        most = MOST_LISTED if self.setups_cost else MOST_LISTED_TO_COUNT
        if search.most_work is not None:
            return worthwhile(self.master, slack, most)
        seconds = search.seconds_left * SHARE_FOR_LIST
        return worthwhile(self.master, slack, most, seconds)

    def _branch_and_cut(self, node: Node, pool: list[Pattern]) -> bool:
        """Whether nothing cheaper is left in the node, by a tree over its listed patterns."""
        search = self.search
        listed = ListedMaster(
            groups=self.groups,
            patterns=pool,
            kinds=self.master.pricer.kinds,
            seconds_left=search.left,
        )
        tree = Tree(listed, node.limits, self.unit)
        while tree.open and not search.over():
            search.phase = "cut and branch"
            before = listed.rounds
            relaxed = tree.step(search.cost, search.stop)
            search.work += 1 + listed.rounds - before
            if relaxed is not None:
                self._answer(tree, listed, relaxed)
            tree.decide(search.cost)
            if not search.stop():
                node.bound = max(node.bound, tree.bound(search.cost))
                self.conclude()
        return not tree.open and not tree.undecided

    def _answer(self, tree: Tree, listed: ListedMaster, relaxed: Relaxation) -> None:
        """A part of a listed tree in which all counts are whole: a packing, or a
        question for the integer program.
        """
        node, _ = tree.undecided[-1]
        if relaxed.integral:
            patterns: list[Pattern] = []
            for p, value in relaxed.values:
                patterns += [listed.patterns[p]] * round(value)
            self.pack(patterns)
            return
        promising = listed.promising(self.search.worthwhile_cost)
        pool = [listed.patterns[p] for p in promising]
        seconds = max(MIP_SECONDS, self.search.seconds_left * SHARE_FOR_MIP)
        if self.choose(pool, node.limits.without_pairs(), seconds):
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
            most=search.worthwhile_cost,
            seconds=min(seconds, search.seconds_left),
            repeatable=search.most_work is not None,
        )
        if choice.patterns is not None:
            self.pack(choice.patterns)
        return choice.settled

    def pack(self, patterns: Sequence[Pattern]) -> None:
        """Offer the packing that these patterns make."""
        bins, rest = self.groups.packing(patterns)
        self.search.offer(self.search.annealer.complete(bins, rest))

    def dive(self) -> None:
        """A packing by fixing patterns one after the other."""
        search = self.search
        before = self.master.rounds
        search.phase = "dive"
        packing = dive(self.master, search.annealer, search.stop)
        search.work += self.master.rounds - before
        if packing is not None and search.offer(packing):
            search.anneal(GENTLE_ROUNDS, GENTLE)

    def plunge(self) -> None:
        """A packing by way of residues; the next one is due when the tree has been
        given as much work.
        """
        search = self.search
        before = self.search.work
        if search.over():
            return
        search.phase = "plunge"
        self.plunges += 1
        seed = search.seed + self.plunges * search.instance.size
        plunge = Plunge(
            whole=search.instance,
            seed=seed,
            finish=self._finish,
            stop=search.stop,
            seconds_left=search.left,
        )
        packing = plunge.run([search.packing])
        search.work += plunge.rounds
        if packing is not None:
            annealer = search.annealer
            better = annealer.improve(packing, GENTLE_ROUNDS, GENTLE, search.late)
            search.offer(better)
            search.work += WORK_OF_GENTLE
        self.next_plunge = 2 * search.work - before

    def _finish(self, few: Instance) -> Packing:
        """A packing of an instance of few items."""
        packing, _ = self.solve_apart(few, SHARE_FOR_FEW, self.search, None)
        return packing

    def again(self, turn: int) -> None:
        """Look once more at an undecided part, knowing the best packing's patterns."""
        self.learn()
        self.conclude()
        if self.search.over() or not self.tree.undecided:
            return
        if self.many:
            self.plunge()
            return
        node, _ = self.tree.undecided[turn % len(self.tree.undecided)]
        self.master.restrict(node.limits)
        self.dive()
        promising = self.master.promising(self.search.worthwhile_cost)
        pool = [self.master.patterns[p] for p in promising]
        if len(pool) <= MOST_CHOSEN_FROM and not self.search.over():
            self.choose(pool, node.limits, MIP_SECONDS)


def levels(groups: Groups) -> list[tuple[Pricer, Knots]]:
    """Of many groups ever more knots, and on a finer grid, up to those of the full program."""
    pricer = pricer_for(groups)
    all_knots = Knots(groups, len(groups))
    if len(groups) <= MOST_AT_ONCE:
        return [(pricer, all_knots)]
    fine = pricer if pricer.exact else pricer_for(groups, effort=FINE)
    kinds = len(groups.instance.kinds)
    first, *more = (Knots(groups, max(FEWEST_KNOTS, rows // kinds)) for rows in LEVELS)
    return [
        (pricer, first),
        *((fine, knots) for knots in more),
        (fine, all_knots),
    ]
