"""Images without what the camera and the editor wrote into them.

What is left: the picture, its colour profile, an animation's timing. Nothing is decoded
but a picture that lies on its side, which is turned upright. JPEG files end with their
first picture: what other pictures stand behind it (MPO, Ultra HDR) is left out.

Sources: ITU-T T.81 annex B and the ICC, Adobe and JFIF markers; W3C PNG 3rd edition,
chunk names; GIF89a; Google's WebP container specification.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO

from PIL import Image, ImageOps, JpegImagePlugin

JPEG = "image/jpeg"
PNG = "image/png"
GIF = "image/gif"
WEBP = "image/webp"
ORIENTATION = 0x0112
UPRIGHT = (None, 1)

JPEG_BEGIN = b"\xff\xd8"
JPEG_END = 0xD9
SCAN = 0xDA
COMMENT = 0xFE
FIRST_APP, LAST_APP = 0xE0, 0xEF
# Markers without a length, and the zero after an 0xff that is data.
BARE_MARKERS = {0x00, 0x01, *range(0xD0, 0xD9)}
# What application segments begin with that are kept, by their marker.
KEPT_APPS = {
    0xE0: (b"JFIF\x00",),
    0xE2: (b"ICC_PROFILE\x00",),
    0xEE: (b"Adobe",),
}

PNG_BEGIN = b"\x89PNG\r\n\x1a\n"
PNG_END = b"IEND"
KEPT_CHUNKS = {
    b"IHDR",
    b"PLTE",
    b"IDAT",
    b"IEND",
    b"tRNS",
    b"cHRM",
    b"gAMA",
    b"iCCP",
    b"sBIT",
    b"sRGB",
    b"cICP",
    b"mDCV",
    b"cLLI",
    b"bKGD",
    b"hIST",
    b"pHYs",
    b"sPLT",
}

GIF_EXTENSION, GIF_IMAGE, GIF_END = 0x21, 0x2C, 0x3B
GIF_CONTROL, GIF_APPLICATION = 0xF9, 0xFF
KEPT_APPLICATIONS = {
    b"NETSCAPE2.0",
    b"ANIMEXTS1.0",
    b"ICCRGBG1012",
}

WEBP_HEAD = struct.Struct("<4sI4s")
WEBP_CHUNK = struct.Struct("<4sI")
KEPT_WEBP = {
    b"VP8 ",
    b"VP8L",
    b"VP8X",
    b"ALPH",
    b"ICCP",
    b"ANIM",
    b"ANMF",
}
# The flags of VP8X that tell of EXIF and XMP.
TOLD_IN_FLAGS = 0x08 | 0x04


class Unknown(ValueError):
    """The file is not made as its format says; it cannot be taken apart."""


def stripped_image(data: bytes, mime: str) -> bytes:
    """The image's file without what is not seen; the same bytes where there is nothing.

    Raises Unknown for a file that is not made as its format says.
    """
    if not _is_upright(data):
        return _turned(data, mime)
    try:
        return STRIPPERS[mime](data)
    except (IndexError, struct.error) as error:
        raise Unknown("The file breaks off.") from error


def _is_upright(data: bytes) -> bool:
    with Image.open(BytesIO(data)) as image:
        return image.getexif().get(ORIENTATION) in UPRIGHT


def _turned(data: bytes, mime: str) -> bytes:
    """Upright, in the same format and quality, with its colour profile."""
    target = BytesIO()
    with Image.open(BytesIO(data)) as image:
        profile = image.info.get("icc_profile")
        options = _saving(image, mime)
        upright = ImageOps.exif_transpose(image)
        upright.info.pop("exif", None)
        upright.save(target, image.format, icc_profile=profile, **options)
    return STRIPPERS[mime](target.getvalue())


def _saving(image: Image.Image, mime: str) -> dict[str, object]:
    """How the format keeps what the picture has."""
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        sampling = JpegImagePlugin.get_sampling(image)
        tables = {"qtables": image.quantization}
        return tables | ({"subsampling": sampling} if sampling >= 0 else {})
    return {"quality": 95, "exact": True} if mime == WEBP else {}


# --- JPEG


def stripped_jpeg(data: bytes) -> bytes:
    """Up to the end of the first picture."""
    if not data.startswith(JPEG_BEGIN):
        raise Unknown("This is no JPEG.")
    kept = [JPEG_BEGIN]
    kept += (segment for segment in _segments(data) if not _is_told(segment))
    return b"".join(kept)


def _segments(data: bytes) -> Iterator[bytes]:
    """Each with its marker; the data of a scan with the scan. A file that breaks off
    ends with what is there.
    """
    place = len(JPEG_BEGIN)
    while place < len(data):
        if data[place] != 0xFF:
            raise Unknown("A marker is missing.")
        if data[place + 1] == 0xFF:
            place += 1
            continue
        end = _segment_end(data, place)
        yield data[place:end]
        if data[place + 1] == JPEG_END:
            return
        place = end


def _segment_end(data: bytes, place: int) -> int:
    marker = data[place + 1]
    if marker == JPEG_END or marker in BARE_MARKERS:
        return place + 2
    end = place + 2 + int.from_bytes(data[place + 2 : place + 4])
    return _scan_end(data, end) if marker == SCAN else end


def _scan_end(data: bytes, place: int) -> int:
    """Where the next marker after a scan's data stands."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            return len(data)
        follower = data[place + 1]
        if follower == 0xFF:
            place += 1
        elif follower in BARE_MARKERS:
            place += 2
        else:
            return place


