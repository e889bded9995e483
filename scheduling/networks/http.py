"""What answers over HTTP mean for a post, the same for every destination that is asked that way."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from common import outgoing
from common.mappings import JsonObject
from common.outgoing import Answer, Unreachable, Unsent
from common.secrets import Unreadable
from scheduling.models import MediaFile
from scheduling.networks.base import (
    Connection,
    Outcome,
    Published,
    Refused,
    Retry,
    SignInRefused,
    Uncertain,
)

# A request's headers by their names.
Headers = dict[str, str]
SECONDS = 15.0
UPLOAD_SECONDS = 60.0
LONGEST_WAIT = 24 * 3600.0
TOO_MANY = 429
CONFLICT = 409
TIMED_OUT = 408
SERVER_ERROR = 500
UNAUTHORIZED = 401
FORBIDDEN = 403
UNREADABLE = "The channel's secret cannot be decrypted; connect the channel again."
NO_ADDRESS = "The channel has no address or no secret to send with; connect it again."


def ask(
    method: str,
    url: str,
    headers: Headers,
    content: bytes = b"",
    seconds: float | None = None,
) -> Answer | Outcome:
    """The answer within `seconds` (15 unless told), or the outcome where there is none:
    Refused for an address that nothing is sent to, Retry where no connection was made,
    Uncertain where it broke or took too long after that.
    """
    seconds = seconds or SECONDS
    try:
        return outgoing.send(
            method, url, headers=headers, content=content, seconds=seconds
        )
    except outgoing.Refused as error:
        return Refused(str(error))
    except Unsent as error:
        return Retry(str(error))
    except Unreachable as error:
        return Uncertain(f"Sent, but: {error}")


def get(url: str, headers: Headers | Refused) -> Answer | Outcome:
    """GET, as `ask`; Refused where that is what there is instead of headers."""
    return headers if isinstance(headers, Refused) else ask("GET", url, headers)


def post_json(url: str, headers: Headers, payload: JsonObject) -> Answer | Outcome:
    """POST this as JSON, as `ask`."""
    content = json.dumps(payload, ensure_ascii=False).encode()
    return ask("POST", url, headers | {"Content-Type": "application/json"}, content)


def secret_for(connection: Connection, *needed: str) -> str | Refused:
    """The channel's secret; Refused where it cannot be read, or where it, the address
    or something else that is `needed` is missing.
    """
    try:
        secret = connection.reveal()
    except Unreadable:
        return SignInRefused(UNREADABLE)
    if secret and connection.endpoint and all(needed):
        return secret
    return Refused(NO_ADDRESS)


def judge(answer: Answer, fallback_id: str) -> Outcome:
    """What a post's answer says: any 2xx is Published, under `fallback_id` where the
    answer names no id; 429 is Retry, after what Retry-After names (RFC 6585, RFC 9110);
    5xx, 408 and 409 are Uncertain, because they may come from behind the point of no
    return; 401 and 403 are SignInRefused, every other status is Refused.
    """
    if answer.is_success:
        return live(body_of(answer), fallback_id)
    return judge_failed(answer)


def judge_failed(answer: Answer) -> Outcome:
    """What a post's answer that is no 2xx says, as `judge`."""
    if answer.status == TOO_MANY:
        return asked_to_wait(answer)
    if may_be_late(answer):
        return Uncertain(f"Sent, and answered {answer.status}.")
    if answer.status in (UNAUTHORIZED, FORBIDDEN):
        return sign_in_refused(answer)
    return refused(answer)


def asked_to_wait(answer: Answer) -> Retry:
    """A 429: after what Retry-After names (RFC 6585, RFC 9110)."""
    return Retry("The platform asks to wait (429).", after=wait_of(answer))


def may_be_late(answer: Answer) -> bool:
    """Whether such an answer may come from behind the point of no return: 5xx, 408, 409."""
    return answer.status >= SERVER_ERROR or answer.status in (CONFLICT, TIMED_OUT)


def refused(answer: Answer) -> Refused:
    """Its status as a sentence, and the platform's own words about it."""
    problem = f"The platform answered {answer.status}."
    return Refused(f"{problem} {error_text(answer)}".rstrip())


