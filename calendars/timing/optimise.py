"""Choosing times for all posts together, for the greatest sum of scores, with a proven
bound.

1. Times that posts which stay make impossible are left out (`freed`).
2. A greedy answer is a first one (`greedy.py`).
3. Posts of one account that are worth the same at every time are one class, and a
   linear programme chooses how many of a class go out at each time (`programme.py`).
4. What the classes leave open, which content goes where, is settled by swaps, which
   change no score (`staggering.py`).
5. Contents that cannot be kept apart that way become classes of their own with rows for
   the stagger, and the programme is solved again.

Every such programme is a relaxation of the question: its bound is valid whatever comes
after.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from calendars.timing.assignment import Question, Target, judge, value_of
from calendars.timing.collisions import collisions
from calendars.timing.greedy import Board, greedy
from calendars.timing.programme import STAY, choose, classes_of
from calendars.timing.staggering import divide

OPTIMAL = "optimal"
FEASIBLE = "feasible"
INFEASIBLE = "infeasible"
CLOSE = 1e-6
Listener = Callable[[str, float, float], None]


@dataclass(frozen=True)
class Answer:
    """What was chosen.

    times: by target id, aware UTC; empty when infeasible.
    value: the sum of their scores.
    bound: a sum no answer can pass.
    status: optimal, feasible or infeasible.
    greedy_value: the sum a greedy choice reaches; None when it finds no place for some post.
    seconds: how long it took.
    collisions: for infeasible questions, which kinds of rules collide.
    """

    times: Mapping[str, datetime]
    value: float
    bound: float
    status: str
    greedy_value: float | None
    seconds: float
    collisions: tuple[str, ...] = ()

    @property
    def gap_percent(self) -> float:
        """How much more the bound is, in percent of it; 0 proves the answer optimal."""
        if self.bound <= 0:
            return 0.0
        gap = 100 * (self.bound - self.value) / self.bound
        return max(0.0, round(gap, 6))


def optimise(
    question: Question, seconds: float = 10.0, listen: Listener | None = None
) -> Answer:
    """The best times found in so many seconds, and how good they are at most.

    question: what is to be placed, and by what rules.
    seconds: when the search ends at the latest; explaining collisions comes on top.
    listen: hears phase (greedy or optimise), best value so far (or -inf) and bound.
    Raises AssertionError for times that the judge faults.
    """
    begun = time.monotonic()
    search = Search(freed(question), listen)
    greedy_value = search.start()
    is_possible = search.improve(deadline=begun + seconds)
    elapsed = time.monotonic() - begun
    if not is_possible:
        return infeasible(0.0, elapsed, collisions(search.question))
    if search.best is None:
        return infeasible(search.bound, elapsed, ("time",))
    answer = judged(search.question, search.best, search.bound)
    return replace(answer, greedy_value=greedy_value, seconds=elapsed)


class Search:
    """The best times so far (None for none), and a bound that no answer passes.

    question: without the times that posts which stay make impossible.
    listen: as `optimise` has it.
    """

    def __init__(self, question: Question, listen: Listener | None) -> None:
        self.question = question
        self.listen = listen
        self.best: dict[str, datetime] | None = None
        self.bound = sum(best_score(target) for target in question.targets)

    def start(self) -> float | None:
        """Choose greedily; the sum of the scores, None where a post finds no place."""
        times = greedy(self.question)
        is_complete = len(times) == len(self.question.targets)
        if is_complete:
            self.best = times
        self.report("greedy")
        return value_of(self.question, times) if is_complete else None

    def improve(self, deadline: float) -> bool:
        """Choose by the programme, until one content's posts keep apart or the deadline
        (of the monotonic clock, seconds) has passed; False where that is impossible.
        """
        question = self.question
        apart: set[str] = set()
        while question.targets:
            classes = classes_of(question, apart)
            choice = choose(question, classes, apart, deadline - time.monotonic())
            if choice.impossible:
                return False
            self.bound = min(self.bound, choice.bound)
            if choice.chosen is None:
                break
            times, close = divide(question, classes, choice.chosen)
            if not close:
                self.offer(times)
            self.report("optimise")
            if close <= apart or time.monotonic() > deadline:
                break
            apart |= close
        return True

    def offer(self, times: dict[str, datetime]) -> None:
        """Take these times unless those at hand are better."""
        question = self.question
        if self.best is None or merit(question, times) >= merit(question, self.best):
            self.best = times

    def report(self, phase: str) -> None:
        """Tell whoever listens of the best value and the bound so far."""
        if self.listen is not None:
            value = value_of(self.question, self.best) if self.best else float("-inf")
            self.listen(phase, value, self.bound)


def best_score(target: Target) -> float:
    """What the target would be worth if it had the week for itself."""
    return max(target.scores.values(), default=0.0)


def merit(question: Question, times: Mapping[str, datetime]) -> float:
    """What choices are compared by: the sum of the scores, and among equals the number
    of posts that stay.
    """
    staying = sum(times[target.id] == target.current for target in question.targets)
    return value_of(question, times) + STAY * staying


def judged(question: Question, times: dict[str, datetime], bound: float) -> Answer:
    """The answer with these times, optimal where the bound proves it.

    times: by target id, for all targets.
    bound: no answer's value passes it.
    Raises AssertionError where they break a rule.
    """
    if faults := judge(question, times):
        raise AssertionError("; ".join(faults[:5]))
    value = value_of(question, times)
    is_proven = bound - value <= STAY * len(question.targets) + CLOSE
    return Answer(
        times=times,
        value=value,
        bound=max(bound, value),
        status=OPTIMAL if is_proven else FEASIBLE,
        greedy_value=None,
        seconds=0.0,
    )


def infeasible(bound: float, seconds: float, collisions: tuple[str, ...]) -> Answer:
    """The answer without times.

    bound: what is known of the value of any answer.
    seconds: how long it took.
    collisions: the kinds of rules that are why.
    """
    return Answer(
        times={},
        value=0.0,
        bound=bound,
        status=INFEASIBLE,
        greedy_value=None,
        seconds=seconds,
        collisions=collisions,
    )


def freed(question: Question) -> Question:
    """The question without the times that posts which stay make impossible."""
    board = Board(question)
    targets = tuple(with_free_times(target, board) for target in question.targets)
    return replace(question, targets=targets)


def with_free_times(target: Target, board: Board) -> Target:
    """The target with only the times at which the board takes it."""
    scores = {
        at: score
        for at, score in target.scores.items()
        if board.takes(target.account, target.content, at)
    }
    return replace(target, scores=scores)
