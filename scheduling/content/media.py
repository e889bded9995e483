"""Taking images and videos in, and putting them beside content."""

from __future__ import annotations

import hashlib
import io
import mimetypes
from collections.abc import Mapping
from pathlib import PurePath
from typing import BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Max

from common.errors import Conflict, InvalidInput, Missing, TooLarge
from common.texts import clean
from scheduling.access import access_content, access_media
from scheduling.content import outgoing
from scheduling.domain.probing import IMAGE, VIDEO, Facts, NotMedia, probe, thumbnail
from scheduling.models import ContentItem, ContentMedia, MediaFile
from scheduling.models.media import LONGEST_ALT, media_of
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

LARGEST_IMAGE = 25 * 1024 * 1024
MOST_FILES = 35
CHUNK = 1024 * 1024
AUDIO = "audio"


def add_media(
    workspace: Workspace, file: File[bytes], user: User | None = None, alt: str = ""
) -> MediaFile:
    """Keep an image or a video; the same bytes once a workspace, so what is there
    already comes back, with a new alternative text where one is given.

    `user` must be an editor; None stands for the product's own workers. Raises
    InvalidInput for what is no such file or a harmful one and for an alternative text
    that is too long, TooLarge.
    """
    if user is not None:
        require_role(user, workspace, Role.EDITOR)
    name = PurePath(clean(file.name or "file")).name[-255:]
    alt = checked_alt(alt)
    digest = _digest(file)
    present = MediaFile.objects.filter(workspace=workspace, sha256=digest).first()
    if present:
        return _described_anew(present, alt)
    facts = probed_facts(file, name)
    media = MediaFile(
        workspace=workspace,
        original_name=name,
        sha256=digest,
        size=file.size,
        kind=facts.kind,
        mime=facts.mime,
        width=facts.width,
        height=facts.height,
        seconds=facts.seconds,
        codec=facts.codec,
        alt=alt,
    )
    return _keep(media, file, user)


def checked_alt(text: str) -> str:
    """An alternative text as it is kept. Raises InvalidInput for one that is too long."""
    alt = clean(text).strip()
    if len(alt) > LONGEST_ALT:
        raise InvalidInput(
            f"An alternative text has at most {LONGEST_ALT} characters; "
            f"this has {len(alt)}."
        )
    return alt


def _described_anew(media: MediaFile, alt: str) -> MediaFile:
    if alt and alt != media.alt:
        media.alt = alt
        media.save(update_fields=["alt"])
    return media


def _digest(file: File[bytes]) -> str:
    """SHA-256 of the content, in hex. Raises TooLarge before reading more than is
    allowed, InvalidInput for nothing.
    """
    if file.size > settings.MEDIA_MOST_BYTES:
        raise TooLarge(
            f"This file has {file.size} bytes; at most {settings.MEDIA_MOST_BYTES} are taken."
        )
    if not file.size:
        raise InvalidInput("This file is empty.")
    read = hashlib.sha256()
    for piece in file.chunks(CHUNK):
        read.update(piece)
    return read.hexdigest()


def probed_facts(file: File[bytes], name: str) -> Facts:
    """What a file really holds. Raises InvalidInput for what is no medium or bears a
    false name, and TooLarge.

    name: as the person calls it.
    """
    try:
        facts = probe(cast(BinaryIO, file.file))
    except NotMedia as error:
        raise InvalidInput(f"{error} “{name}” was not added.") from error
    if facts.kind == IMAGE and file.size > LARGEST_IMAGE:
        raise TooLarge(
            f"“{name}” has {file.size} bytes; images may have {LARGEST_IMAGE}."
        )
    named = (mimetypes.guess_type(name)[0] or "").partition("/")[0]
    # Of containers that hold either, tables of names know one kind only.
    named = VIDEO if named == AUDIO else named
    if named and named != facts.kind:
        raise InvalidInput(
            f"“{name}” is called like {named}, but holds {facts.mime}. Give it its right name."
        )
    return facts


def _keep(media: MediaFile, file: File[bytes], user: User | None) -> MediaFile:
    """Write the file, then the row; without the row, the file goes again."""
    file.seek(0)
    media.file.save(media.original_name, File(file.file), save=False)
    if media.kind == IMAGE:
        media.thumbnail.save("", ContentFile(_small(file)), save=False)
    try:
        outgoing.strip(media, cast(BinaryIO, file.file))
    except InvalidInput:
        _forget_files(media)
        raise
    try:
        with transaction.atomic():
            media.save()
            facts = {
                "name": media.original_name,
                "type": media.mime,
                "bytes": media.size,
            }
            audit.record(
                user,
                "added",
                f"media:{media.pk}",
                workspace=media.workspace,
                after=facts,
            )
    except IntegrityError:
        # Somebody took the same bytes in at the same time.
        _forget_files(media)
        return MediaFile.objects.get(workspace=media.workspace, sha256=media.sha256)
    return media


def _small(file: File[bytes]) -> bytes:
    target = io.BytesIO()
    thumbnail(cast(BinaryIO, file.file), target)
    return target.getvalue()


