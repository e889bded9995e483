"""The WordPress publisher: a draft under a name of our own choice, then one request
that makes it public.

Making a draft public that already is changes nothing, and the name finds it again: so
however often it is sent, there is one article.
"""

from __future__ import annotations

import base64
import hashlib
from functools import partial
from pathlib import PurePath
from urllib.parse import urlencode

from django.utils.html import escape, linebreaks, urlize

from common.mappings import JsonObject
from common.outgoing import Answer
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
    UPLOAD_SECONDS,
    Headers,
    address_of,
    ask,
    body_of,
    get,
    json_of,
    judge,
    judge_preparing,
    post_json,
    prepared_body,
    secret_for,
    upload_all,
)

ANY_STATUS = "publish,future,draft,pending,private"
NOT_WORDPRESS = "Answered, but not like WordPress; is its REST interface reachable?"


class WordPress:
    """Signs in with an application password."""

    name = "wordpress"

    def prepare(self, job: Job) -> tuple[str, ...] | Retry | Refused:
        """The number of the draft, made anew or brought up to date.

        1. GET /posts?slug=…, in any state, within 15 s: what an earlier try has left;
        2. for each file GET /media?slug=…, within 15 s, and where an earlier try has left
           none, POST /media under that name; then POST /media/{id} with its alternative
           text, within 15 s, where the site has another;
        3. POST /posts, or /posts/{id} of the first that was left, as a draft under our
           slug, within 15 s; left out where one is public already.

        As `judge_preparing`; Refused too for a site whose answers are not WordPress's.
        Rules: https://developer.wordpress.org/rest-api/reference/posts/ and /media/
        """
        headers = headers_for(job)
        if isinstance(headers, Refused):
            return headers
        articles = find(job, headers)
        if not isinstance(articles, list):
            return articles
        files = upload_all(job.media, partial(upload, job, headers))
        if not isinstance(files, list):
            return files
        return draft(job, headers, articles, article(job, files))

    def publish(self, job: Job) -> Outcome:
        """One request, answered within 15 s: POST /posts/{id} with the status publish,
        which changes nothing where the article is public already.

        A 2xx with that status is Published; with another, the account may not publish:
        Refused; without any, something else has answered: Uncertain. No connection and
        429 are Retry; a lost answer, 5xx, 408 and 409 are Uncertain; every other status
        is Refused. Rules:
        https://developer.wordpress.org/rest-api/reference/posts/#update-a-post
        """
        headers = headers_for(job)
        if isinstance(headers, Refused):
            return headers
        answer = send(job, headers, f"/posts/{job.prepared[0]}", {"status": "publish"})
        return judge_published(answer) if isinstance(answer, Answer) else answer

    def resolve(self, job: Job) -> Outcome:
        """One request, answered within 15 s: GET /posts?slug=…, in any state.

        A public article under our slug is Published; none is Retry at once, since the
        slug is equal on every try; no answer that can be read is Uncertain. Rules:
        https://developer.wordpress.org/rest-api/reference/posts/#list-posts
        """
        headers = headers_for(job)
        articles = find(job, headers) if isinstance(headers, dict) else headers
        if not isinstance(articles, list):
            return Uncertain(articles.reason)
        if public := public_article(articles):
            return published(public)
        return Retry("The site has no such article.", after=0)

    def verify(self, connection: Connection) -> Verified | Retry | Refused:
        """One request, answered within 15 s: GET /users/me?context=edit, which tells
        only those about themselves who have signed in.

        Verified with the account's name; Refused for a password that the site does not
        accept and for what is no WordPress; else as `judge_preparing`. Rules:
        https://developer.wordpress.org/rest-api/reference/users/#retrieve-a-user-2
        """
        url = address(connection, "/users/me?context=edit")
        body = prepared_body(get(url, headers_for(connection)))
        return verified(connection, body) if isinstance(body, dict) else body


def verified(connection: Connection, body: JsonObject) -> Verified | Refused:
    """The account that the site tells of; Refused for what is no WordPress."""
    if not body.get("id"):
        return Refused(NOT_WORDPRESS)
    name = str(body.get("name") or connection.login)
    return Verified(name[:200], address_of(body.get("link")))


def slug(job: Job) -> str:
    """The name under which the article is found again: equal over every try."""
    return f"post-{hashlib.sha256(job.dedupe_key.encode()).hexdigest()[:16]}"


def address(connection: Connection, path: str) -> str:
    """The path below the site's REST interface, which begins at /wp-json/wp/v2."""
    return f"{connection.endpoint.rstrip('/')}/wp-json/wp/v2{path}"


def headers_for(connection: Connection) -> Headers | Refused:
    """Name and application password; Refused where either, or the address, is missing."""
    password = secret_for(connection, connection.login)
    if isinstance(password, Refused):
        return password
    return {"Authorization": basic(connection.login, password)}


def basic(login: str, password: str) -> str:
    """Both as RFC 7617 has them in one header."""
    return f"Basic {base64.b64encode(f'{login}:{password}'.encode()).decode()}"


def send(
    job: Job, headers: Headers, path: str, payload: JsonObject
) -> Answer | Outcome:
    """POST this JSON to the site's REST interface, as `ask`."""
    return post_json(address(job, path), headers, payload)


