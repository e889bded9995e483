"""The Bluesky publisher: a record under a key of our own choice, so that a post is
written once and found again.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from urllib.parse import urlencode

from django.core.cache import cache
from django.utils import timezone

from common.mappings import JsonObject
from common.outgoing import Answer
from common.secrets import Unreadable, seal, unseal
from scheduling.domain.probing import VIDEO
from scheduling.models import MediaFile
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
from scheduling.networks.bluesky.facets import facets_of
from scheduling.networks.http import (
    UNREADABLE,
    UPLOAD_SECONDS,
    ask,
    body_of,
    error_text,
    judge,
    judge_preparing,
    upload_all,
)

HOME = "https://bsky.social"
POSTS = "app.bsky.feed.post"
DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
NO_SIGN_IN = "The channel has no handle or no app password; connect it again."
NOT_BLUESKY = "Answered, but not like a Bluesky server."
# Signing in is limited to a few hundred times a day; a session lasts two hours.
SESSION_SECONDS = 90 * 60
LARGEST_BLOB = 50 * 1024 * 1024


class Bluesky:
    """Signs in with handle and app password."""

    name = "bluesky"

    def prepare(self, job: Job) -> tuple[str, ...] | Retry | Refused:
        """Token, account and record, with every file uploaded; a blob without a record
        is seen by nobody.

        1. POST com.atproto.server.createSession, unless a session of the last 90
           minutes is at hand: signing in is limited to 300 times a day and account;
        2. POST com.atproto.repo.uploadBlob for each file, within 60 s;
        3. GET com.atproto.identity.resolveHandle for each handle that the text mentions.

        A session that has ended is Retry at once; a file over 50 MiB is Refused; else as
        `judge_preparing`. Rules: https://docs.bsky.app/docs/advanced-guides/rate-limits
        and https://docs.bsky.app/docs/api/com-atproto-repo-upload-blob
        """
        session = session_of(job)
        if not isinstance(session, tuple):
            return session
        token, did = session
        files = upload_all(job.media, partial(upload, job, token))
        if not isinstance(files, list):
            return files
        return token, did, json.dumps(record(job, files))

    def publish(self, job: Job) -> Outcome:
        """One request, answered within 15 s: POST com.atproto.repo.putRecord under our
        own key, which writes the same record anew where it is there already.

        A 2xx with a uri is Published; one without is Uncertain, something else has
        answered. A session that has ended, no connection and 429 are Retry; a lost
        answer, 5xx, 408 and 409 are Uncertain; every other status is Refused. Rules:
        https://docs.bsky.app/docs/api/com-atproto-repo-put-record
        """
        token, did, record_text = job.prepared
        body = {
            "repo": did,
            "collection": POSTS,
            "rkey": record_key(job),
            "record": json.loads(record_text),
        }
        answer = call(job, "POST", "com.atproto.repo.putRecord", token, body)
        if not isinstance(answer, Answer):
            return answer
        if expired(answer):
            forget_session(job)
            return Retry("The session had ended.", after=0)
        if answer.is_success and not body_of(answer).get("uri"):
            return Uncertain(NOT_BLUESKY)
        return published(job, did) if answer.is_success else judge(answer, "")

    def resolve(self, job: Job) -> Outcome:
        """A sign-in where no session is at hand, then one request, answered within
        15 s: GET com.atproto.repo.getRecord of our own key.

        A record is Published; RecordNotFound, or the words that older servers have for
        it, is Retry at once; all else is Uncertain. Rules:
        https://docs.bsky.app/docs/api/com-atproto-repo-get-record
        """
        session = session_of(job)
        if not isinstance(session, tuple):
            return Uncertain(session.reason)
        token, did = session
        query = urlencode({"repo": did, "collection": POSTS, "rkey": record_key(job)})
        answer = call(job, "GET", f"com.atproto.repo.getRecord?{query}", token)
        if not isinstance(answer, Answer):
            return Uncertain(getattr(answer, "reason", NOT_BLUESKY))
        if answer.is_success and body_of(answer).get("uri"):
            return published(job, did)
        is_missing = body_of(answer).get("error") == "RecordNotFound"
        if is_missing or "Could not locate record" in error_text(answer):
            return Retry("The account has no such post.", after=0)
        if expired(answer):
            forget_session(job)
        return Uncertain("The server does not say what became of the post.")

    def verify(self, connection: Connection) -> Verified | Retry | Refused:
        """One request, answered within 15 s: POST com.atproto.server.createSession,
        always a new session, so that an old one does not hide a changed password.

        Verified with the handle; as `judge_preparing` else. Rules:
        https://docs.bsky.app/docs/api/com-atproto-server-create-session
        """
        session = sign_in(connection)
        if isinstance(session, Retry | Refused):
            return session
        handle = str(session.get("handle") or connection.login)
        return Verified(f"@{handle}"[:200], f"https://bsky.app/profile/{handle}")


def record_key(job: Job) -> str:
    """A TID, the kind of key that posts have, from when the post was made and its
    dedupe key: equal on every try.

    The time is coarse, because a post of the same account made in the same instant must
    get another key.
    """
    digest = int.from_bytes(hashlib.sha256(job.dedupe_key.encode()).digest()[:5])
    micros = int(job.made_at.timestamp() * 1_000_000)
    number = ((micros >> 30) << 40 | digest) & (2**63 - 1)
    return "".join(DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def published(job: Job, did: str) -> Published:
    """The record's at:// address as id, and where people find it."""
    key = record_key(job)
    uri = f"at://{did}/{POSTS}/{key}"
    return Published(uri[:200], f"https://bsky.app/profile/{did}/post/{key}")


