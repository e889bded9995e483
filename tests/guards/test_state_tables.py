"""Code, database and docs name the same states and moves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, models, transaction

from calendars import states as calendars
from calendars.models import (
    BulkRun,
    CalendarItem,
    Callback,
    ContentCalendar,
    OptimizationRun,
    Trial,
)
from common.states import StateTable
from fillplanner import states as planning
from fillplanner.models import Comparison, Delivery, Plan
from scheduling.domain import states as posting
from scheduling.models import (
    Attempt,
    ImportedRow,
    Post,
    PostImport,
    WatchedFile,
    WritingRun,
    WritingSlot,
)

TABLES = {
    "Post": (posting.POST, Post),
    "Attempt": (posting.ATTEMPT, Attempt),
    "Watched file": (posting.WATCHED, WatchedFile),
    "Calendar": (calendars.CALENDAR, ContentCalendar),
    "Calendar item": (calendars.ITEM, CalendarItem),
    "Callback": (calendars.CALLBACK, Callback),
    "Plan": (planning.PLAN, Plan),
    "Comparison": (planning.COMPARISON, Comparison),
    "Delivery": (planning.DELIVERY, Delivery),
    "Bulk run": (calendars.BULK, BulkRun),
    "Trial": (calendars.TRIAL, Trial),
    "Optimisation": (calendars.OPTIMIZATION, OptimizationRun),
    "Import": (posting.IMPORT, PostImport),
    "Imported row": (posting.IMPORTED_ROW, ImportedRow),
    "Writing run": (posting.WRITING, WritingRun),
    "Writing slot": (posting.WRITING_SLOT, WritingSlot),
}


def documented(title: str) -> dict[str, frozenset[str]]:
    """The moves in the table below a heading of docs/states.md."""
    text = (Path(settings.BASE_DIR) / "docs" / "states.md").read_text()
    section = text.split(f"## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| ?([\w, ]*)\|$", section, re.MULTILINE)
    return {
        source: frozenset(re.findall(r"\w+", targets))
        for source, targets in rows
        if source != "from"
    }


@pytest.mark.parametrize("title", TABLES)
def test_the_docs_show_the_moves_that_the_code_allows(title: str) -> None:
    table, _ = TABLES[title]
    assert documented(title) == dict(table.moves)


def constraint_states(model: type[models.Model]) -> set[str]:
    """The states that the model's check constraint lists."""
    checks = [
        rule
        for rule in model._meta.constraints
        if isinstance(rule, models.CheckConstraint)
        and rule.name.endswith("_state_known")
    ]
    [check] = checks
    return {str(state) for state in dict(check.condition.children)["state__in"]}


@pytest.mark.parametrize("title", TABLES)
def test_the_constraint_lists_the_same_states(title: str) -> None:
    table, model = TABLES[title]
    assert constraint_states(model) == set(table.states)


@pytest.mark.django_db
@pytest.mark.services
def test_the_database_refuses_a_state_that_is_none(slot: Post) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(pk=slot.pk).update(state="nonsense")


@pytest.mark.parametrize("title", TABLES)
def test_every_state_but_the_first_can_be_reached(title: str) -> None:
    table: StateTable = TABLES[title][0]
    reached, frontier = {table.initial}, [table.initial]
    while frontier:
        for target in table.moves[frontier.pop()] - reached:
            reached.add(target)
            frontier.append(target)
    assert reached == set(table.states)
