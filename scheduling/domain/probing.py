"""What a file really is: read from its content, never from its name or from what the
sender says of it.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError
from pymediainfo import MediaInfo

IMAGE = "image"
VIDEO = "video"
# What the decoder calls a file, and what it is: a JPEG with further pictures behind the
# first is one.
IMAGES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
DECODERS = ("JPEG", "PNG", "GIF", "WEBP")
MP4 = "video/mp4"
MOV = "video/quicktime"
WEBM = "video/webm"
# What the reader of containers calls the ways in which videos are coded, and what people
# and the platforms' rules call them; others keep the reader's name.
CODECS = {
    "AVC": "H.264",
    "HEVC": "HEVC",
    "VP8": "VP8",
    "VP9": "VP9",
    "AV1": "AV1",
    "ProRes": "ProRes",
    "JPEG": "Motion JPEG",
    "MPEG-4 Visual": "MPEG-4 Visual",
    "MPEG Video": "MPEG-2",
}
LONGEST_CODEC = 40
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    MP4: ".mp4",
    MOV: ".mov",
    WEBM: ".webm",
}
# Brands of images in containers that videos have too.
AVIF = (b"avif", b"avis")
HEIF = (
    b"heic",
    b"heix",
    b"heim",
    b"heis",
    b"hevc",
    b"hevx",
    b"hevm",
    b"hevs",
    b"mif1",
    b"mif2",
    b"msf1",
    b"miaf",
)
PICTURES = (*AVIF, *HEIF)
# What people send that is not taken, by its first bytes, and what to save it as.
OTHERS = (
    (b"II*\x00", "a TIFF", "JPEG or PNG"),
    (b"MM\x00*", "a TIFF", "JPEG or PNG"),
    (b"BM", "a BMP", "JPEG or PNG"),
    (b"\x00\x00\x01\x00", "an icon", "PNG"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000", "JPEG"),
    (b"\x1a\x45\xdf\xa3", "a Matroska video (MKV)", "MP4"),
    (b"OggS", "an Ogg file", "MP4"),
    (b"FLV\x01", "a Flash video", "MP4"),
    (b"%PDF", "a PDF", "pictures, one for each page,"),
)
RIFF_AVI = (b"RIFF", b"AVI ")
RIFF_WEBP = (b"RIFF", b"WEBP")
MOST_PIXELS = 64_000_000
# An animation is decoded frame by frame by whoever sees it.
MOST_FRAMES = 350
MOST_FRAME_PIXELS = 300_000_000
THUMBNAIL = (480, 480)
# EXIF orientations that lie on their side.
ORIENTATION = 0x0112
SIDEWAYS = (5, 6, 7, 8)


# Their further pictures are no frames.
STILL = ("JPEG", "MPO")
NO_PICTURE = "This video holds no picture."
# Length and kind of a part of an MP4.
BOX_HEAD = 8
NO_IMAGE = "This is no image (JPEG, PNG, GIF, WebP) and no video (MP4, MOV, WebM)."
ENDS_EARLY = (
    "This {kind} ends early: its last part is missing. Copy it again from where it comes "
    "from, or open it and save it again."
)
DAMAGED = "This image is damaged. Open it in an editor and save it again."
TOO_MUCH_TEXT = (
    "This image carries more text beside the picture than is read. Save it again "
    "without it."
)
# How images begin, whatever is wrong with the rest of them.
IMAGE_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")


class NotMedia(ValueError):
    """The file cannot be taken; the text says why."""


@dataclass(frozen=True)
class Facts:
    """Kind and MIME type, width and height in pixels as shown, seconds for what moves,
    and how a video is coded, as `CODECS` names it; blank where that is not known.
    """

    kind: str
    mime: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    codec: str = ""


def probe(file: BinaryIO) -> Facts:
    """The facts of an image or a video. Raises NotMedia for anything else, broken files
    and decompression bombs.
    """
    file.seek(0)
    head = file.read(4096)
    video = video_type(head)
    if not video and (advice := what_to_do(head)):
        raise NotMedia(advice)
    file.seek(0)
    try:
        return probe_video(file, video) if video else probe_image(file)
    finally:
        file.seek(0)


def what_to_do(head: bytes) -> str:
    """About a file that is known and not taken, by its first bytes; blank for others."""
    kind, better = "", ""
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    if brand in AVIF:
        kind, better = "an AVIF", "JPEG or PNG"
    elif brand in HEIF:
        kind, better = "a HEIC", "JPEG"
    elif (head[:4], head[8:12]) == RIFF_AVI:
        kind, better = "an AVI video", "MP4"
    for begin, name, wanted in OTHERS:
        if head.startswith(begin):
            kind, better = name, wanted
    return f"This is {kind}. Save it as {better} and add that." if kind else ""


def video_type(head: bytes) -> str | None:
    """The container's MIME type by its first bytes; None for what is no container that we know."""
    if head[4:8] == b"ftyp":
        return _type_of_brand(head)
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return WEBM
    return None


def _type_of_brand(head: bytes) -> str | None:
    """Of what names its brand as MP4 does; None for images."""
    brand = head[8:12]
    if brand in PICTURES:
        return None
    return MOV if brand == b"qt  " else MP4


