"""Prompts hold together whatever a file is called."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_ai.rendering import (
    CLOSING,
    NOT_GIVEN,
    OPENING,
    VARIABLES,
    as_data,
    plain,
    prompt_of,
    unknown_variables,
)

PROMPT = (
    'Name {filename} for {platform}. Answer as {"title": "...", "hashtags": ["{x"]}'
)
ODD = st.text(
    st.sampled_from("a{}\"'\\\n\r\t\x00\x1b\u202e\u2066🎮👩‍🚀שלום⟦⟧ "), max_size=300
)
NAMES = st.one_of(
    st.text(max_size=200), ODD, ODD.map(lambda text: (text * 4096)[:4096])
)


@pytest.mark.thorough
@given(NAMES)
def test_any_name_goes_in_whole_and_leaves_the_rest(name: str) -> None:
    before, after = prompt_of(PROMPT, {"filename": name, "platform": "x"}).split(
        as_data(name), 1
    )
    assert before == "Name "
    assert after == ' for ⟦x⟧. Answer as {"title": "...", "hashtags": ["{x"]}'


@given(NAMES)
def test_data_cannot_leave_its_marks(name: str) -> None:
    data = as_data(name)
    assert data == NOT_GIVEN or (data[0], data[-1]) == (OPENING, CLOSING)
    assert data.count(OPENING) == data.count(CLOSING) <= 1


@given(NAMES)
def test_cleaned_text_is_one_line_that_any_store_takes(name: str) -> None:
    text = plain(name)
    assert text == plain(text)
    assert json.loads(json.dumps(text).encode()) == text
    assert text.encode().decode() == text
    assert not any(character in text for character in "\x00\n\r\x1b\u202e\u2066")


def test_emoji_of_several_parts_and_other_scripts_stay() -> None:
    assert plain("👩‍🚀  שלום\nfilm.mp4") == "👩‍🚀 שלום film.mp4"


def test_every_variable_is_known_and_replaced() -> None:
    text = " ".join(f"{{{name}}}" for name in VARIABLES)
    assert unknown_variables(text) == []
    assert prompt_of(text, dict.fromkeys(VARIABLES, "v")) == " ".join(
        ["⟦v⟧"] * len(VARIABLES)
    )
    assert prompt_of("{tone}", {}) == NOT_GIVEN
