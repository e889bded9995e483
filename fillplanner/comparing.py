"""Where comparisons stand, as follows from their plans: running with the first,
finished with the last.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction
from django.utils import timezone

from common.transitions import try_advance
from fillplanner import states
from fillplanner.live import events, frames
from fillplanner.models import Comparison, Plan
from fillplanner.notices import outbox
from fillplanner.results.ranking import ranked
from fillplanner.selectors import outcomes

log = structlog.get_logger(__name__)


def begun(plan: Plan) -> None:
    """A worker took one of the plans; in the claim's transaction. The first one starts
    the comparison.
    """
    if plan.comparison_id is None:
        return
    rows = Comparison.objects.filter(pk=plan.comparison_id)
    first = try_advance(
        rows, states.COMPARISON, states.RUNNING, started_at=plan.started_at
    )
    comparison = rows.without_lots().get()
    if first:
        events.comparison_changed(comparison)
    kind = "comparison.started" if first else "comparison.progress"
    events.comparison_event(
        comparison, kind, frames.comparison_progress_frame(comparison, plan)
    )


def ended(plan: Plan) -> Comparison | None:
    """One of the plans is finished; after that was committed, so that of two that end
    at once the later sees both.

    Returns the comparison if this finished it.
    """
    if plan.comparison_id is None:
        return None
    comparison = settle(plan.comparison_id)
    if comparison is None:
        row = (
            Comparison.objects.without_lots()
            .filter(pk=plan.comparison_id, state__in=states.UNFINISHED)
            .first()
        )
        if row is not None:
            events.comparison_event(
                row, "comparison.progress", frames.comparison_progress_frame(row)
            )
    return comparison


def settle(comparison_id: int) -> Comparison | None:
    """Finish the comparison if all its plans are: completed with the best if there is
    one, else failed.

    However many find that out at once, one of them does it; the others get None.
    """
    with transaction.atomic():
        rows = Comparison.objects.filter(pk=comparison_id)
        comparison = rows.without_lots().first()
        if comparison is None or comparison.state not in states.UNFINISHED:
            return None
        plans = outcomes(comparison)
        if any(plan.state in states.UNFINISHED for plan in plans):
            return None
        moved = (
            complete(comparison, plans)
            if has_results(plans)
            else fail(comparison, plans)
        )
        if not moved:
            return None
        done: Comparison = rows.without_lots().get()
        tell(done, plans)
    log.info(
        "comparison_settled",
        comparison=done.pk,
        state=done.state,
        best=done.best_strategy,
    )
    return done


def has_results(plans: list[Plan]) -> bool:
    """Whether one of the plans has a result."""
    return any(plan.state == states.COMPLETED for plan in plans)


def complete(comparison: Comparison, plans: list[Plan]) -> bool:
    """Complete it with the best; False where somebody else has finished it."""
    results = [
        (plan.strategy, plan.result) for plan in plans if plan.state == states.COMPLETED
    ]
    best, _ = ranked(results)[0]
    return try_advance(
        Comparison.objects.filter(pk=comparison.pk),
        states.COMPARISON,
        states.COMPLETED,
        best_strategy=best,
        ended_at=last_end(plans),
    )


def fail(comparison: Comparison, plans: list[Plan]) -> bool:
    """Fail it with the reasons of its plans; False where somebody else has finished it."""
    return try_advance(
        Comparison.objects.filter(pk=comparison.pk),
        states.COMPARISON,
        states.FAILED,
        error=reasons(plans)[:2000],
        ended_at=last_end(plans),
    )


def last_end(plans: list[Plan]) -> datetime:
    """When the last of the plans ended; now, where none tells."""
    ends = [plan.ended_at for plan in plans if plan.ended_at]
    return max(ends, default=None) or timezone.now()


def reasons(plans: list[Plan]) -> str:
    """Why there is no result at all: one reason if it is the same for all."""
    messages = {plan.error for plan in plans}
    if len(messages) == 1:
        return messages.pop()
    return (
        " ".join(f"{plan.strategy}: {plan.error}" for plan in plans)
        or "All its plans are gone."
    )


def tell(comparison: Comparison, plans: list[Plan]) -> None:
    """Say to pages, programs and those who want notices that a comparison is finished;
    in its transaction.
    """
    kind, frame = frames.comparison_frame(comparison, plans)
    events.comparison_changed(comparison)
    events.comparison_event(comparison, kind, frame)
    outbox.note(comparison.owner_id, kind, comparison.topic, frame)


def repair() -> list[int]:
    """Finish comparisons whose last worker died between its plan's end and theirs; ids
    of those finished.
    """
    left = Comparison.objects.filter(state__in=states.UNFINISHED).exclude(
        plans__state__in=states.UNFINISHED
    )
    return [number for number in left.values_list("pk", flat=True) if settle(number)]
