"""What leaves the house of a file: what is seen and heard, and nothing else."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from django.core.files.base import ContentFile
from hypothesis import given
from hypothesis import strategies as st
from media_files import animation, box, element, film, picture, recording
from PIL import Image, ImageCms, PngImagePlugin

from cast import make_content
from common.errors import InvalidInput
from scheduling.content import media, outgoing
from scheduling.domain.stripping import images, videos
from scheduling.models import MediaFile
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db]

OWNER, SERIAL, PLACE = "Jane Q. Owner", "SN-4711-0815", b"+52.5200+013.4050/"
SECRETS = [OWNER.encode(), SERIAL.encode(), PLACE, b"52.52", b"hidden"]
GPS = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation: int = 1) -> Image.Exif:
    told = Image.Exif()
    told[0x0112], told[0x013B], told[0xA431] = orientation, OWNER, SERIAL
    told.get_ifd(0x8825).update(GPS)
    return told


def scene(size: tuple[int, int] = (40, 24)) -> Image.Image:
    """Another colour in each corner, so that turning shows."""
    drawn = Image.new("RGB", size, "teal")
    drawn.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    drawn.paste("yellow", (size[0] // 2, size[1] // 2, *size))
    return drawn


def saved(format_: str, **options: Any) -> bytes:
    target = io.BytesIO()
    scene().save(target, format_, **options)
    return target.getvalue()


def told_png() -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", OWNER)
    words.add_itxt("XML:com.adobe.xmp", f"<x>{SERIAL}</x>", zip=False)
    return saved("PNG", pnginfo=words, exif=exif(), icc_profile=PROFILE)


def mpo() -> bytes:
    """A photograph with another one behind it."""
    target = io.BytesIO()
    behind = Image.new("RGB", (40, 24), "black")
    scene().save(target, "MPO", save_all=True, append_images=[behind], exif=exif())
    return target.getvalue()


def told_gif() -> bytes:
    plain = animation()
    place = 13 + (3 << (plain[10] & 7) + 1 if plain[10] & 0x80 else 0)
    comment = b"\x21\xfe" + bytes([len(OWNER)]) + OWNER.encode() + b"\x00"
    return plain[:place] + comment + plain[place:] + b"hidden"


JPEG = {"quality": 90, "exif": exif(), "comment": SERIAL, "icc_profile": PROFILE}
TOLD = {
    "jpeg": (saved("JPEG", **JPEG) + b"hidden", "image/jpeg"),
    "progressive": (saved("JPEG", progressive=True, **JPEG), "image/jpeg"),
    "mpo": (mpo(), "image/jpeg"),
    "png": (told_png() + b"hidden", "image/png"),
    "gif": (told_gif(), "image/gif"),
    "webp": (
        saved("WEBP", exif=exif(), xmp=SERIAL.encode(), icc_profile=PROFILE),
        "image/webp",
    ),
    "lossless webp": (saved("WEBP", lossless=True, exif=exif()), "image/webp"),
}


def pixels(data: bytes) -> list[bytes]:
    with Image.open(io.BytesIO(data)) as image:
        frames = getattr(image, "n_frames", 1) if image.format == "GIF" else 1
        shown = []
        for number in range(frames):
            image.seek(number)
            shown.append(image.convert("RGB").tobytes())
        return shown


@pytest.mark.parametrize("kind", TOLD)
def test_an_image_leaves_with_its_pixels_and_profile_alone(kind: str) -> None:
    data, mime = TOLD[kind]
    bare = images.stripped_image(data, mime)
    assert any(secret in data for secret in SECRETS) or kind in ("webp", "mpo")
    assert not [secret for secret in SECRETS if secret in bare]
    assert pixels(bare) == pixels(data)
    with Image.open(io.BytesIO(bare)) as image, Image.open(io.BytesIO(data)) as before:
        assert not image.getexif()
        assert image.info.get("icc_profile") == before.info.get("icc_profile")
        assert image.info.get("loop") == before.info.get("loop")
        assert image.format == ("JPEG" if kind == "mpo" else before.format)
    assert images.stripped_image(bare, mime) == bare


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_what_lies_on_its_side_leaves_upright(format_: str, orientation: int) -> None:
    data = saved(format_, exif=exif(orientation), icc_profile=PROFILE, quality=95)
    bare = images.stripped_image(data, f"image/{format_.lower()}")
    assert not [secret for secret in SECRETS if secret in bare]
    with Image.open(io.BytesIO(bare)) as image, Image.open(io.BytesIO(data)) as before:
        assert not image.getexif().get(0x0112, 1) > 1
        assert image.info["icc_profile"] == PROFILE
        turned = before.size[::-1] if orientation > 4 else before.size
        assert image.size == turned
        corner = image.convert("RGB").getpixel((0, 0))
    red_at_the_top_left = orientation in (1, 5)
    assert (corner[0] > 150 and corner[1] < 90) is red_at_the_top_left


@given(st.sampled_from(sorted(TOLD)), st.data())
def test_a_file_that_breaks_off_is_said_to(kind: str, data: Any) -> None:
    whole, mime = TOLD[kind]
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        bare = images.STRIPPERS[mime](cut)
    except (images.Unknown, IndexError, struct.error):
        return
    assert len(bare) <= len(cut) + 1


# --- videos


def told_boxes() -> bytes:
    place = box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0x15C7), PLACE)
    keys = box(b"meta", bytes(4), SERIAL.encode())
    return box(b"udta", place, OWNER.encode()) + keys


def positions(offset: int, samples: bytes) -> bytes:
    """A track that records where the camera was."""
    handler = box(b"hdlr", struct.pack(">II4s", 0, 0, b"meta"), bytes(13))
    table = box(
        b"stbl",
        box(b"stsc", struct.pack(">5I", 0, 1, 1, 2, 1)),
        box(b"stsz", struct.pack(">5I", 0, 0, 2, len(samples) - 4, 4)),
        box(b"stco", struct.pack(">3I", 0, 1, offset)),
    )
    return box(b"trak", box(b"mdia", handler, box(b"minf", table)))


@pytest.mark.parametrize("brand", [b"isom", b"qt  "])
def test_a_video_leaves_without_places_and_names(brand: bytes) -> None:
    samples = PLACE + b"hidden"
    seen = b"picture and sound"
    track = positions(0, samples)
    start = len(film(brand=brand, more=told_boxes() + track)) + 8
    movie = film(brand=brand, more=told_boxes() + positions(start, samples))
    whole = movie + box(b"mdat", samples, seen) + box(b"uuid", OWNER.encode())
    copy = io.BytesIO(whole)
    assert videos.strip_movie(copy)
    bare = copy.getvalue()
    assert len(bare) == len(whole)
    assert seen in bare
    assert not [secret for secret in SECRETS if secret in bare]
    assert not videos.strip_movie(io.BytesIO(film(brand=brand)))
    assert not videos.strip_movie(copy)


@pytest.mark.parametrize("known", [True, False])
def test_a_recording_leaves_without_its_tags(known: bool) -> None:
    tags = element(0x1254C367, OWNER.encode())
    whole = recording(tags + element(0x1941A469, SERIAL.encode()), known)
    copy = io.BytesIO(whole)
    assert videos.strip_webm(copy)
    bare = copy.getvalue()
    assert len(bare) == len(whole)
    assert not [secret for secret in SECRETS if secret in bare]
    assert not videos.strip_webm(copy)


@given(st.binary(max_size=300), st.integers(0, 600))
def test_no_bytes_break_it(noise: bytes, place: int) -> None:
    movie = film(more=told_boxes())
    for whole, strip in ((movie, videos.strip_movie), (recording(), videos.strip_webm)):
        spoilt = io.BytesIO(whole[:place] + noise + whole[place + len(noise) :])
        strip(spoilt)


# --- the library and the ways out


def keep(workspace: Workspace, content: bytes, name: str = "file") -> MediaFile:
    return media.add_media(workspace, ContentFile(content, name))


def test_the_library_keeps_the_original_and_links_lead_to_the_copy(
    workspace: Workspace, editor: User, browse
) -> None:
    data, _ = TOLD["jpeg"]
    kept = keep(workspace, data)
    assert kept.open().read() == data
    assert OWNER.encode() not in kept.read()
    own = b"".join(browse(editor).get(f"/media/{kept.pk}").streaming_content)
    assert own == data
    path = kept.link().partition("/media/")[2]
    answer = browse().get(f"/media/{path}")
    sent = b"".join(answer.streaming_content)
    assert sent == kept.read()
    assert answer["Content-Length"] == str(len(sent))


def test_a_file_of_before_is_made_ready_when_it_goes_out(
    workspace: Workspace, browse
) -> None:
    kept = keep(workspace, TOLD["jpeg"][0])
    kept.outgoing.storage.delete(kept.outgoing.name)
    MediaFile.objects.filter(pk=kept.pk).update(outgoing="", is_stripped=False)
    old = MediaFile.objects.get(pk=kept.pk)
    with pytest.raises(ValueError, match="not made ready"):
        old.read()
    path = old.link().partition("/media/")[2]
    sent = b"".join(browse().get(f"/media/{path}").streaming_content)
    assert OWNER.encode() not in sent
    outgoing.make_ready(old)
    assert MediaFile.objects.get(pk=kept.pk).read() == sent


def test_what_says_nothing_is_kept_once(workspace: Workspace) -> None:
    kept = keep(workspace, picture())
    assert (kept.outgoing.name, kept.is_stripped) == ("", True)
    assert kept.read() == picture()


@pytest.mark.parametrize("known", [True, False])
def test_a_recording_without_a_duration_is_taken(
    workspace: Workspace, known: bool
) -> None:
    kept = keep(workspace, recording(known=known))
    assert (kept.mime, kept.width, kept.height, kept.seconds) == (
        "video/webm",
        320,
        240,
        None,
    )


def test_a_photograph_with_others_behind_it_is_a_jpeg(workspace: Workspace) -> None:
    kept = keep(workspace, mpo(), "photo.jpg")
    assert (kept.kind, kept.mime, kept.seconds) == ("image", "image/jpeg", None)
    with Image.open(io.BytesIO(kept.read())) as image:
        assert (image.format, getattr(image, "n_frames", 1)) == ("JPEG", 1)


@pytest.mark.parametrize("name", ["clip.3gp", "clip.3g2", "clip.m4a", "clip.mp4"])
def test_a_name_of_sound_or_picture_is_no_lie(workspace: Workspace, name: str) -> None:
    assert keep(workspace, film(), name).mime == "video/mp4"


def heif(brand: bytes) -> bytes:
    return box(b"ftyp", brand, bytes(4)) + bytes(64)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        *((heif(brand), "This is a HEIC") for brand in (b"heic", b"hevc", b"heim")),
        (heif(b"avif"), "an AVIF. Save it as JPEG or PNG"),
        (b"II*\x00" + bytes(99), "a TIFF. Save it as JPEG or PNG"),
        (b"RIFF\x00\x00\x00\x00AVI " + bytes(99), "an AVI video. Save it as MP4"),
        (b"\x1a\x45\xdf\xa3" + b"matroska" + bytes(99), "MKV). Save it as MP4"),
        (b"BM" + bytes(99), "a BMP"),
    ],
)
def test_what_is_not_taken_is_named_with_what_to_do(
    workspace: Workspace, content: bytes, words: str
) -> None:
    with pytest.raises(InvalidInput, match="was not added") as refused:
        keep(workspace, content, "file")
    assert words in refused.value.message


def test_too_much_text_is_named_as_the_cause(workspace: Workspace) -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "x" * 3_000_000, zip=True)
    with pytest.raises(InvalidInput, match="more text beside the picture"):
        keep(workspace, saved("PNG", pnginfo=words))


def test_content_goes_out_with_clean_files(workspace: Workspace, editor: User) -> None:
    item = make_content(workspace)
    kept = media.add_to_content(
        editor, item.pk, ContentFile(TOLD["png"][0], "me at home.png")
    )
    assert SERIAL.encode() not in kept.read()
    assert "home" not in kept.plain_name
