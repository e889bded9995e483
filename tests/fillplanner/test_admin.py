"""What staff may do with plans: look, plan again and delete, all through services."""

from __future__ import annotations

import pytest
from django.test import Client
from vials import make_plan

from cast import person
from fillplanner import runs
from fillplanner.models import Plan
from workspaces.models import AuditEntry, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(browse) -> Client:
    client: Client = browse(person("root", is_staff=True, is_superuser=True))
    return client


def act(staff: Client, action: str, *plans: Plan, **confirmed: str) -> str:
    body = {
        "action": action,
        "_selected_action": [plan.pk for plan in plans],
    } | confirmed
    return staff.post("/admin/fillplanner/plan/", body, follow=True).content.decode()


def test_staff_plan_again_in_the_owners_name(staff: Client, editor: User) -> None:
    done, waiting = make_plan(editor, name="Done"), make_plan(editor, name="Waiting")
    runs.run(done.pk, "w")
    page = act(staff, "plan_again", done, waiting)
    made = Plan.objects.exclude(pk__in=[done.pk, waiting.pk]).get()
    assert (made.owner, made.name, made.state, made.lots) == (
        editor,
        "Done",
        "pending",
        done.lots,
    )
    assert "Waiting: This plan is not finished yet." in page
    entry = AuditEntry.objects.get(thing=f"plan:{made.pk}")
    assert (entry.actor_name, entry.action) == ("root", "created")


def test_staff_cancel_what_is_not_finished(staff: Client, editor: User) -> None:
    done, waiting = make_plan(editor, name="Done"), make_plan(editor, name="Waiting")
    runs.run(done.pk, "w")
    page = act(staff, "cancel", done, waiting)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error) == ("failed", "Cancelled by root")
    assert "Done: This plan is finished; there is nothing to cancel." in page


def test_what_staff_delete_is_on_the_trail(staff: Client, editor: User) -> None:
    one, two = make_plan(editor), make_plan(editor)
    act(staff, "delete_selected", one, post="yes")
    staff.post(f"/admin/fillplanner/plan/{two.pk}/delete/", {"post": "yes"})
    assert not Plan.objects.exists()
    for plan in (one, two):
        entry = AuditEntry.objects.get(thing=f"plan:{plan.pk}", action="deleted")
        assert entry.actor_name == "root"


def test_nothing_the_planner_wrote_can_be_edited(staff: Client, editor: User) -> None:
    plan = make_plan(editor)
    runs.run(plan.pk, "w")
    page = staff.get(f"/admin/fillplanner/plan/{plan.pk}/change/")
    assert page.status_code == 200
    for label in ("Completed at", "Error message"):
        assert label in page.content.decode()
    staff.post(
        f"/admin/fillplanner/plan/{plan.pk}/change/",
        {"name": "Other", "state": "pending"},
    )
    plan.refresh_from_db()
    assert (plan.name, plan.state) == ("Mine", "completed")
