"""What a workspace's texts have taken today, and how much is left: a day is one of the workspace's own zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Sum
from django.utils import timezone

from common.errors import TooMany
from templates_ai.models import EngineSettings, Generation
from workspaces.models import Workspace


@dataclass(frozen=True)
class Use:
    """Texts, tokens and money since the last midnight, and the next one."""

    texts: int
    tokens: int
    cost: Decimal
    until: datetime


def today(workspace: Workspace) -> Use:
    now = timezone.now().astimezone(ZoneInfo(workspace.zone))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    taken = Generation.objects.filter(workspace=workspace, made_at__gte=midnight).aggregate(
        texts=Count("pk"), tokens=Sum(F("tokens_in") + F("tokens_out")), cost=Sum("cost")
    )
    return Use(taken["texts"], taken["tokens"] or 0, taken["cost"] or Decimal(0), midnight + timedelta(days=1))


def check(workspace: Workspace, settings: EngineSettings) -> None:
    """Raises TooMany, with the seconds until the next day, when what may be used in a day is used up."""
    use = today(workspace)
    over_tokens = settings.daily_tokens is not None and use.tokens >= settings.daily_tokens
    over_cost = settings.daily_cost is not None and use.cost >= settings.daily_cost
    if over_tokens or over_cost:
        # By the instants: a day with a clock change is not 24 hours long.
        left = max(1, int(use.until.timestamp() - timezone.now().timestamp()))
        raise TooMany("The workspace's budget for texts is used up for today.", left)
