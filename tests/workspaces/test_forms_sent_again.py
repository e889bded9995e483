"""Forms that are sent twice, after the session ended, or with a token that is too old;
without scripts.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone
from media_files import upload

from cast import PASSWORD, join, make_channel, make_post
from common.form_keys import new_key, read_key
from common.refilling import refill
from fillplanner.models import Plan
from scheduling.models import Blackout, ChannelAccount, ContentItem, Post
from templates_ai.models import PromptTemplate
from workspaces.housekeeping import forget_old_sessions
from workspaces.models import StoredReply, User, Workspace
from workspaces.roles import Role
from workspaces.sent_forms import MOST_SAVED, SAVED_COOKIE
from workspaces.services.carried import IN_SESSION

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace, platform="bluesky", name="Blue")


def key_on(client: Client, path: str, draft: str = "") -> str:
    """The key of a page's form for this draft."""
    page = client.get(path).content.decode()
    keys = re.findall(r'name="form_key" value="([^"]+)"', page)
    return next(text for text in keys if read_key(text).draft == draft)


def new_content(**more: Any) -> dict[str, Any]:
    return {
        "title": "Frost & thaw",
        "caption": 'Drain the "tap".\n\nNow.',
        "hashtags": "#winter",
        "link": "",
        "notes": "<b>",
        **more,
    }


# --- sent several times


