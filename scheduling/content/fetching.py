"""Taking images and videos in by address, as if they had been uploaded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.conf import settings
from django.core.files import File

from common.errors import InvalidInput, TooLarge
from common.outgoing import Answer, Refused, TooMuch, Unreachable, download
from scheduling.access import access_content
from scheduling.content import media
from scheduling.models import MediaFile
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

# Somebody waits for it.
SECONDS = 45.0
PAGES = ("text/html", "application/xhtml+xml")


@contextmanager
def fetched(url: str) -> Iterator[File[bytes]]:
    """The file behind an address, for as long as the block lasts. Raises InvalidInput
    and TooLarge with what to do.
    """
    most = settings.MEDIA_MOST_BYTES
    with tempfile.TemporaryFile() as target:
        try:
            answer = download(url, target, seconds=SECONDS, most_bytes=most)
        except (Refused, Unreachable) as problem:
            raise InvalidInput(
                f"Nothing could be fetched from there. {problem}"
            ) from problem
        except TooMuch as problem:
            raise TooLarge(
                f"The file at this address has more than the {most} bytes that are taken."
            ) from problem
        _check(answer)
        target.seek(0)
        yield File(target, name=name_in(url))


def _check(answer: Answer) -> None:
    if answer.status in (401, 403):
        raise InvalidInput(
            "The file at this address is not public. Download it yourself and add it as a file."
        )
    if not answer.is_success:
        raise InvalidInput(
            f"Nothing could be fetched from there: the other side answers {answer.status}."
        )
    content_type = answer.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() in PAGES:
        raise InvalidInput(
            "This address leads to a page. Give the address of the image or video itself."
        )


def name_in(url: str) -> str:
    """What the file is called there, without an ending: addresses lie about it more
    often than files do.
    """
    parts = urlsplit(url)
    return PurePath(unquote(parts.path)).stem or parts.hostname or "file"


def add_media_from(
    workspace: Workspace, url: str, user: User, alt: str = ""
) -> MediaFile:
    """As `media.add_media`, by address. Raises what that and `fetched` raise."""
    require_role(user, workspace, Role.EDITOR)
    with fetched(url) as file:
        return media.add_media(workspace, file, user, alt)


def add_to_content(user: User, content_id: UUID, url: str, alt: str = "") -> MediaFile:
    """As `media.add_to_content`, by address."""
    item = access_content(user, content_id, Role.EDITOR)
    media_file = add_media_from(item.workspace, url, user, alt)
    media.attach(user, content_id, media_file.pk)
    return media_file
