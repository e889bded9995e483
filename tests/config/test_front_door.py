"""The front door, unknown addresses and the demo."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from workbooks import workbook

from config import demo, demo_texts
from fillplanner.models import Plan
from scheduling.models import ChannelAccount, ContentItem, OutboxPost, Post
from templates_ai.models import PromptTemplate
from workspaces import audit
from workspaces.models import User

pytestmark = pytest.mark.django_db


def test_programs_get_json_and_people_a_page(
    client: Client, browse, viewer: User
) -> None:
    answer = client.get("/", headers={"accept": "*/*"})
    assert answer.json()["name"] == "Slotline"
    assert (
        client.get("/", headers={"accept": "application/json"}).json()["docs"]
        == "/docs"
    )
    page = browse(viewer).get(
        "/", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    )
    assert b"The next seven days" in page.content
    assert browse(None).get("/")["Location"] == "/login?next=/"


@pytest.mark.parametrize(
    ("address", "accept", "said"),
    [
        ("/nowhere", "text/html", b"There is nothing here"),
        ("/nowhere", "application/json", b'"detail": "Not Found"'),
        ("/api/v1/nowhere", "text/html", b'"detail": "Not Found"'),
        ("/api/v1/scheduling/nowhere", "*/*", b'"error_code": "not_found"'),
    ],
)
def test_unknown_addresses_answer_in_the_callers_language(
    client: Client, address: str, accept: str, said: bytes
) -> None:
    answer = client.get(address, headers={"accept": accept})
    assert answer.status_code == 404
    assert said in answer.content


@pytest.mark.parametrize(
    ("old", "new"),
    [("/dashboard/schedule", "/schedule"), ("/dashboard/ai-config", "/ai-templates")],
)
def test_old_addresses_lead_on(client: Client, old: str, new: str) -> None:
    assert client.get(old)["Location"] == new


@pytest.mark.usefixtures("one_writer")
def test_the_demo_looks_like_real_life_and_is_loaded_once(capsys) -> None:
    call_command("demo_data")
    said = capsys.readouterr().out
    assert all(
        name in said and password in said for name, password in demo.PASSWORDS.items()
    )
    assert ChannelAccount.objects.count() == 6
    assert ChannelAccount.objects.values("zone").distinct().count() == 3
    assert ContentItem.objects.real().count() == 20 + len(demo_texts.VIDEOS)
    states = set(Post.objects.values_list("state", flat=True))
    assert states == {"planned", "draft", "scheduled", "published", "failed"}
    assert (
        OutboxPost.objects.count()
        == Post.objects.filter(state="published").count()
        == 9
    )
    assert PromptTemplate.objects.get().is_active
    assert sorted(Plan.objects.values_list("lots_count", "state")) == [
        (15, "completed"),
        (500, "completed"),
    ]
    assert list(audit.verify()) == []

    before = Post.objects.count()
    call_command("demo_data")
    assert "nothing changed" in capsys.readouterr().out
    assert Post.objects.count() == before


def test_the_demo_stays_out_of_real_installations(settings) -> None:
    del settings.DATA_DIR
    with pytest.raises(CommandError, match="embedded run only"):
        call_command("demo_data")
    assert not User.objects.exists()


def test_the_sheets_of_a_workbook_are_offered(browse, viewer: User) -> None:
    def offered(data: bytes) -> list[str]:
        file = SimpleUploadedFile("any", data)
        page = browse(viewer).post("/sheets", {"file": file}).content.decode()
        return re.findall(r'<option value="([^"]*)"', page)

    sheets = {"Secret": [[1]], "Blank": [], "May": [[1]], "June & July": [[2]]}
    hidden = {"Secret": "hidden"}
    assert offered(workbook(sheets, hidden)) == ["May", "June &amp; July"]
    for data in (workbook({"May": [[1]]}), b"A;B\n1;2\n", b"PK\x03\x04"):
        assert offered(data) == []
    assert browse(viewer).post("/sheets").status_code == 200
