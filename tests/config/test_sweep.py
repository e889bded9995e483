"""One sweep finds whatever work lost its bell, of every kind, and one kind that fails
stops no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from calendar_parts import make_calendar
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from structlog.testing import capture_logs
from vials import make_plan

from calendars.models import BulkJob, BulkRun, Callback, OptimizationRun
from cast import make_channel
from common import sweep
from config.celery import app
from config.tasks import find_unheard
from fillplanner.models import Delivery, NoticeTarget, Plan
from fillplanner.models.notices import EMAIL
from scheduling.models import PostImport, WritingRun
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db

Rings = list[tuple[str, Any]]


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> Rings:
    """The tasks that the sweep rang, each with its id."""
    heard: Rings = []
    monkeypatch.setattr(sweep, "ring_now", lambda task, key: heard.append((task, key)))
    return heard


def unheard_runs(user: User, workspace: Workspace) -> Rings:
    """A run of each kind, all of them older than a bell needs, with the task it waits for."""
    start = timezone.now()
    dates = {"start": start, "end": start + timedelta(days=7)}
    job = BulkJob.objects.create(workspace=workspace, name="clips")
    runs = {
        "scheduling.write_texts": WritingRun(workspace=workspace, **dates),
        "scheduling.import_posts": PostImport(
            workspace=workspace, file_name="posts.csv", zone="UTC", state="pending"
        ),
        "calendars.optimise_times": OptimizationRun(workspace=workspace, **dates),
        "calendars.place_videos": BulkRun(workspace=workspace, job=job, total=1),
        "fillplanner.run_plan": make_plan(user),
    }
    for run in runs.values():
        run.save()
        type(run).objects.update(created_at=start - timedelta(seconds=10))
    # Messages carry numbers as they are, and UUIDs as text.
    return [
        (task, run.pk if isinstance(run, Plan) else str(run.pk))
        for task, run in runs.items()
    ]


def due_messages(user: User, workspace: Workspace) -> Rings:
    """A notice and a callback that are to be sent, with the task each waits for."""
    about: dict[str, Any] = {
        "event": "schedule.completed",
        "about": "plan:1",
        "body": {},
        "next_try_at": timezone.now(),
    }
    target = NoticeTarget.objects.create(owner=user, kind=EMAIL, secret="")
    delivery = Delivery.objects.create(target=target, **about)
    calendar = make_calendar(user, workspace, count=1)
    callback = Callback.objects.create(calendar=calendar, url="https://a.b", **about)
    cut_off = make_channel(workspace, name="Cut off", sign_in_error="Token revoked.")
    return [
        ("scheduling.tell_sign_in_refused", str(cut_off.pk)),
        ("fillplanner.deliver", delivery.pk),
        ("calendars.call_back", callback.pk),
    ]


@pytest.mark.services
def test_work_of_every_kind_whose_bell_was_lost_is_rung_for_once(
    editor: User, workspace: Workspace, rings: Rings
) -> None:
    waiting = unheard_runs(editor, workspace) + due_messages(editor, workspace)
    assert {task for task, _ in waiting} == sweep.FINDERS.keys()
    find_unheard()
    find_unheard()
    assert sorted(rings) == sorted(waiting)


def test_a_kind_that_fails_stops_no_other(
    rings: Rings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Sequence[Any]:
        raise RuntimeError("broken")

    finders = {"a.broken": fail, "a.sound": lambda: [7]}
    monkeypatch.setattr(sweep, "FINDERS", finders)
    with capture_logs() as logs:
        find_unheard()
    assert rings == [("a.sound", 7)]
    assert [(line["event"], line["task"]) for line in logs] == [
        ("sweep_failed", "a.broken")
    ]


def test_beat_rings_the_sweep_and_no_task_that_is_gone() -> None:
    app.loader.import_default_modules()
    tasks = set(PeriodicTask.objects.values_list("task", flat=True))
    assert "config.find_unheard" in tasks
    assert {task for task in tasks if not task.startswith("celery.")} <= set(app.tasks)
