"""Images and videos: what is taken, kept once, shown to whom, and what platforms say of them."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import media_files
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from media_files import animation, box, film, picture, recording, upload
from PIL import Image

from cast import make_channel, make_content, make_post
from common.errors import Conflict, Forbidden, InvalidInput, Missing, TooLarge
from scheduling.content import media
from scheduling.domain import probing
from scheduling.models import ContentItem, MediaFile
from scheduling.models.media import media_of
from scheduling.posts.fitting import findings
from scheduling.posts.services import approve
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db]


def keep(workspace: Workspace, content: bytes, name: str = "file") -> MediaFile:
    return media.add_media(workspace, ContentFile(content, name))


def refusal(workspace: Workspace, content: bytes, name: str = "file") -> str:
    with pytest.raises(InvalidInput) as refused:
        keep(workspace, content, name)
    assert not MediaFile.objects.exists()
    return refused.value.message


def sideways() -> bytes:
    made, exif = io.BytesIO(), Image.Exif()
    exif[probing.ORIENTATION] = 6
    Image.new("RGB", (64, 48)).save(made, "JPEG", exif=exif)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        (picture(), ("image", "image/jpeg", 64, 48, None)),
        (picture("PNG"), ("image", "image/png", 64, 48, None)),
        (picture("WEBP"), ("image", "image/webp", 64, 48, None)),
        (sideways(), ("image", "image/jpeg", 48, 64, None)),
        (animation(), ("image", "image/gif", 16, 16, 0.3)),
        (film(4, (640, 360)), ("video", "video/mp4", 640, 360, 4.0)),
        (film(61.5, (360, 640), b"qt  "), ("video", "video/quicktime", 360, 640, 61.5)),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_facts_are_read_from_the_content(
    workspace: Workspace, content: bytes, facts: tuple[Any, ...]
) -> None:
    kept = keep(workspace, content, "without-a-type")
    assert (kept.kind, kept.mime, kept.width, kept.height, kept.seconds) == facts
    assert kept.size == len(content) and kept.open().read() == content
    assert bool(kept.thumbnail) is (kept.kind == "image")


@pytest.mark.parametrize(
    ("data", "codec"),
    [
        (film(), "H.264"),
        (film().replace(b"avc1", b"hvc1").replace(b"avcC", b"hvcC"), "HEVC"),
        (film(brand=b"qt  ").replace(b"avc1", b"apcn"), "ProRes"),
        (film(brand=b"qt  ").replace(b"avc1", b"jpeg"), "Motion JPEG"),
        (recording(), "VP8"),
        (picture(), ""),
    ],
)
def test_the_codec_of_a_video_is_read(
    workspace: Workspace, data: bytes, codec: str
) -> None:
    assert keep(workspace, data).codec == codec


def test_a_recording_without_a_length_is_taken_and_its_limits_are_told(
    api, editor: User, workspace: Workspace
) -> None:
    item = make_content(workspace)
    media.attach(editor, item.pk, keep(workspace, recording()).pk)
    post = make_post(make_channel(workspace, platform="tiktok"), item)
    body = api(editor).get(f"/api/v1/marketing/post-instances/{post.pk}").json()
    unread = [one for one in body["findings"] if "could not be read" in one["message"]]
    assert {(one["level"], one["rule"]) for one in unread} == {
        ("warning", "video_longest"),
        ("warning", "video_shortest"),
    }
    assert approve(editor, post).state == "scheduled"


def test_a_gif_that_will_stand_still_is_told_on_the_posts_page_and_by_the_api(
    api, browse, editor: User, workspace: Workspace
) -> None:
    item = make_content(workspace)
    media.attach(editor, item.pk, keep(workspace, animation()).pk)
    post = make_post(make_channel(workspace, platform="bluesky"), item)
    page = browse(editor).get(f"/posts/{post.pk}").content.decode()
    assert "an animated GIF will stand still" in page
    address = f"/api/v1/marketing/post-instances/{post.pk}"
    changed = api(editor).patch(address, {"status": "Scheduled"}, format="json").json()
    assert [one["rule"] for one in changed["findings"]] == ["gif_stands_still"]


def test_names_in_storage_tell_nothing(workspace: Workspace) -> None:
    kept = keep(workspace, picture(), "../../etc/secret plan.jpg")
    assert kept.original_name == "secret plan.jpg"
    assert "secret" not in kept.file.name and ".." not in kept.file.name


def test_thumbnails_are_small_and_upright(workspace: Workspace) -> None:
    kept = keep(workspace, picture(size=(2000, 1000)))
    with Image.open(kept.open_thumbnail()) as small:
        assert (small.format, small.size) == ("JPEG", (480, 240))


def test_the_same_bytes_are_kept_once_a_workspace(
    workspace: Workspace, stranger: User
) -> None:
    first, again = (
        keep(workspace, picture(), "a.jpg"),
        keep(workspace, picture(), "b.jpg"),
    )
    elsewhere = keep(stranger.memberships.get().workspace, picture())
    assert first == again != elsewhere
    assert MediaFile.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"<html><script>alert(1)</script>", "photo.jpg", "This is no image"),
        (b"%PDF-1.7", "file.pdf", "This is a PDF"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "drawing.svg",
            "This is no image",
        ),
        (b"", "empty.jpg", "empty"),
        (picture()[:400], "cut.jpg", "This image ends early"),
        (picture()[:20], "head.jpg", "This image is damaged"),
        (picture("PNG")[:60], "cut.png", "This image ends early"),
        (picture("WEBP")[:40], "cut.webp", "This image ends early"),
        (animation()[:120], "cut.gif", "This image ends early"),
        (animation()[: len(animation()) // 2], "half.gif", "This image is damaged"),
        (film()[:60], "cut.mp4", "This video ends early"),
        (box(b"ftyp", b"isom", bytes(4)), "empty.mp4", "holds no picture"),
        (film(), "holiday.jpg", "called like image, but holds video/mp4"),
        (picture(), "holiday.mp4", "called like video, but holds image/jpeg"),
        (animation("WEBP"), "a.webp", "as GIF only"),
        (animation("PNG"), "a.png", "as GIF only"),
        (animation(frames=351), "long.gif", "too large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_media_is_refused_with_the_reason(
    workspace: Workspace, content: bytes, name: str, said: str
) -> None:
    assert said in refusal(workspace, content, name)


def test_the_cause_is_named_before_the_verdict(workspace: Workspace) -> None:
    assert refusal(workspace, picture()[:400], "cut.jpg") == (
        "This image ends early: its last part is missing. Copy it again from where it "
        "comes from, or open it and save it again. “cut.jpg” was not added."
    )


def test_a_decompression_bomb_is_refused_before_it_is_unpacked(
    workspace: Workspace,
) -> None:
    small = picture("PNG", (9000, 8000), color="black")
    assert len(small) < 300_000
    assert "million pixels" in refusal(workspace, small)


def test_what_is_too_large_is_refused(
    workspace: Workspace, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_MOST_BYTES = 500
    with pytest.raises(TooLarge):
        keep(workspace, picture())
    settings.MEDIA_MOST_BYTES = 10**6
    monkeypatch.setattr(media, "LARGEST_IMAGE", 500)
    with pytest.raises(TooLarge, match="images may have 500"):
        keep(workspace, picture())


def test_viewers_add_nothing_and_workers_need_no_user(
    workspace: Workspace, viewer: User, editor: User
) -> None:
    with pytest.raises(Forbidden):
        media.add_media(workspace, upload(), viewer)
    media.add_media(workspace, upload(), editor)
    entry = AuditEntry.objects.get(action="added")
    assert (entry.actor, entry.after["type"]) == (editor, "image/jpeg")


def test_files_have_an_order_and_can_be_arranged(
    editor: User, content: ContentItem, workspace: Workspace
) -> None:
    made = [keep(workspace, picture(color=color)) for color in ("red", "green", "blue")]
    for file in made:
        media.attach(editor, content.pk, file.pk)
    media.attach(editor, content.pk, made[0].pk)
    assert media_of(content) == made
    media.arrange(editor, content.pk, [made[2].pk, made[0].pk])
    assert media_of(content) == [made[2], made[0]]
    media.detach(editor, content.pk, made[2].pk)
    assert media_of(content) == [made[0]]
    with pytest.raises(InvalidInput):
        media.arrange(editor, content.pk, [made[0].pk, made[0].pk])


def test_a_file_in_use_stays_and_a_free_one_goes_with_its_bytes(
    editor: User, content: ContentItem, django_capture_on_commit_callbacks
) -> None:
    kept = media.add_to_content(editor, content.pk, upload())
    with pytest.raises(Conflict):
        media.remove_media(editor, kept.pk)
    media.detach(editor, content.pk, kept.pk)
    with django_capture_on_commit_callbacks(execute=True):
        media.remove_media(editor, kept.pk)
    assert not default_storage.exists(kept.file.name) and not default_storage.exists(
        kept.thumbnail.name
    )


def test_files_of_another_workspace_do_not_exist(
    stranger: User, editor: User, content: ContentItem
) -> None:
    kept = media.add_to_content(editor, content.pk, upload())
    foreign = make_content(stranger.memberships.get().workspace)
    with pytest.raises(Missing):
        media.attach(stranger, foreign.pk, kept.pk)
    with pytest.raises(InvalidInput):
        media.arrange(stranger, foreign.pk, [kept.pk])


def test_the_page_takes_shows_and_takes_away(
    browse, editor: User, viewer: User, content: ContentItem
) -> None:
    client = browse(editor)
    page = client.post(
        f"/content/{content.pk}/media",
        {"files": [upload(), upload("film.mp4", film())]},
        follow=True,
    )
    first, second = media_of(content)
    assert (
        f"/media/{first.pk}/thumbnail" in page.content.decode()
        and "film.mp4" in page.content.decode()
    )
    bad = client.post(
        f"/content/{content.pk}/media",
        {"files": upload("a.jpg", b"<html>")},
        follow=True,
    )
    assert "This is no image" in bad.content.decode()
    assert browse(viewer).get(f"/media/{first.pk}/thumbnail").status_code == 200
    client.post(f"/content/{content.pk}/media/{second.pk}/delete")
    assert media_of(content) == [first]


def test_a_download_is_inert_whole_or_in_part(
    browse, viewer: User, workspace: Workspace
) -> None:
    content = film()
    kept, client = keep(workspace, content), browse(viewer)
    whole = client.get(f"/media/{kept.pk}")
    assert (whole.getvalue(), whole["Content-Type"]) == (content, "video/mp4")
    assert (whole["X-Content-Type-Options"], whole["Content-Disposition"]) == (
        "nosniff",
        "inline",
    )
    for asked, start, stop in (
        ("bytes=0-9", 0, 10),
        ("bytes=5-", 5, None),
        ("bytes=-7", -7, None),
    ):
        part = client.get(f"/media/{kept.pk}", headers={"range": asked})
        assert (part.status_code, part.getvalue()) == (206, content[start:stop])
    assert (
        part["Content-Range"]
        == f"bytes {len(content) - 7}-{len(content) - 1}/{len(content)}"
    )
    assert (
        client.get(
            f"/media/{kept.pk}", headers={"range": f"bytes={len(content)}-"}
        ).status_code
        == 416
    )
    assert (
        client.get(f"/media/{kept.pk}", headers={"range": "lines=1-2"}).status_code
        == 200
    )


def test_only_members_and_holders_of_a_fresh_link_get_a_file(
    browse, stranger: User, workspace: Workspace, time_machine: Any
) -> None:
    kept = keep(workspace, picture())
    assert browse(None).get(f"/media/{kept.pk}").status_code == 302
    assert browse(stranger).get(f"/media/{kept.pk}").status_code == 404
    link = kept.link()
    assert browse(None).get(link).getvalue() == picture()
    assert (
        browse(None).get(link[:-1] + ("a" if link[-1] != "a" else "b")).status_code
        == 404
    )
    time_machine.move_to(timezone.now() + timedelta(hours=25))
    assert browse(None).get(link).status_code == 404


def test_the_api_keeps_lists_arranges_and_deletes(
    api, editor: User, viewer: User, content: ContentItem
) -> None:
    client, root = api(editor), "/api/v1/marketing"
    first = client.post(f"{root}/media/upload?tenant_id=h2o", {"file": upload()})
    assert (first.status_code, first.json()["mime_type"], first.json()["width"]) == (
        201,
        "image/jpeg",
        64,
    )
    assert (
        client.post(
            f"{root}/media/upload?tenant_id=h2o", {"file": upload("a.jpg", b"no")}
        ).status_code
        == 400
    )
    assert (
        api(viewer)
        .post(f"{root}/media/upload?tenant_id=h2o", {"file": upload()})
        .status_code
        == 403
    )
    second = client.post(
        f"{root}/content-items/{content.pk}/media",
        {"file": upload("b.png", picture("PNG"))},
    ).json()
    order = {"media_ids": [second["id"], first.json()["id"]]}
    body = client.put(
        f"{root}/content-items/{content.pk}/media", order, format="json"
    ).json()
    assert [asset["id"] for asset in body["media_assets"]] == order["media_ids"]
    assert body["media_urls"][0].endswith(f"/media/{second['id']}")
    listed = client.get(f"{root}/media?tenant_id=h2o").json()
    assert {row["id"] for row in listed} == set(order["media_ids"])
    assert (
        client.get(
            client.get(f"{root}/media/{second['id']}").json()["link"]
        ).status_code
        == 200
    )
    assert client.delete(f"{root}/media/{second['id']}").status_code == 409
    client.put(
        f"{root}/content-items/{content.pk}/media", {"media_ids": []}, format="json"
    )
    assert client.delete(f"{root}/media/{second['id']}").json() == {"deleted": True}


def test_listing_content_asks_as_often_for_many_as_for_few(
    api, editor: User, workspace: Workspace, django_assert_num_queries
) -> None:
    client, address = api(editor), "/api/v1/marketing/content-items?tenant_id=h2o"
    for number in range(6):
        item = make_content(workspace, title=str(number))
        media.attach(editor, item.pk, keep(workspace, picture()).pk)
    with django_assert_num_queries(6):
        assert len(client.get(address).json()) == 6


@pytest.mark.parametrize(
    ("platform", "format_", "files", "said"),
    [
        (
            "instagram",
            "",
            [picture("PNG", (64, 64))],
            "takes images of type image/jpeg, not image/png",
        ),
        (
            "instagram",
            "",
            [picture(size=(300, 100))],
            "takes width:height up to 1.91; one file has 3.0",
        ),
        ("instagram", "reel", [picture(size=(64, 64))], "takes no images"),
        (
            "instagram",
            "story",
            [film(61)],
            "takes videos up to 60 seconds; one has 61.0",
        ),
        ("tiktok", "", [picture(), film()], "takes images or a video, not both"),
        ("youtube", "short", [film(20, (640, 360))], "takes width:height up to 1.0"),
        (
            "bluesky",
            "",
            [picture(size=(64, n)) for n in range(40, 45)],
            "takes 4 images; this has 5",
        ),
        ("mastodon", "", [film(), film(5)], "takes 1 videos; this has 2"),
    ],
)
def test_platforms_say_what_they_do_not_take(
    editor: User,
    workspace: Workspace,
    platform: str,
    format_: str,
    files: list[bytes],
    said: str,
) -> None:
    item = make_content(workspace, caption="Short", hashtags=[])
    for file in files:
        media.attach(editor, item.pk, keep(workspace, file).pk)
    post = make_post(make_channel(workspace, platform=platform), item, format=format_)
    assert [
        found.message
        for found in findings(post)
        if found.blocks and said in found.message
    ]


def test_a_caption_may_be_shorter_beside_a_picture(
    editor: User, workspace: Workspace
) -> None:
    item = make_content(workspace, caption="a" * 1025, hashtags=[])
    post = make_post(make_channel(workspace, platform="telegram"), item)
    assert [found for found in findings(post) if found.blocks] == []
    media.attach(editor, item.pk, keep(workspace, picture()).pk)
    assert "takes 1024" in findings(post)[0].message


def test_a_post_is_carried_in_a_format_of_its_platform(
    api, editor: User, draft
) -> None:
    client, address = api(editor), f"/api/v1/marketing/post-instances/{draft.pk}"
    assert client.get(address).json()["format"] == "post"
    assert (
        client.patch(address, {"format": "reel"}, format="json").json()["format"]
        == "reel"
    )
    refused = client.patch(address, {"format": "thread"}, format="json")
    assert (refused.status_code, refused.json()["detail"]) == (
        400,
        "Facebook carries post, video, reel, not “thread”.",
    )


def test_staff_see_files_and_their_facts(admin_client, workspace: Workspace) -> None:
    kept = keep(workspace, picture(), "sight.jpg")
    assert (
        "sight.jpg" in admin_client.get("/admin/scheduling/mediafile/").content.decode()
    )
    assert (
        admin_client.get(f"/admin/scheduling/mediafile/{kept.pk}/change/").status_code
        == 200
    )


def test_two_uploads_at_once_leave_one_row_and_one_file(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    """The other one comes between the look and the write."""
    settings.MEDIA_ROOT = tmp_path
    probed = media.probed_facts
    quicker: list[MediaFile] = []

    def while_probing(file: Any, name: str) -> probing.Facts:
        monkeypatch.setattr(media, "probed_facts", probed)
        quicker.append(keep(workspace, picture()))
        return probed(file, name)

    monkeypatch.setattr(media, "probed_facts", while_probing)
    assert keep(workspace, picture()) == quicker[0]
    folder = f"files/{workspace.pk}"
    assert default_storage.listdir(folder)[1] == [
        quicker[0].file.name.rpartition("/")[2]
    ]
    assert media_files.picture() == quicker[0].read()
