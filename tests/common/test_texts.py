"""Text as every door makes it, hashtags, and searching on both databases."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.hashtags import hashtags_of
from common.texts import clean, clean_all, folded, is_visible

TEXTS = st.text(
    st.characters() | st.sampled_from("\r\n\t\v\f\x00\x07\x85\ufeff\u2028\u200be\u0301")
)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("plain", "plain"),
        (
            "one\r\ntwo\rthree\u2028four\x85five\vsix",
            "one\ntwo\nthree\nfour\nfive\nsix",
        ),
        ("\ufeffa\x07b\tc\x7f\x9f\ufffe", "ab\tc"),
        ("e\u0301", "\u00e9"),
        # Another sign than the one that composing would put in its place.
        ("\ufa19", "\ufa19"),
        ("\u200b\u2060\u3164", ""),
        ("\u2800", ""),
        (" ", " "),
        ("👩\u200d🚒", "👩\u200d🚒"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        # Fields refuse it.
        ("a\x00b", "a\x00b"),
    ],
)
def test_text_is_made_the_same_at_every_door(sent: str, kept: str) -> None:
    assert clean(sent) == kept
    assert clean_all({"\r": [sent, 1, None]}) == {"\r": [kept, 1, None]}


@given(TEXTS)
def test_clean_text_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not set("\r\v\f\x85\u2028\u2029\ufeff\x07") & set(once)


@given(TEXTS)
def test_searching_knows_no_case_width_or_way_of_accents(text: str) -> None:
    same = folded(text)
    assert folded(unicodedata.normalize("NFD", text)) == same
    assert folded(unicodedata.normalize("NFC", text)) == same
    assert folded("ＳＴＲＡＳＳＥ") == folded("Straße") == "strasse"
    assert folded("É") == folded("e\u0301")


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u200d\u2800", "\ufe0f"])
def test_some_texts_show_nothing(text: str) -> None:
    assert not is_visible(text)
    assert is_visible(text + "·")


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        ("#spring, clean;  #Wasser", ["spring", "clean", "Wasser"]),
        ("#a#b ＃ｃ", ["a", "b", "ｃ"]),
        (["#rock'n'roll", "C++", "!!!", 5], ["rocknroll", "C"]),
        (["Water", "water", "ＷＡＴＥＲ"], ["Water"]),
        ("cafe\u0301 café", ["café"]),
        ("#हिन्दी #ผู้เริ่ม #می\u200cخواهم", ["हिन्दी", "ผู้เริ่ม", "می\u200cخواهم"]),
        ("winter、sale，2026", ["winter", "sale", "2026"]),
        (None, []),
    ],
)
def test_hashtags_are_made_the_same_way(value: object, tags: list[str]) -> None:
    assert hashtags_of(value) == tags


@given(TEXTS)
def test_hashtags_go_out_and_come_in_again(text: str) -> None:
    tags = hashtags_of(text)
    assert hashtags_of(tags) == tags
    assert hashtags_of(" ".join(f"#{tag}" for tag in tags)) == tags
