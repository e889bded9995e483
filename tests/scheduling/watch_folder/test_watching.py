"""Watch folders: whole new files become content and posts; everything else is left
alone, and said.
"""

from __future__ import annotations

import asyncio
import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.core.management import CommandError, call_command
from django.utils import timezone
from media_files import film, picture
from patience import SECONDS, until

from cast import make_channel
from common.errors import InvalidInput
from scheduling.api.queue.watcher import listen
from scheduling.domain import states
from scheduling.events import watcher_group
from scheduling.management.commands.watch_media import Command
from scheduling.models import (
    ChannelAccount,
    ContentItem,
    MediaFile,
    Post,
    QueueSettings,
    WatchedFile,
    WatcherEvent,
)
from scheduling.watch_folder import arrivals
from scheduling.watch_folder import folder as watching
from templates_ai.models import EngineSettings, Generation
from templates_ai.services import activate_template, choose_engine, create_template
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def folder(settings, tmp_path: Path, workspace: Workspace) -> Path:
    settings.WATCH_ROOT, settings.WATCH_SETTLE_SECONDS = str(tmp_path / "root"), 3
    QueueSettings.objects.create(workspace=workspace, watching=True)
    found = watching.folder_of(workspace)
    assert found
    return found


@pytest.fixture
def connected(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace, platform="mastodon", name="H2O on Mastodon")


def settle(workspace: Workspace) -> None:
    """Two looks with time between them."""
    watching.scan(workspace)
    watching.scan(workspace, timezone.now() + timedelta(seconds=4))


def told() -> list[tuple[str, str]]:
    return list(WatcherEvent.objects.order_by("id").values_list("event_type", "status"))


def test_a_whole_file_becomes_content_and_a_post(
    workspace: Workspace, folder: Path, connected: ChannelAccount, editor: User
) -> None:
    template = create_template(editor, workspace, "Ours", "Write about {filename}")
    activate_template(editor, template.pk)
    (folder / "drip under sink.jpg").write_bytes(picture())
    settle(workspace)
    post = Post.objects.get()
    assert (post.account, post.state, post.scheduled_at.minute) == (
        connected,
        states.SCHEDULED,
        0,
    )
    assert post.content.generation == Generation.objects.get()
    assert post.group.video_path == "drip under sink.jpg"
    assert post.content.title
    assert [place.media.kind for place in post.content.media_places.all()] == ["image"]
    assert told() == [
        ("file_detected", "processing"),
        ("metadata_generated", "success"),
        ("video_scheduled", "success"),
    ]
    event = WatcherEvent.objects.first()
    assert event.metadata["platforms"] == ["mastodon"]
    assert event.metadata["scheduled_time"]
    assert WatchedFile.objects.get().content == post.content
    assert AuditEntry.objects.filter(
        actor_name="system", thing=f"content:{post.content.pk}"
    ).exists()
    assert Generation.objects.get().version.template == template


@pytest.mark.parametrize(
    ("needed", "state"), [(True, states.DRAFT), (False, states.SCHEDULED)]
)
def test_generated_words_go_out_unread_only_where_the_workspace_says_so(
    workspace: Workspace,
    folder: Path,
    connected: ChannelAccount,
    manager: User,
    needed: bool,
    state: str,
) -> None:
    choose_engine(manager, workspace, {"needs_approval": needed})
    # One that does not answer: what is written instead waits as its texts would.
    EngineSettings.objects.update(
        engine=EngineSettings.OPENAI, base_url="http://127.0.0.1:9", model="m"
    )
    (folder / "drip.jpg").write_bytes(picture())
    settle(workspace)
    post = Post.objects.get()
    assert (post.state, post.due_at is None) == (state, needed)
    assert ("waits for approval" in WatcherEvent.objects.latest("id").message) is needed


def test_a_film_is_taken_too(
    workspace: Workspace, folder: Path, connected: ChannelAccount
) -> None:
    (folder / "clip.mp4").write_bytes(film())
    settle(workspace)
    assert MediaFile.objects.get().kind == "video"
    assert Post.objects.count() == 1


def test_a_file_that_still_grows_is_not_touched(
    workspace: Workspace, folder: Path, connected: ChannelAccount
) -> None:
    whole, path = picture(), folder / "big.jpg"
    path.write_bytes(whole[:50])
    watching.scan(workspace)
    path.write_bytes(whole)
    assert watching.scan(workspace, timezone.now() + timedelta(seconds=4)) == 1
    assert (told(), ContentItem.objects.count(), WatchedFile.objects.count()) == (
        [],
        0,
        1,
    )
    watching.scan(workspace, timezone.now() + timedelta(seconds=8))
    assert ContentItem.objects.real().count() == 1


