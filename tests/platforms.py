"""Platforms on a real socket that misbehave as they are told and count what really went
live.

One server speaks for a webhook's receiver, Mastodon, WordPress, Bluesky and Discord:
the path tells which is meant.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ACCEPT, SLOW = "accept", "slow"
LIMIT, FAIL_BEFORE, REFUSE = "limit", "fail before", "refuse"
REVOKED, FORBIDDEN = "revoked", "forbidden"
HANG_AFTER, FAIL_AFTER, DROP_AFTER = "hang after", "fail after", "drop after"
BEFORE = {LIMIT: 429, FAIL_BEFORE: 500, REFUSE: 422, REVOKED: 401, FORBIDDEN: 403}
AFTER = (HANG_AFTER, FAIL_AFTER, DROP_AFTER)
WORDPRESS, BLUESKY, MASTODON = "/wp-json/wp/v2", "/xrpc/", "/api/"
DISCORD = "/api/webhooks/"


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body or b"{}")
        return said

    def query(self, name: str) -> str:
        return parse_qs(urlsplit(self.path).query).get(name, [""])[0]


@dataclass
class Platform:
    """`script` is how the next posts are met, `early` how the next requests before
    them, `accept` when used up.

    `live` counts what the public sees, by key. One that `remembers` makes one post of
    all requests with one key; one that `tells` answers questions about a key.
    `articles`, `files` and `records` are what WordPress and Bluesky keep.
    """

    url: str = ""
    script: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    live: Counter[str] = field(default_factory=Counter)
    articles: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    configuration: dict[str, Any] = field(default_factory=dict)
    remembers: bool = True
    tells: bool = True
    retry_after: str = "7"
    hang_seconds: float = 2.0
    answer_seconds: float = 0.0
    processing: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_step(self, script: list[str]) -> str:
        with self.lock:
            return script.pop(0) if script else ACCEPT

    def posts(self) -> list[Asked]:
        """The requests that were to show something to the public."""
        return [asked for asked in self.asked if is_final(asked)]

    def accept(self, key: str) -> None:
        with self.lock:
            if not (self.remembers and self.live[key]):
                self.live[key] += 1

    def answer_for(self, key: str) -> dict[str, Any]:
        return {"id": f"live-{key}", "url": f"{self.url}/live/{key}"}


def is_final(asked: Asked) -> bool:
    """Whether the request is the one behind which there is no return."""
    if asked.method != "POST":
        return False
    path = urlsplit(asked.path).path
    if path.startswith(WORDPRESS):
        return "/posts/" in path and asked.json().get("status") == "publish"
    if path.startswith(BLUESKY):
        return path.endswith(".putRecord")
    return (
        path.endswith("/statuses")
        or path.startswith(DISCORD)
        or not path.startswith(MASTODON)
    )


class Handler(BaseHTTPRequestHandler):
    platform: Platform

    def do_POST(self) -> None:
        asked = self.note()
        final = is_final(asked)
        step = self.platform.next_step(
            self.platform.script if final else self.platform.early
        )
        time.sleep(self.platform.answer_seconds)
        if step in BEFORE:
            extra = {"Retry-After": self.platform.retry_after} if step == LIMIT else {}
            return self.answer(BEFORE[step], {"error": f"no: {step}"}, extra)
        if step == SLOW:
            time.sleep(0.2)
        return self.after(
            step, *(self.go_live(asked) if final else self.make_ready(asked))
        )

    def after(self, step: str, status: int, said: Any) -> None:
        """It is done; what the sender hears of it is another matter."""
        if step == HANG_AFTER:
            time.sleep(self.platform.hang_seconds)
        if step in (HANG_AFTER, DROP_AFTER):
            self.close_connection = True
        elif step == FAIL_AFTER:
            self.answer(500, {"error": "no: fail after"})
        else:
            self.answer(status, said)

    def go_live(self, asked: Asked) -> tuple[int, Any]:
        if asked.path.startswith(WORDPRESS):
            return self.publish_article(asked)
        if asked.path.startswith(BLUESKY):
            return self.put_record(asked)
        if asked.path.startswith(DISCORD):
            number = str(len(self.platform.asked))
            self.platform.accept(number)
            return 200, {"id": number, "channel_id": "7"}
        key = asked.headers["idempotency-key"]
        self.platform.accept(key)
        return 200, self.platform.answer_for(key)

    def publish_article(self, asked: Asked) -> tuple[int, Any]:
        number = int(asked.path.rpartition("/")[2])
        with self.platform.lock:
            row = next(row for row in self.platform.articles if row["id"] == number)
            if row["status"] != "publish":
                row["status"] = "publish"
                self.platform.live[row["slug"]] += 1
        return 200, row

    def put_record(self, asked: Asked) -> tuple[int, Any]:
        said = asked.json()
        if asked.headers.get("authorization") == "Bearer old":
            return 400, {"error": "ExpiredToken", "message": "Token has expired"}
        with self.platform.lock:
            if said["rkey"] not in self.platform.records:
                self.platform.live[said["rkey"]] += 1
            self.platform.records[said["rkey"]] = said["record"]
        return 200, {
            "uri": f"at://{said['repo']}/{said['collection']}/{said['rkey']}",
            "cid": "c",
        }

    def make_ready(self, asked: Asked) -> tuple[int, Any]:
        path, count = urlsplit(asked.path).path, len(self.platform.asked)
        if path.startswith(WORDPRESS):
            return self.keep_draft(asked, path)
        if path.endswith("createSession"):
            return 200, {
                "accessJwt": f"token{count}",
                "did": "did:plc:h2o",
                "handle": "h2o.example",
            }
        if path.endswith("uploadBlob"):
            return 200, {
                "blob": {
                    "$type": "blob",
                    "ref": {"$link": f"b{count}"},
                    "size": len(asked.body),
                }
            }
        return (202 if self.platform.processing else 200), {"id": f"m{count}"}

    def keep_draft(self, asked: Asked, path: str) -> tuple[int, Any]:
        if path.endswith("/media"):
            count = len(self.platform.asked)
            name = asked.headers["content-disposition"].partition('filename="')[2]
            file = {
                "id": count,
                "slug": name.partition(".")[0],
                "source_url": f"{self.platform.url}/files/{count}",
            }
            self.platform.files.append(file)
            return 201, file
        if "/media/" in path:
            number = int(path.rpartition("/")[2])
            file = next(row for row in self.platform.files if row["id"] == number)
            file.update(asked.json())
            return 200, file
        said, tail = asked.json(), path.rpartition("/")[2]
        with self.platform.lock:
            articles = self.platform.articles
            row = next((row for row in articles if str(row["id"]) == tail), None)
            if row is None:
                row = {
                    "id": len(articles) + 10,
                    "link": f"{self.platform.url}/?p={len(articles) + 10}",
                }
                articles.append(row)
            row.update(said)
        return 201, row

    def do_GET(self) -> None:
        asked = self.note()
        if asked.path.startswith(WORDPRESS):
            self.look_up_article(asked)
        elif asked.path.startswith(BLUESKY):
            self.look_up_record(asked)
        elif asked.path.startswith(DISCORD):
            self.answer(200, {"id": "5", "name": "News"})
        elif asked.path.startswith(MASTODON):
            self.look_up_account(asked)
        else:
            self.look_up_key(asked.headers["idempotency-key"])

    def look_up_article(self, asked: Asked) -> None:
        if "/users/me" in asked.path:
            self.answer(200, {"id": 1, "name": "H2O"})
        elif "/media?" in asked.path:
            slug = asked.query("slug")
            self.answer(
                200, [row for row in self.platform.files if row["slug"] == slug]
            )
        elif not self.platform.tells and self.platform.articles:
            self.answer(500, {"message": "no"})
        else:
            slug = asked.query("slug")
            self.answer(
                200, [row for row in self.platform.articles if row["slug"] == slug]
            )

    def look_up_record(self, asked: Asked) -> None:
        key = asked.query("rkey")
        if "resolveHandle" in asked.path:
            known = asked.query("handle") == "plumber.example"
            self.answer(
                200 if known else 400,
                {"did": "did:plc:plumber"} if known else {"error": "InvalidRequest"},
            )
        elif not self.platform.tells:
            self.answer(502, {})
        elif key in self.platform.records:
            self.answer(
                200, {"uri": f"at://did:plc:h2o/app.bsky.feed.post/{key}", "value": {}}
            )
        else:
            self.answer(
                400,
                {
                    "error": "RecordNotFound",
                    "message": f"Could not locate record: {key}",
                },
            )

    def look_up_account(self, asked: Asked) -> None:
        if asked.path == "/api/v2/instance":
            self.answer(200, {"configuration": self.platform.configuration})
        elif asked.path.endswith("verify_credentials"):
            self.answer(
                200, {"id": "1", "username": "h2o", "url": f"{self.platform.url}/@h2o"}
            )
        else:
            self.platform.processing -= 1
            self.answer(
                206 if self.platform.processing > 0 else 200,
                {"id": asked.path.rpartition("/")[2]},
            )

    def look_up_key(self, key: str) -> None:
        if not self.platform.tells:
            self.answer(404, {"error": "nothing here"})
        elif self.platform.live[key]:
            self.answer(200, {"published": True} | self.platform.answer_for(key))
        else:
            self.answer(200, {"published": False})

    def note(self) -> Asked:
        """Keep the request."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        asked = Asked(self.command, self.path, headers, body)
        self.platform.asked.append(asked)
        return asked

    def answer(
        self, status: int, body: Any, extra: dict[str, str] | None = None
    ) -> None:
        said = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (
            {"Content-Length": str(len(said)), "Connection": "close"} | (extra or {})
        ).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Senders that hang up are what these tests are about."""


@contextmanager
def platform() -> Iterator[Platform]:
    """A running platform."""
    state = Platform()
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"platform": state}))
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
