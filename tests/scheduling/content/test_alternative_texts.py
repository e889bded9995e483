"""What a picture shows, for people who cannot see it: kept beside the content, shown
with the picture, and sent with it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.base import ContentFile
from media_files import film, picture, put_beside, upload
from platforms import Platform
from scheduling_parts import due_on, run

from cast import make_channel, make_content, make_post
from common.errors import InvalidInput, Missing
from scheduling.content import media
from scheduling.domain.platforms.rules import IMAGE, Draft, Media, check
from scheduling.models import ContentItem, MediaFile, OutboxPost, Post
from scheduling.models.media import LONGEST_ALT, media_of
from scheduling.posts.groups import change
from scheduling.posts.place import Order
from scheduling.posts.placements import place
from workspaces.models import AuditEntry, User, Workspace

pytestmark = pytest.mark.django_db
TEXT = "A heron stands in a flooded cellar."
ROOT = "/api/v1/marketing"


def alts(item: ContentItem) -> list[str]:
    return [file.alt for file in media_of(item)]


@pytest.fixture
def pictured(content: ContentItem) -> ContentItem:
    put_beside(content, picture(), "heron.jpg", alt=TEXT)
    return content


def test_each_content_has_its_own_text_of_a_file(
    editor: User, workspace: Workspace, pictured: ContentItem
) -> None:
    [file] = media_of(pictured)
    other = make_content(workspace)
    media.attach(editor, other.pk, file.pk)
    media.describe(editor, other.pk, file.pk, "Nothing but water")
    assert (alts(pictured), alts(other)) == ([TEXT], ["Nothing but water"])
    rows = ContentItem.objects.prefetch_related("media_places__media")
    both = {item.pk: alts(item) for item in rows.real()}
    assert both == {pictured.pk: [TEXT], other.pk: ["Nothing but water"]}


def test_the_library_offers_the_first_text_to_other_content(
    editor: User, workspace: Workspace, content: ContentItem
) -> None:
    file = put_beside(content, picture())
    media.describe(editor, content.pk, file.pk, f"  {TEXT}\r\nSecond line ")
    media.describe(editor, content.pk, file.pk, "Another")
    other = make_content(workspace)
    media.attach(editor, other.pk, file.pk)
    assert alts(other) == [f"{TEXT}\nSecond line"]
    entry = AuditEntry.objects.filter(action="described").latest("pk")
    assert entry.after == {"media": str(file.pk), "alt": "Another"}


def test_files_that_are_arranged_keep_their_texts(
    editor: User, pictured: ContentItem
) -> None:
    [first] = media_of(pictured)
    second = put_beside(pictured, picture(color="red"))
    media.arrange(editor, pictured.pk, [second.pk, first.pk])
    assert alts(pictured) == ["", TEXT]
    media.arrange(editor, pictured.pk, [first.pk, second.pk], {second.pk: "Red"})
    assert alts(pictured) == [TEXT, "Red"]


def test_content_that_is_copied_keeps_its_texts(
    editor: User, workspace: Workspace, pictured: ContentItem
) -> None:
    channel = make_channel(workspace)
    group = place(editor, workspace, Order(pictured.pk, (channel.pk,))).group
    make_post(make_channel(workspace, name="Other"), pictured)
    copied = change(editor, group, {"caption": "Of its own"}).content
    assert copied.pk != pictured.pk
    assert alts(copied) == [TEXT]


def test_texts_that_are_too_long_and_files_of_other_content_are_refused(
    editor: User, workspace: Workspace, pictured: ContentItem
) -> None:
    [file] = media_of(pictured)
    with pytest.raises(InvalidInput, match="at most 2000 characters; this has 2001"):
        media.describe(editor, pictured.pk, file.pk, "a" * (LONGEST_ALT + 1))
    with pytest.raises(Missing):
        media.describe(editor, make_content(workspace).pk, file.pk, "No")
    assert alts(pictured) == [TEXT]


@pytest.mark.parametrize(
    ("name", "most"),
    [("mastodon", 1500), ("bluesky", 2000), ("x", 1000), ("discord", 1024)],
)
def test_platforms_limit_the_text(name: str, most: int) -> None:
    def rules(alt: str) -> list[str]:
        draft = Draft(name, "post", media=(Media(IMAGE, alt=alt),))
        return [finding.rule for finding in check(draft) if finding.blocks]

    assert rules("a" * most) == []
    assert rules("a" * (most + 1)) == ["alt_length"]


# --- doors


def test_the_api_takes_and_tells_them(
    api: Any, editor: User, viewer: User, content: ContentItem
) -> None:
    program = api(editor)
    sent = {"file": upload("heron.jpg"), "alt_text": TEXT}
    kept = program.post(f"{ROOT}/media/upload?tenant_id=h2o", sent).json()
    assert kept["alt_text"] == TEXT
    [listed] = program.get(f"{ROOT}/media?tenant_id=h2o").json()
    assert listed["alt_text"] == TEXT
    files = f"{ROOT}/content-items/{content.pk}/media"
    order = {"media_ids": [kept["id"]]}
    body = program.put(files, order, format="json").json()
    assert body["media_assets"][0]["alt_text"] == TEXT
    texts = {"alt_texts": {kept["id"]: "Another"}}
    body = program.put(files, order | texts, format="json").json()
    assert body["media_assets"][0]["alt_text"] == "Another"
    one = f"{files}/{kept['id']}"
    body = program.patch(one, {"alt_text": ""}, format="json").json()
    assert body["media_assets"][0]["alt_text"] is None
    red = upload("red.jpg", picture(color="red"))
    more = program.post(files, {"file": red, "alt_text": "Red"}).json()
    assert more["alt_text"] == "Red"
    [item] = program.get(f"{ROOT}/content-items?tenant_id=h2o").json()
    assert [file["alt_text"] for file in item["media_assets"]] == [None, "Red"]
    refused = api(viewer).patch(one, {"alt_text": "No"}, format="json")
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"alt_texts": {"00000000-0000-4000-8000-000000000000": "x"}}, "alt_texts"),
        ({"alt_texts": {"no id": "x"}}, "alt_texts"),
        ({"alt_texts": "x"}, "alt_texts"),
    ],
)
def test_texts_of_strange_files_are_refused(
    api: Any, editor: User, pictured: ContentItem, body: Any, field: str
) -> None:
    [file] = media_of(pictured)
    order = {"media_ids": [str(file.pk)]} | body
    path = f"{ROOT}/content-items/{pictured.pk}/media"
    answer = api(editor).put(path, order, format="json")
    assert answer.status_code == 422
    assert field in str(answer.json())


def test_the_contents_page_shows_and_changes_them(
    browse: Any, editor: User, viewer: User, stranger: User, pictured: ContentItem
) -> None:
    [file] = media_of(pictured)
    page = f"/content/{pictured.pk}"
    assert f'alt="{TEXT}"' in browse(viewer).get(page).content.decode()
    assert "<textarea" not in browse(viewer).get(page).content.decode()
    change_page = f"{page}/media/{file.pk}/alt"
    answer = browse(editor).post(change_page, {"alt": "Two herons"}, follow=True)
    assert "Alternative text saved." in answer.content.decode()
    assert 'alt="Two herons"' in answer.content.decode()
    too_long = browse(editor).post(change_page, {"alt": "a" * 2001}, follow=True)
    assert "at most 2000 characters" in too_long.content.decode()
    for somebody, status in ((viewer, 403), (stranger, 404)):
        assert browse(somebody).post(change_page, {"alt": ""}).status_code == status
    assert alts(pictured) == ["Two herons"]


def test_lists_and_pages_of_posts_show_them(
    browse: Any, viewer: User, workspace: Workspace, pictured: ContentItem
) -> None:
    post = make_post(make_channel(workspace), pictured)
    for page in ("/content", "/schedule?show=drafts", f"/posts/{post.pk}"):
        assert f'alt="{TEXT}"' in browse(viewer).get(page).content.decode(), page


def test_a_new_post_takes_one_for_each_file(
    browse: Any, editor: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace)
    form = {
        "title": "Herons",
        "channels": [str(channel.pk)],
        "date": "2027-01-01",
        "time": "09:00",
        "files": [upload("a.jpg"), upload("b.jpg", picture(color="red"))],
        "alt": ["A heron", "A red one"],
    }
    answer = browse(editor).post("/posts/new", form)
    assert answer.status_code == 302, answer.content.decode()
    assert alts(Post.objects.get().content) == ["A heron", "A red one"]


def test_what_is_typed_stays_where_the_form_is_refused(
    browse: Any, editor: User, workspace: Workspace
) -> None:
    make_channel(workspace)
    form = {"title": "Herons", "date": "2027-01-01", "alt": ["A heron", "A red one"]}
    text = browse(editor).post("/posts/new", form).content.decode()
    assert text.count('name="alt"') == 2
    assert "A red one" in text


# --- networks


def sent_with(name: str, fake: Platform, workspace: Workspace, *files: bytes) -> Post:
    post = due_on(name, fake, workspace)
    for number, data in enumerate(files):
        put_beside(post.content, data, alt=f"{TEXT} {number}")
    assert run(post).state == "published", post.last_error
    return post


def test_mastodon_gets_descriptions(
    platform: Platform,
    workspace: Workspace,
) -> None:
    sent_with("mastodon", platform, workspace, picture(), picture(color="red"))
    uploads = [asked for asked in platform.asked if asked.path == "/api/v2/media"]
    for number, asked in enumerate(uploads):
        part = f'name="description"\r\n\r\n{TEXT} {number}\r\n'.encode()
        assert part in asked.body


def test_bluesky_gets_alts(
    platform: Platform,
    workspace: Workspace,
) -> None:
    sent_with("bluesky", platform, workspace, picture(), picture(color="red"))
    [record] = platform.records.values()
    images = record["embed"]["images"]
    assert [image["alt"] for image in images] == [f"{TEXT} 0", f"{TEXT} 1"]


def test_bluesky_gets_the_alt_of_a_video(
    platform: Platform,
    workspace: Workspace,
) -> None:
    sent_with("bluesky", platform, workspace, film(5))
    [record] = platform.records.values()
    assert record["embed"]["alt"] == f"{TEXT} 0"


def test_wordpress_gets_alt_texts_in_the_library_and_in_the_article(
    platform: Platform,
    workspace: Workspace,
) -> None:
    sent_with("wordpress", platform, workspace, picture(), picture(color="red"))
    assert [file["alt_text"] for file in platform.files] == [f"{TEXT} 0", f"{TEXT} 1"]
    assert f'alt="{TEXT} 1"' in platform.articles[0]["content"]


def test_discord_gets_descriptions(
    platform: Platform,
    workspace: Workspace,
) -> None:
    post = due_on("discord", platform, workspace)
    address = f"{platform.url}/api/webhooks/1/secret"
    post.account.credential = address
    post.account.save()
    put_beside(post.content, picture(), alt=TEXT)
    put_beside(post.content, picture(color="red"))
    assert run(post).state == "published", post.last_error
    body = platform.asked[-1].body
    payload = body.partition(b"\r\n\r\n")[2].partition(b"\r\n")[0]
    attachments = json.loads(payload)["attachments"]
    assert [(row["id"], row.get("description")) for row in attachments] == [
        (0, TEXT),
        (1, None),
    ]


def test_a_webhook_gets_alt_texts(
    platform: Platform,
    workspace: Workspace,
) -> None:
    sent_with("webhook", platform, workspace, picture())
    assert platform.asked[0].json()["media"][0]["alt_text"] == f"{TEXT} 0"


def test_the_test_feed_keeps_and_shows_those_of_then(
    browse: Any, viewer: User, editor: User, workspace: Workspace, pictured: ContentItem
) -> None:
    channel = make_channel(workspace)
    post = make_post(channel, pictured, state="scheduled")
    Post.objects.filter(pk=post.pk).update(due_at=post.created_at)
    assert run(post).state == "published"
    [file] = media_of(pictured)
    media.describe(editor, pictured.pk, file.pk, "Changed since")
    assert [file.alt for file in OutboxPost.objects.get().files] == [TEXT]
    assert f'alt="{TEXT}"' in browse(viewer).get("/outbox").content.decode()


def test_known_bytes_get_the_new_text(editor: User, workspace: Workspace) -> None:
    for text in ("", TEXT, ""):
        media.add_media(workspace, ContentFile(picture(), "a.jpg"), editor, text)
    assert MediaFile.objects.get().alt == TEXT