def test_what_cannot_be_used_is_left_alone_and_said_once(
    workspace: Workspace, folder: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(picture())
    (folder / "link.jpg").symlink_to(secret)
    (folder / "notes.txt").write_text("not a picture")
    (folder / "torn.jpg").write_bytes(picture()[:60])
    (folder / "empty.jpg").write_bytes(b"")
    os.mkfifo(folder / "pipe.jpg")
    (folder / "sub").mkdir()
    (folder / ".hidden.jpg").write_bytes(picture())
    (folder / "half.mp4.part").write_bytes(picture())
    for _ in range(3):
        settle(workspace)
    left = dict(
        WatcherEvent.objects.filter(event_type="file_left").values_list(
            "filename", "message"
        )
    )
    assert set(left) == {"link.jpg", "notes.txt", "torn.jpg", "empty.jpg", "pipe.jpg"}
    assert "only plain files are read" in left["link.jpg"]
    assert WatcherEvent.objects.filter(event_type="file_left").count() == 5
    assert (ContentItem.objects.count(), MediaFile.objects.count()) == (0, 0)
    assert sorted(path.name for path in folder.iterdir())[:2] == [
        ".hidden.jpg",
        "empty.jpg",
    ]


def test_an_unreadable_file_is_left_alone(
    workspace: Workspace, folder: Path, monkeypatch: Any
) -> None:
    (folder / "closed.jpg").write_bytes(picture())
    real = os.open

    def refuse(path: Any, *args: Any, **options: Any) -> int:
        if Path(path).name == "closed.jpg":
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **options)

    monkeypatch.setattr(os, "open", refuse)
    settle(workspace)
    assert (
        "cannot be read: Permission denied"
        in WatcherEvent.objects.get(event_type="file_left").message
    )


def test_a_folder_that_is_a_link_is_not_followed(
    workspace: Workspace, folder: Path, tmp_path: Path
) -> None:
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidInput, match="links are not followed"):
        watching.scan(workspace)
    assert watching.scan_all() == 0


def test_the_same_bytes_become_content_once(
    workspace: Workspace, folder: Path, connected: ChannelAccount
) -> None:
    for name in ("a.jpg", "b.jpg"):
        (folder / name).write_bytes(picture())
    settle(workspace)
    settle(workspace)
    assert (ContentItem.objects.real().count(), Post.objects.count()) == (1, 1)
    assert "content already" in WatcherEvent.objects.get(event_type="file_left").message


def test_a_file_that_changes_while_it_is_read_is_looked_at_again(
    workspace: Workspace, folder: Path, monkeypatch: Any
) -> None:
    path, real = folder / "a.jpg", watching.add_media
    path.write_bytes(picture())

    def slow(*args: Any) -> MediaFile:
        made = real(*args)
        monkeypatch.setattr(watching, "add_media", real)
        path.write_bytes(picture(color="red"))
        return made

    monkeypatch.setattr(watching, "add_media", slow)
    settle(workspace)
    assert not ContentItem.objects.exists()
    settle(workspace)
    assert ContentItem.objects.count() == 1


def test_two_lookers_take_a_file_once(
    workspace: Workspace, folder: Path, monkeypatch: Any
) -> None:
    (folder / "a.jpg").write_bytes(picture())
    watching.scan(workspace)
    taken: list[int] = []
    monkeypatch.setattr(watching, "take", lambda row, found: taken.append(row.pk))
    later = timezone.now() + timedelta(seconds=4)
    for _ in range(3):
        watching.scan(workspace, later)
    assert len(taken) == 1


def test_a_file_whose_reader_died_is_taken_later(
    workspace: Workspace, folder: Path
) -> None:
    (folder / "a.jpg").write_bytes(picture())
    watching.scan(workspace)
    long_ago = timezone.now() - timedelta(hours=1)
    WatchedFile.objects.update(
        state=states.READING, claimed_at=long_ago, seen_at=long_ago
    )
    watching.scan(workspace)
    assert WatchedFile.objects.get().state == states.TAKEN


def test_planning_by_itself_can_be_off(
    workspace: Workspace, folder: Path, connected: ChannelAccount
) -> None:
    QueueSettings.objects.update(auto_plan=False)
    (folder / "a.jpg").write_bytes(picture())
    settle(workspace)
    assert (Post.objects.count(), ContentItem.objects.real().count()) == (0, 1)
    assert told()[-1] == ("content_created", "success")


def test_spacing_offset_and_platforms_are_respected(
    workspace: Workspace, folder: Path
) -> None:
    QueueSettings.objects.update(
        spacing_hours=5, offset_hours=30, platforms=["mastodon", "linkedin"]
    )
    for platform, more in (
        ("mastodon", {}),
        ("linkedin", {}),
        ("facebook", {}),
        ("telegram", {"publisher": ""}),
    ):
        make_channel(workspace, platform=platform, name=platform, **more)
    make_channel(workspace, platform="mastodon", name="paused", status="paused")
    for n, color in enumerate(("red", "blue")):
        (folder / f"{n}.jpg").write_bytes(picture(color=color))
    settle(workspace)
    assert {post.account.name for post in Post.objects.all()} == {
        "mastodon",
        "linkedin",
    }
    first, second = sorted({post.scheduled_at for post in Post.objects.all()})
    assert first > timezone.now() + timedelta(hours=28)
    assert second - first == timedelta(hours=5)


