"""Publishing once: claim, send, record, and what happens when a worker dies or answers late."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from together import at_once, faults

from scheduling.domain import states
from scheduling.models import Attempt, ChannelAccount, OutboxPost, Post
from scheduling.networks import registry
from scheduling.networks.base import Job, Outcome, Published, Refused, Retry, Uncertain
from scheduling.networks.test_feed.publish import Outbox
from scheduling.publishing import publish as publishing
from scheduling.publishing import resolve as resolving

pytestmark = [pytest.mark.django_db, pytest.mark.services]


class Script:
    """A publisher that answers as it is told and keeps what it was given."""

    name = "outbox"

    def __init__(
        self, *answers: Outcome | Exception, resolution: Outcome | None = None
    ) -> None:
        self.answers = list(answers)
        self.resolution = resolution or Uncertain("nobody knows")
        self.jobs: list[Job] = []

    def publish(self, job: Job) -> Outcome:
        self.jobs.append(job)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def resolve(self, job: Job) -> Outcome:
        return self.resolution


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch):
    def play(
        *answers: Outcome | Exception, resolution: Outcome | None = None
    ) -> Script:
        publisher = Script(*answers, resolution=resolution)
        monkeypatch.setitem(registry.PUBLISHERS, "outbox", publisher)
        return publisher

    return play


def expire(post: Post) -> None:
    Attempt.objects.filter(post=post).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )


def test_a_due_post_goes_to_the_outbox_and_its_folder(due: Post) -> None:
    attempt = publishing.publish(due.pk, "worker-1")
    due.refresh_from_db()
    live = OutboxPost.objects.get()
    assert (due.state, attempt.state, live.text) == (
        "published",
        "published",
        "A rumble, a drip.\n\n#heating",
    )
    assert due.external_id == str(live.pk)
    assert due.url == f"/outbox#live-{live.pk}"
    files = list(
        (Path(settings.OUTBOX_DIR) / str(due.account_id)).glob(f"*{due.pk}.json")
    )
    assert json.loads(files[0].read_text())["title"] == "Five signs"


def test_a_post_is_published_once_however_often_the_bell_rings(
    due: Post, script
) -> None:
    publisher = script(Published("1"))
    assert publishing.publish(due.pk, "a") is not None
    assert publishing.publish(due.pk, "b") is None
    assert len(publisher.jobs) == 1


def test_a_post_that_is_not_due_is_left_alone(draft: Post, slot: Post) -> None:
    assert publishing.publish(draft.pk, "a") is None
    assert publishing.publish(slot.pk, "a") is None
    assert publishing.due_posts() == []


def test_a_worker_is_rung_once_for_a_post_and_again_when_nobody_came(due: Post) -> None:
    now = timezone.now()
    assert publishing.due_posts(now) == [due.pk]
    assert publishing.due_posts(now + timedelta(seconds=5)) == []
    assert publishing.due_posts(now + timedelta(seconds=20)) == [due.pk]


def test_the_claim_is_seen_before_the_send(
    due: Post, script, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str]] = []

    class Spy(Script):
        def publish(self, job: Job) -> Outcome:
            seen.append(
                (Post.objects.get(pk=job.post_id).state, Attempt.objects.get().state)
            )
            return Published("1")

    monkeypatch.setitem(registry.PUBLISHERS, "outbox", Spy())
    publishing.publish(due.pk, "a")
    assert seen == [("publishing", "sending")]


def test_a_retry_waits_as_long_as_the_platform_asks(due: Post, script) -> None:
    script(Retry("busy", after=90))
    begun = timezone.now()
    publishing.publish(due.pk, "a")
    due.refresh_from_db()
    assert (due.state, due.last_error) == ("scheduled", "busy")
    assert (
        begun + timedelta(seconds=90)
        <= due.due_at
        <= timezone.now() + timedelta(seconds=90)
    )
    assert due.scheduled_at < timezone.now()


def test_tries_are_used_up_and_share_one_dedupe_key(due: Post, script) -> None:
    publisher = script(Retry("busy", 0), Retry("busy", 0), Retry("still busy", 0))
    for _ in range(4):
        publishing.publish(due.pk, "a")
    due.refresh_from_db()
    assert (due.state, due.tries, due.last_error) == ("failed", 3, "still busy")
    assert {job.dedupe_key for job in publisher.jobs} == {f"{due.pk}:1"}
    assert [attempt.number for attempt in due.attempts.order_by("number")] == [1, 2, 3]


def test_backoff_doubles() -> None:
    for tries, low, high in ((1, 24, 36), (2, 48, 72), (3, 96, 144)):
        assert low <= publishing.wait(tries, None).total_seconds() <= high


def test_a_refusal_is_final(due: Post, script) -> None:
    script(Refused("too long"))
    publishing.publish(due.pk, "a")
    due.refresh_from_db()
    assert (due.state, due.last_error, due.due_at) == ("failed", "too long", None)


def test_an_exception_after_the_point_of_no_return_is_uncertain_not_a_retry(
    due: Post, script
) -> None:
    publisher = script(TimeoutError("no answer"))
    publishing.publish(due.pk, "a")
    due.refresh_from_db()
    assert (due.state, due.last_error) == ("uncertain", "TimeoutError: no answer")
    assert publishing.due_posts() == []
    assert len(publisher.jobs) == 1


def test_an_unconnected_channel_fails_with_the_reason(due: Post) -> None:
    ChannelAccount.objects.update(publisher="")
    publishing.publish(due.pk, "a")
    due.refresh_from_db()
    assert due.state == "failed"
    assert "not connected: no publisher configured" in due.last_error


def test_a_worker_that_died_before_sending_is_replaced(due: Post, script) -> None:
    script(Published("1"))
    publishing.claim(due.pk, "dead")
    expire(due)
    assert resolving.reap() == 1
    due.refresh_from_db()
    assert due.state == "scheduled"
    publishing.publish(due.pk, "alive")
    due.refresh_from_db()
    assert due.state == "published"


def test_deaths_before_sending_cost_no_tries_until_they_are_too_many(
    due: Post, script
) -> None:
    script(Published("1"))
    for _ in range(resolving.DEATHS_FORGIVEN):
        assert publishing.claim(due.pk, "dead") is not None
        expire(due)
        resolving.reap()
    due.refresh_from_db()
    assert (due.state, due.tries) == ("scheduled", 0)
    for _ in range(publishing.MOST_TRIES):
        assert publishing.claim(due.pk, "dead") is not None
        expire(due)
        resolving.reap()
    due.refresh_from_db()
    assert (due.state, due.tries) == ("failed", 3)


def sending(post: Post) -> Attempt:
    """An attempt whose worker died in the middle of the call."""
    attempt = publishing.claim(post.pk, "dead")
    Attempt.objects.filter(pk=attempt.pk).update(state=states.SENDING)
    expire(post)
    return attempt


def test_a_worker_that_died_while_sending_leaves_it_to_the_resolver(
    due: Post, script
) -> None:
    script(resolution=Published("77", "https://example.org/77"))
    sending(due)
    resolving.reap()
    assert resolving.unclear_posts() == [due.pk]
    resolving.resolve(due.pk)
    due.refresh_from_db()
    assert (due.state, due.external_id) == ("published", "77")


def test_what_the_resolver_cannot_tell_stays_uncertain(due: Post, script) -> None:
    script()
    sending(due)
    resolving.reap()
    resolving.resolve(due.pk)
    due.refresh_from_db()
    assert (due.state, "Asked about it: nobody knows" in due.last_error) == (
        "uncertain",
        True,
    )


def test_questions_come_ever_less_often_and_end(due: Post, script) -> None:
    script(TimeoutError("no answer"))
    publishing.publish(due.pk, "a")
    begun, waits = timezone.now(), []
    for _ in range(9):
        found = Attempt.objects.get()
        if found.next_question_at is None:
            break
        waits.append(round((found.next_question_at - begun).total_seconds() / 60))
        assert resolving.unclear_posts(found.next_question_at) == [due.pk]
        assert resolving.unclear_posts(found.next_question_at) == []
        resolving.resolve(due.pk)
    assert waits == [1, 5, 30, 180, 720]
    assert resolving.unclear_posts(begun + timedelta(days=9)) == []
    due.refresh_from_db()
    assert due.state == "uncertain"


def test_two_who_ask_at_once_ask_once(
    due: Post, script, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(TimeoutError("no answer"))
    publishing.publish(due.pk, "a")
    late = Attempt.objects.get()
    resolving.resolve(due.pk)
    assert not resolving.take_turn(late)
    assert resolving.take_turn(Attempt.objects.get())


def test_a_resolver_that_breaks_decides_nothing(
    due: Post, script, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = script(TimeoutError("no answer"))
    publishing.publish(due.pk, "a")
    monkeypatch.setattr(publisher, "resolve", lambda job: 1 / 0)
    resolving.resolve(due.pk)
    due.refresh_from_db()
    assert (due.state, "ZeroDivisionError" in due.last_error) == ("uncertain", True)


def test_what_breaks_while_preparing_is_tried_again(
    due: Post, script, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = script()
    monkeypatch.setattr(publisher, "prepare", lambda job: 1 / 0, raising=False)
    publishing.publish(due.pk, "a")
    due.refresh_from_db()
    assert (due.state, publisher.jobs) == ("scheduled", [])
    assert due.last_error.startswith("While preparing: ZeroDivisionError")


def test_the_outbox_can_tell_what_it_has(due: Post) -> None:
    job = publishing.job_of(publishing.claim(due.pk, "a"))
    assert isinstance(Outbox().resolve(job), Retry)
    first = Outbox().publish(job)
    assert Outbox().resolve(job) == first
    assert Outbox().publish(job) == first
    assert OutboxPost.objects.count() == 1


def test_a_worker_that_lost_its_lease_can_record_nothing(due: Post, script) -> None:
    late = publishing.claim(due.pk, "slow")
    expire(due)
    resolving.reap()
    script(Published("right"))
    publishing.publish(due.pk, "quick")
    assert publishing.record(late, Refused("from the past")) is None
    due.refresh_from_db()
    assert (due.state, due.external_id) == ("published", "right")


def test_a_post_too_late_for_its_workspace_counts_as_missed(due: Post, script) -> None:
    publisher = script(Published("1"))
    Post.objects.update(
        scheduled_at=timezone.now() - timedelta(minutes=61),
        due_at=timezone.now() - timedelta(minutes=61),
    )
    assert publishing.publish(due.pk, "a") is None
    due.refresh_from_db()
    assert due.state == "failed"
    assert due.last_error.startswith("Missed: 61 minutes late")
    assert publisher.jobs == []


def test_a_late_post_within_the_grace_period_still_goes_out(due: Post, script) -> None:
    script(Published("1"))
    Post.objects.update(
        scheduled_at=timezone.now() - timedelta(minutes=59),
        due_at=timezone.now() - timedelta(minutes=59),
    )
    publishing.publish(due.pk, "a")
    due.refresh_from_db()
    assert due.state == "published"


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_claim_one_post_once(due: Post) -> None:
    won = at_once(*(partial(publishing.claim, due.pk, f"worker-{n}") for n in range(6)))
    assert faults(won) == []
    assert sum(attempt is not None for attempt in won) == 1
    assert Attempt.objects.count() == 1
