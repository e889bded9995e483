"""The outbox publisher: a feed in the database and a folder of readable files instead of a platform."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from scheduling.models import OutboxPost
from scheduling.publishers.base import Job, Outcome, Published, Retry


class Outbox:
    """Takes every post; the unique dedupe key makes a second try of the same publication the first one's."""

    name = "outbox"

    def publish(self, job: Job) -> Outcome:
        # As slow as a real platform, where somebody wants to watch a post on its way.
        time.sleep(settings.OUTBOX_SECONDS)
        live, _ = OutboxPost.objects.get_or_create(
            dedupe_key=job.dedupe_key,
            defaults={
                "account_id": job.account_id,
                "title": job.title,
                "text": job.text,
                "went_live_at": timezone.now(),
            },
        )
        write_file(live, job)
        return self._published(live)

    def resolve(self, job: Job) -> Outcome:
        live = OutboxPost.objects.filter(dedupe_key=job.dedupe_key).first()
        return self._published(live) if live else Retry("It never reached the outbox.", after=0)

    def _published(self, live: OutboxPost) -> Published:
        return Published(external_id=str(live.pk), url=f"/outbox#live-{live.pk}")


def write_file(live: OutboxPost, job: Job) -> Path:
    """Leave the post as a JSON file, one folder a channel; whole or not at all."""
    folder = Path(settings.OUTBOX_DIR) / str(job.account_id)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{live.went_live_at:%Y-%m-%dT%H%M%SZ}-{job.post_id}.json"
    body = {
        "platform": job.platform, "title": job.title, "text": job.text, "link": job.link,
        "went_live_at": live.went_live_at.isoformat(), "post_id": str(job.post_id), "dedupe_key": job.dedupe_key,
    }  # fmt: skip
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".part", delete=False, encoding="utf-8") as part:
        json.dump(body, part, ensure_ascii=False, indent=2)
    os.replace(part.name, path)
    return path
