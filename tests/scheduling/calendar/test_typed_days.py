"""Days that nobody can mean are refused where they were typed, and break nothing."""

from __future__ import annotations

import pytest

from cast import make_content
from scheduling.models import ChannelAccount, Post
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db

FAR = ["0001-01-01", "9999-12-31", "1969-12-31", "3000-01-01"]
ZONES = ["America/Los_Angeles", "Pacific/Kiritimati"]
WORDS = "Give a date from 1970 to 2999."


def living_in(user: User, zone: str) -> User:
    user.zone = zone
    user.save(update_fields=["zone"])
    return user


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", FAR)
def test_links_with_far_days_open_the_page(
    browse, editor: User, channel: ChannelAccount, day: str, zone: str
) -> None:
    client = browse(living_in(editor, zone))
    for address in (
        f"/posts/new?at={day}T00:00",
        f"/posts/new?at={day}T23:59:59%2B14:00",
        f"/posts/new?date={day}",
        f"/calendar/new?at={day}T00:00",
        f"/calendar/new?new=1&date={day}",
        f"/plans?first={day}&last={day}",
        f"/recommendations/heat?date={day}",
    ):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", FAR)
def test_far_days_are_refused_at_their_field(
    browse, manager: User, workspace: Workspace, channel: ChannelAccount, day: str, zone
) -> None:
    content = make_content(workspace)
    client = browse(living_in(manager, zone))
    when = {"date": day, "time": "23:59"}
    sent = {
        "/posts/new": {"content": content.pk, "channels": channel.pk, **when},
        "/calendar/new": {"content": content.pk, "account": channel.pk, **when},
        "/plans/new": {"start_date": day, "start_clock": "23:59"},
        "/blackouts/new": {
            "kind": "blackout_window",
            "begins_local": f"{day}T00:00",
            "ends_local": f"{day}T12:00",
            "zone": zone,
        },
        "/trials": {"name": "A", "first": day, "last": day},
    }
    for address, form in sent.items():
        page = client.post(address, form)
        assert page.status_code == 422, address
        assert WORDS in page.content.decode(), address
    assert not Post.objects.exists()


@pytest.mark.parametrize("day", FAR)
def test_programs_are_told_the_same(
    api, editor: User, workspace: Workspace, channel: ChannelAccount, day: str
) -> None:
    body = {
        "tenant_id": "h2o",
        "content_item_id": str(make_content(workspace).pk),
        "channel_account_id": str(channel.pk),
        "scheduled_for": f"{day}T12:00:00Z",
    }
    answer = api(editor).post("/api/v1/marketing/post-instances", body, format="json")
    assert answer.status_code == 422, answer.content
    assert WORDS in answer.content.decode()
