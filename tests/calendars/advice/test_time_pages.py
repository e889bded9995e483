"""The pages of best times and preferences: what they show, where they lead, who may change what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone
from markup import tight

from calendars.charts import SHADES, heat_rows, heat_table
from calendars.models import HourResult, Preferences
from calendars.results.upkeep import add_up_weeks
from calendars.timing.learning import log_rate
from cast import make_channel
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db


def page_of(browse: Any, user: User, address: str) -> str:
    answer = browse(user).get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_fresh_workspace_sees_ranked_times_and_a_map_per_platform(
    browse: Any, viewer: User
) -> None:
    page = page_of(browse, viewer, "/recommendations")
    assert page.count('class="pick"') == 12
    assert page.count('class="chart heat"') == 6
    assert "too little data of your own yet" in page
    assert "Plan here" not in page


def test_filters_in_the_address_choose_platform_zone_and_range(
    browse: Any, viewer: User, workspace: Workspace
) -> None:
    make_channel(
        workspace, platform="tiktok", name="H2O clips", zone="America/New_York"
    )
    page = page_of(
        browse, viewer, "/recommendations?platform=tiktok&zone=Asia/Tokyo&days=7"
    )
    assert page.count('class="chart heat"') == 1
    assert "Times are in Asia/Tokyo" in page
    assert "The next 7 days" in page
    # TikTok is best from Wednesday 16:00 on, where the channel is.
    assert "Wednesday 16:00 to 18:00 in America/New York (Thursday" in page
    assert "in Asia/Tokyo)" in page
    assert "<strong>Thu " in page
    assert "Hours in America/New York (H2O clips)" in page


def test_nonsense_in_the_address_shows_the_usual_and_says_so(
    browse: Any, viewer: User
) -> None:
    page = page_of(browse, viewer, "/recommendations?platform=myspace&days=x")
    assert "The usual is shown instead." in page
    assert page.count('class="pick"') == 12


def test_plan_here_fills_the_channel_and_the_time(
    browse: Any, editor: User, workspace: Workspace
) -> None:
    editor.zone = "Europe/Berlin"
    editor.save()
    channel = make_channel(workspace, platform="youtube", zone="Europe/Berlin")
    assert "Plan here" in page_of(browse, editor, "/recommendations?platform=youtube")
    page = page_of(
        browse, editor, "/posts/new?platform=youtube&at=2027-01-06T15:00:00%2B00:00"
    )
    assert 'value="2027-01-06"' in page
    assert 'value="16:00"' in page
    assert f'name="channels" value="{channel.pk}" checked' in tight(page)


def test_results_are_told_on_the_page(
    browse: Any, viewer: User, workspace: Workspace
) -> None:
    channel, logged = make_channel(workspace, platform="x"), log_rate(0.1)
    for hour in (7, 8, 9):
        HourResult.objects.create(
            account=channel,
            platform="x",
            date=timezone.now().date(),
            weekday=0,
            hour=hour,
            posts=20,
            rated=20,
            log_sum=20 * logged,
            log_squares=20 * logged**2,
        )
    add_up_weeks([channel.pk])
    assert "from 60 of your posts" in page_of(
        browse, viewer, "/recommendations?platform=x"
    )


def test_the_page_asks_the_database_as_much_for_90_days_as_for_7(
    browse: Any, viewer: User, django_assert_max_num_queries: Any
) -> None:
    client = browse(viewer)
    client.get("/recommendations")
    for days in (7, 90):
        with django_assert_max_num_queries(20):
            client.get(f"/recommendations?days={days}")


def test_heat_maps_shade_from_least_to_most_and_leave_blanks() -> None:
    rows = heat_rows({(0, 0): 0.0, (0, 1): 50.0, (6, 23): 100.0}, most=100.0)
    assert (
        rows[0].cells[0].shade,
        rows[0].cells[1].shade,
        rows[6].cells[23].shade,
    ) == (1, 5, SHADES)
    assert rows[3].cells[3].value is None
    assert rows[3].cells[3].label == "Thu 03:00: no data"
    assert heat_table(rows)[1] == ("01:00", (50.0, None, None, None, None, None, None))


FORM = {
    "scope": "own",
    "platform": "x",
    "format": "",
    "per_week_most": "4",
    "weekdays_off": ["5", "6"],
    "hours_off": "22-6",
}


def test_wishes_are_kept_and_told_with_their_origin(browse: Any, viewer: User) -> None:
    client = browse(viewer)
    assert client.post("/preferences", FORM).status_code == 302
    row = Preferences.objects.get()
    assert (row.per_week_most, row.weekdays_off, row.hours_off) == (
        4,
        [5, 6],
        [{"start": 22, "end": 6}],
    )
    page = client.get("/preferences?platform=x").content.decode()
    assert "22:00 to 06:00" in page
    assert "Yours for X" in page
    assert "How often accounts do well there" in page
    edit = client.get(f"/preferences?edit={row.pk}").content.decode()
    assert 'value="22-6"' in edit


def test_blank_takes_a_wish_back(browse: Any, viewer: User) -> None:
    client = browse(viewer)
    client.post("/preferences", FORM)
    client.post("/preferences", {"scope": "own", "platform": "x"})
    row = Preferences.objects.get()
    assert (row.per_week_most, row.weekdays_off, row.hours_off) == (None, None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours_off": "late"},
        {"hours_off": "1-25"},
        {"per_week_least": "9"},
        {"platform": "", "format": "reel"},
        {"weekdays_off": ["0", "1", "2", "3", "4", "5", "6"]},
    ],
)
def test_what_makes_no_sense_is_told_beside_the_field(
    browse: Any, viewer: User, wrong: dict[str, Any]
) -> None:
    answer = browse(viewer).post("/preferences", FORM | wrong)
    assert answer.status_code == 422
    assert b"field-errors" in answer.content
    assert not Preferences.objects.exists()


def test_only_managers_speak_for_the_workspace(
    browse: Any, editor: User, manager: User, stranger: User
) -> None:
    shared = FORM | {"scope": "workspace"}
    assert browse(editor).post("/preferences", shared).status_code == 422
    assert browse(manager).post("/preferences", shared).status_code == 302
    row = Preferences.objects.get(user=None)
    assert browse(editor).post(f"/preferences/{row.pk}/forget").status_code == 403
    assert browse(stranger).post(f"/preferences/{row.pk}/forget").status_code == 404
    assert browse(manager).post(f"/preferences/{row.pk}/forget").status_code == 302
    assert not Preferences.objects.exists()


def test_a_post_form_without_instant_stays_as_it_was(browse: Any, editor: User) -> None:
    day = datetime(2027, 1, 6, tzinfo=UTC).date().isoformat()
    page = page_of(browse, editor, f"/posts/new?date={day}&at=nonsense")
    assert f'value="{day}"' in page
    assert 'value="09:00"' in page
