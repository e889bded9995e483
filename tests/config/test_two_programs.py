"""A program names the version of a thing that it knows (`If-Match`) and is refused, with
who, when and what it is now, if somebody else has changed it since.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from calendars.advice import preferences
from cast import join, make_channel, make_content, make_post, person
from fillplanner.services import configs
from scheduling.blackouts import services as blackouts
from scheduling.models import PostGroup
from templates_ai.services import choose_engine, create_template
from workspaces.models import User, Workspace
from workspaces.roles import Role

pytestmark = pytest.mark.django_db

MARKETING = "/api/v1/marketing"


@dataclass
class Door:
    """Where a thing is read and changed, and two changes of it."""

    address: str
    theirs: dict[str, Any]
    mine: dict[str, Any]
    method: str = "patch"
    read_at: str = ""
    by: str = "Anna"


@pytest.fixture
def anna(workspace: Workspace) -> User:
    return join(person("anna", first_name="Anna"), workspace, Role.MANAGER)


@pytest.fixture
def doors(workspace: Workspace, manager: User) -> dict[str, Door]:
    channel = make_channel(
        workspace, publisher="webhook", endpoint="https://one.example"
    )
    content = make_content(workspace)
    group = PostGroup.objects.create(
        workspace=workspace, content=make_content(workspace, title="Video")
    )
    make_post(channel, group.content, group=group)
    in_days = timezone.now() + timedelta(days=2)
    post = make_post(channel, content, at=in_days)
    holidays = {"begins_local": "2027-12-24T00:00", "ends_local": "2027-12-27T00:00"}
    blackout = blackouts.add_blackout(manager, workspace, holidays)
    choose_engine(manager, workspace, {"engine": "offline", "model": "small"})
    template = create_template(manager, workspace, "Style", "Of {filename}")
    rules = configs.create(manager, {"name": "Line 3", "config": {"clean_hours": 4}})
    preferences.prefer(manager, workspace, {"gap_hours": 2}, own=False)
    of_workspace = {"scope": "workspace"}
    connection = {"publisher": "webhook", "secret": "secret"}
    account = f"{MARKETING}/channel-accounts/{channel.pk}"
    queued = f"/api/schedule/post/{group.pk}"
    return {
        "post": Door(
            f"{MARKETING}/post-instances/{post.pk}",
            {"caption_override": "Theirs"},
            {"caption_override": "Mine"},
        ),
        "content": Door(
            f"{MARKETING}/content-items/{content.pk}",
            {"base_caption": "Theirs"},
            {"title": "Mine"},
        ),
        "channel": Door(account, {"name": "Theirs"}, {"posts_per_week": 7}),
        "connection": Door(
            f"{account}/connection",
            connection | {"endpoint": "https://theirs.example"},
            connection | {"endpoint": "https://mine.example"},
            method="put",
        ),
        "blackout": Door(
            f"{MARKETING}/blackouts/{blackout.pk}",
            {"reason": "Theirs"},
            {"ends": "2027-12-28T00:00"},
        ),
        "queue settings": Door(
            "/api/settings",
            {"scheduling": {"schedule_spacing_hours": 5}},
            {"scheduling": {"default_post_time_offset": 7}},
        ),
        "queued post": Door(
            queued,
            {"new_time": (in_days + timedelta(days=1)).isoformat()},
            {"new_time": (in_days + timedelta(days=2)).isoformat()},
        ),
        "words of a queued post": Door(
            f"{queued}/metadata",
            {"title": "Theirs"},
            {"caption": "Mine"},
            read_at=queued,
        ),
        "preferences": Door(
            "/api/v1/scheduling/preferences",
            of_workspace | {"gap_hours": 5},
            of_workspace | {"per_day_most": 7},
            method="put",
        ),
        "AI template": Door(
            f"/api/ai/templates/{template.pk}",
            {"prompt_text": "Theirs {filename}"},
            {"name": "Mine"},
            method="put",
        ),
        "engine": Door(
            "/api/ai/engine", {"model": "large"}, {"seconds": 7.0}, method="put"
        ),
        "rule template": Door(
            f"/api/v1/config/{rules.pk}",
            {"config": {"clean_hours": 5}},
            {"description": "Mine"},
            method="put",
            by="manager",
        ),
    }


NAMES = (
    "post",
    "content",
    "channel",
    "connection",
    "blackout",
    "queue settings",
    "queued post",
    "words of a queued post",
    "preferences",
    "AI template",
    "engine",
    "rule template",
)


def etag_at(client: APIClient, door: Door) -> str:
    answer = client.get(door.read_at or door.address)
    assert answer.status_code == 200, answer.content
    if "ETag" in answer:
        return str(answer["ETag"])
    (row,) = [row for row in answer.json()["data"] if row["scope"] == "workspace"]
    return str(row["etag"])


def change(client: APIClient, door: Door, body: Any, etag: str | None = None) -> Any:
    headers = {"If-Match": etag} if etag else {}
    act = getattr(client, door.method)
    return act(door.address, body, format="json", headers=headers)


@pytest.mark.parametrize("name", NAMES)
def test_another_version_is_refused_with_who_when_and_what_it_is_now(
    name: str,
    doors: dict[str, Door],
    api: Callable[[User], APIClient],
    manager: User,
    anna: User,
) -> None:
    door = doors[name]
    client = api(manager)
    first = api(anna if door.by == "Anna" else manager)
    known = etag_at(client, door)
    before = timezone.now().isoformat()
    assert change(first, door, door.theirs).status_code == 200

    refused = change(client, door, door.mine, known)
    assert refused.status_code == 412, refused.content
    detail = refused.json()["detail"]
    assert detail["changed_by"] == door.by
    assert before < detail["changed_at"] <= timezone.now().isoformat()
    now = etag_at(client, door)
    assert now != known
    assert refused["ETag"] == now
    current = client.get(door.read_at or door.address).json()
    if name == "preferences":
        (current,) = [row for row in current["data"] if row["scope"] == "workspace"]
    if name == "engine":
        assert detail["current"].pop("today")
        assert current.pop("today")
    assert detail["current"] == current

    done = change(client, door, door.mine, now)
    assert done.status_code == 200, done.content
    assert etag_at(client, door) != now


@pytest.mark.parametrize("name", NAMES)
def test_without_a_version_everything_is_as_it_was(
    name: str, doors: dict[str, Door], api: Any, manager: User
) -> None:
    door = doors[name]
    client = api(manager)
    assert change(client, door, door.theirs).status_code == 200
    assert change(client, door, door.mine).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_change_answers_with_the_version_that_it_makes(
    name: str, doors: dict[str, Door], api: Any, manager: User
) -> None:
    door = doors[name]
    client = api(manager)
    done = change(client, door, door.theirs, etag_at(client, door))
    if name in ("queued post", "words of a queued post"):
        assert done.status_code == 200
        return
    assert done["ETag"] == etag_at(client, door)
    assert change(client, door, door.mine, done["ETag"]).status_code == 200


def test_any_version_one_of_several_and_one_of_a_proxy_will_do(
    doors: dict[str, Door], api: Any, manager: User
) -> None:
    door = doors["content"]
    client = api(manager)
    assert change(client, door, door.theirs, "*").status_code == 200
    known = etag_at(client, door)
    assert change(client, door, door.mine, f'"other", {known}').status_code == 200
    known = etag_at(client, door)
    assert change(client, door, door.theirs, f"W/{known}").status_code == 200
    assert change(client, door, door.mine, '"other"').status_code == 412


def test_what_nobody_edits_makes_no_other_version(
    doors: dict[str, Door], api: Any, manager: User, workspace: Workspace
) -> None:
    door = doors["channel"]
    client = api(manager)
    known = etag_at(client, door)
    channel = workspace.channel_accounts.get()
    channel.sign_in_error = "Sign in again."
    channel.save()
    assert etag_at(client, door) == known
