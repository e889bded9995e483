"""Where Celery looks for the app's tasks: each feature has its own."""

from calendars.campaigns import tasks as campaigns
from calendars.optimiser import tasks as optimiser
from calendars.results import tasks as results
from calendars.trials import tasks as trials
from calendars.video_batches import tasks as video_batches

__all__ = ["campaigns", "optimiser", "results", "trials", "video_batches"]
