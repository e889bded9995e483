"""A server on this machine that speaks OpenAI's chat protocol, well or badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from patience import SECONDS

GOOD = {
    "title": "Dawn launch",
    "caption": "First boat of the year.",
    "hashtags": [f"tag{n}" for n in range(12)],
}


@dataclass
class ChatServer:
    """`answers` are what it says next, the last again and again: a text, a status,
    "hang" or "huge".

    It takes `seconds` for each.
    """

    url: str = ""
    answers: list[str | int] = field(default_factory=lambda: [json.dumps(GOOD)])
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    knows_json_mode: bool = True
    seconds: float = 0
    outwaited: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def next(self) -> str | int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def completion(text: str) -> bytes:
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": text},
    }
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
    whole = {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }
    return json.dumps(whole).encode()


def streamed(text: str) -> bytes:
    """The same answer as server-sent events, a few characters each, the usage last."""
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    pieces = [text[n : n + 7] for n in range(0, len(text), 7)]
    events = [
        head | {"choices": [{"index": 0, "delta": {"content": piece}}]}
        for piece in pieces
    ]
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
    events.append(head | {"choices": [], "usage": usage})
    return (
        "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
        + b"data: [DONE]\n\n"
    )


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    state = ChatServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append(body)
            state.keys.append(self.headers.get("Authorization", ""))
            if "response_format" in body and not state.knows_json_mode:
                return self.say(
                    400, b'{"error": {"message": "response_format is unknown"}}'
                )
            answer = state.next()
            state.over.wait(state.seconds)
            if answer == "hang":
                state.outwaited = not state.over.wait(SECONDS)
                return None
            if isinstance(answer, int):
                return self.say(answer, b'{"error": {"message": "not now"}}')
            text = "x" * 2_000_000 if answer == "huge" else answer
            if body.get("stream"):
                return self.say(200, streamed(text), "text/event-stream")
            return self.say(200, completion(text))

        def say(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Retry-After-Ms", "1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield state
    finally:
        state.over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
