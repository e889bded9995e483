"""Images and videos are taken in by their address: as uploads are, and never from inside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from media_files import film, picture, upload
from receivers import Receiver, receiver

from cast import make_channel, make_content
from common import outgoing
from common.errors import InvalidInput, TooLarge
from common.outgoing import Refused, TooMuch, download
from scheduling.content import fetching
from scheduling.models import ContentItem, MediaFile, Post
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def there(settings: Any) -> Iterator[Receiver]:
    """A site outside, as far as these tests are concerned."""
    settings.OUTGOING_ALLOW_PRIVATE = True
    with receiver() as made:
        made.body = picture()
        yield made


def composed(workspace: Workspace, **more: Any) -> dict[str, Any]:
    channel = make_channel(workspace, name="Anywhere")
    soon = timezone.now() + timedelta(days=20)
    fields = {
        "title": "Frost",
        "caption": "Drain the tap.",
        "date": f"{soon:%Y-%m-%d}",
        "time": "15:30",
    }
    return fields | {"channels": [str(channel.pk)]} | more


# --- what is behind an address
# ---------------------------------------------------------------------------


def test_a_picture_is_kept_as_if_it_had_been_uploaded(
    editor: User, workspace: Workspace, there: Receiver
) -> None:
    kept = fetching.add_media_from(
        workspace, f"{there.url}/a%20b/boiler%20room.png?size=2", editor
    )
    assert (kept.kind, kept.mime, kept.original_name) == (
        "image",
        "image/jpeg",
        "boiler room",
    )
    assert kept.read() == there.body
    assert kept.thumbnail
    assert fetching.add_media_from(workspace, f"{there.url}/other", editor) == kept


def test_a_video_is_known_by_its_content(
    editor: User, workspace: Workspace, there: Receiver
) -> None:
    there.body, there.kind = film(), "application/octet-stream"
    kept = fetching.add_media_from(workspace, f"{there.url}/watch", editor)
    assert (kept.kind, kept.mime, kept.seconds) == ("video", "video/mp4", 4.0)


def test_redirects_are_followed(
    editor: User, workspace: Workspace, there: Receiver
) -> None:
    there.answers, there.location = [302, 301], "/elsewhere.jpg"
    assert (
        fetching.add_media_from(workspace, f"{there.url}/first", editor).kind == "image"
    )
    assert [told.path for told in there.told] == [
        "/first",
        "/elsewhere.jpg",
        "/elsewhere.jpg",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answers": [404]}, "answers 404"),
        ({"answers": [403]}, "not public"),
        ({"answers": [302] * 9}, "without an end"),
        ({"kind": "text/html; charset=utf-8"}, "leads to a page"),
        ({"body": b"%PDF-1.7"}, "This is a PDF"),
        ({"body": b""}, "empty"),
        (
            {"answers": [302], "location": "ftp://example.org/a.jpg"},
            "begins with https://",
        ),
    ],
)
def test_what_cannot_be_taken_says_why(
    editor: User,
    workspace: Workspace,
    there: Receiver,
    changes: dict[str, Any],
    said: str,
) -> None:
    there.location = f"{there.url}/again"
    for name, value in changes.items():
        setattr(there, name, value)
    with pytest.raises(InvalidInput, match=said):
        fetching.add_media_from(workspace, there.url, editor)
    assert not MediaFile.objects.exists()


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    editor: User, workspace: Workspace, there: Receiver, settings: Any
) -> None:
    settings.MEDIA_MOST_BYTES = 1000
    there.body = b"x" * 50_000
    with pytest.raises(TooLarge, match="more than the 1000 bytes"):
        fetching.add_media_from(workspace, there.url, editor)


def test_a_length_that_is_announced_is_believed_when_it_is_too_large(
    there: Receiver,
) -> None:
    with pytest.raises(TooMuch), open("/dev/null", "wb") as nowhere:
        download(there.url, nowhere, seconds=5, most_bytes=len(there.body) - 1)


def test_a_site_that_drips_is_given_up(
    editor: User, workspace: Workspace, there: Receiver, monkeypatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 1.0)
    there.drip_seconds = 0.2
    with pytest.raises(InvalidInput, match="No answer within"):
        fetching.add_media_from(workspace, there.url, editor)


def test_nothing_is_fetched_from_inside(
    editor: User, workspace: Workspace, there: Receiver, settings: Any
) -> None:
    settings.OUTGOING_ALLOW_PRIVATE = False
    for url in (there.url, "http://169.254.169.254/latest", "http://localhost/a.jpg"):
        with pytest.raises(InvalidInput, match="private network"):
            fetching.add_media_from(workspace, url, editor)
    assert not there.told


def test_a_redirect_does_not_lead_inside(
    there: Receiver, settings: Any, monkeypatch
) -> None:
    """The first address is let through as if it were outside; the one that it leads to
    is looked at by itself.
    """
    looked: list[str] = []

    def look(address: Any) -> None:
        looked.append(str(address))
        if str(address) == "10.0.0.7":
            raise Refused("The address leads into a private network.")

    monkeypatch.setattr(outgoing, "check_public", look)
    there.answers, there.location = [302], "http://10.0.0.7/secret.jpg"
    with (
        pytest.raises(Refused, match="private network"),
        open("/dev/null", "wb") as nowhere,
    ):
        download(there.url, nowhere, seconds=5, most_bytes=1000)
    assert looked[-1] == "10.0.0.7"


# --- where people give one
# -------------------------------------------------------------------------------


def test_a_new_post_takes_a_picture_by_address(
    browse, editor: User, workspace: Workspace, there: Receiver
) -> None:
    answer = browse(editor).post(
        "/posts/new", composed(workspace, address=f"{there.url}/tap.jpg")
    )
    assert answer.status_code == 302
    [place] = Post.objects.get().content.media_places.all()
    assert place.media.original_name == "tap"


def test_a_bad_address_is_said_beside_it_and_nothing_is_lost(
    browse, editor: User, workspace: Workspace, there: Receiver
) -> None:
    there.answers, client = [404], browse(editor)
    fields = composed(workspace, address=f"{there.url}/gone.jpg", files=upload())
    answer = client.post("/posts/new", fields)
    page, item = answer.content.decode(), ContentItem.objects.get(title="Frost")
    assert answer.status_code == 422
    assert page.index(f"{there.url}/gone.jpg") < page.index(
        "answers 404", page.index('name="address"')
    )
    assert f'value="{item.pk}" selected' in page
    assert item.media_places.count() == 1
    assert not Post.objects.exists()
    del fields["files"]
    there.body = picture(color="red")
    again = client.post(
        "/posts/new",
        fields | {"content": str(item.pk), "address": f"{there.url}/here.jpg"},
    )
    assert again.status_code == 302
    assert ContentItem.objects.real().count() == 1
    assert item.media_places.count() == 2


def test_what_was_fetched_is_not_asked_for_again(
    browse, editor: User, workspace: Workspace, there: Receiver
) -> None:
    """The time is taken: the post is refused, the picture is kept."""
    fields = composed(workspace, address=f"{there.url}/tap.jpg")
    client = browse(editor)
    client.post("/posts/new", fields)
    page = client.post("/posts/new", fields | {"title": "Second"}).content.decode()
    assert "already has a post at that time" in page
    assert "tap.jpg" not in page


def test_a_slot_is_filled_from_an_address(
    browse, editor: User, slot: Post, there: Receiver
) -> None:
    fields = {"address": f"{there.url}/boiler-room.jpg", "title": "", "caption": "Look"}
    assert (
        browse(editor).post(f"/calendar/slots/{slot.pk}/upload", fields).status_code
        == 302
    )
    slot.refresh_from_db()
    assert (slot.state, slot.content.title, slot.content.media_places.count()) == (
        "draft",
        "boiler-room",
        1,
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "one of the two"),
        ({"address": "no address"}, "valid URL"),
        ({"address": "THERE"}, "answers 500"),
    ],
)
def test_a_slot_stays_empty_when_nothing_comes(
    browse, editor: User, slot: Post, there: Receiver, fields: dict[str, str], said: str
) -> None:
    there.answers = [500]
    sent = {name: text.replace("THERE", there.url) for name, text in fields.items()}
    answer = browse(editor).post(
        f"/calendar/slots/{slot.pk}/upload", {"caption": "Kept words", **sent}
    )
    page = answer.content.decode()
    assert (answer.status_code, said in page, "Kept words" in page) == (422, True, True)
    slot.refresh_from_db()
    assert slot.state == "planned"


def test_content_takes_one_too(
    browse, editor: User, workspace: Workspace, there: Receiver
) -> None:
    item, client = make_content(workspace), browse(editor)
    address = f"/content/{item.pk}/media"
    assert (
        "Added."
        in client.post(
            address, {"address": f"{there.url}/a.jpg"}, follow=True
        ).content.decode()
    )
    there.answers = [410]
    refused = client.post(address, {"address": f"{there.url}/b.jpg"})
    assert refused.status_code == 422
    assert f"{there.url}/b.jpg" in refused.content.decode()
    assert item.media_places.count() == 1


def test_programs_give_one_as_json(
    api, editor: User, viewer: User, workspace: Workspace, there: Receiver
) -> None:
    root, item = "/api/v1/marketing", make_content(workspace)
    sent = {"url": f"{there.url}/a.jpg"}
    kept = api(editor).post(f"{root}/media/upload?tenant_id=h2o", sent, format="json")
    assert (kept.status_code, kept.json()["id"]) == (
        201,
        str(MediaFile.objects.get().pk),
    )
    added = api(editor).post(
        f"{root}/content-items/{item.pk}/media", sent, format="json"
    )
    assert (added.status_code, item.media_places.count()) == (201, 1)
    assert (
        api(viewer)
        .post(f"{root}/media/upload?tenant_id=h2o", sent, format="json")
        .status_code
        == 403
    )
    for wrong in ({}, {"url": "nothing"}):
        assert (
            api(editor)
            .post(f"{root}/media/upload?tenant_id=h2o", wrong, format="json")
            .status_code
            == 422
        )
