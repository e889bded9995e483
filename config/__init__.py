"""Composition: settings, urls, processes, and the doors that belong to no single app."""

import gc

# All that is imported from here on stays, so looking through it for garbage is in vain.
# `ConfigConfig.ready` starts the collector again.
gc.disable()

from config.celery import app as celery_app  # noqa: E402  # not before the line above

__all__ = ["celery_app"]
