"""The outbox publisher: a feed in the database and a folder of readable files instead
of a platform.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from common.mappings import Values
from scheduling.models import OutboxPost
from scheduling.networks.base import Job, Outcome, Published, Retry


class Outbox:
    """Takes every post; the unique dedupe key makes a second try of the same
    publication the first one's.
    """

    name = "outbox"

    def publish(self, job: Job) -> Outcome:
        """No request: a row under the dedupe key, made or found, then its files in the
        outbox's folder. Published; a folder that cannot be written raises OSError, after
        which the post is uncertain and `resolve` finds the row. Waits OUTBOX_SECONDS.
        """
        # As slow as a real platform, where somebody wants to watch a post on its way.
        time.sleep(settings.OUTBOX_SECONDS)
        live = row_of(job)
        write_file(live, job)
        return self._published(live)

    def resolve(self, job: Job) -> Outcome:
        """The row of the dedupe key is Published; without one, Retry at once: the row is
        in our own database, so there is no doubt.
        """
        live = OutboxPost.objects.filter(dedupe_key=job.dedupe_key).first()
        if live is None:
            return Retry("It never reached the outbox.", after=0)
        return self._published(live)

    def _published(self, live: OutboxPost) -> Published:
        return Published(external_id=str(live.pk), url=f"/outbox#live-{live.pk}")


@transaction.atomic
def row_of(job: Job) -> OutboxPost:
    """The row under the dedupe key with its media, made or found."""
    live, is_new = OutboxPost.objects.get_or_create(
        dedupe_key=job.dedupe_key, defaults=facts_of(job)
    )
    if is_new and job.media:
        live.media.set(job.media)
    return live


def facts_of(job: Job) -> Values:
    """What a new row says; it goes live now."""
    return {
        "account_id": job.account_id,
        "title": job.title,
        "text": job.text,
        "alternative_texts": {str(media.pk): media.alt for media in job.media},
        "went_live_at": timezone.now(),
    }


def write_file(live: OutboxPost, job: Job) -> Path:
    """Leave the post as a JSON file with its media beside it, one folder a channel;
    each whole or not at all.
    """
    folder = Path(settings.OUTBOX_DIR) / str(job.account_id)
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{live.went_live_at:%Y-%m-%dT%H%M%SZ}-{job.post_id}"
    names = [
        f"{stem}-{number}{Path(media.plain_name).suffix}"
        for number, media in enumerate(job.media, 1)
    ]
    for name, media in zip(names, job.media, strict=True):
        with media.open_outgoing() as source:
            _put(folder / name, source)
    body = {
        "platform": job.platform,
        "title": job.title,
        "text": job.text,
        "link": job.link,
        "media": names,
        "alternative_texts": [media.alt for media in job.media],
        "went_live_at": live.went_live_at.isoformat(),
        "post_id": str(job.post_id),
        "dedupe_key": job.dedupe_key,
    }
    path = folder / f"{stem}.json"
    _put(path, io.BytesIO(json.dumps(body, ensure_ascii=False, indent=2).encode()))
    return path


def _put(path: Path, source: BinaryIO) -> None:
    with tempfile.NamedTemporaryFile(
        "wb", dir=path.parent, suffix=".part", delete=False
    ) as part:
        shutil.copyfileobj(source, part)
    os.replace(part.name, path)
