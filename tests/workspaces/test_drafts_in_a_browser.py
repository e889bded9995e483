"""What is typed into a form is there again: after the browser was closed, after the
session ended, with a token that is too old; and only for the person who typed it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from media_files import picture
from playwright.sync_api import Page, expect
from visits import settle, visit

from cast import PASSWORD, make_channel, make_content
from scheduling.models import ChannelAccount, ContentItem, Post
from workspaces.models import User, Workspace

NOTICE = ".draft-notice"
STORED = "Object.keys(localStorage).filter((key) => key.startsWith('draft:')).length"
CHOSEN = "[...document.querySelector('#id_files').files].map((file) => file.name)"

LONG_FORMS = {
    "/content/new": "#id_notes",
    "/ai-templates": "#id_prompt_text",
    "/configs/new": "#id_description",
    "/plans/new": "#id_lots",
    "/comparisons/new": "#id_lots",
    "/writing/new": "#id_about",
    "/blackouts/new": "#id_reason",
    "/channels/new": "#id_name",
    "/trials": "#id_name",
}


@pytest.fixture
def channel(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace, platform="bluesky", name="Blue")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "frost.png"
    path.write_bytes(picture())
    return path


@pytest.fixture
def typing(page: Page, asgi_server: str, editor: User, channel: ChannelAccount) -> Page:
    visit(page, asgi_server, "/posts/new")
    return page


def write_post(page: Page, photo: Path | None = None) -> None:
    page.get_by_label("Title").fill("Frost")
    page.locator("#id_caption").fill("Drain the tap.")
    page.locator("[name=channels]").check()
    if photo:
        page.set_input_files("#id_files", photo)
    page.locator("#previews .preview").wait_for()


def expect_post(page: Page) -> None:
    expect(page.get_by_label("Title")).to_have_value("Frost")
    expect(page.locator("#id_caption")).to_have_value("Drain the tap.")
    expect(page.locator("[name=channels]")).to_be_checked()
    page.locator("#previews .preview", has_text="Drain the tap.").wait_for()


def wait_for_drafts(page: Page, count: int) -> None:
    page.wait_for_function(f"() => {STORED} === {count}")


def wait_for_file(page: Page, name: str) -> None:
    page.wait_for_function(f"(name) => {CHOSEN}.includes(name)", arg=name)


def sign_in_by_hand(page: Page, name: str = "editor") -> None:
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_the_session_ends_and_text_channels_and_picture_come_back(
    typing: Page, photo: Path
) -> None:
    write_post(typing, photo)
    Session.objects.all().delete()
    typing.get_by_role("button", name="Schedule", exact=True).click()
    typing.wait_for_url("**/login?**")
    typing.get_by_text("You were logged out before the form was saved").wait_for()
    sign_in_by_hand(typing)
    typing.wait_for_url("**/posts/new")
    expect_post(typing)
    typing.locator(NOTICE, has_text="This is what you typed").wait_for()
    wait_for_file(typing, "frost.png")
    assert not Post.objects.exists()
    typing.get_by_role("button", name="Schedule", exact=True).click()
    typing.wait_for_url(re.compile("/posts/(?!new)"))
    assert Post.objects.get().content.media_places.count() == 1
    wait_for_drafts(typing, 0)


def test_a_draft_outlives_the_window_and_can_be_discarded(
    typing: Page, asgi_server: str, photo: Path
) -> None:
    write_post(typing, photo)
    wait_for_drafts(typing, 1)
    typing.close()
    again = typing.context.new_page()
    again.goto(f"{asgi_server}/posts/new")
    settle(again)
    expect_post(again)
    wait_for_file(again, "frost.png")
    expect(again.locator(NOTICE)).to_contain_text("We kept what you typed on")
    again.get_by_role("button", name="Discard").click()
    expect(again.get_by_label("Title")).to_have_value("")
    expect(again.locator("[name=channels]")).not_to_be_checked()
    assert again.evaluate(CHOSEN) == []
    again.reload()
    settle(again)
    expect(again.get_by_label("Title")).to_have_value("")
    assert again.evaluate(STORED) == 0


def test_fields_that_nobody_touched_are_those_of_the_page(
    typing: Page, asgi_server: str
) -> None:
    typing.get_by_label("Title").fill("Frost")
    wait_for_drafts(typing, 1)
    typing.goto(f"{asgi_server}/posts/new?date=2027-03-04")
    settle(typing)
    expect(typing.get_by_label("Title")).to_have_value("Frost")
    expect(typing.locator("#id_date")).to_have_value("2027-03-04")


def test_saving_forgets_the_draft_and_a_refusal_does_not(
    typing: Page, asgi_server: str
) -> None:
    typing.get_by_label("Title").fill("Frost")
    typing.get_by_role("button", name="Save as draft").click()
    typing.locator("[data-form-errors]").wait_for()
    typing.goto(f"{asgi_server}/content")
    typing.goto(f"{asgi_server}/posts/new")
    settle(typing)
    expect(typing.get_by_label("Title")).to_have_value("Frost")
    typing.locator("[name=channels]").check()
    typing.get_by_role("button", name="Save as draft").click()
    typing.wait_for_url(re.compile("/posts/(?!new)"))
    typing.goto(f"{asgi_server}/posts/new")
    settle(typing)
    expect(typing.get_by_label("Title")).to_have_value("")
    expect(typing.locator(NOTICE)).to_have_count(0)


def test_an_old_token_is_renewed_before_the_form_is_sent(
    typing: Page, asgi_server: str
) -> None:
    write_post(typing)
    sign_in_elsewhere(typing, asgi_server)
    typing.get_by_role("button", name="Schedule", exact=True).click()
    typing.wait_for_url(re.compile("/posts/(?!new)"))
    assert Post.objects.count() == 1


def test_a_piece_with_an_old_token_is_fetched_at_the_next_try(
    typing: Page, asgi_server: str
) -> None:
    sign_in_elsewhere(typing, asgi_server)
    typing.get_by_label("Title").fill("Frost")
    typing.locator(".toast", has_text="in another tab").wait_for()
    write_post(typing)


def sign_in_elsewhere(page: Page, site: str, name: str = "editor") -> None:
    """In another tab of the same browser."""
    page.context.clear_cookies(name="sessionid")
    other = page.context.new_page()
    other.goto(f"{site}/login")
    sign_in_by_hand(other, name)
    other.wait_for_url(f"{site}/")
    other.close()


def test_without_a_network_nothing_is_sent_and_nothing_lost(typing: Page) -> None:
    write_post(typing)
    typing.context.set_offline(True)
    typing.get_by_role("button", name="Schedule", exact=True).click()
    typing.locator(".toast", has_text="The server cannot be reached").first.wait_for()
    typing.context.set_offline(False)
    typing.get_by_role("button", name="Schedule", exact=True).click()
    typing.wait_for_url(re.compile("/posts/(?!new)"))


def test_files_too_large_to_keep_are_named_and_the_text_is_kept(
    typing: Page, asgi_server: str, tmp_path: Path
) -> None:
    write_post(typing)
    large = tmp_path / "long.mp4"
    large.write_bytes(bytes(21 * 1024 * 1024))
    typing.set_input_files("#id_files", large)
    typing.locator(".toast", has_text="larger than 20 MB").wait_for()
    typing.goto(f"{asgi_server}/account")
    typing.goto(f"{asgi_server}/posts/new")
    settle(typing)
    expect_post(typing)
    assert typing.evaluate(CHOSEN) == []


def test_a_form_of_somebody_else_is_not_sent(
    typing: Page, asgi_server: str, manager: User
) -> None:
    write_post(typing)
    sign_in_elsewhere(typing, asgi_server, "manager")
    typing.get_by_role("button", name="Schedule", exact=True).click()
    typing.get_by_text("You are logged in as somebody else").wait_for()
    expect(typing.locator("#id_caption")).to_have_value("Drain the tap.")
    assert not Post.objects.exists()


def test_a_second_person_sees_nothing_of_it_and_signing_out_forgets_it(
    typing: Page, asgi_server: str, manager: User, photo: Path
) -> None:
    write_post(typing, photo)
    wait_for_drafts(typing, 1)
    visit(typing, asgi_server, "/posts/new", "manager")
    expect(typing.get_by_label("Title")).to_have_value("")
    expect(typing.locator(NOTICE)).to_have_count(0)
    visit(typing, asgi_server, "/posts/new", "editor")
    expect_post(typing)
    typing.locator(".user-open").click()
    typing.get_by_role("button", name="Log out").click()
    typing.wait_for_url("**/login")
    assert typing.evaluate(STORED) == 0
    visit(typing, asgi_server, "/posts/new", "editor")
    expect(typing.get_by_label("Title")).to_have_value("")
    assert typing.evaluate(CHOSEN) == []


def test_leaving_asks_only_for_what_is_not_saved(
    typing: Page, asgi_server: str
) -> None:
    away = typing.locator(".crumbs a")
    away.click()
    typing.wait_for_url("**/schedule")
    typing.go_back()
    settle(typing)
    typing.get_by_label("Title").fill("Frost")
    away.click()
    dialog = typing.locator("#confirm-dialog")
    expect(dialog).to_contain_text("Leave without saving?")
    dialog.get_by_role("button", name="Stay").click()
    expect(dialog).not_to_be_visible()
    assert typing.url.endswith("/posts/new")
    asked: list[str] = []
    typing.on("dialog", lambda one: (asked.append(one.type), one.accept()))
    typing.goto(f"{asgi_server}/posts/new")
    assert asked == ["beforeunload"]
    settle(typing)
    away.click()
    dialog.get_by_role("button", name="Leave").click()
    typing.wait_for_url("**/schedule")
    assert asked == ["beforeunload"]


def test_every_long_form_is_kept(
    page: Page, asgi_server: str, manager: User, channel: Any
) -> None:
    visit(page, asgi_server, "/account", "manager")
    for path, field in LONG_FORMS.items():
        page.goto(f"{asgi_server}{path}")
        settle(page)
        page.fill(field, "What I wrote")
        page.goto(f"{asgi_server}/account")
        page.goto(f"{asgi_server}{path}")
        settle(page)
        expect(page.locator(field)).to_have_value("What I wrote")
        expect(page.locator(NOTICE)).to_have_count(1)


def test_rows_of_a_table_come_back_with_a_press(
    page: Page, asgi_server: str, editor: User
) -> None:
    visit(page, asgi_server, "/plans/new")
    page.get_by_role("button", name="Edit as a table").click()
    cell = page.locator("[data-lots] input").first
    cell.fill("LOT-1")
    page.wait_for_function("() => JSON.stringify(localStorage).includes('LOT-1')")
    page.goto(f"{asgi_server}/account")
    page.goto(f"{asgi_server}/plans/new")
    settle(page)
    page.get_by_role("button", name="Show all rows").click()
    expect(page.locator("[data-lots] input").first).to_have_value("LOT-1")


def test_what_somebody_else_changed_meanwhile_is_not_hidden(
    page: Page, asgi_server: str, editor: User, workspace: Workspace
) -> None:
    item = make_content(workspace, title="Frost", caption="Old")
    visit(page, asgi_server, f"/content/{item.pk}")
    page.fill("#id_caption", "Mine")
    wait_for_drafts(page, 1)
    ContentItem.objects.filter(pk=item.pk).update(title="Thaw")
    page.goto(f"{asgi_server}/content/{item.pk}")
    settle(page)
    expect(page.locator("#id_caption")).to_have_value("Mine")
    expect(page.locator("#id_title")).to_have_value("Thaw")


def test_a_page_whose_session_has_ended_says_so_and_leads_back(
    page: Page, asgi_server: str, editor: User
) -> None:
    visit(page, asgi_server, "/calendar?view=week")
    Session.objects.all().delete()
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live:calendar'))")
    told = page.locator(".toast", has_text="You are logged out")
    told.wait_for()
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live:calendar'))")
    expect(page.locator("#id_password")).to_have_count(0)
    expect(told).to_have_count(1)
    told.get_by_role("button", name="Log in").click()
    sign_in_by_hand(page)
    page.wait_for_url("**/calendar?view=week")


def test_a_page_that_is_seen_again_says_that_nobody_is_signed_in(
    page: Page, asgi_server: str, editor: User
) -> None:
    visit(page, asgi_server, "/calendar")
    Session.objects.all().delete()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator(".toast", has_text="You are logged out").wait_for()


def test_a_line_that_breaks_is_not_opened_for_nobody(
    page: Page, asgi_server: str, editor: User
) -> None:
    lines: list[Any] = []
    page.route_web_socket("**/ws/**", lambda line: lines.append(passed_on(line)))
    visit(page, asgi_server, "/calendar")
    Session.objects.all().delete()
    for line in list(lines):
        line.close()
    expect(page.locator("#live")).to_have_text("Logged out")
    page.locator(".toast", has_text="You are logged out").wait_for()


def passed_on(line: Any) -> Any:
    line.connect_to_server()
    return line


def test_three_quick_presses_make_one(typing: Page) -> None:
    write_post(typing)
    typing.get_by_role("button", name="Schedule", exact=True).evaluate(
        "(button) => { for (let press = 0; press < 3; press += 1) button.click(); }"
    )
    typing.wait_for_url(re.compile("/posts/(?!new)"))
    assert (Post.objects.count(), ContentItem.objects.count()) == (1, 1)


def test_a_refused_post_keeps_previews_counts_and_picture(
    typing: Page, photo: Path
) -> None:
    write_post(typing, photo)
    typing.locator("#id_caption").fill("long " * 80)
    typing.locator("#previews .room-over").wait_for()
    typing.get_by_role("button", name="Schedule", exact=True).click()
    typing.locator("[data-form-errors]").wait_for()
    expect(typing.locator("#previews .room-over")).to_have_count(1)
    expect(typing.get_by_role("img", name="frost.png")).to_be_visible()
    assert typing.evaluate(CHOSEN) == []
