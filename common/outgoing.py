"""Requests to addresses that people name: never into our own network, never longer or
larger than we allow.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, BinaryIO

import httpcore
import httpx
from django.conf import settings

CONNECT_SECONDS = 5.0
SECONDS = 15.0
MOST_BYTES = 64 * 1024
PIECE = 64 * 1024
# A line that is slower is given up, however much still moves.
SLOWEST_BYTES_A_SECOND = 16 * 1024
LONGEST_URL = 2000
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
OURS = {
    "User-Agent": "Slotline",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
WITH_BODY = ("POST", "PUT", "PATCH")
# IPv6 networks whose addresses carry an IPv4 one in their last 32 bits.
TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _nobody_asks() -> None:
    """What is called when bytes move, where nobody wants to know."""


# Whoever sends much can hear that it goes on.
moved: ContextVar[Callable[[], None]] = ContextVar("moved", default=_nobody_asks)


class Refused(Exception):
    """We do not send there; the text says why."""


class Unreachable(Exception):
    """The other side could not be reached, or did not answer in time; trying again may help."""


class TooMuch(Exception):
    """The body is longer than was allowed."""


class Unsent(Unreachable):
    """No connection came about: the other side has got nothing of the request."""


@dataclass(frozen=True)
class Answer:
    """Status and body; of a body that is too long, the beginning."""

    status: int
    body: bytes
    headers: httpx.Headers

    @property
    def is_success(self) -> bool:
        """Any 2xx; a redirect is none."""
        return 200 <= self.status < 300


def check_url(url: str) -> httpx.URL:
    """The address in its parts. Raises Refused for what can be told from it alone: its
    form, and hosts that are private by name.
    """
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise Refused("This is not an address.") from error
    is_web = parts.scheme in ("https", "http") and bool(parts.host)
    if not is_web or len(url) > LONGEST_URL or not url.isprintable():
        raise Refused("Give a full address that begins with https:// or http://.")
    if parts.userinfo:
        raise Refused("Leave name and password out of the address.")
    host = parts.host.rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        check_public(ipaddress.ip_address("127.0.0.1"))
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return parts
    check_public(literal)
    return parts


def check_public(address: Address) -> None:
    """Raises Refused for an address inside: private, loopback, link-local, reserved, or
    one that leads to such.
    """
    if settings.OUTGOING_ALLOW_PRIVATE:
        return
    inner = embedded(address)
    outside = (
        address.is_global
        and not address.is_multicast
        and not getattr(address, "is_site_local", False)
    )
    if not outside or (inner is not None and not inner.is_global):
        raise Refused("The address leads into a private network.")


def embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if any(address in network for network in TRANSLATED):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo_client = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo_client


def addresses_of(host: str, port: int) -> list[str]:
    """What the name resolves to. Raises Refused when any of it is inside: some answers
    lead astray on purpose.
    """
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} cannot be resolved") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
    for address in addresses:
        check_public(ipaddress.ip_address(address.split("%")[0]))
    return addresses


@dataclass
class Patience:
    """How long is waited for one request: until nothing of it has gone out for some
    seconds, and at the latest for as long as the slowest line takes for all of it.

    What the other side sends prolongs nothing: it may drip for ever.
    """

    seconds: float
    until: float
    latest: float
    sent: int = 0

    @classmethod
    def for_bytes(cls, seconds: float, size: int) -> Patience:
        """For a request of so many bytes, beginning now."""
        now = time.monotonic()
        latest = now + seconds + size / SLOWEST_BYTES_A_SECOND
        return cls(seconds, now + seconds, latest)

    @classmethod
    def ending(cls, deadline: float) -> Patience:
        """Until then, whatever moves; in seconds of `time.monotonic`."""
        return cls(0.0, deadline, deadline)

    def left(self, timeout: float | None) -> float:
        """Seconds for the next wait, at most `timeout`. Raises ReadTimeout."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("The answer took too long")
        return left if timeout is None else min(timeout, left)

    def note_sent(self, count: int) -> None:
        """So many bytes went out."""
        self.sent += count
        waiting_until = time.monotonic() + self.seconds
        self.until = min(self.latest, max(self.until, waiting_until))
        moved.get()()

    def failure_text(self, size: int) -> str:
        """What to say when it is over."""
        if self.sent < size:
            return (
                f"The other side took nothing for {self.seconds:g} seconds; {self.sent} of "
                f"{size} bytes were sent."
            )
        return f"No answer within {self.seconds:g} seconds."


class Deadlined(httpcore.NetworkStream):
    """A connection that waits for no longer than there is patience."""

    def __init__(self, inner: httpcore.NetworkStream, patience: Patience) -> None:
        self.inner = inner
        self.patience = patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As the stream within, but not beyond the patience; `timeout` in seconds."""
        return self.inner.read(max_bytes, self.patience.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As the stream within, piece by piece; `timeout` in seconds for each."""
        for start in range(0, len(buffer), PIECE):
            piece = buffer[start : start + PIECE]
            self.inner.write(piece, self.patience.left(timeout))
            self.patience.note_sent(len(piece))

    def close(self) -> None:
        """Close the stream within."""
        self.inner.close()

    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same stream encrypted, with the same patience."""
        left = self.patience.left(timeout)
        encrypted = self.inner.start_tls(ssl_context, server_hostname, left)
        return Deadlined(encrypted, self.patience)

    def get_extra_info(self, info: str) -> Any:
        """What the stream within knows."""
        return self.inner.get_extra_info(info)


class Network(httpcore.NetworkBackend):
    """Connects to an address that was just checked, so that a name cannot mean another
    one a moment later.
    """

    def __init__(self, patience: Patience) -> None:
        self.inner = httpcore.SyncBackend()
        self.patience = patience

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that takes it, of those that may be
        called. Raises httpcore.ConnectError or ConnectTimeout where none does.
        """
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses_of(host, port):
            left = max(0.1, self.patience.until - time.monotonic())
            seconds = min(timeout or CONNECT_SECONDS, left)
            try:
                stream = self.inner.connect_tcp(address, port, seconds, local_address)
                return Deadlined(stream, self.patience)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