def _forget_files(media: MediaFile) -> None:
    for file in (media.file, media.outgoing, media.thumbnail):
        if file.name:
            file.storage.delete(file.name)


def attach(user: User, content_id: UUID, media_id: UUID) -> ContentItem:
    """Put a file after the others of a content item, with the alternative text that it
    has in the library; one that is there stays as it is.
    """
    item = _writable(user, content_id)
    media = access_media(user, media_id)
    if media.workspace_id != item.workspace_id:
        raise InvalidInput("Choose a file of the same workspace.")
    with transaction.atomic():
        places = ContentMedia.objects.filter(content=item)
        if not places.filter(media=media).exists():
            if places.count() >= MOST_FILES:
                raise InvalidInput(f"At most {MOST_FILES} files.")
            last = places.aggregate(last=Max("position"))["last"]
            ContentMedia.objects.create(
                content=item,
                media=media,
                position=0 if last is None else last + 1,
                alt=media.alt,
            )
            audit.record(
                user,
                "attached",
                f"content:{item.pk}",
                workspace=item.workspace,
                after={"media": str(media.pk)},
            )
    return item


def add_to_content(
    user: User, content_id: UUID, file: File[bytes], alt: str = ""
) -> MediaFile:
    """Take a file in and put it beside the content. Raises what `add_media` and `attach` raise."""
    item = _writable(user, content_id)
    media = add_media(item.workspace, file, user, alt)
    attach(user, content_id, media.pk)
    return media


def describe(user: User, content_id: UUID, media_id: UUID, text: str) -> ContentItem:
    """Give a file of the content another alternative text, or none. The library keeps
    the first one, for other content.

    Raises Missing for a file that is not the content's, InvalidInput for a text that is
    too long.
    """
    item = _writable(user, content_id)
    alt = checked_alt(text)
    place = ContentMedia.objects.filter(content=item, media=media_id).first()
    if place is None:
        raise Missing("Media not found")
    before = place.alt
    with transaction.atomic():
        place.alt = alt
        place.save(update_fields=["alt"])
        MediaFile.objects.filter(pk=media_id, alt="").update(alt=alt)
        audit.record(
            user,
            "described",
            f"content:{item.pk}",
            workspace=item.workspace,
            before={"media": str(media_id), "alt": before},
            after={"media": str(media_id), "alt": alt},
        )
    return item


def arrange(
    user: User,
    content_id: UUID,
    media_ids: list[UUID],
    alts: Mapping[UUID, str] | None = None,
) -> ContentItem:
    """Make exactly these files, in this order, the content's. `alts` are new
    alternative texts, by file; other files keep theirs. Raises InvalidInput for strange
    or repeated files and texts that are too long.
    """
    item = _writable(user, content_id)
    files = MediaFile.objects.filter(workspace=item.workspace_id).in_bulk(media_ids)
    if len(files) != len(media_ids) or len(media_ids) > MOST_FILES:
        raise InvalidInput(
            f"Name each file once, at most {MOST_FILES}, and only files of the same workspace."
        )
    given = {key: checked_alt(text) for key, text in (alts or {}).items()}
    with transaction.atomic():
        present = {media.pk: media.alt for media in media_of(item)}
        before = [str(key) for key in present]
        library = {key: media.alt for key, media in files.items()}
        texts = library | present | given
        ContentMedia.objects.filter(content=item).delete()
        ContentMedia.objects.bulk_create(
            ContentMedia(content=item, media_id=key, position=place, alt=texts[key])
            for place, key in enumerate(media_ids)
        )
        audit.record(
            user,
            "arranged",
            f"content:{item.pk}",
            workspace=item.workspace,
            before={"media": before},
            after={"media": list(map(str, media_ids))},
        )
    return item


def detach(user: User, content_id: UUID, media_id: UUID) -> ContentItem:
    """Take a file from a content item; the workspace keeps it."""
    item = _writable(user, content_id)
    media = access_media(user, media_id)
    with transaction.atomic():
        if ContentMedia.objects.filter(content=item, media=media).delete()[0]:
            audit.record(
                user,
                "detached",
                f"content:{item.pk}",
                workspace=item.workspace,
                before={"media": str(media.pk)},
            )
    return item


def remove_media(user: User, media_id: UUID) -> None:
    """Delete a file for good. Raises Conflict while content uses it."""
    media = access_media(user, media_id, Role.EDITOR)
    with transaction.atomic():
        if media.places.exists():
            raise Conflict("Content uses this file; take it from there first.")
        facts = {"name": media.original_name, "type": media.mime}
        audit.record(
            user,
            "deleted",
            f"media:{media.pk}",
            workspace=media.workspace,
            before=facts,
        )
        media.delete()
        transaction.on_commit(lambda: _forget_files(media))


def _writable(user: User, content_id: UUID) -> ContentItem:
    item = access_content(user, content_id, Role.EDITOR)
    if item.is_placeholder:
        raise Conflict("The placeholder marks empty slots and stays as it is.")
    return item
