"""Headers, cookies, CSRF, and pages without inline scripts or styles."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from guards.test_permissions import PAGES, things  # noqa: F401 - a fixture

from cast import PASSWORD, person
from workspaces.models import User

pytestmark = pytest.mark.django_db
OPEN_PAGES = ["/login", "/register", "/password/reset", "/nowhere"]
OURS = sorted({address for address, method, _ in PAGES if method == "get"})


def directives(answer: Any) -> dict[str, str]:
    pairs = (
        part.strip().partition(" ")
        for part in answer["Content-Security-Policy"].split(";")
    )
    return {name: value for name, _, value in pairs}


@pytest.mark.parametrize("address", [*OURS, *OPEN_PAGES])
def test_every_page_of_ours_is_strict(
    browse,
    manager: User,
    things: dict[str, Any],  # noqa: F811
    address: str,
) -> None:
    client = browse(None if address in OPEN_PAGES else manager)
    answer = client.get(address.format(**things))
    policy = directives(answer)
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert (
        policy["object-src"]
        == policy["base-uri"]
        == policy["frame-ancestors"]
        == "'none'"
    )
    page = answer.getvalue().decode()
    assert (
        re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", page) == []
    )
    assert (
        re.findall(
            r"\son[a-z]+=",
            re.sub(r"<pre.*?</pre>|>[^<]*<", "><", page, flags=re.DOTALL),
        )
        == []
    )
    assert re.findall(r"\sstyle=\"|<style", page) == []
    assert "javascript:" not in page


def test_the_usual_headers_are_set(client: Client) -> None:
    answer = client.get("/login")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert len(answer["X-Request-ID"]) == 36


@pytest.mark.parametrize("path", ["/admin/login/", "/docs", "/redoc"])
def test_looser_pages_still_run_no_inline_scripts(client: Client, path: str) -> None:
    answer = client.get(path)
    assert "'unsafe-inline'" not in directives(answer)["script-src"]


def test_cookies_are_kept_from_scripts_and_other_sites(
    client: Client, editor: User
) -> None:
    client.post("/login", {"username": "editor", "password": PASSWORD})
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_a_form_without_the_csrf_token_is_refused_with_a_page(editor: User) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept": "text/html"})
    client.force_login(editor, backend="workspaces.backends.EmailOrUsername")
    answer = client.post("/calendar/top-off")
    assert answer.status_code == 403
    assert b"<html" in answer.content


@pytest.mark.parametrize(
    "address", ["/api/v1/marketing/scheduler/topoff?tenant_id=h2o", "/graphql"]
)
def test_a_session_may_not_write_through_the_api_without_the_csrf_token(
    editor: User, address: str
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor, backend="workspaces.backends.EmailOrUsername")
    assert client.post(address).status_code == 403


def test_logging_out_needs_a_form(browse, editor: User) -> None:
    client = browse(editor)
    assert client.get("/logout").status_code == 405
    client.post("/logout")
    assert client.get("/calendar").status_code == 302


def test_the_login_page_does_not_lead_elsewhere(client: Client, editor: User) -> None:
    form = {"username": "editor", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/login", form)["Location"] == "/"


def test_what_people_type_is_escaped(browse, manager: User) -> None:
    client = browse(manager)
    client.post(
        "/content/new",
        {
            "title": "<script>alert(1)</script>",
            "caption": "<img src=x onerror=alert(1)>",
        },
    )
    for page in ("/content", "/search?q=script"):
        assert b"<script>alert" not in client.get(page).content


def test_an_unexpected_error_tells_nothing(browse, manager: User, monkeypatch) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("scheduling.calendar.views.grid", fail)
    client = browse(manager)
    client.raise_request_exception = False
    answer = client.get("/calendar")
    assert answer.status_code == 500
    assert b"secret detail" not in answer.content
    assert b"<html" in answer.content


def test_hosts_that_are_not_ours_are_refused(client: Client) -> None:
    assert client.get("/login", headers={"host": "evil.example"}).status_code == 400


def test_a_password_is_reset_by_mail_without_telling_who_has_an_account(
    client: Client, db: None, mailoutbox
) -> None:
    person("ana")
    answers = [
        client.post("/password/reset", {"email": f"{name}@example.org"}).status_code
        for name in ("ana", "nobody")
    ]
    assert answers == [302, 302]
    assert [mail.to for mail in mailoutbox] == [["ana@example.org"]]
    link = re.search(r"/password/reset/\S+", mailoutbox[0].body)
    form = client.get(link[0], follow=True)
    new = {
        "new_password1": "a very new password",
        "new_password2": "a very new password",
    }
    client.post(form.redirect_chain[-1][0], new)
    assert client.login(
        request=form.wsgi_request, username="ana", password="a very new password"
    )
