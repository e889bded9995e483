"""The preview of an import keeps its word, and what was exported comes in as it was."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cast import make_channel, make_content, make_post
from common.hashtags import hashtags_of
from common.texts import clean
from scheduling.domain import states
from scheduling.domain.platforms import rules
from scheduling.domain.platforms.rules import Limit
from scheduling.imports import services as imports
from scheduling.imports import worker as importing
from scheduling.models import Blackout, ChannelAccount, Post, PostImport
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]

DAY = (timezone.now() + timedelta(days=60)).replace(
    hour=0, minute=0, second=0, microsecond=0
)
HEAD = ("Title", "Channel", "Date", "Time")


def at(days: int, clock: str) -> tuple[str, str]:
    return f"{DAY + timedelta(days=days):%Y-%m-%d}", clock


def taken(
    editor: User, workspace: Workspace, rows: list[tuple[Any, ...]], approved: bool
) -> PostImport:
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, *rows])
    file = imports.PostFile("posts.csv", text.getvalue().encode())
    return imports.take(editor, workspace, file, "UTC", approved=approved)


@pytest.fixture
def sky(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace, platform="mastodon", name="Sky", zone="UTC")


@pytest.fixture
def christmas(workspace: Workspace) -> Blackout:
    return Blackout.objects.create(
        workspace=workspace,
        reason="Christmas",
        begins_local=f"{DAY + timedelta(days=4):%Y-%m-%d}T00:00",
        ends_local=f"{DAY + timedelta(days=6):%Y-%m-%d}T00:00",
        zone="America/Los_Angeles",
    )


@pytest.mark.parametrize("approved", [True, False])
def test_what_the_preview_calls_good_is_placed_and_the_rest_is_not(
    editor: User,
    workspace: Workspace,
    sky: ChannelAccount,
    christmas: Blackout,
    approved: bool,
) -> None:
    make_channel(workspace, platform="bluesky", name="Paused", status="paused")
    make_channel(
        workspace, platform="mastodon", name="Cut", publisher="mastodon", zone="UTC"
    )
    busy = DAY.astimezone(UTC) + timedelta(days=1, hours=10)
    make_post(sky, make_content(workspace), at=busy)
    run = taken(
        editor,
        workspace,
        [
            ("Good", "Sky", *at(0, "09:00")),
            ("Taken", "Sky", *at(1, "10:00")),
            ("Twice", "Sky", *at(0, "09:00")),
            ("Closed", "Sky", *at(5, "09:00")),
            ("Paused", "Paused", *at(0, "09:00")),
            ("Cut off", "Cut", *at(0, "09:00")),
            ("One of two", "Sky;Paused", *at(2, "09:00")),
            ("Good too", "Sky", *at(3, "09:00")),
        ],
        approved,
    )
    rows = {row.title: " ".join(row.errors) for row in imports.checked(editor, run)}
    assert "Christmas is on for every channel until" in rows["Closed"]
    assert "America/Los Angeles time" in rows["Closed"]
    assert rows["Taken"] == "Sky already has a post at that time."
    assert rows["Twice"] == "Row 2 has the same time on Sky."
    assert ("is paused" in rows["Paused"]) is approved
    assert ("is paused" in rows["One of two"]) is approved
    assert ("it has no address" in rows["Cut off"]) is approved
    good = [title for title, errors in rows.items() if not errors]
    importing.run(imports.start(editor, run.pk).pk, "worker")
    assert {row.state for row in run.rows.all()} == {states.PLACED}
    assert [row.values["title"] for row in run.rows.all()] == good


def test_a_full_day_is_seen_before_as_well(
    editor: User, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the networks that count posts a day, Bluesky takes text alone."""
    ten = [Limit("bluesky", "per_day", 10, "", date(2026, 8, 1))]
    monkeypatch.setattr(rules, "limits_of", lambda platform: ten)
    sky = make_channel(workspace, platform="bluesky", name="Tok", zone="UTC")
    for minute in range(5):
        when = DAY.astimezone(UTC) + timedelta(hours=8, minutes=minute)
        make_post(sky, make_content(workspace), state=states.SCHEDULED, at=when)
    rows = [(f"T{n}", "Tok", *at(0, f"09:{n:02}")) for n in range(10)]
    run = taken(editor, workspace, rows, True)
    checked = imports.checked(editor, run)
    assert [bool(row.errors) for row in checked] == [False] * 5 + [True] * 5
    assert "10 posts in 24 hours" in checked[-1].errors[0]


