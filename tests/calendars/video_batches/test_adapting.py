"""One content on six platforms: short enough for each, nothing torn apart, hashtags
that platforms link.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from calendars.video_batches.adapt import (
    CALL_TO_ACTION,
    DOTS,
    Source,
    adapt,
    cut,
    format_for,
    hashtag,
    hashtags,
    long_words,
)
from scheduling.domain.platforms.catalogue import BY_NAME, PLATFORMS
from scheduling.domain.platforms.counting import (
    characters,
    utf8_bytes,
    utf16,
    x_weighted,
)

FAMILY = "👨‍👩‍👧‍👦"
SPOKEN = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from([FAMILY, "🇩🇪", "é", "https://a.example/b"]),
    )
).map(" ".join)
MEASURES = st.sampled_from([characters, utf16, utf8_bytes, x_weighted])


# Where texts come from slowly is a busy machine.
@pytest.mark.thorough
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(SPOKEN, st.integers(3, 300), MEASURES)
def test_a_cut_text_has_room_and_tears_no_emoji_apart(
    text: str, most: int, measure
) -> None:
    short = cut(text, most, measure)
    assert measure(short) <= most
    if short != text:
        assert short.endswith(DOTS)
        kept = short.removesuffix(DOTS)
        assert text.startswith(kept)
        clusters = list(iter_graphemes(text))
        starts = {"".join(clusters[:n]).rstrip() for n in range(len(clusters) + 1)}
        assert kept in starts


@pytest.mark.thorough
@given(
    SPOKEN,
    SPOKEN,
    st.lists(st.text(max_size=30), max_size=40),
    st.sampled_from(list(PLATFORMS)),
)
def test_whatever_is_said_fits_everywhere(
    title: str, text: str, tags: list[str], platform
) -> None:
    made = adapt(Source(title, text, tuple(tags)), platform.id)
    assert made.format in platform.formats
    assert len({tag.casefold() for tag in made.hashtags}) == len(made.hashtags) <= 30
    if platform.id == "youtube":
        assert len(made.title) <= 60
        assert utf8_bytes(made.text) <= 5000
        assert not {"<", ">"} & set(made.title + made.text)
    if platform.id == "x":
        assert (
            x_weighted(" ".join((made.text, *(f"#{tag}" for tag in made.hashtags))))
            <= 250
        )
    if platform.id == "tiktok":
        assert len(made.hashtags) <= 5


@given(st.text(max_size=60))
def test_a_hashtag_is_one_word_and_cleaning_it_again_changes_nothing(text: str) -> None:
    tag = hashtag(text)
    assert not set(tag) & set("# \t\n.,;:!?&-/'")
    assert hashtag(tag) == tag
    assert not tag.isdigit()


@pytest.mark.parametrize(
    ("given_text", "tag"),
    [
        ("#home heating", "HomeHeating"),
        ("heating", "heating"),
        ("R&D", "RD"),
        ("2026", ""),
        ("🔥", ""),
        ("größe", "größe"),
        ("किताब", "किताब"),
        ("a_b", "a_b"),
        ("__", ""),
    ],
)
def test_hashtags_are_cleaned(given_text: str, tag: str) -> None:
    assert hashtag(given_text) == tag


def test_hashtags_come_once_in_their_order() -> None:
    assert hashtags(["Heat", "heat", "home", "#HOME"], 5) == ("Heat", "home")


def test_youtube_has_a_title_of_sixty_a_call_to_action_and_tags() -> None:
    made = adapt(Source("a" * 61, "Short."), "youtube")
    assert made.title == "a" * 57 + DOTS
    assert made.text.endswith(CALL_TO_ACTION)
    assert adapt(Source("t", "b" * 100), "youtube").text == "b" * 100
    assert (
        len(
            adapt(
                Source("t", " ".join(f"word{n}" for n in range(30))), "youtube"
            ).extras["tags"]
        )
        == 10
    )


def test_x_counts_as_x_does() -> None:
    assert adapt(Source("t", "a" * 250), "x").text == "a" * 250
    assert adapt(Source("t", "a" * 251), "x").text == "a" * 247 + DOTS
    assert adapt(Source("t", "漢" * 126), "x").text == "漢" * 123 + DOTS


def test_tiktok_takes_hashtags_from_long_words_and_a_sound_from_the_mood() -> None:
    made = adapt(
        Source(
            "Why the boiler rumbles",
            "It is lime, and it can be cleaned out",
            mood="Calm",
        ),
        "tiktok",
    )
    assert made.hashtags == ("boiler", "rumbles", "lime", "cleaned")
    assert made.extras == {"sound": "ambient"}
    assert long_words("the boiler, the boiler") == ["boiler"]


def test_facebook_and_linkedin_are_adapted_too() -> None:
    tags = ("one", "two", "three", "four", "five", "six")
    assert adapt(Source("Title", "", tags), "facebook").text == "Title"
    assert adapt(Source("Title", "", tags), "facebook").hashtags == tags[:3]
    assert (
        adapt(Source("Title", "x", tags), "linkedin").extras["tone"] == "professional"
    )


def test_stories_get_stickers_and_a_link_only_when_there_is_one() -> None:
    assert adapt(Source("t", kind="story"), "instagram").extras == {
        "stickers": ["question", "poll"]
    }
    assert (
        "link"
        in adapt(
            Source("t", kind="story", link="https://a.example"), "instagram"
        ).extras["stickers"]
    )


@pytest.mark.parametrize(
    ("kind", "platform", "expected"),
    [
        ("video", "youtube", "video"),
        ("short", "youtube", "short"),
        ("video", "instagram", "reel"),
        ("post", "instagram", "post"),
        ("video", "tiktok", "video"),
        ("video", "x", "post"),
        ("?", "facebook", "post"),
        ("article", "linkedin", "article"),
    ],
)
def test_every_kind_has_a_format_of_the_platforms_own(
    kind: str, platform: str, expected: str
) -> None:
    assert format_for(kind, platform) == expected
    assert expected in BY_NAME[platform].formats
