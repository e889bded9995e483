"""Changes that come hundreds a second are told together: the first at once, none lost."""

from __future__ import annotations

import time
from typing import Any

import pytest
from patience import until

from common import live


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    frames: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(
        live, "tell_change", lambda group, topics: frames.append((group, topics))
    )
    return frames


def test_the_first_is_told_at_once_and_the_rest_together(told: list[Any]) -> None:
    gathered = live.Gathered()
    for number in range(100):
        gathered.add("here", [f"post:{number}", "posts"])
    gathered.add("there", ["posts"])
    assert told == [("here", ["post:0", "posts"]), ("there", ["posts"])]
    until(lambda: len(told) == 3, "the rest")
    group, topics = told[2]
    assert group == "here" and set(topics) == {"posts"} | {
        f"post:{number}" for number in range(1, 100)
    }


def test_after_a_quiet_moment_the_next_is_told_at_once_again(
    told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "GATHER_SECONDS", 0.05)
    gathered = live.Gathered()
    gathered.add("here", ["a"])
    until(lambda: not gathered.waiting, "quiet")
    time.sleep(0.1)
    gathered.add("here", ["b"])
    assert told == [("here", ["a"]), ("here", ["b"])]
