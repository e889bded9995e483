"""Small images and videos made for tests."""

from __future__ import annotations

import io
import struct
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from scheduling.content.media import add_media
from scheduling.models import ContentItem, ContentMedia, MediaFile


def picture(
    format_: str = "JPEG",
    size: tuple[int, int] = (64, 48),
    color: str = "teal",
    **options: Any,
) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, color).save(made, format_, **options)
    return made.getvalue()


def animation(
    format_: str = "GIF", frames: int = 3, size: tuple[int, int] = (16, 16)
) -> bytes:
    made = io.BytesIO()
    first, *others = [
        Image.new("RGB", size, (number * 97 % 256, number * 31 % 256, 9))
        for number in range(frames)
    ]
    first.save(made, format_, save_all=True, append_images=others, duration=100)
    return made.getvalue()


def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, name) + body


def film(
    seconds: float = 4,
    size: tuple[int, int] = (640, 360),
    brand: bytes = b"isom",
    more: bytes = b"",
) -> bytes:
    """An MP4 with everything that says what it holds, and nothing in it; `more` boxes of
    its movie.
    """
    width, height = size
    long = round(seconds * 1000)
    square = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    movie = box(
        b"mvhd",
        struct.pack(">5I", 0, 0, 0, 1000, long),
        struct.pack(">IH10x", 0x10000, 0x100),
        square,
        bytes(24),
        struct.pack(">I", 2),
    )
    track = box(
        b"tkhd",
        struct.pack(">6I", 7, 0, 0, 1, 0, long),
        bytes(16),
        square,
        struct.pack(">2I", width << 16, height << 16),
    )
    avc = box(b"avcC", bytes([1, 66, 0, 30, 255, 224, 0]))
    entry = box(
        b"avc1",
        bytes(6),
        struct.pack(">H", 1),
        bytes(16),
        struct.pack(">HHIIIH", width, height, 0x480000, 0x480000, 0, 1),
        bytes(32),
        struct.pack(">Hh", 24, -1),
        avc,
    )
    table = box(
        b"stbl",
        box(b"stsd", struct.pack(">II", 0, 1), entry),
        box(b"stts", struct.pack(">IIII", 0, 1, 1, long)),
        box(b"stsc", struct.pack(">II", 0, 0)),
        box(b"stsz", struct.pack(">III", 0, 0, 0)),
        box(b"stco", struct.pack(">II", 0, 0)),
    )
    media = box(
        b"mdia",
        box(b"mdhd", struct.pack(">5I2H", 0, 0, 0, 1000, long, 0x55C4, 0)),
        box(b"hdlr", struct.pack(">II4s", 0, 0, b"vide"), bytes(13)),
        box(b"minf", box(b"vmhd", bytes(12)), table),
    )
    return box(b"ftyp", brand, struct.pack(">I", 0), brand) + box(
        b"moov", movie, box(b"trak", track, media), more
    )


def element(name: int, body: bytes, known: bool = True) -> bytes:
    """An element of a WebM, of a length that it tells or not."""
    head = name.to_bytes((name.bit_length() + 7) // 8)
    length = (1 << 56 | len(body)) if known else (1 << 57) - 1
    return head + length.to_bytes(8) + body


def recording(tags: bytes = b"", known: bool = True) -> bytes:
    """A WebM as browsers record it: no duration, and, unless `known`, no lengths."""
    kind = element(0x4282, b"webm")
    video = element(0xB0, (320).to_bytes(2)) + element(0xBA, (240).to_bytes(2))
    track = (
        element(0xD7, b"\x01")
        + element(0x73C5, b"\x01")
        + element(0x83, b"\x01")
        + element(0x86, b"V_VP8")
        + element(0xE0, video)
    )
    parts = element(0x1549A966, element(0x2AD7B1, (10**6).to_bytes(3)))
    parts += element(0x1654AE6B, element(0xAE, track)) + tags
    parts += element(0x1F43B675, element(0xE7, b"\x00"), known)
    return element(0x1A45DFA3, kind) + element(0x18538067, parts, known)


def upload(name: str = "photo.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if content is None else content)


def put_beside(
    item: ContentItem, data: bytes, name: str = "file", **place: Any
) -> MediaFile:
    """Keep a file and put it after the content's others."""
    kept = add_media(item.workspace, ContentFile(data, name))
    position = item.media_places.count()
    ContentMedia.objects.create(content=item, media=kept, position=position, **place)
    return kept
