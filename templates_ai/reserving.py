"""A day's budget, held under parallel writing: what a text may take is set aside before
the engine is asked.

So however many are written at once, only one, the last that was begun, can lead over
the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from common.errors import TooMany
from templates_ai import budget
from templates_ai.engines.base import Ask
from templates_ai.engines.openai_compatible import MOST_TOKENS
from templates_ai.models import EngineSettings, Reservation

# English takes about four characters a token, most other languages fewer.
CHARACTERS_A_TOKEN = 3
# An answer may be sent back once to be repaired, and has to be written down after.
ANSWERS = 2
MARGIN = timedelta(seconds=10)


@contextmanager
def reserved(settings: EngineSettings, ask: Ask) -> Iterator[None]:
    """Holds what the text may take of today's budget while it is written and recorded.

    Raises TooMany, with the seconds to wait, when the budget is used up, or set aside
    for texts being written.
    """
    if settings.daily_tokens is None and settings.daily_cost is None:
        yield
        return
    row = _reserve(settings, ask)
    try:
        yield
    finally:
        row.delete()


def _reserve(settings: EngineSettings, ask: Ask) -> Reservation:
    now = timezone.now()
    tokens_in = len(ask.prompt) // CHARACTERS_A_TOKEN
    with transaction.atomic():
        # One after the other: each has to see what the one before has set aside.
        EngineSettings.objects.select_for_update().get(pk=settings.pk)
        _check(settings, now)
        return Reservation.objects.create(
            workspace_id=settings.workspace_id,
            tokens=tokens_in + MOST_TOKENS,
            cost=settings.cost_of(tokens_in, MOST_TOKENS),
            until=now + ANSWERS * timedelta(seconds=settings.seconds) + MARGIN,
        )


def _check(settings: EngineSettings, now: datetime) -> None:
    """Raises TooMany once what was used and what is set aside come to the budget."""
    use = budget.today(settings.workspace)
    if _is_over(settings, use.tokens, use.cost):
        # By the instants: a day with a clock change is not 24 hours long.
        left = max(1, int(use.until.timestamp() - now.timestamp()))
        raise TooMany("The workspace's budget for texts is used up for today.", left)
    reservations = Reservation.objects.filter(workspace_id=settings.workspace_id)
    reservations.filter(until__lte=now).delete()
    reserved_sums = reservations.aggregate(tokens=Sum("tokens"), cost=Sum("cost"))
    if _is_over(
        settings,
        use.tokens + (reserved_sums["tokens"] or 0),
        use.cost + (reserved_sums["cost"] or Decimal(0)),
    ):
        wait = max(1, int(settings.seconds))
        raise TooMany(
            "Texts that are being written may take what is left of today's budget; try again soon.",
            wait,
        )


def _is_over(settings: EngineSettings, tokens: int, cost: Decimal) -> bool:
    """Whether so much comes to one of the day's bounds; a bound that is None is none."""
    over_tokens = settings.daily_tokens is not None and tokens >= settings.daily_tokens
    return over_tokens or (
        settings.daily_cost is not None and cost >= settings.daily_cost
    )
