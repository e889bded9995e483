"""What became of posts whose fate is unknown. The steps, in order:

1. `reap` closes attempts whose lease has run out: a worker that died before sending
   costs the post nothing and it is tried again at once; one that died while sending
   leaves it uncertain, to be asked about now.
2. `unclear_posts` names the uncertain posts whose next question is due, and notes that a
   worker is rung for each.
3. `resolve` takes its turn, a compare-and-set on the number of questions, which sets the
   time of the next: 1, 5 and 30 minutes, 3 and 12 hours; then it is left to a person.
4. It asks the publisher, outside of any transaction. Published and Retry are recorded as
   an attempt's own outcome; Uncertain is noted as the reason.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import F
from django.utils import timezone

from scheduling.domain import states
from scheduling.events import post_changed
from scheduling.models import Attempt
from scheduling.models.media import MEDIA
from scheduling.networks.base import Outcome, Retry, Uncertain
from scheduling.networks.registry import find_publisher
from scheduling.posts import transitions
from scheduling.posts.transitions import try_apply
from scheduling.publishing.publish import RING_AT_ONCE, job_of, record

log = structlog.get_logger(__name__)

# After the first question a minute on; then it is left to a person.
NEXT_QUESTIONS = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
    timedelta(hours=12),
)
RING_AGAIN_AFTER = timedelta(minutes=1)
DEATHS_FORGIVEN = 10


def reap(now: datetime | None = None) -> int:
    """Close attempts whose lease has run out: tried again if nothing had been sent,
    else uncertain and soon asked about. Returns how many there were.
    """
    now = now or timezone.now()
    open_states = (states.CLAIMED, states.SENDING)
    late = Attempt.objects.filter(state__in=open_states, lease_until__lt=now)
    expired = list(late.select_related("post").order_by("lease_until")[:RING_AT_ONCE])
    for attempt in expired:
        if attempt.state == states.CLAIMED:
            _forgive(attempt)
            record(attempt, Retry("The worker died before sending.", after=0))
        elif record(attempt, Uncertain("The worker died while sending.")):
            Attempt.objects.filter(pk=attempt.pk).update(next_question_at=now)
    return len(expired)


def _forgive(attempt: Attempt) -> None:
    """A worker's death before sending is no failed try of the post, unless its workers
    die again and again.
    """
    if attempt.number <= DEATHS_FORGIVEN and attempt.post.tries > 0:
        try_apply([attempt.post], transitions.FORGIVE)


def unclear_posts(now: datetime | None = None) -> list[UUID]:
    """Ids of uncertain posts about which a worker should ask now; noted, so that they
    come up again if it does not.
    """
    now = now or timezone.now()
    waiting = Attempt.objects.filter(
        state=states.ATTEMPT_UNCERTAIN,
        post__state=states.UNCERTAIN,
        next_question_at__lte=now,
    )
    by_attempt = dict(waiting.values_list("pk", "post_id")[:RING_AT_ONCE])
    if by_attempt:
        noted = Attempt.objects.filter(pk__in=by_attempt)
        noted.update(next_question_at=now + RING_AGAIN_AFTER)
    return list(by_attempt.values())


def resolve(post_id: UUID) -> Attempt | None:
    """Ask the publisher what became of an uncertain post; None while nobody can tell,
    or when somebody else asks.
    """
    unclear = Attempt.objects.filter(
        post=post_id, state=states.ATTEMPT_UNCERTAIN, post__state=states.UNCERTAIN
    )
    rows = unclear.select_related("post__account", "post__content")
    attempt = rows.prefetch_related(f"post__{MEDIA}").first()
    if attempt is None or not take_turn(attempt):
        return None
    outcome = _ask(attempt)
    log.info(
        "post_asked_about",
        post=str(post_id),
        attempt=attempt.number,
        outcome=type(outcome).__name__,
    )
    if not isinstance(outcome, Uncertain):
        return record(attempt, outcome)
    reason = f"{attempt.error} Asked about it: {outcome.reason}"
    if try_apply([attempt.post], transitions.STILL_UNCLEAR, reason=reason):
        post_changed(attempt.post)
    return None


def take_turn(attempt: Attempt) -> bool:
    """Count this question and set the time of the next, or none after the last; False
    if somebody was faster.
    """
    left = NEXT_QUESTIONS[attempt.questions :]
    mine = Attempt.objects.filter(
        pk=attempt.pk, state=states.ATTEMPT_UNCERTAIN, questions=attempt.questions
    )
    next_at = timezone.now() + left[0] if left else None
    return mine.update(questions=F("questions") + 1, next_question_at=next_at) == 1


def _ask(attempt: Attempt) -> Outcome:
    publisher = find_publisher(attempt.post.account.publisher)
    if publisher is None:
        return Uncertain(
            "The channel is not connected any more; look at the account yourself."
        )
    try:
        return publisher.resolve(job_of(attempt))
    except Exception as error:
        log.exception(
            "resolver_broke", post=str(attempt.post_id), publisher=publisher.name
        )
        return Uncertain(f"{type(error).__name__}: {error}")
