"""Videos in files as people have them: at the page and at the programming interface."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from workbooks import workbook

from calendars.models import BulkRow
from calendars.video_batches.rows import job_in, videos_of
from workspaces.models import User

HEAD = ["Video Job ID", "Title", "Hashtags", "Owner"]
SHEETS = {
    "Draft": [["no"]],
    "May": [HEAD, [], ["a", "One", "heat home", "me"], ["", "Two", "", ""]],
    "June": [HEAD, [7.0, "Three"]],
}
BOOK = workbook(SHEETS, {"Draft": "hidden"})


@pytest.mark.parametrize("line", ["", "sep=;\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "cp1252"])
def test_files_of_spreadsheets_are_read_with_their_row_numbers(
    encoding: str, line: str
) -> None:
    text = line + "id;title;tags;Größe\na;Für alle;heat, home\n\n;x\nb;one;two;3;4\n"
    job = job_in(text.encode(encoding))
    [video], faults = videos_of(job.rows)
    assert (video.source.title, video.source.hashtags) == ("Für alle", ("heat", "home"))
    assert [str(fault) for fault in faults] == [
        "Row 4: video_job_id is missing",
        "Row 5: has more cells than the header",
    ]
    assert job.notes == ["Column not used: Größe (column D)."]


def test_of_a_workbook_a_visible_sheet_is_read() -> None:
    [video], [fault] = videos_of(job_in(BOOK).rows)
    assert (video.id, str(fault)) == ("a", "Row 4: video_job_id is missing")
    [video], faults = videos_of(job_in(BOOK, "june").rows)
    assert (video.id, faults) == ("7", [])


@pytest.mark.django_db
def test_programs_choose_a_sheet(api: Any, editor: User) -> None:
    def send(sheet: str) -> Any:
        file = SimpleUploadedFile("v.xlsx", BOOK)
        form = {"file": file, "bulk_job_id": "j", "platforms": "x", "sheet": sheet}
        return api(editor).post(
            "/api/v1/scheduling/bulk-jobs", form, format="multipart"
        )

    body = send("May").json()
    assert (body["planned"], body["errors"]) == (1, ["Row 4: video_job_id is missing"])
    assert send("June").json()["planned"] == 1
    refused = send("Draft")
    assert refused.status_code == 400
    assert "It has May, June." in refused.content.decode()


@pytest.mark.django_db
def test_the_page_tells_which_sheet_was_read_and_which_columns_were_not(
    browse: Any, editor: User
) -> None:
    form = {"job": "j", "platforms": ["x"], "days": "9", "stagger": "2", "zone": "UTC"}
    client = browse(editor)
    for sheet, status in (("", 200), ("Draft", 422)):
        file = SimpleUploadedFile("v.xlsx", BOOK)
        page = client.post(
            "/bulk-jobs", form | {"file": file, "sheet": sheet}, follow=True
        )
        assert page.status_code == status
        text = page.content.decode()
        assert ("Read from sheet “May”. Other sheets: June." in text) == (not sheet)
        assert ("Column not used: Owner (column D)." in text) == (not sheet)
    assert "It has May, June." in text
    assert BulkRow.objects.filter(number=4).exists()