def test_a_platform_that_refuses_does_not_keep_the_others_back(
    workspace: Workspace, folder: Path
) -> None:
    make_channel(workspace, platform="tiktok", name="tiktok", publisher="outbox")
    make_channel(workspace, platform="mastodon", name="mastodon")
    (folder / "clip.mp4").write_bytes(film())
    settle(workspace)
    assert "mastodon" in {post.account.name for post in Post.objects.all()}


def test_one_broken_folder_does_not_stop_the_others(
    workspace: Workspace, folder: Path, stranger: User, monkeypatch: Any
) -> None:
    dry = Workspace.objects.get(slug="dry")
    QueueSettings.objects.create(workspace=dry, watching=True)
    real = watching.scan

    def broken(chosen: Workspace, now: Any = None) -> int:
        if chosen == workspace:
            raise OSError("no such device")
        return real(chosen, now)

    monkeypatch.setattr(watching, "scan", broken)
    (folder.parent / "dry").mkdir()
    (folder.parent / "dry" / "a.jpg").write_bytes(picture())
    assert watching.scan_all() == 1


def test_folders_are_watched_only_where_wanted(
    workspace: Workspace, folder: Path, settings
) -> None:
    (folder / "a.jpg").write_bytes(picture())
    QueueSettings.objects.update(watching=False)
    assert watching.scan_all() == 0
    QueueSettings.objects.update(watching=True)
    settings.WATCH_ROOT = ""
    assert watching.scan_all() == 0
    assert not WatchedFile.objects.exists()
    with pytest.raises(CommandError, match="WATCH_ROOT"):
        call_command("watch_media")


def test_the_history_is_kept_short(
    workspace: Workspace, folder: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(arrivals, "MOST_EVENTS", 4)
    for n in range(6):
        (folder / f"{n}.txt").write_text("x")
    settle(workspace)
    assert WatcherEvent.objects.count() == 4


def test_events_are_streamed_after_commit(
    workspace: Workspace,
    folder: Path,
    connected: ChannelAccount,
    django_capture_on_commit_callbacks,
) -> None:
    (folder / "a.jpg").write_bytes(picture())
    watching.scan(workspace)

    async def hear() -> list[bytes]:
        stream = listen(watcher_group(workspace.pk))
        heard = [await anext(stream)]
        for told_event in events:
            await get_channel_layer().group_send(
                watcher_group(workspace.pk), told_event
            )
        heard += [await anext(stream) for _ in events]
        await stream.aclose()
        return heard

    sent: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "common.live.send",
            lambda group, kind, data: sent.append((group, kind, data)),
        )
        with django_capture_on_commit_callbacks(execute=True):
            watching.scan(workspace, timezone.now() + timedelta(seconds=4))
            assert not [one for one in sent if one[1] == "watcher"]
    events = [
        {"type": "frame", "frame": {"type": kind, "data": data}}
        for group, kind, data in sent
        if group == watcher_group(workspace.pk) and kind == "watcher"
    ]
    heard = asyncio.run(hear())
    assert heard[0].startswith(b":")
    assert heard[-1].startswith(b"event: message\ndata: {")
    assert b'"event_type": "video_scheduled"' in heard[-1]


@pytest.mark.django_db(transaction=True)
def test_the_command_notices_a_file_by_itself(
    workspace: Workspace, folder: Path, settings
) -> None:
    settings.WATCH_SETTLE_SECONDS = 0.2
    command = Command()
    thread = threading.Thread(target=command.handle)
    thread.start()
    try:
        (folder / "a.jpg").write_bytes(picture())
        until(ContentItem.objects.real().exists, "the file to be noticed")
    finally:
        command.stop.set()
        thread.join(SECONDS)
    assert not thread.is_alive()
    assert ContentItem.objects.real().count() == 1


def test_managers_set_the_queue_by_page(
    browse, manager: User, workspace: Workspace, folder: Path
) -> None:
    (folder / "notes.txt").write_text("no picture")
    settle(workspace)
    client = browse(manager)
    page = client.get("/queue/settings").content.decode()
    assert str(folder) in page
    assert "notes.txt was left alone" in page
    form = {
        "spacing_hours": 4,
        "offset_hours": 2,
        "platforms": ["mastodon"],
        "watching": "on",
    }
    assert b"Saved." in client.post("/queue/settings", form, follow=True).content
    wishes = QueueSettings.objects.get()
    assert (wishes.spacing_hours, wishes.auto_plan, wishes.platforms) == (
        4,
        False,
        ["mastodon"],
    )
    assert (
        client.post("/queue/settings", form | {"spacing_hours": 0}).status_code == 422
    )
    client.post("/queue/history/clear")
    assert b"Nothing yet" in client.get("/queue/history").content
