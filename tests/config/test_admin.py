"""The admin over the demo's data: every list and form opens, asks little, and acts
through services.
"""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calendars.models import HourResult, KpiEvent
from cast import make_content, make_post, person
from common.spreadsheets import FORMULA_STARTS
from config import demo
from scheduling.models import ChannelAccount, ContentItem, Post
from workspaces.models import AuditEntry, User, Workspace

OURS = {"calendars", "fillplanner", "scheduling", "templates_ai", "workspaces"}
MOST_QUERIES = 20


@pytest.fixture
def root(client: Client, db: None) -> Client:
    client.force_login(person("root", is_staff=True, is_superuser=True))
    return client


def registered() -> list[type]:
    return [model for model in admin.site._registry if model._meta.app_label in OURS]


@pytest.mark.usefixtures("one_writer")
def test_every_list_and_first_form_opens_and_asks_little(root: Client) -> None:
    demo.load()
    costs: dict[str, Any] = {}
    # What a process asks once and remembers.
    root.get("/admin/")
    for model in registered():
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        with CaptureQueriesContext(connection) as queries:
            assert root.get(address).status_code == 200, address
        costs[address] = len(queries)
        first = model._default_manager.first()
        if first is not None:
            assert root.get(f"{address}{first.pk}/change/").status_code == 200, address
    assert {
        address: cost for address, cost in costs.items() if cost > MOST_QUERIES
    } == {}


def test_a_longer_list_asks_no_more(root: Client, channel: ChannelAccount) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            root.get("/admin/scheduling/post/")
        return len(queries)

    make_post(channel, make_content(channel.workspace))
    cost()
    few = cost()
    for number in range(20):
        at = timezone.now() + timedelta(hours=number + 2)
        make_post(channel, make_content(channel.workspace, title=f"={number}"), at=at)
    assert cost() == few


def act(root: Client, action: str, *posts: Post) -> str:
    chosen = {"action": action, "_selected_action": [str(post.pk) for post in posts]}
    return root.post("/admin/scheduling/post/", chosen, follow=True).content.decode()


def test_actions_go_through_the_services(
    root: Client, workspace: Workspace, channel: ChannelAccount
) -> None:
    post = make_post(channel, make_content(workspace), state="scheduled")
    said = act(root, "cancel", post)
    assert "not found" in said.lower()
    post.refresh_from_db()
    assert post.state == "scheduled"
    workspace.memberships.create(user=User.objects.get(username="root"), role="editor")
    assert "Canceled: 1." in act(root, "cancel", post)
    post.refresh_from_db()
    assert post.state == "canceled"
    assert AuditEntry.objects.filter(
        action="canceled", thing=f"post:{post.pk}"
    ).exists()
    assert "canceled" in act(root, "post_now", post)


def test_chosen_rows_are_exported_as_the_list_shows_them(
    root: Client, channel: ChannelAccount
) -> None:
    post = make_post(channel, make_content(channel.workspace, title="=cmd()"))
    chosen = {"action": "export_as_csv", "_selected_action": [str(post.pk)]}
    names, row = csv.reader(
        io.StringIO(root.post("/admin/scheduling/post/", chosen).content.decode())
    )
    assert names[0] == "content"
    assert row[0] == "'=cmd()"
    assert not row[0].startswith(FORMULA_STARTS)


def test_an_address_without_a_scheme_is_https(
    root: Client, workspace: Workspace
) -> None:
    page = root.get("/admin/scheduling/contentitem/add/")
    form = page.context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value is not None}
    inlines = {
        f"{one.formset.prefix}-{name}": "0"
        for one in page.context["inline_admin_formsets"]
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    sent = (
        values
        | inlines
        | {
            "workspace": workspace.pk,
            "title": "Frost",
            "link": "example.org/frost",
            "stage": "draft",
        }
    )
    root.post("/admin/scheduling/contentitem/add/", sent)
    assert ContentItem.objects.get(title="Frost").link == "https://example.org/frost"


def test_a_post_leads_to_its_page(root: Client, draft: Post) -> None:
    assert (
        f"/posts/{draft.pk}"
        in root.get(f"/admin/scheduling/post/{draft.pk}/change/").content.decode()
    )


def typed(channel: ChannelAccount, **more: Any) -> dict[str, Any]:
    fields = {
        "account": str(channel.pk),
        "event_id": "e-1",
        "content_key": "reel-7",
        "engagement_rate": "0.4",
    }
    return (
        fields
        | {
            "event_time_0": "2026-10-05",
            "event_time_1": "12:00",
            "posted_at_0": "",
            "posted_at_1": "",
        }
        | more
    )


def test_a_measurement_typed_by_staff_counts_as_any_other(
    root: Client, workspace: Workspace, channel: ChannelAccount
) -> None:
    address = "/admin/calendars/kpievent/add/"
    assert root.get(address).status_code == 200
    assert (
        "Only editors of the channel"
        in root.post(address, typed(channel)).content.decode()
    )
    workspace.memberships.create(user=User.objects.get(username="root"), role="editor")
    assert root.post(address, typed(channel)).status_code == 302
    event = KpiEvent.objects.get()
    assert (event.content_key, event.engagement_rate, event.posted_hour) == (
        "reel-7",
        0.4,
        12,
    )
    assert HourResult.objects.get(account=channel).posts == 1
    assert "is there already" in root.post(address, typed(channel)).content.decode()
    said = root.post(
        address, typed(channel, event_id="e-2", engagement_rate="1.5")
    ).content.decode()
    assert "less than or equal to 1" in said
    assert KpiEvent.objects.count() == 1
