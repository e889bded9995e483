"""Requests to addresses that people name: kept out of the house, short, and small."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from receivers import Receiver, receiver

from common import outgoing
from common.outgoing import Refused, Unreachable, check_url, send


@pytest.fixture
def other() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def inside(settings: Any) -> None:
    settings.OUTGOING_ALLOW_PRIVATE = True


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1:80/",
        "http://2130706433/",
        "http://localhost:8000/",
        "http://a.localhost/",
        "http://LOCALHOST./",
        "http://10.0.0.1/",
        "http://172.16.9.9/",
        "http://192.168.1.1/",
        "http://169.254.169.254/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[::]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[fec0::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://printer.local/",
    ],
)
def test_addresses_inside_are_refused(url: str) -> None:
    with pytest.raises(Refused, match="private network"):
        send("POST", url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://",
        "https://a:b@example.org/",
        "https://example.org/" + "x" * 2000,
        "http://[::1",
        "javascript:alert(1)",
        "http://exa\nmple.org/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        check_url(url)


def test_an_address_outside_is_taken() -> None:
    check_url("https://hooks.example.org:8443/a/b?c=d")
    check_url("https://93.184.215.14/")
    check_url("https://[2606:4700::1111]/")


def resolving(*answers: list[str]) -> Any:
    """A resolver whose answer changes from call to call."""
    left = list(answers)

    def resolve(host: str, port: int, **options: Any) -> list[Any]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in found
        ]

    return resolve


@pytest.mark.parametrize("found", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"]])
def test_a_name_that_leads_inside_is_refused(monkeypatch, found: list[str]) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(found))
    with pytest.raises(Refused, match="private network"):
        send("POST", "http://rebind.example.org/")


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(
    monkeypatch,
) -> None:
    asked: list[str] = []

    def connect(self: Any, host: str, *args: Any, **options: Any) -> Any:
        asked.append(host)
        raise outgoing.httpcore.ConnectError("no")

    monkeypatch.setattr(
        socket, "getaddrinfo", resolving(["93.184.215.14"], ["127.0.0.1"])
    )
    monkeypatch.setattr(outgoing.httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(Unreachable):
        send("POST", "http://rebind.example.org/")
    assert asked == ["93.184.215.14"]


def test_what_is_sent_arrives(inside: None, other: Receiver) -> None:
    other.answers, other.body = [201], b"thanks"
    answer = send("POST", f"{other.url}/a?b=c", headers={"X-A": "b"}, content=b"{}")
    assert (answer.status, answer.body, answer.is_success) == (201, b"thanks", True)
    [told] = other.told
    assert (told.path, told.body, told.headers["x-a"]) == ("/a?b=c", b"{}", "b")
    assert told.headers["host"] == other.url.removeprefix("http://")


def test_redirects_are_not_followed(inside: None, other: Receiver) -> None:
    other.answers, other.location = [302], f"{other.url}/elsewhere"
    assert send("POST", other.url).status == 302
    assert len(other.told) == 1


def test_of_a_long_answer_only_the_beginning_is_read(
    inside: None, other: Receiver
) -> None:
    other.body = b"x" * 5_000_000
    assert len(send("POST", other.url, most_bytes=1000).body) == 1000


def test_an_answer_that_drips_is_given_up(inside: None, other: Receiver) -> None:
    other.body, other.drip_seconds = b"x" * 10_000, 0.1
    with pytest.raises(Unreachable, match="No answer within 1 seconds"):
        send("POST", other.url, seconds=1)
    assert other.dripped < len(other.body)


def test_nobody_there_is_unreachable(inside: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="connection failed"):
            send("POST", f"http://127.0.0.1:{taken.getsockname()[1]}/")


def test_proxies_of_the_environment_are_passed_over(
    inside: None, other: Receiver, monkeypatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert send("POST", other.url).status == 200
