"""Inner loops in two forms: the same answers compiled and as Python, and no plan that
waits for a compiler.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from fillplanner.planning import compiling, kernels
from fillplanner.planning.calendar import Calendar
from fillplanner.planning.judge import judge
from fillplanner.planning.packing import Instance
from fillplanner.planning.packing.annealer import Annealer
from fillplanner.planning.packing.enumeration import worthwhile
from fillplanner.planning.packing.master import BINS, MANY, Limits, Master
from fillplanner.planning.packing.patterns import Groups
from fillplanner.planning.packing.pricing import pricer_for
from fillplanner.planning.problem import LineConfig, Lot, Problem, Tunables
from fillplanner.planning.sequencing import Sequencer, beam
from fillplanner.planning.sequencing.annealing import search
from fillplanner.planning.solve import solve

MATRIX = {
    a: {b: 1.0 + (3 * i + 5 * j) % 7 for j, b in enumerate("ABCD")}
    for i, a in enumerate("ABCD")
}


def lots(count: int, seed: int = 0, wished: bool = False) -> tuple[Lot, ...]:
    chance = random.Random(seed)
    rows = [
        Lot(f"L{i}", chance.choice("ABCD"), 1, chance.uniform(5, 50))
        for i in range(count)
    ]
    return tuple(
        replace(lot, target_end=chance.uniform(60, 40.0 * count)) if wished else lot
        for lot in rows
    )


def problems() -> dict[str, Problem]:
    """One of every kind."""
    knobs = Tunables(milp_time_limit=0.3, work_limit=5)
    usual = LineConfig(tunables=knobs)
    weekend = Calendar(weekly_off=(5, 6))
    start = datetime(2026, 11, 30, 8, tzinfo=UTC)
    return {
        "plain": Problem(lots(12), usual),
        "matrix": Problem(lots(12), replace(usual, changeover_matrix=MATRIX)),
        "windows": Problem(lots(9, wished=True), usual),
        "lines": Problem(
            lots(9, wished=True), replace(usual, lines=2, allow_waiting=True)
        ),
        "calendar": Problem(lots(9), replace(usual, calendar=weekend), start),
        "frozen": Problem(
            lots(9, wished=True), replace(usual, frozen_blocks=(("L3", "L4"),))
        ),
    }


def instance(tabled: bool) -> Instance:
    chance = random.Random(1)
    weights, classes = (
        tuple(chance.randint(15, 60) for _ in range(14)),
        tuple(i % 2 for i in range(14)),
    )
    tables = ((0, 5, 3, 8), (0, 1, 2, 3)) if tabled else ((), ())
    return Instance(120, 4, (5, 3), (1, 2), weights, classes, *tables)


@pytest.fixture(scope="module")
def compiled() -> None:
    call_command("compile_planner", hurry=True)
    kernels.look()
    assert kernels.compiled()


def both(act: Callable[[], Any]) -> tuple[Any, Any]:
    """What comes of it compiled and as Python, with as many rounds in both."""
    with kernels.held(compiled=True):
        first = act()
    with kernels.interpreted(), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return first, act()


@pytest.mark.thorough
@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("name", problems())
def test_no_plan_of_any_kind_compiles(name: str) -> None:
    problem = problems()[name]
    for strategy in ("smart-pack", "lpt-pack", "milp-opt"):
        result = solve(problem, strategy)
        assert judge(problem, result.plan) == []
    for one in kernels.kernels:
        assert not one.refused, one.name
        if one.compiled_form is not None and one.door:
            assert not sum(one.compiled_form.stats.cache_misses.values()), one.name


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("tabled", [False, True])
def test_packings_are_annealed_alike(
    tabled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "fillplanner.planning.packing.annealer.scaled",
        lambda amount, least=1: min(amount, 300),
    )
    start = [[i] for i in range(14)]
    one, other = both(lambda: Annealer(instance(tabled), 3).improve(start, 300))
    assert one == other
    one, other = both(lambda: Annealer(instance(tabled)).construct())
    assert one == other


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("tabled", [False, True])
def test_patterns_are_priced_and_listed_alike(tabled: bool) -> None:
    def relax() -> Any:
        groups = Groups(instance(tabled))
        master = Master(groups, pricer_for(groups))
        master.restrict(
            Limits(dict.fromkeys((*groups.instance.kinds, BINS), (0, MANY)))
        )
        bound = master.relax(float("inf"), bool).bound
        return bound, master.patterns, worthwhile(master, 2.0, 1000)

    one, other = both(relax)
    assert one == other
    assert one[2]


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("name", ["windows", "lines", "calendar", "frozen"])
def test_lots_are_put_in_time_alike(name: str) -> None:
    problem = problems()[name]

    def sequence() -> Any:
        sequencer = Sequencer(problem)
        first, cuts = sequencer.arrays(problem.frozen)
        way = beam.build(sequencer.line, first, np.zeros(problem.config.lines), 6, 1)
        assert way is not None
        order, cuts = np.concatenate([first, way[0]]), np.concatenate([cuts, way[1]])
        best, best_cuts = order.copy(), cuts.copy()
        figures = search(
            5, 60, 25.0, 0.05, order, cuts, best, best_cuts, sequencer.line
        )
        return (
            [float(value) for value in figures],
            best.tolist(),
            best_cuts.tolist(),
            order.tolist(),
            cuts.tolist(),
        )

    one, other = both(sequence)
    assert one == other


@pytest.mark.thorough
@pytest.mark.parametrize("name", problems())
def test_plans_are_made_and_judged_without_compiled_code(name: str) -> None:
    problem = problems()[name]
    with kernels.interpreted(), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        results = [solve(problem, strategy) for strategy in ("smart-pack", "milp-opt")]
    for result in results:
        assert judge(problem, result.plan) == []
        assert result.lower_bound <= result.makespan


def test_few_lots_are_planned_to_the_optimum_without_compiled_code() -> None:
    with kernels.interpreted():
        result = solve(Problem(lots(4), LineConfig()), "milp-opt")
    assert result.solver_status == "optimal"


def test_rounds_are_fewer_as_python() -> None:
    with kernels.interpreted():
        assert kernels.scaled(20_000) == 20_000 // kernels.SLOWER
        assert kernels.scaled(20, 5) == 5
    with kernels.held(compiled=True):
        assert kernels.scaled(20_000) == 20_000


def test_every_kernel_is_part_of_the_fingerprint() -> None:
    modules = {
        Path(sys.modules[one.function.__module__].__file__ or "")
        for one in kernels.kernels
    }
    assert {str(path.relative_to(kernels.HERE)) for path in modules} <= set(
        kernels.SOURCES
    )


def test_ready_is_what_the_marker_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert not kernels.ready()
    [folder] = kernels.folders()
    folder.mkdir()
    assert not kernels.ready()
    (folder / kernels.MARKER).touch()
    assert kernels.ready()


@pytest.mark.thorough
def test_what_nobody_compiled_for_runs_as_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A marker without the code that it promises, such as after somebody cleared a part
    of the folder.
    """
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    kernels.folders()[0].mkdir()
    (kernels.folders()[0] / kernels.MARKER).touch()
    program = (
        "from fillplanner.planning import kernels\n"
        "from fillplanner.planning.sequencing.sequencer import decode, Sequencer\n"
        "from fillplanner.planning.problem import LineConfig, Lot, Problem\n"
        "from fillplanner.planning.solve import solve\n"
        "problem = Problem((Lot('a', 'T', 1, 2.0), Lot('b', 'T', 1, 3.0, 0.0, 9.0)), LineConfig())\n"
        "print(solve(problem).makespan, kernels.compiled(), decode.refused)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert run.stdout.split() == ["33.0", "True", "True"], run.stderr


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("wish", "strategy"),
    [("None", "smart-pack"), ("99.0", "smart-pack"), ("None", "milp-opt")],
)
def test_a_fresh_installation_plans_without_the_compiler(
    tmp_path: Path, wish: str, strategy: str
) -> None:
    program = (
        "import sys\n"
        "from fillplanner.planning.problem import LineConfig, Lot, Problem\n"
        "from fillplanner.planning.solve import solve\n"
        f"lots = (Lot('a', 'T', 1, 2.0), Lot('b', 'T', 1, 3.0, None, {wish}))\n"
        f"print(solve(Problem(lots, LineConfig()), '{strategy}').makespan, 'numba' in sys.modules)\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert run.stdout.split() == ["33.0", "False"], run.stderr


@pytest.mark.usefixtures("compiled")
def test_compiling_again_does_nothing_but_say_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("compile_planner")
    assert capsys.readouterr().out.startswith("Already compiled")


def test_of_two_that_compile_at_once_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    begun, calls = threading.Event(), []

    def call_all() -> None:
        calls.append(begun.wait(60))

    monkeypatch.setattr(compiling, "call_all", call_all)
    monkeypatch.setattr(compiling, "doors", list)
    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(compiling.compile_kernels) for _ in range(2)]
        begun.set()
        seconds = [result.result() for result in results]
    assert calls == [True]
    assert sorted(one is None for one in seconds) == [False, True]
    assert kernels.ready()
