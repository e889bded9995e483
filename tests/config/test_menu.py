"""The menu leads to pages that exist, and every page belongs to one of its entries."""

from __future__ import annotations

from collections import Counter

import pytest
from django.urls import reverse

from config.home import search
from config.menu import ACTIONS, ENTRIES
from workspaces.models import User, Workspace


def test_every_entry_leads_somewhere_and_has_a_key_of_its_own() -> None:
    assert all(reverse(entry.name) for entry in ENTRIES + ACTIONS)
    assert max(Counter(entry.key for entry in ENTRIES).values()) == 1


@pytest.mark.parametrize(
    ("route", "owner"),
    [
        ("post", "schedule"),
        ("content-calendar", "content-calendars"),
        ("content-item", "content"),
        ("optimisation", "optimise"),
        ("plan-new", "plans"),
        ("comparison", "comparisons"),
        ("blackout-new", "blackouts"),
        ("writing-run", "ai-templates"),
        ("channel-connection", "channels"),
        ("analytics-upload", "analytics"),
    ],
)
def test_a_page_belongs_to_one_entry(route: str, owner: str) -> None:
    assert [entry.name for entry in ENTRIES if entry.has(route)] == [owner]


@pytest.mark.django_db
def test_words_find_pages_by_other_names(manager: User, workspace: Workspace) -> None:
    assert [hit.text for hit in search(manager, workspace, "kpi")] == ["Analytics"]
    assert "New post" in [hit.text for hit in search(manager, workspace, "add post")]
    assert search(manager, workspace, "nothing is called so") == []
    assert len(search(manager, workspace, "")) == len(ENTRIES + ACTIONS)
