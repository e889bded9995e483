"""Run this benchmark alone."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
os.environ.setdefault("LOG_LEVEL", "WARNING")

import django

django.setup()

from benchmarks.optimise.measuring import measure  # noqa: E402 - it imports models, which exist from here on

measure()
