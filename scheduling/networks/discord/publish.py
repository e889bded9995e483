"""The Discord publisher: a channel's webhook, whose address is the secret.

Discord tells nobody what a webhook has posted, so a lost answer is left to a person.
"""

from __future__ import annotations

import json

from common.mappings import JsonObject
from common.outgoing import Answer
from common.secrets import Unreadable
from scheduling.networks.base import (
    Connection,
    Job,
    Outcome,
    Published,
    Refused,
    Retry,
    SignInRefused,
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
    judge_preparing,
    sign_in_refused,
)

NO_ADDRESS = "The channel has no webhook address; connect it again."
# The webhook was deleted.
NOT_FOUND = 404
NOT_DISCORD = "Answered, but not like Discord."


class Discord:
    """Sends one message with its files."""

    name = "discord"

    def publish(self, job: Job) -> Outcome:
        """One request: POST to the webhook with `wait=true`, which is answered with the
        message once it stands in the channel, within 15 s, or 60 s with files.

        A 2xx with an id is Published, as channel/message; one without is Uncertain. No
        connection, 429 and a missing file are Retry; a lost answer and 5xx are
        Uncertain: Discord knows no key, so a second request would be a second message.
        Every other status is Refused. Rules:
        https://discord.com/developers/docs/resources/webhook#execute-webhook
        """
        address = address_of(job)
        if isinstance(address, Refused):
            return address
        # Nobody wants a whole server rung because a caption says so.
        mentions = {"parse": ["users", "roles"]}
        message: JsonObject = {"content": job.text, "allowed_mentions": mentions}
        if job.media:
            message["attachments"] = attachments_of(job)
        payload = json.dumps(message, ensure_ascii=False)
        kind = "application/json"
        content = payload.encode()
        files = {f"files[{number}]": media for number, media in enumerate(job.media)}
        if files:
            try:
                kind, content = as_form(files, {"payload_json": payload})
            except OSError as error:
                return Retry(f"A file is gone: {error}")
        headers = {"Content-Type": kind}
        seconds = UPLOAD_SECONDS if files else None
        answer = ask("POST", f"{address}?wait=true", headers, content, seconds)
        return _judge(answer) if isinstance(answer, Answer) else answer

    def resolve(self, job: Job) -> Outcome:
        """No request: a webhook may read only messages whose number it knows, and that
        number was in the answer that is lost. Always Uncertain. Rules:
        https://discord.com/developers/docs/resources/webhook#get-webhook-message
        """
        return Uncertain(
            "Discord does not tell what a webhook has posted; look at the channel yourself."
        )

    def verify(self, connection: Connection) -> Verified | Retry | Refused:
        """One request, answered within 15 s: GET of the webhook, which needs no other
        sign-in than its address. Its name is Verified; an answer without one, and 4xx,
        are Refused. Rules:
        https://discord.com/developers/docs/resources/webhook#get-webhook-with-token
        """
        address = address_of(connection)
        if isinstance(address, Refused):
            return address
        answer = judge_preparing(ask("GET", address, {}))
        if not isinstance(answer, Answer):
            return answer
        name = body_of(answer).get("name")
        return Verified(str(name)[:200]) if name else Refused(NOT_DISCORD)


def attachments_of(job: Job) -> list[JsonObject]:
    """What the message says of each of its files, by their numbers."""
    attachments = []
    for number, media in enumerate(job.media):
        words = {"description": media.alt} if media.alt else {}
        attachments.append({"id": number, "filename": media.plain_name} | words)
    return attachments


def address_of(connection: Connection) -> str | Refused:
    """The webhook's address, without what may stand behind it."""
    try:
        address = connection.reveal().strip().partition("?")[0]
    except Unreadable:
        return SignInRefused(UNREADABLE)
    return address or Refused(NO_ADDRESS)


def _judge(answer: Answer) -> Outcome:
    body = body_of(answer)
    if answer.status == NOT_FOUND:
        return sign_in_refused(answer)
    if not answer.is_success:
        return judge(answer, "")
    number = body.get("id")
    channel = body.get("channel_id")
    if not number:
        return Uncertain(NOT_DISCORD)
    # A link for members needs the server's number, which the answer to a webhook does not have.
    return Published(f"{channel}/{number}"[:200] if channel else str(number)[:200])
