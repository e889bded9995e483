"""Re-planning: only empty slots that no longer belong go, and what people did stays."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from markup import tight

from cast import make_channel, make_content, make_post
from common.errors import Conflict, Forbidden, InvalidInput, Unprocessable
from scheduling.access import access_post
from scheduling.channels import replanning
from scheduling.channels.topoff import top_off
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.posts import services as posts
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
EVENINGS = {"local_times": ["18:00"]}


@pytest.fixture
def planned(workspace: Workspace, channel: ChannelAccount) -> ChannelAccount:
    top_off(workspace)
    return channel


def rows() -> list[tuple]:
    return list(
        Post.objects.order_by("pk").values_list(
            "pk", "state", "scheduled_at", "slot_time"
        )
    )


def test_a_preview_changes_nothing(manager: User, planned: ChannelAccount) -> None:
    before = rows()
    found = replanning.preview(manager, planned.pk, EVENINGS)
    assert (len(found.removed), len(found.added), found.unchanged) == (12, 12, 0)
    planned.refresh_from_db()
    assert (rows(), planned.local_times) == (before, ["09:00"])


def test_the_preview_is_what_then_happens(
    manager: User, planned: ChannelAccount
) -> None:
    found = replanning.preview(manager, planned.pk, EVENINGS)
    done = replanning.replan(manager, planned.pk, EVENINGS)
    assert (done.removed, done.added) == (12, 12)
    assert {row[3].hour for row in rows()} == {18}
    assert sorted(row[2] for row in rows()) == [slot.instant for slot in found.added]
    assert replanning.preview(manager, planned.pk).changes_nothing
    assert AuditEntry.objects.filter(action="re-planned").count() == 1


def test_what_people_did_stays(
    manager: User, planned: ChannelAccount, content: ContentItem
) -> None:
    filled, canceled, moved = Post.objects.order_by("scheduled_at")[:3]
    posts.fill(manager, filled, content)
    posts.cancel(manager, canceled)
    posts.move(manager, moved, moved.scheduled_at + timedelta(minutes=7))
    by_hand = make_post(planned, at=timezone.now() + timedelta(days=3, minutes=3))
    replanning.replan(manager, planned.pk, EVENINGS | {"posts_per_week": 7})
    kept = {filled.pk, canceled.pk, moved.pk, by_hand.pk}
    assert kept <= set(Post.objects.values_list("pk", flat=True))
    assert Post.objects.exclude(pk__in=kept).exclude(slot_time="18:00").count() == 0


def test_slots_that_still_belong_stay_the_same_rows(
    manager: User, planned: ChannelAccount
) -> None:
    before = set(Post.objects.values_list("pk", flat=True))
    done = replanning.replan(manager, planned.pk, {"posts_per_week": 7})
    assert done.removed == 0
    assert before <= set(Post.objects.values_list("pk", flat=True))
    assert replanning.replan(manager, planned.pk, {"posts_per_week": 0}).removed == 28


def test_a_past_slot_stays(manager: User, planned: ChannelAccount) -> None:
    past = timezone.now() - timedelta(days=2)
    make_post(
        planned, at=past, slot_date=past.date(), slot_time=past.time(), slot_zone="UTC"
    )
    replanning.replan(manager, planned.pk, {"posts_per_week": 0})
    assert Post.objects.count() == 1


def test_a_calendar_topped_off_further_keeps_its_length(
    manager: User, channel: ChannelAccount
) -> None:
    top_off(channel.workspace, days=90)
    latest = Post.objects.latest("scheduled_at").scheduled_at
    replanning.replan(manager, channel.pk, EVENINGS)
    assert abs(Post.objects.latest("scheduled_at").scheduled_at - latest) < timedelta(
        days=4
    )


def test_a_new_zone_with_the_same_clock_renames_its_slots(
    manager: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, zone="Europe/Berlin")
    top_off(workspace)
    times = sorted(row[2] for row in rows())
    replanning.replan(manager, channel.pk, {"zone": "Europe/Paris"})
    assert set(Post.objects.values_list("slot_zone", flat=True)) == {"Europe/Paris"}
    assert sorted(row[2] for row in rows()) == times


def test_a_paused_channel_loses_slots_and_gets_none(
    manager: User, planned: ChannelAccount
) -> None:
    done = replanning.replan(manager, planned.pk, EVENINGS | {"status": "paused"})
    assert (done.removed, done.added, Post.objects.count()) == (12, 0, 0)


def test_a_cadence_that_cannot_be_is_refused_and_nothing_changed(
    manager: User, planned: ChannelAccount
) -> None:
    before = rows()
    for values in (
        {"zone": "Mars/Olympus"},
        {"local_times": ["25:00"]},
        {"posts_per_week": 71},
    ):
        with pytest.raises(Unprocessable):
            replanning.replan(manager, planned.pk, values)
    planned.local_times = []
    with pytest.raises(InvalidInput, match="local time"):
        replanning.compare(planned)
    assert rows() == before


def test_managers_re_plan_and_editors_do_not(
    editor: User, planned: ChannelAccount
) -> None:
    for service in (replanning.preview, replanning.replan):
        with pytest.raises(Forbidden):
            service(editor, planned.pk, EVENINGS)


def test_a_slot_filled_in_between_stays(
    manager: User, planned: ChannelAccount, content: ContentItem, monkeypatch
) -> None:
    real, slot = replanning.compare, Post.objects.earliest("scheduled_at")

    def compare_then_fill(account, now=None):
        found = real(account, now)
        posts.fill(manager, slot, content)
        return found

    monkeypatch.setattr(replanning, "compare", compare_then_fill)
    done = replanning.replan(manager, planned.pk, EVENINGS)
    slot.refresh_from_db()
    assert (done.removed, slot.state) == (11, states.DRAFT)


@pytest.mark.django_db(transaction=True)
def test_filling_and_re_planning_at_once_loses_nothing(
    manager: User, workspace: Workspace
) -> None:
    content = make_content(workspace)
    channel = make_channel(workspace, posts_per_week=7)
    top_off(workspace)
    filled: list[object] = []

    def fill_all() -> None:
        for pk in Post.objects.order_by("-scheduled_at").values_list("pk", flat=True):
            try:
                slot = access_post(manager, pk)
                filled.append(posts.fill(manager, slot, content).pk)
            except (Conflict, LookupError):
                continue
            except Exception as error:
                if type(error).__name__ != "Missing":
                    filled.append(error)
        connection.close()

    thread = threading.Thread(target=fill_all)
    thread.start()
    replanning.replan(manager, channel.pk, EVENINGS)
    thread.join(60)
    assert not [error for error in filled if isinstance(error, Exception)]
    drafts = set(
        Post.objects.filter(state=states.DRAFT, content=content).values_list(
            "pk", flat=True
        )
    )
    assert drafts == set(filled)


def test_the_page_previews_then_re_plans(
    browse, manager: User, planned: ChannelAccount
) -> None:
    client, url = browse(manager), f"/channels/{planned.pk}"
    form = {
        "name": planned.name,
        "platform": planned.platform,
        "posts_per_week": 7,
        "local_times": "09:00",
        "zone": "UTC",
        "publisher": "outbox",
        "status": "active",
    }
    shown = tight(client.post(url, form | {"preview": "1"}).content.decode())
    assert "0 empty slots would go, 16 would come, 12 would stay" in shown
    planned.refresh_from_db()
    assert planned.posts_per_week == 3
    done = client.post(url, form | {"replan": "1"}, follow=True).content.decode()
    assert "0 empty slots removed, 16 added" in done
    saved = client.post(url, form | {"posts_per_week": 5}, follow=True).content.decode()
    assert "Preview re-plan” shows what the new cadence would change" in saved


def test_the_wire_shows_and_does_it(
    api, manager: User, planned: ChannelAccount
) -> None:
    client, url = (
        api(manager),
        f"/api/v1/marketing/channel-accounts/{planned.pk}/replan",
    )
    shown = client.post(url, {"schedule_times": ["18:00"]}, format="json").json()
    assert (shown["removed"], shown["added"], shown["kept"], shown["applied"]) == (
        12,
        12,
        0,
        False,
    )
    assert len(shown["removed_slots"]) == len(shown["added_slots"]) == 12
    done = client.post(
        url, {"schedule_times": ["18:00"], "apply": True}, format="json"
    ).json()
    assert (done["applied"], done["removed"]) == (True, 12)
    assert (
        client.post(url, {"schedule_timezone": "Nowhere"}, format="json").status_code
        == 422
    )
