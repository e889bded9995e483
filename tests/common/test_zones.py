from __future__ import annotations

from datetime import UTC, datetime

import pytest

from common.zones import parse_instant


def test_a_text_with_an_offset_keeps_its_instant() -> None:
    assert parse_instant("2026-03-01T10:00:00+02:00") == datetime(
        2026, 3, 1, 8, tzinfo=UTC
    )


def test_a_text_without_offset_is_read_in_the_given_zone() -> None:
    assert parse_instant("2026-07-01T10:00", "America/New_York") == datetime(
        2026, 7, 1, 14, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01T00:00", "0001-01-01T00:00:00+14:00", "12:00"]
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)
