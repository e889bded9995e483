"""Structured logging: one line an event, with request id or task id, as text for people
or JSON for machines.
"""

from __future__ import annotations

import logging.config
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def renderer(form: str) -> Any:
    """What writes the lines: `console` or `json`. Raises ImproperlyConfigured for
    another form.
    """
    if form == "json":
        return structlog.processors.JSONRenderer()
    if form == "console":
        # Plain tracebacks: the pretty ones print local variables, and with them people's secrets.
        return structlog.dev.ConsoleRenderer(
            colors=False,
            pad_event_to=0,
            pad_level=False,
            exception_formatter=structlog.dev.plain_traceback,
        )
    raise ImproperlyConfigured(f"LOG_FORMAT must be console or json, not {form!r}")


def logging_settings(form: str, level: int) -> None:
    """Send Python's and structlog's records through one formatter to standard error."""
    for_machines = [structlog.processors.format_exc_info] if form == "json" else []
    chain = [*SHARED, *for_machines]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": chain,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        renderer(form),
                    ],
                }
            },
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "line"}
            },
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # One line a request comes from django_structlog; the servers' own
                # access lines repeat it.
                "uvicorn.access": {"level": "WARNING"},
                "django.request": {"level": "ERROR"},
                "celery.beat": {"level": "WARNING"},
                "django_celery_beat": {"level": "WARNING"},
                "celery.worker.strategy": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
                "axes": {"level": "WARNING"},
                # They name whole addresses, and those of webhooks are secrets.
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *for_machines,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
