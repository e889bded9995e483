"""What platforms take: lengths in their own units, media, pace, and the table of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.domain.platforms import counting
from scheduling.domain.platforms.catalogue import PLATFORMS
from scheduling.domain.platforms.rules import (
    CHECKS,
    ERROR,
    IMAGE,
    VIDEO,
    WARNING,
    Draft,
    Media,
    check,
    check_pace,
    limits_of,
)

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
PHOTO = Media(IMAGE, "image/jpeg", 1000, width=1000, height=1000)
CLIP = Media(VIDEO, "video/mp4", 1000, seconds=20.0, width=1080, height=1920)


def rules(
    platform: str, format_: str = "post", level: str = ERROR, **fields
) -> list[str]:
    draft = Draft(platform, format_, **{"title": "A title"} | fields)
    return [finding.rule for finding in check(draft) if finding.level == level]


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("water", 5),
        ("Grüße", 5),
        ("Gru\u0308ße", 5),
        ("水道", 4),
        ("한글", 4),
        ("🚿", 2),
        (FAMILY, 2),
        ("🇩🇪", 2),
        ("1\ufe0f\u20e3", 2),
        ("👍🏽", 2),
        ("“fine”", 6),
        ("a – b", 5),
        ("see https://h2o.com/a/very/long/path?x=1.", 28),
        ("https://a.com b.co.uk", 47),
        ("https://a.no-such-ending c.txt", 30),
    ],
)
def test_x_weighs_characters(text: str, weight: int) -> None:
    assert counting.x_weighted(text) == weight


def test_other_units() -> None:
    assert (
        counting.graphemes(FAMILY),
        counting.utf8_bytes(FAMILY),
        counting.utf16(FAMILY),
    ) == (1, 25, 11)
    assert (
        counting.mastodon(
            "@ana@far.example see https://h2o.com/a-very-long-path-indeed"
        )
        == 32
    )
    assert counting.linkedin("(a) #tag # b_c") == 14 + 4


@given(st.text(max_size=200), st.text(max_size=200))
def test_units_never_shrink_when_text_is_added_on_a_new_line(
    one: str, two: str
) -> None:
    for count, _ in counting.UNITS.values():
        assert 0 <= count(one) <= count(one + "\n" + two)


@given(st.text(max_size=300))
def test_units_keep_their_order(text: str) -> None:
    assert (
        counting.graphemes(text)
        <= counting.characters(text)
        <= counting.utf16(text)
        <= counting.utf8_bytes(text)
    )
    assert counting.linkedin(text) >= counting.characters(text)


@given(st.integers(0, 600))
def test_mastodon_ends_at_five_hundred(length: int) -> None:
    assert bool(rules("mastodon", text="a" * length)) is (length > 500)


def test_x_ends_at_280_weighted() -> None:
    assert rules("x", text="水" * 140) == []
    assert rules("x", text="水" * 141) == ["caption_length"]
    said = check(Draft("x", "post", text="水" * 141))[0].message
    assert said == "X takes 280 characters as X counts them of text; this has 282."


def test_bluesky_counts_graphemes_and_bytes() -> None:
    assert rules("bluesky", text=FAMILY * 100) == []
    assert rules("bluesky", text="a" * 301) == ["caption_length"]
    assert rules("bluesky", text=FAMILY * 121) == ["caption_length"]


def test_telegram_takes_less_text_beside_media() -> None:
    assert rules("telegram", text="a" * 4096, media=()) == []
    assert rules("telegram", text="a" * 4097) == ["caption_length"]
    assert rules("telegram", text="a" * 1024, media=(PHOTO,)) == []
    assert rules("telegram", text="a" * 1025, media=(PHOTO,)) == ["caption_length"]


def test_titles_and_signs_on_youtube() -> None:
    assert rules("youtube", "video", title="a" * 100) == []
    assert rules("youtube", "video", title="a" * 101) == ["title_length"]
    assert rules("youtube", "video", title="a") == ["title_minimum"]
    assert rules("youtube", "video", text="<b>") == ["caption_without"]


def test_hashtags_and_mentions_on_instagram() -> None:
    assert rules("instagram", text=" ".join(f"#t{n}" for n in range(31))) == [
        "hashtags"
    ]
    six = " ".join(f"#t{n}" for n in range(6))
    assert (
        rules("instagram", text=six),
        rules("instagram", level=WARNING, text=six),
    ) == ([], ["hashtags"])
    assert rules("instagram", text=" ".join(f"@p{n}" for n in range(21))) == [
        "mentions"
    ]
    assert rules("instagram", "story", text="#t " * 40) == []


@pytest.mark.parametrize(
    ("platform", "format_", "media", "wrong"),
    [
        ("instagram", "post", (), ["media_minimum"]),
        ("instagram", "post", (PHOTO,) * 10, []),
        ("instagram", "post", (PHOTO,) * 11, ["media"]),
        ("instagram", "reel", (PHOTO,), ["video_minimum", "images"]),
        ("instagram", "post", (Media(IMAGE, "image/png"),), ["image_types"]),
        (
            "instagram",
            "post",
            (Media(IMAGE, width=100, height=300),),
            ["ratio_narrowest"],
        ),
        ("tiktok", "video", (PHOTO, CLIP), ["mixing"]),
        ("tiktok", "video", (Media(VIDEO, seconds=2.0),), ["video_shortest"]),
        ("tiktok", "video", (Media(VIDEO, seconds=601.0),), ["video_longest"]),
        ("youtube", "video", (CLIP, CLIP), ["videos"]),
        (
            "youtube",
            "short",
            (Media(VIDEO, seconds=60, width=1920, height=1080),),
            ["ratio_widest"],
        ),
        ("bluesky", "post", (Media(IMAGE, size=1_000_001),), ["image_bytes"]),
        ("x", "post", (PHOTO,) * 5, ["images"]),
        ("outbox", "post", (PHOTO, CLIP) * 50, []),
    ],
)
def test_media(
    platform: str, format_: str, media: tuple[Media, ...], wrong: list[str]
) -> None:
    assert rules(platform, format_, media=media) == wrong


STILL = Media(IMAGE, "image/gif", 900_000)


def gif(**facts) -> Media:
    return Media(IMAGE, "image/gif", **{"size": 900_000, "seconds": 1.0} | facts)


@pytest.mark.parametrize(
    ("platform", "media", "wrong"),
    [
        ("x", (gif(size=15_000_000, width=1280, height=1080),), []),
        ("x", (gif(size=15_000_001),), ["gif_bytes"]),
        ("x", (gif(width=1281, height=1080),), ["gif_widest"]),
        ("x", (gif(width=1280, height=1081),), ["gif_highest"]),
        ("x", (gif(), PHOTO), ["gif_alone"]),
        ("x", (gif(), gif()), ["gif_alone"]),
        ("x", (STILL, PHOTO, PHOTO, PHOTO), []),
        ("x", (Media(IMAGE, "image/gif", 5_000_001),), ["image_bytes"]),
        ("mastodon", (gif(), gif(), PHOTO), []),
        ("mastodon", (gif(size=16_000_001),), ["image_bytes"]),
        ("telegram", (gif(size=20_000_000),), []),
        ("telegram", (gif(), PHOTO), ["gif_alone"]),
        ("instagram", (gif(),), ["image_types"]),
        ("tiktok", (gif(),), ["image_types"]),
        ("bluesky", (gif(),), []),
    ],
)
def test_animated_gifs(platform: str, media: tuple[Media, ...], wrong: list) -> None:
    assert rules(platform, media=media) == wrong


def test_a_gif_that_will_stand_still_is_warned_of() -> None:
    [finding] = check(Draft("bluesky", "post", media=(gif(),)))
    assert (finding.level, "will stand still" in finding.message) == (WARNING, True)
    assert check(Draft("bluesky", "post", media=(STILL,))) == []


@pytest.mark.parametrize(
    ("platform", "type_", "codec", "wrong"),
    [
        ("x", "video/mp4", "H.264", []),
        ("x", "video/quicktime", "H.264", []),
        ("x", "video/mp4", "HEVC", ["video_codecs"]),
        ("x", "video/quicktime", "ProRes", ["video_codecs"]),
        ("x", "video/quicktime", "Motion JPEG", ["video_codecs"]),
        ("x", "video/webm", "VP9", ["video_types", "video_codecs"]),
        ("instagram", "video/mp4", "HEVC", []),
        ("instagram", "video/quicktime", "ProRes", ["video_codecs"]),
        ("tiktok", "video/webm", "VP9", []),
        ("tiktok", "video/quicktime", "ProRes", ["video_codecs"]),
        ("youtube", "video/quicktime", "ProRes", []),
    ],
)
def test_codecs(platform: str, type_: str, codec: str, wrong: list[str]) -> None:
    clip = Media(VIDEO, type_, 1000, 10.0, 640, 640, codec=codec)
    assert rules(platform, media=(clip,)) == wrong


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"codec": ""},
            "The codec of a video could not be read. TikTok takes videos coded as "
            "H.264 or HEVC or VP8 or VP9; check it yourself.",
        ),
        (
            {"seconds": None},
            "The length of a video could not be read. TikTok takes videos up to 600 "
            "seconds; check it yourself.",
        ),
        (
            {"seconds": None},
            "The length of a video could not be read. TikTok takes videos from 3 "
            "seconds; check it yourself.",
        ),
    ],
)
def test_limits_that_cannot_be_checked_are_told(facts: dict, words: str) -> None:
    known = {"seconds": 10.0, "codec": "VP9"}
    clip = Media(VIDEO, "video/webm", 1000, width=640, height=640, **known | facts)
    findings = check(Draft("tiktok", "video", media=(clip,)))
    assert (WARNING, words) in [(one.level, one.message) for one in findings]
    assert not [one for one in findings if one.blocks]
    whole = Media(VIDEO, "video/webm", 1000, width=640, height=640, **known)
    assert check(Draft("tiktok", "video", media=(whole,))) == []


def test_a_limit_that_is_broken_by_another_file_is_an_error() -> None:
    unread = Media(VIDEO, "video/mp4", 1000, None, 640, 640, codec="H.264")
    long = Media(VIDEO, "video/mp4", 1000, 601.0, 640, 640, codec="H.264")
    assert rules("tiktok", "video", media=(unread, long)) == ["videos", "video_longest"]


def test_nothing_is_said_of_media_nobody_knows() -> None:
    assert rules("instagram", media=None) == []


def test_the_pace_of_a_day() -> None:
    assert check_pace("tiktok", "video", 14) == []
    assert [found.level for found in check_pace("tiktok", "video", 15)] == [ERROR]
    assert [found.level for found in check_pace("instagram", "post", 25)] == [WARNING]
    assert [found.level for found in check_pace("instagram", "post", 100)] == [ERROR]
    assert check_pace("facebook", "post", 30) == []


def test_every_line_of_the_table_can_be_read() -> None:
    for platform in PLATFORMS:
        for limit in limits_of(platform.id):
            assert limit.rule in CHECKS or limit.rule == "per_day", limit
            assert limit.unit in counting.UNITS and limit.level in (ERROR, WARNING), (
                limit
            )
            assert set(limit.formats) <= set(platform.formats), limit
            assert limit.source and date(2026, 1, 1) <= limit.checked, limit
