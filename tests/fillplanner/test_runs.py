"""Running plans: one worker each, results whole or not at all, dead workers replaced."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from patience import SECONDS, until
from together import at_once, faults
from vials import make_plan, many_rows

from common.errors import Conflict
from common.runs import Claim
from config.tasks import find_unheard
from fillplanner import runs
from fillplanner.models import Plan, PlanResult
from fillplanner.planning.solve import Cancelled, Progress
from fillplanner.services import plans
from workspaces.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def plan(editor: User) -> Plan:
    return make_plan(editor)


def test_a_run_leaves_the_result_with_bound_and_gap(plan: Plan) -> None:
    done = runs.run(plan.pk, "worker-1")
    assert (done.state, done.percent, done.worker) == ("completed", 100, "worker-1")
    assert done.result.makespan == 24 + 9 + 8 + 8 + 4
    assert done.result.lower_bound <= done.result.makespan
    assert done.started_at <= done.ended_at


def test_a_plan_is_run_once_however_often_the_bell_rings(plan: Plan) -> None:
    assert runs.run(plan.pk, "a") is not None
    assert runs.run(plan.pk, "b") is None
    assert PlanResult.objects.count() == 1


def test_a_plan_that_cannot_be_solved_says_why(plan: Plan) -> None:
    Plan.objects.update(strategy="gone")
    failed = runs.run(plan.pk, "a")
    assert failed.state == "failed"
    assert failed.error.startswith("Strategy 'gone' not found")
    assert not PlanResult.objects.exists()


def test_an_unexpected_error_is_told_without_its_inside(
    plan: Plan, monkeypatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("/secret/path")

    monkeypatch.setattr(runs, "solve", fail)
    failed = runs.run(plan.pk, "a")
    assert failed.error == "The planner stopped with an unexpected RuntimeError."


def expire() -> None:
    Plan.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_dead_workers_plan_is_taken_back_and_run_again(plan: Plan) -> None:
    runs.claim(plan.pk, "dead")
    assert runs.unfinished() == []
    expire()
    Plan.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert runs.unfinished() == [plan.pk]
    assert runs.run(plan.pk, "alive").worker == "alive"


def test_a_plan_whose_bell_nobody_heard_is_found(plan: Plan) -> None:
    assert runs.unfinished() == []
    Plan.objects.update(created_at=timezone.now() - timedelta(seconds=10))
    find_unheard()
    plan.refresh_from_db()
    assert plan.state == "completed"


def test_a_waiting_plan_is_not_rung_for_every_few_seconds(plan: Plan) -> None:
    now = plan.created_at
    found = [
        runs.unfinished(now + timedelta(seconds=seconds))
        for seconds in (2, 5, 10, 34, 36)
    ]
    assert found == [[], [plan.pk], [], [], [plan.pk]]


def test_a_plan_that_was_rung_for_and_taken_back_is_rung_for_at_once(
    plan: Plan,
) -> None:
    now = plan.created_at + timedelta(seconds=5)
    assert runs.unfinished(now) == [plan.pk]
    runs.claim(plan.pk, "dead")
    expire()
    assert runs.unfinished(now + timedelta(seconds=5)) == [plan.pk]


def test_three_interruptions_are_enough(plan: Plan) -> None:
    for _ in range(3):
        runs.claim(plan.pk, "dead")
        expire()
        runs.unfinished()
    plan.refresh_from_db()
    assert (plan.state, plan.losses, plan.error) == (
        "failed",
        2,
        "The planner was interrupted three times.",
    )


def test_claiming_and_finishing_ask_the_database_little(
    plan: Plan, django_assert_num_queries: Any
) -> None:
    """Each begins and ends a transaction; within it the run is read and moved once."""
    with django_assert_num_queries(4):
        claimed = runs.claim(plan.pk, "w")
    with django_assert_num_queries(3):
        assert runs.claim(plan.pk, "late") is None
    result = runs.solve_plan(claimed)
    with django_assert_num_queries(7):
        runs.record_result(claimed, result)


def test_what_a_claim_wrote_is_known_without_reading_it_again(plan: Plan) -> None:
    claimed = runs.claim(plan.pk, "w")
    stored = Plan.objects.get(pk=plan.pk)
    for column in Plan._meta.concrete_fields:
        assert getattr(claimed, column.attname) == getattr(stored, column.attname)


def test_a_worker_that_lost_its_lease_records_nothing(plan: Plan) -> None:
    late = runs.claim(plan.pk, "slow")
    result = runs.solve_plan(late)
    expire()
    runs.unfinished()
    runs.run(plan.pk, "quick")
    assert runs.record_result(late, result) is None
    assert runs.record_failure(late, "from the past") is None
    plan.refresh_from_db()
    assert (plan.state, plan.worker) == ("completed", "quick")


def test_a_worker_learns_from_its_report_that_it_was_replaced(
    plan: Plan, monkeypatch
) -> None:
    monkeypatch.setattr("common.runs.REPORT_EVERY_SECONDS", 0)
    reporter = runs.Reporter(runs.claim(plan.pk, "slow"))
    step = Progress(40.0, "Placed 2 of 4 lots", "LOT002", 2, 4)
    reporter.hear(step)
    assert not reporter.claim.lost()
    expire()
    runs.unfinished()
    reporter.hear(step)
    assert reporter.claim.lost()


def test_reports_write_progress_and_extend_the_lease(plan: Plan, monkeypatch) -> None:
    monkeypatch.setattr("common.runs.REPORT_EVERY_SECONDS", 0)
    claimed = runs.claim(plan.pk, "a")
    expire()
    runs.Reporter(claimed).hear(Progress(40.0, "Placed 2 of 4 lots", "LOT002", 2, 4))
    plan.refresh_from_db()
    assert (plan.percent, plan.progress_message) == (40.0, "Placed 2 of 4 lots")
    assert plan.lease_until > timezone.now()


def test_a_plan_that_is_taken_back_says_so_to_pages(plan: Plan, monkeypatch) -> None:
    runs.claim(plan.pk, "dead")
    expire()
    announced: list[str] = []
    monkeypatch.setattr(
        "fillplanner.live.events.announce_change",
        lambda groups, *topics: announced.extend(topics),
    )
    runs.unfinished()
    assert announced == [plan.topic, "plans"]


class Quiet(Claim[Plan]):
    """Counts how often the lease was extended; lost after the third time. The database
    is slow the first time.
    """

    kept = 0

    def lost(self) -> bool:
        return self.kept >= 3

    def keep(self, **facts: object) -> bool:
        self.kept += 1
        if self.kept == 1:
            raise OperationalError("database is locked")
        return True


def test_the_lease_is_extended_while_a_strategy_says_nothing(
    plan: Plan, settings
) -> None:
    settings.PLAN_LEASE_SECONDS = 0.06
    quiet = Quiet(runs.WORK, plan)
    with quiet.heartbeat():
        until(quiet.lost, "three beats")
    assert quiet.kept == 3
    assert "plan-heartbeat" not in {thread.name for thread in threading.enumerate()}


def test_a_plan_deleted_while_it_runs_leaves_nothing(plan: Plan) -> None:
    claimed = runs.claim(plan.pk, "a")
    result = runs.solve_plan(claimed)
    Plan.objects.all().delete()
    assert runs.record_result(claimed, result) is None
    assert not PlanResult.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_notices_that_its_plan_was_cancelled(
    editor: User, monkeypatch
) -> None:
    """The strategy reports nothing at all: only the heartbeat can tell."""
    monkeypatch.setattr("fillplanner.services.plans.ring", lambda *args: None)
    plan, begun = make_plan(editor), threading.Event()

    def compute(
        problem: object,
        strategy: str,
        *,
        progress: object,
        cancelled: Callable[[], bool],
        **_: object,
    ) -> None:
        begun.set()
        until(cancelled, "the heartbeat to notice")
        raise Cancelled

    monkeypatch.setattr(runs, "solve", compute)
    ended = threading.Event()

    def work() -> None:
        try:
            assert runs.run(plan.pk, "w") is None
            ended.set()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(SECONDS)
    plans.cancel(editor, plan.pk)
    thread.join(2 * SECONDS)
    assert ended.is_set()
    plan.refresh_from_db()
    assert (plan.state, plan.error, plan.lease_until) == (
        "failed",
        "Cancelled by editor",
        None,
    )


def test_a_result_that_comes_after_the_cancel_is_not_kept(
    plan: Plan, editor: User
) -> None:
    claimed = runs.claim(plan.pk, "a")
    result = runs.solve_plan(claimed)
    plans.cancel(editor, plan.pk)
    assert runs.record_result(claimed, result) is None
    assert runs.unfinished() == []
    assert runs.run(plan.pk, "b") is None
    assert not PlanResult.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_plan_is_either_cancelled_or_completed(editor: User, monkeypatch) -> None:
    monkeypatch.setattr("fillplanner.services.plans.ring", lambda *args: None)
    for _ in range(5):
        plan = make_plan(editor)
        done = at_once(
            partial(runs.run, plan.pk, "w"), partial(plans.cancel, editor, plan.pk)
        )
        assert faults(done, but=Conflict) == []
        plan.refresh_from_db()
        assert (plan.state == "completed") == PlanResult.objects.filter(
            plan=plan
        ).exists()
        assert (plan.state == "failed") == plan.was_cancelled


@pytest.mark.django_db(transaction=True)
def test_workers_that_fight_for_a_plan_solve_it_once(editor: User, monkeypatch) -> None:
    monkeypatch.setattr("fillplanner.services.plans.ring", lambda *args: None)
    plan = make_plan(editor, rows=many_rows(60))
    won = at_once(*(partial(runs.run, plan.pk, f"w{n}") for n in range(4)))
    assert faults(won) == []
    assert sum(done is not None for done in won) == 1
    assert PlanResult.objects.count() == 1
