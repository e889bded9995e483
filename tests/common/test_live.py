from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from common import live


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    frames: list[tuple[str, str, Any]] = []
    monkeypatch.setattr(live, "send", lambda *frame: frames.append(frame))
    return frames


@pytest.mark.django_db(transaction=True)
def test_nothing_is_announced_before_the_rows_are_there(sent: list[Any]) -> None:
    with transaction.atomic():
        live.announce("group", "changed", {"topics": ["posts"]})
        assert sent == []
    assert sent == [("group", "changed", {"topics": ["posts"]})]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_announced_when_the_change_is_rolled_back(sent: list[Any]) -> None:
    def fail() -> None:
        live.announce("group", "changed", {})
        raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError):
        transaction.atomic(fail)()
    assert sent == []


class BrokenLayer:
    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        raise ConnectionError("the broker is gone")


def test_a_lost_broker_costs_the_live_update_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "get_channel_layer", BrokenLayer)
    live.send("group", "changed", {})
