"""The Mastodon publisher: a server makes one status of all requests with one
Idempotency-Key within an hour.

Requests go through `common.outgoing`, because the server's address is one that people
type in.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from common.outgoing import Answer
from common.secrets import Unreadable
from scheduling.models import MediaFile
from scheduling.networks.base import (
    Connection,
    Job,
    Outcome,
    Published,
    Refused,
    Retry,
    Uncertain,
    Verified,
)
from scheduling.networks.http import (
    NO_ADDRESS,
    UNREADABLE,
    UPLOAD_SECONDS,
    address_of,
    as_form,
    ask,
    body_of,
    judge,
    made_ready,
)

# Servers forget keys after an hour; the rest is for clocks that disagree.
KEY_KEPT = timedelta(minutes=50)
LOOKS, LOOK_SECONDS = 20, 1.5
ACCEPTED, PARTIAL = 202, 206


class Mastodon:
    """Sends one status; asking again with the same key within the hour answers with the
    first one.
    """

    name = "mastodon"

    def prepare(self, job: Job) -> tuple[str, ...] | Retry | Refused:
        headers = headers_for(job)
        if isinstance(headers, Refused):
            return headers
        ids = []
        for media in job.media:
            found = upload(job, headers, media)
            if not isinstance(found, str):
                return found
            ids.append(found)
        return tuple(ids)

    def publish(self, job: Job) -> Outcome:
        headers = headers_for(job)
        if isinstance(headers, Refused):
            return headers
        headers |= {
            "Idempotency-Key": job.dedupe_key,
            "Content-Type": "application/json",
        }
        said = {"status": job.text} | (
            {"media_ids": list(job.prepared)} if job.prepared else {}
        )
        content = json.dumps(said, ensure_ascii=False).encode()
        answer = ask("POST", address(job, "/api/v1/statuses"), headers, content)
        return _judge(answer) if isinstance(answer, Answer) else answer

    def resolve(self, job: Job) -> Outcome:
        if job.sent_at is None or timezone.now() - job.sent_at > KEY_KEPT:
            return Uncertain(
                "Too long ago for the server to know its key; look at the account yourself."
            )
        # A first request that never arrived is made up for by this one, so it needs all
        # that the first had.
        prepared = self.prepare(job)
        if not isinstance(prepared, tuple):
            return Uncertain(prepared.reason)
        outcome = self.publish(replace(job, prepared=prepared))
        return (
            outcome
            if isinstance(outcome, Published)
            else Uncertain("The server does not say yet.")
        )

    def verify(self, connection: Connection) -> Verified | Retry | Refused:
        headers = headers_for(connection)
        if isinstance(headers, Refused):
            return headers
        answer = made_ready(
            ask(
                "GET",
                address(connection, "/api/v1/accounts/verify_credentials"),
                headers,
            )
        )
        if not isinstance(answer, Answer):
            return answer
        body = body_of(answer)
        if not body.get("username"):
            return Refused("Answered, but not like a Mastodon server.")
        return Verified(f"@{body['username']}"[:200], address_of(body.get("url")))


def address(connection: Connection, path: str) -> str:
    return f"{connection.endpoint.rstrip('/')}{path}"


def headers_for(connection: Connection) -> dict[str, str] | Refused:
    try:
        token = connection.reveal()
    except Unreadable:
        return Refused(UNREADABLE)
    if not connection.endpoint or not token:
        return Refused(NO_ADDRESS)
    return {"Authorization": f"Bearer {token}"}


def upload(
    job: Job, headers: dict[str, str], media: MediaFile
) -> str | Retry | Refused:
    """The server's id of the file once it has been worked through; a file without a
    status is seen by nobody.
    """
    kind, form = as_form({"file": media})
    answer = made_ready(
        ask(
            "POST",
            address(job, "/api/v2/media"),
            headers | {"Content-Type": kind},
            form,
            UPLOAD_SECONDS,
        )
    )
    if not isinstance(answer, Answer):
        return answer
    found = str(body_of(answer).get("id") or "")
    if not found.isalnum():
        return Retry("Answered, but not like a Mastodon server.")
    for _ in range(LOOKS):
        if answer.status not in (ACCEPTED, PARTIAL):
            return found
        time.sleep(LOOK_SECONDS)
        answer = made_ready(ask("GET", address(job, f"/api/v1/media/{found}"), headers))
        if not isinstance(answer, Answer):
            return answer
    return Retry("The server is still working on a video.", after=60)


def _judge(answer: Answer) -> Outcome:
    """As everywhere, but a success without an id is none: something else than Mastodon
    has answered.
    """
    if answer.is_success and not body_of(answer).get("id"):
        return Uncertain(f"Answered {answer.status}, but not like a Mastodon server.")
    return judge(answer, "")