def test_the_same_form_again_leads_to_what_the_first_one_made(
    browse: Any, editor: User, channel: ChannelAccount
) -> None:
    client = browse(editor)
    sent = {
        "title": "Double",
        "date": "2027-03-04",
        "time": "10:00",
        "channels": str(channel.pk),
        "schedule": "1",
        "form_key": key_on(client, "/posts/new", "post-new"),
    }
    answers = [client.post("/posts/new", sent | {"files": upload()}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302] * 3
    assert len({answer["Location"] for answer in answers}) == 1
    assert (Post.objects.count(), ContentItem.objects.count()) == (1, 1)
    assert ContentItem.objects.get().media_places.count() == 1


@pytest.mark.parametrize(
    ("path", "draft", "sent", "model"),
    [
        ("/content/new", "content", {"title": "Frost"}, ContentItem),
        (
            "/ai-templates",
            "ai-template",
            {"name": "Ours", "prompt_text": "Write of {filename}."},
            PromptTemplate,
        ),
        (
            "/blackouts/new",
            "blackout",
            {
                "reason": "Holidays",
                "kind": "blackout_window",
                "begins_local": "2027-01-01T00:00",
                "ends_local": "2027-01-02T00:00",
                "zone": "UTC",
            },
            Blackout,
        ),
        (
            "/plans/new",
            "plan",
            {"lots": "Lot ID,Type,Vials\nA,X,1000", "strategy": "spt-pack"},
            Plan,
        ),
        (
            "/channels/new",
            "channel",
            {"name": "Sky", "platform": "bluesky", "status": "active"},
            ChannelAccount,
        ),
    ],
)
def test_every_kind_of_form_is_done_once(
    browse: Any, manager: User, path: str, draft: str, sent: dict, model: Any
) -> None:
    client = browse(manager)
    page = client.get(path).content.decode()
    fields = shown_fields(page, draft) | sent
    answers = [client.post(path, fields) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302] * 3, answers[
        0
    ].content.decode()
    assert len({answer["Location"] for answer in answers}) == 1
    assert model.objects.count() == 1


def shown_fields(page: str, draft: str) -> dict[str, Any]:
    """What a browser would send of a form that nobody has changed."""
    from sent_forms import sent_back

    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        if f'/{draft}"' in form:
            return sent_back(re.sub(r'<input [^>]*type="file"[^>]*>', "", form))
    raise AssertionError(f"no form for {draft}")


def test_another_text_or_a_new_form_counts(browse: Any, editor: User) -> None:
    client = browse(editor)
    key = key_on(client, "/content/new", "content")
    client.post("/content/new", new_content(form_key=key))
    client.post("/content/new", new_content(form_key=key, title="Other"))
    other = key_on(client, "/content/new", "content")
    client.post("/content/new", new_content(form_key=other))
    assert ContentItem.objects.count() == 3


def test_a_refusal_is_shared_only_by_what_came_with_it(
    browse: Any, editor: User, channel: ChannelAccount
) -> None:
    """New content is kept when a post is refused: once, however often it is pressed."""
    client = browse(editor)
    at = (timezone.now() + timedelta(days=3)).replace(
        hour=18, minute=0, second=0, microsecond=0
    )
    taken = make_post(channel, at=at, state="scheduled")
    editor.zone = "UTC"
    editor.save()
    sent = {
        "title": "Double",
        "date": f"{at:%Y-%m-%d}",
        "time": "18:00",
        "channels": str(channel.pk),
        "schedule": "1",
        "form_key": key_on(client, "/posts/new", "post-new"),
    }
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        answers = [client.post("/posts/new", sent) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [422] * 3
        assert ContentItem.objects.filter(title="Double").count() == 1
    Post.objects.filter(pk=taken.pk).delete()
    with time_machine.travel(now + timedelta(seconds=20), tick=False):
        assert client.post("/posts/new", sent).status_code == 302


def test_a_fault_lets_the_next_one_try(
    browse: Any, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browse(editor)
    client.raise_request_exception = False
    key = key_on(client, "/content/new", "content")
    with monkeypatch.context() as patch:
        patch.setattr("scheduling.content.services.create_content", 1)
        assert client.post("/content/new", new_content(form_key=key)).status_code == 500
    assert not StoredReply.objects.exists()
    assert client.post("/content/new", new_content(form_key=key)).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.services
def test_three_at_once_make_one(
    browse: Any, editor: User, channel: ChannelAccount
) -> None:
    clients = [browse(editor) for _ in range(3)]
    sent = {
        "title": "Double",
        "date": "2027-03-04",
        "time": "10:00",
        "channels": str(channel.pk),
        "schedule": "1",
        "form_key": key_on(clients[0], "/posts/new", "post-new"),
    }

    def send(client: Client) -> str:
        try:
            answer = client.post("/posts/new", sent | {"files": upload()})
            return answer.get("Location", f"{answer.status_code}")
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as together:
        places = set(together.map(send, clients))
    assert places == {f"/posts/{Post.objects.get().pk}"}
    assert ContentItem.objects.count() == 1


def test_the_browser_is_told_which_forms_are_saved(browse: Any, editor: User) -> None:
    client = browse(editor)
    key = key_on(client, "/content/new", "content")
    client.post("/content/new", new_content(form_key=key, title=""))
    assert SAVED_COOKIE not in client.cookies
    for number in range(MOST_SAVED + 2):
        key = key_on(client, "/content/new", "content")
        client.post("/content/new", new_content(form_key=key, title=f"No {number}"))
    marks = client.cookies[SAVED_COOKIE].value.split(".")
    assert marks[0] == read_key(key).mark
    assert len(marks) == MOST_SAVED


def test_a_refusal_told_on_the_next_page_saves_nothing(
    browse: Any, editor: User, channel: ChannelAccount
) -> None:
    post = make_post(channel, state="scheduled")
    client = browse(editor)
    key = str(new_key(editor.pk, "h2o", "post", f"/posts/{post.pk}"))
    Post.objects.filter(pk=post.pk).update(state="published")
    client.post(f"/posts/{post.pk}/fill", {"form_key": key, "caption": "x"})
    assert SAVED_COOKIE not in client.cookies


# --- after the session has ended


def signed_out(client: Client) -> None:
    """The session is gone; everything else of the browser stays."""
    client.cookies.pop("sessionid")


def log_in(client: Client, path: str, name: str = "editor") -> Any:
    answer = client.post(
        "/login", {"username": name, "password": PASSWORD, "next": path}
    )
    assert answer["Location"] == path
    return client.get(path)


def test_what_was_typed_is_in_the_form_after_signing_in(
    browse: Any, editor: User
) -> None:
    client = browse(editor)
    key = key_on(client, "/content/new?from=menu", "content")
    signed_out(client)
    answer = client.post("/content/new", new_content(form_key=key))
    assert answer["Location"] == "/login?next=/content/new%3Ffrom%3Dmenu"
    login = client.get(answer["Location"]).content.decode()
    assert "You were logged out before the form was saved" in login
    assert "Drain" not in login
    page = log_in(client, "/content/new?from=menu").content.decode()
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE
    assert "Nothing was saved yet. Check the form and send it" in page
    fields = shown_fields(page, "content")
    assert unescape(fields["title"][0]) == "Frost & thaw"
    assert (fields["caption"], fields["notes"]) == ('Drain the "tap".\n\nNow.', "<b>")
    assert not ContentItem.objects.exists()
    again = client.get("/content/new?from=menu").content.decode()
    assert "Drain the" not in again
    assert client.post("/content/new", fields).status_code == 302


def test_choices_come_back_too_and_files_are_asked_for(
    browse: Any, editor: User, channel: ChannelAccount
) -> None:
    other = make_channel(channel.workspace, platform="x", name="Ex")
    client = browse(editor)
    key = key_on(client, "/posts/new", "post-new")
    signed_out(client)
    sent = {"title": "Frost", "channels": str(other.pk), "time": "11:11"}
    client.post("/posts/new", sent | {"form_key": key, "files": upload()})
    page = log_in(client, "/posts/new").content.decode()
    fields = shown_fields(page, "post-new")
    assert (fields["channels"], fields["time"]) == ([str(other.pk)], ["11:11"])
    assert "Choose your files again" in page


def test_it_comes_back_in_the_workspace_it_was_written_in(
    browse: Any, editor: User
) -> None:
    other = Workspace.objects.create(slug="aaa", name="Another", zone="UTC")
    join(editor, other, Role.EDITOR)
    client = browse(editor)
    client.post("/workspaces/switch", {"workspace": "h2o"})
    key = key_on(client, "/content/new", "content")
    signed_out(client)
    client.post("/content/new", new_content(form_key=key))
    fields = shown_fields(log_in(client, "/content/new").content.decode(), "content")
    client.post("/content/new", fields)
    assert ContentItem.objects.get().workspace.slug == "h2o"


def test_nobody_else_gets_it(browse: Any, editor: User, manager: User) -> None:
    client = browse(editor)
    key = key_on(client, "/content/new", "content")
    signed_out(client)
    client.post("/content/new", new_content(form_key=key))
    page = log_in(client, "/content/new", "manager").content.decode()
    assert "Drain" not in page
    assert IN_SESSION not in client.session


def test_it_is_sealed_and_kept_for_half_an_hour(browse: Any, editor: User) -> None:
    client = browse(editor)
    key = key_on(client, "/content/new", "content")
    signed_out(client)
    client.post("/content/new", new_content(form_key=key))
    assert "Drain" not in str(client.session[IN_SESSION])
    assert client.session.get_expiry_age() == 30 * 60
    client.force_login(editor, backend="workspaces.backends.EmailOrUsername")
    with time_machine.travel(timedelta(minutes=31)):
        page = client.get("/content/new").content.decode()
    assert "Drain" not in page
    assert IN_SESSION not in client.session


def test_nothing_is_left_of_it_for_those_who_never_come_back(
    browse: Any, editor: User
) -> None:
    client = browse(editor)
    key = key_on(client, "/content/new", "content")
    Session.objects.all().delete()
    client.post("/content/new", new_content(form_key=key))
    assert forget_old_sessions() == 0
    with time_machine.travel(timedelta(minutes=31)):
        assert forget_old_sessions() == 1


@pytest.mark.parametrize("key", ["", "forged", "x:y:z"])
def test_without_a_key_of_ours_nothing_is_kept(
    browse: Any, editor: User, key: str
) -> None:
    client = browse()
    answer = client.post(
        "/content/new",
        new_content(form_key=key),
        headers={"referer": "http://testserver/content?q=a"},
    )
    assert answer["Location"] == "/login?next=/content%3Fq%3Da"
    assert "sessionid" not in client.cookies


def test_too_much_is_not_carried(browse: Any, editor: User) -> None:
    client = browse(editor)
    key = key_on(client, "/content/new", "content")
    signed_out(client)
    answer = client.post(
        "/content/new", new_content(form_key=key, caption="x" * 200_001)
    )
    assert answer["Location"] == "/login?next=/content/new"
    assert IN_SESSION not in client.session


def test_a_press_without_a_session_leads_back_to_its_page(browse: Any) -> None:
    client = browse()
    for referer, page in (
        ("http://testserver/calendar", "/calendar"),
        ("https://elsewhere.example/calendar", "/"),
        ("", "/"),
    ):
        answer = client.post("/calendar/top-off", headers={"referer": referer})
        assert answer["Location"] == f"/login?next={page}"


def test_a_piece_of_a_page_is_not_replaced_by_the_sign_in_page(browse: Any) -> None:
    answer = browse().get("/calendar", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (401, b"")


# --- with a token that is too old


@pytest.fixture
def strict(editor: User) -> Client:
    client = Client(enforce_csrf_checks=True, headers={"accept": "text/html"})
    client.force_login(editor, backend="workspaces.backends.EmailOrUsername")
    return client


def test_a_form_with_an_old_token_is_shown_again_with_a_new_one(
    strict: Client,
) -> None:
    fields = shown_fields(strict.get("/content/new").content.decode(), "content")
    fields |= new_content()
    strict.cookies.pop("csrftoken")
    # As after signing in again in another tab: a cookie, but another one.
    strict.get("/content/new")
    answer = strict.post("/content/new", fields)
    assert answer["Location"] == "/content/new"
    assert not ContentItem.objects.exists()
    page = strict.get("/content/new").content.decode()
    assert strict.post("/content/new", shown_fields(page, "content")).status_code == 302
    assert ContentItem.objects.get().notes == "<b>"


def test_a_piece_with_an_old_token_is_no_page(strict: Client) -> None:
    fields = shown_fields(strict.get("/posts/new").content.decode(), "post-new")
    strict.cookies.pop("csrftoken")
    strict.get("/content/new")
    answer = strict.post("/posts/new/preview", fields, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (403, b"")
    assert IN_SESSION not in strict.session


def test_forms_of_other_sites_are_refused(
    strict: Client, editor: User, manager: User
) -> None:
    """They have no key, or that of a form that was shown to whoever made them."""
    strict.get("/content/new")
    plain = strict.post("/content/new", new_content())
    assert plain.status_code == 403
    assert b"press the button again" in plain.content
    assert b"eload" not in plain.content
    foreign = str(new_key(manager.pk, "h2o", "content", "/content/new"))
    answer = strict.post("/content/new", new_content(form_key=foreign))
    assert answer.status_code == 403
    assert b"logged in as somebody else" in answer.content
    assert b"Drain" not in strict.get("/content/new").content
    assert not ContentItem.objects.exists()


def test_the_page_about_an_old_token_leads_back(strict: Client) -> None:
    answer = strict.post(
        "/calendar/top-off", headers={"referer": "http://testserver/calendar?view=week"}
    )
    assert answer.status_code == 403
    assert 'href="/calendar?view=week"' in answer.content.decode()


def test_a_form_of_somebody_else_does_nothing(
    browse: Any, editor: User, manager: User
) -> None:
    key = key_on(browse(manager), "/content/new", "content")
    answer = browse(editor).post("/content/new", new_content(form_key=key))
    assert answer.status_code == 403
    assert not ContentItem.objects.exists()


def test_a_new_token_comes_with_who_is_signed_in(browse: Any, editor: User) -> None:
    answer = browse(editor).get("/form-token")
    assert answer.json()["person"] == str(editor.pk)
    assert "no-store" in answer["Cache-Control"]
    assert browse().get("/form-token").json()["person"] == ""


# --- putting values back


def test_only_the_form_of_the_draft_is_filled() -> None:
    page = (
        '<svg viewBox="0 0 1 1"/><form><input name="a" value="1"></form>'
        '<form><input type="hidden" name="form_key" data-draft="d" value="k">'
        '<input name="a" value="1"><input name="a"><input type="checkbox" name="b" checked>'
        '<input type="password" name="p"><select name="s"><option value="1" selected>'
        '<option value="2"></select><textarea name="t">old &amp; new</textarea>'
        "&copy;<!-- c --></form>"
    )
    fields = {"a": ["x", '"'], "s": ["2"], "t": ["</textarea>"], "p": ["secret"]}
    filled = refill(page, "d", fields, "<p>!</p>")
    assert filled is not None
    assert filled.startswith(
        '<svg viewBox="0 0 1 1"/><form><input name="a" value="1"></form>'
    )
    assert 'value="x"' in filled
    assert 'value="&quot;"' in filled
    assert "checked" not in filled
    assert "secret" not in filled
    assert '<option value="1"><option value="2" selected>' in filled
    assert "old" not in filled
    assert "\n&lt;/textarea&gt;</textarea>&copy;<!-- c --></form>" in filled
    assert refill(page, "other", fields, "") is None
