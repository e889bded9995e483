"""The files themselves: for members of their workspace, and for whoever was given a
link that still holds.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import BinaryIO
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from common.errors import Missing, Problem
from common.forms import beside, show_problem
from common.pages import RefusalsTold
from scheduling.access import access_content, access_media, linked_media
from scheduling.content import fetching
from scheduling.content import media as service
from scheduling.content.forms import MediaForm
from scheduling.content.outgoing import make_ready
from scheduling.content.views import form_of, item_page
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
PIECE = 64 * 1024
CACHE_SECONDS = 3600


@member_page(Role.VIEWER)
@require_safe
def content(request: PageRequest, media_id: UUID) -> HttpResponseBase:
    """The file itself, or the range of it that was asked for."""
    media = access_media(request.user, media_id)
    return serve(request, media.open, media.mime, media.size)


@member_page(Role.VIEWER)
@require_safe
def thumbnail(request: PageRequest, media_id: UUID) -> HttpResponseBase:
    """A small JPEG of an image. Raises Missing for a video, which has none."""
    media = access_media(request.user, media_id)
    if not media.thumbnail:
        raise Missing("This file has no thumbnail")
    answer = FileResponse(_opened(media.open_thumbnail), content_type="image/jpeg")
    answer["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    return answer


@require_safe
def linked(request: HttpRequest, token: str) -> HttpResponseBase:
    """For platforms that fetch media themselves: the signature in the address is the permission."""
    media = linked_media(token)
    try:
        make_ready(media)
    except OSError as error:
        raise Missing("The file is gone") from error
    return serve(request, media.open_outgoing, media.mime, media.outgoing_size)


def serve(
    request: HttpRequest, opening: Callable[[], BinaryIO], mime: str, size: int
) -> HttpResponseBase:
    """The file, or the one range of it that was asked for.

    mime: what was read from its content.
    size: in bytes.
    """
    span = span_of(request.headers.get("Range", ""), size)
    answer: HttpResponseBase
    if span is None:
        answer = _stream(request, _opened(opening), range(size))
        answer["Content-Type"] = mime
    elif span:
        answer = _stream(request, _opened(opening), span)
        answer["Content-Type"] = mime
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    else:
        answer = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{size}"
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Disposition"] = "inline"
    # Compressing would break ranges, and these formats are compressed already.
    answer["Content-Encoding"] = "identity"
    return answer


def _stream(request: HttpRequest, file: BinaryIO, span: range) -> StreamingHttpResponse:
    # Each kind of server would read an iterator of the other kind whole, into memory.
    pieces = (
        _pieces_async(file, span)
        if isinstance(request, ASGIRequest)
        else _pieces(file, span)
    )
    return StreamingHttpResponse(pieces, headers={"Content-Length": str(len(span))})


def span_of(header: str, size: int) -> range | None:
    """The bytes asked for; None for all of them, an empty range for one that cannot be
    satisfied.
    """
    match = RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last[:18])), size)
    return range(int(first[:18]), min(int(last[:18]) + 1 if last else size, size))


def _pieces(file: BinaryIO, span: range) -> Iterator[bytes]:
    with file:
        file.seek(span.start)
        left = len(span)
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


async def _pieces_async(file: BinaryIO, span: range) -> AsyncIterator[bytes]:
    pieces = _pieces(file, span)
    while piece := await sync_to_async(lambda: next(pieces, b""))():
        yield piece


def _opened(opening: Callable[[], BinaryIO]) -> BinaryIO:
    try:
        return opening()
    except OSError as error:
        raise Missing("The file is gone") from error


@member_page(Role.EDITOR)
@require_POST
def add(request: PageRequest, item_id: UUID) -> HttpResponse:
    """What was chosen and named on the content's page; the first that cannot be taken
    is said, those before it stay.
    """
    item = access_content(request.user, item_id, Role.EDITOR)
    form = MediaForm(request.POST)
    if form.is_valid():
        try:
            count = _added(request, item_id, form)
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Added." if count else "No file was chosen.")
            return redirect("content-item", item_id)
    return item_page(request, item, form_of(item), form)


def _added(request: PageRequest, item_id: UUID, form: MediaForm) -> int:
    files = request.FILES.getlist("files")
    address = form.cleaned_data["address"]
    for file in files:
        service.add_to_content(request.user, item_id, file)
    if address:
        with beside("address"):
            fetching.add_to_content(request.user, item_id, address)
    return len(files) + bool(address)


@member_page(Role.EDITOR)
@require_POST
def describe(request: PageRequest, item_id: UUID, media_id: UUID) -> HttpResponse:
    """Change the alternative text that a file has beside the content."""
    with RefusalsTold(request):
        service.describe(request.user, item_id, media_id, request.POST.get("alt", ""))
        messages.success(request, "Alternative text saved.")
    return redirect("content-item", item_id)


@member_page(Role.EDITOR)
@require_POST
def take_away(request: PageRequest, item_id: UUID, media_id: UUID) -> HttpResponse:
    """Take a file from the content; the library keeps it."""
    with RefusalsTold(request):
        service.detach(request.user, item_id, media_id)
        messages.success(request, "Taken away.")
    return redirect("content-item", item_id)
