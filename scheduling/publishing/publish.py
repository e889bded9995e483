"""Publishing once. The steps, in order:

1. `due_posts` names the posts whose time has come and notes that a worker is rung for
   each; posts in a blackout fail there, and held ones wait.
2. `claim` takes the post for one worker, in one transaction: scheduled -> publishing,
   and an attempt with a number, a lease and the dedupe key. Too late a post fails.
3. `make_ready` checks that the content fits its platform and lets the publisher prepare
   (sign in, upload, draft). The public sees nothing of it: what breaks here is tried
   again.
4. `send_marked` notes on the attempt that it may have been sent. This is the point of no
   return: after it nothing is sent again before the platform was asked.
5. `send` makes the one request that the public sees. An exception counts as uncertain.
6. `record` closes the attempt and moves the post, in one transaction: published, to be
   tried again after a wait, failed, uncertain, or held where the platform does not accept
   the channel's sign-in, which the channel then says (`channels.sign_ins`).

What `record` leaves uncertain, and what a dead worker leaves, is in `resolve`; many
posts at once are in `publish_many`.

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
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from common.mappings import Record, Values
from common.transitions import try_advance
from scheduling.channels import sign_ins
from scheduling.closures import SHORTEST, closures_of
from scheduling.content import outgoing
from scheduling.domain import states
from scheduling.events import post_progressed
from scheduling.models import Attempt, Post
from scheduling.models.media import MEDIA, media_of
from scheduling.networks.base import (
    Job,
    Outcome,
    Preparing,
    Published,
    Publisher,
    Refused,
    Retry,
    SignInRefused,
    Uncertain,
)
from scheduling.networks.registry import NOT_CONNECTED, find_publisher
from scheduling.posts import held, transitions
from scheduling.posts.fitting import errors_of, misfits
from scheduling.posts.transitions import Transition, try_apply
from scheduling.publishing.alive import kept_alive, lease

log = structlog.get_logger(__name__)

MOST_TRIES = 3
FIRST_WAIT = timedelta(seconds=30)
RING_AT_ONCE = 1000
RING_AGAIN_AFTER = timedelta(seconds=15)
FIRST_QUESTION_AFTER = timedelta(minutes=1)
NO_ANSWER = {"error": "", "external_id": "", "url": "", "next_question_at": None}


def due_posts(now: datetime | None = None) -> list[UUID]:
    """Ids of posts whose time has come and for which a worker should be rung now, at
    most 1,000.

    They are noted as rung for: if the bell is lost, they come up again after a while.
    Those in a blackout are held back.
    """
    now = now or timezone.now()
    sending = Post.objects.due(now).exclude(held.holding())
    waiting = sending.unheard(since=now - RING_AGAIN_AFTER)
    chosen = list(waiting.select_related("account")[:RING_AT_ONCE])
    closed = hold_back(chosen, now)
    ringing = [post for post in chosen if post.pk not in closed]
    transitions.note_rung(ringing, now)
    return [post.pk for post in ringing]


def hold_back(posts: Sequence[Post], now: datetime) -> set[UUID]:
    """Fail those of the posts that are in a blackout, with the reason: neither sent nor
    dropped in silence. Their ids.

    One query for all of them where nothing is closed.
    """
    closed = closures_of({post.workspace_id for post in posts}, now, now + SHORTEST)
    inside = set()
    for post in posts:
        closure = closed[post.workspace_id].at(post.account, now, post.pk)
        if closure is not None:
            inside.add(post.pk)
            advice = "Move the post, or try again when it is over."
            _give_up(post, f"Held back: {closure.text} {advice}")
    return inside


def fail_held(now: datetime | None = None) -> int:
    """Fail posts that their channels have held for longer than the workspace's grace,
    with the reason. Returns how many.
    """
    now = now or timezone.now()
    waiting = held.held_posts(now).select_related("account", "workspace")
    failed = 0
    for post in waiting[:RING_AT_ONCE]:
        late = lateness(post, now)
        if late > timedelta(minutes=post.workspace.grace_minutes):
            _give_up(post, held.too_long_text(post, late))
            failed += 1
    return failed


def publish(post_id: UUID, worker: str) -> Attempt | None:
    """Publish one due post. Returns the attempt, or None where there was nothing to do:
    not due, missed, or claimed by somebody else, which is normal.
    """
    attempt = claim(post_id, worker)
    if attempt is None:
        return None
    log.info("post_claimed", post=str(post_id), attempt=attempt.number, worker=worker)
    return record(attempt, send_claimed(attempt))


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
        # What was read above is what goes out: a post that was touched since is left for
        # the next bell.
        untouched = {"updated_at": post.updated_at, "tries": post.tries}
        if not try_apply([post], transitions.CLAIM, same=untouched):
            return None
        attempt = attempt_at(post, worker, now)
        attempt.save(force_insert=True)
        post_progressed(post)
    return attempt


def due_rows(post_ids: list[UUID], now: datetime) -> Any:
    """Those of the posts that are due, with all that publishing needs and the number of
    each one's last attempt.
    """
    due = Post.objects.filter(pk__in=post_ids, state=states.SCHEDULED, due_at__lte=now)
    sending = due.exclude(held.holding())
    rows = sending.select_related("account", "content", "workspace")
    attempts = Attempt.objects.filter(post=OuterRef("pk")).order_by("-number")
    last_number = Coalesce(Subquery(attempts.values("number")[:1]), 0)
    return rows.prefetch_related(MEDIA).annotate(last_number=last_number)


def attempt_at(post: Any, worker: str, now: datetime) -> Attempt:
    """A new attempt at a post of `due_rows` that was just claimed; unsaved."""
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


def send_claimed(attempt: Attempt) -> Outcome:
    """Make ready what can be, mark the attempt as sending, and send."""
    ready = make_ready(attempt)
    return send_marked(attempt, ready) if isinstance(ready, Ready) else ready


def send_marked(attempt: Attempt, ready: Ready) -> Outcome:
    """Send, once the attempt says that it may have been sent."""
    mine = Attempt.objects.filter(pk=attempt.pk)
    is_marked = try_advance(
        mine,
        states.ATTEMPT,
        states.SENDING,
        source=states.CLAIMED,
        **sending_now(),
    )
    if not is_marked:
        return Retry("The worker was too slow; another has taken over.")
    return send(attempt, ready)


def sending_now() -> Values:
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
    with kept_alive(attempt):
        job = _prepared(publisher, job_of(attempt))
    return Ready(publisher, job) if isinstance(job, Job) else job


def send(attempt: Attempt, ready: Ready) -> Outcome:
    """The irreversible call; the attempt has to be marked as sending before."""
    try:
        with kept_alive(attempt):
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
    """The job with what the publisher made ready, and with files that may go out."""
    try:
        for media in job.media:
            outgoing.make_ready(media)
        if not isinstance(publisher, Preparing):
            return job
        ready = publisher.prepare(job)
    except Exception as error:
        log.exception(
            "publisher_broke_early", post=str(job.post_id), publisher=publisher.name
        )
        return Retry(f"While preparing: {type(error).__name__}: {error}")
    return replace(job, prepared=ready) if isinstance(ready, tuple) else ready


def job_of(attempt: Attempt) -> Job:
    """What the publisher is given, with its content as it is now."""
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
    now = timezone.now()
    match outcome:
        case Published(external_id, url):
            live = {"external_id": external_id, "url": url}
            ending = Ending(states.ATTEMPT_PUBLISHED, transitions.WENT_LIVE, live)
            return _close(attempt, now, ending, published_at=now, **live)
        case Retry(reason, after) if attempt.post.tries < MOST_TRIES:
            ending = Ending.because(reason, states.ATTEMPT_RETRY, transitions.TRY_AGAIN)
            again_at = now + wait(attempt.post.tries, after)
            return _close(attempt, now, ending, at=again_at, reason=reason)
        case Retry(reason):
            ending = Ending.because(reason, states.ATTEMPT_RETRY, transitions.FAIL)
        case SignInRefused(reason):
            return _hold(attempt, now, reason)
        case Refused(reason):
            ending = Ending.because(reason, states.ATTEMPT_REFUSED, transitions.FAIL)
        case Uncertain(reason):
            question = {"next_question_at": now + FIRST_QUESTION_AFTER}
            ending = Ending.because(
                reason, states.ATTEMPT_UNCERTAIN, transitions.UNCLEAR, **question
            )
    return _close(attempt, now, ending, reason=reason)


def _hold(attempt: Attempt, now: datetime, reason: str) -> Attempt | None:
    """Leave the post to its channel, which says from now on that it must be reconnected."""
    ending = Ending.because(reason, states.ATTEMPT_REFUSED, transitions.HOLD)
    with transaction.atomic():
        closed = _close(attempt, now, ending, reason=reason)
        if closed:
            sign_ins.note_refused(attempt.post.account, reason)
    return closed


@dataclass(frozen=True)
class Ending:
    """How an attempt ends, with what it says then, and where that leads its post."""

    state: str
    transition: Transition
    facts: Record

    @classmethod
    def because(
        cls, reason: str, state: str, transition: Transition, **facts: Any
    ) -> Ending:
        """One with a reason, which the attempt keeps as its error."""
        return cls(state, transition, {"error": reason, **facts})


def _close(
    attempt: Attempt, now: datetime, ending: Ending, **changes: Any
) -> Attempt | None:
    """End the attempt, and bring its post through the transition with `changes`, which
    `try_apply` lists. None where somebody else has closed it.
    """
    post = attempt.post
    facts = {"ended_at": now, **NO_ANSWER, **ending.facts}
    with transaction.atomic():
        mine = Attempt.objects.filter(pk=attempt.pk)
        if not try_advance(mine, states.ATTEMPT, ending.state, **facts):
            log.warning(
                "outcome_too_late",
                post=str(attempt.post_id),
                attempt=attempt.number,
                outcome=ending.state,
            )
            return None
        try_apply([post], ending.transition, **changes)
        post_progressed(post)
    for name, value in {"state": ending.state, **facts}.items():
        setattr(attempt, name, value)
    log.info(
        "post_settled",
        post=str(post.pk),
        attempt=attempt.number,
        outcome=ending.state,
        error=attempt.error or None,
    )
    return attempt


def wait(tries: int, after: float | None) -> timedelta:
    """Time until the next try: what the platform asked for, else 30 s, 60 s, 120 s ...
    within ±20 %.
    """
    if after is not None:
        return timedelta(seconds=after)
    usual = FIRST_WAIT * float(2 ** (tries - 1))
    return usual * random.uniform(0.8, 1.2)


def miss(post: Post, now: datetime) -> bool:
    """Fail a post that nobody tried in time: a surprise hours later is worse than a gap."""
    late = lateness(post, now)
    if late <= timedelta(minutes=post.workspace.grace_minutes):
        return False
    minutes = int(late.total_seconds() // 60)
    grace = "more than the workspace's grace period"
    _give_up(post, f"Missed: {minutes} minutes late, {grace}.")
    return True


def lateness(post: Post, now: datetime) -> timedelta:
    """How long the post has waited: since its time, or since it was to be tried again."""
    times = [at for at in (post.scheduled_at, post.due_at) if at is not None]
    latest: datetime = max(times, default=now)
    return now - latest


def _give_up(post: Post, reason: str) -> None:
    """Fail a scheduled post, unless somebody has claimed or changed it meanwhile."""
    untouched = {"tries": post.tries, "updated_at": post.updated_at}
    with transaction.atomic():
        if try_apply([post], transitions.GIVE_UP, reason=reason, same=untouched):
            post_progressed(post)
