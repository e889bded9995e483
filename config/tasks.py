"""Tasks of no app: the sweep for work that nobody heard of, the look into watch folders
where nobody watches them.
"""

from __future__ import annotations

from celery import shared_task

from common import sweep
from scheduling.watch_folder import folder


@shared_task(name="config.find_unheard")
def find_unheard() -> None:
    """Ring again for runs of all kinds whose bell nobody has heard."""
    sweep.ring_unheard()


@shared_task(name="config.look_into_watch_folders")
def look_into_watch_folders() -> None:
    """Take in what has arrived in any workspace's folder."""
    # A folder is a door like a page: it is above the services that it calls, and above
    # the app's own tasks.
    folder.scan_all()
