"""The same text whichever door it comes in by, and found however it is written."""

from __future__ import annotations

import csv
import io

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cast import make_channel, make_content
from common.hashtags import hashtags_of
from common.texts import clean
from scheduling.access import content_of
from scheduling.imports import services as imports
from scheduling.imports import worker as importing
from scheduling.models import ChannelAccount, ContentItem
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]

ITEMS = "/api/v1/marketing/content-items"
SAID = "Line\r\ntwo\rthree\u2028four \x07cafe\u0301\ufeff"
KEPT = "Line\ntwo\nthree\nfour café"
TAGS = "#cafe\u0301; Rock'n'Roll, #हिन्दी café"
TAGS_KEPT = ["café", "RocknRoll", "हिन्दी"]
LETTERS = st.characters(
    codec="utf-8", exclude_categories=("Cs", "Co", "Cn"), exclude_characters="\x00"
)
WORDS = st.text(LETTERS | st.sampled_from("\r\n\u200be\u0301#"), max_size=40)


def by_page(browse, person: User, text: str, tags: str) -> None:
    form = {"title": "A title", "caption": text, "hashtags": tags}
    assert browse(person).post("/content/new", form).status_code == 302


def by_program(api, person: User, text: str, tags: str) -> None:
    body = {
        "tenant_id": "h2o",
        "title": "A title",
        "owner": "me",
        "base_caption": text,
        "tags": hashtags_of(tags),
    }
    response = api(person).post(ITEMS, body, format="json")
    assert response.status_code == 201, response.content


def by_table(person: User, workspace: Workspace, text: str, tags: str) -> None:
    day = timezone.now().date().replace(year=timezone.now().year + 1, day=7)
    sheet = io.StringIO()
    rows = csv.writer(sheet)
    rows.writerow(["Title", "Text", "Hashtags", "Channel", "Date", "Time"])
    rows.writerow(["A title", text, tags, "Sky", str(day), "09:00"])
    file = imports.PostFile("posts.csv", sheet.getvalue().encode(), "")
    taken = imports.take(person, workspace, file, "UTC", approved=True)
    importing.run(imports.start(person, taken.pk).pk, "worker")


def newest() -> ContentItem:
    return ContentItem.objects.real().latest("created_at")


@pytest.fixture
def sky(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace, platform="mastodon", name="Sky", zone="UTC")


def test_every_door_keeps_the_same_text(
    browse, api, editor: User, workspace: Workspace, sky: ChannelAccount
) -> None:
    by_page(browse, editor, SAID, TAGS)
    page = newest()
    by_program(api, editor, SAID, TAGS)
    program = newest()
    by_table(editor, workspace, SAID, TAGS)
    table = newest()
    assert len({page.pk, program.pk, table.pk}) == 3
    for item in (page, program, table):
        assert (item.caption, item.hashtags) == (KEPT, TAGS_KEPT)
        assert item.text.startswith(f"{KEPT}\n\n#café")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=15,
    deadline=None,
)
@given(text=WORDS, tags=WORDS)
def test_any_text_is_kept_alike(
    browse, api, editor: User, workspace: Workspace, text: str, tags: str
) -> None:
    by_page(browse, editor, text, tags)
    page = newest()
    by_program(api, editor, text, tags)
    program = newest()
    assert page.caption == program.caption == clean(text).strip()
    assert page.hashtags == program.hashtags == hashtags_of(tags)


def test_what_nobody_sees_is_no_title(browse, api, editor: User) -> None:
    title = {"title": "\u200b\u2800"}
    page = browse(editor).post("/content/new", {**title, "caption": "x"})
    assert page.status_code == 422
    body = {"tenant_id": "h2o", "owner": "me", **title}
    assert api(editor).post(ITEMS, body, format="json").status_code == 422
    assert not ContentItem.objects.real().exists()


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("Café", "CAFE\u0301"),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδός".replace("ό", "ο")),
        ("ДОМ", "дом"),
        ("Ｈ２Ｏ", "h2o"),
        ("ｶﾀｶﾅ", "カタカナ"),
        ("50 % off_now", "0 % OFF_"),
        ("plain", "lai"),
    ],
)
def test_search_knows_no_case_accents_or_width(
    editor: User, workspace: Workspace, kept: str, asked: str
) -> None:
    words = make_content(workspace, title=kept, caption="", hashtags=[])
    caption = make_content(workspace, title="-", caption=f"~{kept}~", hashtags=[])
    tagged = make_content(workspace, title="-", caption="", hashtags=["a", kept])
    make_content(workspace, title="other", caption="", hashtags=["other"])
    assert set(content_of(editor, workspace, asked)) == {words, caption}
    wanted = asked if asked != "lai" else "PLAIN"
    is_whole = wanted != "0 % OFF_"
    assert list(content_of(editor, workspace, tag=f"#{wanted}")) == [tagged] * is_whole


def test_a_nul_finds_nothing(browse, api, editor: User, workspace: Workspace) -> None:
    make_content(workspace, title="Frost")
    for address in ("/content?q=%00", "/content?tag=%00", "/search?q=%00"):
        page = browse(editor).get(address)
        assert page.status_code == 200
        assert b"Frost" not in page.content
    found = api(editor).get(f"{ITEMS}?tenant_id=h2o&search=%00")
    assert (found.status_code, found.json()) == (200, [])
