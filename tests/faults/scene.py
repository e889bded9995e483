"""What is to be published under fire, and how it stands: `prepare COUNT SECONDS STRICT
KIND`, or `report`.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - models exist from here on
from django.utils import timezone  # noqa: E402

from scheduling.domain import states  # noqa: E402
from scheduling.models import Attempt, ChannelAccount, ContentItem, Post  # noqa: E402
from scheduling.networks.bluesky import publish as bluesky  # noqa: E402
from scheduling.networks.wordpress import publish as wordpress  # noqa: E402
from scheduling.publishing import publish as publishing  # noqa: E402
from workspaces.models import Workspace  # noqa: E402

PUBLISHERS = ("webhook", "mastodon", "wordpress", "bluesky")


def prepare(count: int, seconds: float, strict: str, kind: str) -> None:
    """`count` posts come due within `seconds`, on four channels; webhooks go to the
    platform that forgives nothing.
    """
    call_command("migrate", verbosity=0)
    workspace = Workspace.objects.create(slug="fire", name="Fire", zone="UTC")
    channels = [
        ChannelAccount.objects.create(
            workspace=workspace,
            platform=name,
            name=name,
            publisher=name,
            login_name="h2o",
            credential="secret",
            endpoint=strict if name == "webhook" else kind,
        )
        for name in PUBLISHERS
    ]
    content = ContentItem.objects.create(
        workspace=workspace, title="Five signs", caption="A rumble, a drip."
    )
    begin = timezone.now() + timedelta(seconds=3)
    for number in range(count):
        at = begin + timedelta(seconds=seconds * number / count)
        Post.objects.create(
            workspace=workspace,
            account=channels[number % len(channels)],
            content=content,
            state=states.SCHEDULED,
            scheduled_at=at,
            due_at=at,
        )


def report() -> None:
    """Each post with its state, its tries and the key under which the platform counts it."""
    rows = []
    for post in Post.objects.select_related("account", "content"):
        attempt = post.attempts.first()
        rows.append(
            {
                "publisher": post.account.publisher,
                "state": post.state,
                "tries": post.tries,
                "key": key_of(attempt) if attempt else "",
                "attempts": post.attempts.count(),
                "error": post.last_error,
            }
        )
    json.dump(rows, sys.stdout)


def key_of(attempt: Attempt) -> str:
    job = publishing.job_of(attempt)
    name = attempt.post.account.publisher
    return {"wordpress": wordpress.slug, "bluesky": bluesky.record_key}.get(
        name, lambda job: job.dedupe_key
    )(job)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], sys.argv[5])
    else:
        report()
