"""Images and videos, and which content they go out with."""

from __future__ import annotations

import uuid
from copy import copy
from datetime import timedelta
from typing import Any, BinaryIO, ClassVar, cast

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import models

from scheduling.domain.platforms.rules import Media
from scheduling.domain.probing import IMAGE, LONGEST_CODEC, SUFFIXES, VIDEO
from scheduling.models.content import ContentItem
from workspaces.models import Workspace

LINK_HOLDS = timedelta(hours=24)
# What the most generous network takes of an alternative text.
LONGEST_ALT = 2000
# What to fetch with posts so that `media_of` their content asks nothing.
MEDIA = "content__media_places__media"


def media_path(media: MediaFile, name: str) -> str:
    """A random name: neither the client's name nor an id that could be guessed."""
    return f"files/{media.workspace_id}/{uuid.uuid4().hex}{SUFFIXES[media.mime]}"


def outgoing_path(media: MediaFile, name: str) -> str:
    """A random name, as `media_path`."""
    return f"outgoing/{media.workspace_id}/{uuid.uuid4().hex}{SUFFIXES[media.mime]}"


def thumbnail_path(media: MediaFile, name: str) -> str:
    """A random name, as `media_path`; thumbnails are always JPEG."""
    return f"thumbnails/{media.workspace_id}/{uuid.uuid4().hex}.jpg"


class MediaFile(models.Model):
    """One image or video of a workspace; the same bytes are kept once. All facts are
    read from the content.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="media_files"
    )
    file = models.FileField(upload_to=media_path, max_length=200)
    # What leaves the house; blank where that is the file itself.
    outgoing = models.FileField(upload_to=outgoing_path, max_length=200, blank=True)
    # Whether it is known what leaves the house.
    is_stripped = models.BooleanField(default=False, editable=False)
    thumbnail = models.FileField(upload_to=thumbnail_path, max_length=200, blank=True)
    original_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=5, choices=[(IMAGE, "Image"), (VIDEO, "Video")])
    mime = models.CharField("type", max_length=40)
    size = models.PositiveBigIntegerField("bytes")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    seconds = models.FloatField(null=True)
    # How a video's picture is coded, as `domain.probing` names it; blank where that is
    # not known.
    codec = models.CharField(max_length=LONGEST_CODEC, blank=True, default="")
    # What it shows, for people who cannot see it; content that it is put beside begins
    # with this.
    alt = models.TextField(
        "alternative text", max_length=LONGEST_ALT, blank=True, default=""
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "sha256"], name="media_once_per_workspace"
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def facts(self) -> Media:
        """As the platforms' rules want it."""
        return Media(
            self.kind,
            self.mime,
            self.size,
            self.seconds,
            self.width,
            self.height,
            self.alt,
            self.codec,
        )

    @property
    def plain_name(self) -> str:
        """A name for the other side that says nothing and breaks nothing."""
        return str(self.file.name).rpartition("/")[2]

    def read(self) -> bytes:
        """All of the bytes that leave the house. Raises OSError when the file is gone,
        ValueError when it is not known what may leave.
        """
        with self.open_outgoing() as source:
            return source.read()

    def open(self) -> BinaryIO:
        """The file as it was added. Raises OSError when it is gone."""
        return stored(self.file)

    def open_outgoing(self) -> BinaryIO:
        """The file as it leaves the house; raises as `read`."""
        if not self.is_stripped:
            raise ValueError("this file was not made ready to go out")
        return stored(self.outgoing or self.file)

    @property
    def outgoing_size(self) -> int:
        """Bytes of what leaves the house."""
        return self.outgoing.size if self.outgoing else self.size

    def open_thumbnail(self) -> BinaryIO:
        """Raises OSError when the file is gone."""
        return stored(self.thumbnail)

    def link(self) -> str:
        """An address from which anybody can fetch it for the next day."""
        return f"{settings.PUBLIC_URL}/media/for/{_signer().sign(self.pk.hex)}"


def stored(field: Any) -> BinaryIO:
    """Opened anew each time: a field's own handle is shared with everybody who has the row."""
    return cast(BinaryIO, field.storage.open(field.name))


def media_of_link(token: str) -> uuid.UUID | None:
    """The id in a link that is ours and not too old."""
    try:
        return uuid.UUID(_signer().unsign(token, max_age=LINK_HOLDS))
    except (BadSignature, ValueError):
        return None


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="scheduling.media.link")


class ContentMedia(models.Model):
    """A file's place among those of a content item."""

    content = models.ForeignKey(
        ContentItem, on_delete=models.CASCADE, related_name="media_places"
    )
    media = models.ForeignKey(
        MediaFile, on_delete=models.PROTECT, related_name="places"
    )
    position = models.PositiveSmallIntegerField()
    alt = models.TextField(
        "alternative text", max_length=LONGEST_ALT, blank=True, default=""
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "pk"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["content", "media"], name="media_once_per_content"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.media} of {self.content}"

    @property
    def file(self) -> MediaFile:
        """The media file with the alternative text that it has here."""
        return described(self.media, self.alt)


def described(media: MediaFile, alt: str) -> MediaFile:
    """The same file with another alternative text, not to be saved. Prefetching gives
    one object to all content that a file stands beside, so that is copied.
    """
    there = copy(media)
    there.alt = alt
    return there


def media_of(content: ContentItem) -> list[MediaFile]:
    """The content's files in their order, with the alternative texts that they have
    there: one query, none where they were prefetched.
    """
    places = content.media_places.all()
    fetched = "media_places" in getattr(content, "_prefetched_objects_cache", {})
    return [
        place.file for place in (places if fetched else places.select_related("media"))
    ]
