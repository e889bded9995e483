"""Many posts at once go out as one by one: each once, each with its own outcome,
whoever comes in between.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from platforms import FAIL_AFTER, LIMIT, REFUSE, Platform
from together import at_once, faults

from cast import make_channel, make_content, make_post
from common.errors import Conflict
from scheduling.access import access_post
from scheduling.domain import states
from scheduling.models import Attempt, ChannelAccount, Post
from scheduling.posts import services as posts
from scheduling.publishing import publish as publishing
from scheduling.publishing import publish_many
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def due_posts(channel: ChannelAccount, count: int) -> list[UUID]:
    content, now = make_content(channel.workspace), timezone.now()
    return [
        make_post(
            channel,
            content,
            state=states.SCHEDULED,
            at=now - timedelta(seconds=number + 1),
        ).pk
        for number in range(count)
    ]


@pytest.fixture
def hook(platform: Platform, workspace: Workspace) -> ChannelAccount:
    return make_channel(
        workspace,
        platform="webhook",
        publisher="webhook",
        endpoint=platform.url,
        credential="s",
    )


def states_of(ids: list[UUID]) -> list[str]:
    found = dict(Post.objects.values_list("pk", "state"))
    return [found[key] for key in ids]


@pytest.mark.parametrize(
    ("waiting", "sizes"),
    [
        (0, []),
        (23, [1] * 23),
        (24, [8] * 3),
        (33, [8] * 4 + [1]),
        (200, [16] * 12 + [8]),
        (801, [32] * 25 + [1]),
    ],
)
def test_few_go_alone_and_many_in_batches(waiting: int, sizes: list[int]) -> None:
    ids = [uuid4() for _ in range(waiting)]
    assert [len(batch) for batch in publish_many.batches(ids)] == sizes
    assert [key for batch in publish_many.batches(ids) for key in batch] == ids


def test_a_batch_goes_live_once_each_with_its_own_id(
    hook: ChannelAccount, platform: Platform
) -> None:
    ids = due_posts(hook, 8)
    assert publish_many.publish_many(ids, "worker") == 8
    assert publish_many.publish_many(ids, "another") == 0
    assert (
        states_of(ids) == ["published"] * 8 and list(platform.live.values()) == [1] * 8
    )
    for post in Post.objects.all():
        attempt = post.attempts.get()
        assert post.external_id == attempt.external_id == f"live-{post.dedupe_key}"
        assert post.url == attempt.url and post.tries == attempt.number == 1
        assert (attempt.state, attempt.error, post.due_at) == ("published", "", None)
        assert attempt.claimed_at <= attempt.sent_at <= attempt.ended_at


def test_each_has_its_own_outcome(hook: ChannelAccount, platform: Platform) -> None:
    ids = due_posts(hook, 8)
    platform.script = [REFUSE, FAIL_AFTER, LIMIT]
    publish_many.publish_many(ids, "worker")
    assert sorted(states_of(ids)) == [
        "failed",
        *["published"] * 5,
        "scheduled",
        "uncertain",
    ]
    assert len(platform.live) == 6 and set(platform.live.values()) == {1}


def test_what_is_not_due_or_taken_is_left_and_what_is_late_fails(
    hook: ChannelAccount, platform: Platform
) -> None:
    ids = due_posts(hook, 5)
    publishing.claim(ids[0], "somebody else")
    Post.objects.filter(pk=ids[1]).update(due_at=timezone.now() + timedelta(hours=1))
    long_ago = timezone.now() - timedelta(hours=2)
    Post.objects.filter(pk=ids[2]).update(due_at=long_ago, scheduled_at=long_ago)
    assert publish_many.publish_many(ids, "worker") == 2
    assert states_of(ids) == [
        "publishing",
        "scheduled",
        "failed",
        "published",
        "published",
    ]


def in_between(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Any
) -> None:
    """Have something happen just before a step, once."""
    step = getattr(module, name)

    def interrupted(*args: Any, **named: Any) -> Any:
        monkeypatch.setattr(module, name, step)
        act()
        return step(*args, **named)

    monkeypatch.setattr(module, name, interrupted)


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_the_same_posts_share_them(hook: ChannelAccount) -> None:
    for _ in range(5):
        ids = due_posts(hook, 12)
        parts = [ids, ids[::-1], ids[3:9], ids[6:]]
        made = at_once(
            *(
                partial(publish_many.claim_many, part, f"worker {n}")
                for n, part in enumerate(parts)
            )
        )
        assert faults(made) == []
        claimed = [attempt.post_id for attempts in made for attempt in attempts]
        assert (
            len(claimed)
            == len(set(claimed))
            == Attempt.objects.filter(post__in=ids).count()
        )
        # Who meets a post in another's hands leaves it; the one that has it takes it.
        assert set(claimed) == set(ids)
        Post.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_post_edited_meanwhile_goes_out_as_edited_or_is_not_edited(
    hook: ChannelAccount, platform: Platform, editor: User
) -> None:
    for n in range(5):
        ids = due_posts(hook, 6)
        edit = partial(
            posts.change,
            editor,
            access_post(editor, ids[0]),
            posts.Changes(caption=f"Newer {n}"),
        )
        _, edited = at_once(partial(publish_many.publish_many, ids, "worker"), edit)
        publish_many.publish_many(ids, "the next bell")
        went_out = f"Newer {n}" in [asked.json()["text"] for asked in platform.posts()]
        assert went_out == (not isinstance(edited, Conflict)), edited
        assert states_of(ids) == ["published"] * 6


def test_an_attempt_closed_before_sending_is_not_sent(
    hook: ChannelAccount, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = due_posts(hook, 3)

    def reaped() -> None:
        attempt = Attempt.objects.select_related("post").get(post=ids[0])
        publishing.record(
            attempt, publishing.Retry("The worker died before sending.", after=60)
        )

    in_between(monkeypatch, publish_many, "send_many", reaped)
    publish_many.publish_many(ids, "worker")
    assert states_of(ids) == ["scheduled", "published", "published"]
    assert platform.live.total() == 2


def test_an_attempt_closed_while_sending_is_not_recorded(
    hook: ChannelAccount, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = due_posts(hook, 3)

    def reaped() -> None:
        attempt = Attempt.objects.select_related("post").get(post=ids[0])
        publishing.record(
            attempt, publishing.Uncertain("The worker died while sending.")
        )
        publishing.record(
            attempt, publishing.Refused("The platform says that it never came.")
        )

    in_between(monkeypatch, publish_many, "record_many", reaped)
    publish_many.publish_many(ids, "worker")
    assert states_of(ids) == ["failed", "published", "published"]


def test_posts_to_the_outbox_go_in_batches_too(channel: ChannelAccount) -> None:
    ids = due_posts(channel, 8)
    publish_many.publish_many(ids, "worker")
    assert states_of(ids) == ["published"] * 8


def test_a_batch_asks_the_database_a_few_times(
    hook: ChannelAccount, platform: Platform, django_assert_max_num_queries
) -> None:
    ids = due_posts(hook, 8)
    with django_assert_max_num_queries(14):
        publish_many.publish_many(ids, "worker")