def probe_video(file: BinaryIO, mime: str) -> Facts:
    """Size in pixels as it is played, and seconds to the millisecond. Raises NotMedia."""
    tracks = MediaInfo.parse(file).video_tracks
    if not tracks:
        ends_early = mime != WEBM and movie_ends_early(file)
        text = ENDS_EARLY.format(kind=VIDEO) if ends_early else NO_PICTURE
        raise NotMedia(text)
    track = tracks[0]
    sideways = str(track.rotation or "0").split(".")[0] in ("90", "270")
    width, height = (
        (track.height, track.width) if sideways else (track.width, track.height)
    )
    if not width or not height:
        raise NotMedia("This video is damaged: it has no size.")
    return Facts(VIDEO, mime, int(width), int(height), _duration(track), _codec(track))


def movie_ends_early(file: BinaryIO) -> bool:
    """Whether an MP4 or MOV is shorter than its parts say, as one that was not copied to
    its end is.
    """
    length = file.seek(0, os.SEEK_END)
    place = 0
    while place + BOX_HEAD <= length:
        file.seek(place)
        size, _, large = struct.unpack(">I4sQ", file.read(BOX_HEAD + 8).ljust(16))
        # One that says nothing of its size goes on to the end of the file.
        size = {0: length - place, 1: large}.get(size, size)
        place += max(size, BOX_HEAD)
    return place > length


def _codec(track: Any) -> str:
    name = str(track.format or "")
    return CODECS.get(name, name)[:LONGEST_CODEC]


def _duration(track: Any) -> float | None:
    """Seconds to the millisecond; None where the file does not say, as recordings of
    browsers do not.
    """
    return round(float(track.duration) / 1000, 3) if track.duration else None


def probe_image(file: BinaryIO) -> Facts:
    """Size in pixels as it is shown, and the seconds of an animation. Raises NotMedia."""
    try:
        with Image.open(file, formats=DECODERS) as image:
            check_pixels(image)
            seconds = check_frames(image)
            # Broken data shows only when it is decoded.
            image.load()
            width, height = image.size
            if image.getexif().get(ORIENTATION) in SIDEWAYS:
                width, height = height, width
            mime = IMAGES.get(str(image.format))
            if mime is None:
                raise NotMedia(NO_IMAGE)
            return Facts(IMAGE, mime, width, height, seconds)
    except NotMedia:
        raise
    except UnidentifiedImageError:
        raise NotMedia(_unknown_text(file)) from None
    except Image.DecompressionBombError:
        raise NotMedia(too_many_pixels()) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        raise NotMedia(_trouble_text(file, error)) from error


def _unknown_text(file: BinaryIO) -> str:
    """What is wrong with a file that no decoder takes."""
    file.seek(0)
    head = file.read(16)
    return DAMAGED if head.startswith(IMAGE_BEGINNINGS) else NO_IMAGE


def _trouble_text(file: BinaryIO, error: Exception) -> str:
    """What kept an image from being decoded: the decoder's own words tell."""
    words = str(error).lower()
    if "truncated" in words or _webp_ends_early(file):
        return ENDS_EARLY.format(kind=IMAGE)
    if "text" in words and isinstance(error, ValueError):
        return TOO_MUCH_TEXT
    return DAMAGED


def _webp_ends_early(file: BinaryIO) -> bool:
    """Whether a WebP is shorter than its head says."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(12)
    if (head[:4], head[8:]) != RIFF_WEBP:
        return False
    return int.from_bytes(head[4:8], "little") + 8 > length


def check_pixels(image: Image.Image) -> None:
    """Raises NotMedia before anything is decoded."""
    if image.width * image.height > MOST_PIXELS:
        raise NotMedia(too_many_pixels())


def too_many_pixels() -> str:
    """Why such an image is refused."""
    return f"This image has more than {MOST_PIXELS // 1_000_000} million pixels."


def check_frames(image: Image.Image) -> float | None:
    """Raises NotMedia for animations that are too long or that platforms do not show;
    seconds of one that is fine.
    """
    frames = getattr(image, "n_frames", 1)
    if frames == 1 or image.format in STILL:
        return None
    _check_animation(image, frames)
    return _seconds(image, frames)


def _seconds(image: Image.Image, frames: int) -> float:
    """How long all frames are shown, to the millisecond."""
    image.seek(0)
    return round(sum(frame_seconds(image, number) for number in range(frames)), 3)


def _check_animation(image: Image.Image, frames: int) -> None:
    if image.format != "GIF":
        raise NotMedia("Animated images are taken as GIF only.")
    if frames > MOST_FRAMES or frames * image.width * image.height > MOST_FRAME_PIXELS:
        raise NotMedia(
            f"This animation is too large: at most {MOST_FRAMES} frames and 300 "
            "million pixels in all."
        )


def frame_seconds(image: Image.Image, number: int) -> float:
    """How long the frame is shown; a tenth of a second where the file does not say."""
    image.seek(number)
    return float(image.info.get("duration", 100)) / 1000


def thumbnail(file: BinaryIO, target: BinaryIO) -> None:
    """A small JPEG of an image, upright and without what the camera wrote into it."""
    file.seek(0)
    with Image.open(file, formats=DECODERS) as image:
        image.draft("RGB", (THUMBNAIL[0] * 2, THUMBNAIL[1] * 2))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail(THUMBNAIL)
        flat = Image.new("RGB", upright.size, "white")
        layered = upright.convert("RGBA")
        flat.paste(layered, mask=layered.getchannel("A"))
        flat.save(target, "JPEG", quality=80)
    file.seek(0)
