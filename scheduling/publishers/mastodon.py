"""The Mastodon publisher: a server makes one status of all requests with one Idempotency-Key within an hour.

Requests go through `common.outgoing`, because the server's address is one that people type in.
"""

from __future__ import annotations

import json
from datetime import timedelta

from django.utils import timezone

from common.outgoing import Answer
from common.secrets import Unreadable
from scheduling.publishers.answers import UNREADABLE, ask, body_of, judge
from scheduling.publishers.base import Job, Outcome, Published, Refused, Uncertain

# Servers forget keys after an hour; the rest is for clocks that disagree.
KEY_KEPT = timedelta(minutes=50)
NO_ADDRESS = "The channel has no server address or no access token; connect it again."


class Mastodon:
    """Sends one status; asking again with the same key within the hour answers with the first one."""

    name = "mastodon"

    def publish(self, job: Job) -> Outcome:
        try:
            token = job.reveal()
        except Unreadable:
            return Refused(UNREADABLE)
        if not job.endpoint or not token:
            return Refused(NO_ADDRESS)
        headers = {
            "Authorization": f"Bearer {token}", "Idempotency-Key": job.dedupe_key, "Content-Type": "application/json",
        }  # fmt: skip
        content = json.dumps({"status": job.text}, ensure_ascii=False).encode()
        answer = ask("POST", f"{job.endpoint.rstrip('/')}/api/v1/statuses", headers, content)
        return _judge(answer) if isinstance(answer, Answer) else answer

    def resolve(self, job: Job) -> Outcome:
        if job.sent_at is None or timezone.now() - job.sent_at > KEY_KEPT:
            return Uncertain("Too long ago for the server to know its key; look at the account yourself.")
        outcome = self.publish(job)
        return outcome if isinstance(outcome, Published) else Uncertain("The server does not say yet.")


def _judge(answer: Answer) -> Outcome:
    """As everywhere, but a success without an id is none: something else than Mastodon has answered."""
    if answer.is_success and not body_of(answer).get("id"):
        return Uncertain(f"Answered {answer.status}, but not like a Mastodon server.")
    return judge(answer, "")
