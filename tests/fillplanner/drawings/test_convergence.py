"""How the exact optimiser closes in: noted while it runs, drawn while and after."""

from __future__ import annotations

import re

import pytest
from markup import tight
from vials import make_plan

from fillplanner import runs
from fillplanner.drawings import convergence
from fillplanner.models import Plan
from fillplanner.planning.solve import Progress
from workspaces.models import User

TRACE = [
    [0.4, 500.0, 0.0],
    [1.0, 480.0, 400.0],
    [3.0, 470.0, 440.0],
    [9.0, 460.0, 455.0],
]


def step(best: float | None, bound: float | None) -> Progress:
    return Progress(85.0, "Improving", None, 0, 4, best, bound)


def test_best_and_bound_are_steps_that_meet_over_time() -> None:
    drawn = convergence.drawing(TRACE)
    assert drawn is not None
    assert (drawn.best, drawn.bound, round(drawn.gap, 2)) == (460.0, 455.0, 1.1)
    assert len(drawn.points) == 3
    heights = [float(y) for y in re.findall(r" ([\d.]+)", drawn.best_path)]
    assert heights == sorted(heights)
    floors = [float(y) for y in re.findall(r" ([\d.]+)", drawn.bound_path)]
    assert floors == sorted(floors, reverse=True)
    assert max(heights) < min(floors)
    assert len(drawn.seconds) <= 6


@pytest.mark.parametrize(
    "trace", [[], [[0.4, 500.0, 0.0]], [[2.0, 400.0, 400.0], [2.1, 400.0, 400.0]]]
)
def test_before_there_is_a_bound_and_where_it_was_proven_at_once_nothing_is_drawn(
    trace: list[list[float]],
) -> None:
    assert convergence.drawing(trace) is None


def test_one_point_is_drawn_too() -> None:
    for trace in ([[0.0, 480.0, 400.0]], [[2.0, 401.0, 400.0], [2.0, 400.0, 400.0]]):
        drawn = convergence.drawing(trace)
        assert drawn is not None
        assert "nan" not in drawn.area


@pytest.mark.services
@pytest.mark.django_db
def test_a_run_notes_what_got_better_and_ends_with_its_result(
    editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr("common.runs.REPORT_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(
        "fillplanner.live.events.traced", lambda plan: told.append(plan.pk)
    )
    plan = runs.claim(make_plan(editor).pk, "w")
    reporter = runs.Reporter(plan)
    for best, bound in (
        (None, None),
        (90.0, 10.0),
        (90.0, 10.0),
        (80.0, 10.0),
        (80.0, 70.0),
    ):
        reporter.hear(step(best, bound))
    assert [point[1:] for point in Plan.objects.get().trace] == [
        [90, 10],
        [80, 10],
        [80, 70],
    ]
    assert len(told) == 3
    runs.record_result(plan, runs.solve_plan(plan))
    done = Plan.objects.select_related("result").get()
    assert done.trace[-1][1:] == [done.result.makespan, done.result.lower_bound]


@pytest.mark.django_db
def test_while_nothing_gets_better_the_last_point_moves_on(
    editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.runs.REPORT_EVERY_SECONDS", 0.0)
    clock = iter([1.0, 2.0, 9.0, 15.0, 16.0])
    monkeypatch.setattr(runs, "elapsed", lambda plan: next(clock))
    reporter = runs.Reporter(runs.claim(make_plan(editor).pk, "w"))
    told = [reporter.went_on(step(90.0, 10.0)) for _ in range(4)] + [
        reporter.went_on(step(80.0, 10.0))
    ]
    assert told == [True, False, True, True, True]
    assert reporter.trace == [[1.0, 90, 10], [15.0, 90, 10], [16.0, 80, 10]]


@pytest.mark.django_db
def test_a_long_run_keeps_few_points(
    editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.runs.REPORT_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(runs, "MOST_TRACED", 10)
    reporter = runs.Reporter(runs.claim(make_plan(editor).pk, "w"))
    for n in range(40):
        reporter.hear(step(500.0 - n, 100.0))
    assert len(reporter.trace) <= 10
    assert reporter.trace[-1][1] == 461.0


@pytest.mark.django_db
def test_the_page_draws_it_while_it_runs_and_after(
    browse, editor: User, manager: User
) -> None:
    plan, client = make_plan(editor), browse(editor)
    runs.claim(plan.pk, "w")
    assert "solver-chart" not in client.get(f"/plans/{plan.pk}").content.decode()
    Plan.objects.update(trace=TRACE)
    page = tight(client.get(f"/plans/{plan.pk}").content.decode())
    assert "Best plan 460.00 h, no plan under 455.00 h" in page
    piece = client.get(f"/plans/{plan.pk}/solver").content.decode()
    assert f'hx-trigger="live:plan:{plan.pk}:trace from:body"' in piece
    assert piece.count("<tr>") == 4
    assert browse(manager).get(f"/plans/{plan.pk}/solver").status_code == 403
    Plan.objects.update(state="pending")
    runs.run(plan.pk, "w")
    Plan.objects.update(trace=TRACE)
    assert (
        "solver-chart"
        in client.get(f"/plans/{plan.pk}?show=statistics").content.decode()
    )
    assert "hx-trigger" not in client.get(f"/plans/{plan.pk}/solver").content.decode()
