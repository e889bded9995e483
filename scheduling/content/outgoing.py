"""What leaves the house of an image or a video: a copy without position, serial numbers,
owner and hidden pictures, upright. The original stays in the library.
"""

from __future__ import annotations

import shutil
import tempfile
from io import BytesIO
from typing import BinaryIO, cast

from django.core.files import File
from django.core.files.base import ContentFile
from PIL import Image

from common.errors import InvalidInput
from scheduling.domain.probing import IMAGE, WEBM
from scheduling.domain.stripping import images, videos
from scheduling.models import MediaFile

CANNOT = (
    "This file cannot be freed of what it says about you. Open it and save it again."
)


def make_ready(media: MediaFile) -> MediaFile:
    """See to it that it is known what leaves the house; the row is saved where it is a
    kept one. Does nothing the second time.

    Raises OSError when the file is gone, InvalidInput for an image that cannot be read.
    """
    if media.is_stripped:
        return media
    with media.open() as source:
        strip(media, source)
    changed = {"outgoing": media.outgoing.name, "is_stripped": True}
    others = MediaFile.objects.filter(pk=media.pk, is_stripped=False)
    if not others.update(**changed):
        # Somebody else was faster: theirs counts.
        if media.outgoing.name:
            media.outgoing.storage.delete(media.outgoing.name)
        media.refresh_from_db(fields=["outgoing", "is_stripped"])
    return media


def strip(media: MediaFile, source: BinaryIO) -> None:
    """Write the copy where one is needed, and note so on the object."""
    source.seek(0)
    if media.kind == IMAGE:
        _strip_image(media, source.read())
    else:
        _strip_video(media, source)
    media.is_stripped = True


def _strip_image(media: MediaFile, data: bytes) -> None:
    bare = _bare_image(data, media.mime)
    if bare != data:
        media.outgoing.save("", ContentFile(bare), save=False)


def _bare_image(data: bytes, mime: str) -> bytes:
    try:
        return images.stripped_image(data, mime)
    except images.Unknown:
        return _saved_anew(data)


def _saved_anew(data: bytes) -> bytes:
    """What the decoder makes of an image that is not quite made as its format says."""
    target = BytesIO()
    try:
        with Image.open(BytesIO(data)) as image:
            profile = image.info.get("icc_profile")
            image.save(target, image.format, icc_profile=profile, quality=95)
    except (OSError, ValueError, SyntaxError) as error:
        raise InvalidInput(CANNOT) from error
    return target.getvalue()


def _strip_video(media: MediaFile, source: BinaryIO) -> None:
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(source, copy)
        changed = (
            videos.strip_webm(cast(BinaryIO, copy))
            if media.mime == WEBM
            else videos.strip_movie(cast(BinaryIO, copy))
        )
        if changed:
            copy.seek(0)
            media.outgoing.save("", File(copy), save=False)
