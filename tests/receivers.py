"""A program on this machine that is told things over HTTP and remembers them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Told:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answers` are the statuses of the next answers, 200 when they are used up; `kind`
    is their type.
    """

    url: str = ""
    told: list[Told] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    location: str = ""
    kind: str = ""
    body: bytes = b""
    drip_seconds: float = 0.0
    dripped: int = 0


@contextmanager
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.told.append(Told(self.path, headers, self.rfile.read(length)))
            self.answer()

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.told.append(Told(self.path, headers, b""))
            self.answer()

        def answer(self) -> None:
            self.send_response(state.answers.pop(0) if state.answers else 200)
            if state.location:
                self.send_header("Location", state.location)
            if state.kind:
                self.send_header("Content-Type", state.kind)
            self.send_header("Connection", "close")
            self.end_headers()
            self.speak()

        def speak(self) -> None:
            try:
                size = 1 if state.drip_seconds else max(1, len(state.body))
                for first in range(0, len(state.body), size):
                    self.wfile.write(state.body[first : first + size])
                    state.dripped += size
                    time.sleep(state.drip_seconds)
            except OSError:
                pass

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
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
