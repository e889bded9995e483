"""Generated texts by pages without scripts, and by pieces of pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cast import make_channel, make_post
from scheduling.content.services import change_content
from scheduling.models import ChannelAccount, ContentItem, Post, WritingRun
from scheduling.writing import worker as writing
from templates_ai.models import Generation
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
ABOUT = {"about": "the first boat of the year", "count": "3"}


@pytest.fixture
def channel(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace, platform="bluesky", name="H2O on Bluesky")


def test_a_variant_is_chosen_by_forms(browse, editor: User, slot: Post) -> None:
    client = browse(editor)
    assert "Write it for me" in client.get(f"/posts/{slot.pk}").content.decode()
    page = client.post(f"/posts/{slot.pk}/write", ABOUT).content.decode()
    assert page.count("Use this") == 3
    # Each is shown, and sent along by its button.
    assert page.count("Outline, not a text yet") == 6
    number = Generation.objects.latest("pk").pk
    chosen = {
        "title": "Mine",
        "caption": "Caption",
        "hashtags": "#a #b",
        "generation": number,
    }
    assert (
        client.post(f"/posts/{slot.pk}/write/use", chosen)["Location"]
        == f"/posts/{slot.pk}"
    )
    page = client.get(f"/posts/{slot.pk}").content.decode()
    assert "This text was generated" in page
    slot.refresh_from_db()
    assert (slot.state, slot.content.title, slot.content.generation_id) == (
        "draft",
        "Mine",
        number,
    )


def test_the_piece_has_the_variants_and_nothing_around_them(
    browse, editor: User, slot: Post
) -> None:
    answer = browse(editor).post(
        f"/posts/{slot.pk}/write", ABOUT, headers={"hx-request": "true"}
    )
    page = answer.content.decode()
    assert page.count("Use this") == 3
    assert "<html" not in page


def test_a_slot_is_filled_at_once_from_either(
    browse, editor: User, channel: ChannelAccount
) -> None:
    first, second = (
        make_post(channel, at=timezone.now() + timedelta(hours=n)) for n in (1, 2)
    )
    client = browse(editor)
    plain = client.post(f"/posts/{first.pk}/write", ABOUT | {"fill": "1"})
    piece = client.post(
        f"/posts/{second.pk}/write",
        ABOUT | {"fill": "1"},
        headers={"hx-request": "true"},
    )
    assert plain["Location"] == f"/posts/{first.pk}"
    assert piece["HX-Redirect"] == f"/posts/{second.pk}"
    assert set(Post.objects.values_list("state", flat=True)) == {"draft"}


def test_nothing_typed_is_lost_when_something_is_missing(
    browse, editor: User, slot: Post
) -> None:
    answer = browse(editor).post(
        f"/posts/{slot.pk}/write", {"about": "", "tone": "calm <b>", "count": "3"}
    )
    assert answer.status_code == 422
    assert 'value="calm &lt;b&gt;"' in answer.content.decode()


def test_what_an_engine_says_is_text_and_never_markup(
    browse, editor: User, slot: Post
) -> None:
    evil = ABOUT | {
        "about": "<script>alert(1)</script> \u202e and '\"><img src=x onerror=alert(1)>"
    }
    page = browse(editor).post(f"/posts/{slot.pk}/write", evil).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "Use this" in page


def test_content_is_written_for_platforms_and_kept(browse, editor: User) -> None:
    client = browse(editor)
    page = client.post(
        "/content/write", ABOUT | {"platforms": ["x", "linkedin"], "count": "2"}
    ).content.decode()
    assert page.count("Keep as content") == 4
    kept = client.post(
        "/content/write/keep", {"title": "T", "caption": "C", "hashtags": "#a"}
    )
    assert kept["Location"] == f"/content/{ContentItem.objects.real().get().pk}"
    assert (
        client.post("/content/write/keep", {"title": ""})["Location"]
        == "/content/write"
    )
    many = client.post(
        "/content/write",
        ABOUT | {"platforms": ["x", "linkedin", "youtube", "tiktok", "mastodon"]},
    )
    assert many.status_code == 422


def test_a_week_is_filled_watched_and_approved_by_forms(
    browse,
    editor: User,
    viewer: User,
    channel: ChannelAccount,
    django_capture_on_commit_callbacks,
) -> None:
    for n in range(4):
        make_post(channel, at=timezone.now() + timedelta(hours=6 * n + 5))
    client, today = browse(editor), timezone.now().date()
    form = ABOUT | {
        "first": str(today - timedelta(days=1)),
        "last": str(today + timedelta(days=7)),
    }
    assert client.post("/writing/new", form | {"last": "2020-01-01"}).status_code == 422
    assert (
        "no empty slots"
        in client.post(
            "/writing/new", form | {"first": "2020-01-01", "last": "2020-01-02"}
        ).content.decode()
    )
    with django_capture_on_commit_callbacks() as bells:
        made = client.post("/writing/new", form)
    run = WritingRun.objects.get()
    assert made["Location"] == f"/writing/{run.pk}"
    page = client.get(made["Location"]).content.decode()
    assert f'data-progress="writing:{run.pk}"' in page
    assert bells
    writing.run(run.pk, "w")
    page = client.get(made["Location"], headers={"hx-request": "true"}).content.decode()
    assert "4 of 4 slots" in page
    assert "4 outlines wait for you to" in " ".join(page.split())
    assert "Approve and schedule" not in page
    told = client.post(f"/writing/{run.pk}/approve", follow=True).content.decode()
    assert "Left as a draft: This is an outline." in told
    for item in ContentItem.objects.real():
        change_content(editor, item.pk, {"caption": "Written by a person."})
    page = client.get(made["Location"], headers={"hx-request": "true"}).content.decode()
    assert "4 generated drafts wait" in page
    assert (
        "Approve and schedule"
        not in browse(viewer).get(made["Location"]).content.decode()
    )
    assert (
        "Scheduled 4 posts."
        in client.post(f"/writing/{run.pk}/approve", follow=True).content.decode()
    )
    assert set(Post.objects.values_list("state", flat=True)) == {"scheduled"}
    assert "4 of 4" in client.get("/writing").content.decode()


def test_a_finished_run_says_why_it_cannot_be_canceled(
    browse, editor: User, slot: Post, workspace: Workspace
) -> None:
    run = WritingRun.objects.create(
        workspace=workspace, start=timezone.now(), end=timezone.now(), state="completed"
    )
    page = (
        browse(editor).post(f"/writing/{run.pk}/cancel", follow=True).content.decode()
    )
    assert "it cannot become canceled" in page


def test_the_run_page_asks_the_database_no_more_for_more_slots(
    browse,
    editor: User,
    viewer: User,
    workspace: Workspace,
    django_assert_max_num_queries,
) -> None:
    from scheduling.writing.brief import Brief
    from scheduling.writing.services import start_run

    for n in range(12):
        make_post(
            make_channel(workspace, name=f"c{n}"),
            at=timezone.now() + timedelta(hours=n + 1),
        )
    run = start_run(
        editor,
        workspace,
        Brief(about="boats"),
        timezone.now(),
        timezone.now() + timedelta(days=2),
    )
    writing.run(run.pk, "w")
    client = browse(viewer)
    with django_assert_max_num_queries(12):
        assert client.get(f"/writing/{run.pk}").status_code == 200
