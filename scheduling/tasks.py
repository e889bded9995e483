"""Celery tasks: an id in, one call, nothing else. The database knows what is due; a
lost message costs a second.
"""

from __future__ import annotations

from uuid import UUID

from celery import Task, shared_task

from common.doorbell import ring_now
from scheduling import batching, importing, publishing, resolving, topoff, writing
from workspaces.models import Workspace


@shared_task(name="scheduling.find_due")
def find_due() -> None:
    resolving.reap()
    for batch in batching.batches(publishing.due_posts()):
        ring_now(publish_posts, [str(post_id) for post_id in batch])
    for post_id in resolving.unclear_posts():
        ring_now(resolve_post, str(post_id))


@shared_task(bind=True, name="scheduling.publish_post")
def publish_post(self: Task, post_id: str) -> None:
    publishing.publish(UUID(post_id), worker=self.request.hostname or "in-process")


@shared_task(bind=True, name="scheduling.publish_posts")
def publish_posts(self: Task, post_ids: list[str]) -> None:
    worker = self.request.hostname or "in-process"
    if len(post_ids) == 1:
        publishing.publish(UUID(post_ids[0]), worker)
    else:
        batching.publish_many([UUID(post_id) for post_id in post_ids], worker)


@shared_task(name="scheduling.resolve_post")
def resolve_post(post_id: str) -> None:
    resolving.resolve(UUID(post_id))


@shared_task(name="scheduling.top_off_everywhere")
def top_off_everywhere() -> None:
    topoff.top_off_all(Workspace.objects.order_by("pk"))


@shared_task(bind=True, name="scheduling.write_texts")
def write_texts(self: Task, run_id: str) -> None:
    if writing.run(UUID(run_id), worker=self.request.hostname or "in-process"):
        ring_now(write_texts, run_id)


@shared_task(name="scheduling.find_unwritten")
def find_unwritten() -> None:
    for run_id in writing.WORK.unfinished():
        ring_now(write_texts, str(run_id))


@shared_task(bind=True, name="scheduling.import_posts")
def import_posts(self: Task, run_id: str) -> None:
    if importing.run(UUID(run_id), worker=self.request.hostname or "in-process"):
        ring_now(import_posts, run_id)


@shared_task(name="scheduling.find_unimported")
def find_unimported() -> None:
    for run_id in importing.WORK.unfinished():
        ring_now(import_posts, str(run_id))
