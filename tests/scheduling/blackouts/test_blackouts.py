"""Hours in which nothing goes out: planning, finding free slots, moving and publishing
keep to them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cast import fresh, make_channel, make_content, make_post
from common.errors import Forbidden, InvalidInput, Missing, Unprocessable
from scheduling.blackouts import services as blackouts
from scheduling.channels.topoff import top_off
from scheduling.closures import closures
from scheduling.domain import states
from scheduling.domain.cadence import slots
from scheduling.domain.recurrence import RuleError, occurrences
from scheduling.models import Blackout, ChannelAccount, OutboxPost, Post
from scheduling.posts import placements
from scheduling.posts import services as posts
from scheduling.posts.place import Order
from scheduling.publishing import publish as publishing
from workspaces.models import AuditEntry, User, Workspace

BERLIN = "Europe/Berlin"


def stretches(
    rule: str, begins: str, ends: str, start: str, end: str, zone: str = BERLIN
) -> list[str]:
    """Begins as UTC text."""
    span = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end)]
    local = [datetime.fromisoformat(text) for text in (begins, ends)]
    return [
        f"{one:%m-%d %H:%M}-{other:%H:%M}"
        for one, other in occurrences(*local, zone, rule, *span)
    ]


def test_a_weekly_blackout_keeps_the_wall_clock_over_a_clock_change() -> None:
    found = stretches(
        "FREQ=WEEKLY",
        "2026-03-22T10:00",
        "2026-03-22T12:00",
        "2026-03-20",
        "2026-04-06",
    )
    assert found == ["03-22 09:00-11:00", "03-29 08:00-10:00", "04-05 08:00-10:00"]


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("", 1),
        ("FREQ=DAILY;COUNT=3", 3),
        ("FREQ=DAILY;UNTIL=20260325T080000Z", 4),
        ("FREQ=DAILY;UNTIL=20260324", 2),
        ("FREQ=MONTHLY;BYDAY=1MO", 1),
        ("FREQ=YEARLY", 1),
    ],
)
def test_rules_end_when_they_say(rule: str, count: int) -> None:
    assert (
        len(
            stretches(
                rule, "2026-03-22T09:00", "2026-03-22T10:00", "2026-03-01", "2026-04-20"
            )
        )
        == count
    )


@pytest.mark.parametrize(
    "rule",
    ["FREQ=HOURLY", "FREQ=SECONDLY", "every sunday", "FREQ=WEEKLY;BYDAY=XX", "X" * 600],
)
def test_rules_that_cannot_be_are_refused(rule: str) -> None:
    with pytest.raises(RuleError):
        stretches(
            rule, "2026-03-22T09:00", "2026-03-22T10:00", "2026-03-01", "2026-04-20"
        )


def soon(hours: float) -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(
        hours=hours
    )


def local(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(BERLIN)):%Y-%m-%dT%H:%M}"


def close(
    user: User, workspace: Workspace, start: datetime, end: datetime, **more: Any
) -> Blackout:
    fields = {
        "begins_local": local(start),
        "ends_local": local(end),
        "zone": BERLIN,
        "reason": "Trade fair",
    } | more
    return blackouts.add_blackout(user, workspace, fields)


@pytest.fixture
def channel(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace)


@pytest.mark.django_db
class TestKeeping:
    def test_topping_off_plans_nothing_inside(
        self, manager: User, workspace: Workspace, channel: ChannelAccount
    ) -> None:
        ChannelAccount.objects.update(posts_per_week=7)
        close(manager, workspace, soon(0), soon(24 * 14))
        report = top_off(workspace, 28)
        assert report.created > 0
        assert report.skipped >= 13
        assert Post.objects.order_by("scheduled_at")[0].scheduled_at >= soon(
            24 * 14 - 1
        )

    def test_a_post_cannot_be_moved_into_or_made_in_one(
        self, manager: User, workspace: Workspace, channel: ChannelAccount
    ) -> None:
        content = make_content(workspace)
        draft = make_post(channel, content, at=soon(100))
        close(manager, workspace, soon(5), soon(10), platform=channel.platform)
        with pytest.raises(InvalidInput, match="Trade fair is on for every"):
            posts.move(manager, draft, soon(7))
        with pytest.raises(InvalidInput, match="Trade fair"):
            posts.create(manager, content, channel, at=soon(7))
        assert posts.move(manager, draft, soon(10)).scheduled_at == soon(10)

    def test_the_next_free_slot_is_after_it(
        self, manager: User, workspace: Workspace, channel: ChannelAccount
    ) -> None:
        close(manager, workspace, soon(0), soon(30), account=channel)
        order = Order(make_content(workspace).pk, (channel.pk,))
        made = placements.place_next_free(manager, workspace, order, soon(1), 1)
        assert made.posts[0].scheduled_at == soon(30)

    def test_an_override_lets_posts_out_all_the_same(
        self, manager: User, workspace: Workspace, channel: ChannelAccount
    ) -> None:
        draft = make_post(channel, make_content(workspace), at=soon(100))
        close(manager, workspace, soon(5), soon(50))
        close(
            manager,
            workspace,
            soon(20),
            soon(22),
            kind="manual_override",
            account=channel,
        )
        assert posts.move(manager, draft, soon(21)).scheduled_at == soon(21)
        with pytest.raises(InvalidInput):
            posts.move(manager, draft, soon(23))
        found = closures(workspace.pk, soon(0), soon(60))
        assert found.free_from(channel, soon(6)) == soon(20)
        assert found.free_from(channel, soon(22)) == soon(50)

    @pytest.mark.parametrize("scope", ["platform", "account", "post"])
    def test_others_are_not_concerned(
        self, manager: User, workspace: Workspace, channel: ChannelAccount, scope: str
    ) -> None:
        other = make_channel(workspace, name="Other", platform="mastodon")
        mine, theirs = (
            make_post(one, make_content(workspace), at=soon(100))
            for one in (channel, other)
        )
        value = {"platform": channel.platform, "account": channel, "post": mine}[scope]
        close(manager, workspace, soon(5), soon(10), **{scope: value})
        with pytest.raises(InvalidInput):
            posts.move(manager, mine, soon(6))
        assert posts.move(manager, theirs, soon(6)).scheduled_at == soon(6)


@pytest.mark.django_db
class TestFate:
    def test_waiting_posts_are_listed_and_moved_to_what_is_offered(
        self, manager: User, workspace: Workspace, channel: ChannelAccount
    ) -> None:
        inside, outside = (
            make_post(channel, make_content(workspace), at=soon(hours))
            for hours in (6, 12)
        )
        made = close(manager, workspace, soon(5), soon(10))
        own = slots(channel.cadence, soon(10), soon(10) + timedelta(days=14))
        [listed] = blackouts.inside(manager, made.pk)
        assert (listed.post, listed.at) == (inside, own[0].instant)
        assert blackouts.move_out(manager, made.pk) == (1, [])
        inside.refresh_from_db()
        outside.refresh_from_db()
        assert inside.scheduled_at == own[0].instant
        assert outside.scheduled_at == soon(12)

    def test_all_of_them_move_in_one_press_each_channel_by_its_own_cadence(
        self, browse, editor: User, manager: User, workspace: Workspace
    ) -> None:
        channels = [
            make_channel(
                workspace,
                platform="mastodon",
                name=f"C{n}",
                zone=zone,
                posts_per_week=7,
                local_times=[clock],
            )
            for n, (zone, clock) in enumerate(
                [("UTC", "08:30"), (BERLIN, "17:15"), ("America/New_York", "12:00")]
            )
        ]
        top_off(workspace, 28)
        begin = soon(0) + timedelta(days=3)
        end = begin + timedelta(days=6)
        for account in channels:
            for post in Post.objects.filter(account=account).between(begin, end)[:4]:
                posts.fill(editor, post, make_content(workspace))
                posts.approve(editor, fresh(post))
        made = close(manager, workspace, begin, end)
        offers = blackouts.inside(editor, made.pk)
        assert len(offers) == 18
        page = browse(editor).get(f"/blackouts/{made.pk}").content.decode()
        assert "Move all 18" in page
        filled = [offer for offer in offers if not offer.post.is_empty]
        assert len(filled) == 12
        for offer in filled:
            local = offer.at.astimezone(ZoneInfo(offer.post.account.zone))
            assert f"{local:%H:%M}" == offer.post.account.local_times[0]
            assert end <= offer.at < end + timedelta(days=5)
        answer = browse(editor).post(f"/blackouts/{made.pk}/move", follow=True)
        told = " ".join(answer.content.decode().split())
        assert "Moved 18 posts to the next times of their channels." in told
        assert "not moved" not in told
        assert blackouts.inside(editor, made.pk) == []
        for offer in offers:
            assert fresh(offer.post).scheduled_at == offer.at
        assert Post.objects.count() == 28 * 3

    def test_a_channel_without_a_cadence_offers_free_hours(
        self, manager: User, workspace: Workspace
    ) -> None:
        bare = make_channel(
            workspace, platform="mastodon", name="Bare", zone="UTC", posts_per_week=0
        )
        for hours in (6, 7):
            make_post(bare, make_content(workspace), at=soon(hours))
        made = close(manager, workspace, soon(5), soon(10))
        assert [offer.at for offer in blackouts.inside(manager, made.pk)] == [
            soon(10),
            soon(11),
        ]
        assert blackouts.move_out(manager, made.pk) == (2, [])

    def test_a_due_post_inside_fails_with_the_reason_and_is_not_sent(
        self, manager: User, workspace: Workspace, channel: ChannelAccount
    ) -> None:
        held, free = (
            make_post(
                one,
                make_content(workspace),
                at=timezone.now(),
                state=states.SCHEDULED,
                due_at=timezone.now(),
            )
            for one in (channel, make_channel(workspace, name="Free"))
        )
        close(manager, workspace, soon(-1), soon(2), account=channel)
        assert publishing.due_posts() == [free.pk]
        held.refresh_from_db()
        assert held.state == states.FAILED
        assert held.last_error.startswith("Held back: Trade fair is on for")
        assert publishing.publish(held.pk, "w") is None
        assert not OutboxPost.objects.exists()

    def test_what_managers_do_is_on_record_and_others_may_not(
        self, manager: User, editor: User, stranger: User, workspace: Workspace
    ) -> None:
        with pytest.raises(Forbidden):
            close(editor, workspace, soon(1), soon(2))
        made = close(manager, workspace, soon(1), soon(2))
        with pytest.raises(Missing):
            blackouts.inside(stranger, made.pk)
        blackouts.change_blackout(manager, made.pk, {"reason": "Longer fair"})
        blackouts.remove_blackout(manager, made.pk)
        said = (
            AuditEntry.objects.filter(thing=f"blackout:{made.pk}")
            .order_by("pk")
            .values_list("action", flat=True)
        )
        assert list(said) == ["created", "changed", "deleted"]

    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({"ends_local": "2020-01-01T00:00"}, "ends_local"),
            ({"rule": "FREQ=HOURLY"}, "rule"),
            ({"zone": "Mars/Base"}, "zone"),
            ({"begins_local": "soon"}, "begins_local"),
            ({"kind": "rest"}, "kind"),
        ],
    )
    def test_fields_that_cannot_be_are_named(
        self, manager: User, workspace: Workspace, fields: dict[str, str], named: str
    ) -> None:
        with pytest.raises(Unprocessable) as refused:
            close(manager, workspace, soon(1), soon(2), **fields)
        assert named in refused.value.fields
        assert not Blackout.objects.exists()


@pytest.mark.django_db
def test_the_api_adds_lists_changes_moves_and_deletes(
    api: Any, manager: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace)
    post = make_post(channel, make_content(workspace), at=soon(6))
    client = api(manager)
    asked = {
        "tenant_id": workspace.slug,
        "begins": local(soon(5)),
        "ends": local(soon(8)),
        "timezone": BERLIN,
        "channel_account_id": str(channel.pk),
        "rule": "FREQ=WEEKLY",
    }
    made = client.post("/api/v1/marketing/blackouts", asked, format="json")
    assert made.status_code == 201, made.content
    assert [one["post_instance_id"] for one in made.json()["posts_inside"]] == [
        str(post.pk)
    ]
    url = f"/api/v1/marketing/blackouts/{made.json()['id']}"
    assert (
        client.get("/api/v1/marketing/blackouts", {"tenant_id": workspace.slug}).json()[
            0
        ]["rule"]
        == "FREQ=WEEKLY"
    )
    assert client.post(f"{url}/move-posts").json() == {"moved": 1, "problems": []}
    assert client.patch(url, {"rule": "often"}, format="json").status_code in (400, 422)
    assert client.patch(url, {"rule": ""}, format="json").json()["posts_inside"] == []
    assert client.delete(url).json() == {"deleted": True}
    assert client.get(url).status_code == 404


@pytest.mark.django_db
def test_the_pages_add_show_move_and_delete(
    browse: Any, manager: User, viewer: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace)
    make_post(channel, make_content(workspace), at=soon(6))
    client = browse(manager)
    fields = {
        "reason": "Fair",
        "kind": "blackout_window",
        "scope": str(channel.pk),
        "begins_local": local(soon(5)),
        "ends_local": local(soon(8)),
        "zone": BERLIN,
        "again": "FREQ=WEEKLY",
        "rule": "",
    }
    assert (
        client.post(
            "/blackouts/new", fields | {"ends_local": local(soon(4))}
        ).status_code
        == 422
    )
    made = client.post("/blackouts/new", fields)
    page = client.get(made["Location"]).content.decode()
    assert "Move all 1" in page
    assert "FREQ=WEEKLY" in page
    client.post(f"{made['Location']}/move")
    assert (
        "No post waits in these hours." in client.get(made["Location"]).content.decode()
    )
    assert "Fair" in browse(viewer).get("/blackouts").content.decode()
    assert browse(viewer).post(f"{made['Location']}/delete").status_code == 403
    assert client.post(f"{made['Location']}/delete").status_code == 302
    assert "No blackouts" in client.get("/blackouts").content.decode()