def address(connection: Connection, method: str) -> str:
    """The XRPC method's address on the channel's own server, else on Bluesky's."""
    return f"{(connection.endpoint or HOME).rstrip('/')}/xrpc/{method}"


def call(
    connection: Connection,
    method: str,
    name: str,
    token: str = "",
    payload: JsonObject | None = None,
) -> Answer | Outcome:
    """One XRPC request to the channel's own server or Bluesky's, as `ask`."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = b""
    if payload is not None:
        headers["Content-Type"] = "application/json"
        content = json.dumps(payload, ensure_ascii=False).encode()
    return ask(method, address(connection, name), headers, content)


def session_of(job: Job) -> tuple[str, str] | Retry | Refused:
    """Token and account, from a session that still lasts or a new one."""
    try:
        sealed = cache.get(session_name(job))
        if sealed:
            token, did = json.loads(unseal(sealed))
            return token, did
    except Unreadable:
        forget_session(job)
    session = sign_in(job)
    if isinstance(session, Retry | Refused):
        return session
    token = str(session["accessJwt"])
    did = str(session["did"])
    cache.set(session_name(job), seal(json.dumps([token, did])), SESSION_SECONDS)
    return token, did


def sign_in(connection: Connection) -> JsonObject | Retry | Refused:
    """A new session as the server describes it, from handle and app password."""
    try:
        password = connection.reveal()
    except Unreadable:
        return SignInRefused(UNREADABLE)
    if not connection.login or not password:
        return Refused(NO_SIGN_IN)
    pair = {"identifier": connection.login.removeprefix("@"), "password": password}
    answer = judge_preparing(
        call(connection, "POST", "com.atproto.server.createSession", payload=pair)
    )
    if not isinstance(answer, Answer):
        return answer
    body = body_of(answer)
    for name in ("accessJwt", "did"):
        if not isinstance(body.get(name), str) or not body[name]:
            return Refused(NOT_BLUESKY)
    return body


def session_name(job: Job) -> str:
    """Another secret or name is another session."""
    secret = job.credential.sealed if job.credential else ""
    identity = f"{job.account_id}:{job.endpoint}:{job.login}:{secret}"
    return f"bluesky-session:{hashlib.sha256(identity.encode()).hexdigest()}"


def forget_session(job: Job) -> None:
    """The next request signs in anew."""
    cache.delete(session_name(job))


def expired(answer: Answer) -> bool:
    """Whether the server no longer takes the session's token."""
    return body_of(answer).get("error") in (
        "ExpiredToken",
        "InvalidToken",
        "AuthMissing",
    )


def upload(job: Job, token: str, media: MediaFile) -> JsonObject | Retry | Refused:
    """The blob as records name it, with what the file is beside it."""
    size = media.outgoing_size
    if size > LARGEST_BLOB:
        return Refused(
            f"Bluesky takes files up to {LARGEST_BLOB} bytes this way; “{media}” has {size}."
        )
    headers = {"Authorization": f"Bearer {token}", "Content-Type": media.mime}
    url = address(job, "com.atproto.repo.uploadBlob")
    answer = ask("POST", url, headers, media.read(), UPLOAD_SECONDS)
    if isinstance(answer, Answer) and expired(answer):
        forget_session(job)
        return Retry("The session had ended.", after=0)
    ready = judge_preparing(answer)
    if not isinstance(ready, Answer):
        return ready
    blob = body_of(ready).get("blob")
    if not isinstance(blob, dict):
        return Refused(NOT_BLUESKY)
    return {
        "blob": blob,
        "kind": media.kind,
        "alt": media.alt,
        "width": media.width,
        "height": media.height,
    }


def record(job: Job, files: list[JsonObject]) -> JsonObject:
    """The post as app.bsky.feed.post has it, with its facets and what is embedded."""
    text = job.text
    fields: JsonObject = {
        "$type": POSTS,
        "text": text,
        "createdAt": timezone.now().isoformat().replace("+00:00", "Z"),
    }
    if facets := facets_of(text, lambda handle: did_of(job, handle)):
        fields["facets"] = facets
    if files:
        fields["embed"] = embed(files)
    return fields


def embed(files: list[JsonObject]) -> JsonObject:
    """A video, or up to four images."""
    if files[0]["kind"] == VIDEO:
        return embedded_video(files[0])
    images = [embedded_image(file) for file in files]
    return {"$type": "app.bsky.embed.images", "images": images}


def embedded_image(file: JsonObject) -> JsonObject:
    """As app.bsky.embed.images has each."""
    return {"alt": file["alt"], "image": file["blob"], "aspectRatio": shape_of(file)}


def embedded_video(file: JsonObject) -> JsonObject:
    """As app.bsky.embed.video has it, where the alternative text may be missing."""
    video = {
        "$type": "app.bsky.embed.video",
        "video": file["blob"],
        "aspectRatio": shape_of(file),
    }
    return video | {"alt": file["alt"]} if file["alt"] else video


def shape_of(file: JsonObject) -> JsonObject:
    """Width and height in pixels."""
    return {"width": file["width"], "height": file["height"]}


def did_of(job: Job, handle: str) -> str | None:
    """The account behind a handle, None for nobody's."""
    query = urlencode({"handle": handle.lower()})
    answer = call(job, "GET", f"com.atproto.identity.resolveHandle?{query}")
    if not isinstance(answer, Answer) or not answer.is_success:
        return None
    did = body_of(answer).get("did")
    return did if isinstance(did, str) else None
