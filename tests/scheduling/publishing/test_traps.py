"""Mistakes that others made in public, each as a story that must end well here."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from celery import current_app
from django.core.files.base import ContentFile
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from media_files import picture
from platforms import FAIL_AFTER, LIMIT, Platform
from scheduling_parts import due_on, run, try_again
from together import at_once

from cast import fresh, make_channel, make_content, make_post
from common.errors import Conflict, InvalidInput
from scheduling.calendar.filters import Filters
from scheduling.calendar.grid import grid
from scheduling.channels import connections
from scheduling.channels.connections import ConnectionRequest
from scheduling.content import media
from scheduling.domain import states
from scheduling.domain.hours import frame_of
from scheduling.models import Attempt, Post
from scheduling.posts import services as posts
from scheduling.publishing import publish as publishing
from scheduling.publishing import publish_many, resolve
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def hooked(platform: Platform, workspace: Workspace) -> Post:
    return due_on("webhook", platform, workspace)


def breaking(*args: Any, **named: Any) -> None:
    raise RuntimeError("a step after the post broke")


def days_later(post: Post) -> None:
    """Whatever anybody does about the post in the time after."""
    for _ in range(4):
        Attempt.objects.filter(post=post).update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
        Attempt.objects.filter(post=post, next_question_at__isnull=False).update(
            next_question_at=timezone.now()
        )
        resolve.reap()
        for unclear in resolve.unclear_posts():
            resolve.resolve(unclear)
        for due in publishing.due_posts(timezone.now() + timedelta(minutes=1)):
            publishing.publish(due, "later")
    post.refresh_from_db()


@pytest.mark.parametrize("step", ["try_advance", "try_apply", "post_progressed"])
def test_what_breaks_after_a_post_is_live_never_sends_it_again(
    hooked: Post, platform: Platform, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    attempt = publishing.claim(hooked.pk, "worker")
    assert attempt is not None
    outcome = publishing.send_claimed(attempt)
    with monkeypatch.context() as patch:
        patch.setattr(publishing, step, breaking)
        with pytest.raises(RuntimeError):
            publishing.record(attempt, outcome)
    days_later(hooked)
    assert (hooked.state, len(platform.posts()), list(platform.live.values())) == (
        "published",
        1,
        [1],
    )


def test_a_batch_whose_record_breaks_is_never_sent_again(
    hooked: Post, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_post(
        hooked.account,
        hooked.content,
        state=states.SCHEDULED,
        at=timezone.now() - timedelta(seconds=5),
    )
    with monkeypatch.context() as patch:
        patch.setattr(publish_many, "record_live", breaking)
        with pytest.raises(RuntimeError):
            publish_many.publish_many([hooked.pk, other.pk], "worker")
    for post in (hooked, other):
        days_later(post)
        assert post.state == "published"
    assert (len(platform.posts()), set(platform.live.values())) == (2, {1})


def test_nothing_is_sent_again_before_its_time(
    hooked: Post, platform: Platform, time_machine: Any
) -> None:
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    platform.script, platform.retry_after = [LIMIT], "300"
    run(hooked)
    for seconds in range(0, 300, 10):
        time_machine.move_to(start + timedelta(seconds=seconds), tick=False)
        assert publishing.due_posts() == []
        assert publishing.publish(hooked.pk, "eager") is None
    time_machine.move_to(start + timedelta(seconds=301), tick=False)
    assert publishing.due_posts() == [hooked.pk]
    assert (run(hooked).state, len(platform.posts())) == ("published", 2)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_many_workers_and_many_bells_make_one_call_a_post(
    platform: Platform, workspace: Workspace
) -> None:
    platform.remembers = False
    first = due_on("webhook", platform, workspace)
    now = timezone.now()
    keys = [first.pk] + [
        make_post(
            first.account,
            first.content,
            state=states.SCHEDULED,
            at=now - timedelta(seconds=n),
        ).pk
        for n in range(1, 24)
    ]

    def work(name: str) -> None:
        for at in range(0, len(keys), 4):
            publish_many.publish_many(keys[at : at + 4], name)
            for key in keys[at : at + 4]:
                publishing.publish(key, name)

    at_once(*(partial(work, f"worker-{number}") for number in range(4)))
    # A worker that loses a race with the database itself gives up; its posts are rung for again.
    for key in keys:
        publishing.publish(key, "the next bell")
    assert (len(platform.live), set(platform.live.values())) == (24, {1})
    assert set(Post.objects.values_list("state", flat=True)) == {"published"}


def test_the_key_is_equal_over_tries_and_restarts_and_new_for_a_new_publication(
    editor: User, hooked: Post, platform: Platform
) -> None:
    platform.script = [LIMIT, FAIL_AFTER]
    run(hooked)
    try_again(hooked)
    keys = {asked.headers["idempotency-key"] for asked in platform.posts()}
    assert keys == {f"{hooked.pk}:1"} == {Post.objects.get(pk=hooked.pk).dedupe_key}
    Post.objects.update(state=states.FAILED)
    posts.post_now(editor, fresh(hooked))
    assert Post.objects.get(pk=hooked.pk).dedupe_key == f"{hooked.pk}:2"


def test_equal_captions_are_two_posts(hooked: Post, platform: Platform) -> None:
    twin = make_post(
        hooked.account,
        hooked.content,
        state=states.SCHEDULED,
        at=timezone.now() - timedelta(seconds=3),
    )
    assert (run(hooked).state, run(twin).state, len(platform.live)) == (
        "published",
        "published",
        2,
    )


def test_connecting_again_with_an_empty_secret_keeps_the_one_there_is(
    manager: User, hooked: Post, platform: Platform
) -> None:
    channel = hooked.account
    channel.refresh_from_db()
    before = channel.credential.reveal()
    connections.connect(
        manager,
        channel.pk,
        ConnectionRequest("webhook", platform.url, channel.login_name),
    )
    channel.refresh_from_db()
    assert channel.credential.reveal() == before


def test_a_time_taken_on_one_channel_is_free_on_another(
    editor: User, workspace: Workspace
) -> None:
    at, item = timezone.now() + timedelta(hours=3), make_content(workspace)
    one, other = make_channel(workspace), make_channel(workspace, name="Another")
    posts.create(editor, item, one, at=at)
    posts.create(editor, item, other, at=at)
    with pytest.raises(Conflict):
        posts.create(editor, item, one, at=at)


def test_a_caption_too_long_beside_a_photo_is_refused_before_it_is_scheduled(
    editor: User, workspace: Workspace
) -> None:
    item = make_content(workspace, caption="a" * 1025, hashtags=[])
    draft = make_post(make_channel(workspace, platform="telegram"), item)
    kept = media.add_media(workspace, ContentFile(picture(), "photo.jpg"))
    media.attach(editor, item.pk, kept.pk)
    with pytest.raises(InvalidInput, match="takes 1024"):
        posts.approve(editor, draft)


def test_everything_that_beat_rings_for_exists() -> None:
    current_app.loader.import_default_modules()
    names = set(PeriodicTask.objects.values_list("task", flat=True)) - {
        "celery.backend_cleanup"
    }
    assert "scheduling.find_due" in names
    assert names <= set(current_app.tasks)


def test_a_month_of_ten_thousand_posts_is_few_questions(
    viewer: User, workspace: Workspace, django_assert_max_num_queries
) -> None:
    channel, item = make_channel(workspace), make_content(workspace)
    first = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    Post.objects.bulk_create(
        [
            Post(
                workspace=workspace,
                account=channel,
                content=item,
                state=states.DRAFT,
                scheduled_at=first + timedelta(minutes=4 * number),
            )
            for number in range(10_000)
        ],
        batch_size=1000,
    )
    frame = frame_of("month", first.date(), "UTC")
    with django_assert_max_num_queries(5):
        found = grid(viewer, workspace, frame, Filters(), [channel])
    assert sum(box.total for box in found.boxes) >= 9_000
    assert sum(len(box.posts) for box in found.boxes) <= 42 * 5
