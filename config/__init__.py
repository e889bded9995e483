"""Composition: settings, urls, processes, and the doors that belong to no single app."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