def find(job: Job, headers: Headers) -> list[JsonObject] | Retry | Refused:
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
    answer = judge_preparing(ask("GET", address(job, f"/posts?{query}"), headers))
    if not isinstance(answer, Answer):
        return answer
    rows = json_of(answer)
    if not isinstance(rows, list):
        return Refused(NOT_WORDPRESS)
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("id"), int):
            return Refused(NOT_WORDPRESS)
    return rows


def draft(
    job: Job,
    headers: Headers,
    articles: list[JsonObject],
    payload: JsonObject,
) -> tuple[str, ...] | Retry | Refused:
    """The number of what is to be made public: the article that is public already, else
    the first that an earlier try has left, with the new words, else a new one.
    """
    if public := public_article(articles):
        return (str(public["id"]),)
    path = f"/posts/{articles[0]['id']}" if articles else "/posts"
    as_draft = payload | {"slug": slug(job), "status": "draft"}
    answer = judge_preparing(send(job, headers, path, as_draft))
    if not isinstance(answer, Answer):
        return answer
    number = body_of(answer).get("id")
    return (str(number),) if isinstance(number, int) else Refused(NOT_WORDPRESS)


def public_article(articles: list[JsonObject]) -> JsonObject | None:
    """The first of them that everybody can read."""
    return next((row for row in articles if row.get("status") == "publish"), None)


def published(row: JsonObject) -> Published:
    """A public article as the site describes it."""
    return Published(str(row.get("id")), address_of(row.get("link")))


def upload(
    job: Job, headers: Headers, media: MediaFile
) -> JsonObject | Retry | Refused:
    """Number, address and kind of the file in the site's library: of the one that an
    earlier try has left there, else of a new one.
    """
    present = find_file(job, headers, media)
    if not isinstance(present, dict):
        return present
    row = present or send_file(job, headers, media)
    if not isinstance(row, dict):
        return row
    if media.alt and row.get("alt_text") != media.alt:
        words = {"alt_text": media.alt}
        answer = judge_preparing(send(job, headers, f"/media/{row['id']}", words))
        if not isinstance(answer, Answer):
            return answer
    return as_file(row, media)


def find_file(
    job: Job, headers: Headers, media: MediaFile
) -> JsonObject | Retry | Refused:
    """What the site's library has under the file's name, as the site describes it;
    empty for nothing.
    """
    query = urlencode({"slug": PurePath(media.plain_name).stem, "context": "edit"})
    answer = judge_preparing(ask("GET", address(job, f"/media?{query}"), headers))
    if not isinstance(answer, Answer):
        return answer
    rows = json_of(answer)
    first = rows[0] if isinstance(rows, list) and rows else None
    if isinstance(first, dict) and isinstance(first.get("id"), int):
        return first
    return {}


def as_file(row: JsonObject, media: MediaFile) -> JsonObject:
    """What articles need to know of a file in the site's library."""
    return {
        "id": row["id"],
        "url": address_of(row.get("source_url")),
        "kind": media.kind,
        "alt": media.alt,
    }


def send_file(
    job: Job, headers: Headers, media: MediaFile
) -> JsonObject | Retry | Refused:
    """Put the file into the site's library, where its slug is made of its name; the
    file as the site describes it.
    """
    file_headers = headers | {
        "Content-Type": media.mime,
        "Content-Disposition": f'attachment; filename="{media.plain_name}"',
    }
    url = address(job, "/media")
    answer = judge_preparing(
        ask("POST", url, file_headers, media.read(), UPLOAD_SECONDS)
    )
    if not isinstance(answer, Answer):
        return answer
    body = body_of(answer)
    if not isinstance(body.get("id"), int):
        return Refused(NOT_WORDPRESS)
    return body


def article(job: Job, files: list[JsonObject]) -> JsonObject:
    """Title and text as HTML; the first image leads the article, the others follow it."""
    lead = next((file for file in files if file["kind"] == IMAGE), None)
    rest = [file for file in files if file is not lead]
    words: JsonObject = {"title": job.title, "content": content(job, rest)}
    return words | {"featured_media": lead["id"]} if lead else words


def content(job: Job, files: list[JsonObject]) -> str:
    """HTML of the text, and of the files that have an address behind it."""
    figures = "".join(figure(file) for file in files if file["url"])
    return linebreaks(urlize(job.text, autoescape=True)) + figures


def figure(file: JsonObject) -> str:
    """HTML of an image or a video of the site's library."""
    url = escape(file["url"])
    alt = escape(file["alt"])
    if file["kind"] == IMAGE:
        return f'<figure><img src="{url}" alt="{alt}"></figure>'
    label = f' aria-label="{alt}"' if alt else ""
    return f'<figure><video controls src="{url}"{label}></video></figure>'


def judge_published(answer: Answer) -> Outcome:
    """What the answer to publishing means: an account without the right to publish gets
    its article kept as pending.
    """
    body = body_of(answer)
    if not answer.is_success:
        return judge(answer, "")
    if body.get("status") == "publish":
        return published(body)
    return judge_unpublished(body)


def judge_unpublished(body: JsonObject) -> Refused | Uncertain:
    """What it means that the site takes the article and does not say that it is public."""
    if body.get("status"):
        status = str(body["status"])[:40]
        return Refused(f"WordPress keeps it as {status}: this account may not publish.")
    return Uncertain(NOT_WORDPRESS)
