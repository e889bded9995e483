"""The demo's data keep to what the networks take."""

from __future__ import annotations

import pytest

from calendars.models import CalendarItem
from config import demo
from fillplanner import runs as planning_runs
from scheduling.domain import states
from scheduling.models import Post
from scheduling.posts.fitting import findings

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_what_goes_out_or_went_out_is_what_its_network_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(planning_runs, "run", lambda plan, worker: None)
    demo.load()
    posts = Post.objects.select_related("account", "content", "workspace")
    filled = posts.exclude(state=states.PLANNED)
    assert set(filled.values_list("state", flat=True)) >= {
        states.SCHEDULED,
        states.PUBLISHED,
        states.DRAFT,
        states.FAILED,
    }
    blocking = [
        finding.message
        for post in filled
        for finding in findings(post)
        if finding.blocks
    ]
    assert blocking == []
    assert posts.filter(account__platform="youtube", state=states.PLANNED).exists()
    assert set(CalendarItem.objects.values_list("post__state", flat=True)) == {
        states.SCHEDULED
    }
    [failed] = posts.filter(state=states.FAILED)
    assert "not connected" in failed.last_error
