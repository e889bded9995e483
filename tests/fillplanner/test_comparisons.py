"""Comparisons follow their plans: begun once, finished once, repaired when a worker
died in between.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from together import at_once, faults
from vials import make_comparison, make_plan

from common.errors import Conflict, Forbidden, Unprocessable
from common.runs import MOST_LOSSES
from config.tasks import find_unheard
from fillplanner import comparing, runs
from fillplanner.models import Comparison, Delivery, NoticeTarget, Plan
from fillplanner.models.notices import EMAIL
from fillplanner.services import comparisons, plans
from fillplanner.tasks import run_plan
from workspaces.models import AuditEntry, User

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def comparison(editor: User) -> Comparison:
    return make_comparison(editor, "smart-pack", "lpt-pack", "spt-pack")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """The comparison's frames, as they are handed over to be sent after commit."""
    heard: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(
        "fillplanner.live.events.comparison_event",
        lambda row, kind, data: heard.append((kind, data)),
    )
    return heard


def parts(comparison: Comparison) -> list[Plan]:
    return list(comparison.plans.order_by("pk"))


def die_after_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that record their plan and are gone before they look at the comparison."""
    monkeypatch.setattr(comparing, "ended", lambda plan: None)


def test_it_runs_with_the_first_plan_and_ends_with_the_last(
    comparison: Comparison,
) -> None:
    seen = []
    for plan in parts(comparison):
        runs.run(plan.pk, "w")
        comparison.refresh_from_db()
        seen.append(comparison.state)
    assert seen == ["running", "running", "completed"]
    first, *_, last = parts(comparison)
    assert (comparison.started_at, comparison.ended_at) == (
        first.started_at,
        last.ended_at,
    )
    assert comparison.best_strategy in comparison.strategies


def test_the_best_is_the_one_with_fewest_missed_times_however_long(
    comparison: Comparison,
) -> None:
    for plan in parts(comparison)[:2]:
        runs.run(plan.pk, "w")
    smart, lpt, _ = parts(comparison)
    type(smart.result).objects.filter(plan=smart).update(window_violations=1)
    type(lpt.result).objects.filter(plan=lpt).update(makespan=9000)
    plans.cancel(comparison.owner, parts(comparison)[2].pk)
    comparison.refresh_from_db()
    assert (comparison.state, comparison.best_strategy) == ("completed", "lpt-pack")


def test_programs_hear_how_it_goes_in_the_contracts_words(
    comparison: Comparison, told: list[tuple[str, dict[str, Any]]]
) -> None:
    for plan in parts(comparison):
        runs.run(plan.pk, "w")
    assert [kind for kind, _ in told] == [
        "comparison.started",
        "comparison.progress",
        "comparison.progress",
        "comparison.progress",
        "comparison.progress",
        "comparison.completed",
    ]
    progress, done = told[3][1], told[-1][1]
    assert set(progress) == {
        "comparison_id",
        "status",
        "progress",
        "message",
        "strategies_completed",
        "strategies_total",
        "current_strategy",
        "elapsed_time",
    }
    assert (
        progress["strategies_completed"],
        progress["strategies_total"],
        progress["progress"],
    ) == (2, 3, 66.7)
    assert (told[0][1]["current_strategy"], told[2][1]["current_strategy"]) == (
        "smart-pack",
        "lpt-pack",
    )
    best = next(
        plan for plan in parts(comparison) if plan.strategy == done["best_strategy"]
    )
    assert done == {
        "comparison_id": comparison.pk,
        "status": "completed",
        "strategies_count": 3,
        "best_strategy": best.strategy,
        "best_makespan": best.result.makespan,
        "execution_time": done["execution_time"],
    }


def test_a_failed_one_says_so(
    comparison: Comparison, told: list[tuple[str, dict[str, Any]]]
) -> None:
    Plan.objects.update(strategy="gone")
    for plan in parts(comparison):
        runs.run(plan.pk, "w")
    kind, data = told[-1]
    assert (kind, data["status"], data["error_type"]) == (
        "comparison.failed",
        "failed",
        "planning_error",
    )
    assert data["error"].startswith("Strategy 'gone' not found")


def test_different_reasons_are_all_told(comparison: Comparison) -> None:
    one, two, three = parts(comparison)
    Plan.objects.filter(pk=one.pk).update(strategy="gone")
    runs.run(one.pk, "w")
    for plan in (two, three):
        plans.cancel(comparison.owner, plan.pk)
    comparison.refresh_from_db()
    assert comparison.error.startswith("gone: Strategy 'gone' not found")
    assert "spt-pack: Cancelled by editor" in comparison.error


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_finish_at_once_complete_it_once(
    editor: User,
    told: list[tuple[str, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fillplanner.services.comparisons.ring", lambda *args: None)
    for _ in range(5):
        told.clear()
        comparison = make_comparison(editor, "smart-pack", "lpt-pack")
        claimed = [runs.claim(plan.pk, "w") for plan in parts(comparison)]
        results = [runs.solve_plan(plan) for plan in claimed if plan]
        pairs = zip(claimed, results, strict=True)
        done = at_once(
            *(partial(runs.record_result, plan, result) for plan, result in pairs)
        )
        assert all(done) and faults(done) == []
        comparison.refresh_from_db()
        assert comparison.state == "completed"
        assert [kind for kind, _ in told].count("comparison.completed") == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_begin_at_once_start_it_once(
    editor: User,
    told: list[tuple[str, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fillplanner.services.comparisons.ring", lambda *args: None)
    comparison = make_comparison(editor, "smart-pack", "lpt-pack", "spt-pack")
    claimed = at_once(
        *(partial(runs.claim, plan.pk, "w") for plan in parts(comparison))
    )
    assert all(claimed) and faults(claimed) == []
    assert sorted(kind for kind, _ in told) == [
        "comparison.progress",
        "comparison.progress",
        "comparison.started",
    ]


def test_beat_finishes_what_a_dead_worker_left_open(
    comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        die_after_the_plan(patch)
        for plan in parts(comparison):
            runs.run(plan.pk, "w")
    comparison.refresh_from_db()
    assert comparison.state == "running"
    find_unheard()
    comparison.refresh_from_db()
    assert comparison.state == "completed"
    assert comparing.repair() == []


def test_a_worker_killed_while_planning_is_replaced_and_the_comparison_ends(
    comparison: Comparison,
) -> None:
    one, *others = parts(comparison)
    runs.claim(one.pk, "dead")
    for plan in others:
        runs.run(plan.pk, "alive")
    assert runs.unfinished() == []
    later = timezone.now() + timedelta(minutes=10)
    assert runs.unfinished(later) == [one.pk]
    comparison.refresh_from_db()
    assert comparison.state == "running"
    runs.run(one.pk, "alive")
    comparison.refresh_from_db()
    assert comparison.state == "completed"


def test_a_plan_that_is_interrupted_for_good_ends_the_comparison_too(
    comparison: Comparison,
) -> None:
    one, *others = parts(comparison)
    for plan in others:
        runs.run(plan.pk, "w")
    for _ in range(MOST_LOSSES):
        runs.claim(one.pk, "dead")
        Plan.objects.filter(pk=one.pk).update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
        runs.unfinished()
    comparison.refresh_from_db()
    assert comparison.state == "completed"


def test_cancelling_stops_the_workers_and_keeps_what_is_there(
    comparison: Comparison, editor: User
) -> None:
    one, two, _ = parts(comparison)
    runs.run(one.pk, "w")
    running = runs.claim(two.pk, "w")
    assert running
    result = runs.solve_plan(running)
    stopped = comparisons.cancel(editor, comparison.pk)
    assert (stopped.state, stopped.best_strategy) == ("completed", "smart-pack")
    assert runs.record_result(running, result) is None
    with pytest.raises(Conflict):
        comparisons.cancel(editor, comparison.pk)
    assert list(
        AuditEntry.objects.filter(action="cancelled").values_list("thing", flat=True)
    ) == [comparison.topic]


def test_cancelled_before_it_began_it_has_failed(
    comparison: Comparison, editor: User, told: list[Any]
) -> None:
    stopped = comparisons.cancel(editor, comparison.pk)
    assert (stopped.state, stopped.was_cancelled, stopped.started_at) == (
        "failed",
        True,
        None,
    )
    assert (told[-1][0], told[-1][1]["error_type"]) == (
        "comparison.failed",
        "cancelled",
    )


def test_deleted_while_it_runs_it_leaves_nothing(
    comparison: Comparison, editor: User
) -> None:
    claimed = runs.claim(parts(comparison)[0].pk, "w")
    assert claimed
    result = runs.solve_plan(claimed)
    comparisons.delete(editor, comparison.pk)
    assert runs.record_result(claimed, result) is None
    assert not Plan.objects.exists()
    assert comparing.settle(comparison.pk) is None


def test_notices_tell_of_the_comparison_and_not_of_each_plan(
    comparison: Comparison, editor: User
) -> None:
    NoticeTarget.objects.create(owner=editor, kind=EMAIL, secret="")
    one, two, three = parts(comparison)
    runs.run(one.pk, "w")
    plans.cancel(editor, two.pk)
    Plan.objects.filter(pk=three.pk).update(strategy="gone")
    runs.run(three.pk, "w")
    [delivery] = Delivery.objects.all()
    assert (delivery.event, delivery.about) == (
        "comparison.completed",
        comparison.topic,
    )
    assert delivery.body["data"]["best_strategy"] == "smart-pack"


def test_a_mail_names_the_comparison_and_leads_to_it(
    comparison: Comparison, editor: User, settings, mailoutbox
) -> None:
    settings.PUBLIC_URL = "https://slotline.example"
    NoticeTarget.objects.create(owner=editor, kind=EMAIL, secret="")
    for plan in parts(comparison):
        run_plan(plan.pk)
    [mail] = mailoutbox
    assert mail.subject == "Your comparison is ready"
    assert "Your comparison is ready: Which" in mail.body
    assert f"https://slotline.example/comparisons/{comparison.pk}" in mail.body


def test_pages_hear_of_the_comparison_and_the_list_of_plans_does_not(
    comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(
        "fillplanner.live.events.announce_change",
        lambda groups, *topics: heard.extend(topics),
    )
    runs.run(parts(comparison)[0].pk, "w")
    assert comparison.topic in heard
    assert "plans" not in heard


def test_the_owners_feed_hears_of_the_comparison_only(
    comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "fillplanner.live.events.announce",
        lambda group, kind, data: heard.append((group, kind)),
    )
    plan = parts(comparison)[0]
    runs.run(plan.pk, "w")
    feed = [kind for group, kind in heard if group.startswith("fillplanner.feed")]
    assert feed == ["comparison.started", "comparison.progress"]
    assert (f"fillplanner.plan.{plan.pk}", "schedule.completed") in heard


def test_each_strategys_plan_has_a_name_that_fits(editor: User) -> None:
    comparison = make_comparison(editor, name="x" * 255)
    assert [plan.name for plan in parts(comparison)] == [
        "x" * 242 + " (smart-pack)",
        "x" * 244 + " (lpt-pack)",
    ]


@pytest.mark.parametrize("act", [comparisons.cancel, comparisons.delete])
def test_nobody_touches_somebody_elses(
    comparison: Comparison, manager: User, act: Callable[[User, int], object]
) -> None:
    with pytest.raises(Forbidden):
        act(manager, comparison.pk)


def test_one_strategy_is_no_comparison(editor: User) -> None:
    with pytest.raises(Unprocessable):
        make_comparison(editor, "smart-pack")


def test_a_plan_made_again_from_a_comparison_stands_alone(
    comparison: Comparison, editor: User
) -> None:
    one = parts(comparison)[0]
    runs.run(one.pk, "w")
    again = plans.plan_again(editor, one.pk)
    assert again.comparison_id is None
    assert make_plan(editor).comparison_id is None
