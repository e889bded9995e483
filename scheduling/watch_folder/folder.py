"""Watch folders: a settled new file becomes content, and posts where the workspace
wants that.

Each workspace has one folder below WATCH_ROOT, called like the workspace. Only files
right inside it count; links are not followed, neither a file's nor the folder's.
Whoever looks, the watcher or beat, claims a file before reading it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from common.errors import InvalidInput, Problem
from common.transitions import try_advance
from scheduling.content.fetching import add_media_from
from scheduling.content.media import add_media
from scheduling.domain import states
from scheduling.models import MediaFile, QueueSettings, WatchedFile
from scheduling.watch_folder import arrivals
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

log = structlog.get_logger(__name__)

# Names under which browsers and copying programs keep what is not whole yet.
UNFINISHED = (".part", ".partial", ".crdownload", ".tmp", ".download", ".filepart")
ADDRESSES = ("https://", "http://")
READING_AT_MOST = timedelta(minutes=15)
MOST_FILES = 1000
# Neither through a link nor waiting for a pipe's other end, where the system knows that.
READ_ONLY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True)
class Entry:
    """A name in the folder, and what stands there."""

    path: Path
    facts: os.stat_result

    @property
    def name(self) -> str:
        """As it can be kept and shown: bytes that are no text are replaced."""
        return os.fsencode(self.path.name).decode("utf-8", "replace")


def folder_of(workspace: Workspace) -> Path | None:
    """The workspace's folder, made when it is not there; None without a root. Raises
    InvalidInput for a link.
    """
    if not settings.WATCH_ROOT:
        return None
    folder = Path(settings.WATCH_ROOT) / workspace.slug
    if folder.is_symlink():
        raise InvalidInput(
            f"The watch folder {folder} is a link; links are not followed."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def scan_all() -> int:
    """Look into every folder that is watched; one that cannot be read does not stop the others.

    Returns how many files are still settling.
    """
    settling = 0
    for queue_settings in QueueSettings.objects.filter(watching=True).select_related(
        "workspace"
    ):
        try:
            settling += scan(queue_settings.workspace)
        except Exception as error:
            log.exception(
                "watch_folder_failed",
                workspace=queue_settings.workspace.slug,
                error=str(error),
            )
    return settling


def scan(workspace: Workspace, now: datetime | None = None) -> int:
    """Note what is new, take what has settled. Returns how many files are still settling."""
    folder = folder_of(workspace)
    if folder is None:
        return 0
    now = now or timezone.now()
    _give_back(workspace, now)
    return sum(_look(workspace, entry, now) for entry in _entries(folder))


def _entries(folder: Path) -> Iterator[Entry]:
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries)[:MOST_FILES]
    for name in names:
        if name.startswith(".") or name.lower().endswith(UNFINISHED):
            continue
        path = folder / name
        try:
            yield Entry(path, path.lstat())
        except FileNotFoundError:
            continue


def _look(workspace: Workspace, entry: Entry, now: datetime) -> bool:
    """Whether the file is still settling after this look."""
    if stat.S_ISDIR(entry.facts.st_mode):
        return False
    row = _noted(workspace, entry, now)
    if row.state != states.SETTLING:
        return False
    if not stat.S_ISREG(entry.facts.st_mode):
        _leave(row, "It is a link or a device; only plain files are read.")
        return False
    if now - row.seen_at < timedelta(seconds=settings.WATCH_SETTLE_SECONDS):
        return True
    claimed = WatchedFile.objects.filter(pk=row.pk)
    if try_advance(
        claimed, states.WATCHED, states.READING, source=states.SETTLING, claimed_at=now
    ):
        take(row, entry)
    return False


def _noted(workspace: Workspace, entry: Entry, now: datetime) -> WatchedFile:
    """The row of this version of the file. A version that changed before it was read is
    forgotten.
    """
    version = {"size": entry.facts.st_size, "changed_ns": entry.facts.st_mtime_ns}
    versions = WatchedFile.objects.filter(workspace=workspace, path=entry.name)
    row, is_new = versions.get_or_create(
        **version, defaults={"workspace": workspace, "path": entry.name, "seen_at": now}
    )
    if is_new:
        versions.filter(state=states.SETTLING).exclude(pk=row.pk).delete()
    return row


def _give_back(workspace: Workspace, now: datetime) -> None:
    """Files whose reader has died settle anew."""
    stuck = WatchedFile.objects.filter(
        workspace=workspace, claimed_at__lt=now - READING_AT_MOST
    )
    for row in stuck.filter(state=states.READING):
        try_advance(
            WatchedFile.objects.filter(pk=row.pk),
            states.WATCHED,
            states.SETTLING,
            claimed_at=None,
        )


def take(row: WatchedFile, entry: Entry) -> None:
    """Make content of a claimed file; what cannot be used is left alone, and the
    history says why.
    """
    begun = monotonic()
    arrivals.tell(
        row, "file_detected", "processing", f"Reading {row.path}", stage="reading"
    )
    try:
        media = _media_of(row, entry)
        content = arrivals.write(row, media)
        with transaction.atomic():
            arrivals.plan(row, content, media, monotonic() - begun)
            _settle(row, states.TAKEN, content=content)
    except _Changed:
        _settle(
            row,
            states.LEFT,
            error="It changed while it was read; the new version is looked at again.",
        )
    except Problem as problem:
        _leave(row, problem.message)
    except OSError as error:
        _leave(row, f"It cannot be read: {error.strerror}.")


def named_media(user: User, workspace: Workspace, path: str) -> MediaFile:
    """The file that a client names, kept as media: by its name in the workspace's watch
    folder or its whole path there, by its address, or by its id in the media library.

    Editors. Raises InvalidInput for one that is not there, which includes every path on
    the client's own machine, and what `add_media` and `add_media_from` raise.
    """
    require_role(user, workspace, Role.EDITOR)
    if path.lower().startswith(ADDRESSES):
        return add_media_from(workspace, path, user)
    media = _in_library(workspace, path) or _in_folder(user, workspace, path)
    if media is None:
        raise InvalidInput(
            f"There is no video “{path[:200]}” in the watch folder or the media library. "
            "Put the file into the watch folder, upload it first, or give its https:// "
            "address."
        )
    return media


def _in_library(workspace: Workspace, text: str) -> MediaFile | None:
    """The workspace's file with that id; None for a text that is no id, or nobody's."""
    try:
        key = UUID(text)
    except ValueError:
        return None
    return MediaFile.objects.filter(workspace=workspace, pk=key).first()


def _in_folder(user: User, workspace: Workspace, path: str) -> MediaFile | None:
    folder = folder_of(workspace)
    named = PurePath(path)
    if folder is None or named.parent not in (PurePath(), folder) or not named.name:
        return None
    try:
        handle = os.open(folder / named.name, READ_ONLY)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as source:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        return add_media(workspace, File(source, name=named.name), user)


class _Changed(Exception):
    """Somebody wrote to the file while it was read."""


def _media_of(row: WatchedFile, entry: Entry) -> MediaFile:
    """The file's bytes in the workspace's media. Raises InvalidInput for bytes that are
    content already.
    """
    handle = os.open(entry.path, READ_ONLY)
    with os.fdopen(handle, "rb") as source:
        if not _is_version(os.fstat(handle), row):
            raise _Changed
        media = add_media(row.workspace, File(source, name=row.path))
        if not _is_version(os.fstat(handle), row):
            raise _Changed
    if media.places.exists():
        raise InvalidInput("The same file is content already.")
    return media


def _is_version(facts: os.stat_result, row: WatchedFile) -> bool:
    version = (facts.st_size, facts.st_mtime_ns)
    return stat.S_ISREG(facts.st_mode) and version == (row.size, row.changed_ns)


def _leave(row: WatchedFile, why: str) -> None:
    with transaction.atomic():
        if _settle(row, states.LEFT, error=why):
            arrivals.tell(
                row,
                "file_left",
                "error",
                f"{row.path} was left alone. {why}",
                stage="reading",
            )


def _settle(row: WatchedFile, target: str, **changes: Any) -> bool:
    this_file = WatchedFile.objects.filter(pk=row.pk)
    return try_advance(this_file, states.WATCHED, target, **changes)
