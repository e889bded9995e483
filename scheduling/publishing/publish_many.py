"""Publishing many posts that are due together: the same steps with the same guards,
each for all of them at once.

Where a step does not succeed for all, it is taken back and done one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, CharField, Value, When
from django.utils import timezone

from common.transitions import Partial, advance_all
from scheduling.domain import states
from scheduling.events import post_progressed
from scheduling.models import Attempt
from scheduling.networks.base import Outcome, Published, Refused, Retry
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
    made: list[tuple[Attempt, Ready | Retry | Refused]] = [
        (one, publishing.make_ready(one)) for one in attempts
    ]
    ready = [(attempt, one) for attempt, one in made if isinstance(one, Ready)]
    sent = list(zip([attempt for attempt, _ in ready], _send_many(ready), strict=True))
    record_many(
        [
            *sent,
            *((attempt, one) for attempt, one in made if not isinstance(one, Ready)),
        ]
    )
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


def _send_many(ready: Sequence[tuple[Attempt, Ready]]) -> list[Outcome]:
    """Mark all as sending, then send; in the order given."""
    if not ready:
        return []
    try:
        with transaction.atomic():
            rows = Attempt.objects.filter(pk__in=[attempt.pk for attempt, _ in ready])
            now: dict[str, Any] = publishing.sending_now()
            advance_all(
                rows,
                states.ATTEMPT,
                states.SENDING,
                len(ready),
                source=states.CLAIMED,
                **now,
            )
    except Partial:
        return [publishing.send_marked(attempt, one) for attempt, one in ready]
    if any(one.publisher.name in LOCAL for _, one in ready):
        return [publishing.send(one) for _, one in ready]
    with ThreadPoolExecutor(len(ready)) as side_by_side:
        return list(side_by_side.map(publishing.send, [one for _, one in ready]))


def record_many(done: Sequence[tuple[Attempt, Outcome]]) -> None:
    """Write the outcomes down: what went live in one transaction, everything else one by one."""
    live = [
        (attempt, outcome)
        for attempt, outcome in done
        if isinstance(outcome, Published)
    ]
    rest: list[tuple[Attempt, Outcome]] = [
        one for one in done if not isinstance(one[1], Published)
    ]
    try:
        _record_live(live)
    except Partial:
        rest = [*live, *rest]
    for attempt, outcome in rest:
        publishing.record(attempt, outcome)


def _record_live(live: Sequence[tuple[Attempt, Published]]) -> None:
    """Raises Partial when one of the attempts was closed meanwhile, or its post is elsewhere."""
    if not live:
        return
    now = timezone.now()
    of_attempts, of_posts = _each_own(live, "pk"), _each_own(live, "post_id")
    posts = [attempt.post for attempt, _ in live]
    with transaction.atomic():
        rows = Attempt.objects.filter(pk__in=[attempt.pk for attempt, _ in live])
        closed: dict[str, Any] = {"ended_at": now, "error": "", **of_attempts}
        end = states.ATTEMPT_PUBLISHED
        source = states.SENDING
        advance_all(rows, states.ATTEMPT, end, len(live), source=source, **closed)
        if not try_apply(posts, transitions.WENT_LIVE, published_at=now, **of_posts):
            raise Partial
        for post in posts:
            post_progressed(post)


def _each_own(live: Sequence[tuple[Attempt, Published]], key: str) -> dict[str, Any]:
    """Each row's own id and address, as the platform named them."""
    names = ("external_id", "url")
    return {
        name: _by_key({getattr(a, key): getattr(outcome, name) for a, outcome in live})
        for name in names
    }


def _by_key(values: dict[Any, str]) -> Any:
    """One value for all, or each row's own."""
    if len(set(values.values())) == 1:
        return next(iter(values.values()))
    return Case(
        *(When(pk=key, then=Value(value)) for key, value in values.items()),
        output_field=CharField(),
    )
