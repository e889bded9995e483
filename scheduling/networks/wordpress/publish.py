"""The WordPress publisher: a draft under a name of our own choice, then one request
that makes it public.

Making a draft public that already is changes nothing, and the name finds it again: so
however often it is sent, there is one article.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from django.utils.html import escape, linebreaks, urlize

from common.outgoing import Answer
from common.secrets import Unreadable
from scheduling.domain.probing import IMAGE
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
    ask,
    body_of,
    json_of,
    judge,
    made_ready,
)

ANY_STATUS = "publish,future,draft,pending,private"
NOT_WORDPRESS = "Answered, but not like WordPress; is its REST interface reachable?"


class WordPress:
    """Signs in with an application password."""

    name = "wordpress"

    def prepare(self, job: Job) -> tuple[str, ...] | Retry | Refused:
        """The number of the draft, made anew or brought up to date."""
        headers = headers_for(job)
        if isinstance(headers, Refused):
            return headers
        found = find(job, headers)
        if not isinstance(found, list):
            return found
        uploads = [upload(job, headers, media) for media in job.media]
        failed = next((one for one in uploads if not isinstance(one, dict)), None)
        if failed is not None:
            return failed
        files = [one for one in uploads if isinstance(one, dict)]
        return draft(job, headers, found, article(job, files))

    def publish(self, job: Job) -> Outcome:
        headers = headers_for(job)
        if isinstance(headers, Refused):
            return headers
        answer = send(job, headers, f"/posts/{job.prepared[0]}", {"status": "publish"})
        return _judge(answer) if isinstance(answer, Answer) else answer

    def resolve(self, job: Job) -> Outcome:
        headers = headers_for(job)
        found = find(job, headers) if isinstance(headers, dict) else headers
        if not isinstance(found, list):
            return Uncertain(found.reason)
        public = [row for row in found if row.get("status") == "publish"]
        if public:
            return Published(str(public[0]["id"]), address_of(public[0].get("link")))
        return Retry("The site has no such article.", after=0)

    def verify(self, connection: Connection) -> Verified | Retry | Refused:
        headers = headers_for(connection)
        if isinstance(headers, Refused):
            return headers
        answer = made_ready(
            ask("GET", address(connection, "/users/me?context=edit"), headers)
        )
        if not isinstance(answer, Answer):
            return answer
        body = body_of(answer)
        if not body.get("id"):
            return Refused(NOT_WORDPRESS)
        return Verified(
            str(body.get("name") or connection.login)[:200],
            address_of(body.get("link")),
        )


def slug(job: Job) -> str:
    """The name under which the article is found again: equal over every try."""
    return f"post-{hashlib.sha256(job.dedupe_key.encode()).hexdigest()[:16]}"


def address(connection: Connection, path: str) -> str:
    return f"{connection.endpoint.rstrip('/')}/wp-json/wp/v2{path}"


def headers_for(connection: Connection) -> dict[str, str] | Refused:
    try:
        password = connection.reveal()
    except Unreadable:
        return Refused(UNREADABLE)
    if not connection.endpoint or not connection.login or not password:
        return Refused(NO_ADDRESS)
    pair = base64.b64encode(f"{connection.login}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def send(
    job: Job, headers: dict[str, str], path: str, said: dict[str, Any]
) -> Answer | Outcome:
    content = json.dumps(said, ensure_ascii=False).encode()
    return ask(
        "POST",
        address(job, path),
        headers | {"Content-Type": "application/json"},
        content,
    )


def find(job: Job, headers: dict[str, str]) -> list[dict[str, Any]] | Retry | Refused:
    """What the site has under our name, the first made first."""
    query = urlencode(
        {
            "slug": slug(job),
            "status": ANY_STATUS,
            "context": "edit",
            "orderby": "id",
            "order": "asc",
        }
    )
    answer = made_ready(ask("GET", address(job, f"/posts?{query}"), headers))
    if not isinstance(answer, Answer):
        return answer
    rows = json_of(answer)
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and isinstance(row.get("id"), int) for row in rows
    ):
        return Refused(NOT_WORDPRESS)
    return rows


def draft(
    job: Job, headers: dict[str, str], found: list[dict[str, Any]], said: dict[str, Any]
) -> tuple[str, ...] | Retry | Refused:
    if any(row.get("status") == "publish" for row in found):
        return (
            str(next(row["id"] for row in found if row.get("status") == "publish")),
        )
    path = f"/posts/{found[0]['id']}" if found else "/posts"
    answer = made_ready(
        send(job, headers, path, said | {"slug": slug(job), "status": "draft"})
    )
    if not isinstance(answer, Answer):
        return answer
    number = body_of(answer).get("id")
    return (str(number),) if isinstance(number, int) else Refused(NOT_WORDPRESS)


def upload(
    job: Job, headers: dict[str, str], media: MediaFile
) -> dict[str, Any] | Retry | Refused:
    """Number, address and kind of the file in the site's library."""
    named = {
        "Content-Type": media.mime,
        "Content-Disposition": f'attachment; filename="{media.plain_name}"',
    }
    answer = made_ready(
        ask(
            "POST",
            address(job, "/media"),
            headers | named,
            media.read(),
            UPLOAD_SECONDS,
        )
    )
    if not isinstance(answer, Answer):
        return answer
    body = body_of(answer)
    if not isinstance(body.get("id"), int):
        return Refused(NOT_WORDPRESS)
    return {
        "id": body["id"],
        "url": address_of(body.get("source_url")),
        "kind": media.kind,
    }


def article(job: Job, files: list[dict[str, Any]]) -> dict[str, Any]:
    """Title and text as HTML; the first image leads the article, the others follow it."""
    lead = next((file for file in files if file["kind"] == IMAGE), None)
    rest = "".join(figure(file) for file in files if file is not lead and file["url"])
    said = {
        "title": job.title,
        "content": linebreaks(urlize(job.text, autoescape=True)) + rest,
    }
    return said | ({"featured_media": lead["id"]} if lead else {})


def figure(file: dict[str, Any]) -> str:
    url = escape(file["url"])
    inner = (
        f'<img src="{url}" alt="">'
        if file["kind"] == IMAGE
        else f'<video controls src="{url}"></video>'
    )
    return f"<figure>{inner}</figure>"


def _judge(answer: Answer) -> Outcome:
    body = body_of(answer)
    if not answer.is_success:
        return judge(answer, "")
    if body.get("status") == "publish":
        return Published(str(body.get("id")), address_of(body.get("link")))
    if body.get("status"):
        return Refused(
            f"WordPress keeps it as {str(body['status'])[:40]}: this account may not publish."
        )
    return Uncertain(NOT_WORDPRESS)
