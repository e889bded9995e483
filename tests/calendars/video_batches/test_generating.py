"""A content calendar from a bulk job: good and different times, wishes kept, nothing twice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from calendars.advice.preferences import prefer
from calendars.models import BulkJob, CalendarItem, ContentCalendar, VideoPlacement
from calendars.video_batches.adapt import Source
from calendars.video_batches.rows import videos_of
from calendars.video_batches.services import BulkOrder, Generated, Video, generate
from cast import make_channel, make_content, make_post
from common.errors import Forbidden, InvalidInput
from scheduling.models import Blackout, Post
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
THREE = ("youtube", "tiktok", "instagram")


def videos(count: int) -> list[Video]:
    return [
        Video(
            f"v{n}",
            Source(f"Boiler tip {n}", "How to bleed a radiator", ("home heating",)),
        )
        for n in range(count)
    ]


def run(user: User, workspace: Workspace, count: int = 2, **options: Any) -> Generated:
    return generate(
        user,
        workspace,
        BulkOrder(
            "job-12345678",
            videos(count),
            **{"platforms": THREE, "zone": "UTC"} | options,
        ),
    )


def test_every_video_goes_to_every_platform_once_at_times_of_its_own(
    editor: User, workspace: Workspace
) -> None:
    made = run(editor, workspace, 3)
    assert (made.planned, made.known, made.left_out) == (9, 0, 0)
    assert made.calendar is not None
    assert made.calendar.title == "Bulk Job job-1234 Schedule"
    assert CalendarItem.objects.filter(calendar=made.calendar).count() == 9
    for platform in THREE:
        times = [row.at for row in made.rows if row.platform == platform]
        assert len(set(times)) == 3
        assert min(times) > timezone.now()
    for video in ("v0", "v1", "v2"):
        times = sorted(row.at for row in made.rows if row.video_id == video)
        assert all(
            later - earlier >= timedelta(hours=2) for earlier, later in pairwise(times)
        )


def test_the_first_video_has_the_best_hour_of_the_week(
    editor: User, workspace: Workspace
) -> None:
    make_channel(workspace, platform="tiktok", zone="Europe/Berlin")
    [row] = run(editor, workspace, 1, platforms=("tiktok",), zone="Asia/Tokyo").rows
    local = row.at.astimezone(ZoneInfo("Europe/Berlin"))
    assert (local.weekday(), local.hour) == (2, 16)


def test_running_it_again_adds_nothing_and_more_videos_only_theirs(
    editor: User, workspace: Workspace
) -> None:
    first = run(editor, workspace, 2)
    again = run(editor, workspace, 2)
    assert (again.planned, again.known, again.calendar) == (0, 6, None)
    assert [row.at for row in again.rows] == [row.at for row in first.rows]
    more = run(editor, workspace, 3)
    assert (more.planned, more.known) == (3, 6)
    assert (
        Post.objects.filter(calendar_item__isnull=False).count()
        == VideoPlacement.objects.count()
        == 9
    )
    assert BulkJob.objects.count() == 1
    assert len(set(VideoPlacement.objects.values_list("key", flat=True))) == 9


def test_wishes_are_kept(editor: User, workspace: Workspace) -> None:
    make_channel(workspace, platform="tiktok", zone="UTC")
    prefer(
        editor,
        workspace,
        {
            "per_week_most": 2,
            "gap_hours": 24,
            "weekdays_off": [2],
            "hours_off": [{"start": 0, "end": 16}],
        },
    )
    made = run(editor, workspace, 6, platforms=("tiktok",), days=28)
    times = sorted(row.at for row in made.rows if row.at)
    assert times
    assert all(at.weekday() != 2 and at.hour >= 16 for at in times)
    assert all(
        later - earlier >= timedelta(hours=24) for earlier, later in pairwise(times)
    )
    assert max(Counter(at.isocalendar()[:2] for at in times).values()) <= 2


def test_what_finds_no_time_is_told(editor: User, workspace: Workspace) -> None:
    prefer(editor, workspace, {"per_week_most": 1})
    made = run(editor, workspace, 5, platforms=("x",), days=7)
    assert made.left_out >= 3
    assert "No time of the next 7 days" in next(
        row.problem for row in made.rows if row.problem
    )
    assert made.planned == CalendarItem.objects.count()


def test_blackouts_and_posts_that_are_there_are_left_alone(
    editor: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="tiktok", name="tok")
    [free] = run(editor, workspace, 1, platforms=("tiktok",)).rows
    VideoPlacement.objects.all().delete()
    Post.objects.all().delete()
    begin = free.at - timedelta(hours=3)
    Blackout.objects.create(
        workspace=workspace,
        reason="Works",
        kind=Blackout.Kind.values[0],
        zone="UTC",
        begins_local=f"{begin:%Y-%m-%dT%H:%M}",
        ends_local=f"{begin + timedelta(hours=6):%Y-%m-%dT%H:%M}",
    )
    [other] = run(editor, workspace, 1, platforms=("tiktok",)).rows
    assert other.at is not None
    assert abs(other.at - free.at) >= timedelta(hours=3)
    make_post(channel, make_content(workspace), at=other.at + timedelta(minutes=30))
    VideoPlacement.objects.all().delete()
    CalendarItem.objects.all().delete()
    [third] = run(editor, workspace, 1, platforms=("tiktok",)).rows
    assert third.at != other.at


def test_each_platform_gets_words_of_its_own(
    editor: User, workspace: Workspace
) -> None:
    run(editor, workspace, 1, platforms=("youtube", "tiktok"))
    texts = {
        post.account.platform: post.text
        for post in Post.objects.select_related("account", "content")
    }
    assert "subscribe" in texts["youtube"]
    assert "#HomeHeating" in texts["tiktok"]
    assert "subscribe" not in texts["tiktok"]


def test_content_of_ours_is_posted_as_it_is(editor: User, workspace: Workspace) -> None:
    content = make_content(workspace)
    generate(
        editor,
        workspace,
        BulkOrder("j", [Video(str(content.pk), Source(""))], ("facebook",)),
    )
    post = Post.objects.get()
    assert (post.content, post.text) == (content, content.text)


@pytest.mark.parametrize(
    "options",
    [
        {"platforms": ()},
        {"days": 0},
        {"days": 91},
        {"stagger": timedelta(days=8)},
        {"videos": ()},
        {"videos": [Video("a", Source("")), Video("a", Source(""))]},
        {"job": " "},
        {"videos": videos(2501), "platforms": ("x", "tiktok")},
    ],
)
def test_orders_that_make_no_sense_are_refused(
    editor: User, workspace: Workspace, options: dict[str, Any]
) -> None:
    order = {"job": "j", "videos": videos(1), "platforms": THREE} | options
    with pytest.raises(InvalidInput):
        generate(editor, workspace, BulkOrder(**order))
    assert not BulkJob.objects.exists()


def test_viewers_generate_nothing(viewer: User, workspace: Workspace) -> None:
    with pytest.raises(Forbidden):
        run(viewer, workspace)


def test_rows_that_are_none_are_told_with_their_number() -> None:
    rows = [
        {"id": "a", "format": "youtube_shorts"},
        {"id": "a"},
        {"title": "x"},
        7,
        {"id": "b", "link": "javascript:x"},
        {"id": ["b"]},
    ]
    found, faults = videos_of(enumerate(rows, start=1))
    assert [(video.id, video.source.kind) for video in found] == [("a", "short")]
    assert [str(fault).split(":")[0] for fault in faults] == [
        "Row 2",
        "Row 3",
        "Row 4",
        "Row 5",
        "Row 6",
    ]


BODY = {
    "bulk_job_id": "job",
    "platforms": ["twitter,tiktok"],
    "videos": [{"video_job_id": "v", "title": "T"}, {"title": "?"}],
}


def test_the_api_reports_on_each(api: Any, editor: User, stranger: User) -> None:
    answer = api(editor).post("/api/v1/scheduling/bulk-jobs", BODY, format="json")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["planned"], body["known"], body["left_out"]) == (2, 0, 0)
    assert body["errors"] == ["Row 2: video_job_id is missing"]
    assert {row["platform"] for row in body["rows"]} == {"twitter", "tiktok"}
    shown = api(editor).get(
        f"/api/v1/scheduling/calendar/{body['schedule_id']}?expand=items"
    )
    assert shown.json()["items_total"] == 2
    again = api(editor).post("/api/v1/scheduling/bulk-jobs", BODY, format="json")
    assert (again.status_code, again.json()["schedule_id"], again.json()["known"]) == (
        200,
        None,
        2,
    )
    assert (
        api(stranger)
        .post("/api/v1/scheduling/bulk-jobs", BODY, format="json")
        .json()["planned"]
        == 2
    )
    assert ContentCalendar.objects.count() == 2


def test_the_api_takes_a_csv_file(api: Any, editor: User) -> None:
    file = SimpleUploadedFile(
        "v.csv", b"video_job_id,title,hashtags\na,One,heat home\nb,Two,\n", "text/csv"
    )
    form = {"bulk_job_id": "job", "platforms": "youtube", "file": file}
    answer = api(editor).post("/api/v1/scheduling/bulk-jobs", form, format="multipart")
    assert (answer.status_code, answer.json().get("planned")) == (201, 2), (
        answer.content
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"videos": []},
        {"platforms": ["myspace"]},
        {"days": 0},
        {"timezone": "Mars/Base"},
        {"bulk_job_id": ""},
    ],
)
def test_the_api_refuses_nonsense(
    api: Any, editor: User, wrong: dict[str, Any]
) -> None:
    answer = api(editor).post(
        "/api/v1/scheduling/bulk-jobs", BODY | wrong, format="json"
    )
    assert answer.status_code in (400, 422), answer.content


def test_the_page_takes_a_file_and_shows_the_report(
    browse: Any, editor: User, viewer: User
) -> None:
    file = SimpleUploadedFile("v.csv", b"video_job_id,title\na,One\n,Two\n", "text/csv")
    form = {
        "job": "job",
        "file": file,
        "platforms": ["x"],
        "days": "14",
        "stagger": "2",
        "zone": "UTC",
    }
    client = browse(editor)
    page = client.post("/bulk-jobs", form, follow=True).content.decode()
    assert "1 of 1 posts" in page
    assert "Row 3: video_job_id is missing" in page
    assert 'scope="row">a</th>' in page
    assert "1 of 1" in client.get("/bulk-jobs").content.decode()
    empty = SimpleUploadedFile("v.csv", b"video_job_id\n", "text/csv")
    assert browse(editor).post("/bulk-jobs", form | {"file": empty}).status_code == 422
    assert browse(viewer).get("/bulk-jobs").status_code == 403
