"""The beat process: django-celery-beat's database scheduler, which also says that it is alive."""

from __future__ import annotations

from time import monotonic

from django_celery_beat.schedulers import DatabaseScheduler

from common import pulse


class RecordingScheduler(DatabaseScheduler):
    """Leaves a mark for the health page each time it looks for due work, at most every
    two seconds.
    """

    marked_at = float("-inf")

    def tick(self, *args: object, **options: object) -> float:
        """Leave a sign of life every two seconds. Returns the seconds until the next
        task.
        """
        wait: float = super().tick(*args, **options)
        if monotonic() - self.marked_at >= 2:
            pulse.mark(pulse.BEAT)
            self.marked_at = monotonic()
        return wait
