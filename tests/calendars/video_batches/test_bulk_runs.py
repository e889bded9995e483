"""Bulk jobs that workers place: part by part, watched, canceled, and gone on with when
a worker dies.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from calendars import states
from calendars.campaigns import compose
from calendars.models import (
    BulkRow,
    BulkRun,
    CalendarItem,
    ContentCalendar,
    VideoPlacement,
)
from calendars.video_batches import services as generating
from calendars.video_batches import spread
from calendars.video_batches import worker as bulk
from calendars.video_batches.adapt import Source
from calendars.video_batches.services import BulkOrder, Fault, Video
from common.errors import Conflict, Missing
from scheduling.models import Post
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
TWO = ("youtube", "tiktok")
URL = "/api/v1/scheduling/bulk-jobs"


@pytest.fixture(autouse=True)
def small(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two posts are placed at once, four in a part."""
    settings.BULK_AT_ONCE = 2
    monkeypatch.setattr(bulk, "PART", 4)


def sent(user: User, workspace: Workspace, count: int = 5, **options: Any) -> BulkRun:
    videos = [
        Video(f"v{n}", Source(f"Tip {n}", "Bleed it", ("heat",))) for n in range(count)
    ]
    order = BulkOrder("spring", videos, TWO, **{"zone": "UTC", "days": 60} | options)
    return generating.start(user, workspace, order)


class Killed(BaseException):
    """What a dying worker does not catch."""


