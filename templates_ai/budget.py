"""What a workspace's texts have taken today: a day is one of the workspace's own zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Sum
from django.utils import timezone

from templates_ai.models import Generation
from workspaces.models import Workspace


@dataclass(frozen=True)
class Use:
    """Texts, tokens and money since the last midnight, and the next one."""

    texts: int
    tokens: int
    cost: Decimal
    until: datetime


def today(workspace: Workspace) -> Use:
    """What the workspace has used since midnight on its own clock."""
    now = timezone.now().astimezone(ZoneInfo(workspace.zone))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    sums = Generation.objects.filter(
        workspace=workspace, made_at__gte=midnight
    ).aggregate(
        texts=Count("pk"),
        tokens=Sum(F("tokens_in") + F("tokens_out")),
        cost=Sum("cost"),
    )
    return Use(
        sums["texts"],
        sums["tokens"] or 0,
        sums["cost"] or Decimal(0),
        midnight + timedelta(days=1),
    )
