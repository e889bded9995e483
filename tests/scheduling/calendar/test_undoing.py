"""What was just done to posts of the calendar is taken back by one press, where nobody
touched them since.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from cast import make_channel, make_content, make_post
from scheduling.domain import states
from scheduling.models import ChannelAccount, Post
from scheduling.posts import services as posts
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
TICKET = re.compile(r'name="ticket" value="([^"]+)"')
JSON = {"accept": "application/json"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(post: Post) -> Post:
    post.refresh_from_db()
    return post


@pytest.fixture
def three(channel: ChannelAccount) -> list[Post]:
    """Drafts of one channel, a day apart, in the order of time."""
    start = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    return [
        make_post(
            channel,
            make_content(channel.workspace, title=f"Sign {n}"),
            at=start + timedelta(days=n),
        )
        for n in range(3)
    ]


def bulk(client: Any, chosen: list[Post], act: str, **more: Any) -> str:
    fields = {"act": act, "post": [post.pk for post in chosen], **more}
    return str(
        client.post("/calendar/bulk?view=list", fields, follow=True).content.decode()
    )


def undo(client: Any, page: str) -> Any:
    found = TICKET.search(page)
    assert found, "nothing is offered to be taken back"
    return client.post("/calendar/undo", {"ticket": found[1]}, follow=True)


def drop(
    client: Any, lead: Post, others: list[Post], query: str = "", **where: str
) -> Any:
    also = [f"{post.pk} {post.scheduled_at.isoformat()}" for post in others]
    fields = {"seen": lead.scheduled_at.isoformat(), "also": also, **where}
    return client.post(f"/calendar/posts/{lead.pk}{query}", fields)


# --- many at once
# ----------------------------------------------------------------------------------------


def test_a_move_of_many_is_taken_back_onto_each_others_times(
    browse, editor: User, three: list[Post]
) -> None:
    before, client = [post.scheduled_at for post in three], browse(editor)
    answer = undo(client, bulk(client, three, "later", by="1", unit="days"))
    assert answer.redirect_chain[-1][0] == "/calendar?view=list"
    assert "Moved 3 posts back." in answer.content.decode()
    assert [shown(post).scheduled_at for post in three] == before
    assert AuditEntry.objects.filter(action="moved").count() == 6


def test_what_was_scheduled_is_a_draft_again(
    browse, editor: User, three: list[Post]
) -> None:
    client = browse(editor)
    page = bulk(client, three, "schedule")
    assert {shown(post).state for post in three} == {states.SCHEDULED}
    assert "3 posts are drafts again." in undo(client, page).content.decode()
    assert {(shown(post).state, post.due_at) for post in three} == {
        (states.DRAFT, None)
    }


def test_canceling_has_no_way_back(browse, editor: User, three: list[Post]) -> None:
    page = bulk(browse(editor), three, "cancel")
    assert "Canceled 3 posts." in page
    assert not TICKET.search(page)
    assert not states.POST.moves[states.CANCELED]


def test_a_post_that_failed_before_is_not_said_to_be_a_draft_again(
    browse, editor: User, three: list[Post]
) -> None:
    Post.objects.filter(pk=three[0].pk).update(state=states.FAILED)
    client = browse(editor)
    assert (
        "1 post is a draft again."
        in undo(client, bulk(client, three[:2], "schedule")).content.decode()
    )
    assert [shown(post).state for post in three[:2]] == [states.SCHEDULED, states.DRAFT]


def test_what_somebody_changed_since_is_named_and_left(
    browse, editor: User, manager: User, three: list[Post]
) -> None:
    before, client = [post.scheduled_at for post in three], browse(editor)
    page = bulk(client, three, "later", by="2", unit="hours")
    posts.edit(manager, three[1], caption="Mine now")
    text = undo(client, page).content.decode()
    assert "Moved 2 posts back." in text
    assert "Left as it was: “Sign 1”" in text
    assert "changed it since" in text
    assert [shown(post).scheduled_at for post in three] == [
        before[0],
        before[1] + timedelta(hours=2),
        before[2],
    ]


def test_only_what_the_act_changed_is_taken_back(
    browse, editor: User, three: list[Post]
) -> None:
    Post.objects.filter(pk=three[0].pk).update(state=states.PUBLISHED)
    before, client = shown(three[0]).updated_at, browse(editor)
    assert (
        "Moved 2 posts back."
        in undo(
            client, bulk(client, three, "later", by="1", unit="weeks")
        ).content.decode()
    )
    assert shown(three[0]).updated_at == before


def test_a_second_press_does_nothing_more(
    browse, editor: User, three: list[Post]
) -> None:
    client = browse(editor)
    page = bulk(client, three, "later", by="1", unit="days")
    undo(client, page)
    stands = [shown(post).scheduled_at for post in three]
    assert "changed it since" in undo(client, page).content.decode()
    assert [shown(post).scheduled_at for post in three] == stands


def test_a_time_that_has_passed_meanwhile_is_not_gone_back_to(
    browse, editor: User, draft: Post
) -> None:
    Post.objects.filter(pk=draft.pk).update(
        scheduled_at=timezone.now() + timedelta(minutes=20)
    )
    client = browse(editor)
    page = bulk(client, [draft], "later", by="1", unit="weeks")
    moved = shown(draft).scheduled_at
    with time_machine.travel(timezone.now() + timedelta(minutes=40), tick=False):
        text = undo(client, page).content.decode()
    assert "That time has passed" in text
    assert shown(draft).scheduled_at == moved


def test_a_ticket_holds_for_an_hour(browse, editor: User, three: list[Post]) -> None:
    client = browse(editor)
    page = bulk(client, three, "later", by="1", unit="weeks")
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert "no longer be taken back" in undo(client, page).content.decode()


def test_a_ticket_is_of_one_person_and_cannot_be_made_up(
    browse, editor: User, manager: User, viewer: User, three: list[Post]
) -> None:
    page = bulk(browse(editor), three, "later", by="1", unit="days")
    stands = [shown(post).scheduled_at for post in three]
    assert "no longer be taken back" in undo(browse(manager), page).content.decode()
    made_up = browse(editor).post(
        "/calendar/undo", {"ticket": "made:up:ticket"}, follow=True
    )
    assert "no longer be taken back" in made_up.content.decode()
    assert browse(viewer).post("/calendar/undo", {"ticket": "any"}).status_code == 403
    assert [shown(post).scheduled_at for post in three] == stands


# --- several dropped together
# ----------------------------------------------------------------------------


def test_all_that_are_chosen_go_as_far_as_the_one_that_is_held(
    browse, editor: User, three: list[Post]
) -> None:
    # A clock that does not change, whenever this runs.
    Workspace.objects.update(zone="UTC")
    before, client = [post.scheduled_at for post in three], browse(editor)
    step = timedelta(days=1, hours=2)
    answer = drop(
        client, three[1], [three[0], three[2]], at=(before[1] + step).isoformat()
    )
    assert (answer.status_code, answer.json()["message"], answer.json()["left"]) == (
        200,
        "Moved 3 posts.",
        {},
    )
    assert [shown(post).scheduled_at for post in three] == [
        moment + step for moment in before
    ]
    back = client.post(
        "/calendar/undo", {"ticket": answer.json()["undo"]}, headers=JSON
    )
    assert back.json() == {
        "said": [{"message": "Moved 3 posts back.", "level": "success"}]
    }
    assert [shown(post).scheduled_at for post in three] == before


def test_the_distance_is_of_the_wall_clock_over_a_clock_change(
    browse, editor: User, workspace: Workspace, channel: ChannelAccount
) -> None:
    """Berlin's clocks go forward in the night to the 29th of March: 09:00 and 10:30
    stay what they are.
    """
    Workspace.objects.filter(pk=workspace.pk).update(zone="Europe/Berlin")
    with time_machine.travel(at("2026-03-20T12:00"), tick=False):
        lead, other = (
            make_post(channel, at=at(f"2026-03-{text}"))
            for text in ("27T08:00", "28T09:30")
        )
        assert (
            drop(browse(editor), lead, [other], date="2026-03-29").json()["message"]
            == "Moved 2 posts."
        )
    assert shown(lead).scheduled_at == at("2026-03-29T07:00")
    assert shown(other).scheduled_at == at("2026-03-30T08:30")


def test_each_has_its_own_answer(
    browse, editor: User, workspace: Workspace, three: list[Post]
) -> None:
    """One meets a post that stands still, one was moved by somebody else: both stay,
    the others go.
    """
    other = make_post(
        make_channel(workspace, name="Elsewhere"), at=three[0].scheduled_at
    )
    make_post(three[2].account, at=three[2].scheduled_at + timedelta(hours=1))
    answer_to_old = three[1].scheduled_at
    Post.objects.filter(pk=three[1].pk).update(
        scheduled_at=answer_to_old + timedelta(minutes=5)
    )
    wanted = (three[0].scheduled_at + timedelta(hours=1)).isoformat()
    said = drop(browse(editor), three[0], [*three[1:], other], at=wanted).json()
    assert said["message"] == "Moved 2 posts."
    assert set(said["left"]) == {str(three[1].pk), str(three[2].pk)}
    assert "Somebody else moved" in said["left"][str(three[1].pk)]
    assert "already has a post at that time" in said["left"][str(three[2].pk)]
    assert shown(three[1]).scheduled_at == answer_to_old + timedelta(minutes=5)
    assert shown(other).scheduled_at == shown(three[0]).scheduled_at


def test_when_none_can_go_nothing_is_offered(
    browse, editor: User, three: list[Post]
) -> None:
    wanted = (timezone.now() - timedelta(days=3)).isoformat()
    said = drop(browse(editor), three[0], three[1:], at=wanted).json()
    assert (said["message"], said["undo"], len(said["left"])) == ("", "", 3)


def test_one_that_is_dropped_alone_is_taken_back_too(
    browse, editor: User, three: list[Post]
) -> None:
    before, client = three[0].scheduled_at, browse(editor)
    said = drop(
        client, three[0], [], at=(before + timedelta(hours=5)).isoformat()
    ).json()
    back = client.post("/calendar/undo", {"ticket": said["undo"]}, headers=JSON)
    assert back.json()["said"][0]["message"] == "Moved 1 post back."
    assert shown(three[0]).scheduled_at == before


@pytest.mark.parametrize(("also", "status"), [("nonsense", 400), ("1 soon", 400)])
def test_strange_company_is_refused(
    browse, editor: User, three: list[Post], also: str, status: int
) -> None:
    fields = {
        "seen": "",
        "also": also,
        "at": (timezone.now() + timedelta(days=9)).isoformat(),
    }
    assert (
        browse(editor).post(f"/calendar/posts/{three[0].pk}", fields).status_code
        == status
    )


def test_posts_of_others_do_not_go_along(
    browse, editor: User, stranger: User, three: list[Post]
) -> None:
    theirs = make_post(
        make_channel(stranger.memberships.get().workspace), at=three[0].scheduled_at
    )
    answer = drop(
        browse(editor),
        three[0],
        [theirs],
        at=(timezone.now() + timedelta(days=9)).isoformat(),
    )
    assert answer.status_code == 404
    assert shown(theirs).scheduled_at == three[0].scheduled_at
