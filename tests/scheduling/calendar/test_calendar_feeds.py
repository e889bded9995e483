"""A person's calendar link: signed, theirs alone, ended at once; and iCalendar that
programs can read.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from icalendar import Calendar

from cast import make_channel, make_content, make_post
from scheduling.domain import states
from scheduling.models import CalendarFeed, ChannelAccount
from workspaces.models import AuditEntry, Membership, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def link_of(client: Any, query: str = "") -> str:
    """Makes the link and reads it from the page."""
    text = client.post(
        f"/calendar/subscribe{query}", {"make": "1"}, follow=True
    ).content.decode()
    found = re.search(r"http://testserver(/calendar/feed/[^<\s]+)", text)
    assert found, text
    return found[1].replace("&amp;", "&")


def events(client: Any, link: str) -> list[Any]:
    answer = client.get(link)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar"
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_link_gives_the_posts_to_whoever_has_it(
    browse, viewer: User, channel: ChannelAccount
) -> None:
    item = make_content(
        channel.workspace,
        title="Winter hours; open",
        caption="Line one\nLine two, three",
    )
    post = make_post(channel, item, state=states.SCHEDULED)
    make_post(channel, at=timezone.now() + timedelta(days=3))
    make_post(channel, at=timezone.now() + timedelta(days=500))
    found = events(browse(None), link_of(browse(viewer)))
    assert [str(one["summary"]) for one in found] == [
        "Winter hours; open (H2O on Facebook)",
        "Empty slot (H2O on Facebook)",
    ]
    first = found[0]
    assert first["dtstart"].dt == post.scheduled_at.replace(microsecond=0)
    assert first["dtend"].dt - first["dtstart"].dt == timedelta(minutes=15)
    assert str(first["uid"]) == f"post-{post.pk}@slotline"
    assert str(first["status"]) == "CONFIRMED"
    assert "Line two, three" in str(first["description"])
    assert str(first["url"]) == f"http://testserver/posts/{post.pk}"
    assert str(found[1]["status"]) == "TENTATIVE"


def test_the_filters_of_the_calendar_hold_in_the_link(
    browse, viewer: User, channel: ChannelAccount
) -> None:
    make_post(channel, make_content(channel.workspace), state=states.SCHEDULED)
    make_post(make_channel(channel.workspace, platform="x", name="H2O on X"))
    link = link_of(
        browse(viewer), "?view=week&date=2026-11-24&platform=x&state=planned"
    )
    assert "view=" not in link
    assert "date=" not in link
    assert [str(one["summary"]) for one in events(browse(None), link)] == [
        "Empty slot (H2O on X)"
    ]


def test_a_new_link_ends_the_old_and_ending_ends_both(
    browse, viewer: User, slot: Any
) -> None:
    client, anybody = browse(viewer), browse(None)
    old = link_of(client)
    new = link_of(client)
    assert old != new
    assert (anybody.get(old).status_code, anybody.get(new).status_code) == (404, 200)
    assert CalendarFeed.objects.get().read_at is not None
    text = client.post(
        "/calendar/subscribe", {"end": "1"}, follow=True
    ).content.decode()
    assert "Make my link" in text
    assert anybody.get(new).status_code == 404
    said = list(
        AuditEntry.objects.filter(thing__startswith="feed:")
        .values_list("action", flat=True)
        .order_by("pk")
    )
    assert said == ["made calendar link", "made calendar link", "ended calendar link"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: "1.x." + token.rpartition(".")[2],
        lambda token: "nonsense",
        lambda token: token.replace(token.split(".")[0], "999", 1),
    ],
)
def test_a_link_that_we_did_not_sign_is_none(
    browse, viewer: User, slot: Any, spoil: Any
) -> None:
    token = link_of(browse(viewer)).removeprefix("/calendar/feed/").removesuffix(".ics")
    assert browse(None).get(f"/calendar/feed/{spoil(token)}.ics").status_code == 404


def test_who_leaves_or_is_locked_out_reads_no_more(
    browse, viewer: User, workspace: Workspace, slot: Any
) -> None:
    link, anybody = link_of(browse(viewer)), browse(None)
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    assert anybody.get(link).status_code == 404
    User.objects.filter(pk=viewer.pk).update(is_active=True)
    assert anybody.get(link).status_code == 200
    Membership.objects.filter(user=viewer).delete()
    assert anybody.get(link).status_code == 404


def test_everybody_has_their_own_and_nothing_of_other_workspaces(
    browse, viewer: User, stranger: User, slot: Any
) -> None:
    theirs = link_of(browse(stranger))
    assert events(browse(None), theirs) == []
    mine = link_of(browse(viewer))
    assert len(events(browse(None), mine)) == 1
    browse(stranger).post("/calendar/subscribe", {"end": "1"})
    assert len(events(browse(None), mine)) == 1


def test_a_feed_asks_few_questions(
    browse, viewer: User, workspace: Workspace, django_assert_max_num_queries
) -> None:
    for n in range(20):
        make_post(make_channel(workspace, name=f"c{n}"), make_content(workspace))
    link = link_of(browse(viewer))
    with django_assert_max_num_queries(6):
        assert len(events(browse(None), link)) == 20


# --- what a crowded time and a good hour are asked with
# --------------------------------------------------


def test_all_posts_of_a_crowded_time_come_as_a_piece(
    browse, viewer: User, stranger: User, channel: ChannelAccount
) -> None:
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(
        days=1
    )
    for n in range(9):
        make_post(channel, at=start + timedelta(minutes=n))
    query = {
        "from": start.isoformat(),
        "to": (start + timedelta(minutes=8)).isoformat(),
    }
    piece = browse(viewer).get("/calendar/more", query).content.decode()
    assert piece.count("data-post=") == 8
    assert "<html" not in piece
    assert (
        browse(viewer)
        .get("/calendar/more", query | {"state": "draft"})
        .content.decode()
        .count("data-post=")
        == 0
    )
    assert (
        browse(stranger)
        .get("/calendar/more", query)
        .content.decode()
        .count("data-post=")
        == 0
    )
    assert browse(viewer).get("/calendar/more", {"from": "soon"}).status_code == 400


def test_the_best_hours_are_a_quarter_of_the_week(
    browse, viewer: User, channel: ChannelAccount
) -> None:
    hours = browse(viewer).get("/recommendations/heat").json()["hours"]
    assert 168 * 0.08 < len(hours) < 168 * 0.5
    assert {tint for _, _, tint, _ in hours} == {1, 2, 3}
    scores = {
        tint: [score for _, _, own, score in hours if own == tint] for tint in (1, 2, 3)
    }
    assert max(scores[1]) <= min(scores[2]) <= max(scores[2]) <= min(scores[3])
    assert all(0 <= weekday <= 6 and 0 <= hour <= 23 for weekday, hour, _, _ in hours)


def test_there_is_no_heat_without_channels_of_known_platforms(
    browse, viewer: User, workspace: Workspace
) -> None:
    assert browse(viewer).get("/recommendations/heat").json() == {"hours": []}
    make_channel(workspace, platform="webhook")
    assert browse(viewer).get("/recommendations/heat").json() == {"hours": []}
    make_channel(workspace, platform="x", name="X")
    assert browse(viewer).get("/recommendations/heat?platform=webhook").json() == {
        "hours": []
    }
    assert browse(viewer).get("/recommendations/heat?platform=x").json()["hours"]
