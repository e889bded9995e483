"""The webhook publisher: each post as signed JSON to an address of the channel's owner.

A receiver checks the signature (`common.signing`), publishes once per Idempotency-Key,
and may answer with a JSON object that has `id` and `url`. To let unclear posts be
cleared up it answers GET on the same address, with the same Idempotency-Key and a
signature of that key, with `{"published": true, "id": ..., "url": ...}` or
`{"published": false}`; one that answers anything else leaves the matter to a person.
"""

from __future__ import annotations

import json

from common.mappings import JsonObject
from common.outgoing import Answer
from common.signing import signed_headers
from scheduling.models import MediaFile
from scheduling.networks.base import Job, Outcome, Refused, Retry, Uncertain
from scheduling.networks.http import Headers, ask, body_of, judge, live, secret_for

KEY = "Idempotency-Key"


class Webhook:
    """Tells another program; what it does with the post is its own affair."""

    name = "webhook"

    def publish(self, job: Job) -> Outcome:
        """One request, answered within 15 s: POST to the channel's address, signed JSON
        with the Idempotency-Key.

        Any 2xx is Published, with the `id` and `url` of a JSON answer, else with our own
        key as id. No connection and 429 are Retry; a lost answer, 5xx, 408 and 409 are
        Uncertain; every other status, a forbidden address and an unreadable secret are
        Refused. The protocol is our own (docs/how-to/publishing.md); the key is that of
        draft-ietf-httpapi-idempotency-key-header.
        """
        content = body_for(job)
        headers = headers_for(job, content)
        if isinstance(headers, Refused):
            return headers
        headers |= {"Content-Type": "application/json"}
        answer = ask("POST", job.endpoint, headers, content)
        return judge(answer, job.dedupe_key) if isinstance(answer, Answer) else answer

    def resolve(self, job: Job) -> Outcome:
        """One request, answered within 15 s: GET of the channel's address with the same
        Idempotency-Key and a signature of that key.

        `"published": true` is Published, `false` is Retry at once; whatever else comes,
        or does not, is Uncertain.
        """
        headers = headers_for(job, job.dedupe_key.encode())
        body: JsonObject = {}
        if isinstance(headers, dict):
            answer = ask("GET", job.endpoint, headers)
            if isinstance(answer, Answer) and answer.is_success:
                body = body_of(answer)
        if body.get("published") is True:
            return live(body, job.dedupe_key)
        if body.get("published") is False:
            return Retry("The receiver says that it never got the post.", after=0)
        return Uncertain("The receiver does not say what became of the post.")


def body_for(job: Job) -> bytes:
    """The post as the receiver gets it; equal on every try, but for the links to media,
    which hold for a day.
    """
    payload = {
        "post_id": str(job.post_id),
        "channel_id": str(job.account_id),
        "platform": job.platform,
        "title": job.title,
        "text": job.text,
        "link": job.link,
        "idempotency_key": job.dedupe_key,
        "media": [media_body(media) for media in job.media],
    }
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def media_body(media: MediaFile) -> JsonObject:
    """An address that fetches the file for a day, and what the file is: bytes, pixels,
    seconds, and what it shows.
    """
    return {
        "url": media.link(),
        "type": media.mime,
        "bytes": media.size,
        "width": media.width,
        "height": media.height,
        "seconds": media.seconds,
        "sha256": media.sha256,
        "alt_text": media.alt,
    }


def headers_for(job: Job, signed: bytes) -> Headers | Refused:
    """A signature of these bytes and the key; Refused where the secret cannot be read."""
    secret = secret_for(job)
    if isinstance(secret, Refused):
        return secret
    return signed_headers(secret, signed, job.dedupe_key) | {KEY: job.dedupe_key}