def sign_in_refused(answer: Answer) -> SignInRefused:
    """The same, of a sign-in that the platform does not accept."""
    problem = f"The platform does not accept the channel's sign-in ({answer.status})."
    return SignInRefused(f"{problem} {error_text(answer)}".rstrip())


def judge_preparing(answer: Answer | Outcome) -> Answer | Retry | Refused:
    """An answer from before the point of no return: whatever went wrong there, nothing
    is live. A 2xx comes back as it is; a lost answer, 429, 5xx, 408 and 409 are Retry;
    every other status is Refused.
    """
    if isinstance(answer, Published | Uncertain):
        reason = getattr(answer, "reason", "").replace("Sent, but", "While preparing")
        return Retry(reason or "Nothing was sent yet.")
    if not isinstance(answer, Answer) or answer.is_success:
        return answer
    return judge_failed_early(answer)


def judge_failed_early(answer: Answer) -> Retry | Refused:
    """An answer that is no 2xx from before the point of no return, as `judge_preparing`."""
    if answer.status == TOO_MANY:
        return asked_to_wait(answer)
    if may_be_late(answer):
        return Retry(f"While preparing, the platform answered {answer.status}.")
    if answer.status in (UNAUTHORIZED, FORBIDDEN):
        return sign_in_refused(answer)
    return refused(answer)


def prepared_body(answer: Answer | Outcome) -> JsonObject | Retry | Refused:
    """As `judge_preparing`; of a 2xx its JSON object."""
    judged = judge_preparing(answer)
    return body_of(judged) if isinstance(judged, Answer) else judged


def upload_all(
    media: Iterable[MediaFile],
    upload: Callable[[MediaFile], JsonObject | Retry | Refused],
) -> list[JsonObject] | Retry | Refused:
    """What the platform says of each file, or the first that went wrong: after it none
    is sent.
    """
    uploaded_files = []
    for file in media:
        uploaded = upload(file)
        if not isinstance(uploaded, dict):
            return uploaded
        uploaded_files.append(uploaded)
    return uploaded_files


def live(body: JsonObject, fallback_id: str) -> Published:
    """It is live, under the id and address that the answer names, if it names any."""
    named_id = body.get("id")
    is_id = isinstance(named_id, str | int) and str(named_id) != ""
    external_id = str(named_id)[:200] if is_id else fallback_id
    return Published(external_id, address_of(body.get("url")))


def address_of(url: Any) -> str:
    """The address if it is one that a page may link to, else blank."""
    is_address = (
        isinstance(url, str)
        and url.startswith(("https://", "http://"))
        and len(url) <= 1000
    )
    return str(url) if is_address else ""


def json_of(answer: Answer) -> Any:
    """What the answer's JSON says, None for what is none."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def body_of(answer: Answer) -> JsonObject:
    """The JSON object of the answer; empty for anything else."""
    body = json_of(answer)
    return body if isinstance(body, dict) else {}


def error_text(answer: Answer) -> str:
    """The platform's own words about an error, if it has any."""
    body = body_of(answer)
    words = (body.get("message"), body.get("error"))
    return next((word[:200] for word in words if isinstance(word, str) and word), "")


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
    seconds = (aware - datetime.now(UTC)).total_seconds()
    return min(max(0.0, seconds), LONGEST_WAIT)


def as_form(
    files: dict[str, MediaFile], fields: dict[str, str] | None = None
) -> tuple[str, bytes]:
    """Content type and body of a form with fields and files by name. Raises OSError
    when a file is gone.
    """
    boundary = secrets.token_hex(16)
    parts = []
    for name, value in (fields or {}).items():
        parts.append(f'name="{name}"\r\n\r\n{value}'.encode())
    for name, media in files.items():
        head = f'name="{name}"; filename="{media.plain_name}"\r\nContent-Type: {media.mime}\r\n\r\n'
        parts.append(head.encode() + media.read())
    begin = f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
    end = f"--{boundary}--\r\n".encode()
    body = b"".join(begin + part + b"\r\n" for part in parts) + end
    return f"multipart/form-data; boundary={boundary}", body
