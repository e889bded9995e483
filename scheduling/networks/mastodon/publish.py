"""The Mastodon publisher: a server makes one status of all requests with one
Idempotency-Key within an hour.

Requests go through `common.outgoing`, because the server's address is one that people
type in.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from common.mappings import JsonObject
from common.outgoing import Answer
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
    UPLOAD_SECONDS,
    Headers,
    address_of,
    as_form,
    ask,
    body_of,
    get,
    judge,
    judge_preparing,
    post_json,
    prepared_body,
    secret_for,
)

# Servers forget keys after an hour; the rest is for clocks that disagree.
KEY_LASTS = timedelta(minutes=50)
NOT_MASTODON = "Answered, but not like a Mastodon server."
# Where an instance's configuration has the values of our rules.
CONFIGURATION = {
    "caption_length": ("statuses", "max_characters"),
    "images": ("statuses", "max_media_attachments"),
    "image_bytes": ("media_attachments", "image_size_limit"),
    "video_bytes": ("media_attachments", "video_size_limit"),
    "alt_length": ("media_attachments", "description_limit"),
}
LOOKS = 20
LOOK_SECONDS = 1.5
ACCEPTED = 202
PARTIAL = 206


class Mastodon:
    """Sends one status; asking again with the same key within the hour answers with the
    first one.
    """

    name = "mastodon"

    def prepare(self, job: Job) -> tuple[str, ...] | Retry | Refused:
        """For each file: POST /api/v2/media with its alternative text, within 60 s;
        where that answers 202, GET /api/v1/media/{id} every 1.5 s until it stops
        answering 206, at most 20 times.

        The files' ids in order. A file that is still worked through then is Retry after
        60 s; else as `judge_preparing`. Rules:
        https://docs.joinmastodon.org/methods/media/#v2
        """
        headers = headers_for(job)
        if isinstance(headers, Refused):
            return headers
        media_ids = []
        for media in job.media:
            uploaded = upload(job, headers, media)
            if not isinstance(uploaded, str):
                return uploaded
            media_ids.append(uploaded)
        return tuple(media_ids)

    def publish(self, job: Job) -> Outcome:
        """One request, answered within 15 s: POST /api/v1/statuses with the prepared
        ids and the dedupe key as Idempotency-Key.

        A 2xx with an id is Published; one without is Uncertain, something else than
        Mastodon has answered. No connection and 429 are Retry; a lost answer, 5xx, 408
        and 409 are Uncertain; every other status is Refused. Rules:
        https://docs.joinmastodon.org/methods/statuses/#create
        """
        headers = headers_for(job)
        if isinstance(headers, Refused):
            return headers
        answer = send(job, headers)
        return _judge(answer) if isinstance(answer, Answer) else answer

    def resolve(self, job: Job) -> Outcome:
        """The requests of `prepare` and `publish` again, with the same key: a server
        that has the status answers with it, one that has not makes it now.

        Published, else Uncertain. No request more than 50 minutes after the try began to
        send, since servers keep a key for an hour. Rules:
        https://docs.joinmastodon.org/methods/statuses/#create, Idempotency-Key
        """
        if job.sent_at is None or timezone.now() - job.sent_at > KEY_LASTS:
            return Uncertain(
                "Too long ago for the server to know its key; look at the account yourself."
            )
        # A first request that never arrived is made up for by this one, so it needs all
        # that the first had.
        prepared = self.prepare(job)
        if not isinstance(prepared, tuple):
            return Uncertain(prepared.reason)
        outcome = self.publish(replace(job, prepared=prepared))
        if not isinstance(outcome, Published):
            return Uncertain("The server does not say yet.")
        return outcome

    def verify(self, connection: Connection) -> Verified | Retry | Refused:
        """Two requests, each answered within 15 s: GET
        /api/v1/accounts/verify_credentials, and GET /api/v2/instance for what the server
        takes; where it does not say, the usual limits hold.

        Verified with the account's name; Refused for a token that the server does not
        accept and for what is no Mastodon server; else as `judge_preparing`. Rules:
        https://docs.joinmastodon.org/methods/accounts/#verify_credentials and
        https://docs.joinmastodon.org/entities/Instance/#configuration
        """
        url = address(connection, "/api/v1/accounts/verify_credentials")
        body = prepared_body(get(url, headers_for(connection)))
        if not isinstance(body, dict):
            return body
        account = verified(body)
        if isinstance(account, Refused):
            return account
        return replace(account, limits=limits_told(connection))


def address(connection: Connection, path: str) -> str:
    """The path on the channel's server, whose address may end in a slash."""
    return f"{connection.endpoint.rstrip('/')}{path}"


def headers_for(connection: Connection) -> Headers | Refused:
    """The channel's token; Refused where it cannot be read or the address is missing."""
    token = secret_for(connection)
    return {"Authorization": f"Bearer {token}"} if isinstance(token, str) else token


def send(job: Job, headers: Headers) -> Answer | Outcome:
    """POST the status under its key, as `ask`."""
    keyed = headers | {"Idempotency-Key": job.dedupe_key}
    return post_json(address(job, "/api/v1/statuses"), keyed, status_of(job))


def status_of(job: Job) -> JsonObject:
    """The text, and the ids of files that are there."""
    status: JsonObject = {"status": job.text}
    if job.prepared:
        status["media_ids"] = list(job.prepared)
    return status


def verified(body: JsonObject) -> Verified | Refused:
    """The account that the server tells of; Refused for what is no Mastodon server."""
    if not body.get("username"):
        return Refused(NOT_MASTODON)
    return Verified(f"@{body['username']}"[:200], address_of(body.get("url")))


def limits_told(connection: Connection) -> dict[str, int]:
    """What the server says it takes; none where it does not say."""
    answer = get(address(connection, "/api/v2/instance"), headers_for(connection))
    body = body_of(answer) if isinstance(answer, Answer) else {}
    told = {}
    for rule, path in CONFIGURATION.items():
        value: object = body.get("configuration")
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, int) and value > 0:
            told[rule] = value
    return told


def upload(job: Job, headers: Headers, media: MediaFile) -> str | Retry | Refused:
    """The server's id of the file once it has been worked through; a file without a
    status is seen by nobody.
    """
    words = {"description": media.alt} if media.alt else {}
    kind, form = as_form({"file": media}, words)
    url = address(job, "/api/v2/media")
    form_headers = headers | {"Content-Type": kind}
    answer = judge_preparing(ask("POST", url, form_headers, form, UPLOAD_SECONDS))
    if not isinstance(answer, Answer):
        return answer
    media_id = str(body_of(answer).get("id") or "")
    if not media_id.isalnum():
        return Retry(NOT_MASTODON)
    for _ in range(LOOKS):
        if answer.status not in (ACCEPTED, PARTIAL):
            return media_id
        time.sleep(LOOK_SECONDS)
        url = address(job, f"/api/v1/media/{media_id}")
        answer = judge_preparing(ask("GET", url, headers))
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
