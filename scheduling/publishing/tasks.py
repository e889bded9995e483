"""Celery tasks: an id in, one call, nothing else.

`find_due` comes every second from the beat: it closes what dead workers left, fails what
was held for too long, then rings a worker for each batch of due posts and for each
uncertain post whose next question is due.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import Task, shared_task

from common.doorbell import ring_now
from scheduling.publishing import publish as publishing
from scheduling.publishing import publish_many, resolve


@shared_task(name="scheduling.find_due")
def find_due() -> None:
    """Take back what workers have left, fail what was held too long, and ring for all
    that is due or unclear.
    """
    resolve.reap()
    publishing.fail_held()
    for batch in publish_many.batches(publishing.due_posts()):
        ring_now(publish_posts, [str(post_id) for post_id in batch])
    for post_id in resolve.unclear_posts():
        ring_now(resolve_post, str(post_id))


@shared_task(bind=True, name="scheduling.publish_post")
def publish_post(self: Task[Any, Any], post_id: str) -> None:
    """One post, at once: somebody has asked for it."""
    publishing.publish(UUID(post_id), worker=self.request.hostname or "in-process")


@shared_task(bind=True, name="scheduling.publish_posts")
def publish_posts(self: Task[Any, Any], post_ids: list[str]) -> None:
    """A batch of due posts side by side; one alone goes the shorter way."""
    worker = self.request.hostname or "in-process"
    if len(post_ids) == 1:
        publishing.publish(UUID(post_ids[0]), worker)
    else:
        publish_many.publish_many([UUID(post_id) for post_id in post_ids], worker)


@shared_task(name="scheduling.resolve_post")
def resolve_post(post_id: str) -> None:
    """Ask the platform what became of one uncertain post."""
    resolve.resolve(UUID(post_id))
