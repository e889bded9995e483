"""Publishing many posts that are due together: the steps of `publish` with the same
guards, each for all of the posts at once.

1. `claim_many` locks and takes all that are due, in one transaction.
2. Each is made ready on its own; those that cannot be have their outcome already.
3. `send_many` marks all others as sending in one statement, then sends side by side, a
   thread a post.
4. `record_many` writes down what went live in one transaction, everything else one by
   one.

Where a statement does not fit all of its rows, it is taken back and done one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, CharField, Value, When
from django.utils import timezone

from common.mappings import Values
from common.transitions import Partial, advance_all
from scheduling.domain import states
from scheduling.events import post_progressed
from scheduling.models import Attempt
from scheduling.networks.base import Outcome, Published
from scheduling.networks.registry import LOCAL
from scheduling.posts import transitions
from scheduling.posts.transitions import try_apply
from scheduling.publishing import publish as publishing
from scheduling.publishing.publish import Ready

# How many go together while at least so many are waiting. A worker that dies leaves its
# whole batch in doubt, so each of a few goes alone.
SIZES = ((800, 32), (200, 16), (24, 8), (0, 1))


def batches(post_ids: list[UUID]) -> list[list[UUID]]:
    """What one bell each is rung for."""
    size = next(size for least, size in SIZES if len(post_ids) >= least)
    return [post_ids[first : first + size] for first in range(0, len(post_ids), size)]


def publish_many(post_ids: list[UUID], worker: str) -> int:
    """Publish due posts, sending side by side. Returns how many attempts were made."""
    attempts = claim_many(post_ids, worker)
    sending: list[tuple[Attempt, Ready]] = []
    unsent: list[tuple[Attempt, Outcome]] = []
    for attempt in attempts:
        preparation = publishing.make_ready(attempt)
        if isinstance(preparation, Ready):
            sending.append((attempt, preparation))
        else:
            unsent.append((attempt, preparation))
    sent_attempts = [attempt for attempt, _ in sending]
    sent = zip(sent_attempts, send_many(sending), strict=True)
    record_many([*sent, *unsent])
    return len(attempts)


def claim_many(post_ids: list[UUID], worker: str) -> list[Attempt]:
    """Take the posts that are due, in one transaction; those that somebody else is at
    are left to them.

    They are locked from the reading on, so that what was read is what goes out.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = publishing.due_rows(post_ids, now).select_for_update(
            of=("self",), no_key=True, skip_locked=True
        )
        posts = [post for post in rows if not publishing.miss(post, now)]
        if posts and not try_apply(posts, transitions.CLAIM):
            return []
        attempts = [publishing.attempt_at(post, worker, now) for post in posts]
        Attempt.objects.bulk_create(attempts)
        for post in posts:
            post_progressed(post)
    return attempts


def send_many(sending: Sequence[tuple[Attempt, Ready]]) -> list[Outcome]:
    """Mark all as sending, then send; in the order given."""
    if not sending:
        return []
    try:
        _mark_all([attempt.pk for attempt, _ in sending])
    except Partial:
        return [publishing.send_marked(attempt, ready) for attempt, ready in sending]
    if any(ready.publisher.name in LOCAL for _, ready in sending):
        return [publishing.send(*pair) for pair in sending]
    with ThreadPoolExecutor(len(sending)) as side_by_side:
        return list(side_by_side.map(_send_in_thread, sending))


def _send_in_thread(pair: tuple[Attempt, Ready]) -> Outcome:
    """A long upload asks the database from its own thread, whose connection then goes."""
    try:
        return publishing.send(*pair)
    finally:
        connection.close()


@transaction.atomic
def _mark_all(attempt_ids: Sequence[int]) -> None:
    """Raises Partial when one of the attempts was closed meanwhile."""
    advance_all(
        Attempt.objects.filter(pk__in=attempt_ids),
        states.ATTEMPT,
        states.SENDING,
        len(attempt_ids),
        source=states.CLAIMED,
        **publishing.sending_now(),
    )


def record_many(done: Sequence[tuple[Attempt, Outcome]]) -> None:
    """Write the outcomes down: what went live in one transaction, everything else one by one."""
    live: list[tuple[Attempt, Published]] = []
    rest: list[tuple[Attempt, Outcome]] = []
    for attempt, outcome in done:
        if isinstance(outcome, Published):
            live.append((attempt, outcome))
        else:
            rest.append((attempt, outcome))
    try:
        record_live(live)
    except Partial:
        rest = [*live, *rest]
    for attempt, outcome in rest:
        publishing.record(attempt, outcome)


def record_live(live: Sequence[tuple[Attempt, Published]]) -> None:
    """Raises Partial when one of the attempts was closed meanwhile, or its post is elsewhere."""
    if not live:
        return
    now = timezone.now()
    answers_of_attempts = {attempt.pk: outcome for attempt, outcome in live}
    answers_of_posts = {attempt.post_id: outcome for attempt, outcome in live}
    posts = [attempt.post for attempt, _ in live]
    with transaction.atomic():
        advance_all(
            Attempt.objects.filter(pk__in=answers_of_attempts),
            states.ATTEMPT,
            states.ATTEMPT_PUBLISHED,
            len(live),
            source=states.SENDING,
            ended_at=now,
            error="",
            **record_each(answers_of_attempts),
        )
        of_posts = record_each(answers_of_posts)
        if not try_apply(posts, transitions.WENT_LIVE, published_at=now, **of_posts):
            raise Partial
        for post in posts:
            post_progressed(post)


def record_each(answers: Mapping[Any, Published]) -> Values:
    """Each row's own id and address, as the platform named them; `answers` are by the
    row's key.
    """
    ids = {key: answer.external_id for key, answer in answers.items()}
    urls = {key: answer.url for key, answer in answers.items()}
    return {"external_id": _by_key(ids), "url": _by_key(urls)}


def _by_key(values: Mapping[Any, str]) -> Any:
    """One value for all, or each row's own."""
    if len(set(values.values())) == 1:
        return next(iter(values.values()))
    cases = [When(pk=key, then=Value(value)) for key, value in values.items()]
    return Case(*cases, output_field=CharField())
