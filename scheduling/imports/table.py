"""Tables of posts as people send them: what their columns can be, and what each row says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from common.hashtags import hashtags_of
from common.mappings import JsonObject
from common.tables import TableLimits
from common.texts import folded
from common.wall_clocks import OUTSIDE, in_calendar
from common.zones import known_zones
from scheduling.domain.cadence import instant
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.domain.platforms.rules import Draft, check
from scheduling.models import ChannelAccount

LIMITS = TableLimits(5_000_000, 2_000)
LONGEST_TITLE = 200
LONGEST_CAPTION = 70_000
SHORT = 60

# What a column can be, how people call it, and what it is for.
COLUMNS: dict[str, tuple[str, ...]] = {
    "title": ("title", "headline", "name", "subject"),
    "caption": (
        "text",
        "caption",
        "message",
        "body",
        "post",
        "content",
        "copy",
        "description",
    ),
    "hashtags": ("hashtags", "tags"),
    "link": ("link", "url", "website"),
    "channels": (
        "channels",
        "channel",
        "accounts",
        "account",
        "platforms",
        "platform",
        "network",
        "networks",
    ),
    "date": (
        "date",
        "day",
        "datetime",
        "when",
        "scheduled at",
        "scheduled for",
        "publish date",
        "date and time",
    ),
    "time": (
        "time",
        "time of day",
        "hour",
        "clock",
        "publish time",
        "post time",
        "posting time",
        "scheduled time",
    ),
    "zone": ("zone", "time zone", "timezone", "tz"),
}


@dataclass
class Row:
    """What one row of the table asks for, and what is wrong with it; `number` is what a
    spreadsheet shows beside it.
    """

    number: int
    title: str = ""
    caption: str = ""
    hashtags: list[str] = field(default_factory=list)
    link: str = ""
    accounts: list[ChannelAccount] = field(default_factory=list)
    at: datetime | None = None
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """As `ContentItem.text`."""
        tags = " ".join(f"#{tag}" for tag in self.hashtags)
        return "\n\n".join(part for part in (self.caption, tags, self.link) if part)

    def as_json(self) -> JsonObject:
        """For the database."""
        return {
            "title": self.title,
            "caption": self.caption,
            "hashtags": self.hashtags,
            "link": self.link,
            "channels": [str(account.pk) for account in self.accounts],
            "at": self.at and self.at.isoformat(),
        }


def check_rows(
    lines: Iterable[tuple[int, Sequence[str]]],
    places: Mapping[str, int],
    accounts: Sequence[ChannelAccount],
    zone: str,
    now: datetime,
) -> list[Row]:
    """Each row with its errors and warnings.

    lines: the number of each row, and its cells.
    places: in which cell what stands.
    accounts: the channels that can be named.
    zone: IANA; the clock of times without an offset.
    now: aware; what lies before has passed.
    """
    first_rows: dict[tuple[Any, datetime | None], int] = {}
    rows = []
    for number, cells in lines:
        values = {what: cells[place] for what, place in places.items()}
        row = _row(number, values, accounts, zone, now)
        for account in row.accounts if row.at else ():
            first = first_rows.setdefault((account.pk, row.at), number)
            if first != number:
                row.errors.append(f"Row {first} has the same time on {account.name}.")
        rows.append(row)
    return rows


def _row(
    number: int,
    values: Mapping[str, str],
    accounts: Sequence[ChannelAccount],
    zone: str,
    now: datetime,
) -> Row:
    row = Row(
        number,
        values.get("title", ""),
        values.get("caption", ""),
        link=values.get("link", ""),
    )
    row.hashtags = hashtags_of(values.get("hashtags", ""))
    row.title = row.title or row.caption.partition("\n")[0][:SHORT]
    _check_words(row)
    _find_channels(row, values.get("channels", ""), accounts)
    own_zone = _zone_of(row, values.get("zone", ""), zone)
    if own_zone:
        _find_time(row, values.get("date", ""), values.get("time", ""), own_zone, now)
    _check_fit(row)
    return row


def _zone_of(row: Row, text: str, usual: str) -> str:
    """The zone that the row names, else the usual one; blank for what is no zone."""
    if not text or text in known_zones():
        return text or usual
    row.errors.append(
        f"“{text[:40]}” is no time zone; use an IANA name such as Europe/Berlin."
    )
    return ""


def _check_words(row: Row) -> None:
    if not row.title:
        row.errors.append("There is neither a title nor a text.")
    if len(row.title) > LONGEST_TITLE:
        row.errors.append(
            f"The title has {len(row.title)} characters; at most {LONGEST_TITLE}."
        )
    if len(row.caption) > LONGEST_CAPTION:
        row.errors.append(
            f"The text has {len(row.caption)} characters; at most {LONGEST_CAPTION}."
        )
    if row.link and not re.match(r"https?://[^\s/]+\.[^\s]+$", row.link):
        row.errors.append(f"“{row.link[:60]}” is no link; it begins with https://.")


def _find_channels(row: Row, text: str, accounts: Sequence[ChannelAccount]) -> None:
    """By name, with its platform where several have it, else every one on a platform of
    that name. A name may hold what stands between names.
    """
    is_one = bool(text) and bool(_channels_called(text, accounts))
    parts = [text] if is_one else [part.strip() for part in re.split(r"[;,|]", text)]
    for name in filter(None, parts):
        matching = _channels_called(name, accounts)
        if not matching:
            row.errors.append(f"There is no channel “{name[:60]}”.")
        row.accounts += [account for account in matching if account not in row.accounts]
    if not text:
        row.errors.append("It says no channel.")


def full_name(account: ChannelAccount) -> str:
    """A channel's name with its platform: `H2O (Instagram)`."""
    return f"{account.name} ({account.platform_name})"


