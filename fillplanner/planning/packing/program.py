"""What the set-covering programs ask of HiGHS: rows that want at least so much, a column
for each pattern, one thread, and an end of time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import highspy
import numpy as np

SecondsLeft = Callable[[], float]
Array = Any


def forever() -> float:
    """No limit of time."""
    return math.inf


def covering_program(
    demand: Iterable[float], counted: int, dearest: float
) -> highspy.Highs:
    """A program with a dear column in each row that makes it feasible: where one stays
    in use, the bound says so. Columns of patterns come after those.

    demand: what each of the first rows is covered at least.
    counted: how many rows without limits follow, which count bins and visits.
    dearest: what no pattern costs more than.
    """
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    nothing = np.empty(0, np.int32), np.empty(0)
    for least in (*demand, *[0.0] * counted):
        solver.addRow(least, highspy.kHighsInf, 0, *nothing)
    cost = 4.0 * (dearest + 1)
    for row in range(solver.getNumRow()):
        add_column(solver, cost, np.array([row]), np.ones(1))
    return solver


def add_column(solver: highspy.Highs, cost: float, rows: Array, factors: Array) -> None:
    """A pattern, used any number of times.

    cost: of each use.
    rows, factors: what each use adds to which rows.
    """
    places = rows.astype(np.int32)
    solver.addCol(cost, 0, highspy.kHighsInf, len(rows), places, factors)


def add_row(
    solver: highspy.Highs, least: float, columns: Array, factors: Array
) -> None:
    """Ask for at least so much of a sum over columns.

    columns, factors: which columns count, and how much each use does.
    """
    places = columns.astype(np.int32)
    solver.addRow(least, highspy.kHighsInf, len(columns), places, factors)


def run(solver: highspy.Highs, seconds: float) -> None:
    """Solve the program, or stop on the way after so many seconds: what is known then
    is no optimum.

    solver: the program, with its last solution to begin with.
    seconds: of the clock.
    """
    # Its clock goes on from run to run.
    solver.setOptionValue("time_limit", solver.getRunTime() + max(0.0, seconds))
    solver.run()


def optimum(solver: highspy.Highs, seconds: float) -> float:
    """The program's value once it has run for at most so many seconds."""
    run(solver, seconds)
    return float(solver.getInfo().objective_function_value)


def row_duals(solver: highspy.Highs) -> Array:
    """The dual values of all rows.

    Any prices prove a bound; what is no number, after a failed solve, may as well be none.
    """
    duals = np.array(solver.getSolution().row_dual)
    return np.nan_to_num(duals, nan=0.0, posinf=0.0, neginf=0.0)
