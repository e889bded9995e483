"""Topping off: adds what is missing and touches nothing that exists."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django_celery_beat.models import PeriodicTask

from cast import make_channel, make_content, make_post
from common.errors import Forbidden, InvalidInput
from scheduling.channels import services as channels
from scheduling.channels import topoff
from scheduling.channels.tasks import top_off_everywhere
from scheduling.channels.topoff import top_off, top_off_all
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.posts import services as posts
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_four_weeks_of_a_cadence_are_planned(
    workspace: Workspace, channel: ChannelAccount
) -> None:
    report = top_off(workspace, now=NOW)
    assert (report.accounts, report.created, report.skipped) == (1, 12, 0)
    rows = Post.objects.order_by("scheduled_at")
    assert {row.state for row in rows} == {states.PLANNED}
    assert {row.content.title for row in rows} == {"[PLANNED SLOT]"}
    assert rows[0].scheduled_at == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_a_second_run_adds_nothing(
    workspace: Workspace, channel: ChannelAccount
) -> None:
    top_off(workspace, now=NOW)
    report = top_off(workspace, now=NOW)
    assert (report.created, report.skipped, Post.objects.count()) == (0, 12, 12)
    assert report.message == "Created 0 new slots, skipped 12 existing"


def test_daily_runs_do_not_drift(workspace: Workspace, channel: ChannelAccount) -> None:
    created = [
        top_off(workspace, now=NOW + timedelta(days=day)).created for day in range(8)
    ]
    assert created[0] == 12
    assert sum(created[1:]) == 3


def test_what_exists_is_left_alone(
    workspace: Workspace, channel: ChannelAccount, editor: User, content: ContentItem
) -> None:
    top_off(workspace)
    first, second, third = Post.objects.order_by("scheduled_at")[:3]
    posts.fill(editor, first, content)
    posts.cancel(editor, second)
    posts.move(editor, third, third.scheduled_at + timedelta(minutes=20))
    report = top_off(workspace)
    assert (report.created, Post.objects.count()) == (0, 12)
    assert sorted(
        Post.objects.exclude(state="planned").values_list("state", flat=True)
    ) == ["canceled", "draft"]


def test_no_slot_is_made_in_the_past(
    workspace: Workspace, channel: ChannelAccount
) -> None:
    top_off(workspace, now=NOW)
    assert not Post.objects.filter(scheduled_at__lt=NOW).exists()


def test_paused_and_unconnected_channels_are_left_out(workspace: Workspace) -> None:
    make_channel(workspace, name="a", status="paused")
    make_channel(workspace, name="b", status="unconnected")
    report = top_off(workspace)
    assert (report.accounts, report.created) == (0, 0)
    assert "no active channel accounts" in report.message


def test_a_channel_that_cannot_be_read_does_not_stop_the_others(
    workspace: Workspace, channel: ChannelAccount
) -> None:
    make_channel(workspace, name="broken", local_times=["late"])
    report = top_off(workspace, now=NOW)
    assert report.created == 12
    assert report.problems == [
        "broken: “late” is not a time of day; write it like 09:00"
    ]


def test_a_failing_workspace_does_not_stop_the_others(
    workspace: Workspace, channel: ChannelAccount, monkeypatch
) -> None:
    bad = Workspace.objects.create(slug="bad", name="Bad", zone="UTC")
    real = topoff.top_off

    def sometimes(chosen: Workspace, days: int) -> topoff.TopOff:
        if chosen == bad:
            raise ValueError("its clock is broken")
        return real(chosen, days)

    monkeypatch.setattr(topoff, "top_off", sometimes)
    reports = top_off_all(Workspace.objects.order_by("slug"))
    assert reports["bad"] == "failed: its clock is broken"
    assert reports["h2o"].created == 12


@pytest.mark.parametrize(
    "failure", [RuntimeError("a bug"), KeyError("zone"), OperationalError("gone")]
)
def test_beats_nightly_run_tops_off_every_workspace_but_the_broken_one(
    workspace: Workspace, channel: ChannelAccount, monkeypatch, failure: Exception
) -> None:
    bad = Workspace.objects.create(slug="aaa", name="First in line", zone="UTC")
    real = topoff.top_off

    def sometimes(chosen: Workspace, days: int) -> topoff.TopOff:
        if chosen == bad:
            raise failure
        return real(chosen, days)

    monkeypatch.setattr(topoff, "top_off", sometimes)
    top_off_everywhere()
    assert Post.objects.filter(workspace=workspace).count() == 12
    row = PeriodicTask.objects.get(task="scheduling.top_off_everywhere")
    assert (row.crontab.hour, row.crontab.minute, row.enabled) == ("2", "0", True)


def test_a_slot_taken_by_a_post_made_by_hand_is_skipped(
    workspace: Workspace, channel: ChannelAccount
) -> None:
    make_post(
        channel, make_content(workspace), at=datetime(2026, 11, 23, 9, tzinfo=UTC)
    )
    report = top_off(workspace, now=NOW)
    assert (report.created, report.skipped) == (11, 1)


def test_a_race_with_another_run_is_decided_by_the_database(
    workspace: Workspace, channel: ChannelAccount, monkeypatch
) -> None:
    monkeypatch.setattr(
        topoff, "taken_places", lambda accounts, start, end: {channel.pk: set()}
    )
    top_off(workspace, now=NOW)
    report = top_off(workspace, now=NOW)
    assert (report.created, report.skipped, Post.objects.count()) == (0, 12, 12)


def test_the_number_of_queries_does_not_grow_with_channels(
    workspace: Workspace, django_assert_max_num_queries
) -> None:
    for n in range(40):
        make_channel(workspace, name=f"channel {n}")
    assert top_off(workspace, now=NOW).created == 40 * 12
    with django_assert_max_num_queries(4):
        report = top_off(workspace, now=NOW)
    assert report.skipped == 40 * 12


def test_editors_top_off_and_viewers_do_not(
    editor: User, viewer: User, workspace: Workspace, channel: ChannelAccount
) -> None:
    assert channels.top_off(editor, workspace, 28).created == 12
    with pytest.raises(Forbidden):
        channels.top_off(viewer, workspace, 28)


@pytest.mark.parametrize("days", [0, -3, 91])
def test_absurd_horizons_are_refused(
    editor: User, workspace: Workspace, days: int
) -> None:
    with pytest.raises(InvalidInput, match="1 to 90"):
        channels.top_off(editor, workspace, days)


def test_the_command_tops_off_one_or_all_and_says_what_it_did(
    workspace: Workspace, channel: ChannelAccount, capsys
) -> None:
    call_command("top_off", "h2o")
    assert (
        "h2o: Created 12 new slots, skipped 0 existing (1 channels"
        in capsys.readouterr().out
    )
    call_command("top_off")
    assert "skipped 12 existing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nowhere"], "no workspace"), (["--days", "91"], "1 to 90")],
)
def test_the_command_refuses_what_makes_no_sense(
    db: None, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("top_off", *arguments)


def test_slots_remember_their_local_place(workspace: Workspace) -> None:
    make_channel(
        workspace, zone="America/Los_Angeles", local_times=["18:30"], posts_per_week=1
    )
    top_off(workspace, now=NOW)
    post = Post.objects.earliest("scheduled_at")
    assert (post.slot.time, post.slot.zone) == (time(18, 30), "America/Los_Angeles")
    assert post.slot.instant == post.scheduled_at
