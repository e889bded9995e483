"""Engines: a real socket speaks the protocol well and badly; without one, texts come
from the facts alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from chat_servers import GOOD, ChatServer, chat_server
from hypothesis import given
from hypothesis import strategies as st

from templates_ai.answers import Draft, Unreadable, read_answer
from templates_ai.engines.base import Ask, EngineFailed
from templates_ai.engines.offline import Offline
from templates_ai.engines.openai_compatible import Address, OpenAiCompatible
from templates_ai.engines.outlines import is_outline
from templates_ai.limits import Bound, Limits, cut, trimmed, violations

ASK = Ask("Write about ⟦boat.mp4⟧", {"filename": "boat.mp4"})


@pytest.fixture
def server(settings) -> Iterator[ChatServer]:
    settings.OUTGOING_ALLOW_PRIVATE = True
    with chat_server() as running:
        yield running


def engine(
    server: ChatServer, seconds: float = 60, stream: bool = False
) -> OpenAiCompatible:
    return OpenAiCompatible(Address(server.url, "m", "sk-secret", seconds, stream))


def test_a_good_answer_is_read_with_what_it_took(server: ChatServer) -> None:
    reply = engine(server).write(ASK)
    assert (reply.draft.title, len(reply.draft.hashtags)) == ("Dawn launch", 12)
    assert (reply.tokens_in, reply.tokens_out, server.keys) == (
        100,
        50,
        ["Bearer sk-secret"],
    )
    assert server.asked[0]["response_format"] == {"type": "json_object"}


def test_a_streamed_answer_is_put_together_and_counted(server: ChatServer) -> None:
    reply = engine(server, stream=True).write(ASK)
    assert server.asked[0]["stream"] is True
    assert (reply.draft.title, reply.tokens_in, reply.tokens_out) == (
        "Dawn launch",
        100,
        50,
    )


def test_a_stream_may_come_without_json_mode_and_break_off(server: ChatServer) -> None:
    server.knows_json_mode = False
    server.answers = [
        '{"title": "Dawn launch", "caption": "First boat of the year.", "hashtags": ["a", "b'
    ]
    assert (
        engine(server, stream=True).write(ASK).draft.caption
        == "First boat of the year."
    )


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("answer", "said"),
    [("huge", "too large"), ("hang", "within 0.5 seconds"), (500, "500")],
)
def test_streams_are_limited_like_other_answers(
    server: ChatServer, answer: str | int, said: str
) -> None:
    server.answers = [answer]
    with pytest.raises(EngineFailed, match=said):
        engine(server, seconds=0.5 if answer == "hang" else 60, stream=True).write(ASK)


def test_the_engine_is_told_the_limits_and_the_other_variants(
    server: ChatServer,
) -> None:
    limits = Limits(
        title=40,
        fewest_hashtags=1,
        most_hashtags=2,
        whole=(Bound(280, "weighted characters"),),
    )
    engine(server).write(Ask("P", {}, limits=limits, others=("Dawn ⟧ launch",)))
    system, asked = (message["content"] for message in server.asked[0]["messages"])
    assert "at most 40 characters" in system
    assert "Give 1 to 2 hashtags." in system
    assert "280 weighted characters" in system
    assert asked.endswith("⟦Dawn ] launch⟧")


def test_a_server_without_json_mode_is_asked_without(server: ChatServer) -> None:
    server.knows_json_mode = False
    assert engine(server).write(ASK).draft.title == "Dawn launch"
    assert "response_format" not in server.asked[-1]


@pytest.mark.parametrize(
    "text",
    [
        "```json\n" + json.dumps(GOOD) + "\n```",
        "Sure! Here it is:\n" + json.dumps(GOOD) + "\nHope this helps.",
        '```json\n{"title": "Dawn launch", "caption": "First boat of the year.", "hashtags": ["a", "b',
        '{"title": "Dawn launch", "caption": "First boat of the year.", }',
        '{"title": "⟦Dawn launch⟧", "caption": "First ⟦boat⟧ of the year.⟧"}',
    ],
    ids=["fenced", "wrapped", "truncated", "malformed", "marked"],
)
def test_untidy_answers_are_read(server: ChatServer, text: str) -> None:
    server.answers = [text]
    draft = engine(server).write(ASK).draft
    assert (draft.title, draft.caption) == ("Dawn launch", "First boat of the year.")


@pytest.mark.parametrize(
    "text",
    ["", "I cannot do that.", "{}", '{"title": 5}', "[" * 50_000, '{"a":' * 20_000],
)
def test_an_answer_without_texts_is_refused(server: ChatServer, text: str) -> None:
    server.answers = [text]
    with pytest.raises(EngineFailed, match="cannot be used"):
        engine(server).write(ASK)


@pytest.mark.parametrize("status", [429, 500])
def test_passing_trouble_is_tried_again(server: ChatServer, status: int) -> None:
    server.answers = [status, json.dumps(GOOD)]
    assert engine(server).write(ASK).draft.title == "Dawn launch"
    assert len(server.asked) == 2


@pytest.mark.parametrize(("status", "tries"), [(429, 3), (500, 3), (401, 1)])
def test_lasting_trouble_is_told(server: ChatServer, status: int, tries: int) -> None:
    server.answers = [status]
    with pytest.raises(EngineFailed, match=str(status)):
        engine(server).write(ASK)
    assert len(server.asked) == tries


def test_a_server_that_hangs_is_left_in_time(server: ChatServer) -> None:
    server.answers = ["hang"]
    with pytest.raises(EngineFailed):
        engine(server, seconds=0.5).write(ASK)
    assert not server.outwaited


def test_a_huge_answer_is_refused(server: ChatServer) -> None:
    server.answers = ["huge"]
    with pytest.raises(EngineFailed):
        engine(server).write(ASK)


def test_private_addresses_are_refused(server: ChatServer, settings) -> None:
    settings.OUTGOING_ALLOW_PRIVATE = False
    with pytest.raises(EngineFailed, match="private network"):
        engine(server).write(ASK)
    assert server.asked == []


def test_a_repair_tells_what_was_wrong(server: ChatServer) -> None:
    engine(server).write(
        Ask("P", {}, violations=("The title is empty.",), earlier="{}")
    )
    assert [message["role"] for message in server.asked[0]["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    assert "The title is empty." in server.asked[0]["messages"][-1]["content"]


def test_offline_texts_come_from_the_facts() -> None:
    ask = Ask(
        "",
        {
            "filename": "clips/epic_boat_launch_0042.mp4",
            "game_context": "first launch of the season",
        },
        ("h2o",),
    )
    draft = Offline().write(ask).draft
    assert draft == Offline().write(ask).draft
    assert draft.title == "Epic Boat Launch: first launch of the season"
    assert draft.caption == "Epic Boat Launch. First launch of the season."
    assert draft.hashtags[:3] == ("#h2o", "#epic", "#boat")


@pytest.mark.parametrize(
    ("platform", "count"), [("x", 2), ("linkedin", 5), ("instagram", 12)]
)
def test_offline_texts_suit_the_platform(platform: str, count: int) -> None:
    draft = (
        Offline().write(Ask("", {"filename": "boat.mp4", "platform": platform})).draft
    )
    assert len(draft.hashtags) == count


@given(st.text(max_size=300), st.text(max_size=300))
def test_offline_takes_any_name(filename: str, about: str) -> None:
    draft = (
        Offline().write(Ask("", {"filename": filename, "game_context": about})).draft
    )
    assert draft.title and draft.caption
    assert violations(trimmed(draft, Limits()), Limits()) == ()


@given(st.text(max_size=2000))
def test_any_answer_is_read_or_refused(text: str) -> None:
    try:
        draft = read_answer(text)
    except Unreadable:
        return
    assert draft.title or draft.caption


ADVENT = "Advent calendar of a small bakery: one bread a day, fresh from 7am"


def test_without_an_engine_there_are_outlines_and_no_echo() -> None:
    titles: tuple[str, ...] = ()
    values = {
        "game_context": ADVENT,
        "audience": "families",
        "tone": "warm",
        "language": "German",
    }
    for _ in range(18):
        reply = Offline().write(Ask("", values, others=titles, outline=True))
        draft = reply.draft
        assert is_outline(draft.caption) and draft.title.startswith("Outline: ")
        assert ADVENT.lower() not in f"{draft.title} {draft.caption}".lower()
        assert "- Mention: Advent, calendar, small, bakery, bread" in draft.caption
        assert "- For: families\n- Tone: warm\n- Language: German" in draft.caption
        assert "#advent" in draft.hashtags
        assert "write the text before it goes out" in reply.notes[0]
        titles += (draft.title,)
    assert len(set(titles)) == 18


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("Write about ⟦boat.mp4⟧ with 3 hashtags", 3),
        ("Give 2 to 4 hashtags", 4),
        ("Without hashtags, please", 0),
        ("Write about ⟦5 hashtags⟧", 11),
    ],
)
def test_the_prompts_own_hashtags_are_heeded(prompt: str, found: int) -> None:
    ask = Ask(prompt, {"filename": "boat.mp4"}, own_prompt=True)
    reply = Offline().write(ask)
    assert len(reply.draft.hashtags) == found
    assert "the rest of the prompt is not followed" in reply.notes[0]


def test_hashtags_of_the_prompt_come_first_and_what_needs_an_engine_is_said() -> None:
    values = {"filename": "boat.mp4", "tone": "excited", "language": "French"}
    ask = Ask("Say it with #H2O and ⟦#notmine⟧", values, own_prompt=True)
    reply = Offline().write(ask)
    assert reply.draft.hashtags[0] == "#H2O"
    assert "#notmine" not in reply.draft.hashtags
    assert reply.notes[-1] == "Not heeded without an engine: tone and language."


def test_limits_are_told_and_kept_visibly() -> None:
    long = Draft("word " * 40, "c" * 3000, tuple(f"#t{n}" for n in range(20)))
    assert len(violations(long, Limits())) == 3
    short = trimmed(long, Limits())
    assert violations(short, Limits()) == ()
    assert short.title.endswith("word…") and short.caption.endswith("c…")
    assert cut("short", 100) == "short"
