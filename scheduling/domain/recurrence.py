"""Times that come again, as RFC 5545 rules say, on the wall clock of a zone. No rows, no Django."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, rrule, rruleset, rrulestr

from scheduling.domain.cadence import instant

MOST_OCCURRENCES = 1000
LONGEST_RULE = 500
UNTIL_UTC = re.compile(r"UNTIL=(\d{8}T\d{6})Z", re.IGNORECASE)


class RuleError(ValueError):
    """A rule that cannot be followed; the text says why."""


def occurrences(
    begins: datetime,
    ends: datetime,
    zone: str,
    rule: str,
    start: datetime,
    end: datetime,
) -> Iterator[tuple[datetime, datetime]]:
    """The stretches [from, to), aware UTC, that touch [start, end), in order of time.

    `begins` and `ends` are naive times of the zone's wall clock, the first occurrence;
    a blank rule means it is the only one. Each lasts as long on the wall clock. Raises
    RuleError, also for more than a thousand in the range.
    """
    length = ends - begins
    local = ZoneInfo(zone)
    if length <= timedelta(0):
        raise RuleError("The end must be after the begin.")
    starts = [begins]
    if rule:
        # A day more on either side, for what clock changes and zones move about.
        day = timedelta(days=1)
        first = start.astimezone(local).replace(tzinfo=None) - length - day
        last = end.astimezone(local).replace(tzinfo=None) + day
        starts = _starts(parsed(rule, begins, zone), first, last)
    for begin in starts:
        opens = _instant(begin, zone)
        closes = _instant(begin + length, zone)
        if opens < end and closes > start and opens < closes:
            yield opens, closes


def _starts(rule: rrule, first: datetime, last: datetime) -> list[datetime]:
    """When the rule comes in [first, last], naive. Raises RuleError for too often."""
    moments = _until(rule.xafter(first, inc=True), last)
    starts = list(islice(moments, MOST_OCCURRENCES + 1))
    if len(starts) > MOST_OCCURRENCES:
        raise RuleError(
            f"The rule comes more than {MOST_OCCURRENCES} times in this range."
        )
    return starts


def _until(moments: Iterator[datetime], last: datetime) -> Iterator[datetime]:
    for moment in moments:
        if moment > last:
            return
        yield moment


def _instant(local: datetime, zone: str) -> datetime:
    return instant(local.date(), local.time(), zone)


# What the reader of rules raises for what is none.
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


@lru_cache(maxsize=1024)
def parsed(rule: str, begins: datetime, zone: str) -> rrule:
    """The rule, beginning there. Raises RuleError for one that cannot be read or comes
    more often than daily.
    """
    if len(rule) > LONGEST_RULE:
        raise RuleError(f"The rule is longer than {LONGEST_RULE} characters.")
    try:
        in_local_time = UNTIL_UTC.sub(lambda match: _local_until(match[1], zone), rule)
        recurrence = rrulestr(in_local_time, dtstart=begins)
    except UNREADABLE as error:
        raise RuleError(
            f"“{rule}” is not a recurrence rule of RFC 5545: {error}"
        ) from error
    if isinstance(recurrence, rruleset) or recurrence._freq > DAILY:
        raise RuleError(
            "Give one rule that comes at most daily, such as FREQ=WEEKLY;BYDAY=SU."
        )
    return recurrence


def _local_until(digits: str, zone: str) -> str:
    """A rule's end in UTC as the zone's wall clock has it: that is what the rule counts in."""
    moment = datetime.strptime(f"{digits}+0000", "%Y%m%dT%H%M%S%z")
    local = moment.astimezone(ZoneInfo(zone))
    return f"UNTIL={local:%Y%m%dT%H%M%S}"
