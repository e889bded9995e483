"""Better times by pages without scripts, in a browser, and from the admin."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect
from visits import visit

from calendars.models import OptimizationRun
from calendars.optimiser import worker as optimising
from cast import make_channel, make_content, make_post, person
from scheduling.models import ChannelAccount, Post
from scheduling.posts import services as posting
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def night(channel: ChannelAccount) -> list[Post]:
    begin = (timezone.now() + timedelta(days=2)).replace(
        hour=3, minute=0, second=0, microsecond=0
    )
    return [
        make_post(
            channel,
            make_content(channel.workspace, title=f"Leak {n}"),
            at=begin + timedelta(days=n),
        )
        for n in range(3)
    ]


def days(**more: str) -> dict[str, str]:
    today = timezone.now().date()
    return {
        "first": f"{today}",
        "last": f"{today + timedelta(days=9)}",
        "grid": "60",
        **more,
    }


def test_before_and_after_are_looked_at_and_applied_by_forms(
    browse, editor: User, night: list[Post]
) -> None:
    client = browse(editor)
    assert "Find better times" in client.get("/optimise").content.decode()
    asked = client.post("/optimise", days())
    run = OptimizationRun.objects.get()
    assert asked["Location"] == f"/optimise/{run.pk}"
    page = client.get(asked["Location"]).content.decode()
    assert "3 of 3 posts would get another time" in page
    assert "Leak 0" in page
    assert "Over post by post" in page
    client.post(f"/optimise/{run.pk}/apply")
    page = client.get(asked["Location"]).content.decode()
    assert "3 posts moved." in page
    assert "Apply these times" not in page
    assert {post.scheduled_at.isoformat() for post in Post.objects.all()} == {
        one["new_time"] for one in run.changes
    }
    assert "Applied" in client.get("/optimise").content.decode()


def test_what_changed_since_is_said_and_nothing_moves(
    browse, editor: User, night: list[Post]
) -> None:
    client = browse(editor)
    client.post("/optimise", days())
    run = OptimizationRun.objects.get()
    posting.cancel(editor, night[0])
    client.post(f"/optimise/{run.pk}/apply")
    assert (
        "Something changed since" in client.get(f"/optimise/{run.pk}").content.decode()
    )
    assert Post.objects.get(pk=night[1].pk).scheduled_at == night[1].scheduled_at


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"last": "2020-01-01"}, "The last day is before the first."),
        ({"gap_hours": "-1"}, "greater than or equal to 0"),
        ({"first": "2020-01-01", "last": "2020-01-02"}, "still to come"),
    ],
)
def test_nothing_typed_is_lost_when_something_is_wrong(
    browse, editor: User, night: list[Post], typed: dict[str, str], said: str
) -> None:
    answer = browse(editor).post("/optimise", days(**{"per_day": "7"} | typed))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert 'value="7"' in text


def test_changes_are_shown_of_one_platform(
    browse, editor: User, night: list[Post], workspace: Workspace
) -> None:
    other = make_channel(workspace, platform="linkedin", name="Firm")
    make_post(other, make_content(workspace, title="Grants"), at=night[0].scheduled_at)
    client = browse(editor)
    client.post("/optimise", days())
    run = OptimizationRun.objects.get()
    assert (
        "platform=linkedin"
        in client.get(f"/optimise/{run.pk}?show=all").content.decode()
    )
    page = client.get(f"/optimise/{run.pk}?show=all&platform=linkedin").content.decode()
    assert "Grants" in page
    assert "Leak 0" not in page
    assert "show=all" in page


def test_the_piece_has_nothing_around_it(
    browse, editor: User, night: list[Post]
) -> None:
    client = browse(editor)
    client.post("/optimise", days())
    run = OptimizationRun.objects.get()
    text = client.get(
        f"/optimise/{run.pk}", headers={"hx-request": "true"}
    ).content.decode()
    assert "Before and after" in text
    assert "<html" not in text


def test_a_page_of_many_changes_takes_few_queries(
    browse, editor: User, channel: ChannelAccount, django_assert_max_num_queries
) -> None:
    begin = timezone.now() + timedelta(days=2)
    for n in range(30):
        make_post(
            channel, make_content(channel.workspace), at=begin + timedelta(hours=5 * n)
        )
    client = browse(editor)
    client.post("/optimise", days())
    run = OptimizationRun.objects.get()
    with django_assert_max_num_queries(12):
        client.get(f"/optimise/{run.pk}?show=all")


def test_staff_who_belong_find_times_from_the_admin(
    browse, workspace: Workspace, night: list[Post]
) -> None:
    root = person("root", is_staff=True, is_superuser=True)
    asked = {"action": "optimise", "_selected_action": [str(post.pk) for post in night]}
    client = browse(root)
    client.post("/admin/scheduling/post/", asked)
    assert not OptimizationRun.objects.exists()
    workspace.memberships.create(user=root, role="editor")
    text = client.post("/admin/scheduling/post/", asked, follow=True).content.decode()
    assert "of 3 posts would move" in text
    run = OptimizationRun.objects.get()
    assert (
        client.get(f"/admin/calendars/optimizationrun/{run.pk}/change/").status_code
        == 200
    )
    assert client.post(
        f"/admin/calendars/optimizationrun/{run.pk}/delete/", {"post": "yes"}
    ).status_code in (302, 403)


def work(run: OptimizationRun) -> None:
    try:
        optimising.run(run.pk, "worker-1")
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_page_shows_the_answer_when_the_worker_has_it(
    page: Page, asgi_server: str, editor: User, night: list[Post], settings
) -> None:
    settings.OPTIMIZE_AT_ONCE, settings.CELERY_TASK_ALWAYS_EAGER = 1, False
    run = OptimizationRun.objects.create(
        workspace=night[0].workspace,
        started_by=editor,
        posts=[str(post.pk) for post in night],
        limits={
            "not_before": None,
            "not_after": None,
            "closed": [],
            "platforms": {},
            "stagger_minutes": 0,
            "grid": 60,
        },
        start=timezone.now(),
        end=timezone.now() + timedelta(days=9),
    )
    visit(page, asgi_server, f"/optimise/{run.pk}")
    expect(page.get_by_text("You can leave this page")).to_be_visible()
    page.locator("#live[data-live-state=connected]").wait_for()
    worker = threading.Thread(target=work, args=(run,))
    worker.start()
    worker.join()
    expect(page.get_by_text("3 of 3 posts would get another time")).to_be_visible()
