"""Role by page by method: who may open what, and that another workspace's things do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from calendars.models import BulkJob, BulkRun, ContentCalendar, OptimizationRun, Trial
from cast import make_channel, make_content, make_post, person
from fillplanner.models import Plan
from scheduling.models import ChannelAccount, ContentItem, Post, PostImport, WritingRun
from templates_ai.models import PromptTemplate
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db

READ, EDIT, MANAGE = "viewer", "editor", "manager"

# Address, method, and the least role that is let in; {x} stands for a thing of the workspace.
PAGES = [
    ("/", "get", READ),
    ("/calendar", "get", READ),
    ("/calendar/top-off", "post", EDIT),
    ("/schedule", "get", READ),
    ("/calendar?view=week", "get", READ),
    ("/calendar?view=list", "get", READ),
    ("/calendar/posts/{post}", "post", EDIT),
    ("/calendar/bulk", "post", EDIT),
    ("/calendar/undo", "post", EDIT),
    ("/calendar/subscribe", "get", READ),
    ("/calendar/subscribe", "post", READ),
    ("/recommendations/heat", "get", READ),
    ("/calendar/more?from=2026-11-24&to=2026-11-24T12:00:00Z", "get", READ),
    ("/calendar/new", "get", EDIT),
    ("/calendar/new", "post", EDIT),
    ("/calendar/slots/{post}", "get", EDIT),
    ("/calendar/slots/{post}", "post", EDIT),
    ("/calendar/slots/{post}/upload", "post", EDIT),
    ("/posts/new", "get", EDIT),
    ("/posts/new", "post", EDIT),
    ("/posts/{post}", "get", READ),
    ("/posts/new/preview", "post", EDIT),
    ("/posts/import", "get", EDIT),
    ("/posts/import", "post", EDIT),
    ("/posts/import/{import}", "get", EDIT),
    ("/posts/import/{import}", "post", EDIT),
    ("/posts/import/{import}/start", "post", EDIT),
    ("/posts/import/{import}/cancel", "post", EDIT),
    ("/posts/export.csv", "get", READ),
    ("/channels/cadence", "post", MANAGE),
    ("/posts/{post}/fill", "post", EDIT),
    ("/posts/{post}/move", "post", EDIT),
    ("/posts/{post}/cancel", "post", EDIT),
    ("/posts/{post}/now", "post", EDIT),
    ("/channels", "get", READ),
    ("/channels/new", "get", MANAGE),
    ("/channels/new", "post", MANAGE),
    ("/channels/{channel}", "get", READ),
    ("/channels/{channel}", "post", MANAGE),
    ("/channels/{channel}/delete", "post", MANAGE),
    ("/content", "get", READ),
    ("/content/new", "get", EDIT),
    ("/queue/settings", "get", MANAGE),
    ("/queue/settings", "post", MANAGE),
    ("/queue/history", "get", READ),
    ("/queue/history/clear", "post", EDIT),
    ("/posts/{post}/duplicate", "post", EDIT),
    ("/posts/{post}/retry", "post", EDIT),
    ("/content/new", "post", EDIT),
    ("/content/{content}", "get", READ),
    ("/content/{content}", "post", EDIT),
    ("/content/{content}/delete", "post", EDIT),
    ("/content/{content}/media", "post", EDIT),
    ("/outbox", "get", READ),
    ("/analytics", "get", READ),
    ("/calendars", "get", READ),
    ("/calendars/{calendar}", "get", READ),
    ("/calendars/{calendar}/cancel", "post", EDIT),
    ("/recommendations", "get", READ),
    ("/bulk-jobs", "get", EDIT),
    ("/bulk-jobs", "post", EDIT),
    ("/bulk-jobs/{job}", "get", READ),
    ("/bulk-jobs/{job}/cancel", "post", EDIT),
    ("/preferences", "get", READ),
    ("/preferences", "post", READ),
    ("/analytics/upload", "post", EDIT),
    ("/analytics/days.csv", "get", READ),
    ("/search?q=x", "get", READ),
    ("/sheets", "post", READ),
    ("/ai-templates", "get", READ),
    ("/ai-templates", "post", EDIT),
    ("/ai-templates/{template}", "get", READ),
    ("/ai-templates/{template}", "post", EDIT),
    ("/ai-templates/{template}/activate", "post", EDIT),
    ("/ai-templates/{template}/delete", "post", EDIT),
    ("/ai-templates/preview", "post", READ),
    ("/ai-templates/try", "get", EDIT),
    ("/ai-templates/try", "post", EDIT),
    ("/ai-templates/engine", "get", MANAGE),
    ("/ai-templates/engine", "post", MANAGE),
    ("/posts/{post}/write", "get", EDIT),
    ("/posts/{post}/write", "post", EDIT),
    ("/posts/{post}/write/use", "post", EDIT),
    ("/content/write", "get", EDIT),
    ("/content/write", "post", EDIT),
    ("/content/write/keep", "post", EDIT),
    ("/writing", "get", READ),
    ("/writing/new", "get", EDIT),
    ("/writing/new", "post", EDIT),
    ("/writing/{run}", "get", READ),
    ("/writing/{run}/cancel", "post", EDIT),
    ("/writing/{run}/approve", "post", EDIT),
    ("/optimise", "get", READ),
    ("/optimise", "post", EDIT),
    ("/optimise/{optimisation}", "get", READ),
    ("/optimise/{optimisation}/apply", "post", EDIT),
    ("/optimise/{optimisation}/cancel", "post", EDIT),
    ("/trials", "get", READ),
    ("/trials", "post", EDIT),
    ("/trials/{trial}", "get", READ),
    ("/trials/{trial}/start", "post", EDIT),
    ("/trials/{trial}/stop", "post", EDIT),
    ("/trials/{trial}/adopt", "post", MANAGE),
    ("/workspaces/members", "get", READ),
    ("/workspaces/members", "post", MANAGE),
    ("/workspaces/members/{member}", "post", MANAGE),
    ("/workspaces/settings", "get", MANAGE),
    ("/workspaces/settings", "post", MANAGE),
    ("/workspaces/audit", "get", MANAGE),
    ("/account", "get", READ),
    ("/plans", "get", READ),
    ("/plans/new", "get", READ),
    ("/plans/check", "post", READ),
    ("/comparisons", "get", READ),
    ("/comparisons/new", "get", READ),
    ("/comparisons/new", "post", READ),
    ("/configs", "get", READ),
    ("/configs/new", "get", READ),
    ("/configs/new", "post", READ),
    ("/configs/import", "post", READ),
    ("/notifications", "get", READ),
    ("/notifications", "post", READ),
    ("/notifications/mails", "post", READ),
]
RANK = [READ, EDIT, MANAGE]


@pytest.fixture
def things(workspace: Workspace, viewer: User) -> dict[str, Any]:
    channel = make_channel(workspace)
    item = make_content(workspace)
    return {
        "channel": channel.pk,
        "content": item.pk,
        "post": make_post(channel, item).pk,
        "template": PromptTemplate.objects.create(
            workspace=workspace, name="T", prompt_text="Say {filename}"
        ).pk,
        "run": WritingRun.objects.create(
            workspace=workspace, start=timezone.now(), end=timezone.now()
        ).pk,
        "import": PostImport.objects.create(
            workspace=workspace,
            file_name="p.csv",
            zone="UTC",
            columns=["Title"],
            cells=[["A"]],
        ).pk,
        "optimisation": OptimizationRun.objects.create(
            workspace=workspace, start=timezone.now(), end=timezone.now()
        ).pk,
        "calendar": ContentCalendar.objects.create(
            workspace=workspace, title="November"
        ).pk,
        "job": BulkRun.objects.create(
            workspace=workspace,
            job=BulkJob.objects.create(workspace=workspace, name="j"),
            total=1,
            order={"days": 30},
        ).pk,
        "trial": Trial.objects.create(
            workspace=workspace,
            name="T",
            seed=1,
            start=timezone.now(),
            end=timezone.now(),
            variants=[{"name": "a", "strategy": "standard", "windows": []}],
        ).pk,
        "member": viewer.memberships.get().pk,
    }


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves nothing for the next visitor."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize(("address", "method", "least"), PAGES)
def test_a_page_lets_in_exactly_who_it_should(
    browse,
    manager: User,
    editor: User,
    viewer: User,
    stranger: User,
    things: dict[str, Any],
    address: str,
    method: str,
    least: str,
) -> None:
    def answer(visitor: User | None, **fields: str) -> Any:
        return getattr(browse(visitor), method)(address.format(**things), fields)

    nobody = answer(None)
    assert nobody.status_code == 302
    assert nobody["Location"].startswith("/login?next=")

    if "{" in address:
        before = snapshot()
        assert answer(stranger, role="viewer").status_code == 404
        assert snapshot() == before

    for role, visitor in zip(RANK, (viewer, editor, manager), strict=True):
        with undone():
            status = answer(visitor).status_code
        if RANK.index(role) < RANK.index(least):
            assert status == 403, role
        else:
            assert status in {200, 302, 422}, role


def snapshot() -> list[Any]:
    models = (Post, ChannelAccount, ContentItem, PromptTemplate)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_lists_show_nothing_of_another_workspace(
    browse, stranger: User, things: dict[str, Any]
) -> None:
    client = browse(stranger)
    for page in (
        "/",
        "/calendar",
        "/schedule",
        "/channels",
        "/content",
        "/outbox",
        "/analytics",
        "/ai-templates",
        "/search?q=five",
    ):
        text = client.get(page).content.decode()
        assert "Five signs" not in text
        assert "H2O on Facebook" not in text


def test_a_plan_is_its_owners_alone(browse, api, editor: User, manager: User) -> None:
    plan = Plan.objects.create(
        owner=editor, name="Mine", strategy="smart-pack", start_time=timezone.now()
    )
    assert browse(manager).get(f"/plans/{plan.pk}").status_code == 403
    assert b"Mine" not in browse(manager).get("/plans").content
    assert api(manager).get(f"/api/v1/schedule/{plan.pk}").status_code == 403
    assert api(manager).delete(f"/api/v1/schedule/{plan.pk}").status_code == 403
    assert Plan.objects.filter(pk=plan.pk).exists()


@pytest.mark.parametrize(("staff", "status"), [(True, 200), (False, 302)])
def test_the_admin_is_for_staff(browse, db: None, staff: bool, status: int) -> None:
    who = person("somebody", is_staff=staff, is_superuser=staff)
    assert browse(who).get("/admin/").status_code == status


def test_every_admin_list_and_form_opens(
    browse, things: dict[str, Any], django_assert_max_num_queries
) -> None:
    client = browse(person("root", is_staff=True, is_superuser=True))
    for app, model, key in (
        ("scheduling", "channelaccount", things["channel"]),
        ("scheduling", "contentitem", things["content"]),
        ("scheduling", "post", things["post"]),
        ("workspaces", "workspace", Workspace.objects.first().pk),
        ("workspaces", "user", User.objects.first().pk),
        ("templates_ai", "prompttemplate", things["template"]),
        ("scheduling", "writingrun", things["run"]),
    ):
        with django_assert_max_num_queries(15):
            assert client.get(f"/admin/{app}/{model}/").status_code == 200
        assert client.get(f"/admin/{app}/{model}/{key}/change/").status_code == 200
    for page in (
        "workspaces/auditentry",
        "workspaces/apitoken",
        "django_celery_beat/periodictask",
        "fillplanner/plan",
        "fillplanner/configtemplate",
        "fillplanner/noticetarget",
        "fillplanner/delivery",
        "scheduling/attempt",
        "scheduling/mediafile",
    ):
        assert client.get(f"/admin/{page}/").status_code == 200
