"""How long is waited for a request: silence ends it, bytes that go out prolong it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

from common import outgoing
from common.outgoing import SLOWEST_BYTES_A_SECOND, Deadlined, Patience, Unreachable


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr(outgoing, "time", stopped)
    return stopped


class Slow:
    """A line that takes so many seconds for each piece."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock, self.seconds, self.pieces = clock, seconds, []

    def write(self, piece: bytes, timeout: float) -> None:
        if timeout < self.seconds:
            raise httpcore.WriteTimeout
        self.clock.now += self.seconds
        self.pieces.append(len(piece))


def test_an_upload_lasts_as_long_as_it_moves(clock: Clock) -> None:
    body = bytes(60 * outgoing.PIECE)
    patience = Patience.for_bytes(60, len(body))
    line = Slow(clock, 4)
    Deadlined(line, patience).write(body)
    assert (len(line.pieces), sum(line.pieces)) == (60, len(body))
    assert clock.now == 1000 + 240
    assert patience.left(None) == 60


def test_silence_ends_it_and_says_how_much_went(clock: Clock) -> None:
    body = bytes(3 * outgoing.PIECE)
    patience = Patience.for_bytes(60, len(body))
    line = Slow(clock, 59)
    stream = Deadlined(line, patience)
    stream.write(body[: outgoing.PIECE])
    line.seconds = 61
    with pytest.raises(httpcore.WriteTimeout):
        stream.write(body[outgoing.PIECE :])
    assert patience.failure_text(len(body)) == (
        "The other side took nothing for 60 seconds; 65536 of 196608 bytes were sent."
    )
    assert patience.failure_text(0) == "No answer within 60 seconds."


def test_a_line_slower_than_any_is_given_up(clock: Clock) -> None:
    size = 10 * SLOWEST_BYTES_A_SECOND
    patience = Patience.for_bytes(60, size)
    for _ in range(70):
        clock.now += 1
        patience.note_sent(10)
    assert clock.now == 1070
    with pytest.raises(httpcore.ReadTimeout):
        patience.left(None)


def test_what_comes_back_prolongs_nothing(clock: Clock) -> None:
    patience = Patience.for_bytes(15, 0)
    patience.note_sent(300)
    clock.now += 14
    assert patience.left(60) == 1
    clock.now += 2
    with pytest.raises(httpcore.ReadTimeout):
        patience.left(60)


def test_who_sends_hears_that_it_goes_on(clock: Clock) -> None:
    heard = []
    token = outgoing.moved.set(lambda: heard.append(clock.now))
    try:
        Deadlined(Slow(clock, 1), Patience.for_bytes(9, 0)).write(bytes(130 * 1024))
    finally:
        outgoing.moved.reset(token)
    assert heard == [1001, 1002, 1003]


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port whose server takes the connection and reads nothing."""
    server = socket.create_server(("127.0.0.1", 0))
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    taken: list[Any] = []
    threading.Thread(target=lambda: taken.append(server.accept()), daemon=True).start()
    yield server.getsockname()[1]
    server.close()


def test_a_server_that_reads_nothing_is_left(settings: Any, deaf: int) -> None:
    settings.OUTGOING_ALLOW_PRIVATE = True
    with pytest.raises(Unreachable, match=r"took nothing .* of 30000000 bytes"):
        outgoing.send(
            "POST", f"http://127.0.0.1:{deaf}/", content=bytes(30_000_000), seconds=1
        )
