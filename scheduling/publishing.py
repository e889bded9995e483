"""Publishing once: claim, prepare, mark as sending, send, record.

Claiming and recording are compare-and-set moves. A worker whose lease has run out finds
its attempt already closed and can record nothing, however late its publisher answers.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from common.states import try_advance
from scheduling import states
from scheduling.closures import SHORTEST, closures_of
from scheduling.events import post_progressed
from scheduling.fitting import errors_of, misfits
from scheduling.models import Attempt, Post
from scheduling.models.media import media_of
from scheduling.publishers.base import (
    Job,
    Outcome,
    Preparing,
    Published,
    Publisher,
    Refused,
    Retry,
    Uncertain,
)
from scheduling.publishers.registry import NOT_CONNECTED, find_publisher

log = structlog.get_logger(__name__)

MOST_TRIES = 3
FIRST_WAIT = timedelta(seconds=30)
RING_AT_ONCE = 1000
RING_AGAIN_AFTER = timedelta(seconds=15)
FIRST_QUESTION_AFTER = timedelta(minutes=1)
MEDIA = "content__media_places__media"


def lease() -> timedelta:
    """How long a worker may take for one post before it counts as dead."""
    return timedelta(seconds=settings.PUBLISH_LEASE_SECONDS)


def due_posts(now: datetime | None = None) -> list[UUID]:
    """Ids of posts whose time has come and for which a worker should be rung now, at
    most 1,000.

    They are noted as rung for: if the bell is lost, they come up again after a while.
    Those in a blackout are held back.
    """
    now = now or timezone.now()
    waiting = Post.objects.due(now).unheard(since=now - RING_AGAIN_AFTER)
    chosen = list(waiting.select_related("account")[:RING_AT_ONCE])
    held = hold_back(chosen, now)
    found = [post.pk for post in chosen if post.pk not in held]
    if found:
        Post.objects.filter(pk__in=found).update(rung_at=now)
    return found


def hold_back(posts: Sequence[Post], now: datetime) -> set[UUID]:
    """Fail those of the posts that are in a blackout, with the reason: neither sent nor
    dropped in silence. Their ids.

    One query for all of them where nothing is closed.
    """
    closed = closures_of({post.workspace_id for post in posts}, now, now + SHORTEST)
    held = set()
    for post in posts:
        closure = closed[post.workspace_id].at(post.account, now, post.pk)
        if closure is not None:
            held.add(post.pk)
            _fail(
                post,
                f"Held back: {closure.text} Move the post, or try again when it is over.",
                now,
            )
    return held


def publish(post_id: UUID, worker: str) -> Attempt | None:
    """Publish one due post. Returns the attempt, or None where there was nothing to do:
    not due, missed, or claimed by somebody else, which is normal.
    """
    attempt = claim(post_id, worker)
    if attempt is None:
        return None
    log.info("post_claimed", post=str(post_id), attempt=attempt.number, worker=worker)
    return record(attempt, _send(attempt))


def claim(post_id: UUID, worker: str) -> Attempt | None:
    """Take the post for this worker: state and attempt in one transaction. None if
    somebody was faster or changed the post just now, and for one that is too late,
    which fails.
    """
    now = timezone.now()
    post = due_rows([post_id], now).first()
    if post is None or miss(post, now):
        return None
    with transaction.atomic():
        # What was read above is what goes out: a post that was touched since is left
        # for the next bell.
        same = Post.objects.filter(
            pk=post_id, due_at__lte=now, updated_at=post.updated_at, tries=post.tries
        )
        taken: dict[str, Any] = {"tries": post.tries + 1, "updated_at": now}
        if not try_advance(
            same, states.POST, states.PUBLISHING, source=states.SCHEDULED, **taken
        ):
            return None
        attempt = attempt_at(post, worker, now)
        attempt.save(force_insert=True)
        post_progressed(post)
    return attempt


def due_rows(post_ids: list[UUID], now: datetime) -> Any:
    """Those of the posts that are due, with all that publishing needs and the number of
    each one's last attempt.
    """
    rows = Post.objects.filter(pk__in=post_ids, state=states.SCHEDULED, due_at__lte=now)
    last = (
        Attempt.objects.filter(post=OuterRef("pk"))
        .order_by("-number")
        .values("number")[:1]
    )
    rows = rows.select_related("account", "content", "workspace").prefetch_related(
        MEDIA
    )
    return rows.annotate(last_number=Coalesce(Subquery(last), 0))


def attempt_at(post: Any, worker: str, now: datetime) -> Attempt:
    """A new attempt at a post of `due_rows` that was just claimed; unsaved."""
    post.state, post.tries, post.updated_at = states.PUBLISHING, post.tries + 1, now
    return Attempt(
        post=post,
        number=post.last_number + 1,
        dedupe_key=post.dedupe_key,
        worker=worker[:120],
        claimed_at=now,
        lease_until=now + lease() * (1 + len(media_of(post.content))),
    )


@dataclass(frozen=True)
class Ready:
    """Everything before the point of no return is done."""

    publisher: Publisher
    job: Job


def _send(attempt: Attempt) -> Outcome:
    ready = make_ready(attempt)
    return send_marked(attempt, ready) if isinstance(ready, Ready) else ready


def send_marked(attempt: Attempt, ready: Ready) -> Outcome:
    """Send, once the attempt says that it may have been sent."""
    if not try_advance(
        Attempt.objects.filter(pk=attempt.pk),
        states.ATTEMPT,
        states.SENDING,
        source=states.CLAIMED,
        **sending_now(),
    ):
        return Retry("The worker was too slow; another has taken over.")
    return send(ready)


def sending_now() -> dict[str, Any]:
    """What an attempt says from the moment at which it begins to send."""
    now = timezone.now()
    return {"sent_at": now, "lease_until": now + lease()}


def make_ready(attempt: Attempt) -> Ready | Retry | Refused:
    """Check and prepare; nothing of it is seen by the public."""
    publisher = find_publisher(attempt.post.account.publisher)
    if publisher is None:
        return Refused(f"{attempt.post.account.name} is {NOT_CONNECTED}.")
    # Content may have been changed, or a limit lowered, since the post was scheduled.
    if unfit := errors_of(misfits(attempt.post)):
        return Refused(unfit)
    job = _prepared(publisher, job_of(attempt))
    return Ready(publisher, job) if isinstance(job, Job) else job


def send(ready: Ready) -> Outcome:
    """The irreversible call; the attempt has to be marked as sending before."""
    try:
        return ready.publisher.publish(ready.job)
    except Exception as error:
        # Whatever broke, broke after the point of no return: sending again blindly
        # could post twice.
        log.exception(
            "publisher_broke",
            post=str(ready.job.post_id),
            publisher=ready.publisher.name,
        )
        return Uncertain(f"{type(error).__name__}: {error}")


def _prepared(publisher: Publisher, job: Job) -> Job | Retry | Refused:
    """The job with what the publisher made ready."""
    if not isinstance(publisher, Preparing):
        return job
    try:
        ready = publisher.prepare(job)
    except Exception as error:
        log.exception(
            "publisher_broke_early", post=str(job.post_id), publisher=publisher.name
        )
        return Retry(f"While preparing: {type(error).__name__}: {error}")
    return replace(job, prepared=ready) if isinstance(ready, tuple) else ready


def job_of(attempt: Attempt) -> Job:
    post = attempt.post
    return Job(
        post_id=post.pk,
        account_id=post.account_id,
        platform=post.account.platform,
        title=post.content.title,
        text=post.text,
        link=post.content.link,
        dedupe_key=attempt.dedupe_key,
        endpoint=post.account.endpoint,
        login=post.account.login_name,
        credential=post.account.credential,
        made_at=post.created_at,
        sent_at=attempt.sent_at,
        media=tuple(media_of(post.content)),
    )


def record(attempt: Attempt, outcome: Outcome) -> Attempt | None:
    """Write the outcome down, unless the attempt was closed meanwhile; then None, and
    nothing changes.
    """
    match outcome:
        case Published(external_id, url):
            return _close(
                attempt, states.ATTEMPT_PUBLISHED, external_id=external_id, url=url
            )
        case Retry(reason, after):
            return _close(attempt, states.ATTEMPT_RETRY, error=reason, after=after)
        case Refused(reason):
            return _close(attempt, states.ATTEMPT_REFUSED, error=reason)
        case Uncertain(reason):
            asked_at = timezone.now() + FIRST_QUESTION_AFTER
            return _close(
                attempt,
                states.ATTEMPT_UNCERTAIN,
                error=reason,
                next_question_at=asked_at,
            )


def _close(
    attempt: Attempt,
    end: str,
    *,
    error: str = "",
    external_id: str = "",
    url: str = "",
    after: float | None = None,
    next_question_at: datetime | None = None,
) -> Attempt | None:
    now, post = timezone.now(), attempt.post
    written: dict[str, Any] = {
        "ended_at": now,
        "error": error,
        "external_id": external_id,
        "url": url,
        "next_question_at": next_question_at,
    }
    with transaction.atomic():
        if not try_advance(
            Attempt.objects.filter(pk=attempt.pk), states.ATTEMPT, end, **written
        ):
            log.warning(
                "outcome_too_late",
                post=str(attempt.post_id),
                attempt=attempt.number,
                outcome=end,
            )
            return None
        _settle(post, end, now, error, external_id, url, after)
        post_progressed(post)
    for name, value in {"state": end, **written}.items():
        setattr(attempt, name, value)
    log.info(
        "post_settled",
        post=str(post.pk),
        attempt=attempt.number,
        outcome=end,
        error=error or None,
    )
    return attempt


def _settle(
    post: Post,
    end: str,
    now: datetime,
    error: str,
    external_id: str,
    url: str,
    after: float | None,
) -> None:
    """Move the post to where its attempt has led."""
    row = Post.objects.filter(pk=post.pk)
    common: dict[str, Any] = {"updated_at": now, "last_error": error}
    if end == states.ATTEMPT_PUBLISHED:
        live: dict[str, Any] = {
            "published_at": now,
            "external_id": external_id,
            "url": url,
            "due_at": None,
        }
        try_advance(row, states.POST, states.PUBLISHED, **common, **live)
    elif end == states.ATTEMPT_UNCERTAIN:
        try_advance(row, states.POST, states.UNCERTAIN, **common, due_at=None)
    elif end == states.ATTEMPT_RETRY and post.tries < MOST_TRIES:
        try_advance(
            row,
            states.POST,
            states.SCHEDULED,
            **common,
            due_at=now + wait(post.tries, after),
            rung_at=None,
        )
    else:
        try_advance(row, states.POST, states.FAILED, **common, due_at=None)


def wait(tries: int, after: float | None) -> timedelta:
    """Time until the next try: what the platform asked for, else 30 s, 60 s, 120 s ...
    within ±20 %.
    """
    if after is not None:
        return timedelta(seconds=after)
    return FIRST_WAIT * 2 ** (tries - 1) * random.uniform(0.8, 1.2)


def miss(post: Post, now: datetime) -> bool:
    """Fail a post that nobody tried in time: a surprise hours later is worse than a gap."""
    if post.tries or post.scheduled_at is None:
        return False
    late = now - max(post.scheduled_at, post.due_at or post.scheduled_at)
    if late <= timedelta(minutes=post.workspace.grace_minutes):
        return False
    reason = (
        f"Missed: {int(late.total_seconds() // 60)} minutes late, more than the "
        "workspace's grace period."
    )
    _fail(post, reason, now)
    return True


def _fail(post: Post, reason: str, now: datetime) -> None:
    """Give up a scheduled post, unless somebody has claimed or changed it meanwhile."""
    failed: dict[str, Any] = {"last_error": reason, "due_at": None, "updated_at": now}
    with transaction.atomic():
        same = Post.objects.filter(
            pk=post.pk, tries=post.tries, updated_at=post.updated_at
        )
        if try_advance(
            same, states.POST, states.FAILED, source=states.SCHEDULED, **failed
        ):
            post_progressed(post)
