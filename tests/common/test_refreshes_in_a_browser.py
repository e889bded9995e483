"""Pieces that fetch themselves again: never under a press, not too often, and never one
change short.
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from visits import visit

from cast import make_content, make_post
from scheduling.models import ChannelAccount, ContentItem, Post
from workspaces.models import User

pytestmark = pytest.mark.django_db(transaction=True)

FETCHED = """topic => new Promise(done => {
  document.addEventListener("htmx:afterRequest", () => done(), { once: true });
  document.body.dispatchEvent(new CustomEvent(topic));
})"""
THREE_AT_ONCE = """topic => {
  for (let count = 0; count < 3; count++) document.body.dispatchEvent(new CustomEvent(topic));
}"""
TRIALS_MILLISECONDS = 2000


@pytest.fixture
def content(channel: ChannelAccount) -> ContentItem:
    return make_content(channel.workspace, title="Winter hours")


@pytest.fixture
def post(content: ContentItem, channel: ChannelAccount) -> Post:
    return make_post(channel, content, at=timezone.now() + timedelta(days=1))


def listed(post: Post) -> str:
    """The list of the month that the post is in, on the calendar's clock."""
    local = post.scheduled_at.astimezone(ZoneInfo(post.workspace.zone))
    return f"/calendar?view=list&date={local:%Y-%m-%d}"


def test_a_press_that_a_live_update_meets_still_opens_the_post(
    page: Page, asgi_server: str, editor: User, post: Post
) -> None:
    visit(page, asgi_server, listed(post))
    page.locator("a.slot").hover()
    page.mouse.down()
    page.evaluate(FETCHED, "live:posts")
    page.mouse.up()
    page.wait_for_url("**/posts/*")


def test_the_space_bar_still_presses_a_button_that_a_live_update_meets(
    page: Page, asgi_server: str, editor: User, post: Post
) -> None:
    visit(page, asgi_server, "/schedule")
    page.locator("#posts summary").click()
    page.get_by_role("button", name="Post now").focus()
    page.keyboard.down(" ")
    page.evaluate(FETCHED, "live:posts")
    page.keyboard.up(" ")
    expect(page.locator("#confirm-dialog")).to_be_visible()


def test_what_a_question_is_about_is_still_there_when_it_is_answered(
    page: Page, asgi_server: str, editor: User, post: Post
) -> None:
    visit(page, asgi_server, "/schedule")
    page.locator("#posts summary").click()
    page.get_by_role("button", name="Cancel post").click()
    page.evaluate(FETCHED, "live:posts")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".post-card")).to_have_count(0)
    post.refresh_from_db()
    assert post.state == "canceled"


def test_what_came_under_a_press_is_shown_after_it(
    page: Page, asgi_server: str, editor: User, post: Post
) -> None:
    visit(page, asgi_server, listed(post))
    page.get_by_role("heading", level=1).hover()
    page.mouse.down()
    ContentItem.objects.update(title="Summer hours")
    page.evaluate(FETCHED, "live:posts")
    assert "Winter hours" in page.locator("#calendar").inner_text()
    page.mouse.up()
    expect(page.locator("#calendar")).to_contain_text("Summer hours")


def test_what_was_opened_typed_and_reached_outlives_a_live_update(
    page: Page, asgi_server: str, editor: User, post: Post
) -> None:
    make_post(
        post.account,
        make_content(post.workspace, title="Another"),
        at=post.scheduled_at + timedelta(hours=1),
    )
    visit(page, asgi_server, "/schedule")
    card = page.locator(".post-card", has_text="Winter hours")
    card.locator("summary").click()
    card.get_by_label("Date").fill("2030-05-06")
    move = card.get_by_role("button", name="Move")
    move.focus()
    ContentItem.objects.filter(title="Another").update(title="Renamed meanwhile")
    page.evaluate(FETCHED, "live:posts")
    expect(page.locator("#posts")).to_contain_text("Renamed meanwhile")
    expect(card.get_by_label("Date")).to_have_value("2030-05-06")
    expect(move).to_be_focused()
    expect(page.locator("#posts details[open]")).to_have_count(1)


def test_of_many_changes_the_first_and_the_last_are_fetched(
    page: Page, asgi_server: str, editor: User
) -> None:
    page.clock.install()
    visit(page, asgi_server, "/trials")
    page.clock.pause_at(timezone.now() + timedelta(seconds=5))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response("**/trials"):
        page.evaluate(THREE_AT_ONCE, "live:trials")
    page.clock.run_for(TRIALS_MILLISECONDS - 100)
    assert len(asked) == 1
    with page.expect_response("**/trials"):
        page.clock.run_for(200)
    page.clock.run_for(3 * TRIALS_MILLISECONDS)
    assert len(asked) == 2
