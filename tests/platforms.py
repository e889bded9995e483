"""A platform on a real socket that misbehaves as it is told and counts what really went live."""

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

ACCEPT, SLOW = "accept", "slow"
LIMIT, FAIL_BEFORE, REFUSE = "limit", "fail before", "refuse"
HANG_AFTER, FAIL_AFTER, DROP_AFTER = "hang after", "fail after", "drop after"
BEFORE = {LIMIT: 429, FAIL_BEFORE: 500, REFUSE: 422}
AFTER = (HANG_AFTER, FAIL_AFTER, DROP_AFTER)


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Platform:
    """`script` is how the next posts are met, `accept` when it is used up. `live` counts posts by key.

    One that `remembers` makes one post of all requests with one key; one that `tells` answers GET about a key.
    """

    url: str = ""
    script: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    live: Counter[str] = field(default_factory=Counter)
    remembers: bool = True
    tells: bool = True
    retry_after: str = "7"
    hang_seconds: float = 2.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_step(self) -> str:
        with self.lock:
            return self.script.pop(0) if self.script else ACCEPT

    def accept(self, key: str) -> None:
        with self.lock:
            if not (self.remembers and self.live[key]):
                self.live[key] += 1

    def answer_for(self, key: str) -> dict[str, Any]:
        return {"id": f"live-{key}", "url": f"{self.url}/live/{key}"}


class Handler(BaseHTTPRequestHandler):
    platform: Platform

    def do_POST(self) -> None:
        key = self.note()
        step = self.platform.next_step()
        if step in BEFORE:
            extra = {"Retry-After": self.platform.retry_after} if step == LIMIT else {}
            return self.answer(BEFORE[step], {"error": f"no: {step}"}, extra)
        if step == SLOW:
            time.sleep(0.2)
        self.platform.accept(key)
        return self.after(step, key)

    def after(self, step: str, key: str) -> None:
        """The post is live; what the sender hears of it is another matter."""
        if step == HANG_AFTER:
            time.sleep(self.platform.hang_seconds)
        if step in (HANG_AFTER, DROP_AFTER):
            self.close_connection = True
        elif step == FAIL_AFTER:
            self.answer(500, {"error": "no: fail after"})
        else:
            self.answer(200, self.platform.answer_for(key))

    def do_GET(self) -> None:
        key = self.note()
        if not self.platform.tells:
            self.answer(404, {"error": "nothing here"})
        elif self.platform.live[key]:
            self.answer(200, {"published": True} | self.platform.answer_for(key))
        else:
            self.answer(200, {"published": False})

    def note(self) -> str:
        """Keep the request, and give its key."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        self.platform.asked.append(Asked(self.command, self.path, headers, body))
        return headers["idempotency-key"]

    def answer(self, status: int, body: dict[str, Any], extra: dict[str, str] | None = None) -> None:
        said = json.dumps(body).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(said)), "Connection": "close"} | (extra or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@contextmanager
def platform() -> Iterator[Platform]:
    """A running platform."""
    state = Platform()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"platform": state}))
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
