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
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
LENGTH = bytes(4)
# What the content of some boxes begins with.
VERSION = bytes(4)
RESERVED = bytes(4)
AFTER_COUNT = 8
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
TOLD_ELEMENTS = {TAGS, ATTACHMENTS}
LONGEST_HEAD = 12
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


# Boxes of a track's sample table, by name.
Tables = Mapping[bytes | int, Part]


def strip_movie(file: BinaryIO) -> bool:
    """Take out of an MP4 or MOV, in place, what is neither seen nor heard. Whether there
    was anything.
    """
    return Movie(file).strip()


def strip_webm(file: BinaryIO) -> bool:
    """Take tags and attachments out of a WebM, in place. Whether there were any."""
    return WebM(file).strip()


class Container:
    """A file whose parts lie within one another."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        file.seek(0, 2)
        self.size = file.tell()
        self.whole = Part(b"", 0, 0, self.size)

    def read(self, place: int, length: int) -> bytes:
        """At most so many bytes from there on."""
        self.file.seek(place)
        return self.file.read(length)

    def wipe(self, start: int, end: int) -> None:
        """Overwrite with zeros what of [start, end) is in the file."""
        last = min(end, self.size)
        self.file.seek(start)
        for place in range(start, last, PIECE):
            length = min(PIECE, last - place)
            self.file.write(bytes(length))

    def overwrite(self, place: int, data: bytes) -> None:
        """Put the bytes there."""
        self.file.seek(place)
        self.file.write(data)


class Movie(Container):
    """An MP4 or MOV: boxes, of which the movie's describe its tracks."""

    def strip(self) -> bool:
        """As `strip_movie`."""
        outer = list(self.boxes(self.whole))
        told = told_among(outer)
        for box in outer:
            if box.name == MOVIE:
                told += self.told_in(box)
        for box in told:
            self.overwrite(box.start + len(LENGTH), FREE)
            self.wipe(box.content, box.end)
        return bool(told)

    def told_in(self, movie: Part) -> list[Part]:
        """The boxes of a movie that are to go; the samples of a track that goes are
        wiped.
        """
        boxes = list(self.boxes(movie))
        names = {box.name for box in boxes}
        told = told_among(boxes)
        for track in boxes:
            if track.name != TRACK:
                continue
            # Fragments name tracks by number: none of them may go.
            if FRAGMENTED in names or self.is_seen_or_heard(track):
                told += told_among(self.boxes(track))
            else:
                self.wipe_samples(track)
                told.append(track)
        return told

    def boxes(self, outer: Part) -> Iterator[Part]:
        """The boxes within another; none after one that cannot be."""
        place = outer.content
        for _ in range(MOST_PARTS):
            head = self.read(place, LONG_HEAD)
            if place + SHORT_HEAD > outer.end or len(head) < SHORT_HEAD:
                return
            box = box_at(place, head, outer.end)
            if not box.content <= box.end <= outer.end:
                return
            yield box
            place = box.end

    def inner(self, box: Part, path: Sequence[bytes]) -> Part | None:
        """The box at the end of the path within another."""
        found: Part | None = box
        for name in path:
            if found is None:
                return None
            found = self.by_name(found).get(name)
        return found

    def by_name(self, box: Part) -> dict[bytes | int, Part]:
        """The boxes within it; of those of one name, the last."""
        return {part.name: part for part in self.boxes(box)}

    def is_seen_or_heard(self, track: Part) -> bool:
        """Whether the track is picture, sound or text; one that does not say may be."""
        handler = self.inner(track, HANDLER_PATH)
        if handler is None:
            return True
        kind = self.read(handler.content + len(VERSION) + len(RESERVED), 4)
        return kind in SEEN_AND_HEARD

    def wipe_samples(self, track: Part) -> None:
        """Overwrite the samples of a track, chunk by chunk."""
        table = self.inner(track, SAMPLES_PATH)
        if table is None:
            return
        tables = self.by_name(table)
        offsets = self.offsets(tables)
        counts = self.counts(tables, len(offsets))
        every, each = self.sizes(tables)
        sizes = iter(each)
        for offset, count in zip(offsets, counts, strict=True):
            length = every * count + sum(islice(sizes, count))
            self.wipe(offset, offset + length)

    def numbers(self, box: Part, skipped: int, sign: str = "I") -> list[int]:
        """The numbers of a table after `skipped` bytes of its content."""
        begin = box.content + skipped
        width = struct.calcsize(f">{sign}")
        length = min(box.end - begin, MOST_TABLE_BYTES)
        count = max(0, length // width)
        data = self.read(begin, count * width)
        return list(struct.unpack(f">{count}{sign}", data))

    def offsets(self, tables: Tables) -> list[int]:
        """Where the chunks begin."""
        wide = tables.get(b"co64")
        if wide:
            return self.numbers(wide, AFTER_COUNT, "Q")
        narrow = tables.get(b"stco")
        return self.numbers(narrow, AFTER_COUNT) if narrow else []

    def sizes(self, tables: Tables) -> tuple[int, list[int]]:
        """How long every sample is, or, after a 0, each of them."""
        box = tables.get(b"stsz")
        if box is None:
            return 0, []
        every, _, *each = [*self.numbers(box, len(VERSION)), 0, 0]
        return every, [] if every else each

    def counts(self, tables: Tables, chunks: int) -> list[int]:
        """How many samples each chunk has."""
        box = tables.get(b"stsc")
        rows = self.numbers(box, AFTER_COUNT) if box else []
        firsts = rows[0::3]
        samples = rows[1::3]
        nexts = [*firsts[1:], chunks + 1]
        counts: list[int] = []
        for first, following, count in zip(firsts, nexts, samples, strict=False):
            run = min(following, chunks + 1) - first
            counts += [count] * run
        missing = chunks - len(counts)
        return [*counts[:chunks], *[0] * missing]


def told_among(boxes: Iterable[Part]) -> list[Part]:
    """Those of the boxes that are neither seen nor heard."""
    return [box for box in boxes if box.name in TOLD_BOXES]


def box_at(place: int, head: bytes, last: int) -> Part:
    """The box whose head this is; one of length 0 goes to the last byte."""
    size, name = struct.unpack_from(">I4s", head)
    content = place + SHORT_HEAD
    if size == 1 and len(head) == LONG_HEAD:
        (size,) = struct.unpack_from(">Q", head, SHORT_HEAD)
        content = place + LONG_HEAD
    end = place + size if size else last
    return Part(name, place, content, end)


class WebM(Container):
    """A WebM: elements, of which the segment's are the film."""

    def strip(self) -> bool:
        """As `strip_webm`."""
        told = []
        for segment in self.elements(self.whole):
            if segment.name == SEGMENT:
                inside = self.elements(segment)
                told += [part for part in inside if part.name in TOLD_ELEMENTS]
        for element in told:
            self.empty(element)
        return bool(told)

    def elements(self, outer: Part) -> Iterator[Part]:
        """The elements within another. One whose length is unknown reaches to the next
        that stands beside it, a segment to the end.
        """
        place = outer.content
        for _ in range(MOST_PARTS):
            head = self.head(place) if place < outer.end else None
            if head is None:
                return
            name, content, length = head
            end = outer.end
            if length is not None:
                end = min(content + length, outer.end)
            elif name == CLUSTER:
                end = self.cluster_end(content, outer.end)
            yield Part(name, place, content, end)
            place = end

    def cluster_end(self, place: int, end: int) -> int:
        """Where a cluster of unknown length ends: at the next element that is none of
        its own.
        """
        for _ in range(MOST_BLOCKS):
            head = self.head(place) if place < end else None
            if head is None:
                return place
            name, content, length = head
            if name in BESIDE_CLUSTERS:
                return place
            place = content + (length or 0)
        return end

    def head(self, place: int) -> tuple[int, int, int | None] | None:
        """An element's id, where its content begins, and how long that is, None for
        unknown.
        """
        data = self.read(place, LONGEST_HEAD)
        id_width = width_of(data, 4)
        sized = data[id_width:]
        size_width = width_of(sized, 8)
        if not id_width or not size_width or size_width > len(sized):
            return None
        mask = (1 << 7 * size_width) - 1
        length = int.from_bytes(sized[:size_width]) & mask
        name = int.from_bytes(data[:id_width])
        content = place + id_width + size_width
        return name, content, None if length == mask else length

    def empty(self, element: Part) -> None:
        """Make the element empty space of the same length."""
        total = element.end - element.start
        wide = 8 if total > 9 else 1
        length = total - 1 - wide
        told = (1 << 7 * wide) | length
        self.overwrite(element.start, bytes([VOID]) + told.to_bytes(wide))
        self.wipe(element.start + 1 + wide, element.end)


def width_of(data: bytes, most: int) -> int:
    """How many bytes a number has that tells it by its first; 0 for none."""
    if not data or not data[0]:
        return 0
    width = 9 - data[0].bit_length()
    return width if width <= most else 0
