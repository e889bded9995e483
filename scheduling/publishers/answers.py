"""What answers over HTTP mean for a post, the same for every destination that is asked that way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from common import outgoing
from common.outgoing import Answer, Unreachable, Unsent
from scheduling.publishers.base import Outcome, Published, Refused, Retry, Uncertain

SECONDS = 15.0
LONGEST_WAIT = 24 * 3600.0
TOO_MANY, CONFLICT, TIMED_OUT, CLIENT_ERROR, SERVER_ERROR = 429, 409, 408, 400, 500
UNREADABLE = "The channel's secret cannot be decrypted; connect the channel again."


def ask(method: str, url: str, headers: dict[str, str], content: bytes = b"") -> Answer | Outcome:
    """The answer, or the outcome where there is none."""
    try:
        return outgoing.send(method, url, headers=headers, content=content, seconds=SECONDS)
    except outgoing.Refused as error:
        return Refused(str(error))
    except Unsent as error:
        return Retry(str(error))
    except Unreachable as error:
        return Uncertain(f"Sent, but: {error}")


def judge(answer: Answer, fallback_id: str) -> Outcome:
    """What a post's answer says. A 5xx may come from behind the point of no return, so it tells nothing."""
    status = answer.status
    if answer.is_success:
        return live(body_of(answer), fallback_id)
    if status == TOO_MANY:
        return Retry("The platform asks to wait (429).", after=wait_of(answer))
    if status >= SERVER_ERROR or status in (CONFLICT, TIMED_OUT):
        return Uncertain(f"Sent, and answered {status}.")
    return Refused(f"The platform answered {status}. {said(answer)}".rstrip())


def live(body: dict[str, Any], fallback_id: str) -> Published:
    """It is live, under the id and address that the answer names, if it names any."""
    found, url = body.get("id"), body.get("url")
    external_id = str(found)[:200] if isinstance(found, str | int) and str(found) else fallback_id
    is_address = isinstance(url, str) and url.startswith(("https://", "http://")) and len(url) <= 1000
    return Published(external_id, str(url) if is_address else "")


def body_of(answer: Answer) -> dict[str, Any]:
    """The JSON object of the answer; empty for anything else."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def said(answer: Answer) -> str:
    """The platform's own words about an error, if it has any."""
    error = body_of(answer).get("error")
    return error[:200] if isinstance(error, str) else ""


def wait_of(answer: Answer) -> float | None:
    """Seconds until the time that Retry-After names, in either of its forms, at most a day."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (aware - datetime.now(UTC)).total_seconds()), LONGEST_WAIT)