def _channels_called(
    name: str, accounts: Sequence[ChannelAccount]
) -> list[ChannelAccount]:
    wanted = folded(name)
    named = [
        account
        for account in accounts
        if wanted in (folded(account.name), folded(full_name(account)))
    ]
    platform = BY_NAME.get(name.lower())
    if named or platform is None:
        return named
    return [account for account in accounts if BY_NAME[account.platform] == platform]


def _find_time(row: Row, day: str, clock: str, zone: str, now: datetime) -> None:
    try:
        row.at = parse_when(day, clock, zone)
    except ValueError as error:
        row.errors.append(str(error))
        return
    if row.at <= now:
        row.errors.append("The time has passed.")


def parse_when(day: str, clock: str, zone: str) -> datetime:
    """The instant (UTC) of a day as 2026-12-24 or 24.12.2026 and a time as 18:00,
    together in either cell.

    Raises ValueError with a sentence for people.
    """
    text = f"{day} {clock}".strip()
    if not day:
        raise ValueError("It says no date.")
    match = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(.*)", text)
    if match:
        text = f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}{match[4]}"
    text = re.sub(r"^(\S+)\s+(\d):", r"\1 0\2:", text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"“{text[:40]}” is no date and time such as 2026-12-24 18:00."
        ) from error
    if not in_calendar(moment):
        raise ValueError(OUTSIDE)
    if moment.tzinfo is not None:
        return moment
    if moment.time() == time(0) and not re.search(r"\d:\d", text):
        raise ValueError("It says no time of day.")
    return instant(moment.date(), moment.time(), zone)


def _check_fit(row: Row) -> None:
    """What the platforms say of the text; images and videos are added later."""
    for account in row.accounts:
        platform = BY_NAME[account.platform]
        draft = Draft(
            platform.id,
            platform.formats[0],
            row.title,
            row.text,
            own=account.server_limits,
        )
        for finding in check(draft):
            messages = row.errors if finding.blocks else row.warnings
            messages.append(finding.message)
