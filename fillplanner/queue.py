"""How the planning queue stands, over all people: what waits, what runs, who works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import Count, Min, Q
from django.utils import timezone
from redis.exceptions import RedisError

from common import pulse
from fillplanner import states
from fillplanner.models import Plan

log = structlog.get_logger(__name__)

# Beat looks every five seconds; what nobody took by then, nobody will.
LEFT_ALONE = timedelta(seconds=60)


@dataclass(frozen=True)
class QueueHealth:
    """`stuck` plans wait for a worker that is not coming: their own died, or nobody took them."""

    pending: int
    running: int
    oldest_pending_seconds: float | None
    workers: int
    stuck: int

    @property
    def status(self) -> str:
        """Healthy, or degraded where plans wait for nobody."""
        unserved = self.pending and not self.workers
        return states.DEGRADED if self.stuck or unserved else states.HEALTHY


def queue_health(now: datetime | None = None) -> QueueHealth:
    """Counts over all plans that are not finished."""
    now = now or timezone.now()
    waiting = Q(state=states.PENDING)
    running = Q(state=states.RUNNING)
    counts = Plan.objects.filter(state__in=states.UNFINISHED).aggregate(
        pending=Count("pk", filter=waiting),
        running=Count("pk", filter=running),
        oldest=Min("created_at", filter=waiting),
        lost=Count("pk", filter=running & Q(lease_until__lt=now)),
        late=Count("pk", filter=waiting & Q(created_at__lt=now - LEFT_ALONE)),
    )
    oldest = (now - counts["oldest"]).total_seconds() if counts["oldest"] else None
    # While others are planned, waiting is only waiting.
    left = 0 if counts["running"] > counts["lost"] else counts["late"]
    seconds = None if oldest is None else max(0.0, round(oldest, 3))
    return QueueHealth(
        pending=counts["pending"],
        running=counts["running"],
        oldest_pending_seconds=seconds,
        workers=workers_alive(),
        stuck=counts["lost"] + left,
    )


def workers_alive() -> int:
    """Workers that showed themselves lately; none can be told while the cache is away."""
    try:
        return len(pulse.workers_alive("plans"))
    except (OSError, RedisError) as error:
        log.warning("workers_unknown", error=str(error))
        return 0
