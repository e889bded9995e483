"""Posts from a table: reading it, what each row says, placing by a worker, and the way
out again.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from markup import tight
from workbooks import workbook

from cast import make_channel, make_content, make_post
from common.errors import Conflict, Forbidden, InvalidInput, Missing
from common.tables import guess_columns, read_table
from scheduling.domain import states
from scheduling.imports import services as imports
from scheduling.imports import worker as importing
from scheduling.imports.forms import LABELS
from scheduling.imports.table import COLUMNS, LIMITS, check_rows, parse_when
from scheduling.models import ChannelAccount, ContentItem, ImportedRow, Post, PostImport
from workspaces.models import User, Workspace

DAY = (timezone.now() + timedelta(days=40)).date()
TABLE = (
    "Headline;Text;Tags;Network;Day;Hour\n"
    f"Frost;Drain the tap.;#winter, tips;Sky;{DAY};9:05\n"
    f";First line\nmore;;sky; {DAY:%d.%m.%Y};10:00\n".replace(
        "First line\nmore", '"First line\nmore"'
    )
    + f"Both;Two at once;;Sky|bluesky;{DAY} 11:00;\n"
    + f"Bad;;;Nowhere;{DAY};25:00\n"
    + f"Twice;Again;;Sky;{DAY};09:05\n"
    "Old;Too late;;Sky;2020-01-01;10:00\n"
)


@pytest.fixture
def sky(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace, platform="bluesky", name="Sky", zone="UTC")


def sent(
    editor: User, workspace: Workspace, data: bytes = TABLE.encode(), sheet: str = ""
) -> PostImport:
    file = imports.PostFile("posts.csv", data, sheet)
    return imports.take(editor, workspace, file, "Europe/Berlin", approved=True)


# --- reading
# ---------------------------------------------------------------------------------------------


FEW = f"Title;Channel;Date;Likes\nA;Sky;{DAY} 09:00;7\n\n;;;\nB;Sky;soon;2\n"
HEAD = ["Title", "Channel", "Date", "Time", "Likes"]
SHEETS = {
    "Notes": [["not", "for", "everybody"]],
    "May": [HEAD, [], ["A", "Sky", DAY, time(9, 5), 7]],
    "June": [HEAD, ["B", "Sky", f"{DAY} 10:00", None, 2]],
}


@pytest.mark.django_db
@pytest.mark.parametrize("line", ["", "sep=;\n"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_files_of_spreadsheets_keep_their_row_numbers(
    editor: User, workspace: Workspace, sky: ChannelAccount, encoding: str, line: str
) -> None:
    text = line + FEW.replace("A;", "Größe;")
    run = sent(editor, workspace, text.encode(encoding))
    good, faulty = imports.checked(editor, run)
    assert (good.number, good.title, good.errors) == (2, "Größe", [])
    assert (faulty.number, "no date and time" in faulty.errors[0]) == (5, True)


@pytest.mark.django_db
def test_of_a_workbook_a_visible_sheet_is_read(
    editor: User, workspace: Workspace, sky: ChannelAccount
) -> None:
    data = workbook(SHEETS, {"Notes": "hidden"})
    run = sent(editor, workspace, data)
    [row] = imports.checked(editor, run)
    assert (run.sheet, run.sheets, row.number) == ("May", ["May", "June"], 3)
    assert (row.errors, f"{row.at:%H:%M}") == ([], "08:05")
    [other] = imports.checked(editor, sent(editor, workspace, data, "june"))
    assert (other.title, other.number) == ("B", 2)
    with pytest.raises(InvalidInput, match="“Notes” with rows"):
        sent(editor, workspace, data, "Notes")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no rows below its header"),
        (b"Title,Date\n", "no rows below its header"),
        (b"a\n" + b"x\n" * 2001, "at most 2,000"),
        (b"a\n" + b"y" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_what_is_no_table_is_said(
    editor: User, workspace: Workspace, data: bytes, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        sent(editor, workspace, data)


@pytest.mark.django_db
def test_a_row_with_more_cells_than_the_header_is_not_cut(
    editor: User, workspace: Workspace, sky: ChannelAccount
) -> None:
    text = f"Title,Channel,Date\nHello, you,Sky,{DAY} 09:00\n"
    [row] = imports.checked(editor, sent(editor, workspace, text.encode()))
    assert "more cells than the header" in row.errors[-1]


@pytest.mark.django_db
def test_an_import_of_an_older_version_counts_from_two(
    editor: User, workspace: Workspace, sky: ChannelAccount
) -> None:
    run = sent(editor, workspace)
    run.numbers = []
    assert [row.number for row in imports.checked(editor, run)] == [2, 3, 4, 5, 6, 7]


def test_columns_are_recognised_by_the_names_that_the_form_gives_them() -> None:
    assert guess_columns(list(LABELS.values()), COLUMNS).places == {
        name: place for place, name in enumerate(LABELS)
    }


def test_columns_are_recognised_by_other_names() -> None:
    titles = ["Publish date", "MESSAGE", "Network", "Publish_Time", "x"]
    assert guess_columns(titles, COLUMNS).places == {
        "date": 0,
        "caption": 1,
        "channels": 2,
        "time": 3,
    }


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [
        ("2027-03-28", "02:30", "2027-03-28T01:30"),
        ("28.3.2027", "9:05", "2027-03-28T07:05"),
        ("2027-10-31 02:30", "", "2027-10-31T00:30"),
        ("2027-01-05T09:00:00+05:30", "", "2027-01-05T03:30"),
        ("2027-01-05T09:00Z", "", "2027-01-05T09:00"),
    ],
)
def test_times_are_read_on_the_zones_clock(day: str, clock: str, utc: str) -> None:
    """Of two times the first, of a time that a clock change skips the one after it."""
    assert parse_when(day, clock, "Europe/Berlin").astimezone(
        UTC
    ) == datetime.fromisoformat(utc + "+00:00")


@pytest.mark.parametrize(
    ("day", "clock"),
    [("", "9:00"), ("soon", ""), ("2027-01-05", ""), ("2027-02-30", "9:00")],
)
def test_what_is_no_time_is_said(day: str, clock: str) -> None:
    with pytest.raises(ValueError, match=r"says no|no date and time"):
        parse_when(day, clock, "UTC")


@pytest.mark.django_db
def test_each_row_says_what_is_wrong_with_it(sky: ChannelAccount) -> None:
    table = read_table(TABLE.encode(), LIMITS)
    places = guess_columns(table.titles, COLUMNS).places
    rows = check_rows(table.rows, places, [sky], "UTC", timezone.now())
    said = {row.number: " ".join(row.errors) for row in rows}
    assert [said[number] for number in (2, 3, 4)] == ["", "", ""]
    assert (rows[1].title, rows[0].hashtags, len(rows[2].accounts)) == (
        "First line",
        ["winter", "tips"],
        1,
    )
    assert "no channel “Nowhere”" in said[5]
    assert "no date and time" in said[5]
    assert said[6] == "Row 2 has the same time on Sky."
    assert said[7] == "The time has passed."


# --- placing
# ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_good_rows_are_placed_once_and_bad_ones_left_out(
    editor: User, workspace: Workspace, sky: ChannelAccount
) -> None:
    run = imports.start(editor, sent(editor, workspace).pk)
    assert importing.run(run.pk, "w") is False
    assert importing.run(run.pk, "another") is False
    run.refresh_from_db()
    assert (run.state, run.rows.filter(state=states.PLACED).count()) == (
        states.COMPLETED,
        3,
    )
    posts = list(Post.objects.order_by("scheduled_at").select_related("content"))
    assert [post.content.title for post in posts] == ["Frost", "First line", "Both"]
    assert {post.state for post in posts} == {"scheduled"}
    berlin = datetime.fromisoformat(f"{DAY}T09:05").replace(
        tzinfo=ZoneInfo("Europe/Berlin")
    )
    assert posts[0].scheduled_at == berlin
    with pytest.raises(Conflict):
        imports.start(editor, run.pk)


@pytest.mark.django_db
def test_a_refused_row_leaves_nothing_and_says_why(
    editor: User, workspace: Workspace, sky: ChannelAccount
) -> None:
    run = imports.start(editor, sent(editor, workspace).pk)
    taken = datetime.fromisoformat(run.rows.get(number=2).values["at"])
    make_post(sky, make_content(workspace), at=taken)
    importing.run(run.pk, "w")
    row = run.rows.get(number=2)
    assert (row.state, row.group) == (states.REFUSED, None)
    assert "already has a post at that time" in row.note
    assert not ContentItem.objects.filter(title="Frost").exists()
    assert run.rows.filter(state=states.PLACED).count() == 2


@pytest.mark.django_db
def test_an_import_goes_on_where_a_dead_worker_left_it(
    editor: User,
    workspace: Workspace,
    sky: ChannelAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = imports.start(editor, sent(editor, workspace).pk)
    place = importing.place_row

    def dies(claimed: PostImport, row: ImportedRow) -> None:
        if row.number == 3:
            raise KeyboardInterrupt
        place(claimed, row)

    with monkeypatch.context() as patch:
        patch.setattr(importing, "place_row", dies)
        with pytest.raises(KeyboardInterrupt):
            importing.run(run.pk, "dead")
    assert importing.WORK.unfinished() == []
    later = timezone.now() + timedelta(minutes=5)
    assert importing.WORK.unfinished(later) == [run.pk]
    importing.run(run.pk, "alive")
    assert Post.objects.count() == 3
    run.refresh_from_db()
    assert (run.state, run.losses) == (states.COMPLETED, 1)


@pytest.mark.django_db
def test_a_worker_that_lost_its_import_places_nothing_more(
    editor: User,
    workspace: Workspace,
    sky: ChannelAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, place = imports.start(editor, sent(editor, workspace).pk), importing.place_row

    def be_canceled(claimed: PostImport, row: ImportedRow) -> None:
        if row.number == 3:
            imports.cancel(editor, claimed.pk)
        place(claimed, row)

    monkeypatch.setattr(importing, "place_row", be_canceled)
    importing.run(run.pk, "w")
    run.refresh_from_db()
    assert (run.state, Post.objects.count()) == (states.CANCELED, 1)


@pytest.mark.django_db
def test_columns_must_be_there_and_the_needed_ones_named(
    editor: User, workspace: Workspace, sky: ChannelAccount
) -> None:
    run = sent(editor, workspace)
    with pytest.raises(InvalidInput, match="no such column"):
        imports.name_columns(editor, run.pk, {"title": 99})
    imports.name_columns(editor, run.pk, {"title": 0})
    with pytest.raises(InvalidInput, match="has the channels and the date"):
        imports.start(editor, run.pk)


@pytest.mark.django_db
def test_only_editors_of_the_workspace_import(
    viewer: User,
    editor: User,
    stranger: User,
    workspace: Workspace,
    sky: ChannelAccount,
) -> None:
    with pytest.raises(Forbidden):
        sent(viewer, workspace)
    run = sent(editor, workspace)
    with pytest.raises(Missing):
        imports.start(stranger, run.pk)


# --- pages
# -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_whole_way_over_pages(
    browse: Any, editor: User, workspace: Workspace, sky: ChannelAccount
) -> None:
    client = browse(editor)
    file = SimpleUploadedFile("posts.csv", TABLE.encode(), "text/csv")
    answer = client.post(
        "/posts/import", {"file": file, "zone": "UTC", "approved": "on"}
    )
    address = answer["Location"]
    page = tight(client.get(address).content.decode())
    assert "<strong>3</strong>of 6 rows can be imported; 3 cannot" in page
    assert "Row 2 has the same time on Sky." in page
    assert page.count('class="cadence-slot"') == 3
    without = {"caption": "1", "channels": "3", "date": "4"}
    piece = client.post(
        address, without, headers={"hx-request": "true"}
    ).content.decode()
    assert "<html" not in piece
    assert "<strong>1</strong>of 6 rows can be imported" in tight(piece)
    client.post(address, {"title": "0", "hashtags": "2", "time": "5"} | without)
    client.post(f"{address}/start")
    importing.run(PostImport.objects.get().pk, "w")
    page = client.get(address).content.decode()
    assert "3 of 3 rows: 3 placed, 3 left out for their mistakes" in tight(page)
    assert "posts.csv" in client.get("/posts/import").content.decode()


@pytest.mark.django_db
def test_the_page_names_the_sheets_and_columns_that_are_not_used(
    browse: Any, editor: User, sky: ChannelAccount
) -> None:
    client, data = browse(editor), workbook(SHEETS, {"Notes": "hidden"})

    def send(sheet: str) -> Any:
        form = {"file": SimpleUploadedFile("p.xlsx", data), "zone": "UTC"}
        return client.post("/posts/import", form | {"sheet": sheet}, follow=True)

    page = tight(send("June").content.decode())
    assert "1 row of sheet June" in page
    assert "has 2 sheets: May, June." in page
    assert "Column not used: Likes (column E)." in page
    refused = send("Notes")
    assert (refused.status_code, "It has May, June." in refused.content.decode()) == (
        422,
        True,
    )


@pytest.mark.django_db
def test_a_file_that_is_none_is_said_on_the_form(browse: Any, editor: User) -> None:
    file = SimpleUploadedFile("posts.csv", b"\xff\xfe\x00", "text/csv")
    answer = browse(editor).post("/posts/import", {"file": file, "zone": "UTC"})
    assert (answer.status_code, "not text in" in answer.content.decode()) == (422, True)


@pytest.mark.django_db
def test_what_goes_out_can_come_in_again(
    browse: Any, editor: User, workspace: Workspace, sky: ChannelAccount
) -> None:
    editor.zone = "Asia/Kolkata"
    editor.save()
    item = make_content(
        workspace, title="=1+1", caption="Line\nbreak", hashtags=["a", "b"]
    )
    make_post(sky, item, at=timezone.now() + timedelta(days=9), state="draft")
    make_post(sky, at=timezone.now() + timedelta(days=10))
    text = b"".join(browse(editor).get("/posts/export.csv").streaming_content).decode()
    [names, row] = list(csv.reader(io.StringIO(text)))
    assert row[0] == "'=1+1"
    places = guess_columns(names, COLUMNS).places
    [read] = check_rows([(2, row)], places, [sky], "Asia/Kolkata", timezone.now())
    assert (read.errors, read.caption, read.hashtags) == ([], "Line\nbreak", ["a", "b"])
    assert read.at == Post.objects.get(content=item).scheduled_at
