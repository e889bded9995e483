"""Measurements in files as people have them: at the page and at the programming interface."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workbooks import workbook

from calendars.models import KpiEvent
from calendars.results import services
from calendars.results.services import Measurement
from cast import make_channel, make_content, make_post
from common.texts import clean
from scheduling.models import Post
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
URL = "/api/v1/scheduling/kpi-events"
OUT = datetime(2026, 11, 16, 16, 30, tzinfo=UTC)
HEAD = ["Event ID", "event_time", "post_id", "views", "engagement_rate", "Größe"]


@pytest.fixture
def post(workspace: Workspace) -> Post:
    channel = make_channel(workspace, platform="x", zone="UTC")
    content = make_content(workspace)
    return make_post(channel, content, state="published", at=OUT, published_at=OUT)


def send(api: Any, user: User, data: bytes, **form: str) -> Any:
    file = SimpleUploadedFile("measurements", data)
    return api(user).post(URL, {"file": file, **form}, format="multipart")


@pytest.mark.parametrize("line", ["", "sep=;\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_files_of_spreadsheets_are_read_with_their_row_numbers(
    api: Any, editor: User, post: Post, encoding: str, line: str
) -> None:
    rows = [
        HEAD,
        ["a", "2026-11-16 18:00", str(post.pk), "1200", "0,05", "ß"],
        [],
        ["b", "2026-11-16 18:00", str(post.pk), "1.200", "0,05", ""],
        ["c", "never", str(post.pk), "1", "", ""],
    ]
    text = line + "\r\n".join(";".join(row) for row in rows)
    body = send(api, editor, text.encode(encoding)).json()
    assert body["stored"] == 1
    assert [error.split(": ")[:2] for error in body["errors"]] == [
        ["Row 4", "views"],
        ["Row 5", "event_time"],
    ]
    event = KpiEvent.objects.get()
    assert (event.views, event.engagement_rate) == (1200, 0.05)


def test_of_a_workbook_a_visible_sheet_is_read(
    api: Any, editor: User, post: Post
) -> None:
    moment = datetime(2026, 11, 16, 18)
    data = workbook(
        {
            "Draft": [["no"]],
            "May": [HEAD, [], ["a", moment, str(post.pk), 5, 0.05], ["b", "never"]],
            "June": [HEAD, ["c", moment, str(post.pk), 7]],
        },
        {"Draft": "veryHidden"},
    )
    body = send(api, editor, data).json()
    assert (body["stored"], body["errors"][0][:6]) == (1, "Row 4:")
    assert send(api, editor, data, sheet="june").json()["stored"] == 1
    refused = send(api, editor, data, sheet="Draft")
    assert refused.status_code == 400
    assert "“Draft” with rows. It has May, June." in refused.content.decode()


def test_what_is_wrong_with_a_post_is_told_by_the_number_of_its_row(
    api: Any, editor: User, post: Post
) -> None:
    other = "0" * 8 + str(post.pk)[8:]
    text = f"event_id,event_time,post_id\nx,never,\n\na,{OUT.isoformat()},{other}\n"
    text += f"b,{OUT.isoformat()},{post.pk}\nc,{OUT.isoformat()},{post.pk},5\n"
    body = send(api, editor, text.encode()).json()
    assert (body["stored"], sorted(error[:6] for error in body["errors"])) == (
        1,
        ["Row 2:", "Row 4:", "Row 6:"],
    )


def test_the_page_tells_which_sheet_was_read_and_which_columns_were_not(
    browse: Any, editor: User, post: Post
) -> None:
    data = workbook({"A": [HEAD, ["a", OUT.isoformat(), str(post.pk)]], "B": [["x"]]})
    for sheet, words in (
        ("", "Read from sheet “A”. Other sheets: B."),
        ("", "Column not used: Größe (column F)."),
        ("B", "Send 1 to 10,000 measurements, not 0."),
        ("C", "It has A, B."),
    ):
        form = {"file": SimpleUploadedFile("m.xlsx", data), "sheet": sheet}
        page = browse(editor).post("/analytics/upload", form, follow=True)
        assert words in page.content.decode()


NAMES = st.text(
    st.sampled_from("'=+-@;,\" 0")
    | st.characters(codec="utf-8", categories=("L", "S")),
    min_size=1,
    max_size=12,
).map(lambda text: clean(text).strip())


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=20,
    deadline=None,
)
@given(
    names=st.lists(NAMES.filter(bool), min_size=2, max_size=2, unique=True),
    video=NAMES,
    rate=st.floats(0, 1),
    followers=st.integers(-(2**40), 2**40),
)
def test_what_goes_out_comes_in_as_it_was(
    browse: Any,
    editor: User,
    post: Post,
    names: list[str],
    video: str,
    rate: float,
    followers: int,
) -> None:
    of_post, of_video = names
    measured = {"engagement_rate": rate, "followers_delta": followers}
    KpiEvent.objects.all().delete()
    own = {"post_id": post.pk, "numbers": measured}
    other = {
        "account_id": post.account_id,
        "content_key": video,
        "posted_at": OUT - timedelta(days=2),
    }
    sent = [
        Measurement(of_post, OUT + timedelta(hours=3, microseconds=7), **own),
        Measurement(of_video, OUT, numbers={"views": 3}, **other),
    ]
    assert services.ingest(editor, post.workspace, sent).stored == 2
    before = facts_of_measurements()
    client = browse(editor)
    answer = client.get("/analytics/measurements.csv?days=365")
    exported = b"".join(answer.streaming_content)
    assert facts_after_sending(client, exported) == before
    KpiEvent.objects.all().delete()
    assert facts_after_sending(client, exported) == before


def facts_after_sending(client: Client, table: bytes) -> list[tuple[Any, ...]]:
    client.post("/analytics/upload", {"file": SimpleUploadedFile("m.csv", table)})
    return facts_of_measurements()


def facts_of_measurements() -> list[tuple[Any, ...]]:
    own = {"id", "ingested_at"}
    names = [field.attname for field in KpiEvent._meta.fields]
    return list(
        KpiEvent.objects.order_by("event_id").values_list(
            *[name for name in names if name not in own]
        )
    )