@pytest.mark.parametrize("approved", [True, False])
def test_a_network_that_takes_no_text_alone_gets_drafts_at_most(
    editor: User, workspace: Workspace, approved: bool
) -> None:
    make_channel(workspace, platform="youtube", name="Tube", zone="UTC")
    rows = [("Two signs", "Tube", *at(0, "09:00"))]
    [row] = imports.checked(editor, taken(editor, workspace, rows, approved))
    needed = "YouTube takes no post without a video. Add one."
    assert row.errors == ([needed] if approved else [])
    assert row.warnings == ([] if approved else [needed])


def test_a_preview_of_many_rows_asks_no_more_than_one_of_few(
    editor: User, workspace: Workspace, sky: ChannelAccount, christmas: Blackout
) -> None:
    counts = []
    for many in (2, 60):
        rows = [(f"T{n}", "Sky", *at(n % 20, f"09:{n:02}")) for n in range(many)]
        run = taken(editor, workspace, rows, True)
        with CaptureQueriesContext(connection) as queries:
            imports.checked(editor, run)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_result_says_how_many_were_refused_and_why(
    browse,
    editor: User,
    workspace: Workspace,
    sky: ChannelAccount,
    christmas: Blackout,
) -> None:
    rows = [(f"T{n}", "Sky", *at(n, "09:00")) for n in range(3)]
    run = imports.start(editor, taken(editor, workspace, rows, True).pk)
    ChannelAccount.objects.filter(pk=sky.pk).update(status="paused")
    importing.run(run.pk, "worker")
    page = browse(editor).get(f"/posts/import/{run.pk}").content.decode()
    assert " ".join(page.split()).count("3 rows: Sky is paused") == 1
    assert "3 refused" in " ".join(page.split())


# --- out and in again

WORDS = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=("Cs", "Cc", "Cn", "Co"),
    )
    | st.sampled_from("\n='+-@;,|\""),
    max_size=60,
).map(lambda text: clean(text).strip())
TITLES = WORDS.filter(bool)
DOUBLED = datetime(2027, 11, 7, 8, 30, tzinfo=UTC)
MOMENTS = st.sampled_from(
    [DOUBLED, DOUBLED + timedelta(hours=1), DOUBLED + timedelta(seconds=7)]
)


def facts() -> set[tuple[Any, ...]]:
    return {
        (
            post.content.title,
            post.content.caption,
            tuple(post.content.hashtags),
            post.content.link,
            post.account_id,
            post.scheduled_at,
        )
        for post in Post.objects.select_related("content", "account")
    }


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=25,
    deadline=None,
)
@given(
    title=TITLES,
    caption=WORDS,
    tags=WORDS.map(hashtags_of),
    name=TITLES,
    zone=st.sampled_from(["America/Los_Angeles", "UTC", "Asia/Kathmandu"]),
    moment=MOMENTS,
)
def test_what_goes_out_comes_in_as_it_was(
    browse,
    editor: User,
    workspace: Workspace,
    title: str,
    caption: str,
    tags: list[str],
    name: str,
    zone: str,
    moment: datetime,
) -> None:
    Post.objects.all().delete()
    ChannelAccount.objects.all().delete()
    User.objects.filter(pk=editor.pk).update(zone=zone)
    for platform in ("mastodon", "bluesky"):
        account = make_channel(workspace, platform=platform, name=name, zone="UTC")
        item = make_content(
            workspace,
            title=title,
            caption=caption,
            hashtags=tags,
            link="https://h2o.example/a?b=1,2;3",
        )
        make_post(account, item, state=states.SCHEDULED, at=moment)
    before = facts()
    exported = b"".join(browse(editor).get("/posts/export.csv").streaming_content)
    Post.objects.all().delete()
    file = imports.PostFile("posts.csv", exported)
    run = imports.take(editor, workspace, file, "Europe/Berlin", approved=False)
    assert [row.errors for row in imports.checked(editor, run)] == [[], []]
    importing.run(imports.start(editor, run.pk).pk, "worker")
    assert facts() == before


def test_a_row_may_name_its_own_zone(
    editor: User, workspace: Workspace, sky: ChannelAccount
) -> None:
    text = (
        "Title,Channel,Date,Time,Zone\n"
        "A,Sky,2027-07-01,09:00,America/New_York\n"
        "B,Sky,2027-07-01,09:00,\n"
        "C,Sky,2027-07-01,09:00,Mars\n"
    )
    file = imports.PostFile("posts.csv", text.encode())
    run = imports.take(editor, workspace, file, "Europe/Berlin", approved=False)
    own, usual, unknown = imports.checked(editor, run)
    assert own.at == datetime(2027, 7, 1, 13, tzinfo=UTC)
    assert usual.at == datetime(2027, 7, 1, 7, tzinfo=UTC)
    assert unknown.errors == [
        "“Mars” is no time zone; use an IANA name such as Europe/Berlin."
    ]