@cache
def trust() -> ssl.SSLContext:
    """The authorities that are believed, read once: that takes longer than most requests."""
    return httpx.create_ssl_context()


def line_to(url: httpx.URL, patience: Patience) -> httpcore.HTTPConnection:
    """A connection for one request; no proxies of the environment."""
    origin = httpcore.Origin(
        url.raw_scheme, url.raw_host, url.port or PORTS[url.scheme]
    )
    return httpcore.HTTPConnection(
        origin, ssl_context=trust(), network_backend=Network(patience)
    )


def target_of(url: httpx.URL) -> httpcore.URL:
    """The address as httpcore takes it."""
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


class Transport(httpx.BaseTransport):
    """Such connections for programs that bring a client of httpx along."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over a line of its own; the answer's body is read as it is
        needed.
        """
        line = line_to(request.url, Patience.ending(self.deadline))
        core_request = httpcore.Request(
            request.method,
            target_of(request.url),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = line.handle_request(core_request)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=Body(line, answer.stream)
        )


class Body(httpx.SyncByteStream):
    """The rest of an answer; closing it closes the connection too."""

    def __init__(self, line: httpcore.HTTPConnection, stream: Any) -> None:
        self.line = line
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self.stream

    def close(self) -> None:
        """The line is of no more use then."""
        self.stream.close()
        self.line.close()


def send(
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    content: bytes = b"",
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """One request, answered within `seconds`, which begin anew while its own bytes go
    out. Raises Refused or Unreachable.

    A redirect is an answer like any other: its address is not the one that was named.
    """
    with exchange(method, url, headers or {}, content, seconds) as response:
        return Answer(
            response.status,
            beginning(response, most_bytes),
            httpx.Headers(response.headers),
        )


@contextmanager
def exchange(
    method: str, url: str, headers: dict[str, str], content: bytes, seconds: float
) -> Iterator[httpcore.Response]:
    """An answer whose body is still to be read, all within `seconds` from when the last
    of the request went out. Raises Refused or Unreachable, also inside.
    """
    parts = check_url(url)
    patience = Patience.for_bytes(seconds, len(content))
    waits = {
        "connect": CONNECT_SECONDS,
        "read": seconds,
        "write": seconds,
        "pool": seconds,
    }
    host = {"Host": parts.netloc.decode("ascii")}
    all_headers = httpx.Headers(host | OURS | length_of(method, content) | headers)
    try:
        with (
            line_to(parts, patience) as line,
            line.stream(
                method,
                target_of(parts),
                headers=all_headers.raw,
                content=content,
                extensions={"timeout": waits},
            ) as response,
        ):
            yield response
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        raise Unsent(_failure_text(error)) from error
    except (httpcore.TimeoutException, TimeoutError) as error:
        raise Unreachable(patience.failure_text(len(content))) from error
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
        OSError,
    ) as error:
        raise Unreachable(_failure_text(error)) from error


def _failure_text(error: Exception) -> str:
    return f"The connection failed: {str(error)[:150] or type(error).__name__}"


def download(url: str, target: BinaryIO, *, seconds: float, most_bytes: int) -> Answer:
    """Write what is behind an address into `target`; the answer comes without its body,
    which a failure leaves out.

    Redirects are followed, each address checked as the first, all within `seconds`.
    Raises Refused, Unreachable, and TooMuch for more than `most_bytes`.
    """
    deadline = time.monotonic() + seconds
    for _ in range(1 + MOST_REDIRECTS):
        left = max(0.1, deadline - time.monotonic())
        with exchange("GET", url, {}, b"", left) as response:
            headers = httpx.Headers(response.headers)
            if response.status in REDIRECTS and "location" in headers:
                url = beyond(url, headers["location"])
                continue
            answer = Answer(response.status, b"", headers)
            if answer.is_success:
                write(response, target, most_bytes)
            return answer
    raise Refused("The address leads to another, and that again, without an end.")


def beyond(url: str, location: str) -> str:
    """The address that a redirect leads to. Raises Refused for what is none."""
    try:
        return str(httpx.URL(url).join(location))
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise Refused("The address leads to another that is none.") from error


def write(response: httpcore.Response, target: BinaryIO, most_bytes: int) -> None:
    """Raises TooMuch as soon as it is known."""
    announced = httpx.Headers(response.headers).get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > most_bytes:
        raise TooMuch
    size = 0
    for piece in response.iter_stream():
        size += len(piece)
        if size > most_bytes:
            raise TooMuch
        target.write(piece)


def length_of(method: str, content: bytes) -> dict[str, str]:
    """Some servers refuse a POST without a length, even of nothing."""
    if content or method in WITH_BODY:
        return {"Content-Length": str(len(content))}
    return {}


def beginning(response: httpcore.Response, most_bytes: int) -> bytes:
    """At most so many bytes of the body, as they came over the wire."""
    body = bytearray()
    for piece in response.iter_stream():
        body += piece
        if len(body) >= most_bytes:
            break
    return bytes(body[:most_bytes])
