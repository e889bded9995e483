"""Members and roles."""

from __future__ import annotations

import pytest

from cast import person
from common.errors import Conflict, Forbidden, InvalidInput, Missing
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role
from workspaces.services import workspaces as service

pytestmark = pytest.mark.django_db


def test_a_manager_takes_somebody_in_by_address(
    manager: User, workspace: Workspace
) -> None:
    person("new")
    made = service.add_member(manager, workspace, "new@example.org", Role.EDITOR)
    assert (made.user.username, made.role) == ("new", "editor")


def test_an_editor_may_not(editor: User, workspace: Workspace) -> None:
    person("new")
    with pytest.raises(Forbidden, match="needs manager"):
        service.add_member(editor, workspace, "new", Role.VIEWER)


def test_unknown_people_and_members_are_refused(
    manager: User, editor: User, workspace: Workspace
) -> None:
    with pytest.raises(Missing):
        service.add_member(manager, workspace, "nobody", Role.VIEWER)
    with pytest.raises(Conflict):
        service.add_member(manager, workspace, "editor", Role.VIEWER)


def test_the_last_manager_stays(manager: User, workspace: Workspace) -> None:
    mine = Membership.objects.get(user=manager)
    with pytest.raises(InvalidInput, match="needs a manager"):
        service.change_role(manager, workspace, mine.pk, Role.VIEWER)
    with pytest.raises(InvalidInput, match="needs a manager"):
        service.remove_member(manager, workspace, mine.pk)


def test_a_manager_of_one_workspace_cannot_touch_anothers_members(
    stranger: User, editor: User, workspace: Workspace
) -> None:
    theirs = Membership.objects.get(user=editor)
    with pytest.raises(Missing):
        service.remove_member(stranger, workspace, theirs.pk)
    own = Workspace.objects.get(slug="dry")
    with pytest.raises(Missing):
        service.remove_member(stranger, own, theirs.pk)


def test_whoever_makes_a_workspace_manages_it(viewer: User) -> None:
    made = service.create_workspace(
        viewer, slug="mine", name="Mine", zone="Europe/Berlin"
    )
    assert Membership.objects.get(workspace=made).role == Role.MANAGER


def test_short_names_are_unique(manager: User) -> None:
    with pytest.raises(Conflict, match="taken"):
        service.create_workspace(manager, slug="h2o", name="Again", zone="UTC")


def test_the_selector_switches_the_workspace_and_goes_back_only_to_our_own_pages(
    browse, manager: User
) -> None:
    service.create_workspace(manager, slug="second", name="Second", zone="UTC")
    client = browse(manager)
    moved = client.post(
        "/workspaces/switch", {"workspace": "second", "next": "/channels"}
    )
    assert moved["Location"] == "/channels"
    assert b"Second" in client.get("/channels").content
    away = client.post(
        "/workspaces/switch", {"workspace": "h2o", "next": "https://evil.example/"}
    )
    assert away["Location"] == "/"


def test_somebody_without_a_workspace_is_led_to_making_one(browse, db: None) -> None:
    client = browse(person("alone"))
    assert client.get("/calendar")["Location"] == "/workspaces/new"
    client.post(
        "/workspaces/new", {"name": "Mine", "slug": "mine", "zone": "Europe/Berlin"}
    )
    assert client.get("/calendar").status_code == 200


def test_a_role_that_is_none_is_explained(browse, manager: User, editor: User) -> None:
    theirs = Membership.objects.get(user=editor)
    page = browse(manager).post(
        f"/workspaces/members/{theirs.pk}", {"role": "king"}, follow=True
    )
    assert "There is no role “king”" in page.content.decode()
    theirs.refresh_from_db()
    assert theirs.role == "editor"


def test_settings_are_changed_and_written_into_the_trail(
    browse, manager: User, workspace: Workspace
) -> None:
    form = {"name": "H2O", "zone": "Europe/Berlin", "grace_minutes": "90"}
    browse(manager).post("/workspaces/settings", form)
    workspace.refresh_from_db()
    assert (workspace.zone, workspace.grace_minutes) == ("Europe/Berlin", 90)
    trail = browse(manager).get("/workspaces/audit").content.decode()
    assert "Europe/Berlin" in trail
    bad = browse(manager).post("/workspaces/settings", form | {"grace_minutes": "-1"})
    assert bad.status_code == 422


def test_somebody_new_registers_and_makes_a_workspace(browse, db: None) -> None:
    client = browse(None)
    bad = client.post("/register", {"email": "ana@example.org", "password": "short"})
    assert (bad.status_code, "too short" in bad.content.decode()) == (422, True)
    made = client.post(
        "/register", {"email": "ana@example.org", "password": "long enough to be good"}
    )
    assert made["Location"] == "/workspaces/new"
    assert client.get("/account").status_code == 200


def test_a_profile_is_changed(browse, viewer: User) -> None:
    browse(viewer).post(
        "/account", {"first_name": "Ana", "last_name": "", "zone": "Asia/Tokyo"}
    )
    viewer.refresh_from_db()
    assert (viewer.first_name, viewer.zone) == ("Ana", "Asia/Tokyo")
