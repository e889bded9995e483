"""Signing in by API: the exact wire of the auth endpoints."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from cast import PASSWORD
from workspaces.models import User

pytestmark = pytest.mark.django_db
JSON = "application/json"


def register(client: Client, **body: str):
    return client.post("/api/v1/auth/register", body, content_type=JSON)


def test_registering_answers_with_the_person(client: Client) -> None:
    answer = register(client, email="ana@example.org", password="testpass123")
    assert answer.status_code == 201
    body = answer.json()
    assert body["email"] == "ana@example.org"
    assert (body["is_active"], body["is_superuser"]) == (True, False)
    assert set(body) == {"email", "id", "is_active", "is_superuser", "created_at"}


def test_an_address_registers_once_whatever_its_case(client: Client) -> None:
    register(client, email="ana@example.org", password="testpass123")
    answer = register(client, email="ANA@example.org", password="testpass123")
    assert (answer.status_code, answer.json()) == (
        400,
        {"detail": "Email already registered"},
    )


@pytest.mark.parametrize(
    ("email", "password", "word"),
    [("ana", "testpass123", "email"), ("a@b.co", "short", "password")],
)
def test_bad_fields_are_a_422_that_lists_them(
    client: Client, email: str, password: str, word: str
) -> None:
    answer = register(client, email=email, password=password)
    assert answer.status_code == 422
    assert [entry["loc"] for entry in answer.json()["detail"]] == [["body", word]]
    assert word in str(answer.json()["detail"])
    assert not User.objects.exists()


def test_closed_registration_refuses(client: Client, settings) -> None:
    settings.REGISTRATION_OPEN = False
    assert (
        register(client, email="ana@example.org", password="testpass123").status_code
        == 403
    )


@pytest.mark.parametrize(
    "login", ["editor", "editor@example.org", "EDITOR@example.org"]
)
@pytest.mark.parametrize("content_type", [JSON, "application/x-www-form-urlencoded"])
def test_form_and_json_sign_in_with_address_or_name(
    client: Client, editor: User, login: str, content_type: str
) -> None:
    body = {"username": login, "password": PASSWORD}
    if content_type == JSON:
        answer = client.post("/api/v1/auth/login", body, content_type=JSON)
    else:
        answer = client.post(
            "/api/v1/auth/login",
            f"username={login}&password={PASSWORD}",
            content_type=content_type,
        )
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    me = client.get(
        "/api/v1/auth/me",
        headers={"authorization": f"Bearer {answer.json()['access_token']}"},
    )
    assert me.json()["email"] == "editor@example.org"


def test_a_wrong_password_is_401_with_the_contract_text(
    client: Client, editor: User
) -> None:
    answer = client.post(
        "/api/v1/auth/login",
        {"username": "editor", "password": "wrong"},
        content_type=JSON,
    )
    assert (answer.status_code, answer.json()) == (
        401,
        {"detail": "Incorrect email or password"},
    )
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_missing_password_is_422(client: Client) -> None:
    answer = client.post(
        "/api/v1/auth/login", {"username": "editor"}, content_type=JSON
    )
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "password"]


def test_a_switched_off_person_cannot_sign_in(client: Client, editor: User) -> None:
    User.objects.update(is_active=False)
    answer = client.post(
        "/api/v1/auth/login",
        {"username": "editor", "password": PASSWORD},
        content_type=JSON,
    )
    assert answer.status_code == 401


def test_a_token_of_a_switched_off_person_is_400(api, editor: User) -> None:
    client = api(editor)
    User.objects.update(is_active=False)
    answer = client.get("/api/v1/auth/me")
    assert (answer.status_code, answer.json()) == (400, {"detail": "Inactive user"})


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (None, "Not authenticated"),
        ("Bearer nonsense", "Could not validate credentials"),
        ("Bearer slt_nonsense", "Could not validate credentials"),
        ("Bearer", "Could not validate credentials"),
    ],
)
def test_no_or_bad_tokens_are_401(
    client: Client, header: str | None, text: str
) -> None:
    answer = client.get(
        "/api/v1/auth/me", headers={"authorization": header} if header else {}
    )
    assert (answer.status_code, answer.json()) == (401, {"detail": text})
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_ends_after_24_hours(api, editor: User) -> None:
    client = api(editor)
    with time_machine.travel(timedelta(hours=23)):
        assert client.get("/api/v1/auth/me").status_code == 200
    with time_machine.travel(timedelta(hours=25)):
        assert client.get("/api/v1/auth/me").status_code == 401


def test_a_new_password_ends_the_tokens_given_out_before(api, editor: User) -> None:
    client = api(editor)
    editor.set_password("another one entirely")
    editor.save()
    assert client.get("/api/v1/auth/me").status_code == 401


def test_passwords_over_72_bytes_count_whole(client: Client) -> None:
    long = "é" * 60 + "1"
    register(client, email="ana@example.org", password=long)
    right = client.post(
        "/api/v1/auth/login",
        {"username": "ana@example.org", "password": long},
        content_type=JSON,
    )
    cut = client.post(
        "/api/v1/auth/login",
        {"username": "ana@example.org", "password": long[:-1]},
        content_type=JSON,
    )
    assert (right.status_code, cut.status_code) == (200, 401)


def test_logging_out_needs_nothing(client: Client) -> None:
    assert set(client.post("/api/v1/auth/logout").json()) == {"message", "detail"}


def test_the_marketing_route_names_user_and_role(client: Client, manager: User) -> None:
    answer = client.post(
        "/api/v1/login",
        {"username": "manager", "password": PASSWORD},
        content_type=JSON,
    )
    body = answer.json()
    assert (answer.status_code, body["username"], body["role"], body["message"]) == (
        200,
        "manager",
        "user",
        "Login successful",
    )
    wrong = client.post(
        "/api/v1/login", {"username": "manager", "password": "x"}, content_type=JSON
    )
    assert (wrong.status_code, wrong.json()) == (401, {"detail": "Invalid credentials"})
