"""A worker that is killed at a step when a file says so, and whose waits are short.
Only tests start it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from config.celery import app  # noqa: E402 - its tasks import models, which exist from here on
from scheduling.networks import http, registry  # noqa: E402
from scheduling.posts import transitions  # noqa: E402
from scheduling.publishing import publish as publishing  # noqa: E402
from scheduling.publishing import publish_many, resolve  # noqa: E402

STEPS = (
    "before claim",
    "after claim",
    "before send",
    "after send",
    "while recording",
    "after record",
)
ORDERS = Path(os.environ["FAULTS_ORDERS"])

publishing.FIRST_WAIT = timedelta(seconds=0.5)
publishing.FIRST_QUESTION_AFTER = timedelta(seconds=1)
publishing.RING_AGAIN_AFTER = resolve.RING_AGAIN_AFTER = timedelta(seconds=2)
resolve.NEXT_QUESTIONS = (timedelta(seconds=1),) * 8
http.SECONDS = 1.0


def maybe_die(step: str) -> None:
    """Take one order to die here, if there is one; nobody else dies of it."""
    for order in ORDERS.glob(f"{step.replace(' ', '_')}.*"):
        try:
            order.unlink()
        except FileNotFoundError:
            continue
        os.kill(os.getpid(), signal.SIGKILL)


def around(act: Callable[..., Any], before: str, after: str) -> Callable[..., Any]:
    def dangerous(*args: Any, **named: Any) -> Any:
        maybe_die(before)
        result = act(*args, **named)
        maybe_die(after)
        return result

    return dangerous


def while_recording(write: Callable[..., bool]) -> Callable[..., bool]:
    """Between an attempt's end and its post's."""

    def dangerous(posts: Any, transition: Any, **given: Any) -> bool:
        if transition not in (transitions.CLAIM, transitions.GIVE_UP):
            maybe_die("while recording")
        return write(posts, transition, **given)

    return dangerous


# Small batches for few posts, so that both ways of publishing come under fire.
publish_many.SIZES = ((2, 3), (0, 1))
publish_many.claim_many = around(publish_many.claim_many, "before claim", "after claim")
publish_many.record_many = around(
    publish_many.record_many, "after send", "after record"
)
publish_many.record_each = around(
    publish_many.record_each, "while recording", "while recording"
)
publishing.claim = around(publishing.claim, "before claim", "after claim")
publishing.record = around(publishing.record, "after send", "after record")
publishing.try_apply = while_recording(publishing.try_apply)
for publisher in registry.PUBLISHERS.values():
    publisher.publish = around(publisher.publish, "before send", "after send")  # type: ignore[method-assign]

__all__ = ["STEPS", "app"]
