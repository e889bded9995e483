"""What a text has to keep to: lengths as platforms count them, links, forbidden signs,
and the language.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_ai.answers import Draft
from templates_ai.languages import is_in, language_called
from templates_ai.limits import (
    Bound,
    Limits,
    links_in,
    stray_links,
    trimmed,
    violations,
)


def bytes_of(text: str) -> int:
    return len(text.encode())


SMALL = Limits(
    fewest_hashtags=0,
    most_hashtags=3,
    whole=(Bound(60), Bound(90, "bytes", bytes_of)),
    link="https://h2o.example/a",
)
DRAFTS = st.builds(
    Draft,
    st.text(max_size=150),
    st.text(max_size=400),
    st.lists(st.text(min_size=1, max_size=30), max_size=9).map(tuple),
)


@pytest.mark.thorough
@given(DRAFTS)
def test_trimming_keeps_every_length(draft: Draft) -> None:
    short = trimmed(draft, SMALL)
    assert not [
        sentence
        for sentence in violations(short, SMALL)
        if "longer" in sentence or "at most" in sentence
    ]


def test_hashtags_go_before_words_and_the_cut_shows() -> None:
    tight = Limits(fewest_hashtags=1, most_hashtags=9, whole=(Bound(40),))
    draft = Draft("T", "Twenty-five letters long.", ("#one", "#two", "#three"))
    assert trimmed(draft, tight) == Draft(
        "T", "Twenty-five letters long.", ("#one", "#two")
    )
    longer = trimmed(Draft("T", "word " * 30, ("#one",)), tight)
    assert longer.caption.endswith("word…") and longer.hashtags == ("#one",)


def test_links_that_nobody_gave_are_told_and_taken_out() -> None:
    limits = Limits(fewest_hashtags=0, links=frozenset({"https://h2o.example/a"}))
    draft = Draft(
        "Look", "At https://h2o.example/a, or javascript://x or www.evil.example/p?q=1."
    )
    assert "The text has a link that was not given." in violations(draft, limits)
    kept = trimmed(draft, limits)
    assert kept.caption == "At https://h2o.example/a, or  or ."
    assert stray_links(kept.caption, limits) == frozenset()
    assert links_in("see https://a.example/x).") == {"https://a.example/x"}


def test_forbidden_signs_are_taken_out() -> None:
    limits = Limits(fewest_hashtags=0, forbidden="<>")
    draft = Draft("a < b", "<b>bold</b>")
    assert any("sign" in sentence for sentence in violations(draft, limits))
    assert trimmed(draft, limits) == Draft("a  b", "bbold/b")


GERMAN = "Das ist der erste Start des Jahres und wir sind mit euch auf dem See."
ENGLISH = "This is the first launch of the year and we are with you on the lake."


@pytest.mark.parametrize(
    ("text", "wanted", "fits"),
    [
        (GERMAN, "German", True),
        (GERMAN, "de-AT", True),
        (GERMAN, "English", False),
        (ENGLISH, "Deutsch", False),
        (ENGLISH, "English (US)", True),
        ("H2O Boiler 24/7", "German", True),
        (ENGLISH, "Klingon", True),
        (ENGLISH, "", True),
        (ENGLISH, "Japanese", False),
        ("今日は湖で最初の出航です。", "ja", True),
        ("Сегодня первый запуск лодки", "English", False),
        ("Сегодня первый запуск лодки", "Russian", True),
    ],
)
def test_languages_are_told_apart_where_that_is_clear(
    text: str, wanted: str, fits: bool
) -> None:
    assert is_in(text, wanted) is fits


@given(st.text(max_size=200), st.text(max_size=20))
def test_any_text_in_any_language_is_looked_at(text: str, wanted: str) -> None:
    assert is_in(text, wanted) in (True, False)
    assert isinstance(language_called(wanted), str)
