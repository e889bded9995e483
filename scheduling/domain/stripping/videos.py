"""Videos without what the camera and the editor wrote into them.

Nothing moves in the file: what is taken out becomes free space of the same length, so
that every offset stays right and only a few thousand bytes are written.

MP4 and MOV (ISO/IEC 14496-12, Apple's QuickTime file format): user data, metadata and
UUID boxes of the file, the movie and its tracks; tracks that are neither picture nor
sound nor text, such as positions recorded while filming, with their samples. WebM
(RFC 9559): tags and attachments.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

FREE = b"free"
TOLD_BOXES = {
    b"udta",
    b"meta",
    b"uuid",
    b"XMP_",
    b"Xtra",
}
MOVIE = b"moov"
TRACK = b"trak"
FRAGMENTED = b"mvex"
# Bytes before a box's content.
SHORT_HEAD = 8
LONG_HEAD = 16
# What tracks are for: picture, sound, texts, timecode.
SEEN_AND_HEARD = {
    b"vide",
    b"soun",
    b"text",
    b"sbtl",
    b"subt",
    b"clcp",
    b"tmcd",
}
HANDLER_PATH = (b"mdia", b"hdlr")
SAMPLES_PATH = (b"mdia", b"minf", b"stbl")
PIECE = 1024 * 1024
# More than films have. A file that is made to keep us busy is not looked through to its end.
MOST_PARTS = 100_000
MOST_BLOCKS = 1_000_000
MOST_TABLE_BYTES = 8 * 1024 * 1024

SEGMENT = 0x18538067
CLUSTER = 0x1F43B675
TAGS = 0x1254C367
ATTACHMENTS = 0x1941A469
VOID = 0xEC
# Elements that stand beside a cluster.
SEEK_HEAD = 0x114D9B74
INFO = 0x1549A966
TRACKS = 0x1654AE6B
CUES = 0x1C53BB6B
CHAPTERS = 0x1043A770
BESIDE_CLUSTERS = {
    SEEK_HEAD,
    INFO,
    TRACKS,
    CLUSTER,
    CUES,
    TAGS,
    ATTACHMENTS,
    CHAPTERS,
}


@dataclass(frozen=True)
class Part:
    """A box or element: what it is called, where it begins, where its content does, and
    where it ends.
    """

    name: bytes | int
    start: int
    content: int
    end: int


def strip_movie(file: BinaryIO) -> bool:
    """Take out of an MP4 or MOV, in place, what is neither seen nor heard. Whether there
    was anything.
    """
    whole = _whole_file(file)
    told = _told_among(_boxes(file, whole))
    for movie in _boxes(file, whole):
        if movie.name == MOVIE:
            told += _told_in(file, movie)
    for box in told:
        _free(file, box)
    return bool(told)


def _whole_file(file: BinaryIO) -> Part:
    file.seek(0, 2)
    return Part(b"", 0, 0, file.tell())


def _told_among(boxes: Iterable[Part]) -> list[Part]:
    return [box for box in boxes if box.name in TOLD_BOXES]


def _told_in(file: BinaryIO, movie: Part) -> list[Part]:
    """The boxes of a movie that are to go; the samples of a track that goes are wiped."""
    boxes = list(_boxes(file, movie))
    tracks = [box for box in boxes if box.name == TRACK]
    # Fragments name tracks by number: none of them may go.
    is_fragmented = any(box.name == FRAGMENTED for box in boxes)
    told = _told_among(boxes)
    for track in tracks:
        if is_fragmented or _is_seen_or_heard(file, track):
            told += _told_among(_boxes(file, track))
        else:
            _wipe_samples(file, track)
            told.append(track)
    return told


def _boxes(file: BinaryIO, outer: Part) -> Iterator[Part]:
    """The boxes within another; none after one that cannot be."""
    place = outer.content
    for _ in range(MOST_PARTS):
        file.seek(place)
        head = file.read(LONG_HEAD)
        if place + SHORT_HEAD > outer.end or len(head) < SHORT_HEAD:
            return
        box = _box_at(place, head, outer.end)
        if not box.content <= box.end <= outer.end:
            return
        yield box
        place = box.end


def _box_at(place: int, head: bytes, last: int) -> Part:
    """The box whose head this is; one of length 0 goes to the last byte."""
    size, name = struct.unpack_from(">I4s", head)
    content = place + SHORT_HEAD
    if size == 1 and len(head) == LONG_HEAD:
        (size,) = struct.unpack_from(">Q", head, SHORT_HEAD)
        content = place + LONG_HEAD
    end = place + size if size else last
    return Part(name, place, content, end)


def _inner(file: BinaryIO, box: Part, path: tuple[bytes, ...]) -> Part | None:
    """The box at the end of the path within another."""
    found: Part | None = box
    for name in path:
        if found is None:
            return None
        inside = {part.name: part for part in _boxes(file, found)}
        found = inside.get(name)
    return found


def _is_seen_or_heard(file: BinaryIO, track: Part) -> bool:
    handler = _inner(file, track, HANDLER_PATH)
    if handler is None:
        return True
    file.seek(handler.content + 8)
    return file.read(4) in SEEN_AND_HEARD


def _free(file: BinaryIO, box: Part) -> None:
    """Make the box free space."""
    file.seek(box.start + 4)
    file.write(FREE)
    _wipe(file, box.content, box.end)


def _wipe(file: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    for place in range(start, end, PIECE):
        file.write(bytes(min(PIECE, end - place)))


def _wipe_samples(file: BinaryIO, track: Part) -> None:
    """Overwrite the samples of a track, chunk by chunk."""
    table = _inner(file, track, SAMPLES_PATH)
    if table is None:
        return
    boxes = {box.name: box for box in _boxes(file, table)}
    offsets = _offsets(file, boxes)
    counts = _counts(file, boxes, len(offsets))
    every, each = _sizes(file, boxes)
    sizes = iter(each)
    end = _whole_file(file).end
    for offset, count in zip(offsets, counts, strict=True):
        length = every * count + sum(islice(sizes, count))
        _wipe(file, min(offset, end), min(offset + length, end))


def _numbers(file: BinaryIO, box: Part, skipped: int, sign: str) -> list[int]:
    """The numbers of a table after `skipped` bytes of its content."""
    begin = box.content + skipped
    width = struct.calcsize(f">{sign}")
    length = min(box.end - begin, MOST_TABLE_BYTES)
    count = max(0, length // width)
    file.seek(begin)
    return list(struct.unpack(f">{count}{sign}", file.read(count * width)))


def _offsets(file: BinaryIO, boxes: dict[bytes | int, Part]) -> list[int]:
    """Where the chunks begin."""
    if box := boxes.get(b"co64"):
        return _numbers(file, box, 8, "Q")
    box = boxes.get(b"stco")
    return _numbers(file, box, 8, "I") if box else []


def _sizes(file: BinaryIO, boxes: dict[bytes | int, Part]) -> tuple[int, list[int]]:
    """How long every sample is, or, after a 0, each of them."""
    box = boxes.get(b"stsz")
    numbers = _numbers(file, box, 4, "I") if box else []
    every = numbers[0] if numbers else 0
    return every, [] if every else numbers[2:]


def _counts(file: BinaryIO, boxes: dict[bytes | int, Part], chunks: int) -> list[int]:
    """How many samples each chunk has."""
    box = boxes.get(b"stsc")
    rows = _numbers(file, box, 8, "I") if box else []
    firsts = [*rows[0::3], chunks + 1]
    counts: list[int] = []
    for place, samples in enumerate(rows[1::3]):
        run = max(0, min(firsts[place + 1], chunks + 1) - firsts[place])
        counts += [samples] * run
    return (counts + [0] * chunks)[:chunks]


# --- WebM


def strip_webm(file: BinaryIO) -> bool:
    """Take tags and attachments out of a WebM, in place. Whether there were any."""
    told = []
    for segment in _elements(file, _whole_file(file)):
        if segment.name == SEGMENT:
            told += _told_elements(_elements(file, segment))
    for element in told:
        _void(file, element)
    return bool(told)


def _told_elements(elements: Iterable[Part]) -> list[Part]:
    return [element for element in elements if element.name in (TAGS, ATTACHMENTS)]


def _elements(file: BinaryIO, outer: Part) -> Iterator[Part]:
    """The elements within another. One whose length is unknown reaches to the next that
    stands beside it, a segment to the end.
    """
    place = outer.content
    end = outer.end
    for _ in range(MOST_PARTS):
        head = _head(file, place) if place < end else None
        if head is None:
            return
        name, content, length = head
        stop = end if length is None else min(content + length, end)
        if length is None and name == CLUSTER:
            stop = _cluster_end(file, content, end)
        yield Part(name, place, content, stop)
        place = stop


def _cluster_end(file: BinaryIO, place: int, end: int) -> int:
    """Where a cluster of unknown length ends: at the next element that is none of its own."""
    for _ in range(MOST_BLOCKS):
        head = _head(file, place) if place < end else None
        if head is None:
            return place
        name, content, length = head
        if name in BESIDE_CLUSTERS:
            return place
        place = content + (length or 0)
    return end


def _head(file: BinaryIO, place: int) -> tuple[int, int, int | None] | None:
    """An element's id, where its content begins, and how long that is, None for unknown."""
    file.seek(place)
    head = file.read(12)
    id_width = _width(head, 4)
    if not id_width:
        return None
    size_width = _width(head[id_width:], 8)
    if not size_width or id_width + size_width > len(head):
        return None
    sized = head[id_width : id_width + size_width]
    mask = (1 << 7 * size_width) - 1
    length = int.from_bytes(sized) & mask
    name = int.from_bytes(head[:id_width])
    content = place + id_width + size_width
    return name, content, None if length == mask else length


def _width(data: bytes, most: int) -> int:
    """How many bytes a number has that tells it by its first; 0 for none."""
    if not data or not data[0]:
        return 0
    width = 9 - data[0].bit_length()
    return width if width <= most else 0


def _void(file: BinaryIO, element: Part) -> None:
    """Make the element empty space of the same length."""
    total = element.end - element.start
    wide = 8 if total > 9 else 1
    length = total - 1 - wide
    file.seek(element.start)
    file.write(bytes([VOID]))
    file.write(((1 << 7 * wide) | length).to_bytes(wide))
    _wipe(file, element.start + 1 + wide, element.end)
