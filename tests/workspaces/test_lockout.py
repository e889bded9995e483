"""Failed sign-ins are limited per account and address; successes are not."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from cast import PASSWORD
from workspaces.models import User

pytestmark = pytest.mark.django_db
JSON = "application/json"


def sign_in(client: Client, password: str, login: str = "editor"):
    return client.post("/api/v1/auth/login", {"username": login, "password": password}, content_type=JSON)


def test_ten_failures_are_401_and_the_next_is_429_even_with_the_right_password(client: Client, editor: User) -> None:
    assert [sign_in(client, "wrong").status_code for _ in range(10)] == [401] * 10
    locked = sign_in(client, PASSWORD)
    assert locked.status_code == 429
    assert locked["Retry-After"] == "60"
    assert "Too many failed sign-ins" in locked.json()["detail"]


def test_address_and_name_count_as_one_account(client: Client, editor: User) -> None:
    for n in range(10):
        sign_in(client, "wrong", "editor" if n % 2 else "editor@example.org")
    assert sign_in(client, "wrong", "EDITOR").status_code == 429


def test_another_account_is_not_locked(client: Client, editor: User, viewer: User) -> None:
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


def test_the_login_page_says_so_too(client: Client, editor: User) -> None:
    form = {"username": "editor", "password": "wrong"}
    for _ in range(10):
        assert client.post("/login", form).status_code == 200
    locked = client.post("/login", form)
    assert locked.status_code == 429
    assert b"Too many failed sign-ins" in locked.content
