"""What each platform is sent, step by step: drafts, sessions, uploads, facets; and what
fails before the last step.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.utils import timezone
from media_files import film, picture
from platforms import (
    ACCEPT,
    DROP_AFTER,
    FAIL_AFTER,
    FAIL_BEFORE,
    LIMIT,
    REFUSE,
    Platform,
)
from scheduling_parts import due_on, run, run_and_wait_for, try_again

from cast import make_channel, make_content, make_post
from common.errors import InvalidInput
from common.outgoing import Answer
from common.secrets import seal
from scheduling.channels import connections
from scheduling.content.media import add_media
from scheduling.domain import states
from scheduling.domain.platforms.catalogue import PLATFORMS
from scheduling.models import Attempt, ContentMedia, OutboxPost, Post
from scheduling.networks.base import Job
from scheduling.networks.bluesky import publish as bluesky
from scheduling.networks.bluesky.facets import facets_of
from scheduling.networks.mastodon import publish as mastodon
from scheduling.networks.wordpress import publish as wordpress
from scheduling.posts import services as posts
from scheduling.publishing import publish as publishing
from scheduling.publishing import resolve
from workspaces.models import Workspace

pytestmark = [pytest.mark.django_db]


def with_media(post: Post, *files: bytes) -> Post:
    for place, content in enumerate(files):
        media = add_media(post.workspace, ContentFile(content, "file"))
        ContentMedia.objects.create(content=post.content, media=media, position=place)
    return post


@pytest.fixture
def article(platform: Platform, workspace: Workspace) -> Post:
    return due_on("wordpress", platform, workspace)


@pytest.fixture
def toot(platform: Platform, workspace: Workspace) -> Post:
    return due_on("mastodon", platform, workspace)


@pytest.fixture
def skeet(platform: Platform, workspace: Workspace) -> Post:
    return due_on("bluesky", platform, workspace)


# --- before the point of no return
# ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mastodon", "wordpress", "bluesky"])
@pytest.mark.parametrize("step", [FAIL_BEFORE, FAIL_AFTER, DROP_AFTER])
def test_what_fails_while_preparing_is_no_doubt_but_a_retry(
    platform: Platform, workspace: Workspace, name: str, step: str
) -> None:
    post = with_media(due_on(name, platform, workspace), picture())
    platform.early = [step]
    assert (run(post).state, platform.live.total()) == ("scheduled", 0)
    assert Attempt.objects.get().sent_at is None
    assert (try_again(post).state, list(platform.live.values())) == ("published", [1])


@pytest.mark.parametrize("name", ["mastodon", "wordpress", "bluesky"])
def test_a_wait_asked_for_while_preparing_is_kept(
    platform: Platform, workspace: Workspace, name: str
) -> None:
    post = with_media(due_on(name, platform, workspace), picture())
    platform.early, platform.retry_after = [LIMIT], "600"
    run_and_wait_for(post, 600, 600)


@pytest.mark.parametrize(
    ("name", "early"),
    [
        ("mastodon", [REFUSE]),
        ("wordpress", [REFUSE]),
        # It is signed in to first.
        ("bluesky", [ACCEPT, REFUSE]),
    ],
)
def test_a_refused_upload_is_final_and_no_other_follows(
    platform: Platform, workspace: Workspace, name: str, early: list[str]
) -> None:
    files = picture(), picture(color="red"), picture(color="blue")
    post = with_media(due_on(name, platform, workspace), *files)
    platform.early = early
    assert (run(post).state, post.last_error) == (
        "failed",
        "The platform answered 422. no: refuse",
    )
    uploads = [
        request
        for request in platform.asked
        if request.path.endswith(("/media", "uploadBlob"))
    ]
    assert len(uploads) == 1


def test_a_worker_cut_off_while_preparing_leaves_nothing_in_doubt(
    article: Post, platform: Platform
) -> None:
    attempt = publishing.claim(article.pk, "dead")
    job = publishing.job_of(attempt)
    publishing.find_publisher("wordpress").prepare(job)
    Attempt.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    resolve.reap()
    article.refresh_from_db()
    assert article.state == states.SCHEDULED
    assert (
        try_again(article).state,
        list(platform.live.values()),
        len(platform.articles),
    ) == ("published", [1], 1)


def test_a_lost_file_is_told_and_nothing_is_sent(
    toot: Post, platform: Platform
) -> None:
    media = with_media(toot, picture()).content.media_places.get().media
    media.file.storage.delete(media.file.name)
    assert run(toot).last_error.startswith("While preparing: FileNotFoundError")
    assert platform.posts() == []


# --- WordPress
# ------------------------------------------------------------------------------------------


def test_wordpress_gets_a_draft_and_then_one_word(
    article: Post, platform: Platform
) -> None:
    post = run(with_media(article, picture(), picture(color="red"), film()))
    row = platform.articles[0]
    assert (row["title"], row["status"], len(platform.articles)) == (
        "Five signs",
        "publish",
        1,
    )
    assert (
        row["content"].startswith("<p>A rumble, a drip.</p>")
        and row["content"].count("<figure>") == 2
    )
    assert (
        '<a href="https://h2o.example/signs"' in row["content"]
        and "<video controls" in row["content"]
    )
    assert [asked.json() for asked in platform.posts()] == [{"status": "publish"}]
    pair = base64.b64decode(
        platform.asked[0].headers["authorization"].removeprefix("Basic ")
    ).decode()
    assert pair == "h2o:a secret of the channel"
    assert (post.external_id, post.url) == (str(row["id"]), row["link"])


def test_wordpress_text_is_no_markup(article: Post, platform: Platform) -> None:
    Post.objects.update(caption_override="<script>alert(1)</script>")
    run(article)
    assert "<script" not in platform.articles[0]["content"]


def test_wordpress_drafts_are_found_again_and_brought_up_to_date(
    article: Post, platform: Platform
) -> None:
    platform.script = [LIMIT]
    run(article)
    assert [row["status"] for row in platform.articles] == ["draft"]
    Post.objects.update(caption_override="Newer words")
    try_again(article)
    assert [
        (row["status"], "Newer words" in row["content"]) for row in platform.articles
    ] == [("publish", True)]


def test_wordpress_gets_each_file_once_however_often_the_article_is_tried(
    article: Post, platform: Platform
) -> None:
    with_media(article, picture(), picture(color="red"))
    platform.early = [ACCEPT, ACCEPT, FAIL_BEFORE, FAIL_BEFORE]
    assert run(article).state == "scheduled"
    assert try_again(article).state == "scheduled"
    assert try_again(article).state == "published"
    uploads = [asked for asked in platform.asked if asked.path.endswith("/media")]
    assert len(uploads) == len(platform.files) == 2
    lead, other = platform.files
    assert platform.articles[0]["featured_media"] == lead["id"]
    assert other["source_url"] in platform.articles[0]["content"]


def test_wordpress_that_may_not_publish_is_a_refusal() -> None:
    outcome = wordpress.judge_published(
        Answer(200, b'{"id": 3, "status": "pending"}', httpx.Headers())
    )
    assert "may not publish" in outcome.reason


# --- Bluesky
# --------------------------------------------------------------------------------------------


def test_bluesky_gets_a_record_with_facets_and_images(
    skeet: Post, platform: Platform
) -> None:
    text = (
        "Ünder höuse 🚿 ask @plumber.example or @nobody.example, see "
        "https://h2o.example/a_(b). #Heating"
    )
    Post.objects.update(caption_override=text)
    post = run(with_media(skeet, picture(), picture(color="red", size=(30, 40))))
    made = next(iter(platform.records.values()))
    spans = [
        (one["index"]["byteStart"], one["index"]["byteEnd"], one["features"][0])
        for one in made["facets"]
    ]
    said = {text.encode()[start:end].decode(): feature for start, end, feature in spans}
    assert said == {
        "@plumber.example": {
            "$type": "app.bsky.richtext.facet#mention",
            "did": "did:plc:plumber",
        },
        "https://h2o.example/a_(b)": {
            "$type": "app.bsky.richtext.facet#link",
            "uri": "https://h2o.example/a_(b)",
        },
        "#Heating": {"$type": "app.bsky.richtext.facet#tag", "tag": "Heating"},
    }
    assert made["embed"]["$type"] == "app.bsky.embed.images"
    assert [image["aspectRatio"] for image in made["embed"]["images"]] == [
        {"width": 64, "height": 48},
        {"width": 30, "height": 40},
    ]
    key = next(iter(platform.records))
    assert post.external_id == f"at://did:plc:h2o/app.bsky.feed.post/{key}"
    assert post.url == f"https://bsky.app/profile/did:plc:h2o/post/{key}"


def test_bluesky_gets_one_video(skeet: Post, platform: Platform) -> None:
    run(with_media(skeet, film(5, (640, 360))))
    embed = next(iter(platform.records.values()))["embed"]
    assert (embed["$type"], embed["aspectRatio"]) == (
        "app.bsky.embed.video",
        {"width": 640, "height": 360},
    )


def test_bluesky_signs_in_once_for_many_posts_and_anew_when_the_session_ends(
    skeet: Post, platform: Platform, workspace: Workspace
) -> None:
    run(skeet)
    other = Post.objects.create(
        workspace=workspace,
        account=skeet.account,
        content=skeet.content,
        state=states.SCHEDULED,
        scheduled_at=timezone.now() - timedelta(seconds=9),
        due_at=timezone.now(),
    )
    run(other)
    sign_ins = [asked for asked in platform.asked if "createSession" in asked.path]
    assert (len(sign_ins), sign_ins[0].json()["identifier"]) == (1, "h2o")
    Post.objects.filter(pk=other.pk).update(
        state=states.SCHEDULED, epoch=2, due_at=timezone.now(), tries=0
    )
    job = publishing.job_of(Attempt.objects.first())
    cache.set(bluesky.session_name(job), seal(json.dumps(["old", "did:plc:h2o"])), 60)
    assert run(other).last_error == "The session had ended."
    assert try_again(other).state == "published"
    assert set(platform.live.values()) == {1}


def job(**fields: Any) -> Job:
    post = uuid4()
    values = {
        "post_id": post,
        "account_id": uuid4(),
        "platform": "bluesky",
        "title": "",
        "text": "",
        "link": "",
        "dedupe_key": f"{post}:1",
        "made_at": timezone.now(),
    }
    return Job(**values | fields)


def test_bluesky_keys_are_tids_equal_on_every_try_and_different_for_every_post() -> (
    None
):
    one = job()
    assert bluesky.record_key(one) == bluesky.record_key(one)
    keys = {bluesky.record_key(job(made_at=one.made_at)) for _ in range(2000)}
    assert len(keys) == 2000
    assert all(
        len(key) == 13
        and key[0] in "234567abcdefghij"
        and set(key) <= set(bluesky.DIGITS)
        for key in keys
    )
    later = job(made_at=one.made_at + timedelta(days=1))
    assert bluesky.record_key(later) > max(keys)


def test_facets_keep_off_what_is_none() -> None:
    text = "mail a@b.example, C# and #1, https://x.example/#part, ##no, @x"
    assert [
        facet["features"][0] for facet in facets_of(text, lambda handle: "did:x")
    ] == [{"$type": "app.bsky.richtext.facet#link", "uri": "https://x.example/#part"}]


# --- Mastodon
# -------------------------------------------------------------------------------------------


def test_mastodon_gets_files_first_and_waits_for_videos(
    toot: Post, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mastodon, "LOOK_SECONDS", 0.01)
    platform.processing = 3
    content = film()
    assert run(with_media(toot, content)).state == "published"
    uploads = [asked for asked in platform.asked if asked.path == "/api/v2/media"]
    assert (
        uploads[0].headers["content-type"].startswith("multipart/form-data; boundary=")
    )
    assert content in uploads[0].body and b"video/mp4" in uploads[0].body
    assert (
        len(
            [
                asked
                for asked in platform.asked
                if asked.path.startswith("/api/v1/media/m")
            ]
        )
        == 3
    )
    assert platform.posts()[0].json() == {"status": toot.text, "media_ids": ["m1"]}


def test_mastodon_makes_up_for_a_lost_request_with_its_files(
    toot: Post, platform: Platform
) -> None:
    platform.script = [FAIL_BEFORE]
    assert run(with_media(toot, picture())).state == "uncertain"
    resolve.resolve(toot.pk)
    assert [bool(asked.json().get("media_ids")) for asked in platform.posts()] == [
        True,
        True,
    ]
    assert list(platform.live.values()) == [1]


# --- Discord
# --------------------------------------------------------------------------------------------


@pytest.fixture
def message(platform: Platform, workspace: Workspace) -> Post:
    post = due_on("discord", platform, workspace)
    post.account.credential = f"{platform.url}/api/webhooks/5/token?thread_id=1"
    post.account.endpoint = ""
    post.account.save()
    return post


def test_discord_gets_the_text_and_files_and_says_where(
    message: Post, platform: Platform
) -> None:
    content = picture()
    post = run(with_media(message, content, picture(color="red")))
    asked = platform.posts()[0]
    assert (post.state, post.external_id, asked.path) == (
        "published",
        "7/1",
        "/api/webhooks/5/token?wait=true",
    )
    assert (
        content in asked.body
        and b'name="files[1]"' in asked.body
        and b'"parse": ["users", "roles"]' in asked.body
    )


@pytest.mark.parametrize(
    ("step", "live"), [(DROP_AFTER, 1), (FAIL_AFTER, 1), (FAIL_BEFORE, 0)]
)
def test_discord_leaves_a_lost_answer_to_a_person(
    message: Post, platform: Platform, step: str, live: int
) -> None:
    platform.script = [step]
    assert run(message).state == "uncertain"
    resolve.resolve(message.pk)
    message.refresh_from_db()
    assert (message.state, platform.live.total(), len(platform.posts())) == (
        "uncertain",
        live,
        1,
    )
    assert "look at the channel yourself" in message.last_error


def test_discord_waits_and_refuses_as_told(message: Post, platform: Platform) -> None:
    platform.script, platform.retry_after = [LIMIT, REFUSE], "600"
    run_and_wait_for(message, 600, 600)
    assert (try_again(message).state, platform.live.total()) == ("failed", 0)


def test_discord_can_be_tried_and_its_address_is_a_secret(
    message: Post, platform: Platform, manager, caplog
) -> None:
    assert (
        connections.try_connection(manager, message.account_id)
        == "It works: signed in as News."
    )
    run(message)
    assert "/token" not in caplog.text and "/token" not in repr(
        publishing.job_of(Attempt.objects.get())
    )


def test_a_lost_file_is_no_doubt_on_discord(message: Post, platform: Platform) -> None:
    media = with_media(message, picture()).content.media_places.get().media
    media.file.storage.delete(media.file.name)
    assert (run(message).state, platform.posts()) == ("scheduled", [])


# --- webhook and outbox
# ---------------------------------------------------------------------------------


def test_the_webhook_gets_links_to_files_that_open(
    platform: Platform, workspace: Workspace, client
) -> None:
    content = picture()
    run(with_media(due_on("webhook", platform, workspace), content))
    told = platform.asked[0].json()["media"][0]
    assert (told["type"], told["width"], told["bytes"]) == (
        "image/jpeg",
        64,
        len(content),
    )
    assert client.get(told["url"]).getvalue() == content


def test_the_outbox_keeps_and_shows_files(
    platform: Platform, workspace: Workspace, browse, viewer, settings: Any, tmp_path
) -> None:
    settings.OUTBOX_DIR = tmp_path
    content = picture()
    post = run(with_media(due_on("outbox", platform, workspace), content))
    files = {path.suffix: path for path in (tmp_path / str(post.account_id)).iterdir()}
    assert files[".jpg"].read_bytes() == content and set(files) == {".jpg", ".json"}
    assert json.loads(files[".json"].read_text())["media"] == [files[".jpg"].name]
    kept = OutboxPost.objects.get().media.get()
    assert (
        f"/media/{kept.pk}/thumbnail" in browse(viewer).get("/outbox").content.decode()
    )


@pytest.mark.parametrize("name", [platform.id for platform in PLATFORMS])
def test_a_platform_without_a_publisher_refuses_to_be_scheduled(
    workspace: Workspace, editor, name: str
) -> None:
    channel = make_channel(workspace, platform=name, publisher="")
    draft = make_post(channel, make_content(workspace))
    with pytest.raises(InvalidInput, match="not connected: no publisher configured"):
        posts.approve(editor, draft)