def _is_told(segment: bytes) -> bool:
    """Whether the segment tells of the picture rather than being part of it."""
    marker = segment[1]
    if marker == COMMENT:
        return True
    if not FIRST_APP <= marker <= LAST_APP:
        return False
    return not segment[4:].startswith(KEPT_APPS.get(marker, ()))


# --- PNG


def stripped_png(data: bytes) -> bytes:
    """The chunks that make the picture, up to the last."""
    if not data.startswith(PNG_BEGIN):
        raise Unknown("This is no PNG.")
    kept = [PNG_BEGIN]
    place = len(PNG_BEGIN)
    while place < len(data):
        size, name = struct.unpack_from(">I4s", data, place)
        end = place + 12 + size
        if name in KEPT_CHUNKS:
            kept.append(data[place:end])
        if name == PNG_END:
            break
        place = end
    return b"".join(kept)


# --- GIF


def stripped_gif(data: bytes) -> bytes:
    """Frames, their timing, and how often they are shown."""
    if data[:3] != b"GIF":
        raise Unknown("This is no GIF.")
    place = 13 + _table_size(data[10])
    kept = [data[:place]]
    while data[place] != GIF_END:
        end = _block_end(data, place)
        if data[place] == GIF_IMAGE or _is_kept_extension(data, place):
            kept.append(data[place:end])
        place = end
    kept.append(data[place : place + 1])
    return b"".join(kept)


def _table_size(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _block_end(data: bytes, place: int) -> int:
    if data[place] == GIF_IMAGE:
        return _subblocks_end(data, place + 11 + _table_size(data[place + 9]))
    if data[place] == GIF_EXTENSION:
        return _subblocks_end(data, place + 2)
    raise Unknown("A block of the GIF is of no known kind.")


def _subblocks_end(data: bytes, place: int) -> int:
    while size := data[place]:
        place += size + 1
    return place + 1


def _is_kept_extension(data: bytes, place: int) -> bool:
    label = data[place + 1]
    if label == GIF_APPLICATION:
        return data[place + 3 : place + 14] in KEPT_APPLICATIONS
    return label == GIF_CONTROL


# --- WebP


def stripped_webp(data: bytes) -> bytes:
    """The chunks that make the picture."""
    riff, size, webp = WEBP_HEAD.unpack_from(data)
    if (riff, webp) != (b"RIFF", b"WEBP"):
        raise Unknown("This is no WebP.")
    kept = []
    place = WEBP_HEAD.size
    while place + WEBP_CHUNK.size <= min(len(data), size + 8):
        name, length = WEBP_CHUNK.unpack_from(data, place)
        end = place + WEBP_CHUNK.size + length + length % 2
        if name in KEPT_WEBP:
            kept.append(_untold(data[place:end], name))
        place = end
    body = b"".join(kept)
    return WEBP_HEAD.pack(b"RIFF", len(body) + 4, b"WEBP") + body


def _untold(chunk: bytes, name: bytes) -> bytes:
    """The chunk; of the one with the flags, without those of what was taken out."""
    if name != b"VP8X":
        return chunk
    flags = chunk[WEBP_CHUNK.size] & ~TOLD_IN_FLAGS
    place = WEBP_CHUNK.size
    return chunk[:place] + bytes([flags]) + chunk[place + 1 :]


STRIPPERS = {
    JPEG: stripped_jpeg,
    PNG: stripped_png,
    GIF: stripped_gif,
    WEBP: stripped_webp,
}
