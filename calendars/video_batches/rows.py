"""Videos of a bulk job as people and programs send them, as JSON or a table: each row is
read, or its fault is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from calendars.models.bulk import LONGEST_NAME
from calendars.video_batches.adapt import FORMS, Source
from calendars.video_batches.services import MOST_POSTS, Fault, Video
from common.errors import InvalidInput
from common.mappings import Record
from common.tables import (
    TableLimits,
    check_size,
    guess_columns,
    read_table,
    records,
    unused_note,
)
from scheduling.domain.platforms.catalogue import find_platform

LONGEST_TITLE = 1000
LONGEST_TEXT = 70_000
LONGEST_LINK = 1000
# The words that makers of videos use for what they made.
KINDS = {
    "youtube_video": "video",
    "youtube_shorts": "short",
    "shorts": "short",
    "tiktok": "short",
    "instagram_reels": "reel",
    "post": "post",
    "image": "post",
}


LIMITS = TableLimits(10_000_000, MOST_POSTS)
COLUMNS = {
    "video_job_id": ("video job id", "video id", "id"),
    "title": ("title",),
    "description": ("description", "caption", "text"),
    "hashtags": ("hashtags", "tags"),
    "format": ("format", "kind"),
    "mood": ("mood",),
    "link": ("link", "url"),
}


@dataclass(frozen=True)
class JobFile:
    """A file of videos: its rows with their numbers; what it says of its job, as a JSON
    file may; and what people should know of a table: which sheet was read, and which
    columns were not.
    """

    rows: list[tuple[int, Any]]
    job: Record = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def job_in(data: bytes, sheet: str = "") -> JobFile:
    """The job in a file's bytes. Raises InvalidInput for one that is neither a table
    nor a JSON file with videos.

    sheet: of a workbook, by its name; blank for the first that holds something.
    """
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return _job_in_table(data, sheet)
    check_size(data, LIMITS)
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The file is no valid JSON: {error}.") from error
    job = document if isinstance(document, dict) else {"videos": document}
    if not isinstance(job.get("videos"), list):
        raise InvalidInput("The JSON file has no list of videos.")
    return JobFile(list(enumerate(job["videos"], start=1)), job)


def _job_in_table(data: bytes, sheet: str) -> JobFile:
    """The job whose videos are the rows of a CSV file or a workbook. Raises TableError."""
    table = read_table(data, LIMITS, sheet)
    columns = guess_columns(table.titles, COLUMNS)
    rows = list(records(table, columns))
    unused = unused_note(table.titles, columns.places.values())
    notes = [note for note in (table.sheet_note, unused) if note]
    return JobFile(rows, notes=notes)


def videos_of(rows: Iterable[tuple[int, Any]]) -> tuple[list[Video], list[Fault]]:
    """The videos, and what is wrong with the rows that are none, by their numbers."""
    videos: list[Video] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, row in rows:
        try:
            video = video_of(row)
            if video.id in seen:
                raise InvalidInput(f"video “{video.id}” is there already")
        except InvalidInput as fault:
            faults.append(Fault(number, fault.message))
        else:
            seen.add(video.id)
            videos.append(video)
    return videos, faults


def video_of(row: Any) -> Video:
    """Raises InvalidInput with what is wrong."""
    if not isinstance(row, Mapping):
        raise InvalidInput("is no object with names and values")
    if row.get(None):
        raise InvalidInput("has more cells than the header")
    key = text_in(row, LONGEST_NAME, "video_job_id", "video_id", "id")
    if not key:
        raise InvalidInput("video_job_id is missing")
    kind = text_in(row, 40, "format", "kind").lower()
    link = text_in(row, LONGEST_LINK, "link", "url")
    if link and not link.startswith(("https://", "http://")):
        raise InvalidInput("link must begin with https://")
    source = Source(
        text_in(row, LONGEST_TITLE, "title"),
        text_in(row, LONGEST_TEXT, "description", "caption", "text"),
        tags_in(row.get("hashtags") or row.get("tags")),
        KINDS.get(kind, kind if kind in FORMS else "video"),
        text_in(row, 40, "mood"),
        link,
    )
    return Video(key, source)


def text_in(row: Record, most: int, *names: str) -> str:
    """The first of these that is there, as text. Raises InvalidInput for one that is
    too long or no text.
    """
    value = next((row[name] for name in names if row.get(name) not in (None, "")), "")
    if not isinstance(value, str):
        raise InvalidInput(f"{names[0]} must be a text")
    text = value.strip().replace("\x00", "")
    if len(text) > most:
        raise InvalidInput(f"{names[0]} has more than {most:,} characters")
    return text


def tags_in(value: Any) -> tuple[str, ...]:
    """Hashtags of a cell, in one text or a list of them; none for anything else."""
    if isinstance(value, str):
        return tuple(text for text in re.split(r"[,;\s]+", value) if text)
    return tuple(str(tag) for tag in value) if isinstance(value, list) else ()


def platforms_of(names: Sequence[str]) -> list[str]:
    """Our ids, each once. Raises InvalidInput for a platform that nobody knows."""
    try:
        return list(
            dict.fromkeys(find_platform(name).id for name in names if name.strip())
        )
    except KeyError as error:
        raise InvalidInput(
            str(error.args[0]), {"parameter": "platforms"}, code="invalid_parameter"
        ) from error