@pytest.fixture
def dies_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the worker die while it places that part (0 first), once its posts are written."""
    place = spread.place

    def arm(part: int) -> None:
        parts = iter(range(1000))

        def dangerous(*args: Any) -> Any:
            found = place(*args)
            if next(parts) == part:
                raise Killed
            return found

        monkeypatch.setattr(bulk, "place", dangerous)

    return arm


def test_few_posts_are_placed_at_once_and_many_by_a_worker(
    editor: User, workspace: Workspace
) -> None:
    assert sent(editor, workspace, 1).state == states.COMPLETED
    run = sent(editor, workspace, 5)
    assert (run.state, run.total, run.rows.count()) == (states.PENDING, 10, 0)
    assert bulk.WORK.unfinished(timezone.now() + timedelta(seconds=5)) == [run.pk]
    assert bulk.run(run.pk, "worker") is False
    run.refresh_from_db()
    assert (run.state, run.videos, run.worker) == (states.COMPLETED, [], "worker")
    assert [row.is_known for row in run.rows.order_by("video_id")] == [True] * 2 + [
        False
    ] * 8
    assert bulk.WORK.unfinished(timezone.now() + timedelta(seconds=5)) == []


def test_all_parts_come_into_one_calendar_whose_items_have_their_own_places(
    editor: User, workspace: Workspace
) -> None:
    run = sent(editor, workspace)
    bulk.run(run.pk, "worker")
    calendar = ContentCalendar.objects.get()
    items = CalendarItem.objects.filter(calendar=calendar)
    assert sorted(items.values_list("position", flat=True)) == list(range(10))
    assert calendar.events.filter(kind="item.created").count() == 10
    assert list(
        calendar.events.order_by("number").values_list("number", flat=True)
    ) == list(range(1, 12))


def test_what_has_no_room_in_a_calendar_comes_into_the_next(
    editor: User, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose, "MOST_ITEMS", 6)
    bulk.run(sent(editor, workspace).pk, "worker")
    sizes = [
        CalendarItem.objects.filter(calendar=one).count()
        for one in ContentCalendar.objects.order_by("created_at")
    ]
    assert sizes == [4, 6]


def test_a_canceled_calendar_gets_no_more_items(
    editor: User, workspace: Workspace, dies_at: Any
) -> None:
    run = sent(editor, workspace)
    dies_at(1)
    with pytest.raises(Killed):
        bulk.run(run.pk, "first")
    ContentCalendar.objects.update(state=states.CANCELED)
    bulk.WORK.unfinished(timezone.now() + timedelta(minutes=5))
    bulk.run(run.pk, "second")
    assert CalendarItem.objects.filter(calendar__state=states.CANCELED).count() == 4
    assert CalendarItem.objects.exclude(calendar__state=states.CANCELED).count() == 6


@pytest.mark.parametrize("part", [0, 1, 2])
def test_whoever_comes_after_a_dead_worker_goes_on_where_it_was(
    editor: User, workspace: Workspace, dies_at: Any, part: int
) -> None:
    run = sent(editor, workspace)
    dies_at(part)
    with pytest.raises(Killed):
        bulk.run(run.pk, "first")
    assert BulkRow.objects.count() == VideoPlacement.objects.count() == 4 * part
    assert bulk.WORK.unfinished() == []
    assert bulk.WORK.unfinished(timezone.now() + timedelta(minutes=5)) == [run.pk]
    bulk.run(run.pk, "second")
    run.refresh_from_db()
    assert (run.state, run.losses, run.fence, run.worker) == (
        states.COMPLETED,
        1,
        2,
        "second",
    )
    assert (
        BulkRow.objects.count()
        == VideoPlacement.objects.count()
        == CalendarItem.objects.count()
        == 10
    )
    assert Post.objects.filter(calendar_item__isnull=False).count() == 10
    assert ContentCalendar.objects.count() == 1


def test_after_three_deaths_nobody_tries_again(
    editor: User, workspace: Workspace, dies_at: Any
) -> None:
    run = sent(editor, workspace)
    for death in range(3):
        dies_at(0)
        with pytest.raises(Killed):
            bulk.run(run.pk, f"worker {death}")
        later = timezone.now() + timedelta(minutes=5)
        assert bulk.WORK.unfinished(later) == ([] if death == 2 else [run.pk])
    run.refresh_from_db()
    assert (run.state, run.error) == (
        states.FAILED,
        "The worker was interrupted three times.",
    )


def test_whoever_lost_the_claim_places_nothing(
    editor: User, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, place = sent(editor, workspace), spread.place

    def slowly(*args: Any) -> Any:
        BulkRun.objects.filter(pk=run.pk).update(fence=99)
        return place(*args)

    monkeypatch.setattr(bulk, "place", slowly)
    assert bulk.run(run.pk, "slow") is False
    assert not BulkRow.objects.exists()
    assert not CalendarItem.objects.exists()


def test_a_worker_whose_turn_is_over_lets_another_go_on(
    editor: User, workspace: Workspace
) -> None:
    run = sent(editor, workspace)
    assert bulk.run(run.pk, "worker", seconds=-1) is True
    assert BulkRun.objects.get().state == states.PENDING


def test_canceling_keeps_what_is_placed(
    editor: User, viewer: User, workspace: Workspace, stranger: User
) -> None:
    run = sent(editor, workspace)
    with pytest.raises(Missing):
        generating.cancel(stranger, run.pk)
    generating.cancel(editor, run.pk)
    assert bulk.run(run.pk, "worker") is False
    assert BulkRun.objects.get().videos == []
    with pytest.raises(Conflict):
        generating.cancel(editor, run.pk)


def test_rows_that_are_no_videos_are_kept_with_the_run(
    editor: User, workspace: Workspace
) -> None:
    order = BulkOrder("j", [Video("v", Source("T"))], ("x",))
    run = generating.start(
        editor, workspace, order, [Fault(7, "video_job_id is missing")]
    )
    assert [str(row) for row in run.rows.filter(platform="")] == [
        "Row 7: video_job_id is missing"
    ]


def body(count: int) -> dict[str, Any]:
    return {
        "bulk_job_id": "job",
        "platforms": ["x,tiktok"],
        "videos": [{"id": f"v{n}"} for n in range(count)],
    }


def test_programs_send_watch_and_read_page_by_page(
    api: Any, editor: User, viewer: User, stranger: User
) -> None:
    client = api(editor)
    answer = client.post(
        URL, body(8) | {"videos": [*body(8)["videos"], 7]}, format="json"
    )
    assert answer.status_code == 202, answer.content
    made = answer.json()
    assert (made["state"], made["total"], made["done"], made["rows"]) == (
        "pending",
        16,
        0,
        [],
    )
    assert made["errors"] == ["Row 9: is no object with names and values"]
    bulk.run(BulkRun.objects.get().pk, "worker")
    first = api(viewer).get(f"{URL}/{made['id']}", {"page_size": 10}).json()
    assert (first["state"], first["done"], first["planned"], len(first["rows"])) == (
        "completed",
        16,
        16,
        10,
    )
    token = first["page"]["next_page_token"]
    second = (
        api(viewer)
        .get(f"{URL}/{made['id']}", {"page_size": 10, "page_token": token})
        .json()
    )
    rows = [
        (row["video_job_id"], row["platform"]) for row in first["rows"] + second["rows"]
    ]
    assert len(set(rows)) == 16
    assert second["page"]["next_page_token"] is None
    assert [row["id"] for row in client.get(URL).json()["data"]] == [made["id"]]
    assert client.post(f"{URL}/{made['id']}/cancel").status_code == 409
    assert api(stranger).get(f"{URL}/{made['id']}").status_code == 404
    assert client.get(f"{URL}/bulk_none").status_code == 404


def test_programs_cancel(api: Any, editor: User) -> None:
    made = api(editor).post(URL, body(8), format="json").json()
    assert api(editor).post(f"{URL}/{made['id']}/cancel").json()["state"] == "canceled"


def test_a_json_file_may_be_a_whole_job_and_the_form_goes_first(
    api: Any, editor: User
) -> None:
    said = {"bulk_job_id": "from the file", "platforms": ["x"], "videos": [{"id": "a"}]}
    file = SimpleUploadedFile("job.json", b"\xef\xbb\xbf" + json.dumps(said).encode())
    made = (
        api(editor)
        .post(URL, {"file": file, "title": "Of the form"}, format="multipart")
        .json()
    )
    assert (made["bulk_job_id"], made["planned"]) == ("from the file", 1)
    assert ContentCalendar.objects.get().title == "Of the form"
    file = SimpleUploadedFile("job.json", json.dumps(said).encode())
    form = {"file": file, "bulk_job_id": "other", "platforms": "youtube,tiktok"}
    made = api(editor).post(URL, form, format="multipart").json()
    assert (made["bulk_job_id"], {row["platform"] for row in made["rows"]}) == (
        "other",
        {"youtube", "tiktok"},
    )


@pytest.mark.parametrize(
    "text",
    ["[", "{}", '{"videos": 3}', "[1]", "[]", '{"videos": [{"title": "no id"}]}'],
)
def test_files_without_videos_are_refused(
    api: Any, browse: Any, editor: User, text: str
) -> None:
    upload = lambda: SimpleUploadedFile("job.json", text.encode())  # noqa: E731 - read once each
    answer = api(editor).post(
        URL, {"file": upload(), "bulk_job_id": "j"}, format="multipart"
    )
    assert (answer.status_code, answer.json()["error_code"]) == (400, "invalid_request")
    form = {
        "job": "j",
        "file": upload(),
        "platforms": ["x"],
        "days": "14",
        "stagger": "2",
        "zone": "UTC",
    }
    assert browse(editor).post("/bulk-jobs", form).status_code == 422


def test_the_page_of_a_run_shows_how_far_it_is_and_its_report(
    browse: Any,
    editor: User,
    viewer: User,
    workspace: Workspace,
    django_assert_max_num_queries: Any,
) -> None:
    run = sent(editor, workspace)
    page = browse(viewer).get(f"/bulk-jobs/{run.pk}").content.decode()
    assert "0 of 10 posts" in page
    assert f'data-progress="{run.topic}"' in page
    assert "Cancel" not in page
    client = browse(editor)
    assert "Cancel job" in client.get(f"/bulk-jobs/{run.pk}").content.decode()
    bulk.run(run.pk, "worker")
    with django_assert_max_num_queries(15):
        page = client.get(f"/bulk-jobs/{run.pk}").content.decode()
    assert "10 of 10 posts" in page
    assert "Bulk Job spring Schedule" in page
    assert client.post(f"/bulk-jobs/{run.pk}/cancel", follow=True).status_code == 200
    with django_assert_max_num_queries(15):
        assert "10 of 10" in client.get("/bulk-jobs").content.decode()
