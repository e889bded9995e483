"""Failed sign-ins are limited per account and address; successes are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
import uvicorn
import yaml
from django.conf import settings
from django.test import Client

from cast import PASSWORD
from common.middleware import visitor_address
from serving import serving
from workspaces.models import User

pytestmark = pytest.mark.django_db
JSON = "application/json"


def sign_in(client: Client, password: str, login: str = "editor"):
    return client.post(
        "/api/v1/auth/login",
        {"username": login, "password": password},
        content_type=JSON,
    )


def test_the_tenth_failure_is_429_and_so_is_the_right_password_afterwards(
    client: Client, editor: User
) -> None:
    assert [sign_in(client, "wrong").status_code for _ in range(10)] == [401] * 9 + [
        429
    ]
    locked = sign_in(client, PASSWORD)
    assert locked.status_code == 429
    assert locked["Retry-After"] == "60"
    assert "Too many failed sign-ins" in locked.json()["detail"]


def test_address_and_name_count_as_one_account(client: Client, editor: User) -> None:
    for n in range(10):
        sign_in(client, "wrong", "editor" if n % 2 else "editor@example.org")
    assert sign_in(client, "wrong", "EDITOR").status_code == 429


def test_another_account_is_not_locked(
    client: Client, editor: User, viewer: User
) -> None:
    for _ in range(11):
        sign_in(client, "wrong")
    assert sign_in(client, PASSWORD, "viewer").status_code == 200


def test_after_a_minute_it_works_again(client: Client, editor: User) -> None:
    for _ in range(11):
        sign_in(client, "wrong")
    with time_machine.travel(timedelta(seconds=62)):
        assert sign_in(client, PASSWORD).status_code == 200


def test_successes_are_not_counted(client: Client, editor: User) -> None:
    assert {sign_in(client, PASSWORD).status_code for _ in range(15)} == {200}


@pytest.mark.parametrize(
    ("door", "form"),
    [("/api/v1/login", False), ("/api/v1/auth/login", True), ("/auth/login", False)],
)
def test_every_program_s_door_locks_on_a_real_server(
    asgi_server: str, editor: User, door: str, form: bool
) -> None:
    wrong = {"username": "editor", "password": "wrong"}
    body = {"data": wrong} if form else {"json": wrong}
    with httpx.Client(base_url=asgi_server) as visitor:
        answers = [visitor.post(door, **body) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 9 + [429] * 3
    assert "Too many failed sign-ins" in answers[9].json()["detail"]
    assert answers[9].headers["Retry-After"] == "60"


def test_the_sign_in_page_locks_on_a_real_server(
    asgi_server: str, editor: User
) -> None:
    with httpx.Client(base_url=asgi_server) as visitor:
        answers = [send_form(visitor, "wrong") for _ in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 9 + [429] * 3
    assert "Too many failed sign-ins" in answers[9].text


def send_form(visitor: httpx.Client, password: str) -> httpx.Response:
    page = visitor.get("/login").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    fields = {"username": "editor", "password": password, "csrfmiddlewaretoken": token}
    return visitor.post("/login", data=fields)


def web_command() -> list[str]:
    """What compose.yaml starts the web with, from the application's name on."""
    services = yaml.safe_load((settings.BASE_DIR / "compose.yaml").read_text())[
        "services"
    ]
    program, *arguments = services["web"]["command"]
    assert program == "uvicorn"
    return arguments


@pytest.fixture
def behind_proxy(transactional_db: None, settings: Any) -> Iterator[str]:
    """A server with the options of compose.yaml's web, one proxy before it."""
    settings.PROXY_COUNT = 1
    chosen = uvicorn.main.make_context("uvicorn", web_command()).params
    with serving(
        proxy_headers=chosen["proxy_headers"],
        forwarded_allow_ips=chosen["forwarded_allow_ips"],
    ) as address:
        yield address


def test_ten_tries_through_a_proxy_count_as_ten_whatever_the_visitor_claims(
    behind_proxy: str, editor: User
) -> None:
    with httpx.Client(base_url=behind_proxy) as proxy:
        codes = [
            try_from(proxy, f"10.9.8.{number}, 203.0.113.9") for number in range(12)
        ]
        assert codes == [401] * 9 + [429] * 3
        # Somebody else behind the same proxy is not locked out with them.
        assert try_from(proxy, "203.0.113.10") == 401


def try_from(proxy: httpx.Client, forwarded: str) -> int:
    """One wrong password, as a proxy passes it on that adds its caller's address at the end."""
    wrong = {"username": "editor", "password": "wrong"}
    return proxy.post(
        "/api/v1/auth/login", json=wrong, headers={"X-Forwarded-For": forwarded}
    ).status_code


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("203.0.113.9", 1, "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", 1, "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9, 10.0.0.7", 2, "203.0.113.9"),
        ("203.0.113.9:4711", 1, "203.0.113.9"),
        ("[2001:db8::1]:4711", 1, "2001:db8::1"),
        ("2001:DB8::1", 1, "2001:db8::1"),
        ("203.0.113.9", 0, None),
        ("203.0.113.9", 2, None),
        ("unknown", 1, None),
        ("", 1, None),
    ],
)
def test_a_visitor_is_who_the_outermost_proxy_saw(
    forwarded: str, proxies: int, address: str | None
) -> None:
    assert visitor_address(forwarded, proxies) == address


def test_the_login_page_says_so_too(client: Client, editor: User) -> None:
    form = {"username": "editor", "password": "wrong"}
    for _ in range(9):
        assert client.post("/login", form).status_code == 200
    locked = client.post("/login", form)
    assert locked.status_code == 429
    assert b"Too many failed sign-ins" in locked.content
