"""The Discord publisher: a channel's webhook, whose address is the secret.

Discord tells nobody what a webhook has posted, so a lost answer is left to a person.
"""

from __future__ import annotations

import json

from common.outgoing import Answer
from common.secrets import Unreadable
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
    UNREADABLE,
    UPLOAD_SECONDS,
    as_form,
    ask,
    body_of,
    judge,
    made_ready,
)

NO_ADDRESS = "The channel has no webhook address; connect it again."
NOT_DISCORD = "Answered, but not like Discord."


class Discord:
    """Sends one message with its files."""

    name = "discord"

    def publish(self, job: Job) -> Outcome:
        address = address_of(job)
        if isinstance(address, Refused):
            return address
        # Nobody wants a whole server rung because a caption says so.
        said = json.dumps(
            {"content": job.text, "allowed_mentions": {"parse": ["users", "roles"]}},
            ensure_ascii=False,
        )
        files = {f"files[{number}]": media for number, media in enumerate(job.media)}
        try:
            kind, content = (
                as_form(files, {"payload_json": said})
                if files
                else ("application/json", said.encode())
            )
        except OSError as error:
            return Retry(f"A file is gone: {error}")
        answer = ask(
            "POST",
            f"{address}?wait=true",
            {"Content-Type": kind},
            content,
            UPLOAD_SECONDS if files else None,
        )
        return _judge(answer) if isinstance(answer, Answer) else answer

    def resolve(self, job: Job) -> Outcome:
        return Uncertain(
            "Discord does not tell what a webhook has posted; look at the channel yourself."
        )

    def verify(self, connection: Connection) -> Verified | Retry | Refused:
        address = address_of(connection)
        if isinstance(address, Refused):
            return address
        answer = made_ready(ask("GET", address, {}))
        if not isinstance(answer, Answer):
            return answer
        name = body_of(answer).get("name")
        return Verified(str(name)[:200]) if name else Refused(NOT_DISCORD)


def address_of(connection: Connection) -> str | Refused:
    """The webhook's address, without what may stand behind it."""
    try:
        address = connection.reveal().strip().partition("?")[0]
    except Unreadable:
        return Refused(UNREADABLE)
    return address or Refused(NO_ADDRESS)


def _judge(answer: Answer) -> Outcome:
    body = body_of(answer)
    if not answer.is_success:
        return judge(answer, "")
    number, channel = body.get("id"), body.get("channel_id")
    if not number:
        return Uncertain(NOT_DISCORD)
    # A link for members needs the server's number, which the answer to a webhook does not have.
    return Published(f"{channel}/{number}"[:200] if channel else str(number)[:200])
